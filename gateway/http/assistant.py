"""The staff's assistant over HTTP: a question of somebody who is signed in, their yes or no, guides, and the alerts of each minute."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from agents.admin import guiding
from agents.admin.alerts import waits
from agents.admin.assistant import Answer, Question
from agents.admin.guiding import Followed
from business.alerts import dismissing
from business.assistant.objects import Meant, objects
from business.assistant.proposals import Confirming, Proposal, decline, propose
from business.handoffs.ownership import Actor
from business.profile.schemas import Profile
from business.staff.sessions import Session
from gateway.http import assistant_wire as wire
from gateway.http.bearer import given
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer, read_body
from gateway.http.operations import CHIEFS, DoneAnswer, NothingBody
from gateway.http.reports import shown
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import NotFound, RateLimited
from kernel.settings import Policy

Ask = Callable[[Question], Awaitable[Answer]]


class AssistantHttp:
    """The handlers, by the operation's name."""

    def __init__(
        self,
        door: Door,
        database: Database,
        profile: Callable[[], Profile],
        policy: Callable[[], Policy],
        ask: Ask,
        confirming: Confirming,
    ) -> None:
        self._door = door
        self._database = database
        self._profile = profile
        self._policy = policy
        self._ask = ask
        self._confirming = confirming
        self.handlers: dict[str, Handler] = {
            "assistant": self._answer,
            "propose": self._propose,
            "proposal_confirm": self._confirm,
            "proposal_decline": self._decline,
            "guides": self._guides,
            "guide": self._guide,
            "alerts": self._alerts,
            "alert_dismiss": self._dismiss,
        }

    async def _answer(self, request: Request) -> Response:
        session = await self._door.enter(request)
        body = await read_body(request, wire.AssistantBody)
        # A question may cost a call of a model: a person may ask as often as a program.
        wait = await self._door.bearer.take(session.staff_id)
        if wait:
            raise RateLimited("You ask too fast for the assistant. Give it a moment.", retry_after_ms=wait)
        found = await self._ask(Question(body.question, session.role in CHIEFS, utc_now(), body.conversation, _actor(session)))
        return answer(
            wire.AssistantAnswer(
                answer=found.text,
                rows=tuple(wire.FoundRow(title=row.title, detail=row.detail, link=row.link) for row in found.rows),
                actions=tuple(wire.ProposedAction(kind=one.kind, label=one.label, target=one.target) for one in found.actions),
                tables=tuple(map(shown, found.tables)),
                proposals=tuple(map(_proposal, found.proposals)),
                guide=None if found.guide is None else _guide(found.guide),
            )
        )

    # Proposals

    async def _propose(self, request: Request) -> Response:
        """What a step of a guide offers: the press of its button is what the colleague asks for."""
        session = await self._door.enter(request)
        body = await read_body(request, wire.ProposeBody)
        zone, chief = self._profile().business.zone, session.role in CHIEFS

        async def keep(connection: AsyncConnection) -> tuple[Proposal, ...]:
            found = await objects(connection, body.verb, Meant((body.conversation,)), zone)
            return tuple([await propose(connection, session.staff_id, one, chief=chief) for one in found])

        return answer(wire.ProposalsAnswer(items=tuple(map(_proposal, await self._database.unit(keep)))))

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

    # Guides

    async def _guides(self, request: Request) -> Response:
        await self._door.enter(request)
        items = tuple(wire.GuideOffer(guide=one.key, title=one.title, about=one.about) for one in guiding.guides().values())
        return answer(wire.GuidesAnswer(items=items))

    async def _guide(self, request: Request) -> Response:
        session = await self._door.enter(request)
        body = await read_body(request, wire.GuideBody)
        guide = guiding.guides().get(body.guide)
        if guide is None:
            raise NotFound("There is no such guide.")
        async with self._database.transaction() as connection:
            return answer(_guide(await guiding.follow(connection, guide, body.conversation, chief=session.role in CHIEFS)))

    # Alerts

    async def _alerts(self, request: Request) -> Response:
        """What a colleague dismissed is left out for them; a program is told of everything."""
        caller = await self._door.caller(request)
        staff: UUID | None = caller.staff_id if given(request) is None else None
        budget, chief = self._policy().budget, caller.role in CHIEFS
        async with self._database.transaction(self._database.reading) as connection:
            found = await waits(connection, self._profile(), utc_now(), chief=chief, staff=staff, budget=budget)
        items = tuple(
            wire.AlertItem(kind=one.kind, key=one.key, title=one.row.title, detail=one.row.detail, link=one.row.link) for one in found.items
        )
        return answer(wire.AlertsAnswer.model_validate({"items": items, **found.counts}))

    async def _dismiss(self, request: Request) -> Response:
        session = await self._door.enter(request)
        body = await read_body(request, wire.DismissBody)
        await self._database.unit(lambda c: dismissing.dismiss(c, session.staff_id, body.key))
        return answer(DoneAnswer())


def _actor(session: Session) -> Actor:
    return Actor(session.staff_id, session.name)


def _proposal(one: Proposal) -> wire.AssistantProposal:
    return wire.AssistantProposal.model_validate(one, from_attributes=True)


def _guide(one: Followed) -> wire.GuideShown:
    steps = tuple(wire.GuideStep.model_validate(step, from_attributes=True) for step in one.steps)
    return wire.GuideShown(
        guide=one.key, title=one.title, steps=steps, conversation=one.conversation, needs_conversation=one.needs_conversation
    )
