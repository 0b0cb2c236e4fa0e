"""A text that a provider lists in two stores of its own has two ids there, and is taken once."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels.provider import Incoming
from kernel.tables.ops import InboundText
from kernel.wire.base import spoken

COPY = "Copy"
"""`error` of a row that was found to be a text which was taken under another id."""
APART = timedelta(seconds=10)
"""Two stores may have one text at moments so far from each other."""


async def is_copy(connection: AsyncConnection, provider: str, incoming: Incoming) -> bool:
    """Whether another store's text, that was taken, is this one: the same words between the same numbers at the same moment, and none of
    this store is its copy yet. Two texts of one store are two, whatever they say; so is one with files, which no copy may have.
    The number is held (`receiving.hold`)."""
    if incoming.media:
        return False
    near = select(InboundText.provider_id, InboundText.text, InboundText.error).where(
        InboundText.from_number == incoming.from_number,
        InboundText.sent_at.between(incoming.at - APART, incoming.at + APART),
        InboundText.to_number == incoming.to_number,
        InboundText.provider == provider,
        InboundText.state == "taken",
    )
    words = _words(spoken(incoming.text))
    same = [row for row in await connection.execute(near) if _words(row.text or "") == words]
    mine = _store(incoming.id)
    others = sum(_store(row.provider_id) != mine and row.error != COPY for row in same)
    copies = sum(_store(row.provider_id) == mine and row.error == COPY for row in same)
    return bool(others > copies)


def _store(id: str) -> str:
    return id.rpartition(":")[0]


def _words(text: str) -> str:
    """However a store keeps line ends and spaces."""
    return " ".join(text.split())
