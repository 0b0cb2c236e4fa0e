"""What was found, as lines that a person reads, each with a link to its place. Plain text: no markup of a customer's works."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.admin.data import cut
from agents.house.wording import Wording
from business.profile.figures import money
from business.profile.spoken import exact, whole_day

Facts = Mapping[str, Any]
HANDOFFS = "#/handoffs"
HINT = 40  # characters of what tells two of one name apart
_STATES = frozenset({"severe", "high"})


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `link` is a place in the console (`#/...`), None where there is none; `conversation` where it belongs to one."""

    title: str
    detail: str
    link: str | None = None
    conversation: str | None = None


class Rows:
    """Words the data of tools. Holds nothing of any question."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def of(self, data: Facts, today: dt.date) -> list[Row]:
        """The lines of one tool's data; none for what is no list."""
        rows = [self.customer(data["customer"])] if "customer" in data else []
        rows += [self.customer(one) for one in data.get("customers", ())]
        rows += [self.booking(one, today) for one in data.get("bookings", ())]
        rows += [self.lead(one, today) for one in data.get("leads", ())]
        rows += [self.change(one, today) for one in data.get("changes", ())]
        return rows + [self.handoff(one) for one in data.get("handoffs", ())]

    def booking(self, one: Facts, today: dt.date) -> Row:
        """`Saturday, December 5, 6:00 PM · Ana Perez`."""
        say = self._wording.say
        when = say("row", "moment", day=whole_day(dt.date.fromisoformat(one["date"]), today, "en"), time=_clock(one["time"]))
        parts = [
            say("status", one["status"]),
            self._wording.count("guest", one["guests"]),
            one["address"],
            say("row", "chef", chef=one["chef"]) if "chef" in one else None,
            self._money(one),
            say("row", "held_until", when=_moment(one["hold_until"], today)) if "hold_until" in one else None,
            one.get("phone"),
            one.get("email"),
            say("row", "number", number=str(one["number"])),
        ]
        return _row(say("row", "booking", when=when, who=self.name(one)), parts, one)

    def change(self, one: Facts, today: dt.date) -> Row:
        """`Moved to another start · Ana Perez`, which opens the booking in the calendar."""
        say = self._wording.say
        when = say("row", "moment", day=whole_day(dt.date.fromisoformat(one["date"]), today, "en"), time=_clock(one["time"]))
        by = say("row", "by", who=one["by"], when=_moment(one["at"], today))
        parts = [when, say("row", "number", number=str(one["number"])), by]
        return _row(say("row", "change", what=say("change", one["change"]), who=self.name(one)), parts, one, f"#/calendar/{place(one)}")

    def lead(self, one: Facts, today: dt.date) -> Row:
        """`Ana Perez`, with how hot and how long."""
        say, party = self._wording.say, one.get("party", {})
        guests = sum(party[key] for key in ("adults", "children", "under_six") if isinstance(party.get(key), int))
        parts = [
            say("row", "lead", temperature=one["temperature"].capitalize()),
            say("row", "waits", span=one["waits"]),
            self._wording.count("guest", guests) if guests else None,
            say("row", "party_date", date=_day(party["date"], today)) if isinstance(party.get("date"), str) else None,
            say("row", "failed") if "booking_failed" in one else None,
        ]
        return _row(self.name(one), parts, one)

    def customer(self, one: Facts) -> Row:
        """Whoever writes in a conversation."""
        say = self._wording.say
        answered = {"assistant": "assistant", "nobody yet": "queue"}.get(one["answered_by"])
        who = say("row", answered) if answered else say("row", "person", person=one.get("person", ""))
        parts = [
            say("urgency", one["urgency"]) if one.get("urgency") in _STATES else None,
            say("row", "waits", span=one["waits"]) if "waits" in one else None,
            who if one["state"] == "open" else None,
            one.get("summary") or one.get("last_words"),
            *one.get("contacts", ()),
        ]
        return _row(self.name(one), parts, one)

    def handoff(self, one: Facts) -> Row:
        """`Complaint · Ana Perez`."""
        say = self._wording.say
        parts = [
            say("urgency", one["urgency"]) if one["urgency"] in _STATES else None,
            say("row", "overdue", span=one["overdue_for"]) if "overdue_for" in one else None,
            say("row", "due", span=one["due_in"]) if "due_in" in one else None,
            say("row", "claimed", person=one["claimed_by"]) if "claimed_by" in one else None,
            one.get("summary"),
        ]
        return _row(say("row", "handoff", kind=say("kind", one["kind"]), who=self.name(one)), parts, one, HANDOFFS)

    def name(self, one: Facts) -> str:
        """As the inbox calls them."""
        return one.get("name") or self._wording.say("row", "visitor", tail=_tail(one))

    def names(self, those: Sequence[Facts]) -> list[str]:
        """Of each; those called alike are told apart: by the kind of their handoff, what was said last, or else their conversation."""
        called = [self.name(one) for one in those]
        named = []
        for one, name in zip(those, called, strict=True):
            alike = [other for other, others in zip(those, called, strict=True) if others == name]
            named.append(name if len(alike) == 1 else self._wording.say("row", "alike", who=name, hint=self._hint(one, alike)))
        return named

    def _hint(self, one: Facts, alike: Sequence[Facts]) -> str:
        for hint in (self._kind, _last_words):
            if all(map(hint, alike)) and len(set(map(hint, alike))) == len(alike):
                return hint(one)
        return _tail(one)

    def _kind(self, one: Facts) -> str:
        return self._wording.say("kind", one["kind"]) if "kind" in one else ""

    def _money(self, one: Facts) -> str | None:
        if "total_cents" in one:
            words = self._wording.say("row", "total", amount=money(one["total_cents"]), deposit=money(one["deposit_cents"]))
            return f"{words} · {self._wording.say('row', 'missing')}" if one["deposit_missing"] else words
        return self._wording.say("row", "missing") if one["deposit_missing"] else None


def place(one: Facts) -> str:
    """Where a booking stands in the calendar: its day, with it opened."""
    return f"day/{one['date']}/{one['booking']}"


def distinct(rows: Iterable[Row], at_most: int) -> tuple[Row, ...]:
    """Each line once, in order."""
    return tuple(dict.fromkeys(rows))[:at_most]


def _row(title: str, parts: Iterable[str | None], one: Facts, link: str | None = None) -> Row:
    conversation = one["conversation"]
    detail = " · ".join(part for part in parts if part)
    return Row(title, detail, link or f"#/c/{conversation}", conversation)


def _last_words(one: Facts) -> str:
    return cut(one.get("last_words", ""), HINT)


def _tail(one: Facts) -> str:
    tail: str = one["conversation"][-4:]
    return tail


def _clock(at: str) -> str:
    return exact(dt.time.fromisoformat(at))


def _day(day: str, today: dt.date) -> str:
    """What a lead told may be no day."""
    try:
        return whole_day(dt.date.fromisoformat(day), today, "en")
    except ValueError:
        return day


def _moment(moment: str, today: dt.date) -> str:
    at = dt.datetime.fromisoformat(moment)
    return exact(at.time()) if at.date() == today else f"{whole_day(at.date(), today, 'en')}, {exact(at.time())}"
