"""`make prove`: the long forms of the proofs, one after the other; writes docs/reports/proofs.md. Exit status 1 where one fails.

python -m tests.prove                    all of it, some hours
python -m tests.prove --scale 0.1        a tenth of the runs
python -m tests.prove resume takeover    these alone; the report keeps what it says of the others, and when they were played
"""

import argparse
import asyncio
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.chaos.proofs import PROOFS, Figures, Proof, standing

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "reports" / "proofs.md"
PROPERTY_EXAMPLES = 500
BOOKING_ROUNDS = 1000
WEEKEND_CROWD = 200
PROPERTY, SLOW, GUARDS, BOOKINGS = "property", "slow", "guards", "bookings"
WEEKEND, MONTH, PAYMENTS = "weekend", "month", "payments"
EMAILS, JOBS = "emails", "jobs"
STREAMS, BREAKERS, CLOSING = "streams", "breakers", "closing"
CORPUS = "corpus"
TEXTS, TEXT_TRIALS = "texts", 200
CAMPAIGNS = "campaigns"
SOAK = 10_000
PIECES = 50_000
RECIPIENTS = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """A proof as the report shows it."""

    name: str
    promise: str
    runs: int
    violations: tuple[str, ...]
    figures: tuple[str, ...]
    seconds: float


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 1).__int__() - 1)]


def described(figures: Figures) -> tuple[str, ...]:
    """Times in milliseconds, counts."""
    lines = []
    for name, values in figures.times.items():
        p50, p99, top = (round(1000 * v) for v in (percentile(values, 0.5), percentile(values, 0.99), max(values)))
        lines.append(f"{name}: p50 {p50} ms, p99 {p99} ms, max {top} ms (n = {len(values)})")
    return (*lines, *(f"{name}: {count}" for name, count in figures.counts.items()))


