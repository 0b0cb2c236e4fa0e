"""The chefs as staff keep them: who cooks from which station, what they take, when they work. Every change is audited;
`by` None is the command line."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings.availability import station_of
from business.bookings.chefs import WorkTime
from business.bookings.diary import LAPSED
from business.bookings.records import lock_chefs
from business.bookings.rules import OCCUPYING
from business.profile.schemas import Profile
from business.staff import audit
from kernel.errors import BadRequest, Conflict, NotFound
from kernel.ids import new_id
from kernel.tables.ops import Booking, Chef, ChefTime


@dataclass(frozen=True, slots=True)
class Cook:
    """A chef with their calendar. An inactive one gets no party and keeps their past ones."""

    id: UUID
    number: int
    name: str
    station: str
    largest: str
    rating: Decimal | None
    active: bool
    times: tuple[WorkTime, ...]


async def everyone(connection: AsyncConnection) -> tuple[Cook, ...]:
    """The active ones first, by name."""
    rows = (await connection.execute(select(Chef).order_by(Chef.active.desc(), func.lower(Chef.name), Chef.number))).all()
    times = await _times(connection)
    return tuple(_cook(row, times.get(row.id, ())) for row in rows)


async def one(connection: AsyncConnection, chef: UUID) -> Cook:
    """Raises NotFound."""
    row = (await connection.execute(select(Chef).where(Chef.id == chef))).one_or_none()
    if row is None:
        raise NotFound("There is no such chef.")
    return _cook(row, (await _times(connection, chef)).get(chef, ()))


async def add(connection: AsyncConnection, profile: Profile, chef: UUID, values: dict[str, Any], by: UUID | None) -> Cook:
    """A new one, under an id of the caller's: again is the same. `values`: name, station, largest, rating."""
    station_of(profile, values["station"])
    made = await connection.scalar(
        postgresql.insert(Chef).values(id=chef, **values).on_conflict_do_nothing(index_elements=["id"]).returning(Chef.id)
    )
    if made is not None:
        await audit.record(connection, _actor(by), by, "chef.added", chef, {"station": values["station"]})
    return await one(connection, chef)


async def change(connection: AsyncConnection, profile: Profile, chef: UUID, values: dict[str, Any], by: UUID | None) -> Cook:
    """What is given is changed. Raises Conflict where parties would lose their chef."""
    row = await _locked(connection, chef)
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return await one(connection, chef)
    if "station" in changed:
        station_of(profile, changed["station"])
    if "station" in changed or changed.get("active") is False:
        await _free_of_parties(connection, row)
    await connection.execute(update(Chef).where(Chef.id == chef).values(**changed, changed_at=func.clock_timestamp()))
    await audit.record(connection, _actor(by), by, "chef.changed", chef, {"changed": sorted(changed)})
    return await one(connection, chef)


async def set_times(connection: AsyncConnection, profile: Profile, chef: UUID, times: Sequence[WorkTime], by: UUID | None) -> Cook:
    """Their whole calendar, in the place of the one before. Raises Conflict where a day off has a party of theirs already."""
    _possible(times)
    known = await one(connection, chef)
    # Whoever gives a party to a chef holds the chef's day: it is either seen below, or sees the day off.
    days_off = sorted({line.day for line in times if line.kind == "off" and line.day is not None})
    await lock_chefs(connection, station_of(profile, known.station), days_off)
    row = await _locked(connection, chef)
    before = (await _times(connection, chef)).get(chef, ())
    if set(before) == set(times):
        return await one(connection, chef)
    new_off = set(days_off) - {line.day for line in before if line.kind == "off"}
    await _free_of_parties(connection, row, sorted(new_off))
    await connection.execute(delete(ChefTime).where(ChefTime.chef_id == chef))
    for line in dict.fromkeys(times):
        await connection.execute(insert(ChefTime).values(id=new_id(), chef_id=chef, **asdict(line)))
    await connection.execute(update(Chef).where(Chef.id == chef).values(changed_at=func.clock_timestamp()))
    await audit.record(connection, _actor(by), by, "chef.hours_changed", chef, {"lines": len(times)})
    return await one(connection, chef)


def _actor(by: UUID | None) -> audit.ActorKind:
    return "cli" if by is None else "staff"


def _possible(times: Sequence[WorkTime]) -> None:
    for line in times:
        if (line.kind == "weekly") != (line.weekday is not None) or (line.kind == "weekly") == (line.day is not None):
            raise BadRequest("Hours of every week have a weekday; hours of one day have its date.")
        if line.kind != "off" and line.from_minute is None:
            raise BadRequest("Say from when to when.")
        if (line.from_minute is None) != (line.to_minute is None):
            raise BadRequest("Hours have a beginning and an end.")
        if line.from_minute is not None and line.to_minute is not None and line.from_minute >= line.to_minute:
            raise BadRequest("The hours end before they begin. What goes past midnight counts on: 1 AM is 25:00.")


async def _free_of_parties(connection: AsyncConnection, row: Any, days: Sequence[date] | None = None) -> None:
    """Raises Conflict where they have parties to come (on these days): somebody else must take those first."""
    theirs = [Booking.chef_number == row.number, Booking.status.in_(OCCUPYING), ~LAPSED, Booking.ends_at > func.clock_timestamp()]
    if days is not None:
        theirs.append(Booking.day.in_(days))
    found = list(await connection.scalars(select(Booking.number).where(*theirs).order_by(Booking.starts_at).limit(5)))
    if found:
        named = ", ".join(f"#{number}" for number in found)
        raise Conflict(f"{row.name} still has parties then: {named}. Give them to somebody else first.")


async def _locked(connection: AsyncConnection, chef: UUID) -> Any:
    row = (await connection.execute(select(Chef).where(Chef.id == chef).with_for_update(key_share=True))).one_or_none()
    if row is None:
        raise NotFound("There is no such chef.")
    return row


async def _times(connection: AsyncConnection, chef: UUID | None = None) -> dict[UUID, tuple[WorkTime, ...]]:
    query = select(ChefTime).order_by(ChefTime.weekday, ChefTime.day, ChefTime.from_minute)
    found: dict[UUID, tuple[WorkTime, ...]] = {}
    for line in await connection.execute(query if chef is None else query.where(ChefTime.chef_id == chef)):
        work = WorkTime(line.kind, line.weekday, line.day, line.from_minute, line.to_minute)
        found[line.chef_id] = (*found.get(line.chef_id, ()), work)
    return found


def _cook(row: Any, times: tuple[WorkTime, ...]) -> Cook:
    return Cook(row.id, row.number, row.name, row.station, row.largest, row.rating, row.active, times)
