"""Pages that fight with whatever is put on them: the chat works on each, and leaves each as it was."""

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Page, expect

from business.sites.service import SiteService
from tests.browser.people import Customer, grows, shown, text_of, until
from tests.browser.place import Place
from tests.browser.strangers import Stranger, stranger
from tests.browser.test_embedding import let_in, watched_of

pytestmark = pytest.mark.browser

BODY = """
<main><input id="own" value="mine"><a href="#x">A link</a><ul><li>One</li></ul><canvas height="3000"></canvas></main>
"""
CSS = """<style>
* { all: unset !important; --ink: red; --surface: red; --line: red !important }
html, body, main, div { display: block !important }
div, section, button, textarea { position: static !important; transform: scale(.1) !important; filter: blur(9px) !important;
  opacity: .1 !important; visibility: hidden !important; pointer-events: none !important; z-index: -1 !important;
  font: 90px fantasy !important; color: red !important; display: none !important; clip-path: inset(50%) !important }
body > :last-child { display: none !important; content-visibility: hidden !important; width: 0 !important; overflow: hidden !important }
main { display: block !important; visibility: visible !important }
input { display: inline !important; visibility: visible !important; pointer-events: auto !important }
</style>"""
SCRIPTS = """<script>
const wrap = (owner, name) => { const was = owner[name]; owner[name] = function (...given) { return was.apply(this, given) } }
Array.prototype.last = function () { return this[this.length - 1] }
Object.prototype.extended = function () { return 'everywhere' }
String.prototype.contains = function (part) { return this.includes(part) }
for (const name of ['setTimeout', 'clearTimeout', 'fetch', 'requestAnimationFrame', 'queueMicrotask', 'getComputedStyle', 'matchMedia'])
  wrap(window, name)
for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent']) wrap(EventTarget.prototype, name)
for (const name of ['appendChild', 'insertBefore', 'removeChild', 'replaceChild']) wrap(Node.prototype, name)
for (const name of ['attachShadow', 'setAttribute', 'scrollIntoView', 'matches', 'remove']) wrap(Element.prototype, name)
for (const name of ['push', 'map', 'filter', 'flatMap', 'reduce', 'splice']) {
  wrap(Array.prototype, name)
}
for (const name of ['stringify', 'parse']) wrap(JSON, name)
for (const name of ['getItem', 'setItem', 'removeItem', 'key']) wrap(Storage.prototype, name)
for (const name of ['pushState', 'replaceState']) wrap(History.prototype, name)
for (const name of Object.keys(console)) console[name] = () => undefined
Math.random = () => 0.5
window.Promise = class extends Promise { then(...given) { return super.then(...given) } }
window.WebSocket = class extends WebSocket { constructor(...given) { super(...given) } send(data) { super.send(data) } }
window.XMLHttpRequest = class extends XMLHttpRequest {}
window.MutationObserver = class extends MutationObserver {}
window.io = window.preact = window.h = window.hibachi = 'mine'
window.define = Object.assign(() => { throw Error('a loader that nobody asked') }, { amd: {} })
window.module = { exports: {} }
window.exports = module.exports
window.onerror = () => true
</script>"""

FOCUS = "document.getElementById('own').focus({ preventScroll: true })"
# What of a page must be the same with the chat as without it.
LOOK = """() => ({
  names: Object.getOwnPropertyNames(window).filter(name => isNaN(name)),
  prototypes: [Object, Array, String, Function, Promise, Element, Node, Event, Document, Window].map(
    made => Object.getOwnPropertyNames(made.prototype).join()),
  document: Object.getOwnPropertyNames(document).join(),
  page: [...document.documentElement.attributes, ...document.body.attributes].map(a => a.name + a.value).join(),
  head: document.head.innerHTML,
  own: [...document.body.children].slice(0, 3).map(one => one.outerHTML),
  styles: [...document.querySelectorAll('html, body, h1, p, main, input, a, ul, li')].map(
    one => [...getComputedStyle(one)].map(name => name + getComputedStyle(one).getPropertyValue(name)).join()),
  scroll: [scrollX, scrollY],
  focus: document.activeElement.id,
  cookie: document.cookie,
})"""


@dataclass(frozen=True, slots=True)
class Hostile:
    """A kind of page."""

    name: str
    strict: bool = False
    root: str = 'lang="en"'
    head: str = ""


PAGES = (
    Hostile("strict policy", strict=True),
    Hostile("hostile styles", head=CSS),
    Hostile("many scripts", head=SCRIPTS),
    Hostile("right to left", root='lang="ar" dir="rtl"'),
)


async def _look(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = await page.evaluate(LOOK)
    return found


def _same(before: dict[str, Any], after: dict[str, Any], where: str) -> None:
    """Everything but the one documented name."""
    assert set(after["names"]) - set(before["names"]) == {"Hibachi"}, where
    for what in before.keys() - {"names"}:
        assert after[what] == before[what], f"{where}: {what}"


async def _visit(place: Place, site: Stranger, kind: Hostile) -> None:
    site.strict, site.root, site.head, site.body = kind.strict, kind.root, kind.head, BODY
    customer = await Customer.arrive(await place.window(watched_of(place, site)), site.origin)
    page = customer.page
    await page.evaluate("scrollTo(0, 400)")
    await page.evaluate(FOCUS)
    before = await _look(page)
    await page.evaluate(
        "async src => { const tag = document.createElement('script'); tag.src = self.trustedTypes ? trustedTypes.createPolicy('site',"
        " { createScriptURL: u => u }).createScriptURL(src) : src; tag.async = true; tag.dataset.site = 'stranger'; tag.dataset.locale ="
        " 'en'; const loaded = new Promise(r => { tag.onload = r }); document.body.append(tag); await loaded; tag.remove() }",
        f"{place.base}/widget.js",
    )
    _same(before, await _look(page), f"{kind.name}: loaded")
    place.plan("words-200+pace-40", "words-8")
    await customer.open()
    await customer.say("Hello from a page that fights")
    await grows(customer.reply, page)
    await customer.panel.get_by_role("button", name="Stop the reply").click()
    await until(lambda: customer.wire.events("reply_finished"), page, "the end of the stopped reply")
    await expect(customer.reply).to_contain_text("interrupted")
    assert await text_of(customer.reply) != shown(place.calls[-1])
    # It is where it should be, and can be read: inside the window, left to right, ink on paper.
    box = await customer.panel.bounding_box()
    assert box is not None and box["x"] + box["width"] > 1300 and box["y"] > 0 and box["height"] > 500, (kind.name, box)
    for style, value in (("direction", "ltr"), ("color", "rgb(28, 26, 23)"), ("font-size", "16px"), ("opacity", "1")):
        await expect(customer.panel).to_have_css(style, value)
    # Whoever goes on with the page while a reply comes keeps their place in it.
    await customer.say("And the next one")
    await page.evaluate(FOCUS)
    await customer.answered(2)
    _same(before, await _look(page), f"{kind.name}: talked")
    assert customer.window.watched.faults == []
    await customer.close()


async def test_the_chat_works_on_pages_that_fight_and_changes_none(place: Place) -> None:
    async with stranger(place.base) as site, place.database() as database:
        await SiteService(database).add("stranger", "Stranger", [site.origin])
        page = await (await place.window()).context.new_page()
        await until(lambda: let_in(place, site.origin), page, "the new site, known to the gateway")
        for kind in PAGES:
            await _visit(place, site, kind)
