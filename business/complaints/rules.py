"""How severe a complaint is: pure, by the profile's words, whole ones, case and accents aside. In doubt the worse of two opinions."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from business.profile.schemas import Profile
from business.profile.terms import Severity as Terms

Severity = Literal["minor", "moderate", "severe"]
SEVERITIES: tuple[Severity, ...] = ("minor", "moderate", "severe")


@dataclass(frozen=True, slots=True)
class Weighed:
    """`words`: those of the profile that were found in it."""

    severity: Severity
    words: tuple[str, ...]


def weigh(profile: Profile, text: str, said: Severity = "minor") -> Weighed:
    """At least as severe as somebody `said`: severe by a severe word, moderate by one of anger or about money."""
    escalation, plain = profile.escalation, _plain(text)
    severe = _found(plain, escalation.severe)
    moderate = _found(plain, (*escalation.complaint, *escalation.refund))
    heard: Severity = "severe" if severe else "moderate" if moderate else "minor"
    return Weighed(worse(heard, said), (*severe, *moderate))


def worse(one: Severity, other: Severity) -> Severity:
    return max(one, other, key=SEVERITIES.index)


def terms(profile: Profile, severity: Severity) -> Terms:
    """What the profile says of such complaints: whether a person takes over, who is alerted, which steps follow."""
    return next(found for found in profile.complaints.severities if found.key == severity)


def topic(profile: Profile, text: str) -> str | None:
    """What it is about: the first topic of the profile whose words are found, else its last; None where the profile has none."""
    plain, topics = _plain(text), profile.complaints.topics
    found = next((one.key for one in topics if _found(plain, one.words)), None)
    return found or (topics[-1].key if topics else None)


def graver_topic(profile: Profile, one: str | None, other: str | None) -> str | None:
    """The one that the profile names first; of one that it does not know any more, the other."""
    keys = [topic.key for topic in profile.complaints.topics]
    known = [topic for topic in (one, other) if topic in keys]
    return min(known, key=keys.index) if known else one or other


def _found(plain: str, words: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for word in words if re.search(rf"(?<!\w){re.escape(_plain(word))}(?!\w)", plain))


def _plain(text: str) -> str:
    """Lower case without accents, apostrophes straight, one space between words."""
    letters = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())
