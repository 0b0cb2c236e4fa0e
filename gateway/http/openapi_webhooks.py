"""The part of the OpenAPI document that speaks of what receivers of webhooks are sent: one entry for each kind of event."""

import re
from typing import Any, get_args

from business.webhooks.events import EVENTS

_HEADERS = {
    "webhook-id": "The event's own id, the same however often it is sent",
    "webhook-timestamp": "Seconds since 1970 of this try",
    "webhook-signature": "`v1,` and base64 of HMAC-SHA256; several, parted by spaces, while a secret is being changed",
}


def webhooks(reference: str) -> dict[str, Any]:
    """Path items, by event; `reference` is that of a schema, with `{model}` for its name."""
    found: dict[str, Any] = {}
    for model in EVENTS:
        words, schema = re.sub(r"\s+", " ", model.__doc__ or ""), reference.format(model=model.__name__)
        found |= {name: {"post": _post(name, words, schema)} for name in get_args(model.model_fields["type"].annotation)}
    return found


def _post(name: str, words: str, schema: str) -> dict[str, Any]:
    return {
        "operationId": "on_" + name.replace(".", "_"),
        "summary": words,
        "tags": ["webhooks"],
        "parameters": [
            {"name": header, "in": "header", "required": True, "schema": {"type": "string"}, "description": meaning}
            for header, meaning in _HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {"$ref": schema}}}},
        "responses": {
            "2XX": {"description": "Taken; whatever stands in the answer is not read"},
            "410": {"description": "Never again: the webhook is switched off"},
            "default": {"description": "Tried again, over about a day"},
        },
    }
