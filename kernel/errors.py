"""What can go wrong at an edge, in words that a person may read.

GatewayError                code              HTTP  try again?
 ├─ BadRequest              bad_request       400   no
 ├─ NotAllowed              not_allowed       403   no
 ├─ NotFound                not_found         404   no
 ├─ TooLarge                too_large         413   no
 ├─ RateLimited             rate_limited      429   after retry_after_ms
 ├─ Busy                    busy              429   after retry_after_ms
 ├─ Stale                   stale             409   with a fresh epoch
 ├─ Conflict                conflict          409   no
 ├─ Unauthorized            not_allowed       401   after signing in
 └─ Unavailable             unavailable       503   yes; nothing was stored

`message` is written for the person at the other end; causes belong in the log. `details` are extra fields of the answer.
"""

from typing import Any, ClassVar


class GatewayError(Exception):
    """An answer that an edge may give as it stands."""

    code: ClassVar[str] = "unavailable"
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, retry_after_ms: int | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after_ms = retry_after_ms
        self.details = details

    def body(self) -> dict[str, Any]:
        """`{code, message, retry_after_ms?, ...}` as it goes on the wire."""
        body: dict[str, Any] = {"code": self.code, "message": self.message, **self.details}
        if self.retry_after_ms is not None:
            body["retry_after_ms"] = self.retry_after_ms
        return body


class BadRequest(GatewayError):
    code, status = "bad_request", 400


class NotAllowed(GatewayError):
    code, status = "not_allowed", 403


class Unauthorized(GatewayError):
    code, status = "not_allowed", 401


class NotFound(GatewayError):
    code, status = "not_found", 404


class TooLarge(GatewayError):
    code, status = "too_large", 413


class RateLimited(GatewayError):
    code, status = "rate_limited", 429


class Busy(GatewayError):
    code, status = "busy", 429


class Stale(GatewayError):
    code, status = "stale", 409


class Conflict(GatewayError):
    code, status = "conflict", 409


class Unavailable(GatewayError):
    code, status = "unavailable", 503
