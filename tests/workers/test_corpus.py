"""Documents in workers: read once whoever dies, tried again where it may help, told of in a sentence where not."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from kernel.clock import utc_now
from kernel.database import Database
from kernel.jobs import BuildIndex, ReadDocument
from kernel.settings import KnowledgeSettings
from kernel.tables.ai import ChunkVector, DocumentChunk, EmbeddingIndex
from kernel.tables.ops import Outbox
from knowledge.corpus import documents
from knowledge.corpus.documents import Change, NewDocument
from knowledge.corpus.embedder import MiniLM
from knowledge.corpus.faults import Passing
from knowledge.corpus.reading import Page
from tests.knowledge.corpus.reading import ENCODER, add, nowhere, one, reader, written
from workers.corpus import ATTEMPTS, GIVEN_UP, Corpus, Tools

ROOT = Path(__file__).parents[2]
TEXT = "\n\n".join(f"## Question {number}\n\nAnswer {number}." for number in range(5))
PAGE = NewDocument(kind="page", origin="page", title="Menu", language="en", address="https://example.com/menu")


@dataclass
class Install:
    """A database and workers to come."""

    database: Database
    fetch: Callable[[str], Awaitable[Page]] = nowhere
    delays: tuple[float, ...] = (0.0, 0.0)
    made: list[Corpus] = field(default_factory=list)

    def worker(self) -> Corpus:
        async def close() -> None:
            """Nothing is open."""

        tools = Tools(reader(self.database, self.fetch), MiniLM(ENCODER), close)
        made = Corpus(self.database, KnowledgeSettings(), lambda: tools, delays=self.delays)
        self.made.append(made)
        return made

    async def work(self, *workers: Corpus) -> None:
        """Until nothing is due."""

        async def one(worker: Corpus) -> None:
            while await worker.look():
                await worker.idle()

        await asyncio.gather(*(one(worker) for worker in workers or (self.worker(),)))

    async def effects(self, kind: str = ReadDocument.kind) -> list[tuple[str, int]]:
        async with self.database.transaction() as connection:
            rows = await connection.execute(sa.select(Outbox.state, Outbox.attempts).where(Outbox.kind == kind))
            return [(row.state, row.attempts) for row in rows]

    async def left_behind(self, attempts: int = 1) -> None:
        """As if a worker had begun so often and died each time."""
        past = sa.func.clock_timestamp() - timedelta(seconds=1)
        async with self.database.transaction() as connection:
            begun = sa.update(Outbox).where(Outbox.kind == ReadDocument.kind)
            await connection.execute(begun.values(state="working", attempts=attempts, lease_until=past))

    async def counts(self) -> tuple[int, int]:
        async with self.database.transaction() as connection:
            counted = [await connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in (DocumentChunk, ChunkVector)]
            return counted[0] or 0, counted[1] or 0


@pytest.fixture
async def install(database: Database) -> AsyncIterator[Install]:
    yield Install(database)


async def standing(install: Install, document: UUID) -> documents.Listed:
    return (await one(install.database, document)).document


class TestADocument:
    async def test_is_read(self, install: Install) -> None:
        document = await add(install.database, written(TEXT))
        await install.work()
        assert (await standing(install, document)).state == "ready"
        assert await install.counts() == (5, 5) and await install.effects() == [("done", 1)]

    async def test_that_cannot_be_read_says_why_and_is_not_tried_again(self, install: Install) -> None:
        document = await add(install.database, NewDocument(kind="pdf", origin="upload", raw=b"%PDF-1.4 no", file_name="menu.pdf"))
        await install.work()
        found = await standing(install, document)
        assert found.state == "failed" and found.error is not None and "no whole PDF" in found.error
        assert await install.effects() == [("done", 1)]

    async def test_whose_page_is_away_is_tried_again(self, install: Install) -> None:
        tries: list[str] = []

        async def fetch(address: str) -> Page:
            tries.append(address)
            if len(tries) < 3:
                raise Passing("Its server cannot be reached.")
            return Page("html", b"<html><body><h1>Menu</h1><p>We serve chicken and steak.</p></body></html>")

        install.fetch = fetch
        document = await add(install.database, PAGE)
        worker = install.worker()
        await worker.look()
        await worker.idle()
        found = await standing(install, document)
        assert (found.state, found.error) == ("waiting", "Its server cannot be reached.")
        await install.work(worker)
        found = await standing(install, document)
        assert (found.state, found.error, found.pieces) == ("ready", None, 1)
        assert len(tries) == 3 and await install.effects() == [("done", 3)]

    async def test_whose_page_stays_away_fails(self, install: Install) -> None:
        async def fetch(_address: str) -> Page:
            raise Passing("Its server takes too long.")

        install.fetch = fetch
        document = await add(install.database, PAGE)
        await install.work()
        found = await standing(install, document)
        assert (found.state, found.error) == ("failed", "Its server takes too long.")
        assert await install.effects() == [("done", 3)]

    async def test_that_was_changed_meanwhile_is_read_in_its_last_version_alone(self, install: Install) -> None:
        begun, goes_on = asyncio.Event(), asyncio.Event()
        pages = [b"<p>What the page said first.</p>", b"<p>What it says now.</p>"]

        async def fetch(_address: str) -> Page:
            raw = pages.pop(0)
            if pages:
                begun.set()
                await goes_on.wait()
            return Page("html", raw)

        install.fetch = fetch
        document = await add(install.database, PAGE)
        slow = install.worker()
        await slow.look()
        await begun.wait()
        await install.database.unit(lambda c: documents.read_again(c, document, utc_now()))
        await install.work()
        goes_on.set()
        await slow.idle()
        whole = await one(install.database, document)
        assert [piece.text for piece in whole.pieces] == ["What it says now."] and whole.document.state == "ready"

    async def test_that_was_changed_at_the_last_moment_stays_as_it_was_changed(self, install: Install) -> None:
        """After all of it was embedded, before any of it is stored."""
        document = await add(install.database, written(TEXT))

        class Late(MiniLM):
            async def embed(self, texts: Sequence[str], *, query: bool = False) -> Any:
                change = Change(text="## New\n\nNew.", audience="staff")
                await install.database.unit(lambda c: documents.change(c, document, change, utc_now()))
                return await super().embed(texts, query=query)

        await reader(install.database, embedder=Late(ENCODER)).read(document, 1)
        assert await install.counts() == (0, 0)
        await install.work()
        whole = await one(install.database, document)
        assert [(piece.heading, piece.text) for piece in whole.pieces] == [("New", "New.")]

    async def test_that_was_deleted_meanwhile_leaves_nothing(self, install: Install) -> None:
        async def fetch(_address: str) -> Page:
            await install.database.unit(lambda c: documents.delete(c, PAGE.id))
            return Page("html", b"<p>Words that nobody shall keep.</p>")

        install.fetch = fetch
        await add(install.database, PAGE)
        await install.work()
        assert await install.counts() == (0, 0) and await install.effects() == [("done", 1)]


class TestWorkers:
    async def test_share_the_work(self, install: Install) -> None:
        for number in range(6):
            await add(install.database, written(f"## A\n\nText {number}."))
        await install.work(install.worker(), install.worker())
        assert await install.counts() == (6, 6)
        assert await install.effects() == [("done", 1)] * 6

    async def test_that_die_of_a_document_do_not_die_for_ever(self, install: Install) -> None:
        document = await add(install.database, written(TEXT))
        await install.left_behind(ATTEMPTS)
        await install.work()
        found = await standing(install, document)
        assert (found.state, found.error) == ("failed", GIVEN_UP)
        assert [state for state, _ in await install.effects()] == ["done"]

    async def test_make_up_for_missing_vectors(self, install: Install) -> None:
        await add(install.database, written(TEXT))
        await install.work()
        async with install.database.transaction() as connection:
            await connection.execute(sa.delete(ChunkVector))
        worker = install.worker()
        await worker.tend()
        await install.work(worker)
        assert await install.counts() == (5, 5) and await install.effects(BuildIndex.kind) == [("done", 1)]


class TestKilled:
    @pytest.mark.parametrize("at", [pytest.param(6, marks=pytest.mark.slow), 12, pytest.param(24, marks=pytest.mark.slow)])
    async def test_at_any_moment_another_goes_on_and_nothing_is_doubled(self, install: Install, database_url: str, at: int) -> None:
        document = await add(install.database, written(TEXT))
        environment = {**os.environ, "CRASH_AT": str(at), "CRASH_IN": "corpus", "PYTHONPATH": str(ROOT)}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.workers.reading_once", database_url), env=environment, cwd=ROOT
        )
        assert await process.wait() == -signal.SIGKILL
        assert [state for state, _ in await install.effects()] == ["working"]
        await install.left_behind()
        await install.work()
        whole = await one(install.database, document)
        assert whole.document.state == "ready" and len(whole.pieces) == 5
        assert await install.counts() == (5, 5)
        assert [state for state, _ in await install.effects()] == ["done"]
        async with install.database.transaction() as connection:
            assert await connection.scalar(sa.select(sa.func.count()).select_from(EmbeddingIndex)) == 1
