"""Campaigns and the text channel's state in the console."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from gateway.simulator.server import RingCentralServer
from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.looks import in_every_look
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
AREAS = ("415", "510", "602", "212")


@pytest.fixture(scope="session")
async def guests(texts_install: tuple[Place, RingCentralServer]) -> int:
    """Forty customers who agreed to marketing by text, every other with a party behind them."""
    place, _ = texts_install
    async with place.database() as database:
        await crowd(database, 40, AREAS, parties=True)
    return 40


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
        await expect(main).to_contain_text("of 40 customers")
        await look.at(page, "campaign-draft")
        await page.screenshot(path=tmp_path / f"draft-{scheme}-{phone}.png", full_page=True)
        await go(page, "#/campaigns/segments/new")
        await main.get_by_text("Add a condition").click()
        await main.get_by_role("button", name="Parties they had").click()
        await main.get_by_label("At least", exact=True).fill("1")
        await expect(main).to_contain_text("of 20 customers")
        await look.at(page, "segment")
        assert look.found == []
