"""`python -m tests.browser.screenshots`: the pictures of README.md and docs/tour.md, taken while `hibachi demo` plays; those of texting at
the simulated phones (`... screenshots texting` takes them alone).

One customer is a real browser, and the owner's console; everybody else is the demo's. Written to docs/images/, each below 200 KB.
"""

import asyncio
import base64
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any
from uuid import UUID

import asyncpg
from playwright.async_api import Browser, Page, expect

from gateway.demo.lines import words
from gateway.supervisor.places import Addresses, Places
from kernel.clock import utc_now
from kernel.database import Database
from tests.browser.chromium import Window, chromium
from tests.browser.lived_campaign import lived
from tests.browser.people import Admin, Customer, grows, until, watched_for
from tests.browser.png import smaller

ROOT = Path(__file__).parents[2]
OUT = ROOT / "docs" / "images"
PROFILE = ROOT / "business" / "profile" / "my-hibachi.toml"
MOST_BYTES = 200_000
CONSOLE = {"width": 1120, "height": 780}
QUOTE = "10 adults and 5 children on a Saturday, 35 miles away"
# The stack of the design language is the system's own face; a bare Linux has a poor one, so one like a phone's stands in for it.
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include>/etc/fonts/fonts.conf</include>
  {aliases}
</fontconfig>
"""
ALIAS = (
    '<match><test name="family"><string>{name}</string></test><edit name="family" mode="prepend" binding="strong">{faces}</edit></match>'
)
FACES = "".join(f"<string>{face}</string>" for face in ("Inter", "Liberation Sans"))
FRAME = """<!doctype html><html><head><style>
  body {{ margin: 0; padding: 28px; display: flex; gap: 24px; align-items: center; width: max-content; background: #efe9e2; }}
  img {{ display: block; border-radius: {radius}px; border: 1px solid #d9d2c8; }}
</style></head><body>{images}</body></html>"""


BUSY_S = 50  # until everybody is in the middle of something
SIGN_IN = re.compile(r"(http://\S+)(/console#sign-in=\S+)")
PHONES = re.compile(r"(http://\S+)/phone\b")
DEMO, SIMULATE = ("demo", "--minutes", "30"), ("sms", "simulate")


@dataclass(slots=True)
class Stage:
    """A demo that plays: where it is, and how the owner gets in."""

    browser: Browser
    base: str
    link: str
    database_url: str
    phones: str = ""
    console: Window | None = None

    async def owner(self, **options: Any) -> Admin:
        """The owner in a window of its own; the first time by the link."""
        state = await self.console.context.storage_state() if self.console is not None else None
        window = await Window.open(self.browser, watched_for(self.base), storage_state=state, **{"viewport": CONSOLE, **options})
        page, wire = await window.tab()
        await page.goto(self.base + (self.link if self.console is None else "/console"))
        self.console = self.console or window
        admin = Admin(window, page, wire)
        await expect(admin.inbox).to_be_visible()
        return admin

    async def customer(self, name: str) -> Customer:
        """Somebody on a phone, who has said hello and told their name."""
        window = await Window.open(self.browser, watched_for(self.base), phone=True)
        customer = await (await Customer.arrive(window, f"{self.base}/demo")).open()
        await customer.say("Hi! Do you come to San Jose?")
        await customer.answered(1)
        connection = await asyncpg.connect(self.database_url)
        try:
            query = "UPDATE core.customer SET name = $1 WHERE id = (SELECT customer_id FROM ai.chat_session WHERE id = $2)"
            await connection.execute(query, name, UUID(customer.wire.conversation))
        finally:
            await connection.close()
        return customer


@asynccontextmanager
async def played(browser: Browser, folder: Path, *command: str) -> AsyncIterator[Stage]:
    """`hibachi demo`, or the simulator of texts, of a business whose people are in, whatever the hour, and which uses no picture that a
    bare Linux cannot draw."""
    profile = folder / "profile.toml"
    text = PROFILE.read_text(encoding="utf-8").replace("from_time = 12:00:00, to_time = 21", "from_time = 00:00:00, to_time = 23")
    profile.write_text(re.sub(r'(?m)^emoji = ".*"', 'emoji = ""', text), encoding="utf-8")
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "gateway.cli", *command),
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder), "HIBACHI_BUSINESS__PROFILE": str(profile)},
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    assert child.stdout is not None
    try:
        said = b""
        while (found := SIGN_IN.search(said.decode())) is None:
            line = await child.stdout.readline()
            assert line, f"it did not start: {said.decode()}"
            said += line
        addresses = Addresses.read(Places(next(folder.glob(f"hibachi-{command[0]}-*"))))  # noqa: ASYNC240 - a folder of ours
        assert addresses is not None
        phones = PHONES.search(said.decode())
        yield Stage(browser, found[1], found[2], addresses.database_url, phones[1] if phones else "")
    finally:
        child.terminate()
        await child.communicate()


async def publish(page: Page, name: str) -> None:
    """A picture for the README, small enough to be kept with the source."""
    assert page.context.browser is not None
    data = await smaller(page.context.browser, await page.screenshot())
    assert len(data) < MOST_BYTES, f"{name} has {len(data)} bytes"
    await asyncio.to_thread((OUT / name).write_bytes, data)
    print(f"docs/images/{name}: {len(data) / 1000:.0f} KB")


async def side_by_side(browser: Browser, images: Sequence[bytes], name: str, radius: int = 14) -> None:
    """Several pictures in one, on a plain ground."""
    tags = [f'<img src="data:image/png;base64,{base64.b64encode(image).decode()}">' for image in images]
    page = await browser.new_page()
    await page.set_content(FRAME.format(images="".join(tags), radius=radius))
    box = await page.locator("body").bounding_box()
    assert box is not None
    await page.set_viewport_size({"width": round(box["width"]), "height": round(box["height"])})
    await publish(page, name)
    await page.close()


async def writing(admin: Admin, beyond: int) -> None:
    """Wait until the assistant is in the middle of a reply."""
    await grows(admin.log.locator(".bubble.streaming"), admin.page, beyond=beyond)


async def play(stage: Stage) -> None:
    """Picture by picture."""
    admin = await stage.owner()
    await asyncio.sleep(BUSY_S)
    await wall(admin)
    ana = await stage.customer("Ana Perez")
    await admin.open(ana.wire.conversation)
    await ana.say(QUOTE)
    await writing(admin, 110)
    both = await asyncio.gather(ana.page.screenshot(), admin.page.screenshot())
    await side_by_side(stage.browser, both, "hero.png")

    await admin.take()
    await admin.reply("Dana here. Saturday works, Ana: shall I hold 6 PM for you?")
    await expect(ana.human.last).to_contain_text("shall I hold 6 PM")
    await publish(admin.page, "tour-takeover.png")
    taken = await ana.page.screenshot()
    await waiting(admin)
    await phones(stage, taken)
    await at_night(stage, ana)


async def texting(stage: Stage) -> None:
    """A phone beside the console, and a campaign."""
    connection = await asyncpg.connect(stage.database_url)
    try:
        await connection.execute("UPDATE core.staff SET name = 'Dana'")
    finally:
        await connection.close()
    admin = await stage.owner()
    window = await Window.open(stage.browser, watched_for(stage.phones), phone=True)
    phone, _ = await window.tab()
    await phone.goto(f"{stage.phones}/phone")
    for said in ("Hi! A party of 12 on Saturday, what would it be?", "6 PM please. Is there anything that we should have ready?"):
        answers = await phone.locator("li.theirs").count()
        await phone.get_by_role("textbox", name="Text message").fill(said)
        await phone.get_by_role("button", name="Send").click()
        await expect(phone.locator("li.theirs")).not_to_have_count(answers)
    await admin.row("(415) 555-7001").click()
    await admin.take()
    await admin.reply("Dana here: tables, chairs and plates. We bring the rest.")
    await expect(phone.locator("li.theirs").last).to_contain_text("Dana here")
    await expect(admin.log.get_by_text("Delivered by text")).to_have_count(3, timeout=90_000)  # a worker asks after half a minute
    await admin.box.fill("And a spot of 8 by 6 feet, outdoors.")
    both = await asyncio.gather(phone.locator(".phone").screenshot(), admin.page.screenshot())
    await side_by_side(stage.browser, both, "tour-texting.png")
    await window.close()
    await campaign(stage, admin)


async def wall(admin: Admin) -> None:
    """Everything that the assistant says at this moment, on the first twelve cards."""
    await admin.page.evaluate("() => { location.hash = '#/live' }")
    streaming = admin.page.locator(".live-card.streaming:nth-child(-n + 12) .said-lines").filter(has_text=re.compile(".{40}"))

    async def some() -> bool:
        return await streaming.count() >= 4

    await until(some, admin.page, "four answers at once", within_ms=120_000)
    await publish(admin.page, "tour-live.png")


async def waiting(admin: Admin) -> None:
    """Somebody who asked for a person, in English, gets one, and answers."""
    spanish = re.compile("|".join(words("es")["names"]))
    await admin.group("Needs a person").get_by_role("button").filter(has_not_text=spanish).first.click()
    await expect(admin.customer_said.first).to_be_visible()
    said = await admin.customer_said.count()
    await admin.take()
    await admin.reply("Hi, this is Dana. I have read everything; let us plan it together.")

    async def answered() -> bool:
        return await admin.customer_said.count() > said

    await until(answered, admin.page, "the customer's answer", within_ms=60_000)
    await publish(admin.page, "tour-person.png")


async def phones(stage: Stage, taken: bytes) -> None:
    """On phones: the quote, the person, and the kitchen's inbox."""
    kim = await stage.customer("Kim Perez")
    await kim.say(QUOTE)
    await kim.answered(2)
    quote = await kim.page.screenshot()
    await kim.close()
    pocket = await stage.owner(phone=True, viewport={"width": 390, "height": 844})
    await expect(pocket.group("Needs a person")).to_be_visible()
    await side_by_side(stage.browser, [quote, taken, await pocket.page.screenshot()], "phones.png", radius=22)
    await pocket.close()


async def campaign(stage: Stage, admin: Admin) -> None:
    """What came of one that began this morning. Nobody is written to: it stands there as rows."""
    database = Database(stage.database_url, application="screenshots")
    try:
        done = await lived(database, utc_now(), 640)
    finally:
        await database.close()
    await admin.page.evaluate("path => { location.hash = path }", f"#/campaigns/{done}")
    await expect(admin.page.get_by_role("img", name="Came back")).to_be_visible()
    await expect(admin.page.get_by_text("No connection.")).to_have_count(0)
    await publish(admin.page, "tour-campaign.png")


async def at_night(stage: Stage, ana: Customer) -> None:
    """The console in the dark, while the assistant writes again."""
    night = await stage.owner(scheme="dark")
    await night.open(ana.wire.conversation)
    await night.hand_back()
    await ana.say("And what if it rains? And how do we pay?")
    await writing(night, 60)
    await publish(night.page, "tour-night.png")


async def main(*wanted: str) -> None:
    """All of them, or those of the `demo`, or of `texting`."""
    OUT.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="screenshots-"))
    fonts = folder / "fonts.conf"
    aliases = "".join(ALIAS.format(name=name, faces=FACES) for name in ("system-ui", "ui-sans-serif", "sans-serif"))
    fonts.write_text(FONTS.format(aliases=aliases), encoding="utf-8")
    os.environ["FONTCONFIG_FILE"] = str(fonts)
    try:
        async with AsyncExitStack() as stack:
            browser = await stack.enter_async_context(chromium())
            for name, command, pictures in (("demo", DEMO, play), ("texting", SIMULATE, texting)):
                if name in (wanted or (name,)):
                    async with played(browser, folder, *command) as stage:
                        await pictures(stage)
    finally:
        rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
