"""The floor: the share of checks of each kind that must pass. A number in it may only rise."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.evaluation.files import SetError
from agents.evaluation.results import Score
from agents.evaluation.scoring import Kind

Share = float


class Floor(BaseModel):
    """Shares from 0 to 1. Not to say anything that is forbidden is a share of turns, too: 1 is never."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    routing: Share = Field(ge=0, le=1)
    tools: Share = Field(ge=0, le=1)
    prices: Share = Field(ge=0, le=1)
    availability: Share = Field(ge=0, le=1)
    forbidden: Share = Field(ge=0, le=1)
    handoffs: Share = Field(ge=0, le=1)
    facts: Share = Field(ge=0, le=1)
    sources: Share = Field(default=0, ge=0, le=1)  # not every set has documents to cite

    def of(self, kind: Kind) -> float:
        value: float = getattr(self, kind)
        return value

    def below(self, scores: Mapping[Kind, Score]) -> dict[Kind, float]:
        """The kinds that are under it, with what it asks for."""
        return {kind: self.of(kind) for kind, score in scores.items() if score.share is not None and score.share < self.of(kind)}


def load_floor(path: Path) -> Floor:
    """Raises `SetError`."""
    try:
        return Floor.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise SetError(f"{path}: is no floor: {error}") from error
