"""A filter as SQL: one condition over `core.customer`. Each part is `id IN (select ...)` that depends on no outer row, so that PostgreSQL
reads what it needs once, however many customers there are."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, false, func, not_, or_, select, true

from business.campaigns import filters
from business.campaigns.filters import Filter
from business.channels.zones import zones_of
from business.profile.schemas import Profile
from kernel.errors import BadRequest
from kernel.tables.ai import ChatMessage, ChatSession
from kernel.tables.core import Customer, Identity
from kernel.tables.crm import Lead
from kernel.tables.marketing import CampaignRecipient
from kernel.tables.ops import Booking

COUNTED = ("confirmed", "in_progress", "completed", "cancellation_requested")
"""Bookings that are parties, or were."""
DONE = ("completed",)
_ZIP = r"\m(\d{5})(?:-\d{4})?\s*$"
_EARTH_MILES = 3958.8


@dataclass(frozen=True, slots=True)
class Asked:
    """What a filter is read by."""

    profile: Profile
    now: datetime

    def ago(self, days: int) -> datetime:
        return self.now - timedelta(days=days)


def condition(filter: Filter, asked: Asked) -> ColumnElement[bool]:
    """Whether a row of `core.customer` is so. Raises BadRequest for a ZIP code that there is not."""
    match filter:
        case filters.AllOf():
            return and_(true(), *(condition(part, asked) for part in filter.all))
        case filters.AnyOf():
            return or_(false(), *(condition(part, asked) for part in filter.any))
        case filters.NotThis():
            return not_(condition(filter.not_, asked))
        case filters.Language():
            return func.lower(func.left(func.coalesce(Customer.locale, asked.profile.business.locale), 2)).in_(
                [one.split("-")[0].lower() for one in filter.locales]
            )
        case filters.InStates():
            return _in_states(filter.states)
        case filters.InZones():
            return _in_zones(filter.zones)
        case filters.Near():
            return _near(filter)
        case filters.Booked():
            return _booked(filter, asked)
        case filters.Upcoming():
            return _who(_parties().where(Booking.starts_at > asked.now))
        case filters.Spent():
            return _spent(filter)
        case filters.PartySize():
            return _party_size(filter)
        case filters.IsLead():
            return _lead(filter, asked)
        case filters.Quiet():
            return not_(_who(_wrote(asked.ago(filter.days))))
        case filters.Campaigned():
            return _who(select(CampaignRecipient.customer_id).where(CampaignRecipient.written_at >= asked.ago(filter.days)))
    raise AssertionError(filter)


def _who(customers: Any) -> ColumnElement[bool]:
    """Customers whose id one of these rows names."""
    return Customer.id.in_(customers)


def _parties(*states: str) -> Any:
    return select(Booking.customer_id).where(Booking.status.in_(states or COUNTED))


def _wrote(since: datetime) -> Any:
    spoke = (ChatMessage.author_kind == "customer", ChatMessage.created_at >= since)
    return select(ChatSession.customer_id).join(ChatMessage, ChatMessage.conversation_id == ChatSession.id).where(*spoke)


def _booked(filter: filters.Booked, asked: Asked) -> ColumnElement[bool]:
    per = _parties().group_by(Booking.customer_id)
    last = func.max(Booking.starts_at)
    found: list[ColumnElement[bool]] = []
    if filter.times_from:
        found.append(_who(per.having(func.count() >= filter.times_from)))
    if filter.times_to is not None:
        found.append(not_(_who(per.having(func.count() > filter.times_to))))
    if filter.last_before_days is not None:
        found.append(_who(per.having(last <= asked.ago(filter.last_before_days))))
    if filter.last_within_days is not None:
        found.append(_who(per.having(last >= asked.ago(filter.last_within_days))))
    return and_(true(), *found)


def _spent(filter: filters.Spent) -> ColumnElement[bool]:
    per = _parties(*DONE).group_by(Booking.customer_id)
    total = func.sum(func.coalesce(Booking.total_cents, 0))
    found: list[ColumnElement[bool]] = []
    if filter.cents_from:
        found.append(_who(per.having(total >= filter.cents_from)))
    if filter.cents_to is not None:
        found.append(not_(_who(per.having(total > filter.cents_to))))
    return and_(true(), *found)


def _party_size(filter: filters.PartySize) -> ColumnElement[bool]:
    """Of somebody of whose party nothing is known, neither end is true."""
    said = Lead.facts["adults"].astext
    asked_for = cast(case((said.regexp_match(r"^\d{1,6}$"), said), else_="0"), BigInteger)
    known = or_(_who(_parties()), _who(select(Lead.customer_id).where(asked_for > 0)))

    def at_least(guests: int) -> ColumnElement[bool]:
        return or_(_who(_parties().where(Booking.guests >= guests)), _who(select(Lead.customer_id).where(asked_for >= guests)))

    found = [known]
    if filter.guests_from is not None:
        found.append(at_least(filter.guests_from))
    if filter.guests_to is not None:
        found.append(not_(at_least(filter.guests_to + 1)))
    return and_(*found)


def _lead(filter: filters.IsLead, asked: Asked) -> ColumnElement[bool]:
    query = select(Lead.customer_id)
    if filter.statuses:
        query = query.where(Lead.status.in_(filter.statuses))
    if filter.sources:
        query = query.where(Lead.source.in_(filter.sources))
    if filter.temperatures:
        rule = asked.profile.leads.score
        within = {
            "hot": Lead.score >= rule.hot_from,
            "warm": and_(Lead.score >= rule.warm_from, Lead.score < rule.hot_from),
            "cold": Lead.score < rule.warm_from,
        }
        query = query.where(or_(*(within[one] for one in filter.temperatures)))
    return _who(query)


def _in_states(states: tuple[str, ...]) -> ColumnElement[bool]:
    """`12 Oak Street, San Jose, CA 95112`, or `Fremont CA`."""
    pattern = rf"(?:,|\s)\s*(?:{'|'.join(states)})\M(?:\s+\d{{5}}(?:-\d{{4}})?)?\s*$"
    return or_(
        _who(_parties().where(Booking.address.regexp_match(pattern))),
        _who(select(Lead.customer_id).where(Lead.facts["place"].astext.regexp_match(pattern))),
    )


def _in_zones(zones: tuple[str, ...]) -> ColumnElement[bool]:
    """Of the numbering plan of North America, by area codes; other countries' numbers are in none of its zones."""
    wanted = set(zones)
    areas = [area for area, names in _areas().items() if wanted & names]
    return _who(select(Identity.customer_id).where(Identity.kind == "phone", func.left(Identity.value, 5).in_(areas)))


