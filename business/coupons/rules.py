"""What a coupon may be worth, how long it is good, and how its code is made. Pure values, but for the code, which is random."""

import calendar
import secrets
from datetime import datetime

from business.profile.growth import Coupon as Terms
from kernel.errors import BadRequest

# Read over the phone and typed: no 0, O, 1, I, L. Twelve of them are 58 bits.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
GROUPS, EACH = 3, 4


def code() -> str:
    """`K7MQ-2DXR-H8WP`: nobody guesses it."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(EACH)) for _ in range(GROUPS))


def worth(terms: Terms, percent: int, cents: int) -> tuple[int, int]:
    """What was proposed, within what the profile allows. Raises BadRequest with the limit."""
    if not 1 <= percent <= terms.percent_at_most:
        raise BadRequest(f"A coupon takes off 1 to {terms.percent_at_most} percent. Choose less, or change the business's profile.")
    if not 1 <= cents <= terms.cents_at_most:
        raise BadRequest(f"A coupon takes off at most ${terms.cents_at_most / 100:,.2f}. Choose less, or change the business's profile.")
    return percent, cents


def off(percent: int, cents_at_most: int, total_cents: int) -> int:
    """What it takes off: the lesser of the two, in cents; half a cent goes to the customer."""
    return min((total_cents * percent + 50) // 100, cents_at_most, total_cents)


def expires(terms: Terms, now: datetime) -> datetime:
    """So many months on, at the same time of the day; the month's last day where it has fewer."""
    year, month = divmod(now.year * 12 + now.month - 1 + terms.months, 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, calendar.monthrange(year, month + 1)[1]))
