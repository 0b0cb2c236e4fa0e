"""What was found, as JSON for a model and as figures that an answer may state. Amounts and contacts for owners and admins alone.

Texts of customers (names, summaries, what they wrote) license no figure: they stay data.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from agents.guard.figures import Figure, count_figure, date_figures, money_figure, time_figures
from agents.guard.licence import figures_in
from business.bookings.happenings import Happened
from business.bookings.queries import Booked
from business.conversations.people import Talk
from business.customers.contacts import called
from business.handoffs.standing import Standing
from business.leads.queries import Waiting

Facts = Mapping[str, Any]
SAID = 160  # characters of a customer's text
# Of a lead's facts, what says which party it is.
OF_A_PARTY = ("date", "time", "adults", "children", "under_six", "guests", "place", "address")
_MAY_BE_SAID = frozenset({"confirmed", "held", "cancelled"})


def booking_data(one: Booked, zone: tzinfo, *, chief: bool) -> dict[str, Any]:
    """A booking; moments at the venue."""
    start = one.starts_at.astimezone(zone)
    data: dict[str, Any] = {
        "number": one.number,
        "booking": str(one.id),
        "conversation": str(one.conversation),
        "status": one.status,
        "deposit_missing": one.unpaid,
        "date": start.date().isoformat(),
        "weekday": start.strftime("%A"),
        "time": start.strftime("%H:%M"),
        "guests": one.guests,
        **{key: value for key, value in one.party.items() if value},
        "name": one.name,
        "address": one.address,
        "chef": one.chef,
        "hold_until": _local(one.hold_until, zone),
        "deposit_until": _local(one.deposit_until, zone) if one.unpaid else None,
    }
    if chief:
        data |= {"phone": one.phone, "email": one.email}
        data |= {"total_cents": one.total_cents, "deposit_cents": one.deposit_cents, "balance_cents": one.balance_cents}
    return _known(data)


def change_data(one: Happened, zone: tzinfo) -> dict[str, Any]:
    """Something that happened to a booking; moments at the venue."""
    start = one.starts_at.astimezone(zone)
    return _known(
        {
            "number": one.number,
            "booking": str(one.booking),
            "conversation": str(one.conversation),
            "change": one.kind,
            "by": {"customer": "the customer", "ai": "the assistant", "system": "the clock"}.get(one.by_kind, one.by_name),
            "at": _local(one.at, zone),
            "date": start.date().isoformat(),
            "time": start.strftime("%H:%M"),
            "name": one.name,
        }
    )


def change_figures(data: Facts) -> Iterable[Figure]:
    """Of a change's data."""
    yield Figure("number", str(data["number"]))
    yield from date_figures(date.fromisoformat(data["date"]))
    yield Figure("time", data["time"])
    yield from _moments(data, "at")


def booking_figures(data: Facts) -> Iterable[Figure]:
    """Of a booking's data."""
    yield Figure("number", str(data["number"]))
    yield from date_figures(date.fromisoformat(data["date"]))
    yield Figure("time", data["time"])
    yield count_figure(data["guests"], "guest")
    for key, label in (("adults", "adult"), ("children", "child"), ("under_six", "under_six")):
        if data.get(key):
            yield count_figure(data[key], label)
    for key, means in (("total_cents", ("total", "sum", "party")), ("deposit_cents", ("deposit",)), ("balance_cents", ("balance",))):
        if data.get(key) is not None:
            yield money_figure(data[key], *means)
    yield from _moments(data, "hold_until", "deposit_until")
    yield from _contacts(data)
    yield from (figure for figure in figures_in(data["address"], "en") if figure.kind == "address")


def statements_of(bookings: Iterable[Facts]) -> frozenset[str]:
    """What may be said of bookings, by the states that some of them are in."""
    return frozenset(one["status"] for one in bookings) & _MAY_BE_SAID


