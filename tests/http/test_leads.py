"""Leads over HTTP: the board by columns, moves by whoever saw how it stands; how somebody is reached is not for everybody."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa

from business.leads import service
from business.profile.loader import load_profile
from business.sites.service import ensure_demo
from business.staff.service import Invited
from kernel.clock import utc_now
from kernel.database import Database
from kernel.tables.ai import ChatSession
from tests.bookings.conftest import Customers
from tests.http.test_complaints import Person, dana_here, olga_here
from tests.http.test_tokens import chief, with_scopes

__all__ = ["chief", "dana_here", "olga_here"]

PROFILE = load_profile()
PATH = "/api/admin/leads"
PHONE = "+15105550188"


async def made(database: Database, name: str = "Ana Perez", source: str = "chat", **facts: Any) -> str:
    """A lead who left a number."""
    conversation = await Customers(database).one()
    given = {"adults": 10, **facts}
    saved = await database.unit(lambda c: service.save(c, PROFILE, conversation, given, utc_now(), name=name, phone=PHONE, source=source))
    return str(saved.id)


@pytest.fixture
async def lead(database: Database) -> str:
    await database.unit(ensure_demo)
    return await made(database)


async def columns(person: Person, query: str = "") -> dict[str, Any]:
    body = (await person.get(f"{PATH}{query}")).json()
    return {column["status"]: column for column in body["columns"]}


class TestRefused:
    async def test_nobody_who_is_not_signed_in(self, browser: httpx.AsyncClient, lead: str) -> None:
        for path in (PATH, f"{PATH}/{lead}"):
            assert (await browser.get(path)).status_code == 401

    async def test_what_it_does_not_know(self, dana_here: Person, lead: str) -> None:
        queries = (
            "?status=lost",
            "?temperature=boiling",
            "?assignee=somebody",
            "?limit=0",
            "?limit=101",
            "?who=me",
            "?status=new&cursor=x_y",
        )
        for query in queries:
            assert (await dana_here.get(f"{PATH}{query}")).status_code == 400, query
        for path in (f"{PATH}/{UUID(int=7)}", f"{PATH}/none"):
            assert (await dana_here.get(path)).status_code == 404, path

    async def test_what_cannot_be_done_says_why_and_changes_nothing(self, dana_here: Person, lead: str) -> None:
        before = (await dana_here.get(f"{PATH}/{lead}")).json()
        wrong: tuple[tuple[str, dict[str, Any], int], ...] = (
            ("move", {"to": "working"}, 400),
            ("move", {"to": "lost", "rev": 0}, 400),
            ("move", {"to": "disqualified", "rev": 0}, 400),
            ("move", {"to": "working", "rev": 0, "score": 100}, 400),
            ("move", {"to": "working", "rev": 5}, 409),
            ("take-back", {"rev": 0}, 409),
            ("assign", {"rev": 0}, 400),
            ("assign", {"staff": str(UUID(int=7)), "rev": 0}, 404),
            ("notes", {"text": "without an id"}, 400),
            ("notes", {"id": str(uuid4()), "text": "x" * 2_001}, 413),
        )
        for verb, body, status in wrong:
            answer = await dana_here.post(f"{PATH}/{lead}/{verb}", body)
            assert answer.status_code == status and answer.json()["error"]["message"], (verb, body)
        assert (await dana_here.get(f"{PATH}/{lead}")).json() == before

    async def test_nothing_changes_without_the_token_of_the_page(self, dana_here: Person, lead: str) -> None:
        answer = await dana_here._browser.post(f"{PATH}/{lead}/move", json={"to": "working", "rev": 0})
        assert answer.status_code == 403

    async def test_who_was_slower_is_told_how_it_stands(self, dana_here: Person, olga_here: Person, lead: str) -> None:
        await olga_here.post(f"{PATH}/{lead}/move", {"to": "working", "rev": 0})
        answer = await dana_here.post(f"{PATH}/{lead}/move", {"to": "nurturing", "rev": 0})
        error = answer.json()["error"]
        assert answer.status_code == 409 and (error["status"], error["rev"]) == ("working", 1) and "Olga" in error["message"]


class TestBoard:
    async def test_columns_with_counts_and_cards(self, olga_here: Person, lead: str, database: Database) -> None:
        other = await made(database, "Ben Ode", "referral", budget_cents=1_000_00)
        found = await columns(olga_here)
        assert list(found) == list(PROFILE.leads.statuses)
        assert [card["id"] for card in found["new"]["items"]] == [other, lead] and found["new"]["count"] == 2
        card = found["new"]["items"][1]
        assert (card["customer"], card["score"], card["temperature"], card["reached_by"]) == ("Ana Perez", 30, "cold", ["phone"])
        assert card["reasons"] == [{"what": "adults", "points": 15}, {"what": "source", "points": 15}]
        assert PHONE not in (await olga_here.get(PATH)).text

    async def test_who_texts_goes_by_their_number_where_the_viewer_may_reach_them(
        self, olga_here: Person, dana_here: Person, dana: Invited, database: Database
    ) -> None:
        await database.unit(ensure_demo)
        conversation = await Customers(database).one()
        saved = await database.unit(lambda c: service.save(c, PROFILE, conversation, {"adults": 10}, utc_now(), source="sms"))
        async with database.transaction() as connection:
            texts = sa.update(ChatSession).where(ChatSession.id == conversation).values(channel="sms", phone=PHONE)
            await connection.execute(texts)

        async def called(person: Person) -> tuple[str | None, str | None]:
            (card,) = (await columns(person))["new"]["items"]
            record = (await person.get(f"{PATH}/{saved.id}")).json()["lead"]
            return card.get("customer"), record.get("customer")

        assert await called(olga_here) == ("(510) 555-0188", "(510) 555-0188")
        assert await called(dana_here) == (None, None)
        await olga_here.post(f"{PATH}/{saved.id}/assign", {"staff": str(dana.staff_id), "rev": 0})
        assert await called(dana_here) == ("(510) 555-0188", "(510) 555-0188")

    async def test_narrowed(self, olga_here: Person, dana: Invited, lead: str, database: Database) -> None:
        other = await made(database, "Ben_Ode", "referral", place="Oak Street 7", occasion="birthday")
        await olga_here.post(f"{PATH}/{other}/assign", {"staff": str(dana.staff_id), "rev": 0})
        asked = {
            "source=referral": [other],
            "temperature=warm": [other],
            "temperature=hot": [],
            f"assignee={dana.staff_id}": [other],
            "assignee=nobody": [lead],
            "text=ana": [lead],
            "text=n_o": [other],
            "text=Oak": [other],
            "text=birth": [other],
            "text=5550188": [other, lead],
        }
        for query, wanted in asked.items():
            found = (await columns(olga_here, f"?{query}"))["new"]
            assert ([card["id"] for card in found["items"]], found["count"]) == (wanted, len(wanted)), query

    async def test_a_column_goes_on_where_its_page_ended(self, olga_here: Person, lead: str, database: Database) -> None:
        more = [await made(database, f"N{n}", budget_cents=n % 2 * 1_000_00) for n in range(4)]
        await self._pages(olga_here, "new", {lead, *more})
        for one in more:
            await olga_here.post(f"{PATH}/{one}/move", {"to": "disqualified", "rev": 0, "why": "Spam"})
        await self._pages(olga_here, "disqualified", set(more))

    @staticmethod
    async def _pages(person: Person, status: str, wanted: set[str]) -> None:
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            after = {"cursor": cursor} if cursor else {}
            query = httpx.QueryParams({"status": status, "limit": "2", **after})
            (column,) = (await columns(person, f"?{query}")).values()
            assert column["count"] == len(wanted)
            found += [card["id"] for card in column["items"]]
            cursor = column.get("cursor")
        assert len(found) == len(set(found)) and set(found) == wanted


class TestOne:
    async def test_moved_taken_back_given_to_somebody_and_noted(self, dana_here: Person, dana: Invited, lead: str) -> None:
        body = (await dana_here.post(f"{PATH}/{lead}/move", {"to": "disqualified", "rev": 0, "why": "Too far away"})).json()
        assert (body["lead"]["status"], body["lead"]["why_disqualified"], body["moves"]) == (
            "disqualified",
            "Too far away",
            ["working", "nurturing"],
        )
        body = (await dana_here.post(f"{PATH}/{lead}/take-back", {"rev": 1})).json()
        assert body["lead"]["status"] == "new" and body["history"][0]["taken_back"] is True
        body = (await dana_here.post(f"{PATH}/{lead}/assign", {"staff": str(dana.staff_id), "rev": 2})).json()
        assert body["lead"]["assignee_name"] == "Dana"
        note = {"id": str(uuid4()), "text": "Called, nobody answered"}
        for _ in range(2):
            body = (await dana_here.post(f"{PATH}/{lead}/notes", note)).json()
        assert [(one["kind"], one.get("by")) for one in body["history"]] == [
            (kind, "Dana") for kind in ("note", "assigned", "status", "status")
        ]

    async def test_how_they_are_reached_is_for_chiefs_and_whose_lead_it_is(
        self, dana_here: Person, olga_here: Person, dana: Invited, lead: str
    ) -> None:
        mine = (await dana_here.get(f"{PATH}/{lead}")).json()
        assert "contacts" not in mine and mine["lead"]["reached_by"] == ["phone"]
        assert (await columns(dana_here, "?text=5550188"))["new"]["count"] == 0
        whole = (await olga_here.get(f"{PATH}/{lead}")).json()
        assert whole["contacts"] == [{"kind": "phone", "value": PHONE, "verified": False}] and "consent" not in whole
        await olga_here.post(f"{PATH}/{lead}/assign", {"staff": str(dana.staff_id), "rev": 0})
        assert (await dana_here.get(f"{PATH}/{lead}")).json()["contacts"] == whole["contacts"]
        assert (await columns(dana_here, "?text=5550188"))["new"]["count"] == 1


class TestPrograms:
    async def test_by_their_scopes(self, browser: httpx.AsyncClient, chief: Invited, database: Database, lead: str) -> None:
        reads, writes = [await with_scopes(database, chief, scope) for scope in ("read", "write")]  # type: ignore[arg-type]
        move = {"to": "working", "rev": 0}
        assert (await browser.get(PATH, headers=writes)).status_code == 403
        assert (await browser.post(f"{PATH}/{lead}/move", json=move, headers=reads)).status_code == 403
        assert (await browser.get(f"{PATH}/{lead}", headers=reads)).json()["contacts"][0]["value"] == PHONE
        assert (await browser.post(f"{PATH}/{lead}/move", json=move, headers=writes)).json()["lead"]["status"] == "working"
