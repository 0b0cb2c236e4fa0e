"""The calendar over HTTP: what it shows, who may do what, moves that the rules refuse, chefs, and that each verb is told and audited."""

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa

from business.bookings import life
from business.bookings.requests import By, Held
from business.pricing.rules import Party
from business.sites.service import ensure_demo
from business.staff.service import Invited, StaffService
from kernel.clock import utc_now
from kernel.database import Database
from kernel.tables.core import Audit
from kernel.tables.ops import Booking
from tests.bookings.conftest import PROFILE, SIX, STATION, Customers, far, near, request
from tests.http.conftest import NewBrowser, entered

AT = "/api/admin"
THREE, NINE = time(15), time(21)
CLOCK = By("system", "test")


@pytest.fixture
async def customers(database: Database) -> Customers:
    async with database.transaction() as connection:
        await ensure_demo(connection)
    return Customers(database)


@pytest.fixture
async def csrf(browser: httpx.AsyncClient, staff: StaffService) -> dict[str, str]:
    """The client is an owner's."""
    return await entered(browser, staff, await staff.invite("chief@example.com", "Chief", "owner"))


async def confirmed(customers: Customers, day: date | None = None, at: time = SIX, **more: Any) -> Held:
    """A party that stands."""
    held = await customers.held(request(await customers.one(), day or far(), at, name="Ana Perez", phone="+1 510 555 0199", **more))
    await customers.database.unit(lambda c: life.confirm(c, PROFILE, held.booking.id, CLOCK, utc_now()))
    return held


async def audited(database: Database, booking: UUID) -> list[str]:
    async with database.transaction() as connection:
        rows = await connection.scalars(sa.select(Audit.action).where(Audit.subject == str(booking)).order_by(Audit.at))
        return list(rows)


async def row_of(database: Database, booking: UUID) -> Any:
    async with database.transaction() as connection:
        return (await connection.execute(sa.select(Booking).where(Booking.id == booking))).one()


def to(day: date, at: time, **more: Any) -> dict[str, Any]:
    return {"day": day.isoformat(), "at": at.isoformat(), **more}


class TestWhoMay:
    async def test_nobody_who_is_not_signed_in(self, browser: httpx.AsyncClient) -> None:
        assert (await browser.get(f"{AT}/calendar?first=2026-12-01&last=2026-12-07")).status_code == 401
        assert (await browser.get(f"{AT}/bookings/{uuid4()}")).status_code == 401
        assert (await browser.get(f"{AT}/chefs")).status_code == 401

    async def test_an_agent_looks_and_moves_but_decides_no_cancellation(
        self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited, customers: Customers
    ) -> None:
        csrf = await entered(browser, staff, dana)
        booking = (await confirmed(customers)).booking.id
        at = f"{AT}/bookings/{booking}"
        shown = (await browser.get(at)).json()
        assert "decide_cancel" not in shown["may"] and {"move", "ask_cancel", "chef"} <= set(shown["may"])
        moved = await browser.post(f"{at}/reschedule", json=to(far(61), SIX), headers=csrf)
        assert moved.json()["outcome"] == "moved", moved.text
        asked = await browser.post(f"{at}/ask-cancel", json={"reason": "They called."}, headers=csrf)
        assert asked.json()["party"]["status"] == "cancellation_requested"
        assert asked.json()["may"] == ["chef"]
        refused = await browser.post(f"{at}/decide-cancel", json={"approve": True}, headers=csrf)
        assert refused.status_code == 403
        assert (await row_of(customers.database, booking)).status == "cancellation_requested"

    async def test_no_agent_waives_a_fee(
        self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited, customers: Customers
    ) -> None:
        csrf = await entered(browser, staff, dana)
        at = f"{AT}/bookings/{(await confirmed(customers)).booking.id}/reschedule"
        assert (await browser.post(at, json=to(far(61), SIX), headers=csrf)).json()["outcome"] == "moved"
        needed = (await browser.post(at, json=to(far(62), SIX), headers=csrf)).json()
        assert needed == {"outcome": "fee_needed", "others": [], "fee_cents": PROFILE.booking.reschedule_fee_cents}
        waived = await browser.post(at, json=to(far(62), SIX, fee_agreed=0), headers=csrf)
        assert waived.status_code == 403
        paid = await browser.post(at, json=to(far(62), SIX, fee_agreed=needed["fee_cents"]), headers=csrf)
        assert paid.json()["booking"]["money"]["fees"] == PROFILE.booking.reschedule_fee_cents

    async def test_neither_without_the_csrf_token_nor_for_another_site_s_page(
        self, browser: httpx.AsyncClient, csrf: dict[str, str], customers: Customers
    ) -> None:
        booking = (await confirmed(customers)).booking.id
        at = f"{AT}/bookings/{booking}/reschedule"
        assert (await browser.post(at, json=to(far(61), SIX))).status_code == 403
        evil = csrf | {"Origin": "https://evil.example"}
        assert (await browser.post(at, json=to(far(61), SIX), headers=evil)).status_code == 403
        assert (await row_of(customers.database, booking)).day == far()


