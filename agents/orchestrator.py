"""The orchestrator: a turn comes in, one reply comes out as `TurnEvent`s; first form: every question goes to the ensemble."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import assert_never

from agents.conversation import to_model_request
from agents.ensemble.chunks import Finish, Restart, Text, ToolCall
from agents.ensemble.model import Model
from agents.events import TurnEvent, TurnFinished, TurnRestarted, TurnText
from agents.turn import TurnRequest

AGENT = "conversational"


class Orchestrator:
    """Answers turns. Holds no state of a conversation: everything comes in with the request."""

    def __init__(self, ensemble: Model, instructions: str) -> None:
        """`instructions`: the system prompt, already rendered from the profile."""
        self._ensemble = ensemble
        self.instructions = instructions

    async def answer(self, request: TurnRequest) -> AsyncGenerator[TurnEvent, None]:
        """Streams the reply. Hold it in `aclosing()`; closing or cancelling closes the provider's stream.

        Raises nothing but CancelledError: the ensemble's last member is the house, which needs no network.
        """
        model_request = to_model_request(request, self.instructions)
        async with aclosing(self._ensemble.stream(model_request)) as chunks:
            async for chunk in chunks:
                match chunk:
                    case Text(text):
                        yield TurnText(text)
                    case Restart(reason):
                        yield TurnRestarted(reason)
                    case ToolCall():
                        pass  # none was offered
                    case Finish():
                        yield TurnFinished(agent=AGENT, model=chunk.model)
                        return
                    case _:
                        assert_never(chunk)
