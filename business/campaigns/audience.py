"""Whom a campaign would reach now, and whom not and why: one statement, however many customers there are.

Each customer is written to at one number: one that agreed to marketing before another, one that was proved before one that was claimed,
the newest before an older one. A number that several customers claim gets one text. Customers who were merged into others are those.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, case, false, func, literal, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from business.campaigns import filters
from business.campaigns.conditions import Asked, condition
from business.campaigns.filters import Filter
from business.channels.consent import LIFTS
from business.channels.zones import is_open, opening, zones_at, zones_of
from business.profile.schemas import Profile
from kernel.tables.core import Customer, Identity
from kernel.tables.crm import Consent
from kernel.tables.ops import Booking, TextMessage, TextNumber

NOBODYS = r"^\+1\d{3}55501\d{2}$"
SPENT = ("waiting", "sending", "sent", "delivered", "unknown")
"""States of texts that count against the month: they went, or may yet."""


@dataclass(frozen=True, slots=True)
class Group:
    """Customers who are alike in what a count tells apart. `sample`: the number of one of them; None where they have none."""

    why: str | None
    locale: str
    sample: str | None
    zip: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Counted:
    """`matched`: customers; `reachable`: numbers, by language and by zone; `left_out`: customers by why."""

    matched: int
    reachable: int
    locales: dict[str, int]
    zones: dict[str, int]
    left_out: dict[str, int]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Reached:
    """One who gets it. `zip` of the address that they last booked for."""

    customer: Any
    number: str
    locale: str
    zip: str | None


async def count(connection: AsyncConnection, filter: Filter, asked: Asked, countries: tuple[str, ...]) -> Counted:
    """Who would get a campaign with this filter now. Raises BadRequest for a filter that cannot be read."""
    whole = (await _audience(filter, asked)).subquery()
    area, code = func.left(whole.c.number, 5), func.left(whole.c.zip, 3)
    query = select(whole.c.why, whole.c.locale, func.min(whole.c.number).label("sample"), func.min(whole.c.zip).label("zip"), func.count())
    rows = (await connection.execute(query.group_by(whole.c.why, whole.c.locale, area, code))).all()
    groups = [Group(_abroad(row.why, row.sample, countries), row.locale, row.sample, row.zip, row[4]) for row in rows]
    return _counted(groups, asked)


async def reached(connection: AsyncConnection, filter: Filter, asked: Asked, countries: tuple[str, ...]) -> list[Reached]:
    """Everybody who gets it, by number."""
    whole = (await _audience(filter, asked)).subquery()
    query = select(whole).where(whole.c.why.is_(None)).order_by(whole.c.number)
    found = [Reached(row.id, row.number, row.locale, row.zip) for row in await connection.execute(query)]
    return [one for one in found if country(one.number) in countries]


@dataclass(frozen=True, slots=True)
class Due:
    """When somebody is written to, at the earliest, and by the clock of which zone."""

    at: datetime
    zone: str


def due(profile: Profile, number: str, zip: str | None, day: date | None, hour: time | None, now: datetime) -> Due:
    """From `hour` of `day` on in every zone where they may be (None: today, when texts may first go), and while it is day in all. Where
    that day is over, from that hour of the next one on."""
    where = tuple(dict.fromkeys((*zones_of(number), *_home(zip))))
    last = max(where, key=lambda zone: _begin(profile, zone, day, hour, now))
    begin = now if day is None and hour is None else max(now, _begin(profile, last, day, hour, now))
    opens = opening(begin, where, profile)
    if hour is not None and opens > begin:
        later = max(_begin(profile, zone, opens.astimezone(zone).date(), hour, opens) for zone in where)
        opens = max(opens, later) if is_open(later, where, profile) else opens
    return Due(opens, last.key)


def _begin(profile: Profile, zone: ZoneInfo, day: date | None, hour: time | None, now: datetime) -> datetime:
    local = day or now.astimezone(zone).date()
    return datetime.combine(local, hour or profile.messages.sms.from_time, zone).astimezone(UTC)


@lru_cache(maxsize=4096)
def _home(zip: str | None) -> tuple[ZoneInfo, ...]:
    return zones_at(zip)


@lru_cache(maxsize=4096)
def country(number: str) -> str | None:
    """`US`; None for a number that is none."""
    from phonenumbers import NumberParseException, parse, region_code_for_number

    try:
        return region_code_for_number(parse(number))
    except NumberParseException:
        return None


def _abroad(why: str | None, number: str | None, countries: tuple[str, ...]) -> str | None:
    """Numbers that begin alike are of one country."""
    if why is None and number is not None and country(number) not in countries:
        return "country"
    return why


def _counted(groups: Sequence[Group], asked: Asked) -> Counted:
    locales: dict[str, int] = {}
    zones: dict[str, int] = {}
    left_out: dict[str, int] = {}
    for one in groups:
        if one.why is not None or one.sample is None:
            left_out[one.why or "no_number"] = left_out.get(one.why or "no_number", 0) + one.count
            continue
        zone = due(asked.profile, one.sample, one.zip, None, None, asked.now).zone
        locales[one.locale] = locales.get(one.locale, 0) + one.count
        zones[zone] = zones.get(zone, 0) + one.count
    reachable = sum(locales.values())
    return Counted(reachable + sum(left_out.values()), reachable, locales, zones, left_out, tuple(groups))


async def _audience(filter: Filter, asked: Asked) -> Select[Any]:
    """Customers of the filter: id, number, locale, zip, why (None: they get it)."""
    slow = any(isinstance(one, filters.Near) for one in filters.walk(filter))  # a table of all ZIP codes is read once
    where = await asyncio.to_thread(condition, filter, asked) if slow else condition(filter, asked)
    each = _each(where, asked.profile.business.locale).cte("each")
    rank = func.row_number().over(partition_by=each.c.number, order_by=(each.c.verified.desc(), each.c.created_at, each.c.id))
    full = each.c.number.in_(_full(asked))
    why = case(
        (each.c.number.is_(None), "no_number"),
        (each.c.number.regexp_match(NOBODYS), "placeholder"),
        (func.coalesce(each.c.stopped, false()), "stopped"),
        (~func.coalesce(each.c.agreed, false()), "no_consent"),
        (each.c.unreachable, "unreachable"),
        (full, "cap"),
        (rank > 1, "same_number"),
    )
    return select(each.c.id, each.c.number, each.c.locale, each.c.zip, why.label("why"))


def _each(where: Any, home: str) -> Select[Any]:
    """One row a customer, with the number that they are written to at and what is known of it."""
    agreed, stopped, homes = _agreed().cte("agreed"), _stopped().cte("stopped"), _homes().cte("homes")
    language = case((func.lower(func.left(func.coalesce(Customer.locale, home), 2)) == "es", "es"), else_=literal("en"))
    query = (
        select(
            Customer.id,
            Customer.created_at,
            language.label("locale"),
            Identity.value.label("number"),
            func.coalesce(Identity.verified, false()).label("verified"),
            agreed.c.granted.label("agreed"),
            (~stopped.c.granted).label("stopped"),
            TextNumber.unreachable_at.is_not(None).label("unreachable"),
            homes.c.zip,
        )
        .outerjoin(Identity, (Identity.customer_id == Customer.id) & (Identity.kind == "phone"))
        .outerjoin(agreed, agreed.c.address == Identity.value)
        .outerjoin(stopped, stopped.c.address == Identity.value)
        .outerjoin(TextNumber, TextNumber.number == Identity.value)
        .outerjoin(homes, homes.c.customer_id == Customer.id)
        .where(Customer.merged_into.is_(None), where)
        .ext(distinct_on(Customer.id))
    )
    best = (func.coalesce(agreed.c.granted, false()).desc(), Identity.verified.desc().nulls_last(), Identity.created_at.desc().nulls_last())
    return query.order_by(Customer.id, *best)


def _agreed() -> Any:
    """By number: what the newest entry of its ledger that is about marketing says."""
    about = Consent.purpose.in_(("marketing", "all"))
    return _newest().where(about)


def _stopped() -> Any:
    """By number: whether the phone stopped all (false), or lifted that (true)."""
    lifted = Consent.granted & Consent.source.in_(sorted(LIFTS))
    return _newest().where((Consent.purpose == "all") | lifted)


def _newest() -> Any:
    query = select(Consent.address, Consent.granted).where(Consent.channel == "sms").ext(distinct_on(Consent.address))
    return query.order_by(Consent.address, Consent.at.desc(), Consent.id.desc())


def _homes() -> Select[Any]:
    """By customer: the ZIP code of the address that they last booked for."""
    code = func.substring(Booking.address, r"\m(\d{5})(?:-\d{4})?\s*$")
    query = select(Booking.customer_id, code.label("zip")).ext(distinct_on(Booking.customer_id))
    return query.order_by(Booking.customer_id, Booking.created_at.desc())


def _full(asked: Asked) -> Select[Any]:
    """Numbers that have had as much of marketing this month as one may; the month is the business's."""
    month = asked.now.astimezone(asked.profile.business.zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    counted = (TextMessage.purpose == "marketing", TextMessage.created_at >= month, TextMessage.state.in_(SPENT))
    had = select(TextMessage.to_number).where(*counted).group_by(TextMessage.to_number)
    return had.having(func.count() >= asked.profile.messages.sms.per_month)
