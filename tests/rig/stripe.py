"""A Stripe on loopback, written from its published API: what the library asks of it, a page on which a browser pays, signed events.

async with StripeServer() as server:
    server.behave("429+1", "cut")        # the next two calls; after that as it should be
    await server.pay(session)            # as a browser would with card 4242...
    for event in server.events: await server.tell(event, url, secret)

Faults: a status (`500`), `STATUS+SECONDS` with Retry-After, `cut` (nothing was done), `lost` (it was done, the answer was not heard),
`slow:SECONDS`.
"""

import asyncio
import hashlib
import hmac
import html
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web

KEY = "sk_test_loopback"
PAYS, DECLINED = "4242424242424242", "4000000000000002"
DAY = 86_400
SHORTEST = 1_800
LEAST = 50  # cents

PAGE = """<!doctype html><html lang=en><link rel=icon href=data:,><title>Pay</title><h1>{title}</h1><p id=amount>{amount}</p>{declined}
<form method=post><label>Card number <input name=card autocomplete=off></label><button>Pay</button></form>
<a href="{back}">Back</a></html>
"""

Thing = dict[str, Any]


def sign(body: bytes, secret: str, at: int | None = None) -> str:
    """The header `Stripe-Signature`."""
    moment = int(time.time()) if at is None else at
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


@dataclass
class Call:
    """One call of the API as it arrived."""

    method: str
    path: str
    key: str | None
    params: Thing


