"""Where a model is, as LiteLLM names it."""

from dataclasses import dataclass

NO_KEY = "none"  # a local server wants no key, but LiteLLM wants one


@dataclass(frozen=True, slots=True)
class LiteLLMTarget:
    """Where a model is. `id` is LiteLLM's ("openai/gpt-4o"); times in seconds. `whole`: LiteLLM reads its streams, too."""

    name: str
    id: str
    api_base: str | None = None
    api_key: str | None = None
    first_token_s: float = 15.0
    idle_chunk_s: float = 10.0
    whole: bool = False

    @property
    def provider(self) -> str:
        return self.id.partition("/")[0] if "/" in self.id else "openai"

    @property
    def key(self) -> str | None:
        return self.api_key or (NO_KEY if self.api_base is not None else None)
