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
from tests.long_forms import LONG_FORMS, LongForm

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "reports" / "proofs.md"


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


def tested(form: LongForm, scale: float) -> Row:
    """A proof that is a run of pytest."""
    tell(form.name, form.promise)
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *form.arguments]
    with tempfile.NamedTemporaryFile("r") as told:
        env = {**os.environ, "PROVE_FIGURES": told.name, **form.environment(scale)}
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
        figures = told.read().splitlines()
    passed = sum(int(n) for n in re.findall(r"(\d+) passed", done.stdout))
    failed = tuple(line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR")))
    if done.returncode and not failed:
        failed = (f"pytest ended with status {done.returncode}",)
    seconds = time.monotonic() - started
    tell(form.name, f"{passed} tests passed, {len(failed)} failed, {seconds:.0f} s")
    return Row(form.name, form.promise, form.runs(scale) or passed, failed, (*figures, f"tests passed: {passed}"), seconds)


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
    return [proof.name for proof in (*PROOFS, *LONG_FORMS)]


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
    rows += [tested(form, given.scale) for form in LONG_FORMS if form.name in names]
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(written(rows, REPORT.read_text() if REPORT.exists() else ""))
    print(f"wrote {REPORT.relative_to(ROOT)}", flush=True)
    raise SystemExit(1 if any(row.violations for row in rows) else 0)


if __name__ == "__main__":
    main()
