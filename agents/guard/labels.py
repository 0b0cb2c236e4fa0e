"""What a figure is the figure of: which words name it, and whether those beside a figure do.

Labels: adult, child, under_six, guest, food, total, sum, party, guests, deposit, balance, travel, mile, fee, minimum, tip, tax,
each, upgrade, add_on, extra, reschedule, weather, discount, refund; of spans of time refund, reschedule, menu, count, hold, ahead,
notice, arrive, clean, late, length, deposit_due, reply; and the keys of dishes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agents.guard.lexing import Lexeme, fold
from agents.guard.view import View
from agents.guard.words import COUNTED, LATE_HEDGES
from business.profile.schemas import Profile

_NAMES = {
    "adult": "adult adults grownup grownups adulto adultos adulta adultas",
    "child": "child children kid kids nino ninos nina ninas childs",
    "under_six": "toddler toddlers infant infants baby babies bebe bebes",
    "guest": "guest guests person people head plate persona personas invitado invitados comensal cabeza",
    "food": "food comida",
    "total": "total totals totaling altogether",
    "sum": "subtotal",
    "deposit": "deposit deposits deposito depositos downpayment prepayment anticipo",
    "balance": "balance remaining remainder leaves left saldo restante quedan queda resta owed outstanding",
    "travel": "travel traveling mileage viaje traslado transporte travelling",
    "minimum": "minimum minimo",
    "tip": "tip tips gratuity gratuities propina propinas tipping",
    "tax": "tax taxes impuesto impuestos",
    "fee": "fee fees surcharge tarifa cargo recargo",
    "upgrade": "upgrade upgrades mejora mejoras",
    "add_on": "addon addons extras",
    "reschedule": "change changes cambio cambios reschedule rescheduling rescheduled reprogramar reprogramacion",
    "discount": "discount discounts discounted descuento descuentos off rebate coupon cupon savings save ahorro",
    "refund": "refund refunds refunded reembolso reembolsos",
}
LABELS: Mapping[str, str] = {word: label for label, words in _NAMES.items() for word in words.split()}
_SPAN_NAMES = {
    "refund": "refundable refund cancel canceled reembolsable reembolso cancelar",
    "change": "change cambio cambiar",
    "reschedule": "reschedule rescheduling reprogramar reprogramacion",
    "menu": "menu",
    "count": "number headcount final numero",
    "deposit_due": "deposit deposito",
    "hold": "hold held holding apartamos apartado apartada",
    "arrive": "arrives arrive llega",
    "clean": "clean cleanup limpiar",
}
SPAN_LABELS: Mapping[str, str] = {word: label for label, words in _SPAN_NAMES.items() for word in words.split()}

# Before a figure only: "a deposit of ... leaves a balance of ..."
_BEFORE_ONLY = frozenset("leaves queda quedan resta owed outstanding save ahorro savings travelling traveling tipping".split())
_PER = frozenset({"per", "a", "an", "each", "every", "por", "cada", "la"})
_LINKS = frozenset("for in as de en como para is are es son".split())
_SKIPPED = frozenset(
    "the our your a an each every one el la los las tu su nuestro nuestra un una flat small fixed refundable required suggested "
    "first extra any anyone all more another only grand full".split()
)
_COPULAS = frozenset(
    ": = ( - — + ) | x is are of es son de del cost costs cuesta cuestan be will was at pay pays comes come to a runs just "
    "only total the sea se un una our us usd plus".split()
)
_MILE_WORDS = frozenset({"mile", "miles", "milla", "millas", "mi"})
_ENDS = frozenset(".!?;\n")
_FAR = 24


@dataclass(frozen=True, slots=True)
class Named:
    """What words name a figure: each group of labels must hold one of its own. `until`: lexeme behind the naming words."""

    groups: tuple[frozenset[str], ...]
    until: int
    hedged: bool = False


class Names:
    """The labels of one profile: the general ones and its dishes. Not changed once made."""

    def __init__(self, profile: Profile) -> None:
        self.dishes = dict(_dish_words(profile))
        self._longest = max((len(words) for words in self.dishes), default=1)

    def dish_at(self, texts: Sequence[str], at: int) -> tuple[str, int] | None:
        """(key, words used) of the dish whose name begins there."""
        for used in range(self._longest, 0, -1):
            key = self.dishes.get(tuple(texts[at : at + used]))
            if key is not None:
                return key, used
        return None

    def after(self, view: View, at: int) -> Named:
        """The words behind a figure that say what it is. Reads no farther than it must."""
        lexeme = view.at(at)
        text = lexeme.text
        if text in ("(", "/") or text in _PER or text in _LINKS:
            return self._linked(view, at)
        if lexeme.kind == "m" and text not in ("-", "~"):
            return Named((), at)
        if text in ("-", "~") and view.at(at + 1).text == "ish":
            return Named((), at + 1, hedged=True)
        if _late_hedge(view, at):
            return Named((), at, hedged=True)
        if text == "apiece":
            return Named((frozenset({"each"}),), at + 1)
        if text in ("back", "menos"):
            return Named((frozenset({"discount"}),), at + 1)
        return self._phrase(view, at, 2)

    def _linked(self, view: View, at: int) -> Named:
        """`per adult`, `a mile`, `each`, `for travel`, `(adults)`, `is your total`, `for 8 adults`."""
        first = view.at(at).text
        each = first in ("each", "cada")
        at += 1
        for _ in range(3):
            lexeme = view.at(at)
            if lexeme.text in _MILE_WORDS and (first in _PER or first == "/"):
                return Named((frozenset({"mile"}),), at + 1)
            if lexeme.kind == "n":
                counted = COUNTED.get(view.at(at + 1).text)
                return Named((frozenset({"sum"}),), at + 2) if counted and lexeme.text != "1" else Named((), at)
            if lexeme.kind != "w":
                break
            found = self._phrase(view, at, 1)
            if found.groups:
                return found
            if lexeme.text not in _SKIPPED and lexeme.text not in _LINKS and lexeme.text not in _PER:
                break
            at += 1
        return Named((frozenset({"each"}),), at) if each else Named((), at)

    def _phrase(self, view: View, at: int, skips: int) -> Named:
        """A noun with what stands before it: `food minimum`, `travel fee`, `lobster tail upgrade`."""
        found: set[str] = set()
        while True:
            lexeme = view.at(at)
            if lexeme.kind != "w":
                break
            texts = [lexeme.text]
            dish = None
            if any(words[0] == lexeme.text for words in self.dishes):
                texts += [view.at(at + ahead).text for ahead in range(1, self._longest_from(lexeme.text))]
                dish = self.dish_at(texts, 0)
            label = None if lexeme.text in _BEFORE_ONLY else LABELS.get(lexeme.text)
            if dish is not None:
                found.add(dish[0])
                at += dish[1]
            elif label is not None:
                found.add(label)
                at += 1
            elif not found and skips and lexeme.text in _SKIPPED:
                skips -= 1
                at += 1
            else:
                break
        return Named((frozenset(found),) if found else (), at)

    def _longest_from(self, word: str) -> int:
        return max(len(words) for words in self.dishes if words[0] == word)

    def before(self, lexemes: Sequence[Lexeme], at: int, stop: int, *, priced: bool = False) -> tuple[tuple[frozenset[str], ...], bool]:
        """The labels before a figure, nearest first; and whether nothing but a copula stands between. `stop`: not before
        this lexeme. `priced`: "per person" follows, so that "gyoza for ..." names it."""
        texts = [lexeme.text for lexeme in lexemes[max(stop, at - _FAR) : at]]
        tight, counted, here = True, set[str](), len(texts) - 1
        while here >= 0:
            text = texts[here]
            if text in _ENDS or (text == "," and not tight and self._clause_begins(texts, here)):
                break
            label = LABELS.get(text) if text != "off" else None
            who = COUNTED.get(text)
            if who and here and (texts[here - 1].isdecimal() or texts[here - 1] in _NUMBER_WORDS):
                if who in ("adult", "child"):
                    counted.add(who)
                here -= 2
                continue
            if label is not None and not (label == "guest" and not tight):
                return self._group(texts, here, label), tight
            dish = self._dish_ending(texts, here)
            if dish is not None and tight:
                return (frozenset({dish}),), True
            if text not in _COPULAS and not text.isdecimal() and not (priced and text in ("for", "por")):
                tight = False
            here -= 1
        return ((frozenset(counted),) if len(counted) == 1 else ()), tight

    @staticmethod
    def _clause_begins(texts: Sequence[str], comma: int) -> bool:
        return texts[comma + 1 : comma + 2] in (["we"], ["i"], ["you"], ["it"], ["that"])

    def _group(self, texts: Sequence[str], here: int, label: str) -> tuple[frozenset[str], ...]:
        found = {label}
        at = here - 1
        while at >= 0 and (more := LABELS.get(texts[at])):
            found.add(more)
            at -= 1
        groups = [frozenset(found)]
        if at >= 1 and texts[at] in ("and", "y", "&", "or", "o") and (other := LABELS.get(texts[at - 1])):
            groups.append(frozenset({other}))
        begin = max((place + 1 for place, text in enumerate(texts) if text in _ENDS), default=0)
        dishes = {dish for place in range(begin, len(texts)) if (dish := self._dish_ending(texts, place))}
        if found & {"upgrade", "add_on"} and dishes:
            groups += [frozenset({dish}) for dish in dishes]
        return tuple(groups)

    def _dish_ending(self, texts: Sequence[str], end: int) -> str | None:
        for used in range(min(self._longest, end + 1), 0, -1):
            key = self.dishes.get(tuple(texts[end - used + 1 : end + 1]))
            if key is not None:
                return key
        return None


def span_labels(lexemes: Sequence[Lexeme], at: int) -> tuple[frozenset[str], ...]:
    """What a span of time is said of, by the words of its sentence before it; one group, or none."""
    found: set[str] = set()
    for lexeme in reversed(lexemes[max(0, at - _FAR) : at]):
        if lexeme.text in _ENDS:
            break
        if lexeme.text in SPAN_LABELS:
            found.add(SPAN_LABELS[lexeme.text])
    if found == {"change"}:
        # Of the date, where nothing else is said to change.
        return (frozenset({"reschedule"}),)
    found.discard("change")
    return (frozenset(found),) if found else ()


def _late_hedge(view: View, at: int) -> bool:
    first = view.at(at).text
    for words in LATE_HEDGES:
        head, _, tail = words.partition(" ")
        if first == head and (not tail or view.at(at + 1).text == tail):
            return True
    return False


def _dish_words(profile: Profile) -> Iterable[tuple[tuple[str, ...], str]]:
    """The words by which dishes are called; what two dishes share names neither."""
    menu = profile.menu
    seen: dict[tuple[str, ...], str] = {}
    for dish in (*menu.included, *menu.proteins, *menu.add_ons, *menu.upgrades):
        for name in (dish.en, dish.es or "", *dish.words):
            words = tuple(fold(name).replace("(", " ").replace(")", " ").split())
            if words:
                seen[words] = dish.key
    return seen.items()


_NUMBER_WORDS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve dos tres cuatro cinco seis siete ocho nueve diez once "
    "doce quince veinte twenty thirty".split()
)
