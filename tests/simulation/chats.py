"""People who just ask: a few lines each, in either language, minutes apart. Some want a person, who does not come."""

from datetime import timedelta
from random import Random

from tests.simulation.talk import Host

ENGLISH = (
    "hi",
    "How much is it for 14 adults and 3 kids?",
    "Do you come to San Jose, 95112?",
    "What proteins do you have?",
    "Is there something vegetarian?",
    "We have a guest who is allergic to shellfish",
    "Is Saturday in three weeks free at 6pm?",
    "What do I have to provide?",
    "How does the deposit work?",
    "thanks!",
)
SPANISH = (
    "hola",
    "¿Cuánto cuesta para 12 adultos?",
    "¿Vienen a Oakland, 94601?",
    "¿Qué proteínas tienen?",
    "¿Cómo funciona el depósito?",
    "gracias",
)
PERSON = {"en": "Can I talk to a person, please?", "es": "Quiero hablar con una persona, por favor"}


class Chatter:
    """One of them, in one conversation."""

    def __init__(self, host: Host, seed: int) -> None:
        self._chance = Random(seed)
        locale = self._chance.choice(("en", "en", "en", "es"))
        lines = SPANISH if locale == "es" else ENGLISH
        self._lines = [lines[0], *self._chance.sample(lines[1:], self._chance.randrange(0, 3))]
        self.wants_person = self._chance.random() < 0.1
        if self.wants_person:
            self._lines.append(PERSON[locale])
        self.talk = host.customer(locale)

    async def goes_on(self) -> timedelta | None:
        """The next line; how long until the one after it, None where that was the last."""
        await self.talk.say(self._lines.pop(0))
        return timedelta(seconds=self._chance.randrange(20, 400)) if self._lines else None
