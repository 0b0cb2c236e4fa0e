"""Sessions, sign-in links and socket tokens in PostgreSQL. Only hashes are kept; what is good once is consumed by one UPDATE.

`now` is a value where the service asks (it may be a test's), and PostgreSQL's own clock where it is left out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.staff import rules
from kernel.ids import StaffId
from kernel.tables.core import PushSubscription, SignInLink, SocketToken, Staff, StaffSession


@dataclass(frozen=True, slots=True)
class StaffIdentity:
    """Who is on a console's socket, and the session that it lives and dies with."""

    staff_id: StaffId
    name: str
    role: str
    session_hash: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. While `must_change` it may do nothing but choose a password."""

    hash: str
    staff_id: StaffId
    email: str
    name: str
    role: str
    csrf: str
    must_change: bool
    expires_at: datetime
    created_at: datetime


async def create(connection: AsyncConnection, staff_id: UUID, cookie: str, csrf: str, now: datetime, *, must_change: bool) -> datetime:
    """Store a session under the hash of its cookie; repeating it changes nothing. Returns when it ends unless used."""
    expires_at = now + rules.SESSION_IDLE
    await connection.execute(
        insert(StaffSession)
        .values(
            hash=rules.hashed(cookie),
            staff_id=staff_id,
            csrf=csrf,
            must_change=must_change,
            expires_at=expires_at,
            created_at=now,
        )
        .on_conflict_do_nothing()
    )
    return expires_at


async def find(connection: AsyncConnection, cookie: str, now: datetime) -> Session | None:
    """The living session behind a cookie, slid on where it is stale."""
    row = (
        await connection.execute(
            select(
                StaffSession.hash,
                StaffSession.staff_id,
                Staff.email,
                Staff.name,
                Staff.role,
                StaffSession.csrf,
                StaffSession.must_change,
                StaffSession.expires_at,
                StaffSession.created_at,
            )
            .join(Staff, Staff.id == StaffSession.staff_id)
            .where(StaffSession.hash == rules.hashed(cookie), _alive(literal(now, DateTime(timezone=True))))
        )
    ).one_or_none()
    if row is None:
        return None
    expires_at = min(now + rules.SESSION_IDLE, row.created_at + rules.SESSION_LIFE)
    if expires_at < row.expires_at + rules.SESSION_SLIDE_AFTER:
        expires_at = row.expires_at
    else:
        await connection.execute(update(StaffSession).where(StaffSession.hash == row.hash).values(expires_at=expires_at))
    return Session(**{**row._asdict(), "staff_id": StaffId(row.staff_id), "expires_at": expires_at})


async def open_up(connection: AsyncConnection, session: str) -> None:
    """A session whose owner has chosen a password may do everything."""
    await connection.execute(update(StaffSession).where(StaffSession.hash == session).values(must_change=False))


async def revoke(connection: AsyncConnection, now: datetime, *, session: str) -> None:
    """End one session, by its hash; its device is not pushed to any more."""
    await connection.execute(delete(PushSubscription).where(PushSubscription.session_hash == session))
    await connection.execute(
        update(StaffSession).where(StaffSession.hash == session, StaffSession.revoked_at.is_(None)).values(revoked_at=now)
    )


async def revoke_all(connection: AsyncConnection, now: datetime, staff_id: UUID, *, but: str | None = None) -> None:
    """End every session of one person except `but`, every sign-in link not yet used, and pushes to the devices of those sessions."""
    await connection.execute(
        delete(PushSubscription).where(PushSubscription.staff_id == staff_id, PushSubscription.session_hash.is_distinct_from(but))
    )
    await connection.execute(
        update(StaffSession)
        .where(StaffSession.staff_id == staff_id, StaffSession.revoked_at.is_(None), StaffSession.hash.is_distinct_from(but))
        .values(revoked_at=now)
    )
    await connection.execute(update(SignInLink).where(SignInLink.staff_id == staff_id, SignInLink.used_at.is_(None)).values(used_at=now))


async def create_link(connection: AsyncConnection, staff_id: UUID, token: str, now: datetime) -> None:
    """Store a sign-in link."""
    await connection.execute(
        insert(SignInLink)
        .values(hash=rules.hashed(token), staff_id=staff_id, expires_at=now + rules.LINK_LIFE, created_at=now)
        .on_conflict_do_nothing()
    )


async def use_link(connection: AsyncConnection, token: str, now: datetime) -> UUID | None:
    """Consume a sign-in link. Returns whose it was; None where it is unknown, used, over, or of a disabled account."""
    staff_id: UUID | None = await connection.scalar(
        update(SignInLink)
        .where(
            SignInLink.hash == rules.hashed(token),
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
            SignInLink.staff_id == Staff.id,
            Staff.disabled_at.is_(None),
        )
        .values(used_at=now)
        .returning(SignInLink.staff_id)
    )
    return staff_id


async def create_socket_token(connection: AsyncConnection, session: str, token: str, now: datetime) -> datetime:
    """Store a socket token of a session, forget the session's dead ones. Returns when it ends."""
    await connection.execute(
        delete(SocketToken).where(SocketToken.session_hash == session, (SocketToken.used_at.is_not(None)) | (SocketToken.expires_at <= now))
    )
    expires_at = now + rules.SOCKET_TOKEN_LIFE
    await connection.execute(
        insert(SocketToken).values(hash=rules.hashed(token), session_hash=session, expires_at=expires_at).on_conflict_do_nothing()
    )
    return expires_at


