"""Payloads at the edge: a model, or an error that says what is wrong, why, and nothing of what is inside."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from gateway.refusals import refusal_of
from kernel.errors import BadRequest, NotAllowed

M = TypeVar("M", bound=BaseModel)
H = TypeVar("H")


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
        raise refusal_of(error) from error
