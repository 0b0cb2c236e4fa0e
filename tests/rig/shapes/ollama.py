"""Ollama's chat: a line of JSON for every chunk, calls whole, the count with the last line."""

from typing import Any

from tests.rig.script import Script
from tests.rig.shapes.shape import Asked, Call, Frame, Step, parsed, pieces

NAME, TYPE, LINES = "ollama", "application/x-ndjson", True
PING: Frame | None = None
REASONS = {"stop": "stop", "tool_calls": "stop", "length": "length", "content_filter": "stop"}


def takes(path: str) -> bool:
    return path.endswith("/api/chat")


def read(path: str, body: dict[str, Any]) -> Asked:
    streamed = body.get("stream", True)
    return Asked(str(body.get("model", "plain")), list(body.get("messages", [])), list(body.get("tools") or []), None, streamed)


def opening(call: Call) -> list[Frame]:
    return []


def steps(call: Call, script: Script) -> list[Step]:
    made = [Step([_line(call, {"content": text})], text) for text in pieces(call, script)]
    for name, arguments in script.calls:
        function = {"name": name, "arguments": parsed(arguments)}
        made.append(Step([_line(call, {"content": "", "tool_calls": [{"function": function}]})]))
    return made


def empty(call: Call) -> Frame:
    return _line(call, {"content": ""})


def closing(call: Call, script: Script) -> list[Frame]:
    if not script.finish:
        return []
    counts = {"prompt_eval_count": call.words_in, "eval_count": call.chunks} if script.usage else {}
    return [_line(call, {"content": ""}, done_reason=REASONS[script.reason], done=True, total_duration=1, **counts)]


def error() -> Frame:
    return Frame({"error": "scripted"})


def refusal(status: int) -> dict[str, Any]:
    return {"error": "scripted"}


def whole(call: Call) -> dict[str, Any]:
    counts = {"prompt_eval_count": call.words_in, "eval_count": call.chunks}
    data = _line(call, {"content": call.plan}, done_reason="stop", done=True, **counts).data
    assert isinstance(data, dict)
    return data


def _line(call: Call, message: dict[str, Any], *, done: bool = False, **fields: Any) -> Frame:
    head = {"model": call.model, "created_at": "2026-11-01T00:00:00.000000Z"}
    return Frame({**head, "message": {"role": "assistant", **message}, "done": done, **fields})
