"""A whole gateway in the test's own process, on a port of its own: what it holds can be counted from outside and from inside."""

import asyncio
import contextlib
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import uvicorn
from argon2 import PasswordHasher
from pydantic import SecretStr

from business.profile.versions import Edition
from business.sites.service import ensure_demo, ensure_install
from business.staff.passwords import Passwords
from business.staff.service import StaffService
from gateway.container import Gateway
from gateway.listener import listening
from gateway.start import read_start
from kernel.database import Database
from kernel.settings import Settings
from tests.rig.raw import Raw

DEMO = {"site": "demo"}


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # signals stay pytest's


@dataclass
class Running:
    """A gateway that serves. `open` and `visitor` give clients that are closed at the end."""

    gateway: Gateway
    url: str
    database_url: str
    clients: list[Raw] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    async def open(self, **options: Any) -> Raw:
        """A connection that has said nothing yet."""
        raw = await Raw.open(self.url, **options)
        self.clients.append(raw)
        return raw

    async def visitor(self, auth: dict[str, Any] | None = None, **options: Any) -> Raw:
        """A customer at the demo site who was told `ready`."""
        raw = await self.open(**options)
        await raw.enter("/chat", {**DEMO, **(auth or {})})
        await raw.expect("ready")
        return raw

    async def console(self, email: str | None = None) -> Raw:
        """A member of staff, with a socket token got the long way."""
        _, token = await self.socket_token(email)
        raw = await self.open()
        await raw.enter("/console", {"token": token})
        return raw

    async def socket_token(self, email: str | None = None) -> tuple[Any, str]:
        """A member of staff's session, and a token for one socket of it."""
        staff = self.staff
        invited = await staff.invite(email or f"{uuid4().hex[:8]}@example.com", "Dana", "agent")
        signed_in = await staff.sign_in(invited.sign_in_token)
        session = await staff.session(signed_in.cookie)
        if session.must_change:
            await staff.change_password(session, "charcoal and garlic", None, "192.0.2.1")
            session = await staff.session(signed_in.cookie)
        token, _ = await staff.socket_token(session)
        return session, token

    @property
    def staff(self) -> StaffService:
        return StaffService(self.gateway.database, Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))

    async def rows(self, query: str, *arguments: Any) -> list[dict[str, Any]]:
        """What PostgreSQL holds, asked beside the gateway."""
        connection = await asyncpg.connect(self.database_url)
        try:
            return [dict(row) for row in await connection.fetch(query, *arguments)]
        finally:
            await connection.close()

    async def settled(self, conversation: str, timeout: float = 8) -> None:
        """Wait until no reply is wanted or being written in a conversation."""
        query = "SELECT 1 FROM ai.turn WHERE conversation_id = $1 AND state <> 'done'"
        async with asyncio.timeout(timeout):
            while await self.rows(query, UUID(conversation)):  # noqa: ASYNC110
                await asyncio.sleep(0.05)


async def eventually(true: Callable[[], Any], timeout: float = 5.0, what: str = "it never became true") -> None:
    """Wait until `true()` is."""
    deadline = asyncio.get_running_loop().time() + timeout
    while not true():
        assert asyncio.get_running_loop().time() < deadline, what
        await asyncio.sleep(0.02)


def settings_for(database_url: str, redis_url: str, port: int, folder: Path, **given: Any) -> Settings:
    """As an install without any model has them, and a house model that does not take its time."""
    values: dict[str, Any] = {
        "data": folder,
        "config_path": folder / "hibachi.toml",
        "port": port,
        "database": {"url": SecretStr(database_url), "pool_size": 6},
        "redis": {"url": SecretStr(redis_url)},
        "ensemble": {"house_tokens_per_second": 5000},
    }
    return Settings(**{**values, **given})


@asynccontextmanager
async def running(database_url: str, redis_url: str, **given: Any) -> AsyncIterator[Running]:
    """Serve until the end of the block. `given`: sections of the settings."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="gateway-"))
    settings = settings_for(database_url, redis_url, port, folder, **given)
    gateway = Gateway(settings, database_url, redis_url, *await _prepared(database_url, settings))
    await gateway.start()
    server = _Server(listening(gateway.app, settings))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    found = Running(gateway, f"http://127.0.0.1:{port}", database_url)
    try:
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await gateway.warm.wait()
        yield found
    finally:
        await asyncio.gather(*(client.leave() for client in found.clients), return_exceptions=True)
        await gateway.stop()
        server.should_exit = True
        await serving
        listener.close()
        shutil.rmtree(folder, ignore_errors=True)


async def _prepared(database_url: str, settings: Settings) -> tuple[str, Edition]:
    """The seed without its owner; returns what a gateway must know."""
    database = Database(database_url, application="seed")
    try:

        async def seed(connection: Any) -> None:
            await ensure_install(connection)
            await ensure_demo(connection)

        await database.unit(seed)
        return await read_start(database, settings)
    finally:
        await database.close()
