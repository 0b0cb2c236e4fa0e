"""The ensemble's memory: every call of a model, what was spent, how a turn was asked, and what shadows answered to it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Date, Float, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from kernel.tables.base import AiBase, created, empty_json, soft_key


class Usage(AiBase):
    """One row for every call of a model, aborted ones too."""

    __tablename__ = "usage"
    __table_args__ = (
        CheckConstraint("outcome IN ('complete', 'cancelled', 'failed', 'cut')", name="outcome"),
        CheckConstraint("race IN ('first_won', 'first_lost', 'second_won', 'second_lost')", name="race"),
        Index("ix_usage_model_started_at", "model", "started_at"),
        Index("ix_usage_started_at", "started_at"),
        Index("ix_usage_turn_id", "turn_id"),
        Index("ix_usage_conversation_id", "conversation_id"),
        {"schema": "ai"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID | None]
    turn_id: Mapped[UUID | None]
    customer_id: Mapped[UUID | None] = soft_key("core.customer.id", nullable=True)
    site_id: Mapped[UUID | None] = soft_key("core.site.id", nullable=True)
    agent: Mapped[str] = mapped_column(server_default=sql("''"))  # whose turn it was
    model: Mapped[str]  # its name in the settings
    provider: Mapped[str]
    role: Mapped[str]  # answer, draft, ask, student, critic, shadow...
    tokens_in: Mapped[int]
    tokens_out: Mapped[int]
    cost_microdollars: Mapped[int | None] = mapped_column(BigInteger)
    first_token_ms: Mapped[int | None]
    duration_ms: Mapped[int]
    outcome: Mapped[str]
    error: Mapped[str | None]  # the kind of failure, never its text
    race: Mapped[str | None]  # of a hedge in which two were asked: who this was, and whether it answered
    started_at: Mapped[datetime]


class Spend(AiBase):
    """What one budget has spent: a visitor's day, a conversation, a site's day, everybody's day, a candidate's day.

    `spent` is the sum of the usage rows under it; `held` what is reserved for calls that run.
    """

    __tablename__ = "spend"
    __table_args__ = (
        CheckConstraint("scope IN ('visitor', 'conversation', 'site', 'all', 'shadow')", name="scope"),
        CheckConstraint("spent_microdollars >= 0 AND held_microdollars >= 0", name="not_negative"),
        Index("ix_spend_day", "day"),
        {"schema": "ai"},
    )
    scope: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)  # an id, a candidate's name, "" for everybody
    day: Mapped[date] = mapped_column(Date(), primary_key=True)  # in the business's zone; a conversation's is always the same
    spent_microdollars: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    held_microdollars: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))


class BudgetHold(AiBase):
    """What is reserved for one call. Settled with the call's usage row; given back once it expires, where a process died."""

    __tablename__ = "budget_hold"
    __table_args__ = (Index("ix_budget_hold_expires_at", "expires_at"), {"schema": "ai"})
    id: Mapped[UUID] = mapped_column(primary_key=True)  # the usage row's
    microdollars: Mapped[int] = mapped_column(BigInteger)
    spends: Mapped[list[Any]] = empty_json("[]")  # [scope, key, day] of every budget that it is held in
    expires_at: Mapped[datetime]


class EnsembleVersion(AiBase):
    """The ensemble's policy as somebody saved it in the console; the newest counts. `policy` null: the file's again."""

    __tablename__ = "ensemble_version"
    __table_args__ = ({"schema": "ai"},)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    policy: Mapped[dict[str, Any] | None]
    note: Mapped[str | None]
    staff_id: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    created_at: Mapped[datetime] = created()


