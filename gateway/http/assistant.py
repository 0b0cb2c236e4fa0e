"""The staff's assistant over HTTP: a question of somebody who is signed in, and the alerts that consoles ask for each minute."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from agents.admin.alerts import alerts_in_words
from agents.admin.assistant import Answer, Question
from business.alerts import service
from business.assistant.proposals import Confirming, Proposal, decline
from business.handoffs.ownership import Actor
from business.profile.schemas import Profile
from business.staff.sessions import Session
from gateway.http import assistant_wire as wire
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_body
from gateway.http.operations import CHIEFS, NothingBody
from gateway.http.reports import shown
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import RateLimited

Ask = Callable[[Question], Awaitable[Answer]]


class AssistantHttp:
    """The handlers, by the operation's name."""

    def __init__(self, door: Door, database: Database, profile: Callable[[], Profile], ask: Ask, confirming: Confirming) -> None:
        self._door = door
        self._database = database
        self._profile = profile
        self._ask = ask
        self._confirming = confirming
        self.handlers: dict[str, Handler] = {
            "assistant": self._answer,
            "proposal_confirm": self._confirm,
            "proposal_decline": self._decline,
            "alerts": self._alerts,
        }

    async def _answer(self, request: Request) -> Response:
        session = await self._door.enter(request)
        body = await read_body(request, wire.AssistantBody)
        # A question may cost a call of a model: a person may ask as often as a program.
        wait = await self._door.bearer.take(session.staff_id)
        if wait:
            raise RateLimited("You ask too fast for the assistant. Give it a moment.", retry_after_ms=wait)
        found = await self._ask(Question(body.question, session.role in CHIEFS, utc_now(), body.conversation, _actor(session)))
        rows = tuple(wire.FoundRow(title=row.title, detail=row.detail, link=row.link) for row in found.rows)
        actions = tuple(wire.ProposedAction(kind=one.kind, label=one.label, target=one.target) for one in found.actions)
        tables, proposals = tuple(map(shown, found.tables)), tuple(map(_proposal, found.proposals))
        return answer(wire.AssistantAnswer(answer=found.text, rows=rows, actions=actions, tables=tables, proposals=proposals))

    async def _confirm(self, request: Request) -> Response:
        """The role counts that whoever says yes has now."""
        session = await self._door.enter(request)
        await read_body(request, NothingBody)
        action = path_id(request, "proposal")
        return answer(_proposal(await self._confirming.confirm(action, _actor(session), chief=session.role in CHIEFS)))

    async def _decline(self, request: Request) -> Response:
        session = await self._door.enter(request)
        await read_body(request, NothingBody)
        action = path_id(request, "proposal")
        return answer(_proposal(await self._database.unit(lambda c: decline(c, action, session.staff_id))))

    async def _alerts(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        profile, now, chief = self._profile(), utc_now(), caller.role in CHIEFS
        async with self._database.transaction(self._database.reading) as connection:
            alerts = await service.look(connection, profile, now, chief=chief)
        items = tuple(
            wire.AlertItem(kind=one.kind, title=one.row.title, detail=one.row.detail, link=one.row.link)
            for one in alerts_in_words(alerts, profile, now, chief=chief)
        )
        counts = {"unpaid": alerts.unpaid.total, "leads": alerts.leads.total, "handoffs": alerts.handoffs.total}
        shadows = len(alerts.shadows) if alerts.shadows else None
        return answer(wire.AlertsAnswer(items=items, dead_letters=alerts.dead_letters, emails=alerts.emails, shadows=shadows, **counts))


def _actor(session: Session) -> Actor:
    return Actor(session.staff_id, session.name)


def _proposal(one: Proposal) -> wire.AssistantProposal:
    return wire.AssistantProposal.model_validate(one, from_attributes=True)
