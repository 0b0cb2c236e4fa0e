"""Text that wants to be more than text, from a model, a customer, a colleague, in names and cards: it stays text, on both sides.

Every boundary at which a stream may be split is tried beside the renderer: web-widget/tests/hostile.test.ts, with the same texts.
"""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from playwright.async_api import Locator, expect
from playwright.async_api import TimeoutError as PlaywrightTimeout
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.guard.guard import FigureGuard
from agents.guard.licence import Licence
from agents.manner.keeper import Keeper
from agents.manner.manner import Manner
from business.conversations.log import writing
from business.handoffs import ownership, records
from business.handoffs.ownership import Actor
from business.profile.loader import load_profile
from kernel.ids import StaffId
from kernel.wire.cards import Card, CardAction, CardLine
from kernel.wire.server import Attachment, Author, CardEvent, NoteWritten
from tests.browser.people import Admin, Side, text_of, until
from tests.browser.place import Place

pytestmark = pytest.mark.browser
CORPUS: list[dict[str, Any]] = json.loads((Path(__file__).parents[2] / "web-widget" / "tests" / "hostile.json").read_text(encoding="utf-8"))
TEXTS = [str(entry["text"]) * int(entry.get("times", 1)) for entry in CORPUS]
SHORT = [str(entry["text"]) for entry in CORPUS if "times" not in entry]
LINES = [text for text in SHORT if "\n" not in text and "\r" not in text and "\x00" not in text]
# Of a text that is streamed whole: code that never ends would be the end of all the others.
BETWEEN = "\n\n"
STREAMED = BETWEEN.join(
    entry["text"] for entry in sorted(CORPUS, key=lambda e: e["kind"] == "code") if "times" not in entry and entry["kind"] != "deep"
)
# Of one reply each, so that it is told from the one before.
ENDS = [f"The end of the {word}." for word in "smoke garden evening river kitchen flame spoon table light story friends music".split()]
LICENCE = Licence.of_profile(load_profile(), "en")
GOOD = {"https://example.com/menu", "mailto:hello@example.com", "tel:+15105550142"}
ALLOWED = {"https", "mailto", "tel"}
LINKS = ".text a[href], .card a[href], .offer a[href]"
WORDS = ".text, .plain, .plain-text, .own, .system, .name, .byline, .sources, .card, .offer, .row, header, aside, .handoff"
# What a page writes itself beside words: its icons, buttons and labels. Whatever else there is came out of a text.
_STRANGE = """(root, words) => {
  const tags = new Set(('p br hr em strong s code pre a ul ol li table tbody tr th td div span blockquote dl dt dd time section header '
    + 'small article fieldset legend input footer nav button svg path circle rect line polyline polygon ellipse h1 h2 h3 aside kbd label '
    + 'select option textarea details summary').split(' '))
  const attributes = new Set(('href target rel class start role type tabindex title datetime viewbox width height fill stroke d x y '
    + 'x1 x2 y1 y2 cx cy r rx ry points style stroke-width stroke-linecap stroke-linejoin xmlns disabled lang dir for id name '
    + 'value rows maxlength placeholder data-search data-action data-conversation open').split(' '))
  const found = []
  for (const from of root.querySelectorAll(words))
    for (const node of [from, ...from.querySelectorAll('*')]) {
      const name = node.tagName.toLowerCase()
      if (!tags.has(name)) found.push(`<${name}>`)
      // A text's own marks make no icon and no button, and no colours.
      const own = /^(svg|button|select|textarea|label|section|details|summary|h\\d)$/
      if (from.matches('.text') && own.test(name)) found.push(`<${name}> in a text`)
      for (const { name: given, value } of node.attributes) {
        const attribute = given.toLowerCase()
        if (!attributes.has(attribute) && !attribute.startsWith('aria-')) found.push(`${name} ${attribute}="${value}"`)
        if (attribute === 'style' && /url|expression/.test(value)) found.push(`style ${value}`)
      }
    }
  return found
}"""


_HEIGHT = "log => (log.querySelector('.log') ?? log).scrollHeight"
# To the beginning, or on by a share of what is in sight; a scroll event comes with the next frame, before its callbacks.
_SCROLL = """async (log, share) => {
  log.scrollTop = share === 0 ? 0 : log.scrollTop + share * log.clientHeight
  await new Promise(requestAnimationFrame)
}"""
_UNFOLD = """log => {
  const folded = [...log.querySelectorAll('.offer-head[aria-expanded=false]')]
  for (const head of folded) head.click()
  return folded.length
}"""


