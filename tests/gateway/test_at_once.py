"""Messages and replies stored without holding the conversation: all of it where nothing came in between, nothing of it else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations import leases, queries
from business.conversations.at_once import finish_at_once, receive_at_once
from business.conversations.log import writing
from business.conversations.receive import Received, receive
from business.conversations.turns import Claim, Ended, Runner
from business.conversations.whole import Whole
from business.customers.visitors import Visitor
from business.sites.service import ensure_demo, ensure_install
from kernel.clock import utc_now
from kernel.database import Database
from kernel.ids import new_id
from kernel.tables.ai import ChatEvent, ChatMessage, ChatSession, Turn
from kernel.tables.ops import WebhookEndpoint
from kernel.wire.server import Closed
from tests.chaos.turns import Log, new_room

RUNNER = Runner("test", "postgres")
REPLY = Whole("It is $660.", "Hana", "pricing", "teacher", [], {"agent": "pricing"})
Deed = Callable[[AsyncConnection, UUID], Awaitable[object]]


class Talk:
    """One customer's conversation."""

    def __init__(self, database: Database, visitor: Visitor) -> None:
        self.database = database
        self.visitor = visitor
        self.id = visitor.conversation

    async def says(self, text: str = "How much?", client_id: UUID | None = None) -> Received | None:
        async with self.database.statement() as connection:
            return await receive_at_once(connection, self.visitor, client_id=client_id or uuid4(), text=text, now=utc_now(), runner=RUNNER)

    async def writes(self, text: str = "Hello!") -> Received:
        """The way that holds the conversation."""
        return await self.database.unit(lambda c: receive(c, self.visitor, client_id=uuid4(), text=text, now=utc_now(), runner=RUNNER))

    async def ends(self, claim: Claim, *, fence: int = 1) -> Ended | None:
        async with self.database.statement() as connection:
            return await finish_at_once(connection, self.id, claim.turn, fence, REPLY, None)

    async def answered(self, text: str = "Hello!") -> None:
        """A question with its answer."""
        received = await self.says(text) or await self.writes(text)
        assert received.claim is not None and await self.ends(received.claim) is not None

    async def in_between(self, deed: Deed, mine: Callable[[], Awaitable[object]]) -> object:
        """Somebody holds the conversation, does something and lets it go; `mine` read before, and writes after it."""
        async with self.database.transaction() as connection:
            await connection.execute(sa.select(ChatSession.id).where(ChatSession.id == self.id).with_for_update())
            task = asyncio.ensure_future(mine())
            await self._waits_for_a_lock()
            await deed(connection, self.id)
        return await task

    async def _waits_for_a_lock(self) -> None:
        for _ in range(200):
            async with self.database.statement() as connection:
                waiting = sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
                if await connection.scalar(waiting):
                    return
            await asyncio.sleep(0.01)
        raise AssertionError("it never came to writing")

    async def forgets(self, claim: Claim) -> None:
        """As if nothing had been said since the answer before."""
        seq = claim.answers[0]

        async def forget(connection: AsyncConnection) -> None:
            for table in (ChatEvent, ChatMessage):
                await connection.execute(sa.delete(table).where(table.seq >= seq))
            await connection.execute(sa.delete(Turn).where(Turn.id == claim.turn))
            await connection.execute(sa.update(ChatSession).values(last_seq=seq - 1, claimed_seq=claim.memory_seq))

        await self.database.unit(forget)

    async def rows(self, statement: Any) -> list[Any]:
        async with self.database.transaction() as connection:
            return list((await connection.execute(statement)).all())

    async def everything(self) -> tuple[int, int, list[str]]:
        """How many messages and events there are, and the states of the turns."""
        (messages,), (events,) = [(await self.rows(sa.select(sa.func.count()).select_from(t)))[0] for t in (ChatMessage, ChatEvent)]
        return messages, events, sorted(row.state for row in await self.rows(sa.select(Turn.state)))


