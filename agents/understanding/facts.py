"""What a customer has told about the party, gathered over the conversation: the newest word counts. Stored as its memory."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any, Literal, get_args

from business.pricing.rules import Party
from business.profile.schemas import Profile
from business.travel.places import Place

Daypart = Literal["morning", "lunch", "afternoon", "evening", "night"]
DAYPARTS: tuple[Daypart, ...] = get_args(Daypart)


@dataclass(frozen=True, slots=True)
class Where:
    """The place of the party, as said: miles outright, a ZIP code, a city, or an address.

    `place` is None for a ZIP code that does not exist and for a street without a city. `address`: street, city and ZIP as far as told,
    in the customer's own spelling.
    """

    said: str
    miles: Decimal | None = None
    place: Place | None = None
    address: str | None = None

    @property
    def unknown(self) -> bool:
        """Whether it says nothing: a ZIP code that does not exist."""
        return self.miles is None and self.place is None and self.address is None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known. In what one message told (`Heard.fresh`), a count of 0 in a mapping takes a dish back.

    `people`: guests whose ages were not told. `dates`: one, or the alternatives that the customer named, best first; never past ones.
    `time`: the start, in the venue's zone. Mappings: persons (for `proteins`: picks) per key of the menu. `for_everyone`: dishes that
    every eater gets, counted anew when the party changes. `phone`: E.164. `diet_counts`: persons per diet, where told.
    `no_allergens`: the customer said that there are none. `preferred_contact`: phone, text or email.
    """

    adults: int | None = None
    children: int | None = None
    under_six: int | None = None
    people: int | None = None
    where: Where | None = None
    dates: tuple[dt.date, ...] = ()
    time: dt.time | None = None
    daypart: Daypart | None = None
    proteins: Mapping[str, int] = field(default_factory=dict)
    upgrades: Mapping[str, int] = field(default_factory=dict)
    add_ons: Mapping[str, int] = field(default_factory=dict)
    premium_extras: Mapping[str, int] = field(default_factory=dict)
    for_everyone: tuple[str, ...] = ()
    diets: tuple[str, ...] = ()
    diet_counts: Mapping[str, int] = field(default_factory=dict)
    allergens: tuple[str, ...] = ()
    no_allergens: bool = False
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    preferred_contact: str | None = None

    @property
    def has_party(self) -> bool:
        return any(n is not None for n in (self.adults, self.children, self.under_six, self.people))

    @property
    def has_picks(self) -> bool:
        """Whether anything was chosen that costs extra."""
        return bool(self.upgrades or self.add_ons or self.premium_extras)

    def party(self) -> Party:
        """People of unknown age count as adults, less those children that were named."""
        children, under_six = self.children or 0, self.under_six or 0
        adults = self.adults
        if adults is None:
            adults = max((self.people or 0) - children - under_six, 0)
        return Party(adults, children, under_six)

    def to_json(self) -> dict[str, Any]:
        """What is known, as JSON: nothing for what is not."""
        known = ((item.name, getattr(self, item.name)) for item in fields(self))
        return {name: _written(value) for name, value in known if value or (value == 0 and value is not False)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Facts":
        """What `to_json` wrote, of this version or another: names that are not known and values that make no sense are left out."""
        known: dict[str, Any] = {}
        for item in fields(cls):
            value = _read(item.name, stored.get(item.name))
            if value is not None:
                known[item.name] = value
        return cls(**known)


COUNTS = ("adults", "children", "under_six", "people")
PLAIN = (*COUNTS, "time", "daypart", "name", "phone", "email", "preferred_contact")
MAPPINGS = ("proteins", "upgrades", "add_ons", "premium_extras")


def merge(older: Facts, newer: Facts, profile: Profile | None = None) -> Facts:
    """`newer` said after `older`. A new head count replaces the old one's ages; a new place replaces the old place.

    With `profile`, dishes for everyone are counted anew for the merged party.
    """
    if newer.people is not None:
        older = replace(older, adults=None, children=None, under_six=None)
    elif newer.adults is not None:
        older = replace(older, people=None)
    merged: dict[str, Any] = {name: _newest(getattr(older, name), getattr(newer, name)) for name in PLAIN}
    if newer.time is None and newer.daypart is not None and newer.daypart != older.daypart:
        # "make it lunch" after "at six": the old hour no longer holds.
        merged["time"] = None
    elif newer.time is not None and newer.daypart is None:
        merged["daypart"] = None
    counts: dict[str, Any] = {name: _counts(getattr(older, name), getattr(newer, name)) for name in MAPPINGS}
    whole = Facts(
        **merged,
        **counts,
        where=_place(older.where, newer.where),
        dates=newer.dates or older.dates,
        for_everyone=_everyone(older, newer),
        diets=_union(older.diets, newer.diets),
        diet_counts=_counts(older.diet_counts, newer.diet_counts),
        allergens=() if newer.no_allergens else _union(older.allergens, newer.allergens),
        no_allergens=newer.no_allergens or (older.no_allergens and not newer.allergens),
    )
    return whole if profile is None or not whole.for_everyone else _counted(profile, whole)


def _newest(older: Any, newer: Any) -> Any:
    return older if newer is None else newer


def _union(older: tuple[str, ...], newer: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*older, *newer)))


