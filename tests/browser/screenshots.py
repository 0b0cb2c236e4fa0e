"""`python -m tests.browser.screenshots`: the README's pictures, taken from a real install that the house model answers.

A small evening is played: five guests write, one waits for a person, one has one. Written to docs/images/, each below 200 KB.
"""

import asyncio
import base64
import os
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from shutil import rmtree
from uuid import UUID

import asyncpg
from playwright.async_api import Browser, Page, expect

from migrations import runner
from tests.browser.chromium import chromium
from tests.browser.people import Admin, Customer, grows
from tests.browser.place import Place
from tests.browser.png import smaller
from tests.rig.fleet import Fleet
from tests.rig.postgres import PostgresServer
from tests.rig.redis import RedisServer

ROOT = Path(__file__).parents[2]
OUT = ROOT / "docs" / "images"
PROFILE = ROOT / "business" / "profile" / "my-hibachi.toml"
MOST_BYTES = 200_000
CONSOLE = {"width": 1080, "height": 780}
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


@asynccontextmanager
async def restaurant(browser: Browser, folder: Path) -> AsyncIterator[Place]:
    """A fresh install whose people are in, whatever the hour, and whose house model writes as fast as people read."""
    profile = folder / "profile.toml"
    hours = PROFILE.read_text(encoding="utf-8").replace(
        "from_time = 12:00:00, to_time = 21:00:00", "from_time = 00:00:00, to_time = 23:59:00"
    )
    profile.write_text(hours, encoding="utf-8")
    postgres, redis = PostgresServer(), RedisServer()
    try:
        postgres.create()
        postgres.start()
        redis.start()
        await runner.upgrade(postgres.url())
        settings = {"HIBACHI_BUSINESS__PROFILE": str(profile), "HIBACHI_ENSEMBLE__HOUSE_TOKENS_PER_SECOND": "24"}
        async with Fleet(postgres.url(), redis.url, settings=settings) as fleet:
            (gateway,) = await fleet.gateways(1)
            await fleet.worker()
            place = Place(browser, fleet, gateway, None, "")
            async with place.visited():
                yield place
    finally:
        redis.destroy()
        postgres.destroy()


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


async def named(place: Place, customer: Customer, name: str) -> None:
    """Tell the install what the guest is called, as a site's signed identity would."""
    connection = await asyncpg.connect(place.fleet.database_url)
    try:
        query = "UPDATE core.customer SET name = $1 WHERE id = (SELECT customer_id FROM ai.chat_session WHERE id = $2)"
        await connection.execute(query, name, UUID(customer.wire.conversation))
    finally:
        await connection.close()


async def guest(place: Place, name: str, *said: str) -> Customer:
    """A guest who writes, and has been answered."""
    customer = await place.customer(phone=True)
    for number, text in enumerate(said, 1):
        await customer.say(text)
        await customer.answered(number)
    await named(place, customer, name)
    return customer


async def writing(admin: Admin, beyond: int) -> None:
    """Wait until the assistant is in the middle of a reply."""
    await grows(admin.log.locator(".bubble.streaming"), admin.page, beyond=beyond)


async def play(browser: Browser, place: Place) -> None:
    """The evening, picture by picture."""
    await guest(place, "Ben Kowalski", "Which times do you have?")
    await guest(place, "Lucía Ortega", "¿Qué hay en el menú?")
    tom = await guest(place, "Tom Whitaker", "Do you bring the tables?")
    priya = await guest(place, "Priya Shah", "We are 45 people at the office. Can you do that?")
    await priya.page.get_by_role("button", name="Talk to a person").click()
    await expect(priya.log).to_contain_text("You asked for a person")
    ana = await guest(place, "Ana Perez", "How much is it?")

    admin = await place.admin(viewport=CONSOLE)
    await admin.open(tom.wire.conversation)
    await admin.take()
    await admin.reply("Tables and chairs are yours to bring, Tom. We come with everything else.")
    await expect(tom.human.last).to_contain_text("Tables and chairs")

    await admin.open(ana.wire.conversation)
    await ana.say(QUOTE)
    await writing(admin, 110)
    both = await asyncio.gather(ana.page.screenshot(), admin.page.screenshot())
    await side_by_side(browser, both, "hero.png")

    await admin.take()
    await admin.reply("Dana here. Saturday works, Ana: shall I hold 6 PM for you?")
    await expect(ana.human.last).to_contain_text("shall I hold 6 PM")
    taken = await ana.page.screenshot()
    await publish(admin.page, "takeover.png")
    await phones(browser, place, taken)
    await in_the_dark(place, ana)


async def phones(browser: Browser, place: Place, taken: bytes) -> None:
    """The same on phones: the quote, the person, and the kitchen's inbox."""
    kim = await guest(place, "Kim Nguyen", QUOTE)
    quote = await kim.page.screenshot()
    pocket = await place.admin(phone=True)
    await expect(pocket.row("Ana Perez")).to_be_visible()
    await side_by_side(browser, [quote, taken, await pocket.page.screenshot()], "phones.png", radius=22)


async def in_the_dark(place: Place, ana: Customer) -> None:
    """The console at night, while the assistant writes."""
    night = await place.admin(scheme="dark", viewport=CONSOLE)
    await night.open(ana.wire.conversation)
    await night.hand_back()
    await ana.say("And what if it rains?")
    await writing(night, 60)
    await publish(night.page, "console-dark.png")


async def main() -> None:
    """All of them."""
    OUT.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="screenshots-"))
    fonts = folder / "fonts.conf"
    aliases = "".join(ALIAS.format(name=name, faces=FACES) for name in ("system-ui", "ui-sans-serif", "sans-serif"))
    fonts.write_text(FONTS.format(aliases=aliases), encoding="utf-8")
    os.environ["FONTCONFIG_FILE"] = str(fonts)
    try:
        async with AsyncExitStack() as stack:
            browser = await stack.enter_async_context(chromium())
            await play(browser, await stack.enter_async_context(restaurant(browser, folder)))
    finally:
        rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main())
