"""What HTTP offers of the staff's assistant and of alerts, as values (see operations.py)."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from agents.admin.alerts import AlertKind
from business.assistant.deeds import Verb
from gateway.http.operations import DoneAnswer, Edge, NothingBody, Operation
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


class GuideStep(Edge):
    """One step. `state` is unknown where nothing says whether it was done; `verb` may be proposed, `link` is a place in the console."""

    text: str
    state: Literal["done", "todo", "unknown"]
    verb: Verb | None = None
    link: str | None = None
    label: str | None = None


class GuideShown(Edge):
    """A guide as it stands for one conversation, or for the business. `needs_conversation`: none was named."""

    guide: str
    title: str
    steps: tuple[GuideStep, ...]
    conversation: UUID | None = None
    needs_conversation: bool = False


class AssistantAnswer(Edge):
    """The answer, as Markdown, with what was found. Nothing was changed: `actions` lead to where a person changes it, `proposals` wait for
    a yes, `tables` are the data of reports."""

    answer: str
    rows: tuple[FoundRow, ...] = ()
    actions: tuple[ProposedAction, ...] = ()
    tables: tuple[ReportTable, ...] = ()
    proposals: tuple[AssistantProposal, ...] = ()
    guide: GuideShown | None = None


class AlertItem(Edge):
    """Something that waits, as plain text, with its place in the console; `key`: by which a colleague dismisses it for themselves."""

    kind: AlertKind
    key: str
    title: str
    detail: str
    link: str | None = None


class AlertsAnswer(Edge):
    """What waits, the most pressing first, twenty of a kind at most; and how many there are of each: parties of the next 48 hours without
    a deposit, leads that nobody looked after in time, handoffs past their time, and open ones that nobody claimed; documents that could
    not be read, questions asked three times that found nothing; for owners and admins dead letters, e-mails and texts of unknown fate,
    models that answer as shadows and fail more often than not, budgets of the day that are nearly spent, and campaigns that paused by
    themselves. What they dismissed is left out."""

    items: tuple[AlertItem, ...]
    unpaid: int
    leads: int
    handoffs: int
    unclaimed: int = 0
    documents: int = 0
    questions: int = 0
    dead_letters: int | None = None
    emails: int | None = None
    texts: int | None = None
    shadows: int | None = None
    budgets: int | None = None
    campaigns: int | None = None


class DismissBody(Edge):
    """What one has heard enough of, by its key."""

    key: Annotated[str, Field(min_length=3, max_length=200, pattern=r"^[a-z_]+:[^\x00-\x1f]+$")]


class GuideOffer(Edge):
    """A guide. `about`: whether its steps belong to a conversation, or to the business."""

    guide: str
    title: str
    about: Literal["conversation", "business"]


class GuidesAnswer(Edge):
    """All of them."""

    items: tuple[GuideOffer, ...]


class GuideBody(Edge):
    """Which guide, and for which conversation."""

    guide: Annotated[str, Field(min_length=1, max_length=60)]
    conversation: UUID | None = None


class ProposeBody(Edge):
    """What a colleague wants to be done with one conversation: it is proposed, as if they had asked for it in words."""

    verb: Verb
    conversation: UUID


class ProposalsAnswer(Edge):
    """What may be said yes to; none where there is nothing on which it could be done."""

    items: tuple[AssistantProposal, ...]


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
    Operation("POST", "/api/admin/assistant/proposals", "propose", "Have something proposed", (ProposalsAnswer,), ProposeBody),
    Operation("GET", "/api/admin/assistant/guides", "guides", "What is done step by step", (GuidesAnswer,)),
    Operation("POST", "/api/admin/assistant/guides", "guide", "A guide with what is done of it", (GuideShown,), GuideBody, errors=(404,)),
    Operation("POST", "/api/admin/alerts/dismiss", "alert_dismiss", "Be told of something no more", (DoneAnswer,), DismissBody),
    Operation("GET", "/api/admin/alerts", "alerts", "What waits for somebody just now", (AlertsAnswer,), scope="read"),
)
