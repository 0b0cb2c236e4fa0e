"""Conversations that run while something else is measured."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.bench.clients import REPLY_TOKENS, HibachiConversation, Staff
from tests.bench.stamps import Tally
from tests.bench.stand import Stand


@asynccontextmanager
async def running(stand: Stand, port: int, count: int) -> AsyncIterator[Staff]:
    """So many conversations at 50 tokens/s, each with a watcher; gives the staff that watches."""
    staff = await Staff(port, Tally()).sign_in()
    chance = random.Random(11)
    held = []
    try:
        for _ in range(count):
            conversation = await HibachiConversation.open(port, Tally(), staff)
            conversation.start(chance.randint(20, REPLY_TOKENS))
            held.append(conversation)
        yield staff
    finally:
        for conversation in held:
            conversation.close()
        staff.close()
