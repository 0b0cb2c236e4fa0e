"""What a campaign's text is wanted for, and the drafts that come of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from agents.campaigns.languages import languages
from business.campaigns import seasons
from business.campaigns.rendering import Wording
from business.channels.segments import Encoding
from business.profile.schemas import Profile
from kernel.errors import BadRequest

DRAFTS_AT_MOST = 5
AUDIENCE_AT_MOST = 400


@dataclass(frozen=True, slots=True)
class CampaignWish:
    """`season`: a key of the profile's calendar, `birthday` or `win_back`, None for none. `audience`: whom it goes to, in a colleague's
    words. `offer_percent`: what a win-back offers. `recipients`: how many, by language. `link`: where the chat is.
    `microdollars_per_segment`: what one costs."""

    season: str | None
    variant: str
    link: str
    now: datetime
    audience: str = ""
    offer_percent: int | None = None
    recipients: Mapping[str, int] = field(default_factory=dict)
    microdollars_per_segment: int = 0
    drafts: int = 3

    def check(self, profile: Profile) -> None:
        """Raises BadRequest with what cannot be drafted, and what to do."""
        rules = profile.messages.campaigns
        if self.variant not in rules.variants:
            raise BadRequest(f"There is no variant {self.variant}. Choose one of {', '.join(rules.variants)}.")
        if self.season is not None and not seasons.known(profile, self.season):
            raise BadRequest("The calendar does not have this season. Choose another, or none.")
        if self.offer_percent is not None and self.variant != "win_back":
            raise BadRequest("Only a win-back offers something. Take the offer away, or choose that variant.")
        if self.offer_percent is not None and not 0 < self.offer_percent <= rules.win_back_percent:
            raise BadRequest(f"The business offers at most {rules.win_back_percent} % to win somebody back.")
        if not 0 < self.drafts <= DRAFTS_AT_MOST:
            raise BadRequest(f"Ask for 1 to {DRAFTS_AT_MOST} drafts.")
        if len(self.audience) > AUDIENCE_AT_MOST:
            raise BadRequest(f"Say in at most {AUDIENCE_AT_MOST} characters whom it goes to.")

    def today(self, profile: Profile) -> date:
        return self.now.astimezone(profile.business.zone).date()

    def wording(self, profile: Profile) -> Wording:
        """What fills its texts."""
        return Wording.of(profile, self.link, self.season, self.offer_percent, self.today(profile))


@dataclass(frozen=True, slots=True)
class DraftText:
    """One text, with its placeholders, and what it takes for a recipient with a long name. `model`: who worded it."""

    text: str
    encoding: Encoding
    segments: int
    model: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A campaign's texts and its reminder, by language. Costs are of all recipients, in microdollars."""

    texts: Mapping[str, DraftText]
    reminder: Mapping[str, DraftText]
    cost_microdollars: int
    reminder_cost_microdollars: int


def cost(texts: Mapping[str, DraftText], wish: CampaignWish, profile: Profile) -> int:
    """Of one text to everybody. A language that has no text of its own gets the business's."""
    home, known = languages(profile)[0], set(texts)
    return sum(count * texts[locale if locale in known else home].segments for locale, count in wish.recipients.items()) * (
        wish.microdollars_per_segment
    )
