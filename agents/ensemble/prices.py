"""What a call costs, from LiteLLM's local price list; None where it knows no price."""

import asyncio
from functools import partial

from agents.ensemble.library import LiteLLMLibrary


class Prices:
    """Prices calls of LiteLLM's models, in whole micro-dollars."""

    def __init__(self, library: LiteLLMLibrary) -> None:
        self._library = library

    async def microdollars(self, model: str, tokens_in: int, tokens_out: int) -> int | None:
        """`model` is LiteLLM's id. A model that is not on the list has no price, rather than a price of nothing."""
        return await asyncio.to_thread(partial(self._look_up, model, tokens_in, tokens_out))

    def _look_up(self, model: str, tokens_in: int, tokens_out: int) -> int | None:
        litellm = self._library.loaded
        if litellm is None:
            return None
        for key in (model, model.partition("/")[2]):
            entry = litellm.model_cost.get(key)
            if entry is not None and "input_cost_per_token" in entry:
                dollars = float(tokens_in * entry["input_cost_per_token"] + tokens_out * entry.get("output_cost_per_token", 0.0))
                return round(dollars * 1_000_000)
        return None
