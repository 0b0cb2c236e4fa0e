"""`/chat`: the customer's side. The room is decided from the token; nothing that a client sends names another conversation."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import consent
from business.conversations import leases, queries, staffing, verdicts
from business.conversations.at_once import receive_at_once
from business.conversations.receive import Received, find_repeat, payload_hash, receive, settle
from business.customers import contacts, visitors
from business.customers.details import details, tell
from business.customers.visitors import Visitor
from business.handoffs import lines, ownership
from business.handoffs.expected import waits
from business.profile.schemas import Profile
from business.sites.queries import Site, site_by_key
from gateway.live.hub import Hub
from gateway.live.outgoing import Outgoing
from gateway.socket.buckets import MessageBuckets
from gateway.socket.card import business_card, preferred_locale
from gateway.socket.continuing import Continuing, Texting
from gateway.socket.guard import client_address
from gateway.socket.moves import Moves
from gateway.socket.server import SocketServer
from gateway.socket.session import ChatSession, Session
from gateway.socket.snapshots import Snapshots, unwritten
from gateway.socket.validation import parse, understood
from gateway.turns.runner import TurnRunner
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import GatewayError, NotAllowed, NotFound, RateLimited
from kernel.wire.chat import (
    CHAT_EVENTS,
    ChatAssistant,
    ChatConnect,
    ChatFeedback,
    ChatHistoryPage,
    ChatHuman,
    ChatMessageIn,
    ChatProfile,
    ChatRate,
    ChatSeen,
    ChatStop,
    ChatSync,
    ChatTranscript,
    ChatTyping,
)

SITE_LIFE = 5.0
CUSTOMER = {"kind": "customer", "name": "Customer"}

Answer = dict[str, Any]
Handler = Callable[[ChatSession, Any], Awaitable[Answer]]


class TokenExpired(GatewayError):
    """The visitor's token is unknown, over or revoked: connect without it."""

    code, status = "token_expired", 401


