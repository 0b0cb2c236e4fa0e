"""The console's pages of text messages as people see them, in four looks; one of unknown fate is decided by keys, a number proved."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from playwright.async_api import expect

from business.channels import outgoing
from business.channels.outgoing import Text
from kernel.database import Database
from kernel.tables.ops import TextMessage
from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.looks import in_every_look
from tests.browser.place import Place

pytestmark = pytest.mark.browser

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
