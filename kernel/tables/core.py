"""core: who there is. Customers and their identities, sites, staff and their sessions, the audit trail, the install's own state."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables.base import CoreBase, created, empty_json, soft_key


class Install(CoreBase):
    """One row: what this install made for itself and every gateway shares."""

    __tablename__ = "install"
    __table_args__ = (CheckConstraint("id = 1", name="only_row"), {"schema": "core"})
    id: Mapped[int] = mapped_column(primary_key=True, server_default=text("1"))
    secret: Mapped[str]  # signs tokens of visitors who have not written yet
    push_key: Mapped[str | None]  # private, of P-256: signs pushes to devices of staff
    rotation: Mapped[bool] = mapped_column(server_default=text("false"))  # new requests go to whoever is here, in turn
    rotation_limit: Mapped[int] = mapped_column(server_default=text("5"))
    created_at: Mapped[datetime] = created()


class Site(CoreBase):
    """A place where the widget is embedded."""

    __tablename__ = "site"
    __table_args__ = (UniqueConstraint("key"), {"schema": "core"})
    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str]
    name: Mapped[str]
    origins: Mapped[list[Any]] = empty_json("[]")
    identity_secret: Mapped[str]
    theme: Mapped[dict[str, Any]] = empty_json()
    allow_no_origin: Mapped[bool] = mapped_column(server_default=text("false"))
    allow_own_origin: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime] = created()


class ProfileVersion(CoreBase):
    """What was known of the business from then on: rows are added, never changed; the highest number is the current one."""

    __tablename__ = "profile_version"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("source IN ('file', 'console')", name="source"),
        Index("ix_profile_version_fingerprint", "fingerprint"),
        {"schema": "core"},
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB())
    fingerprint: Mapped[str]  # what quotes are stamped with
    source: Mapped[str]
    based_on: Mapped[int | None] = mapped_column(ForeignKey("core.profile_version.number"))
    restored: Mapped[int | None] = mapped_column(ForeignKey("core.profile_version.number"))
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("core.staff.id"))
    note: Mapped[str | None]
    created_at: Mapped[datetime] = created()


class Customer(CoreBase):
    """A person who writes to the business; `merged_into` keeps a merge reversible."""

    __tablename__ = "customer"
    __table_args__ = (
        Index("ix_customer_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        {"schema": "core"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    locale: Mapped[str | None]
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("core.customer.id"))
    created_at: Mapped[datetime] = created()


class Identity(CoreBase):
    """One way in which a customer is known: `subject` (signed by a site), `email`, `phone`."""

    __tablename__ = "identity"
    __table_args__ = (
        UniqueConstraint("kind", "scope", "value"),
        CheckConstraint("kind IN ('subject', 'email', 'phone')", name="kind"),
        Index("ix_identity_customer_id", "customer_id"),
        Index("ix_identity_value", "value", "kind"),
        {"schema": "core"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("core.customer.id"))
    kind: Mapped[str]
    scope: Mapped[str]  # a subject's site key; "" where the value is the same everywhere
    value: Mapped[str]
    verified: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime] = created()


class CustomerMerge(CoreBase):
    """Two customers who turned out to be one: `loser` points at `survivor` from then on. `moved` holds what changed hands, by table, so
    that it can be undone."""

    __tablename__ = "customer_merge"
    __table_args__ = (
        CheckConstraint("reason IN ('phone_code', 'identity', 'staff')", name="reason"),
        CheckConstraint("survivor_id <> loser_id", name="of_two"),
        Index("uq_customer_merge_loser", "loser_id", unique=True, postgresql_where=text("undone_at IS NULL")),
        Index("ix_customer_merge_survivor_id", "survivor_id"),
        {"schema": "core"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    survivor_id: Mapped[UUID] = mapped_column(ForeignKey("core.customer.id"))
    loser_id: Mapped[UUID] = mapped_column(ForeignKey("core.customer.id"))
    reason: Mapped[str]
    moved: Mapped[dict[str, Any]] = empty_json()
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("core.staff.id"))
    created_at: Mapped[datetime] = created()
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[UUID | None] = mapped_column(ForeignKey("core.staff.id"))


class MergeSuggestion(CoreBase):
    """Two customers who may be one, for a person to say; the smaller id is `one_id`."""

    __tablename__ = "merge_suggestion"
    __table_args__ = (
        UniqueConstraint("one_id", "other_id"),
        CheckConstraint("one_id < other_id", name="in_order"),
        CheckConstraint("state IN ('open', 'merged', 'dismissed')", name="state"),
        Index("ix_merge_suggestion_other_id", "other_id"),
        {"schema": "core"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    one_id: Mapped[UUID] = mapped_column(ForeignKey("core.customer.id"))
    other_id: Mapped[UUID] = mapped_column(ForeignKey("core.customer.id"))
    why: Mapped[list[Any]] = empty_json("[]")  # phone, email, name
    state: Mapped[str] = mapped_column(server_default=text("'open'"))
    staff_id: Mapped[UUID | None] = mapped_column(ForeignKey("core.staff.id"))
    created_at: Mapped[datetime] = created()
    settled_at: Mapped[datetime | None]


class VisitorToken(CoreBase):
    """What a browser shows to be let into its conversation again; only the SHA-256 is kept."""

    __tablename__ = "visitor_token"
    __table_args__ = (
        Index("ix_visitor_token_expires_at", "expires_at"),
        Index("ix_visitor_token_customer_id", "customer_id"),
        {"schema": "core"},
    )
    hash: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("core.customer.id"))
    conversation_id: Mapped[UUID] = soft_key("ai.chat_session.id")
    site_id: Mapped[UUID] = mapped_column(ForeignKey("core.site.id"))
    subject: Mapped[str | None]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = created()


class Staff(CoreBase):
    """Who works here. `one_time_password` is set until the first own password is chosen."""

    __tablename__ = "staff"
    __table_args__ = (
        UniqueConstraint("email"),
        CheckConstraint("role IN ('owner', 'admin', 'agent')", name="role"),
        {"schema": "core"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str]  # lower case
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str]
    one_time_password: Mapped[str | None]
    phone: Mapped[str | None]  # E.164, where texts of what is urgent may go
    phone_verified_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = created()


class StaffSession(CoreBase):
    """A signed-in browser; the cookie's SHA-256 is the key, so a read of the table opens nothing."""

    __tablename__ = "staff_session"
    __table_args__ = (Index("ix_staff_session_staff_id", "staff_id"), {"schema": "core"})
    hash: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("core.staff.id"))
    csrf: Mapped[str]
    must_change: Mapped[bool] = mapped_column(server_default=text("false"))
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = created()


