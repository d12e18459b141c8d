"""Records that may be, and that are, one person's (docs/decisions/0021)."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


#: (table, column, name of the constraint): foreign keys over (creator, id).
KEYS = [
    ("fans_merge", "fan_id", "merge_fan_is_of_the_same_creator"),
    ("fans_proposal", "first_id", "proposal_first_is_of_the_same_creator"),
    ("fans_proposal", "second_id", "proposal_second_is_of_the_same_creator"),
]


class Migration(migrations.Migration):

    dependencies = [
        ('fans', '0010_people_list'),
    ]

    operations = [
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reasons', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(choices=[(1, 'They proved both addresses.'), (2, 'They paid as the same customer.'), (3, 'The same address but for a plus-tag.'), (4, 'The same mailbox, written differently.'), (5, 'The same name in the same country.')]), blank=True, default=list, size=None)),
                ('best', models.GeneratedField(db_persist=True, expression=models.Func(models.F('reasons'), output_field=models.SmallIntegerField(), template='coalesce((%(expressions)s)[1], 0)'), output_field=models.SmallIntegerField())),
                ('found_at', models.DateTimeField()),
                ('refused_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='identity',
            name='stands',
            field=models.BooleanField(db_default=False, default=False, help_text='Goes before an address that the customer turns out to have.'),
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reasons', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(choices=[(1, 'They proved both addresses.'), (2, 'They paid as the same customer.'), (3, 'The same address but for a plus-tag.'), (4, 'The same mailbox, written differently.'), (5, 'The same name in the same country.')]), blank=True, default=list, size=None)),
                ('gone', models.BigIntegerField()),
                ('name', models.TextField(blank=True)),
                ('seat', models.PositiveIntegerField(null=True)),
                ('merged_at', models.DateTimeField()),
                ('before', models.JSONField(default=dict)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('creator', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='merges', to='fans.creator')),
                ('fan', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='merges', to='fans.fan')),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.AddField(
            model_name='identity',
            name='merge',
            field=models.ForeignKey(blank=True, db_index=False, help_text='Where the creator said that it is theirs, too: when, by whom and why.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='identities', to='fans.merge'),
        ),
        migrations.AddIndex(
            model_name='identity',
            index=models.Index(condition=models.Q(('stands', True)), fields=['creator', 'value'], name='identity_stands'),
        ),
        migrations.AddIndex(
            model_name='identity',
            index=models.Index(condition=models.Q(('merge__isnull', False)), fields=['merge'], name='identity_merged'),
        ),
        migrations.AddConstraint(
            model_name='identity',
            constraint=models.CheckConstraint(condition=models.Q(('stands', False), models.Q(('kind', 'email'), _negated=True), _connector='OR'), name='identity_that_stands_is_a_customer'),
        ),
        migrations.AddField(
            model_name='proposal',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='proposal',
            name='creator',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='proposals', to='fans.creator'),
        ),
        migrations.AddField(
            model_name='proposal',
            name='first',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='proposals_first', to='fans.fan'),
        ),
        migrations.AddField(
            model_name='proposal',
            name='second',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='proposals_second', to='fans.fan'),
        ),
        migrations.AddIndex(
            model_name='merge',
            index=models.Index(fields=['creator', 'fan'], name='merge_by_fan'),
        ),
        migrations.AddConstraint(
            model_name='merge',
            constraint=models.UniqueConstraint(fields=('creator', 'gone'), name='fan_is_merged_once'),
        ),
        migrations.AddConstraint(
            model_name='merge',
            constraint=models.UniqueConstraint(condition=models.Q(('seat__isnull', False)), fields=('creator', 'seat'), name='merged_seat_was_given_once'),
        ),
        migrations.AddConstraint(
            model_name='merge',
            constraint=models.CheckConstraint(condition=models.Q(('gone', models.F('fan')), _negated=True), name='fan_is_not_merged_with_itself'),
        ),
        migrations.AddIndex(
            model_name='proposal',
            index=models.Index(condition=models.Q(('refused_at', None)), fields=['creator', 'best', 'id'], name='proposal_open'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.UniqueConstraint(fields=('first', 'second'), name='pair_is_proposed_once'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='pair_is_in_order'),
        ),
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (creator_id, {column})"
                " REFERENCES fans_fan (creator_id, id) DEFERRABLE INITIALLY DEFERRED",
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
            )
            for table, column, name in KEYS
        ),
    ]
