"""What a message tells beside topics and facts: how grave a complaint is, that money was sent, that somebody tries to instruct us."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agents.understanding.asides import supposed
from agents.understanding.listening import Phrases, Words
from agents.understanding.text import fold
from business.profile.schemas import Profile

SIGNALS = Path(__file__).with_name("words") / "signals.toml"
Severity = Literal["minor", "moderate", "severe"]
# So many minutes late are a minor matter.
MINOR_MINUTES = 20
_MINUTES_LATE = re.compile(r"\b(\d{1,3})\s*(?:min(?:ute|uto)?s?)\s+(?:late|tarde)\b")
_AMOUNT = re.compile(
    r"\$\s?(\d{1,3}(?:,\d{3})+|\d{1,6})(?:\.(\d{2}))?(?![\d.,]\d)|\b(\d{1,6})(?:\.(\d{2}))?\s*(?:dollars|bucks|usd|dolares)\b"
)
# "Venmoed you the 100": a figure that can only be money, after the word that it was sent.
_BARE_AMOUNT = re.compile(
    r"^\s*(?:(?:you|u|ya|guys|over|les|te|los|las|the)\s+){0,2}(?<!on the )(\d{2,5})\b"
    r"(?=\s*(?:$|[.!;~,?]|from|for|via|through|thru|by|x|por|deposit|de|del|with|con)(?!\s*\d))"
)
_FRAME = re.compile(
    r"</?\s*(?:system|assistant|user|instructions?|prompt)\s*>|\[/?(?:system|inst|assistant)\]|^\s*(?:system|assistant)\s*:", re.MULTILINE
)
_NOT = re.compile(r"\b(?:not|wasn't|isn't|weren't|never|hardly|no|nada)\s+(?:\w+\s+){0,2}$")
# Words between "sent" and the money, or between a "not" and "sent".
_REACH = 6
_BEFORE = 3


@dataclass(frozen=True, slots=True)
class Payment:
    """A notice that money was sent. `method`: a key of the profile's methods. `amount_cents` where it was told."""

    method: str | None
    amount_cents: int | None


class Signals:
    """Compiled once."""

    def __init__(self, profile: Profile) -> None:
        lists = tomllib.loads(SIGNALS.read_text(encoding="utf-8"))
        escalation = profile.escalation
        severity, payment = lists["severity"], lists["payment"]
        late = [phrase for phrase in escalation.complaint if fold(phrase).split()[-1] in severity["late_words"]]
        graver = {"severe": [*escalation.severe, *severity["severe"]], "late": late}
        moderate = [*(phrase for phrase in escalation.complaint if phrase not in late), *severity["moderate"]]
        self._severity = Phrases({**graver, "moderate": moderate, "minor": severity["minor"], "forgot": severity["forgot"]})
        self._payment = Phrases({**_methods(profile), "sent": payment["sent"], "money": payment["money"], "but": payment["but"]})
        self._methods = {method.key for method in profile.payments.methods}
        self._marks = Phrases(lists["marks"])
        self._preferred = Phrases(lists["preferred"])
        self._beside = Phrases(lists["beside"])

    def severity(self, folded: str, words: Words, *, dishes: bool) -> Severity | None:
        """The gravest that is said; lateness of a few minutes, what is called small and a dish that was forgotten are minor. What is
        only supposed to happen counts where it would be severe.

        `dishes`: whether one is named.
        """
        found = self._severity.find(folded, words)
        if any(named.key == "severe" for named in found):
            return "severe"
        heard = [named.key for named in found if not supposed(folded[: named.start])]
        if "moderate" in heard:
            return "moderate"
        minutes = [int(match[1]) for match in _MINUTES_LATE.finditer(folded)]
        if "late" in heard or minutes:
            return "minor" if minutes and max(minutes) <= MINOR_MINUTES else "moderate"
        return "minor" if "minor" in heard or ("forgot" in heard and dishes) else None

    def praises(self, folded: str, words: Words) -> bool:
        """Whether something is called good: then nobody who is merely near to a complaint makes one."""
        return any(named.key == "praise" and not _NOT.search(folded[: named.start]) for named in self._beside.find(folded, words))

    def beyond(self, folded: str, words: Words) -> bool:
        """Whether it asks for what no profile holds, whatever dish or way of paying is named with it."""
        return any(named.key == "beyond" for named in self._beside.find(folded, words))

    def payment(self, folded: str, words: Words) -> Payment | None:
        """A notice, not a question, a wish or a plan."""
        heard = self._payment.find(folded, words)
        amount = _AMOUNT.search(folded)
        for at, named in enumerate(heard):
            if named.key != "sent":
                continue
            ahead = folded[: named.start].split()[-_BEFORE:]
            negated = any(other.key == "but" and len(folded[other.end : named.start].split()) < _BEFORE for other in heard[:at])
            near = [other for other in heard if other.key in ("money", *self._methods) and _near(folded, named.start, other.start)]
            whole = folded[named.start : named.end]
            paid_alone = (
                whole in ("paid", "pague", "pagado", "pagamos")
                or len(whole.split()) > 1
                or (whole[-1] == "d" and whole[:2] in ("ve", "ze"))
            )
            if negated or _asks(folded[named.end :]) or (ahead and ahead[-1] in ("get", "be", "is")):
                continue
            bare = _BARE_AMOUNT.match(folded[named.end :])
            if not (near or amount or bare or paid_alone):
                continue
            method = next((other.key for other in heard if other.key in self._methods), None)
            cents = int(bare[1]) * 100 if amount is None and bare is not None else _cents(amount)
            return Payment(method or self._by_verb(whole), cents)
        return None

    def _by_verb(self, verb: str) -> str | None:
        return next((key for key in self._methods if verb.startswith(key)), None)

    def preferred_contact(self, folded: str, words: Words) -> str | None:
        """`phone`, `text` or `email`: the first that is wished."""
        found = self._preferred.find(folded, words)
        return found[0].key if found else None

    def marks(self, folded: str, words: Words) -> tuple[str, ...]:
        found = [named.key for named in self._marks.find(folded, words)]
        if _FRAME.search(folded):
            found.append("fake_frame")
        return tuple(dict.fromkeys(found))


def _methods(profile: Profile) -> dict[str, list[str]]:
    """By which words the profile's methods are known: the first words of their names, and their keys."""
    words: dict[str, list[str]] = {}
    for method in profile.payments.methods:
        names = (method.key.replace("_", " "), method.name.en.split(" (")[0], (method.name.es or method.name.en).split(" (")[0])
        words[method.key] = list(dict.fromkeys(names))
    return words


def _asks(after: str) -> bool:
    """Whether the clause goes on to be a question; "I sent it, did you get it?" is a notice first."""
    return re.match(r"[^,.;!\n?]{0,60}\?", after) is not None


def _near(folded: str, one: int, other: int) -> bool:
    first, last = sorted((one, other))
    return len(folded[first:last].split()) <= _REACH


def _cents(amount: re.Match[str] | None) -> int | None:
    if amount is None:
        return None
    whole, part = (amount[1], amount[2]) if amount[1] else (amount[3], amount[4])
    return int(whole.replace(",", "")) * 100 + int(part or 0)
