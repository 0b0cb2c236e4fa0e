"""The bench's stand: real PostgreSQL and Redis, the gateway on a core of its own, the stamped provider, all as processes."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import orjson
import psutil

from tests.bench import machine
from tests.bench.clients import EMAIL, PASSWORD
from tests.rig.postgres import PostgresServer
from tests.rig.redis import RedisServer, free_port

ROOT = Path(__file__).resolve().parents[2]
# As an operator runs it, not as tests do.
DURABLE = ("fsync=on", "full_page_writes=on", "synchronous_commit=on", "autovacuum=on")


class Process:
    """A Python module, running on its cores until stopped."""

    def __init__(
        self, module: str, *arguments: str, cores: set[int], env: dict[str, str] | None = None, log: Path, python: Path | None = None
    ) -> None:
        """`python`: another environment's."""
        self._log = log
        with log.open("ab") as out:
            self._child = subprocess.Popen(
                [str(python or sys.executable), "-m", module, *arguments],
                cwd=ROOT,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=machine.pinned(cores),
            )
        self.pid = self._child.pid
        self._cpu = psutil.Process(self.pid)

    def cpu_seconds(self) -> float:
        """Used so far, by all its threads."""
        times = self._cpu.cpu_times()
        return float(times.user + times.system)

    def until(self, url: str, seconds: float = 60.0) -> None:
        """Wait until this address answers 200."""
        deadline = time.monotonic() + seconds
        while not answers(url):
            if time.monotonic() > deadline or self._child.poll() is not None:
                raise RuntimeError(f"no answer from {url}:\n{self.tail()}")
            time.sleep(0.05)

    def logs(self, event: str, seconds: float = 60.0) -> None:
        """Wait until it has logged this."""
        deadline = time.monotonic() + seconds
        while event not in self.tail():
            if time.monotonic() > deadline or self._child.poll() is not None:
                raise RuntimeError(f"never logged {event}:\n{self.tail()}")
            time.sleep(0.05)

    def tail(self, size: int = 3000) -> str:
        return self._log.read_text(errors="replace")[-size:]

    def stop(self) -> None:
        self._child.send_signal(signal.SIGTERM)
        try:
            self._child.wait(15)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait(10)


