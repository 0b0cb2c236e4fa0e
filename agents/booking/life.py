"""A booking after its hold, in words: the terms, how it stands, where it is paid. What is to be changed of it: `changes.py`."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import replace

from agents.agent import Ask, Said, Step
from agents.booking import changes
from agents.booking.dialogue import fingerprint
from agents.booking.spoken import Facts, booking_spoken_of, capital, day_of, moment_said, when_of, with_page
from agents.booking.standing import TERMS, booking_of
from agents.matter import Matter, Wish
from business.profile.figures import money
from business.profile.spoken import moment_of


async def grant(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    """What comes of a wish. Hold it in `aclosing()`."""
    steps = _WISHES[wish.kind](matter, wish)
    try:
        async for step in steps:
            yield step
    finally:
        await steps.aclose()


async def tell_terms(matter: Matter) -> AsyncGenerator[Step, None]:
    """The terms of what was held just now, with its page, and whether they are taken."""
    result = await matter.attempt("booking_status")
    booking = booking_of(matter)
    if result is None or booking is None or booking["status"] != "held":
        yield Said(matter.wording.say("life", "deposit_next"), "nothing")
        return
    for step in _terms(matter, booking):
        yield step


def _terms(matter: Matter, booking: Facts) -> tuple[Step, ...]:
    say = matter.wording.say
    name = "terms" if booking["deposit_refundable"] else "terms_near"
    text = say("life", name, deposit=money(booking["deposit_cents"]), until=day_of(matter, booking["refundable_until"]))
    return Said(with_page(matter, text, booking), "nothing"), Ask(TERMS, say("life", "ask_terms"))


async def _terms_again(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    for step in _terms(matter, booking_spoken_of(matter)):
        yield step


async def _accept(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    say = matter.wording.say
    matter.context = replace(matter.context, may_accept=True)
    result = await matter.attempt("accept_terms")
    if result is None:
        yield Said(say("life", "not_now"), "nothing")
        return
    booking = result.data
    if booking["status"] == "barred":
        async for step in _lapsed(matter, wish):
            yield step
        return
    if not booking["deposit_due_cents"]:
        yield Said(say("life", "accepted_free", when=when_of(matter, booking), number=str(booking["number"])), "nothing")
        return
    values = {
        "deposit": money(booking["deposit_due_cents"]),
        "until": moment_said(matter, booking["deposit_until"]),
        "number": str(booking["number"]),
    }
    yield Said(with_page(matter, say("life", "accepted", **values), booking, "pay_page"), "nothing")


async def _decline(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    booking = booking_spoken_of(matter)
    until = moment_said(matter, booking["held_until"]) if "held_until" in booking else when_of(matter, booking)
    yield Said(matter.wording.say("life", "declined", until=until), "anything")


async def _lapsed(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    """The hold is over: it is read back again by a yes, and held where it is still free."""
    facts = matter.facts
    if not facts.dates or facts.time is None or facts.where is None:
        yield Said(matter.wording.say("life", "lapsed"), "ask_date")
        return
    matter.remember(booking=True, read_back=fingerprint(facts), held=None)
    yield Said(matter.wording.say("life", "lapsed"), "nothing")
    when = moment_of(facts.dates[0], facts.time, matter.today, matter.language)
    yield Ask("confirm", matter.wording.say("life", "ask_again", when=when))


async def _none(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    yield Said(matter.wording.say("life", "none"), "person")


async def _status(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    bookings = matter.found["booking_status"].data["bookings"]
    if "pay" not in matter.heard.topics and matter.heard.payment is None:
        matter.quiet.add("payment")  # how it stands says what is due of this very booking, not of any
    for booking in bookings:
        lines = [_how_it_stands(matter, booking), *_money_lines(matter, booking)]
        open_page = booking["status"] in ("held", "deposit_pending", "confirmed")
        text = " ".join(lines)
        yield Said(with_page(matter, text, booking) if open_page else text)
    if bookings[0]["status"] == "held" and not bookings[0]["terms_accepted"] and bookings[0]["here"]:
        yield Ask(TERMS, matter.wording.say("life", "ask_terms"))


def _how_it_stands(matter: Matter, booking: Facts) -> str:
    wording = matter.wording
    values = {"when": when_of(matter, booking), "when_first": capital(when_of(matter, booking)), "number": str(booking["number"])}
    values["guests"] = wording.count("people", booking["guests"])
    if "held_until" in booking:
        values["until"] = moment_said(matter, booking["held_until"])
    return wording.say("standing", booking["status"], **values)


def _money_lines(matter: Matter, booking: Facts) -> list[str]:
    """What is due by when, what came, what is left."""
    say, lines = matter.wording.say, []
    if booking["status"] in ("cancelled", "expired", "no_show"):
        return [say("owed", "refunded", amount=money(booking["refunded_cents"]))] if booking["refunded_cents"] else []
    if booking["paid_cents"]:
        lines.append(say("owed", "paid", amount=money(booking["paid_cents"])))
    if booking["refunded_cents"]:
        lines.append(say("owed", "refunded", amount=money(booking["refunded_cents"])))
    if booking["deposit_due_cents"] and "deposit_until" in booking:
        due = moment_said(matter, booking["deposit_until"])
        lines.append(say("owed", "deposit", amount=money(booking["deposit_due_cents"]), until=due))
    if booking.get("balance_cents", 0) > 0 and not booking["deposit_due_cents"]:
        lines.append(say("owed", "balance", balance=money(booking["balance_cents"]), total=money(booking["total_cents"])))
    elif "total_cents" in booking and booking["deposit_due_cents"]:
        rest = booking["balance_cents"] - booking["deposit_due_cents"]
        lines.append(say("owed", "whole", total=money(booking["total_cents"]), rest=money(rest)))
    elif "balance_cents" in booking:
        lines.append(say("owed", "nothing"))
    return lines


async def _pay(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    """Where the deposit is paid, and by when."""
    booking, say = booking_spoken_of(matter), matter.wording.say
    until = moment_said(matter, booking["deposit_until"]) if "deposit_until" in booking else when_of(matter, booking)
    text = say("owed", "deposit", amount=money(booking["deposit_due_cents"]), until=until)
    yield Said(with_page(matter, text, booking, "pay_page"), "anything")
    if not booking["terms_accepted"] and booking["here"]:
        yield Ask(TERMS, say("life", "ask_terms"))


async def _ready(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    booking = booking_spoken_of(matter)
    name = "ready" if booking["status"] in ("confirmed", "in_progress") else "ready_unpaid"
    values = {"when": when_of(matter, booking)}
    text = matter.wording.say("life", name, **values)
    yield Said(text if name == "ready" else with_page(matter, text, booking), "nothing")


_WISHES: Mapping[str, Callable[[Matter, Wish], AsyncGenerator[Step, None]]] = {
    "terms": _terms_again,
    "accept": _accept,
    "decline": _decline,
    "lapsed": _lapsed,
    "none": _none,
    "status": _status,
    "pay": _pay,
    "ready": _ready,
    "move": changes.move,
    "move_yes": changes.move_yes,
    "move_no": changes.leave,
    "cancel": changes.cancel,
    "cancel_yes": changes.cancel_yes,
    "cancel_no": changes.leave,
    "weather": changes.weather,
    "guests": changes.guests,
    "guests_yes": changes.guests_yes,
    "guests_no": changes.leave,
    "change": changes.pass_on,
}
