"""Whether a text may be a draft: what it takes, and what it states that neither the profile nor the offer says."""

from dataclasses import dataclass

from agents.campaigns.wish import CampaignWish
from agents.guard.figures import Figure, date_figures
from agents.guard.guard import FigureGuard
from agents.guard.licence import Licence
from agents.manner.hearing import written_in
from business.campaigns import checks
from business.campaigns.rendering import LONG_NAME, Rendered, Wording, render
from business.profile.schemas import Profile
from kernel.placeholders import UnknownPlaceholder

SEGMENTS_AT_MOST = 2
# Of what a person may overlook, a draft has nothing.
_NOT_IN_A_DRAFT = frozenset({"promise", "link", "emoji"})


@dataclass(frozen=True, slots=True)
class Judge:
    """By one wish, for one language."""

    profile: Profile
    wish: CampaignWish
    wording: Wording
    language: str
    licence: Licence

    @classmethod
    def of(cls, profile: Profile, wish: CampaignWish, wording: Wording, licence: Licence) -> "Judge":
        """What may be stated: the profile's figures, of which `licence` is, the season's day, the offer, the link."""
        known = {Figure("link", wording.link)}
        if wish.offer_percent is not None:
            known.add(Figure("percent", str(wish.offer_percent)))
        if wording.window is not None and wording.window.day is not None:
            known |= date_figures(wording.window.day)
        return cls(profile, wish, wording, licence.language, licence.plus(known))

    def fault(self, text: str) -> str | None:
        """Why it may not be a draft, in a word; None where it may."""
        try:
            rendered = measured(text, self.wording, self.language)
        except UnknownPlaceholder:
            return "placeholder"
        if rendered.segments > SEGMENTS_AT_MOST:
            return "length"
        if written_in(rendered.text) not in (None, self.language):
            return "language"
        return self._checked(text) or self._guarded(rendered.text)

    def _checked(self, text: str) -> str | None:
        """By what a person is shown before they approve."""
        wish = self.wish
        content = checks.Content(wish.season, wish.variant, {self.language: text}, {}, None, wish.offer_percent, None)
        for found in checks.check(content, self.wording, wish.today(self.profile)):
            of_text = found.field == f"texts.{self.language}"
            if of_text and (found.level == "error" or found.code in _NOT_IN_A_DRAFT):
                return found.code
        return None

    def _guarded(self, said: str) -> str | None:
        guard = FigureGuard(self.licence, self.language)
        guard.feed(said)
        guard.end()
        return guard.refused.kind if guard.refused is not None else None


def measured(text: str, wording: Wording, language: str) -> Rendered:
    """As somebody with a long name gets it. Raises UnknownPlaceholder."""
    return render(text, wording.values(language), LONG_NAME)
