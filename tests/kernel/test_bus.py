"""Redis as a process speaks with it."""

import asyncio

from kernel.bus import Bus, connect


async def _cancelled_at(bus: Bus, loops: int) -> bool:
    """Whether a task that says something without end hears that it is to end, after so many turns of the loop."""

    async def speak() -> None:
        while True:
            await bus.publish("anywhere", {"k": "row"})

    task = asyncio.create_task(speak())
    for _ in range(loops):
        await asyncio.sleep(0)
    task.cancel()
    _, running = await asyncio.wait([task], timeout=5)
    for deaf in running:
        deaf.cancel()
    return not running


async def test_a_cancellation_gets_through_wherever_a_command_stands(redis_url: str) -> None:
    bus = Bus(connect(redis_url, connections=2))
    try:
        assert await bus.publish("anywhere", {})
        heard = [await _cancelled_at(bus, loops) for loops in range(40)]
        assert all(heard), f"not heard after {[n for n, one in enumerate(heard) if not one]} turns of the loop"
        assert await bus.publish("anywhere", {}), "the connections are whole"
    finally:
        await bus.close()
