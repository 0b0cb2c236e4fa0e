"""The way: miles and travel fee by the profile's rule; an estimate and an exact fee are told apart; no promise of driving time."""

from collections.abc import AsyncGenerator
from decimal import Decimal

from agents.agent import Agent, Said, Step
from agents.distance.tools import TravelFee
from agents.distance.ways import Ways
from agents.matter import Matter
from agents.tools.results import ToolError
from agents.understanding.facts import Where
from business.profile.figures import money


class DistanceAgent(Agent):
    key = "distance"
    short = True
    in_general = "travel"
    topics = frozenset({"travel", "place"})

    def __init__(self, ways: Ways) -> None:
        self.tools = (TravelFee(ways),)

    def claims(self, matter: Matter) -> bool:
        return super().claims(matter) or matter.heard.fresh.where is not None

    async def work(self, matter: Matter) -> AsyncGenerator[Step, None]:
        where, heard = matter.facts.where, matter.heard
        wanted = heard.fresh.where is not None or "travel" in heard.topics
        if where is not None and wanted:
            said = await self._fee(matter, where)
            if said is not None:
                yield said
        elif "travel" in heard.topics:
            yield Said(matter.wording.say("topics", "travel"), topic="travel")
        if "place" in heard.topics:
            yield Said(matter.wording.say("topics", "place"), topic="place")

    async def _fee(self, matter: Matter, where: Where) -> Said | None:
        wording = matter.wording
        if where.unknown:
            return Said(wording.say("travel", "unknown_zip", zip=where.said), "ask_place")
        try:
            fee = (await matter.call("travel_fee", place=as_argument(where))).data
        except ToolError:
            # A street without a town: the way is not known yet, and whoever books asks for the rest.
            return Said(wording.say("travel", "which_town"), "ask_place") if not matter.memory.booking else None
        place, miles = place_name(where), said_miles(fee["miles"])
        if fee["cents"] is None:
            return Said(wording.say("travel", "decline", place_or_miles=place or f"{miles} mi"), "anything")
        name = fee["precision"] if fee["cents"] else f"{fee['precision']}_free"
        text = wording.say("travel", name, place=place, miles=miles, amount=money(fee["cents"]))
        if fee["verdict"] == "confirm":
            await matter.attempt("call_person", kind="booking", reason=f"The party is {miles} miles away", urgency="normal")
            return Said(f"{text} {wording.say('travel', 'confirm')}", "person")
        return Said(text)


def as_argument(where: Where) -> str:
    """The place as the tool takes it."""
    if where.miles is not None:
        return f"{where.miles} miles"
    if where.address is not None:
        return where.address if where.said in where.address else f"{where.address}, {where.said}"
    if where.place is not None and not where.said.isdecimal():
        return f"{where.place.name}, {where.place.state}"
    return where.said


def place_name(where: Where) -> str:
    """`San Jose, CA 95112`, `San Jose, CA`, the address, or nothing for bare miles."""
    if where.address is not None:
        return as_argument(where)
    if where.place is None:
        return ""
    name = f"{where.place.name}, {where.place.state}"
    return f"{name} {where.said}" if where.said.isdecimal() else name


def said_miles(miles: str) -> str:
    """`30.1`, `45`."""
    return f"{Decimal(miles).normalize():f}"
