"""OpenAPI 3.1 of what HTTP offers, made from what is `offered`: written by `hibachi schema`, served at /api/openapi.json."""

import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from business.webhooks.events import EVENTS
from gateway.http import openapi_citations as citations
from gateway.http import openapi_uploads as uploads
from gateway.http import operations as wire
from gateway.http.citations_wire import CitedPassage
from gateway.http.door import COOKIE
from gateway.http.offered import OFFERED
from gateway.http.openapi_webhooks import webhooks
from kernel.wire.server import Attachment

# Of the interface, not of the release: it changes when a client has to.
VERSION = "1.0.0"
REF = "#/components/schemas/{model}"
_FILE = {"type": "string", "format": "binary"}
MEANINGS = {
    400: "The request is not understood",
    401: "Nobody is signed in, or the way in is wrong",
    403: "Not allowed: the CSRF token, the origin, the role, the token's scope, or a password still to choose",
    404: "There is no such thing",
    409: "Somebody else did it",
    413: "The request is too large",
    429: "Too many failed logins, or requests of a token; `Retry-After` says when to come back",
    503: "Nothing was stored; try again",
}


def openapi_document(operations: Iterable[wire.Operation] = OFFERED) -> dict[str, Any]:
    """The document, as JSON values in a fixed order."""
    operations = tuple(operations)
    models: dict[type[BaseModel], None] = {wire.ErrorAnswer: None, Attachment: None, CitedPassage: None, **dict.fromkeys(EVENTS)}
    for operation in operations:
        models |= dict.fromkeys([*operation.answers, *([operation.body] if operation.body else [])])
    _, schemas = models_json_schema([(model, "validation") for model in models], ref_template=REF)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    paths |= uploads.paths(REF.format(model="Attachment"), REF.format(model="ErrorAnswer"))
    paths |= citations.paths(REF.format(model="CitedPassage"), REF.format(model="ErrorAnswer"))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hibachi Gateway",
            "version": VERSION,
            "description": "What the console and programs ask over HTTP, files, and what webhooks send. Chats travel over Socket.IO: see "
            "/asyncapi.json.",
        },
        "paths": paths,
        "webhooks": webhooks(REF),
        "components": {
            "schemas": dict(sorted(schemas["$defs"].items())),
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
                "token": {"type": "http", "scheme": "bearer", "description": "An API token, `hib_...`, made in the console's settings"},
                **uploads.SECURITY_SCHEMES,
            },
        },
    }


def _operation(operation: wire.Operation) -> dict[str, Any]:
    described: dict[str, Any] = {"operationId": operation.name, "summary": operation.summary, "tags": ["console"]}
    parameters: list[dict[str, Any]] = []
    if operation.cookie:
        described["security"] = [{"session": []}]
    if operation.scope:
        described["security"].append({"token": []})
        described["description"] = f"With an API token: the scope `{operation.scope}`."
    if "{id}" in operation.path:
        parameters.append({"name": "id", "in": "path", "required": True, "schema": {"type": "string"}})
    if operation.query is not None:
        parameters += _query(operation.query)
    if operation.csrf:
        parameters.append(
            {
                "name": "X-CSRF-Token",
                "in": "header",
                "required": operation.scope is None,
                "schema": {"type": "string"},
                "description": "What the login answered as `csrf`" + ("; with the session alone" if operation.scope else ""),
            }
        )
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        required = any(field.is_required() for field in operation.body.model_fields.values())
        described["requestBody"] = {"required": required, "content": _json([operation.body])}
    if operation.file:
        described["requestBody"] = {"required": True, "content": {"application/octet-stream": {"schema": _FILE}}}
    described["responses"] = {"200": _response(operation)} | {
        str(status): {"description": MEANINGS[status], "content": _json([wire.ErrorAnswer])}
        for status in sorted({*operation.errors, *_usual_errors(operation)})
    }
    return described


def _query(model: type[wire.Edge]) -> list[dict[str, Any]]:
    schema = model.model_json_schema()
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _value(one)} for name, one in schema["properties"].items()
    ]


def _value(schema: dict[str, Any]) -> dict[str, Any]:
    """Of a query's field: what is not given is left out, so null is none of its values."""
    kept = {key: value for key, value in schema.items() if key not in ("title", "anyOf") and value is not None}
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    return kept | (kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {})


def _usual_errors(operation: wire.Operation) -> set[int]:
    usual = {503}
    if operation.method != "GET":
        usual.add(403)
    if operation.body is not None:
        usual |= {400, 413}
    if operation.cookie:
        usual |= {401, 403}
    if operation.scope:
        usual.add(429)
    return usual


def _response(operation: wire.Operation) -> dict[str, Any]:
    words = " Or: ".join(re.sub(r"\s+", " ", model.__doc__ or "").strip() for model in operation.answers)
    response: dict[str, Any] = {"description": words, "content": _json(list(operation.answers))}
    if operation.gives is not None:
        response = {"description": operation.summary, "content": {operation.gives: {"schema": {"type": "string", "format": "binary"}}}}
    if not operation.cookie and operation.method != "GET":
        response["headers"] = {"Set-Cookie": {"schema": {"type": "string"}, "description": f"`{COOKIE}`, HttpOnly"}}
    return response


def _json(models: list[type[wire.Edge]]) -> dict[str, Any]:
    references = [{"$ref": REF.format(model=model.__name__)} for model in models]
    return {"application/json": {"schema": references[0] if len(references) == 1 else {"oneOf": references}}}
