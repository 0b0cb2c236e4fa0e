"""The business profile over HTTP, for owners and admins: read, checked, saved as a new version, restored."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from business.profile import versions
from business.profile.changes import changes
from business.profile.faults import check, check_text
from business.profile.schemas import Profile
from business.profile.text import to_toml
from business.profile.versions import BrokenVersion, Edition, Entry, ProfileWriter, Superseded
from gateway.http import profile_wire as wire
from gateway.http.door import Door
from gateway.http.edge import Handler, answer, read_body
from gateway.http.operations import CHIEFS
from kernel.database import Database
from kernel.errors import BadRequest, Conflict, NotFound

BODY_LIMIT = 512 * 1024
LARGEST = 2**31 - 1


class ProfileHttp:
    """The handlers, by the operation's name. `saved`: called after a version was added, before the answer leaves."""

    def __init__(self, door: Door, database: Database, saved: Callable[[], Awaitable[None]]) -> None:
        self._door = door
        self._database = database
        self._writer = ProfileWriter(database)
        self._saved = saved
        handlers: dict[str, Handler] = {
            "profile": self._current,
            "profile_save": self._save,
            "profile_validate": self._validate,
            "profile_restore": self._restore,
            "profile_version": self._version,
        }
        self.handlers = {name: _readable(handler) for name, handler in handlers.items()}

    async def _current(self, request: Request) -> Response:
        await self._door.enter(request, roles=CHIEFS)
        before = request.query_params.get("before")
        if before is not None and _number(before) is None:
            raise BadRequest("'before' is the number of a version.")
        async with self._database.transaction() as connection:
            now = await _now(connection)
            shown = await _shown(connection, now)
            listed = await versions.page(connection, _number(before) if before else None)
        more = bool(listed) and listed[-1].number > 1
        return answer(wire.ProfileAnswer(current=shown, versions=tuple(map(_entry, listed)), more=more))

    async def _version(self, request: Request) -> Response:
        await self._door.enter(request, roles=CHIEFS)
        number = _number(request.path_params["id"])
        if number is None:
            raise NotFound("There is no such version.")
        async with self._database.transaction() as connection:
            return answer(await _shown(connection, await versions.version(connection, number)))

    async def _validate(self, request: Request) -> Response:
        await self._door.enter(request, roles=CHIEFS)
        body = await read_body(request, wire.ProfileBody, BODY_LIMIT)
        if (body.content is None) == (body.toml is None):
            raise BadRequest("Send either 'content' or 'toml'.")
        checked = check_text(body.toml) if body.toml is not None else check(body.content or {})
        if checked.profile is None:
            faults = tuple(wire.ProfileFault.model_validate(fault, from_attributes=True) for fault in checked.faults)
            return answer(wire.ProfileCheckAnswer(ok=False, faults=faults))
        async with self._database.transaction() as connection:
            now = await _now(connection)
        content, toml = _forms(checked.profile)
        differs = _changes(now.profile, checked.profile)
        return answer(wire.ProfileCheckAnswer(ok=True, faults=(), content=content, toml=toml, changes=differs))

    async def _save(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        body = await read_body(request, wire.ProfileSaveBody, BODY_LIMIT)
        profile = versions.understood(body.content, body.toml)
        return await self._stored(lambda: self._writer.save(profile, body.based_on, body.note, session.staff_id))

    async def _restore(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        body = await read_body(request, wire.ProfileRestoreBody)
        return await self._stored(lambda: self._writer.restore(body.number, body.based_on, session.staff_id))

    async def _stored(self, store: Callable[[], Awaitable[Edition]]) -> Response:
        try:
            made = await store()
        except Superseded as error:
            raise Conflict(
                error.message,
                base=error.base.number,
                current=_whole(error.theirs, error.base.profile).model_dump(mode="json", exclude_none=True),
                mine=[one.model_dump(mode="json", exclude_none=True) for one in _changes(error.base.profile, error.mine)],
            ) from error
        await self._saved()
        async with self._database.transaction() as connection:
            return answer(await _shown(connection, made))


def _readable(handler: Handler) -> Handler:
    """`handler`, refused where a stored version was written by a release that knows more than this one."""

    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except BrokenVersion as error:
            raise Conflict(f"A newer release wrote this: {error} Finish the upgrade, then try again.") from error

    return handle


async def _now(connection: AsyncConnection) -> Edition:
    now = await versions.current(connection)
    if now is None:
        raise NotFound("There is no profile yet. `hibachi db seed` makes the first version.")
    return now


async def _shown(connection: AsyncConnection, edition: Edition) -> wire.ProfileVersionAnswer:
    base = edition.entry.based_on
    return _whole(edition, None if base is None else (await versions.version(connection, base)).profile)


def _whole(edition: Edition, base: Profile | None) -> wire.ProfileVersionAnswer:
    content, toml = _forms(edition.profile)
    differs = () if base is None else _changes(base, edition.profile)
    return wire.ProfileVersionAnswer(**_entry(edition.entry).model_dump(), content=content, toml=toml, changes=differs)


def _forms(profile: Profile) -> tuple[dict[str, Any], str]:
    return profile.model_dump(mode="json", exclude_none=True), to_toml(profile)


def _changes(before: Profile, after: Profile) -> tuple[wire.ProfileChange, ...]:
    return tuple(wire.ProfileChange.model_validate(one, from_attributes=True) for one in changes(before, after))


def _entry(entry: Entry) -> wire.ProfileEntry:
    return wire.ProfileEntry.model_validate(entry, from_attributes=True)


def _number(given: str) -> int | None:
    """A version's number as it stands in an address."""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 11 and 0 < int(given) <= LARGEST else None
