"""The profile's versions in PostgreSQL and their one writer: added under a lock, never changed; the highest number is current."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import structlog
from sqlalchemy import Select, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from business.profile.changes import changes
from business.profile.faults import Fault, check, check_text
from business.profile.loader import ProfileError
from business.profile.schemas import Profile
from business.staff import audit
from kernel import locks
from kernel.database import Database
from kernel.errors import BadRequest, Conflict, NotFound
from kernel.ids import StaffId
from kernel.tables.core import ProfileVersion, Staff
from kernel.wire.base import clean

log = structlog.get_logger(__name__)

LOCK = "profile versions"
NOTE_AT_MOST = 500
PAGE = 50

Source = Literal["file", "console"]


class BrokenVersion(ProfileError):
    """A stored version is none for this code: written by newer code, or the schema lost a default."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A version in the list: who made it, when, from what. `by` is None for the command line and a start."""

    number: int
    fingerprint: str
    source: Source
    by: str | None
    at: datetime
    note: str | None
    based_on: int | None
    restored: int | None


@dataclass(frozen=True, slots=True)
class Edition:
    """A version with its profile, which nobody can change."""

    entry: Entry
    profile: Profile

    @property
    def number(self) -> int:
        return self.entry.number


class Superseded(Conflict):
    """Somebody was faster. `theirs` is current now, `base` is what both began with, `mine` what was not stored."""

    def __init__(self, base: Edition, theirs: Edition, mine: Profile) -> None:
        who = theirs.entry.by or "The file"
        super().__init__(f"{who} saved version {theirs.number} meanwhile. Nothing of yours was stored: look at both and save again.")
        self.base, self.theirs, self.mine = base, theirs, mine


def understood(content: Mapping[str, Any] | None, toml: str | None) -> Profile:
    """What was sent, in one of its two forms. Raises BadRequest with every fault."""
    if (content is None) == (toml is None):
        raise BadRequest("Send either 'content' or 'toml'.")
    checked = check_text(toml) if toml is not None else check(content or {})
    if checked.profile is None:
        raise refused(checked.faults)
    return checked.profile


def refused(faults: tuple[Fault, ...]) -> BadRequest:
    """Nothing was stored, and why."""
    first, more = faults[0], len(faults) - 1
    also = f" And {more} more." if more else ""
    where = f"{first.path}: " if first.path else ""
    return BadRequest(f"{where}{first.what}: {first.why}. {first.todo}.{also}", faults=[listed(fault) for fault in faults])


def listed(fault: Fault) -> dict[str, Any]:
    """A fault as it goes out."""
    shown = {"path": fault.path, "what": fault.what, "why": fault.why, "todo": fault.todo}
    return shown if fault.line is None else {**shown, "line": fault.line}


async def current(connection: AsyncConnection) -> Edition | None:
    """The version that counts; None before the first. Raises BrokenVersion."""
    row = (await connection.execute(_rows().order_by(ProfileVersion.number.desc()).limit(1))).one_or_none()
    return None if row is None else _edition(row)


async def newest(connection: AsyncConnection) -> int | None:
    """The number of the version that counts."""
    return await connection.scalar(select(func.max(ProfileVersion.number)))


async def version(connection: AsyncConnection, number: int) -> Edition:
    """One of them. Raises NotFound, BrokenVersion."""
    row = (await connection.execute(_rows().where(ProfileVersion.number == number))).one_or_none()
    if row is None:
        raise NotFound(f"There is no version {number}.")
    return _edition(row)


async def page(connection: AsyncConnection, before: int | None = None) -> tuple[Entry, ...]:
    """The newest first, `PAGE` at most; `before`: older than this number."""
    query = _rows().order_by(ProfileVersion.number.desc()).limit(PAGE)
    if before is not None:
        query = query.where(ProfileVersion.number < before)
    return tuple(map(_entry, await connection.execute(query)))


