"""The settings: what an owner looks after there, what an agent neither sees nor may; on a desk by keys, on a phone by thumb."""

from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.place import Place

pytestmark = pytest.mark.browser
TEAL, TEAL_RGB = "#0f766e", "rgb(15, 118, 110)"


class Settings:
    """Somebody's settings, by what they see and press."""

    def __init__(self, page: Page, look: Look, phone: bool) -> None:
        self.page = page
        self.look = look
        self.phone = phone

    @property
    def pages(self) -> Locator:
        return self.page.get_by_role("navigation", name="Settings")

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name)

    async def enter(self) -> None:
        """From the rail, or from the bar under the thumb."""
        await self.button("More" if self.phone else "Settings").click()
        await expect(self.pages).to_be_visible()

    async def open(self, title: str) -> None:
        """A page by its link; on a phone the list of pages comes first."""
        if self.phone and not await self.pages.is_visible():
            await self.page.get_by_role("link", name="Settings").click()
        await self.pages.get_by_role("link", name=title).click()
        await self.at(title)

    async def at(self, title: str, name: str = "") -> None:
        """Wait for a page and look at it."""
        await expect(self.page.get_by_role("heading", name=title, level=1)).to_be_visible()
        await expect(self.page.get_by_text("Loading")).to_have_count(0)
        await self.look.at(self.page, f"settings-{name or title.split()[0].lower()}")
        room = await self.page.locator(".settings-page").evaluate("e => e.scrollWidth - e.clientWidth")
        assert room <= 0, f"{title} sticks out by {room} px"


async def _invites(owner: Settings, email: str) -> str:
    """Invite an agent; gives the path of their sign-in link, which was copied."""
    await owner.button("Invite a colleague").click()
    await owner.dialog.get_by_label("Name").fill("Kim")
    await owner.dialog.get_by_label("E-mail").fill(owner_email := "dana@example.com")
    await owner.dialog.get_by_role("button", name="Invite").click()
    await expect(owner.dialog.get_by_role("alert")).to_contain_text(f"{owner_email} has an account")
    await owner.dialog.get_by_label("E-mail").fill(email)
    await owner.look.at(owner.page, "settings-invite")
    await owner.dialog.get_by_role("button", name="Invite").click()
    await expect(owner.dialog).to_contain_text("shown once")
    await owner.look.at(owner.page, "settings-ways-in")
    await owner.dialog.get_by_role("button", name="Copy Sign-in link").click()
    await expect(owner.dialog.get_by_role("button", name="Copied Sign-in link")).to_be_visible()
    link = str(await owner.page.evaluate("navigator.clipboard.readText()"))
    await owner.button("I have passed it on").click()
    return link


async def _is_an_agent(place: Place, kim: Settings, name: str) -> None:
    """What an agent sees: their own account; what they ask for besides, the page and the server refuse."""
    await kim.enter()
    await expect(kim.pages.get_by_role("link", name="Your account")).to_be_visible()
    for title in ("Staff and roles", "Sites", "Audit"):
        await expect(kim.pages.get_by_role("link", name=title)).to_have_count(0)
    await kim.look.at(kim.page, "settings-agent")
    for page in ("staff", "sites", "audit"):
        await kim.page.evaluate("page => { location.hash = `#/settings/${page}` }", page)
        await expect(kim.page.get_by_role("heading", name="for owners and admins")).to_be_visible()
    for path in ("sites", "audit", "sites/demo/card"):
        assert (await kim.page.context.request.get(f"{place.base}/api/admin/{path}")).status == 403
    await kim.page.evaluate("() => { location.hash = '#/settings/account' }")
    await kim.page.get_by_label("Your name").fill(name)
    await kim.button("Save the name").click()
    await expect(kim.page.get_by_text("Saved", exact=True)).to_be_visible()
    await kim.page.get_by_label("New password").fill("a long enough one")
    await kim.button("Choose the password").click()
    await expect(kim.page.get_by_text("Saved", exact=True)).to_have_count(2)
    await kim.page.get_by_label("Present password").fill("not my password")
    await kim.page.get_by_label("New password").fill("another long enough one")
    await kim.button("Change the password").click()
    await expect(kim.page.get_by_role("alert")).to_have_text("Your present password is not that one.")
    await kim.at("Your account", "account-saved")


