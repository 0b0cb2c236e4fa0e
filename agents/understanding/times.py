"""Times of day. An hour without am or pm is the one nearest to the hours at which parties start: "6" is 18:00."""

import re
from collections.abc import Sequence
from datetime import time
from typing import Literal

from agents.understanding.date_parts import Parsed
from agents.understanding.facts import Daypart
from agents.understanding.guest_words import CHILD
from agents.understanding.lexing import Token
from agents.understanding.when import Problem

Half = Literal["am", "pm"]
_HALVES: dict[Daypart, Half] = {"morning": "am", "lunch": "pm", "afternoon": "pm", "evening": "pm", "night": "pm"}
# A number of hours stands alone, is asked for, or a preposition says that it is a time.
_HOUR = r"(?P<h>N|C)(?P<minutes>N|1|2|3|AN)?(?P<half>p)?"
_PATTERNS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("range", r"(?P<open>E)?(?:[fo]|@)?h?(?P<h>N|C)(?P<half>p)?(?P<join>[TgAR])h?@?(?P<h2>N|C)(?P<half2>p)"),
        ("range", r"(?P<open>E)?(?:f|@|o)h?(?P<h>N|C)(?P<half>p)?(?P<join>[TgAR])h?@?(?P<h2>N|C)(?P<half2>p)?(?![PyM])"),
        ("span", r"(?P<open>E)h?@?(?P<h>N|C)(?P<half>p)?(?P<join>[TgAR])h?@?(?P<h2>N|C)(?P<half2>p)?(?![PyM])"),
        ("past", r"(?P<past>[qQZ])(?P<h>N)(?P<half>p)?"),
        ("hour", rf"@h?B?{_HOUR}k?(?![PydwmW])"),
        ("one", r"@(?P<h>g)(?P<minutes>N|1|2|3|AN)?(?P<half>p)?(?![PydwmWx])"),
        ("of_day", r"(?P<h>N|C)(?=v)"),
        ("one", r"@(?P<h>g)(?P<minutes>N|1|2|3|AN)?(?P<half>p)?(?![PydwmWx])"),
        ("of_day", r"(?P<h>N|C)(?=v)"),
        ("hour", r"(?P<bound>[ab])h?@?(?P<h>N|C)(?P<half>p)"),
        ("hour", r"(?P<bound>[ab])(?:h|@)(?P<h>N|C)(?P<minutes>1|2|3)?(?P<half>p)?(?![PydwmWMO])"),
        ("hour", r"h(?P<h>N)(?P<minutes>1|2|3|AN)(?P<half>p)?|h(?P<h2>N)k"),
        ("hour", r"(?P<h>N|C)h?(?P<half>p)"),
        ("hour", r"(?P<h>C)"),
        ("whole", r"(?P<h>N)k(?!P)"),
        ("ish", r"(?P<h>I)(?P<half>p)?(?!P)"),
    )
)
# "Kids of 7 and 9", "ages 6 to 9".
_AGED = re.compile(rf"(?:{CHILD}|ages?|aged|edad(?:es)?)")
_SO_MUCH_PAST = {"q": 30, "Q": 15, "Z": -15, "1": 30, "2": 15, "3": -15}


