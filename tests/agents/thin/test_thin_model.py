"""Four protocols over real HTTP, read off the wire: whole streams, every way in which one fails, and that closing one closes its wire."""

import asyncio
import json
import time
from contextlib import aclosing, suppress
from dataclasses import replace

import pytest

from agents.ensemble.chunks import Finish, Text, ToolCall
from agents.ensemble.errors import ErrorKind
from agents.ensemble.model import ModelMessage
from agents.ensemble.reading import ReadModel, model_for
from agents.ensemble.target import LiteLLMTarget
from agents.ensemble.thin.connections import Connections
from agents.ensemble.thin.model import ThinModel
from tests.agents.test_tool_calls import FEE, LOOKUP
from tests.agents.thin.bench import Bench, ask, ask_with_tools, collect
from tests.agents.thin.replay import STREAMS, Replay
from tests.rig.provider import SHAPES, ShapeName
from tests.rig.script import Script, calling

CLOSED_WITHIN_S = 0.3
each_shape = pytest.mark.parametrize("shape", SHAPES)


class TestAWholeStream:
    @each_shape
    async def test_is_read_here_and_gives_text_as_sent_and_the_providers_count(self, bench: Bench, shape: ShapeName) -> None:
        model = bench.model(shape)
        gave = await collect(model, ask("hi"))
        call = bench.farm[shape].calls[0]
        assert (gave.text, gave.error) == (call.plan, None)
        assert gave.finish == Finish("stop", call.words_in, 12, model="plain")
        assert isinstance(model, ReadModel) and bench.library.loaded is not None
        assert isinstance(model.reader(bench.library.loaded, ask("hi")), ThinModel)

    @each_shape
    @pytest.mark.parametrize("script", ["crlf+comment+ping", "bytes-1+words-4", "bytes-7+ping+split-2", "empty-0", "empty-5", "wrong-type"])
    async def test_is_whole_however_it_is_put(self, bench: Bench, shape: ShapeName, script: str) -> None:
        gave = await collect(bench.model(shape, script), ask("hi"))
        assert (gave.text, gave.error) == (bench.farm[shape].calls[0].plan, None)

    @each_shape
    async def test_letters_of_many_bytes_come_whole(self, bench: Bench, shape: ShapeName) -> None:
        script = Script(text="Jalapeño 🌶️ für 鉄板焼き", bytes_at_once=1, split=1)
        gave = await collect(bench.model(shape, script), ask("hi"))
        assert gave.text == script.text
        assert "�" not in gave.text

    @each_shape
    async def test_a_chunk_sent_twice_is_text_sent_twice(self, bench: Bench, shape: ShapeName) -> None:
        gave = await collect(bench.model(shape, "duplicate-3"), ask("hi"))
        assert (gave.text, gave.error) == (bench.farm[shape].calls[0].text, None)
        assert len(gave.text.split()) == 13

    @each_shape
    async def test_needs_no_end_but_its_reason(self, bench: Bench, shape: ShapeName) -> None:
        gave = await collect(bench.model(shape, "stop-no-done"), ask("hi"))
        assert (gave.text, gave.error) == (bench.farm[shape].calls[0].plan, None)

    @each_shape
    @pytest.mark.parametrize("reason", ["length", "content_filter"])
    async def test_says_why_it_ended(self, bench: Bench, shape: ShapeName, reason: str) -> None:
        gave = await collect(bench.model(shape, Script(text="As far as", reason=reason)), ask("hi"))
        told = "stop" if (shape, reason) == ("ollama", "content_filter") else reason  # Ollama filters nothing
        assert gave.finish is not None and gave.finish.reason == told

    async def test_without_a_count_gives_none_rather_than_a_guess(self, bench: Bench) -> None:
        for shape in ("openai", "gemini", "ollama"):
            gave = await collect(bench.model(shape, "no-usage"), ask("hi"))
            assert gave.finish == Finish("stop", None, None, model="no-usage")

    @each_shape
    async def test_leaves_its_connection_for_the_next(self, bench: Bench, shape: ShapeName) -> None:
        for _ in range(3):
            assert (await collect(bench.model(shape), ask("hi"))).error is None
        assert len(bench.farm[shape]._open) == 1

    async def test_what_comes_after_the_reason_is_waited_for(self, bench: Bench, replay: Replay) -> None:
        replay.play("openai-text.sse", 64)
        replay.pause_s = 0.002
        model = model_for(LiteLLMTarget("m", "openai/m", replay.address, "key", 5.0, 5.0), bench.library, bench.connections)
        for _ in range(2):
            gave = await collect(model, ask("hi"))
            assert gave.finish == Finish("stop", 1180, 9, model="m", tokens_cached=1024)
        assert len(set(replay.peers)) == 1, "the end was read, so the connection served again"


