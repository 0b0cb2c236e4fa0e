"""Providers on loopback, one for every streaming protocol, each with faults to order: `async with Farm() as farm`."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

from kernel.settings import ModelSettings
from tests.rig.provider import SHAPES, Call, ScriptedProvider, ShapeName, litellm_id


class Farm:
    """A `ScriptedProvider` each, so that one may be stopped while the others answer: `farm["gemini"].plan("m", ["cut-3"])`."""

    def __init__(self, *shapes: ShapeName, seed: int = 7, words: int = 60, chunk_delay: float = 0.0) -> None:
        """Without `shapes`: all of them."""
        wanted: Sequence[ShapeName] = shapes or tuple(SHAPES)
        self.providers = {shape: ScriptedProvider(seed=seed, words=words, chunk_delay=chunk_delay) for shape in wanted}
        self._stack = AsyncExitStack()

    def __getitem__(self, shape: ShapeName) -> ScriptedProvider:
        return self.providers[shape]

    @property
    def calls(self) -> list[Call]:
        """Of all providers, in the order in which they came."""
        return sorted((call for provider in self.providers.values() for call in provider.calls), key=lambda call: call.began)

    def base(self, shape: ShapeName) -> str:
        """`api_base` of this shape's models."""
        return self[shape].base(shape)

    def settings(self, shape: ShapeName, name: str, called: str | None = None, **more: object) -> ModelSettings:
        """A `[[models]]` entry: the model `called` (by itself: `name`), which the provider knows as `name`."""
        given = {"name": called or name, "litellm": litellm_id(shape, name), "api_base": self.base(shape), **more}
        return ModelSettings.model_validate(given)

    async def __aenter__(self) -> "Farm":
        for provider in self.providers.values():
            await self._stack.enter_async_context(provider)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
