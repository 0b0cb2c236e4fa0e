"""A booking after its hold, in words: terms, how it stands, another date, off, changes. Each wish is read back before it is done."""

import datetime as dt
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from agents.agent import Ask, Said, Step
from agents.availability.agent import say_alternatives
from agents.booking.dialogue import fingerprint
from agents.booking.standing import CANCEL, MOVABLE, MOVE, MOVE_TO, PARTY, TERMS, booking_of
from agents.matter import Matter, Wish
from business.pricing.rules import Party
from business.profile.figures import listed, money
from business.profile.spoken import exact, moment_of, whole_day

Facts = Mapping[str, Any]


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
    text = say("life", name, deposit=money(booking["deposit_cents"]), until=_day(matter, booking["refundable_until"]))
    return Said(_with_page(matter, text, booking), "nothing"), Ask(TERMS, say("life", "ask_terms"))


async def _terms_again(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    for step in _terms(matter, _booking(matter)):
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
        yield Said(say("life", "accepted_free", when=_when(matter, booking), number=str(booking["number"])), "nothing")
        return
    values = {
        "deposit": money(booking["deposit_due_cents"]),
        "until": _moment(matter, booking["deposit_until"]),
        "number": str(booking["number"]),
    }
    yield Said(_with_page(matter, say("life", "accepted", **values), booking, "pay_page"), "nothing")


async def _decline(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    booking = _booking(matter)
    until = _moment(matter, booking["held_until"]) if "held_until" in booking else _when(matter, booking)
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
        yield Said(_with_page(matter, text, booking) if open_page else text)
    if bookings[0]["status"] == "held" and not bookings[0]["terms_accepted"] and bookings[0]["here"]:
        yield Ask(TERMS, matter.wording.say("life", "ask_terms"))


def _how_it_stands(matter: Matter, booking: Facts) -> str:
    wording = matter.wording
    values = {"when": _when(matter, booking), "when_first": _capital(_when(matter, booking)), "number": str(booking["number"])}
    values["guests"] = wording.count("people", booking["guests"])
    if "held_until" in booking:
        values["until"] = _moment(matter, booking["held_until"])
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
        due = _moment(matter, booking["deposit_until"])
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
    booking, say = _booking(matter), matter.wording.say
    until = _moment(matter, booking["deposit_until"]) if "deposit_until" in booking else _when(matter, booking)
    text = say("owed", "deposit", amount=money(booking["deposit_due_cents"]), until=until)
    yield Said(_with_page(matter, text, booking, "pay_page"), "anything")
    if not booking["terms_accepted"] and booking["here"]:
        yield Ask(TERMS, say("life", "ask_terms"))


async def _ready(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    booking = _booking(matter)
    name = "ready" if booking["status"] in ("confirmed", "in_progress") else "ready_unpaid"
    values = {"when": _when(matter, booking)}
    text = matter.wording.say("life", name, **values)
    yield Said(text if name == "ready" else _with_page(matter, text, booking), "nothing")


async def _move(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    booking, say = _booking(matter), matter.wording.say
    if not booking["here"]:
        yield Said(_with_page(matter, say("life", "elsewhere"), booking), "person")
        return
    if booking["status"] == "cancellation_requested" or booking["status"] == "in_progress":
        yield Said(say("life", "not_movable"), "person")
        return
    if wish.day is None or wish.at is None:
        yield Ask(MOVE_TO, say("life", "ask_move_to"))
        return
    result = await matter.attempt("check_move", date=wish.day.isoformat(), time=wish.at.strftime("%H:%M"), number=booking["number"])
    _stand_by(matter, booking)
    if result is None:
        yield Said(say("life", "not_now"), "person")
        return
    for step in await _movable(matter, booking, wish, result.data):
        yield step


async def _movable(matter: Matter, booking: Facts, wish: Wish, found: Facts) -> list[Step]:
    """What is said of a start that was looked at."""
    say = matter.wording.say
    assert wish.day is not None and wish.at is not None
    when = moment_of(wish.day, wish.at, matter.today, matter.language)
    if found["status"] == "free":
        offered = {"date": found["date"], "time": found["time"], "number": found["number"], "fee_cents": found["fee_cents"]}
        matter.remember(offered=offered)
        name = "move_fee" if found["fee_cents"] else "move_free"
        values = {"when_first": _capital(when), "from": _when(matter, booking), "fee": money(found["fee_cents"])}
        return [Said(say("life", name, **values), "nothing"), Ask(MOVE, say("life", "ask_move"))]
    if found["status"] in ("too_soon", "past") and wish.day >= matter.today:
        await matter.attempt("change_booking", what=f"Wants another date: {wish.day.isoformat()} {wish.at:%H:%M}, on short notice")
        return [Said(say("life", "move_soon", when=when), "person")]
    if found["status"] == "barred":
        return [Said(say("life", "not_movable"), "person")]
    others = say_alternatives(matter, found.get("alternatives", ()))
    return [Said(f"{say('life', 'move_taken', when=when)} {others}".strip(), "nothing"), Ask(MOVE_TO, say("life", "ask_move_to"))]


async def _move_yes(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    say, offered = matter.wording.say, matter.before.offered
    matter.remember(offered=None)
    if offered is None:
        yield Ask(MOVE_TO, say("life", "ask_move_to"))
        return
    matter.context = replace(matter.context, agreed=dict(offered), agreed_to="move_booking")
    result = await matter.attempt("move_booking", **offered)
    if result is None:
        matter.remember(offered=offered)
        yield Said(say("life", "not_now"), "nothing")
        yield Ask(MOVE, say("life", "ask_move"))
        return
    found = result.data
    day, at = dt.date.fromisoformat(offered["date"]), dt.time.fromisoformat(offered["time"])
    if found["status"] == "moved":
        matter.tell(dates=(day,), time=at)
        name = "moved_fee" if found["fee_cents"] else "moved"
        values = {"when": moment_of(day, at, matter.today, matter.language), "fee": money(found["fee_cents"])}
        yield Said(say("life", name, number=str(found["number"]), **values), "nothing")
        return
    if found["status"] == "fee":
        # It was free of charge when it was read back; nothing is charged that was not told.
        found = {**found, "status": "free"}
    for step in await _movable(matter, _booking(matter), replace(wish, day=day, at=at), found):
        yield step


async def _as_it_is(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    matter.remember(offered=None)
    yield Said(matter.wording.say("life", "as_it_is", when=_when(matter, _booking(matter))))


async def _cancel(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    booking, say = _booking(matter), matter.wording.say
    if not booking["here"]:
        yield Said(_with_page(matter, say("life", "elsewhere"), booking), "person")
        return
    if booking["status"] == "cancellation_requested":
        yield Said(say("life", "cancel_asked_already"), "nothing")
        return
    if booking["status"] == "in_progress":
        yield Said(say("life", "not_movable"), "person")
        return
    matter.remember(offered={"number": booking["number"]})
    parts = [say("life", "cancel_how", when=_when(matter, booking), number=str(booking["number"]))]
    if booking["paid_cents"] > booking["refunded_cents"]:
        name = "cancel_refundable" if booking["deposit_refundable"] else "cancel_kept"
        parts.append(say("life", name, until=_day(matter, booking["refundable_until"])))
    yield Said(" ".join(parts), "nothing")
    yield Ask(CANCEL, say("life", "ask_cancel"))


async def _cancel_yes(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    say, offered = matter.wording.say, matter.before.offered or {"number": _booking(matter)["number"]}
    matter.remember(offered=None)
    matter.context = replace(matter.context, agreed=dict(offered), agreed_to="ask_cancel")
    result = await matter.attempt("ask_cancel", **offered)
    if result is None:
        yield Said(say("life", "not_now"), "person")
        return
    asked = result.data["status"] == "asked"
    values = {"number": str(result.data["number"])} if asked else {}
    yield Said(say("life", "cancel_asked" if asked else "not_movable", **values), "nothing" if asked else "person")


async def _weather(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    say, booking = matter.wording.say, _booking(matter)
    result = await matter.attempt("change_booking", what="Asks for another date because of the weather", weather=True)
    _stand_by(matter, booking)
    yield Said(say("life", "weather" if result is not None else "not_now", when=_when(matter, booking)), "person")


async def _guests(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    """Other guests are read back with the price that they make."""
    booking, say, party = _booking(matter), matter.wording.say, wish.party
    assert party is not None  # there is no such wish without one
    matter.quiet.add("distance")  # the way is the same
    wanted = {**asdict(party), "number": booking["number"]}
    possible = booking["here"] and booking["status"] in MOVABLE
    found = await matter.attempt("check_guests", **wanted) if possible else None
    if found is None or found.data["status"] != "possible":
        async for step in _passed_on(matter, wish):
            yield step
        return
    matter.remember(offered=wanted)
    same = found.data["total_cents"] == found.data.get("before_total_cents")
    values = {"guests": _people(matter, party), "total": money(found.data["total_cents"]), "when": _when(matter, booking)}
    yield Said(say("life", "guests_same" if same else "guests_price", **values), "nothing")
    yield Ask(PARTY, say("life", "ask_guests"))


async def _guests_yes(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    say, offered = matter.wording.say, matter.before.offered
    matter.remember(offered=None)
    if offered is None or "adults" not in offered:
        yield Said(say("life", "not_now"), "nothing")
        return
    matter.context = replace(matter.context, agreed=dict(offered), agreed_to="change_guests")
    result = await matter.attempt("change_guests", **offered)
    party = Party(offered["adults"], offered["children"], offered["under_six"])
    if result is None or result.data["status"] != "changed":
        async for step in _passed_on(matter, replace(wish, party=party)):
            yield step
        return
    matter.tell(adults=party.adults, children=party.children, under_six=party.under_six, people=None)
    values = {"guests": _people(matter, party), "total": money(result.data["total_cents"]), "number": str(result.data["number"])}
    yield Said(say("life", "guests_changed", **values), "nothing")


async def _passed_on(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    """What a person changes: so many, so late, or what nobody else can."""
    say, booking = matter.wording.say, _booking(matter)
    guests = wish.party.guests if wish.party is not None else None
    matter.quiet.add("distance")  # the way is priced anew by whoever changes it
    what = [f"{guests} guests" if guests is not None else "", *wish.other]
    line = f"Wants to change {listed([one for one in what if one], 'en')}"
    result = await matter.attempt("change_booking", guests=guests, what=line)
    if result is None:
        yield Said(say("life", "not_now"), "person")
        return
    if guests is None:
        name = "change_late" if result.data["late"] else "change_noted"
    else:
        name = "guests_many" if result.data["many"] else "guests_late" if result.data["late"] else "guests_noted"
    people = matter.wording.count("people", guests or booking["guests"])
    yield Said(say("life", name, guests=people), "person" if name in ("guests_late", "change_late") else None)


def _people(matter: Matter, party: Party) -> str:
    """`12 adults and 2 children`."""
    counts = (("adults", party.adults), ("children", party.children), ("under_six", party.under_six))
    return listed([matter.wording.count(noun, count) for noun, count in counts if count], matter.language)


def _booking(matter: Matter) -> Facts:
    booking = booking_of(matter)
    assert booking is not None  # there is no such wish without one
    return booking


def _stand_by(matter: Matter, booking: Facts) -> None:
    """What was asked about is no fact of the party: it stands where it stood until it is moved."""
    matter.tell(dates=(dt.date.fromisoformat(booking["date"]),), time=dt.time.fromisoformat(booking["time"]))


def _with_page(matter: Matter, text: str, booking: Facts, name: str = "page") -> str:
    """With the address of its page, where there is one."""
    page = booking.get("page")
    if page is None:
        return text
    # Of no other address does the chat make a link.
    plain = matter.request.channel == "sms" or not page.startswith("https:")
    return f"{text} {matter.wording.say('life', f'{name}_plain' if plain else name, link=page)}"


def _when(matter: Matter, booking: Facts) -> str:
    day, at = dt.date.fromisoformat(booking["date"]), dt.time.fromisoformat(booking["time"])
    return moment_of(day, at, matter.today, matter.language)


def _day(matter: Matter, day: str) -> str:
    return whole_day(dt.date.fromisoformat(day), matter.today, matter.language)


def _moment(matter: Matter, moment: str) -> str:
    """`today at 6:20 PM`, else the whole day."""
    at = dt.datetime.fromisoformat(moment)
    name = {0: "today", 1: "tomorrow"}.get((at.date() - matter.today).days)
    if name is not None:
        return matter.wording.say("when", name, time=exact(at.time()))
    return moment_of(at.date(), at.time(), matter.today, matter.language)


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


_WISHES: Mapping[str, Callable[[Matter, Wish], AsyncGenerator[Step, None]]] = {
    "terms": _terms_again,
    "accept": _accept,
    "decline": _decline,
    "lapsed": _lapsed,
    "none": _none,
    "status": _status,
    "pay": _pay,
    "ready": _ready,
    "move": _move,
    "move_yes": _move_yes,
    "move_no": _as_it_is,
    "cancel": _cancel,
    "cancel_yes": _cancel_yes,
    "cancel_no": _as_it_is,
    "weather": _weather,
    "guests": _guests,
    "guests_yes": _guests_yes,
    "guests_no": _as_it_is,
    "change": _passed_on,
}
