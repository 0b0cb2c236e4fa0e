"""Tasks end, also those to which the first cancellation did not get through."""

import asyncio

from kernel import ending


async def test_a_cancellation_that_is_lost_is_repeated() -> None:
    lost = 0

    async def deaf() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                lost += 1
                if lost > 1:
                    raise

    async def broken() -> None:
        raise ValueError

    tasks = [asyncio.create_task(work) for work in (deaf(), broken(), asyncio.sleep(3600))]
    await asyncio.sleep(0)
    await ending.end(tasks)
    assert all(task.done() for task in tasks) and lost == 2