@lru_cache(maxsize=1)
def _areas() -> dict[str, frozenset[str]]:
    """`+1510`: the zones in which its numbers may be."""
    codes = [f"+1{area}" for area in range(200, 1000)]
    return {code: frozenset(zone.key for zone in zones_of(f"{code}2345678")) for code in codes}


def _near(filter: filters.Near) -> ColumnElement[bool]:
    """By the spot of a party where it is known, else by the ZIP code at the end of its address."""
    spot = _spots().get(filter.zip)
    if spot is None:
        raise BadRequest("There is no such ZIP code.")
    codes = [code for code, other in _spots().items() if _miles(spot, other) <= filter.miles]
    place = Lead.facts["place"].astext
    return or_(
        _who(_parties().where(Booking.latitude.is_not(None), _miles_from(spot) <= filter.miles)),
        _who(_parties().where(Booking.latitude.is_(None), func.substring(Booking.address, _ZIP).in_(codes))),
        _who(select(Lead.customer_id).where(func.substring(place, _ZIP).in_(codes))),
    )


@lru_cache(maxsize=1)
def _spots() -> dict[str, tuple[float, float]]:
    """Where every ZIP code's area has its middle."""
    import zipcodes

    rows = zipcodes.list_all()  # type: ignore[no-untyped-call]
    return {row["zip_code"]: (float(row["lat"]), float(row["long"])) for row in rows if row["lat"] and row["long"]}


def _miles(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Along a great circle."""
    (a, b), (c, d) = (tuple(map(radians, spot)) for spot in (one, other))
    half = sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2
    return 2 * _EARTH_MILES * asin(sqrt(min(half, 1.0)))


def _miles_from(spot: tuple[float, float]) -> Any:
    """The same in SQL, to a booking's spot."""
    latitude, longitude = func.radians(Booking.latitude), func.radians(Booking.longitude)
    a, b = radians(spot[0]), radians(spot[1])
    half = func.power(func.sin((latitude - a) / 2), 2) + cos(a) * func.cos(latitude) * func.power(func.sin((longitude - b) / 2), 2)
    return 2 * _EARTH_MILES * func.asin(func.sqrt(func.least(half, 1.0)))
