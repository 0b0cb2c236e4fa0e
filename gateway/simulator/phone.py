"""`/phone`: phones in a page, to text with the business, to see what came of its texts, and to have something go wrong.

Only this machine's own page may use it: the address must be the server's, and what changes something comes from the page itself.
"""

import asyncio
import base64
import binascii
import json
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.simulator.agenda import Agenda
from gateway.simulator.faults import Faults, On
from gateway.simulator.records import Account, Piece, Subscription, Text
from gateway.simulator.sending import MOST_BYTES, MOST_FILES, MOST_UNITS, Traffic
from gateway.simulator.webhooks import Notification, Webhooks

FOLDER = Path(__file__).with_name("page")
TYPES = {"phone.html": "text/html", "phone.css": "text/css", "phone.js": "text/javascript"}
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
# Numbers that nobody has, and where their area codes are.
PHONES = {"+14155557001": "San Francisco", "+13035557001": "Denver", "+13125557001": "Chicago", "+12125557001": "New York"}
MOST_SHOWN = 200  # texts of a phone
BEAT_SECONDS = 15.0
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp")
NUMBER = r"^\+[1-9]\d{7,14}$"


class Simulated(Protocol):
    """What the page needs of the server."""

    account: Account
    agenda: Agenda
    faults: Faults
    traffic: Traffic
    webhooks: Webhooks
    base: str
    links: dict[str, str]

    @property
    def number(self) -> str: ...

    def suspend(self) -> None: ...


