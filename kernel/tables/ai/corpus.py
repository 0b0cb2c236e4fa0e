"""What the business has written: documents, their pieces, the vectors of each embedding, and questions that found nothing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pgvector.sqlalchemy import Vector
from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables.base import AiBase, created, empty_json, soft_key

# A stemmer for each language that the business writes in; what stands above a piece counts more than what stands in it.
_WORDS = " || ".join(
    f"setweight(to_tsvector(CASE language WHEN 'en' THEN 'english'::regconfig WHEN 'es' THEN 'spanish'::regconfig"
    f" ELSE 'simple'::regconfig END, {column}), '{weight}')"
    for column, weight in (("title", "A"), ("heading", "B"), ("indexed", "C"))
)


class Document(AiBase):
    """Something that the business has written or points to. `text`: all of it as Markdown, the profile's placeholders as they are."""

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint("kind IN ('markdown', 'html', 'pdf', 'text', 'page')", name="kind"),
        CheckConstraint("origin IN ('seed', 'upload', 'page', 'written')", name="origin"),
        CheckConstraint("audience IN ('everyone', 'staff')", name="audience"),
        CheckConstraint("state IN ('waiting', 'reading', 'ready', 'failed')", name="state"),
        CheckConstraint("(kind = 'page') = (address IS NOT NULL)", name="page_has_address"),
        Index("ix_document_changed_at", "changed_at"),
        Index("uq_document_seed", "seed", unique=True, postgresql_where=sql("seed IS NOT NULL")),
        {"schema": "ai"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    origin: Mapped[str]
    title: Mapped[str]
    language: Mapped[str]
    audience: Mapped[str] = mapped_column(server_default=sql("'everyone'"))
    address: Mapped[str | None]  # of a page
    file_name: Mapped[str | None]
    seed: Mapped[str | None]  # which of the shipped files it is
    raw: Mapped[bytes | None] = mapped_column(LargeBinary)  # as it came; gone once it is read
    sha256: Mapped[str | None]  # of what came
    text: Mapped[str] = mapped_column(server_default=sql("''"))
    state: Mapped[str] = mapped_column(server_default=sql("'waiting'"))
    stage: Mapped[str | None]  # while it is read: fetching, extracting, splitting, embedding
    done: Mapped[int] = mapped_column(server_default=sql("0"))  # pieces embedded, of `total`
    total: Mapped[int] = mapped_column(server_default=sql("0"))
    error: Mapped[str | None]  # why it failed, for a person to read
    remarks: Mapped[list[Any]] = empty_json("[]")  # what a person should look at: a page without text, an unknown placeholder
    revision: Mapped[int] = mapped_column(server_default=sql("1"))  # counts every change that has to be read anew
    staff_id: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()
    read_at: Mapped[datetime | None]


class DocumentSeed(AiBase):
    """A shipped file that was taken, in the last version of it. Where no document carries its key any more, people have changed that
    document or deleted it, and the file is left alone."""

    __tablename__ = "document_seed"
    __table_args__ = ({"schema": "ai"},)
    seed: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    taken_at: Mapped[datetime] = created()


class DocumentChunk(AiBase):
    """A piece of a document, as it is cited. `held_back`: why nobody is shown it until a person has let it through."""

    __tablename__ = "document_chunk"
    __table_args__ = (
        UniqueConstraint("document_id", "ordinal"),
        CheckConstraint("audience IN ('everyone', 'staff')", name="audience"),
        # Written now and then, searched all the time: no list of what is still to be put in its place.
        Index("ix_document_chunk_words", "words", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        {"schema": "ai"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("ai.document.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    title: Mapped[str]  # of the document
    heading: Mapped[str] = mapped_column(server_default=sql("''"))  # the headings above it, outermost first, joined by " › "
    text: Mapped[str]  # Markdown, placeholders as they are
    indexed: Mapped[str]  # the same as it was searched for when it was read: placeholders filled
    language: Mapped[str]
    audience: Mapped[str] = mapped_column(server_default=sql("'everyone'"))
    held_back: Mapped[str | None]
    let_through_by: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    words: Mapped[Any] = mapped_column(TSVECTOR, Computed(_WORDS, persisted=True), nullable=True)
    created_at: Mapped[datetime] = created()


class EmbeddingIndex(AiBase):
    """The vectors of one embedding model over all pieces. One serves; another may be built meanwhile."""

    __tablename__ = "embedding_index"
    __table_args__ = (
        CheckConstraint("state IN ('building', 'serving', 'retired', 'failed')", name="state"),
        CheckConstraint("dimensions BETWEEN 1 AND 2000", name="dimensions"),
        Index("uq_embedding_index_serving", "state", unique=True, postgresql_where=sql("state = 'serving'")),
        Index("uq_embedding_index_building", "state", unique=True, postgresql_where=sql("state = 'building'")),
        {"schema": "ai"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    model: Mapped[str]  # "minilm", or a LiteLLM model id
    dimensions: Mapped[int]
    state: Mapped[str] = mapped_column(server_default=sql("'building'"))
    approximate: Mapped[bool] = mapped_column(server_default=sql("false"))  # an HNSW index of its vectors stands
    error: Mapped[str | None]
    created_at: Mapped[datetime] = created()
    serving_since: Mapped[datetime | None]


class ChunkVector(AiBase):
    """A piece's vector in one index. What is filtered by stands beside it, so that a scan of the index can filter as it goes."""

    __tablename__ = "chunk_vector"
    __table_args__ = (
        Index("ix_chunk_vector_chunk_id", "chunk_id"),
        {"schema": "ai"},
    )
    index_id: Mapped[UUID] = mapped_column(ForeignKey("ai.embedding_index.id", ondelete="CASCADE"), primary_key=True)
    chunk_id: Mapped[UUID] = mapped_column(ForeignKey("ai.document_chunk.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str]
    audience: Mapped[str]
    shown: Mapped[bool]  # not held back
    embedding: Mapped[Any] = mapped_column(Vector())  # of the index's dimensions, length one


class UnansweredQuestion(AiBase):
    """A customer's question for which nothing was found that the business has written. Kept for `knowledge.questions_days`."""

    __tablename__ = "unanswered_question"
    __table_args__ = (
        UniqueConstraint("turn_id"),
        CheckConstraint("state IN ('open', 'answered', 'ignored')", name="state"),
        Index("ix_unanswered_question_state_created_at", "state", "created_at"),
        Index("ix_unanswered_question_conversation_id", "conversation_id"),
        {"schema": "ai"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("ai.chat_session.id"))
    turn_id: Mapped[UUID] = mapped_column(ForeignKey("ai.turn.id"))
    question: Mapped[str]
    language: Mapped[str]
    nearest_chunk_id: Mapped[UUID | None] = mapped_column(ForeignKey("ai.document_chunk.id", ondelete="SET NULL"))
    similarity: Mapped[float | None]  # of the nearest piece, -1 to 1
    state: Mapped[str] = mapped_column(server_default=sql("'open'"))
    settled_by: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    settled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = created()
