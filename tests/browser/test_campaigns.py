"""Campaigns and the text channel's state in the console: drafted, approved and started by keys alone, carried by the simulated provider to
phones that answer and opt out; paused and stopped; and how every screen looks."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Locator, Page, expect

from gateway.simulator.server import RingCentralServer
from kernel.clock import utc_now
from tests.browser.chromium import Scheme
from tests.browser.lived_campaign import TEXTS, lived, segment
from tests.browser.look import Look
from tests.browser.looks import in_every_look
from tests.browser.people import until
from tests.browser.place import Place
from tests.campaigns.crowd import crowd

pytestmark = pytest.mark.browser
Texted = tuple[Place, RingCentralServer]
GUESTS, SPANISH = 12, 4
AREAS = ("415", "510", "602", "212")


@pytest.fixture(scope="module")
async def guests(texts_install: Texted) -> AsyncIterator[dict[str, UUID]]:
    """Twelve customers who agreed to marketing by text, every third of whom reads Spanish; a campaign that was lived through, one that
    paused by itself, a saved segment."""
    place, _ = texts_install
    async with place.database() as database:
        await crowd(database, GUESTS, AREAS)
        paused = {"name": "Winter 2026", "season": "winter", "pause_reason": "opt_outs"}
        yield {
            "done": await lived(database, utc_now()),
            "paused": await lived(database, utc_now(), 40, state="paused", **paused),
            "segment": await segment(database),
        }


async def go(page: Page, path: str) -> Locator:
    """That place of the console, once it has loaded."""
    await page.evaluate("path => { location.hash = path }", path)
    await expect(page.get_by_text("Loading")).to_have_count(0)
    return page.get_by_role("main")


async def tab_to(page: Page, wanted: Locator) -> None:
    """As somebody does who has no mouse."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"{wanted} is not reached by keys")


async def press(page: Page, button: Locator) -> None:
    """By keys."""
    await tab_to(page, button)
    await page.keyboard.press("Enter")


