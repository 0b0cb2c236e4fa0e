"""What a customer's client is told of the business when it connects."""

from datetime import datetime
from typing import Any

from business.channels import consent
from business.handoffs.lines import language
from business.profile.fields import LocalText
from business.profile.hours import expected_minutes, is_open
from business.profile.schemas import Profile
from business.profile.spoken import back_line, hours_line
from business.sites.queries import Site

ASSISTANT = "Assistant"


def business_card(profile: Profile, site: Site, now: datetime, locale: str, *, texting: bool = False) -> dict[str, Any]:
    """`ready.business`, in the language of the locale; the site's theme and first words over the profile's. `texting`: the conversation can
    go on by text."""
    return {
        **business_now(profile, now, locale),
        "avatar": profile.business.avatar,
        "locale": language(locale),
        "theme": {**own_theme(profile), **site.theme},
        "greeting": site.greeting.get(language(locale)) or text_in(profile.widget.greeting, locale),
        "quick_replies": [text_in(reply.label, locale) for reply in profile.widget.quick_replies],
        "sms_consent": consent.words(profile, locale),
        "sms_marketing": consent.words(profile, locale, "marketing"),
        "ask": list(site.ask),
        **({"texting": True} if texting else {}),
    }


def business_now(profile: Profile, now: datetime, locale: str) -> dict[str, Any]:
    """What of the card may change while a page is open, in the language of the locale."""
    return {
        "name": profile.business.name,
        "hours": hours_line(profile, locale),
        "open": is_open(profile, now),
        "back": back_line(profile, now, locale),
        "reply_minutes": expected_minutes(profile, now),
        "disclosure": profile.widget.disclosure.in_locale(locale),
    }


def own_theme(profile: Profile) -> dict[str, str]:
    """The colours of the business, as CSS properties; a site's stand over them."""
    return {f"--{name}": value for name, value in profile.widget.theme.items()}


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
