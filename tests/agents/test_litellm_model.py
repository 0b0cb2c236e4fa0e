"""LiteLLM over real HTTP: what a whole stream is, every way in which one fails, and that closing it closes the wire."""

import asyncio
import time
from contextlib import aclosing

import pytest

from agents.ensemble.chunks import Chunk, Finish, Text
from agents.ensemble.errors import ErrorKind, ModelError
from agents.ensemble.litellm_model import LiteLLMModel, LiteLLMTarget
from tests.agents.building import Workshop, ask

CLOSED_WITHIN_S = 0.3


async def collect(model: LiteLLMModel) -> tuple[str, list[Finish], ModelError | None]:
    """(text, finishes, error) of one call."""
    text, finishes = "", []
    try:
        async with aclosing(model.stream(ask("hi"))) as chunks:
            async for chunk in chunks:
                match chunk:
                    case Text(piece):
                        text += piece
                    case Finish():
                        finishes.append(chunk)
    except ModelError as error:
        return text, finishes, error
    return text, finishes, None


class TestAWholeStream:
    async def test_gives_text_as_sent_and_the_providers_count(self, workshop: Workshop) -> None:
        text, finishes, error = await collect(workshop.model("plain"))
        call = workshop.provider.calls[0]
        assert (text, error) == (call.plan, None)
        assert finishes == [Finish("stop", 3, 12, model="plain")]
        assert call.messages[0] == {"role": "system", "content": "Be brief."}

    async def test_without_a_count_gives_none_rather_than_a_guess(self, workshop: Workshop) -> None:
        _, finishes, _ = await collect(workshop.model("no-usage"))
        assert finishes == [Finish("stop", None, None, model="no-usage")]

    async def test_needs_no_done_after_a_finish_reason(self, workshop: Workshop) -> None:
        text, finishes, error = await collect(workshop.model("stop-no-done"))
        assert (text, error, len(finishes)) == (workshop.provider.calls[0].plan, None, 1)

    async def test_a_chunk_sent_twice_is_text_sent_twice(self, workshop: Workshop) -> None:
        text, _, error = await collect(workshop.model("duplicate-3"))
        assert error is None
        assert text == workshop.provider.calls[0].text
        assert len(text.split()) == 13

    @pytest.mark.parametrize("script", ["plain", "no-usage"])
    async def test_its_chunks_are_not_put_together_again(self, workshop: Workshop, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
        """LiteLLM does so at a stream's very end, in a thread that holds up every other reply; nobody wants what it makes."""
        rebuilt: list[object] = []
        monkeypatch.setattr("litellm.stream_chunk_builder", lambda **given: rebuilt.append(given))
        _, finishes, error = await collect(workshop.model(script))
        assert (len(finishes), error, rebuilt) == (1, None, [])


class TestFailures:
    @pytest.mark.parametrize(
        ("script", "kind"),
        [
            ("400", "bad_request"),
            ("401", "unauthorized"),
            ("403", "unauthorized"),
            ("404", "no_route"),
            ("429", "rate_limited"),
            ("500", "unavailable"),
            ("503", "unavailable"),
            ("empty", "garbage"),
            ("html", "garbage"),
            ("garbage-0", "garbage"),
            ("cut-0", "cut"),
            ("fin-0", "cut"),
        ],
    )
    async def test_before_any_text(self, workshop: Workshop, script: str, kind: ErrorKind) -> None:
        text, finishes, error = await collect(workshop.model(script))
        assert (text, finishes) == ("", [])
        assert error is not None
        assert error.kind == kind
        assert "scripted" not in str(error)  # no provider's words

    @pytest.mark.parametrize(("script", "kind"), [("no-done", "cut"), ("garbage-5", "garbage"), ("fin-5", "cut")])
    async def test_after_some_text(self, workshop: Workshop, script: str, kind: ErrorKind) -> None:
        text, finishes, error = await collect(workshop.model(script))
        assert error is not None
        assert (error.kind, finishes) == (kind, [])
        assert text == workshop.provider.calls[0].text != ""

    async def test_a_cut_at_every_chunk_is_an_error_and_never_an_end(self, workshop: Workshop) -> None:
        for position in range(13):
            text, finishes, error = await collect(workshop.model(f"cut-{position}"))
            assert error is not None
            assert (error.kind, finishes) == ("cut", [])
            assert len(text.split()) == position

    async def test_retry_after_is_kept(self, workshop: Workshop) -> None:
        _, _, error = await collect(workshop.model("429-7"))
        assert error is not None
        assert error.retry_after_s == 7.0

    async def test_nobody_listening(self, workshop: Workshop) -> None:
        await workshop.provider.stop()
        _, _, error = await collect(workshop.model("plain"))
        assert error is not None
        assert error.kind == "no_route"

    @pytest.mark.parametrize(("script", "words"), [("hang", 0), ("hang-after-0", 0), ("hang-after-4", 4)])
    async def test_silence_times_out_and_closes(self, workshop: Workshop, script: str, words: int) -> None:
        began = time.monotonic()
        text, _, error = await collect(workshop.model(script, first_token_s=0.3, idle_chunk_s=0.2))
        assert error is not None
        assert (error.kind, len(text.split())) == ("timeout", words)
        assert time.monotonic() - began < 1.0
        call = await workshop.provider.ended(workshop.provider.calls[0])
        assert call.end == "gone"

    async def test_the_first_token_may_be_slower_than_the_rest(self, workshop: Workshop) -> None:
        _, _, error = await collect(workshop.model("delay-250", first_token_s=2.0, idle_chunk_s=0.1))
        assert error is None

    async def test_an_absent_key_is_said_to_be_one(self, workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
        model = LiteLLMModel(LiteLLMTarget("far", "anthropic/claude-3-haiku-20240307"), workshop.library)
        _, _, error = await collect(model)
        assert error is not None
        assert error.kind == "unauthorized"


class TestClosing:
    @pytest.mark.parametrize("seen", [1, 3, 7])
    async def test_leaving_the_stream_closes_the_wire(self, workshop: Workshop, seen: int) -> None:
        async with aclosing(workshop.model("words-200+pace-20").stream(ask("hi"))) as chunks:
            count = 0
            async for _ in chunks:
                count += 1
                if count == seen:
                    break
        left = time.monotonic()
        call = await workshop.provider.ended(workshop.provider.calls[0])
        assert call.end == "gone"
        assert call.ended is not None
        assert call.ended - left < CLOSED_WITHIN_S

    @pytest.mark.parametrize("script", ["hang", "delay-5000", "hang-after-3", "words-200+pace-20"])
    async def test_cancelling_closes_the_wire(self, workshop: Workshop, script: str) -> None:
        async def read(into: list[Chunk]) -> None:
            async with aclosing(workshop.model(script).stream(ask("hi"))) as chunks:
                async for chunk in chunks:
                    into.append(chunk)

        task = asyncio.create_task(read([]))
        await asyncio.sleep(0.2)
        cancelled = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        call = await workshop.provider.ended(workshop.provider.calls[0])
        assert call.ended is not None
        assert call.ended - cancelled < CLOSED_WITHIN_S
