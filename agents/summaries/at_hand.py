"""What a colleague reads of a conversation that they take over: its summary, and where nobody has made one yet, what the house would say
of it now."""

from typing import Any

from agents.summaries.house import house_summary
from business.conversations.summaries import Material
from kernel.ids import ConversationId, CustomerId, SiteId


def at_hand(row: Any, handoffs: tuple[tuple[str, str], ...] = ()) -> str | None:
    """`row`: of the conversation; `handoffs`: (kind, what it says). None where nothing is known of it."""
    if row.summary:
        summary: str = row.summary
        return summary
    if not row.memory.get("facts") and not handoffs:
        return None
    return house_summary(
        Material(
            conversation=ConversationId(row.id),
            site=SiteId(row.site_id),
            customer=CustomerId(row.customer_id),
            channel=row.channel,
            locale=row.locale,
            summary="",
            summary_seq=0,
            upto=0,
            lines=(),
            memory=row.memory,
            handoffs=handoffs,
        )
    )
