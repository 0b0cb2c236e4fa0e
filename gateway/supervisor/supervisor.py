"""The parent of all: brings the four children up in order, keeps them up, takes them down in order."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from gateway.supervisor import config_file, health, panel, ports, reload
from gateway.supervisor.commands import Commands, call, last_json
from gateway.supervisor.lock import DataLock
from gateway.supervisor.places import Addresses, Places, clear_temporary
from gateway.supervisor.postgres import EmbeddedPostgres
from gateway.supervisor.redis import EmbeddedRedis
from gateway.supervisor.service import Backoff, Program, Service, StartError, end_leftover, until
from kernel.settings import Settings

SERVER_START_S = 60.0  # a PostgreSQL that recovers from a crash reads its log first
GATEWAY_START_S = 60.0
FAILURES_AT_START = 3
CONFIGURATION_FAULT = 2
_ROOT = Path(__file__).resolve().parents[2]


class Supervisor:
    """One run of `hibachi up`. `say` gets every line for the operator."""

    def __init__(
        self,
        settings: Settings,
        *,
        say: Callable[[str], None],
        commands: Commands | None = None,
        backoff: Backoff | None = None,
        env: Mapping[str, str] = os.environ,
        watch_sources: bool = False,
        play: Callable[[str, Mapping[str, Any]], Awaitable[None]] | None = None,
    ) -> None:
        """`play`: called with the address and what seeding said once all is up, in place of the closing lines; its end is the run's."""
        self._settings = settings
        self._say = say
        self._commands = commands or Commands()
        self._backoff = backoff or Backoff()
        self._watch_sources = watch_sources
        self._play = play
        self._places = Places(settings.data)
        database, redis = settings.database.url, settings.redis.url
        self._database_url = database.get_secret_value() if database else self._places.database_url
        self._redis_url = redis.get_secret_value() if redis else self._places.redis_url
        self._host = ports.reachable_host(settings.host)
        self._port = settings.port
        self._env = {**env, **self._child_environment()}
        self._running: list[Service] = []
        self._began = time.monotonic()

    async def run(self) -> None:
        """Until Ctrl-C or SIGTERM. Raises InUse, PortTaken or StartError; leaves nothing running in any case."""
        make_data_folder(self._settings.data)
        with DataLock(self._places.lock):
            asked_to_stop = asyncio.Event()
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, asked_to_stop.set)
            work = asyncio.create_task(self._work())
            asked = asyncio.create_task(asked_to_stop.wait())
            try:
                await asyncio.wait({work, asked}, return_when=asyncio.FIRST_COMPLETED)
                if work.done():
                    work.result()
            finally:
                work.cancel()
                asked.cancel()
                await asyncio.wait({work})
                await self._stop_all()

    async def _work(self) -> None:
        here, seeded = await self._start()
        if self._play is not None:
            await self._play(here, seeded)
            return
        self._say(panel.closing(self._settings, self._settings.public_url or here, seeded, time.monotonic() - self._began))
        if self._watch_sources:
            await self._reload_on_change()
        await asyncio.Event().wait()

    async def _start(self) -> tuple[str, dict[str, Any]]:
        """The gateway's address, and what seeding printed."""
        settings = self._settings
        if config_file.write_if_missing(settings.config_path):
            self._say(f"wrote {settings.config_path} with commented examples")
        # Before the port is looked at: a gateway that a crash left behind holds it.
        for name in ("gateway", "worker"):
            await end_leftover(self._program(name))
        # A port that cannot be had ends the start at once; which one it is counts when the gateway takes it.
        ports.choose(settings.host, settings.port, explicit=settings.port_is_explicit)
        # What a gateway imports takes it longer than everything else together, so it begins first where it may:
        # it waits for PostgreSQL by itself.
        gateway = await self._start_gateway() if await asyncio.to_thread(self._was_at_head) else None
        await _together(self._start_postgres(), self._start_redis())
        migrated = await self._migrate()
        if migrated:
            # The gateway reads sites as it starts: on a new database they must be there first.
            seeded = await self._seed()
            if gateway is not None:
                await gateway.restart()
        gateway = gateway or await self._start_gateway()
        if migrated:
            await self._until_gateway(gateway)
        else:
            seeded, _ = await _together(self._seed(), self._until_gateway(gateway))
        await self._run(self._program("worker"))
        here = f"http://{self._host}:{self._port}"
        Addresses(self._database_url, self._redis_url, here).write(self._places)
        return here, seeded

    async def _start_gateway(self) -> Service:
        settings = self._settings
        self._port = ports.choose(settings.host, settings.port, explicit=settings.port_is_explicit)
        if self._port != settings.port:
            self._say(f"port {settings.port} is taken, so the gateway listens on {self._port}")
        self._env["HIBACHI_PORT"] = str(self._port)
        return await self._run(self._program("gateway"))

    async def _until_gateway(self, service: Service) -> None:
        await self._until_ready(service, lambda: health.answers(self._host, self._port), GATEWAY_START_S)

    async def _start_postgres(self) -> None:
        if self._settings.database.url is not None:
            return
        server = EmbeddedPostgres(self._places)
        if not (self._places.postgres / "PG_VERSION").exists():
            self._say("making the embedded PostgreSQL's data folder (once)")
        await server.prepare()
        service = await self._run(server.program())
        await self._until_ready(service, server.ready, SERVER_START_S)

    async def _start_redis(self) -> None:
        if self._settings.redis.url is not None:
            return
        server = EmbeddedRedis(self._places)
        server.prepare()
        service = await self._run(server.program())
        await self._until_ready(service, server.ready, SERVER_START_S)

    def _was_at_head(self) -> bool:
        """Whether an earlier start left our own PostgreSQL at this code's head. `_migrate` looks again, at the rows."""
        if self._settings.database.url is not None or not (self._places.postgres / "PG_VERSION").exists():
            return False
        from migrations import history

        with suppress(FileNotFoundError):
            return self._places.migrated_to.read_text() == history.head()
        return False

    async def _migrate(self) -> bool:
        """Brings the database up to date in a process of its own. Returns whether there was anything to do."""
        head, current = await asyncio.to_thread(_revisions, self._database_url)
        if current != head:
            self._say("bringing the database's tables up to date")
            await call(self._commands.upgrade, self._env, "the migration of the database")
        if self._settings.database.url is None:
            self._places.migrated_to.write_text(head)
        return current != head

    async def _seed(self) -> dict[str, Any]:
        """First owner, demo site, and the one-time secrets of this start."""
        return last_json(await call(self._commands.seed, self._env, "seeding the database"), "seeding")

    async def _run(self, program: Program) -> Service:
        service = Service(program, self._say, self._backoff)
        # Before it starts: whatever comes of that is to be stopped.
        self._running.append(service)
        await service.start()
        return service

    async def _until_ready(self, service: Service, ready: Callable[[], Any], seconds: float) -> None:
        async def ready_or_failed() -> bool:
            broken = service.failures >= FAILURES_AT_START or service.last_status == CONFIGURATION_FAULT
            return broken or bool(await ready())

        in_time = await until(ready_or_failed, seconds)
        if not in_time or service.failures >= FAILURES_AT_START or service.last_status == CONFIGURATION_FAULT:
            why = "keeps failing" if in_time else f"did not answer within {seconds:.0f} s"
            raise StartError(f"{service.name} {why}. The end of {service.program.log}:\n{service.log_tail()}")

    def _program(self, name: str) -> Program:
        argv = self._commands.gateway if name == "gateway" else self._commands.worker
        return Program(
            name=name,
            argv=argv,
            env=self._env,
            log=self._places.log(name),
            record=self._places.record(name),
        )

    def _child_environment(self) -> dict[str, str]:
        return {
            "HIBACHI_DATA": str(self._settings.data),
            "HIBACHI_CONFIG": str(self._settings.config_path),
            # Our own names: they win over whatever the operator's environment and file say, which is where they are from.
            "HIBACHI_DATABASE__URL": self._database_url,
            "HIBACHI_REDIS__URL": self._redis_url,
            "DATABASE_URL": self._database_url,
            "REDIS_URL": self._redis_url,
            "PYTHONUNBUFFERED": "1",
        }

    async def _reload_on_change(self) -> None:
        sources = [_ROOT / name for name in reload.PYTHON_FOLDERS]
        web = _ROOT / "web-widget"
        self._say("watching the sources: a change restarts gateway and worker, or builds the front end")

        async def restart(path: str) -> None:
            self._say(f"{path.removeprefix(str(_ROOT))} changed, restarting")
            await asyncio.gather(*(s.restart() for s in self._running if s.name in ("gateway", "worker")))

        async def build(path: str) -> None:
            self._say(f"{path.removeprefix(str(_ROOT))} changed, building the front end")
            try:
                await call(("npm", "--prefix", str(web), "run", "--silent", "build"), self._env, "the front end's build")
            except (StartError, OSError) as error:
                self._say(str(error))

        await asyncio.gather(
            reload.watch(sources, (".py", ".toml", ".md"), restart),
            reload.watch([web / "src"], (".ts", ".tsx", ".css", ".html"), build),
        )

    async def _stop_all(self) -> None:
        """Gateway, worker, Redis, PostgreSQL: nobody loses what it still needs to write."""
        order = ("gateway", "worker", "redis", "postgres")
        if self._running:
            self._say("stopping")
        for service in sorted(self._running, key=lambda one: order.index(one.name)):
            await service.stop()
        self._running.clear()
        self._places.addresses.unlink(missing_ok=True)
        clear_temporary(self._settings.data)


def make_data_folder(data: Path) -> None:
    """With its parents. Its own permissions are ours, its parents' are the system's usual."""
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        data.mkdir(mode=0o700, exist_ok=True)
        (data / "run").mkdir(mode=0o700, exist_ok=True)
        (data / "logs").mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StartError(f"the data folder {data} cannot be made: {error.strerror}. HIBACHI_DATA names another.") from None


async def _together(*work: Coroutine[Any, Any, Any]) -> list[Any]:
    """All of it; when one fails or we are cancelled, nothing of it goes on behind our back."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def _revisions(database_url: str) -> tuple[str, str | None]:
    """The head of this code, and what the database is at. In a thread, for the sake of the imports."""
    import asyncpg

    from migrations import state

    try:
        return state.head(), asyncio.run(state.current(database_url))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StartError(f"PostgreSQL cannot be reached: {error}") from error
