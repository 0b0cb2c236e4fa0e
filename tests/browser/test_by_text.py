"""One conversation, seen from three sides: the visitor's page, their phone, the console. What is said by text, what streams, what a
takeover cuts and what a colleague writes stands on each of them once, in one order."""

import re

import pytest
import sqlalchemy as sa
from playwright.async_api import Locator, Page, expect

from gateway.simulator.server import RingCentralServer
from kernel.tables.ai import ChatSession
from tests.browser.chromium import Watched
from tests.browser.people import Admin, Customer, grows, text_of
from tests.browser.place import Place
from tests.rig.ringcentral import DENVER

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]  # the first one starts the install
FIRST = "words-12+pace-10"
WATCHED = "words-16+pace-120"
CUT = "words-40+pace-700"
LISTED = re.compile(r"(^|\s)-\s")  # a page draws a list's line, a phone shows its hyphen


class Phone:
    """Somebody's phone, in the simulator's page."""

    def __init__(self, page: Page, number: str) -> None:
        self.page = page
        self.number = number

    @classmethod
    async def of(cls, place: Place, rc: RingCentralServer, number: str) -> "Phone":
        window = await place.window(Watched(hosts={rc.base.partition("//")[2]}))
        page, _ = await window.tab()
        await page.goto(f"{rc.base}/phone")
        await page.get_by_role("button", name=_spaced(number)).click()
        return cls(page, number)

    @property
    def came(self) -> Locator:
        """Texts of the business."""
        return self.page.locator("li.theirs .bubble")

    async def write(self, text: str) -> None:
        box = self.page.get_by_role("textbox", name="Text message")
        await box.fill(text)
        await box.press("Enter")
        await expect(self.page.locator("li.mine .bubble").last).to_have_text(text)

    async def code(self) -> str:
        """The six digits of the newest code."""
        await expect(self.came.last).to_contain_text("code")
        found = re.search(r"\b\d{6}\b", str(await self.came.last.inner_text()))
        assert found is not None
        return found[0]

    async def said(self) -> list[tuple[str, str]]:
        """Every bubble after the one that says that one texts now: who, and what."""
        items = await self.page.locator("#texts > li").all()
        found = [(await _who(item, "mine"), _bare(await item.locator(".bubble").inner_text())) for item in items]
        start = next(place for place, (_, text) in enumerate(found) if "You are now texting" in text)
        return found[start + 1 :]


async def goes_on_by_text(customer: Customer, phone: Phone) -> None:
    await customer.panel.get_by_role("button", name="Continue by text").click()
    await customer.page.get_by_label("Your mobile number").fill(phone.number)
    await customer.page.keyboard.press("Enter")
    await customer.page.get_by_label("The 6 digits").fill(await phone.code())
    await customer.page.keyboard.press("Enter")
    await expect(customer.log.get_by_text("You are now texting with")).to_be_visible()
    await expect(phone.came.last).to_contain_text("You are now texting with")


async def asks(phone: Phone, admin: Admin, question: str) -> None:
    """By text; back once the answer stands in the console, if only its first words."""
    replies = await admin.ai.count()
    await phone.write(question)
    await expect(admin.customer_said.last).to_contain_text(question)
    await expect(admin.ai).to_have_count(replies + 1)


def streamed(admin: Admin, words: str) -> int:
    """In how many pieces the console had a reply with these words before it had its message."""
    names = [(frame.name, frame.body) for frame in admin.wire.frames if not frame.sent]
    said = ((place, body["message"]) for place, (name, body) in enumerate(names) if name == "event" and body["kind"] == "message")
    end, turn = next((place, message["turn"]) for place, message in said if words in _bare(message["text"]))
    return sum(name == "delta" and body["turn"] == turn for name, body in names[:end])


async def bubbles(log: Locator, mine: str) -> list[tuple[str, str]]:
    """Every bubble of a log in its order, from the customer's first text on; system lines aside."""
    found = []
    for bubble in await log.locator(".bubble.customer, .bubble.own, .bubble.ai, .bubble.human").all():
        found.append((await _who(bubble, mine), _bare(await text_of(bubble))))
    return found


async def test_one_thread_on_the_page_the_phone_and_the_console(texted: tuple[Place, RingCentralServer]) -> None:
    place, rc = texted
    customer, admin, phone = await place.customer(), await place.admin(), await Phone.of(place, rc, DENVER)
    place.plan(FIRST, WATCHED, CUT)
    await customer.say("What happens at a hibachi evening? I ask on the page")
    await customer.answered(1)
    await admin.choose(customer)
    await goes_on_by_text(customer, phone)
    before = len(await bubbles(admin.log, "customer"))

    # The assistant's answer grows before the colleague's eyes; the phone has it whole, once it is whole.
    texts = await phone.came.count()
    await asks(phone, admin, "Now I ask from my phone: how does it begin?")
    await expect(phone.came).to_have_count(texts + 1)
    answer = " ".join((await phone.came.last.inner_text()).split())
    assert " ".join(place.calls[-1].plan.split()) in answer  # the first one says before it who answers
    assert streamed(admin, answer) >= 3

    # A takeover in mid-sentence: nothing of what was cut is texted.
    await asks(phone, admin, "And how does it end?")
    await grows(admin.ai.last, admin.page)
    await admin.take()
    await admin.reply("Dana here: it ends with sake.")
    await expect(phone.came.last).to_have_text("Dana here: it ends with sake.")
    await expect(customer.human.last).to_contain_text("Dana here: it ends with sake.")
    await phone.write("Thank you, Dana")
    await expect(admin.customer_said.last).to_contain_text("Thank you, Dana")
    await expect(customer.own.last).to_contain_text("Thank you, Dana")

    in_console = (await bubbles(admin.log, "customer"))[before:]
    on_page = (await bubbles(customer.log, "own"))[-len(in_console) :]
    on_phone = await phone.said()
    assert on_page == in_console
    cut = in_console[3]  # the one that the phone has not
    assert [*in_console[:3], *in_console[4:]] == on_phone
    assert [who for who, _ in in_console] == ["customer", "business", "customer", "business", "business", "customer"]
    assert not [text for text in rc.sent_to(DENVER) if cut[1][:20] in text]
    async with place.database() as database, database.transaction() as connection:
        theirs = await connection.scalars(sa.select(ChatSession.id).where(ChatSession.phone == DENVER))
        assert [str(one) for one in theirs] == [customer.wire.conversation]
    await admin.hand_back()


async def _who(element: Locator, mine: str) -> str:
    return "customer" if mine in str(await element.get_attribute("class")).split() else "business"


def _bare(text: str) -> str:
    return " ".join(LISTED.sub(" ", text).split())


def _spaced(number: str) -> str:
    return f"+1 {number[2:5]} {number[5:8]} {number[8:]}"
