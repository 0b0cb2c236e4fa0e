"""What may not be claimed, whatever the figures: promises of money, guarantees, dishes that nobody serves, a state that no tool told.

A claim is found at its own word (`confirmed`, `refund`, `wagyu`); the sentence before it, and a few words behind it, say whether it
is claimed, asked, denied or left to a person.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from agents.guard.lexing import fold
from agents.guard.licence import Licence
from agents.guard.reading import FIGURE_WORDS
from agents.guard.view import View
from agents.guard.words import DOZENS, HEDGES, NUMBERS
from business.profile.fields import Word

_STOPS = frozenset(".!?;\n")
_FAR = 40

_STATES: Mapping[str, str] = {
    **dict.fromkeys("available open vacant disponible disponibles libre libres".split(), "free"),
    **dict.fromkeys("taken unavailable ocupado ocupada ocupados ocupadas".split(), "taken"),
    **dict.fromkeys("held reserved holding reserving reservado reservada apartado apartada apartamos".split(), "held"),
    **dict.fromkeys(
        "confirmed booked booking secured locked confirmado confirmada confirmamos agendado agendada asegurado asegurada yours tuyo tuya".split(),
        "confirmed",
    ),  # fmt: skip
    **dict.fromkeys("received paid recibido recibida recibimos recibi pagado pagada".split(), "received"),
    **dict.fromkeys("cancelled canceled cancelado cancelada cancelamos".split(), "cancelled"),
    **dict.fromkeys("rescheduled moved reprogramado reprogramada".split(), "moved"),
    **dict.fromkeys("sent emailed texted enviado enviada enviamos envie".split(), "sent"),
}
_PAYMENTS = frozenset({"deposit", "payment", "deposito", "pago"})
_ADVERBS = r"(?:(?:now|already|all|officially|fully|currently|still|just|successfully|also|both|indeed|definitely|wide|completely|totally|not|ya|todavia|aun|oficialmente|totalmente|completamente|tambien|locked|in)\s+)*"  # fmt: skip
_BE = re.compile(
    rf"(?:\b(?:is|are|was|were|been|be|being|remains|looks|es|esta|estan|sido|queda|quedo|quedan|son|fue|sigue)|'s|'re)\s+{_ADVERBS}$"
)
_DID = re.compile(rf"(?:\b(?:i've|we've|i have|we have|i|we|i just|we just|i'm|we're|i am|we are|i'll be|he|hemos|ha|han|has|ya|te|le)|'ve)\s+{_ADVERBS}$")  # fmt: skip
_WILL = re.compile(r"\b(?:i'll|i will|i'm going to|i am going to|let me)\s+(?:now |go ahead and |just )*$")
_QUESTION = re.compile(r"¿|^(?:is|are|was|were|has|have|do|does|did|can|could|would|will|shall|should|which|what|when|how|who|whether|cual|cuales|que|cuando|como)\b")  # fmt: skip
_OPEN = re.compile(
    r"\b(?:if|whether|once|when|until|unless|as soon as|after|before|so that|si|cuando|hasta|una vez|en cuanto|despues de|antes de|para que)\b"
)
_UNSURE = re.compile(
    r"\b(?:can't|cannot|could|would|may|might|never|nobody|only|to be|will be|gets|must|should|need|needs|checks? (?:if|whether|that)|"
    r"see (?:if|whether)|nunca|podria|puede|pueden|debe|sera|seran|sea|solo)\b"
)
_NOT = re.compile(r"(?:\b(?:not|no|isn't|aren't|wasn't|hasn't|haven't|never|tampoco|nothing)|n't)\b")
_LATER = frozenset("once when after as if only by with upon until unless cuando una al si tras con en hasta despues before".split())
_DATES = re.compile(
    r"\b(?:date|dates|day|days|slot|slots|time|times|spot|evening|night|afternoon|weekend|calendar|party|it|that|this|fecha|fechas|dia|"
    r"horario|horarios|hora|noche|tarde|calendario|eso|(?:mon|tues|wednes|thurs|fri|satur|sun)day|lunes|martes|miercoles|jueves|viernes|"
    r"sabado|domingo|january|february|march|april|may|june|july|august|september|october|november|december|\d{1,2}(?:st|nd|rd|th)?|"
    r"am|pm|noon|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|tomorrow|today|manana)\b"
)
_AS_FOOD = frozenset("as in upon for on-request daily every from to by por como en para todos a at".split())
_ON = frozenset("on that then for el para ese esa este esta".split())
_INTRO = re.compile(r"^(?:(?:yes|great|good|news|perfect|done|ok|okay|wonderful|awesome|si|listo|perfecto|buenas|noticias|excelente|and|it's|all|now|still|,|!|:|-|—)\s*)*$")  # fmt: skip

_PROMISES = frozenset(
    "refund refunds refunded refunding refundable reimburse reimbursed reimbursement discount discounts discounted waive waived waiving "
    "compensate compensation voucher coupon complimentary rebate reembolso reembolsos reembolsar reembolsamos reembolsaremos "
    "reembolsable descuento descuentos devolver devolvemos devolveremos devolucion cortesia compensar compensaremos cupon bonus credit "
    "promotion promo promocion regalo regalamos obsequio".split()
)  # fmt: skip
_DECIDED = re.compile(
    r"\b(?:can't|cannot|unable|not|no|never|nobody|whether|if|decide|decides|decided|decision|review|reviews|look|looks|person|"
    r"only|question|questions|request|requests|ask|ask for|asked|about|regarding|until|up to|hasta|si|nunca|decide|decidir|deciden|"
    r"revisa|sobre|pregunta|preguntas|persona|equipo|isn't|aren't|don't|doesn't|without|sin|as long|non)\b"
)
_PROMISED = re.compile(
    r"\b(?:i'll|we'll|i will|we will|you'll|you will|you get|you receive|we give|we offer|i can offer|we can offer|i can give|we can give|"
    r"te damos|te dare|te daremos|te ofrezco|te ofrecemos|tendras|recibiras|le daremos|gets? you)\b(?!.*\b(?:ask|decide|decides|review|look|whether|if|check)\b)"
)
_ON_CARDS = frozenset("card cards tarjeta".split())
_GUARANTEES = frozenset(
    "guarantee guarantees guaranteed guaranteeing promise promises promised promising garantizo garantizamos garantizado garantizada "
    "garantiza garantia prometo prometemos allergenfree".split()
)
_SAFE = frozenset("safe seguro segura seguros seguras".split())
_SAFE_BEHIND = frozenset("for to para eat comer".split())
_SAFELY = re.compile(
    r"(?:\b(?:is|are|be|completely|totally|perfectly|entirely|absolutely|100 %|es|son|totalmente|completamente|sea)|'s|'re)\s+$"
)
_DENIED = re.compile(
    r"\b(?:no|not|don't|doesn't|can't|cannot|isn't|aren't|won't|never|without|nor|neither|unfortunately|sin|nunca|tampoco|ni|ninguna?|"
    r"instead of|beyond|except|nadie|nobody|nothing|nada|wouldn't|couldn't|didn't)\b"
)
_NO_DENIAL = re.compile(r"\b(?:no problem|not only|why not|no doubt|no worries|don't worry|can't wait|no hay problema|no solo|claro que no|no te preocupes|don't miss|can't beat|no question)\b")  # fmt: skip
_BUT = re.compile(r"\b(?:but|however|although|though|pero|embargo|aunque|instead we|sino)\b|[:—]")
_CLAUSE = re.compile(r",\s*(?:and |y |so )?(?:we|i|you|our|it|there|have|serve|offer|try|enjoy|tenemos|servimos|hay|ofrecemos|nuestro|nuestra|te|pide|prueba)\b")  # fmt: skip
_OWN = re.compile(r"\b(?:bring|brings|provide|your own|piece of|propio|propia|traer|traigan|traes|traiga|own)\b")
_LIBRE_DE = frozenset("of from de".split())
_NOTHING = re.compile(r"\b(?:for|on the|at no)\s+$")


@dataclass(frozen=True)
class Claims:
    """The words of one licence at which something is judged; its own dishes and allergens among them."""

    triggers: frozenset[str]
    beginnings: frozenset[str]
    not_served: Mapping[str, tuple[tuple[str, ...], ...]]
    allergens: frozenset[str]
    said_free: tuple[tuple[str, frozenset[str]], ...]

    @staticmethod
    def of(licence: Licence) -> "Claims":
        return _claims(licence.profile.version, licence)

    def judge(self, view: View, at: int, licence: Licence) -> str | None:
        """The kind of claim that begins at this lexeme and may not be made; None where nothing is claimed."""
        lexeme = view.lexemes[at]
        if lexeme.kind != "w":
            return None
        word = lexeme.text
        if word in self.not_served and (fault := self._dish(view, at)):
            return fault
        if word in ("free", "gratis", "gratuito", "gratuita"):
            return self._free(view, at, licence)
        if word in _STATES and (fault := _state(view, at, _STATES[word], licence)):
            return fault
        if word in ("hold", "book", "reserve", "confirm") and _WILL.search(_sentence(view, at)) and "held" not in licence.statements:
            return "statement"
        if word in _PAYMENTS and _thanked(view, at) and "received" not in licence.statements:
            return "statement"
        if word in _PROMISES or word in ("house", "charge", "money", "dinero", "us", "half", "mitad"):
            return _promise(view, at)
        if word in _GUARANTEES or word in _SAFE:
            return _guarantee(view, at)
        return None

    def _dish(self, view: View, at: int) -> str | None:
        names = self.not_served[view.lexemes[at].text]
        if not any(all(view.at(at + ahead).text == word for ahead, word in enumerate(words)) for words in names):
            return None
        before = _sentence(view, at)
        scope = _BUT.split(before)[-1]
        scope = scope[clause[-1].start() :] if (clause := list(_CLAUSE.finditer(scope))) else scope
        if (_DENIED.search(scope) and not _NO_DENIAL.search(scope)) or _OWN.search(before):
            return None
        if view.at(at + 1).text in ("street", "st", "ave", "avenue", "rd", "road", "ct", "court", "ln", "lane", "dr", "drive", "way"):
            return None
        # It may be denied behind: "wagyu isn't on our menu".
        behind = _ahead(view, at + 1)
        return None if _DENIED.search(behind) and not re.search(r"\b(?:but|with|we|i|you|have|serve|pero|con|tenemos|hay|servimos)\b", _DENIED.split(behind)[0]) else "dish"

    def _free(self, view: View, at: int, licence: Licence) -> str | None:
        before, after = _sentence(view, at), view.at(at + 1)
        if view.lexemes[at].glued and before.endswith("- "):
            return self._free_of(view, at, before)
        if before.endswith(("feel ", "feels ", "felt ")) or after.text == "-":
            return None
        if after.text in _LIBRE_DE:
            return (
                None
                if view.at(at + 2).text in ("charge", "cargo", "costo") and _DENIED.search(before)
                else _unless_denied(before, "guarantee")
            )
        if after.text == "to" and before.endswith(("are ", "'re ", "be ", "esta ", "eres ")):
            return None
        scope = re.split(r"[,:(]\s|\b(?:but|pero)\b", before)[-1] if _DATES.search(re.split(r"[,:(]\s", before)[-1]) else before
        if _QUESTION.search(before) or _NOT.search(scope):
            return None
        if _NOTHING.search(before):
            return "promise"
        groups = _zero_groups(view, at, before)
        if licence.allows("money", ["0"], groups) and groups:
            return None
        if _BE.search(before) and _DATES.search(before):
            if _OPEN.search(before) or _UNSURE.search(scope) or "free" in licence.statements:
                return None
            return None if after.text in _LATER - {"with", "en", "con", "by"} else "statement"
        return "promise"

    def _free_of(self, view: View, at: int, before: str) -> str | None:
        """`nut-free`: only as the profile says it."""
        what = before.removesuffix("- ").rstrip().rpartition(" ")[2]
        if what not in self.allergens:
            return None
        near = set(before.split()[-8:]) | set(_ahead(view, at + 1).split()[:3])
        if any(what == said and near & words for said, words in self.said_free):
            return None
        return _unless_denied(before, "guarantee")


def _state(view: View, at: int, state: str, licence: Licence) -> str | None:
    """A date that is free, a booking that is confirmed, a deposit that came: claimed, and no tool has said so."""
    before, word = _sentence(view, at), view.lexemes[at].text
    clause = re.split(r",\s|\b(?:and|but|so|y|pero|que)\s", before)[-1]
    negated = bool(_NOT.search(clause))
    if state == "confirmed" and re.search(r"\bfully\s+$", before):
        state = "taken"
    if word in ("yours", "tuyo", "tuya") and view.at(at + 1).text in ("to", "para"):
        return None
    if state in ("free", "taken"):
        if not _about_dates(view, at, before, clause):
            return None
        state = "taken" if negated and state == "free" else state
    elif negated:
        return None
    if state in licence.statements or (state == "held" and "confirmed" in licence.statements):
        return None
    if _QUESTION.search(before) or _OPEN.search(before) or _UNSURE.search(clause):
        return None
    did = bool(_DID.search(before)) and word not in ("open", "available", "yours", "tuyo", "tuya", "libre", "libres")
    claimed = bool(_BE.search(before)) or did or word in ("recibimos", "apartamos", "confirmamos", "enviamos")
    if word in ("booking", "holding", "reserving"):
        claimed = did and bool(re.search(r"(?:i'm|we're|i am|we are)\s+(?:now |just )*$", before))
    if word in ("apartamos", "confirmamos", "enviamos", "cancelamos") and not re.search(r"\b(?:ya|te|le)\s+(?:ya )?$", before):
        claimed = False
    if not claimed and _INTRO.match(before) and word not in ("open", "booking", "holding", "sent", "moved"):
        claimed = view.at(at + 1).text in ("!", ".", ":", "for", "on", "", ",", "para") and (before != "" or view.at(at + 1).text == "!")
    if not claimed and state == "taken" and word == "taken":
        claimed = False
    if not claimed:
        return None
    return None if view.at(at + 1).text in _LATER and not (view.at(at + 1).text in ("with", "en", "con", "as") and state in ("held", "confirmed")) else "statement"  # fmt: skip


def _about_dates(view: View, at: int, before: str, clause: str) -> bool:
    """Whether it is a date that is called free or taken, not a dish, a person or a day of business."""
    after = view.at(at + 1).text
    verb = _BE.search(before)
    subject = before[: verb.start()] if verb else before
    if after in ("minded", "air", "flame", "fire", "grill", "space", "kitchen", "question", "questions"):
        return False
    if re.search(r"\b(?:it|that|eso)\s*$", subject) or subject.rstrip().endswith(("it", "that")):
        return after not in _AS_FOOD - {"for", "at", "para"} and bool(_DATES.search(_context(view, at)))
    if re.search(r"(?:\b(?:we|i|chef|chefs|team|estamos|tenemos)\s*|we)$", subject) or not subject.strip():
        return after in _ON or (not subject.strip() and not verb and bool(_DATES.search(_context(view, at))) and after in ("!", "."))
    return bool(_DATES.search(subject))


def _thanked(view: View, at: int) -> bool:
    before = _sentence(view, at)
    return bool(re.search(r"\b(?:received|got|thanks for|thank you for|gracias por|recibimos|llego|ya tenemos)\s+(?:your|the|tu|su|el)\s+$", before)) and not (_OPEN.search(before) or _NOT.search(before) or _QUESTION.search(before))  # fmt: skip


def _promise(view: View, at: int) -> str | None:
    """Money back, a discount, something for nothing."""
    before, word = _sentence(view, at), view.lexemes[at].text
    if word in ("credit",) and (view.at(at + 1).text in _ON_CARDS or re.search(r"\b(?:or|debit|a|by|with)\s+(?:or )?$", before)):
        return None
    if word == "house":
        claimed = bool(re.search(r"\bon the\s+$", before))
    elif word == "charge":
        claimed = bool(re.search(r"\b(?:no|without|free of|extra)\s+(?:extra )?$", before)) and "of" in before
    elif word == "us":
        claimed = bool(re.search(r"\b(?:is|are|'s|treat|one's|it's|that's)\s+on\s+$|(?:it's|that's) on\s+$", before))
    elif word in ("money", "dinero"):
        claimed = view.at(at + 1).text == "back" or bool(re.search(r"\bdevol\w+\s+(?:el|tu|su)\s+$", before))
    elif word in ("half", "mitad"):
        claimed = view.at(at + 1).text in ("price", "off", "priced") or [view.at(at + 1).text, view.at(at + 2).text] in (["de", "precio"], ["the", "price"])  # fmt: skip
    else:
        claimed = True
    if not claimed:
        return None
    if _PROMISED.search(before):
        return "promise"
    if _DECIDED.search(before) or _QUESTION.search(before):
        return None
    behind = _ahead(view, at + 1)
    return None if _DECIDED.search(behind) and not _PROMISED.search(behind) else "promise"


def _guarantee(view: View, at: int) -> str | None:
    before, word = _sentence(view, at), view.lexemes[at].text
    if before.endswith("to be "):
        return None
    if word in _SAFE and not (_SAFELY.search(before) and view.at(at + 1).text in _SAFE_BEHIND | {".", "!", ",", ""}):
        return None
    return _unless_denied(before, "guarantee")


def _unless_denied(before: str, kind: str) -> str | None:
    scope = _BUT.split(before)[-1]
    if (_DENIED.search(scope) and not _NO_DENIAL.search(scope)) or _QUESTION.search(before) or re.search(r"\b(?:if|whether|si)\b", scope):
        return None
    return kind


def _zero_groups(view: View, at: int, before: str) -> list[frozenset[str]]:
    """What is said to be free, as labels of which one must be licensed for nothing."""
    clause = re.split(r"[;]|,\s+(?:and|y|but)\s", before)[-1]
    words = clause + " " + " ".join(_ahead(view, at + 1).split()[:6])
    found: set[str] = set()
    if re.search(r"\b(?:under|younger|menores|menos|toddlers?|bab(?:y|ies)|little ones?|infants?|bebes?)\b", words):
        found.add("under_six")
    if re.search(r"\b(?:first|within|primeras|dentro)\b", words) and re.search(r"\b(?:miles?|millas?)\b", words):
        found.add("free_miles")
    if re.search(r"\b(?:travel|viaje|traslado)\b", words):
        found.add("travel")
    if re.search(r"\b(?:change|reschedul\w+|cambio|cambiar|moving|reprogram\w+)\b", words):
        found.add("reschedule")
    if re.search(r"\b(?:weather|rain|rains|clima|llueve|lluvia)\b", clause + words):
        found.add("weather")
    return [frozenset(found)] if found else []


def _sentence(view: View, at: int) -> str:
    """The sentence up to a lexeme, its pieces apart, a space at the end."""
    texts: list[str] = []
    for lexeme in reversed(view.lexemes[max(0, at - _FAR) : at]):
        if lexeme.text in _STOPS:
            break
        texts.append(lexeme.text)
    return " ".join(reversed(texts)) + " " if texts else ""


def _context(view: View, at: int) -> str:
    """What was said before, over the ends of sentences."""
    return " ".join(lexeme.text for lexeme in view.lexemes[max(0, at - _FAR) : at])


def _ahead(view: View, at: int) -> str:
    """The rest of the sentence, as far as it may be held."""
    texts: list[str] = []
    while (lexeme := view.at(at)).kind in ("w", "n", "m") and lexeme.text not in _STOPS:
        texts.append(lexeme.text)
        at += 1
    return " ".join(texts)


@lru_cache(maxsize=16)
def _of_version(version: str, dishes: tuple[Word, ...], allergens: tuple[Word, ...], notes: tuple[str, ...]) -> Claims:
    not_served: dict[str, list[tuple[str, ...]]] = {}
    for dish in dishes:
        for name in {dish.en, dish.es or dish.en, *dish.words}:
            words = tuple(fold(name).split())
            not_served.setdefault(words[0], []).append(words)
    named = frozenset({fold(name) for item in allergens for name in (item.key, item.en, item.es or "", *item.words) if " " not in name} | {"allergen", "allergy", "peanut"})  # fmt: skip
    said = tuple((word, frozenset(rest.split())) for note in notes for word, rest in _said_free(fold(note)))
    triggers = frozenset(
        {*FIGURE_WORDS, *NUMBERS, *DOZENS, *HEDGES, *_STATES, *_PAYMENTS, *_PROMISES, *_GUARANTEES, *_SAFE, *not_served}
        | set("free gratis gratuito gratuita hold book reserve confirm house charge money dinero us half mitad".split())
    )
    beginnings = frozenset(word[:length] for word in triggers for length in range(1, len(word) + 1))
    return Claims(triggers, beginnings, {word: tuple(names) for word, names in not_served.items()}, named, said)


def _said_free(note: str) -> Iterable[tuple[str, str]]:
    """(allergen, the words of its sentence) for every `...-free` that the profile says itself."""
    for sentence in re.split(r"[.;,]", note):
        for match in re.finditer(r"(\w+)-free", sentence):
            content = " ".join(word for word in re.findall(r"[a-z]{5,}", sentence) if word not in (match[1], "there"))
            yield match[1], content


def _claims(version: str, licence: Licence) -> Claims:
    profile = licence.profile
    allergies = profile.allergies
    notes = tuple(text for item in (*allergies.allergens, *allergies.diets) for text in (item.note.en, item.note.es or ""))
    return _of_version(version, profile.menu.not_served, (*allergies.allergens, *allergies.ask_a_person), notes)
