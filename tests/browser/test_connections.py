"""Webhooks and API tokens in the settings: a real receiver, a real worker, a real request by the token that was shown."""

import re
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.look import Look
from tests.browser.people import until
from tests.browser.place import Place
from tests.rig.receiver import Receiver, verify

pytestmark = pytest.mark.browser


async def _looked_at(page: Page, name: str, folder: Path) -> list[str]:
    """Both sizes: what is wrong with them; a picture of each is kept."""
    found = []
    for phone, size in ((False, (1440, 900)), (True, (390, 844))):
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        look = Look("light", phone, folder)
        await look.at(page, name)
        inside = await page.evaluate("[...document.querySelectorAll('dialog[open]')].map(e => e.scrollWidth - e.clientWidth)")
        found += [*look.found, *(f"{name} at {size}: its dialog sticks out by {by}" for by in inside if by > 0)]
    await page.set_viewport_size({"width": 1440, "height": 900})
    return found


async def _shown_after_a_reload(page: Page, notice: Locator) -> bool:
    """The console looks for such notices when it is opened, and every half minute."""
    await page.reload()
    await page.wait_for_timeout(1000)
    return await notice.count() > 0


async def test_programs_are_told_and_may_ask(place: Place, tmp_path: Path) -> None:
    admin = await place.admin()
    page = admin.page
    found: list[str] = []
    async with Receiver() as receiver:
        receiver.behave("500")
        await page.goto(f"{place.base}/console#/settings/webhooks")
        await page.get_by_role("button", name="Add a webhook").click()
        form = page.get_by_role("dialog")
        await form.get_by_label("Address").fill("http://10.1.2.3/hook")
        await form.get_by_role("button", name="Add the webhook").click()
        await expect(form.get_by_role("alert")).to_contain_text("private network")
        await until(lambda: place.watched.faults, page, "the refusal in the console's log")
        assert place.watched.faults == ["Failed to load resource: the server responded with a status of 400 (Bad Request)"]
        place.watched.faults.clear()
        await form.get_by_label("Address").fill(receiver.url())
        await form.get_by_label("Description").fill("Our spreadsheet")
        found += await _looked_at(page, "add-webhook", tmp_path)
        await form.get_by_role("button", name="Add the webhook").click()
        shown = page.get_by_role("dialog", name="The signing secret")
        secret = await shown.locator("code").inner_text()
        await shown.get_by_role("button", name="I have kept it").click()
        await expect(page.get_by_role("link", name=re.compile("Our spreadsheet"))).to_be_visible()
        found += await _looked_at(page, "webhooks", tmp_path)
        await page.get_by_role("link", name=re.compile("Our spreadsheet")).click()
        await page.get_by_role("button", name="Send a test event").click()
        line = page.get_by_role("button", name=re.compile("webhook.test"))
        await expect(line).to_contain_text("waiting: answered 500, 1 try, again")
        found += await _looked_at(page, "webhook", tmp_path)
        await line.click()
        detail = page.get_by_role("dialog", name="Delivery")
        await expect(detail.get_by_role("region", name="Payload")).to_contain_text('"webhook.test"')
        found += await _looked_at(page, "delivery", tmp_path)
        await detail.get_by_role("button", name="Send again").click()
        await receiver.got(lambda requests: len([one for one in requests if one.type == "webhook.test"]) >= 2)
        await detail.get_by_role("button", name="Close").click()
        customer = await place.customer()
        place.say("Of course.")
        await customer.say("Tell the spreadsheet, please")
        await customer.answered(1)
        told = await receiver.got(lambda requests: [one.type for one in requests].count("message.created") >= 2)
        assert all(verify(one, secret) for one in told)
        test = [one.id for one in told if one.type == "webhook.test"]
        assert len(set(test)) == 1
        receiver.usual = "410"
        # Whichever event is the first to hear it: the endpoint is switched off.
        await customer.say("And this, too")
        off = page.get_by_text("Our spreadsheet was switched off: its server says that it is gone.")
        await page.goto(f"{place.base}/console#/")
        await until(lambda: _shown_after_a_reload(page, off), page, "the notice")
        await page.get_by_role("link", name="Look at the webhook").click()
        await page.get_by_role("button", name="Delete this webhook").click()
        await page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
        await expect(page.get_by_text("Add the address of your program")).to_be_visible()

    await page.goto(f"{place.base}/console#/settings/tokens")
    await page.get_by_role("button", name="Make a token").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("Name").fill("Our spreadsheet")
    found += await _looked_at(page, "make-token", tmp_path)
    await form.get_by_role("button", name="Make the token").click()
    shown = page.get_by_role("dialog", name="The token of Our spreadsheet")
    token = await shown.locator("code").inner_text()
    await shown.get_by_role("button", name="I have kept it").click()
    async with httpx.AsyncClient(base_url=place.base, headers={"Authorization": f"Bearer {token}"}, trust_env=False) as program:
        path = "/api/admin/conversations"
        rows = (await program.get(path, params={"query": "spreadsheet"})).json()["items"]
        assert customer.wire.conversation in [row["id"] for row in rows]
        found += await _looked_at(page, "tokens", tmp_path)
        await page.get_by_role("button", name="Revoke Our spreadsheet").click()
        await page.get_by_role("dialog").get_by_role("button", name="Revoke", exact=True).click()
        await expect(page.get_by_text("Make a token for a program of yours")).to_be_visible()
        assert (await program.get(path)).status_code == 401
    assert not found, "\n".join(found)
