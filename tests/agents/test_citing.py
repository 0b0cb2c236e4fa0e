"""Marks of passages never reach anybody, however the text was cut; what they become is a passage that was shown, or nothing."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from uuid import UUID, uuid4

import pytest

from agents.citing import Citing, Marks, rests_on, without_marks
from agents.ensemble.chunks import Chunk, Finish, Restart, Text
from agents.ensemble.model import ModelRequest
from agents.guard.of_corpus import Sentence
from agents.passages import Piece
from tests.agents.building import ask

MARKED = "The chef cleans up [1]. Points last[2], [3]; a list:\n- seats in a U [12][1]\nPrices [are] not [x], [] nor [ 1"
PLAIN = "The chef cleans up. Points last,; a list:\n- seats in a U\nPrices [are] not [x], [] nor [ 1"


def piece(text: str) -> Piece:
    return Piece(uuid4(), "Notes", ("What of it?",), "en", (Sentence(text, False, 0),), None)


class Says:
    """A model that gives these chunks."""

    name = "says"

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._chunks = chunks

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        for chunk in self._chunks:
            yield chunk


async def heard(*chunks: Chunk) -> tuple[str, list[int]]:
    citing, text = Citing(Says(chunks)), ""
    async with aclosing(citing.stream(ask("Well?"))) as stream:
        async for chunk in stream:
            if isinstance(chunk, Text):
                assert chunk.text, "a piece is never empty"
                text += chunk.text
            elif isinstance(chunk, Restart):
                text = ""
    return text, citing.marks.seen


class TestMarks:
    @pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 200])
    def test_go_however_the_text_is_cut(self, size: int) -> None:
        marks = Marks()
        out = "".join(marks.feed(MARKED[at : at + size]) for at in range(0, len(MARKED), size)) + marks.end()
        assert out == PLAIN == without_marks(MARKED)
        assert marks.seen == [1, 2, 3, 12]

    def test_are_never_seen_on_the_way(self) -> None:
        marks, shown = Marks(), ""
        for char in MARKED:
            shown += marks.feed(char)
            assert PLAIN.startswith(shown)

    def test_hold_nothing_but_what_may_become_one(self) -> None:
        marks = Marks()
        assert marks.feed("Seats [") == "Seats"
        assert marks.feed("in a U] stand") == " [in a U] stand"

    async def test_begin_anew_with_the_text(self) -> None:
        text, seen = await heard(Text("Wrong [1]"), Restart("cut"), Text("Right [2]"), Finish("stop", None, None, "says"))
        assert (text, seen) == ("Right", [2])

    async def test_that_have_not_ended_are_text(self) -> None:
        assert await heard(Text("See [1"), Finish("stop", None, None, "says")) == ("See [1", [])


class TestWhatAnAnswerRestsOn:
    def test_is_what_it_marks(self) -> None:
        pieces = [piece("Points do not expire."), piece("The chef cleans the grill and packs up.")]
        assert rests_on("They do not.", pieces, [2]) == (pieces[1],)

    def test_is_nothing_that_was_not_shown(self) -> None:
        assert rests_on("They do not.", [piece("Points do not expire.")], [2, 7, 0]) == ()

    def test_is_told_by_its_words_without_marks(self) -> None:
        pieces = [piece("Seats stand in a U-shape around the grill."), piece("Sake is for grown-up guests alone.")]
        assert rests_on("Please put the seats in a U-shape around the grill!", pieces, []) == (pieces[0],)
        assert rests_on("I do not know that, sorry.", pieces, []) == ()

    def test_has_an_id(self) -> None:
        found = piece("Points do not expire.")
        assert UUID(found.source.id) == found.chunk and found.source.title == "Notes › What of it?"
