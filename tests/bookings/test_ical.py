"""Parties as iCalendar: what a calendar makes of them, over all states, texts that would break a file, and days on which clocks change."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from icalendar import Calendar

from business.bookings import ical, rules
from business.bookings.ical import ChefParty
from business.links.signing import Links
from tests.bookings.conftest import PROFILE

LINKS = Links(lambda: "https://chat.my-hibachi.test", "secret")
STARTS = datetime(2026, 12, 6, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """As much of a booking as an entry is made from."""

    id: UUID = field(default_factory=uuid4)
    number: int = 7
    status: str = "confirmed"
    version: int = 4
    starts_at: datetime = STARTS
    ends_at: datetime = STARTS + timedelta(minutes=96)
    changed_at: datetime = datetime(2026, 11, 28, 12, tzinfo=UTC)
    guests: int = 12
    address: str = "12 Oak Street, San Jose, CA 95112"


def event(body: bytes) -> Any:
    (found,) = Calendar.from_ical(body).walk("VEVENT")
    return found


def chef_party(row: Row, name: str | None = "Ana Perez") -> ChefParty:
    busy = row.starts_at - timedelta(hours=1), row.ends_at + timedelta(minutes=15)
    return ChefParty(row, name, *busy, {"adults": 10, "children": 2, "under_six": 0})


class TestParty:
    @pytest.mark.parametrize(
        ("status", "said", "method"),
        [
            ("held", "TENTATIVE", "PUBLISH"),
            ("deposit_pending", "TENTATIVE", "PUBLISH"),
            ("confirmed", "CONFIRMED", "PUBLISH"),
            ("cancellation_requested", "CONFIRMED", "PUBLISH"),
            ("completed", "CONFIRMED", "PUBLISH"),
            ("cancelled", "CANCELLED", "CANCEL"),
            ("expired", "CANCELLED", "CANCEL"),
        ],
    )
    def test_each_state_is_one_that_calendars_know(self, status: str, said: str, method: str) -> None:
        body = ical.party(PROFILE, Row(status=status), LINKS)
        assert event(body)["STATUS"] == said and Calendar.from_ical(body)["METHOD"] == method

    def test_a_later_version_replaces_the_earlier_one(self) -> None:
        row = Row()
        first = event(ical.party(PROFILE, row, LINKS))
        later = event(ical.party(PROFILE, replace(row, version=5, starts_at=STARTS + timedelta(hours=1)), LINKS))
        assert first["UID"] == later["UID"] == f"booking-{row.id}@chat.my-hibachi.test"
        assert (first["SEQUENCE"], later["SEQUENCE"]) == (4, 5)
        assert event(ical.party(PROFILE, Row(), LINKS))["UID"] != first["UID"]

    def test_the_same_again_is_the_same_bytes(self) -> None:
        row = Row()
        assert ical.party(PROFILE, row, LINKS, "es") == ical.party(PROFILE, row, LINKS, "es-MX")
        assert ical.party(PROFILE, row, LINKS, "es") != ical.party(PROFILE, row, LINKS)

    @pytest.mark.parametrize("address", ["a\r\nBEGIN:VALARM\r\nEND:VEVENT", "a;b,c\\d", "ñandú " * 40, "\x00\x07bell", "🔥" * 30])
    def test_what_a_customer_wrote_stays_within_its_line(self, address: str) -> None:
        body = ical.party(PROFILE, Row(address=address), LINKS)
        found = event(body)
        assert str(found["LOCATION"]) == " ".join("".join(c if c.isprintable() else " " for c in address).split())
        assert not found.subcomponents
        assert all(len(line) <= 75 for line in body.split(b"\r\n"))

    @pytest.mark.parametrize(("day", "hour"), [((2027, 3, 14), 1), ((2026, 11, 1), 2), ((2027, 3, 13), 2)])
    def test_six_o_clock_is_six_o_clock_at_the_venue(self, day: tuple[int, int, int], hour: int) -> None:
        starts = rules.moment(PROFILE, datetime(*day).date(), time(18))
        assert starts is not None
        found = event(ical.party(PROFILE, Row(starts_at=starts, ends_at=starts + timedelta(hours=2)), LINKS))
        assert found["DTSTART"].dt.hour == hour and found["DTSTART"].dt.astimezone(PROFILE.business.zone).hour == 18

    def test_it_leads_to_the_customer_s_page(self) -> None:
        row = Row()
        assert event(ical.party(PROFILE, row, LINKS))["URL"] == LINKS.booking(row.id)


class TestFeed:
    def test_it_is_busy_from_set_up_to_clean_up(self) -> None:
        one = chef_party(Row())
        body = ical.feed(PROFILE, "Kenji", [one], LINKS)
        found = event(body)
        assert (found["DTSTART"].dt, found["DTEND"].dt) == (one.busy_from, one.busy_to)
        assert "Guests eat from 6:00 PM to 7:36 PM" in found["DESCRIPTION"] and "Adults: 10, Children: 2" in found["DESCRIPTION"]
        assert str(Calendar.from_ical(body)["X-WR-CALNAME"]) == f"{PROFILE.business.name}: Kenji"

    def test_a_chef_reads_the_first_name_alone(self) -> None:
        assert str(event(ical.feed(PROFILE, "Kenji", [chef_party(Row())], LINKS))["SUMMARY"]) == "Hibachi for 12, Ana"
        assert str(event(ical.feed(PROFILE, "Kenji", [chef_party(Row(), None)], LINKS))["SUMMARY"]) == "Hibachi for 12"

    def test_no_link_of_a_customer_is_in_it(self) -> None:
        row = Row()
        assert LINKS.booking(row.id).encode() not in ical.feed(PROFILE, "Kenji", [chef_party(row)], LINKS).replace(b"\r\n ", b"")

    def test_nothing_to_cook_is_a_calendar_still(self) -> None:
        body = ical.feed(PROFILE, "Kenji", [], LINKS)
        assert not Calendar.from_ical(body).walk("VEVENT") and body.startswith(b"BEGIN:VCALENDAR")
