"""Consent in the console: a number's ledger, a refusal that is settled, what a colleague was told, the proof as a file."""

import json
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from business.channels import consent
from business.profile.loader import load_profile
from kernel.clock import utc_now
from kernel.database import Database
from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.looks import in_every_look
from tests.browser.place import Place

pytestmark = pytest.mark.browser
PROFILE = load_profile()


async def go(page: Page, path: str) -> Locator:
    await page.evaluate("path => { location.hash = path }", path)
    place = page.get_by_role("main")
    await expect(page.get_by_text("Loading")).to_have_count(0)
    return place


async def spoken(database: Database, refuser: str, stopper: str) -> None:
    """One number whose owner refused in free words, one that has stopped."""
    for number in (refuser, stopper):
        for purpose in ("transactional", "marketing"):
            words = consent.words(PROFILE, "en", purpose)
            given = {"number": number, "granted": True, "text": words, "source": "widget", "ip": "203.0.113.9"}
            await database.unit(lambda c, p=purpose, g=given: consent.record(c, purpose=p, **g))  # type: ignore[misc]
    await database.unit(lambda c: consent.refuse(c, number=refuser, text="please stop texting me, we meant the music"))
    await database.unit(lambda c: consent.stop(c, number=stopper, text="Stop.", now=utc_now()))


class TestConsent:
    @in_every_look("light", phone=False)
    async def test_from_a_refusal_to_the_proof(self, place: Place, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
        last = f"{scheme == 'dark':d}{phone:d}"
        refuser, stopper = f"+141555570{last}", f"+141555571{last}"
        async with place.database() as database:
            await spoken(database, refuser, stopper)
        admin = await place.admin(scheme=scheme, phone=phone)
        page, look = admin.page, Look(scheme, phone, tmp_path)
        main = await go(page, "#/settings/consent")
        waiting = main.get_by_role("region", name="Refusals to look at")
        await expect(waiting).to_contain_text("we meant the music")
        await look.at(page, "consent")

        await main.get_by_label("Phone number").fill(stopper.removeprefix("+1"))
        await page.keyboard.press("Enter")
        await expect(main.get_by_role("region", name="What counts now")).to_contain_text("only START")
        await look.at(page, "consent-stopped")

        await go(page, f"#/settings/consent/{refuser.removeprefix('+')}")
        counts = main.get_by_role("region", name="What counts now")
        await expect(counts).to_contain_text("ended")
        await main.get_by_role("button", name="Not meant so").click()
        await page.get_by_label("Why").fill("They meant the music")
        await look.at(page, "consent-reversed")
        await page.get_by_role("button", name="Take it back").click()
        await expect(main.get_by_role("button", name="Not meant so")).to_have_count(0)
        await expect(counts).not_to_contain_text("ended")

        await main.get_by_role("button", name="Keep what you were told").click()
        await page.get_by_role("combobox").select_option("They want no marketing any more")
        await page.get_by_label("Their words").fill("No more offers please")
        await page.get_by_label("How you know").fill("She called on Friday")
        await page.get_by_role("button", name="Keep it").click()
        await expect(main.get_by_role("region", name="Ledger")).to_contain_text("She called on Friday")
        await look.at(page, "consent-number")

        async with page.expect_download() as begun:
            await main.get_by_role("button", name="Signed document").click()
        kept = tmp_path / "consent.json"
        await (await begun.value).save_as(kept)
        document = json.loads(kept.read_text())
        assert document["number"] == refuser and len(document["entries"]) == 5
        assert look.found == []
