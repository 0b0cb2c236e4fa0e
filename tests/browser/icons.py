"""`python -m tests.browser.icons`: the installed console's icons, drawn by Chromium from one SVG; each a few kilobytes."""

import asyncio
from pathlib import Path

from playwright.async_api import Browser

from tests.browser.chromium import chromium
from tests.browser.png import smaller

CONSOLE = Path(__file__).parents[2] / "web-widget" / "src" / "console"
SIZES = {"icon192": 192, "icon512": 512, "touch": 180}
MOST_BYTES = 12_000


async def draw(browser: Browser, name: str, side: int) -> bytes:
    """The drawing as a PNG of `side` pixels; it fills the square, each system cuts its own corners."""
    svg = CONSOLE.joinpath("icon.svg").read_text(encoding="utf-8")
    page = await browser.new_page(viewport={"width": side, "height": side})
    await page.set_content(f"<style>body{{margin:0}}svg{{display:block;width:{side}px;height:{side}px}}</style>{svg}")
    data = await page.screenshot()
    await page.close()
    return await smaller(browser, data)


async def main() -> None:
    """All of them."""
    async with chromium() as browser:
        for name, side in SIZES.items():
            data = await draw(browser, name, side)
            assert len(data) < MOST_BYTES, f"{name} has {len(data)} bytes"
            await asyncio.to_thread(CONSOLE.joinpath("public", f"{name}.png").write_bytes, data)
            print(f"{name}.png: {len(data)} bytes")


if __name__ == "__main__":
    asyncio.run(main())
