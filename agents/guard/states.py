"""Claims of how things stand: a date is free, a booking confirmed, a deposit received. Only a tool knows."""

import re
from collections.abc import Mapping

from agents.guard.sentence import CONDITION, NOT, QUESTION, ahead, before, context, words
from agents.guard.view import View

# By word, the statement that a tool must have made.
STATES: Mapping[str, str] = {
    word: statement
    for statement, claimed in {
        "free": "available open vacant disponible disponibles libre libres",
        "taken": "taken unavailable ocupado ocupada ocupados ocupadas",
        "held": "held reserved holding reserving reservado reservada apartado apartada apartamos",
        "confirmed": "confirmed booked booking secured locked set yours confirmado confirmada confirmamos agendado agendada asegurado "
        "asegurada tuyo tuya",
        "received": "received paid recibido recibida recibimos recibi pagado pagada processed cleared successful complete through "
        "procesado procesada acreditado acreditada exitoso completado",
        "cancelled": "cancelled canceled cancelado cancelada cancelamos cancele",
        "moved": "rescheduled moved changed updated switched shifted reprogramado reprogramada cambiado cambiada movido movida actualizado "
        "actualizada cambie movi actualice",
        "accepted": "accepted agreed aceptado aceptada aceptados aceptadas acordados acordadas",
        "refunded": "returned devolvimos devuelto devuelta reintegrado reintegramos",
        "sent": "sent emailed texted enviado enviada enviamos envie",
    }.items()
    for word in claimed.split()
}
# What a word says only of something: the words that it is about stand in its sentence.
_OF_MONEY = words("deposit payment transfer charge money deposito pago dinero transferencia cargo")
_OF_A_BOOKING = words(
    "booking reservation party event date time slot count number guests it you everything reserva reservacion fiesta evento fecha hora "
    "horario numero invitados conteo"
)
_OF_TERMS = words("terms conditions them condiciones terminos")
_ABOUT: Mapping[str, str] = {
    word: about
    for about, said in {
        _OF_MONEY: "processed cleared successful complete through procesado procesada acreditado acreditada exitoso completado returned "
        "devolvimos devuelto devuelta reintegrado reintegramos",
        _OF_A_BOOKING: "changed updated switched shifted cambiado cambiada movido movida actualizado actualizada cambie movi actualice "
        "cancele",
        _OF_TERMS: "accepted agreed aceptado aceptada aceptados aceptadas acordados acordadas",
    }.items()
    for word in said.split()
}
# Money that has gone back, in words that are a promise unless a tool has told so.
REFUNDED = frozenset({"refund", "refunded", "reembolsado", "reembolsada", "reembolso", "reimbursed"})
# Nothing is owed any more.
DEBTS = frozenset({"nothing", "nada"})
PAYMENTS = frozenset({"deposit", "payment", "deposito", "pago"})
# What somebody is about to do who cannot do it.
DEEDS = frozenset({"hold", "book", "reserve", "confirm"})

