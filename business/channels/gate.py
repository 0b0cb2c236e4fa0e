"""Whether a text may go out: the one place that decides it, by purpose. It is asked when a text is written, and again in the transaction
that marks it `sending`; both hold the number (`consent.hold`), so a STOP that was committed between the two wins.

| purpose | consent | hours | limits |
|---|---|---|---|
| `keyword` | none: it answers a STOP, START or HELP of the last day | | a few a day; per prefix and day |
| `code` | not stopped | | a few an hour and a day; per prefix and day |
| `reply`, `person` | the number wrote in this conversation, or was proved for it | | per prefix and day; `reply` also per number |
| `transactional` | given | waits for day | per prefix and day |
| `marketing` | given for marketing; its campaign is under way | waits for day | so many a month |
| `staff` | a colleague's own number, verified | | |
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import consent, zones
from business.profile.schemas import Profile
from kernel import locks
from kernel.tables.ai import ChatSession
from kernel.tables.core import Customer, Identity, Staff
from kernel.tables.marketing import Campaign
from kernel.tables.ops import Booking, InboundText, PhoneCode, TextMessage, TextNumber

Purpose = Literal["reply", "person", "transactional", "marketing", "code", "keyword", "staff"]

KEYWORDS_A_DAY = 6
CODES_AN_HOUR, CODES_A_DAY = 3, 8
PAUSED = timedelta(minutes=5)  # until a paused campaign's text is looked at again
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WENT = ("sending", "sent", "delivered", "unknown")  # it went out, or may have
METERED = ("reply", "person", "transactional", "code", "keyword")
ALIKE_OF_A_DAY = 2
"""Numbers alike have one half of a day's texts: whoever holds many of them does not silence everybody else."""
CAPPED = ("TooManyAlike", "TooManyToday")
_ZIP = re.compile(r"\b\d{5}\b")
# An area code that the table of numbers does not know yet: it learns of new ones of the United States when people have them already, and
# knows those of every other country.
_NEW_AREA = re.compile(r"\+1(?!555|.11|37|96)[2-9][0-8][0-9][2-9][0-9]{6}")
_COUNTING = "texts that are counted"


