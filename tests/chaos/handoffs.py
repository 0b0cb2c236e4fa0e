"""Handoffs on a running install whose workers are killed, stopped and left without Redis: what became of each, counted.

The assistant's call is made through the tools' own door, by a process that dies right after its commit: it announces nothing and wakes
nobody, so whatever happens, workers and sweeps have to find it.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from business.handoffs.opening import open_for
from business.profile.loader import load_profile
from business.push import rules, subscriptions
from kernel.clock import utc_now
from kernel.database import Database
from kernel.wire.base import HandoffKind
from tests.rig.client import ChatClient, ConsoleClient
from tests.rig.fleet import Child
from tests.rig.house import House
from tests.rig.pushes import Device, PushService

PROFILE = load_profile()
KINDS: tuple[HandoffKind, ...] = ("booking", "complaint", "human", "lead", "payment")
SOON = 40.0
# But what is for later: the next step, should nobody claim it; and the documents that a new install reads besides.
OPEN_EFFECTS = (
    "SELECT count(*) FROM ops.outbox WHERE state NOT IN ('done', 'dead') AND kind <> 'read_document'"
    " AND NOT (state = 'new' AND attempts = 0 AND next_at > clock_timestamp())"
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A handoff that was called for."""

    id: str
    kind: HandoffKind
    conversation: str


@dataclass
class Staffed:
    """An install with somebody at the console and devices in pockets."""

    house: House
    database: Database
    service: PushService
    devices: list[Device]
    desk: ConsoleClient
    opened: list[Opened] = field(default_factory=list)

    async def customer(self) -> ChatClient:
        """Somebody who said something."""
        alice = await self.house.customer()
        assert (await alice.say("Hello!"))["ok"]
        return alice

    async def calls(self, alice: ChatClient, kind: HandoffKind) -> Opened:
        """The assistant calls a person, and is gone."""
        conversation = UUID(alice.log.conversation)
        call = {"kind": kind, "urgency": "normal", "summary": "A proof", "facts": {"guests": 60}, "profile": PROFILE, "now": utc_now()}
        done = await self.database.unit(lambda c: open_for(c, conversation, turn=None, **call))  # type: ignore[arg-type]
        found = Opened(str(done.handoff), kind, alice.log.conversation)
        self.opened.append(found)
        return found

    async def count(self, query: str, *arguments: Any) -> int:
        return int((await self.house.rows(query, *arguments))[0][0])

    async def settled(self, within: float = SOON) -> None:
        """Nothing is left in the outbox."""
        await eventually(lambda: self._none(), within, "effects are left")

    async def _none(self) -> bool:
        return await self.count(OPEN_EFFECTS) == 0

    async def wrong(self, *, pushes_may_repeat: bool = False) -> list[str]:
        """What of `exactly once` does not hold, for everything that was opened. Waits for what is on its way to the console."""
        found: list[str] = []
        for one in self.opened:
            await self.desk.until(lambda one=one: any(row["id"] == one.id for row in self.desk.others("handoff")), SOON)  # type: ignore[misc]
            query = "SELECT count(*) FROM ops.handoff WHERE conversation_id::text = $1 AND kind = $2"
            counts = {
                "rows": await self.count(query, one.conversation, one.kind),
                "notifications": await self.count("SELECT count(*) FROM ops.notification WHERE handoff_id::text = $1", one.id),
                "effects": await self._effects("notify_staff", one),
            }
            found += [f"{one.kind}: {many} {what}" for what, many in counts.items() if many != 1]
            if (many := await self._effects("send_push", one)) != len(self.devices):
                found.append(f"{one.kind}: {many} effects of pushes for {len(self.devices)} devices")
            told = Counter(row["rev"] for row in self.desk.others("handoff") if row["id"] == one.id)
            found += [f"{one.kind}: revision {rev} was told {many} times" for rev, many in told.items() if many != 1]
        return found + self._wrong_pushes(pushes_may_repeat)

    async def _effects(self, kind: str, one: Opened) -> int:
        query = "SELECT count(*) FROM ops.outbox WHERE kind = $1 AND payload->>'handoff' = $2 AND state = 'done'"
        return await self.count(query, kind, one.id)

    def _wrong_pushes(self, may_repeat: bool) -> list[str]:
        found = []
        wanted = Counter(one.conversation for one in self.opened)
        for number, device in enumerate(self.devices):
            shown = Counter(push["path"].rpartition("/")[2] for push in device.shown)
            tags = {push["path"]: set[str]() for push in device.shown}
            for push in device.shown:
                tags[push["path"]].add(push["tag"])
            for conversation, times in wanted.items():
                if shown[conversation] < times or (shown[conversation] > times and not may_repeat):
                    found.append(f"device {number} was pushed to {shown[conversation]} times for {times}")
            found += [f"device {number}: {path} has {len(names)} tags" for path, names in tags.items() if len(names) != 1]
        return found

    def pushes(self) -> int:
        """How often the push service was asked."""
        return len(self.service.received)


@asynccontextmanager
async def staffed(house: House, devices: int = 2) -> AsyncIterator[Staffed]:
    """Dana at the console, with devices at a push service of their own."""
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(PushService())
        database = Database(house.fleet.database_url, application="proof", pool_size=4)
        stack.push_async_callback(database.close)
        desk = await house.admin()
        made = [Device(service) for _ in range(devices)]
        for device in made:
            await _subscribe(house, database, device)
        try:
            yield Staffed(house, database, service, made, desk)
        finally:
            await house.rows("DELETE FROM core.push_subscription")


async def _subscribe(house: House, database: Database, device: Device) -> None:
    keys = rules.keys(**device.subscription, services=("127.0.0.1",))
    staff = (await house.rows("SELECT id FROM core.staff WHERE email LIKE 'dana%'"))[0][0]
    await database.unit(lambda c: subscriptions.save(c, staff, "a session", keys))


async def lease_runs_out(house: House) -> None:
    """As the time of a lease would do."""
    await house.rows("UPDATE ops.outbox SET lease_until = clock_timestamp() WHERE state = 'working'")


async def eventually(true: Callable[[], Awaitable[bool]], within: float, what: str) -> float:
    """Wait until it is; the seconds that it took."""
    started = time.monotonic()
    while not await true():
        assert time.monotonic() - started < within, what
        await asyncio.sleep(0.02)
    return time.monotonic() - started


@dataclass
class Crashed:
    """Whether the worker died where it was to, and of which it may have been the last await."""

    died: bool
    at: int


async def crash(staffed: Staffed, at: int, where: str = "effects") -> Crashed:
    """A worker with work to do, which dies at one of its awaits, or survives where there are not so many."""
    worker = await staffed.house.fleet.worker(CRASH_AT=str(at), CRASH_IN=where)

    async def over() -> bool:
        return not worker.alive or await staffed._none()

    await eventually(over, SOON, f"neither died at await {at} nor did its work")
    # What is done last, telling of it, may be where it dies.
    for _ in range(25):
        if not worker.alive:
            break
        await asyncio.sleep(0.02)
    died = not worker.alive
    worker.kill()
    return Crashed(died, at)


async def frozen(staffed: Staffed) -> Child:
    """A healthy worker, stopped until it is needed: it starts no process while something else is measured."""
    worker = await staffed.house.fleet.worker()
    await asyncio.sleep(0.2)
    worker.freeze()
    return worker
