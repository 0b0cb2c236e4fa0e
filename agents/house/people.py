"""Whether somebody of the team is there, else when: said by whoever points to a person."""

from agents.matter import Matter
from business.profile.hours import is_open, next_open
from business.profile.spoken import exact, on_day


def team_line(matter: Matter) -> str:
    """One sentence, true by the business's hours."""
    profile, wording = matter.profile, matter.wording
    if is_open(profile, matter.now):
        return wording.say("person", "open")
    opening = next_open(profile, matter.now)
    if opening is None:
        return wording.say("person", "closed_long")
    days = (opening.date() - matter.today).days
    name = {0: "today", 1: "tomorrow"}.get(days, "later")
    when = wording.say("when", name, time=exact(opening.time()), day=on_day(opening.date(), matter.today, wording.language))
    return wording.say("person", "closed", when=when)
