"""The chef's sheet: where to be when, for whom, what to bring, what to collect. What nobody told is named as missing, never made up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.payments import ledger
from business.pricing.rules import Party
from business.profile.fields import Word
from business.profile.schemas import Profile
from kernel.errors import NotFound
from kernel.tables.core import Customer
from kernel.tables.ops import Booking, Chef


@dataclass(frozen=True, slots=True)
class Counted:
    """A dish by its name in the business's language; one that the menu does not have any more by its key."""

    key: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Picks:
    """The proteins. Base picks and upgrades together are `due`, which is so many per guest who eats; `unassigned` of them nobody chose
    yet, `surplus` are more than there should be."""

    base: tuple[Counted, ...]
    upgrades: tuple[Counted, ...]
    due: int

    @property
    def chosen(self) -> int:
        return sum(one.count for one in (*self.base, *self.upgrades))

    @property
    def unassigned(self) -> int:
        return max(0, self.due - self.chosen)

    @property
    def surplus(self) -> int:
        return max(0, self.chosen - self.due)


@dataclass(frozen=True, slots=True)
class ChefSheet:
    """`arrives_at`: the set-up begins. `extras`: add-ons and extra proteins. `collect_cents`: what is still to pay; None where no total is
    known. `missing`: what somebody has to ask, in words."""

    booking: UUID
    number: int
    status: str
    chef: str | None
    day: date
    arrives_at: datetime
    starts_at: datetime
    ends_at: datetime
    leaves_at: datetime
    name: str | None
    phone: str | None
    address: str
    party: Party
    picks: Picks
    extras: tuple[Counted, ...]
    allergies: tuple[str, ...]
    diets: tuple[str, ...]
    collect_cents: int | None
    missing: tuple[str, ...]


async def sheet(connection: AsyncConnection, profile: Profile, booking: UUID) -> ChefSheet:
    """The sheet as the booking stands now. Raises NotFound."""
    name = func.coalesce(Booking.contact_name, Customer.name).label("name")
    query = select(Booking, name, Chef.name.label("chef")).join(Customer, Customer.id == Booking.customer_id)
    row = (await connection.execute(query.outerjoin(Chef, Chef.number == Booking.chef_number).where(Booking.id == booking))).one_or_none()
    if row is None:
        raise NotFound("There is no such booking.")
    stands = await ledger.statement(connection, booking)
    party, facts = Party(**row.party), row.facts
    picks = picks_of(profile, party, facts)
    return ChefSheet(
        booking=row.id,
        number=row.number,
        status=row.status,
        chef=row.chef,
        day=row.day,
        arrives_at=row.busy.lower,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        leaves_at=row.busy.upper,
        name=row.name,
        phone=row.contact_phone,
        address=row.address,
        party=party,
        picks=picks,
        extras=_extras(profile, facts),
        allergies=_named(profile, (*profile.allergies.allergens, *profile.allergies.ask_a_person), facts.get("allergens", ())),
        diets=_named(profile, profile.allergies.diets, facts.get("diets", ())),
        collect_cents=max(0, stands.balance_cents) if stands.quoted else None,
        missing=_missing(picks, row),
    )


def picks_of(profile: Profile, party: Party, facts: Mapping[str, Any]) -> Picks:
    """Pure. `facts` as a hold keeps them: `proteins` and `upgrades`, guests by key."""
    base = _counted(profile, profile.menu.proteins, facts.get("proteins", {}))
    upgrades = _counted(profile, profile.menu.upgrades, facts.get("upgrades", {}))
    return Picks(base, upgrades, profile.menu.picks_per_guest * party.eaters)


def _extras(profile: Profile, facts: Mapping[str, Any]) -> tuple[Counted, ...]:
    premium = next((dish.in_locale(profile.business.locale) for dish in profile.menu.add_ons if dish.plus_upgrade), "")
    extras = _counted(profile, profile.menu.upgrades, facts.get("premium_extras", {}))
    return (
        *_counted(profile, profile.menu.add_ons, facts.get("add_ons", {})),
        *(Counted(one.key, f"{premium}: {one.name}", one.count) for one in extras),
    )


def _counted(profile: Profile, menu: Iterable[Word], wanted: Mapping[str, int]) -> tuple[Counted, ...]:
    """In the menu's order; what it does not have at the end, by its key."""
    names = {dish.key: dish.in_locale(profile.business.locale) for dish in menu}
    order = [*names, *(key for key in wanted if key not in names)]
    return tuple(Counted(key, names.get(key, key), wanted[key]) for key in order if wanted.get(key))


def _named(profile: Profile, known: Iterable[Word], keys: Iterable[str]) -> tuple[str, ...]:
    names = {word.key: word.in_locale(profile.business.locale) for word in known}
    return tuple(names.get(key, key) for key in keys)


def _missing(picks: Picks, row: Any) -> tuple[str, ...]:
    found = []
    if picks.unassigned:
        found.append(f"{picks.unassigned} of {picks.due} picks are not chosen yet")
    if picks.surplus:
        found.append(f"Too many picks, by {picks.surplus}: the guests have {picks.due}")
    if row.contact_phone is None:
        found.append("No phone number for the day itself")
    if row.chef_number is None:
        found.append("No chef is assigned")
    return tuple(found)
