"""Machines that answer us: found by what they do, answered no more for a while, and people taken for none."""

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from business.channels import loops, muting, receiving
from business.channels.loops import ALIKE_SHORT, Text, near, why
from business.channels.provider import Incoming
from business.channels.receiving import no_files
from business.handoffs.ownership import Actor, Moved
from kernel.errors import NotFound
from kernel.ids import StaffId
from kernel.tables.ai import ChatSession, Turn
from kernel.tables.core import Audit
from kernel.tables.ops import TextMessage, TextNumber
from tests.sms.arriving import Arriving
from tests.sms.people import somebody_waits

T0 = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)
MOST_OF_OURS = 5


def at(seconds: float, words: str) -> Text:
    return Text(T0 + timedelta(seconds=seconds), words)


def talk(machine: Callable[[int, str], str], *, every: float, ours: Callable[[int, str], str]) -> tuple[int, str | None]:
    """Our texts until it is found out, and as what; `every`: seconds that it takes to answer."""
    theirs: list[Text] = []
    mine: list[Text] = []
    said, clock = machine(0, ""), 0.0
    while len(mine) < 12:
        found = why(at(clock, said), theirs, mine)
        if found is not None:
            return len(mine), found
        theirs.insert(0, at(clock, said))
        clock += 2
        mine.insert(0, at(clock, ours(len(mine), said)))
        clock += every
        said = machine(len(theirs), mine[0].words)
    return len(mine), None


def house(turn: int, said: str) -> str:
    """Another sentence each time."""
    return f"Thanks! What day is your party, and how many are you? ({'abcdefghijklmnop'[turn]})"


WORDS = ("Interesting.", "So wonderful!", "Tell me more...", "Is it indeed?", "Perhaps we come.", "Surely a dozen.")
MACHINES: dict[str, Callable[[int, str], str]] = {
    "says the same": lambda n, _: "Thank you for contacting Acme Plumbing. We will get back to you.",
    "says the same with a number": lambda n, _: f"Ticket #{1000 + n} was created. We will get back to you within 24 hours.",
    "says the same in other letters": lambda n, _: (
        ("THANKS for your message, " if n % 2 else "thanks for your message ") + "we are closed now!"
    ),
    "has two sayings": lambda n, _: ("We are closed at the moment, sorry about that.", "Visit our page for hours and directions!")[n % 2],
    "sends back what it gets": lambda n, got: got or "hello there",
    "one word": lambda n, _: "ok",
    "a menu": lambda n, _: "Reply 1 for sales, 2 for support, 3 for billing",
    "talks, at once": lambda n, _: f"{WORDS[n % 6]} And what would {WORDS[(n * 5 + 1) % 6]} dinner cost {WORDS[(n + 3) % 6]} guests?",
}


class TestMachines:
    @pytest.mark.parametrize("name", MACHINES)
    def test_are_found_after_five_texts_of_ours_at_most(self, name: str) -> None:
        ours, found = talk(MACHINES[name], every=1.0, ours=house)
        assert found is not None and ours <= MOST_OF_OURS, (name, ours, found)

    @pytest.mark.parametrize("name", [name for name in MACHINES if name != "talks, at once"])
    def test_slow_ones_too(self, name: str) -> None:
        ours, found = talk(MACHINES[name], every=120.0, ours=house)
        assert found is not None and ours <= MOST_OF_OURS, (name, ours, found)

    @pytest.mark.parametrize(
        "said",
        [
            "I'm driving with Do Not Disturb While Driving turned on. I'll see your message when I get where I'm going.",
            "I’m driving right now. I will answer later.",
            "Auto-reply: I am out of the office until Monday.",
            "This is an automated response. Do not reply to this message.",
            "Estoy conduciendo, te respondo luego",
            "Respuesta automática: fuera de la oficina.",
        ],
    )
    def test_answering_machines_are_not_answered_once(self, said: str) -> None:
        assert why(at(30, said), [], [at(0, "See you on Saturday!")]) == "automatic"


