"""A customer's text made comparable: folded case and accents, numbers in words as digits, which language it is in."""

import re
import unicodedata

from agents.guard.words import TENS, UNITS

_HUNDREDS = {"hundred": 100, "cien": 100, "ciento": 100}
_JOINS = {"and": "hundred", "y": "ten"}  # "one hundred and two", but "treinta y cinco"
# Before numbers become digits, and after: "two dozen" is 2 times 12.
_DOZENS = (
    (re.compile(r"\b(?:a couple|couple|un par|1 par)(?: of| de)? (?=dozen|docena)"), "2 "),
    (re.compile(r"\b(?:(?:a |an? )?(?:half|half[- ]a)[- ]dozen|(?:una )?media docena)(?: of| de)?\b"), "6"),
    (re.compile(r"\b(?:a |one )?dozen and a half\b|\b(?:una )?docena y media(?: de)?\b"), "18"),
    (re.compile(r"\b(?:a|one|una) (?=dozen|docena)"), ""),
    (re.compile(r"\b(?:a couple(?: of)?|un par de)\b"), "2"),
)
_SO_MANY_DOZENS = re.compile(r"\b(?:(\d{1,2}) (?:dozens?|docenas?)|dozen|docena)(?: of| de)?\b")
_WORD = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*|\s+|.", re.DOTALL)
_SPACES = re.compile(r"\s+")

_SPANISH = frozenset(
    "el la los las de que para con cuanto cuanta cuantos cuesta cuestan hola gracias una un por es son somos ninos ninas adultos hay "
    "tienen quiero queremos precio como donde cuando puedo puede mi su tu y ustedes hacen sirven comida fecha horario horarios "
    "buenas buenos dias tardes noches millas deposito propina pagar alergia alergias soy estan viaje cuanto menores".split()
)
_ENGLISH = frozenset(
    "the is are how much for and what do does you we with hi hello hey thanks thank can i my of to have has price people kids adults "
    "children there your it which when where will would miles deposit tip pay allergy allergies in on at from guests quote".split()
)


def fold(text: str) -> str:
    """Lower case, no accents, straight quotes, digits of any script as 0-9; invisible characters and runs of spaces are gone."""
    if text.isascii():
        return _SPACES.sub(" ", text.lower()).strip()
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    # Once more: fancy capitals are capitals only when they are decomposed.
    plain = "".join(c for c in decomposed.casefold() if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    if not plain.isascii():
        plain = "".join(str(unicodedata.decimal(c, c)) for c in plain)
    return _SPACES.sub(" ", plain).strip()


def with_digits(folded: str, *, spanish: bool = True) -> str:
    """Numbers in words (English, Spanish, up to 999, dozens) as digits: "twenty-five adults" is "25 adults".

    `spanish`: whether "once" is eleven; in an English text it is not.
    """
    for pattern, digits in _DOZENS:
        folded = pattern.sub(digits, folded)
    words = _WORD.findall(folded)
    out: list[str] = []
    at = 0
    while at < len(words):
        value, used = (0, 0) if words[at] == "once" and not spanish else _number(words, at)
        out.append(words[at] if not used else str(value))
        at += used or 1
    return _SO_MANY_DOZENS.sub(lambda match: str(int(match[1] or 1) * 12), "".join(out))


def _number(words: list[str], start: int) -> tuple[int, int]:
    """(value, words used) of the number in words that starts here; used is 0 where there is none."""
    total, used, at, last = 0, 0, start, ""
    while at < len(words):
        word = words[at]
        if word in _HUNDREDS and last != "hundred":
            total, last = max(total, 1) * 100, "hundred"
        elif word in TENS and last in ("", "hundred"):
            total, last = total + TENS[word], "ten"
        elif word in UNITS and (last in ("", "hundred") or (last == "ten" and 0 < UNITS[word] < 10)):
            total, last = total + UNITS[word], "unit"
        elif not (last and (word.isspace() or word == "-" or _JOINS.get(word) == last)):
            break
        else:
            at += 1
            continue
        at += 1
        used = at - start
        if last == "unit" and not (at + 1 < len(words) and words[at + 1] in _HUNDREDS):
            break
    return total, used


def language(texts: list[str], locale: str) -> str:
    """`en` or `es`: what the newest text with any sign of a language is in, else the locale's."""
    for text in reversed(texts):
        words = set(re.findall(r"[a-z]+", fold(text)))
        spanish, english = len(words & _SPANISH), len(words & _ENGLISH)
        if set("¿¡ñ") & set(text.casefold()):
            spanish += 2
        if spanish != english:
            return "es" if spanish > english else "en"
    return "es" if locale.split("-")[0].lower() == "es" else "en"
