"""What HTTP offers of taking turns, as values (see operations.py)."""

from typing import Annotated

from pydantic import Field

from gateway.http.operations import Edge, Operation

Limit = Annotated[int, Field(ge=1, le=100)]


class RotationAnswer(Edge):
    """`on`: customers who ask for a person go to whoever is here, in turn; `limit`: so many one person may have; `away`: not to oneself."""

    on: bool
    limit: Limit
    away: bool


class RotationPatch(Edge):
    """What is given is changed."""

    on: bool | None = None
    limit: Limit | None = None


class AwayBody(Edge):
    """`away`: no new customers for oneself."""

    away: bool


ROTATION: tuple[Operation, ...] = (
    Operation("GET", "/api/admin/rotation", "rotation", "Whether new requests go round, and whether one is away", (RotationAnswer,)),
    Operation(
        "PATCH", "/api/admin/rotation", "rotation_change", "Let new requests go round (owner, admin)", (RotationAnswer,), RotationPatch
    ),
    Operation("POST", "/api/admin/rotation/away", "rotation_away", "Be away, or back", (RotationAnswer,), AwayBody),
)
