"""What HTTP offers, as values: paths, bodies, answers, errors. The routes are checked against it, OpenAPI is made from it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from business.staff.tokens import Scope


class Edge(BaseModel):
    """Bodies and answers: frozen, and a field that nobody knows is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


CHIEFS = ("owner", "admin")

Password = Annotated[str, Field(min_length=1, max_length=512)]
Token = Annotated[str, Field(min_length=1, max_length=512)]


class LoginBody(Edge):
    """An e-mail address and a password. `totp` is taken and not yet asked for by any account."""

    email: Annotated[str, Field(min_length=1, max_length=320)]
    password: Password
    totp: Annotated[str, Field(max_length=16)] | None = None


class SignInBody(Edge):
    """The token of a sign-in link."""

    token: Token


class PasswordBody(Edge):
    """The password chosen; `current` where there is an own one already."""

    password: Password
    current: Password | None = None


class LogoutBody(Edge):
    """`everywhere`: end every session of this person."""

    everywhere: bool = False


class StaffMember(Edge):
    """Who is signed in."""

    id: UUID
    name: str
    role: Literal["owner", "admin", "agent"]


class SignedInAnswer(Edge):
    """In. `csrf` goes back in the header X-CSRF-Token with everything that changes something."""

    csrf: str
    staff: StaffMember


class PasswordNeededAnswer(Edge):
    """Almost in: a one-time password was used; `POST /api/admin/password` opens the session."""

    must_change: Literal[True]
    csrf: str


class SessionAnswer(Edge):
    """The session behind the cookie, kept alive by asking. While `must_change` only a password may be chosen."""

    csrf: str
    staff: StaffMember
    must_change: bool
    expires_at: datetime


class DoneAnswer(Edge):
    """It is done."""

    ok: Literal[True] = True


class SocketTokenAnswer(Edge):
    """For the `auth` of a console socket: good once, until `expires_at`."""

    token: str
    expires_at: datetime


class ModelState(Edge):
    """A configured model. `ok` is absent where it was not called within a day; `why` and `since` where it fails."""

    model: str
    ok: bool | None = None
    why: str | None = None
    since: datetime | None = None


class ModelsAnswer(Edge):
    """The configured models, in the order of the settings."""

    models: tuple[ModelState, ...]


class CannedReply(Edge):
    """What staff say often. `locale` absent: for every language."""

    id: UUID
    shortcut: str
    title: str
    text: str
    locale: str | None = None


class CannedRepliesAnswer(Edge):
    """All of them, by shortcut."""

    items: tuple[CannedReply, ...]


