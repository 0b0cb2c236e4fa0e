"""Who may do what to whose account: owners to everyone, admins to everyone but owners, nobody to their own role or access."""

from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.staff import audit, rules
from business.staff.service import Colleague, Invited, StaffService
from business.staff.sessions import Session
from kernel import locks
from kernel.database import Database
from kernel.errors import Conflict, NotAllowed, NotFound
from kernel.tables.core import Staff


class StaffManagement:
    """Accounts, as the console changes them; each deed is audited with who did it."""

    def __init__(self, database: Database, service: StaffService) -> None:
        self._database = database
        self._service = service

    async def list(self) -> tuple[Colleague, ...]:
        """Everyone, by e-mail address."""
        return await self._service.colleagues()

    async def invite(self, by: Session, email: str, name: str, role: str) -> Invited:
        """A new account. Raises BadRequest, Conflict, NotAllowed."""
        _may_make(by, rules.role(role))
        return await self._service.invite(email, name, role, actor=("staff", by.staff_id))

    async def reset(self, by: Session, whom: UUID) -> Invited:
        """New ways in for somebody who lost theirs; all their sessions end. Raises NotFound, NotAllowed."""
        return await self._service.reset(await self._target(by, whom), actor=("staff", by.staff_id))

    async def change(self, by: Session, whom: UUID, *, name: str | None, role: str | None, disabled: bool | None) -> Colleague:
        """Change what is given. Raises NotFound, NotAllowed, BadRequest, Conflict for the last owner."""
        email = await self._target(by, whom)
        if role is not None:
            _may_make(by, rules.role(role))
        if whom == by.staff_id and (role not in (None, by.role) or disabled):
            raise NotAllowed("Your own role and access are changed by somebody else.")
        await self._database.unit(lambda c: _store(c, by, whom, rules.name(name) if name is not None else None, role, disabled))
        if disabled:
            await self._service.disable(email, actor=("staff", by.staff_id))
        return next(colleague for colleague in await self.list() if colleague.staff_id == whom)

    async def rename(self, by: Session, name: str) -> str:
        """One's own name, in the form that is kept. Raises BadRequest."""
        normal = rules.name(name)
        await self._database.unit(lambda c: _store(c, by, by.staff_id, normal, None, None))
        return normal

    async def _target(self, by: Session, whom: UUID) -> str:
        """The e-mail address of somebody whom `by` may change."""
        async with self._database.transaction() as connection:
            row = (await connection.execute(select(Staff.email, Staff.role).where(Staff.id == whom))).one_or_none()
        if row is None:
            raise NotFound("There is no such colleague.")
        if row.role == "owner" and by.role != "owner":
            raise NotAllowed("Only an owner may change an owner's account.")
        email: str = row.email
        return email


def _may_make(by: Session, role: str) -> None:
    if role == "owner" and by.role != "owner":
        raise NotAllowed("Only an owner may make somebody an owner.")


async def _store(connection: AsyncConnection, by: Session, whom: UUID, name: str | None, role: str | None, disabled: bool | None) -> None:
    await locks.hold(connection, rules.OWNERS_LOCK)
    row = (await connection.execute(select(Staff).where(Staff.id == whom).with_for_update())).one()
    values: dict[str, object] = {}
    if name is not None and name != row.name:
        values["name"] = name
    if role is not None and role != row.role:
        others = select(func.count()).where(Staff.role == "owner", Staff.disabled_at.is_(None), Staff.id != whom)
        if row.role == "owner" and not await connection.scalar(others):
            raise Conflict(f"{row.email} is the last owner: make another first.")
        values["role"] = role
    if disabled is False and row.disabled_at is not None:
        values["disabled_at"] = None
    if values:
        await connection.execute(update(Staff).where(Staff.id == whom).values(values))
        details = {"changed": sorted(values)} | ({"role": role} if "role" in values else {})
        await audit.record(connection, "staff", by.staff_id, "staff.changed", whom, details)