class TestPeople:
    def test_who_talks(self) -> None:
        party = [
            "hi",
            "a party of 12",
            "saturday the 5th",
            "yes",
            "94539",
            "yes",
            "chicken for all",
            "yes",
            "ok",
            "yes please",
            "thanks!",
            "ok",
        ]
        ours, found = talk(lambda n, _: party[n % len(party)], every=9.0, ours=house)
        assert (ours, found) == (12, None)

    def test_who_says_yes_four_times(self) -> None:
        said = [
            *(["Yes"] * (ALIKE_SHORT - 1)),
            "94539",
            "eight adults",
            "two kids",
            "shrimp and steak",
            "on grass",
            "no tables",
            "ok",
            "bye",
        ]
        ours, found = talk(lambda n, _: said[n % 12], every=9.0, ours=house)
        assert (ours, found) == (12, None)

    def test_who_asks_again_because_nobody_answers(self) -> None:
        words = "Is anybody there? We wait for an answer."
        theirs = [at(60 * n, words) for n in (4, 3, 2, 1)]
        assert why(at(300, words), theirs, []) is None

    def test_who_types_while_we_write(self) -> None:
        """Texts that cross are no machine."""
        theirs = [at(11, "and my mother is a vegetarian, too")]
        assert why(at(21, "and the gate code is at the door"), theirs, [at(20, "Got it."), at(10, "Noted.")]) is None

    @pytest.mark.parametrize("said", ["I'm driving, can you do Saturday at 6?", "Is your out of office on? Call me?"])
    def test_who_asks_something(self, said: str) -> None:
        assert why(at(30, said), [], [at(0, "See you on Saturday!")]) is None

    def test_who_writes_first(self) -> None:
        assert why(at(30, "I'm driving, will text about the party later"), [], []) is None

    def test_who_quotes_us_once(self) -> None:
        assert why(at(30, "What day is your party?"), [], [at(0, "What day is your party?")]) is None


class TestNear:
    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("We are closed now, come tomorrow.", "we are closed now come tomorrow", True),
            ("Ticket 12 was opened for you", "Ticket 99 was opened for you", True),
            ("Estamos cerrados ahora mismo", "Estámos cerrados ahora mismo!", True),
            ("yes", "Yes!", True),
            ("yes", "yep", False),
            ("", "", False),
            ("!!!", "!!!", False),
            ("A party of twelve on Saturday", "A chef for nine of us on Sunday", False),
        ],
    )
    def test_texts(self, one: str, other: str, same: bool) -> None:
        assert near(one, other) is same and near(other, one) is same

    def test_long_ones_cost_little(self) -> None:
        assert near("ab" * 2000, "ba" * 2000 + "x") in (True, False)

    def test_of_what_is_endless_the_beginning_is_looked_into(self) -> None:
        assert len(loops._bare("a" * 100_000)) == loops.LOOKED_INTO
        assert near("We are closed now. " * 5_000, "We are closed now. " * 6_000)

    def test_letters_in_disorder_are_not_compared(self) -> None:
        """Whoever chooses the words would have each of ours compared with each of theirs, slowly."""
        letters = list("we bring the grill to your party" * 6)
        one, other = ("".join(random.Random(seed).sample(letters, len(letters))) for seed in (1, 2))
        assert not loops._share_words(one.split(), other.split()) and not near(one, other)


