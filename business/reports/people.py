"""Reports over whom the business talks with: leads, conversations, handoffs and how long people waited, complaints, e-mails."""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import BigInteger, Date, case, cast, exists, extract, func, select

from business.leads.rules import Status as LeadStatus
from business.leads.rules import Temperature
from business.leads.untouched import untouched as nobody_looks
from business.reports.report import Asking, Column, Days, Filter, Parameters, Plan, Report, Window, in_days
from kernel.tables.ai import ChatMessage, ChatSession
from kernel.tables.core import Customer
from kernel.tables.crm import Lead
from kernel.tables.ops import Booking, Complaint, Email, Handoff
from kernel.wire.base import HandoffKind

BACK = Window(back=30)
COUNT = Column("count", "Number", "number")


class LeadsAsked(Days):
    status: LeadStatus | None = None
    temperature: Temperature | None = None


class UntouchedAsked(Parameters):
    hours: Annotated[int, Field(ge=1, le=24 * 60)] = 24
    temperature: Temperature | None = None


class HandoffsAsked(Days):
    kind: HandoffKind | None = None


class ComplaintsAsked(Days):
    severity: Literal["minor", "moderate", "severe"] | None = None
    state: Literal["open", "resolved"] | None = None


LEAD = (
    Column("customer", "Customer"),
    Column("state", "State", "state"),
    Column("temperature", "Temperature"),
    Column("score", "Score", "number"),
    Column("source", "Source"),
    Column("party", "Party on"),
    Column("since", "Since", "moment"),
    Column("conversation", "Conversation", "link"),
)


def _leads(given: LeadsAsked, asking: Asking) -> Plan:
    filters = [in_days(Lead.created_at, asking, given, BACK), *_temperature(given.temperature, asking)]
    if given.status is not None:
        filters.append(Filter(Lead.status == given.status, f"that are {given.status}"))
    return Plan("Leads", _lead_rows(asking), tuple(filters), (Lead.score.desc(), Lead.created_at), "the most promising first")


def _untouched(given: UntouchedAsked, asking: Asking) -> Plan:
    filters = (
        Filter(Lead.created_at <= asking.now - dt.timedelta(hours=given.hours), f"that are new for {given.hours} hours or more,"),
        Filter(nobody_looks(asking.today), "to whom no person has written, which hold no slot and whose day is not over"),
        *_temperature(given.temperature, asking),
    )
    return Plan("Leads", _lead_rows(asking), filters, (Lead.score.desc(), Lead.created_at), "the most promising first")


def _temperature(wanted: str | None, asking: Asking) -> list[Filter]:
    rule = asking.profile.leads.score
    where = {
        "hot": Lead.score >= rule.hot_from,
        "warm": Lead.score.between(rule.warm_from, rule.hot_from - 1),
        "cold": Lead.score < rule.warm_from,
    }
    return [Filter(where[wanted], f"that are {wanted}")] if wanted else []


def _lead_rows(asking: Asking) -> Any:
    rule = asking.profile.leads.score
    columns = (
        Customer.name.label("customer"),
        Lead.status.label("state"),
        case((Lead.score >= rule.hot_from, "hot"), (Lead.score >= rule.warm_from, "warm"), else_="cold").label("temperature"),
        Lead.score,
        Lead.source,
        Lead.facts["date"].astext.label("party"),
        Lead.created_at.label("since"),
        Lead.conversation_id.label("conversation"),
    )
    return select(*columns).select_from(Lead).join(Customer, Customer.id == Lead.customer_id)


def _by_source(given: Days, asking: Asking) -> Plan:
    counts = (func.count().label("count"), *(_tally(Lead.status == one, one) for one in ("new", "working", "converted", "disqualified")))
    rows = select(Lead.source, *counts).group_by(Lead.source)
    filters = (in_days(Lead.created_at, asking, given, BACK),)
    return Plan("Leads", rows, filters, (func.count().desc(), Lead.source), "counted by where they came from, the most first")


def _tally(where: Any, name: str) -> Any:
    return func.count().filter(where).label(name)


