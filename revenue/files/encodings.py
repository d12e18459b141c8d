"""In which encoding a file is written, decided on its bytes.

A byte order mark decides; else NULs in every other byte (UTF-16); else valid UTF-8; else the code
page in which the most words are words of one of its languages.
"""

import codecs
import re
from collections.abc import Iterable

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: The letters beyond ASCII of the languages that are written in each code page, small ones; the
#: first code page wins where two explain a text equally well.
ALPHABETS = {
    "cp1252": (
        "äöüß",  # German
        "àâæçéèêëîïôœùûüÿ",  # French
        "áéíñóúüº",  # Spanish
        "áàâãçéêíóôõúü",  # Portuguese
        "àèéìíîòóùú",  # Italian
        "àçéèíïóòúü",  # Catalan
        "áéëïíóöúüè",  # Dutch
        "åäöæøéüõš",  # the Nordic languages and Estonian
        "áðéíóúýþæö",  # Icelandic
    ),
    "cp1250": (
        "ąćęłńóśźż",  # Polish
        "áčďéěíňóřšťúůýž",  # Czech
        "áäčďéíĺľňóôŕšťúýž",  # Slovak
        "áéíóöőúüű",  # Hungarian
        "ăâîșşțţ",  # Romanian
        "čćđšž",  # Croatian, Slovene
    ),
    "cp1254": ("çğıİöşüâîû",),  # Turkish
    "cp1257": ("āčēģīķļņšūž", "ąčęėįšųūž", "äõöüšž"),  # Latvian, Lithuanian, Estonian
    "cp1251": (
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
        "абвгдђежзијклљмнњопрстћуфхцчџш",
    ),
    "cp1253": ("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",),
    "cp1255": ("אבגדהוזחטיךכלםמןנסעףפץצקרשת",),
    "cp1256": ("ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژگ",),
    "mac_roman": ("äöüß", "àâæçéèêëîïôœùûüÿ", "áéíñóúü", "áàâãçéêíóôõúü", "åäöæø"),
    "cp866": ("абвгдеёжзийклмнопрстуфхцчшщъыьэюя",),
    "koi8_r": ("абвгдеёжзийклмнопрстуфхцчшщъыьэюя",),
    "cp850": ("äöüß", "àâæçéèêëîïôùûü", "áéíñóúü", "áàâãçéêíóôõúü", "åäöæø"),
}
#: The commonest letters of the scripts that can be taken for each other.
COMMON = {
    "cp1251": "оеаинтсрвл",
    "cp866": "оеаинтсрвл",
    "koi8_r": "оеаинтсрвл",
    "cp1253": "αοιετσνηυρ",
    "cp1255": "יוהלאמרשתב",
    "cp1256": "اليمنورتبه",
}
WORD = re.compile(r"(?:[^\W\d_]|[^\x00-\x7f])+")
#: Signs that stand alone between words in any language.
SIGNS = "€£¥§©®°×·…–—‘’‚“”„«»‹›¡¿•™\xa0"
#: What an amount has beside it, and no letter has.
MONEY = re.compile(r"[€£¥]\s?[-−]?\d|\d\s?[€£¥]")
#: What no text in a code page has.
CONTROLS = bytes(range(1, 8))
#: So many bytes of words beyond ASCII, of about a thousand people, decide; to weigh more of them
#: takes seconds and tells nothing new.
MOST_WEIGHED = 16 * 1024
#: What is a run of letters in any of the code pages.
RUN = re.compile(rb"[A-Za-z\x80-\xff]+")
#: A file with fewer broken characters than this share of its non-ASCII ones is UTF-8 all the same.
BROKEN = 0.2


def encoding_of(head: bytes, rest: Iterable[bytes] = ()) -> str:
    """The name of the codec for a file that begins with `head`.

    `rest` are the following chunks, of which only so many are taken as it needs to see a byte that
    is not ASCII.
    """
    for mark, encoding in BOMS:
        if head.startswith(mark):
            return encoding
    if wide := _wide(head):
        return wide
    telling = head
    for chunk in rest:
        if not telling.isascii():
            break
        telling = chunk
    if telling.isascii() or _is_utf8(telling):
        return "utf-8"
    return _code_page(telling)


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: (nearly) every other byte of ASCII text is NUL."""
    sample = head[:4096]
    half = len(sample) // 2
    if half and sample.count(0) * 4 > half:
        even, odd = sample[::2].count(0), sample[1::2].count(0)
        if odd > 4 * even:
            return "utf-16-le"
        if even > 4 * odd:
            return "utf-16-be"
    return ""


def _is_utf8(sample: bytes) -> bool:
    # What is cut in half at the edges of the sample is no sign of anything.
    inner = sample[_leading(sample) :]
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(inner)
    broken = text.count("\ufffd")
    beyond = sum(not character.isascii() for character in text) if broken else 1
    return broken <= BROKEN * beyond


def _leading(sample: bytes) -> int:
    """How many bytes at the beginning of `sample` continue a character that began before it."""
    count = 0
    while count < min(3, len(sample)) and sample[count] & 0xC0 == 0x80:
        count += 1
    return count


def _code_page(sample: bytes) -> str:
    if len(sample) - len(sample.translate(None, CONTROLS)) > len(sample) // 50:
        return "cp1252"  # no text in any of them; to weigh them all would take seconds
    telling = _until_weighed(sample)
    return max(ALPHABETS, key=lambda page: _explained(telling, page))


def _until_weighed(sample: bytes) -> bytes:
    """As much of `sample` as has MOST_WEIGHED bytes of words beyond ASCII, or all of it."""
    room = MOST_WEIGHED
    for word in RUN.finditer(sample):
        if not word[0].isascii():
            room -= len(word[0])
            if room <= 0:
                return sample[: word.end() + room]
    return sample


def _explained(sample: bytes, page: str) -> float:
    """How many words of `sample` are words of a language, if it is written in `page`."""
    text = sample.decode(page, "replace")
    words = [word.strip(SIGNS) for word in WORD.findall(text) if not word.isascii()]
    # One letter is no word: the Ђ in “Ђ20,00” is the € of another code page.
    words = [word for word in words if len(word) > 1 and not word.isascii()]
    languages = [frozenset(letters) for letters in ALPHABETS[page]]
    belongs = [[_belongs(word, letters) for letters in languages] for word in words]
    per_language = map(sum, zip(*belongs, strict=True))
    anywhere = sum(map(any, belongs))
    # A text in one language is likelier than one in many; two scripts that explain as many words
    # differ in how common their letters are.
    common = COMMON.get(page, "")
    letters = "".join(words).lower()
    usual = sum(letter in common for letter in letters) / len(letters) if letters else 0
    # A sign of a currency beside a number says more than a letter that could as well stand there.
    amounts = sum(1 for _ in MONEY.finditer(text))
    return 2 * anywhere + max(per_language, default=0) + usual / 2 + 4 * amounts


def _belongs(word: str, letters: frozenset[str]) -> bool:
    beyond = [letter for letter in word if not letter.isascii()]
    if not all(letter in letters or letter.lower() in letters for letter in beyond):
        return False
    is_latin = min(letters) < "\u0250"
    if is_latin == (len(beyond) == len(word)) and len(word) > 1:
        return False  # no word mixes two scripts, and none in Latin ones has nothing but accents
    # Capitals stand at the beginning or everywhere; in the wrong code page they stand anywhere.
    return word.isupper() or not any(map(str.isupper, word[1:]))
