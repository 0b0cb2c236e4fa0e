"""What HTTP offers of the staff's assistant and of alerts, as values (see operations.py)."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from business.assistant.deeds import Verb
from gateway.http.operations import Edge, NothingBody, Operation
from gateway.http.reports_wire import ReportTable
from kernel.wire.base import CleanText


class AssistantBody(Edge):
    """A question in a colleague's own words. `conversation`: the one that is open in the console."""

    question: Annotated[CleanText, Field(min_length=1, max_length=1_000)]
    conversation: UUID | None = None


class FoundRow(Edge):
    """One line of what was found, as plain text. `link` is a place in the console (`#/...`)."""

    title: str
    detail: str
    link: str | None = None


class ProposedAction(Edge):
    """A place where a person does what was asked for: `target` is the id of a conversation or handoff, a page of the settings, or a
    place in the calendar (`day/2027-05-31/<booking>`). A `draft` is a reply to be drafted in that conversation."""

    kind: Literal["conversation", "handoff", "draft", "page", "calendar"]
    label: str
    target: str


class AssistantProposal(Edge):
    """Something that is done once whoever asked says yes, within ten minutes. `title` asks for it, `changes` says what will be different,
    `text` is what would be written, whole; `result` what became of it."""

    id: UUID
    verb: Verb
    title: str
    changes: str
    text: str | None = None
    conversation: UUID | None = None
    state: Literal["proposed", "done", "declined", "failed", "expired"]
    result: str | None = None
    expires_at: datetime


class AssistantAnswer(Edge):
    """The answer, as Markdown, with what was found. Nothing was changed: `actions` lead to where a person changes it, `proposals` wait for
    a yes, `tables` are the data of reports."""

    answer: str
    rows: tuple[FoundRow, ...] = ()
    actions: tuple[ProposedAction, ...] = ()
    tables: tuple[ReportTable, ...] = ()
    proposals: tuple[AssistantProposal, ...] = ()


class AlertItem(Edge):
    """Something that waits, as plain text, with its place in the console."""

    kind: Literal["unpaid", "lead", "handoff", "dead_letters", "emails", "shadows"]
    title: str
    detail: str
    link: str | None = None


class AlertsAnswer(Edge):
    """What waits, the most pressing first, twenty of a kind at most; and how many there are of each: parties of the next 48 hours without
    a deposit, leads that nobody looked after for a day, handoffs past their time; for owners and admins dead letters, e-mails of unknown
    fate, and models that answer as shadows and fail more often than not."""

    items: tuple[AlertItem, ...]
    unpaid: int
    leads: int
    handoffs: int
    dead_letters: int | None = None
    emails: int | None = None
    shadows: int | None = None


ASSISTANT: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/api/admin/assistant",
        "assistant",
        "Ask the assistant of the staff; it answers, and proposes what is to be done",
        (AssistantAnswer,),
        AssistantBody,
        errors=(429,),
    ),
    Operation(
        "POST",
        "/api/admin/assistant/proposals/{id}/confirm",
        "proposal_confirm",
        "Say yes to one's own proposal: it is done, once",
        (AssistantProposal,),
        NothingBody,
        errors=(404,),
    ),
    Operation(
        "POST",
        "/api/admin/assistant/proposals/{id}/decline",
        "proposal_decline",
        "Say no to one's own proposal: nothing is done",
        (AssistantProposal,),
        NothingBody,
        errors=(404,),
    ),
    Operation("GET", "/api/admin/alerts", "alerts", "What waits for somebody just now", (AlertsAnswer,), scope="read"),
)
