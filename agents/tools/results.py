"""What comes back from a tool: data for a model, figures that a reply may then say, durable events to announce; or an error to mend."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.written import TurnWritten

if TYPE_CHECKING:
    from agents.guard.figures import Figure


@dataclass(frozen=True, slots=True)
class ToolResult:
    """`data` is JSON, shown to a model. `figures`: what a reply may say because of it. `statements`: keys of what is now established
    ("slot_free"), for rules that must not take a model's word for it. `written`: what the tool's own transaction wrote, to be told.
    """

    data: Mapping[str, Any]
    figures: tuple["Figure", ...] = ()
    statements: frozenset[str] = frozenset()
    written: tuple[TurnWritten, ...] = ()


class ToolError(Exception):
    """The call did nothing. The message says which argument, why, and what is allowed: a model can mend its call by it.

    It is written for a model and never shown to a customer; it may quote arguments, so it never goes into a log.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Impossible(ToolError):
    """What was asked for cannot be; `reason` is a key of the wording, for the customer to be told."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class UnknownTool(ToolError):
    """There is no such tool, or it was not offered."""


class ToolRefused(ToolError):
    """The tool is not for who is talking, whatever the text says."""


class InvalidArguments(ToolError):
    """The arguments are no JSON, or not what the tool takes."""
