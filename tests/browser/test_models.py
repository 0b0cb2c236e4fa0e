"""The page of models in the console: how they fare, in two looks; another way of answering, by keys and beside a faster colleague."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.async_api import Page, expect

from kernel import policies
from kernel.clock import utc_now
from kernel.database import Database
from kernel.ids import new_id
from kernel.settings import Policy
from kernel.tables.ai import EnsembleVersion, Usage
from kernel.tables.core import Staff
from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.looks import in_every_look
from tests.browser.people import until
from tests.browser.place import Place
from tests.rig.fleet import COLLEAGUE

pytestmark = pytest.mark.browser


@pytest.fixture
async def install_with_a_day(place: Place) -> AsyncIterator[Place]:
    """Models that were asked for a day, with their troubles; afterwards the file's policy counts again."""
    async with place.database() as database:
        async with database.transaction() as connection:
            await connection.execute(sa.delete(Usage))
            await connection.execute(sa.insert(Usage), [call(n) for n in range(600)])
        yield place
        async with database.transaction() as connection:
            await connection.execute(sa.delete(Usage))
        now = await newest(database)
        if now is not None and now.content is not None:
            await database.unit(lambda c: policies.save(c, None, now.number, None, None))


def call(n: int) -> dict[str, Any]:
    """One of those of a day: the teacher slow in the evening, the spare failing at last."""
    model = ("teacher", "spare", "house")[n % 3]
    failed = model == "spare" and (n < 6 or n % 7 == 0)
    return {
        "id": new_id(),
        "model": model,
        "provider": "openai",
        "role": "answer",
        "tokens_in": 800,
        "tokens_out": 90,
        "cost_microdollars": 0 if model == "house" else 1200 + n,
        "first_token_ms": None if failed else 40 if model == "house" else 300 + (n * 37) % 400 + (n % 60) * 9,
        "duration_ms": 2400,
        "outcome": "failed" if failed else "complete",
        "error": ("timeout", "rate_limited", "unavailable")[n % 2 + n % 5 // 4] if failed else None,
        "race": {3: "first_lost", 1: "second_won", 4: "second_lost"}.get(n % 12),
        "started_at": utc_now() - timedelta(seconds=20 + n * 140),
    }


async def newest(database: Database) -> policies.Version | None:
    async with database.transaction() as connection:
        return await policies.newest(connection)


async def saved_by_a_colleague(database: Database, policy: Policy) -> None:
    async with database.transaction() as connection:
        colleague = await connection.scalar(sa.select(Staff.id).where(Staff.email == COLLEAGUE))
        now = await policies.newest(connection)
        await policies.save(connection, policy, now.number if now else 0, None, colleague)


async def opened(place: Place, page: Page) -> None:
    await page.goto(f"{place.base}/console#/settings/models")
    await expect(page.get_by_role("heading", name="Models", exact=True).first).to_be_visible()
    await expect(page.get_by_role("listitem", name="teacher")).to_contain_text("Answers")


@in_every_look("light", phone=True)
async def test_in_every_look(install_with_a_day: Place, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
    place = install_with_a_day
    look, admin = Look(scheme, phone, tmp_path), await place.admin(scheme=scheme, phone=phone)
    page = admin.page
    await opened(place, page)
    spare = page.get_by_role("listitem", name="spare")
    await expect(spare).to_contain_text("too slow")
    await expect(spare).to_contain_text("Hedges won")
    await expect(page.get_by_role("listitem", name="house")).to_contain_text("Always here")
    await look.at(page, "models")
    await page.get_by_role("button", name="Pricing").click()
    await page.get_by_role("group", name="Pricing").get_by_label("Strategy").select_option("consensus")
    await expect(page.get_by_text("choose a student")).to_be_visible()
    await page.get_by_label("Student, who answers").select_option("spare")
    await page.get_by_role("button", name="critic").last.click()
    await page.get_by_role("group", name="critic", exact=True).get_by_label("Critic, who says").select_option("teacher")
    await page.get_by_role("region", name="How all turns are answered").scroll_into_view_if_needed()
    await look.at(page, "models-ways")
    instructions = page.get_by_role("region", name="Instructions")
    await instructions.get_by_label("What holds for all").select_option("short")
    await expect(instructions).to_contain_text("The same facts and limits")
    await instructions.scroll_into_view_if_needed()
    await look.at(page, "models-instructions")
    await page.get_by_role("region", name="Budgets").scroll_into_view_if_needed()
    await look.at(page, "models-budgets")
    await page.get_by_role("region", name="Shadows").scroll_into_view_if_needed()
    await look.at(page, "models-shadows")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_role("dialog")).to_contain_text("consensus of teacher and spare")
    await expect(page.get_by_role("dialog")).to_contain_text("Instructions: What holds for all")
    await look.at(page, "models-question")
    assert look.found == []


async def test_changed_by_keys_alone_and_beside_a_faster_colleague(install_with_a_day: Place) -> None:
    place = install_with_a_day
    admin = await place.admin()
    page = admin.page
    await opened(place, page)
    ways = page.get_by_role("region", name="How all turns are answered")
    await ways.get_by_role("button", name="spare").press("Enter")
    up = ways.get_by_role("button", name="Move spare up")
    await up.press("Enter")
    await expect(ways.get_by_role("listitem").first).to_contain_text("spare")
    await expect(ways.get_by_role("button", name="Move spare down")).to_be_focused()
    await ways.get_by_label("Strategy").select_option("hedge")
    await expect(ways).to_contain_text("hedge of spare and teacher after its usual time, then the house")
    budget = page.get_by_role("region", name="Budgets").get_by_label("Everything in a day")
    await budget.fill("a lot")
    await expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    await budget.fill("7.50")

    async with place.database() as database:
        # Somebody else saves meanwhile: this page says so, keeps what is being edited, and shows both.
        await saved_by_a_colleague(database, Policy(answer=("teacher", "house"), strategy="consensus", student="spare"))
        await page.get_by_role("button", name="Save", exact=True).press("Enter")
        asked = page.get_by_role("dialog", name="Answer like this from now on?")
        await expect(asked).to_contain_text("hedge of spare and teacher")
        await asked.get_by_placeholder("Note").fill("evenings are slow")
        await asked.get_by_role("button", name="Save").press("Enter")
        both = page.get_by_role("alert", name="Somebody was faster")
        await expect(both).to_contain_text("consensus of teacher and spare")
        # The browser writes down every refusal; this one was wanted.
        await until(lambda: place.watched.faults, page, "the refusal in the console's log")
        assert place.watched.faults == ["Failed to load resource: the server responded with a status of 409 (Conflict)"]
        place.watched.faults.clear()
        await both.get_by_role("button", name="Put mine on top of theirs").press("Enter")
        await page.get_by_role("button", name="Save", exact=True).press("Enter")
        await expect(asked).to_contain_text("$7.50")
        await asked.get_by_role("button", name="Save").press("Enter")
        await expect(page.get_by_text("Saved: version")).to_be_visible()
        made = await newest(database)
        assert made is not None and made.content is not None
        assert (made.content["strategy"], made.content["answer"]) == ("hedge", ["spare", "teacher", "house"])
        assert made.content["student"] == "spare" and made.content["budget"]["day_cents"] == 750

        # And once more while nothing is being edited: the page goes along.
        await saved_by_a_colleague(database, Policy(answer=("critic", "house")))
        await expect(page.get_by_role("status").filter(has_text="changed how models answer")).to_be_visible(timeout=15_000)
        await expect(ways).to_contain_text("fallback: critic, then the house")
        await page.get_by_role("button", name="Use the file again").press("Enter")
        await page.get_by_role("dialog").get_by_role("button", name="Use the file").press("Enter")
        await expect(page.get_by_text("The file is used again")).to_be_visible()
        made = await newest(database)
        assert made is not None and made.content is None
        async with database.transaction() as connection:
            assert len((await connection.execute(sa.select(EnsembleVersion.number))).all()) >= 4


async def test_without_any_model_it_says_how_to_add_one(house: Place) -> None:
    page = (await house.admin()).page
    await page.goto(f"{house.base}/console#/settings/models")
    await expect(page.get_by_role("listitem", name="house")).to_contain_text("Always here")
    await expect(page.get_by_text('litellm = "openai/gpt-4o"')).to_be_visible()
    await expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
