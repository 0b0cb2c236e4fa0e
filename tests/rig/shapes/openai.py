"""OpenAI's chat completions, as most providers and every server of one's own speak them."""

from typing import Any

from tests.rig.script import Script
from tests.rig.shapes.shape import Asked, Call, Frame, Step, pieces, split

NAME, TYPE, LINES = "openai", "text/event-stream", False
PING: Frame | None = None


def takes(path: str) -> bool:
    return path.endswith("/chat/completions")


def read(path: str, body: dict[str, Any]) -> Asked:
    tools = list(body.get("tools", []))
    return Asked(str(body.get("model", "plain")), list(body.get("messages", [])), tools, body.get("tool_choice"), bool(body.get("stream")))


def opening(call: Call) -> list[Frame]:
    return [_chunk(call, {"role": "assistant", "content": ""})]


def steps(call: Call, script: Script) -> list[Step]:
    deltas: list[dict[str, Any]] = [{"content": piece} for piece in pieces(call, script)] + _fragments(call, script)
    last = script.reason if script.ends_with_last else None
    return [
        Step([_chunk(call, delta, last if place == len(deltas) else None)], delta.get("content") or "")
        for place, delta in enumerate(deltas, start=1)
    ]


def _fragments(call: Call, script: Script) -> list[dict[str, Any]]:
    deltas: list[dict[str, Any]] = []
    for number, (name, arguments) in enumerate(script.calls):
        place = 0 if script.numbering == "same-index" else number
        named = {} if script.numbering == "no-id" else {"id": f"call-{call.number}-{number}"}
        # The name comes alone, then the arguments; whole calls come in one chunk.
        first = {"index": place, **named, "type": "function", "function": {"name": name, "arguments": "" if script.split else arguments}}
        rest = [{"index": place, "function": {"arguments": piece}} for piece in split(arguments, script.split)] if script.split else []
        if script.numbering == "repeated-id":
            rest = [{**fragment, **named} for fragment in rest]
        deltas += [{"tool_calls": [fragment]} for fragment in (first, *rest)]
    return deltas


def empty(call: Call) -> Frame:
    return _event(call, {"choices": []})


def closing(call: Call, script: Script) -> list[Frame]:
    frames = []
    if script.finish and not script.ends_with_last:
        frames.append(_chunk(call, {}, script.reason))
    if script.usage:
        frames.append(_event(call, {"choices": [], "usage": _tokens(call)}))
    if script.done:
        frames.append(Frame("[DONE]"))
    return frames


def error() -> Frame:
    return Frame({"error": {"message": "scripted", "type": "server_error", "param": None, "code": None}})


def refusal(status: int) -> dict[str, Any]:
    return {"error": {"message": "scripted", "type": "scripted"}}


def whole(call: Call) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": call.plan}, "finish_reason": "stop"}
    head = {"id": f"chatcmpl-{call.number}", "object": "chat.completion", "created": 1, "model": call.model}
    return {**head, "choices": [choice], "usage": _tokens(call)}


def _chunk(call: Call, delta: dict[str, Any], finish: str | None = None) -> Frame:
    return _event(call, {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def _event(call: Call, fields: dict[str, Any]) -> Frame:
    head = {"id": f"chatcmpl-{call.number}", "object": "chat.completion.chunk", "created": 1, "model": call.model}
    return Frame({**head, **fields})


def _tokens(call: Call) -> dict[str, int]:
    return {"prompt_tokens": call.words_in, "completion_tokens": call.chunks, "total_tokens": call.words_in + call.chunks}
