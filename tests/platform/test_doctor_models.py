"""What `hibachi doctor` says of the models' policy: a saved one that is not used is a fault; and of models that are not asked just now."""

import asyncio
import json
from pathlib import Path
from typing import Any

from prometheus_client import generate_latest

from gateway.cli import ensemble
from gateway.metrics import Metrics
from kernel.database import Database
from kernel.settings import load_settings
from tests.rig.redis import free_port

TOML = '[[models]]\nname = "a"\nlitellm = "openai/a"\n'


class TestThePolicy:
    async def test_that_is_not_used_is_a_fault_and_any_other_is_not(self, database: Database, database_url: str, tmp_path: Path) -> None:
        (tmp_path / "hibachi.toml").write_text(TOML)
        settings = load_settings({"HIBACHI_DATA": str(tmp_path)})

        async def said(policy: dict[str, Any] | None) -> tuple[str, str]:
            async with database.transaction() as connection:
                content = None if policy is None else json.dumps(policy)
                await connection.exec_driver_sql("INSERT INTO ai.ensemble_version (policy) VALUES ($1)", (content,))
            (found,) = await ensemble.policy(settings, database_url)
            return found.level, found.text

        (first,) = await ensemble.policy(settings, database_url)
        assert (first.level, first.text) == ("ok", "the file's [ensemble] says how models answer")
        level, text = await said({"answer": ["sold"]})
        assert level == "fault" and 'ensemble.answer: no model is called "sold"; known: a, house' in text
        level, text = await said({"strategy": "telepathy"})
        assert level == "fault" and "ensemble.strategy" in text
        assert (await said({"agents": {"poet": {"models": ["a"]}}}))[0] == "note"
        assert "saved in the console, says" in (await said({"answer": ["a"]}))[1]
        assert "the file's" in (await said(None))[1]

    async def test_is_not_spoken_of_without_tables(self, empty_database_url: str, tmp_path: Path) -> None:
        (tmp_path / "hibachi.toml").write_text(TOML)
        settings = load_settings({"HIBACHI_DATA": str(tmp_path)})
        assert await ensemble.policy(settings, None) == await ensemble.policy(settings, empty_database_url) == []


class TestBreakers:
    async def test_of_the_running_gateway(self) -> None:
        metrics = Metrics()
        for model, is_open in (("dead", True), ("well", False)):
            metrics.model_breaker_open.labels(model).set(is_open)
        body = generate_latest(metrics.registry)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
            writer.close()

        port = free_port()
        async with await asyncio.start_server(serve, "127.0.0.1", port):
            (found,) = await ensemble.breakers(f"http://127.0.0.1:{port}")
        assert (found.level, found.subject) == ("fault", 'model "dead"')
        assert await ensemble.breakers(f"http://127.0.0.1:{port}") == await ensemble.breakers(None) == []
