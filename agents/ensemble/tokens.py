"""Counts tokens where the provider did not: tiktoken's o200k_base, offline, in a thread."""

import asyncio
import importlib.util
import json
import os
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from agents.ensemble.model import ModelMessage, ToolSpec

if TYPE_CHECKING:
    from tiktoken import Encoding

ENCODING = "o200k_base"
# What a chat message costs beside its text (role, separators), and what primes the answer: OpenAI's published rule.
PER_MESSAGE, PRIMING = 3, 3
# Prose has four and more; the JSON of tools and their results two and a half.
BYTES_PER_TOKEN = 2


def point_tiktoken_at_local_files() -> None:
    """LiteLLM's wheel carries the encodings; without this tiktoken would fetch them. Does not run LiteLLM's code."""
    spec = importlib.util.find_spec("litellm")
    if spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent / "litellm_core_utils" / "tokenizers"
        os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(folder))


def estimated(text: str) -> int:
    """Tokens that a text is hardly more than, without counting."""
    return len(text.encode()) // BYTES_PER_TOKEN + PER_MESSAGE + 1


class TokenCounter:
    """Loads the encoding (a second, some 40 MB) when it is first asked, or by `load`."""

    def __init__(self) -> None:
        self._encoding: Encoding | None = None
        self._counted = lru_cache(maxsize=4096)(self._exactly)

    async def load(self) -> None:
        """In a thread."""
        await asyncio.to_thread(self._loaded)

    def length(self, text: str) -> int:
        """Tokens of one message: exact once the encoding is there, estimated before. At once, and remembered: a turn counts what is
        new in it, and never waits for the encoding."""
        return estimated(text) if self._encoding is None else self._counted(text)

    def _exactly(self, text: str) -> int:
        return len(self._loaded().encode_ordinary(text)) + PER_MESSAGE

    async def count(self, messages: Sequence[ModelMessage], answer: str, tools: Sequence[ToolSpec] = ()) -> tuple[int, int]:
        """(tokens in, tokens out) by o200k_base: exact for OpenAI's models, close for others and for tools."""
        return await asyncio.to_thread(partial(self._count, messages, answer, tools))

    def _count(self, messages: Sequence[ModelMessage], answer: str, tools: Sequence[ToolSpec]) -> tuple[int, int]:
        size = self._loaded().encode_ordinary
        asked = sum(len(size(_said(message))) + PER_MESSAGE for message in messages) + PRIMING
        told = sum(len(size(_told(tool))) for tool in tools)
        return asked + told, len(size(answer))

    def _loaded(self) -> "Encoding":
        if self._encoding is None:
            point_tiktoken_at_local_files()
            import tiktoken

            self._encoding = tiktoken.get_encoding(ENCODING)
        return self._encoding


def bound(messages: Sequence[ModelMessage], tools: Sequence[ToolSpec] = ()) -> int:
    """Tokens that this is hardly more than, without counting: bare figures and emoji may be. A call's real cost is settled after it."""
    asked = sum(estimated(_said(message)) for message in messages) + PRIMING
    return asked + sum(estimated(_told(tool)) for tool in tools)


@lru_cache(maxsize=512)
def _told(tool: ToolSpec) -> str:
    """What stands of a tool in a request; made once, for every turn is told of the same ones."""
    return f"{tool.name}{tool.description}{json.dumps(dict(tool.parameters))}"


def _said(message: ModelMessage) -> str:
    """A message with the calls that it carries: they are tokens too."""
    return "".join([message.content, *(f"{call.name}{call.arguments}" for call in message.calls)])
