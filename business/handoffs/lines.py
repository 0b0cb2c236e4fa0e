"""What a customer reads when a person is asked for, or is late: short, with a time that is true by the business's hours."""

from datetime import datetime, timedelta

from business.profile.hours import expected_minutes, is_open, next_open
from business.profile.schemas import Profile
from business.profile.spoken import exact, on_day
from kernel.wire.base import Risk

_LINES = {
    "en": {
        "soon": "A person joins you here in about {minutes} minutes. Just keep writing.",
        "later": "People answer again {when}. Leave your question here and a person writes back then.",
        "unknown": "Your question is with our team. A person writes back here.",
        "late": "This takes longer than we said. You are still in line, and we have reminded the team.",
        "silent": "The person helping you is held up. We have reminded them; you can also go back to the assistant.",
        "today": "today at {time}",
        "on": "{day} at {time}",
    },
    "es": {
        "soon": "Una persona te atiende aquí en unos {minutes} minutos. Puedes seguir escribiendo.",
        "later": "Volvemos a atender {when}. Deja aquí tu pregunta y una persona te responde entonces.",
        "unknown": "Tu pregunta está con nuestro equipo. Una persona te responde aquí.",
        "late": "Está tardando más de lo que dijimos. Sigues en la fila y ya avisamos al equipo.",
        "silent": "La persona que te atiende se ha retrasado. Ya le avisamos; también puedes volver al asistente.",
        "today": "hoy a las {time}",
        "on": "{day} a las {time}",
    },
}


def language(locale: str | None) -> str:
    """The language that a locale's lines are written in; English where there is none."""
    short = (locale or "en").split("-")[0].lower()
    return short if short in _LINES else "en"


def waiting(profile: Profile, now: datetime, locale: str | None) -> tuple[str, int | None]:
    """The line for a customer who asked for a person, and the minutes to expect."""
    words = _LINES[language(locale)]
    minutes = expected_minutes(profile, now)
    if is_open(profile, now):
        return words["soon"].format(minutes=profile.people.reply_minutes), minutes
    opening = next_open(profile, now)
    if opening is None:
        return words["unknown"], None
    clock, today = exact(opening.time()), now.astimezone(profile.business.zone).date()
    if opening.date() == today:
        when = words["today"].format(time=clock)
    else:
        when = words["on"].format(day=on_day(opening.date(), today, language(locale)), time=clock)
    return words["later"].format(when=when), minutes


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


def silent(locale: str | None) -> str:
    """The line for a customer whom a person keeps waiting."""
    return _LINES[language(locale)]["silent"]
