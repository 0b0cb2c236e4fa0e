"""Real gateway and worker processes on a test's PostgreSQL and Redis: started, killed, stopped, continued at will.

async with Fleet(database_url, redis_url, models=[ModelPlan("teacher", provider.base_url)]) as fleet:
    first, second = await fleet.gateways(2)
    await fleet.worker()
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from business.staff import owner
from business.staff.passwords import Passwords
from gateway.seed import seed
from kernel.database import Database
from kernel.settings import load_settings
from tests.rig.postgres import die_with_parent
from tests.rig.provider import ShapeName, litellm_id
from tests.rig.redis import free_port

ADMIN = "dana@example.com"
COLLEAGUE = "robin@example.com"
PASSWORD = "a long enough password"
ROOT = Path(__file__).parents[2]
READY_SECONDS = 120.0  # LiteLLM's import is seconds of CPU, and several may start at once


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """A configured model. `script` is what the scripted provider does where nothing else was planned (tests/rig/script.py)."""

    name: str
    base_url: str
    script: str = "words-40+pace-20"
    first_token_s: float = 15.0
    idle_chunk_s: float = 10.0
    shape: ShapeName = "openai"  # `base_url` is this protocol's

    def toml(self) -> str:
        lines = [f'name = "{self.name}"', f'litellm = "{litellm_id(self.shape, self.script)}"', f'api_base = "{self.base_url}"']
        lines += [f"first_token_s = {self.first_token_s}", f"idle_chunk_s = {self.idle_chunk_s}"]
        return "[[models]]\n" + "\n".join(lines) + "\n"


class Child:
    """One process of ours with its log; it dies with the test however that ends."""

    def __init__(self, name: str, module: str, env: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._command = [sys.executable, "-P", "-m", module]
        self._env = dict(env)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command,
                env=self._env,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """As `kill -9`."""
        if self.alive:
            self.signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait(10)

    def freeze(self) -> None:
        """SIGSTOP: sockets stay open and nothing answers."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self.signal(signal.SIGCONT)

    async def terminate(self, within: float = 15.0) -> int:
        """SIGTERM, and wait; returns the exit status."""
        assert self.process is not None
        self.signal(signal.SIGTERM)
        deadline = time.monotonic() + within
        while (status := self.process.poll()) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.name} did not end")
            await asyncio.sleep(0.02)
        return status

    def logged(self) -> str:
        """Everything that it wrote."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class Gateway(Child):
    """A gateway process at `base`."""

    def __init__(self, name: str, env: Mapping[str, str], folder: Path) -> None:
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        super().__init__(name, "gateway", {**env, "HIBACHI_PORT": str(self.port)}, folder)

    async def ready(self, within: float = READY_SECONDS) -> "Gateway":
        """Wait until `/readyz` says so."""
        deadline = time.monotonic() + within
        async with httpx.AsyncClient(trust_env=False) as client:
            while time.monotonic() < deadline:
                if not self.alive:
                    raise RuntimeError(f"{self.name} ended:\n{self.logged()[-4000:]}")
                try:
                    if (await client.get(f"{self.base}/readyz", timeout=3)).status_code == 200:
                        return self
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.05)
        raise TimeoutError(f"{self.name} was not ready:\n{self.logged()[-4000:]}")

    async def metric(self, name: str) -> float:
        """The sum of a metric's samples."""
        async with httpx.AsyncClient(trust_env=False) as client:
            page = (await client.get(f"{self.base}/metrics", timeout=5)).text
        samples = [line.split() for line in page.splitlines() if line.startswith(name)]
        return sum(float(value) for sample, value in samples if sample.split("{")[0] == name)


class Fleet:
    """Gateways and workers of one install."""

    def __init__(
        self, database_url: str, redis_url: str, *, models: Sequence[ModelPlan] = (), settings: Mapping[str, str] | None = None
    ) -> None:
        """`settings` are more environment variables, as HIBACHI_LIMITS__MESSAGE_BURST."""
        self.database_url = database_url
        self.redis_url = redis_url
        self.folder = Path(tempfile.mkdtemp(prefix="fleet-"))
        self.children: list[Child] = []
        config = self.folder / "hibachi.toml"
        config.write_text("".join(model.toml() for model in models))
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("HIBACHI_", "DATABASE_URL", "REDIS_URL"))}
        self.env = {
            **{key: value for key, value in kept.items() if not key.lower().endswith("_proxy")},
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "HIBACHI_DATA": str(self.folder / "data"),
            "HIBACHI_CONFIG": str(config),
            "HIBACHI_ADMIN_EMAIL": ADMIN,
            "HIBACHI_ADMIN_PASSWORD": PASSWORD,
            **(settings or {}),
        }

    async def __aenter__(self) -> "Fleet":
        database = Database(self.database_url, application="seed")
        try:
            await seed(database, load_settings(self.env))
            await owner.ensure(database, Passwords(), COLLEAGUE, PASSWORD)
        finally:
            await database.close()
        return self

    async def __aexit__(self, *_: object) -> None:
        for child in self.children:
            child.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def gateways(self, count: int) -> list[Gateway]:
        """Start so many at once; back when all are ready."""
        made = [Gateway(f"gateway-{len(self.children) + n}", self.env, self.folder) for n in range(count)]
        self.children += made
        for gateway in made:
            gateway.start()
        for gateway in made:
            await gateway.ready()
        return made

    async def worker(self, **settings: str) -> Child:
        """Start one, with more environment variables; back when it says that it is ready."""
        made = Child(f"worker-{len(self.children)}", "workers", {**self.env, **settings}, self.folder)
        self.children.append(made)
        made.start()
        deadline = time.monotonic() + READY_SECONDS
        while "worker.ready" not in made.logged():
            if not made.alive or time.monotonic() > deadline:
                raise RuntimeError(f"{made.name} did not start:\n{made.logged()[-4000:]}")
            await asyncio.sleep(0.05)
        return made

    def logged(self) -> str:
        """The logs of all, one after the other."""
        return "\n".join(child.logged() for child in self.children)
