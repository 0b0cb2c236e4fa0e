"""What the account holds: its numbers, texts in both stores, batches, subscriptions, who opted out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from uuid import uuid4

from business.channels.segments import segments

ACCOUNT, EXTENSION = "80964001", "629893001"
# Numbers that nobody has: 555, outside of 0100 to 0199, which are the placeholders of examples.
NUMBER = "+15105557000"
STANDARD = ("CallerId", "SmsSender", "MmsSender")
HIGH_VOLUME = ("CallerId", "A2PSmsSender")


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of a text."""

    id: int
    name: str
    type: str
    content: bytes


@dataclass(slots=True)
class Text:
    """A text in the message store, or in the high-volume one. `status` as they call it; `listed`: lists have it already."""

    id: int
    direction: str
    sender: str
    to: str
    text: str
    at: datetime
    changed: datetime
    status: str
    files: tuple[Piece, ...] = ()
    error: str | None = None
    batch: str | None = None
    high_volume: bool = False
    listed: bool = True

    @property
    def segments(self) -> int:
        """As it is charged."""
        return segments(self.text)


@dataclass(slots=True)
class Batch:
    """High-volume texts that were handed over together."""

    id: str
    sender: str
    texts: list[Text]
    at: datetime
    changed: datetime
    status: str = "Processing"
    rejected: list[dict[str, object]] = field(default_factory=list)


@dataclass(slots=True)
class Subscription:
    """A webhook. `failures`: deliveries in a row that were not answered with 200."""

    id: str
    filters: list[str]
    address: str
    token: str | None
    at: datetime
    expires: datetime
    status: str = "Active"
    failures: int = 0
    suspended_at: datetime | None = None
    reason: str = ""


class Account:
    """Everything, in plain lists. `numbers`: ours, with the features of each."""

    def __init__(self, numbers: Mapping[str, tuple[str, ...]]) -> None:
        self.numbers = dict(numbers)
        self.texts: dict[int, Text] = {}
        self.batches: dict[str, Batch] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self.opted_out: dict[tuple[str, str], bool] = {}  # (ours, theirs): False once they came back
        self._messages = count(3062991514001)
        self._small = count(52511)
        self._files = count(675981076001)

    def keep(self, text: Text) -> Text:
        """Into its store."""
        self.texts[text.id] = text
        return text

    def fresh_id(self, high_volume: bool) -> int:
        """Of a text: each store has its own range."""
        return next(self._small if high_volume else self._messages)

    def piece(self, name: str, type: str, content: bytes) -> Piece:
        """A file with its id."""
        return Piece(next(self._files), name, type, content)

    def store(self, high_volume: bool) -> Iterator[Text]:
        """What lists of one store have, the newest first."""
        found = [text for text in self.texts.values() if text.high_volume == high_volume and text.listed]
        return iter(sorted(found, key=lambda text: (text.at, text.id), reverse=True))

    def has_opted_out(self, ours: str, theirs: str) -> bool:
        """The provider sends nothing between these two."""
        return self.opted_out.get((ours, theirs), False)

    def is_high_volume(self, number: str) -> bool:
        """A number whose texts are in the high-volume store."""
        return "A2PSmsSender" in self.numbers.get(number, ())


def fresh_uuid() -> str:
    """An id of a batch, a subscription, a token."""
    return str(uuid4())
