"""On what terms: travel, slots and capacity, a booking's life, payments."""

from datetime import time
from typing import Literal

from pydantic import Field, model_validator

from business.profile.fields import Cents, Count, Hours, Key, LocalText, Part, Percent, TimeOfDay, Word, Wrong

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Station(Part):
    """Where chefs start from, with its own rule of travel. Miles are one way."""

    key: Key
    name: str
    zip: str = Field(pattern=r"^\d{5}$")
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    free_miles: Count
    per_mile_cents: Cents
    confirm_over_miles: Count
    decline_over_miles: Count
    capacity_per_slot: Count = 1

    @model_validator(mode="after")
    def _in_order(self) -> "Station":
        if not self.free_miles <= self.confirm_over_miles <= self.decline_over_miles:
            why = "free miles come first, then those that a person confirms, then those that are declined"
            raise Wrong("These distances are out of order", why, "Let free_miles, confirm_over_miles and decline_over_miles rise")
        return self


class Rush(Part):
    days: tuple[Weekday, ...]
    from_time: TimeOfDay
    to_time: TimeOfDay


class Travel(Part):
    """`road_percent`: what a road is longer than the straight line. Speeds are for planning and never told to a customer."""

    stations: tuple[Station, ...] = Field(min_length=1)
    road_percent: int = Field(ge=100, le=200)
    planning_mph: int = Field(gt=0)
    rush_mph: int = Field(gt=0)
    rush: Rush


class Duration(Part):
    """min(base + per_guest x guests, cap), in minutes; a larger party has a cap of its own."""

    base_minutes: Count
    per_guest_minutes: Count
    cap_minutes: Count
    large_from_guests: Count
    large_cap_minutes: Count
    set_up_minutes: Count
    clean_up_minutes: Count


class ChefChoice(Part):
    """Weights of choosing a chef; the parties' sizes that a skill covers."""

    travel: Count
    skill: Count
    workload: Count
    rating: Count
    preference: Count
    asked_for: Count
    small_up_to: Count
    medium_up_to: Count


class Slots(Part):
    times: tuple[TimeOfDay, ...] = Field(min_length=1)
    shift_minutes: Count
    shift_minutes_at_most: Count
    ahead_at_least_hours: Hours
    ahead_at_most_days: Count
    final_count_hours: Hours
    menu_freeze_hours: Hours
    # Inside this horizon the chefs' real availability decides, beyond it the station's capacity.
    chefs_decide_within_days: Count
    duration: Duration
    alternatives: tuple[Literal["same_day", "next_day", "next_week"], ...]
    chef_choice: ChefChoice


class Reminders(Part):
    """What the customer is reminded of before the party: hours before the deadline of the final count, and before the menu's; the time of
    the day before, at the venue."""

    final_count_hours: Hours = 24
    menu_hours: Hours = 12
    day_before_at: TimeOfDay = time(10)


class Booking(Part):
    """A booking's life. The deposit's deadline counts from the hold."""

    states: tuple[Key, ...]
    hold_minutes: Count
    deposit_asked_hours: Hours
    deposit_enforced_hours: Hours
    reminder_minutes: tuple[Count, ...]
    reminders: Reminders = Reminders()
    refundable_until_days: Count
    free_reschedules: Count
    reschedule_until_hours: Hours
    reschedule_fee_cents: Cents
    weather_reschedule_free: bool
    cancellation_steps: tuple[Literal["requested", "approved", "rejected"], ...]
    person_from_guests: Count
    # What a person decides, as topics that the assistant recognises.
    person_decides: tuple[Key, ...]
    keep_failed_as_lead: bool


class PaymentMethod(Part):
    key: Key
    name: LocalText


class Matching(Part):
    """Payment notices: by phone; by amount and time; loosely, as a suggestion to an admin."""

    amount_tolerance_cents: Cents
    within_hours: Hours
    loose_tolerance_cents: Cents
    loose_within_hours: Hours


class Payments(Part):
    methods: tuple[PaymentMethod, ...] = Field(min_length=1)
    same_price: bool
    matching: Matching


class FollowUp(Part):
    """Staff look after a complaint again so long after it came; `what` they do then."""

    after_hours: Hours
    what: str = Field(min_length=1, max_length=200)


class Severity(Part):
    key: Literal["minor", "moderate", "severe"]
    examples: tuple[str, ...]
    discount_percent_from: Percent = 0
    discount_percent_to: Percent = 0
    hand_over: bool
    alert: tuple[Literal["admin", "owner"], ...] = ()
    steps: tuple[Key, ...]
    follow_ups: tuple[FollowUp, ...] = ()


class Complaints(Part):
    """`topics`: what complaints are about, the gravest first: the first whose words are found is a complaint's topic."""

    order: tuple[Key, ...]
    severities: tuple[Severity, ...]
    topics: tuple[Word, ...] = ()
    keep_left_overs: LocalText
