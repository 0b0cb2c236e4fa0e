"""Routing by examples: the margin rule, the vectors' freshness, and how often it is right on messages it has never seen."""

import importlib
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from agents.evaluation.files import AGENTS
from agents.router import vectors
from agents.router.embedding import FLOOR, MARGIN, Nearest, decide
from agents.router.vectors import LANGUAGES, Prototypes, Stale, load_vectors, make_vectors
from knowledge.embedding.encoder import Encoder

np = importlib.import_module("numpy")  # after the encoder, which pins its threads
HERE = Path(__file__).parent
NOBODY = "nobody"


def lines(name: str) -> list[tuple[str, str]]:
    by_agent = tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))
    return [(agent, text) for agent, texts in by_agent.items() for text in texts]


@pytest.fixture(scope="module")
def nearest() -> Nearest:
    return Nearest(Encoder())


@dataclass(frozen=True)
class Measured:
    """How a set of messages was routed: `first` of those with an agent, then of those that pass the rule."""

    messages: int
    first_right: int
    passed: int
    passed_right: int
    strangers_passed: int


async def measure(nearest: Nearest, name: str) -> Measured:
    counts: Counter[str] = Counter()
    for agent, text in lines(name):
        ranked = await nearest.nearest(text)
        chosen = decide(ranked)
        if agent == NOBODY:
            counts["strangers"] += chosen is not None
            continue
        counts["messages"] += 1
        counts["first"] += ranked[0][0] == agent
        counts["passed"] += chosen is not None
        counts["right"] += chosen == agent
    return Measured(counts["messages"], counts["first"], counts["passed"], counts["right"], counts["strangers"])


class TestTheRule:
    @pytest.mark.parametrize(
        ("ranked", "chosen"),
        [
            ([], None),
            ([("menu", FLOOR - 0.001), ("pricing", 0.0)], None),
            ([("menu", FLOOR), ("pricing", FLOOR - MARGIN - 0.001)], "menu"),
            ([("menu", 0.9), ("pricing", 0.9 - MARGIN + 0.001)], None),
            ([("menu", 0.9), ("pricing", 0.9)], None),
            ([("menu", 0.9)], "menu"),
        ],
    )
    def test_is_near_enough_and_nearer_than_the_next(self, ranked: list[tuple[str, float]], chosen: str | None) -> None:
        assert decide(ranked) == chosen

    def test_floor_and_margin_may_be_others(self) -> None:
        assert decide([("menu", 0.3), ("pricing", 0.2)], floor=0.2, margin=0.1 - 1e-9) == "menu"


class TestTheExamples:
    def test_every_agent_that_a_message_may_be_given_to_has_enough(self) -> None:
        for language in LANGUAGES:
            by_agent = tomllib.loads((vectors.FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
            assert set(by_agent) == set(AGENTS)
            assert min(map(len, by_agent.values())) >= 12

    def test_none_stands_there_twice(self) -> None:
        texts = [text.casefold() for text in Prototypes.read().texts]
        assert len(texts) == len(set(texts))

    def test_none_is_one_of_those_that_it_is_measured_by(self) -> None:
        examples = {text.casefold() for text in Prototypes.read().texts}
        assert not examples & {text.casefold() for name in ("tuning_en", "measured_en") for _, text in lines(name)}

    def test_none_is_copied_from_the_evaluation_set(self) -> None:
        examples = {" ".join(text.casefold().split()) for text in Prototypes.read().texts}
        said = set()
        for path in (HERE.parents[1] / "evals" / "conversations").rglob("*.toml"):
            turns = tomllib.loads(path.read_text(encoding="utf-8"))["turns"]
            said |= {" ".join(turn["say"].casefold().split()) for turn in turns}
        assert said
        assert not examples & said


class TestTheVectors:
    def test_are_not_stale(self) -> None:
        prototypes = Prototypes.read()
        kept = load_vectors(prototypes)
        made = make_vectors(prototypes).astype(np.float32)
        assert kept.shape == made.shape
        assert float(np.abs((kept * made).sum(axis=1) - 1.0).max()) < 1e-3

    def test_of_other_examples_are_refused(self) -> None:
        prototypes = Prototypes.read()
        other = Prototypes(prototypes.agents, ("something else", *prototypes.texts[1:]))
        with pytest.raises(Stale, match="have changed"):
            load_vectors(other)

    @pytest.mark.parametrize("content", [None, b"", b"no archive", b"PK\x03\x04 torn"])
    def test_that_are_missing_or_broken_are_said_to_be(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
    ) -> None:
        path = tmp_path / "vectors.npz"
        if content is not None:
            path.write_bytes(content)
        monkeypatch.setattr(vectors, "VECTORS", path)
        with pytest.raises(Stale, match="there are no vectors"):
            load_vectors(Prototypes.read())


class TestRouting:
    async def test_is_right_on_messages_that_nothing_was_chosen_by(self, nearest: Nearest) -> None:
        measured = await measure(nearest, "measured_en")
        assert measured.first_right / measured.messages >= 0.80
        assert measured.passed / measured.messages >= 0.45
        assert measured.passed_right / measured.passed >= 0.90
        assert measured.strangers_passed == 0

    async def test_is_right_on_those_that_it_was_tuned_on(self, nearest: Nearest) -> None:
        tuned = await measure(nearest, "tuning_en")
        assert tuned.passed_right / tuned.passed >= 0.95
        assert tuned.strangers_passed == 0

    async def test_gives_every_agent_nearest_first(self, nearest: Nearest) -> None:
        ranked = await nearest.nearest("what would that be for ten people altogether?")
        assert {agent for agent, _ in ranked} == set(AGENTS)
        assert [value for _, value in ranked] == sorted((value for _, value in ranked), reverse=True)
        assert ranked[0][0] == "pricing"


class TestWhereNothingCanBeSaid:
    @pytest.mark.parametrize(("text", "language"), [("¿cuánto cuesta?", "es"), ("", "en"), ("  \n", "en")])
    async def test_nothing_is_said(self, nearest: Nearest, text: str, language: str) -> None:
        assert await nearest.nearest(text, language) == []

    async def test_without_an_encoder_nothing_fails(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("knowledge.embedding.weights.PACKAGE", "a_package_that_nobody_has")
        nearest = Nearest(Encoder())
        assert await nearest.nearest("how much is it?") == []
        assert decide(await nearest.nearest("how much is it?")) is None

    async def test_stale_vectors_are_not_used(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(vectors, "VECTORS", tmp_path / "none.npz")
        assert await Nearest(Encoder()).nearest("how much is it?") == []
