"""Chunks of Gemini's streamGenerateContent: parts of one candidate, calls whole."""

from collections.abc import Mapping
from typing import Any

import orjson

from agents.ensemble.chunks import FinishReason
from agents.ensemble.errors import Garbage
from agents.ensemble.openai_shape import SIGNED
from agents.ensemble.thin.reader import Reader

_REASONS: Mapping[str, FinishReason] = {"STOP": "stop", "FINISH_REASON_UNSPECIFIED": "stop", "MAX_TOKENS": "length"}
# The model wanted a tool and said so in a way that nobody understands: whatever came before it is no whole answer.
_BROKEN_CALLS = frozenset(
    {"MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE"}
)


class GeminiReader(Reader):
    def __init__(self, *, takes_calls: bool) -> None:
        super().__init__(takes_calls=takes_calls)
        self._begun = 0

    def _chunk(self, chunk: dict[str, Any]) -> str | None:
        if usage := chunk.get("usageMetadata"):
            self._usage(usage)
        candidates = chunk.get("candidates")
        if not candidates:
            if (chunk.get("promptFeedback") or {}).get("blockReason"):
                self.finish = "content_filter"
            return None
        candidate = candidates[0]
        reads = [self._part(part) for part in (candidate.get("content") or {}).get("parts") or ()]
        said = [read for read in reads if read is not None]
        if reason := candidate.get("finishReason"):
            if reason in _BROKEN_CALLS:
                raise Garbage("a call that is none")
            # All others that there are, or will be, say what was not allowed.
            self.finish = _REASONS.get(reason, "content_filter")
            return "".join(said)
        return "".join(said) if said else None

    def _part(self, part: dict[str, Any]) -> str | None:
        if part.get("thought"):
            return ""
        if (call := part.get("functionCall")) is not None:
            signature = part.get("thoughtSignature")
            self._begun += 1
            call_id = call.get("id") or f"call_{self._begun}"
            named = f"{call_id}{SIGNED}{signature}" if signature else call_id
            return self._call(self._begun, named, call["name"], orjson.dumps(call.get("args") or {}).decode())
        return part.get("text") or None

    def _usage(self, usage: dict[str, Any]) -> None:
        """Thoughts are paid for as what was said is. A count may come with every chunk, the last one is of the whole."""
        said, thought = usage.get("candidatesTokenCount", 0), usage.get("thoughtsTokenCount", 0)
        match usage.get("promptTokenCount"), said, thought:
            case int(tokens_in), int(said), int(thought):
                self.tokens_in, self.tokens_out = tokens_in, said + thought
        self._cached(usage.get("cachedContentTokenCount"))
