"""One request to RingCentral: with its token, a deadline, a bounded answer, and what its failures mean.

A request that sends is made once, over a connection of its own: a connection that was kept and is cut just then would leave nobody
knowing whether the text left. A request that reads is made again a few times.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode

import orjson

from business.channels.provider import NotReached, SmsError, Throttled, Unanswered
from business.channels.ringcentral.codes import refused

if TYPE_CHECKING:
    import aiohttp

MOST = 4 * 1024 * 1024
"""Bytes of an answer; a page of a hundred texts has about 200 KB."""
UNSAID = 30.0
"""Seconds to wait after a 429 without Retry-After (docs: basics/rate-limits)."""
LONGEST_WAIT = 3600.0

# What they count together: after one 429 of a group, nothing of it may be asked before its time is over, or it begins anew.
Group = Literal["auth", "light", "medium", "heavy"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, in JSON: a success, or 401 or 404, whose `code` it tells. `data` is None where there is none."""

    status: int
    data: Any
    code: str = ""


@dataclass(slots=True)
class _Call:
    """One request on its way. `left`: it has a connection, so its bytes may have gone."""

    left: bool = False


class Http:
    """The connections of one process, and the waits that RingCentral asked for. `clock`: seconds that only go on."""

    def __init__(self, address: str, timeout: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.address = address.rstrip("/")
        self._timeout = timeout
        self._clock = clock
        self._until: dict[Group, float] = {}
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def ask(
        self,
        method: str,
        path: str,
        *,
        group: Group,
        headers: Mapping[str, str],
        body: Any = None,
        once: bool = False,
    ) -> Answer:
        """`once`: it does something that must not be done twice; what is not known to be undone is Unanswered. Raises SmsError: Refused
        and NotReached too, of what the status says."""
        import aiohttp

        self._wait(group)
        call = _Call()
        try:
            async with asyncio.timeout(self._timeout), self._answer(call, once, method, path, headers, body) as response:
                content = await _content(response)
                return self._understood(group, once, response.status, response.headers, content)
        except SmsError:
            raise
        except TimeoutError as error:
            raise _broken(call, once, "timeout") from error
        except (aiohttp.ClientError, OSError) as error:
            raise _broken(call, once, "connection") from error

    @asynccontextmanager
    async def _answer(
        self, call: _Call, once: bool, method: str, path: str, headers: Mapping[str, str], body: Any
    ) -> "AsyncIterator[aiohttp.ClientResponse]":
        session = self.session(once=once)
        async with session.request(
            method, self.address + path, data=body, headers=headers, allow_redirects=False, trace_request_ctx=call
        ) as response:
            yield response

    def _wait(self, group: Group) -> None:
        left = self._until.get(group, 0.0) - self._clock()
        if left > 0:
            raise Throttled("429", left)

    def _understood(self, group: Group, once: bool, status: int, headers: Mapping[str, str], content: bytes | None) -> Answer:
        code, of_number = _error(content)
        if status == 429:
            wait = retry_after(headers)
            self._until[group] = self._clock() + wait
            raise Throttled(code or "429", wait)
        if status == 503 and code == "MSG-290":  # the one 5xx that says what became of the text: nothing
            raise refused(code)
        if status >= 500 or status == 408:
            raise (Unanswered if once else NotReached)(code or str(status))
        if status in (401, 404):
            return Answer(status, None, code or str(status))
        if 300 <= status < 500:
            raise refused(code or str(status), of_number=of_number)
        return Answer(status, _json(content, once))

    def session(self, *, once: bool = False) -> "aiohttp.ClientSession":
        """`once`: one that keeps no connection."""
        if once not in self._sessions:
            self._sessions[once] = _opened(fresh=once)
        return self._sessions[once]

    async def close(self) -> None:
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()


class Api:
    """Requests with a token. A token that they do not take is replaced once."""

    def __init__(self, http: Http, token: "TokenSource", pauses: Sequence[float]) -> None:
        self.http = http
        self._token = token
        self._pauses = pauses

    async def read(self, path: str, *, group: Group = "light", **query: Any) -> Any:
        """JSON, or None for 404; asked again after each of the pauses where no answer came. Not for want of a token: an app may ask for
        five a minute."""
        await self._token.token()
        asked = path + ("?" + urlencode(query, doseq=True) if query else "")
        for pause in self._pauses:
            try:
                return (await self._ask("GET", asked, group=group)).data
            except Throttled:
                raise
            except NotReached:
                await asyncio.sleep(pause)
        return (await self._ask("GET", asked, group=group)).data

    async def do(self, method: str, path: str, *, group: Group, body: Any = None, once: bool = True) -> Any:
        """JSON of what was done; None for 404, unless it is `once`. `body`: what becomes JSON, or the maker of a body in parts."""
        answer = await self._ask(method, path, group=group, body=body, once=once)
        if once and answer.status == 404:
            raise refused(answer.code)
        return answer.data

    async def _ask(self, method: str, path: str, *, group: Group, body: Any = None, once: bool = False) -> Answer:
        token = await self._token.token()
        answer = await self._with(token, method, path, group, body, once)
        if answer.status == 401:
            answer = await self._with(await self._token.token(instead_of=token), method, path, group, body, once)
        if answer.status == 401:
            raise NotReached(answer.code)
        return answer

    async def _with(self, token: str, method: str, path: str, group: Group, body: Any, once: bool) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if callable(body):
            content = body()
        else:
            content = None if body is None else orjson.dumps(body)
            headers |= {} if body is None else {"Content-Type": "application/json"}
        return await self.http.ask(method, path, group=group, headers=headers, body=content, once=once)


class TokenSource:
    """Whoever has an access token (tokens.py)."""

    async def token(self, instead_of: str | None = None) -> str:
        """One that is good for a while. `instead_of`: not this one, which was refused. Raises NotReached."""
        raise NotImplementedError


def _opened(*, fresh: bool) -> "aiohttp.ClientSession":
    """`fresh`: a connection for each request. Nothing is followed, unpacked or remembered by itself."""
    import aiohttp

    tracing = aiohttp.TraceConfig()

    async def connected(_session: Any, context: Any, _params: Any) -> None:
        if isinstance(call := context.trace_request_ctx, _Call):
            call.left = True

    tracing.on_connection_create_end.append(connected)
    tracing.on_connection_reuseconn.append(connected)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=fresh, limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None),
        headers={"User-Agent": "Hibachi-Gateway", "Accept-Encoding": "identity"},
        trace_configs=[tracing],
    )