@pytest.fixture
async def talk(database: Database) -> AsyncIterator[Talk]:
    await database.unit(ensure_install)
    await database.unit(ensure_demo)
    room = await new_room(database, Log(), uuid4())
    made = Talk(database, room.visitor)
    await made.writes()
    await database.unit(lambda c: c.execute(sa.update(Turn).values(state="done", lease_until=None)))
    yield made


async def nothing(connection: AsyncConnection, conversation: UUID) -> None:
    """To have held it is no change."""


async def closed(connection: AsyncConnection, conversation: UUID) -> None:
    async with writing(connection, conversation) as log:
        log.add(Closed())
        log.change(state="closed")


async def risk(connection: AsyncConnection, conversation: UUID) -> None:
    """A column of the row, and nothing that is logged."""
    await connection.execute(sa.update(ChatSession).values(risk="high"))


async def stop(connection: AsyncConnection, conversation: UUID) -> None:
    """The turn changes, and the conversation does not."""
    await connection.execute(sa.update(Turn).where(Turn.state == "running").values(stop_requested=True))


async def fenced(connection: AsyncConnection, conversation: UUID) -> None:
    await connection.execute(sa.update(Turn).where(Turn.state == "running").values(fence=Turn.fence + 1))


async def listen(connection: AsyncConnection, conversation: UUID) -> None:
    await connection.execute(sa.insert(WebhookEndpoint).values(id=new_id(), url="https://example.com", secret="s"))


class TestAMessage:
    async def test_is_stored_with_its_turn_as_where_the_conversation_is_held(self, talk: Talk) -> None:
        await talk.answered("For ten, in San Jose.")
        received = await talk.says("And for twelve?")
        assert received is not None and received.claim is not None
        (row,) = await talk.rows(sa.select(ChatSession))
        (turn,) = await talk.rows(sa.select(Turn.__table__).where(Turn.id == received.claim.turn))
        assert (turn.state, turn.fence, turn.runner, turn.answers) == ("running", 1, "test", [received.seq])
        assert (row.claimed_seq, row.preview, row.state, row.last_seq) == (received.seq, "And for twelve?", "open", received.seq + 1)
        assert row.waiting_since is not None
        await talk.forgets(received.claim)
        held = (await talk.writes("And for twelve?")).claim
        assert held is not None
        alike = replace(received.claim, turn=held.turn, history=(*received.claim.history[:-1], held.history[-1]))
        assert alike == held, "it reads the same history, at the same times"

    async def test_is_announced_as_it_is_read(self, talk: Talk) -> None:
        received = await talk.says()
        assert received is not None and received.announcement is not None
        (row,) = await talk.rows(sa.select(ChatSession.history))
        async with talk.database.statement() as connection:
            read = await queries.events_after(connection, talk.id, row.history, received.seq - 1)
        assert list(received.announcement.events) == read and len(read) == 2

    async def test_is_stored_though_somebody_held_the_conversation(self, talk: Talk) -> None:
        assert await talk.in_between(nothing, talk.says) is not None

    @pytest.mark.parametrize("deed", [closed, risk, listen])
    async def test_stores_nothing_where_something_came_in_between(self, talk: Talk, deed: Deed) -> None:
        if deed is listen:
            await talk.database.unit(lambda c: listen(c, talk.id))
            before = await talk.everything()
            assert await talk.says() is None
        else:
            before = await talk.everything()
            assert await talk.in_between(deed, talk.says) is None
        more = 1 if deed is closed else 0
        assert await talk.everything() == (before[0], before[1] + more, before[2])

    async def test_is_left_to_the_other_way_where_it_is_a_repeat_or_a_turn_runs(self, talk: Talk) -> None:
        again = uuid4()
        received = await talk.says(client_id=again)
        assert received is not None and received.claim is not None
        assert await talk.says("while it runs") is None
        await talk.ends(received.claim)
        assert await talk.says(client_id=again) is None
        assert await talk.says("anew") is not None

    async def test_four_at_once_are_one_turn(self, talk: Talk) -> None:
        async def one() -> Received:
            return await talk.says() or await talk.writes()

        received = [one for one in await asyncio.gather(*(one() for _ in range(4)), return_exceptions=True) if isinstance(one, Received)]
        assert sorted(one.seq for one in received) == sorted({one.seq for one in received})
        assert sum(one.claim is not None for one in received) == 1
        assert (await talk.everything())[2].count("running") == 1


