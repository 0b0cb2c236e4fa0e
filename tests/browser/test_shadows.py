"""Shadows in the console: what candidates come to, in two looks; three pairs judged by keys alone; blind, nobody sees who said what."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from playwright.async_api import Locator, Page, expect

from kernel.clock import utc_now
from kernel.database import Database
from kernel.tables.ai import ShadowPair, TurnRecord
from kernel.tables.core import Audit
from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.looks import in_every_look
from tests.browser.place import Place
from tests.knowledge import pairs as made

pytestmark = pytest.mark.browser
LONG = (
    "For 12 guests on Saturday, December 5 it comes to $690: twelve menus at $55 each make $660, and the way to San Jose is another $30. "
    "A deposit of $100 holds the evening for you. Shall I hold Saturday at 6 PM?"
)
OTHER = (
    "Twelve menus at $55 each come to $660 for Saturday, December 5. The way to San Jose costs $40, so it is $700 altogether. "
    "Shall I hold Sunday, December 6 at 6 PM for you?"
)
COMPARED: dict[str, Any] = made.AGREES | {
    "amounts": {"agrees": False, "only_primary": ["$30", "$100", "$690"], "only_candidate": ["$40", "$700"]},
    "dates": {"agrees": False, "only_primary": [], "only_candidate": ["2026-12-06"]},
}
CALLS = [
    {
        "name": "quote",
        "by": "pricing",
        "arguments": {"adults": 12, "zip": "95112"},
        "handoff": False,
        "data": {"food_cents": 66_000, "travel_cents": 3_000},
    }
]


async def pairs_of_a_month(database: Database) -> list[UUID]:
    """Of two candidates, and one that failed; those of today, the newest first."""
    await nothing(database)
    conversation = await made.conversation(database)
    async with database.transaction() as connection:
        for day in range(1, 28):
            for n, intent in enumerate(("faq", "quote", "booking")):
                turn = await made.turn(connection, conversation, record=False)
                near = 0.7 + 0.01 * ((day * 7 + n * 5) % 25)
                same = {"agrees": True, "agreement": made.AGREES} if near > 0.8 else {}
                speed = {"first_token_ms": 180 + day * 9 % 120, "duration_ms": 900 + 50 * (day % 9), "cost_microdollars": 300 + 7 * day}
                await made.pair(
                    connection, conversation, turn, at=utc_now() - timedelta(days=day), intent=intent, similarity=near, **same, **speed
                )
        turn = await made.turn(connection, conversation)
        await made.pair(connection, conversation, turn, candidate="other-student", state="failed", error="first_token_timeout", agrees=None)
        found = []
        for n in range(4):
            turn = await made.turn(connection, conversation, text=LONG, calls=CALLS)
            recorded = [{"name": "quote", "arguments": {"adults": 12}, "recorded": n > 0}]
            more = {"text": OTHER, "calls": recorded, "agreement": COMPARED, "critic": "primary", "critic_why": "It names the deposit."}
            found.append(await made.pair(connection, conversation, turn, at=utc_now() - timedelta(minutes=n), **more))
    return found


async def nothing(database: Database) -> None:
    async with database.transaction() as connection:
        for table in (ShadowPair, TurnRecord):
            await connection.execute(sa.delete(table))


async def judged(database: Database) -> dict[UUID, str | None]:
    async with database.transaction() as connection:
        rows = await connection.execute(sa.select(ShadowPair.id, ShadowPair.preference).where(ShadowPair.preference.is_not(None)))
        return {row.id: row.preference for row in rows}


async def opened(page: Page, base: str, path: str = "") -> None:
    await page.goto(f"{base}/console#/settings/shadows{path}")
    await expect(page.get_by_role("heading", name="Pair" if path else "Shadows", exact=True)).to_be_visible()


def tab_of(page: Page, candidate: str) -> Locator:
    return page.get_by_role("group", name="Candidates").get_by_role("button", name=re.compile(f"^{candidate}"))


@in_every_look("dark", phone=False)
async def test_in_every_look(house: Place, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
    look, admin = Look(scheme, phone, tmp_path), await house.admin(scheme=scheme, phone=phone)
    page = admin.page
    async with house.database() as database:
        await nothing(database)
        await opened(page, house.base)
        await expect(page.get_by_text("[[ensemble.shadows]]")).to_be_visible()
        await look.at(page, "shadows-none")
        newest, *_ = await pairs_of_a_month(database)
    await page.get_by_role("button", name="Look again").click()
    await expect(tab_of(page, "student")).to_contain_text("similar")
    await expect(tab_of(page, "other-student")).to_contain_text("1 failed")
    await tab_of(page, "student").click()
    await expect(page.get_by_role("img", name=re.compile("^Similarity"))).to_be_visible()
    plots = page.get_by_role("region", name="Day by day")
    await plots.get_by_text("As a table").first.click()
    await expect(plots.get_by_role("table").first).to_contain_text("Worst tenth")
    await look.at(page, "shadows")
    await page.get_by_role("region", name="By intent").get_by_role("button", name="Quotes").click()
    await expect(page.get_by_role("region", name="Day by day: Quotes")).to_be_visible()
    row = page.get_by_role("link", name=re.compile(re.escape(made.ASKED))).first
    await row.click()
    assert page.url.endswith(f"/{newest}")
    answers = page.get_by_role("region", name="What the candidate said")
    await expect(answers.get_by_role("list").first).to_contain_text("Amount $700")
    await expect(answers.locator("mark").first).to_be_visible()
    await look.at(page, "shadows-pair")
    assert look.found == []


async def test_three_pairs_are_judged_by_keys_alone(house: Place, tmp_path: Path) -> None:
    look, admin = Look("light", False, tmp_path), await house.admin()
    page, press = admin.page, admin.page.keyboard.press
    status = page.get_by_role("status").filter(has_text="Pair")
    async with house.database() as database:
        first, second, third, fourth = await pairs_of_a_month(database)
        await opened(page, house.base)
        await tab_of(page, "student").focus()
        await press("Enter")
        await page.get_by_role("link", name="Judge pairs").focus()
        await press("Enter")
        await expect(status).to_contain_text("Pair 1 of")
        for key, following in (("2", second), ("0", third), ("1", fourth)):
            await expect(page.get_by_role("button", name=re.compile("Candidate’s is better"))).to_be_enabled()
            await press(key)
            await page.wait_for_url(f"**/{following}")
            await expect(status).to_contain_text("Here is the next")
        assert await judged(database) == {first: "candidate", second: "tie", third: "primary"}
        await press("u")
        await page.wait_for_url(f"**/{third}")
        await expect(status).to_contain_text("Taken back")
        assert await judged(database) == {first: "candidate", second: "tie"}
        await press("k")
        await expect(status).to_contain_text("Both are as good".lower())
        await press("ArrowRight")
        await page.wait_for_url(f"**/{third}")
        await expect(page.get_by_role("region", name="What the customer got")).to_be_visible()
        await blind(page, look)
        async with database.transaction() as connection:
            actions = await connection.scalars(sa.select(Audit.action).where(Audit.action.startswith("shadow.")).order_by(Audit.id))
            assert actions.all() == ["shadow.preferred"] * 3 + ["shadow.preference_taken_back"]
    assert look.found == []


async def blind(page: Page, look: Look) -> None:
    """Who is blind sees neither names nor what the critic said."""
    main = page.locator(".shadow-pair")
    await expect(main).to_contain_text("The critic says")
    await page.get_by_role("checkbox", name=re.compile("^Blind")).focus()
    await page.keyboard.press("Space")
    await expect(page.get_by_role("region", name="Answer A")).to_be_visible()
    for name in ("student", "teacher", "The critic says", "candidate"):
        await expect(main).not_to_contain_text(name)
    await look.at(page, "shadows-blind")
