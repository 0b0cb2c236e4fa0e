"""The console's pages of text messages as people see them, in four looks; one of unknown fate is decided by keys, a number proved."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from playwright.async_api import expect

from business.channels import callers, outgoing, threads
from business.channels.outgoing import Text
from kernel.clock import utc_now
from kernel.database import Database
from kernel.tables.ops import TextMessage, TextNumber
from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.looks import in_every_look
from tests.browser.place import Place

pytestmark = pytest.mark.browser

MUTED = "+14155557171"
WORDS = "Your chef comes on Saturday at 6 PM. Reply here with anything that you want changed."
MADE: dict[str, dict[str, Any]] = {
    "reply": {"state": "delivered", "cost_microdollars": 8_500},
    "person": {"state": "unknown", "error": "Absent", "provider": "ringcentral"},
    "marketing": {"state": "refused", "error": "MonthFull"},
    "code": {"state": "sent"},
    "transactional": {"state": "waiting", "error": "Hours"},
    "staff": {"state": "held", "error": "NoProvider"},
}


@pytest.fixture
async def made(place: Place) -> AsyncIterator[dict[str, str]]:
    """One of each purpose: their ids. They are gone afterwards, since others look at what waits."""
    database, found = Database(place.fleet.database_url, application="test"), dict[str, str]()
    try:
        async with database.transaction() as connection:
            for purpose, values in MADE.items():
                text = Text(f"look:{uuid4()}", purpose, "+14155557001", WORDS, "en")  # type: ignore[arg-type]
                written = await outgoing.store(connection, text, "held")
                await connection.execute(sa.update(TextMessage).where(TextMessage.id == written.id).values(values))
                found[purpose] = str(written.id)
        yield found
        async with database.transaction() as connection:
            await connection.execute(sa.delete(TextMessage).where(TextMessage.key.startswith("look:")))
    finally:
        await database.close()


@in_every_look("light", phone=True)
async def test_the_pages_of_texts_in_every_look(place: Place, made: dict[str, str], scheme: Scheme, phone: bool, tmp_path: Path) -> None:
    look = Look(scheme, phone, tmp_path)
    page = (await place.admin(scheme=scheme, phone=phone)).page
    await page.goto(f"{place.base}/console#/settings/texts")
    await expect(page.get_by_text("A code, which is not shown")).to_be_visible()
    await look.at(page, "texts")
    await page.goto(f"{place.base}/console#/settings/texts/{made['person']}")
    await expect(page.get_by_role("heading", name="Text to (415) 555-7001")).to_be_visible()
    await look.at(page, "text")
    await page.goto(f"{place.base}/console#/settings/notifications")
    await expect(page.get_by_role("heading", name="By text")).to_be_visible()
    await look.at(page, "own-number")
    assert look.found == []


async def test_one_of_unknown_fate_asks_first_and_is_decided_by_keys(place: Place, made: dict[str, str]) -> None:
    page = (await place.admin()).page
    await page.goto(f"{place.base}/console#/settings/texts/{made['person']}")
    await page.get_by_role("button", name="Send it again").press("Enter")
    await expect(page.get_by_role("dialog")).to_contain_text("it may be there twice")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="It arrived").press("Enter")
    await expect(page.get_by_role("status").filter(has_text="Sent")).to_be_visible()
    await expect(page.get_by_role("button", name="Send it again")).to_have_count(0)


async def test_older_ones_come_behind(place: Place, made: dict[str, str]) -> None:
    page = (await place.admin()).page
    await page.route("**/api/admin/texts?*", lambda route: route.continue_(url=f"{route.request.url}&limit=1"))
    await page.goto(f"{place.base}/console#/settings/texts")
    rows, older = page.locator(".mails .mail-row"), page.get_by_role("button", name="Show older")
    await expect(rows).to_have_count(1)
    newest = await rows.first.inner_text()
    await older.press("Enter")
    await expect(rows).to_have_count(2)
    assert await rows.first.inner_text() == newest


@pytest.fixture
async def muted(place: Place) -> AsyncIterator[str]:
    """The conversation of somebody who texts, gave no name, and was taken for a machine; its last words wait for an answer."""
    async with place.database() as database:
        row = await database.unit(lambda c: callers.caller(c, MUTED, "+14155550199"))
        mute = {"number": MUTED, "muted_until": utc_now() + timedelta(hours=1), "mute_reason": "echo"}
        await database.unit(lambda c: c.execute(sa.insert(TextNumber).values(mute)))
        yield str(row.conversation)
        await database.unit(lambda c: threads.release(c, MUTED))  # others look at who has a number
        await database.unit(lambda c: c.execute(sa.delete(TextNumber).where(TextNumber.number == MUTED)))


@pytest.mark.slow
async def test_who_texts_goes_by_their_number_is_found_by_it_and_is_answered_again(place: Place, muted: str, tmp_path: Path) -> None:
    look, page = Look("light", False, tmp_path), (await place.admin()).page
    await page.goto(f"{place.base}/console#/c/{muted}")
    await expect(page.get_by_role("heading", name="(415) 555-7171", level=1)).to_be_visible()
    await page.get_by_label("Search").fill("415.555.7171")
    await expect(page.locator(f"[data-conversation='{muted}'] .customer")).to_have_text("(415) 555-7171")
    person = page.get_by_role("complementary", name="Details").locator(".person")
    await expect(person).to_contain_text("It sent back what it got. The assistant answers nothing here until")
    await look.at(page, "muted")
    await person.get_by_role("button", name="It is a person: answer again").press("Enter")
    await expect(person).to_have_count(0)
    await expect(page.get_by_role("log")).to_contain_text("let the assistant answer this number again")
    assert look.found == []
