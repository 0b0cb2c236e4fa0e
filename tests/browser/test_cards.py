"""Quotes and holds as a customer meets them: what may be pressed says its words once, and what is over offers nothing."""

from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import expect
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import writing
from kernel.wire.cards import Card, CardAction, CardLine
from kernel.wire.server import CardEvent
from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.people import Customer, until
from tests.browser.place import Place

pytestmark = pytest.mark.browser
LINES = [CardLine(label="Food", value="$660"), CardLine(label="Travel", value="$30")]
HOLD = CardAction(label="Hold Saturday 6 PM", say="Hold Saturday at 6 PM for us, please")
OVER = {
    "en": {"expired": "Expired", "released": "No longer held", "superseded": "Replaced by a newer one"},
    "es": {"expired": "Ya venció", "released": "Ya no está apartado", "superseded": "Hay uno más nuevo"},
}


async def _shown(place: Place, customer: Customer, *cards: Card) -> None:
    """Write cards into the customer's conversation; a page that is loaded again shows them."""
    async with place.database() as database:

        async def store(connection: AsyncConnection) -> None:
            async with writing(connection, UUID(customer.wire.conversation)) as log:
                for card in cards:
                    log.add(CardEvent(card=card))

        await database.unit(store)
    await customer.page.reload()
    await expect(customer.log.locator(".card")).to_have_count(len({card.id for card in cards}))


async def test_a_card_s_button_says_its_words_once(place: Place) -> None:
    place.plan("words-8", "words-120+pace-20")
    customer = await place.customer()
    await customer.say("Hello there")
    await customer.answered(1)
    quote = Card(id="q", type="quote", state="open", version=1, title="Quote", lines=LINES, total="$690", action=HOLD)
    await _shown(place, customer, quote)
    button = customer.log.get_by_role("button", name=HOLD.label)
    await customer.box.fill("Something of my own")
    # By keys: what is pressed is the button, wherever a page that still settles has moved it to.
    await button.press("Enter")
    await button.press("Enter")
    await expect(customer.own.last).to_have_text(str(HOLD.say))
    # While it is answered it can be reached, and does nothing.
    await expect(button).to_have_attribute("aria-disabled", "true")
    await button.press("Enter")
    await expect(customer.ai).to_have_count(3)
    await expect(button).to_have_attribute("aria-disabled", "false")
    assert await customer.own.all_inner_texts() == ["Hello there", HOLD.say]
    await expect(customer.box).to_have_value("Something of my own")


@pytest.mark.parametrize(
    ("scheme", "phone", "language"), [("light", False, "en"), ("dark", True, "es")], ids=["wide-light-en", "phone-dark-es"]
)
async def test_how_each_stands(place: Place, scheme: Scheme, phone: bool, language: str, tmp_path: Path) -> None:
    place.plan("words-8")
    look = Look(scheme, phone, tmp_path)
    customer = await Customer.arrive(await place.window(scheme=scheme, phone=phone), f"{place.base}/demo")
    await customer.page.add_init_script(
        f"document.addEventListener('readystatechange', () => document.documentElement.lang = '{language}')"
    )
    await customer.page.reload()
    await customer.page.locator(".launcher").click()
    await expect(customer.ai.first).to_be_visible()
    await customer.page.get_by_role("textbox").fill("Hello there")
    await customer.page.get_by_role("textbox").press("Enter")
    await until(lambda: customer.wire.events("reply_finished"), customer.page, "the answer")
    old = [
        Card(id=state, type="hold", state=state, version=2, title="Saturday 6 PM", lines=LINES, total="$690", action=HOLD)
        for state in OVER[language]
    ]
    held = Card(id="h", type="hold", state="held", version=1, title="Saturday 6 PM", lines=LINES, total="$690", action=HOLD)
    await _shown(place, customer, *old, held)
    for card, words in zip(await customer.log.locator(".card").all(), OVER[language].values(), strict=False):
        await expect(card).to_contain_text(words)
        await expect(card.get_by_role("button")).to_have_count(0)
    last = customer.log.locator(".card").last
    await expect(last).to_contain_text("Held for you" if language == "en" else "Apartado para ti")
    await expect(last.get_by_role("button")).to_have_count(1)
    await look.at(customer.page, f"cards-{language}")
    await customer.page.evaluate("document.documentElement.lastElementChild.shadowRoot.querySelector('.log').scrollTop = 0")
    await look.at(customer.page, f"cards-{language}-over")
    assert look.found == []
