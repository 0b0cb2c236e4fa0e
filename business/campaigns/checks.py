"""What keeps a campaign from being approved, and what to look at before: in words for whoever approves it. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from business.campaigns import seasons
from business.campaigns.rendering import LONG_NAME, Rendered, Wording, first_name, render
from business.profile.schemas import Profile
from kernel.placeholders import UnknownPlaceholder, named

Level = Literal["error", "warning"]
SEGMENTS_AT_MOST = 4
SEGMENTS_WELL = 2
_MONEY = re.compile(r"[$€£]\s?\d|\d\s?(?:dollars?|dólares|USD)\b", re.IGNORECASE)
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?|\{\{\s*percent\s*\}\})\s?(?:%|percent\b|por ?ciento\b)", re.IGNORECASE)
_OFFER = re.compile(r"\b(?:free|gratis|complimentary|discount|descuento|coupon|cupón|half off|bogo|rebate)\b", re.IGNORECASE)
_LINK = re.compile(r"https?://\S+|\bwww\.\S+|\b(?:bit\.ly|tinyurl\.com|goo\.gl|t\.co)/\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Check:
    """`field`: what it is about, like `texts.en`. An error keeps it from being approved."""

    code: str
    level: Level
    message: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What of a campaign is looked at."""

    season: str | None
    variant: str
    texts: Mapping[str, str]
    reminder: Mapping[str, str]
    reminder_after_hours: int | None
    offer_percent: int | None
    send_on: date | None


def check(content: Content, wording: Wording, today: date) -> tuple[Check, ...]:
    """Errors first."""
    found = [*_whole(content, wording.profile, today), *_texts("texts", content.texts, content, wording)]
    found += _texts("reminder", content.reminder, content, wording)
    return tuple(sorted(found, key=lambda one: one.level))


def _whole(content: Content, profile: Profile, today: date) -> Iterator[Check]:
    rules = profile.messages.campaigns
    if content.variant not in rules.variants:
        yield Check("variant", "error", f"There is no variant {content.variant}. Choose one of {', '.join(rules.variants)}.", "variant")
    if content.season is not None and not seasons.known(profile, content.season):
        yield Check("season", "error", "The calendar does not have this season. Choose another, or none.", "season")
    home = profile.business.locale.split("-")[0]
    if not content.texts.get(home, "").strip():
        yield Check("no_text", "error", "The text in the business's own language is missing. Write it.", f"texts.{home}")
    for locale in (one.split("-")[0] for one in profile.business.locales):
        if locale != home and not content.texts.get(locale, "").strip():
            yield Check("one_language", "warning", f"There is no text in '{locale}': its readers get the other one.", f"texts.{locale}")
    yield from _offer(content, rules.win_back_percent)
    yield from _reminder(content)
    yield from _when(content, profile, today)


def _offer(content: Content, most: int) -> Iterator[Check]:
    if content.offer_percent is None:
        return
    if content.variant != "win_back":
        yield Check("offer", "error", "Only a win-back offers something. Take the offer away, or choose it.", "offer_percent")
    elif content.offer_percent > most:
        yield Check("offer", "error", f"The business offers at most {most} % to win somebody back.", "offer_percent")
    else:
        yield Check("coupon", "warning", "The text makes no coupon: a person approves one for each who asks for it.", "offer_percent")


def _reminder(content: Content) -> Iterator[Check]:
    if content.reminder_after_hours is not None and not any(content.reminder.values()):
        yield Check("reminder", "error", "A reminder has its hours and no text. Write it, or take its hours away.", "reminder")
    if content.reminder_after_hours is None and any(content.reminder.values()):
        yield Check("reminder", "error", "The reminder has a text and no hours. Say after how many.", "reminder_after_hours")


def _when(content: Content, profile: Profile, today: date) -> Iterator[Check]:
    if content.send_on is not None and content.send_on < today:
        yield Check("past", "error", "Its day is over. Choose another, or none: then it begins when it is started.", "send_on")
    window = seasons.current(profile, content.season, today) if content.season else None
    if window is not None and not window.holds(content.send_on or today):
        days = f"from {window.opens:%B} {window.opens.day} to {window.closes:%B} {window.closes.day}"
        yield Check("window", "warning", f"It would go out of its season's window, which is {days}.", "send_on")


