"""Puts tool calls together from the fragments in which providers stream them. Whole calls come out, or an error: never half a call."""

import json
from dataclasses import dataclass, field
from typing import Any

from agents.ensemble.chunks import ToolCall
from agents.ensemble.errors import Garbage

# More than any sensible call needs; what goes on for longer is a model that lost its way.
CALLS_AT_MOST = 16
ARGUMENTS_AT_MOST = 32_000


@dataclass(slots=True)
class _Pending:
    """A call while it arrives."""

    id: str | None = None
    name: str | None = None
    arguments: list[str] = field(default_factory=list)


class Assembly:
    """The calls of one stream, by their index, in the order in which they began."""

    def __init__(self) -> None:
        self._by_index: dict[int, _Pending] = {}
        self._calls: list[_Pending] = []
        self._size = 0

    def __bool__(self) -> bool:
        """Whether any part of a call has come."""
        return bool(self._calls)

    def add(self, index: Any, call_id: Any, name: Any, arguments: Any) -> None:
        """Takes one fragment, each part None where the provider gave none. Raises Garbage where there is no end to them."""
        pending = self._pending(index, call_id, name)
        if isinstance(arguments, str) and arguments:
            pending.arguments.append(arguments)
            self._size += len(arguments)
        if self._size > ARGUMENTS_AT_MOST or len(self._calls) > CALLS_AT_MOST:
            raise Garbage("endless tool calls")

    def whole(self) -> tuple[ToolCall, ...]:
        """Every call, once the provider has said that it is done. Raises Garbage where one of them is no call."""
        return tuple(_whole(pending, number) for number, pending in enumerate(self._calls, start=1))

    def _pending(self, index: Any, call_id: Any, name: Any) -> _Pending:
        place = index if isinstance(index, int) else 0
        pending = self._by_index.get(place)
        # Some providers give every call the same index; another id tells them apart.
        if pending is None or (call_id and pending.id and call_id != pending.id):
            pending = self._by_index[place] = _Pending()
            self._calls.append(pending)
        pending.id = pending.id or (str(call_id) if call_id else None)
        pending.name = pending.name or (str(name) if name else None)
        return pending


def _whole(pending: _Pending, number: int) -> ToolCall:
    if pending.name is None:
        raise Garbage("a tool call without a name")
    text = "".join(pending.arguments).strip() or "{}"
    try:
        arguments = json.loads(text)
    except (ValueError, RecursionError):
        raise Garbage("a tool call whose arguments are no JSON") from None
    if not isinstance(arguments, dict):
        raise Garbage("a tool call whose arguments are no object")
    return ToolCall(pending.id or f"call_{number}", pending.name, text)
