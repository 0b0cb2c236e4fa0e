"""How a tool calls a person: in its own transaction, with what the customer has told and in the language that they write."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from agents.events import TurnWritten
from agents.tools.context import ToolContext
from business.handoffs.opening import Opened, open_for
from kernel.wire.base import HandoffKind, Risk


async def call(
    connection: AsyncConnection,
    context: ToolContext,
    kind: HandoffKind,
    summary: str,
    *,
    urgency: Risk = "normal",
    tried: str | None = None,
    hand_over: bool = False,
    **more: Any,
) -> Opened:
    """Open or add to the handoff of this kind; `more` are facts beside those that were told. Raises Stale where the turn is over."""
    return await open_for(
        connection,
        context.conversation,
        turn=context.turn,
        kind=kind,
        urgency=urgency,
        summary=summary,
        facts={**context.known, **more},
        profile=context.profile,
        now=context.now,
        hand_over=hand_over,
        tried=tried,
        locale=context.language,
    )


def told(opened: Opened) -> TurnWritten:
    """What everybody is to hear of it."""
    return TurnWritten(opened.announcement, opened.effects, opened.handoff)
