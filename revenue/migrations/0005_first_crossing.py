"""The search for the first moment at which a person's spend within a window reached the target.

A loop over one person's purchases, because that is what the question is: the same said with window
functions takes three times as long (docs/decisions/0012).
"""

from django.db import migrations

# `moments` in ascending order, in `amounts` what was counted at each; minor units. A window that
# ends with a moment t begins after t - span, by the clock of `zone`.
CREATE = """
CREATE FUNCTION revenue_first_crossing(
    moments timestamptz[], amounts bigint[], target bigint, span interval, zone text
) RETURNS timestamptz LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    spend bigint := 0;
    oldest integer := 1;
    -- Spend that is not enough need not be cleared of what has left the window, unless there were
    -- losses: one that has left may hide that the rest is enough.
    enough bigint := CASE WHEN 0 > ANY (amounts) THEN -9223372036854775808 ELSE target END;
BEGIN
    FOR latest IN 1 .. cardinality(moments) LOOP
        spend := spend + amounts[latest];
        WHILE spend >= enough LOOP
            IF moments[oldest] <= date_subtract(moments[latest], span, zone) THEN
                spend := spend - amounts[oldest];
                oldest := oldest + 1;
            ELSIF spend >= target AND moments[latest + 1] IS DISTINCT FROM moments[latest] THEN
                RETURN moments[latest];
            ELSE
                EXIT;
            END IF;
        END LOOP;
    END LOOP;
    RETURN NULL;
END
$$
"""
DROP = "DROP FUNCTION revenue_first_crossing"


class Migration(migrations.Migration):
    dependencies = [("revenue", "0004_nudges")]

    operations = [migrations.RunSQL(CREATE, DROP)]
