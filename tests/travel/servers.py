"""Google Routes and OSRM as servers of ours on loopback: the real paths, headers and shapes, and every way to fail."""

import asyncio
import json
import re
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

Fault = Literal[
    "none", "hang", "500", "401", "403", "429", "400", "html", "half", "list", "object", "redirect", "huge", "reset", "negative", "text"
]
MILE_METRES = 1609.344
KEY = "test-key"


@dataclass
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class MapsServer:
    """`miles`: one per origin, None for no road. `fault` is what happens to the next requests."""

    miles: list[float | None] = field(default_factory=lambda: [40.0])
    fault: Fault = "none"
    asked: list[Asked] = field(default_factory=list)
    elements: list[Any] | None = None
    address: str = ""
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> "MapsServer":
        app = web.Application()
        app.router.add_post("/distanceMatrix/v2:computeRouteMatrix", self._google)
        app.router.add_get("/table/v1/driving/{points}", self._osrm)
        app.router.add_get("/elsewhere", self._elsewhere)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.address = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _google(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append(Asked(request.path, dict(request.headers), body))
        if (fault := await self._fault(request)) is not None:
            return fault
        if request.headers.get("X-Goog-Api-Key") != KEY:
            return web.json_response({"error": {"code": 403, "status": "PERMISSION_DENIED"}}, status=403)
        assert request.headers["X-Goog-FieldMask"]
        assert body["travelMode"] == "DRIVE"
        assert len(body["origins"]) == len(self.miles)
        elements = [self._element(place, way) for place, way in enumerate(self.miles)]
        # Google gives them in the order in which it has them.
        return web.json_response(self.elements if self.elements is not None else elements[::-1])

    def _element(self, place: int, miles: float | None) -> dict[str, Any]:
        """proto3 JSON: an index or a distance of 0 is left out."""
        element: dict[str, Any] = {"originIndex": place} if place else {}
        if miles is None:
            return {**element, "status": {}, "condition": "ROUTE_NOT_FOUND"}
        metres = round(miles * MILE_METRES)
        return {**element, "status": {}, "condition": "ROUTE_EXISTS", **({"distanceMeters": metres} if metres else {})}

    async def _osrm(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(Asked(request.path_qs, dict(request.headers), None))
        if (fault := await self._fault(request)) is not None:
            return fault
        points = request.match_info["points"].split(";")
        if not all(re.fullmatch(r"-?\d+\.\d+,-?\d+\.\d+", point) for point in points):
            return web.json_response({"code": "InvalidQuery", "message": "no"}, status=400)
        assert request.query["annotations"] == "distance"
        assert request.query["destinations"] == str(len(points) - 1)
        rows = [[None if way is None else way * MILE_METRES] for way in self.miles]
        return web.json_response({"code": "Ok", "distances": rows, "sources": [], "destinations": []})

    async def _elsewhere(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(Asked(request.path, {}, None))
        return web.json_response([])

    async def _fault(self, request: web.Request) -> web.StreamResponse | None:
        match self.fault:
            case "none":
                return None
            case "hang":
                await asyncio.sleep(3600)
            case "400" | "401" | "403" | "429" | "500":
                headers = {"Retry-After": "7"} if self.fault == "429" else {}
                return web.json_response({"error": {"code": int(self.fault)}}, status=int(self.fault), headers=headers)
            case "html":
                return web.Response(text="<html>Welcome to the hotel network</html>", content_type="text/html")
            case "half":
                return web.Response(text='[{"originIndex": 0, "dist', content_type="application/json")
            case "list":
                return web.json_response([3, "x"])
            case "object":
                return web.json_response({"hello": "there"})
            case "redirect":
                return web.Response(status=302, headers={"Location": f"{self.address}/elsewhere"})
            case "huge":
                return web.Response(text="[" + "1," * 400_000 + "1]", content_type="application/json")
            case "reset":
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case "negative":
                both = [{"status": {}, "condition": "ROUTE_EXISTS", "distanceMeters": -5}]
                return web.json_response({"code": "Ok", "distances": [[-5]]} if request.method == "GET" else both)
            case "text":
                both = [{"status": {}, "condition": "ROUTE_EXISTS", "distanceMeters": "far"}]
                return web.json_response({"code": "Ok", "distances": [["far"]]} if request.method == "GET" else both)
        raise AssertionError(json.dumps(self.fault))
