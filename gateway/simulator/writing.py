"""What changes something: texts are handed over, subscriptions made, renewed, ended."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from aiohttp import BodyPartReader, web

from gateway.simulator import shown
from gateway.simulator.agenda import Agenda
from gateway.simulator.errors import Refusal, invalid, missing
from gateway.simulator.records import Account, Piece, Subscription, fresh_uuid
from gateway.simulator.sending import MOST_BYTES, Traffic
from gateway.simulator.shown import Json
from gateway.simulator.webhooks import Webhooks, resolved

MOST_SECONDS = 315_360_000  # of a webhook's life (`UpdateSubscriptionRequest.expiresIn`)
# How long one lives that asked for no time: not published; the example of `expiresIn` shows 1200.
USUAL_SECONDS = 1200
MOST_SUBSCRIPTIONS = 20  # how many an app may have is not published
KINDS = ("image/", "video/", "audio/", "text/", "application/zip", "application/gzip", "application/rtf", "application/pdf")
# What the JSON part of a request said, for whoever looks at what came.
ENVELOPE = web.RequestKey("envelope", dict[str, Any])


class Writing:
    """Handlers of what changes something."""

    def __init__(self, account: Account, agenda: Agenda, traffic: Traffic, webhooks: Webhooks, base: Callable[[], str]) -> None:
        self._account = account
        self._agenda = agenda
        self._traffic = traffic
        self._webhooks = webhooks
        self._base = base

    async def text(self, request: web.Request) -> web.Response:
        """`createSMSMessage` and `createMMS`: JSON alone, or as the first part, before files."""
        envelope, files = await self._envelope(request)
        to = envelope.get("to")
        if not isinstance(to, list) or not to:
            raise invalid("to")
        if "text" not in envelope and not files:
            raise invalid("text")
        numbers = [_text(one, "phoneNumber") for one in to]
        sent = self._traffic.post(_text(envelope.get("from"), "phoneNumber"), numbers, _words(envelope), files)
        return web.json_response(shown.answered(sent, self._base()))

    async def batch(self, request: web.Request) -> web.Response:
        """`createA2PSMS`."""
        body = await _json(request)
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages:
            raise invalid("messages")
        texts = [(_only(one), _words(one) or _words(body)) for one in messages]
        if any(not text for _, text in texts):
            raise invalid("text")
        made = self._traffic.post_batch(_text(body, "from"), texts)
        return web.json_response(shown.batch(made, rejected=True), status=201)

    async def subscriptions(self, request: web.Request) -> web.Response:
        """`listSubscriptions`."""
        records = [self._subscription(one) for one in self._account.subscriptions.values()]
        return web.json_response({"uri": f"{self._base()}/restapi/v1.0/subscription", "records": records})

    async def subscribe(self, request: web.Request) -> web.Response:
        """`createSubscription`: the address must answer as it should before there is one."""
        body = await _json(request)
        mode = body.get("deliveryMode")
        if not isinstance(mode, dict) or mode.get("transportType") != "WebHook":
            raise invalid("deliveryMode.transportType")
        filters, seconds = _filters(body), _seconds(body)
        if len(self._account.subscriptions) >= MOST_SUBSCRIPTIONS:
            raise Refusal(403, "SUB-505", "Subscriptions limit exceeded")
        address = _text(mode, "address")
        if not await self._webhooks.is_whole(address):
            raise Refusal(400, "SUB-525", "WebHook server response is invalid")
        now = self._agenda.clock()
        token = mode.get("verificationToken")
        made = Subscription(fresh_uuid(), filters, address, token, now, now + timedelta(seconds=seconds))
        self._account.subscriptions[made.id] = made
        return web.json_response(self._subscription(made))

    async def subscription(self, request: web.Request) -> web.Response:
        """`readSubscription`."""
        return web.json_response(self._subscription(self._one(request)))

    async def change(self, request: web.Request) -> web.Response:
        """`updateSubscription`: other filters, or none; either way it lives on."""
        one = self._one(request)
        body = await _json(request) if request.can_read_body else {}
        if "eventFilters" in body:
            one.filters = _filters(body)
        return self._prolong(one, _seconds(body))

    async def renew(self, request: web.Request) -> web.Response:
        """`renewSubscription`: as long again as it was made for."""
        one = self._one(request)
        return self._prolong(one, int((one.expires - one.at).total_seconds()))

    async def unsubscribe(self, request: web.Request) -> web.Response:
        """`deleteSubscription`."""
        del self._account.subscriptions[self._one(request).id]
        return web.Response(status=204)

    def _prolong(self, one: Subscription, seconds: int) -> web.Response:
        one.expires = self._agenda.clock() + timedelta(seconds=seconds)
        return web.json_response(self._subscription(one))

    def _one(self, request: web.Request) -> Subscription:
        one = self._account.subscriptions.get(request.match_info["id"])
        if one is None or one.expires <= self._agenda.clock():
            raise missing("subscriptionId")
        return one

    def _subscription(self, one: Subscription) -> Json:
        return shown.subscription(one, self._base(), self._agenda.clock())

    async def _envelope(self, request: web.Request) -> tuple[Json, list[Piece]]:
        if not request.content_type.startswith("multipart/"):
            if request.path.endswith("/mms"):
                raise Refusal(415, "CMN-202", "Content type is not supported")
            return await _json(request), []
        envelope: Json | None = None
        files: list[Piece] = []
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader):
                raise Refusal(400, "CMN-104", "Cannot parse request")
            if envelope is None:
                envelope = _parsed(await part.read(decode=True))
            else:
                files.append(await self._file(part))
        request[ENVELOPE] = envelope or {}
        return envelope or {}, files

    async def _file(self, part: BodyPartReader) -> Piece:
        if "Content-Disposition" not in part.headers:
            raise Refusal(400, "MSG-350", "No content disposition")
        if part.filename is None:
            raise Refusal(400, "MSG-351", "No file name in content disposition")
        type = part.headers.get("Content-Type", "application/octet-stream").partition(";")[0].strip()
        if not type.startswith(KINDS):
            raise Refusal(415, "MSG-348", "Unsupported attachment media type")
        content = bytes(await part.read(decode=True))
        if not content:
            raise Refusal(400, "MSG-347", "Attachment body is empty")
        if len(content) > MOST_BYTES:
            raise Refusal(400, "MSG-337", "Attachment size limit exceeded")
        return self._account.piece(part.filename, type, content)


async def _json(request: web.Request) -> Json:
    return _parsed(await request.read())


def _parsed(body: bytes) -> Json:
    try:
        found = json.loads(body)
    except ValueError:
        raise Refusal(400, "CMN-103", "JSON can't be parsed.") from None
    if not isinstance(found, dict):
        raise Refusal(400, "CMN-104", "Cannot parse request")
    return found


def _text(of: Any, name: str) -> str:
    value = of.get(name) if isinstance(of, dict) else None
    if not isinstance(value, str) or not value:
        raise invalid(name)
    return value


def _words(of: Json) -> str:
    value = of.get("text") or ""
    if not isinstance(value, str):
        raise invalid("text")
    return value


def _only(message: Any) -> str:
    """The recipient of a high-volume text: a list of one ("currently only one number is supported")."""
    to = message.get("to") if isinstance(message, dict) else None
    if not isinstance(to, list) or len(to) != 1 or not isinstance(to[0], str):
        raise invalid("messages.to")
    return to[0]


def _filters(body: Json) -> list[str]:
    wanted = body.get("eventFilters")
    if not isinstance(wanted, list) or not wanted:
        raise invalid("eventFilters")
    known = [resolved(str(one)) for one in wanted]
    if unknown := [str(one) for one, path in zip(wanted, known, strict=True) if path is None]:
        raise Refusal(400, "SUB-508", f"Invalid event filters: [{', '.join(unknown)}]")
    return [one for one in known if one is not None]


def _seconds(body: Json) -> int:
    value = body.get("expiresIn", USUAL_SECONDS)
    if not isinstance(value, int) or value < 1:
        raise invalid("expiresIn")
    return min(value, MOST_SECONDS)
