"""The tools by name: validates, refuses by role, runs, keeps the turn's log. Models and the house call through it alike."""

import time
from collections.abc import Collection, Iterable
from typing import Any

import structlog
from pydantic import ValidationError

from agents.ensemble.model import ToolSpec
from agents.tools.context import CallRecord, ToolContext, ToolRole
from agents.tools.faults import say_faults
from agents.tools.results import InvalidArguments, ToolError, ToolRefused, ToolResult, UnknownTool
from agents.tools.tool import Tool, ToolArgs
from kernel.errors import Unavailable

log = structlog.get_logger(__name__)

ARGUMENTS_AT_MOST = 32_000


class Toolbox:
    """Tools that may be called. Immutable; what a turn has called is kept in its context."""

    def __init__(self, tools: Iterable[Tool[Any]] = ()) -> None:
        """ValueError for two tools of one name."""
        self._tools: dict[str, Tool[Any]] = {}
        for tool in tools:
            if tool.name in self._tools:
                raise ValueError(f"two tools are called {tool.name!r}")
            self._tools[tool.name] = tool

    def __iter__(self) -> Any:
        return iter(self._tools.values())

    def __len__(self) -> int:
        return len(self._tools)

    def get(self, name: str) -> Tool[Any] | None:
        return self._tools.get(name)

    def of(self, agents: Collection[str]) -> "Toolbox":
        """The tools of these agents, with those that belong to all: what is not among them is unknown to whoever holds the result."""
        return Toolbox(tool for tool in self._tools.values() if not tool.agents or tool.agents & set(agents))

    def names(self, role: ToolRole) -> tuple[str, ...]:
        """Of the same tools, without what a model is told of them."""
        return tuple(tool.name for tool in self._tools.values() if role in tool.roles)

    def specs(self, role: ToolRole) -> tuple[ToolSpec, ...]:
        """What a model that talks with this role is told of."""
        return tuple(tool.spec for tool in self._tools.values() if role in tool.roles)

    def stage(self, context: ToolContext, name: str, arguments: str) -> str | None:
        """What to tell the customer while this call runs; None where there is nothing to tell, or the call is no good."""
        tool = self._tools.get(name)
        if tool is None or context.role not in tool.roles:
            return None
        try:
            return tool.stage(parsed(tool, arguments), context.language)
        except ToolError:
            return None

    async def call(self, context: ToolContext, name: str, arguments: str) -> ToolResult:
        """Calls one tool; `arguments` is the text of one JSON object. Every call is in the turn's log afterwards.

        Raises ToolError where the call can be mended and nothing was done, GatewayError where the product cannot do it just now. The
        same call of a tool with effects runs once per turn: after that its earlier result is given again.
        """
        entry = _Entry(context, name)
        try:
            tool = self._allowed(context, name)
            args = parsed(tool, arguments)
            entry.arguments = args.model_dump(mode="json", exclude_unset=True)
            if tool.effectful and not context.effects:
                raise Unavailable("Nothing is written here.")
            if not tool.effectful:
                return entry.done(await tool.run(context, args))
            async with context.calls.lock:
                key = (name, args.model_dump_json())
                if (earlier := context.calls.done.get(key)) is not None:
                    return entry.done(earlier, repeated=True)
                result = context.calls.done[key] = await tool.run(context, args)
                return entry.done(result)
        except BaseException as error:
            entry.failed(error)
            raise

    def _allowed(self, context: ToolContext, name: str) -> Tool[Any]:
        tool = self._tools.get(name)
        if tool is None:
            known = ", ".join(each.name for each in self._tools.values() if context.role in each.roles) or "none"
            raise UnknownTool(f"there is no tool {name[:60]!r}; there are: {known}")
        if context.role not in tool.roles:
            log.warning("tool.refused", tool=name, role=context.role, conversation=str(context.conversation), turn=str(context.turn))
            raise ToolRefused(f"{name} is not for this conversation; go on without it")
        return tool


class _Entry:
    """A line of the turn's log while its call runs."""

    def __init__(self, context: ToolContext, name: str) -> None:
        self._log = context.calls.log
        self._name = name
        self._began = time.monotonic()
        self.arguments: dict[str, Any] | None = None

    def done(self, result: ToolResult, *, repeated: bool = False) -> ToolResult:
        self._write(CallRecord(self._name, self.arguments, ok=True, repeated=repeated, milliseconds=self._ms(), result=result))
        return result

    def failed(self, error: BaseException) -> None:
        said = error.message if isinstance(error, ToolError) else None
        self._write(CallRecord(self._name, self.arguments, ok=False, why=_why(error), milliseconds=self._ms(), said=said))

    def _write(self, record: CallRecord) -> None:
        self._log.append(record)

    def _ms(self) -> int:
        return round((time.monotonic() - self._began) * 1000)


def _why(error: BaseException) -> str:
    match error:
        case InvalidArguments():
            return "invalid_arguments"
        case ToolRefused():
            return "refused"
        case UnknownTool():
            return "unknown"
        case ToolError():
            return "error"
    return "failed"


def parsed(tool: Tool[Any], arguments: str) -> ToolArgs:
    """The arguments, validated. Raises InvalidArguments."""
    if len(arguments) > ARGUMENTS_AT_MOST:
        raise InvalidArguments("the arguments are too long")
    try:
        args: ToolArgs = tool.args.model_validate_json(arguments)
    except ValidationError as error:
        raise InvalidArguments(say_faults(tool.args, error.errors(include_url=False, include_input=False))) from None
    return args
