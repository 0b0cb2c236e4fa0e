"""Faults of a profile that somebody wrote: all at once, with place and words; and its text, which reads back as the same profile."""

import tomllib
from collections.abc import Iterator
from datetime import date, time
from typing import Any

import pytest

from business.profile.changes import Change, changes
from business.profile.faults import Fault, check, check_text
from business.profile.fields import LocalText
from business.profile.loader import SHIPPED, load_profile
from business.profile.places import lines
from business.profile.schemas import Profile, SpecialDay
from business.profile.text import to_toml

PROFILE = load_profile()
TOML = to_toml(PROFILE)
CONTENT = PROFILE.model_dump(mode="json", exclude_none=True)


def written(old: str, new: str) -> str:
    assert old in TOML
    return TOML.replace(old, new, 1)


def faults_of(text: str) -> tuple[Fault, ...]:
    checked = check_text(text)
    assert checked.profile is None
    for fault in checked.faults:
        assert fault.what and fault.why and fault.todo
    return checked.faults


def line(text: str, part: str) -> int:
    return next(number for number, one in enumerate(text.splitlines(), start=1) if part in one)


class TestFaults:
    @pytest.mark.parametrize(
        ("old", "new", "path"),
        [
            ("adult_cents = 5500", 'adult_cents = "lots"', "prices.adult_cents"),
            ("adult_cents = 5500", "adult_cents = true", "prices.adult_cents"),
            ("adult_cents = 5500", "adult_cents = -1", "prices.adult_cents"),
            ("adult_cents = 5500", "adult_cents = 10000001", "prices.adult_cents"),
            ("adult_cents = 5500", "adult_centz = 5500", "prices.adult_centz"),
            ("reply_minutes = 5", f"reply_minutes = {10**30}", "people.reply_minutes"),
            ('phone = "+1 510 555 0142"', 'phone = "call us"', "business.phone"),
            ('email = "hello@my-hibachi.example.com"', 'email = "hello"', "business.email"),
            ('zip = "94539"', 'zip = "9453"', "business.zip"),
            ('name = "My Hibachi"', 'name = ""', "business.name"),
            ('name = "My Hibachi"', r'name = "My\u0000Hibachi"', "business.name"),
            ('name = "My Hibachi"', f'name = "{"x" * 4001}"', "business.name"),
            ('locales = ["en", "es"]', 'locales = ["en", "fr"]', "business.locales.1"),
            ("special_days = []", "special_days = [{ date = 2026-12-24, from_time = 12:00:00 }]", "people.special_days.0"),
            ("special_days = []", "special_days = [{ date = 2026-12-24 },\n{ date = 2026-12-24 }]", "people.special_days.1.date"),
            ("child_from_age = 6", "child_from_age = 13", "prices.child_from_age"),
            ("tip_percent_from = 20", "tip_percent_from = 40", "prices.tip_percent_from"),
            ('key = "salmon"', 'key = "scallops"', "menu.upgrades.0.key"),
            ('allergens = ["gluten"]', 'allergens = ["glutten"]', "menu.add_ons.0.allergens"),
            ('status = "absent"', 'status = "gone"', "allergies.allergens.4.status"),
        ],
    )
    def test_have_their_place_and_line(self, old: str, new: str, path: str) -> None:
        text = written(old, new)
        fault = next(one for one in faults_of(text) if one.path == path)
        near = new.splitlines()[-1] if path.endswith(".date") else new.split(" = ")[0] + " = "
        assert fault.line is not None and fault.line >= line(text, near), "at the value, or at its line of the list"

    def test_come_all_at_once(self) -> None:
        text = written("adult_cents = 5500", 'adult_cents = "x"').replace("price_cents = 500", "price_cents = 5.5")
        text = text.replace("from_time = 12:00:00, to_time = 21", "from_time = 22:00:00, to_time = 21").replace(
            '"en", "es"]', '"en", "fr"]'
        )
        paths = [fault.path for fault in faults_of(text)]
        assert {"prices.adult_cents", "menu.upgrades.0.price_cents", "menu.add_ons.3.price_cents"} <= set(paths)
        assert "business.locales.1" in paths, "contradictions are not held back by other faults"
        assert paths.count("people.hours.0") == 1 and "people.hours" not in paths, "one fault, one line"

    def test_a_misspelt_name_is_answered_with_the_right_one(self) -> None:
        (fault,) = (one for one in faults_of(written("adult_cents = 5500", "adult_centz = 5500")) if one.path.endswith("centz"))
        assert fault.todo == "Did you mean adult_cents?"

    @pytest.mark.parametrize(
        "text",
        ["[prices", 'a = "', "a = " + "[" * 5000, "a = " + "9" * 5000, "a = 1\na = 2", "=", "\x00", "a = " + "[" * 50 + "]" * 50],
        ids=repr,
    )
    def test_what_is_no_toml_at_all(self, text: str) -> None:
        assert faults_of(text)[0].line == 1 or "a = 2" in text

    @pytest.mark.parametrize("content", [{}, {"business": 1}, {"business": None}, {"x": "y"}, {"menu": []}, {"a" * 5000: 1}], ids=str)
    def test_what_is_no_profile_at_all(self, content: dict[str, Any]) -> None:
        assert check(content).profile is None

    def test_the_shipped_profile_has_none(self) -> None:
        assert check(CONTENT).faults == () and check_text(SHIPPED.read_text(encoding="utf-8")).faults == ()


