"""Numbers as they are written and said: digits with separators and scales, and words of both languages."""

from dataclasses import dataclass
from decimal import Decimal

from agents.guard.lexing import Lexeme
from agents.guard.view import View
from agents.guard.words import ARTICLES, DOZENS, ENGLISH_ONLY, HUNDREDS, NUMBERS, SCALES, SPANISH_ONLY, TENS, UNITS

_SEPARATORS = frozenset(",.'")
_POINTS = frozenset({"point", "punto", "coma"})


@dataclass(frozen=True, slots=True)
class Number:
    """`value` is None where the digits make no number (several points). `digits`: all of them in a row. `end`: the lexeme behind it."""

    value: Decimal | None
    digits: str
    end: int
    worded: bool
    groups: tuple[int, ...] = ()

    @property
    def whole(self) -> int | None:
        """The value where it is a whole number."""
        return int(self.value) if self.value is not None and self.value == self.value.to_integral_value() else None


def number_at(view: View, at: int, *, spaced: bool = False) -> Number | None:
    """The number that begins there. `spaced`: digits apart by spaces belong together, as behind a currency sign."""
    lexeme = view.at(at)
    if lexeme.kind == "n":
        return _digits(view, at, spaced)
    if lexeme.kind == "w" and (lexeme.text in NUMBERS or lexeme.text in DOZENS):
        return _words(view, at)
    return None


def begins_number(lexeme: Lexeme, language: str) -> bool:
    """Whether it is a number for sure: not a word that is something else more often."""
    if lexeme.kind == "n":
        return True
    text = lexeme.text
    if lexeme.kind != "w" or text in ARTICLES:
        return False
    return (text in NUMBERS or text in DOZENS) and text not in (ENGLISH_ONLY if language == "es" else SPANISH_ONLY)


def _digits(view: View, at: int, spaced: bool) -> Number:
    groups, marks = [view.at(at).text], ""
    end = at + 1
    while True:
        mark = view.at(end)
        if mark.kind == "m" and mark.text in _SEPARATORS and mark.glued:
            more = view.at(end + 1)
            if more.kind == "n" and more.glued:
                groups.append(more.text)
                marks += mark.text
                end += 2
                continue
        elif spaced and mark.kind == "n":
            groups.append(mark.text)
            marks += " "
            end += 1
            continue
        break
    value = _value(groups, marks)
    if view.at(end).kind == "far":
        value = None
    end, scale = _scale(view, end)
    return Number(None if value is None else value * scale, "".join(groups), end, worded=False)


def _scale(view: View, end: int) -> tuple[int, Decimal]:
    """`k`, `hundred`, `thousand`: what a number in digits is multiplied with."""
    lexeme = view.at(end)
    if lexeme.text == "k" and lexeme.kind == "w":
        return end + 1, Decimal(1000)
    if lexeme.text in ("hundred", "cientos"):
        return end + 1, Decimal(100)
    if lexeme.text in SCALES:
        return end + 1, Decimal(SCALES[lexeme.text])
    return end, Decimal(1)


def _value(groups: list[str], marks: str) -> Decimal | None:
    """The number that groups of digits make: thousands have three digits, what follows the last mark else is a fraction."""
    if sum(map(len, groups)) > 15:
        return None
    if not marks:
        return Decimal(groups[0])
    if set(marks) == {" "}:
        return Decimal("".join(groups))
    thousands = all(len(group) == 3 for group in groups[1:]) and len(groups[0]) <= 3 and groups[0] != "0"
    if thousands and len(set(marks)) == 1:
        return Decimal("".join(groups))
    whole, fraction = groups[:-1], groups[-1]
    if len(whole) > 1 and not (all(len(group) == 3 for group in whole[1:]) and len(set(marks[:-1])) == 1 and marks[-1] != marks[0]):
        return None
    return Decimal(f"{''.join(whole)}.{fraction}") if marks[-1] in ",." else None


def _words(view: View, at: int) -> Number:
    """`fifty-five`, `one hundred and two`, `treinta y cinco`; what does not add up stands in a row: `five five five`."""
    groups: list[int] = []
    total = part = 0
    last = 0  # what the number may still grow by is less than this; 0: nothing was read
    end = here = at
    while True:
        lexeme = view.at(here)
        word = lexeme.text
        if lexeme.kind != "w" or (word not in NUMBERS and word not in DOZENS and not (last and word in SCALES)):
            break
        if word in DOZENS:
            part, last = max(part, 1) * 12, 1
        elif word in SCALES:
            total, part, last = (total + max(part, 1) * SCALES[word]), 0, SCALES[word]
        elif word in HUNDREDS and HUNDREDS[word] == 100 and 0 < part < 100 and last:
            part, last = part * 100, 100
        else:
            value = NUMBERS[word]
            grows = last > value and (value or not last) and not (last == 10 and value > 9)
            if last and not grows:
                groups.append(total + part)
                total = part = 0
            part += value
            last = 100 if word in HUNDREDS else 10 if word in TENS else 1
        end = here = here + 1
        here = _joined(view, here, last)
    groups.append(total + part)
    joined = Decimal("".join(map(str, groups)))
    if view.at(end).text in _POINTS and view.at(end + 1).text in UNITS:
        more = _words(view, end + 1)
        return Number(Decimal(f"{joined}.{more.digits}"), f"{joined}{more.digits}", more.end, worded=True)
    return Number(joined, "".join(map(str, groups)), end, True, tuple(groups))


def _joined(view: View, here: int, last: int) -> int:
    """Over a hyphen, `and` or `y` that joins two words of a number."""
    word = view.at(here).text
    joins = word == "-" or (word == "and" and last >= 100) or (word == "y" and last >= 10)
    if joins and view.at(here + 1).text in NUMBERS:
        return here + 1
    return here
