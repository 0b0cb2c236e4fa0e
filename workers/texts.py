"""Sends text messages. What must hold: a text reaches the provider at most once, unless a person says otherwise, none is forgotten, and
those of one conversation go in the order in which they were said.

`sending` is committed, then the provider is asked, then its answer is committed. Whoever finds a text in `sending` whose worker is gone
marks it `unknown` and never sends it: the provider's own list is read (text_checks.py), and where it has none a person decides.
"""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import floods, gate, going, states
from business.channels.gate import Candidate, Refuse, Wait
from business.channels.going import Letter, Sends
from business.channels.provider import Accepted, File, NotReached, Refused, SmsError, TextProvider, Throttled, Unanswered
from business.channels.states import Held
from business.links.signing import Links
from business.profile.schemas import Profile
from business.uploads.folder import UploadFolder
from kernel import outbox
from kernel.bus import Bus
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import NotFound
from kernel.jobs import SendText
from kernel.outbox import Effect
from kernel.settings.schema import SmsSettings
from workers.crash import NEVER, Crash
from workers.effects import LostLease
from workers.outward import LOOK_EVERY, Outward
from workers.text_checks import Checks
from workers.text_held import Steps
from workers.text_rest import Rest
from workers.text_room import Limits, claim, claim_checks

log = structlog.get_logger(__name__)

AT_ONCE = 4
CHECKS_AT_ONCE = 2
# Seconds before the next try, over some hours; of a code, which is good for minutes, the first ones alone.
DELAYS = (2.0, 5.0, 15.0, 60.0, 180.0, 600.0, 1800.0, 3600.0, 7200.0, 14_400.0)
TRIES_OF_CODE = 5


class Nobody:
    """There is no provider: texts are kept and shown."""

    async def close(self) -> None:
        """Nothing is open."""


