"""Who is named for the first time has no parts of a name to take away; who is renamed has, and they
are found by their key, even by a plan made while the table was empty."""

from django.db import migrations

WRITE = """
CREATE OR REPLACE FUNCTION fans_write_name_parts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {is_renamed} THEN
        DELETE FROM fans_namepart WHERE fan_id = NEW.id;
    END IF;
    INSERT INTO fans_namepart (creator_id, fan_id, place, text)
    SELECT NEW.creator_id, NEW.id, place, part FROM fans_name_parts(NEW.name);
    RETURN NULL;
END
$$
"""
SINCE = WRITE.format(is_renamed="TG_OP = 'UPDATE' AND OLD.name <> ''")
BEFORE = WRITE.format(is_renamed="TG_OP = 'UPDATE'")
BY_ITS_KEY = "ALTER FUNCTION fans_write_name_parts() SET enable_seqscan = off"
AS_IT_LIKES = "ALTER FUNCTION fans_write_name_parts() RESET enable_seqscan"


class Migration(migrations.Migration):

    dependencies = [
        ('fans', '0013_refusals'),
    ]

    operations = [
        # A function that is replaced loses its settings, so the setting comes last.
        migrations.RunSQL(SINCE, BEFORE),
        migrations.RunSQL(BY_ITS_KEY, AS_IT_LIKES),
    ]
