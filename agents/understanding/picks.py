"""How many persons want which upgrade or add-on: "4 lobster tails", "gyoza for 6", "filet for everybody"."""

import re

from agents.understanding.facts import Facts
from agents.understanding.listening import Named
from business.profile.schemas import Profile

_BEFORE = re.compile(r"(\d{1,4})\s+(?:x\s+|of\s+(?:the\s+|them\s+)?|orders?\s+of\s+|ordenes\s+de\s+|de\s+)?(extra\s+(?:premium\s+)?)?$")
_AFTER = re.compile(r"^\s*(?:x|for|para|:)\s*(\d{1,4}|all|everyone|everybody|todos|todas)\b")
_EVERYBODY = re.compile(r"\b(?:everyone|everybody|all of us|todos|todas)\s+(?:\w+\s+){0,2}$")


def read_picks(profile: Profile, text: str, dishes: list[Named], eaters: int | None) -> Facts:
    """Counts per dish in a folded text with digits. "Everybody" counts once the party is known."""
    upgrades = {dish.key for dish in profile.menu.upgrades}
    proteins = {dish.key for dish in profile.menu.proteins}
    add_ons = {dish.key for dish in profile.menu.add_ons if not dish.plus_upgrade}
    extra = next((dish.key for dish in profile.menu.add_ons if dish.key == "extra_protein"), None)
    wanted: dict[str, dict[str, int]] = {"upgrades": {}, "add_ons": {}, "premium_extras": {}}
    for dish in dishes:
        count, as_extra = _count(text, dish, eaters)
        if count is None:
            continue
        if dish.key in upgrades:
            wanted["premium_extras" if as_extra else "upgrades"][dish.key] = count
        elif dish.key in add_ons:
            wanted["add_ons"][dish.key] = count
        elif dish.key in proteins and as_extra and extra is not None:
            wanted["add_ons"][extra] = wanted["add_ons"].get(extra, 0) + count
    return Facts(upgrades=wanted["upgrades"], add_ons=wanted["add_ons"], premium_extras=wanted["premium_extras"])


def _count(text: str, dish: Named, eaters: int | None) -> tuple[int | None, bool]:
    """(persons, whether it is an extra protein) for one mention."""
    before = _BEFORE.search(text[: dish.start])
    if before is not None:
        return int(before[1]), before[2] is not None
    after = _AFTER.match(text[dish.end :])
    if after is not None:
        return (int(after[1]) if after[1].isdigit() else eaters), False
    if _EVERYBODY.search(text[: dish.start]):
        return eaters, False
    return None, False
