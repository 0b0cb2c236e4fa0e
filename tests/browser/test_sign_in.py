"""The console's door: a link that is good once, a one-time password, and a sign-out that reaches every tab."""

import re

import pytest
from playwright.async_api import Page, expect

from business.staff.passwords import Passwords
from business.staff.service import Invited, StaffService
from gateway.seed import sign_in_path
from tests.browser.people import sign_in, until
from tests.browser.place import Place

pytestmark = pytest.mark.browser
CHOSEN = "charcoal and garlic"


async def _invited(place: Place, email: str) -> Invited:
    async with place.database() as database:
        return await StaffService(database, Passwords()).invite(email, "Kim", "agent")


async def _choose(page: Page, password: str, again: str) -> None:
    await page.get_by_label("New password").fill(password)
    await page.get_by_label("The same again").fill(again)
    await page.get_by_role("button", name="Save and open the console").click()


async def test_a_sign_in_link_opens_the_console_once(place: Place) -> None:
    invited = await _invited(place, "kim@example.com")
    window = await place.window()
    page, _ = await window.tab()
    await page.goto(f"{place.base}{sign_in_path(invited.sign_in_token)}")
    # The token has left the address before anything else happens.
    await until(lambda: "sign-in" not in page.url, page, "a clean address")
    await expect(page.get_by_role("region", name="Conversations")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("region", name="Conversations")).to_be_visible()

    elsewhere, _ = await (await place.window()).tab()
    await elsewhere.goto(f"{place.base}{sign_in_path(invited.sign_in_token)}")
    await expect(elsewhere.get_by_role("alert")).to_contain_text("was used or has expired")
    await expect(elsewhere.get_by_role("button", name="Sign in")).to_be_visible()


async def test_a_one_time_password_asks_for_a_lasting_one(place: Place) -> None:
    invited = await _invited(place, "lee@example.com")
    page, _ = await (await place.window()).tab()
    await sign_in(page, place.base, invited.email, invited.one_time_password)
    await expect(page.get_by_role("heading", name="Choose your password")).to_be_visible()
    # Nothing but a lasting password opens the console, also after a reload.
    await page.reload()
    await _choose(page, CHOSEN, "something else!")
    await expect(page.get_by_role("alert")).to_contain_text("not the same")
    await _choose(page, CHOSEN, CHOSEN)
    await expect(page.get_by_role("region", name="Conversations")).to_be_visible()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    await sign_in(page, place.base, invited.email, invited.one_time_password)
    await expect(page.get_by_role("alert")).to_contain_text("password")
    await sign_in(page, place.base, invited.email, CHOSEN)
    await expect(page.get_by_role("region", name="Conversations")).to_be_visible()


async def test_signing_out_cuts_every_tab(place: Place) -> None:
    """Two tabs of one session: the one that signs out leaves at once, the other is cut by the server."""
    window = await place.window()
    first, _ = await window.tab()
    await sign_in(first, place.base, *place.owner)
    await expect(first.get_by_role("region", name="Conversations")).to_be_visible()
    second, wire = await window.tab()
    await second.goto(f"{place.base}/console")
    await expect(second.get_by_role("region", name="Conversations")).to_be_visible()
    assert wire.closed == 0
    # The socket alone tells it: what else it asks over HTTP would hear of it too, and might be first.
    place.watched.lossy = True
    await second.route(re.compile("/api/admin/(?!socket-token)"), lambda route: route.abort())
    await first.get_by_role("button", name="Sign out").click()
    await expect(first.get_by_role("button", name="Sign in")).to_be_visible()
    await expect(second.get_by_role("alert")).to_contain_text("Your session ended")
    await until(lambda: wire.closed, second, "the end of the socket")
    # Where its line broke just then, it hears it at the door instead.
    assert {body["code"] for body in wire.received("goodbye")} <= {"revoked"}
    # The cookie opens nothing any more.
    await second.unroute_all()
    await second.reload()
    await expect(second.get_by_role("button", name="Sign in")).to_be_visible()
