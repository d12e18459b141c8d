"""Invoices say when they were made; and what the admin calls several of."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('revenue', '0019_mails_and_codes'),
    ]

    operations = [
        migrations.AddField(
            model_name='invoice',
            name='issued_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterModelOptions(
            name='bookscheck',
            options={'verbose_name': 'check of the books', 'verbose_name_plural': 'checks of the books'},
        ),
        migrations.AlterModelOptions(
            name='saidrate',
            options={'verbose_name': 'rate said by hand', 'verbose_name_plural': 'rates said by hand'},
        ),
    ]
