"""RingCentral's published description, the part that we use, and whether what is said fits it.

`openapi.json` holds shapes alone: types, required names, enums; where it is from stands in it. Its objects are closed: a name that nobody
published is a breach, ours and the simulator's. `DEVIATIONS` are the places where the guide's own examples, or the kind of message, do not
fit the description; each with its reason.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from gateway.simulator.operations import Exchange
from gateway.simulator.webhooks import Notification

FILE = Path(__file__).with_name("openapi.json")
Json = dict[str, Any]

# Where we do not follow the description: schema, what of it, why.
DEVIATIONS = (
    ("GetSingleMessageInfoResponse", "vmSideRecipients", "required there, but of voicemail alone: a text has none (guide: receiving)"),
    ("InstantMessageEventBody", "attachments.id", "an integer there, a string in both examples of the guide (receiving-sms-mms)"),
    ("MessageListMessageResponse", "id", "an integer there, a string in every example of the guide (high-volume/message-store)"),
    ("InstantMessageEventBody", "eventType, owner", "not there, but in both examples of the guide (receiving-sms-mms)"),
    ("InstantMessageEvent", "ownerId", "in its body there, beside it in both examples of the guide (receiving-sms-mms)"),
    ("Refusal", "errorCode, message", "not beside `errors` there, but in the guide's example (webhooks/configuring-tls-ssl)"),
    ("CreateMMSMessage", "attachments", "a part of its own in multipart bodies: the envelope alone is compared (sending-images)"),
)
EVENTS = {
    "message-store/instant": "InstantMessageEvent",
    "message-store": "MessageEvent",
    "a2p-sms/messages": "BatchMessagesEvent",
    "a2p-sms/batches": "MessageBatchEvent",
    "a2p-sms/opt-outs": "OptOutEvent",
}


@lru_cache
def document() -> Json:
    """The file."""
    found: Json = json.loads(FILE.read_text(encoding="utf-8"))
    return found


class Check:
    """An observer of the simulator. `breaches`: what does not fit, a line each."""

    def __init__(self) -> None:
        self.breaches: list[str] = []
        self.checked = 0

    def __call__(self, what: Exchange | Notification) -> None:
        found = _webhook(what) if isinstance(what, Notification) else _exchange(what)
        self.checked += 1
        self.breaches += found

    def told(self) -> str:
        """All of them, for an assertion."""
        return "\n".join(self.breaches[:20])


def _exchange(what: Exchange) -> list[str]:
    operation = document()["operations"][what.operation]
    found = [*_query(operation, what)] if what.status < 400 or what.status == 429 else []
    if what.status < 400:
        found += _fits(operation["body"].get(what.content_type), what.body, f"{what.operation} request")
    answer = operation["answers"].get(str(what.status), "Refusal" if what.status >= 400 else None)
    if answer is None and what.answer is not None:
        found.append(f"{what.operation}: {what.status} is no answer of it")
    return [*found, *_fits(answer, what.answer, f"{what.operation} {what.status}")]


def _query(operation: Json, what: Exchange) -> list[str]:
    """Every parameter is one of it, and has its type."""
    known: Mapping[str, Json] = operation["query"]
    found = [f"{what.operation}: there is no parameter {name}" for name, _ in what.query if name not in known]
    for name, value in what.query:
        schema = known.get(name)
        if schema is not None:
            one = schema.get("items", schema)
            found += _fits(one, _typed(one, value), f"{what.operation} ?{name}")
    return found


def _typed(schema: Json, value: str) -> object:
    kind = schema.get("type")
    if kind == "integer" and value.lstrip("-").isdecimal():
        return int(value)
    return {"true": True, "false": False}.get(value, value) if kind == "boolean" else value


def _webhook(note: Notification) -> list[str]:
    path = note.event.partition("?")[0]
    name = next((schema for ending, schema in EVENTS.items() if path.endswith(ending)), None)
    return [f"{note.event}: no event of it"] if name is None else _fits(name, note.body, f"webhook {path}")


def _fits(schema: str | Json | None, value: object, where: str) -> list[str]:
    if schema is None or (value is None and isinstance(schema, str) and schema != "Refusal"):
        return []
    return [f"{where}: {'/'.join(map(str, error.path))} {error.message}"[:300] for error in _validator(_key(schema)).iter_errors(value)]


def _key(schema: str | Json) -> str:
    whole = {"$ref": f"#/schemas/{schema}", "unevaluatedProperties": False}
    return json.dumps(whole if isinstance(schema, str) else schema, sort_keys=True)


@lru_cache
def _validator(key: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(key), "schemas": document()["schemas"]}, format_checker=FormatChecker())


def names(schemas: Sequence[str]) -> set[str]:
    """Those of these that the file has."""
    return set(schemas) & set(document()["schemas"])
