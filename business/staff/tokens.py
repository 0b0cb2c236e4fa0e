"""API tokens: a program asks in the name of whoever made its token, within the scopes that it was given. Only hashes are kept."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.staff import audit, rules
from kernel import locks
from kernel.database import Database
from kernel.errors import BadRequest, Conflict, NotFound
from kernel.ids import StaffId, new_id
from kernel.tables.core import ApiToken, Staff

Scope = Literal["read", "write", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
PREFIX = "hib_"
SHOWN = len(PREFIX) + 6  # enough to tell them apart, too little to guess the rest
MOST = 50
LONGEST_NAME = 80
USED_AGAIN_AFTER = timedelta(minutes=1)  # fewer writes


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, by a session or by a token: a member of staff, with what they may do."""

    staff_id: StaffId
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Who asks by a token."""

    token: UUID
    scopes: frozenset[str]
    caller: Caller


@dataclass(frozen=True, slots=True)
class Token:
    """A token as a list shows it. `secret` only where it was just made."""

    id: UUID
    name: str
    begins: str
    scopes: tuple[Scope, ...]
    staff_id: UUID
    staff_name: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    secret: str | None = None


class ApiTokens:
    """Reads and writes them; a token that was revoked is gone from the list and stays in the trail."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self) -> tuple[Token, ...]:
        """Those that are not revoked, the newest first, also where they are over."""
        async with self._database.transaction() as connection:
            return tuple(_token(row) for row in await connection.execute(_LISTED.order_by(ApiToken.id.desc())))

    async def make(self, by: StaffId, name: str, scopes: Sequence[Scope], days: int | None) -> Token:
        """A new one, good for so many days (None: until it is revoked). Raises BadRequest, or Conflict where there are too many."""
        plain = " ".join(name.split())
        if not 1 <= len(plain) <= LONGEST_NAME or not plain.isprintable():
            raise BadRequest(f"A token's name has 1 to {LONGEST_NAME} characters: say who will use it.")
        if not scopes:
            raise BadRequest("Choose at least one thing that the token may do.")
        token, secret = new_id(), PREFIX + secrets.token_urlsafe(32)
        chosen = [scope for scope in SCOPES if scope in scopes]

        async def store(connection: AsyncConnection) -> Token:
            await locks.hold(connection, "api tokens")
            if (await connection.scalar(select(func.count()).where(ApiToken.revoked_at.is_(None))) or 0) >= MOST:
                raise Conflict(f"There are {MOST} tokens, and no more are kept. Revoke one first.")
            values = {"id": token, "hash": rules.hashed(secret), "begins": secret[:SHOWN], "name": plain, "scopes": chosen}
            until = None if days is None else func.clock_timestamp() + timedelta(days=days)
            await connection.execute(insert(ApiToken).values(**values, staff_id=by, expires_at=until))
            await audit.record(connection, "staff", by, "api_token.made", token, {"name": plain, "scopes": chosen})
            return _token((await connection.execute(_LISTED.where(ApiToken.id == token))).one(), secret)

        return await self._database.unit(store)

    async def revoke(self, by: StaffId, token: UUID) -> None:
        """From now on it opens nothing. Raises NotFound."""

        async def end(connection: AsyncConnection) -> None:
            name = await connection.scalar(
                update(ApiToken)
                .where(ApiToken.id == token, ApiToken.revoked_at.is_(None))
                .values(revoked_at=func.clock_timestamp())
                .returning(ApiToken.name)
            )
            if name is None:
                raise NotFound("There is no such token.")
            await audit.record(connection, "staff", by, "api_token.revoked", token, {"name": name})

        await self._database.unit(end)


async def holder(connection: AsyncConnection, secret: str) -> Holder | None:
    """Who asks by this token, now; None where it is unknown, revoked, over, or of somebody who may not sign in any more."""
    now = func.clock_timestamp()
    row = (
        await connection.execute(
            select(ApiToken.id, ApiToken.scopes, ApiToken.staff_id, Staff.name, Staff.role)
            .join(Staff, Staff.id == ApiToken.staff_id)
            .where(
                ApiToken.hash == rules.hashed(secret),
                ApiToken.revoked_at.is_(None),
                ApiToken.expires_at.is_(None) | (ApiToken.expires_at > now),
                Staff.disabled_at.is_(None),
            )
        )
    ).one_or_none()
    if row is None:
        return None
    stale = ApiToken.last_used_at.is_(None) | (ApiToken.last_used_at < now - USED_AGAIN_AFTER)
    await connection.execute(update(ApiToken).where(ApiToken.id == row.id, stale).values(last_used_at=now))
    return Holder(row.id, frozenset(row.scopes), Caller(StaffId(row.staff_id), row.name, row.role))


_LISTED = select(ApiToken, Staff.name.label("staff_name")).join(Staff, Staff.id == ApiToken.staff_id).where(ApiToken.revoked_at.is_(None))


def _token(row: Any, secret: str | None = None) -> Token:
    return Token(
        row.id,
        row.name,
        row.begins,
        tuple(row.scopes),
        row.staff_id,
        row.staff_name,
        row.created_at,
        row.expires_at,
        row.last_used_at,
        secret,
    )
