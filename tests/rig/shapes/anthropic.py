"""Anthropic's messages: named events, a block for the text and one for every call."""

from typing import Any

from tests.rig.script import Script
from tests.rig.shapes.shape import Asked, Call, Frame, Step, pieces, split

NAME, TYPE, LINES = "anthropic", "text/event-stream; charset=utf-8", False
PING: Frame | None = Frame({"type": "ping"}, "ping")
REASONS = {"stop": "end_turn", "tool_calls": "tool_use", "length": "max_tokens", "content_filter": "refusal"}


def takes(path: str) -> bool:
    return path.endswith("/v1/messages")


def read(path: str, body: dict[str, Any]) -> Asked:
    messages = [{"role": message["role"], "content": _text(message["content"])} for message in body.get("messages", [])]
    if system := _text(body.get("system", "")):
        messages.insert(0, {"role": "system", "content": system})
    return Asked(str(body.get("model", "plain")), messages, list(body.get("tools", [])), body.get("tool_choice"), bool(body.get("stream")))


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return " ".join(str(block.get("text") or block.get("content") or "") for block in content).strip()


def opening(call: Call) -> list[Frame]:
    message: dict[str, Any] = {
        "id": f"msg_{call.number}",
        "type": "message",
        "role": "assistant",
        "model": call.model,
        "content": [],
        "stop_reason": None,
    }
    usage = {"input_tokens": call.words_in, "output_tokens": 1, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    return [_event("message_start", message={**message, "stop_sequence": None, "usage": usage})]


def steps(call: Call, script: Script) -> list[Step]:
    texts = pieces(call, script)
    made: list[Step] = []
    if texts:
        made += _block(0, {"type": "text", "text": ""}, [({"type": "text_delta", "text": text}, text) for text in texts])
    for number, (name, arguments) in enumerate(script.calls):
        block = {"type": "tool_use", "id": f"toolu_{call.number}_{number}", "name": name, "input": {}}
        fragments = [({"type": "input_json_delta", "partial_json": piece}, "") for piece in split(arguments, script.split)]
        # The block begins at a position of its own, as the name comes alone in other protocols.
        begun = [({"type": "input_json_delta", "partial_json": ""}, "")] if script.split else []
        made += _block(number + bool(texts), block, begun + fragments)
    return made


def _block(index: int, block: dict[str, Any], deltas: list[tuple[dict[str, Any], str]]) -> list[Step]:
    made = [([_event("content_block_delta", index=index, delta=delta)], text) for delta, text in deltas]
    made[0][0].insert(0, _event("content_block_start", index=index, content_block=block))
    made[-1][0].append(_event("content_block_stop", index=index))
    return [Step(frames, text) for frames, text in made]


def empty(call: Call) -> Frame:
    return _event("content_block_delta", index=0, delta={"type": "text_delta", "text": ""})


def closing(call: Call, script: Script) -> list[Frame]:
    frames = []
    if script.finish:
        usage = {"usage": {"output_tokens": call.chunks}} if script.usage else {}
        frames.append(_event("message_delta", delta={"stop_reason": REASONS[script.reason], "stop_sequence": None}, **usage))
    if script.done:
        frames.append(_event("message_stop"))
    return frames


def error() -> Frame:
    return _event("error", error={"type": "overloaded_error", "message": "scripted"})


def refusal(status: int) -> dict[str, Any]:
    return {"type": "error", "error": {"type": "scripted", "message": "scripted"}}


def whole(call: Call) -> dict[str, Any]:
    usage = {"input_tokens": call.words_in, "output_tokens": call.chunks}
    head = {"id": f"msg_{call.number}", "type": "message", "role": "assistant", "model": call.model}
    return {**head, "content": [{"type": "text", "text": call.plan}], "stop_reason": "end_turn", "stop_sequence": None, "usage": usage}


def _event(kind: str, **fields: Any) -> Frame:
    return Frame({"type": kind, **fields}, kind)
