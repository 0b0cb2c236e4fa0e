"""Reads dates and times of a text, in the venue's zone."""

import datetime as dt
import re
from dataclasses import dataclass

from agents.understanding.date_parts import Setting
from agents.understanding.dates import Dates
from agents.understanding.facts import Facts
from agents.understanding.lexing import lex
from agents.understanding.times import Times
from agents.understanding.when import When
from business.profile.schemas import Profile

_THE_TIME = re.compile(r"\b(?:the time|start(?:ing)? time|time is|time should|la hora)\b")
_DATED = re.compile("[MWDHSOewdmn456]|hN|dN")


class WhenReader:
    """Reads dates and times in the venue's zone."""

    def __init__(self, profile: Profile) -> None:
        self._zone = profile.business.zone
        self._slots = profile.slots.times

    def read(
        self, folded: str, *, now: dt.datetime, asked: str | None = None, spanish: bool = False, known: Facts | None = None
    ) -> "ReadWhen":
        """`folded`: with digits. `now`: aware. `asked`: the fact that our last message asked for. `known`: told before."""
        tokens, letters = lex(folded)
        today = now.astimezone(self._zone).date()
        anchor = next(iter(known.dates), None) if known is not None else None
        setting = Setting(today, asked == "date", spanish, anchor)
        parsed = Dates(folded, tokens, letters, setting).read() if asked == "date" or _DATED.search(letters) else []
        times = Times(folded, tokens, letters, self._slots, asked == "time" or _THE_TIME.search(folded) is not None)
        start = times.read(parsed)
        dates = tuple(dict.fromkeys(day for item in parsed for day in item.dates))
        problems = tuple(dict.fromkeys((*(problem for item in parsed for problem in item.problems), *times.problems)))
        spans = [(tokens[item.start].start, tokens[item.end - 1].end) for item in parsed] + times.spans
        return ReadWhen(When(dates, start, times.daypart, problems), tuple(sorted(spans)))


@dataclass(frozen=True, slots=True)
class ReadWhen:
    """`spans`: the stretches of the text that dates and times have used, so that no number of them is taken for anything else."""

    when: When
    spans: tuple[tuple[int, int], ...]
