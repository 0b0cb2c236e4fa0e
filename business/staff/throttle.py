"""Failed logins, and they alone, are limited: ten per quarter of an hour for an address, and ten for an account.

Counting and recording happen under one lock per address and account, after the password was verified: however many guesses
run in parallel, ten of them learn that they were wrong, and the others learn nothing.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.staff.rules import FAILURE_WINDOW, FAILURES_ALLOWED
from kernel import locks
from kernel.errors import RateLimited
from kernel.ids import new_id
from kernel.tables.core import LoginFailure


async def lock(connection: AsyncConnection, address: str, account: str) -> None:
    """One attempt at a time per address and per account, to the end of the transaction; in one order, so no deadlock."""
    await locks.hold(connection, f"login address {address}", f"login account {account}")


async def refuse_if_spent(connection: AsyncConnection, address: str, account: str, now: datetime) -> None:
    """Raises RateLimited where the address or the account has used up its failures."""
    free_at = max(
        [
            at
            for at in (
                await _free_at(connection, LoginFailure.address == address, now),
                await _free_at(connection, LoginFailure.account == account, now),
            )
            if at is not None
        ],
        default=None,
    )
    if free_at is not None:
        wait = max(1, round((free_at - now).total_seconds()))
        minutes = -(-wait // 60)
        raise RateLimited(
            f"Too many failed logins. Try again in {minutes} minute{'s' if minutes != 1 else ''}, or use a sign-in link.",
            retry_after_ms=wait * 1000,
        )


async def failed(connection: AsyncConnection, address: str, account: str, now: datetime) -> None:
    """Count one, and forget some of those, anybody's, that no longer count: the table stays as small as the trouble."""
    await connection.execute(insert(LoginFailure).values(id=new_id(), address=address, account=account, at=now))
    old = select(LoginFailure.id).where(LoginFailure.at < now - FAILURE_WINDOW).limit(100)
    await connection.execute(delete(LoginFailure).where(LoginFailure.id.in_(old.with_for_update(skip_locked=True))))


async def forgive(connection: AsyncConnection, address: str, account: str) -> None:
    """Whoever gets in at last has only mistyped: their failures at this account from this address are forgotten."""
    await connection.execute(delete(LoginFailure).where(and_(LoginFailure.address == address, LoginFailure.account == account)))


async def _free_at(connection: AsyncConnection, who: ColumnElement[bool], now: datetime) -> datetime | None:
    """When the tenth-newest failure within the window falls out of it; None where there are fewer."""
    at = await connection.scalar(
        select(LoginFailure.at)
        .where(who, LoginFailure.at > now - FAILURE_WINDOW)
        .order_by(LoginFailure.at.desc())
        .offset(FAILURES_ALLOWED - 1)
        .limit(1)
    )
    return None if at is None else at + FAILURE_WINDOW
