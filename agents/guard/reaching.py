"""Reads phones, street addresses, links and addresses of mail. Pure."""

from agents.guard.numbers import Number
from agents.guard.said import UNREADABLE, Said
from agents.guard.view import View
from agents.guard.words import SCHEMES, STREETS, TOP_DOMAINS

_PHONE_MARKS = frozenset("-.() /")


def phone_at(view: View, at: int) -> Said | None:
    """`(510) 555-0142`, `+1 510 555 0142`, `5105550142`: seven to fifteen digits in groups that end in three and four."""
    groups, end, here = [view.at(at).text], at + 1, at + 1
    while len(groups) < 6:
        marks = 0
        while (mark := view.at(here)).kind == "m" and mark.text in _PHONE_MARKS and marks < 2:
            here += 1
            marks += 1
        if view.at(here).kind != "n":
            break
        groups.append(view.at(here).text)
        here += 1
        end = here
    digits = "".join(groups)
    plus = at > 0 and view.lexemes[at - 1].text == "+" and view.at(at).glued
    grouped = len(groups) > 1 and len(groups[-1]) == 4 and len(groups[-2]) == 3 and len(digits) >= 7
    if 7 <= len(digits) <= 15 and (grouped or plus or (len(groups[0]) >= 10 and len(groups) == 1)):
        return Said("phone", (digits,), end)
    return None


def address_at(view: View, at: int, number: Number, *, loose: bool) -> Said | None:
    """`123 Main Street`: the number and the words up to what a street is called."""
    words: list[str] = []
    here = number.end
    while len(words) < 5:
        lexeme = view.at(here)
        if lexeme.kind != "w" or not (lexeme.capital or loose or lexeme.text in STREETS):
            return None
        if words and lexeme.text in STREETS:
            # `real`, `way`: the longest name counts
            return Said("address", (f"{number.digits} {' '.join(words)}",), here + 1)
        words.append(lexeme.text)
        here += 1
    return None


def _glued_back(view: View, at: int) -> str:
    """What stands before a lexeme without a space."""
    text, here = "", at
    while here > 0 and view.lexemes[here].glued and view.lexemes[here - 1].text not in ("(", "[", '"', "'", ",", ";", "<", "\n"):
        here -= 1
        text = view.lexemes[here].text + text
    return text


def _glued_on(view: View, at: int) -> tuple[str, int]:
    """A lexeme and what follows it without a space; what ends a sentence does not belong to it."""
    text, end, kept, here = view.at(at).text, at + 1, view.at(at).text, at + 1
    while (lexeme := view.at(here)).glued and lexeme.kind in ("w", "n", "m") and lexeme.text not in (")", "]", ">", '"', "<", "[", "|"):
        text += lexeme.text
        here += 1
        if lexeme.text not in (".", ",", "!", "?", ";", ":", "'"):
            kept, end = text, here
    if lexeme.kind == "far":
        return UNREADABLE, here
    return kept, end


def link_at(view: View, at: int) -> Said | None:
    """An address of the web: by its scheme, or by what a domain ends in."""
    lexeme = view.at(at)
    if lexeme.kind != "w":
        return None
    if lexeme.text in SCHEMES:
        mark = view.at(at + 1)
        if mark.glued and mark.text in (":", ".") and view.at(at + 2).glued and view.at(at + 2).kind in ("w", "n", "m"):
            text, end = _glued_on(view, at)
            return Said("link", (text,), end)
        return None
    before = view.lexemes[at - 1] if at else None
    if before is None or lexeme.text not in TOP_DOMAINS:
        return None
    if before.text in ("dot", "punto"):
        return Said("link", (UNREADABLE,), at + 1)
    if before.text == "." and before.glued and lexeme.glued and at > 1 and view.lexemes[at - 2].kind in ("w", "n"):
        text, end = _glued_on(view, at)
        return Said("link", (_glued_back(view, at) + text,), end)
    return None


def email_at(view: View, at: int) -> Said | None:
    after = view.at(at + 1)
    if not after.glued or after.kind not in ("w", "n"):
        return None
    text, end = _glued_on(view, at)
    return Said("email", (_glued_back(view, at) + text,), end)
