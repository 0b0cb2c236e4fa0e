"""A device that is woken: from the settings page through the worker and a push service to the notification, and its click."""

import asyncio
import itertools
from typing import Any

import orjson
import pytest
from playwright.async_api import CDPSession, Page, expect

from business.staff.passwords import Passwords
from business.staff.service import StaffService
from gateway.seed import sign_in_path
from tests.browser.chromium import axe_source
from tests.browser.people import Admin, until
from tests.browser.place import Place
from tests.rig.pushes import Device, PushService

pytestmark = pytest.mark.browser
# A private window may not subscribe, and this browser's push service is somewhere in the world: only these two calls are ours.
SUBSCRIBES = """device => {
  let subscription = null
  PushManager.prototype.getSubscription = async () => subscription
  PushManager.prototype.subscribe = async options => {
    if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new TypeError('not as a browser wants it')
    const { endpoint, ...keys } = device
    subscription = { endpoint, options, toJSON: () => ({ endpoint, keys }), unsubscribe: async () => (subscription = null, true) }
    return subscription
  }
}"""
SHOWN = """async () => {
  const found = await navigator.serviceWorker.getRegistration('/console')
  return (await found.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag }))
}"""
CLICK = """async () => {
  const [notification] = await self.registration.getNotifications()
  self.dispatchEvent(new NotificationEvent('notificationclick', { notification }))
}"""


class Waker:
    """Hands pushes to the service worker as the browser would that received them."""

    def __init__(self, devtools: CDPSession, base: str) -> None:
        self._devtools = devtools
        self._base = base
        self._registration: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        devtools.on("ServiceWorker.workerRegistrationUpdated", self._seen)

    def _seen(self, event: dict[str, Any]) -> None:
        for one in event["registrations"]:
            if not one["isDeleted"] and one["scopeURL"] == f"{self._base}/console" and not self._registration.done():
                self._registration.set_result(one["registrationId"])

    async def wake(self, shown: dict[str, Any]) -> None:
        await self._devtools.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": self._base, "registrationId": await self._registration, "data": orjson.dumps(shown).decode()},
        )


async def _waker(admin: Admin, place: Place) -> Waker:
    devtools = await admin.window.context.new_cdp_session(admin.page)
    waker = Waker(devtools, place.base)
    await devtools.send("ServiceWorker.enable")
    return waker


async def _woken(page: Page, waker: Waker, pushed: dict[str, Any]) -> None:
    """Hand the push over and wait for its notification; one that this browser dropped is handed over again, which shows the same."""
    looks = itertools.count()

    async def look() -> bool:
        if next(looks) % 100 == 0:
            await waker.wake(pushed)
        return any(one["title"] == pushed["title"] for one in await page.evaluate(SHOWN))

    await until(look, page, f"the notification {pushed['title']!r}")


async def test_a_device_is_switched_on_tested_and_woken(place: Place) -> None:
    customer = await place.customer()
    await customer.say("Is the terrace free on Friday?")
    await customer.answered(1)
    admin = await place.admin(phone=True)
    page, context = admin.page, admin.window.context
    await context.grant_permissions(["notifications"], origin=place.base)
    async with PushService() as service:
        device = Device(service)
        await context.add_init_script(f"({SUBSCRIBES})({orjson.dumps(device.subscription).decode()})")
        await page.goto(f"{place.base}/console#/settings/notifications")
        await page.reload()
        waker = await _waker(admin, place)
        await page.get_by_role("button", name="Turn notifications on").click()
        await page.get_by_role("button", name="Send a test").click()
        await service.got(lambda received: len(received) == 1)
        await _woken(page, waker, device.shown[0])

        # Quiet hours are kept; the page is as anybody can use it.
        await page.get_by_role("checkbox", name="Keep quiet every day").check()
        await page.get_by_label("From", exact=True).fill("03:00")
        await page.get_by_label("Until").fill("03:01")
        await page.get_by_role("button", name="Save quiet hours").click()
        await expect(page.get_by_text("Saved", exact=True)).to_be_visible()
        assert await _violations(page) == []

        # Somebody asks for a person: the device says so, and a click on it opens the conversation.
        await customer.page.get_by_role("button", name="Talk to a person").click()
        await service.got(lambda received: len(received) == 2)
        told = device.shown[1]
        assert told["title"] == "A person is needed" and "terrace" not in str(told)
        await _woken(page, waker, told)
        (worker,) = context.service_workers
        await page.evaluate(
            "async () => (await (await navigator.serviceWorker.getRegistration('/console')).getNotifications())"
            ".filter(one => one.title !== 'A person is needed').forEach(one => one.close())"
        )
        await worker.evaluate(CLICK)
        await expect(admin.customer_said.first).to_contain_text("terrace")
        assert await page.evaluate(SHOWN) == []

        # Switched off, nothing comes.
        await page.goto(f"{place.base}/console#/settings/notifications")
        await page.get_by_role("button", name="Turn notifications off").click()
        await expect(page.get_by_role("button", name="Turn notifications on")).to_be_visible()
    async with place.database() as database, database.transaction() as connection:
        assert (await connection.exec_driver_sql("SELECT count(*) FROM core.push_subscription")).scalar() == 0


async def test_a_colleague_is_mentioned_by_keyboard_and_by_touch(place: Place) -> None:
    """In a note alone; the names are marked, and the mentioned finds the way there until they have looked."""
    async with place.database() as database:
        invited = await StaffService(database, Passwords()).invite("quinn@example.com", "Quinn Ash", "agent")
    customer = await place.customer()
    await customer.say("Is there a vegan menu?")
    await customer.answered(1)
    window = await place.window(phone=True)
    page, wire = await window.tab()
    await page.goto(f"{place.base}{sign_in_path(invited.sign_in_token)}")
    quinn = Admin(window, page, wire)
    await expect(quinn.inbox).to_be_visible()

    dana = await place.admin()
    await dana.choose(customer)
    await dana.page.keyboard.press("n")
    await dana.box.press_sequentially("Please look, @qu")
    await expect(dana.page.get_by_role("option", name="@Quinn Ash")).to_be_visible()
    await dana.box.press("Enter")
    await expect(dana.box).to_have_value("Please look, @Quinn Ash ")
    await dana.box.press("Enter")
    await expect(dana.log.locator(".bubble.note mark")).to_have_text("@Quinn Ash")

    mention = page.get_by_role("list", name="Mentions of you").get_by_role("button")
    await expect(mention).to_contain_text("mentioned you")
    await mention.click()
    await expect(quinn.log.locator(".bubble.note mark.me")).to_have_text("@Quinn Ash")
    await page.get_by_role("button", name="Note").click()
    await page.get_by_role("button", name="@ Mention").click()
    await page.get_by_role("option").first.click()
    assert (await quinn.box.input_value()).startswith("@")
    assert await _violations(page) == []
    await page.get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="Back to the inbox").click()
    await expect(page.get_by_role("list", name="Mentions of you")).to_have_count(0)


async def _violations(page: Page) -> list[str]:
    """What axe finds."""
    await page.evaluate(axe_source())
    found: list[str] = await page.evaluate("async () => (await axe.run()).violations.map(v => v.id)")
    return found
