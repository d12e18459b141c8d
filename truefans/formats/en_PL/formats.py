"""English with the numbers of Poland."""

from django.conf.locale.en_GB.formats import *  # noqa: F403

DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = "\u00a0"
