"""The first owner: made at the first start, so that a fresh install can be entered; looked after at every later one."""

from dataclasses import dataclass

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.staff import audit, rules, sessions
from business.staff.passwords import Passwords
from kernel import locks
from kernel.clock import Clock, utc_now
from kernel.database import Database
from kernel.ids import new_id
from kernel.tables.core import Staff


@dataclass(frozen=True, slots=True)
class Owner:
    """How to get in. `one_time_password` None: a lasting one is set. `sign_in_token` is good once, for 15 minutes."""

    email: str
    one_time_password: str | None
    sign_in_token: str


async def ensure(database: Database, passwords: Passwords, email: str | None, password: str | None, clock: Clock = utc_now) -> Owner:
    """Make or update the owner; several processes may do so at once.

    With `password` (from the settings) the account has that lasting one, whatever was chosen before. Without, a new account
    gets a one-time password. Without `email`: the oldest owner, or `admin@localhost` where there is none.
    """
    wanted = rules.email(email) if email else None
    async with database.transaction() as connection:
        before = await _find(connection, wanted)
    lasting = None
    if password is not None and (before is None or not await passwords.verify(before.password_hash, password)):
        lasting = await passwords.hash(password)
    one_time = rules.one_time_password()
    one_time_hash = await passwords.hash(one_time) if before is None and password is None else None
    token = rules.secret()

    async def store(connection: AsyncConnection) -> Owner:
        await locks.hold(connection, rules.OWNERS_LOCK)
        now = clock()
        staff = await _find(connection, wanted)
        if staff is None:
            address, staff_id = wanted or rules.DEFAULT_OWNER, new_id()
            await connection.execute(
                insert(Staff).values(
                    id=staff_id,
                    email=address,
                    name=rules.name(address.partition("@")[0].replace(".", " ").title()),
                    role="owner",
                    password_hash=lasting or one_time_hash or "",
                    one_time_password=None if lasting else one_time,
                )
            )
            await audit.record(connection, "system", None, "staff.owner_made", staff_id)
            shown = None if lasting else one_time
        else:
            address, staff_id, shown = staff.email, staff.id, staff.one_time_password
            values: dict[str, object] = {"role": "owner", "disabled_at": None} if wanted else {}
            if password is not None:
                shown = values["one_time_password"] = None
            if lasting is not None:
                values["password_hash"] = lasting
                await sessions.revoke_all(connection, now, staff_id)
                await audit.record(connection, "system", None, "staff.password_from_settings", staff_id)
            if values:
                await connection.execute(update(Staff).where(Staff.id == staff_id).values(**values))
        await sessions.forget_old(connection, now)
        await sessions.create_link(connection, staff_id, token, now)
        return Owner(address, shown, token)

    return await database.unit(store)


async def _find(connection: AsyncConnection, email: str | None) -> Row[Staff] | None:
    query = select(Staff)
    if email is not None:
        query = query.where(Staff.email == email)
    else:
        query = query.where(Staff.role == "owner", Staff.disabled_at.is_(None)).order_by(Staff.created_at, Staff.id)
    return (await connection.execute(query.limit(1))).one_or_none()
