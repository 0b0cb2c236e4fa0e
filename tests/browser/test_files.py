"""Pictures and PDF files from one side to the other: by button, by paste, by drop; slowly, and when it fails."""

import asyncio
import base64
import os
import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import FilePayload, Locator, Page, expect

from tests.browser.look import Look
from tests.browser.people import until
from tests.browser.place import Place

pytestmark = pytest.mark.browser

PAPER = b"%PDF-1.7\n%%EOF\n"
# What is dropped or pasted lies on the page as base64; a real file manager cannot be driven.
_DROP = """(panel, [name, type, content]) => {
  const data = new DataTransfer()
  data.items.add(new File([Uint8Array.from(atob(content), c => c.charCodeAt(0))], name, { type }))
  const send = kind => panel.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true, composed: true }))
  if (send('dragover')) throw new Error('it may not be dropped here')
  return () => send('drop')
}"""
_COPY = """async content => navigator.clipboard.write([
  new ClipboardItem({ 'image/png': new Blob([Uint8Array.from(atob(content), c => c.charCodeAt(0))], { type: 'image/png' }) })
])"""


def picture(side: int = 64, colour: tuple[int, int, int] = (194, 65, 12), noise: bool = False) -> bytes:
    """A PNG of one colour, or one that does not get smaller by packing."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\x00" + (os.urandom(3 * side) if noise else bytes(colour) * side) for _ in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


def png(name: str, **how: Any) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": picture(**how)}


async def pick(page: Page, button: Locator, *files: FilePayload) -> None:
    async with page.expect_file_chooser() as chooser:
        await button.click()
    await (await chooser.value).set_files(list(files))


async def drop(zone: Locator, file: FilePayload) -> Any:
    """Hang a file over it; what comes back lets it fall."""
    content = base64.b64encode(file["buffer"]).decode()
    return await zone.evaluate_handle(_DROP, [file["name"], file["mimeType"], content])


@asynccontextmanager
async def slow_uplink(page: Page, bytes_per_second: int) -> AsyncIterator[None]:
    """The page sends no faster than this, to the end of the block."""
    session = await page.context.new_cdp_session(page)
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1}
    await session.send("Network.emulateNetworkConditions", {**limits, "uploadThroughput": bytes_per_second})
    yield
    await session.send("Network.emulateNetworkConditions", {**limits, "uploadThroughput": -1})
    await session.detach()


async def drawn(pictures: Locator, number: int) -> None:
    """Wait until so many pictures are there, not their empty frames."""
    await expect(pictures).to_have_count(number)
    seen = "all => all.every(e => e.tagName === 'IMG' ? e.naturalWidth > 0 : e.getContext('2d').getImageData(0, 0, 1, 1).data[3] > 0)"
    await until(lambda: pictures.evaluate_all(seen), pictures.page, "the pictures")


async def test_files_from_one_side_to_the_other(place: Place, tmp_path: Path) -> None:
    """The customer on a phone, in the dark; staff at a desk."""
    place.plan("words-8", "words-8")
    place.watched.lossy = True  # an upload that the test lets fail
    look, desk = Look("dark", True, tmp_path), Look("light", False, tmp_path)
    customer = await place.customer(scheme="dark", phone=True, permissions=["clipboard-read", "clipboard-write"])
    page, panel = customer.page, customer.panel
    attach, tray = panel.get_by_role("button", name="Add photos or PDF"), panel.get_by_role("list", name="Files to send")

    # By button; what does not go is said in words, and nothing of it is sent.
    bad: FilePayload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"words"}
    big: FilePayload = {"name": "film.png", "mimeType": "image/png", "buffer": bytes(10 * 1024 * 1024 + 1)}
    async with slow_uplink(page, 60_000):
        await pick(page, attach, png("yard.png", side=1000, noise=True), bad, big)
        await expect(tray).to_contain_text("Only photos (PNG, JPEG, WebP, GIF) and PDF")
        await expect(tray).to_contain_text("At most 10 MB")
        part = tray.get_by_role("progressbar", name="yard.png")
        await until(lambda: part.evaluate("e => e.value > 0 && e.value < 1"), page, "progress")
        await customer.box.fill("Is my yard big enough?")
        await customer.box.press("Enter")
        await expect(panel).to_contain_text("Goes out as soon as the files are there")
        await look.at(page, "widget-files-underway")
        await expect(customer.own).to_have_count(0)
    await expect(customer.own.last).to_have_text("Is my yard big enough?")
    await expect(tray).to_have_count(0)
    await drawn(customer.log.locator("canvas"), 1)
    await customer.answered(1)

    # By paste and by drop; one is lost on the way and tried again, one is taken back.
    await page.evaluate(_COPY, base64.b64encode(picture(colour=(15, 118, 110))).decode())
    await customer.box.press("Control+V")
    await expect(tray.get_by_role("listitem")).to_have_count(1)
    await page.route("**/api/uploads?*", lambda route: route.abort())
    paper: FilePayload = {"name": "the menu.pdf", "mimeType": "application/pdf", "buffer": PAPER}
    fall = await drop(panel, paper)
    await expect(panel).to_contain_text("Drop photos or PDF here")
    await look.at(page, "widget-files-over")
    await fall.evaluate("fall => fall()")
    await expect(tray).to_contain_text("This did not get through.")
    await (await drop(panel, png("wrong one.png"))).evaluate("fall => fall()")
    await tray.get_by_role("button", name="Remove: wrong one.png").click()
    await look.at(page, "widget-files-lost")
    await page.unroute("**/api/uploads?*")
    await tray.get_by_role("button", name="Try again: the menu.pdf").click()
    await expect(tray).to_contain_text("1 KB")
    await panel.get_by_role("button", name="Send").click()
    await drawn(customer.log.locator("canvas"), 2)
    async with page.expect_download() as saved:
        await customer.log.get_by_role("button", name="the menu.pdf").click()
    download = await saved.value
    assert download.suggested_filename == "the menu.pdf" and await asyncio.to_thread((await download.path()).read_bytes) == PAPER
    await customer.answered(2)

    # Staff see all of it, and answer with a file; a note's file stays among them.
    admin = await place.admin()
    await admin.choose(customer)
    await drawn(admin.log.locator("img"), 2)
    await expect(admin.log.get_by_role("link", name="the menu.pdf")).to_be_visible()
    async with admin.page.expect_popup() as opened:
        await admin.log.get_by_role("link", name="yard.png").click()
    tab = await opened.value
    assert await tab.evaluate("opener") is None and await tab.locator("img").evaluate("e => e.naturalWidth") == 1000
    await tab.close()
    await admin.thread.get_by_role("button", name="Take over").first.click()
    await expect(admin.owner).to_contain_text("You are answering")
    pieces = admin.thread.get_by_role("list", name="Files to send")
    await pick(admin.page, admin.thread.get_by_role("button", name="Add pictures or PDF"), png("ours.png", colour=(109, 91, 208)))
    await expect(pieces).to_contain_text("KB")
    await desk.at(admin.page, "console-files")
    await admin.reply("It looks like this.")
    await expect(customer.human.last).to_have_text("It looks like this.")
    await customer.human.last.scroll_into_view_if_needed()  # pictures are fetched when they are seen
    await drawn(customer.log.locator("canvas"), 3)
    async with page.context.expect_page() as opened:
        await customer.log.get_by_role("link", name="Open ours.png").click()
    tab = await opened.value
    assert await tab.evaluate("opener") is None and await tab.locator("img").evaluate("e => e.naturalWidth") == 64
    await tab.close()
    await admin.thread.get_by_role("button", name="Note", exact=True).click()
    await (await drop(admin.thread, {**paper, "name": "staff only.pdf"})).evaluate("fall => fall()")
    await expect(pieces).to_contain_text("staff only.pdf")
    await admin.box.press("Enter")
    await expect(admin.log.locator(".bubble.note").get_by_role("link", name="staff only.pdf")).to_be_visible()
    await expect(pieces).to_have_count(0)
    await desk.at(admin.page, "console-files-said")
    await look.at(page, "widget-files-said")
    await expect(customer.log).not_to_contain_text("staff only")
    assert look.found + desk.found == []
