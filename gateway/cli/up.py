"""`hibachi up`: settings, then the supervisor; every way to fail has its status and a text for a person."""

import asyncio
import sys
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from gateway.supervisor.lock import InUse
from gateway.supervisor.ports import PortTaken
from gateway.supervisor.service import StartError
from gateway.supervisor.supervisor import Supervisor
from kernel.settings import load_settings

FAILED = 1
WRONG_SETTING = 2


def run(*, watch_sources: bool) -> int:
    """Exit status: 0 after Ctrl-C, 1 where something cannot start, 2 where a setting is wrong."""
    return supervised(Supervisor(load_settings(), say=say, watch_sources=watch_sources).run())


def supervised(work: Coroutine[Any, Any, None]) -> int:
    """Run something that a supervisor is in, to its end: the exit status, and why on the terminal where it is not 0."""
    try:
        asyncio.run(work)
    except PortTaken as error:
        return _fail(str(error), WRONG_SETTING)
    except (InUse, StartError, PermissionError) as error:
        return _fail(str(error), FAILED)
    return 0


def say(line: str) -> None:
    """To the terminal."""
    # Whoever read our output may be gone (`| head`, a closed terminal); what runs goes on or is stopped by a signal.
    with suppress(BrokenPipeError):
        print(line, flush=True)


def _fail(text: str, status: int) -> int:
    print(f"hibachi: {text}", file=sys.stderr)
    return status