async def _harmless(root: Locator) -> set[str]:
    """Assert that what is shown holds words and the page's own parts, no more; gives the addresses of the links."""
    strange: list[str] = await root.evaluate(_STRANGE, WORDS)
    assert strange == []
    links: list[str] = await root.evaluate("(e, of) => [...e.querySelectorAll(of)].map(a => a.getAttribute('href'))", LINKS)
    assert {urlsplit(link).scheme for link in links} <= ALLOWED
    assert await root.locator(f":is({LINKS}):not([rel~=noopener][target=_blank])").count() == 0
    # The page's own lead to places of its own.
    every: list[str] = await root.evaluate("e => [...e.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))")
    assert {urlsplit(link).scheme for link in every} <= ALLOWED | {""}
    return set(links)


def _stands(said: str) -> bool:
    """Whether a model may say it to its end: nothing that the guard refuses, and no more than is read of one reply."""
    guard, keeper = FigureGuard(LICENCE), Keeper(Manner())
    guard.feed(said)
    guard.end()
    keeper.feed(said)
    keeper.end()
    return guard.refused is None and keeper.fault is None and not keeper.full


def _let_through() -> list[str]:
    """What of the corpus a model may say, one after the other, in replies that are as long as they may be: a link that nobody vouches for
    never leaves the gateway."""
    replies = [""]
    for text in STREAMED.split(BETWEEN):
        last = ENDS[len(replies) - 1]
        if _stands(f"{replies[-1]}{text}{BETWEEN}{last}"):
            replies[-1] += f"{text}{BETWEEN}"
        elif _stands(f"{text}{BETWEEN}{ENDS[len(replies)]}"):
            replies.append(f"{text}{BETWEEN}")
    return [f"{words}{last}" for words, last in zip(replies, ENDS, strict=False)]


async def _begins(side: Side, after: str) -> None:
    """Wait until there is a reply after the one that ends so."""

    async def other() -> bool:
        text = await text_of(side.ai.last)
        return bool(text) and not (after and after in text)

    await until(other, side.page, "a reply")


async def test_a_models_words_stay_words(place: Place) -> None:
    replies = _let_through()
    assert sum(words.count(BETWEEN) for words in replies) > len(SHORT) // 3, "the guard leaves enough of them to look at"
    customer, admin = await place.customer(), await place.admin()
    for number, words in enumerate(replies):
        place.say(words)
        place.plan("split-7+pace-1")
        await customer.say(f"Show me everything, seven at a time, and {ENDS[number]}")
        if number == 0:
            await admin.choose(customer)
        for side in (customer, admin):
            # Looked at while it is written, too: half a payload may be worse than a whole one.
            await _begins(side, after=ENDS[number - 1] if number else "")
            await _harmless(side.log)
            await expect(side.ai.last).to_contain_text(ENDS[number], timeout=60_000)
        await customer.answered(number + 1)
        for side in (customer, admin):
            await _harmless(side.log)
            if "<script>alert(1)</script>" in words:
                await expect(side.ai.last).to_contain_text("<script>alert(1)</script>")
    assert await admin.inbox.locator("script, img, iframe, a[href]").count() == 0


async def _fill(connection: AsyncConnection, conversation: UUID) -> None:
    """Every text of the corpus as a reply, and the hostile lines wherever else words are shown."""
    async with writing(connection, conversation) as log:
        for number, line in enumerate(LINES):
            action = CardAction(label=line, url=line if number % 2 else None, say=line)
            lines = [CardLine(label=line, value=line)]
            log.add(
                CardEvent(
                    card=Card(
                        id=f"{number} {line}", type="quote", state=line, version=1, title=line, lines=lines, total=line, action=action
                    )
                )
            )
        for text in TEXTS:
            log.say(Author(kind="ai", name=LINES[0]), text.replace("\x00", ""), format="markdown")
        log.say(Author(kind="human", name=LINES[5]), "A person's name", format="plain")
        log.say(Author(kind="system", name=""), LINES[6], format="plain")
        file = Attachment(id=uuid4(), name=LINES[7], type="application/pdf", size=1)
        log.say(Author(kind="customer", name="Customer"), "A file's name", attachments=[file])
        log.add_staff(NoteWritten(id=uuid4(), author=Author(kind="human", name=LINES[8]), text=LINES[0]))
        await records.open_handoff(
            log,
            kind="complaint",
            urgency="high",
            summary="".join(LINES[:12])[:900],
            due_at=log.row.created_at,
            by=Author(kind="customer", name=LINES[9]),
            facts={"reason": LINES[10]},
        )
    await connection.execute(
        sql("UPDATE core.customer SET name = :name WHERE id = (SELECT customer_id FROM ai.chat_session WHERE id = :id)"),
        {"name": LINES[5], "id": conversation},
    )


