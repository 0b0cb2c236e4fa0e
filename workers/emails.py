"""Sends e-mails. What must hold: a mail reaches the server at most once, unless a person says otherwise, and none is forgotten.

Up to the recipient nothing was handed over, so everything may be tried again. Then `sending` is committed, then DATA goes; what the server
answers is committed in turn. Whoever finds a mail in `sending` whose worker is gone marks it `unknown` and never sends it.
"""

import time
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from business.emails import message, sending, transcripts
from business.emails.message import Letter
from business.emails.sending import Post
from business.emails.smtp import MailError, NotReached, Postman, Refused, Session, Unanswered
from business.links.signing import Links
from business.profile.schemas import Profile
from kernel import outbox
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.jobs import SendEmail
from kernel.outbox import Effect
from workers.crash import NEVER, Crash
from workers.effects import LostLease
from workers.outward import LOOK_EVERY, Outward

log = structlog.get_logger(__name__)

AT_ONCE = 4
# Seconds before the next try: over about a day, then the mail has failed.
DELAYS = (20.0, 60.0, 300.0, 900.0, 3600.0, 7200.0, 14_400.0, 21_600.0, 36_000.0)
MINUTE = 60.0


class Nobody:
    """There is no server: mails are kept and shown."""

    async def close(self) -> None:
        """Nothing is open."""


class Emails(Outward):
    """The mails of one worker. `lease_seconds` is longer than a mail may take."""

    def __init__(
        self,
        database: Database,
        postman: Postman | None,
        post: Post,
        profile: Callable[[], Profile],
        links: Links,
        clock: Clock,
        *,
        timeout: float = 20.0,
        per_minute: int = 60,
        delays: tuple[float, ...] = DELAYS,
        every: float = LOOK_EVERY,
        crash: Crash = NEVER,
    ) -> None:
        super().__init__(database, postman or Nobody(), every=every, crash=crash)
        self._postman = postman
        self._post = post
        self._profile = profile
        self._links = links
        self._clock = clock
        self._lease = int(2 * timeout) + 10
        self._per_minute = per_minute
        self._delays = delays
        self._begun: deque[float] = deque()

    async def look(self) -> int:
        """Begin what is due, as much as the minute has room for; returns how many were begun."""
        await self._write_transcripts()
        if self._postman is not None:
            await self._postman.tidy()
        places = min(AT_ONCE - len(self._tasks), self._room())
        if places <= 0:
            return 0
        async with self._database.transaction() as connection:
            held = await outbox.claim_due(connection, (SendEmail.kind,), places, lease_seconds=self._lease)
        for effect in held:
            self._begun.append(time.monotonic())
            self._begin(effect, partial(self._send, effect))
        return len(held)

    async def _write_transcripts(self) -> None:
        """What cannot be written must not keep the mails that are from going out. Raises Unavailable."""
        try:
            await self._database.unit(lambda c: transcripts.write_waiting(c, self._profile(), self._links))
        except Unavailable:
            raise
        except Exception:
            log.exception("emails.transcripts_failed")

    def _room(self) -> int:
        """How many more this minute may have."""
        while self._begun and time.monotonic() - self._begun[0] > MINUTE:
            self._begun.popleft()
        return self._per_minute - len(self._begun)

    async def _send(self, effect: Effect) -> None:
        assert isinstance(effect.job, SendEmail)
        email = effect.job.email
        found = await self._database.unit(lambda c: self._taken(c, effect, email))
        if found is None or self._postman is None:
            return
        content = message.build(found, self._clock())
        try:
            session = await self._postman.ready(
                message.wire_address(found.from_address),
                message.wire_address(found.to_address),
                size=len(content),
                utf8=found.needs_utf8,
            )
        except (Refused, NotReached) as error:
            refused = error
            await self._settle(effect, lambda c: self._not_sent(c, effect, email, refused))
            return
        await self._hand_over(effect, email, session, content)

    async def _taken(self, connection: AsyncConnection, effect: Effect, email: UUID) -> Letter | None:
        """What is to be sent now; None: nothing, and the effect is settled."""
        state = await sending.state_of(connection, email)
        found = await sending.letter(connection, email, self._post, self._profile(), self._links) if state == "waiting" else None
        if state == "sending" and await sending.unknown(connection, email, "WorkerGone"):
            log.error("email.unknown", email=str(email))
        held = sending.why_held(found, self._post) if found is not None else None
        if held is not None:
            await sending.change(connection, email, ("waiting",), "held", held)
        if found is not None and held is None:
            return found
        if not await outbox.settle_done(connection, effect):
            raise LostLease
        return None

    async def _hand_over(self, effect: Effect, email: UUID, session: Session, content: bytes) -> None:
        assert self._postman is not None
        try:
            await self._database.unit(lambda c: self._begins(c, effect, email))
        except BaseException:
            self._postman.drop(session)
            raise
        try:
            answer = await session.hand_over(content)
        except (Refused, NotReached) as error:
            refused = error
            self._postman.done(session)
            await self._settle(effect, lambda c: self._not_sent(c, effect, email, refused))
            return
        except Unanswered as error:
            why = str(error)
            await self._settle(effect, lambda c: self._unanswered(c, effect, email, why))
            log.error("email.unknown", email=str(email), cause=why)
            return
        self._postman.done(session)
        await self._database.unit(lambda c: self._was_sent(c, effect, email))
        log.info("email.sent", email=str(email), code=answer[:3])

    async def _begins(self, connection: AsyncConnection, effect: Effect, email: UUID) -> None:
        """Nobody else may send it from here on; the lease counts anew."""
        renewed = await outbox.renew(connection, effect, self._lease)
        if not renewed or not await sending.change(connection, email, ("waiting",), "sending"):
            raise LostLease

    async def _was_sent(self, connection: AsyncConnection, effect: Effect, email: UUID) -> None:
        """True whoever holds the effect by now: whoever found the mail left behind took it for unknown."""
        await sending.change(connection, email, ("sending", "unknown"), "sent")
        await outbox.settle_done(connection, effect)

    async def _unanswered(self, connection: AsyncConnection, effect: Effect, email: UUID, why: str) -> bool:
        await sending.unknown(connection, email, why)
        return await outbox.settle_done(connection, effect)

    async def _not_sent(self, connection: AsyncConnection, effect: Effect, email: UUID, error: MailError) -> bool:
        """Refused, or not reached: the server has nothing of it."""
        why = _why(error)
        gone = isinstance(error, Refused) and error.permanent and error.step in ("recipient", "data")
        if not gone and effect.attempts <= len(self._delays):
            await sending.change(connection, email, ("sending",), "waiting", why)
            return await outbox.settle_later(connection, effect, why, self._delays[effect.attempts - 1])
        if isinstance(error, Refused) and error.step == "recipient" and error.permanent:
            await sending.bounced(connection, email, why, suppress=error.no_such_address)
        else:
            await sending.change(connection, email, ("sending", "waiting"), "failed", why)
        log.warning("email.given_up", email=str(email), cause=why)
        return await outbox.settle_done(connection, effect)

    async def _settle(self, effect: Effect, settle: Callable[[AsyncConnection], Awaitable[bool]]) -> None:
        async def work(connection: AsyncConnection) -> None:
            if not await settle(connection):
                raise LostLease

        await self._database.unit(work)


def _why(error: MailError) -> str:
    """For the record: the step and the code, never what a server wrote."""
    if isinstance(error, Refused):
        return f"{error.step.capitalize()}{error.code}" + (f" {error.status}" if error.status else "")
    return str(error)
