"""Logs: one JSON object a line, with what is bound, without what must not be there."""

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from kernel.log import FORBIDDEN, configure


@pytest.fixture(autouse=True)
def fresh_logging() -> Iterator[None]:
    """Logging is the process's own; a test leaves it as it found it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(capture: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capture.readouterr().out.splitlines()]


class TestLine:
    def test_is_json_with_time_level_and_logger(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure()
        structlog.get_logger("gateway.turns").info("turn.started", models=2)
        (line,) = lines(capsys)
        assert (line["event"], line["level"], line["logger"], line["models"]) == ("turn.started", "info", "gateway.turns", 2)
        assert line["at"].endswith("Z")

    def test_level_is_respected(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure("warning")
        structlog.get_logger("x").info("no")
        logging.getLogger("y").info("no")
        structlog.get_logger("x").warning("yes")
        assert [line["event"] for line in lines(capsys)] == ["yes"]

    def test_the_standard_library_is_folded_in(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure()
        logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
        logging.getLogger("uvicorn.access").info("GET /?token=abc")
        assert [line["event"] for line in lines(capsys)] == ["Started server process [7]"]

    async def test_what_is_bound_stays_with_its_task(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure()

        async def turn(name: str) -> None:
            structlog.contextvars.bind_contextvars(turn_id=name)
            await asyncio.sleep(0)
            structlog.get_logger("x").info("said")

        await asyncio.gather(*(asyncio.create_task(turn(name)) for name in "abc"))
        structlog.get_logger("x").info("outside")
        assert [line.get("turn_id") for line in lines(capsys)] == ["a", "b", "c", None]


class TestForbidden:
    @pytest.mark.parametrize("key", sorted(FORBIDDEN))
    def test_key_is_dropped_and_said_to_be(self, capsys: pytest.CaptureFixture[str], key: str) -> None:
        configure()
        structlog.get_logger("x").info("e", **{key: "s3cret"})
        logging.getLogger("y").info("e", extra={key: "s3cret"})
        structlog.get_logger("x").info("e", inner={"deep": [{key.upper(): "s3cret", "kept": 1}]})
        printed = capsys.readouterr().out
        assert "s3cret" not in printed
        first, _, third = (json.loads(line) for line in printed.splitlines())
        assert first["dropped"] == [key]
        assert third["inner"] == {"deep": [{"kept": 1}]}

    def test_an_exception_leaves_its_type_and_place_not_its_words(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure()
        try:
            try:
                raise ValueError("customer said s3cret")
            except ValueError as error:
                raise KeyError("s3cret") from error
        except KeyError:
            structlog.get_logger("x").exception("failed")
            logging.getLogger("y").exception("failed")
        printed = capsys.readouterr().out
        assert "s3cret" not in printed
        for line in map(json.loads, printed.splitlines()):
            assert line["error"] == "KeyError < ValueError"
            assert any("test_log.py" in frame for frame in line["frames"])

    def test_an_outage_keeps_its_reason(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure()
        try:
            raise ConnectionRefusedError(111, "Connection refused")
        except OSError:
            structlog.get_logger("x").exception("failed")
        (line,) = lines(capsys)
        assert "refused" in line["reason"]
