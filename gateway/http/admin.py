"""The console's way in over HTTP: login, sign-in links, passwords, the session, socket tokens, the state of the models."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from business.assistant.proposals import Confirming, Follow
from business.canned.service import CannedReplies
from business.channels.proving import Codes
from business.links.signing import Links
from business.profile.schemas import Profile
from business.sites.service import SiteService
from business.staff.management import StaffManagement
from business.staff.rules import SESSION_LIFE
from business.staff.service import SignedIn, StaffService
from business.staff.sessions import Session
from business.staff.tokens import ApiTokens
from business.webhooks.endpoints import WebhookEndpoints
from gateway.http import operations as wire
from gateway.http.assistant import Ask, AssistantHttp
from gateway.http.audit import AuditHttp
from gateway.http.bearer import Bearer
from gateway.http.calendar import CalendarHttp
from gateway.http.campaigns import CampaignsHttp, Drafts
from gateway.http.canned import CannedHttp
from gateway.http.chefs import ChefsHttp
from gateway.http.complaints import ComplaintsHttp
from gateway.http.consent import ConsentHttp
from gateway.http.conversations import Announce, ConversationsHttp
from gateway.http.costs import CostsHttp
from gateway.http.dead_letters import DeadLettersHttp
from gateway.http.door import COOKIE, Door
from gateway.http.edge import Handler, answer, guarded, read_body
from gateway.http.emails import EmailsHttp
from gateway.http.ensemble import EnsembleHttp, ModelRoom
from gateway.http.jobs import JobsHttp
from gateway.http.knowledge import Corpus, KnowledgeHttp
from gateway.http.leads import LeadsHttp
from gateway.http.management import ManagementHttp
from gateway.http.offered import OFFERED
from gateway.http.own_phone import OwnPhoneHttp
from gateway.http.payments import PaymentsHttp
from gateway.http.people import PeopleHttp
from gateway.http.profile import ProfileHttp
from gateway.http.push import PushHttp
from gateway.http.reports import ReportsHttp
from gateway.http.rotation import RotationHttp
from gateway.http.segments import SegmentsHttp
from gateway.http.shadows import ShadowsHttp
from gateway.http.sites import SitesHttp
from gateway.http.texting import TextingHttp
from gateway.http.texts import TextsHttp
from gateway.http.tokens import TokensHttp
from gateway.http.unanswered import UnansweredHttp
from gateway.http.webhooks import WebhooksHttp
from kernel.clock import utc_now
from kernel.database import Database
from kernel.metering import model_health
from kernel.outside.addresses import Outside
from kernel.settings.schema import SmsSettings

__all__ = ["COOKIE", "AdminHttp", "routes"]

NO_TEXTING = SmsSettings()


@dataclass(frozen=True, slots=True)
class AdminHttp:
    """What the routes need. `own_origins` and `profile` may change while running."""

    database: Database
    staff: StaffService
    own_origins: Callable[[], frozenset[str]]
    secure_cookies: bool
    client_address: Callable[[Request], str]
    model_room: ModelRoom
    public_url: Callable[[], str]
    profile_saved: Callable[[], Awaitable[None]]
    profile: Callable[[], Profile]
    push_services: tuple[str, ...]
    bearer: Bearer
    outside: Outside
    announce: Announce
    ask: Ask
    follow: Follow
    links: Links
    corpus: Corpus
    drafts: Drafts
    sends_mail: bool = False
    takes_cards: bool = False
    texting: SmsSettings = NO_TEXTING
    texting_missing: tuple[str, ...] = ()  # settings that its provider cannot do without
    codes: Codes | None = None  # by which numbers are proved, where texts are sent
    candidates: Callable[[], tuple[str, ...]] = tuple  # who answers silently beside the others


def routes(deps: AdminHttp) -> list[Route]:
    """One route for each operation that is offered."""
    door = Door(deps.staff, deps.own_origins, deps.bearer)
    admin = _Admin(deps, door)
    confirming = Confirming(deps.database, deps.profile, deps.links, deps.announce, deps.follow, utc_now)
    emails = EmailsHttp(door, deps.database, deps.profile, deps.links, deps.sends_mail)
    handlers: dict[str, Handler] = {
        "login": admin.login,
        "sign_in": admin.sign_in,
        "password": admin.password,
        "session": admin.session,
        "logout": admin.logout,
        "socket_token": admin.socket_token,
        "models": admin.models,
        **AuditHttp(door, deps.database).handlers,
        **ProfileHttp(door, deps.database, deps.profile_saved).handlers,
        **SitesHttp(door, SiteService(deps.database), deps.public_url, deps.profile).handlers,
        **ManagementHttp(door, StaffManagement(deps.database, deps.staff)).handlers,
        **OwnPhoneHttp(door, deps.database, deps.profile, deps.codes, utc_now).handlers,
        **PushHttp(door, deps.database, deps.push_services).handlers,
        **RotationHttp(door, deps.database).handlers,
        **CannedHttp(door, CannedReplies(deps.database)).handlers,
        **ConversationsHttp(door, deps.database, deps.announce, deps.profile).handlers,
        **PeopleHttp(door, deps.database, deps.announce, deps.follow, utc_now).handlers,
        **ComplaintsHttp(door, deps.database, deps.profile, deps.links, deps.announce, utc_now).handlers,
        **LeadsHttp(door, deps.database, deps.profile).handlers,
        **WebhooksHttp(door, deps.database, WebhookEndpoints(deps.database, deps.outside)).handlers,
        **DeadLettersHttp(door, deps.database).handlers,
        **JobsHttp(door, deps.database).handlers,
        **KnowledgeHttp(door, deps.database, deps.profile, deps.corpus, utc_now).handlers,
        **UnansweredHttp(door, deps.database, deps.corpus).handlers,
        **EnsembleHttp(door, deps.database, deps.model_room, deps.profile, utc_now).handlers,
        **CostsHttp(
            door, deps.database, deps.profile, deps.model_room.live.policy, utc_now, configured=bool(deps.model_room.models)
        ).handlers,
        **AssistantHttp(door, deps.database, deps.profile, deps.model_room.live.policy, deps.ask, confirming).handlers,
        **ReportsHttp(door, deps.database, deps.profile, utc_now).handlers,
        **PaymentsHttp(door, deps.database, deps.profile, deps.announce, utc_now, deps.takes_cards).handlers,
        **emails.handlers,
        **TokensHttp(door, ApiTokens(deps.database)).handlers,
        **CalendarHttp(door, deps.database, deps.profile, deps.links, deps.announce, utc_now).handlers,
        **ChefsHttp(door, deps.database, deps.profile, deps.links).handlers,
        **ConsentHttp(door, deps.database, deps.profile, utc_now).handlers,
        **TextingHttp(door, deps.database, deps.profile, deps.texting, deps.texting_missing, utc_now).handlers,
        **TextsHttp(door, deps.database, deps.announce, provider=deps.texting.provider != "none" and not deps.texting_missing).handlers,
        **CampaignsHttp(door, deps.database, deps.profile, deps.texting, lambda: deps.links.base, deps.drafts, utc_now).handlers,
        **SegmentsHttp(door, deps.database, deps.profile, deps.texting, utc_now).handlers,
        **ShadowsHttp(door, deps.database, deps.profile, deps.candidates, utc_now).handlers,
    }
    offered = [Route(one.path, guarded(door.opened(one, handlers[one.name])), methods=[one.method], name=one.name) for one in OFFERED]
    return [*offered, *emails.routes()]


class _Admin:
    """The handlers. Each checks in the same order: origin, session, CSRF, body."""

    def __init__(self, deps: AdminHttp, door: Door) -> None:
        self._deps = deps
        self._door = door

    async def login(self, request: Request) -> Response:
        body = await read_body(request, wire.LoginBody)
        return self._enter(await self._deps.staff.login(body.email, body.password, self._deps.client_address(request)))

    async def sign_in(self, request: Request) -> Response:
        body = await read_body(request, wire.SignInBody)
        return self._enter(await self._deps.staff.sign_in(body.token))

    async def password(self, request: Request) -> Response:
        session = await self._door.enter(request, may_wait_for_password=True)
        body = await read_body(request, wire.PasswordBody)
        address = self._deps.client_address(request)
        await self._deps.staff.change_password(session, body.password, body.current, address)
        return answer(wire.SignedInAnswer(csrf=session.csrf, staff=_member(session)))

    async def session(self, request: Request) -> Response:
        session = await self._door.enter(request, may_wait_for_password=True)
        return answer(
            wire.SessionAnswer(
                csrf=session.csrf,
                staff=_member(session),
                must_change=session.must_change,
                expires_at=session.expires_at,
            )
        )

    async def logout(self, request: Request) -> Response:
        session = await self._door.enter(request, may_wait_for_password=True)
        body = await read_body(request, wire.LogoutBody)
        await self._deps.staff.logout(session, everywhere=body.everywhere)
        response = answer(wire.DoneAnswer())
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=self._deps.secure_cookies)
        return response

    async def socket_token(self, request: Request) -> Response:
        token, expires_at = await self._deps.staff.socket_token(await self._door.enter(request))
        return answer(wire.SocketTokenAnswer(token=token, expires_at=expires_at))

    async def models(self, request: Request) -> Response:
        await self._door.enter(request)
        async with self._deps.database.transaction(self._deps.database.reading) as connection:
            known = {state.model: state for state in await model_health(connection)}
        states = [
            wire.ModelState(model=name, ok=state.ok, why=state.why, since=state.since)
            if (state := known.get(name))
            else wire.ModelState(model=name)
            for name in self._deps.model_room.names
        ]
        return answer(wire.ModelsAnswer(models=tuple(states)))

    def _enter(self, signed_in: SignedIn) -> Response:
        response = answer(
            wire.PasswordNeededAnswer(must_change=True, csrf=signed_in.csrf)
            if signed_in.must_change
            else wire.SignedInAnswer(csrf=signed_in.csrf, staff=_member(signed_in))
        )
        response.set_cookie(
            COOKIE,
            signed_in.cookie,
            max_age=int(SESSION_LIFE.total_seconds()),
            path="/",
            httponly=True,
            samesite="strict",
            secure=self._deps.secure_cookies,
        )
        return response


def _member(who: SignedIn | Session) -> wire.StaffMember:
    return wire.StaffMember.model_validate({"id": who.staff_id, "name": who.name, "role": who.role})
