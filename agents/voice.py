"""Puts what the agents said into one reply: at most so many paragraphs, the gravest alone, one next step at the end. Deterministic."""

import re
from dataclasses import dataclass, replace

from agents.agent import Ask, Said
from agents.conversational.agent import alone
from agents.events import Source
from agents.matter import Matter
from agents.router.rules import TROUBLE
from business.channels.segments import plain, segments

PARAGRAPHS = 4
_BLANK = re.compile(r"\n{2,}")
# What is answered with who answers, or to whom it is no matter.
TELLS_WHO = frozenset({"who", "person", "wrong_number", "no_texts"})
# In which order a reply says what its agents found.
ORDER = ("complaint", "conversational", "pricing", "distance", "menu", "availability", "payment", "booking")


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply as the house words it. `question`: how it ends, for a model that words it otherwise. `sources`: of its paragraphs.

    `unsure`: nobody had anything to say, which is what it says. `begins`: what goes before it, whoever words it.
    """

    text: str
    question: str
    sources: tuple[Source, ...] = ()
    unsure: bool = False
    begins: str = ""


def compose(matter: Matter, said: dict[str, list[Said]], ask: Ask | None) -> Reply:
    """Markdown; at most one emoji, since only the greeting, thanks and good-bye carry one and stand alone. Remembers what was asked."""
    paragraphs = _chosen(matter, said)
    greets = "greeting" in matter.heard.topics and not (paragraphs and paragraphs[0].alone)
    if not paragraphs and ask is None:
        paragraphs = [alone(matter)]
    else:
        matter.remember(unsure=0)
        if greets and paragraphs and not matter.before.asked and not _opening(matter, ""):
            paragraphs[0] = replace(paragraphs[0], text=f"{matter.wording.say('topics', 'hello')} {paragraphs[0].text}")
    texts = list(dict.fromkeys(item.text for item in paragraphs[:PARAGRAPHS]))
    sources = tuple(dict.fromkeys(source for item in paragraphs[:PARAGRAPHS] for source in item.sources))
    question = _question(matter, paragraphs, ask)
    if matter.memory.booking and not matter.before.booking and not texts:
        texts = [matter.wording.say("booking", "gladly")]
    begins = _opening(matter, question)
    # "December 33 is not in the calendar. Which date did you mean?" asks for the date.
    asked = ask is not None and ask.fact == "date" and bool(texts) and texts[-1].endswith("?")
    whole = "\n\n".join([*texts, question] if question and not asked else texts)
    if matter.request.channel == "sms":
        whole = _texted(whole, begins)
    return Reply(whole, question, sources, unsure=matter.memory.unsure > 0, begins=begins)


def _texted(whole: str, begins: str) -> str:
    """As a phone shows it: no blank lines, an emoji only where it costs nothing."""
    dense = plain(_BLANK.sub("\n", whole))
    return dense if segments(f"{begins}{dense}") == 1 else plain(dense, emoji=False)


def _opening(matter: Matter, question: str) -> str:
    """How the first text of the assistant begins: a chat says beside it who answers there, a phone does not. Empty where it was told
    before, where the reply says it itself, and where a person is called."""
    told = matter.before.introduced or matter.hands_over or TROUBLE in matter.routed or bool(TELLS_WHO & set(matter.heard.topics))
    if matter.request.channel != "sms" or told:
        return ""
    how = matter.wording.say("person", "sms")
    says = "sms_opening" if how in question else "sms_opening_person"
    return f"{plain(matter.wording.say('person', says, how_to_person=how))}\n"


def _chosen(matter: Matter, said: dict[str, list[Said]]) -> list[Said]:
    topics = matter.heard.topics
    everything = [item for key in ORDER for item in said.get(key, ()) if key not in matter.quiet]
    # What was found comes first; then what was asked, in its order. The sort is stable.
    everything.sort(key=lambda item: topics.index(item.topic) if item.topic in topics else -1)
    grave = [item for item in everything if item.alone]
    return grave[:1] or everything


def _question(matter: Matter, said: list[Said], ask: Ask | None) -> str:
    """What the reply ends with: the gravest paragraph's next step, else the question that an agent asks, else the usual next step."""
    wanted = [item.then for item in said]
    grave = bool(said and said[0].alone)
    if ask is not None and not grave:
        matter.remember(asked=ask.fact)
        if "allergy" in wanted:
            return f"{_step(matter, 'allergy_inline')} {ask.text}"
        return ask.text
    for name in ("person", "allergy", "nothing"):
        if name in wanted:
            break
    else:
        name = next((item for item in reversed(wanted) if item), None) or _usual(matter)
    matter.remember(asked={"ask_party": "guests", "ask_place": "place", "ask_date": "date"}.get(name))
    # A text ends where nothing is to be done next: nobody pays for "Anything else?".
    over = name == "nothing" or (name == "anything" and matter.request.channel == "sms")
    return "" if over else _step(matter, name)


def _step(matter: Matter, name: str) -> str:
    values = {
        "how_to_person": matter.wording.say("person", matter.request.channel),
        "how_to_person_inline": matter.wording.say("person", f"{matter.request.channel}_inline"),
    }
    return matter.wording.say("next", name, **values)


def _usual(matter: Matter) -> str:
    facts = matter.facts
    if matter.memory.held is not None:
        return "anything"
    if not facts.has_party:
        return "ask_party"
    return "ask_place" if facts.where is None else "ask_date" if not facts.dates else "anything"
