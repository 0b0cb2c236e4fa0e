"""Gemini's generateContent of Google's AI Studio: parts of a candidate, calls whole, the model's name in the path."""

import re
from typing import Any
from urllib.parse import unquote

from tests.rig.script import Script
from tests.rig.shapes.shape import Asked, Call, Frame, Step, parsed, pieces

NAME, TYPE, LINES = "gemini", "text/event-stream", False
PING: Frame | None = None
REASONS = {"stop": "STOP", "tool_calls": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}
_PATH = re.compile(r"/models/([^/?]+):(generateContent|streamGenerateContent)")


def takes(path: str) -> bool:
    return _PATH.search(path) is not None


def read(path: str, body: dict[str, Any]) -> Asked:
    found = _PATH.search(path)
    assert found is not None
    messages = [{"role": content.get("role", "user"), "content": _text(content)} for content in body.get("contents", [])]
    if (system := body.get("system_instruction") or body.get("systemInstruction")) is not None:
        messages.insert(0, {"role": "system", "content": _text(system)})
    choice = body.get("toolConfig") or body.get("tool_config")
    return Asked(unquote(found[1]), messages, list(body.get("tools", [])), choice, found[2] == "streamGenerateContent")


def _text(content: dict[str, Any]) -> str:
    return " ".join(str(part.get("text", "")) for part in content["parts"]).strip()


def opening(call: Call) -> list[Frame]:
    return []


def steps(call: Call, script: Script) -> list[Step]:
    made: list[tuple[dict[str, Any], str]] = [({"text": text}, text) for text in pieces(call, script)]
    for number, (name, arguments) in enumerate(script.calls):
        named = {} if script.numbering == "no-id" else {"id": f"call-{call.number}-{number}"}
        made.append(({"functionCall": {"name": name, "args": parsed(arguments), **named}}, ""))
    last = REASONS[script.reason] if script.ends_with_last else None
    return [Step([_chunk(call, part, last if place == len(made) else None)], text) for place, (part, text) in enumerate(made, start=1)]


def empty(call: Call) -> Frame:
    return _chunk(call, {"text": ""})


def closing(call: Call, script: Script) -> list[Frame]:
    if not script.finish or script.ends_with_last:
        return []
    return [_chunk(call, {"text": ""}, REASONS[script.reason], usage=script.usage)]


def error() -> Frame:
    return Frame({"error": {"code": 503, "message": "scripted", "status": "UNAVAILABLE"}})


def refusal(status: int) -> dict[str, Any]:
    return {"error": {"code": status, "message": "scripted", "status": "SCRIPTED"}}


def whole(call: Call) -> dict[str, Any]:
    data = _chunk(call, {"text": call.plan}, "STOP", usage=True).data
    assert isinstance(data, dict)
    return data


def _chunk(call: Call, part: dict[str, Any], finish: str | None = None, *, usage: bool = False) -> Frame:
    reason = {} if finish is None else {"finishReason": finish}
    tokens = {"promptTokenCount": call.words_in, "candidatesTokenCount": call.chunks, "totalTokenCount": call.words_in + call.chunks}
    candidate = {"content": {"parts": [part], "role": "model"}, **reason, "index": 0}
    count = {"usageMetadata": tokens} if usage else {}
    return Frame({"candidates": [candidate], **count, "modelVersion": call.model, "responseId": f"r{call.number}"})