class Times:
    """Reads the times of one text. `taken`: token positions that dates have used."""

    def __init__(self, text: str, tokens: list[Token], letters: str, slots: Sequence[time], asked: bool) -> None:
        self._text, self._tokens, self._letters, self._slots, self._asked = text, tokens, letters, slots, asked
        self._dated = False
        self.daypart: Daypart | None = None
        self.problems: list[Problem] = []
        self.spans: list[tuple[int, int]] = []

    def read(self, taken: list[Parsed]) -> time | None:
        """The start that is asked for; None where there is none or only a bound or a span ("between 5 and 7"), told in `problems`."""
        letters = list(self._letters)
        self._dated = any(parsed.dates for parsed in taken)
        for parsed in taken:
            letters[parsed.start : parsed.end] = "_" * (parsed.end - parsed.start)
        line = "".join(letters)
        for token in self._tokens:
            if token.letter == "v" and self.daypart is None:
                self.daypart = token.value  # type: ignore[assignment]
        found = self._scan(line)
        if not found and self._asked:
            found = self._bare(line)
        if "~" in line and len(found) > 1:
            return found[-1]
        if len(set(found)) > 1:
            self.problems.append(Problem("several_times", self._text[self.spans[0][0] : self.spans[-1][1]]))
        return found[0] if found else None

    def _scan(self, line: str) -> list[time]:
        found: list[time] = []
        at = 0
        while at < len(line):
            if line[at] == "K":
                found.append(time.fromisoformat(str(self._tokens[at].value)))
                self._span(at, at + 1)
            elif line[at] not in "_x.," and (end := self._one(line, at, found)):
                at = end
                continue
            at += 1
        return found

    def _one(self, line: str, at: int, found: list[time]) -> int:
        """Reads what begins here into `found`; the position after it, 0 where nothing does."""
        for name, pattern in _PATTERNS:
            match = pattern.match(line, at)
            if match is None or not self._is_hour(name, match):
                continue
            if name in ("range", "span"):
                ended = self._range(match, found, changed="~" in line[: match.start()])
            else:
                moment = self._moment(match)
                ended = moment is not None
                bound = "bound" in pattern.groupindex and match["bound"]
                if moment is not None and not bound:
                    found.append(moment)
                elif bound and ended:
                    self.problems.append(Problem("open_time", self._said(match)))
            if ended:
                self._span(match.start(), match.end())
                return match.end()
        return 0

    def _is_hour(self, name: str, match: re.Match[str]) -> bool:
        """What letters alone do not say: "a la una"; "6 in the evening", not "6 evening guests"; "18 horas", not "2 horas"."""
        last = self._tokens[match.end() - 1]
        if name in ("range", "span") and self._of_ages(match):
            return False
        match name:
            case "one":
                return self._tokens[match.start("h")].text == "una"
            case "of_day":
                return " " in self._tokens[match.end()].text
            case "whole":
                value = self._tokens[match.start("h")].value
                return last.text != "horas" or (isinstance(value, int) and value >= 12)
            case "span":
                # "between 10 and 12" may be guests.
                clear = self._asked or self._dated or any(self._tokens[at].letter in "@phC" for at in range(match.start(), match.end()))
                return clear
        return True

    def _of_ages(self, match: re.Match[str]) -> bool:
        """Whether two numbers follow children, or "ages": they are no hours where nothing else says so."""
        if match["half"] or match["half2"] or self._letters[match.start()] in "f@":
            return False
        at = match.start() - 1
        while at >= 0 and self._letters[at] == "o":
            at -= 1
        return at >= 0 and _AGED.fullmatch(self._tokens[at].text) is not None

    def _range(self, match: re.Match[str], found: list[time], *, changed: bool) -> bool:
        """ "from 6 to 9" starts at 6; "between 5 and 7" is open; "5 or 6 pm" are two."""
        second = self._hour(self._tokens[match.start("h2")], self._half(match, "half2"))
        first_half = self._half(match, "half") or self._half(match, "half2")
        first = self._hour(self._tokens[match.start("h")], first_half)
        if first is None or second is None:
            return False
        if first > second and match["half"] is None:
            first = self._hour(self._tokens[match.start("h")], "am" if first_half == "pm" else None) or first
        if match["open"]:
            self.problems.append(Problem("open_time", self._said(match)))
        elif changed:
            found.append(second)
        else:
            found.append(first)
            if match["join"] == "R":
                found.append(second)
                self._span(match.start(), match.end())
        return True

    def _moment(self, match: re.Match[str]) -> time | None:
        groups = match.groupdict()
        name = "h" if groups.get("h") else "h2"
        token = self._tokens[match.start(name)]
        moment = self._hour(token, self._half(match, "half"))
        if moment is None:
            return None
        minutes = 0
        if groups.get("past"):
            minutes = _SO_MUCH_PAST[match["past"]]
        elif groups.get("minutes"):
            last = self._tokens[match.end("minutes") - 1]
            if last.letter in _SO_MUCH_PAST:
                minutes = _SO_MUCH_PAST[last.letter]
            elif isinstance(last.value, int) and 5 <= last.value <= 59 and not moment.minute:
                minutes = last.value
            else:
                return None
        whole = moment.hour * 60 + moment.minute + minutes
        return time(whole // 60 % 24, whole % 60)

    def _half(self, match: re.Match[str], name: str) -> Half | None:
        """am or pm as said, else as the part of the day says."""
        said = match.groupdict().get(name)
        if said:
            return "am" if self._tokens[match.start(name)].text.startswith("a") else "pm"
        return None if self.daypart is None else _HALVES[self.daypart]

    def _hour(self, token: Token, half: Half | None) -> time | None:
        figures = [int(part) for part in re.findall(r"\d+", token.text)[:2]] or [1]
        hour, minute = figures[0], figures[1] if len(figures) > 1 else 0
        if len(str(hour)) >= 3 and len(figures) == 1:
            hour, minute = divmod(hour, 100)
        if not (0 <= hour <= 23 and 0 <= minute <= 59):
            return None
        if hour == 0 or hour > 12 or (token.text.startswith("0") and hour < 10):
            return time(hour, minute)
        if half is not None:
            return time(hour % 12 + (12 if half == "pm" else 0), minute)
        return min((time(hour % 12 + plus, minute) for plus in (12, 0)), key=self._off)

    def _off(self, moment: time) -> int:
        """Minutes to the nearest hour at which parties start."""
        return min(abs(moment.hour * 60 + moment.minute - slot.hour * 60 - slot.minute) for slot in self._slots)

    def _bare(self, line: str) -> list[time]:
        """The answer to "at what time?": the only number."""
        numbers = [at for at, letter in enumerate(line) if letter in "NY"]
        if len(numbers) != 1 or re.match("[PydwmM]", line[numbers[0] + 1 :]):
            return []
        token = self._tokens[numbers[0]]
        moment = self._hour(token, None if self.daypart is None else _HALVES[self.daypart])
        if moment is None:
            return []
        self._span(numbers[0], numbers[0] + 1)
        return [moment]

    def _said(self, match: re.Match[str]) -> str:
        return self._text[self._tokens[match.start()].start : self._tokens[match.end() - 1].end]

    def _span(self, start: int, end: int) -> None:
        self.spans.append((self._tokens[start].start, self._tokens[end - 1].end))
