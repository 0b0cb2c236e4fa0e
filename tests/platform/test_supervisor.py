"""The supervisor with real PostgreSQL and Redis, real signals and real crashes; small programs stand for the rest."""

import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path

import asyncpg
import psutil
import pytest

from gateway.supervisor import health
from gateway.supervisor.places import Places, private_temporary
from gateway.supervisor.service import until
from tests.platform.up import NAMES, WAIT_S, Up, on_folder, runs, started, write_config

COMMAND = (sys.executable, "-m", "tests.platform.run_supervisor")


def up(data: Path, *, wait: bool = True, **env: str) -> AbstractAsyncContextManager[Up]:
    return started(COMMAND, data, wait=wait, **env)


async def sql(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url, timeout=5)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def works(running: Up) -> bool:
    """The whole of it answers: gateway, PostgreSQL and Redis."""
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    addresses = running.addresses
    host, _, port = addresses.gateway.removeprefix("http://").rpartition(":")
    client = Redis.from_url(addresses.redis_url, socket_timeout=1)
    try:
        await sql(addresses.database_url, "SELECT 1")
        return bool(await client.ping()) and await health.answers(host, int(port))
    except (OSError, RedisError, asyncpg.PostgresError):
        return False
    finally:
        await client.aclose()


def eventually(what: Callable[[], Awaitable[bool]]) -> Awaitable[bool]:
    return until(what, WAIT_S)


class TestStart:
    async def test_brings_everything_up_and_says_where(self, data: Path) -> None:
        async with up(data) as running:
            assert await works(running)
            text = "\n".join(running.lines)
            assert "/demo" in text and "/console#link" in text and "one-time password  once" in text
            assert str(data / "hibachi.toml") in text and "try: say hi, then take over with t" in text
            assert (data / "hibachi.toml").is_file()
            assert await sql(running.addresses.database_url, "SELECT count(*) FROM core.customer") == 0
            assert await sql(running.addresses.database_url, "SHOW server_encoding") == "UTF8"

    async def test_each_child_leads_a_session_of_its_own(self, data: Path) -> None:
        async with up(data) as running:
            assert {os.getsid(pid) for pid in running.pids().values()} == set(running.pids().values())

    async def test_nothing_listens_on_tcp_but_the_gateway(self, data: Path) -> None:
        async with up(data) as running:
            listening = {
                name for name, pid in running.pids().items()
                if any(c.status == psutil.CONN_LISTEN for c in psutil.Process(pid).net_connections("inet"))
            }  # fmt: skip
            assert listening == {"gateway"}

    async def test_a_second_start_says_so_and_exits(self, data: Path) -> None:
        async with up(data) as first:
            async with up(data, wait=False) as second:
                assert await second.over() == 1
                assert second.said(f"in use by process {first.process.pid}")
            assert await works(first)

    async def test_a_long_data_folder_still_has_sockets(self, data: Path) -> None:
        async with up(data / ("long" * 20)) as running:
            assert await works(running)


class TestEnd:
    @pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
    async def test_leaves_no_process_and_no_lock(self, data: Path, how: signal.Signals) -> None:
        async with up(data) as running:
            assert await running.end(how) == 0
            assert on_folder(data) == []
            assert not running.places.lock.exists()
            assert not running.places.addresses.exists()
            assert list(running.places.run.glob("*.json")) == []
            assert not private_temporary(data).exists()
            assert "database system is shut down" in running.places.log("postgres").read_text()

    async def test_in_the_middle_of_the_first_start_leaves_nothing_either(self, data: Path) -> None:
        async with up(data, wait=False) as running:
            await running.wait_for("data folder (once)")
            assert await running.end() == 0
            assert on_folder(data) == []
        async with up(data) as again:
            assert await works(again)


class TestDeathOfAChild:
    @pytest.mark.parametrize("name", NAMES)
    async def test_killed_it_is_started_again(self, data: Path, name: str) -> None:
        async with up(data) as running:
            before = running.pids()
            os.kill(before[name], signal.SIGKILL)
            await running.wait_for(f"{name} was ended by SIGKILL; starting it again")

            async def recovered() -> bool:
                return running.pid(name) != before[name] and await works(running)

            assert await eventually(recovered)
            after = running.pids()
            assert {other for other in NAMES if before[other] != after[other]} == {name}


