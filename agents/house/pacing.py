"""Gives a whole text as a model would: word by word, at reading speed, so that people see it come and can take over."""

import asyncio
import re
from collections.abc import AsyncGenerator

_PIECE = re.compile(r"\s*\S+\s*")


def pieces(text: str) -> list[str]:
    """Word-sized pieces that add up to the text."""
    return _PIECE.findall(text)


async def paced(text: str, per_second: float) -> AsyncGenerator[str, None]:
    """The pieces, the first at once, so many a second; the whole text in one piece for 0."""
    if per_second <= 0:
        yield text
        return
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number, piece in enumerate(pieces(text)):
        # Against the start, not the last piece: late timers do not add up.
        await asyncio.sleep(max(began + number / per_second - loop.time(), 0))
        yield piece
