"""Proofs that pytest plays: which tests they are, what they promise, and of how many runs the tests are told by the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Size:
    """How often something is done within one test. `variable`: the environment's word for it; `step`: it is a multiple of this;
    `each`: so many runs are played for one of it."""

    variable: str
    usual: int
    least: int
    step: int = 1
    each: int = 1

    def scaled(self, scale: float) -> int:
        """A share of what is usual, and never less than the least."""
        return max(self.least, round(self.usual * scale / self.step) * self.step)


@dataclass(frozen=True, slots=True)
class LongForm:
    """One proof. `seconds`: how long one of its tests may take, where it is longer than in the daily run."""

    name: str
    promise: str
    tests: tuple[str, ...]
    seconds: int | None = None
    size: Size | None = None
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def arguments(self) -> tuple[str, ...]:
        """What pytest is told."""
        return self.tests if self.seconds is None else (*self.tests, "--timeout", str(self.seconds))

    def environment(self, scale: float) -> dict[str, str]:
        """What the tests are told."""
        sized = {} if self.size is None else {self.size.variable: str(self.size.scaled(scale))}
        return {**self.given, **sized}

    def runs(self, scale: float) -> int | None:
        """How many runs that is, where a test is not one."""
        return None if self.size is None else self.size.each * self.size.scaled(scale)


SLOW = ("-m", "slow")

_OF_A_SUBJECT = (
    LongForm(
        "property",
        "Takeover under generated interleavings, calm and with Redis flushed and killed",
        ("tests/chaos/test_takeover.py::TestTakeover",),
        7200,
        Size("PROVE_EXAMPLES", 500, 10, each=2),
    ),
    LongForm(
        "guards",
        "Fence, constraints and sweeps taken away: the checks go red",
        ("tests/chaos/test_guards_matter.py", "tests/bookings/test_guards_matter.py", "tests/checker"),
    ),
    LongForm(
        "bookings",
        "50 customers for one slot: as many win as there are lanes or chefs, no chef is in two places, a lapsed hold has one heir",
        ("tests/bookings/test_races.py",),
        14400,
        Size("PROVE_ROUNDS", 1000, 2),
    ),
    LongForm(
        "weekend",
        "A weekend that hundreds want hold, agree to and pay at once: no place twice, every loser a lead, the ledger balances",
        ("tests/bookings/test_crowd.py",),
        1800,
        Size("PROVE_CROWD", 200, 60),
    ),
    LongForm(
        "month",
        "A month in virtual time: every e-mail at its minute, every cent where it belongs (month.md)",
        ("tests/simulation/test_month.py", *SLOW),
    ),
    LongForm(
        "payments",
        "A worker gone or frozen at every await of a payment's event and of a refund: one payment, one refund, books that balance",
        ("tests/payments/test_workers_gone.py", *SLOW),
        600,
    ),
    LongForm(
        "emails",
        "A mail whose worker is killed or frozen at every await: one copy, or none and an alarm; every mail in every look",
        ("tests/emails/test_sending.py", "tests/emails/test_processes.py", "tests/browser/test_emails.py"),
        1800,
    ),
    LongForm(
        "jobs",
        "Every job with its worker gone at every await, by `kill -9`, with PostgreSQL and Redis restarted: once, as a whole",
        ("tests/chaos/test_jobs.py", "tests/workers/test_queues.py", "tests/workers/test_cron.py"),
        1800,
        given={"PROVE_STEP": "1"},
    ),
    LongForm(
        "streams",
        "Streams of all protocols through one ensemble, with tools, faults and closings: flat memory, nothing left, one row each",
        ("tests/agents/test_streams.py",),
        3600,
        Size("PROVE_STREAMS", 10_000, 1_000, step=500),
    ),
    LongForm(
        "breakers",
        "Two busy gateways: a dead provider is asked by one probe in each back-off, a day's budget is never overspent",
        ("tests/agents/test_two_gateways.py", "tests/chaos/test_breakers.py"),
        900,
    ),
    LongForm(
        "closing",
        "Cancel and takeover at every chunk, in every protocol and way: the provider's connection closed at once, one usage row",
        ("tests/agents/test_closing.py", "tests/chaos/test_closing.py"),
        1800,
        given={"PROVE_WORDS": "60"},
    ),
    LongForm(
        "corpus",
        "A large corpus: an HNSW index finds what an exact scan finds, by any filter; no search fails while it is re-embedded",
        ("tests/knowledge/corpus/test_search_large.py",),
        3600,
        Size("PROVE_PIECES", 50_000, 2_000),
    ),
    LongForm(
        "texts",
        "A text whose worker is gone at every await, or whose answer is lost: one copy, or none and an alarm; in every look",
        ("tests/sms/test_sending.py", "tests/browser/test_texts.py"),
        1800,
        Size("PROVE_TRIALS", 200, 20),
    ),
    LongForm(
        "pumping",
        "Numbers of one prefix write at once: never one answer more than the caps, another prefix is answered, staff hear of it once",
        ("tests/sms/test_woken.py", "tests/sms/test_caps.py"),
        1200,
        Size("PROVE_NUMBERS", 500, 8),
    ),
    LongForm(
        "campaigns",
        "A campaign over the country's zones in virtual time, workers gone in its middle: by day everywhere, once, at its pace",
        ("tests/campaigns",),
        7200,
        Size("PROVE_RECIPIENTS", 10_000, 1_000),
    ),
)
# Files and folders whose slow tests are played with their subject.
_PLAYED = [path for form in _OF_A_SUBJECT for path in form.tests if path.startswith("tests/") and "::" not in path]

LONG_FORMS = (
    *_OF_A_SUBJECT,
    LongForm("slow", "Every other test that waits for long", (*SLOW, "tests", *(f"--ignore={path}" for path in _PLAYED)), 600),
)