class Texts(Outward):
    """The texts of one worker. `limits` are the install's; without a provider nothing is sent."""

    last = 1.5  # a text that is with the provider when the worker is told to stop may yet be answered, and is not unknown

    def __init__(
        self,
        database: Database,
        bus: Bus,
        provider: TextProvider | None,
        limits: SmsSettings,
        profile: Callable[[], Profile],
        links: Links,
        folder: UploadFolder,
        clock: Clock,
        *,
        delays: tuple[float, ...] = DELAYS,
        every: float = LOOK_EVERY,
        crash: Crash = NEVER,
    ) -> None:
        super().__init__(database, provider or Nobody(), every=every, crash=crash)
        self._bus = bus
        self._provider = provider
        self._limits = limits
        self._profile = profile
        self._links = links
        self._folder = folder
        self._clock = clock
        self._lease = int(2 * limits.timeout_s) + 10
        self._delays = delays
        self._sends = Sends(provider.name if provider is not None else "none", limits)
        self._steps = Steps(database, bus)
        self._rest, self._reads_rest = Rest(bus, "send", limits), Rest(bus, "read", limits)
        self._checks = Checks(database, bus, provider, self._sends, self._reads_rest) if provider is not None else None

    async def look(self) -> int:
        """Begin what is due, as much as there is room for and the minute allows; returns how many were begun."""
        places = AT_ONCE - len(self._tasks)
        if places <= 0:
            return 0
        sends, reads = not await self._rest.is_on(), not await self._reads_rest.is_on()
        given: Limits = {"per_minute": self._limits.per_minute, "lease_seconds": self._lease}
        async with self._database.transaction() as connection:
            held = await claim(connection, places, **given) if sends else []
            held += await claim_checks(connection, min(CHECKS_AT_ONCE, places - len(held)), **given) if reads else []
        for effect in held:
            self._begin(effect, partial(self._send if isinstance(effect.job, SendText) else self._check, effect))
        return len(held)

    async def _check(self, effect: Effect) -> None:
        if self._checks is None:
            await self._database.unit(lambda c: outbox.settle_done(c, effect))
            return
        await self._checks.look_after(effect)

    async def _send(self, effect: Effect) -> None:
        assert isinstance(effect.job, SendText)
        began = time.monotonic()
        letter = await self._steps.take(effect.job.text, self._decide, partial(self._kept, effect))
        if letter is None or self._provider is None:
            return
        try:
            accepted = await self._handed_over(self._provider, letter, began)
        except Throttled as error:
            await self._rest.begin(error.retry_after)
            await self._later(effect, letter.id, error, error.retry_after)
        except NotReached as error:
            await self._later(effect, letter.id, error, 0.0)
        except Refused as error:
            await self._refused(effect, letter.id, error)
        except Unanswered as error:
            await self._steps.take(letter.id, partial(_unknown, why=error.code), partial(_done, effect))
            log.error("text.unknown", text=str(letter.id), cause=error.code)
        else:
            await self._was_sent(effect, letter, accepted)

    async def _handed_over(self, provider: TextProvider, letter: Letter, began: float) -> Accepted:
        """Within the time for which the effect is held: after it somebody else has found the text, and a person may send it again. Raises
        SmsError, LostLease."""
        files = await self._read(letter)
        left = self._lease - (time.monotonic() - began)
        if left <= 0:
            raise LostLease  # it stood still
        try:
            async with asyncio.timeout(left):
                return await provider.send(letter.to, letter.text, sender=letter.sender, files=files)
        except TimeoutError as error:
            raise Unanswered("timeout") from error

    async def _failed(self, effect: Effect, why: str) -> None:
        """A text that nobody is ever going to send is `failed`: what was said after it waits for it no more."""
        if effect.attempts < outbox.ATTEMPTS or not isinstance(effect.job, SendText):
            await super()._failed(effect, why)
            return
        try:
            await self._steps.take(effect.job.text, partial(_given_up, why=why), partial(_buried, effect, why))
        except NotFound:
            await super()._failed(effect, why)

    async def _kept(self, effect: Effect, connection: AsyncConnection, letter: Letter | None) -> bool:
        """What goes is held anew for as long as the provider may take."""
        if letter is None:
            return await outbox.settle_done(connection, effect)
        return await outbox.renew(connection, effect, self._lease)

    async def _decide(self, held: Held) -> Letter | None:
        """What becomes of it now: it goes, or it does not, or later."""
        row = held.row
        if row.state == "sending":
            await states.is_unknown(held, "WorkerGone")
            log.error("text.unknown", text=str(row.id), cause="WorkerGone")
        if row.state != "waiting":
            return None
        if self._provider is None:
            await held.become("held", "NoProvider")
            return None
        why = await going.why_not(held, self._clock())
        if why is not None:
            await held.become("cancelled", why)
            return None
        candidate = Candidate(row.to_number, row.purpose, row.conversation_id, row.campaign_id, row.customer_id, row.segments, row.id)
        verdict = await gate.verdict(held.connection, self._profile(), self._limits, candidate, self._clock())
        if isinstance(verdict, Refuse | Wait) and await floods.tell(held, verdict.why, self._clock()):
            log.warning("text.capped", cause=verdict.why)
        if isinstance(verdict, Refuse):
            await held.become("refused", verdict.why)
            return None
        if isinstance(verdict, Wait):
            await states.postpone(held, verdict.until, verdict.why)
            return None
        opens = await going.opens_at(held, self._profile(), self._clock())
        if opens is not None:
            await states.postpone(held, opens, "Hours")
            return None
        return await going.letter(held, self._sends, self._links, self._clock())

    async def _read(self, letter: Letter) -> list[File]:
        """The bytes of its files. Raises NotReached: nothing was handed over yet."""
        try:
            return [File(one.name, one.type, await asyncio.to_thread(self._folder.path(one.sha256).read_bytes)) for one in letter.files]
        except OSError as error:
            raise NotReached("FileGone") from error

    async def _was_sent(self, effect: Effect, letter: Letter, accepted: Accepted) -> None:
        """True whoever holds the effect by now: whoever found the text left behind took it for unknown."""
        cost = self._sends.cost(letter.segments)

        async def settle(connection: AsyncConnection, _: None) -> bool:
            await outbox.settle_done(connection, effect)
            return True

        work = partial(states.was_taken, accepted=accepted, provider=self._sends.provider, cost=cost)
        await self._steps.take(letter.id, work, settle)
        log.info("text.sent", text=str(letter.id))

    async def _later(self, effect: Effect, text: UUID, error: SmsError, pause: float) -> None:
        """The provider has nothing of it: again some time, so often at most."""

        async def work(held: Held) -> bool:
            tries = TRIES_OF_CODE if held.row.purpose == "code" else len(self._delays)
            again = effect.attempts <= min(tries, len(self._delays))
            if held.row.state == "sending":
                await held.become("waiting" if again else "failed", error.code)
            return again

        async def settle(connection: AsyncConnection, again: bool) -> bool:
            if not again:
                return await outbox.settle_done(connection, effect)
            return await outbox.settle_later(connection, effect, error.code[:80], max(pause, self._delays[effect.attempts - 1]))

        await self._steps.take(text, work, settle)
        log.warning("text.not_taken", text=str(text), cause=error.code)

    async def _refused(self, effect: Effect, text: UUID, error: Refused) -> None:
        if not error.permanent:
            await self._later(effect, text, error, 0.0)
            return

        async def work(held: Held) -> None:
            if held.row.state == "sending":
                await states.was_refused(held, error, self._clock())

        await self._steps.take(text, work, partial(_done, effect))
        log.warning("text.refused", text=str(text), cause=error.code)


async def _unknown(held: Held, *, why: str) -> None:
    """One that was taken for not sent meanwhile (this worker stood still) is looked for anew."""
    if held.row.state == "sending":
        await states.is_unknown(held, why)
    elif held.row.state == "unknown":
        await held.become("unknown", why)
        await states.look_after(held.connection, held.row.id, states.FIRST_LOOK)


async def _given_up(held: Held, *, why: str) -> None:
    if held.row.state == "sending":
        await states.is_unknown(held, why)
    elif held.row.state == "waiting":
        await held.become("failed", why)


async def _buried(effect: Effect, why: str, connection: AsyncConnection, _: None) -> bool:
    return await outbox.settle_dead(connection, effect, why)


async def _done(effect: Effect, connection: AsyncConnection, _: None) -> bool:
    return await outbox.settle_done(connection, effect)
