"""What may be said: figures that somebody vouches for, each for what it is the figure of. Immutable."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import islice
from typing import Literal
from zoneinfo import ZoneInfo

from agents.guard.claims import Claims
from agents.guard.dates import keys_of_date
from agents.guard.figures import ANY, Figure, count_figure, plain
from agents.guard.labels import Names
from agents.guard.lexing import Lexer, fold
from agents.guard.of_profile import figures_of_profile, texts_of_profile
from agents.guard.reading import read
from agents.guard.said import Said
from agents.guard.view import View
from agents.guard.words import COUNTED
from business.profile.schemas import Profile

# What may be claimed of a date, a booking, a payment where a tool has said so.
Statement = Literal["free", "taken", "held", "confirmed", "received", "cancelled", "moved", "sent", "accepted", "refunded", "settled"]

Key = tuple[str, str]
# What customers vouch for. Never money, shares or links: "you said $19.99, right?" makes no price.
_ECHOED = frozenset({"date", "weekday", "time", "count", "number", "phone", "email", "address"})
_ONE = re.compile(r"\b(?:an?|una?)\s+(adult|adulto|adulta|child|kid|nino|nina|toddler|baby|bebe)\b")
_GUESTS = frozenset({"adult", "child", "under_six", "guest"})
_PAST_DAYS = 60
# A number without a unit is looked up as any of these.
_BARE = ("number", "count", "miles", "minutes", "zip")


@dataclass(frozen=True)
class Licence:
    """Figures and statements that may go out. `plus`, `echoing` and `allowing` give a wider one.

    `names` and `claims`: the words of the profile, by which a figure is named or something is claimed.
    """

    language: str
    names: Names
    claims: Claims
    figures: frozenset[Figure] = frozenset()
    statements: frozenset[str] = frozenset()

    @staticmethod
    def of_profile(profile: Profile, language: str) -> "Licence":
        """Every figure that the profile states to customers."""
        known = figures_of_profile(profile)
        return Licence(
            language,
            Names(profile),
            Claims.of(profile),
            known | {figure for text in texts_of_profile(profile) for figure in figures_in(text, language)},
        )

    def plus(self, figures: Iterable[Figure]) -> "Licence":
        """With what a tool has found."""
        return replace(self, figures=self.figures | frozenset(figures))

    def allowing(self, statements: Iterable[Statement]) -> "Licence":
        """With what a tool has said to be so."""
        return replace(self, statements=self.statements | frozenset(statements))

    def echoing(self, customer_texts: Iterable[str], now: datetime, zone: ZoneInfo) -> "Licence":
        """With what the customer has said of dates, times, counts of guests, addresses and ways to be reached."""
        today = now.astimezone(zone).date()
        return self.plus(frozenset[Figure]().union(*(_echo(text, self.language, today) for text in customer_texts)))

    @cached_property
    def longest_link(self) -> int:
        return max((len(figure.value) for figure in self.figures if figure.kind == "link"), default=0)

    @cached_property
    def index(self) -> Mapping[Key, tuple[frozenset[str], ...]]:
        """By kind and value as said: of what the figure may be said."""
        found: dict[Key, list[frozenset[str]]] = {}
        for figure in self.figures:
            for key in _keys(figure):
                found.setdefault(key, []).append(figure.means)
        return {key: tuple(means) for key, means in found.items()}

    def allows(self, kind: str, values: Iterable[str], groups: Iterable[frozenset[str]] = ()) -> bool:
        """Whether one of the values may be said of what the words name: each group must hold one of the figure's own labels."""
        wanted = tuple(groups)
        for value in values:
            known = self.index.get((kind, value), ())
            # Salmon and scallops may cost the same: each name needs a figure of its own.
            if known and all(any(not means or group & means for means in known) for group in wanted):
                return True
        return False

    def allows_free(self, groups: list[frozenset[str]]) -> bool:
        """Whether what is named costs nothing."""
        return self.allows("money", ["0"], groups)

    def allows_bare(self, values: Iterable[str], groups: Iterable[frozenset[str]] = ()) -> bool:
        """The same for a number without a unit."""
        wanted = tuple(values)
        return any(self.allows(kind, wanted, groups) for kind in _BARE) or any(
            self.allows("minutes", [plain(int(value) * factor) for value in wanted if value.isdecimal()], groups) for factor in (60, 1_440)
        )


