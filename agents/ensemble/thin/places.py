"""Where providers are, and what their keys are called, where LiteLLM asks the environment for it in a place that cannot be called."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from agents.ensemble.errors import Unauthorized


@dataclass(frozen=True, slots=True)
class Place:
    """Names of variables, the first that is set counts, and the address where none is."""

    keys: tuple[str, ...]
    bases: tuple[str, ...] = ()
    base: str | None = None
    wants_key: bool = True


_PLACES: Mapping[str, Place] = {
    "openai": Place(("OPENAI_API_KEY",), ("OPENAI_BASE_URL", "OPENAI_API_BASE"), "https://api.openai.com/v1"),
    "openrouter": Place(("OPENROUTER_API_KEY", "OR_API_KEY"), ("OPENROUTER_API_BASE",), "https://openrouter.ai/api/v1"),
    "mistral": Place(("MISTRAL_API_KEY",), ("MISTRAL_API_BASE",), "https://api.mistral.ai/v1"),
    "anthropic": Place(("ANTHROPIC_API_KEY",), ("ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL"), "https://api.anthropic.com"),
    "gemini": Place(("GOOGLE_API_KEY", "GEMINI_API_KEY"), ("GEMINI_API_BASE",)),
    "ollama_chat": Place(("OLLAMA_API_KEY",), ("OLLAMA_API_BASE",), "http://localhost:11434", wants_key=False),
}
_ELSEWHERE = Place(())


def place(provider: str, base: str | None, key: str | None, environment: Mapping[str, str] = os.environ) -> tuple[str | None, str | None]:
    """(address, key) of a provider; what is given counts before what the environment says. Raises Unauthorized without any key."""
    known = _PLACES.get(provider, _ELSEWHERE)
    base = base or next((environment[name] for name in known.bases if environment.get(name)), known.base)
    key = key or next((environment[name] for name in known.keys if environment.get(name)), None)
    if key is None and known.wants_key:
        raise Unauthorized("no key")
    return base, key
