"""The menu: dishes, allergens, diets. Only what the profile says; never that anything is free of anything."""

from collections.abc import AsyncGenerator, Sequence

from agents.agent import Agent, Said, Step
from agents.matter import Matter
from agents.menu.tools import MenuLookup
from business.menu.rules import OnTheMenu, find_dish
from business.profile.fields import Word
from business.profile.figures import listed, money
from business.profile.offer import AddOn, Dish

TOPICS = ("menu", "upgrades", "add_ons", "included")


class MenuAgent(Agent):
    key = "menu"
    in_general = "menu"
    topics = frozenset({*TOPICS, "allergy"})
    tools = (MenuLookup(),)

    def claims(self, matter: Matter) -> bool:
        return bool(self._topics(matter)) or self._allergic(matter) or bool(self._asked_dishes(matter))

    async def work(self, matter: Matter) -> AsyncGenerator[Step, None]:
        dishes = self._asked_dishes(matter)
        heard = matter.heard
        await matter.attempt("menu_lookup", dishes=list(dishes), diets=list(heard.diets), allergens=list(heard.allergens))
        missing = [entry.dish for key in dishes if (entry := find_dish(matter.profile, key)) and entry.section == "not_served"]
        if self._allergic(matter):
            if missing:
                yield Said(matter.wording.say("dish", "not_served", dish=_names(matter, missing)))
            yield self._allergies(matter)
        else:
            for said in _dishes(matter, dishes):
                yield said
        if missing and matter.effects:
            reason = f"Asks for what is not on the menu: {', '.join(word.en for word in missing)}"
            await matter.attempt("call_person", kind="human", reason=reason, urgency="low")
        if heard.ask_a_person:
            await matter.attempt("call_person", kind="human", reason=f"Asks about: {', '.join(heard.ask_a_person)}", urgency="normal")
        for topic in self._topics(matter):
            if topic in TOPICS and not (topic == "included" and dishes):
                yield Said(matter.wording.say("topics", topic), topic=topic)

    def _topics(self, matter: Matter) -> list[str]:
        """ "Is the tip included?" is not about the menu."""
        topics = matter.heard.topics
        return [topic for topic in topics if topic in self.topics and not (topic == "included" and "tip" in topics)]

    @staticmethod
    def _allergic(matter: Matter) -> bool:
        """An allergy or a diet that is asked about, or told outside a booking; told in answer to a booking's question it is noted there."""
        heard = matter.heard
        named = bool(heard.allergens or heard.diets or heard.ask_a_person)
        return "allergy" in heard.topics or named

    @staticmethod
    def _asked_dishes(matter: Matter) -> tuple[str, ...]:
        """Dishes that were named to ask about them: not those that were counted or picked."""
        fresh = matter.heard.fresh
        picked = {*fresh.upgrades, *fresh.add_ons, *fresh.premium_extras, *fresh.proteins, *fresh.for_everyone}
        if matter.before.asked == "proteins" and picked:
            return tuple(key for key in matter.heard.dishes if _section(matter, key) == "not_served")
        return tuple(key for key in matter.heard.dishes if key not in picked)

    def _allergies(self, matter: Matter) -> Said:
        """What is known of each, then that the grill is shared."""
        wording, allergies, heard = matter.wording, matter.profile.allergies, matter.heard
        texts: list[str] = []
        named = list(heard.allergens)
        for key in heard.dishes:
            entry = find_dish(matter.profile, key)
            if entry is None or entry.section == "not_served" or not isinstance(entry.dish, Dish):
                continue
            name = entry.dish.in_locale(wording.language)
            texts.append(wording.say("allergy", "dish", dish=name[:1].upper() + name[1:]))
            named += [allergen for allergen in entry.dish.allergens if allergen not in named]
        texts += [item.note.in_locale(wording.language) for item in allergies.allergens if item.key in named]
        texts += [item.note.in_locale(wording.language) for item in allergies.diets if item.key in heard.diets]
        asked = [item.in_locale(wording.language) for item in allergies.ask_a_person if item.key in heard.ask_a_person]
        if asked:
            texts.append(wording.say("allergy", "ask_a_person", what=listed(asked, wording.language)))
        if not texts:
            texts.append(wording.say("topics", "allergy"))
        texts.append(allergies.shared_grill.in_locale(wording.language))
        return Said(" ".join(texts), "allergy")


def _section(matter: Matter, key: str) -> str | None:
    entry = find_dish(matter.profile, key)
    return entry.section if entry else None


def _dishes(matter: Matter, keys: Sequence[str]) -> list[Said]:
    """Whether each is served, those of one kind and price together; what is not served first."""
    found = [entry for key in keys if (entry := find_dish(matter.profile, key)) is not None]
    said: list[Said] = []
    missing = [entry.dish for entry in found if entry.section == "not_served"]
    if missing:
        said.append(Said(matter.wording.say("dish", "not_served", dish=_names(matter, missing)), "person"))
    by_name: dict[tuple[str, int], list[Word]] = {}
    for entry in found:
        if entry.section != "not_served" and isinstance(entry.dish, Dish):
            by_name.setdefault((_sentence(entry), getattr(entry.dish, "price_cents", 0)), []).append(entry.dish)
    for (name, price), dishes in by_name.items():
        said.append(Said(matter.wording.say("dish", name, dish=_names(matter, dishes), price=money(price))))
    return said


def _sentence(entry: OnTheMenu) -> str:
    return "add_ons_premium" if isinstance(entry.dish, AddOn) and entry.dish.plus_upgrade else entry.section


def _names(matter: Matter, things: Sequence[Word]) -> str:
    return listed([thing.in_locale(matter.language) for thing in things], matter.language)
