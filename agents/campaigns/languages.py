"""The languages that campaigns are drafted in."""

from agents.house.wording import LANGUAGES
from business.profile.figures import language_of_locale
from business.profile.schemas import Profile


def languages(profile: Profile) -> tuple[str, ...]:
    """Of the business, its own first."""
    wanted = [language_of_locale(locale) for locale in (profile.business.locale, *profile.business.locales)]
    return tuple(dict.fromkeys(one for one in wanted if one in LANGUAGES))
