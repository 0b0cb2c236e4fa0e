"""`/console`: the staff's side. Every deed compares the epoch, is audited, and is acknowledged when it is true for everyone."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from agents.summaries.at_hand import at_hand
from agents.turn import TurnRequest, Utterance
from business.channels import consent
from business.conversations import mentions, queries, staffing
from business.conversations.said import said_so_far
from business.handoffs import ownership
from business.handoffs import queries as handoff_queries
from business.handoffs.ownership import Actor
from business.leads import service as leads
from business.profile.schemas import Profile
from business.staff.sessions import staff_of_socket_token
from gateway.live.hub import Hub
from gateway.live.room import Watch, key_of
from gateway.socket.cursors import cursor_after, cursor_at, offset_of, place_of
from gateway.socket.drafts import Drafts
from gateway.socket.moves import Moves
from gateway.socket.server import SocketServer
from gateway.socket.session import ConsoleSession, Session
from gateway.socket.snapshots import FRAME_ROOM, Snapshots
from gateway.socket.validation import parse, understood
from gateway.turns.runner import TurnRunner
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import GatewayError, NotAllowed, NotFound, Unavailable
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId, new_id
from kernel.wire.base import FRESH_EVENTS
from kernel.wire.console import (
    CONSOLE_EVENTS,
    Assign,
    ConsoleConnect,
    ConsoleSeen,
    ConsoleTyping,
    Draft,
    DraftStop,
    GiveBack,
    HandoffClaim,
    HandoffResolve,
    Handoffs,
    HistoryPage,
    Inbox,
    MentionsAsked,
    MentionSeen,
    Settle,
    StaffMessage,
    StaffNote,
    Take,
    Unwatch,
)
from kernel.wire.console import Watch as WatchIn

Answer = dict[str, Any]
Handler = Callable[[ConsoleSession, Any], Awaitable[Answer]]
NOTES = 20
STAFF_ROOM = 8 * 1024  # bytes of a watch's frame for staff events, and as much again for the notes among them
MOST_WATCHES = 60  # a wall of live conversations, on a large screen


class ConsoleNamespace:
    """Handlers of `/console`."""

    def __init__(
        self,
        server: SocketServer,
        database: Database,
        hub: Hub,
        runner: TurnRunner,
        snapshots: Snapshots,
        drafts: Drafts,
        profile: Callable[[], Profile],
        clock: Clock,
        own_origins: Callable[[], frozenset[str]],
        frame_burst: int,
        frame_rate: float,
    ) -> None:
        self._server = server
        self._database = database
        self._hub = hub
        self._runner = runner
        self._snapshots = snapshots
        self._moves = Moves(hub, runner)
        self._drafts = drafts
        self._profile = profile
        self._clock = clock
        self._own_origins = own_origins
        self._frames = (frame_burst, frame_rate)
        self.sessions: set[ConsoleSession] = set()
        self.handlers: dict[str, Handler] = {
            "inbox": self._inbox,
            "watch": self._watch,
            "unwatch": self._unwatch,
            "sync": self._watch,
            "history_page": self._history_page,
            "take": self._take,
            "give_back": self._give_back,
            "message": self._message,
            "note": self._note,
            "assign": self._assign,
            "resolve": self._resolve,
            "reopen": self._reopen,
            "draft": self._draft,
            "draft_stop": self._draft_stop,
            "handoffs": self._handoffs,
            "handoff_claim": self._handoff_claim,
            "handoff_resolve": self._handoff_resolve,
            "typing": self._typing,
            "seen": self._seen,
            "mentions": self._mentions,
            "mention_seen": self._mention_seen,
        }

    # Connecting

    async def connect(self, sid: str, eio_sid: str, environ: dict[str, Any], auth: Any) -> ConsoleSession:
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and origin not in self._own_origins():
            raise NotAllowed("The console may be opened from its own address only.")
        token = parse(ConsoleConnect, auth).token
        staff = await self._database.unit(lambda c: staff_of_socket_token(c, token))
        if staff is None:
            raise NotAllowed("This token is used up or over. Ask for a new one.")
        return ConsoleSession(self._server, sid, eio_sid, "/console", *self._frames, staff=staff)

    async def opened(self, session: Session) -> None:
        assert isinstance(session, ConsoleSession)
        self.sessions.add(session)
        self._hub.desk.enter(session, session.staff.staff_id)
        await self._hub.hear_desk()
        with suppress(Unavailable):
            await self._hub.desk.here({session.staff.staff_id})

    async def closed(self, session: Session) -> None:
        assert isinstance(session, ConsoleSession)
        self.sessions.discard(session)
        self._hub.desk.leave(session)
        self._drafts.stop(session)
        for conversation, watch in list(session.watches.items()):
            room = self._hub.room(conversation)
            await self._hub.leave(conversation, watch)
            await self._hub.desk.look_away(room, session.sid)

    async def handle(self, session: Session, event: str, payload: Any) -> Answer:
        assert isinstance(session, ConsoleSession)
        handler, given = understood(CONSOLE_EVENTS, self.handlers, event, payload)
        return await handler(session, given)

    # Reading

    async def _inbox(self, session: ConsoleSession, given: Inbox) -> Answer:
        self._hub.desk.subscribe(session)
        # A replica may lag: rows carry `rev`, and a newer one that the client has already wins.
        async with self._database.transaction(self._database.reading) as connection:
            if given.query and given.query.strip():
                offset = offset_of(given.cursor)
                rows, following = await queries.search_inbox(connection, given.view, session.staff.staff_id, given.query, offset)
                return {"rows": [queries.inbox_row(row) for row in rows], "cursor": cursor_at(following)}
            rows, last = await queries.inbox(connection, given.view, session.staff.staff_id, place_of(given.cursor))
        return {"rows": [queries.inbox_row(row) for row in rows], "cursor": cursor_after(last)}

    async def _watch(self, session: ConsoleSession, given: WatchIn) -> Answer:
        conversation = ConversationId(given.conversation)
        watch = session.watches.get(conversation)
        if watch is None:
            if len(session.watches) >= MOST_WATCHES:
                raise NotAllowed(f"At most {MOST_WATCHES} conversations can be watched at once. Leave some first.")
            watch = session.watches[conversation] = Watch(session, staff=True, key=key_of(session.staff.staff_id))
        watch.hold()
        room = self._hub.join(conversation, watch)
        await self._hub.hear(room)
        try:
            body = await self._watched(conversation, given)
        except GatewayError:
            session.watches.pop(conversation, None)
            await self._hub.leave(conversation, watch)
            raise
        session.after_ack.append(lambda: watch.release(body))
        await self._hub.desk.look(room, session.sid, session.staff.staff_id, session.staff.name)
        return body

    async def _watched(self, conversation: ConversationId, given: WatchIn) -> Answer:
        async with self._database.transaction() as connection:
            row = await queries.row_of(connection, conversation)
            if row is None:
                raise NotFound("There is no such conversation.")
            if given.after_staff is not None and given.history == row.history:
                newer = await queries.staff_events_after(connection, conversation, given.after_staff)
                staff_events = queries.fitting(newer, room=STAFF_ROOM)
            else:
                staff_events = await queries.staff_page(connection, conversation, None, FRESH_EVENTS, STAFF_ROOM)
            found = await self._snapshots.of(connection, conversation, given.history, given.after, given.live, FRAME_ROOM - 2 * STAFF_ROOM)
            assert found is not None
            view, body = found
            row = view.row
            customer = await staffing.customer_card(connection, row.customer_id)
            agreed = await consent.of_customer(connection, row.customer_id)
            lead = await leads.of_conversation(connection, conversation)
        await self._hub.position_at(self._hub.room(conversation), row.history, row.last_seq, row.last_staff_seq)
        head_staff = staff_events[-1]["staff_seq"] if staff_events else row.last_staff_seq
        return {
            **body,
            "staff_events": staff_events,
            "head_staff": row.last_staff_seq,
            **({"more": True} if head_staff < row.last_staff_seq else {}),
            "customer": {**customer, "channel": row.channel, "since": row.created_at.isoformat()},
            "notes": [event for event in staff_events if event["kind"] == "note"][-NOTES:],
            "cards": [event["card"] for event in view.events if event["kind"] == "card"],
            "consent": agreed,
            "summary": at_hand(row),
            "lead": None if lead is None else {"score": lead.score, "reasons": lead.reasons, "facts": lead.facts},
        }

    async def _unwatch(self, session: ConsoleSession, given: Unwatch) -> Answer:
        conversation = ConversationId(given.conversation)
        watch = session.watches.pop(conversation, None)
        if watch is not None:
            room = self._hub.room(conversation)
            await self._hub.leave(conversation, watch)
            await self._hub.desk.look_away(room, session.sid)
        return {}

    async def _history_page(self, session: ConsoleSession, given: HistoryPage) -> Answer:
        async with self._database.transaction() as connection:
            if given.log == "staff":
                events = await queries.staff_page(connection, given.conversation, given.before, given.limit)
            else:
                events = await queries.history_page(connection, given.conversation, given.before, given.limit)
        return {"events": events}

    # Owning

    def _actor(self, session: ConsoleSession) -> Actor:
        return Actor(session.staff.staff_id, session.staff.name)

    async def _take(self, session: ConsoleSession, given: Take) -> Answer:
        actor = self._actor(session)
        moved = await self._database.unit(lambda c: ownership.take(c, given.conversation, actor, epoch=given.epoch, force=given.force))
        return await self._moves.follow(given.conversation, moved)

    async def _give_back(self, session: ConsoleSession, given: GiveBack) -> Answer:
        actor = self._actor(session)
        moved = await self._database.unit(lambda c: ownership.give_back(c, given.conversation, actor, epoch=given.epoch, note=given.note))
        return await self._moves.follow(given.conversation, moved)

    async def _resolve(self, session: ConsoleSession, given: Settle) -> Answer:
        actor = self._actor(session)
        moved = await self._database.unit(lambda c: ownership.resolve(c, given.conversation, actor, epoch=given.epoch))
        return await self._moves.follow(given.conversation, moved, "stopped")

    async def _reopen(self, session: ConsoleSession, given: Settle) -> Answer:
        actor = self._actor(session)
        moved = await self._database.unit(lambda c: ownership.reopen(c, given.conversation, actor, epoch=given.epoch))
        return await self._moves.follow(given.conversation, moved)

    # Writing

    async def _message(self, session: ConsoleSession, given: StaffMessage) -> Answer:
        staff = session.staff
        received = await self._database.unit(
            lambda c: staffing.say(
                c,
                given.conversation,
                staff.staff_id,
                staff.name,
                client_id=given.id,
                text=given.text,
                epoch=given.epoch,
                attachments=given.attachments,
                unread_after=timedelta(minutes=self._profile().people.unread_minutes),
            )
        )
        if received.announcement is not None:
            await self._hub.announce(received.announcement)
        return {"seq": received.seq}

    async def _note(self, session: ConsoleSession, given: StaffNote) -> Answer:
        staff = session.staff
        noted = await self._database.unit(
            lambda c: staffing.note(
                c,
                given.conversation,
                staff.staff_id,
                staff.name,
                client_id=given.id,
                text=given.text,
                attachments=given.attachments,
                mentioned=given.mentions,
            )
        )
        if noted.announcement is not None:
            await self._hub.announce(noted.announcement)
        for one in given.mentions:
            await self._hub.desk.mentions_changed(one)
        return {"staff_seq": noted.staff_seq}

    async def _assign(self, session: ConsoleSession, given: Assign) -> Answer:
        seq, announcement = await self._database.unit(
            lambda c: staffing.assign(c, given.conversation, session.staff.name, client_id=given.id, assignee=given.staff)
        )
        if announcement is not None:
            await self._hub.announce(announcement)
        return {"staff_seq": seq}

    async def _draft(self, session: ConsoleSession, given: Draft) -> Answer:
        async with self._database.transaction() as connection:
            row = await queries.row_of(connection, given.conversation)
            if row is None:
                raise NotFound("There is no such conversation.")
            spoken = await said_so_far(connection, given.conversation)
        request = TurnRequest(
            turn=TurnId(new_id()),
            conversation=ConversationId(row.id),
            site=SiteId(row.site_id),
            channel=row.channel,
            locale=row.locale or self._profile().business.locale,
            history=tuple(Utterance(s.author, s.text, s.at, s.seq) for s in spoken),  # type: ignore[arg-type]
            now=self._clock(),
            customer=CustomerId(row.customer_id),
            memory=row.memory,
            memory_seq=row.memory_seq,
            summary=row.summary,
            summary_seq=row.summary_seq,
        )
        session.after_ack.append(lambda: self._drafts.begin(session, request, given.instruction))
        return {"draft": str(request.turn)}

    async def _draft_stop(self, session: ConsoleSession, given: DraftStop) -> Answer:
        self._drafts.stop(session, given.conversation)
        return {}

    # Handoffs

    async def _handoffs(self, session: ConsoleSession, given: Handoffs) -> Answer:
        async with self._database.transaction(self._database.reading) as connection:
            rows, following = await handoff_queries.page(connection, given.state, given.kind, offset_of(given.cursor))
        return {"rows": rows, "cursor": cursor_at(following)}

    async def _handoff_claim(self, session: ConsoleSession, given: HandoffClaim) -> Answer:
        actor = self._actor(session)
        moved = await self._database.unit(lambda c: ownership.claim_handoff(c, given.handoff, actor))
        return await self._moves.follow(moved.announcement.conversation, moved)

    async def _handoff_resolve(self, session: ConsoleSession, given: HandoffResolve) -> Answer:
        actor = self._actor(session)
        moved = await self._database.unit(lambda c: ownership.resolve_handoff(c, given.handoff, actor, given.note))
        await self._moves.follow(moved.announcement.conversation, moved)
        return {}

    # Hints

    async def _typing(self, session: ConsoleSession, given: ConsoleTyping) -> Answer:
        conversation = ConversationId(given.conversation)
        watch = session.watches.get(conversation)
        if watch is None:
            raise NotAllowed("Watch the conversation first.")
        staff = session.staff
        author = {"kind": "human", "name": staff.name}
        await self._hub.tell(conversation, "typing", {"author": author, "on": given.on}, but=watch.key)
        await self._hub.desk.look(self._hub.room(conversation), session.sid, staff.staff_id, staff.name, typing=given.on)
        return {}

    async def _seen(self, session: ConsoleSession, given: ConsoleSeen) -> Answer:
        conversation = ConversationId(given.conversation)
        if await self._database.unit(lambda c: staffing.staff_saw(c, conversation, given.seq)):
            self._hub.desk.changed(conversation)
            key = key_of(session.staff.staff_id)
            await self._hub.tell(conversation, "receipt", {"who": "staff", "seq": given.seq}, but=key)
        return {}

    # Mentions

    async def _mentions(self, session: ConsoleSession, given: MentionsAsked) -> Answer:
        async with self._database.transaction() as connection:
            return {"items": await mentions.unseen(connection, session.staff.staff_id)}

    async def _mention_seen(self, session: ConsoleSession, given: MentionSeen) -> Answer:
        staff = session.staff.staff_id
        if await self._database.unit(lambda c: mentions.saw(c, staff, given.conversation)):
            await self._hub.desk.mentions_changed(staff)
        return {}