_ADVERBS = (
    r"(?:(?:now|already|all|officially|fully|currently|still|just|successfully|also|both|indeed|definitely|wide|completely|totally|not|"
    r"gone ahead and|todo|toda|ya|todavia|aun|oficialmente|totalmente|completamente|tambien|locked|in)\s+)*$"
)
_BE = re.compile(
    "(?:"
    + words("is are was were been be being remains looks es esta estan sido queda quedo quedan son fue sigue")
    + r"|'s|'re)\s+"
    + _ADVERBS
)
_DID = re.compile(
    "(?:" + words("i've we've i.have we.have i we i'm we're i.am we.are i'll.be he hemos ha han has ya te le") + r"|'ve)\s+" + _ADVERBS
)
_DOING = re.compile(words("i'm we're i.am we.are") + r"\s+(?:now |just )*$")
_WILL = re.compile(words("i'll i.will i'm.going.to i.am.going.to let.me") + r"\s+(?:now |go ahead and |just )*$")
_UNSURE = re.compile(
    words(
        "can't cannot could would may might never nobody only to.be will.be gets must should need needs checks?.if checks?.whether "
        "can.be may.be checks?.that see.if see.whether nunca podria puede pueden debe sera seran sea solo"
    )
)
_LATER = frozenset("once when after as if only by with upon until unless cuando una al si tras con en hasta despues before".split())
_NO_LATER = frozenset({"with", "en", "con", "as"})
_CLAUSE = re.compile(r",\s|\b(?:and|but|so|y|pero|que)\s")
_DATES = re.compile(
    words(
        "date dates day days slot slots time times spot evening night afternoon weekend calendar party it that this am pm noon "
        "tomorrow today manana monday tuesday wednesday thursday friday saturday sunday "
        "fecha fechas dia horario horarios hora noche tarde calendario eso "
        "lunes martes miercoles jueves viernes sabado domingo january february march april may june july august september october november "
        r"december enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre \d{1,2}(?:st|nd|rd|th)?"
    )
)
# Behind "it is available": of a dish or a service, not of a date.
_AS_FOOD = frozenset("as in upon daily every from to by por como en todos a".split())
_ON = frozenset("on that then for el para ese esa este esta".split())
_NOT_OF_DATES = frozenset("minded air flame fire grill space kitchen question questions".split())
_INTRO = re.compile(
    r"^(?:(?:yes|great|good|news|perfect|done|ok|okay|wonderful|awesome|si|listo|perfecto|buenas|noticias|excelente|and|it's|all|now|still|,|!|:|-|—)\s*)*$"
)
_HEADLINE = re.compile(
    r"^(?:your |the |tu |su )?" + words("payment deposit booking reservation date slot deposito pago reserva fecha") + r"\s+$"
)
_THANKS = re.compile(
    words("received got thanks.for thank.you.for gracias.por recibimos llego ya.tenemos") + r"\s+" + words("your the tu su el") + r"\s+$"
)
# Of themselves nobody's: "confirmamos tu fecha cuando ..." is how it goes, "ya confirmamos" is a claim.
_PLURALS = frozenset({"apartamos", "confirmamos", "enviamos", "cancelamos", "recibimos"})
# The same of what somebody says to have done: "que cancele la reserva" is a wish.
_FIRSTS = frozenset({"cancele", "cambie", "movi", "actualice", "devolvimos", "reintegramos"})
_OWES = re.compile(words("owe owes debes deben debe") + r"\s+$")
_TO_PAY = re.compile(
    r"^(?:(?:is|else|more|mas|queda)\s+)*(?:(?:left\s+)?to\s+(?:pay|settle)|left\s+on|due|owed|outstanding|por\s+pagar|que\s+pagar)\b"
)
_PAST = re.compile(words("was were been is has.been have.been he hemos fue ha") + r"\s+(?:now |already |ya |sido )?$")
_WENT_BACK = re.compile(
    r"^(?:(?:of|de|for|por|your|the|tu|el)\s|\W|[\w$.,]+\s){0,6}?"
    r"(?:has been|was|is|fue|ya)\s+(?:already |ya )?(?:sent|issued|made|enviado|hecho)\b"
)


def state(view: View, at: int, statements: frozenset[str]) -> str | None:
    """`statement` where a word claims a state that no tool has told; None where nothing is claimed."""
    said, word = before(view, at), view.lexemes[at].text
    clause = _CLAUSE.split(said)[-1]
    wanted = _wanted(view, at, said, clause)
    if wanted is None or wanted in statements or (wanted == "held" and "confirmed" in statements):
        return None
    if word in _ABOUT and not (re.search(_ABOUT[word], said) or re.search(_ABOUT[word], ahead(view, at + 1))):
        return None
    if word == "set" and (not said.endswith("all ") or "held" in statements):
        return None
    if word == "through" and not said.endswith("went "):
        return None
    if QUESTION.search(said) or CONDITION.search(said) or _UNSURE.search(clause) or not _is_claimed(view, at, said, word):
        return None
    after = view.at(at + 1).text
    if after in _LATER and not (after in _NO_LATER and wanted in ("held", "confirmed")):
        return None
    return "statement"


