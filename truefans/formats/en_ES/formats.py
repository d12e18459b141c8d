"""English with the numbers of Spain."""

from django.conf.locale.en_GB.formats import *  # noqa: F403

DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = "."
