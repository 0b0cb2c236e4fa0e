"""The page of costs: it says why an install without models has none; with them, in each look, what they cost today, by day and by
conversation, whose bill stands beside its words as well."""

import random
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from playwright.async_api import expect

from business.profile.loader import load_profile
from kernel.clock import utc_now
from kernel.database import Database
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId, new_id
from kernel.metering import DatabaseUsageSink, UsageRow
from kernel.settings import CENT
from kernel.tables.ai import ChatSession, Usage
from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.looks import in_every_look
from tests.browser.place import Place

pytestmark = pytest.mark.browser
MODELS = {"teacher": 0.4, "spare": 0.2, "cheap-shadow": 0.1, "critic": 0.05, "local": 0.02, "another": 0.01, "no-price": None}


async def a_month(database: Database) -> UUID:
    """What models cost in a month of the conversation that was spoken in last."""
    chance = random.Random(7)
    async with database.transaction() as connection:
        newest = sa.select(ChatSession).order_by(ChatSession.changed_at.desc()).limit(1)
        found = (await connection.execute(newest)).one()
        await connection.execute(sa.delete(Usage))
        await connection.execute(sa.text("DELETE FROM ai.spend"))
    given: dict[str, Any] = {
        "conversation": ConversationId(found.id),
        "customer": CustomerId(found.customer_id),
        "site": SiteId(found.site_id),
    }
    zone = load_profile().business.zone
    sink = DatabaseUsageSink(database, lambda: zone)
    for day in range(40):
        for model, cents in MODELS.items():
            for _ in range(chance.randrange(4)):
                role = "shadow" if model == "cheap-shadow" else chance.choice(("answer", "answer", "draft"))
                cost = None if cents is None else round(cents * CENT * chance.uniform(5, 40))
                at = utc_now() - timedelta(days=day, minutes=1)
                await sink.record(a_call(model, role, cost, at, agent=chance.choice(("pricing", "menu", "")), **given))
    refused = a_call("teacher", "answer", 0, utc_now(), agent="menu", **given)
    await sink.record(refused)
    await sink.close()
    async with database.transaction() as connection:
        await connection.execute(sa.update(Usage).where(Usage.id == refused.id).values(outcome="failed", error="over_budget"))
    return UUID(str(found.id))


def a_call(model: str, role: str, cost: int | None, at: Any, **given: Any) -> UsageRow:
    return UsageRow(
        turn=TurnId(new_id()),
        model=model,
        provider="openai",
        role=role,
        tokens_in=2_400,
        tokens_out=180,
        cost_microdollars=cost,
        first_token_ms=120,
        duration_ms=900,
        outcome="complete",
        error=None,
        started_at=at,
        **given,
    )


async def test_an_install_without_models_says_why_there_is_nothing(house: Place, tmp_path: Path) -> None:
    async with house.database() as database, database.transaction() as connection:
        await connection.execute(sa.delete(Usage))
        await connection.execute(sa.text("DELETE FROM ai.spend"))
    look, admin = Look("light", False, tmp_path), await house.admin(scheme="light")
    page = admin.page
    await page.goto(f"{house.base}/console#/settings/costs")
    await expect(page.get_by_text("No language model is configured, so nothing is spent")).to_be_visible()
    await expect(page.get_by_text('litellm = "openai/gpt-4o-mini"')).to_be_visible()
    await look.at(page, "costs-none")
    assert look.found == []


@in_every_look("dark", phone=False)
async def test_in_every_look_and_by_keys_to_the_costliest_conversation(house: Place, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
    visitor = await house.customer()
    await visitor.say("How much for 12 adults?")
    await visitor.answered(1)
    async with house.database() as database:
        conversation = await a_month(database)
    look, admin = Look(scheme, phone, tmp_path), await house.admin(scheme=scheme, phone=phone)
    page = admin.page
    await page.goto(f"{house.base}/console#/settings/costs")
    today = page.get_by_role("region", name="Today")
    await expect(today.get_by_role("listitem").filter(has_text="Everything")).to_contain_text("of $20.00")
    await expect(today.get_by_role("status")).to_contain_text("1 turn was answered without a model")
    await expect(page.get_by_role("img", name="Cost by day")).to_be_visible()
    await look.at(page, "costs")
    await page.get_by_role("button", name="7 days").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="7 days")).to_have_attribute("aria-pressed", "true")
    await page.get_by_text("The figures").click()
    table = page.get_by_role("region", name="Cost by day and model")
    await expect(table.get_by_role("columnheader").last).to_have_text("Together")
    await look.at(page, "costs-week")
    await page.get_by_role("region", name="Costliest conversations").scroll_into_view_if_needed()
    await look.at(page, "costs-end")
    await page.get_by_role("region", name="Costliest conversations").get_by_role("link").first.focus()
    await page.keyboard.press("Enter")
    await expect(admin.thread).to_be_visible()
    assert page.url.endswith(f"#/c/{conversation}")
    if not phone:
        bill = page.get_by_role("complementary", name="Details").locator("dl.facts > div").filter(has_text="Models")
        await expect(bill).to_contain_text("of $2.00")
    assert look.found == []
