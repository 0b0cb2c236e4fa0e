"""Why a model could not answer. Raised below the fallback, never above it; customers never read any of it.

ModelError
  Unauthorized  401, 402, 403: no key, a wrong or empty one   not retryable
  RateLimited   429, with the provider's Retry-After          retryable
  Unavailable   5xx                                           retryable
  NoRoute       refused, unreachable, unknown host or model   retryable
  TimedOut      no first token, silence in mid-stream, 408    retryable
  Cut           the stream ended before it was finished       retryable
  Garbage       not the protocol, or an empty answer          retryable
  BadRequest    4xx: this request will never pass             not retryable
  OverBudget    it would cost more than may be spent          not retryable
"""

from typing import ClassVar, Literal

ErrorKind = Literal["unauthorized", "rate_limited", "unavailable", "no_route", "timeout", "cut", "garbage", "bad_request", "over_budget"]


class ModelError(Exception):
    """A provider failed. `kind` goes into the usage row; `retry_after_s` is what the provider asked for, if it did."""

    kind: ClassVar[ErrorKind]
    retryable: ClassVar[bool] = True

    def __init__(self, detail: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(f"{self.kind}: {detail}" if detail else self.kind)
        self.retry_after_s = retry_after_s


class Unauthorized(ModelError):
    kind = "unauthorized"
    retryable = False


class RateLimited(ModelError):
    kind = "rate_limited"


class Unavailable(ModelError):
    kind = "unavailable"


class NoRoute(ModelError):
    kind = "no_route"


class TimedOut(ModelError):
    kind = "timeout"


class Cut(ModelError):
    kind = "cut"


class Garbage(ModelError):
    kind = "garbage"


class BadRequest(ModelError):
    kind = "bad_request"
    retryable = False


class OverBudget(ModelError):
    """The model was not asked. It says nothing of the provider: the breaker does not count it."""

    kind = "over_budget"
    retryable = False
