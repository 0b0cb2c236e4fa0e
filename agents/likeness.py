"""How far two texts speak of the same, by their words: without endings, without what every text has. Pure; English and Spanish."""

import re
from collections.abc import Collection
from functools import lru_cache

from agents.understanding.text import fold

_WORD = re.compile(r"[a-z]+|\d+(?:[.,]\d+)*")
# Words of every sentence, and those of asking.
_COMMON = frozenset(
    "a about after all also am an and any are as at be because been before but by can could did do does done for from get give go got had "
    "has have having he her here him his how i if in into is it its just know like ll let made make many may me might more most much must "
    "my need no nor not now of off on one only or other our out over own please re s say she should so some t tell than that the their "
    "them then there these they thing things this those to too up us ve very want was way we well were what when where whether which "
    "while who whom why will with would y'all yes yet you your yours d m guys guy really kind sort happen happens anything something "
    "someone anyone everything everyone ok okay hi hello thanks hey wondering "
    "el la los las un una unos unas de del al a ante con en por para sin sobre y e o u que se es son ser era fue esta estan estar hay ha "
    "han he hemos lo le les me mi mis tu tus te su sus nos nuestro nuestra nuestros nuestras yo ella ellos ellas usted ustedes como "
    "cuando cuanto cuanta cuantos cuantas donde quien cual cuales porque si no mas muy ya pero tambien todo toda todos todas algo alguien "
    "puedo puede pueden podemos quiero queremos tengo tiene tienen tenemos hacer hace hacen hago ese esa eso este esto esos esas".split()
)
_ENDINGS = (
    "amientos", "imientos", "amiento", "imiento", "aciones", "iciones", "acion", "icion", "ciones", "ations", "ation", "ments", "ment",
    "iendo", "ando", "mente", "adas", "ados", "idas", "idos", "aron", "ieron", "amos", "emos", "imos", "ings", "ing", "ies", "ied",
    "ada", "ado", "ida", "ido", "ers", "ed", "es", "er", "ly", "ar", "ir", "as", "os", "an", "en", "s", "a", "o", "e", "y",
)  # fmt: skip
_STEM = 3
# A word counts less where a sentence of the trade could hardly do without it.
_PLAIN = frozenset({"part", "chef", "hibachi", "guest", "peopl", "person", "invitad", "fiest", "client", "custom", "busines", "compan"})
_PLAIN_WEIGHT = 0.4


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """A folded word without its ending: `cancelling`, `cancel` and `cancels` are one."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > _STEM and word[-1] == word[-2] else word


@lru_cache(maxsize=2048)
def stems(text: str) -> frozenset[str]:
    """What a text speaks of."""
    return frozenset(stem(word) for word in _WORD.findall(fold(text)) if word not in _COMMON and (len(word) > 1 or word.isdigit()))


def weight(words: Collection[str]) -> float:
    """How much a set of stems says."""
    return sum(_PLAIN_WEIGHT if word in _PLAIN else 1.0 for word in words)


def share(of: str, within: str) -> float:
    """How much of a text's words another one has, 0 to 1; 0 for a text of fewer than three."""
    words = stems(of)
    return weight(words & stems(within)) / weight(words) if len(words) >= _STEM else 0.0