class TestLooking:
    async def test_days_hold_what_stands_and_no_hold_that_is_over(
        self, browser: httpx.AsyncClient, csrf: dict[str, str], customers: Customers
    ) -> None:
        booked = await confirmed(customers)
        lapsed = await customers.held(request(await customers.one(), far(), THREE))
        await customers.let_lapse(lapsed.booking.id)
        await confirmed(customers, far(70))
        shown = (await browser.get(f"{AT}/calendar?first={far(59)}&last={far(61)}")).json()
        assert [party["id"] for party in shown["parties"]] == [str(booked.booking.id)]
        (party,) = shown["parties"]
        assert (party["at"], party["slot"], party["name"], party["status"]) == ("18:00:00", "18:00:00", "Ana Perez", "confirmed")
        assert shown["slots"] == [slot.isoformat() for slot in sorted(PROFILE.slots.times)]
        assert shown["stations"] == [{"key": STATION.key, "name": STATION.name, "capacity": STATION.capacity_per_slot}]

    @pytest.mark.parametrize(
        "query", ["first=2026-12-07&last=2026-12-01", "first=2026-01-01&last=2026-12-31", "first=soon&last=later", "first=2026-12-01"]
    )
    async def test_days_that_are_none(self, browser: httpx.AsyncClient, csrf: dict[str, str], query: str) -> None:
        assert (await browser.get(f"{AT}/calendar?{query}")).status_code == 400

    async def test_a_booking_with_its_money_and_history(
        self, browser: httpx.AsyncClient, csrf: dict[str, str], customers: Customers
    ) -> None:
        booked = await confirmed(customers)
        shown = (await browser.get(f"{AT}/bookings/{booked.booking.id}")).json()
        assert shown["money"]["quoted"] and shown["money"]["deposit"] == PROFILE.prices.deposit_cents
        assert [line["kind"] for line in shown["history"]] == ["confirmed", "held"]
        assert shown["history"][0]["by"] == "test" and shown["refundable"]
        assert shown["page"].startswith("http://127.0.0.1:8000/b/")
        assert (await browser.get(f"{AT}/bookings/{uuid4()}")).status_code == 404
        assert (await browser.get(f"{AT}/bookings/nothing")).status_code == 404


