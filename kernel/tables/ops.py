"""ops: what has to be done. Handoffs to people, the outbox of effects, notifications of staff; quotes, chefs, bookings, complaints."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Identity, Index, Numeric, Time, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables.base import OpsBase, created, empty_json, soft_key


class Handoff(OpsBase):
    """A conversation that needs a person; at most one open or claimed per conversation and kind."""

    __tablename__ = "handoff"
    __table_args__ = (
        CheckConstraint("kind IN ('booking', 'complaint', 'human', 'payment', 'lead')", name="kind"),
        CheckConstraint("state IN ('open', 'claimed', 'resolved', 'withdrawn')", name="state"),
        CheckConstraint("urgency IN ('low', 'normal', 'high', 'severe')", name="urgency"),
        Index(
            "uq_handoff_unsettled",
            "conversation_id",
            "kind",
            unique=True,
            postgresql_where=text("state IN ('open', 'claimed')"),
        ),
        Index("ix_handoff_due", "due_at", postgresql_where=text("state = 'open' AND alerted_at IS NULL")),
        Index("ix_handoff_changed_at", "changed_at"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = soft_key("ai.chat_session.id")
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'open'"))
    urgency: Mapped[str]
    summary: Mapped[str]
    facts: Mapped[dict[str, Any]] = empty_json()
    tried: Mapped[str | None]  # by the assistant
    suggested_reply: Mapped[str | None]
    rev: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))
    due_at: Mapped[datetime]
    alerted_at: Mapped[datetime | None]
    claimed_by: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    claimed_name: Mapped[str | None]
    note: Mapped[str | None]
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()
    settled_at: Mapped[datetime | None]


class Outbox(OpsBase):
    """An effect on the world, written in the transaction of its cause. `key` makes it one effect."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("state IN ('new', 'working', 'done', 'dead')", name="state"),
        CheckConstraint("(state = 'working') = (lease_until IS NOT NULL)", name="working_is_leased"),
        Index("ix_outbox_due", "kind", "next_at", postgresql_where=text("state IN ('new', 'working')")),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str]
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]] = empty_json()
    state: Mapped[str] = mapped_column(server_default=text("'new'"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    next_at: Mapped[datetime] = created()
    lease_until: Mapped[datetime | None]
    lease_id: Mapped[UUID | None]
    error: Mapped[str | None]  # its kind
    created_at: Mapped[datetime] = created()
    done_at: Mapped[datetime | None]


class WebhookEndpoint(OpsBase):
    """A receiver of events. `previous_secret` signs beside `secret` until `previous_until`."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        CheckConstraint("off_reason IN ('staff', 'gone', 'failing')", name="off_reason"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    url: Mapped[str]
    description: Mapped[str] = mapped_column(server_default=text("''"))
    events: Mapped[list[Any]] = empty_json("[]")
    secret: Mapped[str]  # signs, so it is kept as it is
    previous_secret: Mapped[str | None]
    previous_until: Mapped[datetime | None]
    off_reason: Mapped[str | None]  # null: it is on
    failing_since: Mapped[datetime | None]  # the first failure after the last success
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()


class WebhookDelivery(OpsBase):
    """An event on its way to one endpoint. Its id is the receiver's idempotency id; the outbox's row `webhook:{key}` carries it."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name="state"),
        Index("ix_webhook_delivery_endpoint_id", "endpoint_id", "id"),
        Index("ix_webhook_delivery_created_at", "created_at"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    endpoint_id: Mapped[UUID] = mapped_column(ForeignKey("ops.webhook_endpoint.id", ondelete="CASCADE"))
    key: Mapped[str]
    type: Mapped[str]
    payload: Mapped[dict[str, Any]] = empty_json()
    state: Mapped[str] = mapped_column(server_default=text("'waiting'"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime] = created()


class WebhookAttempt(OpsBase):
    """One try of a delivery. `status` where the receiver answered, `error` where it did not accept."""

    __tablename__ = "webhook_attempt"
    __table_args__ = ({"schema": "ops"},)
    delivery_id: Mapped[UUID] = mapped_column(ForeignKey("ops.webhook_delivery.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[int | None]
    error: Mapped[str | None]  # its kind
    duration_ms: Mapped[int]
    at: Mapped[datetime] = created()


class CannedReply(OpsBase):
    """What staff say often, behind a shortcut. `locale` null: for every language."""

    __tablename__ = "canned_reply"
    __table_args__ = (UniqueConstraint("shortcut"), {"schema": "ops"})
    id: Mapped[UUID] = mapped_column(primary_key=True)
    shortcut: Mapped[str]  # lower case, without the slash
    title: Mapped[str]
    text: Mapped[str]
    locale: Mapped[str | None]
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()


class TranscriptRequest(OpsBase):
    """A customer wants a copy by e-mail; kept until one can be sent."""

    __tablename__ = "transcript_request"
    __table_args__ = (
        Index(
            "uq_transcript_request_unsent",
            "conversation_id",
            "email",
            unique=True,
            postgresql_where=text("sent_at IS NULL"),
        ),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = soft_key("ai.chat_session.id")
    email: Mapped[str]
    requested_at: Mapped[datetime] = created()
    sent_at: Mapped[datetime | None]


class Notification(OpsBase):
    """Something staff must hear of; `key` is the outbox effect that wrote it."""

    __tablename__ = "notification"
    __table_args__ = (UniqueConstraint("key"), Index("ix_notification_created_at", "created_at"), {"schema": "ops"})
    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str]
    kind: Mapped[str]
    conversation_id: Mapped[UUID | None] = soft_key("ai.chat_session.id", nullable=True)
    handoff_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = created()


class Mention(OpsBase):
    """Somebody of the staff, named in a note; unread until `seen_at`."""

    __tablename__ = "mention"
    __table_args__ = (
        Index("ix_mention_unseen", "staff_id", "conversation_id", postgresql_where=text("seen_at IS NULL")),
        Index("ix_mention_created_at", "created_at"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = soft_key("ai.chat_session.id")
    staff_seq: Mapped[int] = mapped_column(BigInteger)
    staff_id: Mapped[UUID] = soft_key("core.staff.id")
    by_name: Mapped[str]
    created_at: Mapped[datetime] = created()
    seen_at: Mapped[datetime | None]


OCCUPIES = "status IN ('held', 'deposit_pending', 'confirmed', 'in_progress', 'cancellation_requested')"


class Quote(OpsBase):
    """A price that was told, as it was told. A changed price is a row of its own; `card_id` is what stands in the conversation."""

    __tablename__ = "quote"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("card_id", "card_version"),
        CheckConstraint("total_cents = food_cents + extras_cents + coalesce(travel_cents, 0) + tax_cents", name="adds_up"),
        CheckConstraint("balance_cents = total_cents - deposit_cents", name="balance"),
        CheckConstraint("precision IN ('estimate', 'exact')", name="precision"),
        Index("ix_quote_conversation_id", "conversation_id", "number"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True))  # what people call it by
    conversation_id: Mapped[UUID] = soft_key("ai.chat_session.id")
    customer_id: Mapped[UUID] = soft_key("core.customer.id")
    profile_number: Mapped[int | None]  # of the stored version; null where the profile was in no database yet
    profile_fingerprint: Mapped[str]
    order: Mapped[dict[str, Any]] = empty_json()
    lines: Mapped[list[Any]] = empty_json("[]")
    food_cents: Mapped[int] = mapped_column(BigInteger)
    extras_cents: Mapped[int] = mapped_column(BigInteger)
    travel_cents: Mapped[int | None] = mapped_column(BigInteger)  # null: the place was not known
    tax_cents: Mapped[int] = mapped_column(BigInteger)
    total_cents: Mapped[int] = mapped_column(BigInteger)
    deposit_cents: Mapped[int] = mapped_column(BigInteger)
    balance_cents: Mapped[int] = mapped_column(BigInteger)
    miles: Mapped[Decimal | None] = mapped_column(Numeric(7, 1))
    precision: Mapped[str | None]
    station: Mapped[str | None]
    digest: Mapped[str]  # of all that was priced: the same again is the same quote
    card_id: Mapped[UUID]
    card_version: Mapped[int]
    created_at: Mapped[datetime] = created()


class Chef(OpsBase):
    """Somebody who cooks, from one station. `largest`: the largest class of parties that they take."""

    __tablename__ = "chef"
    __table_args__ = (
        UniqueConstraint("number"),
        CheckConstraint("largest IN ('small', 'medium', 'large')", name="largest"),
        CheckConstraint("rating BETWEEN 0 AND 5", name="rating"),
        Index("ix_chef_station", "station", postgresql_where=text("active")),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Identity(always=True))  # for int4range: an exclusion over ids would need an extension
    name: Mapped[str]
    station: Mapped[str]
    largest: Mapped[str] = mapped_column(server_default=text("'large'"))
    rating: Mapped[Decimal | None] = mapped_column(Numeric(3, 2))
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()


class ChefTime(OpsBase):
    """When a chef works: every week on a weekday (Monday is 0), or on one day on or off. Minutes from that day's midnight at the
    station, over 1,440 for what goes past the next; a day off without minutes is the whole day."""

    __tablename__ = "chef_time"
    __table_args__ = (
        CheckConstraint("kind IN ('weekly', 'on', 'off')", name="kind"),
        CheckConstraint("(kind = 'weekly') = (weekday IS NOT NULL) AND (kind = 'weekly') = (day IS NULL)", name="weekly_or_dated"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("(from_minute IS NULL) = (to_minute IS NULL) AND (kind = 'off' OR from_minute IS NOT NULL)", name="minutes"),
        CheckConstraint("0 <= from_minute AND from_minute < to_minute AND to_minute <= 2880", name="forwards"),
        Index("ix_chef_time_chef_id", "chef_id"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    chef_id: Mapped[UUID] = mapped_column(ForeignKey("ops.chef.id", ondelete="CASCADE"))
    kind: Mapped[str]
    weekday: Mapped[int | None]
    day: Mapped[date | None] = mapped_column(Date)
    from_minute: Mapped[int | None]
    to_minute: Mapped[int | None]


class Booking(OpsBase):
    """A party in its slot, from the hold on. Capacity binds stations (a lane), time binds chefs (`busy`): two constraints."""

    __tablename__ = "booking"
    __table_args__ = (
        UniqueConstraint("number"),
        UniqueConstraint("idem"),
        CheckConstraint(
            "status IN ('held', 'deposit_pending', 'confirmed', 'in_progress', 'completed',"
            " 'cancellation_requested', 'cancelled', 'expired', 'no_show')",
            name="status",
        ),
        CheckConstraint("(status = 'held') = (hold_until IS NOT NULL)", name="held_until"),
        CheckConstraint("status <> 'deposit_pending' OR deposit_until IS NOT NULL", name="deposit_until"),
        # An empty range overlaps nothing and one without an end is no party's.
        CheckConstraint(
            "NOT isempty(busy) AND lower_inc(busy) AND NOT upper_inc(busy) AND NOT upper_inf(busy)",
            name="busy",
        ),
        CheckConstraint("starts_at < ends_at AND busy @> tstzrange(starts_at, ends_at)", name="party_within_busy"),
        CheckConstraint("lane > 0 AND guests > 0", name="counts"),
        Index("uq_booking_lane", "station", "day", "slot", "lane", unique=True, postgresql_where=text(OCCUPIES)),
        Index("uq_booking_held", "conversation_id", unique=True, postgresql_where=text("status = 'held'")),
        ExcludeConstraint(
            (text("int4range(chef_number, chef_number, '[]')"), "&&"),
            ("busy", "&&"),
            name="ex_booking_chef",
            using="gist",
            where=text(f"{OCCUPIES} AND chef_number IS NOT NULL"),
        ),
        Index("ix_booking_hold_until", "hold_until", postgresql_where=text("status = 'held'")),
        Index("ix_booking_untold", "changed_at", postgresql_where=text("card_version < version")),
        Index("ix_booking_conversation_id", "conversation_id"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    conversation_id: Mapped[UUID] = soft_key("ai.chat_session.id")
    customer_id: Mapped[UUID] = soft_key("core.customer.id")
    quote_id: Mapped[UUID | None] = mapped_column(ForeignKey("ops.quote.id"))
    station: Mapped[str]
    day: Mapped[date] = mapped_column(Date)  # at the venue
    slot: Mapped[time] = mapped_column(Time)  # nominal; `starts_at` may be moved from it
    lane: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    busy: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)  # from the begin of the set-up to the end of the clean-up
    chef_number: Mapped[int | None] = mapped_column(ForeignKey("ops.chef.number"))
    status: Mapped[str]
    hold_until: Mapped[datetime | None]
    hold_token: Mapped[UUID] = mapped_column(server_default=text("gen_random_uuid()"))
    deposit_until: Mapped[datetime | None]  # counts from the hold
    ended: Mapped[str | None]  # why it holds its slot no more: released, moved, lapsed
    guests: Mapped[int]
    party: Mapped[dict[str, Any]] = empty_json()
    facts: Mapped[dict[str, Any]] = empty_json()
    address: Mapped[str]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    miles: Mapped[Decimal | None] = mapped_column(Numeric(7, 1))
    contact_name: Mapped[str | None]
    contact_phone: Mapped[str | None]
    contact_email: Mapped[str | None]
    idem: Mapped[str | None]
    profile_fingerprint: Mapped[str]
    card_id: Mapped[UUID]
    card_version: Mapped[int] = mapped_column(server_default=text("0"))  # the version that the conversation was shown
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()


class Complaint(OpsBase):
    """What a customer is unhappy about; one open per conversation, which grows. `incident`: the record of a severe one."""

    __tablename__ = "complaint"
    __table_args__ = (
        CheckConstraint("severity IN ('minor', 'moderate', 'severe')", name="severity"),
        CheckConstraint("state IN ('open', 'resolved')", name="state"),
        CheckConstraint("severity <> 'severe' OR incident IS NOT NULL", name="severe_is_recorded"),
        Index("uq_complaint_open", "conversation_id", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_complaint_created_at", "created_at"),
        {"schema": "ops"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = soft_key("ai.chat_session.id")
    customer_id: Mapped[UUID] = soft_key("core.customer.id")
    severity: Mapped[str]
    summary: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'open'"))
    handoff_id: Mapped[UUID | None] = mapped_column(ForeignKey("ops.handoff.id"))
    incident: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()
    resolved_at: Mapped[datetime | None]
