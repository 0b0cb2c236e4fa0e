"""Several candidates on one set, side by side: how each scored, what it cost, and which conversations it won and lost against the first.

A candidate is a model with versions of instructions: `teacher`, `teacher@short` (of all agents that have that version),
`teacher@pricing=short+booking=short`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from agents.evaluation.files import AGENTS, SetError
from agents.evaluation.floor import Floor
from agents.evaluation.results import Report, Result, Score
from agents.evaluation.scoring import KINDS
from agents.prompts import USUAL
from kernel.metering import UsageRow, UsageSink
from kernel.settings import HOUSE


@dataclass(frozen=True, slots=True)
class Contestant:
    """`name`: as it was asked for. `prompts`: versions of instructions by agent, where they are not the usual ones."""

    name: str
    model: str
    prompts: Mapping[str, str] = field(default_factory=dict)


def contestants(asked: str, models: Collection[str], written: Mapping[str, Collection[str]]) -> tuple[Contestant, ...]:
    """From `house,teacher,teacher@short`. `written`: versions of instructions by agent. Raises SetError."""
    names = [name.strip() for name in asked.split(",") if name.strip()]
    if len(names) < 2 or len(set(names)) < len(names):
        raise SetError(f"{asked!r}: name at least two different candidates, like house,teacher,teacher@short")
    return tuple(_contestant(name, models, written) for name in names)


def _contestant(name: str, models: Collection[str], written: Mapping[str, Collection[str]]) -> Contestant:
    model, marked, version = name.partition("@")
    if model not in (*models, HOUSE):
        raise SetError(f"no model is called {model!r}; known: {', '.join((*models, HOUSE))}")
    if not marked:
        return Contestant(name, model)
    if "=" not in version:
        prompts = {agent: version for agent, known in written.items() if version in known and version != USUAL}
        if not prompts:
            others = sorted({one for known in written.values() for one in known} - {USUAL})
            raise SetError(f"{name}: nobody's instructions have a version {version!r}; known: {', '.join(others)}")
        return Contestant(name, model, prompts)
    prompts = {}
    for pair in version.split("+"):
        agent, _, wanted = pair.partition("=")
        if wanted not in written.get(agent, ()):
            known_here = ", ".join(written.get(agent, ())) or f"none; these have some: {', '.join(written)}"
            raise SetError(f"{name}: the instructions of {agent!r} have no version {wanted!r}; known: {known_here}")
        prompts[agent] = wanted
    return Contestant(name, model, prompts)


@dataclass
class Tally:
    """A sink that also counts. `cost_microdollars`: of the calls whose price is known; `unpriced`: of how many it is not."""

    sink: UsageSink
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_microdollars: int = 0
    unpriced: int = 0
    firsts: list[int] = field(default_factory=list)

    async def record(self, row: UsageRow) -> None:
        if row.model != HOUSE:
            self.calls += 1
            self.tokens_in += row.tokens_in
            self.tokens_out += row.tokens_out
            self.cost_microdollars += row.cost_microdollars or 0
            self.unpriced += row.cost_microdollars is None
            self.firsts += [row.first_token_ms] if row.first_token_ms is not None else []
        await self.sink.record(row)

    @property
    def cost(self) -> str:
        """In dollars; with a plus where the price of some calls is not known."""
        return f"${self.cost_microdollars / 1_000_000:.4f}{'+' if self.unpriced else ''}"

    @property
    def first_token_ms(self) -> int | None:
        """Of the middle call."""
        return round(median(self.firsts)) if self.firsts else None

    def to_json(self) -> dict[str, Any]:
        return {
            "calls": self.calls,
            "tokens_in": self.tokens_in,
            "tokens_out": self.tokens_out,
            "cost_microdollars": self.cost_microdollars,
            "unpriced": self.unpriced,
            "first_token_ms": self.first_token_ms,
        }


@dataclass(frozen=True, slots=True)
class Entry:
    """A candidate's run."""

    contestant: Contestant
    report: Report
    spent: Tally


@dataclass(frozen=True, slots=True)
class Comparison:
    """The first is what the others are compared with."""

    entries: tuple[Entry, ...]
    floor: Floor

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(entry.contestant.name for entry in self.entries)

    def won(self, entry: Entry) -> list[str]:
        """Conversations without a failure in which the first had one."""
        return [name for name, first, its in self._pairs(entry) if its.passed and not first.passed]

    def lost(self, entry: Entry) -> list[str]:
        return [name for name, first, its in self._pairs(entry) if first.passed and not its.passed]

    def differing(self) -> Iterator[tuple[str, Sequence[Result]]]:
        """Conversations that not all of them passed or failed alike, with what became of each, in the order of the candidates."""
        for place, first in enumerate(self.entries[0].report.results):
            results = [entry.report.results[place] for entry in self.entries]
            if len({result.passed for result in results}) > 1:
                yield first.name, results

    def rows(self) -> Iterator[tuple[str, list[str]]]:
        """(what, a cell for each candidate). A score below its floor is marked."""
        for kind in KINDS:
            yield kind, [_marked(entry.report.scores()[kind], self.floor.of(kind)) for entry in self.entries]
        for agent in AGENTS:
            shares = [_whole(entry.report, agent) for entry in self.entries]
            if any(share.of for share in shares):
                yield f"turns of {agent}", [str(share) for share in shares]
        yield "conversations", [f"{went.passed} of {went.of}" for went in (entry.report.conversations for entry in self.entries)]
        yield "won, lost", ["-", *(f"{len(self.won(entry))}, {len(self.lost(entry))}" for entry in self.entries[1:])]
        yield "calls", [f"{entry.spent.calls:,}" for entry in self.entries]
        yield "tokens in, out", [f"{entry.spent.tokens_in:,}, {entry.spent.tokens_out:,}" for entry in self.entries]
        yield "cost", [entry.spent.cost for entry in self.entries]
        yield "first token", [_ms(entry.spent.first_token_ms) for entry in self.entries]
        yield "seconds", [f"{entry.report.seconds:.0f}" for entry in self.entries]

    def to_json(self) -> dict[str, Any]:
        """Everything, for other programs."""
        return {
            "candidates": [
                {
                    "name": entry.contestant.name,
                    "prompts": dict(entry.contestant.prompts),
                    "won": self.won(entry),
                    "lost": self.lost(entry),
                    "spent": entry.spent.to_json(),
                    **entry.report.to_json(),
                }
                for entry in self.entries
            ],
            "differing": [name for name, _ in self.differing()],
        }

    def _pairs(self, entry: Entry) -> Iterator[tuple[str, Result, Result]]:
        for first, its in zip(self.entries[0].report.results, entry.report.results, strict=True):
            yield first.name, first, its


def _whole(report: Report, agent: str) -> Score:
    """All checks of an agent's turns together."""
    scores = report.by_agent()[agent].values()
    return Score(sum(score.passed for score in scores), sum(score.of for score in scores))


def _marked(score: Score, floor: float) -> str:
    return f"{score}{' (below)' if score.share is not None and score.share < floor else ''}"


def _ms(milliseconds: int | None) -> str:
    return "-" if milliseconds is None else f"{milliseconds} ms"
