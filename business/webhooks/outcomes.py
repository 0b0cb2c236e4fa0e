"""How a try of a delivery ended: what the sender tells the record, which needs no HTTP client for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """Accepted where `error` is None; `retry_after` in seconds where the receiver asked for it."""

    status: int | None
    error: str | None
    duration_ms: int
    retry_after: float | None = None
