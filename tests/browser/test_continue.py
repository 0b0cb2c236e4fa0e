"""A visitor goes on by text: from the page to the phone, a colleague who takes over, and by a link back to a page; one conversation."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from playwright.async_api import Page, expect

from business.customers.details import Details, tell
from business.links.signing import Links
from gateway.simulator.server import RingCentralServer
from kernel.clock import utc_now
from kernel.tables.core import Install
from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.looks import in_every_look
from tests.browser.people import Customer, until
from tests.browser.place import Place
from tests.rig.ringcentral import phone as phone_number

# An install that answers by text stands for test_by_text.py every day; these are played where there is time.
pytestmark = [pytest.mark.browser, pytest.mark.slow]
Texted = tuple[Place, RingCentralServer]


async def texts_to(phones: RingCentralServer, number: str, page: Page, having: str) -> str:
    """Wait for a text that holds these words; gives the newest of them."""

    def found() -> str | None:
        texts = [one.text for one in phones.sent if one.to == number and having in one.text]
        return texts[-1] if texts else None

    return str(await until(found, page, f"a text with {having!r}"))


async def goes_on(customer: Customer, phones: RingCentralServer, number: str) -> None:
    """By the keyboard alone."""
    page = customer.page
    await customer.panel.get_by_role("button", name="Continue by text").press("Enter")
    await expect(page.get_by_label("Your mobile number")).to_be_focused()
    await page.keyboard.type(number)
    await page.keyboard.press("Enter")
    code = (await texts_to(phones, number, page, "is your code"))[:6]
    await expect(page.get_by_label("The 6 digits")).to_be_focused()
    await page.keyboard.type(code)
    await page.keyboard.press("Enter")
    await expect(customer.log.get_by_text("You are now texting with")).to_be_visible()


async def link_to(place: Place, conversation: str, number: str) -> str:
    """As a text would hold it."""
    async with place.database() as database, database.transaction() as connection:
        secret = await connection.scalar(sa.select(Install.secret))
    return Links(lambda: place.base, str(secret)).thread(UUID(conversation), number, utc_now())


async def test_one_conversation_on_the_page_and_on_the_phone(texted: Texted) -> None:
    place, phones = texted
    number = phone_number(901)
    customer = await place.customer()
    await customer.say("Do you cook in Oakland? Asked by test one")
    await customer.answered(1)
    await goes_on(customer, phones, number)
    await expect(customer.panel.get_by_role("button", name="Continue by text")).to_be_focused()
    await texts_to(phones, number, customer.page, "You are now texting with")

    phones.say(number, "And now I write from my phone")
    await expect(customer.own.last).to_have_text("And now I write from my phone")
    admin = await place.admin()
    await admin.choose(customer)
    await expect(admin.customer_said.last).to_contain_text("And now I write from my phone")
    await expect(admin.log.get_by_text("By text", exact=True)).to_be_visible()
    await admin.take()
    await admin.box.fill("Dana here")
    await expect(admin.page.get_by_text("By text · 1 segment · 151 left")).to_be_visible()
    await admin.reply("Dana here, by text and on the page")
    await expect(customer.human.last).to_contain_text("Dana here, by text and on the page")
    await texts_to(phones, number, customer.page, "Dana here, by text and on the page")
    await expect(admin.log.get_by_text(re.compile("(Sent|Delivered) by text")).last).to_be_visible()

    await customer.say("I am on the page again")
    await expect(admin.customer_said.last).to_contain_text("I am on the page again")
    await admin.reply("Then I answer here alone")
    await expect(customer.human.last).to_contain_text("Then I answer here alone")
    assert not [one for one in phones.sent if "here alone" in one.text]


async def test_a_link_in_a_text_leads_back_to_a_page(texted: Texted, tmp_path: Path) -> None:
    place, phones = texted
    number = phone_number(902)
    customer = await place.customer()
    await customer.say("What is on the menu? Asked by test two")
    await customer.answered(1)
    await goes_on(customer, phones, number)
    look = Look("light", True, tmp_path)
    page, wire = await (await place.window(phone=True)).tab()
    await page.goto(await link_to(place, str(customer.wire.conversation), number))
    await look.at(page, "link")
    await page.get_by_role("button", name="Open it").click()
    other = Customer(customer.window, page, wire)
    await expect(other.own.first).to_have_text("What is on the menu? Asked by test two")
    await other.say("I go on here")
    await expect(customer.own.last).to_have_text("I go on here")
    assert look.found == []


@in_every_look("light", phone=False)
async def test_the_sheet(texted: Texted, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
    place, phones = texted
    number = phone_number(910 + 2 * phone + (scheme == "dark"))
    look = Look(scheme, phone, tmp_path)
    customer = await place.customer(scheme=scheme, phone=phone)
    page: Any = customer.page
    await look.at(page, "below")
    await customer.panel.get_by_role("button", name="Continue by text").click()
    field = page.get_by_label("Your mobile number")
    await expect(field).to_be_focused()
    await look.at(page, "number")
    await field.fill("12")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("does not look like a phone number")
    await look.at(page, "number-wrong")
    await field.fill(number)
    await page.get_by_role("button", name="Agree and text me a code").click()
    digits = page.get_by_label("The 6 digits")
    code = (await texts_to(phones, number, page, "is your code"))[:6]
    await digits.fill(f"{(int(code) + 1) % 1_000_000:06d}")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("That is not the code")
    await look.at(page, "code-wrong")
    await page.keyboard.press("Escape")
    await expect(digits).to_have_count(0)
    await customer.panel.get_by_role("button", name="Continue by text").click()
    await expect(digits).to_be_focused()
    await digits.fill(code)
    await page.keyboard.press("Enter")
    await expect(customer.log.get_by_text("You are now texting with")).to_be_visible()
    await look.at(page, "done")
    assert look.found == []


@in_every_look("light", phone=False)
async def test_somebody_says_that_two_are_one(texted: Texted, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
    place, _ = texted
    look = Look(scheme, phone, tmp_path)
    address = f"ana-{scheme}-{phone}@example.net"
    ana, bea = await place.customer(), await place.customer()
    for number, one in enumerate((ana, bea)):
        await one.say(f"Hello from visitor {number} of {scheme} {phone}")
        await one.answered(1)
        async with place.database() as database, database.transaction() as connection:
            await tell(connection, UUID(one.wire.conversation), Details(name="Ana Perez", email=address), "")
    admin = await place.admin(scheme=scheme, phone=phone)
    page = admin.page
    await admin.open(str(ana.wire.conversation))
    if phone:
        await page.get_by_role("button", name="Details").click()
    details = page.get_by_role("complementary", name="Details")
    await expect(details.get_by_text("The same e-mail address and name")).to_be_visible()
    await details.get_by_role("heading", name="Person").scroll_into_view_if_needed()
    await look.at(page, "maybe")
    await details.get_by_role("button", name="Same person").press("Enter")
    talks = details.get_by_role("list", name="Other conversations of this person")
    await expect(talks.get_by_role("link")).to_have_attribute("href", f"#/c/{bea.wire.conversation}")
    await expect(details.get_by_text("said so")).to_be_visible()
    await details.get_by_role("heading", name="Person").scroll_into_view_if_needed()
    await look.at(page, "joined")
    await details.get_by_role("button", name="Part them again").click()
    await page.get_by_role("dialog").get_by_role("button", name="Part them").click()
    await expect(details.get_by_text("said so")).to_have_count(0)
    assert look.found == []
