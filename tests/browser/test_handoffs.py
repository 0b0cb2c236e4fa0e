"""What waits for a person, in the console: the card of a handoff, what is known of the event, cards that fold, what was not delivered."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import Locator, expect
from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Writing, writing
from business.handoffs.records import open_handoff
from kernel.ids import new_id
from kernel.tables.ops import Outbox
from kernel.wire.base import HandoffKind, Risk
from kernel.wire.cards import Card, CardLine
from kernel.wire.server import Author, CardEvent
from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.people import Admin, Customer
from tests.browser.place import Place

pytestmark = pytest.mark.browser
SHORT = "words-8+pace-5"
FACTS = {"date": "2031-12-05", "time": "18:00", "adults": 12, "children": 3, "place": "94103", "diets": "vegetarian", "severity": "severe"}
REPLY = "Hi, this is Dana. Shall we talk about Friday?"


async def _written(place: Place, conversation: str, write: Callable[[Writing], Awaitable[Any]]) -> None:
    """Something new in a conversation's logs, as an agent's tool writes it."""

    async def work(connection: AsyncConnection) -> None:
        async with writing(connection, UUID(conversation)) as log:
            await write(log)

    async with place.database() as database:
        await database.unit(work)


async def _handoff(
    place: Place, customer: Customer, kind: HandoffKind, urgency: Risk, due_minutes: float, suggested: str | None = REPLY
) -> None:
    async def write(log: Writing) -> None:
        await open_handoff(
            log,
            kind=kind,
            urgency=urgency,
            summary=f"{kind} of {urgency} urgency",
            due_at=datetime.now(UTC) + timedelta(minutes=due_minutes),
            by=Author(kind="ai", name="Assistant"),
            facts=FACTS,
            tried="Asked for the date",
            suggested_reply=suggested,
        )

    await _written(place, customer.wire.conversation, write)


def _quote(version: int, total: str) -> CardEvent:
    lines = [CardLine(label="Adults", value="12 × $55"), CardLine(label="Travel", value="$30")]
    return CardEvent(card=Card(id="q", type="quote", state="open", version=version, title="Quote 118", lines=lines, total=total))


async def _asked(place: Place, words: str) -> Customer:
    place.plan(SHORT)
    customer = await place.customer()
    await customer.say(words)
    await customer.answered(1)
    return customer


def _cards(admin: Admin) -> Locator:
    return admin.page.get_by_role("region", name="Handoffs").get_by_role("article")


async def test_the_suggested_reply_goes_into_the_field_by_one_key(place: Place) -> None:
    customer = await _asked(place, "My salmon was cold")
    await _handoff(place, customer, "complaint", "severe", 4)
    admin = await place.admin()
    await admin.open(customer.wire.conversation)
    details = admin.page.get_by_role("complementary", name="Details")
    handoff = details.get_by_role("article")
    for words in ("Complaint", "Very urgent", "due in", "complaint of severe urgency", "Severity", "Tried: Asked for the date", REPLY):
        await expect(handoff).to_contain_text(words)
    # The event stands once, beside the handoff.
    event = details.locator("section").filter(has_text=re.compile("^Event"))
    for words in ("12 adults, 3 children", "6:00", "94103", "vegetarian"):
        await expect(event).to_contain_text(words)
        await expect(handoff).not_to_contain_text(words)
    # Nobody has it yet: the same key takes over. Nothing goes out by it.
    await admin.page.keyboard.press("s")
    await expect(admin.owner).to_contain_text("You are answering")
    await expect(admin.box).to_be_focused()
    await expect(admin.box).to_have_value(REPLY)
    await expect(customer.human).to_have_count(0)
    await admin.box.press("Enter")
    await expect(customer.human.last).to_have_text(REPLY)
    await admin.page.keyboard.press("Escape")
    await admin.page.keyboard.press("c")
    await expect(handoff).to_contain_text("Claimed by you")
    await handoff.get_by_role("button", name="Settle").click()
    await expect(handoff).to_contain_text("Settled")
    await expect(handoff.get_by_role("button")).to_have_count(0)


async def test_what_is_written_already_is_kept_with_the_suggested_reply(place: Place) -> None:
    customer = await _asked(place, "Is the deposit there?")
    await _handoff(place, customer, "payment", "normal", 60)
    admin = await place.admin()
    await admin.open(customer.wire.conversation)
    await admin.take()
    await admin.box.fill("My own words.")
    await admin.box.press("Escape")
    for _ in range(2):  # twice is once
        await admin.page.keyboard.press("s")
        await expect(admin.box).to_have_value(f"My own words.\n{REPLY}")
        await admin.box.press("Escape")
    await admin.hand_back()


@pytest.mark.parametrize(("scheme", "phone"), [("dark", False), ("light", True)], ids=["dark-wide", "light-phone"])
async def test_the_most_urgent_stands_first_and_kinds_are_told_apart(place: Place, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
    look = Look(scheme, phone, tmp_path)
    customer = await _asked(place, f"Several things at once, {scheme}")
    wanted: list[tuple[HandoffKind, Risk, float]] = [
        ("lead", "low", 1),
        ("booking", "normal", 90),
        ("complaint", "severe", 200),
        ("payment", "high", -7),
    ]
    for kind, urgency, due in wanted:
        await _handoff(place, customer, kind, urgency, due, None)
    admin = await place.admin(scheme=scheme, phone=phone)
    page = admin.page
    await page.evaluate("() => { location.hash = '#/handoffs' }")
    await expect(_cards(admin).filter(has_text="complaint of severe")).not_to_have_count(0)
    summaries = await _cards(admin).locator(".handoff-summary").all_inner_texts()
    order = [found[1] for text in summaries if (found := re.search(r" of (severe|high|normal|low) ", text))]
    assert order == sorted(order, key=["severe", "high", "normal", "low"].index)
    await expect(_cards(admin).filter(has_text="payment of high").first).to_contain_text("overdue by 7 min")
    await look.at(page, "console-handoffs-full")
    kinds = page.get_by_role("group", name="Kind")
    await kinds.get_by_role("button", name="Lead").click()
    await expect(_cards(admin).filter(has_not_text="Lead")).to_have_count(0)
    await expect(_cards(admin)).not_to_have_count(0)
    await page.get_by_role("group", name="How it stands").get_by_role("button", name="Claimed by me").click()
    await expect(page.get_by_role("region", name="Handoffs")).to_contain_text("You have claimed nothing")
    await look.at(page, "console-handoffs-none")
    assert look.found == []


async def test_a_card_folds_and_stands_once(place: Place, tmp_path: Path) -> None:
    customer = await _asked(place, "How much for twelve?")
    for version, total in ((1, "$690"), (2, "$720")):

        async def write(log: Writing, version: int = version, total: str = total) -> None:
            log.add(_quote(version, total))

        await _written(place, customer.wire.conversation, write)
    admin = await place.admin()
    await admin.open(customer.wire.conversation)
    card = admin.log.get_by_role("region", name="Quote 118")
    await expect(card).to_have_count(1)
    await expect(card).to_contain_text("$720")
    await expect(admin.log).to_contain_text("Quote 118 $690, updated below")
    await expect(card).not_to_contain_text("Travel")
    head = card.get_by_role("button", name="Quote 118")
    await head.focus()
    await admin.page.keyboard.press("Enter")
    await expect(card).to_contain_text("Travel")
    await expect(head).to_have_attribute("aria-expanded", "true")
    look = Look("light", False, tmp_path)
    await look.at(admin.page, "console-card-unfolded")
    await admin.page.keyboard.press("Enter")
    await expect(card).not_to_contain_text("Travel")
    await expect(admin.page.get_by_role("complementary", name="Details")).to_contain_text("Quote 118")
    assert look.found == []


async def _dead(place: Place, conversation: str) -> UUID:
    effect = new_id()
    values = {
        "id": effect,
        "kind": "notify_staff",
        "key": f"dead:{effect}",
        "payload": {"conversation": conversation, "reason": "human_silent"},
        "state": "dead",
        "attempts": 8,
        "error": "TimeoutError",
    }

    async def write(connection: AsyncConnection) -> None:
        await connection.execute(insert(Outbox).values(values))

    async with place.database() as database:
        await database.unit(write)
    return effect


async def test_a_dead_letter_is_sent_on_its_way_again(place: Place, tmp_path: Path) -> None:
    place.watched.lossy = True
    customer = await _asked(place, "Did it reach anybody?")
    await _dead(place, customer.wire.conversation)
    gone = await _dead(place, customer.wire.conversation)
    admin = await place.admin()
    page = admin.page
    await page.evaluate("() => { location.hash = '#/settings/dead-letters' }")
    letters = page.get_by_role("listitem").filter(has_text="Telling staff that a customer waits")
    await expect(letters).to_have_count(2)
    await expect(letters.first).to_contain_text("o answer in time, tried 8 times, since today")
    look = Look("light", False, tmp_path)
    await look.at(page, "console-dead-letters")

    async def remove(connection: AsyncConnection) -> None:
        await connection.execute(delete(Outbox).where(Outbox.id == gone))

    async with place.database() as database:
        await database.unit(remove)
    await letters.first.get_by_role("button", name="Try again").click()  # the newest first: the one that is gone
    await expect(letters.first).to_contain_text("There is no such dead letter")
    await expect(letters.first.get_by_role("button", name="Try again")).to_be_visible()
    await letters.last.get_by_role("button", name="Try again").click()
    await expect(letters.last).to_contain_text("On its way again")
    await look.at(page, "console-dead-letters-tried")
    await page.get_by_role("button", name="Look again").click()
    await expect(letters).to_have_count(0)
    await expect(page.get_by_text("Everything went out")).to_be_visible()
    await look.at(page, "console-dead-letters-none")
    assert look.found == []
