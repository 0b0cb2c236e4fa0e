"""Payloads at the edge: a model, or an error that says what is wrong, why, and nothing of what is inside."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from kernel.errors import BadRequest, NotAllowed, TooLarge

M = TypeVar("M", bound=BaseModel)
H = TypeVar("H")

_WHY = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this event",
    "uuid_parsing": "must be a UUID",
    "uuid_type": "must be a UUID",
    "string_type": "must be a string",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "string_too_short": "is empty",
    "literal_error": "is none of the allowed values",
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
}


def understood(models: Mapping[str, type[BaseModel]], handlers: Mapping[str, H], event: str, payload: Any) -> tuple[H, Any]:
    """What handles an event, and its payload as a model. Raises BadRequest, TooLarge, or NotAllowed where it is not offered."""
    model = models.get(event)
    if model is None:
        raise BadRequest("There is no such event.")
    given = parse(model, payload)
    handler = handlers.get(event)
    if handler is None:
        raise NotAllowed("This is not offered here yet.")
    return handler, given


def parse(model: type[M], payload: Any) -> M:
    """The payload as its model. Raises BadRequest or TooLarge."""
    if not isinstance(payload, dict):
        raise BadRequest("Send one JSON object with this event.")
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=True, include_input=False)[0]
        where = ".".join(str(part)[:40] for part in first["loc"])
        kind = first["type"]
        if kind in ("string_too_long", "too_long"):
            limit = (first.get("ctx") or {}).get("max_length")
            raise TooLarge(f"'{where}' is too long: at most {limit}.") from error
        if kind == "value_error":
            cause = (first.get("ctx") or {}).get("error")
            raise BadRequest(f"{str(cause).capitalize()}.") from error
        raise BadRequest(f"'{where}' {_WHY.get(kind, 'is not of the right kind')}." if where else "This payload is not valid.") from error
