"""The text channel's state over HTTP: who may see it, what it tells, and that no secret is in it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from business.channels.configured import lacking
from business.staff.service import Invited, StaffService
from kernel.clock import utc_now
from kernel.database import Database
from kernel.settings.schema import SmsSettings
from kernel.tables.ops import InboundText, TextMessage, TextSubscription
from tests.http.conftest import entered

AT = "/api/admin/texting"
NUMBER = {"number": "+15105550142", "sends": True, "high_volume": False, "pictures": True}


@pytest.fixture
async def chief(browser: httpx.AsyncClient, staff: StaffService) -> None:
    await entered(browser, staff, await staff.invite("chief@example.com", "Chief", "admin"))


async def put(database: Database, table: Any, **values: Any) -> None:
    async with database.transaction() as connection:
        await connection.execute(sa.insert(table).values(**values))


async def text(database: Database, state: str, **values: Any) -> None:
    """A text that goes out."""
    await put(
        database,
        TextMessage,
        id=uuid4(),
        key=str(uuid4()),
        purpose="reply",
        to_number="+15105550199",
        text="hi",
        locale="en",
        encoding="gsm7",
        segments=1,
        state=state,
        **values,
    )


async def asked(browser: httpx.AsyncClient) -> dict[str, Any]:
    response = await browser.get(AT)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


class TestWhoMaySee:
    async def test_nobody_who_is_not_signed_in_and_no_agent(self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited) -> None:
        assert (await browser.get(AT)).status_code == 401
        await entered(browser, staff, dana)
        assert (await browser.get(AT)).status_code == 403


@pytest.mark.usefixtures("chief")
class TestTexting:
    async def test_of_an_install_without_a_provider(self, browser: httpx.AsyncClient) -> None:
        found = await asked(browser)
        assert (found["provider"], found["missing"], found["numbers"]) == ("none", [], [])
        assert found["subscription"] == {"state": "none"}
        assert found["flow"] == {"announced": 0, "oldest_seconds": 0.0, "taken": 0, "out": {}}
        assert (found["limits"]["from_time"], found["limits"]["to_time"], found["limits"]["per_month"]) == ("08:00", "21:00", 8)

    async def test_what_came_and_went_is_counted_where_it_stands(self, browser: httpx.AsyncClient, database: Database) -> None:
        now = utc_now()
        await text(database, "sent", sent_at=now)
        await text(database, "sent", sent_at=now - timedelta(days=2), created_at=now - timedelta(days=2))
        await text(database, "unknown", created_at=now - timedelta(days=3))
        hint = {"id": uuid4(), "provider": "ringcentral", "provider_id": "1", "created_at": now - timedelta(seconds=90)}
        await put(database, InboundText, **hint)
        flow = (await asked(browser))["flow"]
        assert flow["out"] == {"sent": 1, "unknown": 1}
        assert (flow["announced"], flow["taken"]) == (1, 0)
        assert flow["oldest_seconds"] >= 90

    async def test_the_subscription_is_told_without_its_secrets(self, browser: httpx.AsyncClient, database: Database) -> None:
        secrets = {"secret": "path-of-the-hook", "token": "token-of-the-hook", "address": "https://chat.example.com/webhooks/path"}
        await put(database, TextSubscription, provider="none", state="suspended", error="SUB-523", numbers=[NUMBER, "odd"], **secrets)
        found = await asked(browser)
        assert found["subscription"] == {"state": "suspended", "error": "SUB-523"}
        assert found["numbers"] == [NUMBER]
        assert not any(secret in str(found) for secret in secrets.values())


class TestMissing:
    def test_nothing_where_no_provider_is_named(self) -> None:
        assert lacking(SmsSettings(), {}) == ()

    def test_settings_and_variables_by_name(self) -> None:
        named = SmsSettings(provider="ringcentral", client_secret_env="RC_SECRET")
        assert lacking(named, {}) == ("sms.client_id", "RC_SECRET", "sms.jwt_env")
        whole = SmsSettings(provider="ringcentral", client_id="a", client_secret_env="RC_SECRET", jwt_env="RC_JWT")
        assert lacking(whole, {"RC_SECRET": "x", "RC_JWT": ""}) == ("RC_JWT",)
        assert lacking(whole, {"RC_SECRET": "x", "RC_JWT": "y"}) == ()