class TestToolCalls:
    @each_shape
    @pytest.mark.parametrize("split", [0, 1, 9])
    async def test_come_whole_after_the_text(self, bench: Bench, shape: ShapeName, split: int) -> None:
        gave = await collect(bench.model(shape, calling(LOOKUP, FEE, text="One moment.", split=split)))
        assert [(call.name, json.loads(call.arguments)) for call in gave.calls] == [LOOKUP, FEE]
        assert len({call.id for call in gave.calls}) == 2
        assert gave.text == "One moment. "
        assert [type(chunk) for chunk in gave.chunks if not isinstance(chunk, Text)] == [ToolCall, ToolCall, Finish]
        assert isinstance(gave.chunks[0], Text)
        assert gave.finish is not None and gave.finish.reason == "tool_calls"

    @each_shape
    @pytest.mark.parametrize(
        ("script", "kind"),
        [
            (calling(("quote", '{"adults": 12')), "garbage"),
            (calling(("quote", "[12]")), "garbage"),
            (calling(("quote", '{"a": "' + "x" * 40_000 + '"}'), split=1_000), "garbage"),
            (calling(*[FEE] * 20), "garbage"),
            (calling(("", "{}")), "garbage"),
            (calling(FEE, reason="length"), "cut"),
            (calling(FEE, finish=False, done=False, usage=False), "cut"),
            (calling(FEE, LOOKUP, error_at=1), "unavailable"),
        ],
    )
    async def test_broken_ones_are_an_error_and_no_call(self, bench: Bench, shape: ShapeName, script: Script, kind: ErrorKind) -> None:
        gave = await collect(bench.model(shape, script))
        assert (gave.chunks, gave.kind) == ([], kind)

    @each_shape
    async def test_a_stream_that_breaks_anywhere_gives_no_call(self, bench: Bench, shape: ShapeName) -> None:
        whole = calling(FEE, LOOKUP, split=20)
        await collect(bench.model(shape, whole))
        for position in range(bench.farm[shape].calls[0].chunks + 1):
            for script, kind in (
                (replace(whole, cut_at=position), "cut"),
                (replace(whole, fin_at=position), "cut"),
                (replace(whole, garbage_at=position), "garbage"),
            ):
                gave = await collect(bench.model(shape, script))
                assert (gave.chunks, gave.kind) == ([], kind)

    @each_shape
    async def test_not_offered_they_are_dropped_and_text_stays(self, bench: Bench, shape: ShapeName) -> None:
        for request in (ask("hi"), ask_with_tools(may_call=False)):
            gave = await collect(bench.model(shape, calling(FEE, text="Hello there.")), request)
            assert (gave.text, gave.calls, gave.error) == ("Hello there. ", [], None)
            alone = await collect(bench.model(shape, calling(FEE)), request)
            assert (alone.chunks, alone.kind) == ([], "garbage")

    @each_shape
    async def test_calls_and_results_of_before_are_told_in_its_own_shape(self, bench: Bench, shape: ShapeName) -> None:
        request = ask_with_tools(may_call=False)
        called = ModelMessage("assistant", "", calls=(ToolCall("toolu_0", "travel_fee", '{"place": "94539"}'),))
        told = ModelMessage("tool", '{"miles": 3}', call_id="toolu_0")
        gave = await collect(bench.model(shape, "plain"), replace(request, messages=(*request.messages, called, told)))
        assert gave.error is None
        assert {"openai": '"tool_call_id": "toolu_0"', "anthropic": '"tool_use_id": "toolu_0"'}.get(shape, '"miles') in json.dumps(
            bench.farm[shape].calls[0].body
        )