class TestAReply:
    @pytest.fixture
    async def claim(self, talk: Talk) -> Claim:
        received = await talk.says()
        assert received is not None and received.claim is not None
        return received.claim

    async def test_ends_its_turn_and_is_announced_as_it_is_read(self, talk: Talk, claim: Claim) -> None:
        ended = await talk.ends(claim)
        assert ended is not None and ended.announcement is not None and (ended.outcome, ended.waiting) == ("complete", False)
        (row,) = await talk.rows(sa.select(ChatSession))
        (turn,) = await talk.rows(sa.select(Turn.__table__).where(Turn.id == claim.turn))
        assert (turn.state, turn.outcome, turn.cut_at, turn.lease_until) == ("done", "complete", len(REPLY.said), None)
        assert (row.memory, row.memory_seq, row.waiting_since) == ({"agent": "pricing"}, claim.answers[-1], None)
        async with talk.database.statement() as connection:
            read = await queries.events_after(connection, talk.id, row.history, claim.answers[-1] + 1)
        assert list(ended.announcement.events) == read
        assert [event["kind"] for event in read] == ["message", "reply_finished"]

    async def test_is_stored_once(self, talk: Talk, claim: Claim) -> None:
        assert await talk.ends(claim) is not None
        assert await talk.ends(claim) is None

    async def test_knows_that_more_waits(self, talk: Talk, claim: Claim) -> None:
        await talk.writes("One thing more.")
        ended = await talk.ends(claim)
        assert ended is not None and ended.waiting

    async def test_of_another_fence_stores_nothing(self, talk: Talk, claim: Claim) -> None:
        before = await talk.everything()
        assert await talk.ends(claim, fence=2) is None
        assert await talk.everything() == before

    @pytest.mark.parametrize("deed", [closed, risk, stop, fenced])
    async def test_stores_nothing_where_something_came_in_between(self, talk: Talk, claim: Claim, deed: Deed) -> None:
        messages, events, states = await talk.everything()
        assert await talk.in_between(deed, lambda: talk.ends(claim)) is None
        assert await talk.everything() == (messages, events + (1 if deed is closed else 0), states)

    async def test_is_stored_though_its_lease_was_renewed_meanwhile(self, talk: Talk, claim: Claim) -> None:
        async def renew(connection: AsyncConnection, conversation: UUID) -> None:
            assert await leases.renew(connection, [(claim.turn, 1, "It is")]) == {claim.turn}

        assert await talk.in_between(renew, lambda: talk.ends(claim)) is not None
        assert (await talk.everything())[2] == ["done", "done"]

    async def test_that_hands_over_is_left_to_the_other_way(self, talk: Talk, claim: Claim) -> None:
        await talk.database.unit(lambda c: leases.put_in_queue_at_end(c, claim.turn, new_id()))
        assert await talk.ends(claim) is None


class TestEither:
    async def test_leaves_a_conversation_of_a_person_alone(self, talk: Talk) -> None:
        await talk.database.unit(lambda c: c.execute(sa.update(ChatSession).values(owner="queue", epoch=1)))
        assert await talk.says() is None
        await talk.database.unit(lambda c: c.execute(sa.update(ChatSession).values(owner="ai")))
        assert await talk.says() is None, "who spoke when is to be read, too"

    async def test_is_two_statements(self, talk: Talk) -> None:
        seen: list[str] = []

        def see(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        sa.event.listen(talk.database.primary.sync_engine, "before_cursor_execute", see)
        received = await talk.says()
        assert received is not None and received.claim is not None and len(seen) == 2
        await talk.ends(received.claim)
        assert len(seen) == 4
