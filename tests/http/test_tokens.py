"""API tokens: shown once, narrowed by scopes, over when they are revoked, when their time or their maker's is over; audited."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa

from business.conversations.receive import receive
from business.customers import visitors
from business.handoffs import ownership
from business.handoffs.ownership import Actor
from business.sites.queries import site_by_key
from business.sites.service import ensure_demo
from business.staff.service import Invited, StaffService
from business.staff.tokens import ApiTokens, Scope
from kernel.database import Database
from kernel.ids import StaffId
from kernel.tables.core import ApiToken, Audit
from tests.http.conftest import NewBrowser, entered

TOKENS = "/api/admin/tokens"
CONVERSATIONS = "/api/admin/conversations"


@pytest.fixture
async def chief(staff: StaffService) -> Invited:
    return await staff.invite("chief@example.com", "Chief", "owner")


def bearing(secret: str | None) -> dict[str, str]:
    assert secret is not None
    return {"Authorization": f"Bearer {secret}"}


async def with_scopes(database: Database, by: Invited, *scopes: Scope, days: int | None = None) -> dict[str, str]:
    return bearing((await ApiTokens(database).make(StaffId(by.staff_id), "a program", scopes, days)).secret)


@pytest.fixture
async def conversation(database: Database) -> str:
    """Somebody at the demo site said something."""
    async with database.transaction() as connection:
        await ensure_demo(connection)
        site = await site_by_key(connection, "demo")
        assert site is not None
    visitor = visitors.mint("secret", site.id, site.key, datetime.now(UTC))
    for text in ("Hello", "How much is it for ten?", "Are you there?"):
        await database.unit(lambda c, t=text: receive(c, visitor, client_id=uuid4(), text=t, now=datetime.now(UTC)))  # type: ignore[misc]
    return str(visitor.conversation)


class TestMaking:
    async def test_is_not_for_agents(self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited) -> None:
        csrf = await entered(browser, staff, dana)
        assert (await browser.get(TOKENS)).status_code == 403
        assert (await browser.post(TOKENS, json={"name": "x", "scopes": ["read"]}, headers=csrf)).status_code == 403

    @pytest.mark.parametrize(
        "wrong", [{"name": " "}, {"name": "x" * 81}, {"scopes": []}, {"scopes": ["everything"]}, {"days": 0}, {"days": 10_000}], ids=str
    )
    async def test_nonsense(self, browser: httpx.AsyncClient, staff: StaffService, chief: Invited, wrong: dict[str, Any]) -> None:
        csrf = await entered(browser, staff, chief)
        assert (await browser.post(TOKENS, json={"name": "x", "scopes": ["read"]} | wrong, headers=csrf)).status_code == 400
        assert (await browser.get(TOKENS)).json() == {"items": []}

    async def test_shows_it_once_and_keeps_a_hash(
        self, browser: httpx.AsyncClient, staff: StaffService, chief: Invited, database: Database
    ) -> None:
        csrf = await entered(browser, staff, chief)
        made = (await browser.post(TOKENS, json={"name": "Sheet", "scopes": ["write", "read"], "days": 30}, headers=csrf)).json()
        assert made["token"].startswith(made["begins"]) and made["token"].startswith("hib_") and made["scopes"] == ["read", "write"]
        (listed,) = (await browser.get(TOKENS)).json()["items"]
        assert listed == {key: value for key, value in made.items() if key != "token"}
        assert made["token"] not in str((await rows(database, sa.select(ApiToken.__table__)))[0])
        assert made["token"] not in str(await rows(database, sa.select(Audit.details)))


async def rows(database: Database, query: Any) -> Any:
    async with database.transaction() as connection:
        return (await connection.execute(query)).all()


class TestAsking:
    @pytest.mark.parametrize("header", ["Bearer hib_", "Bearer hib_" + "x" * 43, "bearer hib_x", f"Bearer hib_{'x' * 500}", "Basic hib_x"])
    async def test_strangers(self, browser: httpx.AsyncClient, header: str) -> None:
        assert (await browser.get(CONVERSATIONS, headers={"Authorization": header})).status_code == 401

    async def test_no_more_than_its_scopes(self, browser: httpx.AsyncClient, chief: Invited, database: Database, conversation: str) -> None:
        reads, writes, admin = [await with_scopes(database, chief, scope) for scope in ("read", "write", "admin")]  # type: ignore[arg-type]
        note = {"id": str(uuid4()), "text": "seen by a program"}
        path = f"{CONVERSATIONS}/{conversation}/notes"
        assert [(await browser.get(CONVERSATIONS, headers=h)).status_code for h in (reads, writes, admin)] == [200, 403, 403]
        assert [(await browser.post(path, json=note, headers=h)).status_code for h in (reads, writes, admin)] == [403, 200, 403]
        assert [(await browser.get("/api/admin/webhooks", headers=h)).status_code for h in (reads, writes, admin)] == [403, 403, 200]
        used = await rows(database, sa.select(Audit.actor_id, Audit.details).where(Audit.action == "api_token.used"))
        assert [tuple(one) for one in used] == [(str(chief.staff_id), {"operation": "conversation_note"})]

    async def test_never_what_people_do(self, browser: httpx.AsyncClient, chief: Invited, database: Database) -> None:
        everything = await with_scopes(database, chief, "read", "write", "admin")
        for method, path in (("GET", TOKENS), ("POST", TOKENS), ("POST", "/api/admin/staff"), ("POST", "/api/admin/socket-token")):
            assert (await browser.request(method, path, json={}, headers=everything)).status_code == 403

    async def test_over_with_time_revocation_role_and_account(
        self, browser: httpx.AsyncClient, staff: StaffService, chief: Invited, database: Database
    ) -> None:
        admin = await staff.invite("admin@example.com", "Admin", "admin")
        over, revoked, demoted = [await with_scopes(database, admin, "read", "admin", days=1) for _ in range(3)]
        async with database.transaction() as connection:
            ids = list(await connection.scalars(sa.select(ApiToken.id).order_by(ApiToken.created_at)))
            await connection.execute(
                sa.update(ApiToken).where(ApiToken.id == ids[0]).values(expires_at=datetime.now(UTC) - timedelta(seconds=1))
            )
        assert (await browser.get(CONVERSATIONS, headers=revoked)).status_code == 200
        csrf = await entered(browser, staff, chief)
        assert (await browser.delete(f"{TOKENS}/{ids[1]}", headers=csrf)).json() == {"ok": True}
        assert (await browser.delete(f"{TOKENS}/{ids[1]}", headers=csrf)).status_code == 404
        browser.cookies.clear()
        assert (await browser.get(CONVERSATIONS, headers=over)).status_code == 401
        assert (await browser.get(CONVERSATIONS, headers=revoked)).status_code == 401
        await database.unit(lambda c: c.exec_driver_sql("UPDATE core.staff SET role = 'agent' WHERE email = 'admin@example.com'"))
        assert (await browser.get("/api/admin/webhooks", headers=demoted)).status_code == 403
        assert (await browser.get(CONVERSATIONS, headers=demoted)).status_code == 200
        await staff.disable("admin@example.com", actor=("staff", chief.staff_id))
        assert (await browser.get(CONVERSATIONS, headers=demoted)).status_code == 401

    async def test_too_often(self, new_browser: NewBrowser, chief: Invited, database: Database) -> None:
        browser = new_browser(burst=3)
        mine, others = await with_scopes(database, chief, "read"), await with_scopes(database, chief, "read")
        seen = [await browser.get(CONVERSATIONS, headers=mine) for _ in range(4)]
        assert [one.status_code for one in seen] == [200, 200, 200, 429]
        assert int(seen[-1].headers["Retry-After"]) >= 1
        assert (await browser.get(CONVERSATIONS, headers=others)).status_code == 200


class TestConversations:
    async def test_read(self, browser: httpx.AsyncClient, chief: Invited, database: Database, conversation: str) -> None:
        reads = await with_scopes(database, chief, "read")
        (row,) = (await browser.get(CONVERSATIONS, params={"query": "ten"}, headers=reads)).json()["items"]
        assert row["id"] == conversation and row["preview"] == "Are you there?"
        assert (await browser.get(CONVERSATIONS, params={"view": "closed"}, headers=reads)).json() == {"items": []}
        path = f"{CONVERSATIONS}/{conversation}"
        found = (await browser.get(path, params={"limit": 2}, headers=reads)).json()
        assert [one["message"]["text"] for one in found["messages"]] == ["How much is it for ten?", "Are you there?"]
        assert found["conversation"]["owner"] == "ai"
        rest = (await browser.get(path, params={"before": found["before"]}, headers=reads)).json()
        assert [one["message"]["text"] for one in rest["messages"]] == ["Hello"] and "before" not in rest
        for wrong in ({"limit": "x"}, {"limit": 0}, {"before": -1}, {"nonsense": 1}):
            assert (await browser.get(path, params=wrong, headers=reads)).status_code == 400
        assert (await browser.get(f"{CONVERSATIONS}/{uuid4()}", headers=reads)).status_code == 404
        assert (await browser.get(f"{CONVERSATIONS}/nonsense", headers=reads)).status_code == 404

    async def test_answer_once_the_ai_does_not(
        self, browser: httpx.AsyncClient, chief: Invited, database: Database, conversation: str
    ) -> None:
        writes = await with_scopes(database, chief, "write", "read")
        path = f"{CONVERSATIONS}/{conversation}"
        reply = {"id": str(uuid4()), "text": "About that price", "epoch": 0}
        assert (await browser.post(f"{path}/replies", json=reply, headers=writes)).status_code == 403
        moved = await database.unit(lambda c: ownership.take(c, UUID(conversation), Actor(StaffId(chief.staff_id), "Chief")))
        assert (await browser.post(f"{path}/replies", json=reply, headers=writes)).status_code == 409
        reply["epoch"] = moved.epoch
        said = [(await browser.post(f"{path}/replies", json=reply, headers=writes)).json() for _ in range(2)]
        assert said[0] == said[1], "the same id is the same message"
        last = (await browser.get(path, headers=writes)).json()["messages"][-1]
        assert last["message"]["text"] == "About that price" and last["message"]["author"] == {"kind": "human", "name": "Chief"}
        note = {"id": str(uuid4()), "text": ""}
        assert (await browser.post(f"{path}/notes", json=note, headers=writes)).status_code == 400
