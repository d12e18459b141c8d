"""Languages that numbers, money and dates can be written in; the words of the pages are English.

Until the words of a language are translated, its pages are English as it is written where that
language is spoken: Django is told “en-de” (RFC 5646), takes English words, and the separators of
numbers from `truefans.formats.en_DE`. Babel writes money and dates in the language itself.
"""

from contextlib import AbstractContextManager
from typing import NamedTuple

from django.utils import translation


class Language(NamedTuple):
    """`name` in the language itself, `tag` what Django is told, `locale` what Babel is."""

    name: str
    tag: str
    locale: str


LANGUAGES = {
    "en-gb": Language("English (United Kingdom)", "en-gb", "en_GB"),
    "en-us": Language("English (United States)", "en-us", "en_US"),
    "da": Language("Dansk", "en-dk", "da_DK"),
    "de": Language("Deutsch", "en-de", "de_DE"),
    "es": Language("Español", "en-es", "es_ES"),
    "fr": Language("Français", "en-fr", "fr_FR"),
    "it": Language("Italiano", "en-it", "it_IT"),
    "nl": Language("Nederlands", "en-nl", "nl_NL"),
    "pl": Language("Polski", "en-pl", "pl_PL"),
    "pt": Language("Português (Portugal)", "en-pt", "pt_PT"),
    "pt-br": Language("Português (Brasil)", "en-br", "pt_BR"),
    "sv": Language("Svenska", "en-se", "sv_SE"),
    "ja": Language("日本語", "en-jp", "ja_JP"),
}
DEFAULT = LANGUAGES["en-gb"]

_LOCALES = {language.tag: language.locale for language in LANGUAGES.values()}


def written_in(code: str) -> AbstractContextManager[None]:
    """A block in which everything is written as the language `code` does; as British English does,
    if nobody knows it."""
    return translation.override(LANGUAGES.get(code, DEFAULT).tag)


def active_locale() -> str:
    """Babel's name of the language in which numbers, money and dates are written right now."""
    return _LOCALES.get(translation.get_language() or "", DEFAULT.locale)
