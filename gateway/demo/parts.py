"""The parts that the customers play: visits, each a row of acts. An act is a topic to ask about, or one of the deeds."""

from enum import Enum


class Deed(Enum):
    """What a customer does beside asking."""

    PERSON = "asks for a person, and stays until the assistant answers again"
    STOP = "asks, and stops the answer in its middle"
    THUMB = "says what the last answer was worth"
    RATE = "gives stars to the conversation"


Act = str | Deed
Visit = tuple[Act, ...]
Part = tuple[Visit, ...]

# In the order in which the customers come: of any six in a row two want a person soon, one later.
PARTS: tuple[Part, ...] = (
    (("quote", "place", "date", Deed.THUMB, "thanks"), ("deposit", "duration", Deed.RATE), ("menu", "book")),
    (("complaint", Deed.PERSON, "reschedule"), ("weather", "thanks", Deed.RATE)),
    (("allergy", "diet", "menu", Deed.THUMB), ("quote", "upgrade", "add_on"), ("tip", "thanks")),
    (("quote", "pay", "bring"), ("tip", "discount", Deed.PERSON, "thanks", Deed.RATE)),
    (("menu", Deed.STOP, "upgrade", "add_on"), ("space", "bring", "thanks", Deed.RATE), ("quote", "date")),
    (("company", Deed.PERSON, "quote"), ("pay", "duration", Deed.THUMB)),
)


def part_of(number: int) -> Part:
    """Of customer number so."""
    return PARTS[number % len(PARTS)]


def language_of(number: int) -> str:
    """Two of five write in Spanish, and every part is played in both languages."""
    return "es" if number % 5 in (1, 3) else "en"
