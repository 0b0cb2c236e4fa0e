"""What an evaluation found: every check of every turn, and the scores counted from them. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agents.evaluation.candidate import Answer
from agents.evaluation.files import AGENTS, Conversation, ExpectedTurn
from agents.evaluation.scoring import KINDS, Check, Kind, took_part

NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class TurnResult:
    """One turn: what was said, what came, what was checked. `answer` is None where the candidate broke down or never came so far."""

    turn: ExpectedTurn
    answer: Answer | None
    checks: tuple[Check, ...]

    @property
    def failures(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.passed)


@dataclass(frozen=True, slots=True)
class Result:
    """One conversation. `error`: the class of what the candidate raised."""

    name: str
    conversation: Conversation
    turns: tuple[TurnResult, ...]
    error: str | None = None

    @property
    def passed(self) -> bool:
        return self.error is None and not any(turn.failures for turn in self.turns)


@dataclass(frozen=True, slots=True)
class Score:
    """How many of how many."""

    passed: int
    of: int

    @property
    def share(self) -> float | None:
        """None where there was nothing to check."""
        return self.passed / self.of if self.of else None

    def __str__(self) -> str:
        return "-" if self.share is None else f"{100 * self.share:.1f} %"


@dataclass(frozen=True, slots=True)
class Report:
    """One run over the set."""

    candidate: str
    profile: str
    began: datetime
    seconds: float
    results: tuple[Result, ...] = field(repr=False)

    def turns(self) -> Iterator[tuple[Result, TurnResult]]:
        for result in self.results:
            for turn in result.turns:
                yield result, turn

    def scores(self, where: Callable[[Result, TurnResult], bool] = lambda result, turn: True) -> dict[Kind, Score]:
        """Per kind of check, over the turns that `where` picks."""
        passed: Counter[Kind] = Counter()
        of: Counter[Kind] = Counter()
        for result, turn in self.turns():
            if where(result, turn):
                of.update(check.kind for check in turn.checks)
                passed.update(check.kind for check in turn.checks if check.passed)
        return {kind: Score(passed[kind], of[kind]) for kind in KINDS}

    def by_agent(self) -> dict[str, dict[Kind, Score]]:
        """A turn that several agents must take counts for each of them."""
        return {agent: self.scores(lambda result, turn, agent=agent: agent in turn.turn.agents) for agent in AGENTS}  # type: ignore[misc]

    def by_language(self) -> dict[str, dict[Kind, Score]]:
        languages = sorted({result.conversation.language for result in self.results})
        return {
            language: self.scores(lambda result, turn, language=language: result.conversation.language == language)  # type: ignore[misc]
            for language in languages
        }

    @property
    def conversations(self) -> Score:
        """How many conversations went without one failed check."""
        return Score(sum(result.passed for result in self.results), len(self.results))

    def confusion(self) -> dict[str, Counter[str]]:
        """Who should have had a message, and who had it. A row is a required agent; its own column counts where it took part, another
        one where it did not and that one did without leave. Who came in addition, without leave, counts in every row of the turn."""
        rows: dict[str, Counter[str]] = {agent: Counter() for agent in AGENTS}
        for _, turn in self.turns():
            if turn.answer is None or not turn.turn.agents:
                continue
            took = took_part(turn.answer)
            strangers = sorted(took - turn.turn.allowed)
            for agent in turn.turn.agents:
                rows[agent].update([agent] if agent in took else strangers or [NOBODY])
                if agent in took:
                    rows[agent].update(strangers)
        return rows

    def to_json(self) -> dict[str, Any]:
        """Everything, for other programs."""
        return {
            "candidate": self.candidate,
            "profile": self.profile,
            "began": self.began.isoformat(),
            "seconds": round(self.seconds, 1),
            "conversations": _score_json(self.conversations),
            "scores": _scores_json(self.scores()),
            "by_agent": {agent: _scores_json(scores) for agent, scores in self.by_agent().items()},
            "by_language": {language: _scores_json(scores) for language, scores in self.by_language().items()},
            "confusion": {agent: dict(row) for agent, row in self.confusion().items()},
            "failures": [
                {
                    "conversation": result.name,
                    "turn": number,
                    "say": turn.turn.say,
                    "kind": failure.kind,
                    "expected": failure.expected,
                    "came": failure.came,
                }
                for result in self.results
                for number, turn in enumerate(result.turns, 1)
                for failure in turn.failures
            ],
            "errors": {result.name: result.error for result in self.results if result.error is not None},
        }


def _score_json(score: Score) -> dict[str, Any]:
    return {"passed": score.passed, "of": score.of, "share": None if score.share is None else round(score.share, 4)}


def _scores_json(scores: Mapping[Kind, Score]) -> dict[str, Any]:
    return {kind: _score_json(score) for kind, score in scores.items()}
