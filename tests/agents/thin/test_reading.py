"""Who reads a model's answers: we, where its protocol is ours, LiteLLM otherwise; and what LiteLLM reads is closed as surely."""

import time
from contextlib import aclosing

import pytest

from agents.ensemble.chunks import Text
from agents.ensemble.library import LiteLLMLibrary
from agents.ensemble.litellm_model import LiteLLMModel
from agents.ensemble.reading import ReadModel, model_for
from agents.ensemble.target import LiteLLMTarget
from agents.ensemble.thin.connections import Connections
from agents.ensemble.thin.model import ThinModel
from agents.ensemble.warm_up import warm_up
from tests.agents.test_tool_calls import FEE, LOOKUP, calls
from tests.agents.thin.bench import Bench, ask, ask_with_tools, collect
from tests.rig.provider import SHAPES, ShapeName
from tests.rig.script import calling

CLOSED_WITHIN_S = 0.3


class TestWhoReads:
    @pytest.mark.parametrize(
        ("model_id", "reader"),
        [
            ("openai/gpt-4o", ThinModel),
            ("gpt-4o", ThinModel),
            ("claude-sonnet-4-5", ThinModel),
            ("groq/m", ThinModel),
            ("ollama_chat/m", ThinModel),
            ("gemini/gemini-2.5-flash", ThinModel),
            ("azure/m", LiteLLMModel),
            ("cohere_chat/m", LiteLLMModel),
            ("bedrock/anthropic.claude-3-haiku-20240307-v1:0", LiteLLMModel),
            ("vertex_ai/gemini-2.5-flash", LiteLLMModel),
            ("openai/responses/gpt-4o", LiteLLMModel),
            ("nobody-knows-this", LiteLLMModel),
        ],
    )
    async def test_is_chosen_by_the_provider(
        self, library: LiteLLMLibrary, connections: Connections, model_id: str, reader: type[object]
    ) -> None:
        model = model_for(LiteLLMTarget("m", model_id, api_key="key"), library, connections)
        assert isinstance(model, ReadModel)
        assert isinstance(model.reader(await library.load(), ask("hi")), reader)

    async def test_litellm_where_it_speaks_another_protocol(self, library: LiteLLMLibrary, connections: Connections) -> None:
        model = model_for(LiteLLMTarget("m", "openai/gpt-5.4", api_key="key"), library, connections)
        assert isinstance(model, ReadModel)
        readers = [type(model.reader(await library.load(), request)) for request in (ask("hi"), ask_with_tools(), ask("hi"))]
        assert readers == [ThinModel, LiteLLMModel, ThinModel]

    async def test_litellm_where_the_settings_want_it(self, bench: Bench) -> None:
        model = bench.model("openai", whole=True)
        assert isinstance(model, LiteLLMModel)
        assert (await collect(model, ask("hi"))).text == bench.farm["openai"].calls[0].plan

    async def test_a_model_that_nobody_knows_fails_as_any_other(self, library: LiteLLMLibrary, connections: Connections) -> None:
        gave = await collect(model_for(LiteLLMTarget("m", "nobody-knows-this"), library, connections), ask("hi"))
        assert gave.chunks == []
        assert gave.error is not None

    async def test_a_process_that_has_just_started_imports_first(self, bench: Bench) -> None:
        fresh = LiteLLMLibrary()  # holds no module yet; this process has imported it long ago
        target = LiteLLMTarget("plain", "openai/plain", bench.farm.base("openai"), "key")
        gave = await collect(model_for(target, fresh, bench.connections), ask("hi"))
        assert (gave.text, gave.error) == (bench.farm["openai"].calls[0].plan, None)


class TestWarmth:
    async def test_requests_are_shaped_before_anyone_waits(
        self, bench: Bench, connections: Connections, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        models = [bench.model(shape) for shape in SHAPES]
        await warm_up(bench.library, ask("hello"), models)
        litellm = await bench.library.load()
        monkeypatch.setattr(litellm.utils, "get_optional_params", lambda **given: pytest.fail("shaped when it was asked"))
        for model in models:
            assert (await collect(model, ask("hi"))).error is None

    async def test_a_model_that_cannot_be_shaped_keeps_no_process_from_starting(
        self, library: LiteLLMLibrary, connections: Connections, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
        targets = [LiteLLMTarget("a", "anthropic/claude-sonnet-4-5"), LiteLLMTarget("b", "nobody-knows-this")]
        await warm_up(library, ask("hello"), [model_for(target, library, connections) for target in targets])


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != "openai"])
class TestWhatLiteLLMReads:
    async def test_gives_text_then_whole_calls(self, bench: Bench, shape: ShapeName) -> None:
        gave = await collect(bench.model(shape, calling(LOOKUP, FEE, text="One moment."), whole=True))
        assert (gave.text, calls(gave.chunks), gave.error) == ("One moment. ", [LOOKUP, FEE], None)

    async def test_a_cut_anywhere_gives_no_call(self, bench: Bench, shape: ShapeName) -> None:
        for cut in range(2):
            gave = await collect(bench.model(shape, calling(FEE, LOOKUP, split=0, cut_at=cut), whole=True))
            assert gave.chunks == []
            assert gave.error is not None

    async def test_leaving_it_closes_the_wire(self, bench: Bench, shape: ShapeName) -> None:
        async with aclosing(bench.model(shape, "words-200+pace-20", whole=True).stream(ask("hi"))) as chunks:
            assert isinstance(await anext(chunks), Text)
        left = time.monotonic()
        call = await bench.farm[shape].ended(bench.farm[shape].calls[0])
        assert call.end == "gone" and call.ended is not None
        assert call.ended - left < CLOSED_WITHIN_S