class SignInLink(CoreBase):
    """A way into the console that works once."""

    __tablename__ = "sign_in_link"
    __table_args__ = ({"schema": "core"},)
    hash: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("core.staff.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = created()


class SocketToken(CoreBase):
    """Lets a console's socket in once, within a minute."""

    __tablename__ = "socket_token"
    __table_args__ = (Index("ix_socket_token_expires_at", "expires_at"), {"schema": "core"})
    hash: Mapped[str] = mapped_column(primary_key=True)
    session_hash: Mapped[str] = mapped_column(ForeignKey("core.staff_session.hash"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PushSubscription(CoreBase):
    """A device of somebody of the staff that may be woken; `session_hash` is the session that it was last signed in with."""

    __tablename__ = "push_subscription"
    __table_args__ = (UniqueConstraint("endpoint"), Index("ix_push_subscription_staff_id", "staff_id"), {"schema": "core"})
    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("core.staff.id"))
    session_hash: Mapped[str]
    endpoint: Mapped[str]
    p256dh: Mapped[str]
    auth: Mapped[str]
    seen_at: Mapped[datetime] = created()
    created_at: Mapped[datetime] = created()


class StaffPresence(CoreBase):
    """When a console of this person was last open, when they last got a customer in turn, and whether they said that they are away."""

    __tablename__ = "staff_presence"
    __table_args__ = ({"schema": "core"},)
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("core.staff.id"), primary_key=True)
    seen_at: Mapped[datetime | None]
    turn_at: Mapped[datetime | None]
    away: Mapped[bool] = mapped_column(server_default=text("false"))


class StaffQuietHours(CoreBase):
    """Minutes of the day between which somebody is not woken, by the clock of `zone`; over midnight where `ends` is the smaller."""

    __tablename__ = "staff_quiet_hours"
    __table_args__ = (CheckConstraint("starts BETWEEN 0 AND 1439 AND ends BETWEEN 0 AND 1439", name="minutes"), {"schema": "core"})
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("core.staff.id"), primary_key=True)
    starts: Mapped[int]
    ends: Mapped[int]
    zone: Mapped[str]


class ApiToken(CoreBase):
    """Lets a program ask over HTTP in the name of whoever made it; only its SHA-256 and its first characters are kept."""

    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("hash"), {"schema": "core"})
    id: Mapped[UUID] = mapped_column(primary_key=True)
    hash: Mapped[str]
    begins: Mapped[str]
    name: Mapped[str]
    scopes: Mapped[list[Any]] = empty_json("[]")
    staff_id: Mapped[UUID] = mapped_column(ForeignKey("core.staff.id"))
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = created()


class LoginFailure(CoreBase):
    """Failed logins, counted per address and account over a quarter of an hour; the account is kept as a hash."""

    __tablename__ = "login_failure"
    __table_args__ = (
        Index("ix_login_failure_address_at", "address", "at"),
        Index("ix_login_failure_account_at", "account", "at"),
        {"schema": "core"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    address: Mapped[str]
    account: Mapped[str]
    at: Mapped[datetime] = created()


class Audit(CoreBase):
    """Who did what to what; written in the transaction of the deed."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_at", "at"), Index("ix_audit_subject", "subject"), {"schema": "core"})
    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = created()
    actor_kind: Mapped[str]  # staff | customer | system | cli
    actor_id: Mapped[str | None]
    action: Mapped[str]  # conversation.take, staff.login, ...
    subject: Mapped[str | None]
    details: Mapped[dict[str, Any]] = empty_json()
