"""Documents come in, are changed, and go with every trace. Each function works in the caller's transaction.

Whatever has to be read anew counts the revision up and leaves a job for a worker in the same transaction (reading.py). Who may do it, and
the trail of who did, are the caller's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel import locks, outbox
from kernel.errors import BadRequest, Conflict, NotFound
from kernel.ids import StaffId
from kernel.jobs import ReadDocument
from kernel.tables.ai import Document, DocumentChunk, TurnRecord
from knowledge.corpus import vectors
from knowledge.corpus.incoming import (
    LONGEST_TITLE,
    Audience,
    Change,
    Kind,
    NewDocument,
    Origin,
    audience_of,
    checked,
    content,
    language_of,
    title_of,
)

State = Literal["waiting", "reading", "ready", "failed"]

__all__ = [
    "Change", "NewDocument", "Wanted", "add", "add_all", "change", "count", "delete", "forget_records", "let_through", "listing", "named",
    "one", "read_again", "take_again",
]  # fmt: skip

MOST = 5_000  # documents of one install


@dataclass(frozen=True, slots=True)
class Listed:
    """A document without its text. `title`: its name where it has none yet. `done` of `total` pieces are embedded while it is read."""

    id: UUID
    kind: Kind
    origin: Origin
    title: str
    language: str
    audience: Audience
    address: str | None
    file_name: str | None
    seed: str | None
    state: State
    stage: str | None
    done: int
    total: int
    error: str | None
    remarks: tuple[str, ...]
    revision: int
    pieces: int
    held_back: int  # of them
    staff_id: UUID | None
    created_at: datetime
    changed_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece as it is stored, placeholders as they are."""

    id: UUID
    ordinal: int
    heading: str
    text: str
    held_back: str | None
    let_through_by: UUID | None


