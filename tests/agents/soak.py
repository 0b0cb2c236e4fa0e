"""Many streams through one process's ensemble, all protocols and ways, faults and closings among them; what they leave behind.

`python -m tests.agents.soak STREAMS PORT` runs them against `python -m tests.agents.soak --provider PORT`, each in a process of its own,
and prints what it saw as JSON.
"""

import asyncio
import ctypes
import gc
import json
import logging
import os
import random
import sys
from collections import Counter
from contextlib import aclosing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import aiohttp
import structlog

from agents.ensemble.breaker import Breaker
from agents.ensemble.consensus import Consensus
from agents.ensemble.fallback import Fallback
from agents.ensemble.hedge import Hedge
from agents.ensemble.model import Model, ToolSpec
from agents.ensemble.models import Models
from agents.ensemble.watched import Contender
from agents.house.concierge import HouseModel
from kernel.metering import UsageRow
from kernel.settings import ModelSettings
from tests.agents.building import ask
from tests.rig.provider import BASES, SHAPES, ScriptedProvider, ShapeName, litellm_id
from tests.rig.script import Script, calling

AT_ONCE = 24
CLOSED = 0.15  # share of the streams that are closed by us
IDLE_S = 0.2  # of the models that go silent
HEDGE_MS = 20
QUOTE = ToolSpec("quote", "Prices a party.", {"type": "object", "properties": {"adults": {"type": "integer"}, "notes": {"type": "string"}}})
TOOLS = "tools"
WELL = "words-20+pace-0"
# Those that run beside another one, and may be closed before their request is on the way: both of a race, and a student.
SLOW, SECOND, STUDENT = "words-20+pace-0+delay-80", "words-21+pace-0", "words-22+pace-0"
# What the first model does; the next one is well. By how often.
KINDS = {
    WELL: 30,
    TOOLS: 20,
    "words-60+pace-2": 10,
    "words-20+pace-0+bytes-7": 5,
    "words-20+pace-0+cut-7": 6,
    "words-20+pace-0+fin-7": 6,
    "words-20+pace-0+error-5": 6,
    "words-20+pace-0+garbage-3": 6,
    "words-20+pace-0+hang-after-4": 2,
    "503": 5,
    "429": 3,
    "empty": 3,
}
WAYS = {"fallback": 75, "hedge": 15, "consensus": 10}


@dataclass
class Counting:
    """A usage sink that counts: by model, and by outcome."""

    models: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)

    async def record(self, row: UsageRow) -> None:
        self.models[row.model] += 1
        self.outcomes[row.outcome] += 1


