"""What the business ships as documents: true of the profile because no figure stands in it, the same in both languages, fit to be said."""

import re
from functools import cache

import pytest

from agents.guard.guard import FigureGuard
from agents.guard.licence import Licence
from agents.guard.words import DOZENS, NUMBERS
from business.profile.figures import figures
from business.profile.loader import SHIPPED, load_profile
from kernel.placeholders import PLACEHOLDER, fill

FOLDER = SHIPPED.with_suffix("")
LANGUAGES = ("en", "es")
# Articles, words that are something else more often, and "por ciento".
_ONE = {"one", "un", "una", "uno", "a", "an", "once", "second", "segundo", "ciento"}
NUMBER_WORDS = {*NUMBERS, *DOZENS} - _ONE
LONGEST = 850  # characters of a section, filled: about what a sentence encoder reads


@cache
def sections(language: str, key: str) -> tuple[tuple[str, str], ...]:
    """(heading, text) of a document, placeholders as they are."""
    _, _, body = (FOLDER / language / f"{key}.md").read_text("utf-8").split("---\n", 2)
    parts = re.split(r"^## (.+)\n", body, flags=re.MULTILINE)
    assert not parts[0].strip(), "every word stands under a question"
    return tuple((heading.strip(), text.strip()) for heading, text in zip(parts[1::2], parts[2::2], strict=True))


def keys(language: str) -> list[str]:
    return sorted(path.stem for path in (FOLDER / language).glob("*.md"))


def each() -> list[tuple[str, str]]:
    return [(language, key) for language in LANGUAGES for key in keys(language)]


class TestSeedDocuments:
    @pytest.mark.parametrize(("language", "key"), each())
    def test_holds_no_figure_but_the_profiles(self, language: str, key: str) -> None:
        for heading, text in sections(language, key):
            bare = PLACEHOLDER.sub("", f"{heading}\n{text}")
            assert not re.search(r"[\d$€£%@]|https?:|www\.", bare), bare
            assert not NUMBER_WORDS & set(re.findall(r"\w+", bare.lower())), bare
            assert "{" not in bare

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_names_only_what_the_profile_gives(self, language: str) -> None:
        values = figures(load_profile(), language)
        for key in keys(language):
            for _, text in sections(language, key):
                assert 20 < len(fill(text, values)) <= LONGEST, text

    def test_says_the_same_in_both_languages(self) -> None:
        assert keys("en") == keys("es")
        assert len(keys("en")) >= 12
        for key in keys("en"):
            english, spanish = sections("en", key), sections("es", key)
            assert len(english) == len(spanish), key
            for (heading, text), (_, texto) in zip(english, spanish, strict=True):
                assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(texto)), f"{key}: {heading}"

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_asks_every_question_once(self, language: str) -> None:
        asked = [heading for key in keys(language) for heading, _ in sections(language, key)]
        assert len(asked) == len(set(asked))

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_may_be_said_to_customers(self, language: str) -> None:
        profile = load_profile()
        values, licence = figures(profile, language), Licence.of_profile(profile, language)
        for key in keys(language):
            for heading, text in sections(language, key):
                guard = FigureGuard(licence)
                guard.feed(fill(text, values))
                guard.end()
                assert guard.refused is None, f"{key}: {heading}"
