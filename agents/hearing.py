"""What waits to be answered, read with what is remembered: one `Heard` for however many messages came."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar, cast, get_args

from agents.memory import Memory
from agents.turn import TurnRequest, Utterance
from agents.understanding.facts import Facts, merge
from agents.understanding.reading import Asked, Heard, Reader
from agents.understanding.when import When
from business.channels.keywords import refuses
from business.conversations.said import WORDLESS
from business.profile.schemas import Profile

T = TypeVar("T")
# How the kinds of a message's files stand under its words (business/conversations/said.py).
_KINDS = re.compile(r"\n\[[a-z]+/[a-z0-9.+-]+(?: [a-z]+/[a-z0-9.+-]+)*\]\Z")
_SEVERITIES = ("minor", "moderate", "severe")


def waiting(request: TurnRequest) -> tuple[Utterance, ...]:
    """The customer's messages that no finished reply has covered; at least the last one."""
    said = [one for one in request.history if one.author == "customer"]
    fresh = [one for one in said if one.seq > request.memory_seq]
    return tuple(fresh or said[-1:])


def remembered(request: TurnRequest) -> Memory:
    """What is known when the turn begins. What a colleague asked is not known here: then an answer stands for itself, and is none to what
    the assistant had asked before."""
    memory = Memory.from_json(request.memory)
    return replace(memory, asked=None) if _asked_by_a_colleague(request, waiting(request)) else memory


def hear(reader: Reader, profile: Profile, request: TurnRequest, memory: Memory) -> tuple[Heard, str]:
    """(what was heard, its words). `memory`: as `remembered` gives it."""
    texts, asked = waiting(request), memory.asked
    question = cast(Asked, asked) if asked in get_args(Asked) else None
    locale = memory.language or request.locale
    heard: Heard | None = None
    for one in texts:
        facts = heard.facts if heard is not None else memory.facts
        # Only the first answers what we asked; what comes after it goes on from there.
        words = _KINDS.sub("", one.text)
        if words == WORDLESS:  # it tells nothing, nor answers what we asked
            read = Heard(locale, topics=("file",), facts=facts)
        else:
            read = reader.read(words, facts=facts, asked=question if heard is None else None, now=request.now, locale=locale)
            if request.channel == "sms" and refuses(words) and "wrong_number" not in read.topics:
                read = replace(read, topics=("no_texts",))
            if words != one.text and read.topics == () and read.answer is None and read.fresh == Facts() and not read.dishes:
                read = replace(read, topics=("file",))
        heard = read if heard is None else _joined(heard, read, profile)
        locale = heard.language
    return heard if heard is not None else Heard(locale, facts=memory.facts), "\n".join(one.text for one in texts)


def _asked_by_a_colleague(request: TurnRequest, texts: Sequence[Utterance]) -> bool:
    first = texts[0].seq if texts else 0
    before = [one for one in request.history if one.author in ("ai", "human") and one.seq < first]
    return bool(before) and before[-1].author == "human"


def _joined(first: Heard, then: Heard, profile: Profile) -> Heard:
    """Two messages as one: the newer word counts where they differ."""
    severities = [severity for severity in (first.severity, then.severity) if severity is not None]
    return Heard(
        language=then.language,
        topics=_once((*first.topics, *then.topics)),
        dishes=_once((*first.dishes, *then.dishes)),
        allergens=_once((*first.allergens, *then.allergens)),
        diets=_once((*first.diets, *then.diets)),
        ask_a_person=_once((*first.ask_a_person, *then.ask_a_person)),
        fresh=merge(first.fresh, then.fresh, profile),
        facts=then.facts,
        tells=first.tells or then.tells,
        when=then.when if then.when != When() else first.when,
        answer=then.answer or first.answer,
        unclear=(*first.unclear, *then.unclear),
        changed=_once((*first.changed, *then.changed)),
        severity=max(severities, key=_SEVERITIES.index) if severities else None,
        payment=then.payment or first.payment,
        marks=_once((*first.marks, *then.marks)),
        untroubled=first.untroubled or then.untroubled,
        beyond=first.beyond or then.beyond,
    )


def _once(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))
