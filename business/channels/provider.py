"""What a channel asks of whoever carries text messages. An adapter speaks one provider's API and answers in these terms.

SmsError
├── NotReached      nothing was handed over: it may be tried again
│   └── Throttled   too many at once: not before `retry_after` seconds
├── Refused         the provider has taken nothing and says why; `permanent`: it never will
└── Unanswered      it was handed over, and nobody knows whether it was taken
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

# `sent`: the provider has it. `undelivered`: a network would not have it, for good.
DeliveryState = Literal["sent", "delivered", "undelivered"]


class SmsError(Exception):
    """What of a provider's answer may be logged and kept: its kind and its code, never what it wrote."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotReached(SmsError):
    """Nothing was handed over."""


class Throttled(NotReached):
    """Too many requests. `retry_after`: seconds."""

    def __init__(self, code: str, retry_after: float) -> None:
        super().__init__(code)
        self.retry_after = retry_after


class Refused(SmsError):
    """Nothing was taken. `permanent`: it will not be taken later either. `number`: for the number that it was to go to. `opted_out`: the
    provider keeps a refusal of its own for that number."""

    def __init__(self, code: str, *, permanent: bool, number: bool = False, opted_out: bool = False) -> None:
        super().__init__(code)
        self.permanent = permanent
        self.number = number
        self.opted_out = opted_out


class Unanswered(SmsError):
    """It may have been taken."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes out with a text."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """A text that the provider has. `id` may be None where only `batch` is known yet: it is asked for later. `number`, `opted_out`: as
    Refused has them, of one that was undelivered."""

    id: str | None
    batch: str | None
    state: DeliveryState
    at: datetime
    error: str | None = None  # the code of a network that would not have it
    number: bool = False
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class MediaRef:
    """A file of a text that came in, still at the provider."""

    id: str
    type: str
    size: int | None
    address: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """A text that came in; numbers in E.164, times aware, by the provider's clock. `id`: of a provider with several stores of
    texts it begins with the store's name and a colon, in all of them but one."""

    id: str
    from_number: str
    to_number: str
    text: str
    at: datetime
    media: tuple[MediaRef, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnNumber:
    """A number of ours, and what it can do."""

    number: str
    sends: bool
    high_volume: bool
    pictures: bool


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The webhook that the provider has for us."""

    id: str
    state: Literal["active", "suspended"]
    address: str
    expires_at: datetime


class TextProvider(Protocol):
    """Every method raises SmsError. `name` stands in `provider` columns."""

    name: str

    async def send(self, to: str, text: str, *, sender: str | None = None, files: Sequence[File] = ()) -> Accepted:
        """Hand one text over. `sender`: our number, None: the usual one."""
        ...

    async def became(self, id: str | None, batch: str | None) -> Accepted | None:
        """What became of a text that it took; None: it knows of none."""
        ...

    async def find(self, to: str, text: str, since: datetime, *, known: Collection[str] = ()) -> Accepted | None:
        """A text with just these words that went to this number since then, where it has one: what was `unknown` is looked for so.
        `known`: ids and batches of texts that are accounted for, and not it."""
        ...

    async def message(self, id: str) -> Incoming | None:
        """A text that came in, fetched with our own token; None: there is none, or it is not one that came in."""
        ...

    async def arrived(self, since: datetime, *, number: str | None = None) -> Sequence[Incoming]:
        """Texts that came in since then, the oldest first; `number`: from this one alone."""
        ...

    async def read(self, media: MediaRef, most: int) -> bytes:
        """A file's bytes. Refused where it is larger than `most`, or not where the provider keeps files."""
        ...

    async def numbers(self) -> Sequence[OwnNumber]:
        """Ours."""
        ...

    async def subscribe(self, address: str, token: str) -> Subscribed:
        """Have texts that come in told to `address`, each time with `token`."""
        ...

    async def subscription(self, id: str) -> Subscribed | None:
        """How it stands; None: it is gone."""
        ...

    async def renew(self, id: str) -> Subscribed | None:
        """Have it live on; None: it is gone."""
        ...

    async def unsubscribe(self, id: str) -> None:
        """Gone already is as good."""
        ...

    async def close(self) -> None:
        """Its connections."""
        ...
