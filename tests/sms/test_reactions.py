"""Reactions to a text of ours, told from what people write."""

import pytest

from business.channels.loops import near
from business.channels.reactions import is_reaction

OURS = "You are now texting with My Hibachi. Reply STOP to end texts, HELP for help."
REACTIONS = (
    f"Liked “{OURS}”", f"Loved “{OURS}”", f"Disliked “{OURS}”", f"Laughed at “{OURS}”", f"Emphasized “{OURS}”", f"Emphasised “{OURS}”",
    f"Questioned “{OURS}”", "Loved “ok”", "Liked “one\ntwo”\n", "Loved an image", "Laughed at a photo", "Liked “We say “yes””",
    f"Removed a like from “{OURS}”", "Removed a question mark from “ok”", "Reacted 🎉 to “ok”", "Removed 🎉 from “ok”",
    f"\u200a\u200b👍\u200b to “\u200a{OURS}\u200a”\u200a", "❤️ to “ok”", "👍🏽 to “ok”", f'Liked "{OURS}"',
    f"Le gustó “{OURS}”", f"Le encantó «{OURS}»", f"Se rio de “{OURS}”", "No le gustó “ok”", "Reaccionó con 👍 a “ok”",
    "Le gustó una imagen",
)  # fmt: skip
WORDS = (
    "", "👍", "liked it", "I liked “the chef”", 'Loved "the chef"', "“yes”", "yes to “Saturday”", "12 to “15”", "👍 to that",
    "Liked “ok” but when?", "Questioned", "Loved the image of the grill", "Me gustó “la cena”", "a “b”", "Loved “the chef”, see you",
)  # fmt: skip


@pytest.mark.parametrize("text", REACTIONS)
def test_is_one(text: str) -> None:
    assert is_reaction(text)


@pytest.mark.parametrize("text", WORDS)
def test_is_none(text: str) -> None:
    assert not is_reaction(text)


def test_it_repeats_us_so_nearly_that_it_would_be_taken_for_an_echo() -> None:
    assert near(f"Liked “{OURS}”", OURS)


def test_long_ones_take_no_time() -> None:
    for text in ("Liked “" + "”" * 20_000 + "x", "👍" * 30_000, "Reacted " + "x" * 50_000, "removed a like from " * 2000):
        assert not is_reaction(text)