class CannedReplyBody(Edge):
    """A new one; the shortcut without its slash, unique."""

    shortcut: Annotated[str, Field(min_length=1, max_length=40)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    text: Annotated[str, Field(min_length=1, max_length=8000)]
    locale: Annotated[str, Field(max_length=10)] | None = None


class CannedReplyPatch(Edge):
    """What is given is changed; `locale` null makes it a reply for every language."""

    shortcut: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    title: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    text: Annotated[str, Field(min_length=1, max_length=8000)] | None = None
    locale: Annotated[str, Field(max_length=10)] | None = None


class Colleague(Edge):
    """An account. `must_change`: the one-time password was not changed yet. `last_seen_at`: to ten minutes, for a month."""

    id: UUID
    email: str
    name: str
    role: Literal["owner", "admin", "agent"]
    disabled: bool
    must_change: bool
    last_seen_at: datetime | None = None


class StaffAnswer(Edge):
    """Everyone, by e-mail address."""

    items: tuple[Colleague, ...]


class AccountPatch(Edge):
    """One's own name."""

    name: Annotated[str, Field(min_length=1, max_length=200)]


class InviteBody(Edge):
    """A new account."""

    email: Annotated[str, Field(min_length=1, max_length=320)]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    role: Literal["owner", "admin", "agent"]


class StaffPatch(Edge):
    """What is given is changed."""

    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    role: Literal["owner", "admin", "agent"] | None = None
    disabled: bool | None = None


class NothingBody(Edge):
    """Nothing more needs saying."""


class InvitedAnswer(Edge):
    """The ways in of a new or reset account, shown once; the link is `sign_in_path` behind the console's address, for 15 minutes."""

    id: UUID
    email: str
    one_time_password: str
    sign_in_path: str


class ErrorDetail(Edge):
    """`message` is written for a person."""

    model_config = ConfigDict(frozen=True, extra="allow")

    code: str
    message: str
    retry_after_ms: int | None = None


class ErrorAnswer(Edge):
    """How every refusal looks."""

    error: ErrorDetail


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that HTTP offers. `errors`: statuses beside those that every operation of its kind has; `scope`: what an API token
    needs for it, None where no token may; `file`: its body is a file as it is; `gives`: the media type of an answer that is one."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    name: str
    summary: str
    answers: tuple[type[Edge], ...]
    body: type[Edge] | None = None
    query: type[Edge] | None = None
    cookie: bool = True
    errors: tuple[int, ...] = ()
    scope: Scope | None = None
    file: bool = False
    gives: str | None = None

    @property
    def csrf(self) -> bool:
        """Whether the header X-CSRF-Token is asked for: with a cookie, wherever something changes."""
        return self.cookie and self.method != "GET"


ADMIN: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/api/admin/login",
        "login",
        "Log in with an e-mail address and a password; sets the session cookie",
        (SignedInAnswer, PasswordNeededAnswer),
        LoginBody,
        cookie=False,
        errors=(401, 429),
    ),
    Operation(
        "POST",
        "/api/admin/sign-in",
        "sign_in",
        "Sign in with a link that works once; sets the session cookie",
        (SignedInAnswer,),
        SignInBody,
        cookie=False,
        errors=(401,),
    ),
    Operation(
        "POST",
        "/api/admin/password",
        "password",
        "Choose a password of one's own; opens a session that was waiting for it, ends all others",
        (SignedInAnswer,),
        PasswordBody,
        errors=(409, 429),
    ),
    Operation("GET", "/api/admin/session", "session", "Who is signed in; keeps the session alive", (SessionAnswer,)),
    Operation("POST", "/api/admin/logout", "logout", "End this session, or every one", (DoneAnswer,), LogoutBody),
    Operation("POST", "/api/admin/socket-token", "socket_token", "A token for one console socket", (SocketTokenAnswer,)),
    Operation("GET", "/api/admin/models", "models", "Which configured models answer, and which fail", (ModelsAnswer,)),
    Operation(
        "GET", "/api/admin/canned-replies", "canned_replies", "What staff say often, behind shortcuts", (CannedRepliesAnswer,), scope="read"
    ),
    Operation(
        "POST",
        "/api/admin/canned-replies",
        "canned_reply_add",
        "Add a canned reply (owner, admin)",
        (CannedReply,),
        CannedReplyBody,
        errors=(409,),
    ),
    Operation(
        "PATCH",
        "/api/admin/canned-replies/{id}",
        "canned_reply_change",
        "Change a canned reply (owner, admin)",
        (CannedReply,),
        CannedReplyPatch,
        errors=(404, 409),
    ),
    Operation(
        "DELETE",
        "/api/admin/canned-replies/{id}",
        "canned_reply_delete",
        "Delete a canned reply (owner, admin)",
        (DoneAnswer,),
        errors=(404,),
    ),
    Operation("PATCH", "/api/admin/account", "account_change", "One's own name", (StaffMember,), AccountPatch),
    Operation("GET", "/api/admin/staff", "staff", "Who works here", (StaffAnswer,), scope="read"),
    Operation("POST", "/api/admin/staff", "staff_invite", "Invite a colleague (owner, admin)", (InvitedAnswer,), InviteBody, errors=(409,)),
    Operation(
        "PATCH",
        "/api/admin/staff/{id}",
        "staff_change",
        "Name, role and access of a colleague (owner, admin; of an owner, owner)",
        (Colleague,),
        StaffPatch,
        errors=(404, 409),
    ),
    Operation(
        "POST",
        "/api/admin/staff/{id}/reset",
        "staff_reset",
        "New ways in for a colleague, whose sessions end (owner, admin; of an owner, owner)",
        (InvitedAnswer,),
        NothingBody,
        errors=(404,),
    ),
)
