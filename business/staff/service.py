"""How staff get in and out: accounts, logins, passwords, links, sessions. Each deed leaves its audit row in its transaction."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.staff import audit, rules, sessions, throttle
from business.staff.audit import ActorKind
from business.staff.passwords import Passwords
from business.staff.sessions import Session
from kernel import locks
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import BadRequest, Conflict, NotAllowed, NotFound, Unauthorized
from kernel.ids import StaffId, new_id
from kernel.tables.core import Staff

WRONG = "That e-mail address and password do not belong together."
SIGNED_OUT = "You are not signed in, or no longer. Please sign in."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session just opened: the cookie's value (known to nobody else) and what its owner is told."""

    cookie: str
    csrf: str
    staff_id: StaffId
    name: str
    role: str
    must_change: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Invited:
    """The two ways in that a new or reset account has; each shown once."""

    staff_id: StaffId
    email: str
    one_time_password: str
    sign_in_token: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """An account as a list shows it. `last_seen_at`: the last use of a session, to ten minutes, kept for a month."""

    staff_id: StaffId
    email: str
    name: str
    role: str
    disabled: bool
    must_change: bool
    last_seen_at: datetime | None


class StaffService:
    """The only writer of staff, their sessions, links and tokens. `clock` None: PostgreSQL's."""

    def __init__(self, database: Database, passwords: Passwords, clock: Clock | None = None) -> None:
        self._database = database
        self._passwords = passwords
        self._clock = clock

    async def login(self, email: str, password: str, address: str) -> SignedIn:
        """Open a session. Raises Unauthorized (which of the two was wrong is not said) or RateLimited."""
        account = rules.account_key(email)
        address = rules.address_key(address)
        async with self._database.transaction() as connection:
            await throttle.refuse_if_spent(connection, address, account, await self._now(connection))
            seen = await _by_email(connection, email)
        usable = seen is not None and seen.disabled_at is None
        right = await self._passwords.verify(seen.password_hash if seen is not None and usable else None, password)
        rehashed = None
        if right and seen is not None and self._passwords.outdated(seen.password_hash):
            rehashed = await self._passwords.hash(password)
        cookie, csrf = rules.secret(), rules.secret()

        async def decide(connection: AsyncConnection) -> SignedIn | None:
            now = await self._now(connection)
            await throttle.lock(connection, address, account)
            await throttle.refuse_if_spent(connection, address, account, now)
            current = await _by_email(connection, email) if right else None
            # Between the two transactions the password may have been changed or the account disabled.
            if current is None or seen is None or current.password_hash != seen.password_hash or current.disabled_at:
                await throttle.failed(connection, address, account, now)
                return None
            await throttle.forgive(connection, address, account)
            if rehashed is not None:
                await connection.execute(update(Staff).where(Staff.id == current.id).values(password_hash=rehashed))
            return await self._open(connection, current, cookie, csrf, now, by="password")

        signed_in = await self._database.unit(decide)
        if signed_in is None:
            raise Unauthorized(WRONG)
        return signed_in

    async def sign_in(self, token: str) -> SignedIn:
        """Open a session with a sign-in link, which is then used up. Raises Unauthorized."""
        cookie, csrf = rules.secret(), rules.secret()
        async with self._database.transaction() as connection:
            now = await self._now(connection)
            staff_id = await sessions.use_link(connection, token, now)
            if staff_id is not None:
                staff = await _by_id(connection, staff_id)
                return await self._open(connection, staff, cookie, csrf, now, by="link")
        raise Unauthorized("This sign-in link was used already or is older than 15 minutes. Ask for a new one.")

    async def session(self, cookie: str | None) -> Session:
        """Who is behind a cookie; keeps the session alive. Raises Unauthorized."""
        if cookie:
            async with self._database.transaction() as connection:
                found = await sessions.find(connection, cookie, await self._now(connection))
            if found is not None:
                return found
        raise Unauthorized(SIGNED_OUT)

    @staticmethod
    def check_csrf(session: Session, given: str | None) -> None:
        """Raises NotAllowed unless the caller could read what the login answered."""
        if given is None or not hmac.compare_digest(given.encode(), session.csrf.encode()):
            raise NotAllowed("The X-CSRF-Token header is missing or wrong. Reload the page and try again.")

    async def change_password(self, session: Session, password: str, current: str | None, address: str) -> None:
        """Choose an own password: opens a `must_change` session, ends every other one.

        Whoever has an own password already must show it (`current`); guesses count as failed logins. Raises BadRequest
        (what is wrong with the new one), NotAllowed (the old one is wrong), RateLimited.
        """
        async with self._database.transaction() as connection:
            staff = await _by_id(connection, session.staff_id)
        chosen = rules.own_password(password, email=staff.email, one_time=staff.one_time_password)
        if staff.one_time_password is None:
            if current is None:
                raise BadRequest("Please give your present password too.")
            await self._prove(staff, current, address)
        chosen_hash = await self._passwords.hash(chosen)

        async def store(connection: AsyncConnection) -> None:
            now = await self._now(connection)
            changed = await connection.execute(
                update(Staff)
                .where(Staff.id == staff.id, Staff.password_hash.in_((staff.password_hash, chosen_hash)))
                .values(password_hash=chosen_hash, one_time_password=None)
            )
            if changed.rowcount != 1:
                raise Conflict("The password was changed in another window just now.")
            await sessions.open_up(connection, session.hash)
            await sessions.revoke_all(connection, now, staff.id, but=session.hash)
            await audit.record(connection, "staff", staff.id, "staff.password_changed", staff.id)

        await self._database.unit(store)

    async def logout(self, session: Session, *, everywhere: bool = False) -> None:
        """End this session, or all of this person's."""

        async def end(connection: AsyncConnection) -> None:
            now = await self._now(connection)
            if everywhere:
                await sessions.revoke_all(connection, now, session.staff_id)
            else:
                await sessions.revoke(connection, now, session=session.hash)
            details = {"everywhere": everywhere}
            await audit.record(connection, "staff", session.staff_id, "staff.logout", session.staff_id, details)

        await self._database.unit(end)

    async def socket_token(self, session: Session) -> tuple[str, datetime]:
        """A token that lets one console socket in, once, within a minute; and when that minute ends."""
        if session.must_change:
            raise NotAllowed("Choose a password of your own first.")
        token = rules.secret()

        async def store(connection: AsyncConnection) -> datetime:
            return await sessions.create_socket_token(connection, session.hash, token, await self._now(connection))

        return token, await self._database.unit(store)

    async def invite(self, email: str, name: str, role: str, *, actor: tuple[ActorKind, UUID | None] = ("cli", None)) -> Invited:
        """A new account with a one-time password and a sign-in link. Raises BadRequest, or Conflict where it exists."""
        email, name, role = rules.email(email), rules.name(name), rules.role(role)
        invited = Invited(StaffId(new_id()), email, rules.one_time_password(), rules.secret())
        password_hash = await self._passwords.hash(invited.one_time_password)

        async def store(connection: AsyncConnection) -> None:
            known = await _by_email(connection, email)
            if known is not None and known.id != invited.staff_id:
                raise Conflict(f"{email} has an account. Reset its password, in the console or by `hibachi admin reset {email}`.")
            if known is None:
                await connection.execute(
                    insert(Staff).values(
                        id=invited.staff_id,
                        email=email,
                        name=name,
                        role=role,
                        password_hash=password_hash,
                        one_time_password=invited.one_time_password,
                    )
                )
                await audit.record(connection, *actor, "staff.invited", invited.staff_id, {"role": role})
            now = await self._now(connection)
            await sessions.create_link(connection, invited.staff_id, invited.sign_in_token, now)

        await self._database.unit(store)
        return invited

    async def reset(self, email: str, *, actor: tuple[ActorKind, UUID | None] = ("cli", None)) -> Invited:
        """A new one-time password and link; every session ends; a disabled account works again. Raises NotFound."""
        one_time, token = rules.one_time_password(), rules.secret()
        password_hash = await self._passwords.hash(one_time)

        async def store(connection: AsyncConnection) -> Invited:
            staff = await _known(connection, email)
            now = await self._now(connection)
            await connection.execute(
                update(Staff).where(Staff.id == staff.id).values(password_hash=password_hash, one_time_password=one_time, disabled_at=None)
            )
            await sessions.revoke_all(connection, now, staff.id)
            await sessions.create_link(connection, staff.id, token, now)
            await audit.record(connection, *actor, "staff.reset", staff.id)
            return Invited(StaffId(staff.id), staff.email, one_time, token)

        return await self._database.unit(store)

    async def disable(self, email: str, *, actor: tuple[ActorKind, UUID | None] = ("cli", None)) -> None:
        """Nobody gets in with this account, and who is in is cut. Raises NotFound, or Conflict for the last owner."""

        async def store(connection: AsyncConnection) -> None:
            await locks.hold(connection, rules.OWNERS_LOCK)
            staff = await _known(connection, email)
            owners = select(func.count()).where(Staff.role == "owner", Staff.disabled_at.is_(None), Staff.id != staff.id)
            if staff.role == "owner" and not await connection.scalar(owners):
                raise Conflict(f"{staff.email} is the last owner: invite another first.")
            now = await self._now(connection)
            await connection.execute(update(Staff).where(Staff.id == staff.id).values(disabled_at=now))
            await sessions.revoke_all(connection, now, staff.id)
            await audit.record(connection, *actor, "staff.disabled", staff.id)

        await self._database.unit(store)

    async def colleagues(self) -> tuple[Colleague, ...]:
        """Everyone, by e-mail address."""
        async with self._database.transaction() as connection:
            seen = await sessions.last_used(connection)
            rows = await connection.execute(select(Staff).order_by(Staff.email))
            return tuple(
                Colleague(
                    StaffId(row.id),
                    row.email,
                    row.name,
                    row.role,
                    row.disabled_at is not None,
                    row.one_time_password is not None,
                    seen.get(row.id),
                )
                for row in rows
            )

    async def _open(self, connection: AsyncConnection, staff: Row[Staff], cookie: str, csrf: str, now: datetime, *, by: str) -> SignedIn:
        # A link proves the terminal or the mailbox; only a password that was printed must be changed first.
        must_change = by == "password" and staff.one_time_password is not None
        expires_at = await sessions.create(connection, staff.id, cookie, csrf, now, must_change=must_change)
        await audit.record(connection, "staff", staff.id, "staff.login", staff.id, {"by": by})
        return SignedIn(cookie, csrf, StaffId(staff.id), staff.name, staff.role, must_change, expires_at)

    async def _prove(self, staff: Row[Staff], password: str, address: str) -> None:
        account, address = rules.account_key(staff.email), rules.address_key(address)
        async with self._database.transaction() as connection:
            await throttle.refuse_if_spent(connection, address, account, await self._now(connection))
        right = await self._passwords.verify(staff.password_hash, password)

        async def decide(connection: AsyncConnection) -> None:
            now = await self._now(connection)
            await throttle.lock(connection, address, account)
            await throttle.refuse_if_spent(connection, address, account, now)
            if not right:
                await throttle.failed(connection, address, account, now)

        await self._database.unit(decide)
        if not right:
            raise NotAllowed("Your present password is not that one.")

    async def _now(self, connection: AsyncConnection) -> datetime:
        if self._clock is not None:
            return self._clock()
        moment: datetime = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
        return moment


async def _by_email(connection: AsyncConnection, email: str) -> Row[Staff] | None:
    try:
        normal = rules.email(email)
    except BadRequest:
        return None
    return (await connection.execute(select(Staff).where(Staff.email == normal))).one_or_none()


async def _by_id(connection: AsyncConnection, staff_id: UUID) -> Row[Staff]:
    return (await connection.execute(select(Staff).where(Staff.id == staff_id))).one()


async def _known(connection: AsyncConnection, email: str) -> Row[Staff]:
    staff = await _by_email(connection, email)
    if staff is None:
        raise NotFound(f"Nobody here has the address {rules.email(email)}.")
    return staff
