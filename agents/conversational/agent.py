"""Everything general: how it works, what is included, who answers. Only from what the business has written; what is not known is said."""

from collections.abc import AsyncGenerator

from agents.agent import Agent, Said, Step
from agents.house.people import team_line
from agents.likeness import stems
from agents.matter import Matter
from business.bookings.rules import duration_minutes

# Said only where there is nothing else to say, the first of them that was heard.
ALONE = ("unkind", "greeting", "help", "small_talk", "thanks", "bye", "okay")
COURTESIES = frozenset({"greeting", "thanks", "okay"})
# A person decides: named in the profile too, so that another business may decide otherwise.
ASKS_A_PERSON = frozenset({"insurance", "permits", "loyalty", "who"})
TOPICS = frozenset(
    "hours bring space cancel reschedule weather indoor permits insurance corporate discount multi_chef duration headcount drinks "
    "loyalty who tip how_booking wrong_number my_number no_texts file".split()
)
# What is answered of a booking, where something is wanted of it, and not in general.
OF_A_BOOKING = frozenset({"cancel", "reschedule", "weather", "headcount", "how_booking"})
# So many turns in a row that nobody understood, and a person is offered.
UNSURE = 2


class ConversationalAgent(Agent):
    key = "conversational"
    stakes = "low"
    topics = TOPICS | frozenset({"person", *ALONE})

    def claims(self, matter: Matter) -> bool:
        if self._general(matter) or "person" in matter.heard.topics:
            return True
        if matter.wish is not None:
            return False
        topics, heard = set(matter.heard.topics), matter.heard
        # A greeting or thanks, with nothing else in it; an "ok" may be an answer to what was asked.
        alone = topics and topics <= set(ALONE) and not (heard.tells or heard.when.dates or heard.dishes)
        return bool(alone) and not (topics == {"okay"} and matter.before.asked)

    @staticmethod
    def _general(matter: Matter) -> list[str]:
        """ "Is it cheaper in cash?" is about paying: the price is the same. Of a booking that stands, whoever has it answers."""
        topics = matter.heard.topics
        taken = OF_A_BOOKING if matter.wish is not None else frozenset[str]()
        if matter.wish is not None and matter.wish.kind == "accept":
            taken |= {"discount"}  # "Deal!"
        return [topic for topic in topics if topic in TOPICS - taken and not (topic == "discount" and "pay" in topics)]

    async def work(self, matter: Matter) -> AsyncGenerator[Step, None]:
        wording = matter.wording
        if "person" in matter.heard.topics:
            await matter.attempt("call_person", kind="human", reason="Asked for a person", asked_for=True)
            handed = "call_person" in matter.found and matter.found["call_person"].data.get("hands_over", False)
            matter.hands_over = matter.hands_over or handed
            text = wording.say("topics", "person")
            yield Said(text if matter.hands_over else f"{text} {team_line(matter)}", "nothing" if matter.hands_over else "person")
        for topic in self._general(matter):
            async for said in self._topic(matter, topic):
                yield said

    async def _topic(self, matter: Matter, topic: str) -> AsyncGenerator[Said, None]:
        wording = matter.wording
        if topic == "hours":
            yield Said(f"{wording.say('topics', 'hours')} {team_line(matter)}", topic=topic)
            return
        if topic == "duration" and matter.facts.has_party:
            guests = matter.facts.party().guests
            minutes = f"{duration_minutes(matter.profile, guests)}"
            yield Said(wording.say("topics", "duration_known", guests=wording.count("people", guests), minutes=minutes), topic=topic)
            return
        if topic == "how_booking":
            yield Said(wording.say("topics", "book"), topic=topic)
            return
        if topic == "file":
            await matter.attempt("call_person", kind="human", reason="Sent a file without a word", urgency="low")
        if topic in ("file", "wrong_number", "my_number", "no_texts"):
            yield Said(wording.say("topics", topic), "nothing", alone=topic == "no_texts", topic=topic)
            return
        decided = topic in matter.profile.booking.person_decides
        if decided:
            kind = "booking" if topic == "multi_chef" else "human"
            await matter.attempt("call_person", kind=kind, reason=f"Asked about: {topic}", urgency="normal")
        yield Said(wording.say("topics", topic), "person" if decided or topic in ASKS_A_PERSON else None, topic=topic)


def _asks(matter: Matter) -> bool:
    """Whether something was asked beside a courtesy that the business has written nothing of: "Ok, do you cook in parks?" is not answered
    with "Great!"."""
    if matter.known is None or set(matter.heard.topics) - COURTESIES:
        return False
    return any(one.answer is None and len(stems(one.text)) > 1 for one in matter.known.questions)


def told_contact(matter: Matter) -> bool:
    """Whether the message tells who writes, or how to reach them."""
    fresh = matter.heard.fresh
    return bool(fresh.name or fresh.phone or fresh.email)


def alone(matter: Matter) -> Said:
    """What is said where no agent had anything to say."""
    wording = matter.wording
    asks = _asks(matter)
    for topic in ALONE:
        if topic in matter.heard.topics and not (asks and topic in COURTESIES):
            again = topic == "greeting" and matter.request.memory_seq > 0
            then = {"bye": "nothing", "thanks": "anything", "unkind": "person"}.get(topic)
            matter.remember(unsure=0)
            return Said(wording.say("topics", "hello_again"), "nothing") if again else Said(wording.say("topics", topic), then)
    if matter.heard.answer == "yes" and not asks:
        return Said(wording.say("topics", "okay"))
    if matter.heard.answer == "no" and not asks:
        return Said(wording.say("topics", "all_right"), "nothing")
    if told_contact(matter):
        return Said(wording.say("topics", "contact_noted"))
    unsure = matter.before.unsure + 1
    matter.remember(unsure=unsure)
    name = "unknown_again" if unsure >= UNSURE else "unknown"
    return Said(wording.say("topics", name), "person")
