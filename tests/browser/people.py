"""The two people of every browser test, by what they see and press: roles, labels and words, as good as no class names."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.browser.chromium import Watched, Window
from tests.browser.wire import Wire
from tests.rig.shapes.shape import Call

expect.set_options(timeout=20_000)
WAIT_MS = 20_000


async def until(look: Callable[[], Awaitable[Any]] | Callable[[], Any], page: Page, what: str, within_ms: float = WAIT_MS) -> Any:
    """Look again and again until it holds; gives what was seen. AssertionError names what did not come."""
    waited = 0.0
    while True:
        seen = look()
        found = await seen if isinstance(seen, Awaitable) else seen
        if found:
            return found
        assert waited < within_ms, f"{what} did not come in {within_ms / 1000:.0f} s"
        await page.wait_for_timeout(40)
        waited += 40


async def text_of(bubble: Locator) -> str:
    """What stands there now, or nothing where there is no such bubble yet."""
    if await bubble.count() == 0:
        return ""
    return str(await bubble.evaluate("e => (e.querySelector('.text') ?? e).innerText"))


def shown(call: Call) -> str:
    """The whole answer of a call as its reader sees it: what is bold has no asterisks, and every space is one."""
    return " ".join(call.plan.replace("**", "").split())


async def grows(bubble: Locator, page: Page, beyond: int = 0) -> str:
    """Wait until the text is longer than it was, or than `beyond`; gives it."""
    least = max(beyond, len(await text_of(bubble)))

    async def longer() -> str | None:
        text = await text_of(bubble)
        return text if len(text) > least else None

    return str(await until(longer, page, f"more text than {least} characters"))


class Side:
    """What both sides have: a log of bubbles."""

    def __init__(self, window: Window, page: Page, wire: Wire) -> None:
        self.window = window
        self.page = page
        self.wire = wire

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def ai(self) -> Locator:
        """The assistant's bubbles."""
        return self.log.locator(".bubble.ai")

    @property
    def human(self) -> Locator:
        """The staff's bubbles that customers see."""
        return self.log.locator(".bubble.human")

    async def close(self) -> None:
        await self.window.close()


class Customer(Side):
    """Somebody with the chat open on a page."""

    @classmethod
    async def arrive(cls, window: Window, address: str) -> "Customer":
        """Open a page that embeds the chat."""
        page, wire = await window.tab()
        await page.goto(address)
        return cls(window, page, wire)

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("dialog", name=re.compile("^chat with", re.I))

    @property
    def box(self) -> Locator:
        return self.panel.get_by_role("textbox")

    @property
    def own(self) -> Locator:
        return self.log.locator(".bubble.own")

    @property
    def reply(self) -> Locator:
        """The newest of the assistant's bubbles."""
        return self.ai.last

    async def open(self) -> "Customer":
        """Open the panel, unless it stands open as it did on the page before, and wait until it greets."""
        launcher = self.page.locator(".launcher")
        await launcher.wait_for(state="attached")
        if await launcher.get_attribute("aria-expanded") == "false":
            await launcher.click()
        await expect(self.ai.first).to_be_visible()
        return self

    async def say(self, text: str) -> None:
        """Write and press Enter."""
        await self.box.fill(text)
        await self.box.press("Enter")
        await expect(self.own.last).to_have_text(text)

    async def answered(self, replies: int) -> str:
        """Wait until so many replies have ended; gives the newest bubble's text. The greeting is not a reply."""
        await until(lambda: len(self.wire.events("reply_finished")) >= replies, self.page, f"the end of reply {replies}")
        await expect(self.panel.get_by_role("button", name="Stop the reply")).to_have_count(0)
        return await text_of(self.reply)


class Admin(Side):
    """Somebody signed in to the console."""

    @property
    def inbox(self) -> Locator:
        return self.page.get_by_role("region", name="Conversations")

    @property
    def thread(self) -> Locator:
        return self.page.get_by_role("region", name=re.compile("^Conversation with"))

    @property
    def box(self) -> Locator:
        return self.page.get_by_role("textbox", name=re.compile("^(Reply to the customer|Note for staff)$"))

    @property
    def customer_said(self) -> Locator:
        return self.log.locator(".bubble.customer")

    @property
    def owner(self) -> Locator:
        """The line that says who answers."""
        return self.thread.get_by_role("banner").or_(self.thread.locator("header")).first

    def row(self, words: str) -> Locator:
        """The inbox's row that shows these words."""
        return self.inbox.get_by_role("button").filter(has_text=words)

    def group(self, title: str) -> Locator:
        """A group of rows, by its heading."""
        return self.inbox.get_by_role("region", name=re.compile(f"^{title}"))

    def row_of(self, customer: Customer) -> Locator:
        """The inbox's row of a customer's conversation, whatever it shows just now."""
        return self.inbox.locator(f'[data-conversation="{customer.wire.conversation}"]')

    async def choose(self, customer: Customer) -> None:
        """Open a customer's conversation by its row."""
        await self.row_of(customer).click()
        await expect(self.customer_said.first).to_be_visible()

    async def open(self, conversation: str) -> None:
        """Open a conversation by its address."""
        await self.page.evaluate("id => { location.hash = `#/c/${id}` }", conversation)
        await expect(self.customer_said.first).to_be_visible()

    async def take(self) -> None:
        """Press `t`, and wait until the console says that it worked."""
        await self.page.keyboard.press("t")
        await expect(self.owner).to_contain_text("You are answering")

    async def reply(self, text: str) -> None:
        """Write to the customer."""
        await self.box.fill(text)
        await self.box.press("Enter")

    async def hand_back(self) -> None:
        """Give the conversation back to the assistant."""
        await self.page.get_by_role("button", name="Hand back").click()
        await self.page.get_by_role("dialog").get_by_role("button", name="Hand back").click()
        await expect(self.owner).to_contain_text("AI is answering")


async def sign_in(page: Page, base: str, email: str, password: str) -> None:
    """Through the form, as anybody."""
    await page.goto(f"{base}/console")
    await page.get_by_role("textbox", name="E-mail").fill(email)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_role("button", name="Sign in").click()


def watched_for(base: str) -> Watched:
    """Requests may go to the gateway at `base` and nowhere else."""
    return Watched(hosts={base.partition("//")[2]})
