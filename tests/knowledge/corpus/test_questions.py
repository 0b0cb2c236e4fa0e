"""Questions for which nothing was found: once a turn, together where they are the same, settled, forgotten."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from kernel.database import Database
from kernel.ids import new_id
from kernel.tables.ai import UnansweredQuestion
from knowledge.corpus import questions
from knowledge.corpus.questions import Asked, Question
from tests.knowledge import pairs as made
from tests.knowledge.corpus import shelf

STAFF = new_id()


@pytest.fixture
async def conversation(database: Database) -> UUID:
    return await made.conversation(database)


async def asked(database: Database, conversation: UUID, question: str, *, days_ago: int = 0, nearest: UUID | None = None) -> UUID:
    async with database.transaction() as connection:
        turn = await made.turn(connection, conversation, record=False)
        for _ in range(2):  # a commit whose answer was lost is said again
            await questions.keep(connection, Asked(conversation, turn, question, "en", nearest, 0.31 if nearest else None))
        at = sa.func.clock_timestamp() - timedelta(days=days_ago)
        await connection.execute(sa.update(UnansweredQuestion).where(UnansweredQuestion.turn_id == turn).values(created_at=at))
    return turn


async def listed(database: Database, state: questions.State = "open") -> tuple[Question, ...]:
    async with database.transaction() as connection:
        return await questions.listing(connection, state)


class TestQuestions:
    async def test_the_same_in_other_letters_are_one(self, database: Database, conversation: UUID) -> None:
        await asked(database, conversation, "Do you sell gift cards?", days_ago=3)
        await asked(database, conversation, "¿Tienen mariachi?", days_ago=2)
        await asked(database, conversation, "do you   sell GIFT-CARDS", days_ago=1)
        await asked(database, conversation, "tienen mariachí")
        found = await listed(database)
        assert [(one.question, one.times) for one in found] == [("tienen mariachí", 2), ("do you   sell GIFT-CARDS", 2)]
        assert found[0].last_at - found[0].first_at > timedelta(days=1)
        async with database.transaction() as connection:
            assert await questions.counted(connection) == {"open": 2, "answered": 0, "ignored": 0}
            older = await questions.listing(connection, before=found[0].last_at)
        assert [one.question for one in older] == ["do you   sell GIFT-CARDS"]

    async def test_are_settled_together_and_opened_again(self, database: Database, conversation: UUID) -> None:
        await asked(database, conversation, "gift cards?", days_ago=1)
        await asked(database, conversation, "Gift cards!")
        await asked(database, conversation, "mariachi?")
        [_, cards] = sorted(await listed(database), key=lambda one: one.times)
        async with database.transaction() as connection:
            assert await questions.settle(connection, cards.id, "ignored", STAFF) == 2
        assert [one.question for one in await listed(database)] == ["mariachi?"]
        assert [one.times for one in await listed(database, "ignored")] == [2]
        async with database.transaction() as connection:
            assert await questions.settle(connection, new_id(), "ignored", STAFF) == 0
            assert await questions.settle(connection, cards.id, "open", STAFF) == 2
        assert len(await listed(database)) == 2

    async def test_say_which_piece_was_nearest_while_it_is_there(self, database: Database, conversation: UUID) -> None:
        [piece] = await shelf.pieces(database, ["Drinks | Bring your own."])
        await asked(database, conversation, "do you pour wine?", nearest=piece)
        [found] = await listed(database)
        assert (found.nearest, found.nearest_title, found.nearest_heading, found.similarity) == (piece, "Policies", "Drinks", 0.31)
        async with database.transaction() as connection:
            await connection.execute(sa.text("DELETE FROM ai.document"))
        [found] = await listed(database)
        assert (found.nearest, found.nearest_title, found.similarity) == (None, None, 0.31)

    async def test_are_forgotten_after_their_days(self, database: Database, conversation: UUID) -> None:
        await asked(database, conversation, "old?", days_ago=91)
        await asked(database, conversation, "new?", days_ago=89)
        async with database.transaction() as connection:
            assert [await questions.forget(connection, 90), await questions.forget(connection, 90)] == [1, 0]
        assert [one.question for one in await listed(database)] == ["new?"]
