"""Memory of an idle connection: a gateway's growth by a thousand and by ten thousand customers who only listen."""

import asyncio
import gc
import time

from tests.bench import machine
from tests.bench.clients import Customer
from tests.bench.figures import Figure, Goal
from tests.bench.plan import Plan, say
from tests.bench.stamps import Tally
from tests.bench.stand import Stand

GOAL_KB = 45.0
AT_ONCE = 64
BEFORE = 50
SPARE_FILES = 300
PER_ADDRESS = 4_000  # connections from one source address: the system hands out about 28,000 ports for each


async def measure(stand: Stand, plan: Plan) -> list[Figure]:
    files = machine.raise_file_limit()
    most = files - SPARE_FILES
    figures: list[Figure] = []
    held: list[Customer] = []
    tally = Tally()
    with stand.gateway(model=False) as (process, port):
        # What the first connections bring with them (imports, pools, caches) is not a connection's.
        await _grow(held, BEFORE, port, tally)
        await asyncio.sleep(plan.idle_settle)
        base = machine.memory_kb(process.pid)
        for wanted in plan.idle:
            count = min(wanted, most)
            note = "" if count == wanted else f"the hard limit on open files allows {count} only; "
            began, cpu = time.monotonic(), process.cpu_seconds()
            opened = count + BEFORE - len(held)
            await _grow(held, count + BEFORE, port, tally)
            took = time.monotonic() - began
            connect_ms = 1000 * (process.cpu_seconds() - cpu) / max(1, opened)
            await asyncio.sleep(plan.idle_settle)
            idle_cpu = process.cpu_seconds()
            await asyncio.sleep(plan.idle_settle)
            load = (process.cpu_seconds() - idle_cpu) / plan.idle_settle
            gone = sum(customer.socket.closed for customer in held)
            rss, pss = machine.memory_kb(process.pid)
            each_rss, each_pss = (rss - base[0]) / count, (pss - base[1]) / count
            note += f"PSS; RSS {each_rss:.1f} KB; {opened / took:.0f} connects/s ({connect_ms:.1f} ms CPU each), idle {load:.0%} of a core"
            if gone:
                note += f"; {gone} connections were lost"
            say(f"memory: {count} idle connections: {each_pss:.1f} KB each ({note})")
            detail = {"connections": count, "rss_kb": rss, "pss_kb": pss, "base_rss_kb": base[0], "base_pss_kb": base[1], "lost": gone}
            figures.append(Figure(f"memory per idle connection at {wanted:,}", each_pss, "KB", Goal(GOAL_KB), note, detail))
            if count < wanted:
                break
        for customer in held:
            customer.socket.close()
    held.clear()
    gc.collect()
    return figures


async def _grow(held: list[Customer], wanted: int, port: int, tally: Tally) -> None:
    """Connect until so many are held, some at once."""
    numbers = iter(range(len(held), wanted))

    async def connect() -> None:
        for number in numbers:
            source = f"127.0.0.{2 + number // PER_ADDRESS}"
            held.append(await Customer(tally).open(port, source=source))

    await asyncio.gather(*(connect() for _ in range(AT_ONCE)))
