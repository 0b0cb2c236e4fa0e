"""A schedule of deeds for two processes and one conversation, played out and then judged. Used with hypothesis and by `make prove`."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import sqlalchemy as sa

from gateway.turns.frames import Frames
from kernel.database import Database
from kernel.errors import GatewayError
from tests.chaos.turns import Log, Process, Room, Script, new_room
from tests.rig.history import check
from tests.rig.redis import RedisServer
from tests.rig.truth import Kept, read_truth

Deed = Literal["say", "token", "burst", "end", "restart", "take", "stop", "give_back", "flush", "redis_down", "redis_up", "pause"]
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Step:
    """`process` does it; the next step follows after its end (`wait`) or at once, then after `pause_ms`."""

    deed: Deed
    process: int = 0
    wait: bool = True
    pause_ms: int = 0


@dataclass
class Stage:
    """What a schedule plays on."""

    database: Database
    database_url: str
    redis: RedisServer
    staff: UUID


async def play(stage: Stage, steps: Sequence[Step], *, frames: type[Frames] = Frames) -> list[str]:
    """Everything that was wrong."""
    if stage.redis.process is None:
        stage.redis.start()
    log = Log()
    room = await new_room(stage.database, log, stage.staff)
    processes = [Process(f"p{n}", stage.database, stage.redis.url, log, frames=frames) for n in (0, 1)]
    deeds: list[asyncio.Task[object]] = []
    try:
        for number, step in enumerate(steps):
            await _do(stage, room, processes, step, number, deeds)
            await asyncio.sleep(step.pause_ms / 1000)
        if stage.redis.process is None:
            stage.redis.start()
        async with asyncio.timeout(PATIENCE):
            outcomes = await asyncio.gather(*deeds, return_exceptions=True)
            await _end(stage, room, processes)
        failed = [repr(o) for o in outcomes if isinstance(o, Exception) and not isinstance(o, GatewayError)]
        return [*failed, *await judge(stage, room, log)]
    finally:
        for process in processes:
            await process.die()


async def _do(stage: Stage, room: Room, processes: list[Process], step: Step, number: int, deeds: list[asyncio.Task[object]]) -> None:
    process = processes[step.process]
    match step.deed:
        case "token":
            process.script.give(f"{number} ")
        case "burst":
            for n in range(20):
                process.script.give(f"{number}.{n} ")
        case "end":
            process.script.give(None)
        case "restart":
            process.script.give(Script.RESTART)
        case "flush":
            if stage.redis.process is not None:
                await process.bus.redis.flushall()
        case "redis_down":
            stage.redis.kill()
        case "redis_up":
            if stage.redis.process is None:
                await asyncio.to_thread(stage.redis.start)
        case "pause":
            await asyncio.sleep(0.05)
        case "say" | "take" | "stop" | "give_back":
            if step.deed != "say" and not room.said:
                return  # nobody has said anything: there is no conversation yet
            task: asyncio.Task[object] = asyncio.create_task(getattr(room, step.deed)(process))
            deeds.append(task)
            if step.wait:
                await asyncio.wait([task], timeout=PATIENCE)


async def _end(stage: Stage, room: Room, processes: list[Process]) -> None:
    """Let every reply come to its end."""
    query = sa.text("SELECT count(*) FROM ai.turn WHERE conversation_id = :id AND state <> 'done'")
    while True:
        for process in processes:
            for queue in process.script.replies:
                queue.put_nowait("last ")
                queue.put_nowait(None)
        async with stage.database.transaction() as connection:
            if not await connection.scalar(query, {"id": room.id}):
                return
        await asyncio.sleep(0.05)


async def judge(stage: Stage, room: Room, log: Log) -> list[str]:
    """The promises on what left and on what is stored."""
    truth = await read_truth(stage.database_url, [str(room.id)])
    kept = truth.get(str(room.id))
    if kept is None:
        return log.wrong
    found = [f"{violation.invariant}: {violation.what}" for violation in check([], {kept.id: kept})]
    return [*log.wrong, *found, *_texts(kept, log)]


def _texts(kept: Kept, log: Log) -> list[str]:
    """What was emitted of a reply is what is stored of it, and what its acknowledged cut says."""
    wrong: list[str] = []
    stored = {message["turn_id"]: message["text"] for message in kept.messages if message["turn_id"] is not None}
    for turn in kept.turns:
        if turn["outcome"] in ("replaced", "dropped"):
            continue
        emitted, text = log.text_of(UUID(turn["id"])), stored.get(turn["id"], "")
        if emitted != text:
            wrong.append(f"{turn['outcome']} turn emitted {len(emitted)} characters, stored are {len(text)} (home {turn['home']})")
        cut = log.cuts.get(UUID(turn["id"]))
        if cut is not None and cut[1] != len(text):
            wrong.append(f"the cut was acknowledged at {cut[1]}, stored are {len(text)}")
    return [*wrong, *log.wrong[len(log.wrong) :]]
