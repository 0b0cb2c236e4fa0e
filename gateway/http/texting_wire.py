"""What HTTP offers of the text channel's state, as values (see operations.py)."""

from datetime import datetime
from typing import Literal

from gateway.http.operations import Edge, Operation


class TextingNumber(Edge):
    """A number of ours and what it can do: `sends` texts at all, as `high_volume` (A2P), with `pictures`."""

    number: str
    sends: bool
    high_volume: bool
    pictures: bool


class TextingSubscription(Edge):
    """By which the provider tells us of texts. `told_at`: its last webhook; `polled_at`: our last look for what no webhook told;
    `read_until`: what was sent to us up to then is fetched; `error`: what the last check met, as a kind or the provider's code."""

    state: Literal["none", "active", "suspended"]
    expires_at: datetime | None = None
    checked_at: datetime | None = None
    told_at: datetime | None = None
    polled_at: datetime | None = None
    read_until: datetime | None = None
    error: str | None = None


class TextingFlow(Edge):
    """`announced`: texts that came in and wait to be fetched, the first of them for `oldest_seconds`; `taken`: those of the last 24 hours.
    `out`: texts that go out, by state: those of the last 24 hours, and whatever waits."""

    announced: int
    oldest_seconds: float
    taken: int
    last_in: datetime | None = None
    last_out: datetime | None = None
    out: dict[str, int]


class TextingLimits(Edge):
    """Texts at most: a minute of the account, an hour to one number and to one prefix, a day, a month of marketing to one number; the
    hours of the recipient's day in which we write first; the price of a segment in US cents."""

    per_minute: int
    per_number_hour: int
    per_prefix_hour: int
    per_day: int
    per_month: int
    from_time: str
    to_time: str
    countries: tuple[str, ...]
    cents_per_segment: float


class TextingAnswer(Edge):
    """The text channel, of one moment. `missing`: settings without which the provider cannot be asked, by their names, never their values;
    `number`: the one that texts come from where the settings name one."""

    at: datetime
    provider: Literal["none", "ringcentral"]
    missing: tuple[str, ...]
    number: str | None = None
    numbers: tuple[TextingNumber, ...]
    subscription: TextingSubscription
    flow: TextingFlow
    limits: TextingLimits
    poll_seconds: float


TEXTING: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/admin/texting",
        "texting",
        "How the text channel stands: its provider, our numbers, the subscription, what waits, the limits (owner, admin)",
        (TextingAnswer,),
        scope="admin",
    ),
)
