"""Accounts over HTTP: who works here, their roles and ways in; everyone's own name."""

from starlette.requests import Request
from starlette.responses import Response

from business.staff.management import StaffManagement
from business.staff.service import Colleague, Invited
from gateway.http import operations as wire
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_body


class ManagementHttp:
    """The handlers, by the operation's name."""

    def __init__(self, door: Door, people: StaffManagement) -> None:
        self._door = door
        self._people = people
        self.handlers: dict[str, Handler] = {
            "account_change": self._rename,
            "staff": self._list_staff,
            "staff_invite": self._invite,
            "staff_change": self._change_staff,
            "staff_reset": self._reset,
        }

    async def _rename(self, request: Request) -> Response:
        session = await self._door.enter(request)
        body = await read_body(request, wire.AccountPatch)
        name = await self._people.rename(session, body.name)
        return answer(wire.StaffMember.model_validate({"id": session.staff_id, "name": name, "role": session.role}))

    async def _list_staff(self, request: Request) -> Response:
        await self._door.caller(request)
        return answer(wire.StaffAnswer(items=tuple(_colleague(one) for one in await self._people.list())))

    async def _invite(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=wire.CHIEFS)
        body = await read_body(request, wire.InviteBody)
        return answer(_invited(await self._people.invite(session, body.email, body.name, body.role)))

    async def _change_staff(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=wire.CHIEFS)
        body = await read_body(request, wire.StaffPatch)
        whom = path_id(request, "colleague")
        return answer(_colleague(await self._people.change(session, whom, name=body.name, role=body.role, disabled=body.disabled)))

    async def _reset(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=wire.CHIEFS)
        await read_body(request, wire.NothingBody)
        return answer(_invited(await self._people.reset(session, path_id(request, "colleague"))))


def _colleague(one: Colleague) -> wire.Colleague:
    return wire.Colleague.model_validate(
        {
            "id": one.staff_id,
            "email": one.email,
            "name": one.name,
            "role": one.role,
            "disabled": one.disabled,
            "must_change": one.must_change,
            "last_seen_at": one.last_seen_at,
        }
    )


def _invited(one: Invited) -> wire.InvitedAnswer:
    path = f"/console#sign-in={one.sign_in_token}"
    return wire.InvitedAnswer(id=one.staff_id, email=one.email, one_time_password=one.one_time_password, sign_in_path=path)