def tell(name: str, what: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {name}: {what}", flush=True)


async def played(proof: Proof, scale: float) -> Row:
    """One proof on servers of its own."""
    runs = max(1, round(proof.runs * scale)) if proof.scaled else proof.runs
    figures = Figures()
    started = time.monotonic()
    tell(proof.name, f"{proof.promise} ({runs})")
    try:
        async with standing(proof.gateways, figures, lambda what: tell(proof.name, what), model=proof.model) as stand:
            await proof.play(stand, runs)
    except (TimeoutError, OSError, AssertionError, RuntimeError) as error:
        figures.violations.append(f"broke off: {type(error).__name__}: {str(error)[:300]}")
    row = Row(proof.name, proof.promise, figures.runs, tuple(figures.violations), described(figures), time.monotonic() - started)
    tell(proof.name, f"{len(row.violations)} violations in {row.runs} runs, {row.seconds:.0f} s; " + "; ".join(row.figures))
    for violation in row.violations[:5]:
        tell(proof.name, violation)
    return row


def tested(name: str, promise: str, *arguments: str, runs: int | None = None, **env: str) -> Row:
    """A proof that is a run of pytest. `runs`: where one test is many runs."""
    tell(name, promise)
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    with tempfile.NamedTemporaryFile("r") as told:
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, "PROVE_FIGURES": told.name, **env}, capture_output=True, text=True)
        figures = told.read().splitlines()
    passed = sum(int(n) for n in re.findall(r"(\d+) passed", done.stdout))
    failed = tuple(line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR")))
    if done.returncode and not failed:
        failed = (f"pytest ended with status {done.returncode}",)
    seconds = time.monotonic() - started
    tell(name, f"{passed} tests passed, {len(failed)} failed, {seconds:.0f} s")
    return Row(name, promise, runs or passed, failed, (*figures, f"tests passed: {passed}"), seconds)


def rest(names: Sequence[str], scale: float) -> list[Row]:
    """The proofs that pytest plays."""
    rows = []
    if PROPERTY in names:
        examples = max(10, round(PROPERTY_EXAMPLES * scale))
        path = "tests/chaos/test_takeover.py::TestTakeover"
        rows.append(
            tested(
                PROPERTY,
                "Takeover under generated interleavings, calm and with Redis flushed and killed",
                *(path, "--timeout", "7200"),
                runs=2 * examples,
                PROVE_EXAMPLES=str(examples),
            )
        )
    if GUARDS in names:
        paths = ("tests/chaos/test_guards_matter.py", "tests/bookings/test_guards_matter.py")
        rows.append(tested(GUARDS, "Fence, constraints and sweeps taken away: the checks go red", *paths, "tests/checker"))
    if BOOKINGS in names:
        rounds = max(2, round(BOOKING_ROUNDS * scale))
        rows.append(
            tested(
                BOOKINGS,
                "50 customers for one slot: as many win as there are lanes or chefs, no chef is in two places, a lapsed hold has one heir",
                *("tests/bookings/test_races.py", "--timeout", "14400"),
                runs=rounds,
                PROVE_ROUNDS=str(rounds),
            )
        )
    if WEEKEND in names:
        crowd = max(60, round(WEEKEND_CROWD * scale))
        rows.append(
            tested(
                WEEKEND,
                "A weekend that hundreds want hold, agree to and pay at once: no place twice, every loser a lead, the ledger balances",
                *("tests/bookings/test_crowd.py", "--timeout", "1800"),
                runs=crowd,
                PROVE_CROWD=str(crowd),
            )
        )
    if MONTH in names:
        path = ("tests/simulation/test_month.py", "-m", "slow")
        rows.append(tested(MONTH, "A month in virtual time: every e-mail at its minute, every cent where it belongs (month.md)", *path))
    if PAYMENTS in names:
        path = ("tests/payments/test_workers_gone.py", "-m", "slow")
        promise = "A worker gone or frozen at every await of a payment's event and of a refund: one payment, one refund, books that balance"
        rows.append(tested(PAYMENTS, promise, *path, "--timeout", "600"))
    if EMAILS in names:
        promise = "A mail whose worker is killed or frozen at every await: one copy, or none and an alarm; every mail in every look"
        paths = ("tests/emails/test_sending.py", "tests/emails/test_processes.py", "tests/browser/test_emails.py")
        rows.append(tested(EMAILS, promise, *paths, "--timeout", "1800"))
    if JOBS in names:
        paths = ("tests/chaos/test_jobs.py", "tests/workers/test_queues.py", "tests/workers/test_cron.py", "--timeout", "1800")
        promise = "Every job with its worker gone at every await, by `kill -9`, with PostgreSQL and Redis restarted: once, as a whole"
        rows.append(tested(JOBS, promise, *paths, PROVE_STEP="1"))
    if STREAMS in names:
        streams = max(1_000, round(SOAK * scale / 500) * 500)
        promise = "Streams of all protocols through one ensemble, with tools, faults and closings: flat memory, nothing left, one row each"
        rows.append(tested(STREAMS, promise, "tests/agents/test_streams.py", "--timeout", "3600", runs=streams, PROVE_STREAMS=str(streams)))
    if BREAKERS in names:
        promise = "Two busy gateways: a dead provider is asked by one probe in each back-off, a day's budget is never overspent"
        rows.append(tested(BREAKERS, promise, "tests/agents/test_two_gateways.py", "tests/chaos/test_breakers.py", "--timeout", "900"))
    if CLOSING in names:
        promise = "Cancel and takeover at every chunk, in every protocol and way: the provider's connection closed at once, one usage row"
        paths = ("tests/agents/test_closing.py", "tests/chaos/test_closing.py", "--timeout", "1800")
        rows.append(tested(CLOSING, promise, *paths, PROVE_WORDS="60"))
    if CORPUS in names:
        pieces = max(2_000, round(PIECES * scale))
        promise = "A large corpus: an HNSW index finds what an exact scan finds, by any filter; no search fails while it is re-embedded"
        paths = ("tests/knowledge/corpus/test_search_large.py", "--timeout", "3600")
        rows.append(tested(CORPUS, promise, *paths, runs=pieces, PROVE_PIECES=str(pieces)))
    if TEXTS in names:
        trials = max(20, round(TEXT_TRIALS * scale))
        promise = "A text whose worker is gone at every await, or whose answer is lost: one copy, or none and an alarm; in every look"
        paths = ("tests/sms/test_sending.py", "tests/browser/test_texts.py", "--timeout", "1800")
        rows.append(tested(TEXTS, promise, *paths, runs=trials, PROVE_TRIALS=str(trials)))
    if CAMPAIGNS in names:
        people = max(1_000, round(RECIPIENTS * scale))
        promise = "A campaign over the country's zones in virtual time, workers gone in its middle: by day everywhere, once, at its pace"
        paths = ("tests/campaigns", "--timeout", "7200")
        rows.append(tested(CAMPAIGNS, promise, *paths, runs=people, PROVE_RECIPIENTS=str(people)))
    if SLOW in names:
        others = (f"--ignore=tests/chaos/test_{name}.py" for name in (BREAKERS, CLOSING))
        rows.append(tested(SLOW, "Tests that wait for long", "-m", "slow", "tests/flow", "tests/chaos", *others, "--timeout", "600"))
    return rows


def written(rows: Sequence[Row], before: str) -> str:
    """The report: these rows in the place of those of their names, `before` for the others."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    table = {match[1]: line for line in before.splitlines() if (match := re.match(r"\| \*\*([\w-]+)\*\*: ", line))}
    faults = [line for line in before.splitlines() if line.startswith("- ")]
    for row in rows:
        figures = "<br>".join(row.figures)
        table[row.name] = f"| **{row.name}**: {row.promise} | {row.runs} | {len(row.violations)} | {figures} | {today} |"
        faults = [line for line in faults if not line.startswith(f"- {row.name}: ")]
        faults += [f"- {row.name}: {violation}" for violation in row.violations[:20]]
    lines = [
        "# Proofs",
        "",
        f"Written by `make prove`. Machine of the last: {machine}; load {os.getloadavg()[1]:.1f} (5 minutes; other work on the machine",
        "shows in the times, not in the counts). After every run the history checker compares what every client saw, what PostgreSQL holds",
        "and what the provider sent (I1 to I5, `docs/testing.md`). No violation in n runs means less than 3/n at 95 %.",
        "",
        "| proof | runs | violations | figures | played |",
        "|---|---|---|---|---|",
        *(table[name] for name in known() if name in table),
        *faults,
    ]
    return "\n".join(lines) + "\n"


def known() -> list[str]:
    """Every proof by name, in the order in which they are played."""
    return [
        *(proof.name for proof in PROOFS),
        PROPERTY,
        GUARDS,
        BOOKINGS,
        WEEKEND,
        MONTH,
        PAYMENTS,
        EMAILS,
        JOBS,
        STREAMS,
        BREAKERS,
        CLOSING,
        CORPUS,
        TEXTS,
        CAMPAIGNS,
        SLOW,
    ]


def main() -> None:
    """Plays what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.prove", description="The long forms of the proofs.")
    parser.add_argument("names", nargs="*", metavar="PROOF", help=f"of: {', '.join(known())}; none: all")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the runs")
    given = parser.parse_args()
    names = given.names or known()
    if unknown := set(names) - set(known()):
        parser.error(f"there is no proof {', '.join(sorted(unknown))}")
    rows = [asyncio.run(played(proof, given.scale)) for proof in PROOFS if proof.name in names]
    rows += rest(names, given.scale)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(written(rows, REPORT.read_text() if REPORT.exists() else ""))
    print(f"wrote {REPORT.relative_to(ROOT)}", flush=True)
    raise SystemExit(1 if any(row.violations for row in rows) else 0)


if __name__ == "__main__":
    main()