def answers(url: str) -> bool:
    """Whether an address answers 200 just now."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - loopback, our own
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


class Stand:
    """Everything that a scenario needs, on free ports of the loopback."""

    def __init__(self, folder: Path, *, first: bool) -> None:
        """`first`: the bench's processes go before everyone else's on this machine."""
        self.folder = folder
        self._first = first
        self.gateway_cores, self.client_cores, self.other_cores = machine.cores()
        self.provider_port = free_port()
        self._postgres = PostgresServer()
        self._redis = RedisServer()
        self._processes: list[Process] = []
        self._databases = 0
        self.database_url = ""  # of the gateway that was started last
        self._env: dict[str, str] = {}  # of the same
        self._shared = ExitStack()
        self._shared_port = 0

    def start(self) -> None:
        """The servers and the provider; gateways are started by the scenarios."""
        self._postgres.create()
        self._postgres.start(*DURABLE)
        self._redis.start()
        for server in (self._postgres, self._redis):
            if server.process is not None:
                for process in machine.tree(server.process.pid):
                    process.cpu_affinity(list(self.other_cores))
                self._precede(server.process.pid)
        self._precede(os.getpid())
        self.provider = self.run("tests.bench.provider", str(self.provider_port), cores=self.client_cores)
        self.provider.until(self.provider_url("/stats"))

    def run(self, module: str, *arguments: str, cores: set[int], env: dict[str, str] | None = None, python: Path | None = None) -> Process:
        log = self.folder / f"{module.rpartition('.')[2]}.log"
        process = Process(module, *arguments, cores=cores, env=env, log=log, python=python)
        self._processes.append(process)
        self._precede(process.pid)
        return process

    def _precede(self, pid: int) -> None:
        if self._first and not machine.precede(pid):
            raise PermissionError("the bench may not go before other processes; leave --first out")

    @contextmanager
    def gateway(self, *, model: bool, written: str | None = None) -> Iterator[tuple[Process, int]]:
        """A gateway on a fresh database: (process, port). With `model` it asks the stamped provider, else the house answers.

        `written`: the text of its hibachi.toml in place of that.
        """
        self._databases += 1
        port, data = free_port(), self.folder / f"data-{self._databases}"
        data.mkdir()
        config = data / "hibachi.toml"
        config.write_text(written if written is not None else self.configured("own") if model else "")
        self.database_url = self._database()
        env = {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self._redis.url,
            "HIBACHI_DATA": str(data),
            "HIBACHI_CONFIG": str(config),
            "HIBACHI_PORT": str(port),
            "HIBACHI_ADMIN_EMAIL": EMAIL,
            "HIBACHI_ADMIN_PASSWORD": PASSWORD,
            "HIBACHI_LOG__LEVEL": "warning",
        }
        subprocess.run(
            [sys.executable, "-m", "gateway.cli", "db", "seed"], cwd=ROOT, env={**os.environ, **env}, check=True, capture_output=True
        )
        self._env = env
        process = self.run("gateway", cores=self.gateway_cores, env=env)
        try:
            process.until(f"http://127.0.0.1:{port}/readyz")
            yield process, port
        finally:
            self._end(process)

    @contextmanager
    def all_cores(self) -> Iterator[None]:
        """For a browser, which has a machine of its own in life: here at least every core of this one."""
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, self.gateway_cores | self.other_cores)
        try:
            yield
        finally:
            os.sched_setaffinity(0, before)

    def shared_gateway(self) -> int:
        """The port of a gateway with the stamped model for scenarios that may follow one another on it; starts it once."""
        if not self._shared_port:
            _, self._shared_port = self._shared.enter_context(self.gateway(model=True))
        return self._shared_port

    def retire(self) -> None:
        """End the shared gateway: what follows wants the core for itself."""
        self._shared.close()
        self._shared_port = 0

    @contextmanager
    def running(
        self, module: str, *arguments: str, cores: set[int] | None = None, env: dict[str, str] | None = None, python: Path | None = None
    ) -> Iterator[Process]:
        """Something beside the gateway until left; without `cores` it has the gateway's."""
        process = self.run(module, *arguments, cores=cores or self.gateway_cores, env=env, python=python)
        try:
            yield process
        finally:
            self._end(process)

    @contextmanager
    def worker(self) -> Iterator[Process]:
        """A worker of the gateway that was started last, on the other cores."""
        with self.running("workers", cores=self.other_cores, env={**self._env, "HIBACHI_LOG__LEVEL": "info"}) as process:
            process.logs("worker.ready")
            yield process

    @contextmanager
    def stamped(self, *manner: str) -> Iterator[int]:
        """Another stamped provider, with a manner of its own: its port."""
        port = free_port()
        with self.running("tests.bench.provider", str(port), *manner, cores=self.client_cores) as process:
            process.until(f"http://127.0.0.1:{port}/stats")
            yield port

    def provider_url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.provider_port}{path}"

    async def ask_provider(self, path: str) -> Any:
        """What the provider says of itself."""

        def get() -> Any:
            with urllib.request.urlopen(self.provider_url(path), timeout=10) as response:  # noqa: S310 - loopback, our own
                return orjson.loads(response.read())

        return await asyncio.to_thread(get)

    def stop(self) -> None:
        self.retire()
        for process in list(self._processes):
            self._end(process)
        self._redis.destroy()
        self._postgres.destroy()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, process: Process) -> None:
        if process in self._processes:
            self._processes.remove(process)
            process.stop()

    def configured(self, reader: str) -> str:
        """A hibachi.toml with the stamped model, its answers read by `reader`."""
        return model("stamped", self.provider_port) + f'reader = "{reader}"\n\n[ensemble]\nanswer = ["stamped"]\n'

    def _database(self) -> str:
        """A new database at the head of the migrations; made in a process, for we may be inside a loop."""
        name = f"bench_{self._databases}"
        code = (
            "import asyncio, asyncpg, sys\nfrom migrations import runner\n"
            "async def make():\n"
            "    connection = await asyncpg.connect(sys.argv[1])\n"
            "    await connection.execute(f'CREATE DATABASE {sys.argv[3]}')\n"
            "    await connection.close()\n"
            "    await runner.upgrade(sys.argv[2])\n"
            "asyncio.run(make())\n"
        )
        subprocess.run(
            [sys.executable, "-c", code, self._postgres.url(), self._postgres.url(name), name], cwd=ROOT, check=True, capture_output=True
        )
        return self._postgres.url(name)


def model(name: str, port: int) -> str:
    """A stamped provider as an entry of hibachi.toml."""
    return f'[[models]]\nname = "{name}"\nlitellm = "openai/gpt-4o-mini"\napi_base = "http://127.0.0.1:{port}/v1"\n'


@contextmanager
def standing(*, first: bool) -> Iterator[Stand]:
    """A stand that is taken down whatever happens."""
    stand = Stand(Path(tempfile.mkdtemp(prefix="bench-")), first=first)
    try:
        stand.start()
        yield stand
    finally:
        stand.stop()
