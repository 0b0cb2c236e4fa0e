"""A running supervisor as the tests see it: its process, what it printed, what runs on its data folder."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil

from gateway.supervisor.places import Addresses, Places, private_temporary
from gateway.supervisor.service import until
from tests.rig.redis import free_port

ROOT = Path(__file__).parents[2]
NAMES = ("postgres", "redis", "gateway", "worker")
WAIT_S = 100.0  # a first start on a machine that has much else to do
UP = "Ctrl-C stops everything"


class Up:
    """One running supervisor process, and what it printed."""

    def __init__(self, process: asyncio.subprocess.Process, data: Path) -> None:
        self.process = process
        self.places = Places(data)
        self.lines: list[str] = []
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.lines.append(line.decode().rstrip())

    def said(self, text: str) -> bool:
        return any(text in line for line in self.lines)

    async def wait_for(self, text: str) -> None:
        async def there() -> bool:
            assert self.process.returncode is None or self.said(text), "\n".join(self.lines)
            return self.said(text)

        assert await until(there, WAIT_S), "\n".join(self.lines)

    async def end(self, how: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(how)
        return await self.over()

    async def over(self) -> int:
        status = await asyncio.wait_for(self.process.wait(), WAIT_S)
        await self._reader
        return status

    def pid(self, name: str) -> int:
        return int(json.loads(self.places.record(name).read_text())["pid"])

    def pids(self) -> dict[str, int]:
        return {name: self.pid(name) for name in NAMES}

    @property
    def addresses(self) -> Addresses:
        found = Addresses.read(self.places)
        assert found is not None
        return found


@asynccontextmanager
async def started(command: tuple[str, ...], data: Path, *, wait: bool = True, **env: str) -> AsyncIterator[Up]:
    """Runs `command` on the data folder, on a port of its own unless `env` says otherwise, and ends it afterwards."""
    env.setdefault("HIBACHI_PORT", str(free_port()))
    ours = ("HIBACHI_", "DATABASE_", "REDIS_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env={**inherited, "HIBACHI_DATA": str(data), **env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    running = Up(process, data)
    try:
        if wait:
            await running.wait_for(UP)
        yield running
    finally:
        if process.returncode is None:
            await running.end()


def on_folder(data: Path) -> list[psutil.Process]:
    """Every process that runs in, on or for the data folder."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            traces = [process.cwd(), *process.cmdline(), process.environ().get("HIBACHI_DATA", "")]
            if any(str(data) in trace for trace in traces) and process.pid != os.getpid():
                found.append(process)
    return found


def nothing_left(run: Up, folder: Path) -> None:
    """No process on the folder, and no folder."""
    told = "\n".join(run.lines)
    assert not [process.cmdline() for process in on_folder(folder)], told
    assert not folder.exists() and not private_temporary(folder).exists(), told


def runs(pid: int) -> bool:
    """A zombie that nobody collects does not run."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def write_config(data: Path, text: str) -> None:
    data.mkdir(parents=True)
    (data / "hibachi.toml").write_text(text)
