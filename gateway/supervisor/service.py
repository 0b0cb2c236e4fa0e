"""One child: started in a session of its own, or adopted from a crashed supervisor; watched, restarted, stopped."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from gateway.supervisor import records

KEPT_LOGS = 3
_LOG_TAIL_BYTES = 4096
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pause before the n-th start in a row; `steady` seconds of life make the next failure a first one again."""

    first: float = 0.2
    most: float = 10.0
    steady: float = 20.0

    def pause(self, failures: int) -> float:
        return float(min(self.most, self.first * 2 ** min(failures, 16)))


@dataclass(frozen=True, slots=True)
class Identity:
    """An unprivileged user for a child whose program refuses to run as root."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Program:
    """What a child is. `cwd` None: the supervisor's own. `may_adopt`: whether a running one may be taken over as it is."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    record: Path
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0
    identity: Identity | None = None
    cwd: Path | None = None
    may_adopt: Callable[[psutil.Process], bool] = field(default=lambda _: False)
    before_start: Callable[[], None] = field(default=lambda: None)
    find_running: Callable[[], psutil.Process | None] = field(default=lambda: None)


class StartError(Exception):
    """A child cannot be started; the text tells the operator why and where to read on."""


class Service:
    """Keeps one program running. `say` receives what the operator should read."""

    def __init__(self, program: Program, say: Callable[[str], None], backoff: Backoff | None = None) -> None:
        self.program = program
        self._say = say
        self._backoff = backoff or Backoff()
        self._process: psutil.Process | None = None
        self._child: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._wanted_restart = False
        self.failures = 0
        self.last_status: int | None = None
        self.adopted = False

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    def leftover(self) -> psutil.Process | None:
        """What still runs of an earlier supervisor."""
        return records.find(self.program.record) or self.program.find_running()

    async def start(self) -> None:
        """Adopts what still runs or starts it anew, and keeps it running from now on."""
        running = self.leftover()
        if running is not None and self.program.may_adopt(running):
            self._process, self.adopted = running, True
            records.write(self.program.record, running)
            self._say(f"{self.name}: process {running.pid} still ran, taken over")
        else:
            if running is not None:
                await _end(running, self.program.stop_signal, self.program.stop_seconds)
            _rotate(self.program.log)
            await self._spawn()
        self._keeper = asyncio.create_task(self._keep(), name=f"keep {self.name}")

    async def _spawn(self) -> None:
        program = self.program
        program.before_start()
        log = _open_log(program.log)
        try:
            identity = program.identity
            self._child = await asyncio.create_subprocess_exec(
                *program.argv,
                env=dict(program.env),
                cwd=program.cwd,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=identity.uid if identity else None,
                group=identity.gid if identity else None,
                extra_groups=[] if identity else None,
            )
        except OSError as error:
            raise StartError(f"{self.name} cannot be started: {error}") from error
        finally:
            os.close(log)
        self.adopted = False
        try:
            self._process = psutil.Process(self._child.pid)
            records.write(program.record, self._process)
        except psutil.NoSuchProcess:
            self._process = None  # gone already; _keep sees its status

    async def _keep(self) -> None:
        """Waits for the end of the process, as often as it comes, and starts it again."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            status = await self._wait()
            if self._stopping.is_set():
                return
            self.last_status = status
            if self._wanted_restart:
                self._wanted_restart = False
                pause = 0.0
            else:
                if loop.time() - began >= self._backoff.steady:
                    self.failures = 0
                pause = self._backoff.pause(self.failures)
                self.failures += 1
                self._report(status, pause)
            while not await self._asked_to_stop(pause):
                try:
                    await self._spawn()
                    break
                except (StartError, OSError) as error:
                    pause = self._backoff.pause(self.failures)
                    self.failures += 1
                    self._say(f"{error}; trying again in {pause:.1f} s")
            else:
                return

    async def _asked_to_stop(self, pause: float) -> bool:
        """Waits for `pause` seconds unless the end comes first."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), pause or 0.001)
        return self._stopping.is_set()

    def _report(self, status: int | None, pause: float) -> None:
        how = "ended" if status is None else _status_text(status)
        self._say(f"{self.name} {how}; starting it again in {pause:.1f} s (log: {self.program.log})")

    async def _wait(self) -> int | None:
        """Exit status, negative for a signal; None where the process is not our child."""
        if self._child is not None:
            return await self._child.wait()
        if self._process is not None:
            await _gone(self._process, float("inf"))
        return None

    async def restart(self) -> None:
        """Ends the process on purpose; the keeper starts it again at once."""
        if self._process is not None:
            self._wanted_restart = True
            await _end(self._process, self.program.stop_signal, self.program.stop_seconds)

    async def stop(self) -> None:
        """Ends it for good: its own signal, a deadline, then SIGKILL for its whole session."""
        self._stopping.set()
        while True:
            # More than once: the keeper may have been starting it just then.
            if self._process is not None and await _end(self._process, self.program.stop_signal, self.program.stop_seconds):
                self._say(f"{self.name} did not stop within {self.program.stop_seconds:.0f} s and was killed")
            if self._keeper is None:
                break
            done, _ = await asyncio.wait({self._keeper}, timeout=_POLL_S)
            if done:
                break
        records.forget(self.program.record)

    def log_tail(self, lines: int = 12) -> str:
        """The end of its log, for the operator."""
        try:
            with self.program.log.open("rb") as log:
                log.seek(max(0, self.program.log.stat().st_size - _LOG_TAIL_BYTES))
                return "\n".join(log.read().decode("utf-8", "replace").splitlines()[-lines:])
        except OSError:
            return ""


async def end_leftover(program: Program) -> None:
    """Ends what an earlier supervisor left of this program."""
    running = records.find(program.record) or program.find_running()
    if running is not None:
        await _end(running, program.stop_signal, program.stop_seconds)
    records.forget(program.record)


async def _end(process: psutil.Process, how: signal.Signals, seconds: float) -> bool:
    """Signals the process and waits. Returns whether it had to be killed. What it left in its session goes with it."""
    if not records.is_alive(process):
        return False
    killed = False
    with suppress(psutil.NoSuchProcess):
        process.send_signal(how)
        if not await _gone(process, seconds):
            process.kill()
            killed = True
            await _gone(process, 10.0)
    # Every child leads a session and thereby a group; nobody else can be in it.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    return killed


async def _gone(process: psutil.Process, seconds: float) -> bool:
    async def gone() -> bool:
        return not records.is_alive(process)

    return await until(gone, seconds, _POLL_S)


async def until(what: Callable[[], Awaitable[bool]], seconds: float, every: float = 0.03) -> bool:
    """Asks until it holds; False when the time is up."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not await what():
        if loop.time() > deadline:
            return False
        await asyncio.sleep(every)
    return True


def _status_text(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"


def _rotate(log: Path) -> None:
    """log -> log.1 -> log.2 -> log.3 -> gone, once a start; a restart of the child goes on in the same file."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if not log.exists() or log.stat().st_size == 0:
        return
    for number in range(KEPT_LOGS - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))
    log.replace(log.with_name(f"{log.name}.1"))


def _open_log(log: Path) -> int:
    log.parent.mkdir(parents=True, exist_ok=True)
    return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
