"""How a process ends what it runs beside its requests."""

import asyncio
from collections.abc import Iterable

AGAIN_AFTER = 2.0


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks until they are over, whatever they ended with.

    Once is not enough: until Python 3.12 a cancellation is lost that comes together with what `asyncio.wait_for` waited for, as
    drivers do while they connect; a gateway that ends as soon as it has begun would wait for ever.
    """
    tasks = set(tasks)
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=AGAIN_AFTER)
    for task in tasks:
        if not task.cancelled():
            task.exception()  # seen, so that asyncio does not complain of it
