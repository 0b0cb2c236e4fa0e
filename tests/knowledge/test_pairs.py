"""Pairs for people: pages that neither skip nor repeat, one whole with and without its record, preferences, and what all come to."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from kernel.database import Database
from kernel.errors import Conflict, NotFound
from kernel.ids import new_id
from kernel.tables.ai import ShadowPair, TurnRecord
from kernel.tables.core import Staff
from knowledge.learning import figures, pairs
from knowledge.learning.figures import Span
from knowledge.learning.pairs import Wanted
from tests.knowledge import pairs as made

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
PACIFIC = ZoneInfo("America/Los_Angeles")


@pytest.fixture
async def conversation(database: Database) -> UUID:
    return await made.conversation(database)


async def one(database: Database, conversation: UUID, *, record: bool = True, **more: Any) -> UUID:
    async with database.transaction() as connection:
        turn = await made.turn(connection, conversation, record=record)
        return await made.pair(connection, conversation, turn, **more)


async def dana(database: Database, name: str = "Dana") -> UUID:
    who = new_id()
    async with database.transaction() as connection:
        row = {"id": who, "email": f"{name}@example.com", "name": name, "role": "owner", "password_hash": "x"}
        await connection.execute(sa.insert(Staff).values(row))
    return who


async def ids(database: Database, wanted: Wanted) -> list[UUID]:
    async with database.transaction() as connection:
        lines, _ = await pairs.page(connection, wanted)
    return [line.id for line in lines]


class TestPage:
    async def test_of_nothing(self, database: Database) -> None:
        async with database.transaction() as connection:
            assert await pairs.page(connection, Wanted()) == ((), None)
            assert await pairs.runs(connection) == ()

    async def test_goes_on_where_the_one_before_ended(self, database: Database, conversation: UUID) -> None:
        """Also among pairs of one moment, whose ids alone tell them apart, and where new ones come meanwhile."""
        moments = [EPOCH, EPOCH, EPOCH, EPOCH + timedelta(seconds=1), EPOCH - timedelta(days=1)]
        known = {await one(database, conversation, at=at): at for at in moments}
        found: list[UUID] = []
        before: UUID | None = None
        while True:
            async with database.transaction() as connection:
                lines, before = await pairs.page(connection, Wanted(before=before, limit=2))
            found += [line.id for line in lines]
            if before is None:
                break
            await one(database, conversation, at=EPOCH + timedelta(days=len(found)))
        assert found == sorted(known, key=lambda one: (known[one], one), reverse=True)

    async def test_ends_where_its_mark_is_gone(self, database: Database, conversation: UUID) -> None:
        await one(database, conversation)
        assert await ids(database, Wanted(before=uuid4())) == []

    async def test_narrowed(self, database: Database, conversation: UUID) -> None:
        plain = await one(database, conversation)
        faq = await one(database, conversation, intent="faq", agrees=True, agreement=made.AGREES)
        other = await one(database, conversation, candidate="spare", run="replay-7")
        failed = await one(database, conversation, state="failed", error="timeout", agrees=None, similarity=None)
        staff = await dana(database)
        await database.unit(lambda c: pairs.prefer(c, faq, "tie", staff))
        for wanted, expected in (
            (Wanted(), {plain, faq, other, failed}),
            (Wanted(candidate="spare"), {other}),
            (Wanted(intent="faq"), {faq}),
            (Wanted(run="live"), {plain, faq, failed}),
            (Wanted(state="failed"), {failed}),
            (Wanted(agrees=False), {plain, other}),
            (Wanted(agrees=True), {faq}),
            (Wanted(judged=True), {faq}),
            (Wanted(judged=False, state="done"), {plain, other}),
            (Wanted(candidate="nobody"), set()),
        ):
            assert set(await ids(database, wanted)) == expected, wanted
        async with database.transaction() as connection:
            assert set(await pairs.runs(connection)) == {"live", "replay-7"}

    async def test_says_what_the_customer_asked_while_that_is_kept(self, database: Database, conversation: UUID) -> None:
        await one(database, conversation, record=False)
        await one(database, conversation)
        async with database.transaction() as connection:
            lines, _ = await pairs.page(connection, Wanted())
            assert [line.question for line in lines] == [made.ASKED, None]
            long = [{"role": "user", "content": "x" * 5_000}]
            await connection.execute(sa.update(TurnRecord).values(messages=long))
            (line, _), _ = await pairs.page(connection, Wanted())
            assert line.question == "x" * pairs.ASKED


class TestPair:
    async def test_none(self, database: Database) -> None:
        async with database.transaction() as connection:
            with pytest.raises(NotFound):
                await pairs.pair(connection, uuid4())

    async def test_with_its_record(self, database: Database, conversation: UUID) -> None:
        wanted = await one(database, conversation)
        async with database.transaction() as connection:
            found = await pairs.pair(connection, wanted)
        assert (found.question, found.channel, found.stakes) == (made.ASKED, "web", "high")
        assert (found.primary.model, found.primary.text, found.primary.calls) == ("teacher", made.PRIMARY, [made.QUOTED])
        assert (found.shadow.model, found.shadow.text, found.shadow.first_token_ms) == ("student", made.SHADOW, 300)
        assert found.agreement["amounts"]["only_candidate"] == ["$700"] and found.agrees is False

    async def test_whose_record_is_gone_keeps_its_figures(self, database: Database, conversation: UUID) -> None:
        wanted = await one(database, conversation, record=False)
        async with database.transaction() as connection:
            found = await pairs.pair(connection, wanted)
        assert (found.question, found.primary.text, found.primary.calls) == (None, None, ())
        assert (found.primary.duration_ms, found.similarity) == (2_000, 0.9)

    async def test_of_a_turn_in_which_no_customer_spoke(self, database: Database, conversation: UUID) -> None:
        wanted = await one(database, conversation)
        async with database.transaction() as connection:
            await connection.execute(sa.update(TurnRecord).values(messages=[{"role": "system", "content": "x"}]))
            found = await pairs.pair(connection, wanted)
        assert found.question is None and found.primary.text == made.PRIMARY


class TestPreferring:
    async def test_refused(self, database: Database, conversation: UUID) -> None:
        staff = await dana(database)
        with pytest.raises(NotFound):
            await database.unit(lambda c: pairs.prefer(c, uuid4(), "tie", staff))
        for state in ("waiting", "failed", "skipped"):
            wanted = await one(database, conversation, state=state)
            with pytest.raises(Conflict):
                await database.unit(lambda c, w=wanted: pairs.prefer(c, w, "candidate", staff))  # type: ignore[misc]
        async with database.transaction() as connection:
            assert await connection.scalar(sa.select(sa.func.count()).where(ShadowPair.preference.is_not(None))) == 0

    async def test_noted_once_changed_and_taken_back(self, database: Database, conversation: UUID) -> None:
        wanted, mine, hers = await one(database, conversation), await dana(database), await dana(database, "Olga")

        async def say(preference: pairs.Preference | None, staff: UUID) -> tuple[bool, str | None, str | None]:
            changed = await database.unit(lambda c: pairs.prefer(c, wanted, preference, staff))
            async with database.transaction() as connection:
                found = await pairs.pair(connection, wanted)
            assert (found.preferred_at is None) == (found.preference is None)
            return changed, found.preference, found.preferred_by

        assert await say("candidate", mine) == (True, "candidate", "Dana")
        assert await say("candidate", mine) == (False, "candidate", "Dana")
        assert await say("candidate", hers) == (False, "candidate", "Dana")
        assert await say("tie", hers) == (True, "tie", "Olga")
        assert await say(None, mine) == (True, None, None)
        assert await say(None, mine) == (False, None, None)

    async def test_by_two_at_once_changes_it_once(self, database: Database, conversation: UUID) -> None:
        wanted, staff = await one(database, conversation), await dana(database)
        async with database.transaction() as connection:
            assert await pairs.prefer(connection, wanted, "primary", staff)
            second = asyncio.create_task(database.unit(lambda c: pairs.prefer(c, wanted, "primary", staff)))
            waits = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            async with asyncio.timeout(5):
                while not await connection.scalar(waits):
                    pass
        assert await second is False


class TestFigures:
    async def test_of_nothing(self, database: Database) -> None:
        async with database.transaction() as connection:
            assert await figures.by_candidate(connection, Span("live", EPOCH)) == ()
            assert await figures.by_day(connection, Span("live", EPOCH), PACIFIC) == ()

    async def test_of_a_candidate_whose_every_answer_failed(self, database: Database, conversation: UUID) -> None:
        nothing: dict[str, Any] = dict.fromkeys(("similarity", "agrees", "first_token_ms", "duration_ms", "cost_microdollars"))
        await one(database, conversation, state="failed", error="timeout", agreement={}, **nothing)
        await one(database, conversation, state="skipped", error="over_budget", agreement={}, **nothing)
        async with database.transaction() as connection:
            (found,) = await figures.by_candidate(connection, Span("live", EPOCH))
        assert (found.pairs, found.failed, found.skipped, found.cost_microdollars) == (0, 1, 1, 0)
        assert found.similarity_mean is None and found.agreement.all is None and found.primary.duration_p50_ms is None

    async def test_are_those_of_the_rows(self, database: Database, conversation: UUID) -> None:
        staff = await dana(database)
        for n in range(11):
            agrees: dict[str, Any] = {"agreement": made.AGREES, "agrees": True} if n < 4 else {}
            wanted = await one(
                database,
                conversation,
                similarity=n / 10,
                first_token_ms=100 * n,
                cost_microdollars=n,
                critic="candidate" if n else "tie",
                **agrees,
            )
            if n < 3:
                await database.unit(lambda c, w=wanted: pairs.prefer(c, w, "primary", staff))  # type: ignore[misc]
        await one(database, conversation, candidate="spare", intent="faq", primary_cost_microdollars=None)
        await one(database, conversation, run="replay-7")
        async with database.transaction() as connection:
            spare, student = await figures.by_candidate(connection, Span("live", EPOCH))
        assert (spare.candidate, spare.pairs, spare.primary.cost_each_microdollars) == ("spare", 1, None)
        assert (student.pairs, student.cost_microdollars, student.shadow.cost_each_microdollars) == (11, 55, 5)
        assert student.similarity_mean == pytest.approx(0.5) and student.similarity_p10 == pytest.approx(0.1)
        assert student.agreement.all == student.agreement.amounts == pytest.approx(4 / 11) and student.agreement.dates == 1
        assert (student.shadow.first_token_p50_ms, student.shadow.first_token_p95_ms) == (500, 950)
        assert (student.primary.first_token_p50_ms, student.primary.duration_p95_ms) == (500, 2_000)
        assert (student.critic.candidate, student.critic.tie, student.staff.primary, student.staff.candidate) == (10, 1, 3, 0)

    async def test_by_intent_and_by_day_of_the_business(self, database: Database, conversation: UUID) -> None:
        late = datetime(2026, 3, 2, 5, tzinfo=UTC)  # nine in the evening before, by the business's clock
        await one(database, conversation, at=late)
        await one(database, conversation, at=late + timedelta(hours=6))
        await one(database, conversation, at=late + timedelta(hours=6), intent="faq")
        await one(database, conversation, at=late - timedelta(days=9))
        span = Span("live", late - timedelta(days=1), candidate="student")
        async with database.transaction() as connection:
            days = await figures.by_day(connection, span, PACIFIC)
            assert [(one.day, one.pairs) for one in days] == [(date(2026, 3, 1), 1), (date(2026, 3, 2), 2)]
            intents = await figures.by_intent(connection, span)
            assert [(one.intent, one.pairs) for one in intents] == [("faq", 1), ("quote", 2)]
            only = await figures.by_day(connection, Span("live", EPOCH, "student", "faq"), PACIFIC)
            assert [one.pairs for one in only] == [1]
