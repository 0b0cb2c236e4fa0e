"""What a tool wrote while a turn runs: an event of the turn (events.py) that every tool's result may carry."""

from dataclasses import dataclass
from uuid import UUID

from business.conversations.log import Announcement
from kernel.ids import HandoffId


@dataclass(frozen=True, slots=True)
class TurnWritten:
    """A tool wrote durable events in a transaction of its own, which is committed: everyone is to be told now.

    `effects` are rows of the outbox that a worker is to be woken for, `handoff` one that is new or changed.
    """

    announcement: Announcement
    effects: tuple[UUID, ...] = ()
    handoff: HandoffId | None = None
