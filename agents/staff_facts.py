"""What a customer told, flat, as whoever of the staff takes over reads it."""

from typing import Any

from agents.understanding.facts import Facts


def staff_facts(facts: Facts) -> dict[str, Any]:
    """Only what is known. Dates ISO, times HH:MM; picks by key."""
    where = facts.where
    known: dict[str, Any] = {
        "date": facts.dates[0].isoformat() if facts.dates else None,
        "other_dates": ", ".join(day.isoformat() for day in facts.dates[1:]) or None,
        "time": facts.time.strftime("%H:%M") if facts.time else None,
        "adults": facts.adults,
        "children": facts.children,
        "under_six": facts.under_six,
        "guests": facts.people,
        "place": (where.address or where.said) if where is not None and not where.unknown else None,
        "proteins": _counted(facts.proteins),
        "upgrades": _counted(facts.upgrades),
        "add_ons": _counted({**facts.add_ons, **{f"extra {key}": n for key, n in facts.premium_extras.items()}}),
        "diets": ", ".join(facts.diets) or None,
        "allergens": ", ".join(facts.allergens) or None,
        "name": facts.name,
        "phone": facts.phone,
        "email": facts.email,
    }
    return {name: value for name, value in known.items() if value is not None}


def _counted(picks: Any) -> str | None:
    return ", ".join(f"{count} {key.replace('_', ' ')}" for key, count in picks.items()) or None
