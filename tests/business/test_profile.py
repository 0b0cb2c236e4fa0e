"""The profile: the shipped facts, the version, faults that say where they are, hours across daylight saving."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from business.bookings.rules import duration_minutes
from business.menu.rules import dishes_for, dishes_with, find_dish
from business.profile.figures import figures, money
from business.profile.hours import expected_minutes, is_open, next_open
from business.profile.loader import SHIPPED, ProfileError, load_profile
from kernel.placeholders import UnknownPlaceholder, fill

PROFILE = load_profile()
CALIFORNIA = ZoneInfo("America/Los_Angeles")


def edited(tmp_path: Path, old: str, new: str) -> Path:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "profile.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


class TestLoading:
    def test_the_shipped_file_is_whole(self) -> None:
        assert PROFILE.business.name == "My Hibachi"
        assert (PROFILE.prices.adult_cents, PROFILE.prices.child_cents) == (5500, 3000)
        assert [slot.hour for slot in PROFILE.slots.times] == [12, 15, 18, 21]
        assert PROFILE.placeholders() == ("business.phone", "business.email", "business.street")

    def test_ways_to_pay_have_the_names_that_customers_use(self) -> None:
        named = {method.key: method.name for method in PROFILE.payments.methods}
        assert (named["card"].en, named["card"].es) == ("card", "tarjeta")

    def test_comments_do_not_make_a_version_and_figures_do(self, tmp_path: Path) -> None:
        assert load_profile(edited(tmp_path, "# My Hibachi:", "# Another comment:")).version == PROFILE.version
        assert load_profile(edited(tmp_path, "adult_cents = 5500", "adult_cents = 5600")).version != PROFILE.version
        assert len(PROFILE.version) == 12

    def test_a_real_phone_is_no_placeholder(self, tmp_path: Path) -> None:
        path = edited(tmp_path, "+1 510 555 0142", "+1 510 867 5309")
        assert "business.phone" not in load_profile(path).placeholders()

    @pytest.mark.parametrize(
        ("old", "new", "where"),
        [
            ("adult_cents = 5500", 'adult_cents = "lots"', "prices.adult_cents"),
            ("adult_cents = 5500", "adult_cents = 55.5", "prices.adult_cents"),
            ("adult_cents = 5500", "adult_price = 5500", "prices.adult_price"),
            ('time_zone = "America/Los_Angeles"', 'time_zone = "Mars/Olympus"', "business.time_zone"),
            ("to_time = 21:00:00 }]", "to_time = 11:00:00 }]", "people.hours"),
            ("confirm_over_miles = 100", "confirm_over_miles = 200", "travel.stations"),
            ('allergens = ["gluten"]', 'allergens = ["glutten"]', "glutten"),
            ("[prices]", "[prices", "TOML"),
        ],
    )
    def test_a_fault_says_where_it_is(self, tmp_path: Path, old: str, new: str, where: str) -> None:
        path = edited(tmp_path, old, new)
        with pytest.raises(ProfileError, match=where) as refused:
            load_profile(path)
        assert str(path) in str(refused.value)

    def test_a_missing_file_is_said_to_be_missing(self, tmp_path: Path) -> None:
        with pytest.raises(ProfileError, match="no such file"):
            load_profile(tmp_path / "none.toml")


class TestHours:
    def test_open_from_noon_to_nine(self) -> None:
        def at(hour: int, minute: int = 0) -> bool:
            return is_open(PROFILE, datetime(2026, 11, 23, hour, minute, tzinfo=CALIFORNIA))

        assert [at(11, 59), at(12), at(20, 59), at(21)] == [False, True, True, False]

    def test_the_next_opening_is_today_or_tomorrow(self) -> None:
        early = datetime(2026, 11, 23, 9, 30, tzinfo=CALIFORNIA)
        late = datetime(2026, 11, 23, 22, 0, tzinfo=CALIFORNIA)
        assert next_open(PROFILE, early) == datetime(2026, 11, 23, 12, tzinfo=CALIFORNIA)
        assert next_open(PROFILE, late.astimezone(UTC)) == datetime(2026, 11, 24, 12, tzinfo=CALIFORNIA)
        assert expected_minutes(PROFILE, early) == 150 + PROFILE.people.reply_minutes
        assert expected_minutes(PROFILE, datetime(2026, 11, 23, 13, tzinfo=CALIFORNIA)) == PROFILE.people.reply_minutes

    def test_the_night_that_clocks_change_is_an_hour_longer(self) -> None:
        before = datetime(2026, 10, 31, 21, 0, tzinfo=CALIFORNIA)
        assert expected_minutes(PROFILE, before) == 16 * 60 + PROFILE.people.reply_minutes

    def test_on_the_days_of_the_profile_alone(self) -> None:
        hours = PROFILE.people.hours[0].model_copy(update={"days": ("sat",)})
        people = PROFILE.people.model_copy(update={"hours": (hours,)})
        weekend = PROFILE.model_copy(update={"people": people})
        monday = datetime(2026, 11, 23, 13, tzinfo=CALIFORNIA)
        assert not is_open(weekend, monday)
        assert next_open(weekend, monday) == datetime(2026, 11, 28, 12, tzinfo=CALIFORNIA)


class TestLookUps:
    def test_the_menu(self) -> None:
        assert (entry := find_dish(PROFILE, "lobster_tail")) is not None
        assert entry.section == "upgrades"
        assert (wagyu := find_dish(PROFILE, "wagyu")) is not None
        assert wagyu.section == "not_served"
        assert find_dish(PROFILE, "unicorn") is None
        assert [dish.key for dish in dishes_with(PROFILE, "crustacean")] == ["shrimp", "lobster_tail"]
        assert [dish.key for dish in dishes_for(PROFILE, "vegan")] == ["tofu"]

    @pytest.mark.parametrize(("guests", "minutes"), [(10, 90), (15, 105), (19, 117), (20, 120), (30, 150), (60, 150)])
    def test_the_duration(self, guests: int, minutes: int) -> None:
        assert duration_minutes(PROFILE, guests) == minutes


class TestFigures:
    def test_are_the_same_names_in_every_language(self) -> None:
        english, spanish = figures(PROFILE, "en-US"), figures(PROFILE, "es-MX")
        assert english.keys() == spanish.keys()
        assert english["profile.prices.adult"] == spanish["profile.prices.adult"] == "$55"
        assert english["profile.slots.times"] == "12:00 PM, 3:00 PM, 6:00 PM and 9:00 PM"
        assert spanish["profile.slots.times"].endswith("6:00 PM y 9:00 PM")

    def test_an_unknown_placeholder_is_a_fault(self) -> None:
        with pytest.raises(UnknownPlaceholder):
            fill("{{profile.nothing}}", figures(PROFILE, "en"))

    def test_money(self) -> None:
        assert [money(cents) for cents in (0, 20, 5500, 110_000)] == ["$0", "$0.20", "$55", "$1,100"]
