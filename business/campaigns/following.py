"""What recipients did: answered, opted out, booked. Read from what came in, from the ledger of consent and from bookings, so that whoever
writes those knows nothing of campaigns; again is the same.

An answer or a way out belongs to the newest campaign that wrote to the number in the week before. A booking that was confirmed belongs to
the newest campaign that wrote to the customer, or to the number that they gave, in the month before it was made. A recipient has one
booking, the first.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CTE, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from kernel.tables.crm import Consent
from kernel.tables.marketing import Campaign, CampaignRecipient
from kernel.tables.ops import Booking, InboundText

ANSWERED_WITHIN = timedelta(days=7)
BOOKED_WITHIN = timedelta(days=30)
BACK = timedelta(days=40)
"""How far a worker looks back that has just begun."""
LATE = timedelta(days=2)
"""So long after a text was announced it may have been fetched."""
ANSWERS = ("said", "looped", "refused")
BY_THEMSELVES = ("keyword", "free_text", "provider")
"""Sources of a refusal that is the recipient's own."""


async def anything(connection: AsyncConnection) -> bool:
    """Whether there is a campaign that runs, or whose recipients may still do something: mostly there is none."""
    lately = Campaign.finished_at > func.now() - BACK
    return bool(await connection.scalar(select(exists().where(or_(Campaign.state.in_(("approved", "running", "paused")), lately)))))


async def follow(connection: AsyncConnection, since: datetime) -> None:
    """Note what came since."""
    await connection.execute(_noted("replied_at", _newest(_answers(since), ANSWERED_WITHIN), remind_at=None))
    await connection.execute(_noted("opted_out_at", _newest(_refusals(since), ANSWERED_WITHIN), remind_at=None))
    await connection.execute(_booked(since))


def _answers(since: datetime) -> Any:
    """`id`, `number`, `at`: when it was announced. It counts once it was taken, which is later where the provider could not be asked."""
    query = select(InboundText.id, InboundText.from_number.label("number"), InboundText.created_at.label("at"))
    lately = (InboundText.created_at >= since - LATE, func.coalesce(InboundText.taken_at, InboundText.created_at) >= since)
    return query.where(*lately, InboundText.state == "taken", InboundText.outcome.in_(ANSWERS))


def _refusals(since: datetime) -> Any:
    query = select(Consent.id, Consent.address.label("number"), Consent.at.label("at"))
    mine = (Consent.purpose.in_(("marketing", "all")), Consent.granted.is_(False), Consent.source.in_(BY_THEMSELVES))
    return query.where(Consent.at >= since, *mine)


def _newest(came: Any, within: timedelta) -> CTE:
    """Of each that came: the recipient's row of the newest campaign before it. `campaign_id`, `number`, `at`, the first of each row."""
    event = came.cte("came")
    before = (CampaignRecipient.written_at <= event.c.at, CampaignRecipient.written_at > event.c.at - within)
    theirs = (
        select(CampaignRecipient.campaign_id, CampaignRecipient.number, event.c.at)
        .join(CampaignRecipient, CampaignRecipient.number == event.c.number)
        .where(*before)
        .ext(distinct_on(event.c.id))
        .order_by(event.c.id, CampaignRecipient.written_at.desc())
        .cte("theirs")
    )
    first = select(theirs.c.campaign_id, theirs.c.number, func.min(theirs.c.at).label("at"))
    return first.group_by(theirs.c.campaign_id, theirs.c.number).cte("first")


def _noted(column: str, first: CTE, **values: Any) -> Any:
    """Rows where it is not noted yet."""
    same = (CampaignRecipient.campaign_id == first.c.campaign_id, CampaignRecipient.number == first.c.number)
    return update(CampaignRecipient).where(*same, getattr(CampaignRecipient, column).is_(None)).values({column: first.c.at, **values})


def _booked(since: datetime) -> Any:
    """One statement for all bookings that were confirmed since, and are nobody's yet: each is one recipient's, though customers become one
    later. Of several recipients it is the customer's own row before that of the number that they gave."""
    theirs = or_(CampaignRecipient.customer_id == Booking.customer_id, CampaignRecipient.number == Booking.contact_phone)
    after = (CampaignRecipient.written_at <= Booking.created_at, CampaignRecipient.written_at > Booking.created_at - BOOKED_WITHIN)
    own, noted = CampaignRecipient.customer_id == Booking.customer_id, aliased(CampaignRecipient)
    newest = (
        select(Booking.id.label("booking"), Booking.created_at.label("at"), CampaignRecipient.campaign_id, CampaignRecipient.number)
        .join(CampaignRecipient, theirs)
        .where(Booking.confirmed_at >= since, *after, ~exists().where(noted.booking_id == Booking.id))
        .ext(distinct_on(Booking.id))
        .order_by(Booking.id, CampaignRecipient.written_at.desc(), own.desc(), CampaignRecipient.campaign_id, CampaignRecipient.number)
        .cte("newest")
    )
    first = select(newest).ext(distinct_on(newest.c.campaign_id, newest.c.number))
    one = first.order_by(newest.c.campaign_id, newest.c.number, newest.c.at).cte("one")
    same = (CampaignRecipient.campaign_id == one.c.campaign_id, CampaignRecipient.number == one.c.number)
    values = {"booked_at": one.c.at, "booking_id": one.c.booking, "remind_at": None}
    return update(CampaignRecipient).where(*same, CampaignRecipient.booked_at.is_(None)).values(values)
