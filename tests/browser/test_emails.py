"""E-mails as people see them: every kind in every language in an inbox's width and a phone's, light and dark; the console's pages of them,
in four looks; a text changed, looked at, saved and tested by keys."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, Page, expect

from business.emails import templates
from business.emails.kinds import KINDS, LOCALES
from business.emails.samples import Samples
from business.emails.writing import write
from business.links.signing import Links
from business.profile.loader import load_profile
from kernel.clock import utc_now
from kernel.database import Database
from kernel.tables.ops import Email
from tests.browser.chromium import Scheme, axe_source
from tests.browser.look import Look
from tests.browser.looks import in_every_look
from tests.browser.place import Place

pytestmark = pytest.mark.browser
BASE = "https://chat.hibachi.house"
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}, "resultTypes": ["violations"]}


def page_of(kind: str, locale: str) -> str:
    profile, now = load_profile(), utc_now()
    values = Samples(profile, BASE, now).of(kind).model_dump()
    unsubscribe = f"{BASE}/u/x" if KINDS[kind].marketing else None
    template = templates.shipped(kind, locale)
    return templates.render(template, values, profile, locale, now, name="Ana Perez", unsubscribe=unsubscribe).html


async def wrong_with(page: Page, what: str) -> list[str]:
    """What axe finds, and what sticks out."""
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(axe_source())
    result: dict[str, Any] = await page.evaluate("options => axe.run(document, options)", RULES)
    found = [f"{what}: {one['id']}: {node['target']} {node['failureSummary']}" for one in result["violations"] for node in one["nodes"]]
    wide, room = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return [*found, *([f"{what}: {wide} px in {room}"] if wide > room else [])]


LONG = pytest.mark.slow


@pytest.mark.parametrize(
    ("scheme", "width"),
    [("light", 600), pytest.param("dark", 390, marks=LONG), pytest.param("dark", 600, marks=LONG), pytest.param("light", 390, marks=LONG)],
)
async def test_every_mail_reads_well(browser: Browser, scheme: Scheme, width: int, tmp_path: Path) -> None:
    context = await browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    try:
        page, found = await context.new_page(), []
        for kind in KINDS:
            for locale in LOCALES:
                await page.set_content(page_of(kind, locale))
                found += await wrong_with(page, f"{kind}.{locale}")
                if locale == "es":
                    await page.screenshot(path=tmp_path / f"{kind}-{width}-{scheme}.png", full_page=True)
        assert found == []
    finally:
        await context.close()


def take_out_the_rigs_own(place: Place) -> None:
    """The frame refuses the rig's own script, which it tries to run in every page; and a browser notes each refusal of the server."""
    usual = ("Blocked script execution in", "Failed to load resource: the server responded with a status of 409")
    refused = [one for one in place.watched.faults if one.startswith(usual)]
    place.watched.faults[:] = [one for one in place.watched.faults if one not in refused]


@pytest.fixture
async def made(place: Place) -> AsyncIterator[dict[str, str]]:
    """Three mails, one of unknown fate: their ids by kind. They are gone afterwards, since others look at what waits."""
    profile, now = load_profile(), utc_now()
    links, found = Links(lambda: place.base, "secret"), dict[str, str]()
    database = Database(place.fleet.database_url, application="test")
    to = {"booking_confirmation": "ana@example.com", "refund": "ben@example.com", "unread_reply": "eve@example.com"}
    try:
        async with database.transaction() as connection:
            for kind, address in to.items():
                values, given = Samples(profile, place.base, now).of(kind), {"to_name": "Ana Perez", "locale": "en"}
                key = f"look:{kind}:{uuid4()}"
                email = await write(connection, profile, links, kind=kind, to=address, values=values, key=key, **given)
                found[kind] = str(email)
            await connection.execute(sa.update(Email).where(Email.kind == "refund").values(state="unknown", error="WorkerGone"))
        yield found
        async with database.transaction() as connection:
            await connection.execute(sa.delete(Email).where(Email.key.startswith("look:") | Email.key.startswith("test:")))
    finally:
        await database.close()


@in_every_look("light", phone=True)
async def test_the_pages_of_e_mails_in_every_look(place: Place, made: dict[str, str], scheme: Scheme, phone: bool, tmp_path: Path) -> None:
    look = Look(scheme, phone, tmp_path)
    page = (await place.admin(scheme=scheme, phone=phone)).page
    await page.goto(f"{place.base}/console#/settings/emails")
    await expect(page.get_by_role("link", name="Your refund of $100")).to_be_visible()
    await look.at(page, "emails")
    await page.goto(f"{place.base}/console#/settings/emails/{made['booking_confirmation']}")
    frame = page.frame_locator("iframe")
    await expect(frame.get_by_role("heading", name="Your party is confirmed")).to_be_visible()
    await look.at(page, "email")
    await page.goto(f"{place.base}/console#/settings/email-texts")
    await expect(page.get_by_role("link", name="English of Booking confirmation")).to_be_visible()
    await look.at(page, "email-texts")
    await page.goto(f"{place.base}/console#/settings/email-texts/refund-en")
    await expect(frame.get_by_role("heading", name="Your money is on its way back")).to_be_visible()
    await look.at(page, "email-text")
    take_out_the_rigs_own(place)
    assert look.found == []


async def test_a_text_is_changed_by_keys_and_a_mail_of_unknown_fate_asks_first(place: Place, made: dict[str, str]) -> None:
    page = (await place.admin()).page
    await page.goto(f"{place.base}/console#/settings/email-texts/welcome-es")
    body, frame = page.get_by_label("Body"), page.frame_locator("iframe")
    await expect(frame.get_by_role("heading", name="Mucho gusto")).to_be_visible()
    kept = await body.input_value()
    await body.fill(kept.replace("{{ hello }}", "{{ helo }}"))
    await expect(page.get_by_text("There is no value helo")).to_be_visible()
    await expect(page.get_by_role("button", name="Save")).to_be_disabled()
    await page.get_by_role("button", name="Line 3").press("Enter")
    assert await body.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)") == "  <p>{{ helo }}</p>"
    await body.fill(kept.replace("Mucho gusto", "Encantados"))
    await expect(frame.get_by_role("heading", name="Encantados")).to_be_visible()
    await page.get_by_role("button", name="Send a test to me").press("Enter")
    await expect(page.get_by_text("To dana@example.com: held")).to_be_visible()
    await page.get_by_role("button", name="Save").press("Enter")
    await expect(page.get_by_text("Version 1", exact=False).first).to_be_visible()
    await page.get_by_role("button", name="Use it again").press("Enter")
    await expect(frame.get_by_role("heading", name="Mucho gusto")).to_be_visible()

    await page.goto(f"{place.base}/console#/settings/emails/{made['refund']}")
    await page.get_by_role("button", name="Send it again").press("Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("nobody read its answer")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("status").filter(has_text="Unknown")).to_be_visible()
    await page.get_by_role("button", name="Send it again").press("Enter")
    await dialog.get_by_role("button", name="Send it again").press("Enter")
    await expect(page.get_by_text("Its address is a placeholder")).to_be_visible()
    take_out_the_rigs_own(place)
