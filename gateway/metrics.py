"""What `/metrics` shows. One registry per process, built by the root."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """The gateway's numbers."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        r = self.registry
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
        self.outbox = Gauge("hibachi_outbox", "Effects by state", ["state"], registry=r)
        self.profile_version = Gauge("hibachi_profile_version", "Number of the business profile that is used here", registry=r)
