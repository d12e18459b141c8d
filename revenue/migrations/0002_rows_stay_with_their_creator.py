"""Foreign keys over (creator, id): no row of one creator can ever point at another's."""

from django.db import migrations

KEYS = [
    ("fans_identity", "fan_id", "fans_fan", "identity_is_of_the_same_creator"),
    ("revenue_purchase", "fan_id", "fans_fan", "purchase_fan_is_of_the_same_creator"),
    ("revenue_purchase", "source_id", "revenue_source", "purchase_source_is_of_the_same_creator"),
]


class Migration(migrations.Migration):
    dependencies = [("revenue", "0001_initial")]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (creator_id, {column})"
            f" REFERENCES {target} (creator_id, id) DEFERRABLE INITIALLY DEFERRED",
            f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        )
        for table, column, target, name in KEYS
    ]
