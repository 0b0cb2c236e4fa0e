"""How the ensemble answers by the console's word: versions of its policy, their one writer, and the one that counts in a process.

The file's policy counts until somebody saves one; the newest saved one counts then, or the file's again where it says so. A saved one
that does not fit any more (the settings lost a model, newer code wrote it) is kept and not used: the file's is, and `faults` say why.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import Select, func, insert, null, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel import locks
from kernel.database import Database
from kernel.errors import Conflict, NotFound, Unavailable
from kernel.settings import Policy, SettingProblem
from kernel.settings.faults import problem_of
from kernel.tables.ai import EnsembleVersion
from kernel.tables.core import Staff

log = structlog.get_logger(__name__)

LOCK = "ensemble versions"
PAGE = 20
SWEEP_EVERY = 3.0
FILE = 0  # the number of what counts before anything was saved


@dataclass(frozen=True, slots=True)
class Version:
    """A policy as it was saved. `content` is what is stored, None: the file's again. `by` is None for nobody of the staff."""

    number: int
    content: Mapping[str, Any] | None
    note: str | None
    by: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Counting:
    """What counts. `saved`: whether it is the console's and not the file's. `faults`: why the newest saved one is not used."""

    version: Version
    policy: Policy
    saved: bool
    faults: tuple[SettingProblem, ...] = ()

    @property
    def number(self) -> int:
        return self.version.number


NOBODY_SAVED = Version(FILE, None, None, None, None)


class Superseded(Conflict):
    """Somebody was faster: `base` is what the writer began with, `theirs` counts now."""

    def __init__(self, base: Version, theirs: Version) -> None:
        super().__init__(f"{theirs.by or 'Somebody'} saved meanwhile. Nothing of yours was stored: look at both and save again.")
        self.base, self.theirs = base, theirs


def check(
    content: Mapping[str, Any],
    models: Collection[str],
    agents: Collection[str] | None = None,
    prompts: Mapping[str, Collection[str]] | None = None,
) -> tuple[Policy | None, tuple[SettingProblem, ...]]:
    """The policy that this is, or every fault of it. `models` are those of the settings without the house; `agents` None: any name.
    `prompts`: versions of instructions by agent, None: any."""
    try:
        policy = Policy.model_validate(content)
    except ValidationError as error:
        return None, tuple(
            problem_of({**one, "loc": ("ensemble", *one["loc"])}) for one in error.errors(include_url=False, include_input=False)
        )
    wrong = [*policy.misfits(models), *(policy.strangers(agents) if agents is not None else ())]
    wrong += policy.unwritten(prompts) if prompts is not None else ()
    faults = tuple(SettingProblem(at, "", why, "see docs/adding-a-provider.md") for at, why in wrong)
    return (None if faults else policy), faults


def counting(newest: Version | None, file: Policy, models: Collection[str]) -> Counting:
    """What counts by the newest saved version and the file."""
    if newest is None or newest.content is None:
        return Counting(newest or NOBODY_SAVED, file, saved=False)
    policy, faults = check(newest.content, models)
    return Counting(newest, policy or file, saved=policy is not None, faults=faults)


async def newest(connection: AsyncConnection) -> Version | None:
    """The version that was saved last; None before the first."""
    row = (await connection.execute(_rows().order_by(EnsembleVersion.number.desc()).limit(1))).one_or_none()
    return None if row is None else _version(row)


async def version(connection: AsyncConnection, number: int) -> Version:
    """One of them; `FILE` is what stands before the first. Raises NotFound."""
    if number == FILE:
        return NOBODY_SAVED
    row = (await connection.execute(_rows().where(EnsembleVersion.number == number))).one_or_none()
    if row is None:
        raise NotFound(f"There is no version {number} of the models' policy.")
    return _version(row)


async def page(connection: AsyncConnection, before: int | None = None) -> tuple[Version, ...]:
    """The newest first, `PAGE` at most; `before`: older than this number."""
    query = _rows().order_by(EnsembleVersion.number.desc()).limit(PAGE)
    if before is not None:
        query = query.where(EnsembleVersion.number < before)
    return tuple(map(_version, await connection.execute(query)))


async def save(
    connection: AsyncConnection, policy: Policy | None, based_on: int, note: str | None, staff: UUID | None
) -> tuple[Version, bool]:
    """The next version, None for the file's again; and whether one was added, which it is not where nothing differs. The caller audits,
    in the same transaction. Raises Superseded, NotFound."""
    await locks.hold(connection, LOCK)
    base, now = await version(connection, based_on), await newest(connection) or NOBODY_SAVED
    content = None if policy is None else policy.model_dump(mode="json")
    # Also what a commit whose answer was lost left behind: said twice, it is one version.
    if now.content == content:
        return now, False
    if now.number != based_on:
        raise Superseded(base, now)
    number = await connection.scalar(
        insert(EnsembleVersion)
        .values(policy=null() if content is None else content, note=note, staff_id=staff)
        .returning(EnsembleVersion.number)
    )
    assert number is not None
    return await version(connection, number), True


class LivePolicy:
    """Holds the policy that counts in a process: the file's first, then what is saved, heard of by hints and by a look now and then."""

    def __init__(self, database: Database, file: Policy, models: Collection[str]) -> None:
        self._database = database
        self.file = file
        self._models = tuple(models)
        self._counting = counting(None, file, models)
        self._hinted = asyncio.Event()
        self._changed: list[Callable[[Policy], None]] = []

    def policy(self) -> Policy:
        """What counts now."""
        return self._counting.policy

    @property
    def counting(self) -> Counting:
        return self._counting

    def on_change(self, tell: Callable[[Policy], None]) -> None:
        """Call `tell` with every policy that begins to count."""
        self._changed.append(tell)

    def hint(self) -> None:
        """Somebody says that there is a new version."""
        self._hinted.set()

    async def look(self) -> None:
        """Read the newest version if it is another. Raises Unavailable."""
        async with self._database.transaction() as connection:
            if await connection.scalar(select(func.coalesce(func.max(EnsembleVersion.number), FILE))) == self._counting.number:
                return
            found = counting(await newest(connection), self.file, self._models)
        if found.number < self._counting.number:
            return  # a look that began earlier and ended later
        before, self._counting = self._counting, found
        for fault in found.faults:
            log.error("policy.not_used", number=found.number, where=fault.name, why=fault.why)
        if found.policy != before.policy:
            for tell in self._changed:
                tell(found.policy)
        log.info("policy.loaded", number=found.number, saved=found.saved)

    async def follow(self) -> None:
        """Look at every hint, and every few seconds without one, until cancelled."""
        while True:
            with suppress(Unavailable):
                await self.look()
            with suppress(TimeoutError):
                async with asyncio.timeout(SWEEP_EVERY):
                    await self._hinted.wait()
            self._hinted.clear()


def _rows() -> Select[*tuple[Any, ...]]:
    return select(EnsembleVersion, Staff.name.label("by")).outerjoin(Staff, Staff.id == EnsembleVersion.staff_id)


def _version(row: Any) -> Version:
    return Version(row.number, row.policy, row.note, row.by, row.created_at)
