"""Dead letters over HTTP: what came to nothing, without a word of what it says; tried again once, and audited."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa

from business.staff.service import Invited, StaffService
from business.staff.tokens import ApiTokens
from kernel import outbox
from kernel.bus import Bus, connect
from kernel.database import Database
from kernel.jobs import JOBS, NotifyStaff, WebhookOff
from kernel.tables.core import Audit
from kernel.tables.ops import Notification, Outbox
from tests.http.conftest import entered
from workers.effects import Effects

AT = "/api/admin/dead-letters"


@pytest.fixture
async def csrf(browser: httpx.AsyncClient, staff: StaffService) -> dict[str, str]:
    return await entered(browser, staff, await staff.invite("chief@example.com", "Chief", "admin"))


async def bury(database: Database, error: str = "ValueError", **changed: Any) -> tuple[UUID, UUID]:
    """A dead effect; returns it and its conversation."""
    conversation = uuid4()
    job = NotifyStaff(conversation=conversation, reason="handoff", handoff_kind="booking")
    effect = await database.unit(lambda c: outbox.enqueue(c, job, key=f"k:{uuid4()}"))
    async with database.transaction() as connection:
        values = {"state": "dead", "attempts": 8, "error": error, **changed}
        await connection.execute(sa.update(Outbox).where(Outbox.id == effect).values(values))
    return effect, conversation


async def state_of(database: Database, effect: UUID) -> tuple[str, int, str | None]:
    async with database.transaction() as connection:
        row = (await connection.execute(sa.select(Outbox.state, Outbox.attempts, Outbox.error).where(Outbox.id == effect))).one()
    return row.state, row.attempts, row.error


async def audited(database: Database) -> list[tuple[str | None, dict[str, Any]]]:
    async with database.transaction() as connection:
        rows = await connection.execute(sa.select(Audit.subject, Audit.details).where(Audit.action == "dead_letter.retried"))
        return [(row.subject, row.details) for row in rows]


class TestWhoMaySee:
    async def test_nobody_who_is_not_signed_in(self, browser: httpx.AsyncClient) -> None:
        assert (await browser.get(AT)).status_code == 401
        assert (await browser.post(f"{AT}/{uuid4()}/retry", json={})).status_code == 401

    async def test_no_agent(self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited, database: Database) -> None:
        csrf = await entered(browser, staff, dana)
        effect, _ = await bury(database)
        assert (await browser.get(AT)).status_code == 403
        assert (await browser.post(f"{AT}/{effect}/retry", json={}, headers=csrf)).status_code == 403
        assert (await state_of(database, effect))[0] == "dead"

    async def test_not_without_the_csrf_token_nor_for_another_site_s_page(
        self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database
    ) -> None:
        effect, _ = await bury(database)
        assert (await browser.post(f"{AT}/{effect}/retry", json={})).status_code == 403
        evil = csrf | {"Origin": "https://evil.example"}
        assert (await browser.post(f"{AT}/{effect}/retry", json={}, headers=evil)).status_code == 403
        assert (await state_of(database, effect))[0] == "dead"

    async def test_a_token_with_the_scope(self, browser: httpx.AsyncClient, staff: StaffService, database: Database) -> None:
        chief = await staff.invite("chief@example.com", "Chief", "owner")
        reads = await ApiTokens(database).make(chief.staff_id, "reads", ("read",), None)
        admin = await ApiTokens(database).make(chief.staff_id, "admin", ("admin",), None)
        asked = [await browser.get(AT, headers={"Authorization": f"Bearer {token.secret}"}) for token in (reads, admin)]
        assert [response.status_code for response in asked] == [403, 200]


class TestList:
    async def test_says_what_it_was_and_nothing_of_what_it_says(
        self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database
    ) -> None:
        effect, conversation = await bury(database)
        await database.unit(lambda c: outbox.enqueue(c, WebhookOff(endpoint=uuid4()), key="alive"))
        body = (await browser.get(AT)).json()
        (item,) = body["items"]
        assert set(item) == {"id", "kind", "error", "attempts", "created_at", "conversation"} and body["total"] == 1
        assert (item["id"], item["kind"], item["error"], item["attempts"]) == (str(effect), "notify_staff", "ValueError", 8)
        assert item["conversation"] == str(conversation) and "cursor" not in body

    @pytest.mark.parametrize("payload", [{}, {"conversation": 7}, {"conversation": "nowhere"}, {"conversation": None}], ids=str)
    async def test_of_what_nobody_can_read(
        self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database, payload: dict[str, Any]
    ) -> None:
        await bury(database, "InvalidPayload", payload=payload, kind="no longer known")
        (item,) = (await browser.get(AT)).json()["items"]
        assert item["error"] == "InvalidPayload" and "conversation" not in item

    async def test_page_by_page_the_newest_first(self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database) -> None:
        made = [str((await bury(database))[0]) for _ in range(5)]
        seen: list[str] = []
        ask: dict[str, Any] = {"limit": 2}
        while True:
            body = (await browser.get(AT, params=ask)).json()
            seen += [item["id"] for item in body["items"]]
            if "cursor" not in body:
                break
            ask["cursor"] = body["cursor"]
        assert seen == sorted(made, reverse=True) and body["total"] == 5

    @pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": 201}, {"cursor": "x"}, {"kind": "all"}], ids=str)
    async def test_nonsense(self, browser: httpx.AsyncClient, csrf: dict[str, str], wrong: dict[str, Any]) -> None:
        assert (await browser.get(AT, params=wrong)).status_code == 400


class TestRetry:
    async def test_is_carried_out_then_and_audited(
        self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database, redis_url: str
    ) -> None:
        effect, conversation = await bury(database)
        answer = await browser.post(f"{AT}/{effect}/retry", json={}, headers=csrf)
        assert answer.json() == {"id": str(effect), "state": "new"}
        assert await state_of(database, effect) == ("new", 0, None)
        bus = Bus(connect(redis_url))
        await Effects(database, bus).due()
        await bus.close()
        async with database.transaction() as connection:
            assert list(await connection.scalars(sa.select(Notification.conversation_id))) == [conversation]
        assert (await browser.post(f"{AT}/{effect}/retry", json={}, headers=csrf)).json()["state"] == "done"
        assert await audited(database) == [(str(effect), {"kind": "notify_staff", "error": "ValueError"})]
        assert (await browser.get(AT)).json() == {"items": [], "total": 0}

    async def test_again_is_the_same(self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database) -> None:
        effect, _ = await bury(database)
        answers = [(await browser.post(f"{AT}/{effect}/retry", json={}, headers=csrf)).json() for _ in range(3)]
        assert answers == [{"id": str(effect), "state": "new"}] * 3 and len(await audited(database)) == 1

    async def test_what_cannot_be_read_dies_again(
        self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database, redis_url: str
    ) -> None:
        effect, _ = await bury(database, "InvalidPayload", payload={"conversation": 7})
        assert (await browser.post(f"{AT}/{effect}/retry", json={}, headers=csrf)).json()["state"] == "new"
        bus = Bus(connect(redis_url))
        await Effects(database, bus).due()
        await bus.close()
        assert (await state_of(database, effect))[::2] == ("dead", "InvalidPayload")

    async def test_there_is_no_such_one(self, browser: httpx.AsyncClient, csrf: dict[str, str]) -> None:
        for one in (uuid4(), "x"):
            assert (await browser.post(f"{AT}/{one}/retry", json={}, headers=csrf)).status_code == 404

    async def test_a_delivery_whose_endpoint_is_gone(self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database) -> None:
        payload = {"delivery": str(uuid4()), "endpoint": str(uuid4())}
        effect, _ = await bury(database, "Status500", kind="deliver_webhook", payload=payload)
        assert (await browser.post(f"{AT}/{effect}/retry", json={}, headers=csrf)).status_code == 404
        assert (await state_of(database, effect))[0] == "dead" and await audited(database) == []


def test_every_kind_has_a_name_that_a_page_may_show() -> None:
    assert all(kind.replace("_", "").isalpha() for kind in JOBS)
