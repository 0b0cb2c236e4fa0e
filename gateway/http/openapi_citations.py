"""The part of the OpenAPI document that speaks of what replies cite: visitors ask it too, with their token."""

from typing import Any

from gateway.http.openapi_uploads import WHO

_ERRORS = {
    401: "The token or the session is missing or over",
    403: "A staff session that may not look yet",
    404: "It is no longer there, or was not cited to whoever asks",
    503: "Try again",
}


def paths(passage: str, error: str) -> dict[str, Any]:
    """Path items; `passage` and `error` are references to the schemas of the answers."""
    return {
        "/api/citations/{id}": {
            "get": {
                "operationId": "citation",
                "summary": "A passage that a reply was made from: to a visitor in whose conversation it was cited, or to staff",
                "tags": ["chat"],
                "security": WHO,
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}],
                "responses": {
                    "200": {
                        "description": "To a visitor without a link, and without what may not be said to them",
                        "content": {"application/json": {"schema": {"$ref": passage}}},
                    },
                    **{
                        str(status): {"description": words, "content": {"application/json": {"schema": {"$ref": error}}}}
                        for status, words in _ERRORS.items()
                    },
                },
            }
        }
    }
