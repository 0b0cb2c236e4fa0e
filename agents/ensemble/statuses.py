"""What an HTTP status, or the kind of error that a provider names, is in the tree of `ModelError`s. No provider's words are kept."""

from collections.abc import Mapping
from typing import Any

from agents.ensemble.errors import BadRequest, ModelError, NoRoute, RateLimited, TimedOut, Unauthorized, Unavailable

# A provider that asks for longer than this is treated as gone for this long, then asked again.
LONGEST_WAIT_S = 300.0

# What providers call their errors where no status says it: OpenAI's and Anthropic's types and codes, Google's states.
_NAMED: Mapping[str, int] = {
    "invalid_request_error": 400,
    "invalid_argument": 400,
    "failed_precondition": 400,
    "context_length_exceeded": 400,
    "badrequesterror": 400,
    "authentication_error": 401,
    "invalid_api_key": 401,
    "unauthenticated": 401,
    "billing_error": 402,
    "permission_error": 403,
    "permission_denied": 403,
    "not_found_error": 404,
    "not_found": 404,
    "model_not_found": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "requests": 429,
    "tokens": 429,
    "resource_exhausted": 429,
}


def by_status(status: int, retry_after: str | None = None) -> ModelError:
    """The failure that a status of 300 or more is. `retry_after`: the header's seconds; dates are not understood."""
    detail = str(status)
    match status:
        case 401 | 402 | 403:
            # 402: nothing left to pay with. The next call fails as surely as with a wrong key.
            return Unauthorized(detail)
        case 429:
            return RateLimited(detail, retry_after_s=_seconds(retry_after))
        case 404:
            return NoRoute(detail)
        case 408 | 504:
            return TimedOut(detail)
        case _ if status >= 500:
            return Unavailable(detail)
        case _ if status < 400:
            return NoRoute(detail)
    return BadRequest(detail)


def by_error(error: Any) -> ModelError:
    """The failure that a provider's error object is: its status where it has one, else what it is called, else `unavailable`."""
    if isinstance(error, Mapping):
        for key in ("code", "status", "status_code", "type"):
            if (status := _status(error.get(key))) is not None:
                return by_status(status)
    return Unavailable("said so")


def _status(value: Any) -> int | None:
    if isinstance(value, str):
        return _NAMED.get(value.lower()) or (int(value) if value.isdecimal() and len(value) == 3 and value >= "400" else None)
    return value if isinstance(value, int) and 400 <= value <= 599 else None


def _seconds(retry_after: str | None) -> float | None:
    try:
        return None if retry_after is None else min(max(float(retry_after), 0.0), LONGEST_WAIT_S)
    except ValueError:
        return None
