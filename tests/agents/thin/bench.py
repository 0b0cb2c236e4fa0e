"""What these tests build and collect: models of either reading, and the whole of what one call gave."""

from contextlib import aclosing
from dataclasses import dataclass, field, replace

from agents.ensemble.chunks import Chunk, Finish, Text, ToolCall
from agents.ensemble.errors import ModelError
from agents.ensemble.library import LiteLLMLibrary
from agents.ensemble.model import Model, ModelRequest
from agents.ensemble.reading import model_for
from agents.ensemble.target import LiteLLMTarget
from agents.ensemble.thin.connections import Connections
from tests.agents.building import ask
from tests.agents.test_tool_calls import ask_with_tools
from tests.rig.farm import Farm
from tests.rig.provider import ShapeName, litellm_id
from tests.rig.script import Script

__all__ = ["Bench", "Gave", "ask", "ask_with_tools", "collect"]


@dataclass
class Gave:
    """One call's outcome."""

    chunks: list[Chunk] = field(default_factory=list)
    error: ModelError | None = None

    @property
    def text(self) -> str:
        return "".join(chunk.text for chunk in self.chunks if isinstance(chunk, Text))

    @property
    def calls(self) -> list[ToolCall]:
        return [chunk for chunk in self.chunks if isinstance(chunk, ToolCall)]

    @property
    def finish(self) -> Finish | None:
        return next((chunk for chunk in self.chunks if isinstance(chunk, Finish)), None)

    @property
    def kind(self) -> str | None:
        return self.error.kind if self.error is not None else None


async def collect(model: Model, request: ModelRequest | None = None) -> Gave:
    gave = Gave()
    try:
        async with aclosing(model.stream(request or ask_with_tools())) as chunks:
            async for chunk in chunks:
                gave.chunks.append(chunk)
    except ModelError as error:
        gave.error = error
    return gave


@dataclass
class Bench:
    """Models on the farm."""

    farm: Farm
    library: LiteLLMLibrary
    connections: Connections

    def model(self, shape: ShapeName, script: str | Script = "plain", *, whole: bool = False, **settings: float) -> Model:
        """A model whose calls follow the script. `whole`: read by LiteLLM."""
        name = script if isinstance(script, str) else "planned"
        if isinstance(script, Script):
            self.farm[shape].plan(name, [script])
        target = LiteLLMTarget(name, litellm_id(shape, name), self.farm.base(shape), "key", **settings)  # type: ignore[arg-type]
        return model_for(replace(target, whole=whole), self.library, self.connections)
