"""What a message only speaks of: a booking that is not wished yet, trouble that nobody has, a day that is over. Pure; folded text in."""

import re
from collections.abc import Callable, Sequence

from agents.understanding.listening import Mentions, Named

Span = tuple[int, int]

# "Before I book", "once it's booked", "una vez que tenga la reserva": nothing is to be booked by that.
_NOT_YET = re.compile(
    r"\b(?:before|after|once|prior to|until)\s+"
    r"(?:(?:i|we|you|they|he|she|it|its|im|ive|weve|(?:i|we|you|they|it)'(?:m|ve|re|s)|is|are|has|have|been|actually|even|commit|committing|to"
    r"|make|making|the|my|our|a)\s+){0,5}(?:book\w*|reserv\w*)"
    r"|\b(?:antes de|despues de|una vez|hasta)\s+"
    r"(?:(?:que|la|lo|mi|nuestra|una|yo|ya|tenga|tengamos|tener|haga|hagamos|hacer|haya|hayamos|haber|hecha|este|esta)\s+){0,5}"
    r"(?:reserv\w*|apart(?:ar|e|ado|ada)\b)"
)
# What somebody would do if it came to that: "what do you do when somebody is not happy?", "if I ever have to complain".
_SUPPOSED = re.compile(
    r"\b(?:what (?:do|would|will) you(?: guys| all)? do|what happens|how do you (?:deal|handle)|que hacen|que harian|que pasa|que sucede)\b"
    r"[^.!?]*\b(?:when|if|cuando|si)\b[^.!?]*$"
    r"|\b(?:what if|in case|si algun dia|si alguna vez|en caso de que|(?:let's |lets )?suppose|supongamos|supon|if (?:\w+ )?ever"
    r"|if (?:\w+ ){1,2}were to)\b[^.!?]*$"
)
_HAPPENED = re.compile(r"\b(?:was|were(?! to\b)|been|came|arrived|got|did|fue|fueron|estuvo|estaba|llego|llegaron|vino|vinieron)\b")
_CLAUSE = re.compile(r"(?:(?!\b(?:but|pero|asi que)\b)[^.,;!?\n])+")
_MONTH = r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic"
# A weekday that nothing makes a coming one.
_WEEKDAY = re.compile(
    r"(?<!next )(?<!this )(?<!coming )(?<!proximo )(?<!este )"
    r"\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|lunes|martes|miercoles|jueves|viernes|sabado|domingo)\b"
    rf"(?!,?\s+(?:the\s+|de\s+|el\s+)?(?:\d|(?:{_MONTH})|next\b|coming\b|que viene\b|proximo\b))"
)

# The same as the beginning of a message that goes on.
_LEAD = re.compile(
    r"(?:before|prior to|antes de)\s+(?:[\w']+\s+){0,5}?(?:book|reserv)\w*(?:\s+(?:anything|it|nada))?\s*[:,;-]?\s+(?=\S)", re.IGNORECASE
)


def without_lead(text: str) -> str:
    """A message, as it was written, without the "before I book" that it begins with."""
    return _LEAD.sub("", text, count=1) if _LEAD.match(text) else text


def supposed(before: str) -> bool:
    """Whether what follows `before` is only supposed to happen."""
    return _SUPPOSED.search(before) is not None


def clauses(folded: str, said: Callable[[str], bool]) -> list[Span]:
    """The clauses of which something is `said`."""
    return [match.span() for match in _CLAUSE.finditer(folded) if said(match[0])]


def days_over(folded: str, trouble: Sequence[Span]) -> list[Span]:
    """Bare weekdays of clauses that tell of trouble: when it was, and no wish."""
    return [match.span() for start, end in trouble for match in _WEEKDAY.finditer(folded, start, end)]


def meant(folded: str, named: Mentions, *, over: Sequence[Span], beside: Sequence[Span]) -> Mentions:
    """What is left of what was named. `over`: days that are; `beside`: clauses in which dishes are named and not asked for."""
    early = [match.span() for match in _NOT_YET.finditer(folded)]
    gone: dict[str, Sequence[Span]] = {"book": early, "wants_booking": early, "slots": over, "menu": beside, "included": beside}
    topics = [one for one in named.topics if not (_within(one, gone.get(one.key, ())) or _no_complaint(folded, one))]
    dishes = [one for one in named.dishes if not _within(one, beside)]
    return Mentions(topics, dishes, named.allergens, named.diets, named.ask_a_person)


def _no_complaint(folded: str, one: Named) -> bool:
    """Where it tells what was, it is one: to miss a complaint is worse than to hear one too many."""
    return one.key == "complaint" and supposed(folded[: one.start]) and not _HAPPENED.search(folded)


def _within(one: Named, spans: Sequence[Span]) -> bool:
    return any(start <= one.start < end for start, end in spans)
