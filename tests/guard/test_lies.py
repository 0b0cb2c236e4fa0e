"""Lies: every one is stopped before it can be seen, however the text is cut, and nothing follows it."""

import random
from collections.abc import Iterator

import pytest

from agents.guard.guard import FigureGuard
from tests.guard import lies
from tests.guard.known import LICENCES, guarded, language_of
from tests.guard.lies_of_models import TOLD

Lie = tuple[str, str, str]


def told() -> Iterator[Lie]:
    """(what is known, of which kind, the lie with its mark)."""
    for known in ("UNKNOWN", "ECHOED", "QUOTED"):
        groups: dict[str, list[str]] = getattr(lies, known)
        yield from ((known, kind, lie) for kind, group in groups.items() for lie in group)
    yield from (("UNKNOWN", "as models word them", lie) for lie in TOLD.strip().splitlines())


ALL = list(told())


def unmarked(lie: str) -> tuple[str, int]:
    """The text, and where it begins to lie."""
    return lie.replace("‹", "").replace("›", ""), lie.index("‹")


@pytest.mark.parametrize(("known", "kind", "lie"), ALL, ids=[f"{kind}: {lie}" for _, kind, lie in ALL])
class TestLie:
    def test_is_never_seen_however_it_is_cut(self, known: str, kind: str, lie: str) -> None:
        text, at = unmarked(lie)
        licence = LICENCES[known][language_of(text)]
        whole = guarded(text, licence)
        assert whole.refused is not None
        assert len(whole.released) <= at
        rng = random.Random(text)
        by_letter = guarded(text, licence, 1)
        for guard in (by_letter, *(guarded(text, licence, rng=rng) for _ in range(3))):
            assert (guard.refused, guard.released) == (whole.refused, whole.released)
        for cut in range(1, len(text)):
            guard = FigureGuard(licence)
            out = guard.feed(text[:cut]) + guard.feed(text[cut:]) + guard.end()
            assert (guard.refused, out) == (whole.refused, whole.released)

    def test_is_the_end_of_what_goes_out(self, known: str, kind: str, lie: str) -> None:
        text, _ = unmarked(lie)
        guard = FigureGuard(LICENCES[known][language_of(text)])
        out = guard.feed(f"{text} And then some more.") + guard.feed("It is $55 per adult.") + guard.end()
        assert guard.refused is not None
        assert out == guard.released == text[: guard.refused.span_start]


class TestLiesInLongerReplies:
    @pytest.mark.parametrize(("known", "kind", "lie"), ALL[::3], ids=[f"{kind}: {lie}" for _, kind, lie in ALL[::3]])
    def test_are_stopped_after_true_words(self, known: str, kind: str, lie: str) -> None:
        text, at = unmarked(lie)
        language = language_of(text)
        true = "Son $55 por adulto y $30 por niño.\n\n" if language == "es" else "It is $55 per adult and $30 per child.\n\n"
        guard = guarded(true + text, LICENCES[known][language])
        assert guard.refused is not None
        assert len(true) <= len(guard.released) <= len(true) + at


def test_there_are_enough_of_them() -> None:
    assert len({lie for _, _, lie in ALL}) >= 150
