"""The report: a table for people, the same as JSON for machines."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure
from tests.bench.plots import drawn

_HOW = """\
## How to read it

- Everything ran on one machine: the gateway alone on one core; provider, load client, PostgreSQL (durable, as an operator runs
  it) and Redis on the others. Machines differ: trust the ratios and the verdicts' distance from their goals, not the digits.
- **Conversations**: each has a customer who asks again as soon as the answer is whole, and one member of staff who watches; the
  provider streams 50 tokens a second. Every token carries the time it was sent. A step is held where p99 of the lateness (the tick of
  40 to 50 ms included) is under 100 ms and at least 97 % of 50 tokens a second arrive, the pauses between two replies counted in, for
  both kinds of watchers. A step that fails is tried once more. `others`: what the rest of the machine took of the gateway's core
  meanwhile; far above 0 the figure says little, and `us/token` (processor time) grows with it, for caches are shared. The milestone
  after 120 is 200. Answers are read off the wire by the gateway itself; the second climb lets LiteLLM's own iterator read them.
- **The naive gateways** (`tests/bench/naive.py`, `naive_openai.py`) are what most would write first: python-socketio, LiteLLM or OpenAI's
  SDK, one emit per token, nothing stored. **Chainlit** (`tests/bench/chainlit/`) runs in an environment of its own, by its own command,
  with the app that its documents show, on OpenAI's SDK. Same core, same provider, same run; two watchers, but Chainlit has one: a session
  has one socket.
- **First token**: from the customer's message leaving to its first token arriving, less the p50 of the same question asked of the
  provider directly.
- **Hedge**: two stamped providers that answer in 80 to 200 ms, but every 20th call of the first takes three seconds. The goal is made of
  what the same customers saw by fallback. What the calls that lost cost is given as a share of all others, from the usage rows.
- **Shadows**: 20 conversations in one gateway; a worker beside it asks two candidates for every turn, one of which never answers while the
  other refuses. Runs without and with them take turns, by the policy. A difference of the medians is within the noise where it is no
  larger than the range of the runs without them, 5 ms at least.
- **Memory per idle connection**: growth of the gateway's PSS by customers who connected, got their snapshot and answer pings.
- **Idle product**: PSS of all processes of `hibachi up`, no model configured, so LiteLLM is not imported.
- **Takeover, resume**: from the click to the close that the provider sees; from the first byte of the reconnect to the whole
  text. Texts are compared with what was stored.
- **Widget on a page**: the demo page in Chromium as a phone, with its one script and with that script taken out of the page. Blocking
  time is what of the long tasks goes beyond 50 ms; layout shift counts for eleven seconds, the greeting included.
- **Inbox, thread**: the console in Chromium, on all cores; the time from one frame of its main thread to the next (60 a second at
  best), p99. Long tasks are those of more than 50 ms. Reported, not judged.
- **Guard**: the replies to the evaluation set's conversations, cut as models cut them, through the figure guard; microseconds for a
  token are the best of all rounds. A token waits where what it says (a figure, a claim) is not decided yet; how long is counted in the
  tokens that must follow.

`make bench` makes this page again; `python -m tests.bench --quick` takes two minutes and writes nothing.
"""


def table(figures: Sequence[Figure]) -> str:
    """Markdown."""
    lines = ["| figure | value | goal | verdict | note |", "|---|---:|---:|---|---|"]
    for one in figures:
        goal = f"{one.goal} {one.unit}".strip() if one.goal is not None else ""
        lines.append(f"| {one.name} | {one.shown} {one.unit} | {goal} | {one.verdict} | {one.note} |")
    return "\n".join(lines)


def steps(figures: Sequence[Figure]) -> str:
    """The climbs, step by step."""
    parts = []
    for one in figures:
        if rows := one.detail.get("steps"):
            parts += [f"\n### {one.name}\n", "| conversations | held | p50 ms | p99 ms | share of rate | core | others | us/token |",
                      "|---:|---|---:|---:|---:|---:|---:|---:|"]  # fmt: skip
            parts += [
                f"| {row['conversations']} | {'yes' if row['passed'] else 'no'} | {row['p50']} | {row['p99']} | {row['rate']:.3f}"
                f" | {row['cpu']:.0%} | {row['others']:.0%} | {row['us_per_token']} |"
                for row in rows
            ]
    return "\n".join(parts)


def write(folder: Path, name: str, figures: Sequence[Figure], machine: dict[str, str]) -> None:
    """Both forms, over what stood there."""
    folder.mkdir(parents=True, exist_ok=True)
    described = "\n".join(f"- {name}: {value}" for name, value in machine.items())
    drawings = _draw(folder, name, figures)
    text = f"# {name.capitalize()}\n\n{date.today().isoformat()}\n\n{described}\n\n{table(figures)}\n{drawings}{steps(figures)}\n\n{_HOW}"
    (folder / f"{name}.md").write_text(text)
    values = [_entry(one) for one in figures]
    body: dict[str, Any] = {"date": date.today().isoformat(), "machine": machine, "figures": values}
    (folder / f"{name}.json").write_text(json.dumps(body, indent=1) + "\n")


def _draw(folder: Path, name: str, figures: Sequence[Figure]) -> str:
    """The figures' plots as files beside the page; the lines that show them."""
    shown = []
    for figure in figures:
        for part, plot in figure.plots.items():
            file = f"{name}-{part}.svg"
            (folder / file).write_text(drawn(plot))
            shown.append(f"\n![{plot.title}]({file})\n")
    return "".join(shown)


def _entry(figure: Figure) -> dict[str, Any]:
    """A figure as JSON; its plots are made of what stands in `detail`."""
    entry = {**asdict(figure), "value": _number(figure.value), "verdict": figure.verdict}
    del entry["plots"]
    return entry


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 3)
