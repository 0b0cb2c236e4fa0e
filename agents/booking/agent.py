"""Bookings: one question at a time until everything is told, read back, then held. What is known is never asked twice."""

import datetime as dt
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from decimal import Decimal
from typing import Any

from agents.agent import Agent, Ask, Said, Step
from agents.availability.agent import look, say_alternatives, settle_refused
from agents.booking.dialogue import CAN_WAIT, fingerprint, hold_arguments, next_question, read_back
from agents.booking.life import grant, tell_terms
from agents.booking.moves import ChangeGuests, CheckGuests, CheckMove, MoveBooking
from agents.booking.standing import asks_how_it_stands, is_booked, lets_go, may_concern, wish_of
from agents.booking.tools import HoldSlot, ReleaseHold
from agents.booking.verbs import AcceptTerms, AskCancel, BookingStatus, ChangeBooking
from agents.distance.agent import as_argument
from agents.distance.ways import Ways
from agents.events import TurnStage
from agents.matter import Matter
from agents.pricing.agent import order_arguments
from agents.tools.results import Impossible, ToolError
from business.bookings.availability import station_of
from business.bookings.rules import person_decides
from business.profile.spoken import exact, moment_of
from kernel.errors import GatewayError

WISHES = frozenset({"book", "wants_booking", "hold"})
OF_A_BOOKING = (BookingStatus(), AcceptTerms(), CheckMove(), MoveBooking(), CheckGuests(), ChangeGuests(), AskCancel(), ChangeBooking())


