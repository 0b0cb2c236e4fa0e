"""Campaigns and the text channel's state in the console."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from gateway.simulator.server import RingCentralServer
from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.looks import in_every_look
from tests.browser.people import until
from tests.browser.place import Place
from tests.campaigns.crowd import crowd

pytestmark = pytest.mark.browser


async def go(page: Page, path: str) -> Locator:
    await page.evaluate("path => { location.hash = path }", path)
    place = page.get_by_role("main")
    await expect(page.get_by_text("Loading")).to_have_count(0)
    return place


class TestTexting:
    @in_every_look("light", phone=False)
    async def test_without_a_provider_it_says_how_to_try(self, place: Place, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
        admin = await place.admin(scheme=scheme, phone=phone)
        page, look = admin.page, Look(scheme, phone, tmp_path)
        main = await go(page, "#/settings/texting")
        await expect(main.get_by_role("heading", name="No provider carries texts yet")).to_be_visible()
        await expect(main).to_contain_text("hibachi sms simulate")
        await expect(main.get_by_role("region", name="Limits")).to_contain_text("8:00 AM to 9:00 PM")
        await look.at(page, "texting-none")
        assert look.found == []


TEXT = "{{business}}: Thanksgiving at home, cooked by us. Reply with your date, or STOP to opt out."
SPANISH = "{{business}}: Acción de Gracias en casa, cocinado por nosotros. Responde con tu fecha, o STOP para no recibir más."
GUESTS = 12
AREAS = ("415", "510", "602", "212")


@pytest.fixture(scope="session")
async def guests(texts_install: tuple[Place, RingCentralServer]) -> int:
    """Twelve customers, every third of whom reads Spanish, who agreed to marketing by text."""
    place, _ = texts_install
    async with place.database() as database:
        await crowd(database, GUESTS, AREAS)
    return GUESTS


@pytest.mark.usefixtures("guests")
class TestCampaign:
    @in_every_look("light", phone=False)
    async def test_drafted_and_looked_at(
        self, texted: tuple[Place, RingCentralServer], scheme: Scheme, phone: bool, tmp_path: Path
    ) -> None:
        place, _ = texted
        admin = await place.admin(scheme=scheme, phone=phone)
        page, look = admin.page, Look(scheme, phone, tmp_path)
        main = await go(page, "#/campaigns")
        await expect(main.get_by_role("heading", name="The coming seasons")).to_be_visible()
        await look.at(page, "campaigns")
        await main.get_by_role("button", name=re.compile("New campaign")).click()
        await expect(main.get_by_label("English", exact=True)).to_be_visible()
        await main.get_by_label("English", exact=True).fill(TEXT)
        await main.get_by_label("Spanish", exact=True).fill(SPANISH)
        await expect(main.get_by_role("list", name="On their phone")).to_contain_text("My Hibachi: Thanksgiving")
        await expect(main).to_contain_text("of 12 customers")
        await look.at(page, "campaign-draft")
        await page.screenshot(path=tmp_path / f"draft-{scheme}-{phone}.png", full_page=True)
        await go(page, "#/campaigns/segments/new")
        await main.get_by_text("Add a condition").click()
        await main.get_by_role("button", name="Language").click()
        await main.get_by_label("Spanish", exact=True).check()
        await expect(main).to_contain_text("of 4 customers")
        await look.at(page, "segment")
        assert look.found == []


class TestLife:
    async def test_from_a_draft_to_what_came_of_it(self, texted: tuple[Place, RingCentralServer], guests: int, tmp_path: Path) -> None:
        place, phones = texted
        admin = await place.admin()
        page, look = admin.page, Look("light", False, tmp_path)
        main = await go(page, "#/campaigns")
        await main.get_by_role("button", name="Draft one for Christmas").click()
        await expect(main.get_by_role("heading", name="Christmas 2026")).to_be_visible()
        await main.get_by_role("button", name="Draft it for me").click()
        drafts = main.get_by_role("list", name="Drafts to choose from")
        await expect(drafts.get_by_role("button")).to_have_count(3)
        await look.at(page, "campaign-generated")
        await drafts.get_by_role("button", name="Use it draft 2").click()
        await main.get_by_text("Add a condition").click()
        await main.get_by_role("button", name="Language").click()
        await main.get_by_label("Spanish", exact=True).last.check()
        await main.get_by_label("Day", exact=True).fill("")
        await main.get_by_label("From", exact=True).fill("")
        await main.get_by_label("Texts a minute").fill("600")
        await expect(main).to_contain_text("of 4 customers")
        await main.get_by_role("button", name="Save draft").click()
        await expect(main.get_by_text("Saved")).to_be_visible()
        await main.get_by_role("button", name="Approve").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text(re.compile(r"4 people would get it now: \d segments, about \$0\.0\d"))
        await look.at(page, "campaign-approve")
        await dialog.get_by_role("button", name="Approve").click()
        await main.get_by_role("button", name="Start").click()
        await look.at(page, "campaign-start")
        await dialog.get_by_role("button", name="Start").click()
        await expect(main.get_by_role("region", name="How far it is")).to_be_visible()
        await look.at(page, "campaign-begun")
        await until(lambda: len(phones.sent) >= 4, page, "the texts at the phones")
        await expect(main.get_by_role("region", name="How far it is")).to_contain_text("Everybody was dealt with")
        numbers = [text.to for text in phones.sent]
        assert len(set(numbers)) == 4
        phones.say(numbers[0], "How much is it for 10 adults?")
        phones.say(numbers[1], "STOP")
        tiles = main.get_by_role("list", name="At a glance")
        await expect(tiles).to_contain_text("1, 0 reminded")
        await page.wait_for_timeout(6000)
        await look.at(page, "campaign-results")
        await page.screenshot(path=tmp_path / "results.png", full_page=True)
        assert look.found == []
