"""What the turn runner gives the agents: one question with the conversation before it, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from business.conversations.turns import Claim
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId

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
    """One turn to answer: `history` is oldest first and ends with what the customer waits to have answered (their `seq`s are `answers`).

    `locale` is a BCP 47 tag ("en", "es-MX"). `visible_restarts`: how often the customer already saw this reply start again.
    `memory` is what the last finished turn left (JSON), `memory_seq` the last customer message that it covers: every later one stands
    in `history`, and is to be read. `summary` is of what was said up to `summary_seq`: data, as everything that was said. `phone`: the
    number by which the customer texts here, E.164; it was proved to be theirs.
    """

    turn: TurnId
    conversation: ConversationId
    site: SiteId
    channel: Channel
    locale: str
    history: tuple[Utterance, ...]
    now: datetime
    visible_restarts: int = 0
    customer: CustomerId = field(kw_only=True)
    memory: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    memory_seq: int = field(default=0, kw_only=True)
    answers: tuple[int, ...] = field(default=(), kw_only=True)
    summary: str = field(default="", kw_only=True)
    summary_seq: int = field(default=0, kw_only=True)
    phone: str | None = field(default=None, kw_only=True)


def request_of(claim: Claim, locale: str, now: datetime) -> TurnRequest:
    """From a claim to what the agents are asked; `locale` where the customer's is not known."""
    return TurnRequest(
        turn=claim.turn,
        conversation=claim.conversation,
        site=claim.site,
        channel=claim.channel,  # type: ignore[arg-type]
        locale=claim.locale or locale,
        history=tuple(Utterance(s.author, s.text, s.at, s.seq) for s in claim.history),  # type: ignore[arg-type]
        now=now,
        visible_restarts=claim.restarts,
        customer=claim.customer,
        memory=claim.memory,
        memory_seq=claim.memory_seq,
        answers=claim.answers,
        summary=claim.summary,
        summary_seq=claim.summary_seq,
        phone=claim.phone,
    )
