"""Hours as people say them, in the customer's language and the business's zone: "12 PM to 9 PM", "12:00 PM tomorrow". Pure."""

from datetime import date, datetime, time
from itertools import groupby

from business.profile.hours import Span, is_open, next_open, weekly
from business.profile.schemas import Profile

_SHORT = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "es": ("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
}
_LONG = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
_MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
}
_AND = {"en": " and ", "es": " y "}


def language_of(locale: str | None) -> str:
    """`en` or `es`."""
    return "es" if (locale or "en").split("-")[0].lower() == "es" else "en"


def hours_line(profile: Profile, locale: str | None) -> str:
    """`12 PM to 9 PM` where every day is the same, else by days: `Mon to Fri 12 PM to 9 PM, Sat 10 AM to 2 PM`; closed days unsaid."""
    language = language_of(locale)
    week = [weekly(profile, day) for day in range(7)]
    if same_every_day(profile):
        return _spans(week[0], language)
    runs = [(spans, [day for day, _ in run]) for spans, run in groupby(enumerate(week), key=lambda item: item[1]) if spans]
    return ", ".join(f"{_days(days, language)} {_spans(spans, language)}" for spans, days in runs)


def same_every_day(profile: Profile) -> bool:
    """Whether the usual hours are those of every weekday."""
    return len({weekly(profile, day) for day in range(7)}) == 1


def back_line(profile: Profile, now: datetime, locale: str | None) -> str | None:
    """When people are back: `12:00 PM tomorrow`, `12:00 PM on Monday`; None while they are there, or gone for long."""
    opening = None if is_open(profile, now) else next_open(profile, now)
    if opening is None:
        return None
    language, today = language_of(locale), now.astimezone(profile.business.zone).date()
    at, away = exact(opening.time()), (opening.date() - today).days
    if language == "en":
        return f"{at} {('today', 'tomorrow')[away] if away < 2 else on_day(opening.date(), today, language)}"
    hour = "la" if opening.hour % 12 == 1 else "las"
    return f"{('hoy', 'mañana')[away] if away < 2 else on_day(opening.date(), today, language)} a {hour} {at}"


def on_day(day: date, today: date, language: str) -> str:
    """`on Monday` within the week, `on December 7` beyond it: a weekday alone would be taken for the next."""
    if (day - today).days < 7:
        name = _LONG[language][day.weekday()]
    else:
        month = _MONTHS[language][day.month - 1]
        name = f"{month} {day.day}" if language == "en" else f"{day.day} de {month}"
    return f"on {name}" if language == "en" else f"el {name}"


def whole_day(day: date, today: date, language: str) -> str:
    """`Saturday, December 5`, `sábado 5 de diciembre`: never to be taken for another day; with its year where that is not clear."""
    name, month = _LONG[language][day.weekday()], _MONTHS[language][day.month - 1]
    year = "" if 0 <= (day - today).days < 300 else (f", {day.year}" if language == "en" else f" de {day.year}")
    return f"{name}, {month} {day.day}{year}" if language == "en" else f"{name} {day.day} de {month}{year}"


def moment_of(day: date, at: time, today: date, language: str) -> str:
    """`Saturday, December 5 at 6:00 PM`, `sábado 5 de diciembre a las 6:00 PM`."""
    return f"{whole_day(day, today, language)} {at_time(at, language)}"


def at_time(at: time, language: str) -> str:
    """`at 6:00 PM`, `a las 6:00 PM`."""
    if language == "en":
        return f"at {exact(at)}"
    return f"a {'la' if at.hour % 12 == 1 else 'las'} {exact(at)}"


def weekday_of(day: date, language: str) -> str:
    """`Saturday`, `sábado`."""
    return _LONG[language][day.weekday()]


def exact(moment: time) -> str:
    """`6:00 PM`."""
    return f"{moment.hour % 12 or 12}:{moment.minute:02d} {'AM' if moment.hour < 12 else 'PM'}"


def short(moment: time) -> str:
    """`6 PM`, `6:30 PM`."""
    return exact(moment).replace(":00 ", " ")


def _spans(spans: tuple[Span, ...], language: str) -> str:
    between = "{} to {}" if language == "en" else "de {} a {}"
    return _AND[language].join(between.format(short(start), short(end)) for start, end in spans)


def _days(days: list[int], language: str) -> str:
    names = _SHORT[language]
    if len(days) == 1:
        return names[days[0]]
    joined = (" to " if language == "en" else " a ") if len(days) > 2 else _AND[language]
    return f"{names[days[0]]}{joined}{names[days[-1]]}"
