"""Text messages over HTTP: who sees whose number, another try, and that one arrived."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from business.channels import outgoing
from business.channels.outgoing import Text
from business.staff.service import Invited, StaffService
from kernel.database import Database
from kernel.tables.core import Audit
from kernel.tables.ops import TextMessage
from tests.http.conftest import entered

AT = "/api/admin/texts"


@pytest.fixture
async def csrf(browser: httpx.AsyncClient, staff: StaffService) -> dict[str, str]:
    return await entered(browser, staff, await staff.invite("chief@hibachi.house", "Chief", "admin"))


async def written(database: Database, to: str = "+14155557001", purpose: str = "person", **changed: Any) -> str:
    """A text, in whatever state the test wants."""
    given = Text(str(uuid4()), purpose, to, "Hi Ana", "en")  # type: ignore[arg-type]
    text = (await database.unit(lambda c: outgoing.store(c, given))).id
    if changed:
        async with database.transaction() as connection:
            await connection.execute(sa.update(TextMessage).where(TextMessage.id == text).values(changed))
    return str(text)


class TestWhoMay:
    async def test_nobody_who_is_not_signed_in(self, browser: httpx.AsyncClient, database: Database) -> None:
        text = await written(database)
        for path in (AT, f"{AT}/{text}"):
            assert (await browser.get(path)).status_code == 401
        for path in ("retry", "arrived"):
            assert (await browser.post(f"{AT}/{text}/{path}", json={})).status_code == 401

    async def test_agents_see_the_last_four_digits_and_decide_nothing(
        self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited, database: Database
    ) -> None:
        text = await written(database, state="unknown")
        headers = await entered(browser, staff, dana)
        shown = [(await browser.get(AT)).json()["items"][0], (await browser.get(f"{AT}/{text}")).json()["text"]]
        assert all(one["to"].endswith("7001") and "415" not in one["to"] for one in shown)
        for path in ("retry", "arrived"):
            assert (await browser.post(f"{AT}/{text}/{path}", json={}, headers=headers)).status_code == 403

    async def test_a_code_is_shown_to_nobody(self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database) -> None:
        await written(database, purpose="code")
        (one,) = (await browser.get(AT)).json()["items"]
        assert "text" not in one and one["to"] == "+14155557001"


class TestWhatWentOut:
    async def test_lists_finds_and_sums_up(self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database) -> None:
        first = await written(database, state="delivered", segments=2, cost_microdollars=17_000)
        second = await written(database, "+12125557001", state="unknown", error="Absent")
        third = await written(database, "+14155550142")
        page = (await browser.get(AT)).json()
        assert page["counts"] == {"delivered": 1, "unknown": 1, "held": 1} and page["provider"] is False
        assert [one["id"] for one in page["items"]] == [third, second, first]
        assert page["month"] == {"texts": 2, "segments": 3, "microdollars": 17_000}
        assert (
            page["items"][1]["why"] == "The provider's list does not have it" and page["items"][0]["why"] == "The number is a placeholder"
        )
        for asked, found in (
            ({"number": "(212) 555-7001"}, [second]),
            ({"state": "held"}, [third]),
            ({"number": "%"}, [third, second, first]),
        ):
            assert [one["id"] for one in (await browser.get(AT, params=asked)).json()["items"]] == found, asked
        assert (await browser.get(f"{AT}/{uuid4()}")).status_code == 404
        assert (await browser.get(AT, params={"state": "lost"})).status_code == 400

    async def test_pages_of_it(self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database) -> None:
        made = [await written(database) for _ in range(5)]
        found, cursor = [], None
        while True:
            page = (await browser.get(AT, params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
            found += [one["id"] for one in page["items"]]
            if not (cursor := page.get("cursor")):
                break
        assert found == made[::-1]


class TestUnknown:
    async def test_another_try_asks_first(self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database) -> None:
        text = await written(database, state="unknown")
        refused = await browser.post(f"{AT}/{text}/retry", json={}, headers=csrf)
        assert refused.status_code == 409 and refused.json()["error"]["unsure"] is True
        for _ in range(2):
            assert (await browser.post(f"{AT}/{text}/retry", json={"sure": True}, headers=csrf)).json()["state"] == "waiting"
        assert await audits(database, "text.retried") == 1

    async def test_it_arrived(self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database) -> None:
        text = await written(database, state="unknown")
        for _ in range(2):
            assert (await browser.post(f"{AT}/{text}/arrived", json={}, headers=csrf)).json()["state"] == "sent"
        assert await audits(database, "text.arrived") == 1
        waiting = await written(database)
        assert (await browser.post(f"{AT}/{waiting}/arrived", json={}, headers=csrf)).status_code == 409
        assert (await browser.post(f"{AT}/{text}/retry", json={"sure": True}, headers=csrf)).status_code == 409


async def audits(database: Database, action: str) -> int:
    async with database.transaction() as connection:
        return int(await connection.scalar(sa.select(sa.func.count()).select_from(Audit).where(Audit.action == action)) or 0)