def is_refund_told(view: View, at: int, statements: frozenset[str]) -> bool:
    """Whether money is said to have gone back, and a tool has told so; what is still to come stays a promise."""
    if "refunded" not in statements:
        return False
    done = _PAST.search(before(view, at)) or _DID.search(before(view, at))
    return bool(done or _WENT_BACK.search(ahead(view, at + 1)))


def debt(view: View, at: int, statements: frozenset[str]) -> str | None:
    """`You owe nothing`, `nothing is left to pay`."""
    said = before(view, at)
    if "settled" in statements or QUESTION.search(said) or CONDITION.search(said):
        return None
    return "statement" if _OWES.search(said) or _TO_PAY.search(ahead(view, at + 1)) else None


def deed(view: View, at: int, statements: frozenset[str]) -> str | None:
    """`I'll hold it for you now`: nobody but a tool can."""
    return "statement" if _WILL.search(before(view, at)) and "held" not in statements else None


def thanks(view: View, at: int, statements: frozenset[str]) -> str | None:
    """`Thanks for your deposit!`"""
    said = before(view, at)
    if not _THANKS.search(said) or "received" in statements:
        return None
    return None if CONDITION.search(said) or NOT.search(said) or QUESTION.search(said) else "statement"


def about_dates(text: str) -> bool:
    """Whether a date, a slot or a day is spoken of."""
    return bool(_DATES.search(text))


def is_claim_of_being(text: str) -> bool:
    """Whether a sentence goes up to `is`, `are`."""
    return bool(_BE.search(text))


def is_unsure(text: str) -> bool:
    return bool(_UNSURE.search(text))


def _wanted(view: View, at: int, said: str, clause: str) -> str | None:
    """Which statement a word needs here; None where it is about something else, or denied."""
    word = view.lexemes[at].text
    wanted, negated = STATES[word], bool(NOT.search(clause))
    if word in ("yours", "tuyo", "tuya") and view.at(at + 1).text in ("to", "para"):
        return None
    if wanted == "confirmed" and re.search(r"\bfully\s+$", said):
        wanted = "taken"
    if wanted not in ("free", "taken"):
        return None if negated else wanted
    if not _of_a_date(view, at, said):
        return None
    return "taken" if negated and wanted == "free" else wanted


def _is_claimed(view: View, at: int, said: str, word: str) -> bool:
    if word in ("booking", "holding", "reserving"):
        return bool(_DOING.search(said))
    if word in _FIRSTS:
        return bool(re.search(r"(?:^|\b(?:ya|te|le|lo|la)\s+)$", said))
    if word == "through":
        return True
    if word in _PLURALS:
        return word == "recibimos" or bool(re.search(r"\b(?:ya|te|le)\s+(?:ya )?$", said))
    if _BE.search(said) or (_DID.search(said) and word not in ("open", "available", "yours", "tuyo", "tuya", "libre", "libres")):
        return True
    if _HEADLINE.match(said) and view.at(at + 1).text in ("!", ".", ""):
        return True
    if not _INTRO.match(said) or word in ("open", "sent", "moved"):
        return False
    after = view.at(at + 1).text
    return after in ("!", ".", ":", "for", "on", "", ",", "para") and (said != "" or after == "!")


def _of_a_date(view: View, at: int, said: str) -> bool:
    """Whether it is a date that is called free or taken, not a dish, a person or a day of business."""
    after = view.at(at + 1).text
    verb = _BE.search(said)
    subject = said[: verb.start()] if verb else said
    if after in _NOT_OF_DATES:
        return False
    if subject.rstrip().endswith(("it", "that", "eso")):
        return after not in _AS_FOOD and about_dates(context(view, at))
    if not subject.strip():
        return after in _ON or (not verb and about_dates(context(view, at)) and after in ("!", "."))
    if re.search(r"(?:\b(?:we|i|chef|chefs|team|estamos|tenemos)\s*)$", subject):
        return after in _ON
    return about_dates(subject)
