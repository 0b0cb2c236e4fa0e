"""What a customer wants changed of a booking, in words: another date, off, rain, other guests. Each is read back before it is done."""

import datetime as dt
from collections.abc import AsyncGenerator
from dataclasses import asdict, replace

from agents.agent import Ask, Said, Step
from agents.availability.agent import say_alternatives
from agents.booking.spoken import Facts, booking_spoken_of, capital, day_of, people_of, stand_by, when_of, with_page
from agents.booking.standing import CANCEL, MOVABLE, MOVE, MOVE_TO, PARTY
from agents.matter import Matter, Wish
from business.pricing.rules import Party
from business.profile.figures import listed, money
from business.profile.spoken import moment_of


async def move(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    booking, say = booking_spoken_of(matter), matter.wording.say
    if not booking["here"]:
        yield Said(with_page(matter, say("life", "elsewhere"), booking), "person")
        return
    if booking["status"] == "cancellation_requested" or booking["status"] == "in_progress":
        yield Said(say("life", "not_movable"), "person")
        return
    if wish.day is None or wish.at is None:
        yield Ask(MOVE_TO, say("life", "ask_move_to"))
        return
    result = await matter.attempt("check_move", date=wish.day.isoformat(), time=wish.at.strftime("%H:%M"), number=booking["number"])
    stand_by(matter, booking)
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
        values = {"when_first": capital(when), "from": when_of(matter, booking), "fee": money(found["fee_cents"])}
        return [Said(say("life", name, **values), "nothing"), Ask(MOVE, say("life", "ask_move"))]
    if found["status"] in ("too_soon", "past") and wish.day >= matter.today:
        await matter.attempt("change_booking", what=f"Wants another date: {wish.day.isoformat()} {wish.at:%H:%M}, on short notice")
        return [Said(say("life", "move_soon", when=when), "person")]
    if found["status"] == "barred":
        return [Said(say("life", "not_movable"), "person")]
    others = say_alternatives(matter, found.get("alternatives", ()))
    return [Said(f"{say('life', 'move_taken', when=when)} {others}".strip(), "nothing"), Ask(MOVE_TO, say("life", "ask_move_to"))]


async def move_yes(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
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
    for step in await _movable(matter, booking_spoken_of(matter), replace(wish, day=day, at=at), found):
        yield step


async def leave(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    matter.remember(offered=None)
    yield Said(matter.wording.say("life", "as_it_is", when=when_of(matter, booking_spoken_of(matter))))


async def cancel(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    booking, say = booking_spoken_of(matter), matter.wording.say
    if not booking["here"]:
        yield Said(with_page(matter, say("life", "elsewhere"), booking), "person")
        return
    if booking["status"] == "cancellation_requested":
        yield Said(say("life", "cancel_asked_already"), "nothing")
        return
    if booking["status"] == "in_progress":
        yield Said(say("life", "not_movable"), "person")
        return
    matter.remember(offered={"number": booking["number"]})
    parts = [say("life", "cancel_how", when=when_of(matter, booking), number=str(booking["number"]))]
    if booking["paid_cents"] > booking["refunded_cents"]:
        name = "cancel_refundable" if booking["deposit_refundable"] else "cancel_kept"
        parts.append(say("life", name, until=day_of(matter, booking["refundable_until"])))
    yield Said(" ".join(parts), "nothing")
    yield Ask(CANCEL, say("life", "ask_cancel"))


async def cancel_yes(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    say, offered = matter.wording.say, matter.before.offered or {"number": booking_spoken_of(matter)["number"]}
    matter.remember(offered=None)
    matter.context = replace(matter.context, agreed=dict(offered), agreed_to="ask_cancel")
    result = await matter.attempt("ask_cancel", **offered)
    if result is None:
        yield Said(say("life", "not_now"), "person")
        return
    asked = result.data["status"] == "asked"
    values = {"number": str(result.data["number"])} if asked else {}
    yield Said(say("life", "cancel_asked" if asked else "not_movable", **values), "nothing" if asked else "person")


async def weather(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    say, booking = matter.wording.say, booking_spoken_of(matter)
    result = await matter.attempt("change_booking", what="Asks for another date because of the weather", weather=True)
    stand_by(matter, booking)
    yield Said(say("life", "weather" if result is not None else "not_now", when=when_of(matter, booking)), "person")


async def guests(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    """Other guests are read back with the price that they make."""
    booking, say, party = booking_spoken_of(matter), matter.wording.say, wish.party
    assert party is not None  # there is no such wish without one
    matter.quiet.add("distance")  # the way is the same
    wanted = {**asdict(party), "number": booking["number"]}
    possible = booking["here"] and booking["status"] in MOVABLE
    found = await matter.attempt("check_guests", **wanted) if possible else None
    if found is None or found.data["status"] != "possible":
        async for step in pass_on(matter, wish):
            yield step
        return
    matter.remember(offered=wanted)
    same = found.data["total_cents"] == found.data.get("before_total_cents")
    values = {"guests": people_of(matter, party), "total": money(found.data["total_cents"]), "when": when_of(matter, booking)}
    yield Said(say("life", "guests_same" if same else "guests_price", **values), "nothing")
    yield Ask(PARTY, say("life", "ask_guests"))


async def guests_yes(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    say, offered = matter.wording.say, matter.before.offered
    matter.remember(offered=None)
    if offered is None or "adults" not in offered:
        yield Said(say("life", "not_now"), "nothing")
        return
    matter.context = replace(matter.context, agreed=dict(offered), agreed_to="change_guests")
    result = await matter.attempt("change_guests", **offered)
    party = Party(offered["adults"], offered["children"], offered["under_six"])
    if result is None or result.data["status"] != "changed":
        async for step in pass_on(matter, replace(wish, party=party)):
            yield step
        return
    matter.tell(adults=party.adults, children=party.children, under_six=party.under_six, people=None)
    values = {"guests": people_of(matter, party), "total": money(result.data["total_cents"]), "number": str(result.data["number"])}
    yield Said(say("life", "guests_changed", **values), "nothing")


async def pass_on(matter: Matter, wish: Wish) -> AsyncGenerator[Step, None]:
    """What a person changes: so many, so late, or what nobody else can."""
    say, booking = matter.wording.say, booking_spoken_of(matter)
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
