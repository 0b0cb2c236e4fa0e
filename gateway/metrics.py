"""What `/metrics` shows. One registry per process, built by the root."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from business.campaigns.figures import Figures as Campaigning
from business.channels.queries import Figures
from business.effects.overview import Depth, Run
from kernel.metering import UsageRow, UsageSink


class CountedUsage:
    """A sink of usage rows that counts them on their way to another."""

    def __init__(self, sink: UsageSink, count: Callable[[UsageRow], None]) -> None:
        self._sink = sink
        self._count = count

    async def record(self, row: UsageRow) -> None:
        self._count(row)
        await self._sink.record(row)


class Metrics:
    """The gateway's numbers."""

    def __init__(self) -> None:
        r = self.registry = CollectorRegistry()
        self._count_serving(r)
        self._count_jobs(r)
        self._count_models(r)
        self._count_texts(r)

    def _count_serving(self, r: CollectorRegistry) -> None:
        """Connections, events, replies, and how the process itself fares."""
        self.connections = Gauge("hibachi_connections", "Sockets that were let in", ["namespace"], registry=r)
        self.events = Counter("hibachi_events", "Events of clients, by answer", ["namespace", "code"], registry=r)
        self.event_seconds = Histogram("hibachi_event_seconds", "From event to acknowledgement", registry=r)
        self.goodbyes = Counter("hibachi_goodbyes", "Connections that the gateway ended", ["code"], registry=r)
        self.turns = Gauge("hibachi_turns_running", "Replies being written here", registry=r)
        self.loop_lag = Histogram(
            "hibachi_loop_lag_seconds",
            "How late the event loop wakes",
            buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
            registry=r,
        )
        self.redis_up = Gauge("hibachi_redis_up", "1 while Redis answers", registry=r)
        self.profile_version = Gauge("hibachi_profile_version", "Number of the business profile that is used here", registry=r)

    def _count_jobs(self, r: CollectorRegistry) -> None:
        """What is done behind the scenes, by whom."""
        self.outbox_depth = Gauge("hibachi_outbox_depth", "Jobs by kind and state", ["kind", "state"], registry=r)
        self.outbox_oldest = Gauge("hibachi_outbox_oldest_seconds", "How long the oldest job is due", ["kind"], registry=r)
        self.outbox_dead = Gauge("hibachi_outbox_dead", "Jobs that were tried in vain to the end", registry=r)
        self.outbox_done = Gauge("hibachi_outbox_done_24h", "Jobs that were done in the last 24 hours", ["kind"], registry=r)
        self.outbox_retries = Gauge("hibachi_outbox_retries_24h", "Attempts beyond the first of those", ["kind"], registry=r)
        self.cron_success = Gauge(
            "hibachi_cron_last_success_timestamp_seconds", "When something that is done by the clock last ended well", ["name"], registry=r
        )
        self.workers = Gauge("hibachi_workers", "Workers that are alive", registry=r)

    def _count_models(self, r: CollectorRegistry) -> None:
        """What models and the search of documents do and cost."""
        self.budget_refusals = Counter("hibachi_budget_refusals", "Calls of models that a budget stopped", ["scope"], registry=r)
        self.model_spent = Gauge("hibachi_model_spent_today_dollars", "What a model cost since midnight", ["model"], registry=r)
        self.policy_version = Gauge("hibachi_policy_version", "Number of the models' policy that is used here, 0: the file's", registry=r)
        self.model_first_token = Histogram(
            "hibachi_model_first_token_seconds",
            "From asking a model to its first token",
            ["model"],
            buckets=(0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 20, 40),
            registry=r,
        )
        self.model_calls = Counter("hibachi_model_calls", "Calls of models, by outcome or error", ["model", "role", "outcome"], registry=r)
        self.model_hedges = Counter("hibachi_model_hedges", "Hedges in which the model was the second", ["model", "outcome"], registry=r)
        self.model_breaker_open = Gauge("hibachi_model_breaker_open", "1 while a model is not asked, as it fails", ["model"], registry=r)
        self.shadow_pairs = Gauge("hibachi_shadow_pairs_24h", "Shadows' answers in the last 24 hours", ["model", "state"], registry=r)
        self.search_seconds = Histogram(
            "hibachi_search_seconds",
            "Searches of documents, by how they were done",
            ["way"],
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
            registry=r,
        )
        self.embedding_failures = Counter("hibachi_embedding_failures", "Questions for which the embedder was asked in vain", registry=r)

    def _count_texts(self, r: CollectorRegistry) -> None:
        """Texts both ways, and campaigns."""
        self.texts = Gauge(
            "hibachi_texts_24h", "Text messages of the last 24 hours, by purpose and state", ["purpose", "state"], registry=r
        )
        self.text_segments = Gauge("hibachi_text_segments_24h", "Segments that went out in the last 24 hours", registry=r)
        self.texts_waiting = Gauge("hibachi_texts_due", "Text messages that may go and have not gone yet", registry=r)
        self.texts_oldest = Gauge("hibachi_texts_oldest_seconds", "How long the oldest of them waits", registry=r)
        self.texts_unknown = Gauge("hibachi_texts_unknown", "Text messages of which nobody knows whether they arrived", registry=r)
        self.text_seconds = Gauge(
            "hibachi_text_seconds", "From a text's moment until the provider had it, of the last hour", ["quantile"], registry=r
        )
        self.campaigns = Gauge("hibachi_campaigns", "Campaigns, by state", ["state"], registry=r)
        self.campaigns_paused = Gauge("hibachi_campaigns_paused", "Campaigns that stand paused, by why", ["why"], registry=r)
        self.campaign_pauses = Gauge("hibachi_campaign_pauses_24h", "Campaigns that paused by themselves in the last 24 hours", registry=r)
        self.texts_webhook = Gauge("hibachi_texts_webhook_active", "1 while the provider has a webhook of ours that works", registry=r)
        self.texts_told = Gauge("hibachi_texts_last_webhook_timestamp_seconds", "When the provider last told of a text", registry=r)
        self.texts_polled = Gauge("hibachi_texts_last_poll_timestamp_seconds", "When texts were last looked for", registry=r)
        self.texts_read = Gauge("hibachi_texts_read_until_timestamp_seconds", "All that came in up to then was read", registry=r)
        self.texts_announced = Gauge("hibachi_texts_announced", "Texts that were told of and are still to be fetched", registry=r)

    def searched(self, way: str, seconds: float) -> None:
        """Documents were searched: "exact", "approximate", or by "words" alone."""
        self.search_seconds.labels(way).observe(seconds)

    def called(self, call: UsageRow) -> None:
        """A call of a model has ended."""
        self.model_calls.labels(call.model, call.role, call.error or call.outcome).inc()
        if call.first_token_ms is not None:
            self.model_first_token.labels(call.model).observe(call.first_token_ms / 1000)
        if call.race in ("second_won", "second_lost"):
            self.model_hedges.labels(call.model, "started").inc()
            self.model_hedges.labels(call.model, "won").inc(call.race == "second_won")

    def jobs(self, depths: Iterable[Depth], duties: Iterable[Run], workers: int) -> None:
        """How jobs stand now; a kind that is gone is not shown any more."""
        self.forget_jobs()
        dead = 0
        for depth in depths:
            for state in ("new", "later", "working", "dead"):
                self.outbox_depth.labels(depth.kind, state).set(getattr(depth, state))
            self.outbox_oldest.labels(depth.kind).set(depth.oldest_seconds)
            self.outbox_done.labels(depth.kind).set(depth.done)
            self.outbox_retries.labels(depth.kind).set(depth.retries)
            dead += depth.dead
        for run in duties:
            if run.succeeded_at is not None:
                self.cron_success.labels(run.name).set(run.succeeded_at.timestamp())
        self.outbox_dead.set(dead)
        self.workers.set(workers)

    def spending(self, microdollars: Mapping[str, int]) -> None:
        """What models cost today, by their names."""
        self.model_spent.clear()
        for model, spent in microdollars.items():
            self.model_spent.labels(model).set(spent / 1_000_000)

    def texting(self, figures: Figures) -> None:
        """How texts that go out stand now."""
        self.texts.clear()
        for purpose, state, count in figures.counts:
            self.texts.labels(purpose, state).set(count)
        self.text_segments.set(figures.segments)
        self.texts_waiting.set(figures.due)
        self.texts_oldest.set(figures.oldest_seconds)
        self.texts_unknown.set(figures.unknown)
        for quantile, seconds in figures.seconds.items():
            self.text_seconds.labels(quantile).set(seconds)

    def campaigning(self, figures: Campaigning) -> None:
        """How campaigns stand now."""
        for gauge, counts in ((self.campaigns, figures.states), (self.campaigns_paused, figures.paused)):
            gauge.clear()
            for label, count in counts.items():
                gauge.labels(label).set(count)
        self.campaign_pauses.set(figures.pauses)

    def shadows(self, counts: Iterable[tuple[str, str, int]]) -> None:
        """(candidate, state, how many) of a day's pairs."""
        self.shadow_pairs.clear()
        for candidate, state, count in counts:
            self.shadow_pairs.labels(candidate, state).set(count)

    def texts_in(self, subscription: Mapping[Any, Any] | None, announced: int) -> None:
        """How texts come in; what never happened is not a number."""
        stands = subscription or {}
        self.texts_webhook.set(stands.get("state") == "active")
        self.texts_announced.set(announced)
        moments = ((self.texts_told, "told_at"), (self.texts_polled, "polled_at"), (self.texts_read, "read_until"))
        for gauge, column in moments:
            at = stands.get(column)
            gauge.set(at.timestamp() if at is not None else float("nan"))

    def forget_texts(self) -> None:
        """Nobody knows: no figure is better than an old one."""
        for labelled in (self.texts, self.text_seconds, self.campaigns, self.campaigns_paused):
            labelled.clear()
        plain = (self.text_segments, self.texts_waiting, self.texts_oldest, self.texts_unknown, self.texts_announced, self.campaign_pauses)
        for gauge in plain:
            gauge.set(float("nan"))

    def forget_jobs(self) -> None:
        """Nobody knows: no figure is better than an old one."""
        for gauge in (self.outbox_depth, self.outbox_oldest, self.outbox_done, self.outbox_retries, self.cron_success):
            gauge.clear()
        self.outbox_dead.set(float("nan"))
        self.workers.set(float("nan"))
