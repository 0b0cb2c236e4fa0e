"""Reads documents and builds indexes of vectors, a few at once. A worker that dies in between leaves a lease that runs out; another begins
again, and comes to the same pieces under the same ids.

Nothing of this is imported or loaded before the first document is to be read.
"""

import asyncio
import os
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from business.profile.figures import figures
from business.profile.loader import SHIPPED
from business.profile.schemas import Profile
from kernel import outbox
from kernel.database import Database
from kernel.ending import end
from kernel.errors import Unavailable
from kernel.jobs import BuildIndex, ReadDocument
from kernel.outbox import Effect
from kernel.settings import KnowledgeSettings, Settings
from workers.crash import NEVER, Crash
from workers.effects import LostLease
from workers.outward import LOOK_EVERY, Outward

if TYPE_CHECKING:
    from knowledge.corpus.embedder import Embedder
    from knowledge.corpus.reading import Reader

log = structlog.get_logger(__name__)

AT_ONCE = 2  # in one worker: it is work for the processor
LEASE_SECONDS = 30
RENEW_EVERY = 10.0
TEND_EVERY = 60.0
# Seconds before the next try of what did not work just now: over half a day, then the document has failed.
DELAYS = (10.0, 60.0, 300.0, 1800.0, 7200.0, 21_600.0)
# Workers that began it and never came back: what kills them is not tried for ever.
ATTEMPTS = 3 + len(DELAYS)
GIVEN_UP = "Reading it broke off again and again. Save it anew in a simpler form, or split it."


@dataclass(frozen=True, slots=True)
class Tools:
    """What reads and what embeds."""

    reader: "Reader"
    embedder: "Embedder"
    close: Callable[[], Coroutine[Any, Any, None]]


class Corpus(Outward):
    """The documents of one worker. `make` is called once, at first need."""

    def __init__(
        self,
        database: Database,
        settings: KnowledgeSettings,
        make: Callable[[], Tools],
        *,
        delays: tuple[float, ...] = DELAYS,
        every: float = LOOK_EVERY,
        crash: Crash = NEVER,
    ) -> None:
        super().__init__(database, self, every=every, crash=crash)
        self._settings = settings
        self._make = make
        self._tools: Tools | None = None
        self._delays = delays

    async def close(self) -> None:
        """After the last document."""
        if self._tools is not None:
            await self._tools.close()

    async def run(self) -> None:
        """Until cancelled."""
        tending = asyncio.create_task(self._tend_always())
        try:
            await super().run()
        finally:
            await end([tending])

    async def tend(self, *, again: bool = False) -> None:
        """Begin what settings and pieces ask of the indexes of vectors. Raises Unavailable."""
        from knowledge.corpus import indexes
        from knowledge.corpus.embedder import EmbeddingFailed

        try:
            await indexes.tend(self._database, self._ready().embedder, approximate_from=self._settings.approximate_from, again=again)
        except EmbeddingFailed as failed:
            log.warning("corpus.not_embedded", why=failed.why)

    async def _tend_always(self) -> None:
        again = True  # what failed before this worker began
        while True:
            try:
                await self.tend(again=again)
                again = False
            except Unavailable:
                log.info("corpus.later")
            await asyncio.sleep(TEND_EVERY)

    def _ready(self) -> Tools:
        if self._tools is None:
            self._tools = self._make()
        return self._tools

    async def look(self) -> int:
        """Begin what is due, as much as there is room for; returns how many were begun."""
        places = AT_ONCE - len(self._tasks)
        if places <= 0:
            return 0
        async with self._database.transaction() as connection:
            held = await outbox.claim_due(connection, (ReadDocument.kind, BuildIndex.kind), places, lease_seconds=LEASE_SECONDS)
        for effect in held:
            self._begin(effect, partial(self._work, effect))
        return len(held)

    async def _work(self, effect: Effect) -> None:
        renewing = asyncio.create_task(self._renew(effect))
        try:
            later = await (self._read(effect, effect.job) if isinstance(effect.job, ReadDocument) else self._build(effect))
        finally:
            await end([renewing])
        await self._database.unit(lambda c: _settle(c, effect, later))

    async def _read(self, effect: Effect, job: ReadDocument) -> float | None:
        """Seconds after which it is to be tried again; None: it is done, in whatever way."""
        from knowledge.corpus.faults import Passing

        reader = self._ready().reader
        with structlog.contextvars.bound_contextvars(document=str(job.document), revision=job.revision):
            if effect.attempts > ATTEMPTS:
                await reader.give_up(job.document, job.revision, GIVEN_UP)
                return None
            try:
                await reader.read(job.document, job.revision)
            except Passing as passing:
                if effect.attempts > len(self._delays):
                    await reader.give_up(job.document, job.revision, str(passing))
                    return None
                await reader.later(job.document, job.revision, str(passing))
                return self._delays[effect.attempts - 1]
        return None

    async def _build(self, effect: Effect) -> float | None:
        """As `_read`."""
        from knowledge.corpus import indexes
        from knowledge.corpus.embedder import EmbeddingFailed

        assert isinstance(effect.job, BuildIndex)
        most = self._settings.approximate_from
        try:
            await indexes.build(self._database, self._ready().embedder, effect.job.index, approximate_from=most)
        except EmbeddingFailed:
            log.warning("corpus.index_later", index=str(effect.job.index))
            return self._delays[effect.attempts - 1] if effect.attempts <= len(self._delays) else None
        return None

    async def _renew(self, effect: Effect) -> None:
        """As long as it is worked on. Where the lease is lost all the same, two come to the same pieces."""
        while True:
            await asyncio.sleep(RENEW_EVERY)
            with suppress(Unavailable):
                await self._database.unit(lambda c: outbox.renew(c, effect, LEASE_SECONDS))


def corpus(settings: Settings, database: Database, profile: Callable[[], Profile], crash: Crash = NEVER) -> Corpus:
    """That of a worker with these settings."""
    return Corpus(database, settings.knowledge, partial(tools, settings, database, profile), crash=crash)


def tools(settings: Settings, database: Database, profile: Callable[[], Profile]) -> Tools:
    """What a process reads documents with."""
    from kernel.outside.addresses import Outside
    from kernel.outside.connecting import Connections
    from knowledge.corpus import page
    from knowledge.corpus.embedder import build_embedder
    from knowledge.corpus.extracting import extract
    from knowledge.corpus.placeholders import filler
    from knowledge.corpus.reading import Reader
    from knowledge.corpus.ruler import Ruler
    from knowledge.corpus.seeding import KeptVectors
    from knowledge.embedding.encoder import Encoder

    given = settings.knowledge
    embedder = build_embedder(given, os.environ, Encoder())
    pages = page.Pages(Connections(Outside(given.private_networks), page.HEADERS), given.document_megabytes * 1024**2)
    kept = KeptVectors((settings.business.profile or SHIPPED).with_suffix(""))
    fill = filler(lambda language: figures(profile(), language))
    reader = Reader(database, embedder, fill, extract, pages.fetch, Ruler(kept.measured), kept)
    closing = AsyncExitStack()
    closing.push_async_callback(pages.close)
    return Tools(reader, embedder, closing.aclose)


async def _settle(connection: AsyncConnection, effect: Effect, later: float | None) -> None:
    settled = outbox.settle_done(connection, effect) if later is None else outbox.settle_later(connection, effect, "Passing", later)
    if not await settled:
        raise LostLease
