"""The kinds of e-mail, and what each tells: a template reads these values, and those of the profile, and nothing else.

Amounts are integer cents, moments are aware; a template gives them their form. `link` is where its one button leads.
"""

from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from kernel.wire.base import Risk

MOST_LINES = 500


def _web_link(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("a link of an e-mail begins with http:// or https://")
    return value


WebLink = Annotated[str, Field(max_length=2000), AfterValidator(_web_link)]
Cents = Annotated[int, Field(ge=0)]
Short = Annotated[str, Field(max_length=500)]
Words = Annotated[str, Field(max_length=100_000)]


class Values(BaseModel):
    """What one e-mail tells."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Party(Values):
    """A booking, as every mail about it names it. `link` is the customer's page of it."""

    number: int
    starts_at: AwareDatetime
    guests: int
    address: Short
    link: WebLink


class Confirmation(Party):
    """Amounts None where nothing was quoted; `chef` by name where one is chosen."""

    total_cents: Cents | None = None
    deposit_cents: Cents = 0
    balance_cents: Cents | None = None
    chef: Short | None = None


class Way(Values):
    """A way to pay: its name, and what to do."""

    name: Short
    text: Words = ""


class Deposit(Party):
    """`asked_until`: when it is asked for by; `ends_at`: when the slot goes back without it."""

    deposit_cents: Cents
    total_cents: Cents | None = None
    asked_until: AwareDatetime | None = None
    ends_at: AwareDatetime
    ways: tuple[Way, ...] = ()


class DepositReminder(Deposit):
    """`last`: no other reminder comes before the slot goes back."""

    last: bool = False


class Paid(Party):
    """`paid_cents` has come now; `balance_cents` is still to pay, None where nothing was quoted."""

    paid_cents: Cents
    balance_cents: Cents | None = None
    method: Short | None = None


class MenuReminder(Party):
    """`until`: the menu can be changed."""

    until: AwareDatetime


class DayBefore(Party):
    chef: Short | None = None
    balance_cents: Cents | None = None


class Moved(Party):
    """`fee_cents` of a move that was not free."""

    was_at: AwareDatetime
    fee_cents: Cents = 0


class Changed(Party):
    """The business moved or changed it; `was_at` None where the time is the same. `note`: what a person wrote of it."""

    was_at: AwareDatetime | None = None
    note: Words = ""


class Cancellation(Party):
    """`step`: the customer asked, a person approved or rejected it, the deposit never came, or the business cancelled."""

    step: Literal["requested", "approved", "rejected", "unpaid", "business"]
    refund_cents: Cents = 0
    reason: Words = ""


class Refund(Party):
    refund_cents: Cents
    method: Short | None = None


class Referral(Party):
    """`code`: what the friend says."""

    code: Short | None = None


class Newsletter(Values):
    title: Short
    text: Words
    link: WebLink
    button: Short


class Welcome(Values):
    link: WebLink


class ComplaintReceived(Values):
    """`answer_by`: when a person answers at the latest, where that can be told; `keep_left_overs`: what is left shall be kept."""

    summary: Words
    answer_by: AwareDatetime | None = None
    keep_left_overs: bool = False


class ComplaintResolved(Values):
    """`coupon`: a code; `coupon_cents` or `coupon_percent` what it is worth."""

    resolution: Words
    coupon: Short | None = None
    coupon_cents: Cents | None = None
    coupon_percent: Annotated[int, Field(ge=0, le=100)] | None = None
    coupon_until: AwareDatetime | None = None
    link: WebLink | None = None


class Said(Values):
    """One message of a conversation."""

    author: Short
    at: AwareDatetime
    text: Words


class Transcript(Values):
    messages: Annotated[tuple[Said, ...], Field(max_length=MOST_LINES)]
    began_at: AwareDatetime


class Counted(Values):
    what: Short
    count: int


class ChefSheet(Values):
    """`arrive_at`: when the set-up begins. `picks` and `upgrades` together are what the eaters eat, but for `unassigned` picks."""

    chef: Short
    number: int
    customer: Short
    phone: Short | None = None
    address: Short
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    arrive_at: AwareDatetime
    guests: int
    adults: int
    children: int
    under_six: int
    picks: tuple[Counted, ...] = ()
    upgrades: tuple[Counted, ...] = ()
    add_ons: tuple[Counted, ...] = ()
    unassigned: int = 0
    allergies: tuple[Short, ...] = ()
    diets: tuple[Short, ...] = ()
    collect_cents: Cents | None = None
    note: Words = ""
    link: WebLink | None = None


class UnreadReply(Values):
    """A person answered while the customer was away. `link`: where the conversation goes on, if it can."""

    staff: Short
    text: Words
    link: WebLink | None = None


class Escalation(Values):
    """For staff. `link` opens the conversation in the console."""

    customer: Short
    summary: Words
    urgency: Risk
    waiting_minutes: int
    link: WebLink


class ComplaintAlert(Values):
    """For staff."""

    customer: Short
    phone: Short | None = None
    severity: Literal["minor", "moderate", "severe"]
    summary: Words
    link: WebLink


class CampaignAlert(Values):
    """A campaign paused by itself: too many opted out, or the provider takes its texts no more."""

    campaign: Short
    cause: Literal["opt_outs", "provider"]
    sent: Annotated[int, Field(ge=0)]
    opted_out: Annotated[int, Field(ge=0)]
    link: WebLink


@dataclass(frozen=True, slots=True)
class Kind:
    """`marketing`: it can be unsubscribed from. `automatic`: nobody wrote it by hand. `staff`: it goes to those who work here."""

    name: str
    values: type[Values]
    title: str
    marketing: bool = False
    automatic: bool = True
    staff: bool = False


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("booking_confirmation", Confirmation, "Booking confirmation"),
        Kind("deposit_request", Deposit, "Deposit request"),
        Kind("deposit_reminder", DepositReminder, "Deposit reminder"),
        Kind("deposit_received", Paid, "Deposit received"),
        Kind("menu_reminder", MenuReminder, "Menu reminder"),
        Kind("day_before_reminder", DayBefore, "The day before"),
        Kind("reschedule", Moved, "Reschedule"),
        Kind("booking_changed", Changed, "Booking changed by us"),
        Kind("cancellation", Cancellation, "Cancellation"),
        Kind("refund", Refund, "Refund"),
        Kind("review_ask", Party, "Review ask", marketing=True),
        Kind("referral", Referral, "Referral", marketing=True),
        Kind("newsletter", Newsletter, "Newsletter", marketing=True, automatic=False),
        Kind("welcome", Welcome, "Welcome", marketing=True),
        Kind("complaint_received", ComplaintReceived, "Complaint received"),
        Kind("complaint_resolved", ComplaintResolved, "Complaint resolved"),
        Kind("transcript", Transcript, "Transcript"),
        Kind("unread_reply", UnreadReply, "Reply while away", automatic=False),
        Kind("chef_sheet", ChefSheet, "Chef's sheet", staff=True),
        Kind("escalation", Escalation, "Escalation", staff=True),
        Kind("complaint_alert", ComplaintAlert, "Complaint alert", staff=True),
        Kind("campaign_paused", CampaignAlert, "Campaign paused by itself", staff=True),
    )
}

LOCALES = ("en", "es")

# Of a conversation with its customer: an answer to one goes on in it. A copy may have gone to anybody.
THREADED = tuple(kind.name for kind in KINDS.values() if not kind.staff and kind.name != "transcript")
