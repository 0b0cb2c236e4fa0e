"""The generator: a colleague's wish in, drafts out, in every language of the business.

The house's texts are made first, from words/. Where a model is configured it words them otherwise, once for each language; a text of its
that states what is not so, offers what is not offered, is too long or in another language is left for the house's.
"""

import asyncio
import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing

import structlog

from agents.campaigns import house
from agents.campaigns.judging import SEGMENTS_AT_MOST, Judge, measured
from agents.campaigns.languages import languages
from agents.campaigns.wish import CampaignWish, Draft, DraftText, cost
from agents.ensemble.chunks import Finish, Restart, Text
from agents.ensemble.model import Model, ModelMessage, ModelRequest
from agents.guard.licence import Licence
from agents.manner.manner import NAMES
from agents.prompts import USUAL, render_prompt
from business.campaigns.rendering import Wording
from business.channels.segments import most, plain
from business.profile.schemas import Profile
from kernel.errors import GatewayError
from kernel.ids import ConversationId, SiteId, TurnId, new_id

log = structlog.get_logger(__name__)

AGENT = PURPOSE = "campaigns"
WITHIN = 40.0
"""Seconds for a model's texts of one language, then the house's stand."""
MOST_TOKENS = 900
LONGEST = most(SEGMENTS_AT_MOST) - 60
"""Characters that a model is told: names, link and the way out may be longer than their placeholders."""
_LINE = re.compile(r"^[\W_]{0,4}(TEXT|REMINDER)[*_\s]*:[*_\s]*(.+)$")


class CampaignGenerator:
    """Drafts by one profile. Holds nothing of any wish."""

    def __init__(self, profile: Profile, ensemble: Model, prompts: Mapping[str, str], *, models: bool) -> None:
        """`prompts`: which version of whose instructions holds; `models`: whether the ensemble has any but the house."""
        self._profile = profile
        self._ensemble = ensemble
        self._models = models
        self._licences: dict[str, Licence] = {}
        self._prompt = render_prompt(AGENT, profile, prompts.get(AGENT, USUAL))

    async def draft(self, wish: CampaignWish) -> list[Draft]:
        """As many as were asked for; the first one is the house's own where no model words it. Raises BadRequest."""
        wish.check(self._profile)
        wording = wish.wording(self._profile)
        spoken = languages(self._profile)
        made = dict(zip(spoken, await asyncio.gather(*(self._language(wish, wording, one) for one in spoken)), strict=True))
        return [self._draft(wish, {language: made[language][place] for language in spoken}) for place in range(wish.drafts)]

    def _draft(self, wish: CampaignWish, made: Mapping[str, tuple[DraftText, DraftText]]) -> Draft:
        texts = {language: pair[0] for language, pair in made.items()}
        reminder = {language: pair[1] for language, pair in made.items()}
        return Draft(texts, reminder, cost(texts, wish, self._profile), cost(reminder, wish, self._profile))

    async def _language(self, wish: CampaignWish, wording: Wording, language: str) -> list[tuple[DraftText, DraftText]]:
        """(text, reminder) of each draft."""
        own = [(house.text(wish, wording, language, place), house.reminder(wording, language, place)) for place in range(wish.drafts)]
        found: dict[str, list[str]] = {}
        model = "house"
        if self._models:
            said, model = await self._said(wish, wording, language)
            found = self._true(Judge.of(self._profile, wish, wording, self._licence(language)), said, model)
        return [
            (
                _drafted(found.get("TEXT", ()), place, text, wording, language, model),
                _drafted(found.get("REMINDER", ()), place, again, wording, language, model),
            )
            for place, (text, again) in enumerate(own)
        ]

    def _licence(self, language: str) -> Licence:
        """The profile's, made at first need."""
        if language not in self._licences:
            self._licences[language] = Licence.of_profile(self._profile, language)
        return self._licences[language]

    def _true(self, judge: Judge, said: str, model: str) -> dict[str, list[str]]:
        """Its texts that may be drafts, each once."""
        found: dict[str, list[str]] = {}
        for kind, text in map(_mended_by(judge), _read(said)):
            if fault := judge.fault(text):
                log.warning("campaigns.refused", kind=fault, language=judge.language, model=model)
            elif text not in found.setdefault(kind, []):
                found[kind].append(text)
        return found

    async def _said(self, wish: CampaignWish, wording: Wording, language: str) -> tuple[str, str]:
        """(what a model wrote, which); nothing of the house where no model answers in time."""
        said: list[str] = []
        try:
            async with asyncio.timeout(WITHIN), aclosing(self._ensemble.stream(self._request(wish, wording, language))) as chunks:
                async for chunk in chunks:
                    match chunk:
                        case Text(text):
                            said.append(text)
                        case Restart():
                            said.clear()
                        case Finish():
                            return "".join(said), chunk.model
                        case _:
                            continue
        except (TimeoutError, GatewayError) as error:
            log.warning("campaigns.model_failed", cause=type(error).__name__, language=language)
        return "", "house"

    def _request(self, wish: CampaignWish, wording: Wording, language: str) -> ModelRequest:
        return ModelRequest(
            conversation=ConversationId(new_id()),
            turn=TurnId(new_id()),
            site=SiteId(new_id()),
            channel="sms",
            locale=language,
            now=wish.now,
            messages=(ModelMessage("system", self._prompt), ModelMessage("user", _asked(wish, wording, language))),
            max_tokens=MOST_TOKENS,
            paced=False,
            purpose=PURPOSE,
            agent=AGENT,
        )


def _asked(wish: CampaignWish, wording: Wording, language: str) -> str:
    """What is wanted, as JSON, so that a colleague's words stay words."""
    names = {"first_name": "the recipient's", "business": "who writes", "link": "where one books", "stop": "the word that ends texts"}
    filled = wording.values(language)
    names |= {name: filled[name] for name in ("season", "day", "percent") if name in filled}
    wanted = {
        "write": f"{wish.drafts} lines of TEXT and {wish.drafts} of REMINDER, for those who did not answer, in {NAMES[language]}",
        "season": filled.get("season") or wish.season or "none",
        "variant": wish.variant,
        "goes_to": wish.audience,
        "offer": "{{percent}}% off the next party for those who ask for it: write it so" if wish.offer_percent is not None else "nothing",
        "placeholders": {f"{{{{{name}}}}}": meaning for name, meaning in names.items()},
        "longest": f"{LONGEST} characters",
        "end_of_each": house.lines(language)["way_out"],
    }
    return json.dumps(wanted, ensure_ascii=False)


def _read(said: str) -> list[tuple[str, str]]:
    """(kind, text) of each line that is one."""
    return [(found[1], found[2].strip().strip('"“”').strip()) for line in said.splitlines() if (found := _LINE.match(line.strip()))]


def _mended_by(judge: Judge) -> Callable[[tuple[str, str]], tuple[str, str]]:
    """What can be mended is: who writes, and the way out."""

    def mended(one: tuple[str, str]) -> tuple[str, str]:
        kind, text = one[0], plain(one[1])
        if "{{business}}" not in text and judge.profile.business.name.casefold() not in text.casefold():
            text = f"{{{{business}}}}: {text}"
        words = (*judge.profile.messages.sms.stop_words, "{{stop}}")
        return kind, text if any(word in text for word in words) else house.with_way_out(text, judge.language)

    return mended


def _drafted(found: Sequence[str], place: int, own: str, wording: Wording, language: str, model: str) -> DraftText:
    """The model's text at that place, else the house's."""
    text, by = (found[place], model) if place < len(found) else (own, "house")
    shown = measured(text, wording, language)
    return DraftText(text, shown.encoding, shown.segments, by)