class TurnRecord(AiBase):
    """A turn as a model was asked and answered it, so that others can be asked the same. Kept for `ensemble.record_days`."""

    __tablename__ = "turn_record"
    __table_args__ = (
        CheckConstraint("stakes IN ('low', 'high')", name="stakes"),
        Index("ix_turn_record_created_at", "created_at"),
        Index("ix_turn_record_conversation_id", "conversation_id"),
        Index("ix_turn_record_chunks", "chunks", postgresql_using="gin"),
        {"schema": "ai"},
    )
    turn_id: Mapped[UUID] = mapped_column(ForeignKey("ai.turn.id"), primary_key=True)
    # Under which its models' usage rows stand: a reply that began anew before somebody's eyes ends under another turn.
    asked_turn_id: Mapped[UUID] = mapped_column(ForeignKey("ai.turn.id"))
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("ai.chat_session.id"))
    agent: Mapped[str]
    intent: Mapped[str]  # faq, quote, booking, ...: what candidates are compared within
    stakes: Mapped[str]
    channel: Mapped[str]
    locale: Mapped[str]
    messages: Mapped[list[Any]] = empty_json("[]")  # as the first model was asked: instructions, history, passages, notes
    chunks: Mapped[list[Any]] = empty_json("[]")  # ids of the corpus' pieces that stand in them
    prompts: Mapped[str] = mapped_column(server_default=sql("''"))  # which versions of the instructions, as "agent@version ..."
    tools: Mapped[list[Any]] = empty_json("[]")  # names of the tools that were offered
    max_tokens: Mapped[int]
    prepared: Mapped[str]  # what the house says to it
    calls: Mapped[list[Any]] = empty_json("[]")  # {name, by, arguments, data | error, handoff}: every call of the turn with its result
    text: Mapped[str]  # what the customer got
    model: Mapped[str]  # who worded it
    handoff: Mapped[bool] = mapped_column(server_default=sql("false"))
    cost_microdollars: Mapped[int | None] = mapped_column(BigInteger)
    first_token_ms: Mapped[int | None]
    duration_ms: Mapped[int | None]
    asked_at: Mapped[datetime]  # the turn's own now
    created_at: Mapped[datetime] = created()


class ShadowPair(AiBase):
    """What a candidate answered to a turn, beside what the customer got. Figures stay when the record is gone."""

    __tablename__ = "shadow_pair"
    __table_args__ = (
        UniqueConstraint("turn_id", "candidate", "run"),
        CheckConstraint("state IN ('waiting', 'done', 'failed', 'skipped')", name="state"),
        CheckConstraint("critic IN ('primary', 'candidate', 'tie')", name="critic"),
        CheckConstraint("preference IN ('primary', 'candidate', 'tie')", name="preference"),
        CheckConstraint("(preference IS NULL) = (preferred_by IS NULL)", name="preference_is_somebodys"),
        Index("ix_shadow_pair_candidate_created_at", "candidate", "created_at"),
        Index("ix_shadow_pair_created_at", "created_at"),
        {"schema": "ai"},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    turn_id: Mapped[UUID] = mapped_column(ForeignKey("ai.turn.id"))
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("ai.chat_session.id"))
    candidate: Mapped[str]  # its name in the settings
    run: Mapped[str] = mapped_column(server_default=sql("'live'"))  # 'live', or the replay that asked
    agent: Mapped[str]
    intent: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=sql("'waiting'"))
    error: Mapped[str | None]  # the kind of failure, or why it was skipped
    text: Mapped[str] = mapped_column(server_default=sql("''"))
    calls: Mapped[list[Any]] = empty_json("[]")  # what it asked for, and whether that had been recorded
    similarity: Mapped[float | None] = mapped_column(Float())
    agreement: Mapped[dict[str, Any]] = empty_json()  # of amounts, dates, tools, handoff; and what differs
    agrees: Mapped[bool | None]  # in all of them
    first_token_ms: Mapped[int | None]
    duration_ms: Mapped[int | None]
    cost_microdollars: Mapped[int | None] = mapped_column(BigInteger)
    primary_model: Mapped[str] = mapped_column(server_default=sql("''"))
    primary_first_token_ms: Mapped[int | None]
    primary_duration_ms: Mapped[int | None]
    primary_cost_microdollars: Mapped[int | None] = mapped_column(BigInteger)
    critic: Mapped[str | None]
    critic_why: Mapped[str | None]
    preference: Mapped[str | None]
    preferred_by: Mapped[UUID | None] = soft_key("core.staff.id", nullable=True)
    preferred_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = created()
    done_at: Mapped[datetime | None]
