"""One asking of models for a reply's words, while it runs: what was asked, by which clock, and which calls of the turn are the model's."""

import time
from collections.abc import Sequence

from agents.ensemble.model import ModelRequest
from agents.events import Asked, TurnEvent, TurnText
from agents.tools.context import CallRecord, ToolRole
from agents.tools.toolbox import Toolbox


class Asking:
    """Begins where it is made; `notice` what comes, `end` once."""

    def __init__(self, request: ModelRequest, tools: Toolbox, log: Sequence[CallRecord]) -> None:
        """`log`: the turn's, which grows."""
        self.request = request
        self.tools = tools
        self._log = log
        self._begins = len(log)
        self._began = time.monotonic()
        self._first: float | None = None

    def notice(self, event: TurnEvent) -> None:
        """Something came of it."""
        if self._first is None and isinstance(event, TurnText):
            self._first = time.monotonic()

    def end(self, routed: tuple[str, ...], role: ToolRole) -> Asked:
        """Nothing more comes. `routed`: the agents that had the turn."""
        duration, calls = time.monotonic() - self._began, self._log[self._begins :]
        return Asked(
            request=self.request,
            tools=self.tools.names(role),
            agents=routed or self._of(calls),
            begins=self._begins,
            ends=self._begins + len(calls),
            first_token_ms=None if self._first is None else round(1000 * (self._first - self._began)),
            duration_ms=round(1000 * duration),
        )

    def _of(self, calls: Sequence[CallRecord]) -> tuple[str, ...]:
        """Whose tools were called, of those that are somebody's."""
        called = (self.tools.get(call.name) for call in calls)
        return tuple(sorted({agent for tool in called if tool is not None for agent in tool.agents}))