def _by_day(given: Days, asking: Asking) -> Plan:
    day = cast(func.timezone(asking.zone.key, ChatSession.created_at), Date)
    human = exists().where(ChatMessage.conversation_id == ChatSession.id, ChatMessage.author_kind == "human")
    counts = (func.count().label("count"), _tally(human, "people"), _tally(ChatSession.state == "open", "open"))
    rows = select(day.label("day"), ChatSession.channel, *counts).group_by(day, ChatSession.channel)
    filters = (in_days(ChatSession.created_at, asking, given, BACK),)
    return Plan("Conversations", rows, filters, (day.desc(), ChatSession.channel), "counted by day and channel, the newest first")


def _outcomes(given: Days, asking: Asking) -> Plan:
    booked = exists().where(
        Booking.conversation_id == ChatSession.id, Booking.status.in_(("confirmed", "in_progress", "completed", "no_show"))
    )
    held = exists().where(Booking.conversation_id == ChatSession.id)
    person = exists().where(Handoff.conversation_id == ChatSession.id)
    lead = exists().where(Lead.conversation_id == ChatSession.id)
    outcome = case(
        (booked, "a party was booked"),
        (held, "a slot was held"),
        (person, "a person was called"),
        (lead, "a lead was kept"),
        else_="questions alone",
    )
    rows = select(outcome.label("outcome"), func.count().label("count")).select_from(ChatSession).group_by(outcome)
    filters = (in_days(ChatSession.created_at, asking, given, BACK),)
    return Plan("Conversations", rows, filters, (func.count().desc(), outcome), "counted by the most that came of each, the most first")


def _waited(asking: Asking) -> Any:
    """Minutes until somebody claimed it; of an open one until now."""
    until = func.coalesce(Handoff.claimed_at, Handoff.settled_at, asking.now)
    return cast(func.greatest(extract("epoch", until - Handoff.created_at) / 60, 0), BigInteger)


def _handoffs(given: HandoffsAsked, asking: Asking) -> Plan:
    columns = (
        Handoff.created_at.label("opened"),
        Customer.name.label("customer"),
        Handoff.kind,
        Handoff.urgency,
        Handoff.state,
        _waited(asking).label("waited"),
        Handoff.claimed_name.label("claimed"),
        Handoff.conversation_id.label("conversation"),
    )
    rows = select(*columns).select_from(Handoff).join(ChatSession, ChatSession.id == Handoff.conversation_id)
    rows = rows.join(Customer, Customer.id == ChatSession.customer_id)
    return Plan("Handoffs", rows, _of_kind(given, asking), (Handoff.created_at.desc(),), "the newest first")


def _waits(given: HandoffsAsked, asking: Asking) -> Plan:
    waited = _waited(asking)
    counts = (
        func.count().label("count"),
        cast(func.percentile_cont(0.5).within_group(waited), BigInteger).label("median"),
        func.max(waited).label("longest"),
        _tally(Handoff.state == "open", "open"),
    )
    rows = select(Handoff.kind, *counts).group_by(Handoff.kind)
    return Plan(
        "Handoffs",
        rows,
        _of_kind(given, asking),
        (func.max(waited).desc(), Handoff.kind),
        "counted by kind, with the minutes until somebody claimed them (until now where nobody has), the longest wait first",
    )


def _of_kind(given: HandoffsAsked, asking: Asking) -> tuple[Filter, ...]:
    filters = [in_days(Handoff.created_at, asking, given, BACK)]
    if given.kind is not None:
        filters.append(Filter(Handoff.kind == given.kind, f"of the kind {given.kind}"))
    return tuple(filters)


def _complaints(given: ComplaintsAsked, asking: Asking) -> Plan:
    columns = (
        Complaint.created_at.label("since"),
        Customer.name.label("customer"),
        Complaint.severity,
        Complaint.topic,
        Complaint.state,
        Complaint.resolved_at.label("settled"),
        Complaint.conversation_id.label("conversation"),
    )
    rows = select(*columns).select_from(Complaint).join(Customer, Customer.id == Complaint.customer_id)
    return Plan("Complaints", rows, _complained(given, asking), (Complaint.created_at.desc(),), "the newest first")


def _topics(given: ComplaintsAsked, asking: Asking) -> Plan:
    topic = func.coalesce(Complaint.topic, "no topic yet")
    rows = select(Complaint.severity, topic.label("topic"), func.count().label("count"), _tally(Complaint.state == "open", "open"))
    rows = rows.group_by(Complaint.severity, topic)
    return Plan(
        "Complaints", rows, _complained(given, asking), (func.count().desc(), topic), "counted by severity and topic, the most first"
    )