class TestTexting:
    @in_every_look("light", phone=False)
    async def test_without_a_provider_it_says_how_to_try(self, place: Place, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
        admin = await place.admin(scheme=scheme, phone=phone)
        look = Look(scheme, phone, tmp_path)
        main = await go(admin.page, "#/settings/texting")
        await expect(main.get_by_role("heading", name="No provider carries texts yet")).to_be_visible()
        await expect(main).to_contain_text("hibachi sms simulate")
        await expect(main.get_by_role("region", name="Limits")).to_contain_text("8:00 AM to 9:00 PM")
        await look.at(admin.page, "texting-none")
        assert look.found == []

    @pytest.mark.slow
    @in_every_look("dark", phone=False)
    async def test_with_one_it_says_how_it_stands(self, texted: Texted, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
        place, phones = texted
        admin = await place.admin(scheme=scheme, phone=phone)
        look = Look(scheme, phone, tmp_path)
        main = await go(admin.page, "#/settings/texting")
        await expect(main.get_by_role("region", name="How we hear of texts")).to_contain_text("Active")
        numbers = main.get_by_role("region", name="Our numbers")
        await expect(numbers).to_contain_text(f"({phones.number[2:5]}) {phones.number[5:8]}-{phones.number[8:]}")
        await expect(numbers).to_contain_text("Sends texts")
        await look.at(admin.page, "texting")
        assert look.found == []


@pytest.mark.slow
class TestLooks:
    @in_every_look("light", phone=True)
    async def test_of_every_screen(self, texted: Texted, guests: dict[str, UUID], scheme: Scheme, phone: bool, tmp_path: Path) -> None:
        place, _ = texted
        admin = await place.admin(scheme=scheme, phone=phone)
        page, look = admin.page, Look(scheme, phone, tmp_path)
        main = await go(page, "#/campaigns")
        await expect(main.get_by_role("link", name="Thanksgiving 2026")).to_be_visible()
        await look.at(page, "campaigns")
        await self._results(page, look, guests)
        await self._segment(page, look, guests)
        await self._draft(page, look)
        assert look.found == []

    @staticmethod
    async def _results(page: Page, look: Look, guests: dict[str, UUID]) -> None:
        main = await go(page, f"#/campaigns/{guests['done']}")
        await expect(main.get_by_role("list", name="At a glance")).to_contain_text("of 240")
        await look.at(page, "campaign-results")
        await main.get_by_role("region", name="What came of it").scroll_into_view_if_needed()
        await main.get_by_text("The figures as a table").click()
        await look.at(page, "campaign-figures")
        await main.get_by_role("button", name="Opted out").click()
        await expect(main.get_by_role("region", name="Recipients").get_by_role("listitem")).to_have_count(3)
        await main.get_by_role("region", name="Recipients").scroll_into_view_if_needed()
        await look.at(page, "campaign-recipients")
        main = await go(page, f"#/campaigns/{guests['paused']}")
        await expect(main.get_by_role("alert")).to_contain_text("It paused by itself: more than 1 %")
        await expect(main.get_by_role("button", name="Stop for good")).to_be_in_viewport()
        await look.at(page, "campaign-paused")

    @staticmethod
    async def _segment(page: Page, look: Look, guests: dict[str, UUID]) -> None:
        main = await go(page, "#/campaigns/segments")
        await expect(main.get_by_role("listitem")).to_contain_text(["Had a party within a year"])
        await look.at(page, "segments")
        main = await go(page, f"#/campaigns/segments/{guests['segment']}")
        await main.get_by_role("button", name="Take away Parties they had").click()
        await expect(main).to_contain_text(f"{GUESTS} people would get it")  # others may stand there who agreed to nothing
        await look.at(page, "segment")

    @staticmethod
    async def _draft(page: Page, look: Look) -> None:
        main = await go(page, "#/campaigns")
        await main.get_by_role("button", name="New campaign").click()
        english = main.get_by_role("textbox", name="English", exact=True)
        await english.fill(f"{TEXTS['en']} 🎄")
        counter = main.get_by_text("makes each segment 70 characters instead of 160")
        await expect(counter).to_contain_text("“🎄”")
        await expect(main.get_by_role("list", name="On their phone")).to_contain_text("My Hibachi: Thanksgiving at home")
        await counter.scroll_into_view_if_needed()
        await look.at(page, "campaign-dear")
        await main.get_by_role("button", name="Write it without, in 1 segment").click()
        await expect(english).to_have_value(TEXTS["en"])
        await english.fill("Come by")
        await expect(main.get_by_role("list", name="What is missing")).to_contain_text("does not say who writes")
        await expect(main.get_by_role("button", name="Approve")).to_be_disabled()
        await main.get_by_role("region", name="Before it goes out").scroll_into_view_if_needed()
        await look.at(page, "campaign-checks")


@pytest.mark.slow
@pytest.mark.usefixtures("guests")
class TestLife:
    async def test_by_keys_alone_from_a_season_to_what_came_of_it(self, texted: Texted, tmp_path: Path) -> None:
        place, phones = texted
        admin = await place.admin()
        page, look = admin.page, Look("light", False, tmp_path)
        await go(page, "#/campaigns")
        await self._written(page, look)
        before = len(phones.sent)
        await self._sent(page, look)
        await until(lambda: len(phones.sent) - before >= SPANISH, page, "the texts at the phones")
        numbers = [text.to for text in phones.sent[before:]]
        assert len(set(numbers)) == len(numbers) == SPANISH
        main = page.get_by_role("main")
        await expect(main.get_by_role("region", name="How far it is")).to_contain_text("Everybody was dealt with")
        phones.say(numbers[0], "¿Cuánto cuesta para 10 adultos?")
        phones.say(numbers[1], "STOP")
        tiles = main.get_by_role("list", name="At a glance")
        for words in ("1, 0 reminded", "more than 1 %"):
            await expect(tiles).to_contain_text(words, timeout=40_000)
        recipients = main.get_by_role("region", name="Recipients")
        await recipients.get_by_role("button", name="Replied").click()
        await recipients.get_by_role("listitem").first.get_by_role("link").click()
        await expect(admin.thread).to_contain_text("¿Cuánto cuesta para 10 adultos?")
        assert look.found == []

    @staticmethod
    async def _written(page: Page, look: Look) -> None:
        main = page.get_by_role("main")
        await press(page, main.get_by_role("button", name="Draft one for New Year"))
        await expect(main.get_by_role("heading", name="New Year 2027")).to_be_visible()
        await tab_to(page, main.get_by_text("Add a condition"))
        await page.keyboard.press("Enter")
        await press(page, main.get_by_role("button", name="Language"))
        spanish = main.get_by_role("group", name="Written to in").get_by_label("Spanish")
        await tab_to(page, spanish)
        await page.keyboard.press("Space")
        await expect(main).to_contain_text(f"of {SPANISH} customers")
        await press(page, main.get_by_role("button", name="Draft it for me"))
        drafts = main.get_by_role("list", name="Drafts to choose from")
        await expect(drafts.get_by_role("button")).to_have_count(3)
        await look.at(page, "campaign-generated")
        await press(page, drafts.get_by_role("button", name="Use it draft 2"))
        # To be sent at once, not on the season's first day.
        await main.get_by_label("Day", exact=True).fill("")
        await main.get_by_label("From", exact=True).fill("")
        await tab_to(page, main.get_by_label("Texts a minute"))
        await page.keyboard.type("600")
        await page.keyboard.press("Enter")
        await expect(main.get_by_text("Saved")).to_be_visible()

    @staticmethod
    async def _sent(page: Page, look: Look) -> None:
        main, dialog = page.get_by_role("main"), page.get_by_role("dialog")
        await press(page, main.get_by_role("button", name="Approve"))
        await expect(dialog).to_contain_text(f"{SPANISH} people would get it now")
        await look.at(page, "campaign-approve")
        await press(page, dialog.get_by_role("button", name="Approve"))
        await expect(main).to_contain_text("approved it")
        await press(page, main.get_by_role("button", name="Start"))
        await expect(dialog).to_contain_text("Who gets it is fixed now")
        await press(page, dialog.get_by_role("button", name="Start"))
        await expect(main.get_by_role("region", name="How far it is")).to_be_visible()

    async def test_pause_holds_at_once_and_stop_is_for_good(self, texted: Texted) -> None:
        place, phones = texted
        admin = await place.admin(phone=True)
        page = admin.page
        main, dialog = await go(page, "#/campaigns"), page.get_by_role("dialog")
        await main.get_by_role("button", name="New campaign").click()
        await main.get_by_label("English", exact=True).fill(TEXTS["en"])
        await main.get_by_label("From", exact=True).fill("")
        await main.get_by_label("Texts a minute").fill("1")
        await main.get_by_role("button", name="Save draft").click()
        before = len(phones.sent)
        for deed in ("Approve", "Start"):
            await main.get_by_role("button", name=deed).click()
            await dialog.get_by_role("button", name=deed).click()
        await until(lambda: len(phones.sent) > before, page, "the first text")
        await main.get_by_role("button", name="Pause").click()
        await expect(main.get_by_role("alert")).to_contain_text("Nothing goes out")
        paused = len(phones.sent)
        await main.get_by_role("button", name="Stop for good").click()
        await dialog.get_by_role("button", name="Stop for good").click()
        await expect(main.get_by_role("region", name="Left out")).to_contain_text("The campaign was stopped before")
        await expect(main.get_by_role("button", name="Stop for good")).to_have_count(0)
        assert len(phones.sent) == paused
