"""Leads in the console: what a visitor tells appears on the board, is dragged and moved by keys, stands there after a reload; a colleague
who is slower is told. By a finger on a phone as well."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import Locator, Page, expect

from business.leads import moving, service
from business.profile.loader import load_profile
from kernel.clock import utc_now
from tests.bookings.conftest import Customers, far
from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.looks import in_every_look
from tests.browser.people import Admin, until
from tests.browser.place import Place
from tests.complaints.conftest import hired

pytestmark = pytest.mark.browser
PROFILE = load_profile()


def card(page: Page, name: str) -> Locator:
    return page.locator("[data-lead]", has_text=name)


def column(page: Page, name: str) -> Locator:
    return page.locator("section.lead-column").and_(page.get_by_role("region", name=name, exact=True))


async def board(admin: Admin) -> Page:
    await admin.page.evaluate("location.hash = '#/leads'")
    await expect(admin.page.get_by_role("heading", name="Leads", exact=True)).to_be_visible()
    return admin.page


async def kept(place: Place, name: str, facts: dict[str, Any], to: str | None = None, **more: Any) -> UUID:
    """A lead that came some other way, moved by a colleague where `to` is said."""
    async with place.database() as database:
        conversation = await Customers(database).one()
        saved = await database.unit(lambda c: service.save(c, PROFILE, conversation, facts, utc_now(), name=name, **more))
        dana = await hired(database, "dana@hibachi.fun", "Dana", "agent")
        if to is not None:
            why = "Booked elsewhere" if to == "disqualified" else None
            await database.unit(lambda c: moving.move(c, saved.id, dana, to, 0, why))  # type: ignore[arg-type]
            await database.unit(lambda c: moving.assign(c, saved.id, dana, dana.id, 1))
    return saved.id


async def test_from_the_chat_over_the_board_to_a_colleague_who_was_slower(house: Place) -> None:
    customer = await house.customer()
    await customer.say(f"I'm Rosa Quill, how much for 24 adults on {far(30):%B %-d}? Call me at 510-555-0177")
    await customer.answered(1)
    admin = await house.admin()
    page = admin.page
    await page.get_by_role("navigation", name="Console").get_by_role("button", name="Leads").click()
    rosa = card(page, "Rosa Quill")
    await expect(column(page, "New").locator(rosa)).to_contain_text(re.compile(r"(Warm|Hot|Cold) \d+"))
    for words in ("24 adults", "Guests 15", "Their day 15", "a phone number is known"):
        await expect(rosa).to_contain_text(words)

    # By pointer.
    await rosa.drag_to(column(page, "Working"))
    await expect(column(page, "Working").locator(rosa)).to_be_visible()
    await page.get_by_role("button", name="Undo").click()
    await expect(column(page, "New").locator(rosa)).to_be_visible()
    await rosa.drag_to(column(page, "Working"))
    await expect(page.get_by_role("status").filter(has_text="Rosa Quill is in Working now")).to_be_visible()
    assert "#/leads/" not in page.url, "what was dragged is not opened"

    # By keys.
    await rosa.focus()
    await page.keyboard.press("m")
    await expect(page.get_by_role("dialog")).to_contain_text("Move Rosa Quill to")
    await page.keyboard.press("Enter")
    await expect(column(page, "Qualified").locator(rosa)).to_be_focused()
    await page.keyboard.press("Enter")
    lead = page.get_by_role("complementary", name="Lead")
    await expect(lead).to_contain_text("+15105550177")
    await expect(lead.get_by_role("region", name="History")).to_contain_text("moved it to qualified")
    await lead.get_by_label("Add a note").fill("Wants a call after six.")
    await lead.get_by_role("button", name="Add note").click()
    await expect(lead.get_by_role("region", name="Notes").get_by_role("listitem")).to_contain_text(["Wants a call after six."])
    await lead.get_by_role("button", name="Close the lead").click()
    await page.reload()
    await expect(column(page, "Qualified").locator(rosa)).to_be_visible()

    # A colleague asks where to move it, while it is moved.
    house.watched.lossy = True
    other = await board(await house.admin())
    await card(other, "Rosa Quill").focus()
    await other.keyboard.press("m")
    await rosa.drag_to(column(page, "Nurturing"))
    await expect(page.get_by_role("status").filter(has_text="is in Nurturing now")).to_be_visible()
    await other.get_by_role("dialog").get_by_label("Converted").check()
    await other.get_by_role("dialog").get_by_role("button", name="Move to Converted").click()
    await expect(other.get_by_role("alert")).to_contain_text("changed this lead meanwhile: it is nurturing now")
    await expect(column(other, "Nurturing").locator(card(other, "Rosa Quill"))).to_be_visible()


async def test_what_a_colleague_does_appears_but_not_under_the_pointer(house: Place) -> None:
    lead = await kept(house, "Umber Voss", {"adults": 9})
    page = await board(await house.admin())
    await expect(column(page, "New").locator(card(page, "Umber Voss"))).to_be_visible()
    box = await column(page, "New").bounding_box()
    assert box is not None
    async with house.database() as database:
        dana = await hired(database, "dana@hibachi.fun", "Dana", "agent")
        await database.unit(lambda c: moving.move(c, lead, dana, "working", 0))
    # As where somebody comes back to the tab: it looks at once.
    await page.mouse.move(box["x"] + 20, box["y"] + 10)
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    steps = 0

    async def told() -> bool:
        nonlocal steps
        steps += 1
        await page.mouse.move(box["x"] + 20 + steps % 9, box["y"] + 20)
        return await page.get_by_role("button", name=re.compile("Show$")).count() > 0

    await until(told, page, "the news")
    await expect(column(page, "New").locator(card(page, "Umber Voss"))).to_be_visible()
    await page.get_by_role("button", name=re.compile("Show$")).click()
    await expect(column(page, "Working").locator(card(page, "Umber Voss"))).to_be_visible()


@in_every_look("light", phone=False)
async def test_in_every_look(house: Place, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
    tag = f"{scheme}{'P' if phone else 'W'}"
    party = {"adults": 30, "children": 4, "date": far(30).isoformat(), "time": "18:00", "budget_cents": 2_000_00, "occasion": "birthday"}
    sure = {"adults": 0.6, "date": 1.0}
    hot = await kept(
        house, f"Ana Perez {tag}", {**party, "place": "12 Oak Street, San Jose"}, source="referral", phone="5105550188", confidence=sure
    )
    await kept(house, f"Ben Ode {tag}", {"adults": 12, "date": far(50).isoformat()}, email="ben@hibachi.fun", failed="taken")
    await kept(house, f"Cara Lin {tag}", {"adults": 8}, to="working")
    await kept(house, f"Dev Rao {tag}", {"adults": 6}, to="disqualified")
    admin = await house.admin(scheme=scheme, phone=phone)
    page, look = await board(admin), Look(scheme, phone, tmp_path)
    await expect(card(page, f"Ana Perez {tag}")).to_be_visible()
    await look.at(page, "console-leads")
    if phone:
        await by_finger(page, f"Ben Ode {tag}")
        await look.at(page, "console-leads-moved")
    await card(page, f"Ana Perez {tag}").click()
    await expect(page.get_by_role("complementary", name="Lead")).to_contain_text("to be asked again")
    assert page.url.endswith(f"#/leads/{hot}")
    await look.at(page, "console-lead")
    await page.get_by_role("button", name="Move to…").click()
    await page.get_by_role("dialog").get_by_label("Disqualified").check()
    await look.at(page, "console-lead-move")
    await page.get_by_role("dialog").get_by_role("button", name="Leave it").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.get_by_role("button", name="Close the lead").click()
    await page.get_by_role("searchbox", name="Search leads").fill("nobody of this name")
    await expect(
        page.get_by_text("These are not ready yet.") if not phone else page.get_by_text("Whoever tells of a party")
    ).to_be_visible()
    await look.at(page, "console-leads-none")
    assert look.found == []


async def by_finger(page: Page, name: str) -> None:
    """A finger rests on the card, and lets it go over the name of another column."""
    line = await page.context.new_cdp_session(page)
    start = await card(page, name).bounding_box()
    to = await page.get_by_role("button", name=re.compile("^Working")).bounding_box()
    assert start is not None and to is not None
    point = {"x": start["x"] + 40, "y": start["y"] + 20}
    await line.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    await expect(page.locator(".lead-drag")).to_be_visible()
    for part in (0.5, 1.0):
        x = point["x"] + (to["x"] + to["width"] / 2 - point["x"]) * part
        y = point["y"] + (to["y"] + to["height"] / 2 - point["y"]) * part
        await line.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y}]})
    await line.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await expect(page.get_by_role("status").filter(has_text=f"{name} is in Working now")).to_be_visible()
    await expect(card(page, name)).to_have_count(1)