def _complained(given: ComplaintsAsked, asking: Asking) -> tuple[Filter, ...]:
    filters = [in_days(Complaint.created_at, asking, given, Window(back=90))]
    if given.severity is not None:
        filters.append(Filter(Complaint.severity == given.severity, f"that are {given.severity}"))
    if given.state is not None:
        filters.append(Filter(Complaint.state == given.state, f"that are {'settled' if given.state == 'resolved' else 'open'}"))
    return tuple(filters)


def _emails(given: Days, asking: Asking) -> Plan:
    rows = select(Email.kind, Email.state, func.count().label("count"), func.max(Email.created_at).label("newest"))
    filters = (in_days(Email.created_at, asking, given, BACK),)
    rows = rows.group_by(Email.kind, Email.state)
    return Plan("E-mails", rows, filters, (Email.kind, Email.state), "counted by kind and state, by kind")


REPORTS = (
    Report("leads", "Leads", "Which leads came on some days, in which state and how promising?", LeadsAsked, LEAD, _leads),
    Report("untouched_leads", "Leads nobody has written to", "Which new leads wait, and for how long?", UntouchedAsked, LEAD, _untouched),
    Report(
        "leads_by_source",
        "Leads by source",
        "Where do leads come from, and what becomes of them?",
        Days,
        (
            Column("source", "Source"),
            COUNT,
            Column("new", "New", "number"),
            Column("working", "Working", "number"),
            Column("converted", "Converted", "number"),
            Column("disqualified", "Disqualified", "number"),
        ),
        _by_source,
    ),
    Report(
        "conversations_by_day",
        "Conversations by day",
        "How many conversations began on each day, by channel, and in how many did a person write?",
        Days,
        (
            Column("day", "Day", "day"),
            Column("channel", "Channel"),
            COUNT,
            Column("people", "A person wrote in", "number"),
            Column("open", "Open", "number"),
        ),
        _by_day,
    ),
    Report(
        "conversations_by_outcome",
        "Conversations by what came of them",
        "What came of the conversations of some days?",
        Days,
        (Column("outcome", "What came of it"), COUNT),
        _outcomes,
    ),
    Report(
        "handoffs",
        "Handoffs",
        "Which handoffs were there, and how long did each wait?",
        HandoffsAsked,
        (
            Column("opened", "Opened", "moment"),
            Column("customer", "Customer"),
            Column("kind", "Kind"),
            Column("urgency", "Urgency"),
            Column("state", "State", "state"),
            Column("waited", "Waited, minutes", "minutes"),
            Column("claimed", "Claimed by"),
            Column("conversation", "Conversation", "link"),
        ),
        _handoffs,
    ),
    Report(
        "handoff_waits",
        "How long handoffs waited",
        "How long did customers wait for a person?",
        HandoffsAsked,
        (
            Column("kind", "Kind"),
            COUNT,
            Column("median", "Median wait, minutes", "minutes"),
            Column("longest", "Longest, minutes", "minutes"),
            Column("open", "Unclaimed", "number"),
        ),
        _waits,
    ),
    Report(
        "complaints",
        "Complaints",
        "Which complaints were there, how bad, and are they settled?",
        ComplaintsAsked,
        (
            Column("since", "Since", "moment"),
            Column("customer", "Customer"),
            Column("severity", "Severity"),
            Column("topic", "Topic"),
            Column("state", "State", "state"),
            Column("settled", "Settled", "moment"),
            Column("conversation", "Conversation", "link"),
        ),
        _complaints,
    ),
    Report(
        "complaints_by_topic",
        "Complaints by topic",
        "What do customers complain about most?",
        ComplaintsAsked,
        (Column("severity", "Severity"), Column("topic", "Topic"), COUNT, Column("open", "Open", "number")),
        _topics,
    ),
    Report(
        "emails_by_state",
        "E-mails by state",
        "How many e-mails of each kind went out, waited, or failed?",
        Days,
        (Column("kind", "Kind"), Column("state", "State", "state"), COUNT, Column("newest", "The newest", "moment")),
        _emails,
    ),
)