class ProfileWriter:
    """Adds versions. Nothing else writes the table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, profile: Profile, based_on: int, note: str | None, by: StaffId) -> Edition:
        """The next version; the current one where nothing differs. Raises Superseded, NotFound, BadRequest."""
        words = _note(note)
        return await self._database.unit(lambda c: self._save(c, profile, based_on, words, by, None))

    async def restore(self, number: int, based_on: int, by: StaffId) -> Edition:
        """An old version again, as a new one. Raises Superseded, NotFound."""

        async def store(connection: AsyncConnection) -> Edition:
            old = await version(connection, number)
            return await self._save(connection, old.profile, based_on, None, by, number)

        return await self._database.unit(store)

    async def _save(
        self, connection: AsyncConnection, profile: Profile, based_on: int, note: str | None, by: StaffId, restored: int | None
    ) -> Edition:
        await _lock(connection)
        base = await version(connection, based_on)
        now = await current(connection)
        assert now is not None
        # Also what a commit whose answer was lost left behind: said twice, it is one version.
        if now.profile.version == profile.version:
            return now
        if now.number != based_on:
            raise Superseded(base, now, profile)
        made = await add(connection, profile, "console", based_on=based_on, by=by, note=note, restored=restored)
        touched = sorted({change.path.partition(".")[0] for change in changes(now.profile, profile)})
        details = {"based_on": based_on, "changed": touched} | ({"restored": restored} if restored is not None else {})
        await audit.record(connection, "staff", by, "profile.restored" if restored is not None else "profile.saved", str(made), details)
        return await version(connection, made)


async def add(
    connection: AsyncConnection,
    profile: Profile,
    source: Source,
    *,
    based_on: int | None = None,
    by: StaffId | None = None,
    note: str | None = None,
    restored: int | None = None,
) -> int:
    """The next row, under the lock that the caller holds; returns its number."""
    number = (await newest(connection) or 0) + 1
    await connection.execute(
        insert(ProfileVersion).values(
            number=number,
            content=profile.model_dump(mode="json", exclude_none=True),
            fingerprint=profile.version,
            source=source,
            based_on=based_on,
            restored=restored,
            staff_id=by,
            note=note,
        )
    )
    return number


async def take_file(connection: AsyncConnection, profile: Profile, name: str, *, by_hand: bool = False) -> bool:
    """The profile's file at a start: the first version, and a new one where the file was changed and nobody edited since in the
    console. Where somebody did, the console's word stands unless the file is taken `by_hand`. Returns whether the file counts now."""
    await _lock(connection)
    now = await current(connection)
    if now is not None and now.profile.version == profile.version:
        return True
    if now is not None and not by_hand:
        taken = (
            await connection.execute(_rows().where(ProfileVersion.source == "file").order_by(ProfileVersion.number.desc()).limit(1))
        ).one_or_none()
        if taken is not None and _edition(taken).profile.version == profile.version:
            return False  # nobody touched the file; the console went on from it
        if now.entry.source != "file":
            log.warning("profile.file_not_taken", file=name, current=now.number)
            return False
    number = await add(connection, profile, "file", based_on=now.number if now else None, note=name)
    await audit.record(connection, "cli" if by_hand else "system", None, "profile.file_taken", str(number), {"file": name})
    return True


async def _lock(connection: AsyncConnection) -> None:
    await locks.hold(connection, LOCK)


def _rows() -> Select[*tuple[Any, ...]]:
    return select(ProfileVersion, Staff.name.label("by")).outerjoin(Staff, Staff.id == ProfileVersion.staff_id)


def _entry(row: Any) -> Entry:
    return Entry(row.number, row.fingerprint, row.source, row.by, row.created_at, row.note, row.based_on, row.restored)


def _edition(row: Any) -> Edition:
    checked = check(row.content)
    if checked.profile is None:
        first = checked.faults[0]
        raise BrokenVersion(f"version {row.number} of the profile is not one for this code: {first.path}: {first.what}. {first.todo}.")
    return Edition(_entry(row), checked.profile)


def _note(note: str | None) -> str | None:
    try:
        words = " ".join(clean(note or "").split())
    except ValueError as error:
        raise BadRequest(f"{str(error).capitalize()}.") from error
    if len(words) > NOTE_AT_MOST:
        raise BadRequest(f"A note has at most {NOTE_AT_MOST} characters.")
    return words or None
