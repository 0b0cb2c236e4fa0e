"""What HTTP offers for notifications on devices of staff, as values (see operations.py)."""

from typing import Annotated

from pydantic import Field

from gateway.http.operations import DoneAnswer, Edge, Operation

Minute = Annotated[int, Field(ge=0, le=1439)]


class QuietHoursState(Edge):
    """Minutes of the day between which nothing is pushed, by the clock of `zone`; over midnight where `ends` is the smaller."""

    starts: Minute
    ends: Minute
    zone: Annotated[str, Field(min_length=1, max_length=60)]


class NotificationsAnswer(Edge):
    """`key` is what a browser subscribes with; `quiet` absent: none."""

    key: str
    quiet: QuietHoursState | None = None


class Endpoint(Edge):
    """A device, by the address that its push service gave it."""

    endpoint: Annotated[str, Field(min_length=1, max_length=1000)]


class SubscriptionBody(Endpoint):
    """What a browser's subscription holds; saving it again keeps it fresh."""

    p256dh: Annotated[str, Field(min_length=1, max_length=200)]
    auth: Annotated[str, Field(min_length=1, max_length=100)]


class QuietHoursBody(Edge):
    """`quiet` null: none."""

    quiet: QuietHoursState | None = None


_AT = "/api/admin/notifications"
PUSH: tuple[Operation, ...] = (
    Operation("GET", _AT, "notifications", "The key for web push, and one's quiet hours", (NotificationsAnswer,)),
    Operation("PATCH", _AT, "notifications_change", "Set one's quiet hours, or have none", (NotificationsAnswer,), QuietHoursBody),
    Operation(
        "POST",
        f"{_AT}/devices",
        "device_add",
        "Wake this device when a person is asked for",
        (DoneAnswer,),
        SubscriptionBody,
        errors=(409,),
    ),
    Operation("POST", f"{_AT}/devices/remove", "device_remove", "Wake this device no more", (DoneAnswer,), Endpoint),
    Operation(
        "POST", f"{_AT}/devices/test", "device_test", "Wake this device now, to see that it works", (DoneAnswer,), Endpoint, errors=(404,)
    ),
)