def _texts(which: str, texts: Mapping[str, str], content: Content, wording: Wording) -> Iterator[Check]:
    for locale, text in sorted(texts.items()):
        if text.strip():
            yield from _text(f"{which}.{locale}", locale, text, content, wording)


def _text(field: str, locale: str, text: str, content: Content, wording: Wording) -> Iterator[Check]:
    profile = wording.profile
    if "-" in locale or locale not in (one.split("-")[0] for one in profile.business.locales):
        yield Check("language", "error", f"The business does not write in '{locale}'.", field)
        return
    try:
        rendered = render(text, wording.values(locale), LONG_NAME)
    except UnknownPlaceholder as error:
        names = ", ".join(f"{{{{{name}}}}}" for name in error.names)
        yield Check("placeholder", "error", f"Nothing fills {names} here. Take it out, or choose a season or an offer that does.", field)
        return
    if "{{" in rendered.text or "}}" in rendered.text:
        yield Check("placeholder", "error", "Something in braces is no name that is filled. Names have small letters, dots and _.", field)
    yield from _names_us(field, rendered, profile)
    yield from _figures(field, text, content)
    yield from _looks(field, text, rendered, wording)


def _names_us(field: str, rendered: Rendered, profile: Profile) -> Iterator[Check]:
    if profile.business.name.casefold() not in rendered.text.casefold():
        yield Check("no_name", "error", f"The text does not say who writes. Name {profile.business.name}.", field)
    words = profile.messages.sms.stop_words
    if not re.search(rf"\b(?:{'|'.join(map(re.escape, words))})\b", rendered.text):
        yield Check("no_way_out", "error", f'The text does not say how to end them. Add "Reply {words[0]} to opt out".', field)


def _figures(field: str, text: str, content: Content) -> Iterator[Check]:
    """Figures come from the profile, by their names, and from the offer."""
    bare = re.sub(r"\{\{\s*profile\.[a-z_.]+\s*\}\}", "", text)
    if _MONEY.search(bare):
        yield Check("figure", "error", "An amount of money is typed. Use its name, like {{profile.prices.adult}}.", field)
    for match in _PERCENT.finditer(bare):
        if content.offer_percent is None or not (match[1].startswith("{{") or match[1] == str(content.offer_percent)):
            yield Check("figure", "error", "A percentage is named that is not the offer's. Take it out, or set the offer.", field)
    if content.offer_percent is None and _OFFER.search(bare):
        yield Check("promise", "warning", "It seems to promise something for less or for nothing, and the campaign offers nothing.", field)


def _looks(field: str, text: str, rendered: Rendered, wording: Wording) -> Iterator[Check]:
    if rendered.segments > SEGMENTS_AT_MOST:
        yield Check("long", "error", f"It takes {rendered.segments} segments, and {SEGMENTS_AT_MOST} are the most. Shorten it.", field)
    elif rendered.segments > SEGMENTS_WELL:
        yield Check("long", "warning", f"It takes {rendered.segments} segments, each of which is paid for.", field)
    if rendered.encoding == "ucs2":
        yield Check("alphabet", "warning", "A character outside the phones' alphabet makes segments of 70 characters.", field)
    if any(not link.startswith(wording.link) for link in _LINK.findall(rendered.text)):
        yield Check("link", "warning", "It leads to another address than ours. Networks drop texts with shortened links.", field)
    emoji = sum(1 for mark in rendered.text if ord(mark) >= 0x1F000 or 0x2600 <= ord(mark) <= 0x27BF)
    most = wording.profile.tone.emoji_at_most
    if emoji > most:
        yield Check("emoji", "warning", f"It has {emoji} emoji; the business uses at most {most}.", field)


def sample(text: str, locale: str, wording: Wording, name: str | None) -> Rendered:
    """As a sample recipient would get it; what nothing fills stands there as it was written."""
    values = wording.values(locale)
    shown = {one: f"{{{{{one}}}}}" for one in named(text) if one not in values and one != "first_name"}
    return render(text, {**values, **shown}, name if first_name(name) else None)
