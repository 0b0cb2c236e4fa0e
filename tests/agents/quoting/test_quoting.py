"""When the house answers from a document, and with which of its sentences: measured on the shipped documents, in both languages."""

import tomllib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest

from agents.evaluation.corpus import stocked
from agents.guard.licence import Licence
from agents.guard.of_corpus import sayable, sentences
from agents.passages import Piece, Pieces
from agents.quoting import quoted, rank
from business.profile.figures import figures
from business.profile.loader import SHIPPED, load_profile
from kernel.database import Database
from kernel.placeholders import fill, named
from kernel.settings import load_settings
from knowledge.corpus.marks import why_held_back
from knowledge.embedding.encoder import Encoder
from tests.conftest import made_database
from tests.figures import told
from tests.rig.postgres import PostgresServer

pytestmark = pytest.mark.timeout(400)
HERE = Path(__file__).parent
RETRIEVAL = HERE.parents[1] / "evals" / "retrieval"
PROFILE = load_profile()
LICENCE = cache(lambda language: Licence.of_profile(PROFILE, language))
# All of them take a minute where little else runs: every so many of those written for the search.
SOME = 4
# Shares that the house must reach. Right ones of all that it answers; of what nothing answers, what it answers all the same. Two
# pieces that are found alike stand in either order, so that one question more or less is quoted from time to time.
PRECISION, GUESSES = 0.88, 0.08


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the headings that answer it, and the heading that the house would quote from."""

    text: str
    wanted: tuple[str, ...]
    quoted: str | None


def questions(language: str) -> list[tuple[str, tuple[str, ...]]]:
    """(question, headings that answer it) of everything written down here and for the search."""
    own = tomllib.loads((HERE / "answerable.toml").read_text(encoding="utf-8"))[language]
    found = [(text, tuple(headings)) for text, headings in own]
    found += [(text, ()) for text in tomllib.loads((HERE / "unanswerable.toml").read_text(encoding="utf-8"))[language]]
    for name in (language, f"nothing-{language}"):
        for one in tomllib.loads((RETRIEVAL / f"{name}.toml").read_text(encoding="utf-8"))["questions"][::SOME]:
            found.append((one["ask"], tuple(piece.partition(": ")[2] for piece in one["pieces"])))
    return found


@pytest.fixture(scope="module")
def shelf_url(postgres: PostgresServer, template: str) -> Iterator[str]:
    yield from made_database(postgres, template)


@pytest.fixture(scope="module")
async def answered(shelf_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, list[Asked]]]:
    database = Database(shelf_url, application="test", pool_size=2)
    settings = load_settings({"HIBACHI_DATA": str(tmp_path_factory.mktemp("quoting"))})
    corpus, _ = await stocked(database, PROFILE, settings, Encoder())
    pieces = Pieces(PROFILE, LICENCE, lambda text: why_held_back(text) is not None)
    found: dict[str, list[Asked]] = {}
    for language in ("en", "es"):
        for text, wanted in questions(language):
            passages = (await corpus.search(text, language=language)).passages
            near = rank(text, [one for one in map(pieces.of, passages) if one is not None and one.language == language])
            quote = near[0].piece.heading if near and near[0].enough else None
            found.setdefault(language, []).append(Asked(text, wanted, quote))
    yield found
    await database.close()


class TestTheHouse:
    @pytest.mark.parametrize("language", ["en", "es"])
    def test_answers_only_where_it_is_near_enough(self, answered: dict[str, list[Asked]], language: str) -> None:
        asked = answered[language]
        known, unknown = [one for one in asked if one.wanted], [one for one in asked if not one.wanted]
        quotes = [one for one in asked if one.quoted]
        right = [one for one in quotes if one.quoted in one.wanted]
        guesses = [one for one in unknown if one.quoted]
        precision, recall = len(right) / len(quotes), len(right) / len(known)
        told(f"quoting, {language}: precision {precision:.2f}, recall {recall:.2f}, {len(guesses)} guesses at {len(unknown)} unanswerable")
        assert len(unknown) >= 25 and precision >= PRECISION and len(guesses) <= GUESSES * len(unknown)
        assert recall >= 0.30

    @pytest.mark.parametrize("path", sorted(SHIPPED.with_suffix("").glob("*/*.md")), ids=lambda path: f"{path.parent.name}-{path.stem}")
    def test_may_say_every_sentence_that_is_shipped(self, path: Path) -> None:
        language = path.parent.name
        written, values = path.read_text(encoding="utf-8").rpartition("---\n")[2], figures(PROFILE, language)
        text, given = fill(written, values), [values[name] for name in named(written)]
        said = sayable(text, LICENCE(language), lambda one: why_held_back(one) is not None, given)
        refused = {one.text for one in sentences(text)} - {one.text for one in said}
        assert refused == set()


def piece(text: str, heading: str = "What of it?") -> Piece:
    return Piece(uuid4(), "Notes", (heading,), "en", sayable(text, LICENCE("en"), lambda _: False), None)


class TestAQuote:
    def test_of_a_short_piece_is_all_of_it(self) -> None:
        assert quoted("clean", piece("The chef cleans up. Your tables stay with you.")) == "The chef cleans up. Your tables stay with you."

    def test_of_a_long_piece_is_its_best_whole_sentences(self) -> None:
        things = "chairs tables lamps plates knives roses songs books birds clouds stones boats".split()
        text = " ".join(f"Here is a sentence about {thing} that goes on until it is over." for thing in things)
        said = quoted("what about songs?", piece(text))
        assert "songs" in said and said.count(".") <= 3 and said.endswith("over.")

    def test_keeps_a_list_under_what_opens_it(self) -> None:
        assert quoted("tables", piece("You bring:\n\n- tables\n- chairs")) == "You bring:\n\n- tables\n- chairs"

    def test_leaves_out_what_was_said_already(self) -> None:
        said = ["You collect points with us, for every booking some."]
        assert quoted("points", piece("You collect points with us for every booking. They never expire at all."), said) == (
            "They never expire at all."
        )

    @pytest.mark.parametrize(
        "lie", ["It is $39 each.", "It is $55 for a roof.", "Call 555-0199.", "See https://evil.example.", "Nut-free, we guarantee it."]
    )
    def test_leaves_out_what_nobody_vouches_for(self, lie: str) -> None:
        assert quoted("tables", piece(f"Tables are yours to bring. {lie} So are chairs.")) == "Tables are yours to bring. So are chairs."

    def test_says_a_true_figure_of_its_own_thing_alone(self) -> None:
        true, false = "An adult pays {{profile.prices.adult}}.", "A child pays {{profile.prices.adult}}."
        filled = fill(f"{true} {false}", figures(PROFILE, "en"))
        assert quoted("price", piece(filled)) == fill(true, figures(PROFILE, "en"))