class TestMoving:
    async def test_a_check_changes_nothing(self, browser: httpx.AsyncClient, csrf: dict[str, str], customers: Customers) -> None:
        booking = (await confirmed(customers)).booking
        before = await row_of(customers.database, booking.id)
        answer = await browser.post(f"{AT}/bookings/{booking.id}/reschedule", json=to(far(61), THREE, check=True), headers=csrf)
        assert answer.json() == {"outcome": "moved", "others": []}
        assert await row_of(customers.database, booking.id) == before
        assert await audited(customers.database, booking.id) == []

    async def test_it_is_told_in_the_conversation_and_audited(
        self, browser: httpx.AsyncClient, csrf: dict[str, str], customers: Customers
    ) -> None:
        booking = (await confirmed(customers)).booking
        cards = len(await customers.cards(booking.conversation))
        answer = (await browser.post(f"{AT}/bookings/{booking.id}/reschedule", json=to(far(61), THREE), headers=csrf)).json()
        party = answer["booking"]["party"]
        assert (party["day"], party["at"], party["number"]) == (far(61).isoformat(), "15:00:00", booking.number)
        assert len(await customers.cards(booking.conversation)) == cards + 1
        assert await audited(customers.database, booking.id) == ["booking.moved"]
        again = (await browser.post(f"{AT}/bookings/{booking.id}/reschedule", json=to(far(61), THREE), headers=csrf)).json()
        assert again["outcome"] == "moved" and again["booking"]["party"]["version"] == party["version"]

    @pytest.mark.parametrize("check", [True, False])
    async def test_a_taken_slot_is_refused_in_words_with_others(
        self, browser: httpx.AsyncClient, csrf: dict[str, str], customers: Customers, check: bool
    ) -> None:
        booking = (await confirmed(customers)).booking
        await confirmed(customers, far(61))
        answer = (await browser.post(f"{AT}/bookings/{booking.id}/reschedule", json=to(far(61), SIX, check=check), headers=csrf)).json()
        assert (answer["outcome"], answer["words"]) == ("not_free", "That slot is taken.")
        assert {"kind": "same_day", "day": far(61).isoformat(), "at": "15:00:00"} in answer["others"]
        assert (await row_of(customers.database, booking.id)).day == far()

    @pytest.mark.parametrize(
        ("days", "at", "words"),
        [(1, SIX, "too soon"), (-1, SIX, "over already"), (400, SIX, "farther ahead"), (61, time(3), "No party can start")],
    )
    async def test_what_the_rules_forbid(
        self, browser: httpx.AsyncClient, csrf: dict[str, str], customers: Customers, days: int, at: time, words: str
    ) -> None:
        booking = (await confirmed(customers)).booking
        answer = (await browser.post(f"{AT}/bookings/{booking.id}/reschedule", json=to(far(days), at), headers=csrf)).json()
        assert answer["outcome"] == "not_free" and words in answer["words"]

    async def test_to_a_chef_who_cannot_come_nothing_is_moved(
        self, browser: httpx.AsyncClient, csrf: dict[str, str], customers: Customers
    ) -> None:
        booking = (await confirmed(customers)).booking
        await customers.chef("Kenji")
        mika = await customers.chef("Mika", {"kind": "off", "day": near(8)})
        answer = await browser.post(f"{AT}/bookings/{booking.id}/reschedule", json=to(near(8), SIX, chef=mika), headers=csrf)
        assert answer.status_code == 409 and "Mika does not work then" in answer.json()["error"]["message"]
        assert (await row_of(customers.database, booking.id)).day == far()
        moved = (await browser.post(f"{AT}/bookings/{booking.id}/reschedule", json=to(near(9), SIX, chef=mika), headers=csrf)).json()
        assert moved["booking"]["chef_name"] == "Mika"

    async def test_what_is_cancelled_stays_where_it_is(
        self, browser: httpx.AsyncClient, csrf: dict[str, str], customers: Customers
    ) -> None:
        booking = (await confirmed(customers)).booking
        at = f"{AT}/bookings/{booking.id}"
        await browser.post(f"{at}/ask-cancel", json={}, headers=csrf)
        gone = (await browser.post(f"{at}/decide-cancel", json={"approve": True}, headers=csrf)).json()
        assert gone["party"]["status"] == "cancelled" and gone["may"] == []
        assert (await browser.post(f"{at}/reschedule", json=to(far(61), SIX), headers=csrf)).status_code == 409
        assert await audited(customers.database, booking.id) == ["booking.cancellation_asked", "booking.cancellation_decided"]


class TestVerbs:
    async def test_by_hand_or_kept(self, browser: httpx.AsyncClient, csrf: dict[str, str], customers: Customers) -> None:
        held = await customers.held(request(await customers.one()))
        at = f"{AT}/bookings/{held.booking.id}"
        kept = (await browser.post(f"{at}/keep", json={}, headers=csrf)).json()
        assert kept["party"]["kept"] and kept["money"]["deposit_due"] == 0 and "keep" not in kept["may"]
        stands = (await browser.post(f"{at}/confirm", json={}, headers=csrf)).json()
        assert stands["party"]["status"] == "confirmed"
        assert await audited(customers.database, held.booking.id) == ["booking.kept", "booking.confirmed"]

    async def test_a_party_does_not_begin_before_its_day(
        self, browser: httpx.AsyncClient, csrf: dict[str, str], customers: Customers
    ) -> None:
        at = f"{AT}/bookings/{(await confirmed(customers)).booking.id}"
        for verb in ("start", "complete", "no-show"):
            refused = await browser.post(f"{at}/{verb}", json={}, headers=csrf)
            assert refused.status_code == 409 and refused.json()["error"]["message"]

    async def test_a_body_with_a_field_too_many(self, browser: httpx.AsyncClient, csrf: dict[str, str], customers: Customers) -> None:
        at = f"{AT}/bookings/{(await confirmed(customers)).booking.id}"
        assert (await browser.post(f"{at}/confirm", json={"force": True}, headers=csrf)).status_code == 400
        assert (await browser.post(f"{at}/reschedule", json=to(far(61), SIX, free=True), headers=csrf)).status_code == 400


