"""Reports over campaigns: what came of each. Nothing is sent from here."""

from typing import Any

from sqlalchemy import ColumnElement, func, select

from business.campaigns.results import EARNED, WENT
from business.reports.report import Asking, Column, Days, Plan, Report, Window, in_days
from kernel.tables.marketing import Campaign, CampaignRecipient
from kernel.tables.ops import Booking, TextMessage

BACK = Window(back=90)


def _results(given: Days, asking: Asking) -> Plan:
    spent = (
        select(func.sum(TextMessage.cost_microdollars)).where(TextMessage.campaign_id == Campaign.id).correlate(Campaign).scalar_subquery()
    )
    columns = (
        Campaign.name.label("campaign"),
        Campaign.state,
        Campaign.started_at.label("started"),
        _tally(CampaignRecipient.number.is_not(None), "recipients"),
        _tally(TextMessage.state.in_(WENT), "sent"),
        _tally(TextMessage.state == "delivered", "delivered"),
        _tally(CampaignRecipient.replied_at.is_not(None), "replied"),
        _tally(CampaignRecipient.opted_out_at.is_not(None), "opted_out"),
        _tally(CampaignRecipient.booked_at.is_not(None), "booked"),
        spent.label("cost"),
        func.sum(Booking.total_cents).filter(Booking.status.in_(EARNED)).label("revenue"),
    )
    rows = (
        select(*columns)
        .select_from(Campaign)
        .outerjoin(CampaignRecipient, CampaignRecipient.campaign_id == Campaign.id)
        .outerjoin(TextMessage, TextMessage.id == CampaignRecipient.text_id)
        .outerjoin(Booking, Booking.id == CampaignRecipient.booking_id)
        .group_by(Campaign.id)
    )
    filters = (in_days(Campaign.started_at, asking, given, BACK),)
    return Plan("Campaigns that were started", rows, filters, (Campaign.started_at.desc(),), "the newest first")


def _tally(where: ColumnElement[bool], name: str) -> Any:
    return func.count().filter(where).label(name)


REPORTS = (
    Report(
        "campaign_results",
        "Results of campaigns",
        "What came of our campaigns by text: who got them, answered, booked or opted out?",
        Days,
        (
            Column("campaign", "Campaign"),
            Column("state", "State", "state"),
            Column("started", "Started", "moment"),
            Column("recipients", "Recipients", "number"),
            Column("sent", "Sent", "number"),
            Column("delivered", "Delivered", "number"),
            Column("replied", "Replied", "number"),
            Column("opted_out", "Opted out", "number"),
            Column("booked", "Booked", "number"),
            Column("cost", "Cost", "dollars", chiefs=True),
            Column("revenue", "Revenue", "money", chiefs=True),
        ),
        _results,
    ),
)
