"""Understands a colleague's question by rules: what it is about, or what somebody wants done. Patterns stand in hearing.toml. Pure."""

import datetime as dt
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

from agents.admin.periods import Period, period
from agents.understanding.text import fold
from business.assistant.deeds import Verb

_BEHIND = re.compile(r":\s+(\S.*)$", re.DOTALL)
_QUOTED = re.compile(r"[\"“](\S[^\"”]*)[\"”]")
_COLLEAGUE = re.compile(r"\bto\s+(me|[A-Z][\w'-]*(?:\s+[A-Z][\w'-]*)*)\s*[.!?]*$")
Temperature = Literal["hot", "warm", "cold"]
_NAME = re.compile(r"(?<!^)\b[^\W\d_a-z][^\W\d_]+(?:\s+[^\W\d_a-z][^\W\d_]+)*")
_CAPITALS = re.compile(r"\b[^\W\d_a-z][^\W\d_]+(?:\s+[^\W\d_a-z][^\W\d_]+)*")
_DIGITS = re.compile(r"[+#]?\d[\d\s().-]{1,18}\d|#?\d+")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.\w+")
_CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october "
    "november december today tomorrow".split()
)


@dataclass(frozen=True, slots=True)
class Wish:
    """`about`: an intent, `deed` or `guide`, with its `name`; None where nothing was understood. `whom`: words that name a customer."""

    about: str | None
    name: str = ""
    whom: str | None = None
    hours: int | None = None
    temperature: Temperature | None = None
    kind: str | None = None
    overdue: bool = False
    today: bool = False
    week: Literal["this", "next"] | None = None
    severity: str | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a colleague's own words ask to be done. `verb`: at the beginning, as an order; `verbs`: anywhere, which is all that may be
    proposed. `names`: what may name a customer, the likeliest first; `named`: whether there is a likely one. `text`: what is to be
    written, word by word, behind a colon or between quotation marks. `colleague`: to whom it is assigned, "me" for who asks; `to`: the
    state of a lead; `suggested`: the reply that the assistant suggested is meant."""

    verb: Verb | None
    verbs: frozenset[Verb]
    names: tuple[str, ...]
    named: bool
    numbers: tuple[int, ...]
    text: str | None
    colleague: str | None
    to: str | None
    suggested: bool


def asked(question: str) -> Asked:
    """Of the words before the text that is to be written: what stands in it asks for nothing."""
    head, text = _apart(question)
    words, folded = _words(), fold(head)
    colleague = _COLLEAGUE.search(head) if words.verbs["assign"][1].search(folded) else None
    of_customer = head[: colleague.start()] if colleague else head
    numbers = tuple(int(one[1] or one[2]) for one in words.number.finditer(folded))
    status = words.lead_status.search(folded)
    return Asked(
        verb=next((verb for verb, (order, _) in words.verbs.items() if order.match(folded)), None),
        verbs=frozenset(verb for verb, (_, anywhere) in words.verbs.items() if anywhere.search(folded)),
        names=() if numbers else _names(of_customer),
        named=named(of_customer) is not None,
        numbers=numbers,
        text=text,
        colleague=colleague[1] if colleague else None,
        to=("disqualified" if status[1] == "disqualify" else status[1]) if status else None,
        suggested=bool(words.suggested.search(folded)),
    )


def _names(head: str) -> tuple[str, ...]:
    """An address of mail, a number, words with capitals; those that begin a sentence come last, for any word has one there."""
    likely, others = named(head), [match[0] for match in _CAPITALS.finditer(head)]
    return tuple(dict.fromkeys(name for name in (likely, *others) if name))


def _apart(question: str) -> tuple[str, str | None]:
    """(the order, the text that it is about)."""
    for pattern in (_BEHIND, _QUOTED):
        if match := pattern.search(question):
            return question[: match.start()], match[1].strip() or None
    return question, None


def understand(question: str, today: dt.date | None = None, dates: Sequence[dt.date] = ()) -> Wish:
    """What a colleague wants. `today` at the venue, and the `dates` that the grammar read: without them no report is heard."""
    words, folded = _words(), fold(question)
    deed = words.deed(folded)
    if deed is not None:
        return Wish("deed", deed, whom=named(question), kind=words.kind(folded), overdue=bool(words.overdue.search(folded)))
    for name, pattern in words.guides.items():
        if pattern.search(folded):
            return Wish("guide", name)
    if today is not None and (asked := _report(words, folded, question, today, dates)) is not None:
        return asked
    about = next((name for name, pattern in words.intents.items() if pattern.search(folded)), None)
    if about is None and (_EMAIL.search(question) or re.fullmatch(r"[\s()+#.\d-]{3,}\??", folded)):
        about = "find"
    temperature, week = words.temperature.search(folded), words.week.search(folded)
    return Wish(
        about,
        whom=words.searched(question) if about == "find" else named(question),
        hours=words.span(folded),
        temperature=cast(Temperature, temperature[1]) if temperature else None,
        kind=words.kind(folded),
        overdue=bool(words.overdue.search(folded)),
        today=bool(words.today.search(folded)),
        week=cast(Literal["this", "next"], week["which"]) if week else None,
    )


def _report(words: "_Words", folded: str, question: str, today: dt.date, dates: Sequence[dt.date]) -> Wish | None:
    """The first report that is asked for, with what is said of its parameters."""
    for rule in words.reports:
        if not rule.hear.search(folded) or (rule.instead_of_hours and words.span(folded) is not None):
            continue
        told = period(question, today, dates, backwards=rule.back)
        if rule.needs is not None and (told is None or (rule.needs == "past" and told.last >= today)):
            continue
        warmth, severity = words.temperature.search(folded), words.severity.search(folded)
        return Wish(
            "report",
            rule.name,
            temperature=cast(Temperature, warmth[1]) if warmth else None,
            kind=words.kind(folded),
            severity=severity[1] if severity else None,
            period=told,
        )
    return None


def named(question: str) -> str | None:
    """Words that name a customer: an address of mail, a number, else what has capitals behind the beginning."""
    if email := _EMAIL.search(question):
        return email[0].rstrip(".,;:?!")
    names = [one for match in _NAME.finditer(question) if (one := " ".join(w for w in match[0].split() if w.lower() not in _CALENDAR))]
    if names:
        return names[0]
    number = _DIGITS.search(question)
    return number[0].strip() if number and sum(map(str.isdigit, number[0])) >= 4 else None


@dataclass(frozen=True, slots=True)
class _Report:
    """How one report is heard; see hearing.toml."""

    name: str
    hear: re.Pattern[str]
    needs: Literal["days", "past"] | None
    back: bool
    instead_of_hours: bool


@dataclass(frozen=True, slots=True)
class _Words:
    verbs: dict[Verb, tuple[re.Pattern[str], re.Pattern[str]]]
    number: re.Pattern[str]
    lead_status: re.Pattern[str]
    suggested: re.Pattern[str]
    reports: tuple[_Report, ...]
    intents: dict[str, re.Pattern[str]]
    guides: dict[str, re.Pattern[str]]
    deeds: dict[str, re.Pattern[str]]
    kinds: dict[str, re.Pattern[str]]
    today: re.Pattern[str]
    week: re.Pattern[str]
    hours: re.Pattern[str]
    days: re.Pattern[str]
    temperature: re.Pattern[str]
    severity: re.Pattern[str]
    overdue: re.Pattern[str]
    lead_in: re.Pattern[str]
    filler: re.Pattern[str]

    def deed(self, folded: str) -> str | None:
        return next((name for name, pattern in self.deeds.items() if pattern.match(folded)), None)

    def kind(self, folded: str) -> str | None:
        return next((name for name, pattern in self.kinds.items() if pattern.search(folded)), None)

    def span(self, folded: str) -> int | None:
        """Hours, where some span was told."""
        if match := self.hours.search(folded):
            return int(match[1]) or None
        match = self.days.search(folded)
        return int(match[1]) * 24 or None if match else None

    def searched(self, question: str) -> str | None:
        """What a search is for: an e-mail address, a number, else the words behind `find`."""
        if email := _EMAIL.search(question):
            return email[0].rstrip(".,;:?!")
        rest = self.filler.sub(" ", self.lead_in.sub("", question.strip()))
        rest = " ".join(re.sub(r"(?:'s|’s)\b|[?!,;:\"]|\.$", " ", rest).split())
        return rest or None


@lru_cache
def _words() -> _Words:
    file = tomllib.loads(Path(__file__).with_name("hearing.toml").read_text(encoding="utf-8"))
    before = file["deeds"].pop("before")
    several = {part: {name: re.compile("|".join(all_)) for name, all_ in file[part].items()} for part in ("intents", "guides")}
    deeds = {name: re.compile(rf"{before}(?:{'|'.join(verbs)})\b") for name, verbs in file["deeds"].items()}
    kinds = {name: re.compile(pattern) for name, pattern in file["handoff_kinds"].items()}
    words = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in file["words"].items()}
    verbs = {
        name: (re.compile(rf"{before}(?:{'|'.join(all_)})\b"), re.compile(rf"\b(?:{'|'.join(all_)})\b"))
        for name, all_ in file["verbs"].items()
    }
    words |= {name: re.compile(pattern) for name, pattern in file["said"].items()}
    reports = tuple(_heard(one, file["intents"]) for one in file["reports"])
    return _Words(verbs=verbs, reports=reports, intents=several["intents"], guides=several["guides"], deeds=deeds, kinds=kinds, **words)


def _heard(one: dict[str, Any], intents: dict[str, list[str]]) -> _Report:
    patterns = intents[one["intent"]] if "intent" in one else one["hear"]
    return _Report(one["name"], re.compile("|".join(patterns)), one.get("needs"), one.get("back", False), "intent" in one)
