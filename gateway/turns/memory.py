"""What the agents leave for the next turn, as PostgreSQL keeps it; a memory that it cannot keep must not cost the reply."""

from collections.abc import Mapping
from typing import Any

import orjson
import structlog

log = structlog.get_logger(__name__)

MOST_BYTES = 64 * 1024


def storable(memory: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The same as plain JSON; None where there is none, or where it is none: then the next turn reads the same messages again."""
    if memory is None:
        return None
    try:
        raw = orjson.dumps(dict(memory))
    except TypeError:
        log.error("turn.memory_is_no_json")
        return None
    if len(raw) > MOST_BYTES or b"\\u0000" in raw:
        log.error("turn.memory_is_not_kept", bytes=len(raw))
        return None
    kept: dict[str, Any] = orjson.loads(raw)
    return kept
