"""Maps whatever LiteLLM raises to the `ModelError` tree. Its own classes mislead (a refused connection is a 500), so causes decide."""

import json
import socket
from collections.abc import Iterator

import aiohttp
import httpx

from agents.ensemble.errors import (
    BadRequest,
    Cut,
    Garbage,
    ModelError,
    NoRoute,
    RateLimited,
    TimedOut,
    Unauthorized,
    Unavailable,
)

# A provider that asks for longer than this is treated as gone for this long, then asked again.
LONGEST_WAIT_S = 300.0


def to_model_error(error: BaseException) -> ModelError:
    """The first cause that says what happened, else the status, else `unavailable`. Texts of providers are not kept."""
    causes = list(_causes(error))
    for cause in causes:
        known = _by_cause(cause)
        if known is not None:
            return known(type(cause).__name__)
    for cause in causes:
        status = getattr(cause, "status_code", None)
        if isinstance(status, int) and status >= 400:
            return _by_status(status, causes)
    return Unavailable(type(error).__name__)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _by_cause(cause: BaseException) -> type[ModelError] | None:
    match cause:
        case (
            httpx.ConnectError()
            | httpx.ConnectTimeout()
            | httpx.UnsupportedProtocol()
            | httpx.InvalidURL()
            | aiohttp.ClientConnectorError()
            | aiohttp.InvalidURL()
            | socket.gaierror()
            | ConnectionRefusedError()
        ):
            return NoRoute
        case httpx.TimeoutException() | TimeoutError():
            return TimedOut
        case httpx.ReadError() | httpx.RemoteProtocolError() | httpx.WriteError() | aiohttp.ClientPayloadError():
            return Cut
        case aiohttp.ServerDisconnectedError() | ConnectionResetError() | BrokenPipeError():
            return Cut
        case UnicodeDecodeError() | json.JSONDecodeError():
            return Garbage
    return None


def _by_status(status: int, causes: list[BaseException]) -> ModelError:
    detail = str(status)
    match status:
        case 401 | 403:
            return Unauthorized(detail)
        case 429:
            return RateLimited(detail, retry_after_s=_retry_after(causes))
        case 404:
            return NoRoute(detail)
        case 408:
            return TimedOut(detail)
        case _ if status >= 500:
            return Unavailable(detail)
    return BadRequest(detail)


def _retry_after(causes: list[BaseException]) -> float | None:
    """Seconds from a Retry-After header, wherever LiteLLM left it; dates are not understood and give None."""
    for cause in causes:
        response = getattr(cause, "response", None)
        for headers in (getattr(cause, "litellm_response_headers", None), getattr(response, "headers", None)):
            value = headers.get("retry-after") if headers else None
            if value is not None:
                try:
                    return min(max(float(value), 0.0), LONGEST_WAIT_S)
                except ValueError:
                    return None
    return None