@dataclass(frozen=True, slots=True)
class Whole:
    """A document with its text and pieces."""

    document: Listed
    text: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents. `search`: in their titles and names."""

    search: str | None = None
    state: str | None = None
    language: str | None = None
    audience: str | None = None
    limit: int = 50
    offset: int = 0


async def add(connection: AsyncConnection, new: NewDocument, now: datetime) -> UUID:
    """Store it and have it read; returns its id. Raises BadRequest, TooLarge, or Conflict where the same is there already (`document` of
    the error's details) or there are too many."""
    values = checked(new)
    await locks.hold(connection, "corpus.add")
    if await connection.scalar(sa.select(Document.id).where(Document.id == new.id)) is not None:
        return new.id
    await _refuse_double(connection, values)
    if (await connection.scalar(sa.select(sa.func.count()).select_from(Document)) or 0) >= MOST:
        raise Conflict(f"There are {MOST} documents, and no more are kept. Delete some first.")
    await connection.execute(insert(Document).values(**values, created_at=now, changed_at=now))
    await _have_read(connection, new.id, 1)
    return new.id


async def add_all(connection: AsyncConnection, new: Sequence[NewDocument], now: datetime) -> None:
    """Files all at once, in a few statements, and without a word of what is there already. Raises BadRequest, TooLarge."""
    rows = [checked(one) | {"created_at": now, "changed_at": now} for one in new]
    digests = [row["sha256"] for row in rows]
    there = set((await connection.scalars(sa.select(Document.sha256).where(Document.sha256.in_(digests)))).all())
    rows = [row for row in rows if row["sha256"] not in there]
    if rows:
        await connection.execute(insert(Document).values(rows))
        await outbox.enqueue_all(connection, [(ReadDocument(document=row["id"], revision=1), _key(row["id"], 1), None) for row in rows])


async def change(connection: AsyncConnection, document: UUID, wanted: Change, now: datetime) -> None:
    """Change what is given and have it read anew; who may see its pieces changes at once. A shipped document that somebody changed is
    theirs: no update of the install touches it any more. Raises BadRequest, NotFound, TooLarge."""
    found = await _locked(connection, document)
    values: dict[str, Any] = {}
    if wanted.title is not None:
        values["title"] = title_of(wanted.title)
        if not values["title"]:
            raise BadRequest(f"A title has 1 to {LONGEST_TITLE} characters.")
    if wanted.language is not None:
        values["language"] = language_of(wanted.language)
    if wanted.audience is not None:
        values["audience"] = audience_of(wanted.audience)
    if values:
        await _change_pieces(connection, document, values)
    if wanted.text is not None:
        if found.kind != "markdown":
            raise BadRequest("Only Markdown is changed here. Delete this document and add its new file, or read its page again.")
        values |= content(wanted.text.encode("utf-8", "replace"))
    if values:
        await connection.execute(sa.update(Document).where(Document.id == document).values(**values, seed=None))
        await _read_anew(connection, document, now)


async def read_again(connection: AsyncConnection, document: UUID, now: datetime) -> None:
    """Have it read once more: a page is fetched anew, anything else is split and embedded anew. Raises NotFound."""
    await _locked(connection, document)
    await _read_anew(connection, document, now)


async def take_again(connection: AsyncConnection, document: UUID, raw: bytes, title: str, language: str, now: datetime) -> None:
    """Another version of a shipped file."""
    values = content(raw) | {"title": title, "language": language}
    await connection.execute(sa.update(Document).where(Document.id == document).values(**values))
    await _read_anew(connection, document, now)


async def delete(connection: AsyncConnection, document: UUID) -> bool:
    """Every trace of it: text, pieces, vectors, and the records of turns in which a model was shown a piece. False: there is none.
    What customers were told stays in their conversations, with the title that was cited."""
    if await connection.scalar(sa.select(Document.id).where(Document.id == document).with_for_update()) is None:
        return False
    pieces = (await connection.scalars(sa.select(DocumentChunk.id).where(DocumentChunk.document_id == document))).all()
    await forget_records(connection, pieces)
    await connection.execute(sa.delete(Document).where(Document.id == document))
    return True


async def forget_records(connection: AsyncConnection, pieces: Sequence[UUID]) -> None:
    """Delete the records of turns that hold one of these pieces."""
    if pieces:
        held = sa.cast([str(piece) for piece in pieces], ARRAY(sa.Text))
        await connection.execute(sa.delete(TurnRecord).where(TurnRecord.chunks.op("?|")(held)))


async def listing(connection: AsyncConnection, wanted: Wanted | None = None) -> tuple[Listed, ...]:
    """The documents, the one changed last first."""
    wanted = wanted or Wanted()
    query = _listed().where(*_where(wanted)).order_by(Document.changed_at.desc(), Document.id).limit(wanted.limit).offset(wanted.offset)
    return tuple(_row(row) for row in await connection.execute(query))


async def count(connection: AsyncConnection, wanted: Wanted | None = None) -> int:
    """How many there are, whatever `limit` and `offset` say."""
    return await connection.scalar(sa.select(sa.func.count()).select_from(Document).where(*_where(wanted or Wanted()))) or 0


async def one(connection: AsyncConnection, document: UUID) -> Whole | None:
    """A document with its text and pieces; None: there is none."""
    row = (await connection.execute(_listed().add_columns(Document.text).where(Document.id == document))).one_or_none()
    if row is None:
        return None
    columns = (DocumentChunk.id, DocumentChunk.ordinal, DocumentChunk.heading, DocumentChunk.text)
    held = (DocumentChunk.held_back, DocumentChunk.let_through_by)
    query = sa.select(*columns, *held).where(DocumentChunk.document_id == document).order_by(DocumentChunk.ordinal)
    pieces = tuple(Piece(*piece) for piece in await connection.execute(query))
    return Whole(_row(row), row.text, pieces)


async def named(connection: AsyncConnection, beginning: str) -> UUID:
    """The document whose id begins like this. Raises NotFound, or BadRequest where several do."""
    like = sa.cast(Document.id, sa.Text).startswith(beginning.lower(), autoescape=True)
    found = (await connection.scalars(sa.select(Document.id).where(like).limit(2))).all()
    if not found:
        raise NotFound("There is no such document.")
    if len(found) > 1:
        raise BadRequest("Several documents' ids begin like this: write more of it.")
    return found[0]


async def let_through(connection: AsyncConnection, chunk: UUID, staff: StaffId) -> bool:
    """Show a piece that was held back, by somebody's word. False: there is no such piece, or it is not held back."""
    held = DocumentChunk.held_back.is_not(None) & DocumentChunk.let_through_by.is_(None)
    query = sa.update(DocumentChunk).where(DocumentChunk.id == chunk, held).values(let_through_by=staff)
    document = await connection.scalar(query.returning(DocumentChunk.document_id))
    if document is None:
        return False
    await vectors.follow_chunks(connection, document)
    return True


async def _refuse_double(connection: AsyncConnection, values: dict[str, Any]) -> None:
    """The same page, or the same content for the same readers, is there once. Raises Conflict."""
    same = Document.address == values["address"] if "address" in values else Document.sha256 == values["sha256"]
    of_whom = (Document.language == values["language"], Document.audience == values["audience"])
    row = (await connection.execute(sa.select(Document.id, _name()).where(same, *of_whom).limit(1))).one_or_none()
    if row is not None:
        raise Conflict(f"The same is there already, as “{row[1]}”.", document=str(row[0]))


async def _change_pieces(connection: AsyncConnection, document: UUID, values: dict[str, Any]) -> None:
    """Pieces and vectors follow their document before it is read anew: what is for staff now is shown to no customer any more."""
    await connection.execute(sa.update(DocumentChunk).where(DocumentChunk.document_id == document).values(**values))
    await vectors.follow_chunks(connection, document)


async def _locked(connection: AsyncConnection, document: UUID) -> Any:
    found = (await connection.execute(sa.select(Document.kind).where(Document.id == document).with_for_update())).one_or_none()
    if found is None:
        raise NotFound("There is no such document.")
    return found


async def _read_anew(connection: AsyncConnection, document: UUID, now: datetime) -> None:
    again = {"state": "waiting", "stage": None, "done": 0, "total": 0, "error": None, "changed_at": now}
    query = sa.update(Document).where(Document.id == document).values(**again, revision=Document.revision + 1)
    revision = await connection.scalar(query.returning(Document.revision))
    assert revision is not None
    await _have_read(connection, document, revision)


async def _have_read(connection: AsyncConnection, document: UUID, revision: int) -> None:
    await outbox.enqueue(connection, ReadDocument(document=document, revision=revision), key=_key(document, revision))


def _key(document: UUID, revision: int) -> str:
    return f"{ReadDocument.kind}:{document}:{revision}"


def _name() -> Any:
    return sa.func.coalesce(sa.func.nullif(Document.title, ""), Document.file_name, Document.address, "a document without a title")


def _listed() -> Any:
    of_it = DocumentChunk.document_id == Document.id
    counted = sa.select(sa.func.count()).where(of_it).correlate(Document)
    names = [name for name in Listed.__slots__ if name not in ("title", "pieces", "held_back")]
    return sa.select(
        *(getattr(Document, name) for name in names),
        _name().label("title"),
        counted.scalar_subquery().label("pieces"),
        counted.where(DocumentChunk.held_back.is_not(None), DocumentChunk.let_through_by.is_(None)).scalar_subquery().label("held_back"),
    )


def _where(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    found = [getattr(Document, name) == value for name in ("state", "language", "audience") if (value := getattr(wanted, name)) is not None]
    if wanted.search:
        found.append(_name().icontains(wanted.search, autoescape=True))
    return found


def _row(row: Any) -> Listed:
    values = {name: getattr(row, name) for name in Listed.__slots__}
    return Listed(**values | {"remarks": tuple(row.remarks)})
