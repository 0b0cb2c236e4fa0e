"""`hibachi up` as it is: the real gateway, the real worker, the pages that a person opens."""

import asyncio
import os
import re
import signal
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.supervisor.service import until
from tests.platform.up import ROOT, WAIT_S, Up, on_folder, runs, started
from tests.rig.redis import free_port

HIBACHI = (sys.executable, "-P", "-m", "gateway.cli")


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """-P leaves the current folder out of the path; an environment that `make` set up has the checkout on it anyway."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    yield


def status(address: str) -> int:
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - http, on loopback
        return int(answer.status)


def untouched(data: Path) -> bool:
    return not data.exists()


async def get(running: Up, path: str) -> int:
    return await asyncio.to_thread(status, running.addresses.gateway + path)


async def command(data: Path, *arguments: str, **env: str) -> tuple[int, str]:
    """A `hibachi` command from another terminal; exit status and everything it printed."""
    process = await asyncio.create_subprocess_exec(
        *HIBACHI,
        *arguments,
        env={**os.environ, "HIBACHI_DATA": str(data), **env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()


class TestUp:
    async def test_pages_commands_a_crash_and_the_end(self, data: Path) -> None:
        async with started((*HIBACHI, "up"), data) as running:
            for path in ("/demo", "/console", "/widget.js", "/healthz"):
                assert await get(running, path) == 200
            ready = await until(lambda: self._is_ready(running), WAIT_S)
            assert ready

            status, report = await command(data, "doctor")
            assert status == 0, report
            assert "PostgreSQL   embedded, version" in report and "vector 0" in report
            assert "house model answers everything" in report and "placeholders" in report

            before = running.pid("gateway")
            os.kill(before, signal.SIGKILL)
            await running.wait_for("gateway was ended by SIGKILL")
            assert await until(lambda: self._is_ready(running), WAIT_S)
            assert running.pid("gateway") != before

            pids = running.pids()
            assert await running.end() == 0
            assert not any(runs(pid) for pid in pids.values())
            assert on_folder(data) == [] and not running.places.lock.exists()
            assert "Traceback" not in running.places.log("gateway").read_text()
            assert "Traceback" not in running.places.log("worker").read_text()

    async def test_the_one_time_password_is_the_same_until_changed_and_the_link_is_new(self, data: Path) -> None:
        said: list[str] = []
        for _ in range(2):
            async with started((*HIBACHI, "up"), data) as running:
                said.append("\n".join(running.lines))
        first, second = (re.search(r"one-time password +(\S+)", text) for text in said)
        assert first and second and first[1] == second[1]
        links = [re.search(r"#sign-in=(\S+)", text) for text in said]
        assert links[0] and links[1] and links[0][1] != links[1][1]

    async def test_a_password_of_the_operators_is_used_and_not_printed(self, data: Path) -> None:
        email, password = "dana@example.com", "correct horse battery"
        async with started((*HIBACHI, "up"), data, HIBACHI_ADMIN_EMAIL=email, HIBACHI_ADMIN_PASSWORD=password) as running:
            text = "\n".join(running.lines)
            assert "dana@example.com, the password in HIBACHI_ADMIN_PASSWORD" in text
            assert "correct horse" not in text and "one-time" not in text

    @staticmethod
    async def _is_ready(running: Up) -> bool:
        try:
            return await get(running, "/readyz") == 200
        except OSError:
            return False


class TestCommands:
    async def test_a_wrong_setting_ends_every_command_with_status_2(self, data: Path) -> None:
        for name in ("up", "doctor"):
            status, printed = await command(data, name, HIBACHI_PORT="eighty")
            assert status == 2
            assert "port (HIBACHI_PORT)" in printed and "1 to 65535" in printed
            assert untouched(data)

    async def test_doctor_names_the_missing_key_and_what_serves_instead(self, data: Path) -> None:
        models = '[{"name": "teacher", "litellm": "openai/x", "api_key_env": "NO_SUCH_KEY"}]'
        status, printed = await command(data, "doctor", HIBACHI_MODELS=models)
        assert status == 1
        assert 'NO_SUCH_KEY is not set; "house" serves instead' in printed

    async def test_doctor_says_what_cannot_be_reached_and_keeps_the_password(self, data: Path) -> None:
        database, redis = f"postgresql://u:s3cret@127.0.0.1:{free_port()}/d", f"redis://:s3cret@127.0.0.1:{free_port()}"
        status, printed = await command(data, "doctor", DATABASE_URL=database, REDIS_URL=redis)
        assert status == 1
        assert printed.count("configured, but it cannot be reached") == 2
        assert "s3cret" not in printed

    async def test_commands_on_the_database_say_that_nothing_runs(self, data: Path) -> None:
        status, printed = await command(data, "db", "check")
        assert status == 1
        assert "`hibachi up` does not run" in printed and "Traceback" not in printed

    async def test_version(self, data: Path) -> None:
        status, printed = await command(data, "version")
        assert status == 0
        assert re.fullmatch(r"\d+\.\d+\.\d+\n", printed)
