"""Amounts as people and programs write them, as plain numbers, and the currency beside them.

“1.234,50 €”, “-$3.00”, “(12.00)”, “1 234,50”, “CHF 1'234.50”: a number says itself which of its
marks is the decimal one, but for one such as “1.234”, of which only the rest of its file can tell.
"""

import re
from enum import StrEnum
from functools import lru_cache

from truefans.money import is_currency


class Mark(StrEnum):
    """The decimal mark of a file."""

    POINT = "."
    COMMA = ","


class NotANumber(ValueError):
    """A text that is no number."""


class Unclear(ValueError):
    """A number of which nobody can tell whether “1.234” is one and a bit or a thousand and more."""


#: Written where there is no amount.
NOTHING = frozenset(
    {"", "-", "--", "---", "–", "—", "−", "*", "n/a", "N/A", "N/a", "n.a.", "N.A.", "#N/A"}
    | {"null", "NULL", "(null)", "None", "(none)"}
)
#: What is left of a number without its sign, its currency and its blanks.
DIGITS = re.compile(r"\d+(?:[.,]\d+)*[.,]?|[.,]\d+")
BLANKS = dict.fromkeys(map(ord, " \t\r\n\xa0\u2007\u2009\u202f'’٬"), None)
MINUS = re.compile(r"[-−–]")
GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{2,3})*[.,]\d{3}")
#: “1.234,-” means that there are no cents.
NO_CENTS = re.compile(r"([.,])[-−–—]+")
CODE = re.compile(r"(?<![A-Za-z])[A-Za-z]{3}(?![A-Za-z])")
LETTERS = re.compile(r"[^\W\d_]+")

#: Signs that mean one currency; “$” alone is by far the most often the USD.
SIGNS = {
    "AU$": "AUD", "A$": "AUD", "CA$": "CAD", "C$": "CAD", "NZ$": "NZD", "HK$": "HKD",
    "MX$": "MXN", "US$": "USD", "NT$": "TWD", "R$": "BRL", "S$": "SGD", "CN¥": "CNY",
    "JP¥": "JPY", "Fr.": "CHF", "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "RM": "MYR",
    "€": "EUR", "£": "GBP", "¥": "JPY", "￥": "JPY", "₹": "INR", "₩": "KRW", "₽": "RUB",
    "₺": "TRY", "₴": "UAH", "₪": "ILS", "฿": "THB", "₫": "VND", "₱": "PHP", "৳": "BDT",
    "Rp": "IDR", "TL": "TRY", "円": "JPY", "元": "CNY", "원": "KRW", "د.إ": "AED",
    "₦": "NGN", "₡": "CRC", "₲": "PYG", "₸": "KZT", "₾": "GEL", "AR$": "ARS", "$": "USD",
}  # fmt: skip
#: Currencies that are written with a bare “$” where they are at home.
DOLLARS = frozenset({"AUD", "CAD", "NZD", "HKD", "SGD", "TWD", "MXN", "ARS", "CLP", "COP"})
#: “A$” is in “CA$”, too.
LONGEST_FIRST = sorted(SIGNS, key=len, reverse=True)
#: The letters in signs, each in one piece: the “A” of “A$”, and not the “K” of “1.5K”.
SIGN_LETTERS = {word for sign in SIGNS for word in re.findall(r"[^\W\d_]+", sign)}
#: What else may stand beside a number; none of them means one currency.
UNITS = frozenset({"kr", "lei", "fr", "euro", "euros", "dollars", "pounds", "yen", "руб", "р"})


@lru_cache(maxsize=8192)
def number(text: str, mark: str = "") -> str:
    """`text` as Python writes it: “(1.234,50 €)” → “-1234.50”.

    `mark` is the decimal mark of the file, "" if nobody knows it. Raises NotANumber or Unclear.
    """
    digits, is_negative = _digits(text)
    decimal = decimal_mark(digits)
    if decimal is None:
        if not mark:
            raise Unclear(text)
        decimal = mark
    whole, _, fraction = digits.partition(decimal) if decimal else (digits, "", "")
    plain = whole.replace(".", "").replace(",", "") or "0"
    return ("-" if is_negative else "") + (f"{plain}.{fraction}" if fraction else plain)


def shown_mark(text: str) -> str | None:
    """What an amount says of the decimal mark of its file: one, "" (nothing), None (it asks)."""
    try:
        return decimal_mark(_digits(text)[0])
    except NotANumber:
        return ""


def decimal_mark(digits: str) -> str | None:
    """The mark before the fraction of `digits`, "" if it has none, None if nobody can tell."""
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return "." if digits.rfind(".") > digits.rfind(",") else ","
    if not points and not commas:
        return ""
    if points + commas > 1:
        return ""  # 1.234.567
    mark = "." if points else ","
    whole, _, fraction = digits.partition(mark)
    may_be_thousands = len(fraction) == 3 and 0 < len(whole) <= 3 and whole[0] != "0"
    return None if may_be_thousands else mark


def _digits(text: str) -> tuple[str, bool]:
    plain = NO_CENTS.sub(r"\g<1>00", text.translate(BLANKS))
    found = DIGITS.search(plain)
    if found is None:
        raise NotANumber(text)
    before, after = plain[: found.start()], plain[found.end() :]
    if len(before) + len(after) > 12 or not (_is_unit(before) and _is_unit(after)):
        raise NotANumber(text)  # “12 of 30”, an address, a phone number
    digits = found[0].rstrip(".,")
    if digits.count(".") + digits.count(",") > 1 and not _is_grouped(digits):
        raise NotANumber(text)
    in_brackets = "(" in before and ")" in after
    return digits, in_brackets or bool(MINUS.search(before + after))


def _is_unit(text: str) -> bool:
    """Whether `text`, beside a number, is at most a sign, brackets and a currency."""
    if "%" in text or ":" in text or any(map(str.isdigit, text)):
        return False
    return all(
        word.lower() in UNITS or is_currency(word.upper()) or word in SIGN_LETTERS
        for word in LETTERS.findall(text)
    )


def _is_grouped(digits: str) -> bool:
    """Whether the marks stand where thousands are parted (1,23,456.78 in India)."""
    last = max(digits.rfind("."), digits.rfind(","))
    marks = {digits[place] for place in range(len(digits)) if digits[place] in ".,"}
    if len(marks) == 1:
        return bool(GROUPED.fullmatch(digits))
    whole = digits[:last]
    return digits.count(digits[last]) == 1 and bool(GROUPED.fullmatch(whole))


@lru_cache(maxsize=1024)
def currency_in(text: str) -> str:
    """The ISO code of the currency that a sign or a code in `text` names, or ""."""
    for code in CODE.findall(text):
        if is_currency(code.upper()):
            return code.upper()
    return next((SIGNS[sign] for sign in LONGEST_FIRST if sign in text), "")


@lru_cache(maxsize=8192)
def is_bare_dollar(text: str) -> bool:
    """Whether `text` has a “$” that does not say of which country."""
    return currency_in(text) == "USD" and "$" in text and "US" not in text.upper()


@lru_cache(maxsize=1024)
def currency_code(text: str) -> str:
    """`text`, the cell of a column of currencies, as an ISO code; "" if it is none."""
    code = text.strip().upper()
    return code if is_currency(code) else currency_in(text)
