"""What is wrong after a season: every table that money, mail and slots stand in, against what the guests themselves know."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from business.bookings.rules import OCCUPYING
from business.payments import ledger
from kernel.tables.ops import Booking, Coupon, Email, Handoff, Outbox, Payment, Refund
from tests.simulation import oracle
from tests.simulation.guests import Guest
from tests.simulation.oracle import Due
from tests.simulation.season import Season

# No two of these parties may be in one place of one slot, or need one chef at once. A slot that was given up may be somebody else's.
TWICE = """
    SELECT a.number, b.number FROM ops.booking a JOIN ops.booking b ON a.id < b.id
    WHERE a.status = ANY(:cooked) AND b.status = ANY(:cooked)
      AND ((a.chef_number = b.chef_number AND a.busy && b.busy)
      OR (a.station = b.station AND a.day = b.day AND a.slot = b.slot AND a.lane = b.lane))
"""
STATUS = {"lapsed": "expired", "unpaid": "cancelled", "cancelled": "cancelled", "no_show": "no_show", "completed": "completed"}


@dataclass(frozen=True, slots=True)
class Written:
    """An e-mail as the product kept it."""

    due: Due
    state: str
    message_id: str


async def faults(season: Season) -> list[str]:
    """Everything that is not as it should be, a line each."""
    found: list[str] = []
    async with season.install.database.transaction() as connection:
        for check in (_effects, _slots, _mails, _post, _money, _ends, _people):
            found += [f"{check.__name__.strip('_')}: {fault}" async for fault in check(season, connection)]
    return found


async def _effects(season: Season, connection: AsyncConnection) -> AsyncIterator[str]:
    """Nothing is left in the outbox that is due, and nothing was given up."""
    left = sa.select(Outbox.kind, Outbox.state, Outbox.error, sa.func.count()).where(Outbox.state != "done")
    for kind, state, error, many in await connection.execute(left.group_by(Outbox.kind, Outbox.state, Outbox.error)):
        yield f"{many} of {kind} are {state} ({error})"


async def _slots(season: Season, connection: AsyncConnection) -> AsyncIterator[str]:
    cooked = [*OCCUPYING, "completed", "no_show"]
    for one, other in await connection.execute(sa.text(TWICE), {"cooked": cooked}):
        yield f"bookings {one} and {other} have one place, or one chef"


async def _mails(season: Season, connection: AsyncConnection) -> AsyncIterator[str]:
    """Each guest had just the mails that follow from what they saw, each at its minute."""
    written = await mails_of(connection)
    for guest in season.guests:
        had = Counter(mail.due for mail in written[guest.email])
        should = oracle.mails(season.install.profile, guest, season.now)
        for due in (should - had).elements():
            yield f"{_named(season, guest)}: no {due.kind} of {due.minute:%m-%d %H:%M}"
        for due in (had - should).elements():
            yield f"{_named(season, guest)}: a {due.kind} of {due.minute:%m-%d %H:%M} that nobody should have had"


async def _post(season: Season, connection: AsyncConnection) -> AsyncIterator[str]:
    """What was written was sent, each once."""
    arrived = Counter(str(one.message["Message-ID"]) for one in season.install.post.taken)
    for address, mails in (await mails_of(connection)).items():
        for mail in mails:
            if mail.state != "sent" or arrived[mail.message_id] != 1:
                yield f"{mail.due.kind} to {address} is {mail.state} and arrived {arrived[mail.message_id]} times"
            del arrived[mail.message_id]
    if arrived:
        yield f"{len(arrived)} mails arrived that nobody wrote"


async def _money(season: Season, connection: AsyncConnection) -> AsyncIterator[str]:
    """The ledger balances, and every statement is the sum that the guest has."""
    balance = await ledger.trial_balance(connection)
    if balance.total or balance.accounts.get("unmatched", 0):
        yield f"the trial balance is {balance.total}, unmatched {balance.accounts.get('unmatched', 0)}"
    came = await connection.scalar(sa.select(sa.func.coalesce(sa.func.sum(Payment.amount_cents), 0)))
    back = await connection.scalar(sa.select(sa.func.coalesce(sa.func.sum(Refund.amount_cents), 0)).where(Refund.state == "done"))
    purses = sum(guest.purse.paid for guest in season.guests), sum(guest.purse.back for guest in season.guests)
    if purses != (came, back):
        yield f"the guests paid and got back {purses}, the payments say {(came, back)}"
    held = sum(balance.accounts.get(way, 0) for way in ("card", "venmo", "zelle", "cash"))
    if held != purses[0] - purses[1]:
        yield f"the accounts hold {held}, the guests gave {purses[0] - purses[1]}"
    for guest in season.guests:
        stands = await ledger.statement(connection, guest.id)
        says = oracle.Sums(stands.total_cents, stands.paid_cents, stands.refunded_cents, stands.fees_cents)
        should = oracle.sums(season.install.profile, guest, season.now)
        if says != should:
            yield f"{_named(season, guest)}: the statement says {says}, the guest {should}"


async def _ends(season: Season, connection: AsyncConnection) -> AsyncIterator[str]:
    """Every booking ended as its guest saw it, and cost what the price list says."""
    rows = {row.id: row for row in await connection.execute(sa.select(Booking))}
    for guest in season.guests:
        ended, row = oracle.life(season.install.profile, guest, season.now).ended, rows.pop(guest.id)
        if ended is None or row.status != STATUS[ended]:
            yield f"{_named(season, guest)}: {row.status}, the guest saw {ended}"
        if row.total_cents != guest.total:
            yield f"{_named(season, guest)}: costs {row.total_cents}, by the price list {guest.total}"
    if rows:
        yield f"{len(rows)} bookings are nobody's"


async def _people(season: Season, connection: AsyncConnection) -> AsyncIterator[str]:
    """Who asked for a person stands in a queue that staff were told of; who complained has a coupon."""
    called = {row.conversation_id: row for row in await connection.execute(sa.select(Handoff).where(Handoff.kind == "human"))}
    for chatter in season.chatted:
        handoff = called.get(chatter.talk.conversation)
        if chatter.wants_person and (handoff is None or handoff.alerted_at is None):
            yield f"{chatter.talk.conversation}: wanted a person, and nobody heard of it"
    complained = {guest.talk.conversation for guest in season.guests if any(fact.what == "made_up_for" for fact in guest.facts)}
    coupons = list(await connection.scalars(sa.select(Coupon.conversation_id).where(Coupon.state == "approved")))
    if sorted(map(str, coupons)) != sorted(map(str, complained)):
        yield f"{len(coupons)} coupons for {len(complained)} complaints"


async def mails_of(connection: AsyncConnection) -> dict[str, list[Written]]:
    """What was written, by address. A mail is of the minute in which it was written."""
    found: dict[str, list[Written]] = defaultdict(list)
    query = sa.select(Email.to_address, Email.kind, Email.created_at, Email.state, Email.message_id).order_by(Email.created_at)
    for row in await connection.execute(query):
        found[row.to_address].append(Written(Due(row.kind, _minute(row.created_at)), row.state, row.message_id))
    return found


def _minute(at: datetime) -> datetime:
    return oracle.minute(at)


def _named(season: Season, guest: Guest) -> str:
    told: Any = season.told.get(guest.number, "a rival")
    return f"{guest.name} ({told})"
