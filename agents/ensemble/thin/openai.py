"""Chunks of OpenAI's chat completions, and of everyone who speaks like it."""

from collections.abc import Mapping
from typing import Any

from agents.ensemble.chunks import FinishReason
from agents.ensemble.errors import Garbage, Unavailable
from agents.ensemble.thin.reader import Reader

_REASONS: Mapping[str, FinishReason] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",  # Mistral
    "content_filter": "content_filter",
    "content_filtered": "content_filter",
    "sensitive": "content_filter",  # Zhipu
}
# Reasons that are none: the provider broke down (OpenRouter, Zhipu, DeepSeek).
_FAILURES = frozenset({"error", "network_error", "insufficient_system_resource"})


class OpenAIReader(Reader):
    def _chunk(self, chunk: dict[str, Any]) -> str | None:
        if usage := chunk.get("usage"):
            self._usage(usage)
        choices = chunk["choices"] if "choices" in chunk else _foreign(chunk)
        if not choices:
            return None
        choice = choices[0]
        read = self._delta(choice.get("delta") or {})
        if reason := choice.get("finish_reason"):
            if reason in _FAILURES:
                raise Unavailable("in mid-stream")
            self.finish = _REASONS.get(reason, "stop")
            return read or ""
        return read

    def _delta(self, delta: dict[str, Any]) -> str | None:
        """Text, fragments of calls and thoughts may share a chunk."""
        read = "" if delta.get("reasoning_content") or delta.get("reasoning") else None
        for fragment in delta.get("tool_calls") or ():
            function = fragment.get("function") or {}
            taken = self._call(fragment.get("index"), fragment.get("id"), function.get("name"), function.get("arguments"))
            read = taken if read is None else read
        if text := delta.get("content"):
            return text if isinstance(text, str) else _said(text)
        return read

    def _usage(self, usage: Any) -> None:
        self._count(usage, "prompt_tokens", "completion_tokens")
        # DeepSeek has a name of its own for it.
        self._cached((usage.get("prompt_tokens_details") or {}).get("cached_tokens", usage.get("prompt_cache_hit_tokens")))
        # xAI leaves what was thought out of the completion, but not out of the total.
        total = usage.get("total_tokens")
        if isinstance(total, int) and self.tokens_in is not None and self.tokens_out is not None:
            self.tokens_out = max(self.tokens_out, total - self.tokens_in)


def _foreign(chunk: dict[str, Any]) -> list[Any]:
    """A chunk without choices: a count or a provider's own note is fine, what names itself something else is not."""
    if chunk.get("object") == "error":
        raise Garbage("an error without a name")
    return []


def _said(parts: list[dict[str, Any]]) -> str:
    """Mistral's reasoning models give content in parts, thoughts among them."""
    return "".join(part.get("text") or "" for part in parts if part.get("type") == "text")
