"""From a claim to what the agents are asked."""

from datetime import datetime

from agents.turn import TurnRequest, Utterance
from business.conversations.turns import Claim


def request_of(claim: Claim, locale: str, now: datetime) -> TurnRequest:
    """The turn as the agents know it; `locale` where the customer's is not known."""
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
    )
