"""Reads one message: what it asks about, what it tells, how it answers what we asked. Pure: text, facts and `now` in, values out."""

import re
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Literal

from agents.understanding.asides import clauses, days_over, meant, supposed
from agents.understanding.contacts import ContactReader, Contacts
from agents.understanding.facts import Facts, merge
from agents.understanding.health import read_needs
from agents.understanding.lexing import lex
from agents.understanding.listening import Ear, Mentions, Named, words_of
from agents.understanding.party import ReadParty, read_party
from agents.understanding.picks import read_picks
from agents.understanding.places import Addresses, Found, read_where
from agents.understanding.replies import Answer, Replies
from agents.understanding.scheduling import WhenReader
from agents.understanding.signals import Payment, Severity, Signals
from agents.understanding.spelling import Spelling
from agents.understanding.text import fold, language, with_digits
from agents.understanding.when import When
from business.profile.schemas import Profile

__all__ = ["ABOUT_GUESTS", "Answer", "Asked", "Heard", "Payment", "Reader", "Severity", "Unclear"]

# Which fact our last message asked for.
Asked = Literal[
    "guests", "adults", "children", "date", "time", "place", "address", "proteins", "allergies", "name", "phone", "email", "confirm"
]  # fmt: skip
# With one of these in the same message, a number of guests is no wish for a price.
ABOUT_GUESTS = frozenset("duration space headcount minimum multi_chef drinks bring corporate discount indoor person".split())
# With small talk and nothing else a day is no wish.
CHAT = frozenset("small_talk slots greeting okay thanks".split())
# A longer text is read up to here: the rules look at every stretch of it.
READ = 2_000
_MONEY = re.compile(
    r"\$\s?\d[\d,.]*|\b\d[\d,.]*\s?(?:dollars|bucks|usd|dolares|pesos|percent|por ciento|%)|\b\d{1,4}(?:\.\d+)?\s*(?:miles?"
    r"|mi|millas?)\b|\b\d{5}\b"
)
# "Can you do 10% off?", "$50 off": a wish for less, whatever way to pay is offered for it.
_MONEY_OFF = re.compile(r"(?:\$\s?\d[\d,.]*|\b\d[\d,.]*\s?(?:%|percent|dollars|bucks|usd))\s+off\b")
_LOOSE_SIGNS = re.compile(r"[\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class Unclear:
    """Something told in a way that cannot be taken as it stands.

    `range`: "10-12 adults", nothing was taken. `at_least` ("25+") and `about` ("around 20"): the number was taken, and may be asked about.
    `ages`: children on both sides of a border of ages. `not_valid`: a phone or an e-mail address that cannot be one.
    """

    fact: str
    said: str
    kind: Literal["range", "at_least", "about", "ages", "not_valid"]


@dataclass(frozen=True, slots=True)
class Heard:
    """One message, read. `topics` in the order of the text, each once. `fresh`: told by this text; `facts`: by all so far.

    `tells`: guests, place or picks were told for a price's sake. `changed`: facts that were known before and are others now.
    `marks`: signs of an attempt to give us instructions, to be recorded only.

    `untroubled`: what may sound like trouble is none: something is praised, or only supposed. `beyond`: it asks for what no profile holds,
    a recipe or calories.
    """

    language: str
    topics: tuple[str, ...] = ()
    dishes: tuple[str, ...] = ()
    allergens: tuple[str, ...] = ()
    diets: tuple[str, ...] = ()
    ask_a_person: tuple[str, ...] = ()
    fresh: Facts = field(default_factory=Facts)
    facts: Facts = field(default_factory=Facts)
    tells: bool = False
    when: When = field(default_factory=When)
    answer: Answer | None = None
    unclear: tuple[Unclear, ...] = ()
    changed: tuple[str, ...] = ()
    severity: Severity | None = None
    payment: Payment | None = None
    marks: tuple[str, ...] = ()
    untroubled: bool = False
    beyond: bool = False


class Reader:
    """Reads messages. Compiled once; holds nothing of any conversation."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._ear = Ear(profile)
        self._spelling = Spelling(self._ear.words)
        self._contacts = ContactReader(self._means_something)
        self._addresses = Addresses(profile, self._means_something)
        self._when = WhenReader(profile)
        self._signals = Signals(profile)
        self._replies = Replies()

    def read(self, text: str, *, facts: Facts, asked: Asked | None = None, now: datetime, locale: str = "en") -> Heard:
        """`facts`: known before. `asked`: what our last message asked for. `now`: aware. `locale`: where the text shows no language."""
        text = _LOOSE_SIGNS.sub("", text[:READ])
        spoken = language([text], locale)
        contacts = self._contacts.read(text, asked)
        address = self._addresses.find(contacts.rest, asked)
        rest = contacts.rest if address is None else f"{contacts.rest[: address.start]} ~ {contacts.rest[address.end :]}"
        folded = with_digits(self._spelling.correct(fold(rest)), spanish=spoken == "es")
        words = words_of(folded)
        named = self._ear.listen(folded, words)
        severity = self._signals.severity(folded, words, dishes=bool(named.dishes))
        trouble = clauses(folded, self._tells_of_trouble) if severity is not None else []
        beyond = self._signals.beyond(folded, words)
        over = days_over(folded, trouble) if asked is None else []
        beside = [*trouble, *(clauses(folded, self._asks_beyond) if beyond else ())]
        named = meant(folded, named, over=over, beside=beside)
        topics = keys(named.topics)
        if _MONEY_OFF.search(folded):
            topics = ("discount", *(topic for topic in topics if topic not in ("discount", "pay")))
        read_when = self._when.read(_hidden(folded, [*_money(folded), *over]), now=now, asked=asked, spanish=spoken == "es", known=facts)
        answer = self._replies.answer(folded)
        payment = self._signals.payment(folded, words)
        when = _looking_back(read_when.when) if severity is not None or payment is not None else read_when.when
        if asked is None and "small_talk" in topics and set(topics) <= CHAT:
            # "Who wins the game on Sunday?"
            when, topics = When(), tuple(topic for topic in topics if topic != "slots")
        party = self._party(folded, read_when.spans, named.dishes, facts, asked)
        told_now = self._facts(folded, party, named, facts, contacts, address, when, read_when.spans, asked, answer)
        fresh = replace(told_now, preferred_contact=self._signals.preferred_contact(folded, words))
        after = merge(facts, fresh, self._profile)
        told = fresh.has_party or fresh.has_picks or fresh.where is not None
        return Heard(
            language=spoken,
            topics=topics,
            dishes=keys(named.dishes),
            allergens=keys(named.allergens),
            diets=keys(named.diets),
            ask_a_person=keys(named.ask_a_person),
            fresh=fresh,
            facts=after,
            tells=told and not ABOUT_GUESTS & set(topics),
            when=when,
            answer=answer,
            unclear=_unclear(party, contacts),
            changed=tuple(name for name in _NAMES if _differs(getattr(facts, name), getattr(after, name))),
            severity=severity,
            payment=payment,
            marks=self._signals.marks(folded, words),
            untroubled=severity is None and (supposed(folded.rstrip(" .!?")) or self._signals.praises(folded, words)),
            beyond=beyond,
        )

    def _tells_of_trouble(self, clause: str) -> bool:
        return self._signals.severity(clause, words_of(clause), dishes=True) is not None

    def _asks_beyond(self, clause: str) -> bool:
        return self._signals.beyond(clause, words_of(clause))

    def beyond(self, text: str) -> bool:
        """Whether a text speaks of what no profile holds."""
        return self._asks_beyond(fold(text))

    def _party(self, folded: str, spans: tuple[tuple[int, int], ...], dishes: list[Named], facts: Facts, asked: str | None) -> ReadParty:
        """Guests in what dates, money and dishes have left over."""
        used = [*spans, *_money(folded), *_dish_counts(folded, dishes)]
        return read_party(self._profile, _hidden(folded, used), facts, asked)

    def _facts(
        self,
        folded: str,
        party: ReadParty,
        named: Mentions,
        before: Facts,
        contacts: Contacts,
        address: Found | None,
        when: When,
        spans: tuple[tuple[int, int], ...],
        asked: str | None,
        answer: Answer | None,
    ) -> Facts:
        told = party.facts
        whole = merge(before, told)
        eaters = whole.party().eaters if whole.has_party else None
        picks = read_picks(self._profile, folded, named.dishes, before, eaters, asked)
        none = self._replies.no_allergies(folded, answer, asked)
        needs = read_needs(self._profile, folded, named, asked, none=none)
        return replace(
            picks,
            adults=told.adults,
            children=told.children,
            under_six=told.under_six,
            people=told.people,
            where=address.where if address is not None else read_where(self._profile, _hidden(folded, spans), asked),
            dates=when.dates,
            time=when.time,
            daypart=when.daypart,
            diets=needs.diets,
            diet_counts=dict(needs.diet_counts),
            allergens=needs.allergens,
            no_allergens=none and not needs.allergens,
            name=contacts.name,
            phone=contacts.phone,
            email=contacts.email,
        )

    def _means_something(self, word: str) -> bool:
        """Whether a folded word is one of the menu, of a topic, of dates or counts."""
        ear = self._ear
        if set(lex(word)[1]) - set("xT.,"):
            return True
        return any(phrases.find(word) for phrases in (ear.topics, ear.dishes, ear.allergens, ear.diets))


_NAMES = tuple(item.name for item in fields(Facts))


def _differs(before: object, after: object) -> bool:
    """Whether something that was known is something else now."""
    return before not in (None, (), {}, False) and before != after


def _looking_back(when: When) -> When:
    """Of what was: a day that is over is the day of the party, or of the payment, and no wish."""
    return replace(when, problems=tuple(problem for problem in when.problems if problem.kind != "past"))


def _unclear(party: ReadParty, contacts: Contacts) -> tuple[Unclear, ...]:
    guests = [Unclear(fact, said, kind) for fact, said, kind in party.unclear]
    return (*guests, *(Unclear(fact, said, "not_valid") for fact, said in contacts.wrong))


def _money(folded: str) -> list[tuple[int, int]]:
    return [match.span() for match in _MONEY.finditer(folded)]


_COUNT_BEFORE = re.compile(
    r"(?<![\d$.,/])\d{1,3}\s+(?:x\s+|more\s+|of\s+(?:the\s+)?|orders?\s+of\s+|ordenes?\s+de\s+|de\s+)?(?:extra\s+)?(?:premium\s+)?$"
)
_COUNT_AFTER = re.compile(
    r"^\s*(?:x|for|para|:|=|-)?\s*(?:all\s+)?\d{1,3}(?!\s*(?:adults?|kids?|people|guests?|children|adultos|ninos|personas))\b"
)


def _dish_counts(folded: str, dishes: list[Named]) -> list[tuple[int, int]]:
    """The stretches of dishes with their counts, which are no guests: "6 chicken", "gyoza for 6"."""
    found: list[tuple[int, int]] = []
    for dish in dishes:
        before, after = _COUNT_BEFORE.search(folded[: dish.start]), _COUNT_AFTER.match(folded[dish.end :])
        if before is not None:
            found.append((before.start(), dish.end))
        elif after is not None:
            found.append((dish.start, dish.end + after.end()))
    return found


def _hidden(text: str, spans: list[tuple[int, int]] | tuple[tuple[int, int], ...]) -> str:
    """The text with these stretches as ~, every place staying where it is."""
    for start, end in spans:
        text = f"{text[:start]}{'~' * (end - start)}{text[end:]}"
    return text


def keys(named: list[Named]) -> tuple[str, ...]:
    """The keys of what was found, in the order of the text, each once."""
    return tuple(dict.fromkeys(item.key for item in named if item.key))
