"""What a tool is: a name, words for a model, arguments as a pydantic model, and one method that runs it."""

from abc import ABC, abstractmethod
from functools import cache
from typing import Annotated, Any, ClassVar, Generic, TypeVar

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from agents.ensemble.model import ToolSpec
from agents.tools.context import ToolContext, ToolRole
from agents.tools.results import ToolResult

ANYONE: frozenset[ToolRole] = frozenset({"customer", "staff"})
STAFF: frozenset[ToolRole] = frozenset({"staff"})


class ToolArgs(BaseModel):
    """Arguments of a tool. What is not declared is an error; "12" is taken for 12, true and 12.5 are not."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)


def _no_truth(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "must be a whole number")
    return value


# Guests and picks: models write 12, "12" and 12.0 for the same thing.
Number = Annotated[int, Field(ge=0, le=10_000), BeforeValidator(_no_truth)]
# An amount of money that somebody says.
Cents = Annotated[int, Field(ge=0, le=100_000_00), BeforeValidator(_no_truth)]

A = TypeVar("A", bound=ToolArgs)


class Tool(ABC, Generic[A]):
    """Built once per profile by constructor; holds nothing of a conversation.

    `agents`: keys of the agents that it belongs to, empty for all. `effectful`: it writes; the same call runs once per turn.
    """

    name: ClassVar[str]
    agents: ClassVar[frozenset[str]] = frozenset()
    roles: ClassVar[frozenset[ToolRole]] = ANYONE
    effectful: ClassVar[bool] = False
    # What a model is told; an instance may word it from its profile.
    description: str
    args: type[A]

    @abstractmethod
    async def run(self, context: ToolContext, args: A) -> ToolResult:
        """Runs in short transactions of its own. Raises ToolError where the call can be mended, GatewayError where it cannot just now."""

    def stage(self, args: A, language: str) -> str | None:
        """What to tell the customer meanwhile ("Checking Saturday 6 PM"), in their language; None: nothing."""
        return None

    @property
    def spec(self) -> ToolSpec:
        """The tool as a model is told of it."""
        return ToolSpec(self.name, self.description, orjson.loads(_schema(self.args)))


@cache
def _schema(args: type[ToolArgs]) -> bytes:
    """As JSON, made once: pydantic takes a third of a millisecond for it, and whoever is given it may change what they got."""
    return orjson.dumps(slim(args.model_json_schema()))


def slim(schema: Any) -> Any:
    """A JSON schema without pydantic's titles, which repeat the names: a third fewer tokens at every call."""
    match schema:
        case dict():
            return {key: slim(value) for key, value in schema.items() if not (key == "title" and isinstance(value, str))}
        case list():
            return [slim(value) for value in schema]
    return schema
