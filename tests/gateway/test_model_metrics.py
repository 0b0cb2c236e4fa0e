"""What metrics say of models: no first token where there was none, an error by its kind, a hedge at its second model alone."""

from dataclasses import replace

from prometheus_client import generate_latest

from gateway.metrics import CountedUsage, Metrics
from kernel.clock import utc_now
from kernel.ids import ConversationId, TurnId, new_id
from kernel.metering import UsageRow

CALL = UsageRow(
    conversation=ConversationId(new_id()),
    turn=TurnId(new_id()),
    model="teacher",
    provider="openai",
    role="answer",
    tokens_in=1,
    tokens_out=1,
    cost_microdollars=1,
    first_token_ms=300,
    duration_ms=900,
    outcome="complete",
    error=None,
    started_at=utc_now(),
)


class Kept:
    """A sink that keeps what comes."""

    def __init__(self) -> None:
        self.rows: list[UsageRow] = []

    async def record(self, row: UsageRow) -> None:
        self.rows.append(row)


async def test_counted_on_their_way() -> None:
    metrics, kept = Metrics(), Kept()
    sink = CountedUsage(kept, metrics.called)
    calls = [
        CALL,
        replace(CALL, race="first_lost"),
        replace(CALL, model="spare", race="second_won"),
        replace(CALL, model="spare", race="second_lost", first_token_ms=None, outcome="cancelled"),
        replace(CALL, first_token_ms=None, outcome="failed", error="timeout"),
    ]
    for call in calls:
        await sink.record(call)
    assert kept.rows == calls
    shown = generate_latest(metrics.registry).decode()
    for line in (
        'hibachi_model_calls_total{model="teacher",outcome="complete",role="answer"} 2.0',
        'hibachi_model_calls_total{model="teacher",outcome="timeout",role="answer"} 1.0',
        'hibachi_model_first_token_seconds_count{model="teacher"} 2.0',
        'hibachi_model_first_token_seconds_bucket{le="0.35",model="spare"} 1.0',
        'hibachi_model_hedges_total{model="spare",outcome="started"} 2.0',
        'hibachi_model_hedges_total{model="spare",outcome="won"} 1.0',
    ):
        assert line in shown, line
    assert 'hibachi_model_hedges_total{model="teacher"' not in shown
