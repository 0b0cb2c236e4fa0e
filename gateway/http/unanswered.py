"""Questions that found nothing, and the indexes, over HTTP: everybody who is signed in reads, owners and admins change."""

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from business.staff import audit
from gateway.http import unanswered_wire as wire
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_body, read_query
from gateway.http.knowledge import Corpus
from gateway.http.operations import CHIEFS, DoneAnswer, NothingBody
from kernel.database import Database
from kernel.errors import NotFound, Unavailable
from knowledge.corpus import indexes, questions
from knowledge.corpus.embedder import EmbeddingFailed, measured
from knowledge.corpus.questions import Question


class UnansweredHttp:
    """The handlers, by the operation's name."""

    def __init__(self, door: Door, database: Database, corpus: Corpus) -> None:
        self._door = door
        self._database = database
        self._corpus = corpus
        self.handlers: dict[str, Handler] = {
            "questions": self._list,
            "question_settle": self._settle,
            "corpus_indexes": self._indexes,
            "corpus_index_begin": self._begin,
        }

    async def _list(self, request: Request) -> Response:
        await self._door.caller(request)
        asked = read_query(request, wire.QuestionsQuery)
        async with self._database.transaction(self._database.reading) as connection:
            found = await questions.listing(connection, asked.state, before=asked.before, limit=asked.limit)
            counts = await questions.counted(connection)
        before = found[-1].last_at if len(found) == asked.limit else None
        return answer(wire.QuestionsAnswer(items=tuple(map(_line, found)), counts=wire.QuestionCounts(**counts), before=before))

    async def _settle(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        body = await read_body(request, wire.QuestionBody)
        question = path_id(request, "question")

        async def work(connection: AsyncConnection) -> None:
            if not await questions.settle(connection, question, body.state, caller.staff_id):
                raise NotFound("There is no such question any more.")
            await audit.record(connection, "staff", caller.staff_id, f"question.{body.state}", question)

        await self._database.unit(work)
        return answer(DoneAnswer())

    async def _indexes(self, request: Request) -> Response:
        await self._door.caller(request)
        return await self._shown()

    async def _begin(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        await read_body(request, NothingBody)
        embedder = self._corpus.embedder
        try:
            dimensions = await measured(embedder)
        except EmbeddingFailed as failed:
            raise Unavailable(f"The model of the settings gives no vectors just now: {failed.why}.") from failed

        async def work(connection: AsyncConnection) -> None:
            index = await indexes.begin(connection, embedder.model, dimensions)
            await audit.record(connection, "staff", caller.staff_id, "corpus_index.begun", index, {"model": embedder.model})

        await self._database.unit(work)
        return await self._shown()

    async def _shown(self) -> Response:
        async with self._database.transaction() as connection:
            found = await indexes.overview(connection)
        items = tuple(wire.IndexLine.model_validate(one, from_attributes=True) for one in found)
        return answer(wire.IndexesAnswer(items=items, model=self._corpus.embedder.model, trouble=self._corpus.search.trouble))


def _line(found: Question) -> wire.QuestionLine:
    nearest = " › ".join(filter(None, (found.nearest_title, found.nearest_heading)))
    return wire.QuestionLine(
        id=found.id,
        conversation=found.conversation,
        question=found.question,
        language=found.language,
        times=found.times,
        first_at=found.first_at,
        last_at=found.last_at,
        nearest=nearest or None,
        similarity=found.similarity,
    )
