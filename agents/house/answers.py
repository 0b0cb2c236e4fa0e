"""The answer: a paragraph for everything asked, in the order asked, then one next step. Deterministic."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from agents.house.quoting import Said, say_quote, say_travel
from agents.house.wording import Wording
from agents.understanding.hearing import ABOUT_GUESTS, Heard
from business.bookings.rules import duration_minutes
from business.menu.rules import find_dish
from business.profile.fields import Word
from business.profile.figures import listed, money
from business.profile.hours import is_open, next_open
from business.profile.offer import AddOn, Dish, Upgrade
from business.profile.schemas import Profile
from business.profile.spoken import exact, on_day

PARAGRAPHS = 4
# For a person, at once and alone, the gravest first.
GRAVE = ("severe", "complaint", "refund")
# Said only where there is nothing else to say, the first of them that was heard.
ALONE = ("greeting", "help", "small_talk", "thanks", "bye", "okay")
# With one of these "how much" asks for that alone.
PRICED = ABOUT_GUESTS | frozenset("travel deposit tip tax reschedule cancel upgrades add_ons insurance".split())
# A person decides: named in the profile too, so that another business may decide otherwise.
ASKS_A_PERSON = frozenset({"insurance", "permits", "loyalty", "person", "who"})


class Answers:
    """Words answers for one profile in one language."""

    def __init__(self, profile: Profile, wording: Wording) -> None:
        self._profile = profile
        self._wording = wording

    def answer(self, heard: Heard, now: datetime, channel: str) -> str:
        """Markdown; at most one emoji, since only the greeting, thanks and good-bye carry one and stand alone."""
        said = list(self._paragraphs(heard, now))
        alone = not said
        if alone:
            said = [self._alone(heard)]
        elif "greeting" in heard.topics and not _grave(heard):
            said[0] = Said(f"{self._wording.say('topics', 'hello')} {said[0].text}", said[0].then)
        said = said[:PARAGRAPHS]
        texts = list(dict.fromkeys(item.text for item in said))
        step = self._step(heard, said, channel)
        whole = "\n\n".join([*texts, step] if step else texts)
        # A text message shows its asterisks.
        return whole.replace("**", "") if channel == "sms" else whole

    # -- what is said

    def _paragraphs(self, heard: Heard, now: datetime) -> Iterator[Said]:
        grave = _grave(heard)
        if grave is not None:
            yield Said(f"{self._wording.say('topics', grave)} {self._team(now)}", "person")
            return
        topics = list(heard.topics)
        quoted = self._wants_quote(heard)
        if "person" in topics:
            yield Said(f"{self._wording.say('topics', 'person')} {self._team(now)}", "person")
        if quoted:
            yield say_quote(self._profile, self._wording, heard.facts)
        if heard.fresh.where is not None and (not quoted or heard.fresh.where.unknown):
            # Alone, or a ZIP code that does not exist.
            yield say_travel(self._profile, self._wording, heard.fresh.where)
        allergic = "allergy" in topics or heard.allergens or heard.diets or heard.ask_a_person
        if allergic:
            yield self._allergies(heard)
        else:
            counted = {*heard.fresh.upgrades, *heard.fresh.add_ons, *heard.fresh.premium_extras} if quoted else set()
            yield from self._dishes([key for key in heard.dishes if key not in counted])
        for topic in topics:
            said = self._topic(topic, heard, now, quoted=quoted)
            if said is not None:
                yield said

    def _wants_quote(self, heard: Heard) -> bool:
        if not heard.facts.has_party:
            return False
        topics = set(heard.topics)
        asks_price = "price" in topics or ("how_much" in topics and not topics & PRICED and not self._only_dishes(heard))
        return asks_price or heard.tells

    def _only_dishes(self, heard: Heard) -> bool:
        return bool(heard.dishes) and not heard.fresh.has_party and not heard.fresh.has_picks

    def _topic(self, topic: str, heard: Heard, now: datetime, *, quoted: bool) -> Said | None:
        wording = self._wording
        match topic:
            case "greeting" | "thanks" | "bye" | "okay" | "help" | "small_talk" | "person" | "allergy":
                return None
            case "price" | "how_much":
                generic = topic == "how_much" and (set(heard.topics) & PRICED or heard.dishes)
                return None if quoted or generic else Said(wording.say("topics", "price"))
            case "travel" if quoted or heard.fresh.where is not None:
                return None
            case "travel" if heard.facts.where is not None:
                return say_travel(self._profile, wording, heard.facts.where)
            case "hours":
                return Said(f"{wording.say('topics', 'hours')} {self._team(now)}")
            case "tax":
                return Said(wording.say("topics", "tax_on" if self._profile.prices.tax_enabled else "tax_off"))
            case "duration" if heard.facts.has_party:
                return Said(self._duration(heard))
            case "slots":
                return Said(wording.say("topics", "slots"), "ask_date")
        decided = topic in self._profile.booking.person_decides or topic in ASKS_A_PERSON
        return Said(wording.say("topics", topic), "person" if decided else None)

    def _duration(self, heard: Heard) -> str:
        guests = heard.facts.party().guests
        minutes = f"{duration_minutes(self._profile, guests)}"
        return self._wording.say("topics", "duration_known", guests=self._wording.count("people", guests), minutes=minutes)

    def _alone(self, heard: Heard) -> Said:
        for topic in ALONE:
            if topic in heard.topics:
                then = {"bye": "nothing", "thanks": "anything"}.get(topic)
                return Said(self._wording.say("topics", topic), then)
        return Said(self._wording.say("topics", "unknown"), "person")

    def _dishes(self, keys: list[str]) -> Iterator[Said]:
        found = [(key, entry) for key in keys if (entry := find_dish(self._profile, key)) is not None]
        by_name: dict[str, list[Dish | Upgrade | AddOn]] = {}
        missing = [entry.dish for _, entry in found if entry.section == "not_served"]
        for _, entry in found:
            if entry.section == "not_served" or not isinstance(entry.dish, Dish):
                continue
            premium = isinstance(entry.dish, AddOn) and entry.dish.plus_upgrade
            by_name.setdefault("add_ons_premium" if premium else entry.section, []).append(entry.dish)
        if missing:
            yield Said(self._wording.say("dish", "not_served", dish=self._names(missing)), "person")
        for name, dishes in by_name.items():
            for price in dict.fromkeys(getattr(dish, "price_cents", 0) for dish in dishes):
                same = [dish for dish in dishes if getattr(dish, "price_cents", 0) == price]
                yield Said(self._wording.say("dish", name, dish=self._names(same), price=money(price)))

    def _names(self, things: Sequence[Word]) -> str:
        return listed([thing.in_locale(self._wording.language) for thing in things], self._wording.language)

    def _allergies(self, heard: Heard) -> Said:
        """Never that anything is free of anything: what is known of each, then that the grill is shared."""
        wording, allergies = self._wording, self._profile.allergies
        texts: list[str] = []
        named = list(heard.allergens)
        for key in heard.dishes:
            entry = find_dish(self._profile, key)
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

    # -- people and next steps

    def _team(self, now: datetime) -> str:
        """Whether somebody is there, else when."""
        if is_open(self._profile, now):
            return self._wording.say("person", "open")
        opening = next_open(self._profile, now)
        if opening is None:
            return self._wording.say("person", "closed_long")
        today = now.astimezone(self._profile.business.zone).date()
        days = (opening.date() - today).days
        name = {0: "today", 1: "tomorrow"}.get(days, "later")
        when = self._wording.say("when", name, time=exact(opening.time()), day=on_day(opening.date(), today, self._wording.language))
        return self._wording.say("person", "closed", when=when)

    def _step(self, heard: Heard, said: list[Said], channel: str) -> str | None:
        """The next step of the gravest paragraph: a person before an allergy's notice before the usual."""
        wanted = [item.then for item in said]
        for name in ("person", "allergy", "nothing"):
            if name in wanted:
                break
        else:
            name = next((item for item in reversed(wanted) if item), None) or self._usual(heard)
        if name == "nothing":
            return None
        values = {
            "how_to_person": self._wording.say("person", channel),
            "how_to_person_inline": self._wording.say("person", f"{channel}_inline"),
        }
        return self._wording.say("next", name, **values)

    @staticmethod
    def _usual(heard: Heard) -> str:
        if not heard.facts.has_party:
            return "ask_party"
        return "ask_place" if heard.facts.where is None else "ask_date"


def _grave(heard: Heard) -> str | None:
    """The gravest topic for a person. "Refund" beside a question on deposit or cancelling is a question on the rules."""
    for topic in GRAVE:
        if topic in heard.topics and not (topic == "refund" and {"deposit", "cancel"} & set(heard.topics)):
            return topic
    return None
