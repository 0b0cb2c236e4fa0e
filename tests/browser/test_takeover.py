"""The main job, seen: a customer and an admin side by side, word by word, and a takeover in mid-sentence."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.people import grows, shown, text_of, until
from tests.browser.place import Place

pytestmark = pytest.mark.browser
LONG = "words-400+pace-40"
SHORT = "words-12+pace-10"


async def test_an_admin_watches_takes_over_and_hands_back(place: Place) -> None:
    place.plan(LONG, SHORT, SHORT)
    customer, admin = await place.customer(), await place.admin()
    await customer.say("What happens at a hibachi evening?")
    await admin.choose(customer)
    await expect(admin.customer_said.last).to_have_text("What happens at a hibachi evening?")

    # Both see it grow, while it is written.
    for bubble, page in ((admin.ai.last, admin.page), (customer.reply, customer.page)) * 2:
        await grows(bubble, page)
    await expect(admin.row("AI: ").first).to_be_visible()

    await admin.take()
    (took,) = await until(lambda: [body for body in admin.wire.received("ack") if "to" in body], admin.page, "the acknowledgement")
    await expect(customer.reply).to_contain_text("interrupted")
    await expect(admin.ai.last).to_contain_text("interrupted")
    await expect(customer.log).to_contain_text("Dana joined")
    left = await text_of(customer.reply)

    await admin.box.press_sequentially("Dana here, ", delay=5)
    await expect(customer.log).to_contain_text("Dana is typing…")
    await admin.box.press_sequentially("ask me anything.", delay=5)
    await admin.box.press("Enter")
    await expect(customer.human.last).to_contain_text("Dana here, ask me anything.")
    await expect(customer.log).not_to_contain_text("is typing…")

    await customer.box.press_sequentially("Thank you, Dana", delay=5)
    await expect(admin.log).to_contain_text("is typing…")
    await customer.box.press("Enter")
    await expect(admin.customer_said.last).to_have_text("Thank you, Dana")

    # Nothing beyond the cut: in the frames, in the provider's stream, on both screens.
    reached = [delta["to"] for delta in customer.wire.received("delta") if delta["turn"] == took["turn"]]
    assert reached and max(reached) <= took["to"]
    (message,) = [body["message"] for body in customer.wire.events("message") if body["message"].get("turn") == took["turn"]]
    call = await place.provider.ended(place.calls[-1])
    assert call.end == "gone" and call.text != call.plan
    assert message["interrupted"] and call.plan.startswith(message["text"]) and message["text"] != call.plan
    assert await text_of(customer.reply) == left == message["text"].strip()
    assert await text_of(admin.ai.last) == left

    # The last word was the customer's: the assistant answers it at once, and goes on from there.
    await admin.hand_back()
    await expect(customer.log).to_contain_text("You are back with the assistant")
    await customer.answered(2)
    await customer.say("And what is on the grill?")
    answer = await customer.answered(3)
    assert answer == shown(place.calls[-1])
    await expect(admin.ai.last).to_contain_text(answer)


async def test_a_customer_asks_for_a_person_and_gets_one(place: Place) -> None:
    place.plan(SHORT, SHORT)
    customer, admin = await place.customer(), await place.admin()
    await customer.say("Do you cook for forty people?")
    await customer.answered(1)
    await customer.page.get_by_role("button", name="Talk to a person").click()
    await expect(customer.log).to_contain_text("You asked for a person")

    theirs = f'[data-conversation="{customer.wire.conversation}"]'
    waiting = admin.group("Needs a person").locator(theirs)
    await expect(waiting).to_have_count(1)
    await customer.say("I would rather ask somebody who cooks")
    await expect(waiting).to_contain_text("I would rather ask somebody who cooks")

    await admin.page.get_by_role("button", name=re.compile("^Handoffs")).click()
    handoff = admin.page.locator(f"article{theirs}")
    await handoff.get_by_role("button", name="Claim", exact=True).click()
    await expect(admin.owner).to_contain_text("You are answering")
    await expect(customer.log).to_contain_text("Dana joined")
    await admin.reply("Forty is fine, we bring two grills.")
    await expect(customer.human.last).to_contain_text("Forty is fine, we bring two grills.")
    # Who waits for a person is not answered by the assistant meanwhile.
    assert len(customer.wire.events("reply_started")) == 1
    await admin.hand_back()


async def test_the_customer_stops_a_reply(place: Place) -> None:
    place.plan(LONG, SHORT)
    customer = await place.customer()
    await customer.say("Tell me everything")
    await grows(customer.reply, customer.page)
    await customer.panel.get_by_role("button", name="Stop the reply").click()
    await expect(customer.reply).to_contain_text("interrupted")
    left = await text_of(customer.reply)
    assert (await place.provider.ended(place.calls[-1])).end == "gone"
    await customer.say("In short, please")
    await customer.answered(2)
    assert await text_of(customer.ai.nth(-2)) == left
    await until(lambda: customer.wire.events("reply_finished")[0]["outcome"] == "stopped", customer.page, "the outcome")
