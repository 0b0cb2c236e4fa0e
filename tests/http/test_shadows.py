"""Shadows over HTTP: for owners and admins alone; what is asked wrongly is refused; a preference is kept once, audited, taken back."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa

from business.staff.service import Invited, StaffService
from business.staff.tokens import ApiTokens
from kernel.clock import utc_now
from kernel.database import Database
from kernel.tables.ai import ChatEvent
from kernel.tables.core import Audit
from kernel.tables.ops import Outbox
from tests.http.conftest import NewBrowser, entered
from tests.knowledge import pairs as made

PATH = "/api/admin/shadows"


@pytest.fixture
async def conversation(database: Database) -> UUID:
    return await made.conversation(database)


async def one(database: Database, conversation: UUID, **more: Any) -> str:
    async with database.transaction() as connection:
        return str(await made.pair(connection, conversation, await made.turn(connection, conversation), **more))


class Person:
    """Somebody of the staff with a browser of their own."""

    def __init__(self, browser: httpx.AsyncClient, csrf: dict[str, str]) -> None:
        self.browser, self._csrf = browser, csrf

    async def get(self, path: str = "") -> httpx.Response:
        return await self.browser.get(f"{PATH}{path}")

    async def prefer(self, pair: str, body: Any) -> httpx.Response:
        return await self.browser.put(f"{PATH}/{pair}/preference", json=body, headers=self._csrf)


@pytest.fixture
async def olga(new_browser: NewBrowser, staff: StaffService) -> Person:
    browser = new_browser()
    return Person(browser, await entered(browser, staff, await staff.invite("olga@example.com", "Olga", "owner")))


async def trail(database: Database) -> list[tuple[str, dict[str, Any]]]:
    async with database.transaction() as connection:
        rows = await connection.execute(sa.select(Audit).where(Audit.action.startswith("shadow.")).order_by(Audit.id))
        return [(row.action, row.details) for row in rows]


class TestRefused:
    async def test_whoever_is_not_signed_in(self, browser: httpx.AsyncClient) -> None:
        for path in ("", "/figures", f"/{uuid4()}"):
            assert (await browser.get(f"{PATH}{path}")).status_code == 401

    async def test_an_agent(
        self, new_browser: NewBrowser, staff: StaffService, dana: Invited, database: Database, conversation: UUID
    ) -> None:
        pair, browser = await one(database, conversation), new_browser()
        agent = Person(browser, await entered(browser, staff, dana))
        for path in ("", "/figures", f"/{pair}"):
            assert (await agent.get(path)).status_code == 403, path
        assert (await agent.prefer(pair, {"preference": "tie"})).status_code == 403
        assert await trail(database) == []

    async def test_a_page_without_its_token_and_a_program(
        self, olga: Person, database: Database, conversation: UUID, staff: StaffService
    ) -> None:
        pair = await one(database, conversation)
        path, body = f"{PATH}/{pair}/preference", {"preference": "tie"}
        assert (await olga.browser.put(path, json=body)).status_code == 403
        chief = await staff.invite("chief@example.com", "Chief", "owner")
        token = await ApiTokens(database).make(chief.staff_id, "figures", ("admin",), None)
        bearer = {"Authorization": f"Bearer {token.secret}"}
        assert (await olga.browser.put(path, json=body, headers=bearer)).status_code == 403
        assert (await olga.browser.get(f"{PATH}/figures", headers=bearer)).status_code == 200
        assert await trail(database) == []

    async def test_what_it_does_not_know(self, olga: Person, database: Database, conversation: UUID) -> None:
        pair = await one(database, conversation)
        for query in (
            "?state=lost",
            "?agrees=perhaps",
            "?limit=0",
            "?limit=500",
            "?cursor=x",
            "?who=me",
            "/figures?days=0",
            "/figures?days=900",
        ):
            answer = await olga.get(query)
            assert answer.status_code == 400 and answer.json()["error"]["message"], query
        for path in (f"/{uuid4()}", "/none"):
            assert (await olga.get(path)).status_code == 404, path
        wrong: tuple[Any, ...] = ({}, {"preference": "both"}, {"preference": "tie", "why": "x"}, [])
        for body in wrong:
            assert (await olga.prefer(pair, body)).status_code == 400, body
        assert (await olga.prefer(str(uuid4()), {"preference": "tie"})).status_code == 404
        failed = await one(database, conversation, state="failed", error="timeout")
        answer = await olga.prefer(failed, {"preference": "tie"})
        assert answer.status_code == 409 and "no answer" in answer.json()["error"]["message"]
        assert await trail(database) == []


class TestReading:
    async def test_nothing(self, olga: Person) -> None:
        assert (await olga.get()).json() == {"items": []}
        figures = (await olga.get("/figures?candidate=student")).json()
        assert (figures["configured"], figures["candidates"], figures["intents"], figures["days"]) == ([], [], [], [])

    async def test_goes_on_where_the_page_ended(self, olga: Person, database: Database, conversation: UUID) -> None:
        known = [await one(database, conversation, at=utc_now() - timedelta(minutes=n)) for n in range(5)]
        await one(database, conversation, candidate="spare")
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            body = (await olga.get(f"?candidate=student&state=done&judged=false&limit=2{f'&cursor={cursor}' if cursor else ''}")).json()
            found += [line["id"] for line in body["items"]]
            cursor = body.get("cursor")
        assert found == known

    async def test_one_whole(self, olga: Person, database: Database, conversation: UUID) -> None:
        body = (await olga.get(f"/{await one(database, conversation)}")).json()
        assert (body["question"], body["primary"]["text"], body["shadow"]["text"]) == (made.ASKED, made.PRIMARY, made.SHADOW)
        assert body["primary"]["calls"] == [made.QUOTED] and body["agreement"]["amounts"]["only_candidate"] == ["$700"]
        assert "preference" not in body and body["shadow"]["cost_microdollars"] == 400

    async def test_figures(self, olga: Person, database: Database, conversation: UUID) -> None:
        await one(database, conversation)
        await one(database, conversation, intent="faq")
        await one(database, conversation, candidate="spare", run="replay-7")
        await one(database, conversation, at=utc_now() - timedelta(days=40))
        body = (await olga.get("/figures?candidate=student&intent=faq")).json()
        assert [(one["candidate"], one["pairs"]) for one in body["candidates"]] == [("student", 2)]
        assert [(one["intent"], one["pairs"]) for one in body["intents"]] == [("faq", 1), ("quote", 1)]
        assert [one["pairs"] for one in body["days"]] == [1] and set(body["runs"]) == {"live", "replay-7"}
        replayed = (await olga.get("/figures?run=replay-7")).json()
        assert [one["candidate"] for one in replayed["candidates"]] == ["spare"] and replayed["days"] == []


class TestPreferring:
    async def test_is_kept_once_and_taken_back(self, olga: Person, database: Database, conversation: UUID) -> None:
        pair = await one(database, conversation)
        for _ in range(3):
            body = (await olga.prefer(pair, {"preference": "candidate"})).json()
            assert (body["preference"], body["preferred_by"]) == ("candidate", "Olga") and body["preferred_at"]
        assert (await olga.get("?judged=true")).json()["items"][0]["preference"] == "candidate"
        for _ in range(2):
            assert "preference" not in (await olga.prefer(pair, {"preference": None})).json()
        assert await trail(database) == [("shadow.preferred", {"preference": "candidate"}), ("shadow.preference_taken_back", {})]

    async def test_the_customer_hears_nothing(self, olga: Person, database: Database, conversation: UUID) -> None:
        pair = await one(database, conversation)

        async def written() -> list[int | None]:
            async with database.transaction() as connection:
                return [await connection.scalar(sa.select(sa.func.count()).select_from(of)) for of in (ChatEvent, Outbox)]

        before = await written()
        assert (await olga.prefer(pair, {"preference": "primary"})).status_code == 200
        assert await written() == before