def lead_data(one: Waiting, now: datetime, *, chief: bool) -> dict[str, Any]:
    """A lead; whoever gave no name goes by the number that they text from, where it may be seen."""
    told = {key: one.facts[key] for key in OF_A_PARTY if key in one.facts}
    return _known(
        {
            "conversation": str(one.conversation),
            "name": called(one.name, one.phone if chief else None),
            "temperature": one.temperature,
            "score": one.score,
            "source": one.source,
            "waits": waits(now - one.since),
            "party": {key: value if isinstance(value, int) else _short(str(value)) for key, value in told.items()},
            "booking_failed": one.failed,
        }
    )


def talk_data(one: Talk, now: datetime) -> dict[str, Any]:
    """A customer's conversation, by the name that the inbox shows."""
    return _known(
        {
            "conversation": str(one.conversation),
            "name": called(one.name, one.phone),
            "channel": one.channel,
            "state": one.state,
            "answered_by": {"ai": "assistant", "queue": "nobody yet", "human": "a person"}[one.owner],
            "person": one.owner_name if one.owner == "human" else None,
            "waits": waits(now - one.waiting_since) if one.waiting_since else None,
            "urgency": one.risk if one.risk != "normal" else None,
            "last_words": _short(one.preview),
        }
    )


def handoff_data(one: Standing, now: datetime) -> dict[str, Any]:
    """A handoff; `overdue_for` where it is, else `due_in`."""
    return _known(
        {
            "handoff": str(one.id),
            "conversation": str(one.conversation),
            "kind": one.kind,
            "state": one.state,
            "urgency": one.urgency,
            "name": called(one.name, one.phone),
            "summary": _short(one.summary),
            "claimed_by": one.claimed_by,
            "overdue_for": waits(now - one.due_at) if one.overdue else None,
            "due_in": waits(one.due_at - now) if one.due_at > now and one.state == "open" else None,
        }
    )


def name_figures(those: Iterable[Talk | Standing | Waiting]) -> Iterable[Figure]:
    """The numbers that stand where a name would: the network vouched for them. What somebody gave as a name vouches for nothing."""
    for one in those:
        if one.phone and not one.name:
            yield Figure("phone", one.phone)


def waits(span: timedelta) -> str:
    """`12 minutes`, `26 hours`, `3 days`: whole ones, rounded down."""
    minutes = max(int(span.total_seconds() // 60), 0)
    for unit, length, least in (("day", 1_440, 2_880), ("hour", 60, 120), ("minute", 1, 0)):
        if minutes >= least:
            count = minutes // length
            return f"{count} {unit}{'' if count == 1 else 's'}"
    raise AssertionError("unreachable")


def spans_of(*texts: str | None) -> Iterable[Figure]:
    """What `waits` said, as figures."""
    for text in texts:
        if text:
            yield from figures_in(text, "en")


def number_figure(count: int) -> Figure:
    """How many of something there are."""
    return Figure("number", str(count))


def contact_figures(identities: Iterable[Mapping[str, Any]]) -> Iterable[Figure]:
    """Phones and e-mail addresses of a customer."""
    for one in identities:
        if one["kind"] in ("phone", "email"):
            yield Figure(one["kind"], one["value"])


def _contacts(data: Facts) -> Iterable[Figure]:
    return contact_figures({"kind": key, "value": data[key]} for key in ("phone", "email") if data.get(key))


def _moments(data: Facts, *names: str) -> Iterable[Figure]:
    for name in names:
        if name in data:
            moment = datetime.fromisoformat(data[name])
            yield from date_figures(moment.date())
            yield from time_figures(moment.time())


def _local(moment: datetime | None, zone: tzinfo) -> str | None:
    return None if moment is None else moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def _short(text: str) -> str:
    return cut(" ".join(text.split()), SAID)


def cut(text: str, most: int) -> str:
    """At most so many characters; what was cut shows."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _known(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value is not None and value != ""}
