"""The house's own texts, from the lines of words/: a season's, a variant's, a next step, the way out. Deterministic."""

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from agents.campaigns.judging import SEGMENTS_AT_MOST, measured
from agents.campaigns.wish import CampaignWish
from business.campaigns.rendering import Wording
from kernel.placeholders import named

FOLDER = Path(__file__).with_name("words")


@lru_cache
def lines(language: str) -> Mapping[str, Any]:
    """Of one language, as its file has them."""
    return tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


def text(wish: CampaignWish, wording: Wording, language: str, place: int) -> str:
    """The draft at that place: as much of it as two segments hold."""
    known = lines(language)
    filled = wording.values(language).keys()
    season = _at(_fillable(_of_season(known, wish.season), filled), place)
    variant = _at(_fillable(_of_variant(known, wish), filled), place)
    step = _at(known["steps"], place)
    tries = [
        (season, variant, step),
        (season, variant, known["short_step"]),
        (variant, known["short_step"]),
    ]
    return next(_fitting(known, tries, wording, language))


def reminder(wording: Wording, language: str, place: int) -> str:
    """To those who did not answer."""
    known = lines(language)
    asked = _fillable(known["reminders"], wording.values(language).keys())[0]
    return next(_fitting(known, [(_at(known["steps"], place),), (known["short_step"],)], wording, language, before=asked))


def with_way_out(text: str, language: str) -> str:
    """The text and how to end such texts, which it lacked."""
    return f"{text.rstrip()} {lines(language)['way_out']}"


def _fitting(
    known: Mapping[str, Any], tries: Sequence[tuple[str, ...]], wording: Wording, language: str, before: str | None = None
) -> Iterator[str]:
    """The tries that fit, then the last one: the shortest there is."""
    made = [" ".join((before or known["greeting"], *one)) + f"\n{known['way_out']}" for one in tries]
    yield from (one for one in made if measured(one, wording, language).segments <= SEGMENTS_AT_MOST)
    yield made[-1]


def _of_season(known: Mapping[str, Any], season: str | None) -> Sequence[str]:
    """A season that the words do not know is named by the profile's name for it."""
    own: Sequence[str] = known["season"].get(season or "none", known["season"]["any"])
    return own


def _of_variant(known: Mapping[str, Any], wish: CampaignWish) -> Sequence[str]:
    offers = known["offer"] if wish.offer_percent is not None else {}
    own: Sequence[str] = offers.get(wish.variant) or known["variant"].get(wish.variant) or known["variant"]["general"]
    return own


def _fillable(wanted: Sequence[str], filled: Collection[str]) -> Sequence[str]:
    """Those that the season has a day, a name for."""
    return [one for one in wanted if set(named(one)) <= {*filled, "first_name"}]


def _at(wanted: Sequence[str], place: int) -> str:
    return wanted[place % len(wanted)]
