"""What every part of the settings is made of: frozen sections whose fields know their meaning and their limits."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic_core import PydanticCustomError


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False, hide_input_in_errors=True)


def setting(default: Any, meaning: str, allowed: str, *, secret: bool = False, **constraints: Any) -> Any:
    """A field that knows what it means and what it may hold; both end up in docs/configuration.md and in errors."""
    extra: dict[str, JsonValue] = {"allowed": allowed, "secret": secret}
    return Field(default, description=meaning, json_schema_extra=extra, **constraints)


def refused(why: str) -> PydanticCustomError:
    return PydanticCustomError("refused", "{why}", {"why": why})


def misfit(at: str, why: str) -> PydanticCustomError:
    """Settings that are right one by one and wrong together; `at` is the dotted path of the one to look at."""
    return PydanticCustomError("models", "{why}", {"why": why, "at": at})
