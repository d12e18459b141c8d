
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('revenue', '0005_first_crossing'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='reconciliation',
            name='reconciliation_says_where',
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='compared',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='differing',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='is_explained',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='reconciliation',
            name='problem',
            field=models.TextField(blank=True, help_text='Why it failed, for people.'),
        ),
        migrations.AlterField(
            model_name='reconciliation',
            name='outcome',
            field=models.CharField(choices=[('equal', 'equal to the cent'), ('repaired', 'lines were missing, and are read now'), ('drift', 'not equal'), ('moving', 'money moved meanwhile'), ('failed', 'could not be compared')], max_length=10),
        ),
        migrations.AddIndex(
            model_name='reconciliation',
            index=models.Index(condition=models.Q(('outcome', 'equal'), _negated=True), fields=['outcome', '-id'], name='reconciliation_unequal'),
        ),
        migrations.AddConstraint(
            model_name='reconciliation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'equal'), _negated=True), models.Q(('is_explained', True), ('lines', []), ('month', None)), _connector='OR'), name='reconciliation_says_where'),
        ),
        migrations.AddConstraint(
            model_name='reconciliation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'failed'), models.Q(('problem', ''), _negated=True)), models.Q(models.Q(('outcome', 'failed'), _negated=True), ('problem', '')), _connector='OR'), name='reconciliation_says_why'),
        ),
    ]