async def staff_of_socket_token(connection: AsyncConnection, token: str, now: datetime | None = None) -> StaffIdentity | None:
    """Consume a socket token. None where it is unknown, used, over, or its session does not live or may not speak yet."""
    moment = _moment(now)
    row = (
        await connection.execute(
            update(SocketToken)
            .where(
                SocketToken.hash == rules.hashed(token),
                SocketToken.used_at.is_(None),
                SocketToken.expires_at > moment,
                SocketToken.session_hash == StaffSession.hash,
                StaffSession.must_change.is_(False),
                StaffSession.staff_id == Staff.id,
                _alive(moment),
            )
            .values(used_at=moment)
            .returning(Staff.id, Staff.name, Staff.role, StaffSession.hash, StaffSession.expires_at)
        )
    ).one_or_none()
    if row is None:
        return None
    return StaffIdentity(StaffId(row.id), row.name, row.role, row.hash, row.expires_at)


async def sessions_alive(connection: AsyncConnection, hashes: list[str], now: datetime | None = None) -> set[str]:
    """Those of `hashes` whose sessions are neither over nor revoked, of staff who are not disabled."""
    rows = await connection.scalars(
        select(StaffSession.hash).join(Staff, Staff.id == StaffSession.staff_id).where(StaffSession.hash.in_(hashes), _alive(_moment(now)))
    )
    return set(rows)


async def last_used(connection: AsyncConnection) -> dict[UUID, datetime]:
    """When each person was last here: a session's end slides with its use, so the use lies an idle span before it."""
    ends = select(StaffSession.staff_id, func.max(StaffSession.expires_at)).group_by(StaffSession.staff_id)
    return {staff_id: end - rules.SESSION_IDLE for staff_id, end in await connection.execute(ends)}


async def forget_old(connection: AsyncConnection, now: datetime) -> None:
    """Delete what has been dead for a month (sessions) or a day (links, socket tokens)."""
    day, month = now - timedelta(days=1), now - timedelta(days=30)
    dead = select(StaffSession.hash).where(StaffSession.expires_at < month)
    await connection.execute(delete(SocketToken).where((SocketToken.expires_at < day) | SocketToken.session_hash.in_(dead)))
    await connection.execute(delete(StaffSession).where(StaffSession.expires_at < month))
    await connection.execute(delete(SignInLink).where(SignInLink.expires_at < day))


def _moment(now: datetime | None) -> ColumnElement[datetime]:
    return func.clock_timestamp() if now is None else literal(now, DateTime(timezone=True))


def _alive(moment: ColumnElement[datetime]) -> ColumnElement[bool]:
    return StaffSession.revoked_at.is_(None) & (StaffSession.expires_at > moment) & Staff.disabled_at.is_(None)