class ChatNamespace:
    """Handlers of `/chat`."""

    def __init__(
        self,
        server: SocketServer,
        database: Database,
        hub: Hub,
        runner: TurnRunner,
        snapshots: Snapshots,
        buckets: MessageBuckets,
        profile: Callable[[], Profile],
        expect: Callable[[str], None],
        secret: str,
        own_origins: Callable[[], frozenset[str]],
        clock: Clock,
        texting: Texting,
        frame_burst: int,
        frame_rate: float,
    ) -> None:
        self._server = server
        self._database = database
        self._hub = hub
        self._runner = runner
        self._snapshots = snapshots
        self._moves = Moves(hub, runner)
        self._buckets = buckets
        self._profile = profile
        self._expect = expect
        self._secret = secret
        self._own_origins = own_origins
        self._clock = clock
        self._frames = (frame_burst, frame_rate)
        self._continuing = Continuing(database, texting, profile, hub.announce, clock)
        self._sites: dict[str, tuple[float, Site]] = {}
        self.handlers: dict[str, Handler] = {
            "message": self._message,
            "sync": self._sync,
            "history_page": self._history_page,
            "typing": self._typing,
            "seen": self._seen,
            "stop": self._stop,
            "human": self._human,
            "assistant": self._assistant,
            "feedback": self._feedback,
            "profile": self._tell_of_oneself,
            "rate": self._rate,
            "transcript": self._transcript,
            "continue_by_text": self._continuing.ask,
            "verify_phone": self._continuing.verify,
        }

    # Connecting

    async def connect(self, sid: str, eio_sid: str, environ: dict[str, Any], auth: Any) -> ChatSession:
        wants = parse(ChatConnect, auth)
        site = await self._site(wants.site)
        if not site.admits(environ.get("HTTP_ORIGIN"), self._own_origins(), known=bool(wants.token)):
            raise NotAllowed("This page may not use this chat: its address is not on the site's list of origins.")
        visitor = await self._visitor(site, wants)
        locale = preferred_locale(wants.locale, environ.get("HTTP_ACCEPT_LANGUAGE", ""), self._profile())
        address = client_address(environ.get("asgi.scope", {}))
        session = ChatSession(self._server, sid, eio_sid, "/chat", *self._frames, visitor=visitor, locale=locale, address=address)
        session.wants = wants
        self._hub.join(visitor.conversation, session.watch)
        return session

    async def _site(self, key: str) -> Site:
        kept = self._sites.get(key)
        if kept is not None and time.monotonic() - kept[0] < SITE_LIFE:
            return kept[1]
        site = None
        if key.isprintable():  # PostgreSQL would choke on a NUL
            async with self._database.transaction() as connection:
                site = await site_by_key(connection, key)
        if site is None:
            raise NotAllowed("There is no site with this key. Look at the embed snippet again.")
        self._sites[key] = (time.monotonic(), site)
        return site

    async def _visitor(self, site: Site, wants: ChatConnect) -> Visitor:
        now = self._clock()
        claims = visitors.read_identity(wants.identity, site.identity_secret, now) if wants.identity else None
        if not wants.token and claims is None:
            return visitors.mint(self._secret, site.id, site.key, now)

        async def find(connection: AsyncConnection) -> Visitor:
            visitor = None
            if wants.token:
                visitor = await visitors.recognise(connection, self._secret, wants.token, site.id, site.key, now)
                if visitor is None:
                    raise TokenExpired("This chat's token is no longer good. Connect without it.")
            if claims is not None:
                return await visitors.identify(connection, self._secret, visitor, claims, site.id, site.key, now)
            return visitor or visitors.mint(self._secret, site.id, site.key, now)

        return await self._database.unit(find)

    async def opened(self, session: Session) -> None:
        """`ready` is the first event; what happened since the snapshot follows it."""
        assert isinstance(session, ChatSession) and session.wants is not None
        wants = session.wants
        visitor = session.visitor
        body = await self._snapshot(session, wants.history, wants.after, wants.live)
        site = await self._site(wants.site)
        business = business_card(self._profile(), site, self._clock(), session.locale, texting=self._continuing.offered)
        session.send(Outgoing("ready", {**body, "token": visitor.token, "business": business}, live=False))
        session.wants = None
        session.watch.release(body)

    async def _snapshot(self, session: ChatSession, history: str | None, after: int | None, live: Any) -> Answer:
        visitor = session.visitor
        if visitor.stored:
            await self._hub.hear(self._hub.room(visitor.conversation))
        async with self._database.transaction() as connection:
            found = await self._snapshots.of(connection, visitor.conversation, history, after, live)
        if found is None:
            return unwritten(visitor.conversation, visitor.history, after)
        view, body = found
        room = self._hub.room(visitor.conversation)
        await self._hub.position_at(room, view.row.history, view.row.last_seq, view.row.last_staff_seq)
        return body

    async def closed(self, session: Session) -> None:
        assert isinstance(session, ChatSession)
        await self._hub.leave(session.visitor.conversation, session.watch)

    # Events

    async def handle(self, session: Session, event: str, payload: Any) -> Answer:
        assert isinstance(session, ChatSession)
        handler, given = understood(CHAT_EVENTS, self.handlers, event, payload)
        return await handler(session, given)

    async def _message(self, session: ChatSession, given: ChatMessageIn) -> Answer:
        visitor = session.visitor
        wait_ms = await self._buckets.take(visitor.customer)
        if wait_ms:
            return await self._repeat_or_refuse(visitor, given, wait_ms)
        # What an answer needs is made ready while the message is stored.
        self._expect(given.text)
        try:
            received = await self._received_at_once(visitor, given) or await self._received(session, given)
        except GatewayError:
            await self._buckets.give_back(visitor.customer)
            raise
        if not visitor.stored:
            session.visitor = replace(visitor, stored=True)
        if received.repeated or received.announcement is None:
            await self._buckets.give_back(visitor.customer)
            return {"seq": received.seq}
        # It is stored, so its turn may begin while the others are told.
        if received.claim is not None:
            self._runner.run(received.claim)
        else:
            self._runner.wake(visitor.conversation)
        await self._hub.announce(received.announcement)
        return {"seq": received.seq}

    async def _received(self, session: ChatSession, given: ChatMessageIn) -> Received:
        return await self._database.unit(
            lambda c: receive(
                c,
                session.visitor,
                client_id=given.id,
                text=given.text,
                now=self._clock(),
                locale=session.locale,
                attachments=given.attachments,
                runner=self._runner.offer,
                home_phone=self._profile().business.phone,
            )
        )

    async def _received_at_once(self, visitor: Visitor, given: ChatMessageIn) -> Received | None:
        """Where nothing else is going on, as mostly."""
        runner = self._runner.offer
        if not visitor.stored or given.attachments or runner is None:
            return None
        return await self._database.attempt(
            lambda c: receive_at_once(c, visitor, client_id=given.id, text=given.text, now=self._clock(), runner=runner)
        )

    async def _repeat_or_refuse(self, visitor: Visitor, given: ChatMessageIn, wait_ms: int) -> Answer:
        """An empty bucket refuses what is new; a repeat of a known id costs nothing."""
        digest = payload_hash(visitor.conversation, given.text, given.attachments)
        async with self._database.transaction() as connection:
            repeat = await find_repeat(connection, visitor.conversation, given.id, digest)
        if repeat is None:
            raise RateLimited("That was a lot at once. Please wait a moment.", retry_after_ms=wait_ms)
        return {"seq": repeat.seq}

    async def _sync(self, session: ChatSession, given: ChatSync) -> Answer:
        session.watch.hold()
        try:
            body = await self._snapshot(session, given.history, given.after, given.live)
        except GatewayError:
            session.after_ack.append(lambda: session.watch.release({"head": 0}))
            raise
        session.after_ack.append(lambda: session.watch.release(body))
        return body

    async def _history_page(self, session: ChatSession, given: ChatHistoryPage) -> Answer:
        async with self._database.transaction() as connection:
            events = await queries.history_page(connection, session.visitor.conversation, given.before, given.limit)
        return {"events": events}

    async def _typing(self, session: ChatSession, given: ChatTyping) -> Answer:
        await self._hub.tell(session.visitor.conversation, "typing", {"author": CUSTOMER, "on": given.on}, but=session.watch.key)
        return {}

    async def _seen(self, session: ChatSession, given: ChatSeen) -> Answer:
        visitor = session.visitor
        if await self._database.unit(lambda c: staffing.customer_saw(c, visitor.conversation, given.seq)):
            await self._hub.tell(visitor.conversation, "receipt", {"who": "customer", "seq": given.seq}, but="customer")
        return {}

    async def _stop(self, session: ChatSession, given: ChatStop) -> Answer:
        conversation = session.visitor.conversation
        running = await self._database.unit(lambda c: leases.request_stop(c, conversation, given.turn))
        if running is None:
            raise NotFound("There is no such reply in progress.")
        ended = await self._runner.cutter.cut(conversation, given.turn, running.fence_home, "stopped")
        self._runner.wake(conversation)
        return {"turn": str(given.turn), "to": ended.at}

    async def _human(self, session: ChatSession, given: ChatHuman) -> Answer:
        visitor, now, profile = session.visitor, self._clock(), self._profile()
        if not visitor.stored:
            await self._database.unit(lambda c: settle(c, visitor, now, "web", session.locale))
        async with self._database.transaction() as connection:
            wait = await waits(connection, profile, visitor.conversation, now)
        line, minutes = lines.waiting(profile, now, session.locale, wait)
        moved = await self._database.unit(
            lambda c: ownership.ask_for_human(
                c,
                visitor.conversation,
                reason=given.reason,
                due_at=lines.due_at(profile, now),
                minutes=minutes,
                line=line,
                summary=given.reason or "Asked for a person",
                business=profile.business.name,
            )
        )
        await self._moves.follow(visitor.conversation, moved)
        answer: Answer = {"handoff": str(moved.handoff)}
        return {**answer, "expected_minutes": minutes} if minutes is not None else answer

    async def _assistant(self, session: ChatSession, _: ChatAssistant) -> Answer:
        conversation = session.visitor.conversation
        try:
            moved = await self._database.unit(lambda c: ownership.back_to_assistant(c, conversation))
        except NotFound:
            return {"epoch": 0}
        return await self._moves.follow(conversation, moved)

    async def _feedback(self, session: ChatSession, given: ChatFeedback) -> Answer:
        visitor = session.visitor
        await self._database.unit(
            lambda c: staffing.thumb(c, visitor.conversation, visitor.customer, given.message, given.value, given.comment)
        )
        return {}

    async def _tell_of_oneself(self, session: ChatSession, given: ChatProfile) -> Answer:
        visitor, profile = session.visitor, self._profile()
        home = profile.business.phone
        said = details(given.name, given.email, given.phone, given.sms_consent, given.event_date, home, given.sms_marketing)
        words, marketing = consent.words(profile, session.locale), consent.words(profile, session.locale, "marketing")
        if not visitor.stored:
            await self._database.unit(lambda c: settle(c, visitor, self._clock(), "web", session.locale))
        announcement = await self._database.unit(lambda c: tell(c, visitor.conversation, said, words, marketing, session.address))
        if announcement is not None:
            await self._hub.announce(announcement)
        told: Answer = {key: value for key in ("name", "email", "phone") if (value := getattr(said, key)) is not None}
        return told if said.event_date is None else {**told, "event_date": said.event_date.isoformat()}

    async def _rate(self, session: ChatSession, given: ChatRate) -> Answer:
        visitor = session.visitor
        announcement = await self._database.unit(
            lambda c: verdicts.rate(c, visitor.conversation, visitor.customer, client_id=given.id, score=given.score, comment=given.comment)
        )
        if announcement is not None:
            await self._hub.announce(announcement)
        return {}

    async def _transcript(self, session: ChatSession, given: ChatTranscript) -> Answer:
        """Kept: a worker writes the mail, and the answer says no more than that."""
        email = contacts.email(given.email)
        await self._database.unit(lambda c: verdicts.keep_transcript(c, session.visitor.conversation, email))
        return {"kept": True}
