"""The commands that the supervisor calls, and how it calls those that end by themselves."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from gateway.supervisor.service import StartError

# -P: a folder called `gateway` where the command is called must not stand before ours.
_PYTHON = (sys.executable, "-P", "-m")
_TAIL = 12


@dataclass(frozen=True, slots=True)
class Commands:
    """Replaced in tests by small programs of their own."""

    gateway: tuple[str, ...] = (*_PYTHON, "gateway")
    worker: tuple[str, ...] = (*_PYTHON, "workers")
    upgrade: tuple[str, ...] = (*_PYTHON, "gateway.cli", "db", "upgrade")
    seed: tuple[str, ...] = (*_PYTHON, "gateway.cli", "db", "seed", "--json")


async def call(command: tuple[str, ...], env: Mapping[str, str], what: str) -> str:
    """Runs a command to its end and returns what it printed. Raises StartError with its last lines if it fails."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env=dict(env),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode != 0:
        tail = "\n".join((errors or output).decode("utf-8", "replace").splitlines()[-_TAIL:])
        raise StartError(f"{what} failed with status {process.returncode}:\n{tail}")
    return output.decode("utf-8", "replace")


def last_json(output: str, what: str) -> dict[str, Any]:
    """The JSON object on the last line that holds one; log lines may stand before it."""
    for line in reversed(output.splitlines()):
        with suppress(ValueError):
            value = json.loads(line)
            if isinstance(value, dict):
                return value
    raise StartError(f"{what} printed no result")
