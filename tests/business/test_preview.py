"""One line of a message for the inbox."""

import pytest

from business.conversations.log import PREVIEW, preview_of


@pytest.mark.parametrize(
    ("text", "format", "line"),
    [
        ("**Total**\n\n- Food $660\n- Travel $30", "markdown", "Total Food $660 Travel $30"),
        ("# Menu\n> see [it](https://a.example)\n`ok` 5 - 3", "markdown", "Menu see it ok 5 - 3"),
        ("- 12 adults\n- 5 *big* children", "plain", "- 12 adults - 5 *big* children"),
        ("x" * 1000, "markdown", "x" * PREVIEW),
    ],
    ids=["a list", "other marks", "people's own words", "a long one"],
)
def test_the_line_has_words_and_no_marks(text: str, format: str, line: str) -> None:
    assert preview_of(text, format) == line