class TestGuests:
    async def test_more_come(self, browser: httpx.AsyncClient, csrf: dict[str, str], customers: Customers) -> None:
        booking = (await confirmed(customers)).booking.id
        at = f"{AT}/bookings/{booking}"
        assert "party" in (await browser.get(at)).json()["may"]
        changed = await browser.post(f"{at}/party", json={"adults": 20, "children": 4}, headers=csrf)
        shown = changed.json()
        assert (shown["party"]["guests"], shown["adults"], shown["children"]) == (24, 20, 4), changed.text
        assert shown["history"][0]["kind"] == "party_changed" or shown["history"][-1]["kind"] == "party_changed"

    async def test_nobody_is_no_party(self, browser: httpx.AsyncClient, csrf: dict[str, str], customers: Customers) -> None:
        at = f"{AT}/bookings/{(await confirmed(customers)).booking.id}/party"
        for body in ({"adults": 0}, {"adults": 5, "children": -1}, {"adults": 5, "dogs": 1}, {}):
            assert (await browser.post(at, json=body, headers=csrf)).status_code == 400


class TestSheet:
    async def test_of_a_party(self, browser: httpx.AsyncClient, csrf: dict[str, str], customers: Customers) -> None:
        booking = (await confirmed(customers)).booking
        shown = (await browser.get(f"{AT}/bookings/{booking.id}/sheet")).json()
        assert (shown["number"], shown["starts"], shown["arrives"]) == (booking.number, "18:00:00", "17:00:00")
        assert shown["unassigned"] == shown["due"] == PROFILE.menu.picks_per_guest * booking.party.eaters
        assert f"{shown['due']} of {shown['due']} picks are not chosen yet" in shown["missing"]

    async def test_of_none(self, browser: httpx.AsyncClient, csrf: dict[str, str]) -> None:
        assert (await browser.get(f"{AT}/bookings/{uuid4()}/sheet")).status_code == 404


