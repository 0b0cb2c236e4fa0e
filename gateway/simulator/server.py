"""The server: `async with RingCentralServer() as rc`, then `rc.base` is where the API is.

rc.say("+14155557001", "hi, a party of 12?")     a phone writes to us; its webhook leaves at once
rc.sent                                          what we sent, each with to, text, id, at, status
rc.behave("lost", "429+3", on="send")            what goes wrong next (`faults.py` has all of it)
await rc.deliver(id, times=20)                   the same webhook again, at once
rc.suspend()                                     subscriptions as after too many failures
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from gateway.simulator.agenda import Agenda, Clock
from gateway.simulator.errors import Refusal
from gateway.simulator.faults import Faults, On, seconds
from gateway.simulator.limits import Limits
from gateway.simulator.operations import OPERATIONS, Exchange, Operation, observed
from gateway.simulator.phone import Phone
from gateway.simulator.reading import Reading
from gateway.simulator.records import NUMBER, STANDARD, Account, Text
from gateway.simulator.sending import Traffic
from gateway.simulator.tokens import TOKEN_SECONDS, Credentials, Tokens
from gateway.simulator.webhooks import Notification, Webhooks
from gateway.simulator.writing import Writing

MOST_BODY = 50 * 1024 * 1024  # of a batch: guide, messaging/sms/high-volume/sending-highvolume-sms


Observer = Callable[[Exchange | Notification], None]


def _now() -> datetime:
    return datetime.now(UTC)


class RingCentralServer:
    """`numbers`: ours, each with the features that it has. `limits`: requests a minute by group, as `limits.GROUPS` has them; none unless
    they are given. `observe` gets every exchange and every webhook."""

    def __init__(
        self,
        *,
        clock: Clock = _now,
        numbers: Mapping[str, tuple[str, ...]] | None = None,
        limits: Mapping[str, int] | None = None,
        token_seconds: int = TOKEN_SECONDS,
        observe: Observer | None = None,
        credentials: Credentials | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.account = Account(numbers or {NUMBER: STANDARD})
        self.agenda = Agenda(clock)
        self.faults = Faults()
        self.tokens = Tokens(clock, credentials or Credentials(), token_seconds)
        self.webhooks = Webhooks(self.account, self.agenda, self.faults, self._saw)
        self.traffic = Traffic(self.account, self.agenda, self.faults, self.webhooks, self._address)
        self.calls: list[Exchange] = []
        self.base = ""
        self.links: dict[str, str] = {}  # what else there is to open, for the page with the phones
        self._observe = observe
        self._limits = Limits(limits or {})
        self._place = (host, port)
        self._runner: web.AppRunner | None = None

    @property
    def number(self) -> str:
        """Ours; the first where there are several."""
        return next(iter(self.account.numbers))

    @property
    def client_id(self) -> str:
        """Of the app."""
        return self.tokens.credentials.client_id

    @property
    def client_secret(self) -> str:
        """Of the app."""
        return self.tokens.credentials.client_secret

    @property
    def jwt(self) -> str:
        """The credential."""
        return self.tokens.credentials.jwt

    def environment(self) -> dict[str, str]:
        """What an install is told to have it as its provider."""
        return {
            "HIBACHI_SMS__PROVIDER": "ringcentral",
            "HIBACHI_SMS__ADDRESS": self.base,
            "HIBACHI_SMS__CLIENT_ID": self.client_id,
            "HIBACHI_SMS__CLIENT_SECRET_ENV": "RINGCENTRAL_CLIENT_SECRET",
            "HIBACHI_SMS__JWT_ENV": "RINGCENTRAL_JWT",
            "RINGCENTRAL_CLIENT_SECRET": self.client_secret,
            "RINGCENTRAL_JWT": self.jwt,
        }

    @property
    def sent(self) -> list[Text]:
        """What we sent and it took, the oldest first."""
        self.agenda.run_due()
        return [text for text in self.account.texts.values() if text.direction == "Outbound"]

    def sent_to(self, number: str) -> list[str]:
        """The words that went there, the oldest first."""
        return [text.text for text in self.sent if text.to == number]

    def say(self, from_number: str, text: str, media: Sequence[tuple[str, str, bytes]] = (), *, to: str | None = None) -> str:
        """A phone writes to us; `media`: name, type, bytes. The text's id as webhooks give it."""
        files = [self.account.piece(*one) for one in media]
        return str(self.traffic.say(from_number, to or self.number, text, files).id)

    def list_twice(self, id: str) -> str:
        """The other store has the text, too; its id there. Nobody published that this happens."""
        first = self.account.texts[int(id)]
        high_volume = not first.high_volume
        number, status = self.account.fresh_id(high_volume), "Delivered" if high_volume else "Received"
        return str(self.account.keep(replace(first, id=number, status=status, high_volume=high_volume)).id)

    def behave(self, *how: str, on: On = "send", always: bool = False) -> None:
        """See `faults.py`."""
        self.faults.behave(*how, on=on, always=always)

    async def deliver(self, id: str, times: int = 1) -> list[int]:
        """The webhooks of a text that came in once more, `times` at once, whatever was planned; what was answered."""
        return await self.webhooks.again(int(id), times)

    async def settled(self) -> None:
        """Until no webhook is on its way."""
        self.agenda.run_due()
        await self.webhooks.settled()

    def suspend(self) -> None:
        """Every subscription, as after too many failures."""
        for one in self.account.subscriptions.values():
            self.webhooks.suspend(one, "I/O operation is failed. Details: [Read timed out]")

    async def __aenter__(self) -> "RingCentralServer":
        app = web.Application(client_max_size=MOST_BODY)
        reading = Reading(self.account, self.agenda, self._address)
        writing = Writing(self.account, self.agenda, self.traffic, self.webhooks, self._address)
        handlers = {"reading": reading, "writing": writing, "server": self}
        for operation in OPERATIONS:
            part, _, name = operation.handler.partition(".")
            app.router.add_route(operation.method, operation.path, self._door(operation, getattr(handlers[part], name)))
        Phone(self).register(app)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, *self._place).start()
        self.base = f"http://{self._runner.addresses[0][0]}:{self._runner.addresses[0][1]}"
        self.agenda.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self.agenda.stop()
        await self.webhooks.close()
        await self._runner.cleanup()

    async def token(self, request: web.Request) -> web.Response:
        """`getToken`."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        return web.json_response(self.tokens.grant(request.headers.get("Authorization"), form))

    def _door(self, operation: Operation, handler: Callable[[web.Request], Any]) -> Callable[[web.Request], Any]:
        async def door(request: web.Request) -> web.StreamResponse:
            self.agenda.run_due()
            how = self.faults.take(operation.kind)
            await asyncio.sleep(seconds(how, "slow"))
            if how == "cut":
                return _cut(request)
            answer = await self._answer(operation, handler, request, how)
            self._saw(await observed(operation, request, answer))
            return _cut(request) if how == "lost" else answer

        return door

    async def _answer(self, operation: Operation, handler: Callable[[web.Request], Any], request: web.Request, how: str) -> web.Response:
        headers: dict[str, str] = {}
        try:
            _refuse_as_planned(how)
            headers = self._limits.count(operation.group, self.agenda.clock())
            if operation.kind != "token":
                if how == "expired":
                    self.tokens.expire()
                self.tokens.check(request.headers.get("Authorization"))
                operation.check_owner(request)
            answer: web.Response = await handler(request)
        except Refusal as refusal:
            answer = refusal.answer()
        answer.headers.update(headers)
        return answer

    def _saw(self, what: Exchange | Notification) -> None:
        if isinstance(what, Exchange):
            self.calls.append(what)
        if self._observe is not None:
            self._observe(what)

    def _address(self) -> str:
        return self.base


def _refuse_as_planned(how: str) -> None:
    if not how[:1].isdecimal():
        return
    status, _, again = how.partition("+")
    code, message = ("CMN-301", "Request rate exceeded") if status == "429" else ("CMN-203", "Internal Server Error")
    raise Refusal(int(status), code, message, headers={"Retry-After": again} if again else {})


def _cut(request: web.Request) -> web.Response:
    """The connection is gone; the answer is read by nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