async def _changes_a_site(owner: Settings, key: str) -> None:
    """Add a site, look at it in other colours before they are saved, save them, make a new secret."""
    await owner.button("Add a site").click()
    await owner.dialog.get_by_label("Name").fill(key)
    await owner.dialog.get_by_label("Origin").fill("www.example.com")
    await owner.dialog.get_by_role("button", name="Add the site").click()
    await expect(owner.dialog.get_by_role("alert")).to_contain_text("is not an origin")
    await owner.dialog.get_by_label("Origin").fill("https://www.example.com")
    await owner.dialog.get_by_role("button", name="Add the site").click()
    await expect(owner.dialog).to_contain_text("Identity secret")
    await owner.look.at(owner.page, "settings-site-made")
    await owner.button("Go on to its look").click()
    await owner.at(key, "site")

    own = owner.page.locator(".chat-preview .bubble.own")
    await expect(own).not_to_have_css("background-color", TEAL_RGB)
    await owner.button("Light").click()
    await owner.page.get_by_label("visitors’ words: as hex").fill(TEAL)
    await expect(own).to_have_css("background-color", TEAL_RGB)
    await owner.button("Español").click()
    await expect(own).to_contain_text("¡Hola!")
    await owner.button("Dark").click()
    await expect(own).not_to_have_css("background-color", TEAL_RGB)
    await owner.page.get_by_label("Date of the event").check()
    first = owner.page.locator(".chat-preview .bubble.ai").first
    usual = await first.inner_text()
    await owner.page.get_by_label("Greeting in Spanish").fill("¿Hay hambre?")
    await expect(first).to_have_text("¿Hay hambre?")
    await expect(owner.page.get_by_text("Above the button: ¿Hay hambre?")).to_be_visible()
    await owner.button("English").click()
    await expect(first).not_to_have_text("¿Hay hambre?")
    await owner.button("Español").click()
    await owner.page.get_by_label("Greeting in Spanish").fill("")
    await expect(first).to_have_text(usual)
    await owner.page.get_by_label("Greeting in Spanish").fill("¿Hay hambre?")
    await owner.button("Save the site").click()
    await expect(owner.page.get_by_text("Saved", exact=True)).to_be_visible()
    await expect(owner.button("Save the site")).to_be_disabled()
    told = await owner.page.evaluate(f"fetch('/api/sites/{key}/greeting?locale=es').then(answer => answer.json())")
    assert told == {"greeting": "¿Hay hambre?"}
    await owner.page.get_by_label("No greeting above the button").check()
    await expect(owner.page.locator(".copyable code")).to_contain_text('data-greeting="off"')
    await owner.button("Make a new secret…").click()
    await owner.dialog.get_by_role("button", name="Make a new secret").click()
    await expect(owner.dialog.get_by_role("button", name="Copy Identity secret")).to_be_visible()
    await owner.look.at(owner.page, "settings-secret")
    await owner.button("I have kept it").click()
    await owner.at(key, "site-saved")


async def _reads_the_trail(owner: Settings, key: str, tmp_path: Path) -> None:
    """The newest deeds in words, narrowed, and as a file."""
    lines = owner.page.get_by_role("region", name="Today").get_by_role("listitem")
    await expect(lines.first).to_contain_text(f"Dana changed the site {key}: identity secret")
    await owner.page.get_by_label("What").select_option("Accounts")
    await expect(lines.first).to_contain_text("deactivated")
    await expect(owner.page.get_by_text(f"changed the site {key}")).to_have_count(0)
    async with owner.page.expect_download() as download:
        await owner.button("Download CSV").click()
    file = tmp_path / "audit.csv"
    await (await download.value).save_as(file)
    assert "invited" in file.read_text(encoding="utf-8") and f"site {key}" not in file.read_text(encoding="utf-8")
    await owner.page.get_by_label("Day", exact=True).fill("2001-01-01")
    await expect(owner.page.get_by_text("Nothing like that was done")).to_be_visible()
    await owner.at("Audit", "audit-nothing")


async def _goes_by_keys(page: Page) -> None:
    """One letter to the settings, j and k among their pages, each by name in the command bar."""
    await page.evaluate("() => { location.hash = '#/' }")
    await page.keyboard.press(",")
    await expect(page.get_by_role("heading", name="Your account", level=1)).to_be_visible()
    await page.keyboard.press("j")
    await expect(page.get_by_role("link", name="Your account")).not_to_have_attribute("aria-current", "page")
    await page.keyboard.press("k")
    await expect(page.get_by_role("link", name="Your account")).to_have_attribute("aria-current", "page")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("settings audit")
    await expect(page.get_by_role("option").first).to_contain_text("Settings: Audit")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Audit", level=1)).to_be_visible()


@pytest.mark.parametrize(
    ("scheme", "phone"), [("light", False), pytest.param("dark", True, marks=pytest.mark.slow)], ids=["wide-light", "phone-dark"]
)
async def test_an_owner_and_an_agent(place: Place, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
    # What the server refuses, Chromium calls an error of the page's; the page shows it in words.
    place.watched.lossy = True
    look = Look(scheme, phone, tmp_path)
    name = f"Kim {'phone' if phone else 'wide'}"
    email, key = f"kim-{scheme}@example.com", f"shop-{scheme}"
    admin = await place.admin(scheme=scheme, phone=phone, permissions=["clipboard-read", "clipboard-write"])
    owner = Settings(admin.page, look, phone)
    await owner.enter()
    await look.at(owner.page, "settings-index")
    await owner.open("Staff and roles")
    link = await _invites(owner, email)

    page, _ = await (await place.window(scheme=scheme, phone=phone)).tab()
    await page.goto(link)
    kim = Settings(page, look, phone)
    await _is_an_agent(place, kim, name)

    await owner.page.reload()
    await owner.button(f"Manage {name}").click()
    await look.at(owner.page, "settings-manage")
    await owner.dialog.get_by_role("button", name="Deactivate").click()
    await expect(owner.dialog.get_by_role("button", name="Reactivate")).to_be_visible()
    await owner.dialog.get_by_role("button", name="Close").click()
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()

    await owner.open("Sites")
    await _changes_a_site(owner, key)
    if phone:
        await owner.page.get_by_role("link", name="Sites").click()
    await owner.open("Audit")
    await _reads_the_trail(owner, key, tmp_path)
    if not phone:
        await _goes_by_keys(owner.page)
    assert look.found == []
