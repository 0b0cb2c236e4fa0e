"""The simulator's page with the phones: written on, read, made to go wrong, by keys; in four looks; and nobody else may use it."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, Page, expect

from gateway.simulator.server import RingCentralServer
from tests.browser.chromium import Scheme, Watched, Window
from tests.browser.look import Look
from tests.browser.looks import in_every_look
from tests.browser.people import until
from tests.rig.ringcentral import LOS_ANGELES, NEW_YORK, serving

pytestmark = pytest.mark.browser
# 153 + 7: the last mark of the extended alphabet costs two places, and begins a second segment.
BORDER = "x" * 159 + "€"


@pytest.fixture
async def rc() -> AsyncIterator[RingCentralServer]:
    async with serving() as server:
        yield server


async def phones(browser: Browser, rc: RingCentralServer, scheme: Scheme = "light", *, phone: bool = False) -> tuple[Window, Page]:
    window = await Window.open(browser, Watched(hosts={rc.base.partition("//")[2]}), scheme=scheme, phone=phone)
    page, _ = await window.tab()
    await page.goto(f"{rc.base}/phone")
    await expect(page.get_by_role("button", name="+1 415 555 7001")).to_be_visible()
    return window, page


def texted(rc: RingCentralServer, to: str, text: str) -> None:
    rc.traffic.post(rc.number, [to], text, ())


async def test_a_phone_writes_reads_and_attaches(browser: Browser, rc: RingCentralServer, tmp_path: Path) -> None:
    window, page = await phones(browser, rc)
    try:
        box = page.get_by_role("textbox", name="Text message")
        await box.fill(BORDER)
        await expect(page.locator("#count")).to_have_text("160 · 2 segments")
        await box.fill("Are you free on Saturday? ¡Sí! 🙂")
        await expect(page.locator("#count")).to_contain_text("1 segment, Unicode")
        picture = tmp_path / "yard.png"
        await page.screenshot(path=picture)
        await page.locator("#file").set_input_files(picture)
        await expect(page.get_by_role("button", name="Remove yard.png")).to_be_visible()
        await box.press("Enter")
        await expect(page.locator("li.mine .bubble")).to_contain_text("Are you free on Saturday?")
        await expect(page.locator("li.mine img")).to_be_visible()
        (came,) = rc.account.texts.values()
        assert (came.sender, came.files[0].content) == (LOS_ANGELES, picture.read_bytes())

        rc.behave("ok", "SMS-CAR-411", on="delivery")
        texted(rc, LOS_ANGELES, "Saturday it is")
        texted(rc, LOS_ANGELES, "And this one is lost")
        await expect(page.locator("li.theirs .state").first).to_contain_text("Delivered")
        await expect(page.locator("li.theirs .state").last).to_contain_text("Not delivered (SMS-CAR-411)")
        texted(rc, NEW_YORK, "To somebody else")
        other = page.get_by_role("button", name="+1 212 555 7001")
        await expect(other).to_contain_text("To somebody else")
        await expect(other).to_contain_text("1 new")
        await expect(page.locator("li.theirs")).to_have_count(2)
        await other.click()
        await expect(other).not_to_contain_text("new")
        assert window.watched.faults == []
    finally:
        await window.close()


async def test_something_goes_wrong_when_it_is_asked_to(browser: Browser, rc: RingCentralServer) -> None:
    window, page = await phones(browser, rc)
    try:
        await page.get_by_label("What").select_option("send 500")
        await page.get_by_label("When").select_option("always")
        await page.get_by_role("button", name="Do that").press("Enter")
        await until(lambda: rc.faults.standing() == {"send": "500"}, page, "the fault")
        await page.get_by_role("button", name="Stop that").press("Enter")
        await until(lambda: rc.faults.standing() == {}, page, "its end")
        await page.get_by_role("button", name="Suspend the webhook").click()
        await expect(page.get_by_text("Webhooks are suspended")).to_be_visible()
        assert window.watched.faults == []
    finally:
        await window.close()


@in_every_look("dark", phone=True)
async def test_looks_right(browser: Browser, rc: RingCentralServer, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
    rc.links |= {"Demo page": f"{rc.base}/demo", "Console": f"{rc.base}/console"}
    rc.say(LOS_ANGELES, "Hi, 12 adults in Fremont on Saturday?")
    texted(rc, LOS_ANGELES, "Saturday 6 PM is free. 12 adults are $660.00 for food; travel is free to Fremont. Shall I hold it for you?")
    rc.behave("SMS-CAR-411", on="delivery")
    texted(rc, LOS_ANGELES, "The chef brings grill and food.")
    rc.behave("500", on="send", always=True)
    window, page = await phones(browser, rc, scheme, phone=phone)
    try:
        look = Look(scheme, phone, tmp_path)
        await expect(page.get_by_text("SMS-CAR-411")).to_be_visible()
        await look.at(page, "thread")
        if phone:
            await page.get_by_text("Have something go wrong").click()
        await page.get_by_role("textbox", name="Text message").fill("Sí, por favor 🙂")
        await look.at(page, "menu")
        await page.get_by_role("button", name="+1 303 555 7001").click()
        await look.at(page, "empty")
        assert look.found == []
    finally:
        await window.close()


class TestNobodyElse:
    """Another page, or a name that leads here, writes nothing and reads nothing."""

    async def test_is_let_in(self, rc: RingCentralServer) -> None:
        said = {"sender": LOS_ANGELES, "text": "hi"}
        async with aiohttp.ClientSession() as http:
            for headers in (
                {},
                {"Origin": "http://evil.example"},
                {"Origin": "null"},
                {"Host": "evil.example", "Origin": "http://evil.example"},
            ):
                async with http.post(f"{rc.base}/phone/say", json=said, headers=headers) as answer:
                    assert answer.status == 403, headers
            for path in ("state", "events", "media/1/1"):
                async with http.get(f"{rc.base}/phone/{path}", headers={"Host": "evil.example"}) as answer:
                    assert answer.status == 403, path
            async with http.post(f"{rc.base}/phone/say", data=b"{}", headers={"Origin": rc.base, "Content-Type": "text/plain"}) as answer:
                assert answer.status == 403
            async with http.post(f"{rc.base}/phone/say", json=said | {"more": 1}, headers={"Origin": rc.base}) as answer:
                assert answer.status == 400
        assert rc.account.texts == {}
