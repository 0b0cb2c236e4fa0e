"""The published description of the wire, made from the event models: AsyncAPI 3, and one JSON Schema for client types."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from kernel.wire.chat import CHAT_EVENTS, UNACKNOWLEDGED, ChatConnect
from kernel.wire.console import CONSOLE_EVENTS, ConsoleConnect
from kernel.wire.server import CHAT_PAYLOADS, CHAT_SERVER_EVENTS, CONSOLE_SERVER_EVENTS, STAFF_PAYLOADS, DurableEvent, StaffLogEvent


def _models() -> list[type[BaseModel]]:
    every: list[type[BaseModel]] = [ChatConnect, ConsoleConnect, DurableEvent, StaffLogEvent, *CHAT_PAYLOADS, *STAFF_PAYLOADS]
    for table in (CHAT_EVENTS, CONSOLE_EVENTS, CHAT_SERVER_EVENTS, CONSOLE_SERVER_EVENTS):
        every += table.values()
    return list(dict.fromkeys(every))


def json_schema() -> dict[str, Any]:
    """JSON Schema with every model in `$defs`, by the model's name; what arrives has its defaults filled in or left out."""
    _, schema = models_json_schema([(model, "validation") for model in _models()], by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "HibachiWire",
        "type": "object",
        "properties": {model.__name__: {"$ref": f"#/$defs/{model.__name__}"} for model in _models()},
        "$defs": schema["$defs"],
    }


def asyncapi(version: str) -> dict[str, Any]:
    """The AsyncAPI 3.0 document: a channel for each namespace, a message for each event, an operation for each direction."""
    _, schema = models_json_schema(
        [(model, "validation") for model in _models()], by_alias=True, ref_template="#/components/schemas/{model}"
    )
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for namespace, sent, received in (
        ("chat", CHAT_EVENTS, CHAT_SERVER_EVENTS),
        ("console", CONSOLE_EVENTS, CONSOLE_SERVER_EVENTS),
    ):
        payloads = CHAT_PAYLOADS if namespace == "chat" else (*CHAT_PAYLOADS, *STAFF_PAYLOADS)
        messages = {f"{name}.in": _message(name, model.__name__, model.__doc__) for name, model in sent.items()}
        messages |= {f"{name}.out": _message(name, model.__name__, model.__doc__) for name, model in received.items()}
        messages |= {f"event.{p.model_fields['kind'].default}.out": _durable(p) for p in payloads}
        channels[namespace] = {"address": f"/{namespace}", "messages": messages}
        for name in sent:
            operations[f"{namespace}.{name}"] = {
                "action": "receive",
                "channel": {"$ref": f"#/channels/{namespace}"},
                "summary": "not acknowledged" if name in UNACKNOWLEDGED else "acknowledged {ok: true, ...} or {ok: false, error}",
                "messages": [{"$ref": f"#/channels/{namespace}/messages/{name}.in"}],
            }
        operations[f"{namespace}.serve"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{namespace}"},
            "messages": [{"$ref": f"#/channels/{namespace}/messages/{key}"} for key in messages if key.endswith(".out")],
        }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Hibachi Gateway",
            "version": version,
            "description": "Socket.IO v5 over Engine.IO v4 at /socket.io. Order, counters and rules: docs/protocol.md.",
        },
        "channels": channels,
        "operations": operations,
        "components": {"schemas": schema["$defs"]},
    }


def _message(name: str, model: str, summary: str | None) -> dict[str, Any]:
    message: dict[str, Any] = {"name": name, "payload": {"$ref": f"#/components/schemas/{model}"}}
    if summary and not summary.startswith("Usage docs"):
        message["summary"] = " ".join(summary.split())
    return message


def _durable(payload: type[BaseModel]) -> dict[str, Any]:
    envelope = "StaffLogEvent" if payload in STAFF_PAYLOADS else "DurableEvent"
    parts = [{"$ref": f"#/components/schemas/{name}"} for name in (envelope, payload.__name__)]
    return {"name": "event", "summary": payload.__name__, "payload": {"allOf": parts}}
