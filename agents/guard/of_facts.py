"""The figures of what was understood of a customer's words: they may be read back. Never money."""

from collections.abc import Iterable

from agents.guard.figures import Figure, count_figure, date_figures, plain, time_figures
from agents.guard.licence import readings
from agents.understanding.facts import Facts, Where
from business.bookings.rules import duration_minutes
from business.profile.schemas import Profile

_LABELS = {"adults": "adult", "children": "child", "under_six": "under_six"}


def figures_of_facts(profile: Profile, facts: Facts) -> frozenset[Figure]:
    """The date, the time, the guests by age and in all, how long their party takes, picks, the place, ways to be reached."""
    found = {*date_figures(*facts.dates), *_counts(facts), *_reached(facts)}
    if facts.time is not None:
        found |= time_figures(facts.time)
    if facts.has_party and (guests := facts.party().guests):
        found.add(Figure("minutes", str(duration_minutes(profile, guests)), frozenset({"length"})))
    if facts.where is not None:
        found |= {*_place(facts.where)}
    return frozenset(found)


def _counts(facts: Facts) -> Iterable[Figure]:
    for name, label in _LABELS.items():
        count = getattr(facts, name)
        if count is not None:
            yield count_figure(count, label)
    if facts.has_party:
        party = facts.party()
        yield from (count_figure(count, "guest") for count in (party.guests, party.eaters))
        yield count_figure(party.adults, "adult")
    for picked in (facts.proteins, facts.upgrades, facts.add_ons, facts.premium_extras, facts.diet_counts):
        for key, count in picked.items():
            yield count_figure(count, key, "guest", "pick", "protein")


def _reached(facts: Facts) -> Iterable[Figure]:
    if facts.phone:
        yield Figure("phone", facts.phone)
    if facts.email:
        yield Figure("email", facts.email)


def _place(where: Where) -> Iterable[Figure]:
    if where.miles is not None:
        yield Figure("miles", plain(where.miles))
    for text in (where.said, where.address or ""):
        for said in readings(text, "en", loose=True):
            if said.kind in ("address", "number"):
                yield from (Figure(said.kind, value) for value in said.values)
                yield from (Figure("number", value.split()[0]) for value in said.values)
