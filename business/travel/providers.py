"""Google Routes and OSRM over HTTP. Requests go to the configured address alone; what a customer wrote is never part of a URL."""

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from business.profile.terms import Station
from business.travel.routing import RoutingError, Target, to_miles
from business.travel.rules import Precision

if TYPE_CHECKING:
    import aiohttp

GOOGLE = "https://routes.googleapis.com"
ANSWER_AT_MOST = 256 * 1024  # bytes; an answer for a few stations has a few hundred
NOT_FOUND = 5  # google.rpc.Code: the address is not known


class _Http:
    """One JSON request: no redirect, no cookie, no proxy from the environment, a bounded answer, a deadline for all of it."""

    def __init__(self, address: str, timeout_s: float) -> None:
        self._address = address.rstrip("/")
        self._timeout_s = timeout_s
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: Any = None) -> tuple[int, Any]:
        """(status, JSON) of an answer below 500 that is JSON. Raises RoutingError."""
        # Not at the top: a process that measures nothing needs no HTTP client.
        import aiohttp

        data = None if body is None else orjson.dumps(body)
        try:
            async with asyncio.timeout(self._timeout_s):
                session = self._opened(aiohttp)
                url = self._address + path
                async with session.request(method, url, data=data, headers=headers, allow_redirects=False) as response:
                    content = await response.content.read(ANSWER_AT_MOST + 1)
                    while len(content) <= ANSWER_AT_MOST and (more := await response.content.read(ANSWER_AT_MOST + 1)):
                        content += more
                    return response.status, _json(response.status, content, response.headers.get("Retry-After"))
        except (aiohttp.ClientPayloadError, aiohttp.http.HttpProcessingError, aiohttp.ClientResponseError) as error:
            raise RoutingError("garbage") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise RoutingError("unreachable") from error

    def _opened(self, aiohttp: Any) -> "aiohttp.ClientSession":
        if self._session is None:
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                headers={"User-Agent": "Hibachi-Gateway", "Content-Type": "application/json"},
            )
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


def _json(status: int, content: bytes, retry_after: str | None) -> Any:
    if status in (401, 403):
        raise RoutingError("refused")
    if status == 429:
        seconds = float(retry_after[:6]) if retry_after is not None and retry_after.isdecimal() else None
        raise RoutingError("quota", retry_after_s=seconds)
    if status >= 500:
        raise RoutingError("failed")
    if 300 <= status < 400 or len(content) > ANSWER_AT_MOST:
        raise RoutingError("garbage")
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise RoutingError("garbage") from error


class GoogleRoutes:
    """`computeRouteMatrix`: takes the address as text and finds it itself, so its answers are exact."""

    name = "google"
    precision: Precision = "exact"

    def __init__(self, key: str, *, address: str = GOOGLE, timeout_s: float = 2.0) -> None:
        self._key = key
        self._http = _Http(address, timeout_s)

    async def miles(self, stations: Sequence[Station], target: Target) -> tuple[Decimal | None, ...]:
        origins = [{"waypoint": {"location": {"latLng": {"latitude": s.latitude, "longitude": s.longitude}}}} for s in stations]
        body = {
            "origins": origins,
            "destinations": [{"waypoint": {"address": target.address}}],
            "travelMode": "DRIVE",
            # The fee must not depend on the hour at which somebody asks.
            "routingPreference": "TRAFFIC_UNAWARE",
        }
        headers = {"X-Goog-Api-Key": self._key, "X-Goog-FieldMask": "originIndex,status,condition,distanceMeters"}
        status, answer = await self._http.ask("POST", "/distanceMatrix/v2:computeRouteMatrix", headers=headers, body=body)
        if not isinstance(answer, list):
            raise RoutingError("bad_request" if status >= 400 else "garbage")
        found: dict[int, Decimal | None] = {}
        for element in answer:
            # Values that are 0 are left out on this wire.
            place = element.get("originIndex", 0) if isinstance(element, dict) else None
            if not isinstance(place, int):
                raise RoutingError("garbage")
            found[place] = _google_miles(element)
        if set(found) != set(range(len(stations))):
            raise RoutingError("garbage")
        return tuple(found[place] for place in range(len(stations)))

    async def close(self) -> None:
        await self._http.close()


def _google_miles(element: Mapping[str, Any]) -> Decimal | None:
    """One element of the matrix. An error may stand in the stream in place of an element."""
    if "error" in element:
        code = element["error"].get("code") if isinstance(element["error"], dict) else None
        raise _google_error(code)
    status = element.get("status") or {}
    code = status.get("code", 0) if isinstance(status, dict) else None
    if code == NOT_FOUND or element.get("condition") == "ROUTE_NOT_FOUND":
        return None
    if code != 0 or element.get("condition") != "ROUTE_EXISTS":
        raise RoutingError("garbage" if code in (0, None) else "failed")
    metres = element.get("distanceMeters", 0)
    if not isinstance(metres, int) or metres < 0:
        raise RoutingError("garbage")
    return to_miles(metres)


def _google_error(code: Any) -> RoutingError:
    match code:
        case 401 | 403:
            return RoutingError("refused")
        case 429:
            return RoutingError("quota")
        case int() if 400 <= code < 500:
            return RoutingError("bad_request")
        case int():
            return RoutingError("failed")
    return RoutingError("garbage")


class Osrm:
    """`/table`: it has no geocoder, so the way ends in the middle of the address's ZIP code. Real roads, still an estimate."""

    name = "osrm"
    precision: Precision = "estimate"

    def __init__(self, address: str, *, timeout_s: float = 2.0) -> None:
        self._http = _Http(address, timeout_s)

    async def miles(self, stations: Sequence[Station], target: Target) -> tuple[Decimal | None, ...]:
        points = [(s.longitude, s.latitude) for s in stations] + [(target.place.longitude, target.place.latitude)]
        path = ";".join(f"{longitude:.6f},{latitude:.6f}" for longitude, latitude in points)
        sources = ";".join(str(place) for place in range(len(stations)))
        query = f"?sources={sources}&destinations={len(stations)}&annotations=distance"
        status, answer = await self._http.ask("GET", f"/table/v1/driving/{path}{query}")
        if not isinstance(answer, dict) or "code" not in answer:
            raise RoutingError("bad_request" if status >= 400 else "garbage")
        if answer["code"] != "Ok":
            raise RoutingError("bad_request")
        rows = answer.get("distances")
        if not isinstance(rows, list) or len(rows) != len(stations):
            raise RoutingError("garbage")
        return tuple(_osrm_miles(row) for row in rows)

    async def close(self) -> None:
        await self._http.close()


def _osrm_miles(row: Any) -> Decimal | None:
    if not isinstance(row, list) or len(row) != 1:
        raise RoutingError("garbage")
    (metres,) = row
    if metres is None:
        return None
    if isinstance(metres, bool) or not isinstance(metres, int | float) or metres < 0:
        raise RoutingError("garbage")
    return to_miles(metres)
