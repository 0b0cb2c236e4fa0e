"""Lines of Ollama's chat: text, calls whole, the count with the last one."""

from typing import Any, ClassVar

import orjson

from agents.ensemble.thin.events import Events, JsonLines
from agents.ensemble.thin.reader import Reader

_THINK, _THOUGHT = "<think>", "</think>"


class OllamaReader(Reader):
    EVENTS: ClassVar[type[Events]] = JsonLines

    def __init__(self, *, takes_calls: bool) -> None:
        super().__init__(takes_calls=takes_calls)
        self._begun = 0
        self._thinks = False

    def _chunk(self, chunk: dict[str, Any]) -> str | None:
        message = chunk["message"]
        read = self._said(message)
        for call in message.get("tool_calls") or ():
            function = call["function"]
            self._begun += 1
            # Every one is whole; the number keeps calls apart that have no id.
            taken = self._call(self._begun, call.get("id"), function["name"], orjson.dumps(function.get("arguments") or {}).decode())
            read = taken if read is None else read
        if chunk["done"]:
            self._count(chunk, "prompt_eval_count", "eval_count")
            self.finish = "length" if chunk.get("done_reason") == "length" else "stop"
            self.over = True
            return read or ""
        return read

    def _said(self, message: dict[str, Any]) -> str | None:
        text: str = message.get("content") or ""
        if self._thinks or _THINK in text:
            text = self._without_thoughts(text)
        return text or ("" if message.get("thinking") or self._thinks else None)

    def _without_thoughts(self, text: str) -> str:
        """Some models think aloud, between marks that are tokens of their own."""
        said = []
        while text:
            before, mark, text = text.partition(_THOUGHT if self._thinks else _THINK)
            if not self._thinks:
                said.append(before)
            if mark:
                self._thinks = not self._thinks
        return "".join(said)
