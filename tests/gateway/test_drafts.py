"""Drafts: for staff alone, to the socket that asked, ended when it wants; nothing of them is stored."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID, uuid4

import pytest

from agents.events import TurnText
from agents.turn import TurnRequest
from tests.rig.inprocess import Running, eventually
from tests.rig.raw import Raw


async def talked(house: Running) -> tuple[Raw, str]:
    raw = await house.visitor()
    assert (await raw.say("How much is it for 12 adults?"))["ok"]
    await raw.durable("reply_finished")
    return raw, raw.heard("ready")[0]["conversation"]["id"]


class TestDraft:
    async def test_of_nothing(self, house: Running) -> None:
        desk = await house.console()
        assert (await desk.ask("draft", {"conversation": str(uuid4())}, "/console"))["error"]["code"] == "not_found"
        assert (await desk.ask("draft_stop", {"conversation": str(uuid4())}, "/console"))["ok"]

    async def test_comes_to_the_socket_that_asked_and_stays_nowhere(self, house: Running) -> None:
        raw, conversation = await talked(house)
        desk, colleague = await house.console(), await house.console()
        for one in (desk, colleague):
            assert (await one.ask("watch", {"conversation": conversation}, "/console"))["ok"]
        query = "SELECT count(*) FROM ai.chat_event WHERE conversation_id = $1"
        before = await house.rows(query, UUID(conversation))
        answer = await desk.ask("draft", {"conversation": conversation, "instruction": "be brief"}, "/console")
        assert answer["ok"]
        await desk.expect("draft_delta", lambda body: body.get("done"))
        deltas: list[Any] = desk.heard("draft_delta")
        assert {body["draft"] for body in deltas} == {answer["draft"]}
        position = 0
        for body in deltas:
            assert body["at"] == position and body["to"] == position + len(body["text"])
            position = body["to"]
        assert position > 20
        assert not colleague.heard("draft_delta") and not raw.heard("draft_delta")
        assert await house.rows(query, UUID(conversation)) == before
        await eventually(lambda: not house.gateway.drafts._running)
        await house.gateway.agents.drain()
        await house.gateway.usage.flush()
        assert await house.rows("SELECT role, outcome FROM ai.usage WHERE turn_id = $1", UUID(answer["draft"])) == [
            {"role": "draft", "outcome": "complete"}
        ]

    async def test_the_next_one_takes_its_place(self, house: Running) -> None:
        _, conversation = await talked(house)
        desk = await house.console()
        first = await desk.ask("draft", {"conversation": conversation}, "/console")
        second = await desk.ask("draft", {"conversation": conversation}, "/console")
        assert first["draft"] != second["draft"]
        await desk.expect("draft_delta", lambda body: body["draft"] == second["draft"] and body.get("done"))
        await eventually(lambda: not house.gateway.drafts._running)

    async def test_ends_with_its_socket(self, house: Running) -> None:
        _, conversation = await talked(house)
        desk = await house.console()
        await desk.ask("draft", {"conversation": conversation}, "/console")
        await desk.leave()
        await eventually(lambda: not house.gateway.drafts._running)

    async def test_stopped_closes_the_model_s_stream(self, house: Running, monkeypatch: pytest.MonkeyPatch) -> None:
        _, conversation = await talked(house)
        closed: list[str] = []

        async def endless(request: TurnRequest, instruction: str | None) -> AsyncGenerator[TurnText, None]:
            try:
                while True:
                    yield TurnText("word ")
                    await asyncio.sleep(0.02)
            finally:
                closed.append(str(request.turn))

        monkeypatch.setattr(house.gateway.drafts, "_draft", endless)
        desk = await house.console()
        draft = (await desk.ask("draft", {"conversation": conversation}, "/console"))["draft"]
        await desk.expect("draft_delta", lambda body: body["at"] > 0)
        assert (await desk.ask("draft_stop", {"conversation": str(uuid4())}, "/console"))["ok"]
        assert not closed, "another conversation's draft is not stopped"
        assert (await desk.ask("draft_stop", {"conversation": conversation}, "/console"))["ok"]
        await eventually(lambda: closed == [draft] and not house.gateway.drafts._running)
        told = len(desk.heard("draft_delta"))
        await asyncio.sleep(0.2)
        assert len(desk.heard("draft_delta")) == told
