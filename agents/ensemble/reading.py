"""How a target is read: off the wire where its provider speaks a protocol that we know, by LiteLLM's own iterator otherwise."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from types import ModuleType

from agents.ensemble.chunks import Chunk
from agents.ensemble.library import LiteLLMLibrary
from agents.ensemble.litellm_model import LiteLLMModel
from agents.ensemble.model import Model, ModelRequest
from agents.ensemble.target import LiteLLMTarget
from agents.ensemble.thin.connections import Connections
from agents.ensemble.thin.model import ThinModel
from agents.ensemble.thin.shaping import Shaping, shaping


def model_for(target: LiteLLMTarget, library: LiteLLMLibrary, connections: Connections) -> Model:
    """The model of a target. Nothing is imported or asked until its first call."""
    whole = LiteLLMModel(target, library)
    return whole if target.whole else ReadModel(target, whole, library, connections)


class ReadModel:
    """Asks LiteLLM, when it is there, what the provider speaks and how a request is put to it; then one of the two streams."""

    def __init__(self, target: LiteLLMTarget, whole: LiteLLMModel, library: LiteLLMLibrary, connections: Connections) -> None:
        self.target = target
        self._whole = whole
        self._library = library
        self._connections = connections
        self._shaping: Shaping | None = None
        self._thin: ThinModel | None = None

    @property
    def name(self) -> str:
        return self.target.name

    def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """As `Model` has it."""
        # No generator around the generator: that would be paid for at every token.
        litellm = self._library.loaded
        return self._later(request) if litellm is None else self.reader(litellm, request).stream(request)

    def reader(self, litellm: ModuleType, request: ModelRequest) -> Model:
        """Who makes this call."""
        if self._thin is None:
            # What LiteLLM does not know it says again, as a failure, when it is asked to make the call.
            with suppress(Exception):
                self._shaping = shaping(litellm, self.target)
            if self._shaping is None:
                return self._whole
            self._thin = ThinModel(self.target, self._shaping, self._connections)
        return self._thin if self._shaping is not None and self._shaping.reads(request) else self._whole

    async def _later(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """A process that has just started may still import the library: that is not the provider's silence."""
        async with aclosing(self.reader(await self._library.load(), request).stream(request)) as chunks:
            async for chunk in chunks:
                yield chunk