class TestChefs:
    async def add(self, browser: httpx.AsyncClient, csrf: dict[str, str], **more: Any) -> dict[str, Any]:
        body = {"id": str(uuid4()), "name": "Kenji", "station": STATION.key, **more}
        answer = await browser.post(f"{AT}/chefs", json=body, headers=csrf)
        assert answer.status_code == 200, answer.text
        added: dict[str, Any] = answer.json()
        return added

    async def test_added_once_changed_and_listed(self, browser: httpx.AsyncClient, csrf: dict[str, str]) -> None:
        id = str(uuid4())
        one = await self.add(browser, csrf, id=id, rating=4.5)
        assert await self.add(browser, csrf, id=id, rating=4.5) == one
        assert one["feed"].startswith("http://127.0.0.1:8000/calendar/") and one["feed"].endswith(".ics")
        changed = (await browser.patch(f"{AT}/chefs/{id}", json={"largest": "medium", "rating": None}, headers=csrf)).json()
        assert changed["largest"] == "medium" and "rating" not in changed
        listed = (await browser.get(f"{AT}/chefs")).json()
        assert listed["items"] == [changed] and listed["small_up_to"] == PROFILE.slots.chef_choice.small_up_to

    async def test_hours_replace_those_before(self, browser: httpx.AsyncClient, csrf: dict[str, str]) -> None:
        one = await self.add(browser, csrf)
        at = f"{AT}/chefs/{one['id']}/hours"
        weekly = {"kind": "weekly", "weekday": 5, "from_minute": 600, "to_minute": 1560}
        off = {"kind": "off", "day": far().isoformat()}
        answer = await browser.put(at, json={"times": [weekly, off]}, headers=csrf)
        assert answer.json()["times"] == [weekly, off]
        assert (await browser.put(at, json={"times": [weekly]}, headers=csrf)).json()["times"] == [weekly]

    @pytest.mark.parametrize(
        "line",
        [
            {"kind": "weekly", "from_minute": 0, "to_minute": 60},
            {"kind": "weekly", "weekday": 1, "day": "2026-12-05", "from_minute": 0, "to_minute": 60},
            {"kind": "weekly", "weekday": 7, "from_minute": 0, "to_minute": 60},
            {"kind": "on", "day": "2026-12-05"},
            {"kind": "off", "day": "2026-12-05", "from_minute": 60},
            {"kind": "on", "day": "2026-12-05", "from_minute": 600, "to_minute": 600},
            {"kind": "on", "day": "2026-12-05", "from_minute": 600, "to_minute": 2881},
        ],
    )
    async def test_hours_that_are_none(self, browser: httpx.AsyncClient, csrf: dict[str, str], line: dict[str, Any]) -> None:
        one = await self.add(browser, csrf)
        assert (await browser.put(f"{AT}/chefs/{one['id']}/hours", json={"times": [line]}, headers=csrf)).status_code == 400

    async def test_who_has_a_party_neither_leaves_nor_takes_that_day_off(
        self, browser: httpx.AsyncClient, csrf: dict[str, str], customers: Customers
    ) -> None:
        one = await self.add(browser, csrf)
        party = (await confirmed(customers, near())).booking
        assert (await row_of(customers.database, party.id)).chef_number == one["number"]
        left = await browser.patch(f"{AT}/chefs/{one['id']}", json={"active": False}, headers=csrf)
        off = await browser.put(f"{AT}/chefs/{one['id']}/hours", json={"times": [{"kind": "off", "day": near().isoformat()}]}, headers=csrf)
        assert [left.status_code, off.status_code] == [409, 409]
        assert f"#{party.number}" in left.json()["error"]["message"]
        other_day = {"kind": "off", "day": near(8).isoformat()}
        assert (await browser.put(f"{AT}/chefs/{one['id']}/hours", json={"times": [other_day]}, headers=csrf)).status_code == 200
        shown = (await browser.get(f"{AT}/calendar?first={near()}&last={near() + timedelta(days=2)}")).json()
        assert shown["chefs"] == [{"number": one["number"], "name": "Kenji", "station": STATION.key, "off": [near(8).isoformat()]}]

    async def test_scores_say_what_they_are_made_of(self, browser: httpx.AsyncClient, csrf: dict[str, str], customers: Customers) -> None:
        able = await self.add(browser, csrf, rating=5)
        small = await self.add(browser, csrf, name="Mika", largest="small")
        party = (await confirmed(customers, near(), party=Party(20))).booking
        items = (await browser.get(f"{AT}/bookings/{party.id}/chefs")).json()["items"]
        assert [(one["number"], one["able"]) for one in items] == [(able["number"], True), (small["number"], False)]
        assert items[0]["score"] == sum(part["points"] for part in items[0]["parts"])
        assert "Mika does not take parties of that size" in items[1]["why"]
        chosen = await browser.post(f"{AT}/bookings/{party.id}/chef", json={"number": small["number"]}, headers=csrf)
        assert chosen.status_code == 409
        nobody = (await browser.post(f"{AT}/bookings/{party.id}/chef", json={"number": None}, headers=csrf)).json()
        assert "chef" not in nobody["party"]

    async def test_an_agent_reads_them_without_the_feeds(self, new_browser: NewBrowser, staff: StaffService, dana: Invited) -> None:
        chief, agent = new_browser(), new_browser()
        csrf = await entered(chief, staff, await staff.invite("chief@example.com", "Chief", "admin"))
        one = await self.add(chief, csrf)
        theirs = await entered(agent, staff, dana)
        (read,) = (await agent.get(f"{AT}/chefs")).json()["items"]
        assert read["name"] == "Kenji" and "feed" not in read
        assert (await agent.patch(f"{AT}/chefs/{one['id']}", json={"name": "X"}, headers=theirs)).status_code == 403
