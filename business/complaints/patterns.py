"""What complaints have in common over some weeks: when, how severe, about what, with which chef, and how long people took. Counted from
one read; who asks sees no names of customers."""

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from business.profile.schemas import Profile
from kernel.tables.ai import ChatMessage
from kernel.tables.ops import Booking, Chef, Complaint

MOST = 5_000
COOKED = ("confirmed", "in_progress", "completed", "no_show", "cancellation_requested")


@dataclass(frozen=True, slots=True)
class Week:
    """A week that begins on this Monday. Medians in minutes, None where nothing of that week is answered, or settled."""

    monday: date
    minor: int
    moderate: int
    severe: int
    answer_minutes: int | None
    resolve_minutes: int | None


@dataclass(frozen=True, slots=True)
class Share:
    """So many of a topic, a chef or a station; `of`: parties that they had meanwhile, None where that says nothing."""

    name: str
    count: int
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Patterns:
    """`chefs`: of complaints after a party, whose it was."""

    weeks: tuple[Week, ...]
    topics: tuple[Share, ...]
    chefs: tuple[Share, ...]
    stations: tuple[Share, ...]
    answer_minutes: int | None
    resolve_minutes: int | None


async def over(connection: AsyncConnection, profile: Profile, weeks: int, now: datetime) -> Patterns:
    """Of so many weeks up to now, this one included."""
    first = _monday(now.astimezone(profile.business.zone).date()) - timedelta(weeks=weeks - 1)
    since = datetime.combine(first, datetime.min.time(), profile.business.zone)
    rows = await _complaints(connection, since)
    parties = await _parties(connection, since, now)
    return Patterns(
        weeks=_weeks(profile, rows, first, weeks),
        topics=_topics(profile, rows),
        chefs=_shares(Counter(row.chef for row in rows if row.chef), Counter(row.chef for row in parties if row.chef)),
        stations=_shares(Counter(row.station for row in rows if row.station), Counter(row.station for row in parties)),
        answer_minutes=_median([row.answered_at - row.created_at for row in rows if row.answered_at]),
        resolve_minutes=_median([row.resolved_at - row.created_at for row in rows if row.resolved_at]),
    )


async def _complaints(connection: AsyncConnection, since: datetime) -> Sequence[Any]:
    """Each with the first answer of a person, and the customer's last party before it."""
    answered = (
        select(func.min(ChatMessage.created_at))
        .where(
            ChatMessage.conversation_id == Complaint.conversation_id,
            ChatMessage.author_kind == "human",
            ChatMessage.created_at >= Complaint.created_at,
        )
        .correlate(Complaint)
        .scalar_subquery()
    )
    party = (
        select(Booking.station, Booking.chef_number)
        .where(Booking.customer_id == Complaint.customer_id, Booking.starts_at <= Complaint.created_at, Booking.status.in_(COOKED))
        .order_by(Booking.starts_at.desc())
        .limit(1)
        .lateral("party")
    )
    query = (
        select(
            Complaint.severity,
            Complaint.topic,
            Complaint.created_at,
            Complaint.resolved_at,
            answered.label("answered_at"),
            party.c.station,
            Chef.name.label("chef"),
        )
        .select_from(Complaint)
        .outerjoin(party, true())
        .outerjoin(Chef, Chef.number == party.c.chef_number)
        .where(Complaint.created_at >= since)
    )
    return (await connection.execute(query.order_by(Complaint.created_at.desc()).limit(MOST))).all()


async def _parties(connection: AsyncConnection, since: datetime, now: datetime) -> Sequence[Any]:
    query = (
        select(Booking.station, Chef.name.label("chef"))
        .outerjoin(Chef, Chef.number == Booking.chef_number)
        .where(Booking.starts_at >= since, Booking.starts_at <= now, Booking.status.in_(COOKED))
    )
    return (await connection.execute(query.limit(MOST * 4))).all()


def _weeks(profile: Profile, rows: Sequence[Any], first: date, weeks: int) -> tuple[Week, ...]:
    of: dict[date, list[Any]] = {first + timedelta(weeks=n): [] for n in range(weeks)}
    for row in rows:
        monday = _monday(row.created_at.astimezone(profile.business.zone).date())
        if monday in of:
            of[monday].append(row)
    return tuple(_week(monday, found) for monday, found in of.items())


def _week(monday: date, rows: Sequence[Any]) -> Week:
    count = Counter(row.severity for row in rows)
    return Week(
        monday=monday,
        minor=count["minor"],
        moderate=count["moderate"],
        severe=count["severe"],
        answer_minutes=_median([row.answered_at - row.created_at for row in rows if row.answered_at]),
        resolve_minutes=_median([row.resolved_at - row.created_at for row in rows if row.resolved_at]),
    )


def _topics(profile: Profile, rows: Sequence[Any]) -> tuple[Share, ...]:
    """By the profile's names for them; one that it does not know any more keeps its key."""
    names = {topic.key: topic.en for topic in profile.complaints.topics}
    count = Counter(names.get(row.topic, row.topic) for row in rows if row.topic)
    return tuple(Share(name, number) for name, number in count.most_common())


def _shares(complaints: Counter[str], parties: Counter[str]) -> tuple[Share, ...]:
    return tuple(Share(name, count, parties[name] or None) for name, count in complaints.most_common())


def _median(took: Sequence[timedelta]) -> int | None:
    """Whole minutes."""
    return round(statistics.median(one.total_seconds() for one in took) / 60) if took else None


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
