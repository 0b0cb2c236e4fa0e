"""People over HTTP: everybody who is signed in sees who may be the same, and says so, and that a number is no machine. To part again is for
owners, admins, and for whoever joined them."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import get_args

from starlette.requests import Request
from starlette.responses import Response

from business.assistant.proposals import Follow
from business.channels import muting
from business.conversations import reading
from business.conversations.log import Announcement
from business.customers import merging, suggesting
from business.customers.merging import Joined
from business.handoffs.ownership import Actor
from gateway.http import people_wire as wire
from gateway.http.door import Door, path_id
from gateway.http.edge import Handler, answer
from gateway.http.operations import CHIEFS, DoneAnswer
from kernel.database import Database
from kernel.errors import NotAllowed
from kernel.wire.server import Author

Announce = Callable[[Announcement], Awaitable[None]]


class PeopleHttp:
    """The handlers, by the operation's name."""

    def __init__(self, door: Door, database: Database, announce: Announce, follow: Follow, now: Callable[[], datetime]) -> None:
        """`follow`: everybody hears of a conversation that moved, and a turn that waits in it begins."""
        self._door = door
        self._database = database
        self._announce = announce
        self._follow = follow
        self._now = now
        self.handlers: dict[str, Handler] = {
            "person": self._person,
            "suggestion_same": self._same,
            "suggestion_two": self._two,
            "merge_part": self._part,
            "conversation_unmute": self._unmute,
        }

    async def _person(self, request: Request) -> Response:
        caller = await self._door.caller(request)
        wanted = path_id(request, "conversation")
        async with self._database.transaction() as connection:
            who = (await reading.conversation(connection, wanted)).customer_id
            suggested = await suggesting.suggestions(connection, who)
            joined = await merging.merges(connection, who)
            told = await suggesting.history(connection, who)
            muted = await muting.muted(connection, wanted, self._now())
        chief = caller.role in CHIEFS
        return answer(
            wire.PersonAnswer(
                id=who,
                muted=_muted(muted),
                suggestions=tuple(_suggested(one) for one in suggested),
                joined=tuple(_joined(one, chief or one.staff == caller.staff_id) for one in joined),
                conversations=tuple(wire.PersonConversation.model_validate(one, from_attributes=True) for one in told),
            )
        )

    async def _same(self, request: Request) -> Response:
        session = await self._door.enter(request)
        wanted = path_id(request, "suggestion")
        by = Author(kind="human", name=session.name)
        joined = await self._database.unit(lambda c: suggesting.accept(c, wanted, session.staff_id, by))
        return await self._done(joined)

    async def _two(self, request: Request) -> Response:
        session = await self._door.enter(request)
        wanted = path_id(request, "suggestion")
        await self._database.unit(lambda c: suggesting.dismiss(c, wanted, session.staff_id))
        return answer(DoneAnswer())

    async def _part(self, request: Request) -> Response:
        session = await self._door.enter(request)
        wanted = path_id(request, "merge")
        async with self._database.transaction() as connection:
            staff = await merging.joined_by(connection, wanted)
        if session.role not in CHIEFS and staff != session.staff_id:
            raise NotAllowed("Only owners, admins and whoever joined them can part them again.")
        by = Author(kind="human", name=session.name)
        return await self._done(await self._database.unit(lambda c: merging.part(c, wanted, session.staff_id, by)))

    async def _unmute(self, request: Request) -> Response:
        session = await self._door.enter(request)
        wanted = path_id(request, "conversation")
        actor = Actor(session.staff_id, session.name)
        moved = await self._database.unit(lambda c: muting.lift(c, wanted, actor, self._now()))
        if moved is not None:
            await self._follow(wanted, moved, "stopped")
        return answer(DoneAnswer())

    async def _done(self, joined: Joined | None) -> Response:
        for announcement in joined.announcements if joined is not None else ():
            await self._announce(announcement)
        return answer(DoneAnswer())


def _muted(one: muting.Muted | None) -> wire.MutedPerson | None:
    if one is None:
        return None
    return wire.MutedPerson.model_validate({"until": one.until, "why": one.why if one.why in get_args(wire.LikeAMachine) else None})


def _suggested(one: suggesting.Suggested) -> wire.SuggestedPerson:
    ways = tuple(
        wire.PersonWay.model_validate({"kind": kind, "value": value, "verified": verified}) for kind, value, verified in one.identities
    )
    return wire.SuggestedPerson.model_validate(
        {
            "id": one.id,
            "customer": one.customer,
            "name": one.name,
            "why": one.why,
            "ways": ways,
            "conversation": one.conversation,
            "at": one.at,
        }
    )


def _joined(one: merging.PastMerge, may_part: bool) -> wire.JoinedPerson:
    given = {"id": one.id, "name": one.name, "reason": one.reason, "by": one.by, "at": one.at, "may_part": may_part}
    return wire.JoinedPerson.model_validate(given)
