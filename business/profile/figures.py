"""Every figure of the profile as text, by name: what `{{profile.prices.adult}}` in a template, a prompt or a document becomes."""

from collections.abc import Iterable

from business.profile.offer import AddOn, Upgrade
from business.profile.schemas import Profile
from business.profile.spoken import exact, hours_line, same_every_day

_AND = {"en": "and", "es": "y"}
_DAILY = {"en": "daily", "es": "todos los días"}


def money(cents: int) -> str:
    """`$1,100` for whole dollars, `$0.20` else."""
    dollars, rest = divmod(cents, 100)
    return f"${dollars:,}.{rest:02d}" if rest else f"${dollars:,}"


def listed(items: Iterable[str], language: str) -> str:
    """`a, b and c`."""
    *head, last = list(items) or [""]
    return f"{', '.join(head)} {_AND[language]} {last}" if head else last


def language_of_locale(locale: str) -> str:
    """`en` or `es`: what texts are written in."""
    return "es" if locale.split("-")[0].lower() == "es" else "en"


def figures(profile: Profile, locale: str) -> dict[str, str]:
    """Name to text, in the locale's language; names are stable, documents rely on them."""
    language = language_of_locale(locale)
    parts = (_business, _prices, _menu, _travel, _slots, _booking)
    found: dict[str, str] = {}
    for part in parts:
        found |= part(profile, language)
    return {f"profile.{name}": text for name, text in found.items()}


def _business(profile: Profile, language: str) -> dict[str, str]:
    business, people = profile.business, profile.people
    said = hours_line(profile, language)
    return {
        "business.name": business.name,
        "business.what": business.what.in_locale(language),
        "business.city": business.city,
        "people.hours": f"{_DAILY[language]} {said}" if same_every_day(profile) else said,
        "people.reply_minutes": str(people.reply_minutes),
        "tone.emoji": profile.tone.emoji,
        "tone.rules": ", ".join(profile.tone.rules),
        "widget.disclosure": profile.widget.disclosure.in_locale(language),
        "complaints.keep_left_overs": profile.complaints.keep_left_overs.in_locale(language),
        "loyalty.booking": str(profile.loyalty.earn.get("booking", 0)),
        "loyalty.referral": str(profile.loyalty.earn.get("referral", 0)),
        "loyalty.review": str(profile.loyalty.earn.get("review", 0)),
        "reviews.sites": listed(profile.reviews.sites, language),
        "messages.sms_stop": profile.messages.sms.stop_words[0],
        "messages.sms_from": exact(profile.messages.sms.from_time),
        "messages.sms_to": exact(profile.messages.sms.to_time),
    }


def _prices(profile: Profile, language: str) -> dict[str, str]:
    prices = profile.prices
    whole, rest = divmod(prices.tax_basis_points, 100)
    return {
        "prices.adult": money(prices.adult_cents),
        "prices.adult_from_age": str(prices.adult_from_age),
        "prices.child": money(prices.child_cents),
        "prices.child_from_age": str(prices.child_from_age),
        "prices.child_to_age": str(prices.adult_from_age - 1),
        "prices.free_to_age": str(prices.child_from_age - 1),
        "prices.food_minimum": money(prices.food_minimum_cents),
        "prices.deposit": money(prices.deposit_cents),
        "prices.tax_rate": f"{whole}.{rest:02d} %" if rest else f"{whole} %",
        "prices.tip_from": str(prices.tip_percent_from),
        "prices.tip_to": str(prices.tip_percent_to),
        "prices.tip_goes": prices.tip_to.in_locale(language),
    }


def _menu(profile: Profile, language: str) -> dict[str, str]:
    menu, allergies = profile.menu, profile.allergies

    def priced(dish: Upgrade | AddOn) -> str:
        plus = " + upgrade" if language == "en" else " + mejora"
        extra = plus if isinstance(dish, AddOn) and dish.plus_upgrade else ""
        return f"{dish.in_locale(language)} (+{money(dish.price_cents)}{extra})"

    return {
        "menu.proteins": listed([dish.in_locale(language) for dish in menu.proteins], language),
        "menu.upgrades": listed([priced(dish) for dish in menu.upgrades], language),
        "menu.add_ons": listed([priced(dish) for dish in menu.add_ons], language),
        "menu.included": listed([dish.in_locale(language) for dish in menu.included], language),
        "menu.not_served": listed([dish.in_locale(language) for dish in menu.not_served], language),
        "menu.picks": str(menu.picks_per_guest),
        "menu.sake_from_age": str(menu.sake_from_age),
        "menu.chef_brings": menu.chef_brings.in_locale(language),
        "menu.customer_provides": menu.customer_provides.in_locale(language),
        "menu.space": menu.space.in_locale(language),
        "allergies.shared_grill": allergies.shared_grill.in_locale(language),
        "allergies.notice_hours": str(allergies.notice_hours),
        "allergies.present": listed([item.in_locale(language) for item in allergies.allergens if item.status == "present"], language),
        "allergies.ask_a_person": listed([item.in_locale(language) for item in allergies.ask_a_person], language),
        "allergies.notes": " ".join(item.note.in_locale(language) for item in allergies.allergens if item.status != "present"),
        "allergies.diets": " ".join(diet.note.in_locale(language) for diet in allergies.diets),
    }


def _travel(profile: Profile, language: str) -> dict[str, str]:
    station = profile.travel.stations[0]
    return {
        "travel.base": station.name,
        "travel.bases": listed([station.name for station in profile.travel.stations], language),
        "travel.free_miles": str(station.free_miles),
        "travel.per_mile": f"${station.per_mile_cents / 100:.2f}",
        "travel.confirm_over": str(station.confirm_over_miles),
        "travel.decline_over": str(station.decline_over_miles),
    }


def _slots(profile: Profile, language: str) -> dict[str, str]:
    slots = profile.slots
    return {
        "slots.times": listed([exact(slot) for slot in slots.times], language),
        "slots.shift_minutes": str(slots.shift_minutes),
        "slots.shift_minutes_at_most": str(slots.shift_minutes_at_most),
        "slots.ahead_hours": str(slots.ahead_at_least_hours),
        "slots.ahead_days": str(slots.ahead_at_most_days),
        "slots.final_count_hours": str(slots.final_count_hours),
        "slots.menu_freeze_hours": str(slots.menu_freeze_hours),
        "slots.set_up_minutes": str(slots.duration.set_up_minutes),
        "slots.clean_up_minutes": str(slots.duration.clean_up_minutes),
        "slots.cap_minutes": str(slots.duration.cap_minutes),
        "slots.large_from_guests": str(slots.duration.large_from_guests),
        "slots.large_cap_minutes": str(slots.duration.large_cap_minutes),
    }


def _booking(profile: Profile, language: str) -> dict[str, str]:
    booking = profile.booking
    return {
        "booking.hold_minutes": str(booking.hold_minutes),
        "booking.deposit_asked_hours": str(booking.deposit_asked_hours),
        "booking.deposit_enforced_hours": str(booking.deposit_enforced_hours),
        "booking.refundable_until_days": str(booking.refundable_until_days),
        "booking.free_reschedules": str(booking.free_reschedules),
        "booking.reschedule_until_hours": str(booking.reschedule_until_hours),
        "booking.reschedule_fee": money(booking.reschedule_fee_cents),
        "booking.person_from_guests": str(booking.person_from_guests),
        "payments.methods": listed([method.name.in_locale(language) for method in profile.payments.methods], language),
    }
