"""Dates and times: the database is asked, never memory. A slot that is taken comes with what is free near it."""

import datetime as dt
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from agents.agent import Agent, Ask, Said, Step
from agents.availability.tools import CheckDate
from agents.distance.agent import as_argument
from agents.distance.ways import Ways
from agents.events import TurnStage
from agents.matter import Matter
from business.profile.figures import listed
from business.profile.spoken import exact, moment_of, weekday_of, whole_day

# What is asked in general, whatever month or weekday is named with it.
GENERAL = frozenset("indoor weather tip cancel reschedule hours bring space permits insurance drinks headcount".split())


class AvailabilityAgent(Agent):
    key = "availability"
    short = True
    in_general = "slots"
    topics = frozenset({"slots", "availability"})
    needs = ("distance",)

    def __init__(self, ways: Ways) -> None:
        self.tools = (CheckDate(ways),)

    def claims(self, matter: Matter) -> bool:
        when, topics = matter.heard.when, set(matter.heard.topics)
        if matter.wish is not None:
            return False
        wrong = any(when.problem(kind) for kind in ("invalid", "past", "contradiction"))
        if when.dates or wrong or (when.time and matter.facts.dates) or "availability" in topics:
            return True
        # "It's December, can you cook indoors?" asks for no date.
        return "slots" in topics and not topics & GENERAL

    async def work(self, matter: Matter) -> AsyncGenerator[Step, None]:
        for said in problems(matter):
            yield said
        facts = matter.facts
        fresh = matter.heard.when
        asked_now = bool(fresh.dates) or (fresh.time is not None and facts.dates) or bool(self.topics & set(matter.heard.topics))
        if not facts.dates or not asked_now:
            if not fresh.problems and "booking" not in matter.routed:
                yield Said(matter.wording.say("topics", "slots"), "ask_date", topic="slots")
            return
        if len(facts.dates) > 1:
            async for step in self._choice(matter):
                yield step
            return
        async for step in check(matter, facts.dates[0], facts.time):
            yield step

    async def _choice(self, matter: Matter) -> AsyncGenerator[Step, None]:
        """Several dates were named: the first that is free is taken, and said so; what is taken is said first."""
        for day in matter.facts.dates:
            found = await look(matter, day, matter.facts.time)
            if found is None:
                yield Said(matter.wording.say("availability", "unseen"), "person")
                return
            yield Said(say_found(matter, found))
            if found["status"] == "free" or (found["status"] == "open" and free_times(found)):
                matter.tell(dates=(day,))
                return


async def check(matter: Matter, day: dt.date, at: dt.time | None) -> AsyncGenerator[Step, None]:
    """Ask for one day, or one start, and say what was found. What cannot be had is forgotten, so that the customer is asked again."""
    wording = matter.wording
    when = moment_of(day, at, matter.today, matter.language) if at else whole_day(day, matter.today, matter.language)
    yield TurnStage(wording.say("availability", "checking", when=when))
    found = await look(matter, day, at)
    if found is None:
        yield Said(wording.say("availability", "unseen"), "person")
        return
    text = say_found(matter, found)
    asks = "booking" not in matter.routed  # who asks the next question itself
    if found["status"] == "too_soon":
        await matter.attempt("call_person", kind="booking", reason=f"Wants {when}: less notice than we ask for", urgency="high")
        yield Said(text, "person")
        return
    yield Said(text)
    if found["status"] not in ("free", "open"):
        if found["status"] == "taken" and at is not None:
            matter.remember(refused=f"{day.isoformat()}T{at:%H:%M}")
        settle_refused(matter, found)
    elif found["status"] == "free" and asks:
        yield Ask("book", wording.say("availability", "hold_it", when=when))
    elif found["status"] == "open" and asks:
        yield Ask("time", wording.say("availability", "which_time"))


def settle_refused(matter: Matter, found: Mapping[str, Any]) -> None:
    """Forget what cannot be had: the time where the day has others, else the day."""
    same_day = free_times(found) or any(slot["date"] == found["date"] for slot in found.get("alternatives", ()))
    if found["status"] == "not_a_slot" or (found["status"] == "taken" and same_day):
        matter.tell(time=None)
    else:
        matter.tell(dates=())


async def look(matter: Matter, day: dt.date, at: dt.time | None) -> Mapping[str, Any] | None:
    """What the calendar says; None where it cannot be asked just now."""
    facts = matter.facts
    where = facts.where
    arguments: dict[str, Any] = {"date": day.isoformat(), "time": at.strftime("%H:%M") if at else None}
    if facts.has_party:
        arguments["guests"] = facts.party().guests
    if where is not None and not where.unknown and where.place is not None:
        arguments["place"] = as_argument(where)
    result = await matter.attempt("check_date", **arguments)
    return result.data if result is not None else None


def say_found(matter: Matter, found: Mapping[str, Any]) -> str:
    """In words: free, what is free that day, or why not and what is free near it."""
    wording, language = matter.wording, matter.language
    day = dt.date.fromisoformat(found["date"])
    at = dt.time.fromisoformat(found["time"]) if found.get("time") else None
    when = moment_of(day, at, matter.today, language) if at else whole_day(day, matter.today, language)
    if language == "es" and at is not None:
        when = f"el {when}"
    values = {"when": _capital(when), "day": _capital(whole_day(day, matter.today, language))}
    match found["status"]:
        case "free":
            return wording.say("availability", "free", **values)
        case "open":
            times = listed([exact(time) for time in free_times(found)], language)
            return wording.say("availability", "free_day", times=times, **values)
        case "not_a_slot":
            return wording.say("availability", "not_a_slot")
        case "too_soon" | "too_far_ahead" | "past" as status:
            return wording.say("availability", status, **values)
    text = wording.say("availability", "taken" if at else "taken_day", **values)
    return f"{text} {say_alternatives(matter, found.get('alternatives', ()))}"


def say_alternatives(matter: Matter, alternatives: Any) -> str:
    """ "What is free: ...", or that nothing near is."""
    if not alternatives:
        return matter.wording.say("availability", "no_alternatives")
    slots = [
        moment_of(dt.date.fromisoformat(slot["date"]), dt.time.fromisoformat(slot["time"]), matter.today, matter.language)
        for slot in alternatives
    ]
    return matter.wording.say("availability", "alternatives", slots=listed(slots, matter.language))


def free_times(found: Mapping[str, Any]) -> list[dt.time]:
    """The starts of the day that are free."""
    return [dt.time.fromisoformat(slot["time"]) for slot in found.get("slots", ()) if slot["status"] == "free"]


def problems(matter: Matter) -> list[Said]:
    """What is not right with a date that was told."""
    wording, language, said = matter.wording, matter.language, []
    for problem in matter.heard.when.problems:
        match problem.kind:
            case "invalid":
                said.append(Said(wording.say("availability", "invalid", said=_capital(problem.said)), "nothing"))
            case "past" if problem.day is not None:
                day = whole_day(problem.day, matter.today, language)
                said.append(Said(wording.say("availability", "past", when=_capital(day)), "nothing"))
            case "contradiction" if problem.day is not None:
                day = _capital(whole_day(problem.day, matter.today, language).split(", ", 1)[-1])
                weekday = weekday_of(problem.day, language)
                said.append(Said(wording.say("availability", "contradiction", day=day, weekday=weekday), "nothing"))
            case _:
                continue
    return said


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
