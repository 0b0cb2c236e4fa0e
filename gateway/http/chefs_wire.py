"""What HTTP offers of chefs, as values (see operations.py)."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from gateway.http.operations import Edge, Operation

Name = Annotated[str, Field(min_length=1, max_length=120, pattern=r"\S")]
Largest = Literal["small", "medium", "large"]
Rating = Annotated[Decimal, Field(ge=0, le=5, decimal_places=2)]
Minute = Annotated[int, Field(ge=0, le=2880)]


class ChefTime(Edge):
    """Hours of every week (`weekday`, Monday is 0), or of one `day`: on, or off. Minutes count from that day's midnight at the station,
    over 1440 for what goes past the next; a day off without minutes is the whole day."""

    kind: Literal["weekly", "on", "off"]
    weekday: Annotated[int, Field(ge=0, le=6)] | None = None
    day: date | None = None
    from_minute: Minute | None = None
    to_minute: Minute | None = None


class Chef(Edge):
    """Who cooks. `largest`: the largest class of parties that they take; `feed`: the address of their calendar, for their phone to
    subscribe to, shown to owners and admins."""

    id: UUID
    number: int
    name: str
    station: str
    largest: Largest
    rating: float | None = None
    active: bool
    times: tuple[ChefTime, ...]
    feed: str | None = None


class ChefStation(Edge):
    """Where a chef may start from."""

    key: str
    name: str


class ChefsAnswer(Edge):
    """All of them, the active ones first, and the stations that there are. `sizes`: how many guests a small and a medium party have at
    most."""

    items: tuple[Chef, ...]
    stations: tuple[ChefStation, ...]
    small_up_to: int
    medium_up_to: int


class ChefBody(Edge):
    """A new one, under an id of the caller's: again is the same."""

    id: UUID
    name: Name
    station: str
    largest: Largest = "large"
    rating: Rating | None = None


class ChefPatch(Edge):
    """What is given is changed; `rating` null takes it away."""

    name: Name | None = None
    station: str | None = None
    largest: Largest | None = None
    rating: Rating | None = None
    active: bool | None = None


class ChefTimesBody(Edge):
    """The whole calendar, in the place of the one before."""

    times: Annotated[tuple[ChefTime, ...], Field(max_length=200)]


_ONE = "/api/admin/chefs/{id}"
CHEFS: tuple[Operation, ...] = (
    Operation("GET", "/api/admin/chefs", "chefs", "Who cooks, and when", (ChefsAnswer,), scope="read"),
    Operation("POST", "/api/admin/chefs", "chef_add", "Add a chef (owner, admin)", (Chef,), ChefBody, errors=(404,), scope="admin"),
    Operation("PATCH", _ONE, "chef_change", "Change a chef (owner, admin)", (Chef,), ChefPatch, errors=(404, 409), scope="admin"),
    Operation(
        "PUT", f"{_ONE}/hours", "chef_hours", "When a chef works (owner, admin)", (Chef,), ChefTimesBody, errors=(404, 409), scope="admin"
    ),
)
