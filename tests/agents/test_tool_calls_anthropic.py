"""Tool calls in another provider's own protocol: the same chunks come out, and the same history goes in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

import pytest

from agents.ensemble.chunks import Finish, ToolCall
from agents.ensemble.litellm_model import LiteLLMModel, LiteLLMTarget
from agents.ensemble.model import ModelMessage
from tests.agents.building import Workshop, shown
from tests.agents.test_tool_calls import FEE, LOOKUP, ask_with_tools, calls, collect
from tests.rig.anthropic import AnthropicProvider


@pytest.fixture
async def anthropic() -> AsyncIterator[AnthropicProvider]:
    async with AnthropicProvider().serving() as provider:
        yield provider


def model(anthropic: AnthropicProvider, workshop: Workshop) -> LiteLLMModel:
    return LiteLLMModel(LiteLLMTarget("other", "anthropic/claude-3-haiku-20240307", anthropic.base, "key"), workshop.library)


class TestAnotherProtocol:
    async def test_gives_text_then_whole_calls(self, anthropic: AnthropicProvider, workshop: Workshop) -> None:
        anthropic.text, anthropic.calls = "One moment.", (LOOKUP, FEE)
        chunks, error = await collect(model(anthropic, workshop))
        assert error is None
        assert (shown(chunks), calls(chunks)) == ("One moment. ", [LOOKUP, FEE])
        assert [chunk.id for chunk in chunks if isinstance(chunk, ToolCall)] == ["toolu_0", "toolu_1"]
        assert chunks[-1] == Finish("tool_calls", 9, 17, model="other")

    async def test_a_cut_anywhere_gives_no_call(self, anthropic: AnthropicProvider, workshop: Workshop) -> None:
        anthropic.calls = (FEE, LOOKUP)
        for cut in range(anthropic.events - 1):
            anthropic.cut = cut
            chunks, error = await collect(model(anthropic, workshop))
            assert error is not None
            assert chunks == []

    async def test_calls_and_results_of_before_are_told_in_its_own_shape(self, anthropic: AnthropicProvider, workshop: Workshop) -> None:
        anthropic.text = "Three miles."
        request = ask_with_tools(may_call=False)
        called = ModelMessage("assistant", "", calls=(ToolCall("toolu_0", "travel_fee", '{"place": "94539"}'),))
        told = ModelMessage("tool", '{"miles": 3}', call_id="toolu_0")
        chunks, error = await collect(model(anthropic, workshop), replace(request, messages=(*request.messages, called, told)))
        assert error is None
        assert shown(chunks) == "Three miles. "
        sent = anthropic.requests[0]
        assert [tool["name"] for tool in sent["tools"]] == ["menu_lookup", "travel_fee"]
        assert sent["tool_choice"]["type"] == "none"
        use, result = sent["messages"][-2]["content"][-1], sent["messages"][-1]["content"][0]
        assert (use["type"], use["id"], use["input"]) == ("tool_use", "toolu_0", {"place": "94539"})
        assert (result["type"], result["tool_use_id"]) == ("tool_result", "toolu_0")

    async def test_leaving_the_stream_closes_the_wire(self, anthropic: AnthropicProvider, workshop: Workshop) -> None:
        anthropic.text, anthropic.hang = "one two three four", 4
        async with aclosing(model(anthropic, workshop).stream(ask_with_tools())) as chunks:
            await anext(chunks)
        async with asyncio.timeout(1.0):
            await anthropic.gone.wait()

    async def test_silence_times_out_and_closes_the_wire(self, anthropic: AnthropicProvider, workshop: Workshop) -> None:
        anthropic.calls, anthropic.hang = (FEE,), 3
        target = replace(model(anthropic, workshop).target, first_token_s=5.0, idle_chunk_s=0.2)
        chunks, error = await collect(LiteLLMModel(target, workshop.library))
        assert error is not None
        assert (chunks, error.kind) == ([], "timeout")
        async with asyncio.timeout(1.0):
            await anthropic.gone.wait()
