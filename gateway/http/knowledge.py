"""The corpus over HTTP: everybody who is signed in reads it and tries questions; owners and admins change it, which is audited."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from agents.passages import Piece as Sayable
from agents.quoting import rank
from business.profile.figures import figures
from business.profile.schemas import Profile
from business.staff import audit
from gateway.http import knowledge_wire as wire
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_body, read_query
from gateway.http.operations import CHIEFS, DoneAnswer, NothingBody
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import BadRequest, NotFound, TooLarge
from kernel.settings.schema import KnowledgeSettings
from knowledge.corpus import documents, questions
from knowledge.corpus.documents import Listed, Piece, Wanted, Whole
from knowledge.corpus.embedder import Configured
from knowledge.corpus.incoming import Change, NewDocument
from knowledge.corpus.kinds import kind_of
from knowledge.corpus.placeholders import Fill, UnknownPlaceholder, fill_known, filler
from knowledge.corpus.search import CorpusSearch, Passage

WHAT = "document"
CHUNK_SECONDS = 10.0
WHOLE_SECONDS = 180.0
AT_ONCE = 2  # files that come in at the same time: each is held in memory
TRIED = 8  # passages that are shown for a question
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Corpus:
    """`sayable`: a passage as it may be said to a customer."""

    search: CorpusSearch
    embedder: Configured
    sayable: Callable[[Passage], Sayable | None]
    settings: KnowledgeSettings


class KnowledgeHttp:
    """The handlers of documents, by the operation's name."""

    def __init__(self, door: Door, database: Database, profile: Callable[[], Profile], corpus: Corpus, clock: Clock) -> None:
        self._door = door
        self._database = database
        self._corpus = corpus
        self._clock = clock
        self._fill: Fill = filler(lambda language: figures(profile(), language))
        self._places = asyncio.Semaphore(AT_ONCE)
        self.handlers: dict[str, Handler] = {
            "documents": self._list,
            "document_add": self._add,
            "document_file_add": self._take,
            "document": self._one,
            "document_change": self._change,
            "document_read_again": self._read_again,
            "document_delete": self._delete,
            "document_piece_let_through": self._let_through,
            "corpus_search": self._try,
        }

    # Reading

    async def _list(self, request: Request) -> Response:
        await self._door.caller(request)
        asked = read_query(request, wire.DocumentsQuery)
        wanted = Wanted(asked.search, asked.state, asked.language, asked.audience, asked.limit, asked.offset)
        async with self._database.transaction(self._database.reading) as connection:
            found = await documents.listing(connection, wanted)
            total = await documents.count(connection, wanted)
        return answer(wire.DocumentsAnswer(items=tuple(map(_line, found)), total=total, megabytes=self._corpus.settings.document_megabytes))

    async def _one(self, request: Request) -> Response:
        await self._door.caller(request)
        async with self._database.transaction() as connection:
            found = await documents.one(connection, path_id(request, WHAT))
        if found is None:
            raise NotFound("There is no such document.")
        return answer(self._whole(found))

    async def _try(self, request: Request) -> Response:
        await self._door.caller(request)
        asked = read_query(request, wire.TryQuery)
        audience = ("everyone",) if asked.audience == "everyone" else ("everyone", "staff")
        found = await self._corpus.search.search(asked.question, language=asked.language, audience=audience, limit=TRIED)
        said = {passage.chunk: piece for passage in found.passages if (piece := self._corpus.sayable(passage))}
        cited = _cited(asked.question, asked.language, said.values())
        return answer(wire.TriedAnswer(by=found.by, passages=tuple(self._tried(one, one.chunk in said, cited) for one in found.passages)))

    # Changing

    async def _add(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        body = await read_body(request, wire.DocumentBody, wire.BODY_LIMIT)
        if (body.text is None) == (body.address is None):
            raise BadRequest("Send either `text` or `address`.")
        new = NewDocument(
            kind="page" if body.text is None else "markdown",
            origin="page" if body.text is None else "written",
            title=body.title,
            language=body.language or "",
            audience=body.audience,
            raw=None if body.text is None else body.text.encode(),
            address=body.address,
            staff=caller.staff_id,
            id=body.id,
        )
        return await self._added(new, body.question)

    async def _take(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        asked = read_query(request, wire.DocumentFileQuery)
        async with self._places:
            raw = await _file(request, self._corpus.settings.document_megabytes * MEGABYTE)
            kind = kind_of(raw, asked.name)
            new = NewDocument(
                kind=kind,
                origin="upload",
                title=asked.title,
                language=asked.language or "",
                audience=asked.audience,
                raw=raw,
                file_name=asked.name,
                staff=caller.staff_id,
                id=asked.id,
            )
            return await self._added(new)

    async def _added(self, new: NewDocument, question: UUID | None = None) -> Response:
        async def work(connection: AsyncConnection) -> wire.DocumentLine:
            known = await documents.one(connection, new.id) is not None
            document = await documents.add(connection, new, self._clock())
            if not known:
                details = {"kind": new.kind, "audience": new.audience}
                await audit.record(connection, "staff", new.staff, "document.added", document, details)
                if question is not None and new.staff is not None:
                    await questions.settle(connection, question, "answered", new.staff)
            return await _listed(connection, document)

        return answer(await self._database.unit(work))

    async def _change(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        body = await read_body(request, wire.DocumentPatch, wire.BODY_LIMIT)
        document = path_id(request, WHAT)
        changed = sorted(body.model_fields_set)

        async def work(connection: AsyncConnection) -> wire.DocumentLine:
            await documents.change(connection, document, Change(body.title, body.language, body.audience, body.text), self._clock())
            await audit.record(connection, "staff", caller.staff_id, "document.changed", document, {"changed": changed})
            return await _listed(connection, document)

        return answer(await self._database.unit(work))

    async def _read_again(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        await read_body(request, NothingBody)
        document = path_id(request, WHAT)

        async def work(connection: AsyncConnection) -> wire.DocumentLine:
            await documents.read_again(connection, document, self._clock())
            await audit.record(connection, "staff", caller.staff_id, "document.read_again", document)
            return await _listed(connection, document)

        return answer(await self._database.unit(work))

    async def _delete(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        document = path_id(request, WHAT)

        async def work(connection: AsyncConnection) -> None:
            if not await documents.delete(connection, document):
                raise NotFound("There is no such document.")
            await audit.record(connection, "staff", caller.staff_id, "document.deleted", document)

        await self._database.unit(work)
        return answer(DoneAnswer())

    async def _let_through(self, request: Request) -> Response:
        caller = await self._door.caller(request, roles=CHIEFS)
        await read_body(request, NothingBody)
        piece = path_id(request, "piece")

        async def work(connection: AsyncConnection) -> None:
            if not await documents.let_through(connection, piece, caller.staff_id):
                raise NotFound("There is no such piece that is held back.")
            await audit.record(connection, "staff", caller.staff_id, "document_piece.let_through", piece)

        await self._database.unit(work)
        return answer(DoneAnswer())

    # Answers

    def _whole(self, found: Whole) -> wire.DocumentAnswer:
        language = found.document.language
        return wire.DocumentAnswer(
            document=_line(found.document),
            text=found.text,
            pieces=tuple(self._piece(piece, language) for piece in found.pieces),
            unknown=self._unknown(found.text, language),
        )

    def _piece(self, piece: Piece, language: str) -> wire.PieceLine:
        return wire.PieceLine(
            id=piece.id,
            heading=fill_known(piece.heading, language, self._fill),
            text=piece.text,
            reads=fill_known(piece.text, language, self._fill),
            held_back=piece.held_back,
            let_through=piece.let_through_by is not None,
        )

    def _unknown(self, text: str, language: str) -> tuple[str, ...]:
        try:
            self._fill(text, language)
        except UnknownPlaceholder as unknown:
            return tuple(unknown.names)
        return ()

    def _tried(self, found: Passage, sayable: bool, cited: UUID | None) -> wire.TriedPassage:
        return wire.TriedPassage(
            id=found.chunk,
            document=found.document,
            title=fill_known(found.title, found.language, self._fill),
            heading=fill_known(found.heading, found.language, self._fill),
            reads=fill_known(found.text, found.language, self._fill),
            language=found.language,
            similarity=found.similarity,
            by_words=found.rank_words,
            by_meaning=found.rank_vector,
            sayable=sayable,
            cited=found.chunk == cited,
        )


def _line(found: Listed) -> wire.DocumentLine:
    names: Any = wire.DocumentLine.model_fields
    return wire.DocumentLine.model_validate({name: getattr(found, name) for name in names})


async def _listed(connection: AsyncConnection, document: UUID) -> wire.DocumentLine:
    found = await documents.one(connection, document)
    assert found is not None, "it was written in this transaction"
    return _line(found.document)


async def _file(request: Request, most: int) -> bytes:
    """The body as it came. Raises TooLarge, and BadRequest where it comes too slowly."""
    length = request.headers.get("content-length", "0")
    too_large = TooLarge(f"A document has at most {most // MEGABYTE} MB.")
    if length.isdecimal() and int(length) > most:
        raise too_large
    raw = bytearray()
    stream = request.stream()
    try:
        async with asyncio.timeout(WHOLE_SECONDS):
            while True:
                async with asyncio.timeout(CHUNK_SECONDS):
                    raw += await anext(stream)
                if len(raw) > most:
                    raise too_large
    except StopAsyncIteration:
        return bytes(raw)
    except TimeoutError as error:
        raise BadRequest("The file took too long to arrive.") from error


def _cited(question: str, language: str, pieces: Iterable[Sayable]) -> UUID | None:
    """The piece that the house would answer from, in the customer's language; None where none is near enough."""
    ranked = rank(question, [piece for piece in pieces if piece.language == language])
    return ranked[0].piece.chunk if ranked and ranked[0].enough else None