class TestDeathOfTheSupervisor:
    async def test_the_next_start_owns_what_still_runs_and_finds_its_data(self, data: Path) -> None:
        from redis.asyncio import Redis

        async with up(data) as crashed:
            before = crashed.pids()
            await sql(crashed.addresses.database_url, "CREATE TABLE kept AS SELECT 42 AS it")
            async with Redis.from_url(crashed.addresses.redis_url) as client:
                await client.set("kept", "43")
            assert await crashed.end(signal.SIGKILL) == -signal.SIGKILL
            assert runs(before["postgres"])
        async with up(data) as running:
            after = running.pids()
            assert running.said(f"postgres: process {before['postgres']} still ran, taken over")
            assert running.said(f"redis: process {before['redis']} still ran, taken over")
            assert (after["postgres"], after["redis"]) == (before["postgres"], before["redis"])
            # The gateway is a new one, on the old one's port: its settings may have changed.
            assert after["gateway"] != before["gateway"] and after["worker"] != before["worker"]
            assert not runs(before["gateway"]) and not runs(before["worker"])
            assert await sql(running.addresses.database_url, "SELECT it FROM kept") == 42
            async with Redis.from_url(running.addresses.redis_url) as client:
                assert await client.get("kept") == b"43"
            # Owned: an adopted one is restarted when it dies, and stopped at the end.
            os.kill(after["postgres"], signal.SIGKILL)
            assert await eventually(lambda: works(running))
            assert await running.end() == 0
            assert on_folder(data) == []

    async def test_its_records_may_be_lost_too(self, data: Path) -> None:
        async with up(data) as crashed:
            before = crashed.pids()
            await crashed.end(signal.SIGKILL)
        for name in ("postgres", "redis"):
            Places(data).record(name).unlink()
        async with up(data) as running:
            assert (running.pid("postgres"), running.pid("redis")) == (before["postgres"], before["redis"])
            assert await running.end() == 0
            assert not runs(before["postgres"]) and not runs(before["redis"])

    async def test_with_everything_killed_the_data_are_found(self, data: Path) -> None:
        async with up(data) as crashed:
            await sql(crashed.addresses.database_url, "CREATE TABLE kept AS SELECT 42 AS it")
            for pid in (crashed.process.pid, *crashed.pids().values()):
                os.kill(pid, signal.SIGKILL)
            await crashed.over()
        # As after a container's restart: the number in PostgreSQL's lock file is somebody else's now.
        lock = Places(data).postgres / "postmaster.pid"
        lock.write_text("\n".join([str(os.getpid()), *lock.read_text().splitlines()[1:]]) + "\n")
        async with up(data) as running:
            assert await sql(running.addresses.database_url, "SELECT it FROM kept") == 42


class TestPort:
    @pytest.fixture
    def taken(self) -> Iterator[int]:
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen(1)
            yield holder.getsockname()[1]

    async def test_taken_and_asked_for_ends_with_status_2(self, data: Path, taken: int) -> None:
        async with up(data, wait=False, HIBACHI_PORT=str(taken)) as running:
            assert await running.over() == 2
            assert running.said(f"port {taken} on 127.0.0.1 is taken") and running.said("HIBACHI_PORT")
            assert on_folder(data) == []

    async def test_taken_in_the_file_is_asked_for_as_well(self, data: Path, taken: int) -> None:
        write_config(data, f"port = {taken}\n")
        async with up(data, wait=False, HIBACHI_PORT="") as running:
            assert await running.over() == 2

    async def test_taken_and_not_asked_for_the_next_free_one_is_said_aloud(self, data: Path) -> None:
        with socket.socket() as holder, suppress(OSError):
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            holder.bind(("127.0.0.1", 8000))  # taken either way: by us or by whoever has it already
            holder.listen(1)
            async with up(data, HIBACHI_PORT="") as running:
                assert running.said("port 8000 is taken, so the gateway listens on ")
                assert not running.addresses.gateway.endswith(":8000")
                assert await works(running)


class TestConfiguredServers:
    async def test_nothing_is_embedded_where_addresses_are_given(self, data: Path, empty_database_url: str, redis_url: str) -> None:
        async with up(data, DATABASE_URL=empty_database_url, REDIS_URL=redis_url) as running:
            assert await works(running)
            assert not running.places.postgres.exists() and not running.places.redis.exists()
            assert await running.end() == 0
        assert await sql(empty_database_url, "SELECT count(*) FROM core.customer") == 0

    async def test_a_database_that_is_away_is_named_without_its_password(self, data: Path, redis_url: str) -> None:
        address = "postgresql://user:s3cret@127.0.0.1:1/none"
        async with up(data, wait=False, DATABASE_URL=address, REDIS_URL=redis_url) as running:
            assert await running.over() == 1
            assert running.said("PostgreSQL cannot be reached") and not running.said("s3cret")
