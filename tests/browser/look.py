"""How a page looks, for everybody: axe finds nothing, nothing sticks out, a picture is kept."""

from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.browser.chromium import Scheme, axe_source

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def _violations(page: Page, where: str) -> list[str]:
    """What axe finds, as `where: rule: element`. It looks into the widget's shadow root as well."""
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(axe_source())
    # A colour on its way from one to the other has no contrast to speak of.
    await page.evaluate("Promise.all(document.getAnimations().map(a => a.finished.catch(() => null)))")
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    result: dict[str, Any] = await page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{where}: {found['id']}: {node['target']} {node['any'][0]['message'] if node['any'] else found['help']}"
        for found in result["violations"]
        for node in found["nodes"]
    ]


class Look:
    """One of the four looks: what was wrong in it, and the pictures of it."""

    def __init__(self, scheme: Scheme, phone: bool, folder: Path) -> None:
        self.found: list[str] = []
        self._suffix = f"{'phone' if phone else 'wide'}-{scheme}"
        self._folder = folder

    async def at(self, page: Page, name: str) -> None:
        """Look at a page as it is now. The picture is for people; it stays where pytest keeps a run's files."""
        self.found += await _violations(page, name)
        wide, room = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        if wide > room:
            self.found.append(f"{name}: {wide} px of content in {room}")
        await page.screenshot(path=self._folder / f"{name}-{self._suffix}.png")
