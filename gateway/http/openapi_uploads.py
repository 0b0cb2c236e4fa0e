"""The part of the OpenAPI document that speaks of files: the only routes whose bodies are no JSON, and that visitors use too."""

from typing import Any

from business.uploads.kinds import KINDS, LARGEST

VISITOR = "visitor"
SECURITY_SCHEMES = {VISITOR: {"type": "http", "scheme": "bearer", "description": "The visitor's `token`, as `ready` told it"}}
WHO: list[dict[str, list[str]]] = [{VISITOR: []}, {"session": []}]
_FILE = {type: {"schema": {"type": "string", "format": "binary"}} for type in sorted(KINDS)}
_ERRORS = {
    400: "Neither a picture nor a PDF by its first bytes, empty, or too slow",
    401: "The token or the session is missing or over",
    403: "Another site's page, or a staff session without its CSRF token",
    404: "There is no such file for whoever asks",
    413: f"More than {LARGEST // (1024 * 1024)} MB",
    429: "The visitor's or the address's files of a day are spent; `Retry-After` says when to come back",
    503: "Nothing was stored; try again",
}


def paths(attachment: str, error: str) -> dict[str, Any]:
    """Path items; `attachment` and `error` are references to the schemas of the answers."""
    return {
        "/api/uploads": {"post": _send(attachment, error)},
        "/api/uploads/{id}": {"get": _read(error)},
    }


def _send(attachment: str, error: str) -> dict[str, Any]:
    csrf = "What the login answered as `csrf`; with the session's cookie alone"
    return {
        "operationId": "upload",
        "summary": "Keep a file for one message or note that is sent within a day",
        "tags": ["files"],
        "security": WHO,
        "parameters": [
            {"name": "name", "in": "query", "required": False, "schema": {"type": "string", "maxLength": 1000}},
            {"name": "X-CSRF-Token", "in": "header", "required": False, "schema": {"type": "string"}, "description": csrf},
        ],
        "requestBody": {"required": True, "content": _FILE},
        "responses": {
            "200": {"description": "Its id goes into `attachments`", "content": {"application/json": {"schema": {"$ref": attachment}}}},
            **_errors((400, 401, 403, 413, 429, 503), error),
        },
    }


def _read(error: str) -> dict[str, Any]:
    return {
        "operationId": "upload_read",
        "summary": "The file itself, to a visitor of its conversation or to staff",
        "tags": ["files"],
        "security": WHO,
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}],
        "responses": {
            "200": {"description": "Pictures `inline`, PDF as `attachment`; sandboxed, never sniffed", "content": _FILE},
            **_errors((401, 403, 404, 503), error),
        },
    }


def _errors(statuses: tuple[int, ...], error: str) -> dict[str, Any]:
    return {
        str(status): {"description": _ERRORS[status], "content": {"application/json": {"schema": {"$ref": error}}}} for status in statuses
    }