class BookingAgent(Agent):
    key = "booking"
    in_general = "book"
    topics = WISHES | {"release"}
    needs = ("distance", "menu", "pricing", "availability")

    def __init__(self, ways: Ways) -> None:
        self.tools = (HoldSlot(ways), ReleaseHold(), *OF_A_BOOKING)

    async def look(self, matter: Matter) -> None:
        """How the customer's bookings stand, where the message may be about one."""
        if may_concern(matter) and await matter.attempt("booking_status") is not None:
            matter.wish = wish_of(matter)

    def claims(self, matter: Matter) -> bool:
        before, heard = matter.before, matter.heard
        if matter.wish is not None:
            return True
        accepts = before.asked == "book" and heard.answer == "yes"
        changes = before.held is not None and bool(heard.changed) and not is_booked(matter)
        topics = self.topics - {"book"} if is_booked(matter) else self.topics
        return before.booking or accepts or changes or bool(topics & set(heard.topics))

    async def work(self, matter: Matter) -> AsyncGenerator[Step, None]:
        heard, before = matter.heard, matter.before
        if matter.wish is not None:
            if matter.wish.kind == "cancel" and lets_go(matter):
                # Nothing is booked yet: the hold is let go at a word.
                matter.context = replace(matter.context, may_release=True)
                yield await self._release(matter)
                return
            async with aclosing(grant(matter, matter.wish)) as steps:
                async for step in steps:
                    yield step
            return
        if "release" in heard.topics and (before.held is not None or before.booking):
            yield await self._release(matter)
            return
        if before.asked == "book" and heard.answer == "no" and not before.booking:
            return
        if not before.booking and "how_booking" in heard.topics:
            yield Said(matter.wording.say("topics", "book"))
        matter.remember(booking=True)
        if matter.facts.phone is None and matter.request.phone is not None:
            matter.tell(phone=matter.request.phone)  # who texts has told it
        self._skip(matter)
        if (said := await self._barred(matter)) is not None:
            matter.remember(booking=False)
            yield said
            return
        if before.asked == "confirm" and heard.answer == "no" and not heard.changed:
            yield Ask("change", matter.wording.say("booking", "ask_change"))
            return
        if before.booking and asks_how_it_stands(matter):
            yield Said(matter.wording.say("booking", "not_yet"))
        if (taken := await self._insists(matter)) is not None:
            yield taken
        missing = next_question(matter.profile, matter.memory)
        if missing == ("proteins", "too_many_picks") and before.asked == "proteins" and not heard.fresh.proteins:
            # Asked once and answered with something else: the picks can wait, the booking goes on.
            matter.tell(proteins={}, for_everyone=())
            matter.remember(later=(*matter.memory.later, "proteins"))
            yield Said(matter.wording.say("booking", "picks_later"))
            missing = next_question(matter.profile, matter.memory)
        if missing is not None:
            yield self._question(matter, *missing)
            return
        agreed = before.asked == "confirm" and before.read_back == fingerprint(matter.facts)
        if heard.answer == "yes" and agreed:
            async for step in self._hold(matter):
                yield step
            return
        async for step in self._read_back(matter):
            yield step

    @staticmethod
    def _skip(matter: Matter) -> None:
        """What the customer will tell later is not asked again; that nobody is a child is an answer, too."""
        asked, answer, facts = matter.before.asked, matter.heard.answer, matter.facts
        if asked in CAN_WAIT and answer in ("skip", "unknown", "either", "no"):
            matter.remember(later=tuple(dict.fromkeys((*matter.memory.later, asked))))
        untold = facts.adults is None and facts.people is not None and not matter.heard.fresh.children
        if asked == "children" and answer == "yes" and untold:
            matter.tell(adults=facts.people, people=None, children=0)

    async def _barred(self, matter: Matter) -> Said | None:
        """What stands in the way of any hold: too many guests, too far, too soon. A person decides, and knows what was told."""
        wording, profile, facts = matter.wording, matter.profile, matter.facts
        party, where = facts.party(), facts.where
        fee = matter.found.get("travel_fee")
        if fee is None and where is not None and where.place is not None:
            # Told in an earlier message; how far it is bars a hold as long as it is the place.
            fee = await matter.attempt("travel_fee", place=as_argument(where))
        if fee is not None and fee.data["verdict"] == "decline":
            matter.quiet.add("distance")
            return Said(wording.say("booking", "declined"), "nothing", alone=True)
        miles = Decimal(fee.data["miles"]) if fee is not None else None
        station = station_of(profile, fee.data["station"]) if fee is not None else None
        why = person_decides(profile, guests=party.guests if facts.has_party else None, miles=miles, station=station)
        if why:
            matter.quiet.add("pricing")
            await matter.attempt("call_person", kind="booking", reason=f"Wants to book: {party.guests} guests, {miles or '?'} miles")
            return self._for_a_person(matter, why[0])
        slot = matter.found.get("check_date")
        if slot is not None and slot.data["status"] == "too_soon":
            matter.quiet.add("availability")
            return Said(wording.say("booking", "too_soon"), "person")
        return None

    @staticmethod
    def _for_a_person(matter: Matter, why: str) -> Said:
        """Why a person decides, in the customer's words."""
        wording, guests = matter.wording, matter.facts.party().guests
        fee = matter.found.get("travel_fee")
        if why == "far" and fee is not None:
            return Said(wording.say("booking", "too_far", miles=fee.data["miles"]), "person")
        return Said(wording.say("booking", "too_many", guests=wording.count("people", guests)), "person")

    async def _insists(self, matter: Matter) -> Said | None:
        """ "Book it anyway": the start that was taken is looked at again, and what is free is said."""
        refused = matter.before.refused
        if refused is None or matter.heard.when.dates or matter.heard.when.time or not WISHES & set(matter.heard.topics):
            return None
        wanted = dt.datetime.fromisoformat(refused)
        found = await look(matter, wanted.date(), wanted.time())
        if found is None:
            return None
        if found["status"] == "free":
            matter.tell(dates=(wanted.date(),), time=wanted.time())
            return None
        text = matter.wording.say("booking", "cannot_twice")
        return Said(f"{text} {say_alternatives(matter, found.get('alternatives', ()))}")

    def _question(self, matter: Matter, fact: str, sentence: str) -> Ask:
        facts, wording = matter.facts, matter.wording
        unclear = {item.fact for item in matter.heard.unclear}
        if fact == "guests" and unclear & {"guests", "adults", "children", "people"}:
            sentence = "ask_unclear_guests"
        values: dict[str, str] = {}
        if sentence == "ask_ages":
            values["guests"] = wording.count("people", facts.party().guests)
        if sentence == "too_many_picks":
            values["most"] = f"{matter.profile.menu.picks_per_guest * facts.party().eaters}"
        return Ask(fact, wording.say("booking", sentence, **values))

    async def _read_back(self, matter: Matter) -> AsyncGenerator[Step, None]:
        try:
            priced: Mapping[str, Any] | None = (await matter.call("quote", **order_arguments(matter.facts))).data
        except Impossible as error:
            known = error.reason == "too_many_upgrades"
            sentence, fact = ("too_many_upgrades", "proteins") if known else ("ask_change", "change")
            yield Ask(fact, matter.wording.say("booking", sentence))
            return
        except (ToolError, GatewayError) as error:
            matter.failed("quote", error)
            priced = None
        # What is in it was said before, or is said in it.
        matter.quiet.update({"pricing", "distance"})
        matter.remember(read_back=fingerprint(matter.facts))
        yield Said(read_back(matter, priced))
        yield Ask("confirm", matter.wording.say("booking", "ask_confirm"))

    async def _hold(self, matter: Matter) -> AsyncGenerator[Step, None]:
        facts, wording = matter.facts, matter.wording
        assert facts.time is not None
        when = moment_of(facts.dates[0], facts.time, matter.today, matter.language)
        yield TurnStage(wording.say("booking", "holding", when=when))
        arguments = hold_arguments(facts)
        matter.context = replace(matter.context, agreed=arguments)
        result = await matter.attempt("hold_slot", **arguments)
        if result is None:
            # Nothing was held; what was read back stands, so that a second yes tries again.
            matter.remember(read_back=fingerprint(facts))
            yield Said(wording.say("booking", "not_now"), "nothing")
            yield Ask("confirm", wording.say("booking", "ask_confirm"))
            return
        held = result.data
        if held["status"] == "person":
            matter.remember(booking=False, read_back="")
            yield self._for_a_person(matter, held["why"])
            return
        if held["status"] == "confirmed":
            matter.remember(booking=False, read_back="", refused=None)
            values = {"when": f"{when[:1].upper()}{when[1:]}", "number": f"{held['number']}"}
            yield Said(wording.say("booking", "already", **values), "nothing")
            return
        if held["status"] != "held":
            settle_refused(matter, held)
            matter.remember(refused=f"{held['date']}T{held['time']}", read_back="")
            text = wording.say("booking", "taken_meanwhile", when=when)
            yield Said(f"{text} {say_alternatives(matter, held.get('alternatives', ()))}")
            if (missing := next_question(matter.profile, matter.memory)) is not None:
                yield self._question(matter, *missing)
            return
        matter.remember(booking=False, read_back="", refused=None, held={"number": held["number"], "until": held["until"]})
        until = dt.datetime.fromisoformat(held["until"]).astimezone(matter.profile.business.zone)
        values = {"when": f"{when[:1].upper()}{when[1:]}", "until": _until(matter, until), "number": f"{held['number']}"}
        parts = [wording.say("booking", "held", **values)]
        if held["moved"]:
            parts.append(wording.say("booking", "moved"))
        yield Said(" ".join(parts), "nothing")
        async with aclosing(tell_terms(matter)) as steps:
            async for step in steps:
                yield step

    async def _release(self, matter: Matter) -> Said:
        wording = matter.wording
        matter.remember(booking=False, read_back="", held=None)
        if matter.before.held is None and matter.wish is None:
            return Said(wording.say("booking", "stopped"), "nothing")
        result = await matter.attempt("release_hold")
        if result is None:
            matter.remember(held=matter.before.held)
            return Said(wording.say("booking", "not_now"), "nothing")
        return Said(wording.say("booking", "released" if result.data["released"] else "nothing_held"), "nothing")


def _until(matter: Matter, until: dt.datetime) -> str:
    name = {0: "today", 1: "tomorrow"}.get((until.date() - matter.today).days)
    if name is None:
        return moment_of(until.date(), until.time(), matter.today, matter.language)
    return matter.wording.say("when", name, time=exact(until.time()))
