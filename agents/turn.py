"""What the turn runner gives the agents: one question with the conversation before it, as frozen values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from kernel.ids import ConversationId, SiteId, TurnId

Author = Literal["customer", "ai", "human", "system"]
Channel = Literal["web", "sms"]


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing said. `system` lines are dated ownership markers ("Dana took over"). `at` is aware UTC."""

    author: Author
    text: str
    at: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """One turn to answer: `history` is oldest first and ends with what the customer waits to have answered.

    `locale` is a BCP 47 tag ("en", "es-MX"). `visible_restarts`: how often the customer already saw this reply start again.
    """

    turn: TurnId
    conversation: ConversationId
    site: SiteId
    channel: Channel
    locale: str
    history: tuple[Utterance, ...]
    now: datetime
    visible_restarts: int = 0