@dataclass
class Seen:
    """What a soak saw. `memory`: (streams so far, KB resident). `kept`: files open after the last stream, `left`: tasks and files after
    the models are closed, both beyond those of the beginning. `alive`: providers' answers that somebody still holds. `began`: streams by
    the model that they asked first; `rows` by model.
    """

    streams: int
    memory: list[tuple[int, int]]
    left: tuple[int, int]
    kept: int
    alive: int
    began: dict[str, int]
    rows: dict[str, int]
    outcomes: dict[str, int]

    def slope(self) -> float:
        """KB for 1,000 streams, by least squares over what came after the first third."""
        points = self.memory[len(self.memory) // 3 :]
        middle_x = sum(x for x, _ in points) / len(points)
        middle_y = sum(y for _, y in points) / len(points)
        spread = sum((x - middle_x) ** 2 for x, _ in points)
        return 1000 * sum((x - middle_x) * (y - middle_y) for x, y in points) / spread if spread else 0.0


async def soak(streams: int, port: int, every: int) -> Seen:
    """So many streams; memory is looked at after each `every` of them."""
    sink = Counting()
    scripts = [(shape, script) for shape in SHAPES for script in (*KINDS, SLOW, SECOND, STUDENT)]
    files, tasks = _files(), len(asyncio.all_tasks())
    models = Models([_settings(shape, script, port) for shape, script in scripts], sink, environment={})
    walk = _Walk(models)
    memory = []
    for upto in range(every, streams + 1, every):
        await asyncio.gather(*(walk.until(upto) for _ in range(AT_ONCE)))
        await models.drain()
        memory.append((upto, _resident()))
    most = _files() - files
    await models.close()
    await asyncio.sleep(0.2)  # what was hung up on leaves the loop in its next rounds
    left = (len(asyncio.all_tasks()) - tasks, _files() - files)
    gc.collect()
    alive = sum(isinstance(one, aiohttp.ClientResponse) for one in gc.get_objects())
    return Seen(walk.begun, memory, left, most, alive, dict(walk.began), dict(sink.models), dict(sink.outcomes))


class _Walk:
    """One stream after the other, by chance, the same chance in every run."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._house = HouseModel(0.0)
        self._chance = random.Random(11)
        self.begun = 0
        self.began: Counter[str] = Counter()

    async def until(self, upto: int) -> None:
        while self.begun < upto:
            self.begun += 1
            await self._stream()

    async def _stream(self) -> None:
        chance, shape = self._chance, self._chance.choice(list(SHAPES))
        (script,) = chance.choices(list(KINDS), list(KINDS.values()))
        (way,) = chance.choices(list(WAYS), list(WAYS.values()))
        closed_after = chance.randrange(1, 12) if chance.random() < CLOSED else None
        model = self._way(way, shape, SLOW if way == "hedge" else script)
        request = replace(ask("How much is a party?"), tools=(QUOTE,))
        async with aclosing(model.stream(request)) as chunks:
            number = 0
            async for _ in chunks:
                number += 1
                if number == closed_after:
                    break

    def _way(self, way: str, shape: ShapeName, script: str) -> Model:
        """With breakers of its own: every fault is really met."""
        self.began[name(shape, script)] += 1
        if way == "hedge":
            return Hedge([self._contender(shape, script), self._contender(shape, SECOND)], self._house, HEDGE_MS)
        first = self._contender(shape, script)
        if way == "consensus":
            return Consensus([first], self._contender(shape, STUDENT), None, self._house, 0.0)
        return Fallback([first, self._contender(shape, WELL)], self._house)

    def _contender(self, shape: ShapeName, script: str) -> Contender:
        return Contender(self._models.member(name(shape, script)).model, Breaker())


def name(shape: str, script: str) -> str:
    """What a model is called here that the provider knows by its script."""
    return f"{shape}-{script.replace('+', '_')}"


def _settings(shape: ShapeName, script: str, port: int) -> ModelSettings:
    base = f"http://127.0.0.1:{port}{BASES[shape]}"
    given = {"name": name(shape, script), "litellm": litellm_id(shape, script), "api_base": base}
    return ModelSettings.model_validate({**given, "idle_chunk_s": IDLE_S if "hang" in script else 10.0})


def _files() -> int:
    return len(os.listdir("/proc/self/fd"))


def _resident() -> int:
    """KB, once all that can be given back is."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


async def provide(port: int) -> None:
    """The provider in a process of its own, which counts its calls and forgets them; at the end of its input it tells how many."""
    counted: Counter[str] = Counter()
    async with ScriptedProvider(port=port) as provider:
        provider.follow(TOOLS, tools)
        print("ready", flush=True)
        asked = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
        while not asked.done():
            await asyncio.wait({asked}, timeout=0.5)
            over = [call for call in provider.calls if call.end != "running"]
            provider.calls = [call for call in provider.calls if call.end == "running"]
            counted.update(name(call.shape, call.model) for call in over)
        counted.update(name(call.shape, call.model) for call in provider.calls)
    print(json.dumps(counted), flush=True)


def tools(body: object) -> Script:
    """What the model does that asks for tools."""
    return calling(("quote", {"adults": 12, "notes": "no shrimp"}), text="Let me see ", split=6)


if __name__ == "__main__":
    if sys.argv[1] == "--provider":
        asyncio.run(provide(int(sys.argv[2])))
    else:
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))  # every fault is meant
        print(json.dumps(asdict(asyncio.run(soak(int(sys.argv[1]), int(sys.argv[2]), every=500)))))