class Limits(Protocol):
    """As `[sms]` of the settings has them."""

    @property
    def per_number_hour(self) -> int: ...
    @property
    def per_prefix_hour(self) -> int: ...
    @property
    def per_day(self) -> int: ...
    @property
    def countries(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that is to go. `text`: its id, where it is written already and about to be sent."""

    to: str  # E.164
    purpose: Purpose
    conversation: UUID | None = None
    campaign: UUID | None = None
    customer: UUID | None = None
    parts: int = 1
    text: UUID | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """It may go now."""


@dataclass(frozen=True, slots=True)
class Wait:
    """It may not go before `until`; then it is asked again."""

    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """It never goes."""

    why: str


Verdict = Pass | Wait | Refuse


async def verdict(connection: AsyncConnection, profile: Profile, limits: Limits, candidate: Candidate, now: datetime) -> Verdict:
    """Whether the text may go. Holds the number until the end of the transaction; a conversation's row is locked before, or not at all.
    Of a text that is about to be sent what all numbers share is counted by one transaction at a time: that is the last lock of all.

    `why` of a refusal: Country, Stopped, Unreachable, NoConsent, NoConversation, NotAsked, NotStaff, Muted, TooMany, TooManyAlike,
    TooManyToday, MonthFull, NoCampaign, CampaignOver; of a wait: Hours, CampaignPaused, TooManyAlike, TooManyToday.
    """
    if not may_be_called(candidate.to, limits.countries):
        return Refuse("Country")
    await consent.hold(connection, candidate.to)
    standing = await consent.standing(connection, candidate.to)
    if standing.stopped and candidate.purpose != "keyword":
        return Refuse("Stopped")
    if await _unreachable(connection, candidate.to):
        return Refuse("Unreachable")
    asked = _Asked(connection, profile, limits, candidate, standing, now)
    return await _RULES[candidate.purpose](asked) or await _metered(asked) or Pass()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What every rule is asked with. A rule answers None where it has nothing against it."""

    connection: AsyncConnection
    profile: Profile
    limits: Limits
    text: Candidate
    standing: consent.Standing
    now: datetime

    def others(self, since: datetime, *of: ColumnElement[bool], went: ColumnElement[bool] | None = None) -> Select[int]:
        """How many other texts there are since then. While one is written those that wait count, too; when it is sent, those alone that
        went before it. `went`: which ones those are; None: whatever a provider took, though no network delivered it."""
        taken = TextMessage.state.in_(WENT) | TextMessage.sent_at.is_not(None)
        gone = and_(taken if went is None else went, TextMessage.sending_at > since)
        waits = and_(TextMessage.state == "waiting", TextMessage.send_at > since)
        which = gone if self.text.text is not None else or_(gone, waits)
        query = select(func.count()).select_from(TextMessage).where(which, *of)
        if self.text.text is not None:
            query = query.where(TextMessage.id != self.text.text)
        return query

    def others_to_number(self, since: datetime, purpose: Purpose, *, went: ColumnElement[bool] | None = None) -> Select[int]:
        return self.others(since, TextMessage.to_number == self.text.to, TextMessage.purpose == purpose, went=went)

    async def count(self, since: datetime, *of: ColumnElement[bool]) -> int:
        return await self.connection.scalar(self.others(since, *of)) or 0

    async def count_to_number(self, since: datetime, purpose: Purpose) -> int:
        return await self.connection.scalar(self.others_to_number(since, purpose)) or 0


async def _keyword(asked: _Asked) -> Verdict | None:
    heard = select(InboundText.id).where(InboundText.from_number == asked.text.to, InboundText.created_at > asked.now - DAY)
    if await asked.connection.scalar(heard.limit(1)) is None:
        return Refuse("NotAsked")
    return Refuse("TooMany") if await asked.count_to_number(asked.now - DAY, "keyword") >= KEYWORDS_A_DAY else None


async def _code(asked: _Asked) -> Verdict | None:
    if await asked.count_to_number(asked.now - HOUR, "code") >= CODES_AN_HOUR:
        return Refuse("TooMany")
    return Refuse("TooMany") if await asked.count_to_number(asked.now - DAY, "code") >= CODES_A_DAY else None


async def _person(asked: _Asked) -> Verdict | None:
    if asked.text.conversation is None:
        return Refuse("NoConversation")
    return None if await _theirs(asked.connection, asked.text.to, asked.text.conversation) else Refuse("NotAsked")


async def _reply(asked: _Asked) -> Verdict | None:
    against = await _person(asked)
    if against is not None:
        return against
    muted = select(TextNumber.number).where(TextNumber.number == asked.text.to, TextNumber.muted_until > asked.now)
    if await asked.connection.scalar(muted) is not None:
        return Refuse("Muted")
    return Refuse("TooMany") if await asked.count_to_number(asked.now - HOUR, "reply") >= asked.limits.per_number_hour else None


async def _transactional(asked: _Asked) -> Verdict | None:
    if not asked.standing.transactional:
        return Refuse("NoConsent")
    return _by_day(asked, await zones_at_home(asked.connection, asked.text.customer))


async def _marketing(asked: _Asked) -> Verdict | None:
    """Its campaign, the month and the address are read at once: of a campaign thousands are asked of."""
    if not asked.standing.marketing:
        return Refuse("NoConsent")
    month = min(_month_of(asked.now, zone) for zone in zones.zones_of(asked.text.to))
    reached = TextMessage.state.in_(WENT)  # one that arrived nowhere is none that they had
    state = select(Campaign.state).where(Campaign.id == asked.text.campaign)
    had = asked.others_to_number(month, "marketing", went=reached)
    of_all = (one.scalar_subquery() for one in (state, had, _booked_for(asked.text.customer)))
    campaign, texts, address = (await asked.connection.execute(select(*of_all))).one()
    against = _campaign(campaign, asked.now)
    if against is not None:
        return against
    if texts >= asked.profile.messages.sms.per_month:
        return Refuse("MonthFull")
    return _by_day(asked, _zones_of(address))


async def _staff(asked: _Asked) -> Verdict | None:
    theirs = select(Staff.id).where(Staff.phone == asked.text.to, Staff.phone_verified_at.is_not(None), Staff.disabled_at.is_(None))
    return None if await asked.connection.scalar(theirs.limit(1)) is not None else Refuse("NotStaff")


_RULES: dict[Purpose, Callable[[_Asked], Awaitable[Verdict | None]]] = {
    "keyword": _keyword,
    "code": _code,
    "person": _person,
    "reply": _reply,
    "transactional": _transactional,
    "marketing": _marketing,
    "staff": _staff,
}


async def _metered(asked: _Asked) -> Verdict | None:
    """Numbers that differ in the last four digits alone, and all of a day: nobody makes us write to thousands that nobody has heard of.
    What can wait, waits."""
    if asked.text.purpose not in METERED:
        return None
    if asked.text.text is not None:
        await locks.hold(asked.connection, _COUNTING)
    why = await _too_many(asked)
    if why is None:
        return None
    return Wait(asked.now + HOUR, why) if asked.text.purpose == "transactional" else Refuse(why)


async def _too_many(asked: _Asked) -> str | None:
    """Which of the caps is reached."""
    metered = TextMessage.purpose.in_(METERED)
    alike = TextMessage.to_number.startswith(asked.text.to[:-4], autoescape=True)
    if await asked.count(asked.now - HOUR, metered, alike) >= asked.limits.per_prefix_hour:
        return "TooManyAlike"
    if await asked.count(asked.now - DAY, metered) >= asked.limits.per_day:
        return "TooManyToday"
    half = max(1, asked.limits.per_day // ALIKE_OF_A_DAY)
    return "TooManyAlike" if await asked.count(asked.now - DAY, metered, alike) >= half else None


def _campaign(state: str | None, now: datetime) -> Verdict | None:
    match state:
        case "running" | "done":  # done: every recipient's text is written, some may wait for their day
            return None
        case "paused":
            return Wait(now + PAUSED, "CampaignPaused")
        case None:
            return Refuse("NoCampaign")
        case _:
            return Refuse("CampaignOver")


def _by_day(asked: _Asked, at_home: tuple[ZoneInfo, ...]) -> Verdict | None:
    known = dict.fromkeys((*at_home, *zones.zones_of(asked.text.to)))
    opens = zones.opening(asked.now, tuple(known), asked.profile)
    return None if opens <= asked.now else Wait(opens, "Hours")


async def zones_at_home(connection: AsyncConnection, customer: UUID | None) -> tuple[ZoneInfo, ...]:
    """The zone of the address that they last booked for; none where it is not known."""
    return () if customer is None else _zones_of(await connection.scalar(_booked_for(customer)))


def _booked_for(customer: UUID | None) -> Select[str]:
    """The address of their last booking."""
    return select(Booking.address).where(Booking.customer_id == customer).order_by(Booking.created_at.desc()).limit(1)


def _zones_of(address: str | None) -> tuple[ZoneInfo, ...]:
    codes = _ZIP.findall(address or "")
    return zones.zones_at(codes[-1]) if codes else ()


def may_be_called(number: str, countries: tuple[str, ...]) -> bool:
    """A usual number of one of the countries: none that costs its owner, or us, more."""
    from phonenumbers import NumberParseException, PhoneNumberType, number_type, parse, region_code_for_number

    try:
        parsed = parse(number)
    except NumberParseException:
        return False
    if number_type(parsed) in (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN):
        return False
    region = region_code_for_number(parsed) or ("US" if _NEW_AREA.fullmatch(number) else None)
    return region in countries


async def _unreachable(connection: AsyncConnection, number: str) -> bool:
    """The provider says that no text can go there, and none came from there since."""
    since = await connection.scalar(select(TextNumber.unreachable_at).where(TextNumber.number == number))
    if since is None:
        return False
    wrote = select(InboundText.id).where(InboundText.from_number == number, InboundText.created_at > since)
    return await connection.scalar(wrote.limit(1)) is None


async def _theirs(connection: AsyncConnection, number: str, conversation: UUID) -> bool:
    """Whether the conversation goes on at this number, and whoever has the number wrote from it, or has proved that they do."""
    wrote = exists().where(InboundText.from_number == number)
    proved = exists().where(PhoneCode.phone == number, PhoneCode.conversation_id == conversation, PhoneCode.used_at.is_not(None))
    vouched = exists().where(
        Identity.kind == "phone",
        Identity.value == number,
        Identity.verified,
        or_(
            Identity.customer_id == ChatSession.customer_id,
            Identity.customer_id.in_(select(Customer.merged_into).where(Customer.id == ChatSession.customer_id)),
        ),
    )
    goes_on = select(ChatSession.id).where(ChatSession.id == conversation, ChatSession.phone == number, or_(wrote, proved, vouched))
    return await connection.scalar(goes_on) is not None


def _month_of(now: datetime, zone: ZoneInfo) -> datetime:
    """The first moment of the month that it is there."""
    return now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
