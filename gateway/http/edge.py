"""The HTTP edge: reads a bounded, typed body and answers every error as `{"error": {code, message}}`."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from gateway.refusals import refusal_of
from kernel.errors import BadRequest, GatewayError, NotAllowed, TooLarge, Unavailable

log = structlog.get_logger(__name__)

BODY_LIMIT = 64 * 1024
BODY_SECONDS = 10.0
NO_STORE = {"Cache-Control": "no-store"}

Handler = Callable[[Request], Awaitable[Response]]
Body = TypeVar("Body", bound=BaseModel)


def guarded(handler: Handler) -> Handler:
    """`handler` at the edge: what it raises becomes an answer that says nothing internal."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except GatewayError as error:
            return refusal(error)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception:
            log.exception("http.failed", method=request.method, path=_nameless(request))
            return refusal(Unavailable("Something went wrong on our side. Please try again."), status=500)

    return answer


def _nameless(request: Request) -> str:
    """The path without what stands in it for a parameter: that may be a signed link, which opens what it leads to."""
    path: str = request.scope.get("path", "")
    for name, value in request.path_params.items():
        path = path.replace(str(value), f"{{{name}}}")
    return path


def refusal(error: GatewayError, *, status: int | None = None) -> JSONResponse:
    """An error as it goes out; `Retry-After` in whole seconds where it says when."""
    headers = dict(NO_STORE)
    if error.retry_after_ms is not None:
        headers["Retry-After"] = str(max(1, -(-error.retry_after_ms // 1000)))
    return JSONResponse({"error": error.body()}, status_code=status or error.status, headers=headers)


def answer(model: BaseModel) -> JSONResponse:
    """A typed answer; never cached."""
    return JSONResponse(model.model_dump(mode="json", exclude_none=True), headers=NO_STORE)


def check_origin(request: Request, own_origins: frozenset[str]) -> None:
    """Raises NotAllowed where a browser says that a page of somebody else's sent this. Origins as a browser writes them."""
    origin = request.headers.get("origin")
    if origin is not None:
        if origin not in own_origins:
            raise NotAllowed("This request came from another site's page.")
    elif request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise NotAllowed("This request came from another site's page.")


async def read_body(request: Request, model: type[Body], limit: int = BODY_LIMIT) -> Body:
    """The JSON body as `model`. Nothing at all counts as `{}`. Raises BadRequest (which field, why) or TooLarge."""
    raw = await read_raw(request, limit)
    if raw and request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise BadRequest("Send JSON, with Content-Type: application/json.")
    try:
        return model.model_validate_json(raw or b"{}")
    except ValidationError as error:
        raise refusal_of(error) from None  # the cause holds what was sent, a password perhaps


def read_query(request: Request, model: type[Body]) -> Body:
    """What stands behind the `?` as `model`; what is empty there counts as not given. Raises BadRequest (which field, why)."""
    try:
        return model.model_validate_strings({name: value for name, value in request.query_params.items() if value})
    except ValidationError as error:
        raise refusal_of(error) from None


async def read_raw(request: Request, limit: int, seconds: float = BODY_SECONDS) -> bytes:
    """The body as it came. Raises TooLarge, and BadRequest where it comes too slowly."""
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > limit:
        raise TooLarge(f"A request has at most {limit // 1024} KiB.")
    raw = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                raw += chunk
                if len(raw) > limit:
                    raise TooLarge(f"A request has at most {limit // 1024} KiB.")
    except TimeoutError as error:
        raise BadRequest("The request took too long to arrive.") from error
    return bytes(raw)