def _counts(older: Mapping[str, int], newer: Mapping[str, int]) -> dict[str, int]:
    return {key: count for key, count in {**older, **newer}.items() if count > 0}


def _everyone(older: Facts, newer: Facts) -> tuple[str, ...]:
    """A dish that was counted or taken back since is no longer for everyone."""
    told = {key for name in MAPPINGS for key in getattr(newer, name)}
    return tuple(dict.fromkeys((*(key for key in older.for_everyone if key not in told), *newer.for_everyone)))


def _counted(profile: Profile, facts: Facts) -> Facts:
    eaters = facts.party().eaters
    if not eaters:
        return facts
    found: dict[str, dict[str, int]] = {}
    menu = profile.menu
    for name, dishes in (("proteins", menu.proteins), ("upgrades", menu.upgrades), ("add_ons", menu.add_ons)):
        keys = [dish.key for dish in dishes if dish.key in facts.for_everyone]
        found[name] = {**getattr(facts, name), **dict.fromkeys(keys, eaters)}
    return replace(facts, proteins=found["proteins"], upgrades=found["upgrades"], add_ons=found["add_ons"])


def _place(older: Where | None, newer: Where | None) -> Where | None:
    """A street completes the city that was told before it, and a city or ZIP code the street."""
    if older is None or newer is None:
        return newer or older
    if newer.address is not None and newer.place is None and newer.miles is None and older.place is not None:
        return replace(newer, said=older.said if older.address is None else newer.said, place=older.place)
    if newer.address is None and older.address is not None and newer.place is not None:
        if older.place is None:
            return replace(newer, address=f"{older.address}, {newer.said}")
        if (older.place.name, older.place.state) == (newer.place.name, newer.place.state):
            whole = older.address if newer.said in older.address else f"{older.address}, {newer.said}"
            return replace(newer, address=whole)
    return newer


def _written(value: Any) -> Any:
    match value:
        case Where():
            place = value.place
            where = {
                "said": value.said,
                "miles": None if value.miles is None else str(value.miles),
                "place": None if place is None else [place.name, place.state, place.latitude, place.longitude],
                "address": value.address,
            }
            return {name: item for name, item in where.items() if item is not None}
        case dt.time():
            return value.strftime("%H:%M")
        case dt.date():
            return value.isoformat()
        case tuple():
            return [_written(item) for item in value]
        case Mapping():
            return dict(value)
        case _:
            return value


def _read(name: str, value: Any) -> Any:
    """The stored value of a field, None where it is not one."""
    try:
        return _READ[name](value) if value is not None else None
    except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError):
        return None


def _read_where(value: Any) -> Where:
    miles, place = value.get("miles"), value.get("place")
    found = None if place is None else Place(str(place[0]), str(place[1]), float(place[2]), float(place[3]))
    address = value.get("address")
    return Where(str(value["said"]), None if miles is None else Decimal(miles), found, None if address is None else str(address))


def _read_count(value: Any) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _read_text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _read_keys(value: Any) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str))


def _read_mapping(value: Any) -> dict[str, int]:
    return {key: count for key, count in value.items() if isinstance(key, str) and type(count) is int and count > 0}


_READ: dict[str, Any] = {
    **dict.fromkeys(COUNTS, _read_count),
    **dict.fromkeys((*MAPPINGS, "diet_counts"), _read_mapping),
    **dict.fromkeys(("for_everyone", "diets", "allergens"), _read_keys),
    **dict.fromkeys(("name", "phone", "email", "preferred_contact"), _read_text),
    "where": _read_where,
    "dates": lambda value: tuple(dt.date.fromisoformat(item) for item in value),
    "time": dt.time.fromisoformat,
    "daypart": lambda value: value if value in DAYPARTS else None,
    "no_allergens": lambda value: value is True,
}
