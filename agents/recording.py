"""What a turn leaves for shadows: how its models were asked, what its tools gave, and who is to answer it again. Pure.

Nothing here may cost a reply: what cannot be kept is not, and is said to be in the log.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Literal
from uuid import UUID

import orjson
import structlog

from agents.ensemble.model import ModelMessage
from agents.events import Asked, TurnFinished
from agents.tools.context import CallRecord
from business.conversations.records import Recorded
from kernel.settings import Policy

log = structlog.get_logger(__name__)

# Of one turn, as JSON: far more than the longest window of a conversation with everything that tools can say.
MOST_BYTES = 512 * 1024

Intent = Literal["faq", "quote", "booking", "complaint", "other"]
# The gravest first: a turn that has two of them is the first one's.
_INTENTS: tuple[tuple[Intent, frozenset[str]], ...] = (
    ("complaint", frozenset({"complaint"})),
    ("booking", frozenset({"booking", "availability", "payment"})),
    ("quote", frozenset({"pricing", "distance"})),
    ("faq", frozenset({"conversational", "menu"})),
)


def intent_of(agents: Sequence[str]) -> Intent:
    """What a turn of these agents was about; candidates are compared within it."""
    return next((intent for intent, keys in _INTENTS if keys & set(agents)), "other")


def sampled(turn: UUID, candidate: str, share: float) -> bool:
    """Whether a candidate answers a turn, for a share from 0 to 1; the same one whoever asks, and each candidate for itself."""
    digest = hashlib.blake2b(f"{turn}:{candidate}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64 < share


class Recorder:
    """Makes records of finished turns, by the policy that counts at the call."""

    def __init__(self, days: int, policy: Callable[[], Policy]) -> None:
        """`days`: for how long records are kept; 0: none is made."""
        self._days = days
        self._policy = policy

    def record(self, turn: UUID, finished: TurnFinished) -> Recorded | None:
        """Of the turn whose reply this is; None where it is not kept."""
        if not self._days or finished.asked is None:
            return None
        try:
            return self._recorded(turn, finished, finished.asked)
        except (TypeError, ValueError) as error:
            # A tool's data that is no JSON, half a character: the reply stands all the same.
            log.error("turn.not_recorded", cause=type(error).__name__)
            return None

    def _recorded(self, turn: UUID, finished: TurnFinished, asked: Asked) -> Recorded:
        request = asked.request
        calls = [_call(call, by) for call, by in asked.calls(finished.calls)]
        return Recorded(
            asked=request.turn,
            agent=finished.agent,
            intent=intent_of(asked.agents),
            stakes=request.stakes,
            channel=request.channel,
            locale=request.locale,
            messages=_text([_message(message) for message in request.messages]),
            chunks=_text(list(finished.passages)),
            prompts=finished.prompts,
            tools=_text(list(asked.tools)),
            max_tokens=request.max_tokens,
            prepared=_kept(request.prepared),
            calls=_text(calls),
            model=finished.model,
            handoff=any(call["handoff"] for call in calls),
            first_token_ms=asked.first_token_ms,
            duration_ms=asked.duration_ms,
            asked_at=request.now,
            candidates=self._candidates(turn, finished.agent),
        )

    def _candidates(self, turn: UUID, agent: str) -> tuple[str, ...]:
        wanted = (shadow for shadow in self._policy().shadows if not shadow.agents or agent in shadow.agents)
        return tuple(shadow.model for shadow in wanted if sampled(turn, shadow.model, shadow.sample))


def _message(message: ModelMessage) -> dict[str, Any]:
    calls = [{"id": call.id, "name": call.name, "arguments": call.arguments} for call in message.calls]
    return {"role": message.role, "content": message.content, "calls": calls, "call_id": message.call_id}


def _call(call: CallRecord, by: str) -> dict[str, Any]:
    found = {"data": call.result.data} if call.result is not None else {"error": call.said or ""}
    written = call.result.written if call.result is not None else ()
    handoff = any(one.handoff is not None for one in written)
    return {"name": call.name, "by": by, "arguments": call.arguments, "handoff": handoff, **found}


def _text(value: list[Any]) -> str:
    """As JSON that PostgreSQL keeps. Raises TypeError and ValueError."""
    return _kept(orjson.dumps(value, default=str).decode())


def _kept(text: str) -> str:
    if len(text) > MOST_BYTES or "\x00" in text or "\\u0000" in text:
        raise ValueError("no text that can be kept")
    return text
