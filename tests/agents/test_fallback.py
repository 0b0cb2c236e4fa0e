"""The fallback over real HTTP: who answers after which fault, what the customer sees, and one usage row for every call."""

import asyncio
import time
from contextlib import aclosing

import pytest

from agents.ensemble.breaker import BackOff
from agents.ensemble.chunks import Chunk, Finish, Restart, Text
from agents.ensemble.model import ModelRequest
from kernel.metering import Outcome, UsageRow
from tests.agents.building import PREPARED, Ensemble, Workshop, ask, shown

NO_WAIT = BackOff(first_s=0.0, longest_s=0.0)


async def run(ensemble: Ensemble, request: ModelRequest) -> list[Text | Restart | Finish]:
    async with aclosing(ensemble.fallback.stream(request)) as chunks:
        return [chunk async for chunk in chunks]


def restarts(chunks: list[Chunk]) -> list[str]:
    return [chunk.reason for chunk in chunks if isinstance(chunk, Restart)]


def answered_by(chunks: list[Chunk]) -> str:
    last = chunks[-1]
    assert isinstance(last, Finish)
    assert sum(isinstance(chunk, Finish) for chunk in chunks) == 1
    return last.model


def outcomes(rows: list[UsageRow]) -> list[tuple[str, Outcome, str | None]]:
    return sorted((row.model, row.outcome, row.error) for row in rows)


class TestBeforeTheFirstText:
    @pytest.mark.parametrize(
        ("script", "kind"),
        [
            ("401", "unauthorized"),
            ("429", "rate_limited"),
            ("500", "unavailable"),
            ("404", "no_route"),
            ("400", "bad_request"),
            ("empty", "garbage"),
            ("html", "garbage"),
            ("garbage-0", "garbage"),
            ("cut-0", "cut"),
            ("hang", "timeout"),
        ],
    )
    async def test_the_next_provider_answers_silently(self, workshop: Workshop, script: str, kind: str) -> None:
        ensemble = workshop.ensemble(workshop.model(script, first_token_s=0.3), workshop.model("plain"))
        began = time.monotonic()
        chunks = await run(ensemble, ask("hi"))
        assert time.monotonic() - began < 2.0
        assert (answered_by(chunks), restarts(chunks)) == ("plain", [])
        assert shown(chunks) == workshop.provider.calls[-1].plan
        assert outcomes(await ensemble.rows()) == sorted([(script, "failed", kind), ("plain", "complete", None)])

    async def test_the_house_answers_when_nobody_else_does(self, workshop: Workshop) -> None:
        ensemble = workshop.ensemble(workshop.model("500"), workshop.model("401"))
        chunks = await run(ensemble, ask("12 adults"))
        assert (answered_by(chunks), restarts(chunks)) == ("house", [])
        assert shown(chunks) == PREPARED
        rows = await ensemble.rows()
        assert outcomes(rows) == [
            ("401", "failed", "unauthorized"),
            ("500", "failed", "unavailable"),
            ("house", "complete", None),
        ]
        assert [row.cost_microdollars for row in rows if row.model == "house"] == [None]


class TestAfterText:
    async def test_a_cut_at_every_chunk_starts_again_with_the_next(self, workshop: Workshop) -> None:
        for position in range(1, 13):
            script = f"cut-{position}"
            ensemble = workshop.ensemble(workshop.model(script), workshop.model("plain"))
            chunks = await run(ensemble, ask("hi"))
            assert (answered_by(chunks), restarts(chunks)) == ("plain", ["cut"])
            assert shown(chunks) == workshop.provider.calls[-1].plan
            first, second = await ensemble.rows()
            assert (first.model, first.outcome, first.error) == (script, "cut", "cut")
            assert first.tokens_out > 0
            assert first.first_token_ms is not None
            assert (second.outcome, second.tokens_out) == ("complete", 12)

    async def test_the_second_restart_goes_to_the_house(self, workshop: Workshop) -> None:
        ensemble = workshop.ensemble(workshop.model("cut-3"), workshop.model("hang-after-2", idle_chunk_s=0.2), workshop.model("plain"))
        chunks = await run(ensemble, ask("12 adults", paced=True))
        assert restarts(chunks) == ["cut", "timeout"]
        assert answered_by(chunks) == "house"
        assert [call.model for call in workshop.provider.calls] == ["cut-3", "hang-after-2"]
        # Unpaced: one piece after the last restart.
        last = max(at for at, chunk in enumerate(chunks) if isinstance(chunk, Restart))
        assert len(chunks) - last == 3

    async def test_restarts_seen_before_count(self, workshop: Workshop) -> None:
        ensemble = workshop.ensemble(workshop.model("cut-3"), workshop.model("plain"))
        chunks = await run(ensemble, ask("hi", restarts=1))
        assert (restarts(chunks), answered_by(chunks)) == (["cut"], "house")
        spent = workshop.ensemble(workshop.model("plain"))
        chunks = await run(spent, ask("hi", restarts=2))
        assert (restarts(chunks), answered_by(chunks)) == ([], "house")

    async def test_a_silent_failure_after_a_restart_is_not_shown_again(self, workshop: Workshop) -> None:
        ensemble = workshop.ensemble(workshop.model("cut-3"), workshop.model("500"), workshop.model("plain"))
        chunks = await run(ensemble, ask("hi"))
        assert (restarts(chunks), answered_by(chunks)) == (["cut"], "plain")


