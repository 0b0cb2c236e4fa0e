"""What a person wrote and the customer did not read goes by e-mail: all of it in one, once, and never what was seen in time."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Generator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from business.conversations import staffing
from business.customers.details import Details, tell
from business.emails import addresses
from business.handoffs import unread
from business.sites.service import ensure_install
from kernel.bus import Bus, connect
from kernel.jobs import UnreadReply
from kernel.tables.ai import ChatSession
from kernel.tables.ops import Email, Outbox
from tests.handoffs.conftest import PROFILE, Scene
from tests.handoffs.hours import LINKS, Hours, keys, mails

MINUTES = PROFILE.people.unread_minutes
ANA = "ana@hibachi.fun"


@pytest.fixture
async def bus(redis_url: str) -> AsyncIterator[Bus]:
    found = Bus(connect(redis_url))
    yield found
    await found.close()


@pytest.fixture
async def talk(scene: Scene) -> Scene:
    """Dana has taken the conversation of Ana, whose address is known."""
    await scene.database.unit(ensure_install)
    await scene.answers("Hello.")
    await scene.taken()
    await scene.database.unit(lambda c: tell(c, scene.room.id, Details(name="Ana", email=ANA), ""))
    return scene


@pytest.fixture
def hours(talk: Scene, bus: Bus) -> Hours:
    return Hours(talk.database, bus, PROFILE)


async def write(talk: Scene, text: str) -> int:
    """Dana answers; the `seq`."""
    epoch = (await talk.row()).epoch
    said = await talk.database.unit(
        lambda c: staffing.say(
            c, talk.room.id, talk.room.staff.id, "Dana", client_id=uuid4(), text=text, epoch=epoch, unread_after=timedelta(minutes=MINUTES)
        )
    )
    return said.seq


async def saw(talk: Scene, seq: int) -> None:
    assert await talk.database.unit(lambda c: staffing.customer_saw(c, talk.room.id, seq))


async def notes(talk: Scene) -> list[str]:
    return [payload["text"] for kind, payload in await talk.staff_story() if kind == "note"]


class TestSent:
    async def test_after_so_many_minutes_and_not_before(self, talk: Scene, hours: Hours) -> None:
        await write(talk, "Yes, we have Friday.")
        await hours.go_on(minutes=MINUTES - 0.1)
        assert await mails(talk.database, "unread_reply") == []
        await hours.go_on(minutes=0.2)
        ((to, state, text),) = await mails(talk.database, "unread_reply")
        assert (to, state) == (ANA, "waiting") and "Yes, we have Friday." in text and "Dana" in text
        assert len(await keys(talk.database, "send_email")) == 1

    async def test_everything_unread_in_one(self, talk: Scene, hours: Hours) -> None:
        await write(talk, "Yes, we have Friday.")
        await hours.go_on(minutes=MINUTES - 1)
        await write(talk, "Six or nine in the evening?")
        await hours.go_on(minutes=MINUTES * 3)
        ((_, _, text),) = await mails(talk.database, "unread_reply")
        assert text.index("Friday") < text.index("nine in the evening")
        (note,) = await notes(talk)
        assert "2 messages" in note and ANA in note

    async def test_what_comes_after_the_mail_goes_in_the_next(self, talk: Scene, hours: Hours) -> None:
        await write(talk, "Yes, we have Friday.")
        await hours.go_on(minutes=MINUTES)
        await write(talk, "Shall I hold it?")
        await hours.go_on(minutes=MINUTES)
        _, (_, _, second) = await mails(talk.database, "unread_reply")
        assert "Shall I hold it?" in second and "Friday" not in second

    async def test_staff_see_it_in_the_thread(self, talk: Scene, hours: Hours) -> None:
        await write(talk, "Yes, we have Friday.")
        await hours.go_on(minutes=MINUTES)
        assert await notes(talk) == [f"Not read in the chat: the message went to {ANA} by e-mail. An answer to that mail comes back here."]
        assert all("e-mail" not in told for told in await talk.story()), "the customer's log says nothing of it"


class TestNotSent:
    async def test_what_was_seen_in_the_last_instant(self, talk: Scene, hours: Hours) -> None:
        seq = await write(talk, "Yes, we have Friday.")
        await hours.go_on(minutes=MINUTES - 0.01)
        await saw(talk, seq)
        await hours.go_on(hours=1)
        assert await mails(talk.database, "unread_reply") == [] and await notes(talk) == []

    async def test_seen_and_sent_in_the_same_instant(self, talk: Scene) -> None:
        """Either the customer's word comes first, and nothing goes; or the mail was first."""
        seq = await write(talk, "Yes, we have Friday.")
        job = UnreadReply(conversation=talk.room.id, seq=seq)
        send = talk.database.unit(lambda c: unread.send(c, PROFILE, LINKS, job))
        sent, _ = await asyncio.gather(send, saw(talk, seq))
        assert len(await mails(talk.database, "unread_reply")) == (sent is not None)

    async def test_waits_for_a_customer_who_is_just_reading(self, talk: Scene) -> None:
        seq = await write(talk, "Yes, we have Friday.")
        job = UnreadReply(conversation=talk.room.id, seq=seq)
        async with talk.database.transaction() as connection:
            assert await staffing.customer_saw(connection, talk.room.id, seq)
            send = asyncio.create_task(talk.database.unit(lambda c: unread.send(c, PROFILE, LINKS, job)))
            await asyncio.sleep(0.1)
            assert not send.done()
        assert await send is None and await mails(talk.database, "unread_reply") == []

    async def test_only_what_was_not_seen(self, talk: Scene, hours: Hours) -> None:
        await saw(talk, await write(talk, "Yes, we have Friday."))
        await write(talk, "Shall I hold it?")
        await hours.go_on(minutes=MINUTES)
        ((_, _, text),) = await mails(talk.database, "unread_reply")
        assert "Friday" not in text

    async def test_without_an_address(self, scene: Scene, bus: Bus) -> None:
        await scene.database.unit(ensure_install)
        await scene.answers("Hello.")
        await scene.taken()
        await write(scene, "Yes, we have Friday.")
        await Hours(scene.database, bus, PROFILE).go_on(minutes=MINUTES)
        assert await mails(scene.database, "unread_reply") == [] and await notes(scene) == []

    async def test_to_an_address_that_gets_none(self, talk: Scene, hours: Hours) -> None:
        await talk.database.unit(lambda c: addresses.suppress(c, ANA, "all", "bounced"))
        await write(talk, "Yes, we have Friday.")
        await hours.go_on(minutes=MINUTES)
        assert await keys(talk.database, "send_email") == [] and await notes(talk) == []


