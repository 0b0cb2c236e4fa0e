"""The guard: text in as it comes, out what may go out. Figures, claims and hedges are held for the few lexemes that they take.

What the guard gives does not depend on how the text was cut. It holds `HELD_AT_MOST` characters at most (a licensed link may be
longer, an entity or a tag that goes on comes on top).
"""

import re
from dataclasses import dataclass

from agents.guard.labels import span_labels
from agents.guard.lexing import Lexer
from agents.guard.licence import Licence
from agents.guard.reading import read
from agents.guard.said import UNREADABLE, Said
from agents.guard.sentence import before as sentence_before
from agents.guard.sentence import words
from agents.guard.view import HELD_AT_MOST, More, View
from agents.guard.words import CURRENCY, HEDGES, RANGES, TOP_DOMAINS

_MARKS = frozenset({*CURRENCY, "@", "~"})
# Of these a bare number is a price.
_PRICED = frozenset("deposit total balance travel fee minimum food tax sum discount refund upgrade add_on".split())
_GUESTS = frozenset({"adult", "child", "under_six", "guest"})
_NEEDS = frozenset(
    "need needs require requires required must minimum minimo necesita necesitas necesitamos requiere requieren debe deben".split()
)
_ANYBODY = frozenset({"guest"})
_MONEY = frozenset({"money", "percent"})
_DOTS = frozenset({".", "dot", "punto"})
_DOMAIN_BEGINNINGS = frozenset(word[:length] for word in TOP_DOMAINS for length in range(1, len(word) + 1))
_LISTS_AT_MOST = 30
# Characters behind a licensed link that show where it ends: a sign and the next word.
BEHIND_A_LINK = 32


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing goes out from `span_start` (a place in the text) on. `kind`: of the figure, or of what was claimed."""

    kind: str
    span_start: int


class FigureGuard:
    """One reply. `feed` and `end` give what may go out; once `refused` is set, they give nothing more."""

    def __init__(self, licence: Licence, language: str | None = None, *, after: str = "") -> None:
        """`language`: `en` or `es`, by which dates in digits and doubtful words are read; None: the licence's.

        `after`: what stands before this text already, so that its last words name the first figure; it is not judged again.
        """
        self.refused: Refused | None = None
        self._licence = licence
        self._language = language or licence.language
        self._claims = licence.claims
        self._lexer = Lexer()
        self._view = View(self._lexer)
        self._lexer.add(after)
        self._cursor = len(self._lexer.lexemes)
        self._text = after
        self._begin = self._out = len(after)
        self._last: tuple[Said, int] | None = None
        self._money_end = self._named_until = self._stop = 0
        self._numbered = 0

    @property
    def released(self) -> str:
        """The text that went out so far."""
        return self._text[self._begin : self._out]

    @property
    def held(self) -> int:
        """Characters that wait."""
        return len(self._text) - self._out

    def feed(self, text: str) -> str:
        """Takes the next piece; gives what may go out now."""
        if self.refused is not None:
            return ""
        self._text += text
        self._lexer.add(text)
        return self._advance()

    def end(self) -> str:
        """No more text comes: gives the rest that may go out."""
        if self.refused is not None:
            return ""
        self._lexer.close()
        return self._advance()

    def _advance(self) -> str:
        lexemes, claims = self._lexer.lexemes, self._claims
        try:
            while self._cursor < len(lexemes):
                lexeme = lexemes[self._cursor]
                if lexeme.kind == "w" and lexeme.text not in claims.triggers and not self._ends_domain(self._cursor):
                    self._cursor += 1
                elif lexeme.kind == "l" or (lexeme.kind == "m" and lexeme.text not in _MARKS):
                    self._cursor += 1
                else:
                    self._judge(self._cursor)
                    if self.refused is not None:
                        return self._release(self.refused.span_start)
        except More:
            return self._release(lexemes[self._cursor].start)
        open_word = self._lexer.open_word
        waits = open_word and (open_word[0].isdecimal() or open_word in claims.beginnings or self._begins_domain(open_word))
        return self._release(self._lexer.open_start if waits else self._lexer.seen_to)

    def _ends_domain(self, at: int) -> bool:
        """`.com`, `dot com`."""
        lexemes = self._lexer.lexemes
        return at > 0 and lexemes[at - 1].text in _DOTS and lexemes[at].text in TOP_DOMAINS

    def _begins_domain(self, word: str) -> bool:
        lexemes = self._lexer.lexemes
        return bool(lexemes) and lexemes[-1].text in _DOTS and word in _DOMAIN_BEGINNINGS

    def _release(self, place: int) -> str:
        begin, self._out = self._out, max(self._out, place)
        return self._text[begin : self._out]

    def _judge(self, at: int) -> None:
        """Lets what begins at a lexeme pass, refuses it, or raises `More`."""
        lexeme, view = self._lexer.lexemes[at], self._view
        view.begin(lexeme.start, max(HELD_AT_MOST, self._licence.longest_link + BEHIND_A_LINK))
        if lexeme.kind == "n" and (behind := self._list_number(at)):
            self._cursor = behind
            return
        if (lexeme.text in HEDGES or lexeme.text == "~") and self._hedges(at):
            self._refuse("hedge", at)
            return
        claim = self._claims.judge(view, at, self._licence.statements, self._licence.allows_free)
        if claim is not None:
            self._refuse(claim, at)
            return
        said = read(view, at, self._language, self._last)
        if said is None:
            self._cursor = at + 1
            return
        kind = self._fault(said, at)
        if kind is not None:
            self._refuse(kind, at)
            return
        self._last = (said, at)
        self._cursor = max(said.end, at + 1)

    def _refuse(self, kind: str, at: int) -> None:
        self.refused = Refused(kind, self._lexer.lexemes[at].start)

    # -- figures

    def _fault(self, said: Said, at: int) -> str | None:
        """Why a figure may not go out; None where it may."""
        if UNREADABLE in said.values:
            return said.kind
        allows = self._licence.allows
        match said.kind:
            case "money" | "percent":
                groups, hedged = self._naming(said, at)
                if hedged:
                    return "hedge"
                return None if allows(said.kind, said.values, groups) else said.kind
            case "count":
                if self._is_minimum(said, at):
                    return "guest_minimum"
                counted = (said.nouns,) if said.nouns else self._multiplied(at)
                return None if allows("count", said.values, counted) else "count"
            case "minutes":
                return None if allows("minutes", said.values, span_labels(self._lexer.lexemes, at)) else "minutes"
            case "number" if said.bare:
                return self._bare(said, at)
            case "address":
                number = said.values[0].split()[0]
                return None if allows("address", said.values) and number else "address"
            case _:
                return None if allows(said.kind, said.values) else said.kind

    def _multiplied(self, at: int) -> tuple[frozenset[str], ...]:
        """What `8 × $55` is eight of, where it stands right before."""
        before, tight = self._licence.names.before(self._lexer.lexemes, at, max(self._money_end, self._named_until))
        return before if tight else ()

    def _naming(self, said: Said, at: int) -> tuple[tuple[frozenset[str], ...], bool]:
        """What the words beside a figure say that it is, and whether they hedge it."""
        names, lexemes = self._licence.names, self._lexer.lexemes
        between = [lexeme.text for lexeme in lexemes[self._money_end : at]]
        goes_on = self._money_end and len(between) <= 1 and set(between) <= {"=", *RANGES} - {"and", "y"}
        if not goes_on:
            self._stop = max(self._money_end, self._named_until)
        after = names.after(self._view, said.end)
        before, tight = names.before(lexemes, at, self._stop, priced=bool(after.groups))
        if after.groups:
            groups = after.groups + (before if tight else ())
        else:
            groups = before
        self._money_end = said.end
        self._named_until = after.until if after.groups else 0
        return groups, after.hedged or bool(_ROUGHLY.match(sentence_before(self._view, at)))

    def _bare(self, said: Said, at: int) -> str | None:
        """A number without a unit: a price where the words say so, else anything that is licensed."""
        licence, digits = self._licence, said.values[0]
        before, tight = licence.names.before(self._lexer.lexemes, at, max(self._money_end, self._named_until))
        # "Travel to 1500 ...": where to, not what it costs.
        to_place = at > 0 and self._lexer.lexemes[at - 1].text in ("to", "a") and licence.allows_bare([digits])
        tight = tight and not to_place
        named = (*(before if tight else ()), *((said.nouns,) if said.nouns else ()))
        after = licence.names.after(self._view, said.end) if not said.small else None
        groups = (*named, *(after.groups if after is not None else ()))
        cents = _cents(digits)
        if any(group & _PRICED for group in groups) and not (len(digits) == 5 and licence.allows_bare([digits])):
            fits = licence.allows("money", cents, groups) or licence.allows("percent", [digits], groups)
            return None if fits else "money"
        if (
            said.small
            or licence.allows_bare([digits], [group for group in groups if group != _ANYBODY])
            or (groups and licence.allows("money", cents, groups))
        ):
            return None
        return None if self._day_of_last(digits) or self._is_hour(digits, at) else "number"

    def _day_of_last(self, digits: str) -> bool:
        """`December 5 or 12`."""
        if self._last is None or self._last[0].kind != "date" or not digits.isdecimal():
            return False
        key = self._last[0].values[0]
        return key.startswith("--") and self._licence.allows("date", [f"{key[:4]}-{int(digits):02d}"])

    def _is_hour(self, digits: str, at: int) -> bool:
        """`Our start times are 3, 6 and 9 PM.`"""
        if not digits.isdecimal() or not 1 <= int(digits) <= 12 or not _TIMES.search(sentence_before(self._view, at)):
            return False
        hour = int(digits) % 12
        return self._licence.allows("time", [f"{hour:02d}:00", f"{hour + 12:02d}:00"])

    def _is_minimum(self, said: Said, at: int) -> bool:
        """`a 10-person minimum`: there is none, whatever the number."""
        if not said.nouns & _GUESTS:
            return False
        before = [lexeme.text for lexeme in self._lexer.lexemes[max(0, at - 12) : at]]
        after = self._view.at(said.end)
        if after.text == "-":
            after = self._view.at(said.end + 1)
        if after.text in ("minimum", "minimo") or {"minimum", "minimo"} & set(before[-3:]):
            return True
        least = before[-2:] in (["at", "least"], ["al", "menos"]) or before[-3:] == ["por", "lo", "menos"]
        return least and bool(_NEEDS & set(before))

    # -- hedges and lists

    def _hedges(self, at: int) -> bool:
        """Whether a price follows a word like `around`."""
        view, here = self._view, at + 1
        if view.at(at).text == "mas" and [view.at(here).text, view.at(here + 1).text] != ["o", "menos"]:
            return False
        for _ in range(3):
            if view.at(here).text not in _AFTER_HEDGE:
                break
            here += 1
        lexeme = view.at(here)
        if lexeme.kind not in ("n", "w", "m"):
            return False
        said = read(view, here, self._language, None)
        if said is None:
            return False
        if said.kind == "number" and said.bare and not said.small:
            groups, tight = self._licence.names.before(self._lexer.lexemes, at, 0)
            return tight and any(group & _PRICED for group in groups)
        return said.kind in _MONEY

    def _list_number(self, at: int) -> int:
        """The lexeme behind the number of a list, which is no figure where it counts on; 0 where it is none."""
        lexemes, view = self._lexer.lexemes, self._view
        here = at - 1
        while here >= 0 and lexemes[here].text in ("#", ">", "-", "+", "|"):
            here -= 1
        if here >= 0 and lexemes[here].kind != "l":
            return 0
        number, mark = int(lexemes[at].text[:4]), view.at(at + 1)
        if number not in (1, self._numbered + 1) or number > _LISTS_AT_MOST or mark.text not in (".", ")") or view.at(at + 2).glued:
            return 0
        self._numbered = number
        return at + 2


_ROUGHLY = re.compile(words("roughly approximately approx ballpark aproximadamente"))
_TIMES = re.compile(words("time times start starts slot slots at noon hora horas horario horarios las am pm"))
_AFTER_HEDGE = frozenset("a the just like of de los o menos only or to at total cost price in".split())


def _cents(digits: str) -> list[str]:
    """A bare number as a price."""
    whole, _, fraction = digits.partition(".")
    return [str(int(whole) * 100 + int(f"{fraction}00"[:2]))] if len(fraction) <= 2 else []
