import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fans', '0014_names_given_for_the_first_time'),
    ]

    operations = [
        migrations.AddField(
            model_name='invitation',
            name='due_at',
            field=models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='invitation',
            name='tries',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='invitation',
            name='failed_at',
            field=models.DateTimeField(null=True),
        ),
    ]