class TestFailures:
    @each_shape
    @pytest.mark.parametrize(
        ("script", "kind"),
        [
            ("400", "bad_request"),
            ("401", "unauthorized"),
            ("403", "unauthorized"),
            ("404", "no_route"),
            ("408", "timeout"),
            ("413", "bad_request"),
            ("429", "rate_limited"),
            ("500", "unavailable"),
            ("529", "unavailable"),
            ("empty", "garbage"),
            ("html", "garbage"),
            ("garbage-0", "garbage"),
            ("error-0", "unavailable"),
            ("cut-0", "cut"),
            ("fin-0", "cut"),
            ("words-0+no-done", "garbage"),
        ],
    )
    async def test_before_any_text(self, bench: Bench, shape: ShapeName, script: str, kind: ErrorKind) -> None:
        gave = await collect(bench.model(shape, script), ask("hi"))
        assert (gave.chunks, gave.kind) == ([], kind)
        assert "scripted" not in str(gave.error)  # no provider's words

    @each_shape
    @pytest.mark.parametrize(
        ("script", "kind"), [("no-done", "cut"), ("garbage-5", "garbage"), ("fin-5", "cut"), ("error-5", "unavailable"), ("cut-5", "cut")]
    )
    async def test_after_some_text(self, bench: Bench, shape: ShapeName, script: str, kind: ErrorKind) -> None:
        gave = await collect(bench.model(shape, script), ask("hi"))
        assert (gave.finish, gave.kind) == (None, kind)
        assert gave.text == bench.farm[shape].calls[0].text != ""

    @each_shape
    async def test_retry_after_is_kept(self, bench: Bench, shape: ShapeName) -> None:
        gave = await collect(bench.model(shape, "429-7"), ask("hi"))
        assert gave.error is not None and gave.error.retry_after_s == 7.0

    @each_shape
    async def test_nobody_listening(self, bench: Bench, shape: ShapeName) -> None:
        await bench.farm[shape].stop()
        assert (await collect(bench.model(shape), ask("hi"))).kind == "no_route"

    @each_shape
    @pytest.mark.parametrize(("script", "words"), [("hang", 0), ("hang-after-0", 0), ("hang-after-4", 4)])
    async def test_silence_times_out_and_closes(self, bench: Bench, shape: ShapeName, script: str, words: int) -> None:
        began = time.monotonic()
        gave = await collect(bench.model(shape, script, first_token_s=0.6, idle_chunk_s=0.4), ask("hi"))
        assert (gave.kind, len(gave.text.split())) == ("timeout", words)
        assert time.monotonic() - began < 10
        assert (await bench.farm[shape].ended(bench.farm[shape].calls[0])).end == "gone"

    async def test_the_first_token_may_be_slower_than_the_rest(self, bench: Bench) -> None:
        gave = await collect(bench.model("openai", "delay-400", first_token_s=5.0, idle_chunk_s=0.2), ask("hi"))
        assert gave.error is None

    async def test_a_reader_who_takes_time_is_not_the_providers_silence(self, bench: Bench) -> None:
        model = bench.model("openai", "words-4+pace-30", first_token_s=5.0, idle_chunk_s=0.2)
        async with aclosing(model.stream(ask("hi"))) as chunks:
            for _ in range(2):
                await anext(chunks)
            await asyncio.sleep(0.4)
            rest = [chunk async for chunk in chunks]
        assert isinstance(rest[-1], Finish)

    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            (b'{"error": {"message": "m", "code": 429}}', "rate_limited"),
            (b'[{"error": {"code": 400, "status": "INVALID_ARGUMENT"}}]', "bad_request"),
            (b'{"id": "chatcmpl-1", "choices": [{"message": {"content": "All at once."}}]}', "garbage"),
            (b"[]", "garbage"),
            (b"{", "garbage"),
            (b"not at all", "garbage"),
            (b'data: {"error": {"type": "authentication_error"}}\n\n', "unauthorized"),
            (b'data: {"error": {"code": "insufficient_quota"}}\n\n', "rate_limited"),
            (b'data: {"error": "no words"}\n\n', "unavailable"),
            (b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "error"}]}\n\n', "unavailable"),
            (b"event: error\ndata: {}\n\n", "unavailable"),
            (b"data: 7\n\n", "garbage"),
            (b'data: {"choices": 7}\n\n', "garbage"),
            (b'data: {"choices": [{"delta": {"content": 7}}]}\n\n', "garbage"),
            (b"data: [DONE]\n\n", "garbage"),
            (b'data: {"choi', "garbage"),
        ],
    )
    async def test_what_stands_there_in_place_of_a_stream(self, replay: Replay, bench: Bench, body: bytes, kind: ErrorKind) -> None:
        replay.data = body
        model = model_for(LiteLLMTarget("m", "openai/m", replay.address, "key", 5.0, 5.0), bench.library, bench.connections)
        gave = await collect(model, ask("hi"))
        assert (gave.chunks, gave.kind) == ([], kind)

    @pytest.mark.parametrize("model_id", ["openai/gpt-4o", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash", "groq/m"])
    async def test_an_absent_key_is_said_to_be_one(self, bench: Bench, monkeypatch: pytest.MonkeyPatch, model_id: str) -> None:
        for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "GROQ_API_KEY"):
            monkeypatch.delenv(name, raising=False)
        gave = await collect(model_for(LiteLLMTarget("far", model_id), bench.library, bench.connections), ask("hi"))
        assert gave.kind == "unauthorized"

    async def test_a_connection_that_went_stale_is_no_failure(self, bench: Bench) -> None:
        answer = (STREAMS / "openai-length.sse").read_bytes()
        asked: list[int] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: %d\r\n\r\n" % len(answer)
            with suppress(asyncio.IncompleteReadError):
                for number in range(2):
                    told = await reader.readuntil(b"\r\n\r\n")
                    await reader.readexactly(int(told.lower().partition(b"content-length:")[2].split()[0]))
                    asked.append(number)
                    if number == 0:
                        writer.write(head + answer)
            writer.transport.abort()  # a second request on the same connection is one too many

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            model = model_for(LiteLLMTarget("m", "openai/m", address, "key", 5.0, 5.0), bench.library, bench.connections)
            for _ in range(2):
                assert (await collect(model, ask("hi"))).error is None
        assert asked == [0, 1, 0]


class TestClosing:
    @each_shape
    async def test_leaving_after_any_chunk_closes_the_wire(self, bench: Bench, shape: ShapeName) -> None:
        for seen in range(1, 9):
            async with aclosing(bench.model(shape, "words-12+pace-10").stream(ask("hi"))) as chunks:
                for _ in range(seen):
                    await anext(chunks)
            left = time.monotonic()
            call = await bench.farm[shape].ended(bench.farm[shape].calls[-1])
            assert call.end == "gone" and call.ended is not None
            assert call.ended - left < CLOSED_WITHIN_S

    @each_shape
    @pytest.mark.parametrize("script", ["hang", "delay-5000", "hang-after-3"])
    async def test_cancelling_closes_the_wire(self, bench: Bench, shape: ShapeName, script: str) -> None:
        task = asyncio.create_task(collect(bench.model(shape, script), ask("hi")))
        await bench.farm[shape].called(1)
        await asyncio.sleep(0.05)
        cancelled = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        call = await bench.farm[shape].ended(bench.farm[shape].calls[0])
        assert call.ended is not None and call.ended - cancelled < CLOSED_WITHIN_S

    async def test_a_session_is_opened_anew_after_a_close(self, bench: Bench) -> None:
        opened = Connections()
        for _ in range(2):
            model = model_for(LiteLLMTarget("plain", "openai/plain", bench.farm.base("openai"), "key"), bench.library, opened)
            assert (await collect(model, ask("hi"))).error is None
            await opened.close()
