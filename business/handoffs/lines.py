"""What a customer reads when a person is asked for, or is late: short, with a time that is true by the business's hours."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from business.handoffs.expected import Waits
from business.profile.hours import expected_minutes, is_open, next_open
from business.profile.schemas import Profile
from business.profile.spoken import at_time, on_day
from kernel.wire.base import Risk

AS_THE_PROFILE_SAYS = Waits()
_LINES = {
    "en": {
        "soon": "A person joins you here in about {minutes} minutes.{ahead} Just keep writing.",
        "one_ahead": " One customer is before you.",
        "ahead": " {count} customers are before you.",
        "contact": " Add your phone number or e-mail address, and we can reach you there too.",
        "later": "People answer again {when}. Leave your question here and a person writes back then.",
        "unknown": "Your question is with our team. A person writes back here.",
        "late": "This takes longer than we said. You are still in line, and we have reminded the team.",
        "silent": "The person helping you is held up. We have reminded them; you can also go back to the assistant.",
        "silent_sms": "The person helping you is held up. We have reminded them.",
        "today": "today {at}",
        "on": "{day} {at}",
    },
    "es": {
        "soon": "Una persona te atiende aquí en unos {minutes} minutos.{ahead} Puedes seguir escribiendo.",
        "one_ahead": " Hay una persona antes que tú.",
        "ahead": " Hay {count} personas antes que tú.",
        "contact": " Agrega tu teléfono o tu correo electrónico y también te contactamos por ahí.",
        "later": "Volvemos a atender {when}. Deja aquí tu pregunta y una persona te responde entonces.",
        "unknown": "Tu pregunta está con nuestro equipo. Una persona te responde aquí.",
        "late": "Está tardando más de lo que dijimos. Sigues en la fila y ya avisamos al equipo.",
        "silent": "La persona que te atiende se ha retrasado. Ya le avisamos; también puedes volver al asistente.",
        "silent_sms": "La persona que te atiende se ha retrasado. Ya le avisamos.",
        "today": "hoy {at}",
        "on": "{day} {at}",
    },
}


def language(locale: str | None) -> str:
    """The language that a locale's lines are written in; English where there is none."""
    short = (locale or "en").split("-")[0].lower()
    return short if short in _LINES else "en"


def waiting(profile: Profile, now: datetime, locale: str | None, waits: Waits = AS_THE_PROFILE_SAYS) -> tuple[str, int | None]:
    """The line for a customer who asked for a person, and the minutes to expect. While nobody is there, it asks for a way to reach them
    where none is known."""
    words = _LINES[language(locale)]
    answer = profile.people.reply_minutes if waits.minutes is None else waits.minutes
    minutes = expected_minutes(profile, now, answer)
    if is_open(profile, now):
        return words["soon"].format(minutes=answer, ahead=_ahead(words, waits.ahead)), minutes
    contact = words["contact"] if waits.unreachable else ""
    opening = next_open(profile, now)
    if opening is None:
        return words["unknown"] + contact, None
    at, today = at_time(opening.time(), language(locale)), now.astimezone(profile.business.zone).date()
    if opening.date() == today:
        when = words["today"].format(at=at)
    else:
        when = words["on"].format(day=on_day(opening.date(), today, language(locale)), at=at)
    return words["later"].format(when=when) + contact, minutes


def _ahead(words: Mapping[str, str], count: int) -> str:
    """How many wait already; nothing where nobody does."""
    if not count:
        return ""
    return words["one_ahead"] if count == 1 else words["ahead"].format(count=count)


def due_at(profile: Profile, now: datetime) -> datetime:
    """When a request for a person is overdue: some minutes after people can have seen it."""
    opening = next_open(profile, now)
    start = now if opening is None else max(now, opening)
    return start + timedelta(minutes=profile.people.due_minutes)


def due(profile: Profile, now: datetime, urgency: Risk) -> datetime:
    """When a handoff that the assistant opens is overdue: what is severe waits for no opening hour."""
    return now if urgency == "severe" else due_at(profile, now)


def late(locale: str | None) -> str:
    """The line for a customer whose handoff nobody claimed in time."""
    return _LINES[language(locale)]["late"]


def silent(locale: str | None, *, by_text: bool = False) -> str:
    """The line for a customer whom a person keeps waiting. The way back to the assistant is on the page alone."""
    return _LINES[language(locale)]["silent_sms" if by_text else "silent"]
