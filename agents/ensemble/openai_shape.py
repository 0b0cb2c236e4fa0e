"""A request's messages and tools in OpenAI's shape, which LiteLLM turns into every other's."""

from functools import lru_cache
from typing import Any

from agents.ensemble.model import ModelMessage, ModelRequest, ToolSpec
from kernel.wire.base import visible

# Gemini signs the thought behind a call and wants the signature back: LiteLLM keeps it in the call's id, behind this.
SIGNED = "__thought__"


def messages(request: ModelRequest, *, signed: bool = True) -> list[dict[str, Any]]:
    """Fresh objects, which may be changed by who gets them. What no person could see in a message no model reads either.

    Without `signed` the ids of calls come without signatures, which are too long for others than who made them.
    """
    return [_message(message, signed) for message in request.messages]


def tools(request: ModelRequest) -> list[dict[str, Any]]:
    """Fresh objects, but for the schemas in them."""
    return [_tool(spec) for spec in request.tools]


def _message(message: ModelMessage, signed: bool) -> dict[str, Any]:
    # The instructions are long, and the same from call to call.
    content = _visible_instructions(message.content) if message.role == "system" else visible(message.content)
    if message.calls:
        calls = [
            {"id": _id(call.id, signed), "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.calls
        ]
        return {"role": message.role, "content": content or None, "tool_calls": calls}
    if message.call_id is not None:
        return {"role": message.role, "content": content, "tool_call_id": _id(message.call_id, signed)}
    return {"role": message.role, "content": content}


def _id(call_id: str, signed: bool) -> str:
    return call_id if signed else call_id.partition(SIGNED)[0]


_visible_instructions = lru_cache(maxsize=64)(visible)


def _tool(spec: ToolSpec) -> dict[str, Any]:
    function = {"name": spec.name, "description": spec.description, "parameters": dict(spec.parameters)}
    return {"type": "function", "function": function}
