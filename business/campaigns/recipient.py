"""One recipient of a campaign whose moment has come: they are written to, or it is noted why not, or when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.campaigns.life import Means
from business.campaigns.rendering import Wording, in_locale, render_within
from business.channels import gate, writing
from business.channels.gate import Candidate, Pass, Refuse, Wait
from business.channels.outgoing import Written
from business.channels.segments import segments
from kernel.placeholders import UnknownPlaceholder
from kernel.tables.ai import ChatMessage, ChatSession
from kernel.tables.marketing import CampaignRecipient
from kernel.tables.ops import TextMessage

Became = Literal["written", "skipped", "waits", "none"]


@dataclass(frozen=True, slots=True)
class Batch:
    """What is done in one transaction for one campaign, whose `row` it holds. `people`: customers who got its text in it."""

    connection: AsyncConnection
    means: Means
    row: Any
    wording: Wording
    now: datetime
    people: set[UUID] = field(default_factory=set)
    values: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def filled(self, locale: str) -> Mapping[str, str]:
        """What its texts are filled with; reckoned once for all who read them."""
        if locale not in self.values:
            self.values[locale] = self.wording.values(locale)
        return self.values[locale]

    async def change(self, one: Any, **values: Any) -> None:
        here = (CampaignRecipient.campaign_id == one.campaign_id, CampaignRecipient.number == one.number)
        await self.connection.execute(update(CampaignRecipient).where(*here).values(**values))


async def first_text(batch: Batch, one: Any) -> Became:
    """The campaign's text. Whoever had it at another number gets it not again."""
    again = one.had_it or one.customer_id in batch.people
    made = Refuse("SamePerson") if again else await _write(batch, one, batch.row.texts, 1)
    if isinstance(made, Wait):
        await batch.change(one, due_at=made.until)
        return "waits"
    if isinstance(made, Refuse):
        await batch.change(one, state="skipped", why=made.why)
        return "skipped"
    hours = batch.row.reminder_after_hours
    later = None if hours is None else batch.now + timedelta(hours=hours)
    await batch.change(one, state="written", written_at=batch.now, text_id=made.id, remind_at=later)
    batch.people.add(one.customer_id)
    return "written"


async def reminder(batch: Batch, one: Any) -> Became:
    """Its reminder. One that may not go, or that nobody needs, is just not written."""
    moment = await _moment(batch, one)
    if moment is not None and moment > batch.now:
        await batch.change(one, remind_at=moment)
        return "waits"
    made = Refuse("NotNeeded") if moment is None else await _write(batch, one, batch.row.reminder, 2)
    if isinstance(made, Wait):
        await batch.change(one, remind_at=made.until)
        return "waits"
    if isinstance(made, Refuse):
        await batch.change(one, remind_at=None)
        return "none"
    await batch.change(one, remind_at=None, reminder_id=made.id)
    return "written"


async def _moment(batch: Batch, one: Any) -> datetime | None:
    """When they are reminded: so many hours after the first text left, where it has. None: it never did, or they have done something."""
    first = select(TextMessage.state, TextMessage.sent_at).where(TextMessage.id == one.text_id, ~_did_something(one))
    row = (await batch.connection.execute(first)).one_or_none()
    after = timedelta(hours=batch.row.reminder_after_hours or 0)
    if row is None or row.state not in ("waiting", "sending", "sent", "delivered"):
        return None
    if row.state in ("waiting", "sending"):
        return batch.now + max(after, timedelta(hours=1))
    left: datetime = row.sent_at or one.written_at
    return max(batch.now, left + after)


def _did_something(one: Any) -> Any:
    """Whether the person, at whichever of their numbers, answered, booked, left or was reminded; or wrote to us in any other way."""
    theirs = (CampaignRecipient.campaign_id == one.campaign_id, CampaignRecipient.customer_id == one.customer_id)
    noted = (CampaignRecipient.replied_at, CampaignRecipient.opted_out_at, CampaignRecipient.booked_at, CampaignRecipient.reminder_id)
    did = exists().where(*theirs, or_(*(column.is_not(None) for column in noted)))
    spoke = (ChatMessage.author_kind == "customer", ChatMessage.created_at > one.written_at)
    wrote = exists(
        select(ChatMessage.id)
        .join(ChatSession, ChatSession.id == ChatMessage.conversation_id)
        .where(ChatSession.customer_id == one.customer_id, *spoke)
    )
    return or_(did, wrote)


async def _write(batch: Batch, one: Any, texts: Mapping[str, str], step: int) -> Written | Wait | Refuse:
    """The text, where the gate lets it pass now."""
    worded = _worded(batch, one, texts)
    if worded is None:
        return Refuse("NoText")
    locale, words = worded
    means, campaign = batch.means, batch.row.id
    candidate = Candidate(one.number, "marketing", campaign=campaign, customer=one.customer_id, parts=segments(words))
    verdict = await gate.verdict(batch.connection, means.profile, means.sms, candidate, batch.now)
    if not isinstance(verdict, Pass):
        return verdict
    made = await writing.write(
        batch.connection,
        means.profile,
        to=one.number,
        text=words,
        purpose="marketing",
        key=f"campaign:{campaign}:{one.number}:{step}",
        locale=locale,
        now=batch.now,
        customer=one.customer_id,
        campaign=campaign,
        asked=verdict,
    )
    return made if made.state not in ("refused", "held", "cancelled") else Refuse(made.why or made.state)


def _worded(batch: Batch, one: Any, texts: Mapping[str, str]) -> tuple[str, str] | None:
    """`(locale, words)`; None where there are none, or they name what the profile has no more."""
    worded = in_locale(texts, one.locale, batch.means.profile)
    if worded is None:
        return None
    try:
        return worded[0], render_within(worded[1], batch.filled(worded[0]), one.name).text
    except UnknownPlaceholder:
        return None
