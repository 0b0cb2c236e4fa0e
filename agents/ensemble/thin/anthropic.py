"""Events of Anthropic's messages: blocks of text, of thoughts and of calls."""

from collections.abc import Mapping
from typing import Any

from agents.ensemble.chunks import FinishReason
from agents.ensemble.thin.reader import Reader

_REASONS: Mapping[str, FinishReason] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
}
# All of what was read counts, what came from the prompt's cache too.
_READ = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


class AnthropicReader(Reader):
    def __init__(self, *, takes_calls: bool) -> None:
        super().__init__(takes_calls=takes_calls)
        self._usage: dict[str, Any] = {}

    def _chunk(self, chunk: dict[str, Any]) -> str | None:
        match chunk["type"]:
            case "content_block_delta":
                return self._delta(chunk["index"], chunk["delta"])
            case "content_block_start":
                return self._block(chunk["index"], chunk["content_block"])
            case "message_delta":
                self._counted(chunk.get("usage"))
                if reason := chunk["delta"].get("stop_reason"):
                    self.finish = _REASONS.get(reason, "stop")
                    return ""
            case "message_start":
                self._counted(chunk["message"].get("usage"))
            case "message_stop":
                self.over = True
        return None

    def _delta(self, index: int, delta: dict[str, Any]) -> str | None:
        match delta["type"]:
            case "text_delta":
                return delta["text"] or None
            case "input_json_delta":
                return self._call(index, None, None, delta["partial_json"])
        return ""  # thoughts and their signatures, citations

    def _block(self, index: int, block: dict[str, Any]) -> str | None:
        if block["type"] == "tool_use":
            return self._call(index, block["id"], block["name"], None)
        return block.get("text") or "" if block["type"] == "text" else ""

    def _counted(self, usage: dict[str, Any] | None) -> None:
        """A later count is of the whole, but may leave out what an earlier one said."""
        if not usage:
            return
        self._usage.update((key, value) for key, value in usage.items() if isinstance(value, int))
        if "input_tokens" in self._usage and "output_tokens" in self._usage:
            self.tokens_in = sum(self._usage.get(key, 0) for key in _READ)
            self.tokens_out = self._usage["output_tokens"]
            self._cached(self._usage.get("cache_read_input_tokens"))
