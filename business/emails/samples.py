"""What a preview shows: a party of the profile's own, and for each kind values that are whole, or as few as they can be (`bare`)."""

from datetime import datetime, timedelta

from business.emails.kinds import (
    CampaignAlert,
    Cancellation,
    Changed,
    ChefSheet,
    ComplaintAlert,
    ComplaintReceived,
    ComplaintResolved,
    Confirmation,
    Counted,
    DayBefore,
    Deposit,
    DepositReminder,
    Escalation,
    MenuReminder,
    Moved,
    Newsletter,
    Paid,
    Party,
    Referral,
    Refund,
    Said,
    Transcript,
    UnreadReply,
    Values,
    Way,
    Welcome,
)
from business.profile.schemas import Profile

NAME = "Ana Perez"
ADULTS, CHILDREN = 8, 4


class Samples:
    """Of one profile, seen at `now`, with links below `base`."""

    def __init__(self, profile: Profile, base: str, now: datetime) -> None:
        self._profile = profile
        self._link = f"{base}/b/preview"
        first = now.astimezone(profile.business.zone) + timedelta(days=14)
        at = profile.slots.times[len(profile.slots.times) // 2]
        self._start = first.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
        prices = profile.prices
        self._total = max(ADULTS * prices.adult_cents + CHILDREN * prices.child_cents, prices.food_minimum_cents)
        self._deposit = prices.deposit_cents
        self._now = now

    def of(self, kind: str, *, bare: bool = False) -> Values:
        """Values for the kind. KeyError for one that there is not."""
        party = {
            "number": 118,
            "starts_at": self._start,
            "guests": ADULTS + CHILDREN,
            "address": f"{self._profile.business.city}, {self._profile.business.state} {self._profile.business.zip}",
            "link": self._link,
        }
        model, required, optional = self._parts(party)[kind]
        return model.model_validate(required if bare else {**required, **optional})

    def _parts(self, party: dict[str, object]) -> dict[str, tuple[type[Values], dict[str, object], dict[str, object]]]:
        profile, start, now = self._profile, self._start, self._now
        balance, text = self._total - self._deposit, "The noodles were cold.\nThe chef was lovely."
        link: dict[str, object] = {"link": self._link}
        ends = now + timedelta(hours=profile.booking.deposit_enforced_hours)
        ways = tuple(Way(name=one.name.en, text=f"#{party['number']}") for one in profile.payments.methods)
        deposit = {**party, "deposit_cents": self._deposit, "ends_at": ends}
        asked = {"total_cents": self._total, "asked_until": now + timedelta(hours=profile.booking.deposit_asked_hours), "ways": ways}
        money = {"total_cents": self._total, "deposit_cents": self._deposit, "balance_cents": balance}
        freeze = start - timedelta(hours=profile.slots.menu_freeze_hours)
        refund = {**party, "refund_cents": self._deposit}
        said = {"messages": self._said(), "began_at": now}
        resolved = {"coupon": "SORRY-118", "coupon_cents": 5000, "coupon_percent": 10, "coupon_until": start, **link}
        waits = {"customer": NAME, "summary": text, "urgency": "severe", "waiting_minutes": 20, **link}
        alert: dict[str, object] = {"customer": NAME, "severity": "severe", "summary": text, **link}
        paused: dict[str, object] = {"campaign": "Summer", "cause": "opt_outs", "sent": 240, "opted_out": 4, **link}
        news: dict[str, object] = {"title": "What is new", "text": text, "button": "Look", **link}
        return {
            "booking_confirmation": (Confirmation, party, {**money, "chef": "Ken"}),
            "deposit_request": (Deposit, deposit, asked),
            "deposit_reminder": (DepositReminder, deposit, {**asked, "last": True}),
            "deposit_received": (Paid, {**party, "paid_cents": self._deposit}, {"balance_cents": balance, "method": "Venmo"}),
            "menu_reminder": (MenuReminder, {**party, "until": freeze}, {}),
            "day_before_reminder": (DayBefore, party, {"chef": "Ken", "balance_cents": balance}),
            "reschedule": (Moved, {**party, "was_at": start - timedelta(days=7)}, {"fee_cents": profile.booking.reschedule_fee_cents}),
            "booking_changed": (Changed, party, {"was_at": start - timedelta(days=7), "note": text}),
            "cancellation": (
                Cancellation,
                {**party, "step": "requested"},
                {"step": "approved", "refund_cents": self._deposit, "reason": text},
            ),
            "refund": (Refund, refund, {"method": "Venmo"}),
            "review_ask": (Party, party, {}),
            "referral": (Referral, party, {"code": "ANA118"}),
            "newsletter": (Newsletter, news, {}),
            "welcome": (Welcome, link, {}),
            "complaint_received": (ComplaintReceived, {"summary": text}, {"answer_by": now, "keep_left_overs": True}),
            "complaint_resolved": (ComplaintResolved, {"resolution": text}, resolved),
            "transcript": (Transcript, said, {}),
            "unread_reply": (UnreadReply, {"staff": "Dana", "text": text}, link),
            "chef_sheet": (ChefSheet, *self._sheet()),
            "escalation": (Escalation, waits, {}),
            "complaint_alert": (ComplaintAlert, alert, {"phone": profile.business.phone}),
            "campaign_paused": (CampaignAlert, paused, {}),
        }

    def _said(self) -> tuple[Said, ...]:
        lines = (("Ana", "How much is it for twelve?"), (self._profile.business.name, "Twelve guests, one moment.\nHere it is."))
        return tuple(Said(author=author, at=self._now, text=text) for author, text in lines)

    def _sheet(self) -> tuple[dict[str, object], dict[str, object]]:
        profile, start, eaters = self._profile, self._start, ADULTS + CHILDREN
        menu, duration = profile.menu, profile.slots.duration
        required: dict[str, object] = {
            "chef": "Ken",
            "number": 118,
            "customer": NAME,
            "address": profile.business.city,
            "starts_at": start,
            "ends_at": start + timedelta(minutes=duration.cap_minutes),
            "arrive_at": start - timedelta(minutes=duration.set_up_minutes),
            "guests": eaters,
            "adults": ADULTS,
            "children": CHILDREN,
            "under_six": 0,
        }
        counted = (menu.proteins, menu.upgrades, menu.add_ons)
        picks, upgrades, add_ons = ((Counted(what=dishes[0].en, count=eaters),) if dishes else () for dishes in counted)
        optional: dict[str, object] = {
            "phone": profile.business.phone,
            "picks": picks,
            "upgrades": upgrades,
            "add_ons": add_ons,
            "unassigned": 2,
            "allergies": tuple(one.en for one in profile.allergies.allergens[:2]),
            "diets": tuple(one.en for one in profile.allergies.diets[:1]),
            "collect_cents": self._total - self._deposit,
            "note": "The gate code is with the host.",
            "link": self._link,
        }
        return required, optional
