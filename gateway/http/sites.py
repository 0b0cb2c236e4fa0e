"""Sites over HTTP. For owners and admins: list, add, change, and what their visitors are told. For everybody: a site's greeting."""

import time
from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from business.profile.schemas import Profile
from business.sites import rules
from business.sites.queries import Site
from business.sites.service import SiteService, embed_snippet
from gateway.http import sites_wire as wire
from gateway.http.door import Door
from gateway.http.edge import Handler, answer, read_body, read_query
from gateway.http.operations import CHIEFS
from gateway.socket.card import business_card, own_theme, text_in
from kernel.clock import utc_now
from kernel.errors import BadRequest, NotFound
from kernel.wire.server import BusinessCard

GREETING_LIFE = 5.0  # seconds


class SitesHttp:
    """The handlers, by the operation's name. `profile` may change while running."""

    def __init__(self, door: Door, sites: SiteService, public_url: Callable[[], str], profile: Callable[[], Profile]) -> None:
        self._door = door
        self._sites = sites
        self._public_url = public_url
        self._profile = profile
        self.handlers: dict[str, Handler] = {
            "sites": self._list_sites,
            "site_add": self._add_site,
            "site_change": self._change_site,
            "site_card": self._card,
            "site_greeting": self._greeting,
        }
        self._greetings: dict[str, tuple[float, Mapping[str, str]]] = {}

    async def _list_sites(self, request: Request) -> Response:
        await self._door.enter(request, roles=CHIEFS)
        return answer(wire.SitesAnswer(items=tuple(self._site(site) for site in await self._sites.list())))

    async def _add_site(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        body = await read_body(request, wire.SiteBody)
        made = await self._sites.add(
            body.key, body.name, body.origins, body.theme, ask=body.ask, greeting=body.greeting, actor=("staff", session.staff_id)
        )
        return answer(self._site(made, secret=True))

    async def _change_site(self, request: Request) -> Response:
        session = await self._door.enter(request, roles=CHIEFS)
        body = await read_body(request, wire.SitePatch)
        site = await self._sites.update(
            _key(request),
            name=body.name,
            origins=body.origins,
            theme=body.theme,
            ask=body.ask,
            greeting=body.greeting,
            new_secret=body.new_secret,
            actor=("staff", session.staff_id),
        )
        return answer(self._site(site, secret=body.new_secret))

    async def _card(self, request: Request) -> Response:
        await self._door.enter(request, roles=CHIEFS)
        locale = read_query(request, wire.CardQuery).locale
        site = await self._sites.find(_key(request))
        profile = self._profile()
        card = BusinessCard.model_validate(business_card(profile, site, utc_now(), locale))
        own = text_in(profile.widget.greeting, locale)
        return answer(wire.SiteCardAnswer(card=card, own_theme=own_theme(profile), own_greeting=own))

    async def _greeting(self, request: Request) -> Response:
        """Of any page, with no cookie and no token: the words are for whoever comes by."""
        locale = read_query(request, wire.CardQuery).locale
        words = await self._first_words(request.path_params["id"])
        response = answer(wire.GreetingAnswer(greeting=words.get(locale)))
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    async def _first_words(self, key: str) -> Mapping[str, str]:
        """A site's, as they were at most five seconds ago; none where there is no such site."""
        kept = self._greetings.get(key)
        if kept is not None and time.monotonic() - kept[0] < GREETING_LIFE:
            return kept[1]
        try:
            site = await self._sites.find(rules.key(key))
        except (BadRequest, NotFound):
            return {}
        self._greetings[key] = (time.monotonic(), site.greeting)
        return site.greeting

    def _site(self, site: Site, *, secret: bool = False) -> wire.SiteState:
        return wire.SiteState(
            key=site.key,
            name=site.name,
            origins=site.origins,
            theme=dict(site.theme),
            ask=site.ask,
            greeting=dict(site.greeting),
            allow_own_origin=site.allow_own_origin,
            allow_no_origin=site.allow_no_origin,
            snippet=embed_snippet(site, self._public_url()),
            identity_secret=site.identity_secret if secret else None,
        )


def _key(request: Request) -> str:
    try:
        return rules.key(request.path_params["id"])
    except BadRequest:
        raise NotFound("There is no such site.") from None
