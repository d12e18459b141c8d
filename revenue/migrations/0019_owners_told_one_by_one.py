import django.contrib.postgres.fields
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('revenue', '0018_group_by_person_and_currency'),
    ]

    operations = [
        migrations.AddField(
            model_name='departure',
            name='due_at',
            field=models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='departure',
            name='tries',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='departure',
            name='told',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None),
        ),
        migrations.AlterField(
            model_name='departure',
            name='told_at',
            field=models.DateTimeField(help_text='When the last of the owners was written to.', null=True),
        ),
    ]
