"""Structured logs: called once by each composition root, before anything logs.

One JSON object a line on stdout (or a readable form for a terminal). Whatever is bound with
`structlog.contextvars.bind_contextvars(request_id=..., turn_id=...)` is on every line of that task. A log carries no
message text, no token and no personal data: keys that would are dropped here, whoever logs them, and an exception
leaves its type and its frames, not its message, which may quote a row or a customer.
"""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any, Literal

import structlog
from structlog.typing import Processor

# No line may carry these, at any depth.
FORBIDDEN = frozenset({"text", "token", "password", "authorization", "email", "phone", "cookie", "secret"})
# The messages of these speak of the machine or of the code, never of a customer.
_PLAIN_MESSAGES = (OSError, ImportError, AttributeError, NameError)
_FRAMES = 30


def configure_command() -> None:
    """For a command, which speaks to a person: errors alone, and of its loggers none outlasts it."""
    configure("error", "console", lasting=False)


def configure(level: str = "info", format: Literal["json", "console"] = "json", *, lasting: bool = True) -> None:
    """Sets up structlog and folds the standard library's loggers (uvicorn, sqlalchemy, arq...) into it. `lasting`: each logger is made
    once, as it is set up now."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        describe_exception,
        drop_forbidden,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=lasting,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.PositionalArgumentsFormatter(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(format)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # An access line repeats the query string, which may hold a sign-in token; the gateway logs its own requests.
    access = logging.getLogger("uvicorn.access")
    access.handlers.clear()
    access.propagate = False
    # These repeat payloads (frames, statements, prompts) at their lower levels.
    for name in ("socketio", "engineio", "sqlalchemy.engine", "asyncio", "LiteLLM", "httpx", "openai", "websockets"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _renderer(format: Literal["json", "console"]) -> Processor:
    if format == "console":
        return structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=_no_traceback)
    return structlog.processors.JSONRenderer(default=repr)


def _no_traceback(sio: Any, exc_info: Any) -> None:
    """describe_exception has already told it, without the message."""


def drop_forbidden(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Takes forbidden keys out of a line and says which, so that the author notices."""
    dropped: set[str] = set()
    for key in list(event):
        if key.lower() in FORBIDDEN:
            del event[key]
            dropped.add(key)
        elif isinstance(event[key], (Mapping, list, tuple)):
            event[key] = _cleaned(event[key], dropped)
    if dropped:
        event["dropped"] = sorted(dropped)
    return event


def _cleaned(value: Any, dropped: set[str]) -> Any:
    if isinstance(value, Mapping):
        dropped.update(str(key) for key in value if str(key).lower() in FORBIDDEN)
        return {key: _cleaned(inner, dropped) for key, inner in value.items() if str(key).lower() not in FORBIDDEN}
    if isinstance(value, (list, tuple)):
        return [_cleaned(inner, dropped) for inner in value]
    return value


def describe_exception(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replaces exc_info by `error` (types from outermost to cause), `frames` and, where harmless, `reason`."""
    info = event.pop("exc_info", None)
    if not info:
        return event
    error = info if isinstance(info, BaseException) else info[1] if isinstance(info, tuple) else sys.exc_info()[1]
    if error is None:
        return event
    event["error"] = " < ".join(_chain(error))
    event["frames"] = _frames(error.__traceback__)
    if isinstance(error, _PLAIN_MESSAGES):
        event["reason"] = str(error)
    return event


def _chain(error: BaseException) -> list[str]:
    names: list[str] = []
    current: BaseException | None = error
    while current is not None and len(names) < 8:
        state = getattr(current, "sqlstate", None)
        name = f"{type(current).__module__}.{type(current).__qualname__}".removeprefix("builtins.")
        names.append(f"{name}[{state}]" if isinstance(state, str) else name)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return names


def _frames(trace: TracebackType | None) -> list[str]:
    frames: list[str] = []
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames[-_FRAMES:]
