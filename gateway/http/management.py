"""What owners and admins look after over HTTP: sites and staff."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from business.sites import rules as site_rules
from business.sites.queries import Site
from business.sites.service import SiteService, embed_snippet
from business.staff.management import StaffManagement
from business.staff.service import Colleague, Invited
from gateway.http import operations as wire
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_body
from kernel.errors import BadRequest, NotFound


class ManagementHttp:
    """The handlers, by the operation's name."""

    def __init__(self, door: Door, sites: SiteService, people: StaffManagement, public_url: Callable[[], str]) -> None:
        self._door = door
        self._sites = sites
        self._people = people
        self._public_url = public_url
        self.handlers: dict[str, Handler] = {
            "sites": self._list_sites,
            "site_add": self._add_site,
            "site_change": self._change_site,
            "account_change": self._rename,
            "staff": self._list_staff,
            "staff_invite": self._invite,
            "staff_change": self._change_staff,
            "staff_reset": self._reset,
        }

    async def _list_sites(self, request: Request) -> Response:
        await self._door.enter(request, roles=wire.CHIEFS)
        return answer(wire.SitesAnswer(items=tuple(self._site(site) for site in await self._sites.list())))

    async def _add_site(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=wire.CHIEFS)
        body = await read_body(request, wire.SiteBody)
        made = await self._sites.add(body.key, body.name, body.origins, body.theme, ask=body.ask, actor=("staff", session.staff_id))
        return answer(self._site(made, secret=True))

    async def _change_site(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=wire.CHIEFS)
        body = await read_body(request, wire.SitePatch)
        try:
            key = site_rules.key(request.path_params["id"])
        except BadRequest:
            raise NotFound("There is no such site.") from None
        site = await self._sites.update(
            key,
            name=body.name,
            origins=body.origins,
            theme=body.theme,
            ask=body.ask,
            new_secret=body.new_secret,
            actor=("staff", session.staff_id),
        )
        return answer(self._site(site, secret=body.new_secret))

    async def _rename(self, request: Request) -> Response:
        session = await self._door.enter(request)
        body = await read_body(request, wire.AccountPatch)
        name = await self._people.rename(session, body.name)
        return answer(wire.StaffMember.model_validate({"id": session.staff_id, "name": name, "role": session.role}))

    async def _list_staff(self, request: Request) -> Response:
        await self._door.enter(request)
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

    def _site(self, site: Site, *, secret: bool = False) -> wire.SiteState:
        return wire.SiteState(
            key=site.key,
            name=site.name,
            origins=site.origins,
            theme=dict(site.theme),
            ask=site.ask,
            allow_own_origin=site.allow_own_origin,
            allow_no_origin=site.allow_no_origin,
            snippet=embed_snippet(site, self._public_url()),
            identity_secret=site.identity_secret if secret else None,
        )


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
