"""A client of RingCentral's API that does just what the guide says, and somebody whom it tells."""

from typing import Any

import aiohttp
from aiohttp import web

from gateway.simulator.server import RingCentralServer
from tests.rig.ringcentral import LOS_ANGELES

OWN = "/restapi/v1.0/account/~/extension/~"
A2P = "/restapi/v1.0/account/~/a2p-sms"


class Client:
    """A client that does just what the guide says."""

    def __init__(self, server: RingCentralServer, http: aiohttp.ClientSession) -> None:
        self.server, self.http = server, http
        self.token = ""
        self.refresh = ""

    async def grant(self, **form: str) -> tuple[int, Any]:
        asked = form or {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": self.server.jwt}
        basic = aiohttp.encode_basic_auth(self.server.client_id, self.server.client_secret)
        async with self.http.post(f"{self.server.base}/restapi/oauth/token", data=asked, headers={"Authorization": basic}) as answer:
            body = await answer.json()
        if answer.status == 200:
            self.token, self.refresh = body["access_token"], body["refresh_token"]
        return answer.status, body

    async def call(self, method: str, path: str, json: Any = None, **more: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} | more.pop("headers", {})
        async with self.http.request(method, f"{self.server.base}{path}", json=json, headers=headers, **more) as answer:
            return answer.status, await answer.json() if answer.content_type == "application/json" else await answer.read()

    async def text(self, to: str = LOS_ANGELES, text: str = "Your table is set", sender: str | None = None) -> tuple[int, Any]:
        body = {"from": {"phoneNumber": sender or self.server.number}, "to": [{"phoneNumber": to}], "text": text}
        return await self.call("POST", f"{OWN}/sms", body)

    async def batch(self, *to: str, text: str = "Your table is set") -> tuple[int, Any]:
        body = {"from": self.server.number, "text": text, "messages": [{"to": [one]} for one in to]}
        return await self.call("POST", f"{A2P}/batches", body)

    async def subscribe(self, address: str, *filters: str, **mode: str) -> tuple[int, Any]:
        wanted = list(filters) or [f"{OWN}/message-store/instant?type=SMS"]
        body = {"eventFilters": wanted, "deliveryMode": {"transportType": "WebHook", "address": address, **mode}, "expiresIn": 3600}
        return await self.call("POST", "/restapi/v1.0/subscription", body)


class Hook:
    """Whoever is told: answers as `status` says, and notes what came."""

    def __init__(self) -> None:
        self.came: list[tuple[dict[str, str], Any]] = []
        self.status, self.echoes, self.padding = 200, True, ""
        self.address = ""

    async def __aenter__(self) -> "Hook":
        app = web.Application()
        app.router.add_post("/hook", self._hear)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}/hook"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _hear(self, request: Any) -> Any:
        body = await request.read()
        if not body:
            headers = {"Validation-Token": request.headers["Validation-Token"]} if self.echoes else {}
            return web.Response(status=self.status, headers=headers, text=self.padding)
        self.came.append((dict(request.headers), await request.json()))
        return web.Response(status=self.status)

    @property
    def ids(self) -> list[str]:
        return [body["body"]["id"] for _, body in self.came]
