"""`hibachi up`: settings, then the supervisor; every way to fail has its status and a text for a person."""

import asyncio
import sys
from contextlib import suppress

from gateway.supervisor.lock import InUse
from gateway.supervisor.ports import PortTaken
from gateway.supervisor.service import StartError
from gateway.supervisor.supervisor import Supervisor
from kernel.settings import load_settings

FAILED = 1
WRONG_SETTING = 2


def run(*, watch_sources: bool) -> int:
    """Exit status: 0 after Ctrl-C, 1 where something cannot start, 2 where a setting is wrong."""
    settings = load_settings()
    try:
        asyncio.run(Supervisor(settings, say=_say, watch_sources=watch_sources).run())
    except PortTaken as error:
        return _fail(str(error), WRONG_SETTING)
    except (InUse, StartError, PermissionError) as error:
        return _fail(str(error), FAILED)
    return 0


def _say(line: str) -> None:
    # Whoever read our output may be gone (`| head`, a closed terminal); what runs goes on or is stopped by a signal.
    with suppress(BrokenPipeError):
        print(line, flush=True)


def _fail(text: str, status: int) -> int:
    print(f"hibachi: {text}", file=sys.stderr)
    return status
