"""The figures that a business profile states to customers, each with what it is the figure of."""

from collections.abc import Iterable

from agents.guard.figures import Figure, count_figure, money_figure
from business.profile.offer import AddOn, Menu, Prices
from business.profile.schemas import Profile
from business.profile.terms import WEEKDAYS, Booking, Slots, Travel


def figures_of_profile(profile: Profile) -> frozenset[Figure]:
    """Everything of prices, menu, travel, slots, booking and the business that customers are told."""
    return frozenset(
        {
            *_prices(profile.prices),
            *_menu(profile.menu),
            *_travel(profile.travel),
            *_slots(profile.slots),
            *_booking(profile.booking),
            *_business(profile),
        }
    )


def texts_of_profile(profile: Profile) -> Iterable[str]:
    """Texts of the profile that hold figures of their own, in both languages: sizes, ages, names of dishes."""
    menu, allergies = profile.menu, profile.allergies
    texts = [menu.chef_brings, menu.customer_provides, menu.space, allergies.shared_grill, profile.complaints.keep_left_overs]
    texts += [*menu.included, *menu.proteins, *menu.upgrades, *menu.add_ons, profile.business.what, profile.widget.disclosure]
    texts += [item.note for item in allergies.allergens] + [item.note for item in allergies.diets]
    for text in texts:
        yield text.en
        if text.es:
            yield text.es


def _prices(prices: Prices) -> Iterable[Figure]:
    yield money_figure(prices.adult_cents, "adult", "guest", "food", "each")
    yield money_figure(prices.child_cents, "child", "food", "each")
    yield money_figure(0, "under_six", "child")
    yield money_figure(prices.food_minimum_cents, "minimum", "food")
    yield money_figure(prices.deposit_cents, "deposit")
    yield Figure("percent", str(prices.tip_percent_from), frozenset({"tip"}))
    yield Figure("percent", str(prices.tip_percent_to), frozenset({"tip"}))
    if prices.tax_enabled:
        yield Figure("percent", f"{prices.tax_basis_points / 100:g}", frozenset({"tax"}))
    ages = {prices.adult_from_age: {"from", "below"}, prices.child_from_age: {"below"}, prices.adult_from_age - 1: {"child"}}
    for age, means in (ages | {prices.child_from_age - 1: {"to"}}).items():
        yield Figure("number", str(age), frozenset({*means, "adult", "child"}))


def _menu(menu: Menu) -> Iterable[Figure]:
    yield count_figure(menu.picks_per_guest, "pick", "protein")
    yield count_figure(1, "pick")
    yield Figure("number", str(menu.sake_from_age), frozenset({"from", "below"}))
    for upgrade in menu.upgrades:
        yield money_figure(upgrade.price_cents, upgrade.key, "upgrade", "guest", "each")
    for add_on in menu.add_ons:
        yield money_figure(add_on.price_cents, add_on.key, "add_on", "guest", "each", *_of_any(menu, add_on))


def _of_any(menu: Menu, dish: AddOn) -> Iterable[str]:
    """An extra protein may be any of the proteins: "extra shrimp is ..."."""
    if dish.key == "extra_protein":
        return (protein.key for protein in menu.proteins)
    return ()


def _travel(travel: Travel) -> Iterable[Figure]:
    for station in travel.stations:
        yield money_figure(station.per_mile_cents, "mile", "travel", "fee", "each")
        yield money_figure(0, "free_miles")
        yield Figure("number", station.zip)
        for miles in (station.free_miles, station.confirm_over_miles, station.decline_over_miles):
            yield Figure("miles", str(miles))


def _slots(slots: Slots) -> Iterable[Figure]:
    for moment in slots.times:
        yield Figure("time", moment.strftime("%H:%M"))
    lasting = slots.duration
    spans = (
        (slots.shift_minutes, "shift"), (slots.shift_minutes_at_most, "shift"), (lasting.set_up_minutes, "arrive"),
        (lasting.clean_up_minutes, "clean"), (lasting.cap_minutes, "length"), (lasting.large_cap_minutes, "length"),
    )  # fmt: skip
    for minutes, label in spans:
        yield Figure("minutes", str(minutes), frozenset({label, "arrive"} if label == "clean" else {label}))
    yield count_figure(lasting.large_from_guests, "guest")
    yield Figure("hours", str(slots.ahead_at_least_hours), frozenset({"ahead", "hold"}))
    yield Figure("days", str(slots.ahead_at_most_days), frozenset({"ahead", "hold"}))
    yield Figure("hours", str(slots.final_count_hours), frozenset({"count"}))
    yield Figure("hours", str(slots.menu_freeze_hours), frozenset({"menu"}))


def _booking(booking: Booking) -> Iterable[Figure]:
    yield Figure("minutes", str(booking.hold_minutes), frozenset({"hold"}))
    yield Figure("hours", str(booking.deposit_asked_hours), frozenset({"deposit_due", "hold"}))
    yield Figure("days", str(booking.refundable_until_days), frozenset({"refund"}))
    yield Figure("hours", str(booking.reschedule_until_hours), frozenset({"reschedule"}))
    yield money_figure(booking.reschedule_fee_cents, "reschedule", "fee")
    yield Figure("number", str(booking.free_reschedules))
    yield count_figure(booking.free_reschedules, "reschedule")
    yield count_figure(booking.person_from_guests, "guest")
    if booking.free_reschedules:
        yield money_figure(0, "reschedule")
    if booking.weather_reschedule_free:
        yield money_figure(0, "weather")


def _business(profile: Profile) -> Iterable[Figure]:
    business, people = profile.business, profile.people
    yield Figure("phone", business.phone)
    yield Figure("email", business.email)
    yield Figure("number", business.zip)
    number, _, street = business.street.lower().partition(" ")
    yield Figure("address", f"{number} {street.rpartition(' ')[0] or street}")
    yield Figure("minutes", str(people.reply_minutes), frozenset({"reply"}))
    yield Figure("hours", str(profile.allergies.notice_hours), frozenset({"notice", "menu"}))
    for points in profile.loyalty.earn.values():
        yield count_figure(points, "point")
    yield Figure("number", str(profile.loyalty.earn.get("booking", 0)))
    for moment in (profile.messages.sms.from_time, profile.messages.sms.to_time):
        yield Figure("time", moment.strftime("%H:%M"))
    for dish in profile.menu.included:
        yield money_figure(0, dish.key)
    for hours in people.hours:
        for moment in (hours.from_time, hours.to_time):
            yield Figure("time", moment.strftime("%H:%M"))
        if len(hours.days) < len(WEEKDAYS):
            yield from (Figure("weekday", str(WEEKDAYS.index(day))) for day in hours.days)
    for special in people.special_days:
        yield Figure("date", special.date.isoformat())
