"""What HTTP offers of the corpus: documents, their pieces, questions that found nothing, indexes (see operations.py)."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from gateway.http.operations import DoneAnswer, Edge, NothingBody, Operation

Kind = Literal["markdown", "html", "pdf", "text", "page"]
Origin = Literal["seed", "upload", "page", "written"]
Audience = Literal["everyone", "staff"]
State = Literal["waiting", "reading", "ready", "failed"]
Title = Annotated[str, Field(max_length=200)]
Language = Annotated[str, Field(pattern="^[a-z]{2}$")]
Text = Annotated[str, Field(min_length=1, max_length=400_000)]
Address = Annotated[str, Field(min_length=1, max_length=2000)]
Question = Annotated[str, Field(min_length=1, max_length=1000)]

BODY_LIMIT = 2 * 1024 * 1024


class DocumentsQuery(Edge):
    """`search`: in titles and names. `offset`: so many are skipped, the one changed last first."""

    search: Annotated[str, Field(max_length=200)] | None = None
    state: State | None = None
    language: Language | None = None
    audience: Audience | None = None
    offset: Annotated[int, Field(ge=0, le=10_000)] = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class DocumentLine(Edge):
    """A document without its text. `done` of `total` pieces are embedded while it is read; `error` says why it could not be, `remarks`
    what a person should look at; `held_back`: pieces that nobody is shown until a person has let them through."""

    id: UUID
    kind: Kind
    origin: Origin
    title: str
    language: str
    audience: Audience
    address: str | None = None
    file_name: str | None = None
    state: State
    stage: str | None = None
    done: int
    total: int
    error: str | None = None
    remarks: tuple[str, ...]
    pieces: int
    held_back: int
    created_at: datetime
    changed_at: datetime
    read_at: datetime | None = None


class DocumentsAnswer(Edge):
    """`total`: of all that the filters let through; `megabytes`: the largest file that is taken."""

    items: tuple[DocumentLine, ...]
    total: int
    megabytes: int


class PieceLine(Edge):
    """A piece as it is cited. `text` holds the profile's placeholders, `reads` what they say now; `held_back`: why it is shown to nobody;
    `let_through`: somebody looked at it and lets it be shown."""

    id: UUID
    heading: str
    text: str
    reads: str
    held_back: str | None = None
    let_through: bool = False


class DocumentAnswer(Edge):
    """A document whole. `unknown`: placeholders in it that the profile does not have."""

    document: DocumentLine
    text: str
    pieces: tuple[PieceLine, ...]
    unknown: tuple[str, ...]


class DocumentBody(Edge):
    """Either `text`, Markdown that was written here, or the `address` of a page. Where title or language are left out the document says
    them itself. `id` makes a repeated send the same document; `question`: the one that it answers, which is settled by it."""

    id: UUID
    title: Title = ""
    language: Language | None = None
    audience: Audience = "everyone"
    text: Text | None = None
    address: Address | None = None
    question: UUID | None = None


class DocumentFileQuery(Edge):
    """Of a file that is sent as the body. What it is, its first bytes say, not its name."""

    name: Annotated[str, Field(min_length=1, max_length=1000)]
    id: UUID
    title: Title = ""
    language: Language | None = None
    audience: Audience = "everyone"


class DocumentPatch(Edge):
    """What is given is changed, and the document read anew. `text` only of a document that is Markdown."""

    title: Annotated[Title, Field(min_length=1)] | None = None
    language: Language | None = None
    audience: Audience | None = None
    text: Text | None = None


class TryQuery(Edge):
    """A question as a customer would ask it."""

    question: Question
    language: Language = "en"
    audience: Audience = "everyone"


class TriedPassage(Edge):
    """A piece that was found. `similarity`: -1 to 1; ranks from 1, absent where that half of the search did not find it; `sayable`:
    something of it may be said to a customer; `cited`: the assistant would answer from it; `reads`: with the profile's figures."""

    id: UUID
    document: UUID
    title: str
    heading: str
    reads: str
    language: str
    similarity: float | None = None
    by_words: int | None = None
    by_meaning: int | None = None
    sayable: bool
    cited: bool


class TriedAnswer(Edge):
    """The best first. `by`: "words" where no vector was to be had."""

    by: Literal["both", "vectors", "words"]
    passages: tuple[TriedPassage, ...]


_PATH = "/api/admin/documents"
_ONE = f"{_PATH}/{{id}}"
_LINE, _WHOLE = (DocumentLine,), (DocumentAnswer,)

DOCUMENTS: tuple[Operation, ...] = (
    Operation(
        "GET", _PATH, "documents", "What the business has written", (DocumentsAnswer,), query=DocumentsQuery, errors=(400,), scope="read"
    ),
    Operation(
        "POST",
        _PATH,
        "document_add",
        "Write a document, or add a page by its address (owner, admin)",
        _LINE,
        DocumentBody,
        errors=(404, 409),
        scope="admin",
    ),
    Operation(
        "POST",
        f"{_PATH}/files",
        "document_file_add",
        "Add a file: Markdown, HTML, PDF or plain text, as the body (owner, admin)",
        _LINE,
        query=DocumentFileQuery,
        errors=(400, 409, 413),
        scope="admin",
        file=True,
    ),
    Operation(
        "GET", _ONE, "document", "A document with its pieces, as it is written and as it reads now", _WHOLE, errors=(404,), scope="read"
    ),
    Operation(
        "PATCH",
        _ONE,
        "document_change",
        "Change a document, which is read anew (owner, admin)",
        _LINE,
        DocumentPatch,
        errors=(404,),
        scope="admin",
    ),
    Operation(
        "POST",
        f"{_ONE}/read-again",
        "document_read_again",
        "Fetch and read it anew (owner, admin)",
        _LINE,
        NothingBody,
        errors=(404,),
        scope="admin",
    ),
    Operation(
        "DELETE",
        _ONE,
        "document_delete",
        "Delete a document with every trace of it (owner, admin)",
        (DoneAnswer,),
        errors=(404,),
        scope="admin",
    ),
    Operation(
        "POST",
        "/api/admin/document-pieces/{id}/let-through",
        "document_piece_let_through",
        "Show a piece that was held back (owner, admin)",
        (DoneAnswer,),
        NothingBody,
        errors=(404,),
        scope="admin",
    ),
    Operation(
        "GET",
        "/api/admin/corpus/search",
        "corpus_search",
        "What would be found for a question, and cited",
        (TriedAnswer,),
        query=TryQuery,
        errors=(400,),
        scope="read",
    ),
)