async def _content(response: "aiohttp.ClientResponse") -> bytes | None:
    """The answer's bytes; None where it has too many, or broke off though its status says enough."""
    import aiohttp

    content = bytearray()
    try:
        async for piece in response.content.iter_chunked(64 * 1024):
            content += piece
            if len(content) > MOST:
                return None
    except aiohttp.ClientError:
        if response.status < 400:
            raise
        return None
    return bytes(content)


def _broken(call: _Call, once: bool, code: str) -> SmsError:
    return Unanswered(code) if once and call.left else NotReached(code)


def _error(content: bytes | None) -> tuple[str | None, bool]:
    """The code of an answer that tells of an error, and whether it is about the recipient; their words are left behind."""
    try:
        data = orjson.loads(content or b"null")
    except orjson.JSONDecodeError:
        return None, False
    if not isinstance(data, dict):
        return None, False
    listed = data.get("errors")
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    code = first.get("errorCode") or data.get("errorCode") or data.get("error")
    where = str(first.get("parameterName") or data.get("parameterName") or "")
    return (code[:40] if isinstance(code, str) else None), where == "to" or where.startswith(("to.", "to["))


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds, at most an hour; of a moment (RFC 9110), by the clock of whoever answered."""
    given = headers.get("Retry-After", "")
    if given.isascii() and given.isdecimal():
        return min(float(given[:6]), LONGEST_WAIT)
    moment, now = _moment(given), _moment(headers.get("Date", ""))
    return UNSAID if moment is None or now is None else min(max((moment - now).total_seconds(), 0.0), LONGEST_WAIT)


def _moment(given: str) -> datetime | None:
    """`Sun, 06 Nov 1994 08:49:37 GMT`; None for what is none."""
    try:
        return datetime.strptime(given, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    except ValueError:
        return None


def _json(content: bytes | None, once: bool) -> Any:
    """Of an answer that says that all is well: what cannot be read of it was done nevertheless."""
    if content == b"":
        return None
    try:
        if content is not None:
            return orjson.loads(content)
    except orjson.JSONDecodeError:
        pass
    raise (Unanswered if once else NotReached)("garbage")