class FileIn(BaseModel):
    """A file of a text; `data`: base64."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=200)
    type: str = Field(pattern=r"^[a-z]+/[a-z0-9.+-]+$", max_length=100)
    data: str = Field(min_length=1, max_length=2 * MOST_BYTES)


class SayIn(BaseModel):
    """Somebody writes."""

    model_config = ConfigDict(extra="forbid")
    sender: str = Field(pattern=NUMBER)
    text: str = Field("", max_length=MOST_UNITS)
    files: list[FileIn] = Field([], max_length=MOST_FILES)


class FaultIn(BaseModel):
    """Something shall go wrong; `how` empty: nothing of this kind any more."""

    model_config = ConfigDict(extra="forbid")
    on: On
    how: str = Field("", max_length=40)
    always: bool = False


class NothingIn(BaseModel):
    """An order that needs no words."""

    model_config = ConfigDict(extra="forbid")


class Phone:
    """The page and what it asks for."""

    def __init__(self, server: Simulated) -> None:
        self._server = server
        self._watchers: set[asyncio.Event] = set()
        server.traffic.changed = self._wake
        server.webhooks.changed = self._wake

    def register(self, app: web.Application) -> None:
        """Its addresses."""
        app.router.add_get("/phone", self._door(lambda _: _file("phone.html")))
        app.router.add_get("/phone/{name:phone.(css|js)}", self._door(lambda request: _file(request.match_info["name"])))
        app.router.add_get("/phone/state", self._door(lambda _: _json(self._state())))
        app.router.add_get("/phone/media/{text}/{piece}", self._door(self._media))
        app.router.add_get("/phone/events", self._events)
        app.router.add_post("/phone/say", self._door(self._say, SayIn))
        app.router.add_post("/phone/faults", self._door(self._go_wrong, FaultIn))
        app.router.add_post("/phone/suspend", self._door(self._suspend, NothingIn))
        app.on_shutdown.append(self._leave)
        self._left = False

    def _door(self, handler: Callable[..., web.Response], shape: type[BaseModel] | None = None) -> Callable[[web.Request], Any]:
        """`shape`: of the JSON that the page sends; the handler gets it."""

        async def door(request: web.Request) -> web.Response:
            if not self._is_own(request):
                return web.Response(status=403, text="Only the page of this simulator may ask for that.")
            try:
                answer = handler(request) if shape is None else handler(shape.model_validate_json(await request.read()))
            except ValidationError as error:
                answer = _json({"error": f"{error.errors()[0]['loc']}: {error.errors()[0]['msg']}"}, 400)
            except ValueError as error:
                answer = _json({"error": str(error)}, 400)
            answer.headers.update(SECURITY)
            return answer

        return door

    def _is_own(self, request: web.Request) -> bool:
        """A page elsewhere whose name leads here, or that posts here, is neither."""
        own = self._server.base
        if f"http://{request.host}" != own:
            return False
        return request.method == "GET" or (request.headers.get("Origin") == own and request.content_type == "application/json")

    def _say(self, said: SayIn) -> web.Response:
        if not said.text.strip() and not said.files:
            raise ValueError("Write something, or attach a picture.")
        try:
            files = [self._server.account.piece(one.name, one.type, base64.b64decode(one.data, validate=True)) for one in said.files]
        except binascii.Error:
            raise ValueError("A file did not arrive whole.") from None
        if sum(len(piece.content) for piece in files) > MOST_BYTES:
            raise ValueError("The files are larger than 1.5 MB together.")
        came = self._server.traffic.say(said.sender, self._server.number, said.text, files)
        return _json({"id": str(came.id)})

    def _go_wrong(self, fault: FaultIn) -> web.Response:
        how = (fault.how,) if fault.how else ()
        self._server.faults.behave(*how, on=fault.on, always=fault.always)
        self._wake()
        return _json({})

    def _suspend(self, _: NothingIn) -> web.Response:
        self._server.suspend()
        self._wake()
        return _json({})

    def _media(self, request: web.Request) -> web.Response:
        text = self._server.account.texts.get(int(request.match_info["text"]))
        piece = next((one for one in text.files if str(one.id) == request.match_info["piece"]), None) if text is not None else None
        if piece is None:
            return web.Response(status=404)
        type = piece.type if piece.type in PICTURES else "application/octet-stream"
        return web.Response(body=piece.content, content_type=type)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """The state, whole, as often as something changes (server-sent events)."""
        if not self._is_own(request):
            return web.Response(status=403)
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream", **SECURITY})
        await answer.prepare(request)
        woken = asyncio.Event()
        woken.set()
        self._watchers.add(woken)
        try:
            while not self._left:
                said = f"data: {json.dumps(self._state())}\n\n" if woken.is_set() else ": still here\n\n"
                woken.clear()
                await answer.write(said.encode())
                with suppress(TimeoutError):
                    async with asyncio.timeout(BEAT_SECONDS):
                        await woken.wait()
        except ConnectionResetError:
            pass
        finally:
            self._watchers.discard(woken)
        return answer

    async def _leave(self, _: web.Application) -> None:
        self._left = True
        self._wake()

    def _wake(self) -> None:
        for watcher in self._watchers:
            watcher.set()

    def _state(self) -> dict[str, Any]:
        server = self._server
        server.agenda.run_due()
        told = {note.text: note for note in server.webhooks.seen if note.text is not None}
        texts: dict[str, list[dict[str, Any]]] = {number: [] for number in PHONES}
        for text in server.account.texts.values():
            theirs = text.sender if text.direction == "Inbound" else text.to
            texts.setdefault(theirs, []).append(_shown(text, told.get(text.id)))
        return {
            "business": server.number,
            "links": server.links,
            "phones": [
                {"number": number, "place": PHONES.get(number, ""), "texts": found[-MOST_SHOWN:]} for number, found in texts.items()
            ],
            "faults": server.faults.standing(),
            "webhook": _webhook(list(server.account.subscriptions.values())),
        }


def _shown(text: Text, told: Notification | None) -> dict[str, Any]:
    mine = text.direction == "Inbound"
    status = ("Heard" if 200 in told.answers else "Told") if mine and told is not None else text.status
    return {
        "id": str(text.id),
        "mine": mine,
        "text": text.text,
        "at": text.at.timestamp(),
        "status": status,
        "error": text.error,
        "segments": text.segments,
        "files": [_file_shown(text, piece) for piece in text.files],
    }


def _file_shown(text: Text, piece: Piece) -> dict[str, Any]:
    return {"name": piece.name, "uri": f"/phone/media/{text.id}/{piece.id}", "picture": piece.type in PICTURES}


def _webhook(subscriptions: list[Subscription]) -> str:
    """How it stands with who is told: `none`, `active`, `suspended`."""
    if not subscriptions:
        return "none"
    return "active" if any(one.status == "Active" for one in subscriptions) else "suspended"


def _json(body: object, status: int = 200) -> web.Response:
    return web.json_response(body, status=status)


def _file(name: str) -> web.Response:
    return web.Response(text=_read(name), content_type=TYPES[name], charset="utf-8")


@lru_cache
def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