class TestText:
    def test_reads_back_as_the_same_profile(self) -> None:
        holiday = SpecialDay(date=date(2026, 12, 24), from_time=time(12), to_time=time(15, 30), why=LocalText(en='the "eve"', es="\\"))
        people = PROFILE.people.model_copy(update={"special_days": (holiday, SpecialDay(date=date(2026, 12, 25)))})
        other = PROFILE.model_copy(update={"people": people})
        for profile in (PROFILE, other):
            again = check_text(to_toml(profile))
            assert again.faults == () and again.profile == profile
            assert to_toml(again.profile) == to_toml(profile)
            assert check(profile.model_dump(mode="json", exclude_none=True)).profile == profile

    @pytest.mark.parametrize("text", [TOML, SHIPPED.read_text(encoding="utf-8")], ids=["written", "shipped"])
    def test_every_value_has_a_line_that_holds_it(self, text: str) -> None:
        places, rows = lines(text), text.splitlines()
        for path, value in _values((), tomllib.loads(text)):
            assert path in places
            shown = f'"{value}"' if isinstance(value, str) else value.isoformat() if isinstance(value, time) else str(value).lower()
            assert shown.lower() in rows[places[path] - 1].lower(), path

    def test_strings_comments_and_dotted_keys_do_not_confuse_the_lines(self) -> None:
        text = (
            'a.b = """\none = 1\n"quoted" [x]\n"""  # [no]\n"c d" = \'\'\'\n]\'\'\'\n'
            "[t]\nx = [ # one\n  1,\n  { y = 2, z = [3,\n 4] },\n]\n[[t.u]]\nk = 1\n[t.u.v]\nw = 1\n[[t.u]]\nk = '#'\n"
        )
        places = lines(text)
        assert (places["a", "b"], places["c d",], places["t", "x", 1, "z", 1]) == (1, 5, 11)
        assert (places["t", "u", 0, "k"], places["t", "u", 0, "v", "w"], places["t", "u", 1, "k"]) == (14, 16, 18)
        assert all(path in places for path, _ in _values((), tomllib.loads(text)))


class TestChanges:
    def test_are_told_by_path_and_key(self) -> None:
        text = written("adult_cents = 5500", "adult_cents = 5800").replace('"scallops"],', '"scallops"],', 1)
        text = text.replace("price_cents = 1500", "price_cents = 1700").replace('{ key = "ramen"', '{ key = "udon"')
        after = check_text(text).profile
        assert after is not None
        found = {one.path: one for one in changes(PROFILE, after)}
        assert found["prices.adult_cents"] == Change("prices.adult_cents", 5500, 5800)
        assert found["menu.upgrades.lobster_tail.price_cents"].after == 1700
        assert found["menu.not_served.ramen"].after is None and found["menu.not_served.udon"].before is None
        assert len(found) == 4

    def test_of_nothing_are_none(self) -> None:
        assert changes(PROFILE, Profile.model_validate(CONTENT)) == ()

    def test_another_order_is_one(self) -> None:
        upgrades = PROFILE.menu.upgrades[::-1]
        other = PROFILE.model_copy(update={"menu": PROFILE.menu.model_copy(update={"upgrades": upgrades})})
        (found,) = changes(PROFILE, other)
        assert found.path == "menu.upgrades" and found.after == [dish.key for dish in upgrades]


def _values(path: tuple[str | int, ...], value: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """The values that are no groups."""
    match value:
        case dict():
            for key, below in value.items():
                yield from _values((*path, key), below)
        case list():
            for at, below in enumerate(value):
                yield from _values((*path, at), below)
        case _:
            yield path, value
