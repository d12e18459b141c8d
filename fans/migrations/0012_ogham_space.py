"""The ogham space mark stands between words, too; alone of all spaces it stays itself in NFKD."""

from django.db import migrations

FOLDED = r"""
CREATE OR REPLACE FUNCTION fans_folded(text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN btrim(regexp_replace(
    regexp_replace(lower(normalize($1, NFKD)), '[\u0300-\u036f]+', '', 'g'),
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u1680\u2000-\u206f\u3000-\u3003]+',
    ' ', 'g'
))
"""
BEFORE = FOLDED.replace(r"\u1680", "")
FORGET = """
DELETE FROM fans_namepart USING fans_fan
WHERE fans_fan.id = fan_id AND strpos(fans_fan.name, chr(5760)) > 0
"""
FILL = """
INSERT INTO fans_namepart (creator_id, fan_id, place, text)
SELECT creator_id, id, place, part FROM fans_fan, fans_name_parts(name)
WHERE strpos(name, chr(5760)) > 0
"""


class Migration(migrations.Migration):
    dependencies = [("fans", "0011_merges")]

    operations = [
        migrations.RunSQL(FOLDED, BEFORE),
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
