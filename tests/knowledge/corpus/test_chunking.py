"""Pieces of documents: all of the text, in its order, each within the limit and under its headings, the same every time."""

import re
from collections import Counter
from uuid import uuid4

from hypothesis import example, given, settings
from hypothesis import strategies as st

from knowledge.corpus.chunking import TOKENS_AT_MOST, split
from knowledge.corpus.formats.markdown import read
from tests.knowledge.corpus.reading import FILL, RULER

NAMES = ["{{profile.prices.adult}}", "{{profile.menu.proteins}}", "{{profile.business.name}}"]
WORDS = st.sampled_from(
    ["chicken", "steak", "fried rice", "¿Cuánto", "señora", "Hello.", "Yes!", "a", "of", "1.", "—", "寿司", "😀", *NAMES]
)
LINE = st.lists(WORDS, min_size=1, max_size=40).map(" ".join)
BLOCK = st.one_of(
    LINE,
    st.builds(lambda level, text: f"{'#' * level} {text[:60].split('{')[0] or 'x'}", st.integers(1, 4), LINE),
    st.lists(LINE, min_size=1, max_size=6).map(lambda lines: "\n".join(f"- {line}" for line in lines)),
    st.lists(LINE, min_size=1, max_size=6).map(lambda rows: "| a | b |\n|---|---|\n" + "\n".join(f"| {row} | x |" for row in rows)),
    st.lists(LINE, min_size=1, max_size=4).map(lambda lines: "> " + "\n> ".join(lines)),
    st.just("```\n# no heading\n```"),
    st.text(alphabet="ab #*|->`\n{}.!\u00e9", max_size=80),
)
TEXTS = st.lists(BLOCK, max_size=14).map("\n\n".join)
# What Markdown marks with, and what stands between words: it may go where a text is cut.
_SIGNS = re.compile(r"[\s#>*|`=\-\\]+")


def tokens(text: str) -> int:
    return RULER.tokens(FILL(text, "en"))


def bare(text: str) -> str:
    return _SIGNS.sub("", text)


class TestAnyText:
    @given(text=TEXTS)
    @example(text="# A\n\n## B\n\n### C")
    @example(text="word " * 2_000)
    @example(text="x" * 3_000)
    @example(text="{{profile.menu.proteins}} " * 40)
    @settings(max_examples=40, deadline=None)
    def test_is_whole_in_its_pieces(self, text: str) -> None:
        source = read(text.encode()).text
        parts = split(source, "A title", tokens)
        # Headings stand once in the text and above all of their pieces.
        joined = [bare("".join(part.text for part in parts)), bare("".join(part.heading for part in parts))]
        for word, times in Counter(bare(word) for word in source.split()).items():
            assert word == "" or sum(text.count(word) for text in joined) >= times, word

    @given(text=TEXTS)
    @example(text="x" * 3_000)
    @example(text="{{profile.menu.proteins}} " * 40)
    @settings(max_examples=40, deadline=None)
    def test_fits_and_is_cut_in_no_placeholder(self, text: str) -> None:
        source = read(text.encode()).text
        parts = split(source, "A title", tokens)
        for part in parts:
            assert part.text.strip() and tokens(part.text) <= TOKENS_AT_MOST
            assert "{{" not in re.sub("|".join(map(re.escape, NAMES)), "", part.text) or "{{" in re.sub(
                r"\{\{profile[a-z_.]+\}\}", "", source
            )
        for name in NAMES:
            assert sum(part.text.count(name) + part.heading.count(name) for part in parts) >= source.count(name)

    @given(text=TEXTS)
    @settings(max_examples=20, deadline=None)
    def test_gives_the_same_pieces_again(self, text: str) -> None:
        document = uuid4()
        parts = split(text, "A title", tokens)
        assert parts == split(text, "A title", tokens)
        ids = [part.id(document) for part in parts]
        assert len(set(ids)) == len(ids)


class TestStructure:
    def test_headings_are_the_path(self) -> None:
        text = "# Menu\n\nIntro.\n\n## Meat\n\n### *Beef* `x`\n\nSteak.\n\n## Fish\n\nSalmon."
        found = [(part.heading, part.text) for part in split(text, "Menu", tokens)]
        assert found == [("", "Intro."), ("Meat › Beef x", "Steak."), ("Fish", "Salmon.")]

    def test_a_heading_with_nothing_under_it_is_kept(self) -> None:
        text = "# Menu\n\n## Closed on Mondays\n\n## Open else\n\nCome in.\n\n## No smoking"
        found = [(part.heading, part.text) for part in split(text, "Menu", tokens)]
        assert found == [("", "Closed on Mondays"), ("Open else", "Come in."), ("", "No smoking")]

    def test_a_question_stays_with_its_answer(self) -> None:
        text = "\n\n".join(f"## Question {n}?\n\n" + "Answer and more. " * 10 for n in range(8))
        parts = split(text, "FAQ", tokens)
        assert [part.heading for part in parts] == [f"Question {n}?" for n in range(8)]

    def test_the_parts_of_a_long_answer_all_bear_its_question(self) -> None:
        parts = split("## Question?\n\n" + "This is one sentence of many. " * 120, "FAQ", tokens)
        assert {part.heading for part in parts} == {"Question?"} and [part.number for part in parts] == list(range(1, len(parts) + 1))
        assert all(part.text.endswith(".") for part in parts)

    def test_tables_and_lists_that_fit_are_whole(self) -> None:
        table = "| Dish | Size |\n|---|---|\n" + "\n".join(f"| Dish {n} | large |" for n in range(12))
        bullets = "\n".join(f"- item {n} of the list" for n in range(14))
        filler = "Some sentence before it. " * 20
        parts = split(f"## A\n\n{filler}\n\n{table}\n\n{filler}\n\n{bullets}", "T", tokens)
        assert any(table in part.text for part in parts) and any(bullets in part.text for part in parts)

    def test_what_has_no_end_of_a_word_is_cut_all_the_same(self) -> None:
        parts = split("x" * 30_000, "T", tokens)
        assert "".join(part.text for part in parts) == "x" * 30_000 and max(len(part.text) for part in parts) < 2_500

    def test_headings_in_code_quotations_and_lists_are_none(self) -> None:
        text = "## A\n\n```\n# code\n```\n\n> # said\n\n- # item"
        (part,) = split(text, "T", tokens)
        assert part.heading == "A"

    def test_ids_stay_where_other_sections_change(self) -> None:
        document = uuid4()
        before = {part.id(document): part.text for part in split("## A\n\nOne.\n\n## B\n\nTwo.", "T", tokens)}
        after = {part.id(document): part.text for part in split("## B\n\nTwo.\n\n## C\n\nThree.\n\n## A\n\nOne.", "T", tokens)}
        assert before.items() <= after.items()
