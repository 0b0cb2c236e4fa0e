"""`hibachi sms simulate` as it is: one command, a text that is answered, and afterwards no process and no folder."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.platform.up import ROOT, nothing_left, started
from tests.rig.redis import free_port
from tests.rig.ringcentral import LOS_ANGELES

SIMULATE = (sys.executable, "-P", "-m", "gateway.cli", "sms", "simulate")
ANSWERED_S = 60.0


async def texts_of(base: str, number: str) -> list[Any]:
    async with aiohttp.ClientSession() as http, http.get(f"{base}/phone/state") as answer:
        body = await answer.json()
    return next(phone["texts"] for phone in body["phones"] if phone["number"] == number)


async def say(base: str, text: str) -> None:
    said, origin = {"sender": LOS_ANGELES, "text": text}, {"Origin": base}
    async with aiohttp.ClientSession() as http, http.post(f"{base}/phone/say", json=said, headers=origin) as answer:
        assert answer.status == 200


async def answered(base: str) -> Any:
    """The text that came back."""
    async with asyncio.timeout(ANSWERED_S):
        while True:
            texts = await texts_of(base, LOS_ANGELES)
            if len(texts) > 1:
                return texts[1]
            await asyncio.sleep(0.2)


def left_in(folder: Path) -> list[Path]:
    return list(folder.glob("hibachi-sms-*"))


class TestAlone:
    async def test_prints_what_points_an_install_at_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        port = free_port()
        async with started((*SIMULATE, "--only", "--port", str(port)), tmp_path, wait=False) as alone:
            await alone.wait_for("export RINGCENTRAL_JWT=")
            assert alone.said(f"http://127.0.0.1:{port}/phone")
            assert alone.said(f"export HIBACHI_SMS__ADDRESS=http://127.0.0.1:{port}")
            assert await texts_of(f"http://127.0.0.1:{port}", LOS_ANGELES) == []
            assert await alone.end() == 0
        assert left_in(tmp_path) == []


class TestWhole:
    @pytest.mark.slow
    @pytest.mark.timeout(240)
    async def test_answers_a_phone_and_leaves_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        async with started((*SIMULATE, "--port", str(port)), tmp_path / "elsewhere", TMPDIR=str(tmp_path)) as run:
            (folder,) = left_in(tmp_path)
            await say(base, "Hi, how much is it for 12 adults?")
            answer = await answered(base)
            assert "$660" in answer["text"] and answer["segments"] <= 3
            assert await run.end() == 0, "\n".join(run.lines)
        nothing_left(run, folder)
