"""One's own number for texts over HTTP: for every colleague, each their own."""

from collections.abc import Callable
from datetime import datetime
from typing import NoReturn

from starlette.requests import Request
from starlette.responses import Response

from business.channels import colleagues
from business.channels.proving import Codes, Trouble, fresh
from business.profile.schemas import Profile
from gateway.http import own_phone_wire as wire
from gateway.http.door import Door
from gateway.http.edge import Handler, answer, read_body
from gateway.http.operations import DoneAnswer
from kernel.database import Database
from kernel.errors import BadRequest, Conflict, RateLimited

_WORDS = {
    "often": "Three codes went out in an hour. Please wait a while, then ask for another one.",
    "stopped": "Texts to this number were stopped by STOP. Send START from that phone to our number, then try again.",
    "unsent": "This number cannot be texted. Please give another one.",
    "none": "Ask for a code first.",
    "wrong": "That is not the code. Please look at the newest text.",
    "expired": "That code is too old. Ask for another one.",
    "tries": "That were five wrong ones. Ask for another code.",
}


class OwnPhoneHttp:
    """The handlers, by the operation's name. `codes` None: no text is sent here."""

    def __init__(
        self,
        door: Door,
        database: Database,
        profile: Callable[[], Profile],
        codes: Codes | None,
        now: Callable[[], datetime],
    ) -> None:
        self._door = door
        self._database = database
        self._profile = profile
        self._codes = codes
        self._now = now
        self.handlers: dict[str, Handler] = {
            "own_phone": self._get,
            "own_phone_ask": self._ask,
            "own_phone_prove": self._prove,
            "own_phone_forget": self._forget,
        }

    async def _get(self, request: Request) -> Response:
        session = await self._door.enter(request)
        found = await self._database.unit(lambda c: colleagues.number_of(c, session.staff_id))
        return answer(wire.OwnPhoneAnswer(texting=self._codes is not None, phone=found.phone, verified_at=found.verified_at))

    async def _ask(self, request: Request) -> Response:
        session = await self._door.enter(request)
        body = await read_body(request, wire.OwnPhoneBody)
        codes, code, now = self._sending(), fresh(), self._now()
        trouble = await self._database.unit(lambda c: colleagues.ask(c, self._profile(), codes, session.staff_id, body.phone, code, now))
        if trouble is not None:
            _refuse(trouble)
        return answer(DoneAnswer())

    async def _prove(self, request: Request) -> Response:
        session = await self._door.enter(request)
        body = await read_body(request, wire.OwnPhoneCode)
        codes, now = self._sending(), self._now()
        proof = await self._database.unit(lambda c: colleagues.prove(c, codes, session.staff_id, body.code, now))
        if proof.trouble is not None:
            _refuse(proof.trouble)
        return await self._get(request)

    async def _forget(self, request: Request) -> Response:
        session = await self._door.enter(request)
        await self._database.unit(lambda c: colleagues.forget(c, session.staff_id))
        return answer(DoneAnswer())

    def _sending(self) -> Codes:
        """Raises Conflict."""
        if self._codes is None:
            raise Conflict("No provider carries texts here yet. Whoever runs the install sets [sms] in hibachi.toml.")
        return self._codes


def _refuse(trouble: Trouble) -> NoReturn:
    if trouble == "often":
        raise RateLimited(_WORDS[trouble], retry_after_ms=3_600_000)
    raise (Conflict if trouble in ("stopped", "unsent") else BadRequest)(_WORDS[trouble])
