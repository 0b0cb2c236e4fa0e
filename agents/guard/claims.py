"""What may not be claimed, whatever the figures: promises of money, guarantees, dishes that nobody serves, a state that no tool told.

A claim is found at its own word (`confirmed`, `refund`, `wagyu`); the sentence before it, and a few words behind it, say whether it
is claimed, asked, denied or left to a person.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from agents.guard import promises, states
from agents.guard.lexing import fold
from agents.guard.reading import FIGURE_WORDS
from agents.guard.sentence import DENIED, ahead, before, is_denied, words
from agents.guard.view import View
from agents.guard.words import DOZENS, HEDGES, NUMBERS, STREETS
from business.profile.schemas import Profile

# Whether nothing may be charged for what one of these labels names.
AllowsFree = Callable[[list[frozenset[str]]], bool]

_OWN = re.compile(words("bring brings provide your.own piece.of own propio propia traer traigan traes traiga"))
_SERVED_BEHIND = re.compile(words("but with we i you have serve pero con tenemos hay servimos"))
_NO = re.compile(words("no without sin") + r"\s+(?:extra |additional |any |((?:travel|delivery|booking|service|cancell?ation|hidden) ))?$")
_OF = frozenset({"of", "from", "de"})


@dataclass(frozen=True)
class Claims:
    """The words of one profile at which something is judged. `triggers`: all of them; `beginnings`: what may become one.

    `said_free`: (allergen, words beside it) of every `...-free` that the profile says itself.
    """

    triggers: frozenset[str]
    beginnings: frozenset[str]
    not_served: Mapping[str, tuple[tuple[str, ...], ...]]
    allergens: frozenset[str]
    said_free: tuple[tuple[str, frozenset[str]], ...]

    @staticmethod
    def of(profile: Profile) -> "Claims":
        not_served = _not_served(profile)
        triggers = frozenset(
            {*FIGURE_WORDS, *NUMBERS, *DOZENS, *HEDGES, *states.STATES, *states.PAYMENTS, *states.DEEDS, *states.DEBTS, *not_served}
            | {*promises.PROMISES, *promises.IN_PHRASES, *promises.GUARANTEES, *promises.SAFE, *promises.FREE, *promises.CHARGES}
        )
        beginnings = frozenset(word[:length] for word in triggers for length in range(1, len(word) + 1))
        return Claims(triggers, beginnings, not_served, _allergens(profile), tuple(_said_free(profile)))

    def judge(self, view: View, at: int, statements: frozenset[str], allows_free: AllowsFree) -> str | None:
        """The kind of claim that a word makes and that may not be made; None where nothing is claimed, or it was licensed."""
        word = view.lexemes[at].text
        if view.lexemes[at].kind != "w":
            return None
        if word in self.not_served and (fault := self._dish(view, at)):
            return fault
        if word in promises.FREE or (word in promises.CHARGES and _NO.search(before(view, at))):
            return self._free(view, at, statements, allows_free)
        if word in states.REFUNDED and states.is_refund_told(view, at, statements):
            return None
        if word in states.DEBTS:
            return states.debt(view, at, statements)
        if word in states.STATES:
            return states.state(view, at, statements)
        if word in states.DEEDS:
            return states.deed(view, at, statements)
        if word in states.PAYMENTS:
            return states.thanks(view, at, statements)
        if word in promises.PROMISES or word in promises.IN_PHRASES:
            return promises.promise(view, at)
        if word in promises.GUARANTEES or word in promises.SAFE:
            return promises.guarantee(view, at)
        return None

    def _dish(self, view: View, at: int) -> str | None:
        """A dish that is not on the menu, unless the sentence says just that, or that the guests bring it."""
        names = self.not_served[view.lexemes[at].text]
        if not any(all(view.at(at + place).text == word for place, word in enumerate(name)) for name in names):
            return None
        said = before(view, at)
        if not said and view.at(at + 1).text == "?":
            return None  # "Wagyu? Not on our menu."
        if is_denied(said) or _OWN.search(said) or view.at(at + 1).text in STREETS:
            return None
        # It may be denied behind: "wagyu isn't on our menu".
        behind = ahead(view, at + 1)
        return None if DENIED.search(behind) and not _SERVED_BEHIND.search(DENIED.split(behind)[0]) else "dish"

    def _free(self, view: View, at: int, statements: frozenset[str], allows_free: AllowsFree) -> str | None:
        """Free of something, for nothing, or a date that is free."""
        said, after = _NO.sub(lambda match: match[1] or "", before(view, at)), view.at(at + 1)
        if view.lexemes[at].glued and said.endswith("- "):
            return self._free_of(view, at, said)
        if promises.is_free_to(view, at, said):
            return None
        if after.text in _OF:
            of_charge = view.at(at + 2).text in ("charge", "cargo", "costo") and not is_denied(said)
            return "promise" if of_charge else promises.unless_denied(said, "guarantee")
        part = promises.scope_of(said)
        scope = part if states.about_dates(part) else said
        if promises.is_asked_or_denied(said, scope):
            return None
        groups = promises.said_free(view, at, said)
        if after.kind == "n" and said.endswith(("the ", "las ")):
            groups.append(frozenset({"free_miles"}))
        if groups and allows_free(groups):
            return None
        if promises.is_for_nothing(said):
            return "promise"
        if states.is_claim_of_being(said) and states.about_dates(said):
            excused = promises.is_conditional(said) or states.is_unsure(scope) or "free" in statements
            return None if excused or after.text in ("once", "when", "if", "until", "cuando", "si") else "statement"
        return "promise"

    def _free_of(self, view: View, at: int, said: str) -> str | None:
        """`nut-free`: only as the profile says it."""
        what = said.removesuffix("- ").rstrip().rpartition(" ")[2]
        if what not in self.allergens:
            return None
        near = set(said.split()[-8:]) | set(ahead(view, at + 1).split()[:3])
        if any(what == known and near & beside for known, beside in self.said_free):
            return None
        return promises.unless_denied(said, "guarantee")


def _not_served(profile: Profile) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """By first word: the names of what is asked for and not on the menu."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for dish in profile.menu.not_served:
        for name in (dish.en, dish.es or dish.en, *dish.words):
            spelled = tuple(fold(name).split())
            found.setdefault(spelled[0], set()).add(spelled)
    return {word: tuple(sorted(names)) for word, names in found.items()}


def _allergens(profile: Profile) -> frozenset[str]:
    """What something may be called free of."""
    named = (
        name
        for item in (*profile.allergies.allergens, *profile.allergies.ask_a_person)
        for name in (item.key, item.en, item.es or "", *item.words)
    )
    return frozenset({fold(name) for name in named if name and " " not in name} | {"allergen", "allergy"})


def _said_free(profile: Profile) -> Iterable[tuple[str, frozenset[str]]]:
    allergies = profile.allergies
    for note in (*(item.note for item in allergies.allergens), *(item.note for item in allergies.diets)):
        for sentence in re.split(r"[.;,]", fold(note.en)):
            for match in re.finditer(r"(\w+)-free", sentence):
                beside = (word for word in re.findall(r"[a-z]{5,}", sentence) if word != match[1] and word != "there")
                yield match[1], frozenset(beside)
