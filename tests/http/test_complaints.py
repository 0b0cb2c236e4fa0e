"""Complaints over HTTP: agents read, note, plan and propose; owners and admins settle and decide; nobody else sees anything."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa

from business.complaints import service
from business.conversations.receive import receive
from business.customers import visitors
from business.profile.loader import load_profile
from business.sites.queries import site_by_key
from business.sites.service import ensure_demo
from business.staff.service import Invited, StaffService
from kernel.clock import utc_now
from kernel.database import Database
from kernel.tables.ai import ChatSession
from kernel.tables.ops import Booking
from tests.bookings.conftest import Customers, request
from tests.http.conftest import NewBrowser, entered

PROFILE = load_profile()
LIMITS = PROFILE.reviews.coupon
COUPON = {"percent": LIMITS.percent_at_most, "cents": LIMITS.cents_at_most, "reason": "Cold food"}
SAID = "Two of us got sick after the party"
PATH = "/api/admin/complaints"


@pytest.fixture
async def complaint(database: Database) -> str:
    """A severe one of a customer at the demo site."""
    await database.unit(ensure_demo)
    async with database.transaction() as connection:
        site = await site_by_key(connection, "demo")
        assert site is not None
    return await made(database, site, "severe", SAID)


async def made(database: Database, site: Any, severity: Any, said: str) -> str:
    visitor = visitors.mint("secret", site.id, site.key, utc_now())
    await database.unit(lambda c: receive(c, visitor, client_id=uuid4(), text=said, now=utc_now()))
    recorded = await database.unit(
        lambda c: service.record(c, PROFILE, visitor.conversation, severity=severity, summary=said, now=utc_now())
    )
    return str(recorded.id)


class Person:
    """Somebody of the staff with a browser of their own."""

    def __init__(self, browser: httpx.AsyncClient, csrf: dict[str, str]) -> None:
        self._browser, self._csrf = browser, csrf

    async def get(self, path: str) -> httpx.Response:
        return await self._browser.get(path)

    async def post(self, path: str, body: Any = None) -> httpx.Response:
        return await self._browser.post(path, json=body or {}, headers=self._csrf)


@pytest.fixture
async def dana_here(new_browser: NewBrowser, staff: StaffService, dana: Invited) -> Person:
    browser = new_browser()
    return Person(browser, await entered(browser, staff, dana))


@pytest.fixture
async def olga_here(new_browser: NewBrowser, staff: StaffService) -> Person:
    browser = new_browser()
    return Person(browser, await entered(browser, staff, await staff.invite("olga@example.com", "Olga", "owner")))


class TestReading:
    async def test_nobody_who_is_not_signed_in(self, browser: httpx.AsyncClient, complaint: str) -> None:
        for path in (PATH, f"{PATH}/{complaint}", f"{PATH}/patterns"):
            assert (await browser.get(path)).status_code == 401

    async def test_the_list(self, dana_here: Person, complaint: str, database: Database) -> None:
        body = (await dana_here.get(PATH)).json()
        (line,) = body["items"]
        assert (line["id"], line["severity"], line["topic"], line["state"], line["summary"]) == (
            complaint,
            "severe",
            "sickness",
            "open",
            SAID,
        )
        assert body["open"] == {"minor": 0, "moderate": 0, "severe": 1} and "cursor" not in body
        assert (await dana_here.get(f"{PATH}?severity=minor")).json()["items"] == []
        assert (await dana_here.get(f"{PATH}?state=resolved")).json()["items"] == []
        async with database.transaction() as connection:
            await connection.execute(sa.update(ChatSession).values(channel="sms", phone="+15105550142"))
        (line,), record = (await dana_here.get(PATH)).json()["items"], (await dana_here.get(f"{PATH}/{complaint}")).json()
        assert line["customer"] == record["customer"] == "(510) 555-0142", "who texts and gave no name"

    async def test_goes_on_where_the_page_ended(self, dana_here: Person, complaint: str, database: Database) -> None:
        async with database.transaction() as connection:
            site = await site_by_key(connection, "demo")
        more = [await made(database, site, "minor", f"Sauce {n}") for n in range(4)]
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            body = (await dana_here.get(f"{PATH}?limit=2{f'&cursor={cursor}' if cursor else ''}")).json()
            found += [line["id"] for line in body["items"]]
            cursor = body.get("cursor")
        assert found == [*more[::-1], complaint]

    async def test_refuses_what_it_does_not_know(self, dana_here: Person, complaint: str) -> None:
        for query in ("?state=lost", "?severity=awful", "?limit=0", "?limit=1000", "?cursor=x", "?who=me", "/patterns?weeks=0"):
            assert (await dana_here.get(f"{PATH}{query}")).status_code == 400, query
        for path in (f"{PATH}/{UUID(int=7)}", f"{PATH}/none"):
            assert (await dana_here.get(path)).status_code == 404, path

    async def test_one_whole(self, dana_here: Person, complaint: str) -> None:
        body = (await dana_here.get(f"{PATH}/{complaint}")).json()
        assert body["said"][-1]["message"]["text"] == SAID and body["incident"]["said"][-1]["text"] == SAID
        assert len(body["follow_ups"]) == len(PROFILE.complaints.severities[2].follow_ups)
        assert body["limits"] == {"percent": LIMITS.percent_at_most, "cents": LIMITS.cents_at_most, "months": LIMITS.months}

    async def test_patterns(self, dana_here: Person, complaint: str) -> None:
        body = (await dana_here.get(f"{PATH}/patterns?weeks=3")).json()
        assert [week["severe"] for week in body["weeks"]] == [0, 0, 1] and body["topics"] == [{"name": "sickness", "count": 1}]


class TestRoles:
    async def test_an_agent_decides_on_nothing(self, dana_here: Person, olga_here: Person, complaint: str) -> None:
        proposed = (await dana_here.post(f"{PATH}/{complaint}/coupons", COUPON)).json()["coupons"][0]
        for path, body in (
            (f"{PATH}/{complaint}/resolve", {"resolution": "Done."}),
            (f"{PATH}/{complaint}/reopen", {}),
            (f"/api/admin/coupons/{proposed['id']}/decision", {"approve": True}),
            (f"/api/admin/coupons/{proposed['id']}/use", {"booking": str(UUID(int=7))}),
        ):
            assert (await dana_here.post(path, body)).status_code == 403, path
        record = (await olga_here.get(f"{PATH}/{complaint}")).json()
        assert record["state"] == "open" and record["coupons"][0]["state"] == "proposed"

    async def test_nothing_changes_without_the_token_of_the_page(self, dana_here: Person, complaint: str) -> None:
        answer = await dana_here._browser.post(f"{PATH}/{complaint}/notes", json={"id": str(uuid4()), "text": "Hi"})
        assert answer.status_code == 403

    async def test_an_agent_notes_plans_and_names_the_topic(self, dana_here: Person, complaint: str) -> None:
        note = {"id": str(uuid4()), "text": "Called, nobody answered"}
        for _ in range(2):
            body = (await dana_here.post(f"{PATH}/{complaint}/notes", note)).json()
        assert [line["text"] for line in body["notes"]] == ["Called, nobody answered"]
        at = (utc_now() + timedelta(hours=1)).isoformat()
        body = (await dana_here.post(f"{PATH}/{complaint}/follow-ups", {"what": "Call again", "due_at": at})).json()
        planned = next(line for line in body["follow_ups"] if line["what"] == "Call again")
        body = (await dana_here.post(f"/api/admin/follow-ups/{planned['id']}/done")).json()
        assert next(line for line in body["follow_ups"] if line["id"] == planned["id"])["done_by"] == "Dana"
        assert (await dana_here.post(f"{PATH}/{complaint}/topic", {"topic": "food"})).json()["topic"] == "food"


# path, body, status
WRONG: tuple[tuple[str, dict[str, Any], int], ...] = (
    ("/resolve", {"resolution": ""}, 400),
    ("/resolve", {"resolution": "x" * 2_001}, 413),
    ("/resolve", {"resolution": "Done.", "refund": 100}, 400),
    ("/topic", {"topic": "weather"}, 400),
    ("/notes", {"text": "without an id"}, 400),
    ("/follow-ups", {"what": "Call", "due_at": "2031-01-01T10:00:00"}, 400),  # by which clock?
    ("/follow-ups", {"what": "Call", "due_at": "2001-01-01T10:00:00Z"}, 409),
    ("/coupons", {**COUPON, "percent": LIMITS.percent_at_most + 1}, 400),
    ("/coupons", {**COUPON, "cents": LIMITS.cents_at_most + 1}, 400),
    ("/coupons", {**COUPON, "cents": 0}, 400),
    ("/coupons", {**COUPON, "code": "FREE"}, 400),
)


class TestRefused:
    async def test_says_why_and_changes_nothing(self, olga_here: Person, complaint: str) -> None:
        before = (await olga_here.get(f"{PATH}/{complaint}")).json()
        for path, body, status in WRONG:
            answer = await olga_here.post(f"{PATH}/{complaint}{path}", body)
            assert answer.status_code == status and answer.json()["error"]["message"], (path, body)
        assert (await olga_here.get(f"{PATH}/{complaint}")).json() == before


class TestDeciding:
    async def test_a_code_is_shown_once_it_counts(self, dana_here: Person, olga_here: Person, complaint: str) -> None:
        proposed = (await dana_here.post(f"{PATH}/{complaint}/coupons", COUPON)).json()["coupons"][0]
        assert "code" not in proposed
        decision = f"/api/admin/coupons/{UUID(proposed['id'])}/decision"
        (approved,) = (await olga_here.post(decision, {"approve": True})).json()["coupons"]
        assert approved["code"] and approved["decided_by"] == "Olga" and approved["expires_at"]
        again = await olga_here.post(decision, {"approve": False})
        assert again.status_code == 409 and "approved already" in again.json()["error"]["message"]

    async def test_a_coupon_is_used_on_a_booking_once(self, olga_here: Person, complaint: str, database: Database) -> None:
        record = (await olga_here.post(f"{PATH}/{complaint}/coupons", COUPON)).json()
        coupon = f"/api/admin/coupons/{record['coupons'][0]['id']}"
        held = await Customers(database).held(request(UUID(record["conversation"])))
        async with database.transaction() as connection:
            await connection.execute(sa.update(Booking).where(Booking.id == held.booking.id).values(total_cents=70_000))
        body = {"booking": str(held.booking.id)}
        early = await olga_here.post(f"{coupon}/use", body)
        assert early.status_code == 409 and "is proposed" in early.json()["error"]["message"]
        await olga_here.post(f"{coupon}/decision", {"approve": True})
        for wrong, status in (({}, 400), ({**body, "cents": 5}, 400), ({"booking": str(UUID(int=7))}, 404)):
            assert (await olga_here.post(f"{coupon}/use", wrong)).status_code == status, wrong
        for _ in range(2):
            (used,) = (await olga_here.post(f"{coupon}/use", body)).json()["coupons"]
            assert (used["state"], used["booking"]) == ("used", held.booking.number)

    async def test_settled_and_opened_again(self, olga_here: Person, complaint: str) -> None:
        body = (await olga_here.post(f"{PATH}/{complaint}/resolve", {"resolution": "We called, all are well."})).json()
        assert (body["state"], body["resolved_by"], body["resolution"]) == ("resolved", "Olga", "We called, all are well.")
        body = (await olga_here.post(f"{PATH}/{complaint}/reopen")).json()
        assert body["state"] == "open" and "resolved_at" not in body
