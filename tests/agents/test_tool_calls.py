"""Tool calls over real HTTP streaming: whole calls are given once, at the end; half a call is given by nobody."""

import json
from contextlib import aclosing
from dataclasses import replace

import pytest

from agents.ensemble.breaker import Breaker
from agents.ensemble.chunks import Chunk, Finish, Restart, Text, ToolCall
from agents.ensemble.errors import ErrorKind, ModelError
from agents.ensemble.fallback import Fallback
from agents.ensemble.model import Model, ModelMessage, ModelRequest, ToolSpec
from agents.ensemble.watched import Contender
from tests.agents.building import Workshop, ask, shown
from tests.rig.script import Numbering, Script, calling, saying

SPEC = ToolSpec("menu_lookup", "Looks dishes up.", {"type": "object", "properties": {"dishes": {"type": "array"}}})
OTHER = ToolSpec("travel_fee", "What the way costs.", {"type": "object", "properties": {"place": {"type": "string"}}})
LOOKUP = ("menu_lookup", {"dishes": ["chicken", "salmon"], "diets": ["vegan"]})
FEE = ("travel_fee", {"place": "94539"})


def ask_with_tools(*, may_call: bool = True) -> ModelRequest:
    return replace(ask("hi"), tools=(SPEC, OTHER), may_call=may_call)


async def collect(model: Model, request: ModelRequest | None = None) -> tuple[list[Chunk], ModelError | None]:
    chunks: list[Chunk] = []
    try:
        async with aclosing(model.stream(request or ask_with_tools())) as stream:
            async for chunk in stream:
                chunks.append(chunk)
    except ModelError as error:
        return chunks, error
    return chunks, None


def calls(chunks: list[Chunk]) -> list[tuple[str, object]]:
    return [(chunk.name, json.loads(chunk.arguments)) for chunk in chunks if isinstance(chunk, ToolCall)]


class TestWholeCalls:
    @pytest.mark.parametrize("split", [0, 1, 3, 400])
    @pytest.mark.parametrize("numbering", ["openai", "same-index", "repeated-id"])
    async def test_are_put_together_whatever_the_fragments(self, workshop: Workshop, split: int, numbering: Numbering) -> None:
        workshop.provider.plan("m", [calling(LOOKUP, FEE, split=split, numbering=numbering)])
        chunks, error = await collect(workshop.model("m"))
        assert error is None
        assert calls(chunks) == [LOOKUP, FEE]
        assert [chunk.id for chunk in chunks if isinstance(chunk, ToolCall)] == ["call-1-0", "call-1-1"]
        assert isinstance(chunks[-1], Finish)
        assert chunks[-1].reason == "tool_calls"
        assert chunks[-1].tokens_out == workshop.provider.calls[0].chunks

    async def test_without_ids_get_ids_that_tell_them_apart(self, workshop: Workshop) -> None:
        workshop.provider.plan("m", [calling(LOOKUP, FEE, numbering="no-id")])
        chunks, _ = await collect(workshop.model("m"))
        ids = [chunk.id for chunk in chunks if isinstance(chunk, ToolCall)]
        assert calls(chunks) == [LOOKUP, FEE]
        assert len(set(ids)) == 2
        assert all(ids)

    async def test_come_after_the_text(self, workshop: Workshop) -> None:
        workshop.provider.plan("m", [calling(FEE, text="Let me look.")])
        chunks, _ = await collect(workshop.model("m"))
        assert [type(chunk) for chunk in chunks] == [Text, Text, Text, ToolCall, Finish]

    async def test_whose_provider_says_stop_are_calls_all_the_same(self, workshop: Workshop) -> None:
        workshop.provider.plan("m", [calling(FEE, reason="stop")])
        chunks, _ = await collect(workshop.model("m"))
        assert chunks[-1] == Finish("tool_calls", 3, workshop.provider.calls[0].chunks, model="m")

    @pytest.mark.parametrize("split", [0, 9])
    async def test_may_end_in_the_chunk_that_says_so(self, workshop: Workshop, split: int) -> None:
        workshop.provider.plan("m", [calling(LOOKUP, FEE, split=split, ends_with_last=True)])
        chunks, error = await collect(workshop.model("m"))
        assert error is None
        assert calls(chunks) == [LOOKUP, FEE]

    async def test_without_arguments_have_an_empty_object(self, workshop: Workshop) -> None:
        workshop.provider.plan("m", [calling(("release_hold", ""))])
        chunks, _ = await collect(workshop.model("m"))
        assert calls(chunks) == [("release_hold", {})]

    async def test_need_no_done_after_the_finish_reason(self, workshop: Workshop) -> None:
        workshop.provider.plan("m", [calling(FEE, done=False, usage=False)])
        chunks, error = await collect(workshop.model("m"))
        assert error is None
        assert calls(chunks) == [FEE]


