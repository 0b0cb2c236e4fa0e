"""Money over HTTP: owners and admins see it and decide, agents may paste a notice, everything twice is once."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa

from business.bookings import life
from business.bookings.requests import CLOCK
from business.payments import receiving
from business.payments.receiving import Incoming
from business.sites.service import ensure_demo
from business.staff.service import Invited, StaffService
from kernel.clock import utc_now
from kernel.database import Database
from kernel.tables.core import Audit
from kernel.tables.ops import Booking, Payment
from tests.bookings.conftest import PROFILE, Customers, request
from tests.http.conftest import entered

DEPOSIT = PROFILE.prices.deposit_cents
READS = ("money", "payments", "payment-notices", "refunds")
WRONG: list[dict[str, object]] = [
    {"amount_cents": 0},
    {"amount_cents": -1},
    {"amount_cents": 1.5},
    {"amount_cents": 10**9},
    {"booking": 0},
    {"client_id": "1"},
    {"note": ""},
    {"note": "x" * 301},
    {"purpose": "tip"},
]
VENMO = "Ana Perez paid you $100.00\nNote: party\nVenmo"


@pytest.fixture
async def chief(staff: StaffService) -> Invited:
    return await staff.invite("chief@example.com", "Chief", "admin")


@pytest.fixture
async def booking(database: Database) -> AsyncIterator[int]:
    """The number of one that waits for its deposit."""
    async with database.transaction() as connection:
        await ensure_demo(connection)
    customers = Customers(database)
    held = await customers.held(request(await customers.one(), name="Ana Perez"))
    async with database.transaction() as connection:
        values = {"total_cents": 70_000, "deposit_cents": DEPOSIT}
        await connection.execute(sa.update(Booking).where(Booking.id == held.booking.id).values(values))
    await database.unit(lambda c: life.accept_terms(c, PROFILE, held.booking.id, CLOCK, utc_now()))
    yield held.booking.number


async def came(database: Database, number: int, method: str = "card") -> UUID:
    """A deposit of this booking."""
    async with database.transaction() as connection:
        booking = await connection.scalar(sa.select(Booking.id).where(Booking.number == number))
        incoming = Incoming(method, f"pi_{number}", DEPOSIT, utc_now(), booking)  # type: ignore[arg-type]
        return (await receiving.receive(connection, PROFILE, incoming, utc_now())).payment


def path(*parts: object) -> str:
    return "/api/admin/" + "/".join(map(str, parts))


class TestRefused:
    async def test_nobody_and_agents(self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited) -> None:
        for name in READS:
            assert (await browser.get(path(name))).status_code == 401
        csrf = await entered(browser, staff, dana)
        for name in READS:
            assert (await browser.get(path(name))).status_code == 403
        writes = [path("payments"), path("payments", uuid4(), "refund"), path("payments", uuid4(), "assign")]
        writes += [path("payment-notices", uuid4(), what) for what in ("match", "ignore")]
        writes += [path("refunds", uuid4(), what) for what in ("done", "again")]
        for name in writes:
            assert (await browser.post(name, json={}, headers=csrf)).status_code == 403, name
            assert (await browser.post(name, json={})).status_code == 403, name

    async def test_cash_that_is_none(self, browser: httpx.AsyncClient, staff: StaffService, chief: Invited, booking: int) -> None:
        csrf = await entered(browser, staff, chief)
        right = {"client_id": str(uuid4()), "booking": booking, "amount_cents": 100}
        for wrong in WRONG:
            response = await browser.post(path("payments"), json=right | wrong, headers=csrf)
            assert response.status_code in (400, 413), wrong
        assert (await browser.get(path("payments"))).json() == {"items": []}

    async def test_unknown(self, browser: httpx.AsyncClient, staff: StaffService, chief: Invited, booking: int) -> None:
        csrf = await entered(browser, staff, chief)
        cash = {"client_id": str(uuid4()), "booking": booking + 1, "amount_cents": 100}
        assert (await browser.post(path("payments"), json=cash, headers=csrf)).status_code == 404
        back = {"client_id": str(uuid4()), "amount_cents": 100, "reason": "asked"}
        for id in (uuid4(), "x"):
            assert (await browser.post(path("payments", id, "refund"), json=back, headers=csrf)).status_code == 404
            assert (await browser.post(path("payment-notices", id, "match"), json={"booking": booking}, headers=csrf)).status_code == 404
            assert (await browser.post(path("refunds", id, "done"), json={}, headers=csrf)).status_code == 404

    async def test_no_notice(self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited) -> None:
        csrf = await entered(browser, staff, dana)
        for text in ("", "hello", "Venmo $0", "x" * 20_001):
            response = await browser.post(path("payment-notices"), json={"text": text}, headers=csrf)
            assert response.status_code in (400, 413) and response.json()["error"]["message"]


class TestCash:
    async def test_once_however_often_it_is_sent(
        self, browser: httpx.AsyncClient, staff: StaffService, chief: Invited, booking: int, database: Database
    ) -> None:
        csrf = await entered(browser, staff, chief)
        body = {"client_id": str(uuid4()), "booking": booking, "amount_cents": DEPOSIT, "note": "at the door"}
        for _ in range(2):
            response = await browser.post(path("payments"), json=body, headers=csrf)
        (line,) = response.json()["items"]
        assert (line["method"], line["amount_cents"], line["booking"]["name"]) == ("cash", DEPOSIT, "Ana Perez")
        money = (await browser.get(path("money"))).json()
        assert money["accounts"] == [{"account": "cash", "cents": DEPOSIT}, {"account": "customers", "cents": -DEPOSIT}]
        assert money["right"] and not money["cards"]
        assert [(week["method"], week["cents"]) for week in money["weeks"]] == [("cash", DEPOSIT)]
        async with database.transaction() as connection:
            assert await connection.scalar(sa.select(Booking.status).where(Booking.number == booking)) == "confirmed"
            audited = await connection.scalars(sa.select(Audit.action).where(Audit.action.like("payment%")))
            assert list(audited) == ["payment.cash"]


class TestNotices:
    async def test_an_agent_pastes_and_a_chief_decides(
        self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited, chief: Invited, booking: int
    ) -> None:
        csrf = await entered(browser, staff, dana)
        text = VENMO.replace("Ana Perez", "Somebody Else")
        for _ in range(2):
            pasted = (await browser.post(path("payment-notices"), json={"text": text}, headers=csrf)).json()
        assert (pasted["state"], pasted["rule"], pasted["booking"]["number"]) == ("suggested", "amount", booking)
        csrf = await entered(browser, staff, chief)
        assert (await browser.get(path("money"))).json()["waiting"] == 1
        assert [one["id"] for one in (await browser.get(path("payment-notices"))).json()["waiting"]] == [pasted["id"]]
        match = path("payment-notices", pasted["id"], "match")
        for _ in range(2):
            matched = (await browser.post(match, json={"booking": booking}, headers=csrf)).json()
            assert (matched["state"], matched["rule"]) == ("matched", "person")
        assert (await browser.post(path("payment-notices", pasted["id"], "ignore"), json={}, headers=csrf)).status_code == 409
        listed = (await browser.get(path("payment-notices"))).json()
        assert (listed["waiting"], [one["id"] for one in listed["decided"]]) == ([], [pasted["id"]])

    async def test_ignored(self, browser: httpx.AsyncClient, staff: StaffService, chief: Invited) -> None:
        csrf = await entered(browser, staff, chief)
        pasted = (await browser.post(path("payment-notices"), json={"text": VENMO}, headers=csrf)).json()
        assert pasted["state"] == "unmatched"
        ignored = (await browser.post(path("payment-notices", pasted["id"], "ignore"), json={}, headers=csrf)).json()
        assert ignored["state"] == "ignored"
        money = (await browser.get(path("money"))).json()
        assert (money["accounts"], money["waiting"], money["right"]) == ([], 0, True)

    async def test_nobodys_money_is_given_an_owner(
        self, browser: httpx.AsyncClient, staff: StaffService, chief: Invited, booking: int, database: Database
    ) -> None:
        csrf = await entered(browser, staff, chief)
        async with database.transaction() as connection:
            incoming = Incoming("card", "pi_stranger", DEPOSIT, utc_now())
            payment = (await receiving.receive(connection, PROFILE, incoming, utc_now())).payment
        for _ in range(2):
            page = (await browser.post(path("payments", payment, "assign"), json={"booking": booking}, headers=csrf)).json()
        assert page["items"][0]["booking"]["number"] == booking


class TestRefunds:
    async def test_by_hand(self, browser: httpx.AsyncClient, staff: StaffService, chief: Invited, booking: int, database: Database) -> None:
        csrf = await entered(browser, staff, chief)
        payment = await came(database, booking, "venmo")
        body = {"client_id": str(uuid4()), "amount_cents": DEPOSIT, "reason": "cancelled in time"}
        for _ in range(2):
            (line,) = (await browser.post(path("payments", payment, "refund"), json=body, headers=csrf)).json()["items"]
        assert (line["state"], line["method"]) == ("asked", "venmo")
        assert (await browser.get(path("payments"))).json()["items"][0]["going_back_cents"] == DEPOSIT
        more = body | {"client_id": str(uuid4()), "amount_cents": 1}
        assert (await browser.post(path("payments", payment, "refund"), json=more, headers=csrf)).status_code == 409
        for _ in range(2):
            (line,) = (await browser.post(path("refunds", line["id"], "done"), json={}, headers=csrf)).json()["items"]
        assert line["state"] == "done"
        assert (await browser.get(path("money"))).json()["accounts"] == []

    async def test_a_cancelled_booking_s_money_waits_to_be_given_back(
        self, browser: httpx.AsyncClient, staff: StaffService, chief: Invited, booking: int, database: Database
    ) -> None:
        csrf = await entered(browser, staff, chief)
        await came(database, booking, "zelle")
        async with database.transaction() as connection:
            id = await connection.scalar(sa.select(Booking.id).where(Booking.number == booking))
            assert id is not None
            await life.ask_cancel(connection, PROFILE, id, CLOCK, utc_now(), "rain")
            assert (await browser.get(path("refunds"))).json()["owing"] == []
            await life.decide_cancel(connection, PROFILE, id, True, CLOCK, utc_now())
        owing = (await browser.get(path("refunds"))).json()["owing"]
        assert [(one["booking"]["number"], one["cents"]) for one in owing] == [(booking, DEPOSIT)]
        assert (await browser.get(path("money"))).json()["to_give_back"] == 1
        for _ in range(2):
            answer = (await browser.post(path("refunds"), json={"booking": booking}, headers=csrf)).json()
            assert (len(answer["items"]), answer["owing"]) == (1, [])
        await browser.post(path("refunds", answer["items"][0]["id"], "done"), json={}, headers=csrf)
        money = (await browser.get(path("money"))).json()
        assert (money["accounts"], money["to_give_back"]) == ([], 0)

    async def test_a_card_s_goes_through_the_provider(
        self, browser: httpx.AsyncClient, staff: StaffService, chief: Invited, booking: int, database: Database
    ) -> None:
        csrf = await entered(browser, staff, chief)
        payment = await came(database, booking)
        body = {"client_id": str(uuid4()), "amount_cents": DEPOSIT, "reason": "asked"}
        (line,) = (await browser.post(path("payments", payment, "refund"), json=body, headers=csrf)).json()["items"]
        for what in ("done", "again"):
            assert (await browser.post(path("refunds", line["id"], what), json={}, headers=csrf)).status_code == 409


class TestPages:
    async def test_one_after_the_other(self, browser: httpx.AsyncClient, staff: StaffService, chief: Invited, database: Database) -> None:
        await entered(browser, staff, chief)
        async with database.transaction() as connection:
            for number in range(5):
                incoming = Incoming("zelle", f"z{number}", 100 + number, utc_now())
                await receiving.receive(connection, PROFILE, incoming, utc_now())
            assert await connection.scalar(sa.select(sa.func.count()).select_from(Payment)) == 5
        seen, cursor = [], ""
        while True:
            page = (await browser.get(path(f"payments?limit=2{cursor}"))).json()
            seen += [line["amount_cents"] for line in page["items"]]
            if "cursor" not in page:
                break
            cursor = f"&cursor={page['cursor']}"
        assert seen == [104, 103, 102, 101, 100]
