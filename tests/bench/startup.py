"""Start to first page and to ready, with embedded PostgreSQL and Redis; then what the idle product holds in memory."""

import asyncio
import math
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import psutil

from tests.bench import machine
from tests.bench.figures import Figure, Goal
from tests.bench.plan import Plan, say
from tests.bench.stand import ROOT, answers
from tests.rig.redis import free_port

FIRST_PAGE_S, READY_S, IDLE_MB = 3.0, 8.0, 450.0
GIVE_UP = 90.0
PARTS = ("gateway", "worker", "supervisor", "postgres", "redis")


async def measure(plan: Plan) -> list[Figure]:
    return await asyncio.to_thread(_measure, plan)


def _measure(plan: Plan) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="bench-start-") as name:
        data = Path(name) / "data"
        say("start: once to make the data folder, then warm")
        cold, _, _ = _run(data, 0.0)
        pages: list[float] = []
        ready: list[float] = []
        memory: dict[str, int] = {}
        for number in range(plan.starts):
            last = number == plan.starts - 1
            page, ready_at, memory = _run(data, plan.start_settle if last else 0.0)
            say(f"  first page {page:.2f} s, ready {ready_at:.2f} s")
            pages.append(page)
            ready.append(ready_at)
    total = sum(memory.values()) / 1024
    parts = {part: round(memory.get(part, 0) / 1024, 1) for part in PARTS}
    shown = ", ".join(f"{part} {size:.0f}" for part, size in parts.items())
    say(f"  idle PSS {total:.0f} MB: {shown}")
    detail = {"pages_s": [round(one, 2) for one in pages], "ready_s": [round(one, 2) for one in ready], "very_first_s": round(cold, 2)}
    return [
        Figure("start to first page, warm install", statistics.median(pages), "s", Goal(FIRST_PAGE_S),
               f"median of {plan.starts}; the very first start took {cold:.1f} s", detail),
        Figure("start to ready", statistics.median(ready), "s", Goal(READY_S)),
        Figure("whole product idle, PSS", total, "MB", Goal(IDLE_MB),
               f"after {plan.start_settle:.0f} s, no model configured: {shown}", parts),
    ]  # fmt: skip


def _run(data: Path, idle: float) -> tuple[float, float, dict[str, int]]:
    """One start: (seconds to the first page, to ready, PSS in KB of each part after `idle` seconds)."""
    port = free_port()
    settings = {"HIBACHI_DATA": str(data), "HIBACHI_CONFIG": str(data.parent / "hibachi.toml"), "HIBACHI_PORT": str(port)}
    env = {name: value for name, value in os.environ.items() if not name.startswith("HIBACHI_")} | settings
    env.pop("DATABASE_URL", None)
    env.pop("REDIS_URL", None)
    log = data.parent / "up.log"
    began = time.monotonic()
    with log.open("ab") as out:
        product = subprocess.Popen(
            [sys.executable, "-P", "-m", "gateway.cli", "up"], cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip
    try:
        page = _seconds_until(f"http://127.0.0.1:{port}/demo", began, product)
        ready = _seconds_until(f"http://127.0.0.1:{port}/readyz", began, product)
        if math.isnan(page):
            raise RuntimeError(f"the product did not start:\n{log.read_text(errors='replace')[-3000:]}")
        memory = {}
        if idle:
            time.sleep(idle)
            memory = _memory(product.pid)
    finally:
        product.send_signal(signal.SIGINT)
        product.wait(60)
    return page, ready, memory


def _seconds_until(url: str, began: float, product: subprocess.Popen[bytes]) -> float:
    while not answers(url):
        if time.monotonic() - began > GIVE_UP or product.poll() is not None:
            return math.nan
        time.sleep(0.01)
    return time.monotonic() - began


def _memory(pid: int) -> dict[str, int]:
    """PSS in KB of the supervisor and of each of its children with all of theirs."""
    found: dict[str, int] = defaultdict(int)
    found["supervisor"] = machine.memory_kb(pid)[1]
    for child in psutil.Process(pid).children():
        part = _part(child)
        for process in machine.tree(child.pid):
            found[part] += machine.memory_kb(process.pid)[1]
    return found


def _part(process: psutil.Process) -> str:
    line = " ".join(process.cmdline())
    return next((part for part in PARTS if part in Path(process.exe()).name or f"-m {part}" in line), "other")
