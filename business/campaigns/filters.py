"""Whom a campaign is for, as a person says it: a tree of conditions. Consent to marketing is never said: it always counts.

    {"all": [{"is": "booked", "times_from": 1, "last_before_days": 180}, {"not": {"is": "upcoming"}}]}

An empty `all` is everybody, an empty `any` nobody.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from business.profile.fields import Key

MOST_CONDITIONS = 30
MOST_DEEP = 4

Days = Annotated[int, Field(ge=0, le=3650)]
Times = Annotated[int, Field(ge=0, le=1000)]
Cents = Annotated[int, Field(ge=0, le=100_000_000)]
Guests = Annotated[int, Field(ge=0, le=10_000)]
Zip = Annotated[str, Field(pattern=r"^\d{5}$")]
State = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Zone = Annotated[str, Field(pattern=r"^[A-Za-z]+(/[A-Za-z_+\-0-9]+){1,2}$", max_length=40)]
Temperature = Literal["hot", "warm", "cold"]
Status = Literal["new", "working", "qualified", "nurturing", "converted", "disqualified"]


class Condition(BaseModel):
    """A part of a filter: frozen, and a field that nobody knows is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)


class Language(Condition):
    """They are written to in one of these."""

    is_: Literal["language"] = Field(alias="is")
    locales: Annotated[tuple[Annotated[str, Field(max_length=10)], ...], Field(min_length=1, max_length=20)]


class InStates(Condition):
    """Their last party, or the one that they asked for, is in one of these states."""

    is_: Literal["state"] = Field(alias="is")
    states: Annotated[tuple[State, ...], Field(min_length=1, max_length=60)]


class InZones(Condition):
    """Their number's area code may be in one of these time zones."""

    is_: Literal["zone"] = Field(alias="is")
    zones: Annotated[tuple[Zone, ...], Field(min_length=1, max_length=20)]


class Near(Condition):
    """Their last party, or the one that they asked for, is within so many miles of the middle of a ZIP code's area, as the crow flies."""

    is_: Literal["near"] = Field(alias="is")
    zip: Zip
    miles: Annotated[int, Field(ge=1, le=500)]


class Booked(Condition):
    """How many parties they had or have, those that came to nothing aside; `last_before_days`: the last began at least so many days ago,
    `last_within_days`: at most. Of somebody who never had one neither is true."""

    is_: Literal["booked"] = Field(alias="is")
    times_from: Times | None = None
    times_to: Times | None = None
    last_before_days: Days | None = None
    last_within_days: Days | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Booked":
        _some(self, "times_from", "times_to", "last_before_days", "last_within_days")
        return self


class Upcoming(Condition):
    """They have a party ahead."""

    is_: Literal["upcoming"] = Field(alias="is")


class Spent(Condition):
    """What their parties that took place came to, in cents."""

    is_: Literal["spent"] = Field(alias="is")
    cents_from: Cents | None = None
    cents_to: Cents | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Spent":
        _some(self, "cents_from", "cents_to")
        return self


class PartySize(Condition):
    """Guests of their largest party, or of the one that they asked for."""

    is_: Literal["party"] = Field(alias="is")
    guests_from: Guests | None = None
    guests_to: Guests | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "PartySize":
        _some(self, "guests_from", "guests_to")
        return self


class IsLead(Condition):
    """They are a lead that is so; what is not said may be whichever."""

    is_: Literal["lead"] = Field(alias="is")
    temperatures: Annotated[tuple[Temperature, ...], Field(max_length=3)] = ()
    statuses: Annotated[tuple[Status, ...], Field(max_length=6)] = ()
    sources: Annotated[tuple[Key, ...], Field(max_length=30)] = ()


class Quiet(Condition):
    """They have not written for so many days, or never."""

    is_: Literal["quiet"] = Field(alias="is")
    days: Days


class Campaigned(Condition):
    """A campaign's text went to their number within so many days."""

    is_: Literal["campaigned"] = Field(alias="is")
    days: Days


class AllOf(Condition):
    """Each of them."""

    all: Annotated[tuple["Filter", ...], Field(max_length=MOST_CONDITIONS)]


class AnyOf(Condition):
    """At least one of them."""

    any: Annotated[tuple["Filter", ...], Field(max_length=MOST_CONDITIONS)]


class NotThis(Condition):
    """It is not so."""

    not_: "Filter" = Field(alias="not")


def _kind(value: Any) -> str | None:
    if isinstance(value, AllOf | AnyOf | NotThis):
        return {AllOf: "all", AnyOf: "any", NotThis: "not"}[type(value)]
    if isinstance(value, Condition):
        return str(getattr(value, "is_", None))
    if not isinstance(value, dict):
        return None
    return next((name for name in ("all", "any", "not") if name in value), None) or _named(value)


def _named(value: dict[str, Any]) -> str | None:
    named = value.get("is")
    return named if isinstance(named, str) else None


Filter = Annotated[
    Union[  # noqa: UP007 (the names below are not known yet)
        Annotated["AllOf", Tag("all")],
        Annotated["AnyOf", Tag("any")],
        Annotated["NotThis", Tag("not")],
        Annotated[Language, Tag("language")],
        Annotated[InStates, Tag("state")],
        Annotated[InZones, Tag("zone")],
        Annotated[Near, Tag("near")],
        Annotated[Booked, Tag("booked")],
        Annotated[Upcoming, Tag("upcoming")],
        Annotated[Spent, Tag("spent")],
        Annotated[PartySize, Tag("party")],
        Annotated[IsLead, Tag("lead")],
        Annotated[Quiet, Tag("quiet")],
        Annotated[Campaigned, Tag("campaigned")],
    ],
    Discriminator(
        _kind,
        custom_error_type="filter",
        custom_error_message="This is no condition: it has all, any, not, or says what it is",
    ),
]

for _model in (AllOf, AnyOf, NotThis):
    _model.model_rebuild()

EVERYBODY = AllOf(all=())


class Audience(Condition):
    """A filter as it stands in a body: bounded in width and depth."""

    filter: Filter = EVERYBODY

    @model_validator(mode="after")
    def _bounded(self) -> "Audience":
        if sum(1 for _ in walk(self.filter)) > MOST_CONDITIONS or depth(self.filter) > MOST_DEEP:
            raise ValueError(f"A filter has at most {MOST_CONDITIONS} conditions, at most {MOST_DEEP} deep; split it")
        return self


def parsed(stored: dict[str, Any]) -> Filter:
    """A filter as it is stored; an empty one is everybody."""
    return Audience.model_validate({"filter": stored}).filter if stored else EVERYBODY


def stored(filter: Filter) -> dict[str, Any]:
    """As it goes into the database; `parsed` reads it back."""
    return filter.model_dump(mode="json", by_alias=True, exclude_none=True)


def walk(filter: Filter) -> Iterator[Filter]:
    """It and all that it is made of."""
    yield filter
    for part in _parts(filter):
        yield from walk(part)


def depth(filter: Filter) -> int:
    """1 for a condition alone."""
    return 1 + max((depth(part) for part in _parts(filter)), default=0)


def _parts(filter: Filter) -> tuple[Filter, ...]:
    match filter:
        case AllOf():
            return filter.all
        case AnyOf():
            return filter.any
        case NotThis():
            return (filter.not_,)
    return ()


def _some(condition: Condition, *names: str) -> None:
    if all(getattr(condition, name) is None for name in names):
        raise ValueError(f"This condition says nothing. Give one of {', '.join(names)}")
