"""Invoices say when they were made; and words of the admin."""

from django.contrib.postgres.fields import ArrayField
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
        migrations.AlterField(
            model_name='source',
            name='lacks',
            field=ArrayField(base_field=models.TextField(), blank=True, default=list, help_text='What could not be read, by the permissions that it takes; the rest was.', size=None),
        ),
        migrations.AlterField(
            model_name='stretch',
            name='lacks',
            field=models.TextField(blank=True, help_text='The permission that it takes, where it could not be read.'),
        ),
    ]
