"""Names as they are looked for and sorted by, kept by the database (docs/decisions/0019)."""

import django.db.models.deletion
from django.db import migrations, models

# Letters and their accents apart, and the accents away; small letters (after that, because ™ is TM
# only then); a space for whatever stands
# between words: signs, spaces and controls, named by their code points, so that no locale matters.
FOLDED = r"""
CREATE FUNCTION fans_folded(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN btrim(regexp_replace(
    regexp_replace(lower(normalize($1, NFKD)), '[\u0300-\u036f]+', '', 'g'),
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u3003]+', ' ', 'g'
))
"""
# A name may be anything; of one without an end there is enough to find it by.
PARTS = """
CREATE FUNCTION fans_name_parts(name text) RETURNS TABLE (place smallint, part text)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT place::smallint, left(array_to_string(words[place:], ' '), 60)
    FROM (SELECT string_to_array(fans_folded(left(name, 200)), ' ') AS words) AS folded,
         generate_series(1, least(cardinality(words), 12)) AS place
$$
"""
WRITE = """
CREATE FUNCTION fans_write_name_parts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM fans_namepart WHERE fan_id = NEW.id;
    END IF;
    INSERT INTO fans_namepart (creator_id, fan_id, place, text)
    SELECT NEW.creator_id, NEW.id, place, part FROM fans_name_parts(NEW.name);
    RETURN NULL;
END
$$
"""
# By these conditions whoever writes anything else than names pays nothing.
ON_INSERT = """
CREATE TRIGGER fan_is_named AFTER INSERT ON fans_fan
FOR EACH ROW WHEN (NEW.name <> '') EXECUTE FUNCTION fans_write_name_parts()
"""
ON_UPDATE = """
CREATE TRIGGER fan_is_renamed AFTER UPDATE OF name ON fans_fan
FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION fans_write_name_parts()
"""
KEY = """
ALTER TABLE fans_namepart ADD CONSTRAINT name_part_fan_is_of_the_same_creator
FOREIGN KEY (creator_id, fan_id) REFERENCES fans_fan (creator_id, id) ON DELETE CASCADE
"""
FILL = """
INSERT INTO fans_namepart (creator_id, fan_id, place, text)
SELECT creator_id, id, place, part FROM fans_fan, fans_name_parts(name)
"""


class Migration(migrations.Migration):

    dependencies = [
        ('fans', '0009_account_elsewhere'),
    ]

    operations = [
        migrations.CreateModel(
            name='NamePart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveSmallIntegerField()),
                ('text', models.TextField(db_collation='C')),
                ('creator', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='name_parts', to='fans.creator')),
                ('fan', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='name_parts', to='fans.fan')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('fan', 'place'), name='name_part_has_its_place')],
                'indexes': [models.Index(fields=['creator', 'text'], include=('fan', 'place'), name='name_part_by_text')],
            },
        ),
        migrations.RunSQL(FOLDED, "DROP FUNCTION fans_folded"),
        migrations.RunSQL(PARTS, "DROP FUNCTION fans_name_parts"),
        migrations.RunSQL(WRITE, "DROP FUNCTION fans_write_name_parts"),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(KEY, "ALTER TABLE fans_namepart DROP CONSTRAINT name_part_fan_is_of_the_same_creator"),
        migrations.RunSQL(ON_INSERT, "DROP TRIGGER fan_is_named ON fans_fan"),
        migrations.RunSQL(ON_UPDATE, "DROP TRIGGER fan_is_renamed ON fans_fan"),
    ]
