"""Canned replies over HTTP: agents read, owners and admins write, everything else is refused."""

from uuid import uuid4

import httpx
import pytest

from business.canned.service import CannedReplies, ensure_seeds
from business.staff.service import Invited, StaffService
from kernel.database import Database
from tests.http.conftest import entered

REPLIES = "/api/admin/canned-replies"
MINE = {"shortcut": "/Parking", "title": "Where to park", "text": "Please leave room for a van."}


@pytest.fixture
async def chief(staff: StaffService) -> Invited:
    return await staff.invite("chief@example.com", "Chief", "admin")


class TestWriting:
    async def test_is_not_for_agents(self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited) -> None:
        csrf = await entered(browser, staff, dana)
        for method, path in (("POST", REPLIES), ("PATCH", f"{REPLIES}/{uuid4()}"), ("DELETE", f"{REPLIES}/{uuid4()}")):
            response = await browser.request(method, path, json=MINE if method == "POST" else {}, headers=csrf)
            assert (response.status_code, response.json()["error"]["code"]) == (403, "not_allowed")
        assert (await browser.get(REPLIES)).json() == {"items": []}

    @pytest.mark.parametrize(
        "wrong",
        [
            {"shortcut": "two words"},
            {"shortcut": "/"},
            {"shortcut": "x" * 31},
            {"title": " "},
            {"title": "x" * 81},
            {"text": "\n"},
            {"text": "x" * 4001},
            {"locale": "klingon"},
            {"id": "1"},
        ],
        ids=str,
    )
    async def test_nonsense(self, browser: httpx.AsyncClient, staff: StaffService, chief: Invited, wrong: dict[str, str]) -> None:
        csrf = await entered(browser, staff, chief)
        assert (await browser.post(REPLIES, json=MINE | wrong, headers=csrf)).status_code == 400
        made = (await browser.post(REPLIES, json=MINE, headers=csrf)).json()
        assert (await browser.patch(f"{REPLIES}/{made['id']}", json=wrong, headers=csrf)).status_code == 400
        assert (await browser.get(REPLIES)).json() == {"items": [made]}

    async def test_taken_and_unknown(self, browser: httpx.AsyncClient, staff: StaffService, chief: Invited) -> None:
        csrf = await entered(browser, staff, chief)
        first = (await browser.post(REPLIES, json=MINE, headers=csrf)).json()
        second = (await browser.post(REPLIES, json=MINE | {"shortcut": "other"}, headers=csrf)).json()
        assert (await browser.post(REPLIES, json=MINE | {"shortcut": "PARKING"}, headers=csrf)).status_code == 409
        assert (await browser.patch(f"{REPLIES}/{second['id']}", json={"shortcut": "parking"}, headers=csrf)).status_code == 409
        for path in (f"{REPLIES}/{uuid4()}", f"{REPLIES}/nonsense"):
            assert (await browser.patch(path, json={"title": "x"}, headers=csrf)).status_code == 404
            assert (await browser.delete(path, headers=csrf)).status_code == 404
        assert (await browser.patch(f"{REPLIES}/{first['id']}", json={"shortcut": "parking"}, headers=csrf)).status_code == 200

    async def test_add_change_delete_leave_their_trail(
        self, browser: httpx.AsyncClient, staff: StaffService, chief: Invited, database: Database
    ) -> None:
        csrf = await entered(browser, staff, chief)
        made = (await browser.post(REPLIES, json=MINE | {"locale": "en"}, headers=csrf)).json()
        assert made == {"id": made["id"], **MINE, "shortcut": "parking", "locale": "en"}
        changed = (await browser.patch(f"{REPLIES}/{made['id']}", json={"text": "By the gate.", "locale": None}, headers=csrf)).json()
        assert changed == {"id": made["id"], "shortcut": "parking", "title": MINE["title"], "text": "By the gate."}
        assert (await browser.delete(f"{REPLIES}/{made['id']}", headers=csrf)).json() == {"ok": True}
        async with database.transaction() as connection:
            rows = await connection.exec_driver_sql("SELECT action, actor_id FROM core.audit WHERE subject = $1 ORDER BY at", (made["id"],))
            trail = [tuple(row) for row in rows]
        assert trail == [(f"canned_reply.{verb}", str(chief.staff_id)) for verb in ("added", "changed", "deleted")]


async def test_seeds_come_once(database: Database) -> None:
    replies = CannedReplies(database)
    await database.unit(ensure_seeds)
    first = await replies.list()
    assert {one.locale for one in first} == {"en", "es"} and len(first) == 8
    assert not any(character.isdigit() or character == "$" for one in first for character in one.text)
    async with database.transaction() as connection:
        await connection.exec_driver_sql("DELETE FROM ops.canned_reply WHERE shortcut = 'hi'")
    await database.unit(ensure_seeds)
    assert [one.shortcut for one in await replies.list()] == [one.shortcut for one in first if one.shortcut != "hi"]
