"""What HTTP offers of e-mails and their templates, as values (see operations.py)."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from gateway.http.operations import Edge, Operation

EmailState = Literal["waiting", "sending", "sent", "unknown", "failed", "bounced", "held", "suppressed"]
Subject = Annotated[str, Field(max_length=2000)]
Body = Annotated[str, Field(max_length=60_000)]


class EmailsQuery(Edge):
    """`q`: a piece of an address, a name or a subject; `cursor` goes on where the page before ended."""

    state: EmailState | None = None
    kind: Annotated[str, Field(max_length=40)] | None = None
    q: Annotated[str, Field(max_length=200)] | None = None
    cursor: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class EmailRow(Edge):
    """A mail that goes out, or went. `error`: why it is in its state, as a kind."""

    id: UUID
    kind: str
    to_address: str
    to_name: str | None = None
    locale: str
    subject: str
    state: EmailState
    error: str | None = None
    marketing: bool
    booking: UUID | None = None
    conversation: UUID | None = None
    send_at: datetime
    created_at: datetime
    sent_at: datetime | None = None


class EmailsAnswer(Edge):
    """A page, the newest first; how many are in each state; `server` is false where none is configured and every mail is held."""

    items: tuple[EmailRow, ...]
    counts: dict[str, int]
    server: bool
    cursor: UUID | None = None


class EmailAnswer(Edge):
    """A mail as it was written. Its page is at `/pages/emails/{id}`."""

    email: EmailRow
    plain: str
    message_id: str
    attachments: tuple[str, ...]


class RetryBody(Edge):
    """`sure`: that one whose fate nobody knows shall be sent again, though it may arrive twice."""

    sure: bool = False


class RetriedEmail(Edge):
    """Its state now."""

    id: UUID
    state: EmailState


class InboundQuery(Edge):
    """`cursor` goes on where the page before ended."""

    cursor: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class InboundRow(Edge):
    """A mail that came in: it went on in a conversation, told of a delivery, was a payment's notice, or was kept."""

    id: UUID
    from_address: str
    subject: str
    text: str
    outcome: Literal["threaded", "bounce", "payment", "kept"]
    email: UUID | None = None
    conversation: UUID | None = None
    created_at: datetime


class InboundAnswer(Edge):
    """A page, the newest first."""

    items: tuple[InboundRow, ...]
    cursor: UUID | None = None


class TemplateLanguage(Edge):
    """`version` 0: the one that ships."""

    locale: str
    version: int


class TemplateRow(Edge):
    """A kind of e-mail."""

    kind: str
    title: str
    marketing: bool
    staff: bool
    languages: tuple[TemplateLanguage, ...]


class TemplatesAnswer(Edge):
    """Every kind, in the order of a booking's life."""

    items: tuple[TemplateRow, ...]


class TemplateQuery(Edge):
    """`version`: another one than the current; 0 is the one that ships."""

    version: Annotated[int, Field(ge=0)] | None = None


class TemplateVersion(Edge):
    """One save. `shipped`: it went back to the one that ships."""

    version: int
    shipped: bool
    by: str | None = None
    created_at: datetime


class TemplateAnswer(Edge):
    """A template in one language; `newest` is what a save is based on, `names` the values that it may use."""

    kind: str
    locale: str
    title: str
    subject: str
    body: str
    version: int
    newest: int
    names: tuple[str, ...]
    filters: tuple[str, ...]
    versions: tuple[TemplateVersion, ...]


class TemplateBody(Edge):
    """What is saved, or nothing of both for the template that ships. `based_on`: the newest version that its writer saw."""

    subject: Subject | None = None
    body: Body | None = None
    based_on: Annotated[int, Field(ge=0)]


class SavedTemplate(Edge):
    """The version that it is now."""

    version: int


class DraftBody(Edge):
    """A template that is being written. `bare`: shown with as few values as the kind can have."""

    subject: Subject
    body: Body
    bare: bool = False


class TemplateFault(Edge):
    """`line` of the body, from 1; 0 is the subject."""

    line: int
    message: str


class PreviewAnswer(Edge):
    """What is wrong, or the mail with values of the business's own."""

    faults: tuple[TemplateFault, ...]
    subject: str | None = None
    plain: str | None = None


class DraftSent(Edge):
    """To one's own address."""

    id: UUID
    state: EmailState
    to: str


TEMPLATE = "/api/admin/email-templates/{id}"
EMAILS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/admin/emails",
        "emails",
        "E-mails that go out, or went (owner, admin)",
        (EmailsAnswer,),
        query=EmailsQuery,
        errors=(400,),
        scope="admin",
    ),
    Operation(
        "GET",
        "/api/admin/emails/{id}",
        "email",
        "One e-mail as it was written (owner, admin)",
        (EmailAnswer,),
        errors=(404,),
        scope="admin",
    ),
    Operation(
        "POST",
        "/api/admin/emails/{id}/retry",
        "email_retry",
        "Send one that is held, failed or unknown on its way again, under its Message-ID (owner, admin)",
        (RetriedEmail,),
        RetryBody,
        errors=(404, 409),
        scope="admin",
    ),
    Operation(
        "GET",
        "/api/admin/inbound-emails",
        "inbound_emails",
        "E-mails that came in (owner, admin)",
        (InboundAnswer,),
        query=InboundQuery,
        errors=(400,),
        scope="admin",
    ),
    Operation(
        "GET", "/api/admin/email-templates", "email_templates", "Kinds of e-mail and their templates (owner, admin)", (TemplatesAnswer,)
    ),
    Operation(
        "GET",
        TEMPLATE,
        "email_template",
        "A template, named like booking_confirmation.en (owner, admin)",
        (TemplateAnswer,),
        query=TemplateQuery,
        errors=(400, 404),
    ),
    Operation(
        "PUT",
        TEMPLATE,
        "email_template_save",
        "Save another version, or go back to the one that ships (owner, admin)",
        (SavedTemplate,),
        TemplateBody,
        errors=(404, 409),
    ),
    Operation(
        "POST",
        f"{TEMPLATE}/preview",
        "email_template_preview",
        "Look at a draft (owner, admin)",
        (PreviewAnswer,),
        DraftBody,
        errors=(404,),
    ),
    Operation(
        "POST",
        f"{TEMPLATE}/test",
        "email_template_test",
        "Send a draft to one's own address (owner, admin)",
        (DraftSent,),
        DraftBody,
        errors=(404,),
    ),
)
