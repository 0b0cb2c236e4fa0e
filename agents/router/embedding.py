"""What a message is about by the examples that it is nearest to; where the encoder is not installed, nothing, said once."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog

from agents.router.vectors import LANGUAGES, Prototypes, Stale, load_vectors
from knowledge.embedding.encoder import Encoder
from knowledge.embedding.weights import Absent

if TYPE_CHECKING:
    from knowledge.embedding.weights import Array

log = structlog.get_logger(__name__)

# An agent is as near as the mean of so many of its nearest examples: one alone may be near by chance.
NEAREST = 2
# Chosen on tests/agents/router/tuning_en.toml. On measured_en.toml, seen once while choosing, the first agent is right for 83 of 100
# messages; these two let half of all pass, and of those 92 of 100 are right. Of what is off the subject they let nothing pass.
FLOOR = 0.40
MARGIN = 0.05

Ranked = list[tuple[str, float]]


def decide(ranked: Sequence[tuple[str, float]], *, floor: float = FLOOR, margin: float = MARGIN) -> str | None:
    """The first agent where it is near enough and nearer than the second by the margin, else None. `ranked` is nearest first."""
    if not ranked or ranked[0][1] < floor:
        return None
    if len(ranked) > 1 and ranked[0][1] - ranked[1][1] < margin:
        return None
    return ranked[0][0]


class Nearest:
    """Ranks agents for messages. Holds the examples' vectors, half a megabyte, once they are needed; one per process."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._prototypes: Prototypes | None = None
        self._vectors: Array | None = None
        self._out_of_use = False

    async def nearest(self, text: str, language: str = "en") -> Ranked:
        """(agent, similarity -1 to 1), nearest first. Some ten milliseconds in a thread, the first time a few hundred.

        Empty where nothing can be said: a language that the encoder does not know, no words, no encoder.
        """
        if self._out_of_use or language not in LANGUAGES or not text.strip():
            return []
        try:
            return await asyncio.to_thread(self._rank, text)
        except Absent as absent:
            log.warning("router.no_encoder", why=str(absent))
        except Stale as stale:
            log.error("router.stale_vectors", why=str(stale))
        self._out_of_use = True
        return []

    def _rank(self, text: str) -> Ranked:
        if self._prototypes is None or self._vectors is None:
            prototypes = Prototypes.read()
            self._vectors = load_vectors(prototypes)
            self._prototypes = prototypes
        similarities = (self._vectors @ self._encoder.encode_now([text])[0]).tolist()
        by_agent: dict[str, list[float]] = {}
        for agent, similarity in zip(self._prototypes.agents, similarities, strict=True):
            by_agent.setdefault(agent, []).append(similarity)
        ranked = [(agent, sum(sorted(values)[-NEAREST:]) / NEAREST) for agent, values in by_agent.items()]
        return sorted(ranked, key=lambda pair: -pair[1])