class Dying:
    """Work that is cut off at its n-th wait, as that of a worker that dies: what it had not committed is undone."""

    def __init__(self, work: Coroutine[Any, Any, Any], at: int) -> None:
        self._work, self._at = work, at

    def __await__(self) -> Generator[Any, Any, Any]:
        waits, left, task = self._work.__await__(), self._at, asyncio.current_task()
        assert task is not None
        sent = None
        while True:
            left -= 1
            if left == 0:
                task.cancel()
            try:
                sent = yield waits.send(sent)
            except StopIteration as end:
                return end.value
            except asyncio.CancelledError as error:
                yield from _cut(waits, error)


def _cut(waits: Generator[Any, Any, Any], error: BaseException) -> Generator[Any, Any, Any]:
    """Its transactions are rolled back, which takes waits of their own."""
    waited = waits.throw(error)
    while True:
        yield waited
        waited = waits.send(None)


async def dies(work: Coroutine[Any, Any, Any], at: int) -> bool:
    """Whether it was cut off before its end."""

    async def run() -> None:
        await Dying(work, at)

    (ended,) = await asyncio.gather(asyncio.create_task(run()), return_exceptions=True)
    assert ended is None or isinstance(ended, asyncio.CancelledError), ended
    return ended is not None


class TestOnce:
    async def test_though_workers_die_at_every_wait(self, talk: Scene, hours: Hours) -> None:
        await write(talk, "Yes, we have Friday.")
        hours.passed = timedelta(minutes=MINUTES)
        kills = 0
        for at in range(1, 400):
            await self._free(talk)
            if not await dies(hours.workers[at % 2].due(), at):
                break
            kills += 1
            assert len(await mails(talk.database, "unread_reply")) <= 1
        await hours.go_on(hours=1)
        assert kills > 10 and len(await mails(talk.database, "unread_reply")) == 1
        assert len(await keys(talk.database, "send_email")) == 1 and len(await notes(talk)) == 1

    async def test_though_two_effects_of_one_window_race(self, talk: Scene) -> None:
        jobs = [UnreadReply(conversation=talk.room.id, seq=await write(talk, f"Number {n}")) for n in range(6)]
        await asyncio.gather(*(talk.database.unit(lambda c, j=job: unread.send(c, PROFILE, LINKS, j)) for job in jobs))  # type: ignore[misc]
        async with talk.database.transaction() as connection:
            assert await connection.scalar(sa.select(sa.func.count()).select_from(Email)) == 1
            assert await connection.scalar(sa.select(ChatSession.mailed_seq)) == jobs[-1].seq

    @staticmethod
    async def _free(talk: Scene) -> None:
        """As if the lease of who is gone had run out, and everything were due."""
        effect, past = Outbox.kind == "unread_reply", sa.func.clock_timestamp() - timedelta(seconds=1)
        async with talk.database.transaction() as connection:
            await connection.execute(sa.update(Outbox).where(effect, Outbox.state == "new").values(next_at=past))
            await connection.execute(sa.update(Outbox).where(effect, Outbox.state == "working").values(lease_until=past))
