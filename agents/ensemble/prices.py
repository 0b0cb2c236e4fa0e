"""What a call costs: by the settings' own prices, else by LiteLLM's local list; None where neither knows a price."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.ensemble.library import LiteLLMLibrary


@dataclass(frozen=True, slots=True)
class Rates:
    """Micro-dollars for one token, which is dollars for a million. `cached`: for input that the provider had read before."""

    into: float
    out: float
    cached: float

    def cost(self, tokens_in: int, tokens_out: int, tokens_cached: int = 0) -> int:
        """Whole micro-dollars. `tokens_cached` is the part of `tokens_in` that was read from the provider's cache."""
        cached = min(tokens_cached, tokens_in)
        return round((tokens_in - cached) * self.into + cached * self.cached + tokens_out * self.out)


class Prices:
    """Prices calls of LiteLLM's models. Each model is looked up once."""

    def __init__(self, library: LiteLLMLibrary) -> None:
        self._library = library
        self._listed: dict[str, Rates | None] = {}

    async def listed(self, model: str) -> Rates | None:
        """`model` is LiteLLM's id. A model that is not on the list has no price, rather than a price of nothing."""
        if model not in self._listed:
            litellm = self._library.loaded or await self._library.load()
            self._listed[model] = _look_up(litellm.model_cost, model)
        return self._listed[model]

    async def microdollars(self, model: str, tokens_in: int, tokens_out: int, tokens_cached: int = 0) -> int | None:
        """By the list alone."""
        rates = await self.listed(model)
        return None if rates is None else rates.cost(tokens_in, tokens_out, tokens_cached)


class Pricing:
    """The price of one model's calls, a `Price` of metered.py. What the settings say comes before the list."""

    def __init__(self, prices: Prices, model: str, dollars_in: float | None = None, dollars_out: float | None = None) -> None:
        """Dollars for a million tokens. Where one of the two is given and the list does not know the other, that costs nothing."""
        self._prices, self._model = prices, model
        self._own = dollars_in, dollars_out

    async def __call__(self, tokens_in: int, tokens_out: int, tokens_cached: int = 0) -> int | None:
        rates = await self._rates()
        return None if rates is None else rates.cost(tokens_in, tokens_out, tokens_cached)

    async def _rates(self) -> Rates | None:
        into, out = self._own
        if into is not None and out is not None:
            return Rates(into, out, into)
        listed = await self._prices.listed(self._model)
        if into is None and out is None:
            return listed
        listed = listed or Rates(0.0, 0.0, 0.0)
        return Rates(listed.into if into is None else into, listed.out if out is None else out, listed.cached if into is None else into)


def _look_up(listed: Mapping[str, Any], model: str) -> Rates | None:
    for key in (model, model.partition("/")[2]):
        entry = listed.get(key)
        if entry is not None and "input_cost_per_token" in entry:
            into = float(entry["input_cost_per_token"])
            cached = entry.get("cache_read_input_token_cost")
            out = float(entry.get("output_cost_per_token") or 0.0)
            return Rates(into * 1e6, out * 1e6, (into if cached is None else float(cached)) * 1e6)
    return None