def _keys(figure: Figure) -> Iterable[Key]:
    """Under which keys a figure is found."""
    kind, value = figure.kind, figure.value
    match kind:
        case "date" if value.startswith("--"):
            yield ("date", value)  # a day that no calendar has: it may be said that there is none
        case "date":
            day = date.fromisoformat(value)
            yield from (("date", key) for key in keys_of_date(day))
            yield ("weekday", str(day.weekday()))
        case "hours" | "days":
            yield ("minutes", plain(int(value) * (60 if kind == "hours" else 1_440)))
        case "phone":
            digits = "".join(filter(str.isdigit, value))
            yield from (("phone", digits[-length:]) for length in range(7, len(digits) + 1))
            if len(digits) == 10:
                yield ("phone", f"1{digits}")
        case "link":
            whole = spelled(value)
            yield from (("link", whole.removeprefix(start)) for start in ("", "https://", "http://", "https://www.", "http://www."))
        case "email":
            yield ("email", spelled(value))
        case _:
            yield (kind, value)


def spelled(text: str) -> str:
    """A link or an address of mail as lexemes spell it."""
    return fold(text).replace(" ", "")


def readings(text: str, language: str, *, loose: bool = False) -> list[Said]:
    """Every figure of a whole text, in order."""
    lexer = Lexer()
    lexer.add(text)
    lexer.close()
    view = View(lexer)
    found: list[Said] = []
    last: tuple[Said, int] | None = None
    at = 0
    while at < len(view.lexemes):
        view.begin(view.lexemes[at].start, len(text) + 1)
        said = read(view, at, language, last, loose=loose)
        if said is None:
            at += 1
            continue
        found.append(said)
        last = (said, at)
        at = max(said.end, at + 1)
    return found


def figures_in(text: str, language: str) -> frozenset[Figure]:
    """The figures of a text that can be trusted (a tool's own sentence, the profile's): of what its words say, or of anything."""
    found: set[Figure] = set()
    for said in readings(text, language):
        for value in said.values:
            if said.kind == "date":
                continue  # of a tool's own dates come values: `date_figures`
            found.add(Figure(said.kind, value, said.nouns if said.kind == "count" else ANY))
    return frozenset(found)


@lru_cache(maxsize=2048)
def _echo(text: str, language: str, today: date) -> frozenset[Figure]:
    """Kept, for at every turn all that the customer has said is read again."""
    return frozenset(_echoed(text, language, today))


def _echoed(text: str, language: str, today: date) -> Iterable[Figure]:
    said_all = [said for said in readings(text, language, loose=True) if said.kind in _ECHOED]
    guests: dict[str, int] = {}
    for said in said_all:
        match said.kind:
            case "date":
                named = [day for value in said.values for day in dates_of(value, today)]
                yield from (Figure("date", day.isoformat()) for day in named)
                if not named and said.values[0].count("-") == 3:
                    yield Figure("date", said.values[0])
            case "weekday":
                first = today + timedelta(days=(int(said.values[0]) - today.weekday()) % 7)
                yield from (Figure("date", (first + timedelta(days=ahead)).isoformat()) for ahead in (0, 7))
            case "count":
                if said.nouns & _GUESTS:
                    label = next(iter(said.nouns))
                    guests[label] = int(said.values[0])
                    yield count_figure(int(said.values[0]), *((label,) if label != "guest" else ("guest", "adult")))
            case "number":
                yield from _numbers(said)
            case _:
                yield from (Figure(said.kind, value) for value in said.values)
                if said.kind == "address":
                    yield Figure("number", said.values[0].split()[0])
    for noun in _ONE.findall(fold(text)):
        label = COUNTED[noun]
        guests.setdefault(label, 1)
        yield count_figure(1, label)
    if len(guests) > 1:
        yield count_figure(sum(guests.values()), "guest")
    relative = {"yesterday": -1, "ayer": -1, "tomorrow": 1, "mañana": 1, "today": 0, "hoy": 0, "tonight": 0}
    words = set(text.lower().replace(",", " ").replace("?", " ").split())
    yield from (Figure("date", (today + timedelta(days=days)).isoformat()) for word, days in relative.items() if word in words)


def _numbers(said: Said) -> Iterable[Figure]:
    """A number without a unit: of guests, or an hour, or whatever was asked for."""
    value = said.values[0]
    yield Figure("number", value)
    yield Figure("count", value, _GUESTS)
    if value.isdecimal() and 1 <= int(value) <= 12:
        hour = int(value) % 12
        yield from (Figure("time", f"{one:02d}:00") for one in (hour, hour + 12))


def dates_of(key: str, today: date) -> Iterable[date]:
    """The dates that a date said in part means: the next one, and one of the last weeks, which it may be asked about."""
    key = key.partition("/")[0]
    if len(key) == 10:
        with suppress(ValueError):
            yield date.fromisoformat(key)
        return
    if key.startswith("--") and key.count("-") == 2:
        return  # a month alone
    for days in (range(2 * 366), range(-1, -_PAST_DAYS, -1)):
        found = (today + timedelta(days=ahead) for ahead in days)
        yield from islice((day for day in found if key in keys_of_date(day)), 1)
