"""Maps whatever LiteLLM raises to the `ModelError` tree. Its own classes mislead (a refused connection is a 500), so causes decide."""

import json
import socket
from collections.abc import Iterator

import aiohttp
import httpx

from agents.ensemble.errors import Cut, Garbage, ModelError, NoRoute, TimedOut, Unavailable
from agents.ensemble.statuses import by_status


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
            return by_status(status, _retry_after(causes))
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


def _retry_after(causes: list[BaseException]) -> str | None:
    """The Retry-After header, wherever LiteLLM left it."""
    for cause in causes:
        response = getattr(cause, "response", None)
        for headers in (getattr(cause, "litellm_response_headers", None), getattr(response, "headers", None)):
            value = headers.get("retry-after") if headers else None
            if value is not None:
                return str(value)
    return None
