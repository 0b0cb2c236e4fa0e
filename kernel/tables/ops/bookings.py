"""ops: Quotes, chefs and their calendars, bookings."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Identity, Index, Numeric, Time, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables.base import OpsBase, created, empty_json, soft_key

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
        CheckConstraint("(status = 'cancellation_requested') = (before_cancel IS NOT NULL)", name="before_cancel"),
        CheckConstraint("deposit_cents BETWEEN 0 AND total_cents OR total_cents IS NULL", name="amounts"),
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
        Index("ix_booking_customer_id", "customer_id"),
        Index("ix_booking_starts_at", "starts_at"),
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
    deposit_until: Mapped[datetime | None]  # counts from the hold
    ended: Mapped[str | None]  # why it holds its slot no more: released, moved, lapsed, unpaid, cancelled
    terms_accepted_at: Mapped[datetime | None]
    total_cents: Mapped[int | None] = mapped_column(BigInteger)  # null: nothing was quoted yet
    deposit_cents: Mapped[int | None] = mapped_column(BigInteger)
    kept: Mapped[bool] = mapped_column(server_default=text("false"))  # somebody of the staff keeps it without a deposit
    confirmed_at: Mapped[datetime | None]
    reschedules: Mapped[int] = mapped_column(server_default=text("0"))  # those that were not for the weather
    before_cancel: Mapped[str | None]  # the state that a rejected wish to cancel goes back to
    asked_chef: Mapped[int | None] = mapped_column(ForeignKey("ops.chef.number"))  # whom the customer wants
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
    page: Mapped[str | None]  # the address of the customer's page of it, as its card links to it
    idem: Mapped[str | None]
    profile_fingerprint: Mapped[str]
    card_id: Mapped[UUID]
    card_version: Mapped[int] = mapped_column(server_default=text("0"))  # the version that the conversation was shown
    version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime] = created()
    changed_at: Mapped[datetime] = created()


class BookingEvent(OpsBase):
    """What happened to a booking, in its order: who did what, and what it was before."""

    __tablename__ = "booking_event"
    __table_args__ = (
        CheckConstraint("by_kind IN ('customer', 'ai', 'human', 'system')", name="by_kind"),
        Index("ix_booking_event_at", "at"),
        {"schema": "ops"},
    )
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("ops.booking.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    by_kind: Mapped[str]
    by_id: Mapped[UUID | None]
    by_name: Mapped[str]
    details: Mapped[dict[str, Any]] = empty_json()
    at: Mapped[datetime] = created()
