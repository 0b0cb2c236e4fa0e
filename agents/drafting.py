"""Words a reply for a member of staff, who reads, changes and sends it, or does not: nothing here reaches a customer."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import assert_never

from agents.citing import Citing
from agents.ensemble.chunks import Finish, Restart, Text, ToolCall
from agents.ensemble.model import Model, ModelMessage
from agents.events import TurnRestarted, TurnText
from agents.orchestrator import Orchestrator
from agents.turn import TurnRequest
from agents.voice import Reply

PURPOSE = "draft"


class Drafter:
    """The ensemble, asked for a colleague. The agents find what is true as for a reply, and write nothing."""

    def __init__(self, orchestrator: Orchestrator, ensemble: Model, wish: str) -> None:
        """`wish`: what is wanted of a draft, rendered from the profile."""
        self._orchestrator = orchestrator
        self._ensemble = ensemble
        self._wish = wish

    async def draft(self, request: TurnRequest, instruction: str | None) -> AsyncGenerator[TurnText | TurnRestarted, None]:
        """Streams the draft; `request.turn` is the draft's own id. Hold it in `aclosing()`; closing it closes the provider's stream."""
        matter = self._orchestrator.matter(request, effects=False)
        prepared = ""
        async with aclosing(self._orchestrator.work(matter)) as steps:
            async for step in steps:
                prepared = step.text if isinstance(step, Reply) else prepared
        asked = self._orchestrator.request(matter, Reply(prepared, ""))
        wish = self._wish if not instruction else f"{self._wish}\nThe colleague asks for this: {instruction}"
        messages = (*asked.messages, ModelMessage("system", wish))
        asked = replace(asked, messages=messages, paced=False, purpose=PURPOSE)
        # Passages may stand in the request; a colleague reads no marks.
        async with aclosing(Citing(self._ensemble).stream(asked)) as chunks:
            async for chunk in chunks:
                match chunk:
                    case Text(text):
                        yield TurnText(text)
                    case Restart(reason):
                        yield TurnRestarted(reason)
                    case ToolCall():
                        pass  # none was offered
                    case Finish():
                        return
                    case _:
                        assert_never(chunk)
