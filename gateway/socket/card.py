"""What a customer's client is told of the business when it connects."""

from datetime import datetime
from typing import Any

from business.customers import consent
from business.handoffs.lines import language
from business.profile.fields import LocalText
from business.profile.hours import expected_minutes, is_open
from business.profile.schemas import Profile
from business.sites.queries import Site

ASSISTANT = "Assistant"


def business_card(profile: Profile, site: Site, now: datetime, locale: str) -> dict[str, Any]:
    """`ready.business`, in the language of the locale; the site's theme over the profile's."""
    own = {f"--{name}": value for name, value in profile.widget.theme.items()}
    return {
        "name": profile.business.name,
        "avatar": profile.business.avatar,
        "hours": hours_line(profile),
        "open": is_open(profile, now),
        "reply_minutes": expected_minutes(profile, now),
        "disclosure": text_in(profile.widget.disclosure, locale),
        "locale": language(locale),
        "theme": {**own, **site.theme},
        "greeting": text_in(profile.widget.greeting, locale),
        "quick_replies": [text_in(reply.label, locale) for reply in profile.widget.quick_replies],
        "sms_consent": consent.words(profile.business.name, locale),
        "ask": list(site.ask),
    }


def hours_line(profile: Profile) -> str:
    """`12:00-21:00` for a business that keeps the same hours every day, else a line for each."""
    lines = []
    for hours in profile.people.hours:
        span = f"{hours.from_time:%H:%M}-{hours.to_time:%H:%M}"
        days = "" if len(set(hours.days)) == 7 else ", ".join(hours.days) + " "
        lines.append(days + span)
    return "; ".join(lines)


def text_in(text: LocalText, locale: str) -> str:
    """A text of the profile in the language of the locale."""
    return text.in_locale(locale)


def preferred_locale(page: str | None, accept_language: str, profile: Profile) -> str:
    """The page's language if the business speaks it, else the first of the browser that it does, else the business's own."""
    for part in [page or "", *accept_language.split(",")]:
        wanted = part.split(";")[0].strip().split("-")[0].lower()
        if wanted in profile.business.locales:
            return wanted
    return profile.business.locale
