"""What every reader of a provider's chunks has: the state of one answer, and what of it has come."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import orjson

from agents.ensemble.assembly import Assembly
from agents.ensemble.chunks import FinishReason
from agents.ensemble.errors import Garbage
from agents.ensemble.statuses import by_error
from agents.ensemble.thin.events import Event, Events, ServerSentEvents


class Reader(ABC):
    """Reads the events of one answer. Subclasses know a protocol: they read a chunk that is an object.

    `finish` is the provider's reason to end, None until it gave one; tokens are its own count, `tokens_cached` the part of
    `tokens_in` that it had in its cache; `over`: nothing more will come.
    """

    EVENTS: ClassVar[type[Events]] = ServerSentEvents

    def __init__(self, *, takes_calls: bool) -> None:
        """`takes_calls`: the request offered tools that may be called; otherwise calls are dropped as they come."""
        self.calls = Assembly()
        self.takes_calls = takes_calls
        self.finish: FinishReason | None = None
        self.tokens_in: int | None = None
        self.tokens_out: int | None = None
        self.tokens_cached = 0
        self.over = False

    def read(self, event: Event) -> str | None:
        """The text in an event, "" for any other part of the answer, None for what is none (a ping, a count, an empty chunk).

        Raises Garbage for what is not this protocol, and the failure that an error in the stream says.
        """
        name, data = event
        if data == b"[DONE]":
            self.over = True
            return None
        chunk = _loaded(data)
        try:
            if name == b"error" or chunk.get("error"):
                raise by_error(chunk.get("error") or chunk)
            return self._chunk(chunk)
        except (AttributeError, KeyError, IndexError, TypeError, ValueError):
            raise Garbage("not the protocol") from None

    @abstractmethod
    def _chunk(self, chunk: dict[str, Any]) -> str | None:
        """What `read` gives for a chunk that is an object."""

    def _count(self, usage: Any, tokens_in: str, tokens_out: str) -> None:
        """Believes a count where it has both figures."""
        if isinstance(usage, Mapping):
            match usage.get(tokens_in), usage.get(tokens_out):
                case int(into), int(out):
                    self.tokens_in, self.tokens_out = into, out

    def _cached(self, tokens: Any) -> None:
        """Believes how much of what was read came from the cache, where that is a number."""
        if isinstance(tokens, int):
            self.tokens_cached = tokens

    def _call(self, index: Any, call_id: Any, name: Any, arguments: Any) -> str | None:
        """A fragment of a call: part of the answer where calls are taken."""
        if not self.takes_calls:
            return None
        self.calls.add(index, call_id, name, arguments)
        return ""


def _loaded(data: bytes) -> Any:
    """A chunk's JSON. Half of a character, which some providers send where a chunk ends, is not JSON to every parser."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            raise Garbage("no JSON") from None