class TestMuted:
    """With the whole of what takes texts in; ours are written as the assistant's."""

    async def _round(self, arrived: Arriving, n: int, words: str) -> None:
        texting, rc = arrived.texting, arrived.texting.rc
        texting.clock.by += timedelta(seconds=3)
        await arrived.receiver().take([Incoming(f"{arrived.phone}.{n}", arrived.phone, rc.number, words, texting.clock())])

    async def _ours(self, arrived: Arriving, n: int) -> None:
        conversation = await arrived.conversation()
        texting = arrived.texting
        texting.clock.by += timedelta(seconds=1)
        await texting.write(arrived.phone, house(n, ""), conversation=conversation.id, purpose="reply", now=texting.clock())
        async with arrived.database.transaction() as connection:
            unsent = sa.update(TextMessage).where(TextMessage.sent_at.is_(None))
            await connection.execute(unsent.values(sent_at=texting.clock()))

    async def test_two_machines_stop_and_staff_hear_of_it(self, arrived: Arriving) -> None:
        for n in range(9):
            await self._round(arrived, n, "Thank you for contacting Acme. We are closed.")
            if (await arrived.came())[-1].outcome == "said":
                await self._ours(arrived, n)
        outcomes = [row.outcome for row in await arrived.came()]
        assert outcomes.count("said") <= MOST_OF_OURS and set(outcomes[outcomes.index("looped") :]) == {"looped"}
        assert len(await arrived.said()) == 9, "all of it is shown"
        assert await arrived.muted() == "alike"
        assert await arrived.called("text_loop") == 1
        assert [one["reason"] for one in await arrived.staff_log("alert")] == ["text_loop"]

    async def test_it_ends_by_itself_and_the_next_time_lasts_longer(self, arrived: Arriving) -> None:
        now = arrived.texting.clock()
        first = await arrived.database.unit(lambda c: loops.mute(c, arrived.phone, "alike", now))
        later = first + timedelta(minutes=1)
        second = await arrived.database.unit(lambda c: loops.mute(c, arrived.phone, "echo", later))
        assert (first - now, second - later) == (loops.MUTED, loops.MUTED_AGAIN)
        assert await self._judged(arrived, second - timedelta(minutes=1)) == "muted"
        assert await self._judged(arrived, second) is None

    async def _lifted(self, arrived: Arriving) -> tuple[Moved | None, Actor]:
        actor = Actor(StaffId(await arrived.texting.town.staff()), "Dana")
        conversation = (await arrived.conversation()).id
        return await arrived.database.unit(lambda c: muting.lift(c, conversation, actor, arrived.texting.clock())), actor

    async def _an_echo(self, arrived: Arriving) -> None:
        """Twice it sends back what it gets, and is muted; no turn waits."""
        await self._round(arrived, 0, "hello there")
        await self._ours(arrived, 0)
        await self._round(arrived, 1, house(0, ""))
        await arrived.texting.town.run(sa.delete(Turn))
        await arrived.texting.town.run(sa.update(ChatSession).values(claimed_seq=ChatSession.last_seq, waiting_since=None))
        await self._round(arrived, 2, house(0, ""))
        assert await arrived.muted() == "echo" and await arrived.waiting_turns() == 0

    async def test_a_colleague_lets_it_be_answered_again(self, arrived: Arriving) -> None:
        await self._an_echo(arrived)
        await self._round(arrived, 3, "I am a person, and ask what it costs")
        conversation = (await arrived.conversation()).id
        known = await arrived.database.unit(lambda c: muting.muted(c, conversation, arrived.texting.clock()))
        assert known is not None and known.why == "echo" and (await arrived.conversation()).waiting_since is None
        moved, actor = await self._lifted(arrived)
        assert moved is not None and moved.answer and await arrived.waiting_turns() == 1, "what waits is answered at once"
        assert (await arrived.conversation()).waiting_since is not None
        assert await arrived.staff_log("unmuted") == [{"by": {"kind": "human", "name": "Dana"}}]
        assert await arrived.database.unit(lambda c: muting.muted(c, conversation, arrived.texting.clock())) is None
        assert (await self._lifted(arrived))[0] is None, "again is the same"
        trail = await arrived.rows(sa.select(Audit).where(Audit.action == "conversation.unmute", Audit.subject == str(conversation)))
        assert [(row.actor_id, row.details) for row in trail] == [(str(actor.id), {"why": "echo"})]

    async def test_what_was_before_tells_no_machine_any_more_and_what_comes_does(self, arrived: Arriving) -> None:
        await self._an_echo(arrived)
        await self._lifted(arrived)
        await self._round(arrived, 3, "A dinner for twelve of us, please")
        assert (await arrived.came())[-1].outcome == "said"
        await self._ours(arrived, 1)
        for n in (4, 5):
            await self._round(arrived, n, house(1, ""))
        (row,) = await arrived.rows(sa.select(TextNumber).where(TextNumber.number == arrived.phone))
        assert row.mute_reason == "echo" and row.muted_until - arrived.texting.clock() > loops.MUTED

    async def test_where_a_person_has_the_conversation_nothing_is_answered_for_them(self, arrived: Arriving) -> None:
        await self._an_echo(arrived)
        await arrived.texting.town.run(sa.update(ChatSession).values(owner="queue"))
        moved, _ = await self._lifted(arrived)
        assert moved is not None and not moved.answer and await arrived.waiting_turns() == 0

    async def test_a_text_that_is_taken_in_the_same_moment_is_answered(self, arrived: Arriving) -> None:
        await self._an_echo(arrived)
        await arrived.texting.town.run(sa.update(ChatSession).values(claimed_seq=ChatSession.last_seq))
        incoming = Incoming("same", arrived.phone, arrived.texting.rc.number, "Still there?", arrived.texting.clock())
        town = arrived.texting.town
        async with arrived.database.transaction() as connection:
            took = await receiving.take(connection, town.profile, ("US",), incoming, "ringcentral", no_files, arrived.texting.clock())
            lifting = asyncio.create_task(self._lifted(arrived))
            await somebody_waits(arrived.database)
        moved, _ = await lifting
        assert took.outcome == "looped" and moved is not None and moved.answer and await arrived.waiting_turns() == 1

    async def test_nothing_is_lifted_where_nothing_is_muted(self, arrived: Arriving) -> None:
        await self._round(arrived, 0, "hello")
        assert (await self._lifted(arrived))[0] is None and await arrived.staff_log("unmuted") == []
        visitor = await arrived.texting.town.visitor()
        actor = Actor(StaffId(await arrived.texting.town.staff()), "Dana")
        assert await arrived.database.unit(lambda c: muting.lift(c, visitor.conversation, actor, arrived.texting.clock())) is None
        with pytest.raises(NotFound):
            await arrived.database.unit(lambda c: muting.lift(c, uuid4(), actor, arrived.texting.clock()))

    async def test_a_person_who_has_the_conversation_hears_everything(self, arrived: Arriving) -> None:
        await self._round(arrived, 0, "hello")
        async with arrived.database.transaction() as connection:
            await connection.execute(sa.update(ChatSession).where(ChatSession.phone == arrived.phone).values(owner="queue"))
            until = arrived.texting.clock() + timedelta(hours=1)
            await connection.execute(sa.insert(TextNumber).values(number=arrived.phone, muted_until=until))
        await self._round(arrived, 1, "I am a person")
        assert [row.outcome for row in await arrived.came()] == ["said", "said"]

    async def test_stop_is_heard_though_it_is_muted(self, arrived: Arriving) -> None:
        await arrived.database.unit(lambda c: loops.mute(c, arrived.phone, "alike", arrived.texting.clock()))
        await self._round(arrived, 1, "STOP")
        assert (await arrived.came())[0].outcome == "stop"

    async def test_at_once_twenty_of_the_same_text_are_no_loop(self, arrived: Arriving) -> None:
        one = Incoming("1", arrived.phone, arrived.texting.rc.number, "A party for twenty-five of us", arrived.texting.clock())
        await asyncio.gather(*(arrived.receiver().take([one]) for _ in range(20)))
        assert await arrived.muted() is None and await arrived.waiting_turns() == 1

    async def _judged(self, arrived: Arriving, now: datetime) -> str | None:
        return await arrived.database.unit(lambda c: loops.judge(c, arrived.phone, Text(now, "hello"), now))
