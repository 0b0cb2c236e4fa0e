"""Which booking a notice of Venmo or Zelle pays, by the profile's rule: the phone in its note; the amount, the time and the method;
loosely, as a suggestion. Pure. Two bookings that fit are never a match: a person decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from business.payments.parsing import Parsed
from business.profile.terms import Matching

Rule = Literal["phone", "amount", "loose"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A booking that waits for money. `due_cents`: what it may be paid in one sum; `moments`: when its money was to be expected;
    `declared`: how its customer said that they pay."""

    booking: UUID
    number: int
    phone: str | None
    name: str | None
    due_cents: tuple[int, ...]
    moments: tuple[datetime, ...]
    declared: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`certain`: it is this booking's; else a person is asked. `booking` None: nothing fits."""

    booking: UUID | None
    rule: Rule | None
    certain: bool


NOTHING = Verdict(None, None, False)


def match(rule: Matching, notice: Parsed, method: str, received_at: datetime, waiting: Sequence[Candidate]) -> Verdict:
    """Who it is from."""
    assert notice.amount_cents is not None
    amount = notice.amount_cents

    def fits(one: Candidate, cents: int, hours: float) -> bool:
        near = any(abs(due - amount) <= cents for due in one.due_cents)
        return near and any(abs(received_at - moment) <= timedelta(hours=hours) for moment in one.moments)

    if notice.phone is not None and (theirs := [one for one in waiting if one.phone == notice.phone]):
        exact = [one for one in theirs if any(abs(due - amount) <= rule.amount_tolerance_cents for due in one.due_cents)]
        return _verdict("phone", theirs if len(theirs) == 1 else exact or theirs)
    near = [one for one in waiting if fits(one, rule.amount_tolerance_cents, rule.within_hours) and one.declared in (None, method)]
    if near:
        return _verdict("amount", near, certain=len(near) == 1 and _same_way(near[0], notice, method))
    loose = [one for one in waiting if fits(one, rule.loose_tolerance_cents, rule.loose_within_hours)]
    return _verdict("loose", loose, certain=False) if loose else NOTHING


def _verdict(rule: Rule, found: Sequence[Candidate], *, certain: bool = True) -> Verdict:
    return Verdict(found[0].booking, rule, certain and len(found) == 1)


def _same_way(one: Candidate, notice: Parsed, method: str) -> bool:
    """Whether its customer said so, or pays under the name that booked: the same amount is asked of everybody."""
    return one.declared == method or _same_name(one.name, notice.payer)


def _same_name(booked: str | None, payer: str | None) -> bool:
    words, theirs = (set((name or "").casefold().replace(".", "").split()) for name in (booked, payer))
    return len(words & theirs) >= min(2, len(words), len(theirs)) > 0
