"""What is picked: proteins, upgrades and add-ons with counts ("6 chicken, 6 steak", "filet for everybody"), and what is taken back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from agents.understanding.facts import MAPPINGS, Facts
from agents.understanding.listening import Named
from business.profile.schemas import Profile

_BEFORE = re.compile(
    r"(?<![\d$.,/])(\d{1,3}|an?|una?)\s+(?:x\s+|more\s+|of\s+(?:the\s+|them\s+)?|orders?\s+of\s+|ordenes?\s+de\s+"
    r"|de\s+)?(extra\s+(?:premium\s+)?)?$"
)
# "4 of them want lobster".
_SOME = re.compile(
    r"(?<![\d$.,/])(\d{1,3})\s+(?:of\s+(?:them|us|the\s+\w+)\s+|de\s+(?:ellos|nosotros)\s+|"
    r"(?:people|guests|adults|kids|personas|invitados|adultos|ninos)\s+)?"
    r"(?:(?:will|would|who|que)\s+)?(?:wants?|gets?|like|eat|quieren?|van a querer|comen|llevan|with|con)\s+(?:the\s+)?$"
)
_EXTRA = re.compile(r"\bextra\s+(?:premium\s+)?$")
_AFTER = re.compile(r"^\s*(?:x|for|para|[:=-])\s*(?:all\s+)?(\d{1,3})\b(?!\s*(?:st|nd|rd|th|pm|am)\b)")
_AFTER_BARE = re.compile(r"^\s+(\d{1,3})(?=\s*(?:$|[,;.\n]|and\b|y\b|[a-z]))")
_EVERYBODY = (
    r"(?:everyone|everybody|every one|every guest|each guest|each person|each of us|all of us|we all|all"
    r"|the whole group|todos|todas|cada uno|cada persona)"
)
_FOR_ALL_BEFORE = re.compile(rf"\b(?:for |para )?{_EVERYBODY}\s*,?\s+(?:\w+\s+){{0,3}}$")
_FOR_ALL_AFTER = re.compile(rf"^\s*(?:\w+\s+)?(?:for|para)\s+(?:{_EVERYBODY}|each)\b|^\s*(?:each|cada uno)\b")
_HALF = re.compile(
    r"\b(?:half|1/2|mitad|la mitad|half and half|mitad y mitad)\s*,?\s*(?:of (?:us|them|the guests)\s+)?(?:want\s+"
    r"|de\s+|con\s+|quieren\s+)?$"
)
_TAKEN_BACK = re.compile(
    r"\b(?:no|without|remove|drop|skip|cancel|take off|take out|forget|scratch|lose|no more|instead of"
    r"|rather than|don't want|do not want|sin|quita|quiten|"
    r"quitar|cancela|ya no|nada de|no quiero|no queremos|en vez de|en lugar de)\s+(?:the\s+|any\s+|want\s+"
    r"|la\s+|el\s+|las\s+|los\s+|quiero\s+|queremos\s+)?$"
)
_GONE_AFTER = re.compile(r"^\s+(?:is\s+)?(?:no longer|anymore|not needed|ya no)\b")
_JOIN = re.compile(r"\s*(?:,|,?\s*and|,?\s*y|,?\s*e|n|'n|&|\+|/|with|con|or)?\s*(?:the\s+|some\s+)?")
_INSTEAD = re.compile(r"\s*,?\s*(?:instead of|rather than|en vez de|en lugar de|in place of)\s+(?:the\s+|la\s+|el\s+|los\s+|las\s+)?")
_SWAP = re.compile(r"\b(?:swap|switch|change|replace|cambia|cambiar|cambie|cambien|reemplaza)\b")


@dataclass(frozen=True, slots=True)
class Wish:
    """One mention of a dish. `count`: persons (picks for proteins), None where none was told. `more`: beside those known before."""

    key: str
    count: int | None = None
    everyone: bool = False
    half: bool = False
    extra: bool = False
    gone: bool = False
    more: bool = False


def read_picks(profile: Profile, text: str, dishes: list[Named], before: Facts, eaters: int | None, asked: str | None) -> Facts:
    """Counts per dish in a folded text with digits. "Everybody" counts once the party is known; a count of 0 takes a dish back.

    `asked`: the fact asked for; a bare "chicken and steak" is what everybody has.
    """
    menu = profile.menu
    wishes = _wishes(text, dishes)
    picked = {dish.key for dish in (*menu.proteins, *menu.upgrades)}
    bare = all(wish == Wish(wish.key) and wish.key in picked for wish in wishes) and "?" not in text
    if asked == "proteins" and bare and len({wish.key for wish in wishes}) == menu.picks_per_guest:
        wishes = [Wish(wish.key, everyone=True) for wish in wishes]
    kinds = {dish.key: "proteins" for dish in menu.proteins} | {dish.key: "upgrades" for dish in menu.upgrades}
    kinds |= {dish.key: "add_ons" for dish in menu.add_ons if not dish.plus_upgrade}
    extra = next((dish.key for dish in menu.add_ons if dish.key == "extra_protein"), None)
    wanted: dict[str, dict[str, int]] = {name: {} for name in MAPPINGS}
    everyone: list[str] = []
    halves = [wish for wish in wishes if wish.half]
    # "Half chicken, half steak, and everyone gets shrimp": the halves share what everybody's picks leave.
    shared = {wish.key for wish in wishes if wish.everyone and wish.key in picked}
    parted = max(menu.picks_per_guest - len(shared), 1)
    for wish in wishes:
        kind = kinds.get(wish.key)
        if kind is None:
            continue
        if wish.gone:
            for name in MAPPINGS:
                if wish.key in getattr(before, name):
                    wanted[name][wish.key] = 0
        elif wish.half and eaters and len(halves) > 1:
            wanted[kind][wish.key] = (parted if kind != "add_ons" else 1) * eaters // len(halves)
        elif wish.everyone:
            everyone.append(wish.key)
            if eaters:
                wanted[kind][wish.key] = eaters
        elif wish.count is not None and wish.extra and kind == "upgrades":
            wanted["premium_extras"][wish.key] = wish.count
        elif wish.count is not None and wish.extra and kind == "proteins" and extra is not None:
            wanted["add_ons"][extra] = wanted["add_ons"].get(extra, 0) + wish.count
        elif wish.count is not None:
            known = getattr(before, kind).get(wish.key, 0) if wish.more else 0
            wanted[kind][wish.key] = wanted[kind].get(wish.key, known) + wish.count
    _swap(text, dishes, kinds, before, wanted)
    return Facts(**{name: counts for name, counts in wanted.items()}, for_everyone=tuple(dict.fromkeys(everyone)))  # type: ignore[arg-type]


def _wishes(text: str, dishes: list[Named]) -> list[Wish]:
    # "chicken 6, shrimp 6": the numbers stand behind.
    first = dishes[0] if dishes else None
    behind = first is not None and not _BEFORE.search(text[: first.start]) and _AFTER_BARE.match(text[first.end :]) is not None
    found: list[Wish] = []
    for at, dish in enumerate(dishes):
        previous = dishes[at - 1] if at else None
        joined = previous is not None and _JOIN.fullmatch(text[previous.end : dish.start]) is not None
        wish = _wish(text, dish, behind=behind)
        if joined and wish.count is None and not (wish.gone or wish.half or wish.everyone):
            last = found[-1]
            wish = Wish(dish.key, everyone=last.everyone, gone=last.gone, half=last.half)
        found.append(wish)
    # "chicken and steak for everyone": what is said after the last holds for those joined to it.
    for at in range(len(dishes) - 2, -1, -1):
        here, after = found[at], found[at + 1]
        joined = _JOIN.fullmatch(text[dishes[at].end : dishes[at + 1].start]) is not None
        if joined and after.everyone and here.count is None and not (here.gone or here.half):
            found[at] = Wish(here.key, everyone=True)
    return found


def _wish(text: str, dish: Named, *, behind: bool) -> Wish:
    ahead, after = text[: dish.start], text[dish.end :]
    if _TAKEN_BACK.search(ahead) or _GONE_AFTER.match(after):
        return Wish(dish.key, gone=True)
    if _HALF.search(ahead):
        return Wish(dish.key, half=True)
    before = None if behind else _BEFORE.search(ahead)
    if before is not None and (before[1].isdigit() or before[2] or dish.key.startswith("extra")):
        more = re.search(r"\bmore\b", before[0]) is not None or re.match(r"\s+mas\b", after) is not None
        return Wish(dish.key, int(before[1]) if before[1].isdigit() else 1, extra=before[2] is not None, more=more)
    number = _AFTER.match(after) or (_AFTER_BARE.match(after) if behind else None)
    if number is not None:
        return Wish(dish.key, int(number[1]), extra=_EXTRA.search(ahead) is not None)
    some = _SOME.search(ahead)
    if some is not None:
        return Wish(dish.key, int(some[1]))
    if _FOR_ALL_AFTER.match(after) or _FOR_ALL_BEFORE.search(ahead):
        return Wish(dish.key, everyone=True)
    return Wish(dish.key)


def _swap(text: str, dishes: list[Named], kinds: Mapping[str, str], before: Facts, wanted: dict[str, dict[str, int]]) -> None:
    """ "change the chicken to steak", "shrimp instead of steak": the one takes the other's place."""
    named = [dish for dish in dishes if dish.key in kinds]
    if len(named) != 2:
        return
    first, second = named
    between = text[first.end : second.start]
    if _INSTEAD.fullmatch(between):
        old, new = second.key, first.key
    elif _SWAP.search(text):
        old, new = first.key, second.key
    else:
        return
    known = {**before.proteins, **before.upgrades, **before.add_ons}
    if old in known and new not in wanted[kinds[new]]:
        wanted[kinds[old]][old] = 0
        wanted[kinds[new]][new] = known[old] + known.get(new, 0)
