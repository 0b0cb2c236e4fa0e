"""Words a reply for a member of staff, who reads, changes and sends it, or does not: nothing here reaches a customer."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import assert_never

from agents.conversation import to_model_request
from agents.ensemble.chunks import Finish, Restart, Text, ToolCall
from agents.ensemble.model import Model, ModelMessage
from agents.events import TurnRestarted, TurnText
from agents.turn import TurnRequest

PURPOSE = "draft"


class Drafter:
    """The ensemble, asked for a colleague."""

    def __init__(self, ensemble: Model, instructions: str, wish: str) -> None:
        """`instructions`: as for answers, `wish`: what is wanted of a draft; both rendered from the profile."""
        self._ensemble = ensemble
        self._instructions = instructions
        self._wish = wish

    async def draft(self, request: TurnRequest, instruction: str | None) -> AsyncGenerator[TurnText | TurnRestarted, None]:
        """Streams the draft; `request.turn` is the draft's own id. Hold it in `aclosing()`; closing it closes the provider's stream."""
        asked = to_model_request(request, self._instructions)
        wish = self._wish if not instruction else f"{self._wish}\nThe colleague asks for this: {instruction}"
        asked = replace(asked, messages=(*asked.messages, ModelMessage("system", wish)), paced=False, purpose=PURPOSE)
        async with aclosing(self._ensemble.stream(asked)) as chunks:
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