async def _all_of(side: Side) -> None:
    """Read back to the beginning."""
    earlier = side.page.get_by_role("button", name="Earlier messages")
    while await earlier.count():
        before = await side.log.evaluate(_HEIGHT)
        with suppress(PlaywrightTimeout):  # scrolled into sight, it may be at work already, and gone
            await earlier.click(timeout=3000)
        await until(lambda b=before: _more(side, b), side.page, "earlier messages")


async def _more(side: Side, before: int) -> bool:
    gone = await side.page.get_by_role("button", name="Earlier messages").count() == 0
    return gone or await side.log.evaluate(_HEIGHT) > before


async def _walked(admin: Admin) -> tuple[set[str], int]:
    """From the beginning to the end, with every card unfolded: what the links lead to, and how many cards there were."""
    links, cards = set[str](), 0
    await admin.log.evaluate(_SCROLL, 0)
    while True:
        # A card that was unfolded stays so: each is counted once.
        while unfolded := await admin.log.evaluate(_UNFOLD):
            cards += unfolded
        links |= await _harmless(admin.log)
        if await admin.log.evaluate("log => log.scrollTop + log.clientHeight >= log.scrollHeight - 2"):
            return links, cards
        await admin.log.evaluate(_SCROLL, 0.8)


async def test_the_whole_corpus_in_replies_cards_and_names(place: Place) -> None:
    place.plan("words-3")
    customer = await place.customer()
    await customer.say("Keep all of this")
    await customer.answered(1)
    conversation = UUID(customer.wire.conversation)
    async with place.database() as database:
        await database.unit(lambda c: _fill(c, conversation))
        await customer.page.reload()
        await customer.open()
        admin = await place.admin()
        await admin.open(str(conversation))
        for side in (customer, admin):
            await _all_of(side)
        # The console has only what is near the eye in its page.
        links, cards = await _walked(admin)
        assert links >= GOOD and cards == len(LINES)
        assert await _harmless(customer.log) >= GOOD
        assert await customer.log.locator(".card").count() == len(LINES)
        for side in (customer, admin):
            # A body, laid out and alive, whatever was nested in what.
            assert await side.page.evaluate("document.body.getBoundingClientRect().width > 300")
        await _harmless(admin.page.locator("body"))
        await admin.page.evaluate("location.hash = '#/handoffs'")
        await expect(admin.page.get_by_text("Keep all of this").or_(admin.page.locator(".cards")).first).to_be_visible()
        await _harmless(admin.page.locator("body"))
        dana = Actor(StaffId(uuid4()), "Dana")
        handoffs = await database.unit(lambda c: records.unsettled(c, conversation, "complaint"))
        assert handoffs is not None
        await database.unit(lambda c: ownership.resolve_handoff(c, handoffs.id, dana, None))


async def test_peoples_words_stay_words(place: Place) -> None:
    place.plan("words-3")
    customer, admin = await place.customer(), await place.admin()
    hostile = " ".join(LINES)[:3900]
    await customer.say("Look at this")
    await admin.choose(customer)
    await customer.answered(1)
    await admin.take()
    # Not as it was written: what cannot be seen is left out at the gateway.
    await customer.box.fill(hostile)
    await customer.box.press("Enter")
    await expect(customer.own.last).to_contain_text("<script>alert(1)</script>")
    await expect(admin.customer_said.last).to_contain_text("<script>alert(1)</script>")
    await admin.reply(hostile)
    await expect(customer.human.last).to_contain_text("<script>alert(1)</script>")
    await admin.page.get_by_role("button", name="Note").first.click()
    await admin.reply(hostile)
    await expect(admin.log).to_contain_text("staff only")
    for side in (customer, admin):
        assert await _harmless(side.log) == set(), "people's words hold no links"
    assert await customer.log.get_by_text("staff only").count() == 0
    await admin.page.get_by_role("button", name="Reply").first.click()
    await admin.hand_back()