class TestClosedByUs:
    @pytest.mark.parametrize("seen", [1, 5])
    async def test_closing_closes_the_provider_and_leaves_one_row(self, workshop: Workshop, seen: int) -> None:
        ensemble = workshop.ensemble(workshop.model("words-200+pace-20"), workshop.model("plain"))
        async with aclosing(ensemble.fallback.stream(ask("hi"))) as chunks:
            for _ in range(seen):
                await anext(chunks)
        left = time.monotonic()
        call = await workshop.provider.ended(workshop.provider.calls[0])
        assert call.ended is not None
        assert call.ended - left < 0.3
        rows = await ensemble.rows()
        assert outcomes(rows) == [("words-200+pace-20", "cancelled", None)]
        assert rows[0].tokens_out > 0
        assert rows[0].tokens_in > 0

    async def test_cancelled_before_anything_came(self, workshop: Workshop) -> None:
        ensemble = workshop.ensemble(workshop.model("hang"), workshop.model("plain"))
        task = asyncio.create_task(run(ensemble, ask("hi")))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        rows = await ensemble.rows()
        assert outcomes(rows) == [("hang", "cancelled", None)]
        assert (rows[0].tokens_out, rows[0].first_token_ms) == (0, None)

    async def test_a_row_survives_the_cancellation_of_its_turn_at_every_step(self, workshop: Workshop) -> None:
        ensemble = workshop.ensemble(workshop.model("words-30+pace-1"))
        for number, milliseconds in enumerate(range(0, 30, 3), start=1):
            task = asyncio.create_task(run(ensemble, ask("hi")))
            await workshop.provider.called(number)  # LiteLLM litters when it is cancelled before its request is out
            await asyncio.sleep(milliseconds / 1000)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        rows = await ensemble.rows()
        assert [row.outcome for row in rows] == ["cancelled"] * 10
        assert len({row.id for row in rows}) == 10


class TestTheBreaker:
    async def test_a_dead_provider_is_not_asked_at_every_turn(self, workshop: Workshop) -> None:
        ensemble = workshop.ensemble(workshop.model("500"), back_off=BackOff(first_s=30.0))
        for _ in range(10):
            assert answered_by(await run(ensemble, ask("hi"))) == "house"
        assert len(workshop.provider.calls) == 3

    async def test_it_is_asked_again_after_the_back_off(self, workshop: Workshop) -> None:
        model = workshop.model("plain")
        workshop.provider.plan("plain", ["401"])
        ensemble = workshop.ensemble(model, back_off=BackOff(first_s=0.2))
        assert answered_by(await run(ensemble, ask("hi"))) == "house"
        assert answered_by(await run(ensemble, ask("hi"))) == "house"
        assert len(workshop.provider.calls) == 1
        await asyncio.sleep(0.25)
        assert answered_by(await run(ensemble, ask("hi"))) == "plain"

    async def test_retry_after_is_respected(self, workshop: Workshop) -> None:
        workshop.provider.plan("plain", ["429-1"])
        ensemble = workshop.ensemble(workshop.model("plain"), back_off=NO_WAIT)
        assert answered_by(await run(ensemble, ask("hi"))) == "house"
        assert answered_by(await run(ensemble, ask("hi"))) == "house"
        await asyncio.sleep(1.05)
        assert answered_by(await run(ensemble, ask("hi"))) == "plain"


class TestTheBill:
    async def test_money_comes_from_the_price_list(self, workshop: Workshop) -> None:
        ensemble = workshop.ensemble(workshop.model("gpt-4o"))
        workshop.provider.plan("gpt-4o", ["plain"])
        await run(ensemble, ask("hi"))
        (row,) = await ensemble.rows()
        # 3 tokens in at $2.50, 12 out at $10 per million.
        assert (row.tokens_in, row.tokens_out, row.provider) == (3, 12, "openai")
        assert row.cost_microdollars == round(3 * 2.5 + 12 * 10)

    async def test_a_model_without_a_price_has_none(self, workshop: Workshop) -> None:
        ensemble = workshop.ensemble(workshop.model("plain"))
        await run(ensemble, ask("hi"))
        (row,) = await ensemble.rows()
        assert row.cost_microdollars is None
        assert row.duration_ms >= (row.first_token_ms or 0) >= 0

    async def test_without_the_providers_count_tiktoken_counts(self, workshop: Workshop) -> None:
        ensemble = workshop.ensemble(workshop.model("no-usage"))
        await run(ensemble, ask("hello there"))
        (row,) = await ensemble.rows()
        import tiktoken

        size = len(tiktoken.get_encoding("o200k_base").encode(workshop.provider.calls[0].plan))
        assert row.tokens_out == size
        assert row.tokens_in == 3 + 3 + 3 + 2 + 3  # two messages, "Be brief." and "hello there", the priming
