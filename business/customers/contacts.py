"""What a customer gives to be reached: name, e-mail address and phone number, each in the one form that is stored. Pure values."""

import re
import unicodedata

from kernel.errors import BadRequest

_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f.]+(?:\.[^@\s\x00-\x1f\x7f.]+)+")
_SPACING = re.compile(r"[\s().\-\u2010-\u2015/]+")
E164 = re.compile(r"\+[1-9][0-9]{7,14}")
_NORTH_AMERICA = re.compile(r"\+1[2-9]\d{2}[2-9]\d{6}")


def name(value: str) -> str:
    """A person's name, 1 to 80 characters. Raises BadRequest."""
    normal = " ".join("".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", value)).split())
    if not 1 <= len(normal) <= 80:
        raise BadRequest("A name has 1 to 80 characters.")
    return normal


def email(value: str) -> str:
    """The address in lower case. Raises BadRequest."""
    normal = unicodedata.normalize("NFKC", value).strip().lower()
    if len(normal) > 200 or not _EMAIL.fullmatch(normal):
        raise BadRequest("That does not look like an e-mail address. Please check it.")
    return normal


def phone(value: str, home: str) -> str:
    """E.164, like +15105550142. Without a country it is read as a number of the country of `home`, the business's own phone,
    where that is North America; elsewhere the country must be given. Raises BadRequest."""
    given = _SPACING.sub("", unicodedata.normalize("NFKC", value))
    if given.startswith("00"):
        given = "+" + given[2:]
    if not given.startswith("+") and home.startswith("+1"):
        given = f"+1{given}" if len(given) == 10 else f"+{given}" if len(given) == 11 and given.startswith("1") else given
    if not given.isascii() or not E164.fullmatch(given) or (given.startswith("+1") and not _NORTH_AMERICA.fullmatch(given)):
        raise BadRequest("That does not look like a phone number. Please give it with its area code, or with + and the country.")
    return given


def called(name: str | None, phone: str | None) -> str | None:
    """What staff call a customer: their name, else the number that they text from. None where neither is known."""
    return name or (shown(phone) if phone else None)


def shown(phone: str) -> str:
    """A stored number as people write it: `(510) 555-0142` in North America, else with its country, as it is stored."""
    return f"({phone[2:5]}) {phone[5:8]}-{phone[8:]}" if _NORTH_AMERICA.fullmatch(phone) else phone