class TestBrokenCalls:
    @pytest.mark.parametrize(
        ("script", "kind"),
        [
            (calling(("quote", '{"adults": 12')), "garbage"),
            (calling(("quote", "adults=12")), "garbage"),
            (calling(("quote", "[12]")), "garbage"),
            (calling(("quote", "null")), "garbage"),
            (calling(("quote", "[" * 5_000), split=500), "garbage"),
            (calling(("quote", '{"a": "' + "x" * 40_000 + '"}'), split=1_000), "garbage"),
            (calling(*[FEE] * 20), "garbage"),
            (calling(("", "{}")), "garbage"),
            (calling(FEE, reason="length"), "cut"),
            (calling(("quote", '{"adults": 1'), reason="length"), "cut"),
            (calling(FEE, reason="content_filter"), "cut"),
            (calling(FEE, finish=False, done=False, usage=False), "cut"),
        ],
    )
    async def test_are_an_error_and_no_call(self, workshop: Workshop, script: Script, kind: ErrorKind) -> None:
        workshop.provider.plan("m", [script])
        chunks, error = await collect(workshop.model("m"))
        assert chunks == []
        assert error is not None
        assert error.kind == kind

    async def test_one_that_is_no_call_spoils_the_others(self, workshop: Workshop) -> None:
        workshop.provider.plan("m", [calling(FEE, ("quote", "{"))])
        chunks, error = await collect(workshop.model("m"))
        assert chunks == []
        assert error is not None

    @pytest.mark.parametrize("fault", ["cut_at", "fin_at", "garbage_at"])
    async def test_a_stream_that_breaks_anywhere_gives_no_call(self, workshop: Workshop, fault: str) -> None:
        script = calling(LOOKUP, FEE, split=9)
        pieces = 2 + sum(-(-len(arguments) // 9) for _, arguments in script.calls)
        for position in range(pieces + 1):
            workshop.provider.plan("m", [replace(script, **{fault: position})])
            chunks, error = await collect(workshop.model("m"))
            assert chunks == []
            assert error is not None
            assert error.kind == ("garbage" if fault == "garbage_at" else "cut")

    async def test_silence_in_mid_call_times_out(self, workshop: Workshop) -> None:
        workshop.provider.plan("m", [calling(FEE, hang_at=2)])
        chunks, error = await collect(workshop.model("m", first_token_s=5.0, idle_chunk_s=0.2))
        assert chunks == []
        assert error is not None
        assert error.kind == "timeout"
        assert (await workshop.provider.ended(workshop.provider.calls[0])).end == "gone"


class TestWhatWasNotOffered:
    async def test_calls_are_dropped_and_text_stays(self, workshop: Workshop) -> None:
        workshop.provider.plan("m", [calling(FEE, text="Hello there.")])
        chunks, error = await collect(workshop.model("m"), ask("hi"))
        assert error is None
        assert [type(chunk) for chunk in chunks] == [Text, Text, Finish]
        assert isinstance(chunks[-1], Finish)
        assert chunks[-1].reason == "stop"

    @pytest.mark.parametrize("request_", [ask("hi"), ask_with_tools(may_call=False)], ids=["no tools", "may not call"])
    async def test_calls_alone_are_an_empty_answer(self, workshop: Workshop, request_: ModelRequest) -> None:
        workshop.provider.plan("m", [calling(FEE)])
        chunks, error = await collect(workshop.model("m"), request_)
        assert chunks == []
        assert error is not None
        assert error.kind == "garbage"


class TestTheWire:
    async def test_tools_calls_and_results_are_sent_as_openai_has_them(self, workshop: Workshop) -> None:
        request = ask_with_tools()
        called = ModelMessage("assistant", "", calls=(ToolCall("call-1", "travel_fee", '{"place": "94539"}'),))
        told = ModelMessage("tool", '{"miles": 3}', call_id="call-1")
        workshop.provider.plan("m", [saying("Three miles.")])
        await collect(workshop.model("m"), replace(request, messages=(*request.messages, called, told)))
        call = workshop.provider.calls[0]
        function = {"name": SPEC.name, "description": SPEC.description, "parameters": dict(SPEC.parameters)}
        assert call.tools[0] == {"type": "function", "function": function}
        assert call.tool_choice == "auto"
        assert call.parameters == ["max_tokens", "messages", "model", "stream", "stream_options", "tool_choice", "tools"]
        sent = call.messages[-2]["tool_calls"]
        assert sent == [{"id": "call-1", "type": "function", "function": {"name": "travel_fee", "arguments": '{"place": "94539"}'}}]
        assert call.messages[-2].get("content") is None
        assert call.messages[-1] == {"role": "tool", "content": '{"miles": 3}', "tool_call_id": "call-1"}

    async def test_without_tools_none_are_mentioned(self, workshop: Workshop) -> None:
        await collect(workshop.model("plain"), ask("hi"))
        assert (workshop.provider.calls[0].tools, workshop.provider.calls[0].tool_choice) == ([], None)

    async def test_who_may_not_call_is_told_so(self, workshop: Workshop) -> None:
        await collect(workshop.model("plain"), ask_with_tools(may_call=False))
        assert len(workshop.provider.calls[0].tools) == 2
        assert workshop.provider.calls[0].tool_choice == "none"


class BreaksAfterItsCall:
    """A model that is no good: it gives a call and fails then."""

    name = "bad"

    async def stream(self, request: ModelRequest):  # type: ignore[no-untyped-def]
        yield ToolCall("1", "travel_fee", "{}")
        raise ModelCut("gone")


class ModelCut(ModelError):
    kind = "cut"


class TestFallback:
    async def test_after_a_broken_call_the_next_provider_answers_silently(self, workshop: Workshop) -> None:
        workshop.provider.plan("first", [calling(LOOKUP, cut_at=3)])
        workshop.provider.plan("second", [calling(FEE)])
        ensemble = workshop.ensemble(workshop.model("first"), workshop.model("second"))
        chunks, _ = await collect(ensemble.fallback)
        assert calls(chunks) == [FEE]
        assert not [chunk for chunk in chunks if isinstance(chunk, Restart)]
        first, second = await ensemble.rows()
        assert (first.outcome, first.error) == ("failed", "cut")
        assert (second.outcome, second.tokens_out) == ("complete", workshop.provider.calls[1].chunks)
        assert second.first_token_ms is not None

    async def test_calls_of_a_model_that_fails_after_them_are_never_given(self, workshop: Workshop) -> None:
        workshop.provider.plan("second", [saying("Hello")])
        ensemble = workshop.ensemble(workshop.model("second"))
        broken = Contender(BreaksAfterItsCall(), Breaker())
        chunks, _ = await collect(Fallback([broken, *ensemble.contenders], ensemble.metered[-1]))
        assert calls(chunks) == []
        assert shown(chunks) == "Hello "

    async def test_text_before_a_broken_call_starts_again(self, workshop: Workshop) -> None:
        workshop.provider.plan("first", [calling(LOOKUP, text="One moment.", cut_at=2)])
        workshop.provider.plan("second", [saying("Hello")])
        ensemble = workshop.ensemble(workshop.model("first"), workshop.model("second"))
        chunks, _ = await collect(ensemble.fallback)
        assert [chunk.reason for chunk in chunks if isinstance(chunk, Restart)] == ["cut"]
        assert (calls(chunks), shown(chunks)) == ([], "Hello ")


class TestTheBill:
    async def test_calls_and_tools_are_counted_where_the_provider_did_not(self, workshop: Workshop) -> None:
        workshop.provider.plan("m", [calling(LOOKUP, usage=False)])
        ensemble = workshop.ensemble(workshop.model("m"))
        request = ask_with_tools()
        await collect(ensemble.fallback, request)
        (row,) = await ensemble.rows()
        import tiktoken

        size = tiktoken.get_encoding("o200k_base").encode
        assert row.tokens_out == len(size(LOOKUP[0] + json.dumps(LOOKUP[1])))
        bare, _ = await workshop.counter.count(request.messages, "")
        assert row.tokens_in > bare + 20
