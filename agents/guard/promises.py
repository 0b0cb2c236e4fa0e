"""Promises and guarantees: money back, something for nothing, a dish that is free of something."""

import re

from agents.guard.sentence import CONDITION, NOT, QUESTION, ahead, before, is_denied, words
from agents.guard.view import View

PROMISES = frozenset(
    "refund refunds refunded refunding refundable reimburse reimbursed reimbursement discount discounts discounted waive waived waiving "
    "compensate compensation voucher coupon complimentary rebate bonus credit promotion promo reembolso reembolsos reembolsar reembolsamos "
    "reembolsaremos reembolsable descuento descuentos devolver devolvemos devolveremos devolucion cortesia compensar compensaremos cupon "
    "promocion regalo regalamos obsequio".split()
)
# Promises only in a phrase: "on the house", "money back", "half price".
IN_PHRASES = frozenset("house charge charged money dinero us half mitad".split())
GUARANTEES = frozenset(
    "guarantee guarantees guaranteed guaranteeing promise promises promised promising garantizo garantizamos garantizado garantizada "
    "garantiza garantia prometo prometemos".split()
)
SAFE = frozenset("safe seguro segura seguros seguras".split())

_DECIDED = re.compile(
    words(
        "can't cannot unable not no never nobody whether if decide decides decided decision review reviews look looks person only question "
        "questions request requests ask asked about regarding until up.to isn't aren't don't doesn't without as.long non hasta si nunca "
        "decidir deciden revisa sobre pregunta preguntas persona equipo sin"
    )
)
_PROMISED = re.compile(
    words(
        "i'll we'll i.will we.will you'll you.will you.get you.receive we.give we.offer i.can.offer we.can.offer i.can.give we.can.give "
        "gets.you te.damos te.dare te.daremos te.ofrezco te.ofrecemos tendras recibiras le.daremos"
    )
    + r"(?!.*\b(?:ask|decide|decides|review|look|whether|if|check)\b)"
)
# "No questions asked" leaves nothing to anybody.
_UNASKED = re.compile(words("no.questions.asked no.questions sin.preguntas"))
_UNCHARGED = re.compile(r"\b(?:you|you'll) (?:will |are |do )?(?:won't|not|never|aren't|don't) (?:be |get |have been )?$")
_NOT_YET = frozenset("until till before unless twice again extra automatically here now yet today".split())
_CARD = re.compile(r"\b(?:or|debit|a|by|with)\s+(?:or )?$")
_SAFELY = re.compile(
    "(?:" + words("is are be completely totally perfectly entirely absolutely es son totalmente completamente sea") + r"|100 %|'s|'re)\s+$"
)
_SAFE_BEHIND = frozenset({"for", "to", "para", "eat", "comer", ".", "!", ",", ""})


def promise(view: View, at: int) -> str | None:
    """`promise` where a word promises money or something for nothing; None where it is asked, denied or a person's decision."""
    said = before(view, at)
    if not _is_promised(view, at, said):
        return None
    if _PROMISED.search(said) or view.lexemes[at].text == "charged":
        return "promise"
    if _DECIDED.search(said) or QUESTION.search(said):
        return None
    behind = _UNASKED.sub("", ahead(view, at + 1))
    return None if _DECIDED.search(behind) and not _PROMISED.search(behind) else "promise"


def _is_promised(view: View, at: int, said: str) -> bool:
    """Whether a word that may be a promise is one here, with the words beside it."""
    word, after = view.lexemes[at].text, view.at(at + 1).text
    match word:
        case "credit":
            return after == "of" or (after not in ("card", "cards") and not _CARD.search(said))
        case "house":
            return bool(re.search(r"\bon the\s+$", said))
        case "charge":
            return bool(re.search(r"\bfree of\s+$|\bat no (?:extra )?$", said))
        case "charged":
            return bool(_UNCHARGED.search(said)) and after not in _NOT_YET and view.at(at + 2).text not in _NOT_YET
        case "us":
            return bool(re.search(r"\b(?:is|are|treat|one's|it's|that's)\s+on\s+$|'s on\s+$", said)) and after != "for"
        case "money" | "dinero":
            return after == "back" or bool(re.search(r"\bdevol\w+\s+(?:el|tu|su)\s+$", said))
        case "half" | "mitad":
            return after in ("price", "off", "priced") or (after in ("de", "the") and view.at(at + 2).text in ("precio", "price"))
    return True


def guarantee(view: View, at: int) -> str | None:
    """`guarantee` where a word guarantees something."""
    said, word = before(view, at), view.lexemes[at].text
    if said.endswith("to be "):
        return None
    if word in SAFE and not (_SAFELY.search(said) and view.at(at + 1).text in _SAFE_BEHIND):
        return None
    return unless_denied(said, "guarantee")


def unless_denied(said: str, kind: str) -> str | None:
    """The kind, where the sentence neither denies nor asks."""
    return None if is_denied(said) or QUESTION.search(said) or re.search(r"\b(?:if|whether|si)\b", said) else kind


# -- what costs nothing

FREE = frozenset({"free", "gratis", "gratuito", "gratuita"})
# "No charge" is free of charge.
CHARGES = frozenset({"charge", "charges", "cost", "costo", "cargo", "fee", "fees", "tarifa", "cuota"})
_NOTHING = re.compile(r"\b(?:for|at no)\s+$")
_PART = re.compile(r"[,:(]\s|\b(?:but|pero)\b")
_ZEROS = (
    ("under_six", words(r"under younger menores menos toddlers? bab(?:y|ies) little.ones? infants? bebes? pequenos?")),
    ("travel", words("travel viaje traslado")),
    ("reschedule", words(r"change reschedul\w+ cambio cambiar move moving reprogram\w+")),
    ("weather", words("weather rain rains clima llueve lluvia")),
)
_FIRST_MILES = (re.compile(words("first within primeras dentro")), re.compile(words("miles? millas?")))


def scope_of(said: str) -> str:
    """The part of a sentence that a word at its end belongs to."""
    return _PART.split(said)[-1]


def is_for_nothing(said: str) -> bool:
    """`for free`."""
    return bool(_NOTHING.search(said))


def is_free_to(view: View, at: int, said: str) -> bool:
    """`feel free`, `free to choose`: no price at all."""
    after = view.at(at + 1)
    return (
        said.endswith(("feel ", "feels ", "felt ")) or after.text == "-" or (after.text == "to" and said.endswith(("are ", "'re ", "be ")))
    )


def is_asked_or_denied(said: str, scope: str) -> bool:
    return bool(QUESTION.search(said) or NOT.search(scope))


def is_conditional(said: str) -> bool:
    return bool(CONDITION.search(said))


def said_free(view: View, at: int, said: str) -> list[frozenset[str]]:
    """What is said to be free, as labels of which one must be licensed for nothing; empty: nothing that is named."""
    clause = re.split(r"[;]|,\s+(?:and|y|but)\s", said)[-1]
    near = f"{clause} {' '.join(ahead(view, at + 1).split()[:6])}"
    found = {label for label, pattern in _ZEROS if re.search(pattern, near)}
    if all(pattern.search(near) for pattern in _FIRST_MILES):
        found.add("free_miles")
    return [frozenset(found)] if found else []
