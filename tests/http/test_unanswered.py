"""Questions that found nothing, and the indexes, over HTTP."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa

from business.conversations.receive import receive
from business.customers import visitors
from business.sites.queries import site_by_key
from business.sites.service import ensure_demo
from business.staff.service import StaffService
from kernel.clock import utc_now
from kernel.database import Database
from kernel.tables.ai import EmbeddingIndex, Turn
from kernel.tables.core import Audit
from knowledge.corpus import questions
from knowledge.corpus.embedder import MiniLM
from knowledge.corpus.questions import Asked
from knowledge.embedding.encoder import Encoder
from tests.http.test_knowledge import Person, dana_here, olga_here
from tests.knowledge.corpus import shelf

__all__ = ["dana_here", "olga_here"]
PATH = "/api/admin/questions"


async def wondered(database: Database, *said: str) -> None:
    """Customers asked what nobody has written about, one after the other."""
    await database.unit(ensure_demo)
    async with database.transaction() as connection:
        site = await site_by_key(connection, "demo")
    assert site is not None
    for text in said:
        visitor = visitors.mint("secret", site.id, site.key, utc_now())
        await database.unit(lambda c, v=visitor, t=text: receive(c, v, client_id=uuid4(), text=t, now=utc_now()))  # type: ignore[misc]
        async with database.transaction() as connection:
            turn = await connection.scalar(sa.select(Turn.id).where(Turn.conversation_id == visitor.conversation))
            assert turn is not None
            await questions.keep(connection, Asked(visitor.conversation, turn, text, "en"))


class TestQuestions:
    async def test_each_once_with_how_often_it_was_asked(self, dana_here: Person, database: Database) -> None:
        await wondered(database, "Do you juggle knives?", "Is there parking", "do you juggle  knives")
        body = (await dana_here.get(PATH)).json()
        assert [(line["question"], line["times"]) for line in body["items"]] == [("do you juggle  knives", 2), ("Is there parking", 1)]
        assert body["counts"] == {"open": 2, "answered": 0, "ignored": 0}

    async def test_goes_on_where_the_page_ended(self, dana_here: Person, database: Database) -> None:
        await wondered(database, "one?", "two?", "three?")
        found: list[str] = []
        query: dict[str, Any] = {"limit": 2}
        while True:
            body = (await dana_here.get(PATH, **query)).json()
            found += [line["question"] for line in body["items"]]
            if "before" not in body:
                break
            query["before"] = body["before"]
        assert found == ["three?", "two?", "one?"]

    async def test_are_settled_by_chiefs_together_and_audited(self, dana_here: Person, olga_here: Person, database: Database) -> None:
        await wondered(database, "Do you juggle?", "do you juggle")
        (line,) = (await dana_here.get(PATH)).json()["items"]
        path = f"{PATH}/{line['id']}/settle"
        assert (await dana_here.do("POST", path, {"state": "ignored"})).status_code == 403
        assert (await olga_here.do("POST", path, {"state": "forgotten"})).status_code == 400
        assert (await olga_here.do("POST", f"{PATH}/{UUID(int=7)}/settle", {"state": "ignored"})).status_code == 404
        assert (await olga_here.do("POST", path, {"state": "ignored"})).status_code == 200
        assert (await dana_here.get(PATH)).json()["counts"] == {"open": 0, "answered": 0, "ignored": 1}
        async with database.transaction() as connection:
            actions = (await connection.scalars(sa.select(Audit.action).where(Audit.subject == line["id"]))).all()
        assert actions == ["question.ignored"]

    async def test_a_document_written_for_one_answers_it(self, olga_here: Person, database: Database) -> None:
        await wondered(database, "Do you juggle?")
        (line,) = (await olga_here.get(PATH)).json()["items"]
        assert (await olga_here.write("# Juggling\n\nWe do.", question=line["id"])).status_code == 200
        assert (await olga_here.get(PATH)).json()["counts"]["answered"] == 1

    async def test_nobody_who_is_not_signed_in(self, browser: httpx.AsyncClient, staff: StaffService) -> None:
        for path in (PATH, "/api/admin/corpus/indexes"):
            assert (await browser.get(path)).status_code == 401


class TestIndexes:
    async def test_none_before_the_first_piece(self, dana_here: Person) -> None:
        assert (await dana_here.get("/api/admin/corpus/indexes")).json() == {"items": [], "model": "minilm"}

    @pytest.mark.parametrize("twice", [False, True])
    async def test_begin_anew_beside_the_one_that_serves(
        self, dana_here: Person, olga_here: Person, database: Database, twice: bool
    ) -> None:
        await shelf.pieces(database, ["We grill in the rain."], MiniLM(Encoder()))
        path = "/api/admin/corpus/indexes"
        assert (await dana_here.do("POST", path)).status_code == 403
        for _ in range(1 + twice):
            body = (await olga_here.do("POST", path)).json()
        assert [(one["state"], one["embedded"], one["pieces"]) for one in body["items"]] == [("serving", 1, 1), ("building", 0, 1)]
        async with database.transaction() as connection:
            assert await connection.scalar(sa.select(sa.func.count()).select_from(EmbeddingIndex)) == 2