@dataclass
class StripeServer:
    """`clock`: seconds; a page is over when its time is. Everything it knows stands in plain dicts."""

    clock: Callable[[], float] = time.time
    calls: list[Call] = field(default_factory=list)
    sessions: dict[str, Thing] = field(default_factory=dict)
    refunds: dict[str, Thing] = field(default_factory=dict)
    disputes: dict[str, Thing] = field(default_factory=dict)
    events: list[Thing] = field(default_factory=list)
    refund_state: str = "succeeded"
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    base: str = ""
    _planned: list[str] = field(default_factory=list)
    _answered: dict[str, tuple[Thing, int, Thing]] = field(default_factory=dict)
    _runner: web.AppRunner | None = None
    _numbers: Any = field(default_factory=lambda: count(1))

    async def __aenter__(self) -> "StripeServer":
        app = web.Application()
        app.router.add_get("/pay/{id}", self._page)
        app.router.add_post("/pay/{id}", self._paid)
        app.router.add_route("*", "/v1/{path:.*}", self._api)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def behave(self, *how: str) -> None:
        self._planned += how

    def called(self, method: str, path: str) -> list[Call]:
        """Calls of one operation, `path` a pattern."""
        return [call for call in self.calls if call.method == method and re.fullmatch(path, call.path)]

    def pay(self, session: str, *, card: str = PAYS, name: str = "Ana Perez") -> Thing | None:
        """Somebody pays on the page; the event, None where the page is over or the bank refuses."""
        thing = self._fresh(session)
        if thing["status"] != "open" or card != PAYS:
            return None
        intent, charge = f"pi_{next(self._numbers)}", f"ch_{next(self._numbers)}"
        thing |= {"status": "complete", "payment_status": "paid", "payment_intent": intent, "charge": charge, "url": None}
        thing["customer_details"] = {"name": name, "email": None}
        return self.happened("checkout.session.completed", thing)

    def expire(self, session: str) -> Thing:
        self.sessions[session] |= {"status": "expired", "url": None}
        return self.happened("checkout.session.expired", self.sessions[session])

    def dispute(self, session: str) -> Thing:
        thing = self.sessions[session]
        dispute = {
            "id": f"dp_{next(self._numbers)}",
            "object": "dispute",
            "amount": thing["amount_total"],
            "payment_intent": thing["payment_intent"],
            "reason": "fraudulent",
        }
        self.disputes[dispute["id"]] = dispute
        return self.happened("charge.dispute.created", dispute)

    def give_back(self, session: str, cents: int) -> Thing:
        """Somebody gives money back at Stripe's own site; the event of the charge."""
        thing = self.sessions[session]
        self._add_refund({"payment_intent": thing["payment_intent"], "amount": str(cents)})
        charge = {"id": thing["charge"], "object": "charge", "payment_intent": thing["payment_intent"]}
        return self.happened("charge.refunded", charge)

    def happened(self, type: str, thing: Thing) -> Thing:
        """An event, not told to anybody yet."""
        event = {
            "id": f"evt_{next(self._numbers)}",
            "object": "event",
            "type": type,
            "created": int(self.clock()),
            "data": {"object": json.loads(json.dumps(thing))},
        }
        self.events.append(event)
        return event

    async def tell(self, event: Thing, url: str, secret: str, *, at: int | None = None) -> int:
        """Post the event as Stripe does; the status of the answer."""
        body = json.dumps(event, indent=2).encode()
        headers = {"Stripe-Signature": sign(body, secret, at), "Content-Type": "application/json; charset=utf-8"}
        async with aiohttp.ClientSession() as client, client.post(url, data=body, headers=headers) as response:
            return response.status

    def _fresh(self, session: str) -> Thing:
        thing = self.sessions[session]
        if thing["status"] == "open" and thing["expires_at"] <= self.clock():
            thing |= {"status": "expired", "url": None}
        return thing

    async def _page(self, request: web.Request) -> web.Response:
        thing = self.sessions.get(request.match_info["id"])
        if thing is None or self._fresh(thing["id"])["status"] != "open":
            return web.Response(status=410, text="This page is over.")
        shown = {
            "title": html.escape(thing["title"]),
            "amount": f"${thing['amount_total'] // 100}.{thing['amount_total'] % 100:02d}",
            "declined": "<p role=alert>Your card was declined.</p>" if "declined" in request.query else "",
            "back": html.escape(thing["cancel_url"]),
        }
        return web.Response(content_type="text/html", text=PAGE.format(**shown))

    async def _paid(self, request: web.Request) -> web.Response:
        session = request.match_info["id"]
        card = "".join(filter(str.isdigit, str((await request.post()).get("card", ""))))
        to = self.sessions[session]["success_url"] if self.pay(session, card=card) else f"/pay/{session}?declined=1"
        raise web.HTTPSeeOther(to)

    async def _api(self, request: web.Request) -> web.StreamResponse:
        text = await request.text() if request.method == "POST" else request.query_string
        call = Call(request.method, f"/v1/{request.match_info['path']}", request.headers.get("Idempotency-Key"), _nested(text))
        self.calls.append(call)
        self.arrived.set()
        how = self._planned.pop(0) if self._planned else ""
        if how.startswith("slow:"):
            await asyncio.sleep(float(how[5:]))
        if how == "cut":
            return _cut(request)
        if how[:1].isdecimal():
            planned, _, again = how.partition("+")
            return _answer(int(planned), _error("api_error", "planned"), {"Retry-After": again} if again else {})
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return _answer(401, _error("invalid_request_error", "no such key"))
        status, body = self._once(call)
        return _cut(request) if how == "lost" else _answer(status, body)

    def _once(self, call: Call) -> tuple[int, Thing]:
        """A key that was seen gives the answer that was given; with other parameters it is an error."""
        if call.method != "POST" or call.key is None:
            return self._do(call)
        if (known := self._answered.get(call.key)) is not None:
            params, status, body = known
            return (status, body) if params == call.params else (400, _error("idempotency_error", "another request had this key"))
        status, body = self._do(call)
        if status < 500:
            self._answered[call.key] = (call.params, status, json.loads(json.dumps(body)))
        return status, body

    def _do(self, call: Call) -> tuple[int, Thing]:
        match call.method, call.path.removeprefix("/v1/").split("/"):
            case "POST", ["checkout", "sessions"]:
                return self._add_session(call.params)
            case "GET", ["checkout", "sessions"]:
                found = [one for one in self.sessions.values() if one["payment_intent"] == call.params.get("payment_intent")]
                return 200, _list(found)
            case "GET", ["checkout", "sessions", id] if id in self.sessions:
                return 200, self._fresh(id)
            case "POST", ["checkout", "sessions", id, "expire"] if id in self.sessions:
                if self._fresh(id)["status"] != "open":
                    return 400, _error("invalid_request_error", "this session is not open")
                self.expire(id)
                return 200, self.sessions[id]
            case "POST", ["refunds"]:
                return self._add_refund(call.params)
            case "GET", ["refunds"]:
                return 200, _list([one for one in self.refunds.values() if one["payment_intent"] == call.params.get("payment_intent")])
            case "GET", ["refunds", id] if id in self.refunds:
                return 200, self.refunds[id]
            case "GET", ["disputes", id] if id in self.disputes:
                return 200, self.disputes[id]
            case "GET", ["charges", id]:
                paid = [one for one in self.sessions.values() if one.get("charge") == id]
                if paid:
                    return 200, {"id": id, "object": "charge", "payment_intent": paid[0]["payment_intent"]}
        return 404, _error("invalid_request_error", "no such thing", "resource_missing")

    def _add_session(self, params: Thing) -> tuple[int, Thing]:
        line = params["line_items"]["0"]
        price = line["price_data"]
        cents, expires = int(price["unit_amount"]) * int(line["quantity"]), int(params["expires_at"])
        if not self.clock() + SHORTEST <= expires <= self.clock() + DAY:
            return 400, _error("invalid_request_error", "expires_at is between 30 minutes and 24 hours from now")
        if cents < LEAST or price["currency"] != "usd" or params["mode"] != "payment":
            return 400, _error("invalid_request_error", "amount")
        id = f"cs_test_{next(self._numbers)}"
        self.sessions[id] = {
            "id": id,
            "object": "checkout.session",
            "url": f"{self.base}/pay/{id}",
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "amount_total": cents,
            "currency": "usd",
            "expires_at": expires,
            "client_reference_id": params.get("client_reference_id"),
            "metadata": params.get("metadata", {}),
            "customer_details": None,
            "success_url": params["success_url"],
            "cancel_url": params["cancel_url"],
            "title": price["product_data"]["name"],
        }
        return 200, self.sessions[id]

    def _add_refund(self, params: Thing) -> tuple[int, Thing]:
        intent, cents = params["payment_intent"], int(params["amount"])
        paid = sum(one["amount_total"] for one in self.sessions.values() if one["payment_intent"] == intent)
        back = sum(one["amount"] for one in self.refunds.values() if one["payment_intent"] == intent and one["status"] != "failed")
        if cents > paid - back:
            code = "charge_already_refunded" if paid == back else "amount_too_large"
            return 400, _error("invalid_request_error", "more than is left", code)
        id = f"re_{next(self._numbers)}"
        self.refunds[id] = {
            "id": id,
            "object": "refund",
            "amount": cents,
            "payment_intent": intent,
            "status": self.refund_state,
            "metadata": params.get("metadata", {}),
        }
        return 200, self.refunds[id]


def _nested(text: str) -> Thing:
    """`a[b][0]=c` as dicts in dicts."""
    found: Thing = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        *path, last = re.findall(r"[^\[\]]+", name)
        place = found
        for step in path:
            place = place.setdefault(step, {})
        place[last] = value
    return found


def _list(items: list[Thing]) -> Thing:
    return {"object": "list", "data": items, "has_more": False, "url": "/v1"}


def _error(type: str, message: str, code: str | None = None) -> Thing:
    return {"error": {"type": type, "message": message, **({"code": code} if code else {})}}


def _answer(status: int, body: Thing, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(body, status=status, headers=headers)


def _cut(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
