"""Text that wants to be more than text, from a model, a customer and a colleague: it stays text, on both sides."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Locator, expect

from tests.browser.people import until
from tests.browser.place import Place

pytestmark = pytest.mark.browser
PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "<svg onload=alert(3)><circle r=9></svg>",
    "<iframe src=https://evil.example/frame></iframe>",
    "<a href=javascript:alert(4)>four</a>",
    "<style>*{display:none}</style><form action=https://evil.example><button>go</button></form>",
    "[five](javascript:alert(5))",
    "[six](  jAvAsCrIpT:alert(6))",
    "[seven](data:text/html,<script>alert(7)</script>)",
    "[eight](vbscript:msgbox(8))",
    "[nine](file:///etc/passwd) [ten](//evil.example/x) [eleven](/console) [twelve](blob:https://evil.example/1)",
    "![thirteen](https://evil.example/pixel.png) ![fourteen](javascript:alert(14))",
    "[![fifteen](https://evil.example/a.png)](javascript:alert(15))",
    '[sixteen](https://example.com/"onmouseover="alert(16))',
    "<https://example.com/auto> <javascript:alert(17)>",
    "```html\n<script>alert(18)</script>\n```",
    "`<img src=x onerror=alert(19)>`",
    "&lt;script&gt;alert(20)&lt;/script&gt; &#60;img src=x onerror=alert(21)&#62;",
    "[good](https://example.com/menu) [mail](mailto:hello@example.com) [call](tel:+15105550142)",
)
HOSTILE = "\n\n".join(PAYLOADS)
LAST = "The end of it."
ALLOWED = {"https", "mailto", "tel"}
FORBIDDEN = "script, img, image, iframe, svg, object, embed, style, link, form, input, button, video, audio, base, meta, math, template"


async def _harmless(bubble: Locator) -> list[str]:
    """Assert that a bubble's text holds nothing but text; gives the addresses of its links."""
    text = bubble.locator(".text, .plain, .plain-text")
    root = text.first if await text.count() else bubble
    assert await root.locator(FORBIDDEN).count() == 0
    attributes = await root.evaluate(
        "e => [e, ...e.querySelectorAll('*')].flatMap(n => [...n.attributes]).map(a => a.name)"
        ".filter(n => !['href', 'target', 'rel', 'class', 'start', 'dir', 'lang', 'tabindex'].includes(n))"
    )
    assert attributes == []
    links: list[str] = await root.evaluate("e => [...e.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))")
    assert {urlsplit(link).scheme for link in links} <= ALLOWED
    assert await root.locator("a[href]:not([rel~=noopener])").count() == 0
    assert await root.locator("a[href]:not([target=_blank])").count() == 0
    return links


@pytest.mark.parametrize("size", [1, 7])
async def test_a_models_words_stay_words(place: Place, size: int) -> None:
    place.say(f"{HOSTILE}\n\n{LAST}")
    place.plan(f"split-{size}+pace-1")
    customer, admin = await place.customer(), await place.admin()
    words = f"Show me everything, {size} at a time"
    await customer.say(words)
    await admin.choose(customer)
    for side in (customer, admin):
        # Looked at while it is written, too: half a payload may be worse than a whole one.
        await until(lambda bubble=side.ai.last: bubble.count(), side.page, "a reply")
        await _harmless(side.ai.last)
        await expect(side.ai.last).to_contain_text(LAST)
    await customer.answered(1)
    for side in (customer, admin):
        links = await _harmless(side.ai.last)
        assert {"https://example.com/menu", "mailto:hello@example.com", "tel:+15105550142"} <= set(links)
        await expect(side.ai.last).to_contain_text("<script>alert(1)</script>")
    # From the log alone, and with the inbox's preview of it, it is the same.
    for side in (customer, admin):
        await side.page.reload()
    await customer.open()
    for side in (customer, admin):
        await expect(side.ai.last).to_contain_text(LAST)
        await _harmless(side.ai.last)
    assert await admin.inbox.locator("script, img, iframe, a[href]").count() == 0


async def test_peoples_words_stay_words(place: Place) -> None:
    place.plan("words-3")
    customer, admin = await place.customer(), await place.admin()
    hostile = " ".join(part for part in PAYLOADS if "\n" not in part)
    await customer.say("Look at this")
    await admin.choose(customer)
    await customer.answered(1)
    await admin.take()
    await customer.say(hostile)
    await expect(admin.customer_said.last).to_contain_text("<script>alert(1)</script>")
    await admin.reply(hostile)
    await expect(customer.human.last).to_contain_text("<script>alert(1)</script>")
    await admin.page.get_by_role("button", name="Note").first.click()
    await admin.reply(hostile)
    await expect(admin.log).to_contain_text("staff only")
    for bubble in (customer.own.last, customer.human.last, admin.customer_said.last, admin.human.last, admin.log.locator(".note").last):
        await _harmless(bubble)
    assert await customer.log.get_by_text("staff only").count() == 0
    await admin.page.get_by_role("button", name="Reply").first.click()
    await admin.hand_back()
