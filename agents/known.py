"""What the business has written about a turn, as it was found: the questions, and the pieces that answer them."""

from dataclasses import dataclass

from agents.passages import Piece
from agents.quoting import Near


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what was found for it, the nearest first. `open`: nobody but the corpus may answer it."""

    text: str
    open: bool
    ranked: tuple[Near, ...] = ()

    @property
    def answer(self) -> Piece | None:
        """What answers it; None where nothing is near enough."""
        return self.ranked[0].piece if self.ranked and self.ranked[0].enough else None


@dataclass(frozen=True, slots=True)
class Known:
    """What was found for a turn. `pieces`: those that a model is shown, their order being their numbers."""

    pieces: tuple[Piece, ...] = ()
    questions: tuple[Question, ...] = ()
