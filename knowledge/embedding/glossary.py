"""Spanish, word for word in English: what an encoder that reads English alone is given instead of words that it does not know.

It is no translation, and nobody reads it. A bag of the right words lies near a text that says the same, which is all that is asked.
"""

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

GLOSSARY = Path(__file__).with_name("es.txt")
NOTHING = "-"
# So many of the words of a text are of these where it is Spanish.
_OFTEN = frozenset(
    "el la los las un una de del al en con por para que se es son y o no si mi tu su lo le les nos me te como cuando cuanto cuantos donde"
    " hay esta estan este esto tienen tiene puedo puede pueden quiero ya mas muy sin hasta desde cual quien somos ustedes".split()
)
_SHARE = 0.25
_KNOWN = 0.6  # of a text in which none of either stands: so many of its words are in the glossary
_ENGLISH = frozenset(
    "the is are you do does we what how can i of to my your it for and with in on have our wait adults kids please we re".split()
)
_WORD = re.compile(r"[^\W\d_]+")
_PHRASE_AT_MOST = 5


def in_english(text: str) -> str:
    """The text as it is, or the words of a Spanish one in English, in their order."""
    words = [match for match in _WORD.finditer(text)]
    folded = [fold(match[0]) for match in words]
    if not is_spanish(folded, text):
        return text
    out, end, place = [], 0, 0
    while place < len(words):
        taken, gloss = _gloss(tuple(folded[place : place + _PHRASE_AT_MOST]))
        out.append(text[end : words[place].start()])
        out.append(words[place][0] if gloss is None else gloss)
        end = words[place + taken - 1].end()
        place += taken
    out.append(text[end:])
    return re.sub(r"[ \t]+", " ", "".join(out).replace("¿", "").replace("¡", "")).strip()


def is_spanish(folded: list[str], text: str) -> bool:
    """Whether a text is written in Spanish, by its signs and commonest words; a short one by how many of its words are known."""
    spanish, english = (sum(word in known for word in folded) for known in (_OFTEN, _ENGLISH))
    if re.search(r"[ñ¿¡]", text) and spanish >= english:
        return True
    if spanish > english and spanish >= _SHARE * len(folded):
        return True
    return not english and sum(_known(word) for word in folded) >= _KNOWN * len(folded) > 0


def _known(word: str) -> bool:
    _, whole, beginnings = _glossary()
    return word in _OFTEN or (len(word) > 3 and (word in whole or any(word[:cut] in beginnings for cut in range(4, len(word) + 1))))


def fold(word: str) -> str:
    """Lower case, without accents."""
    return "".join(sign for sign in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(sign))


@lru_cache(maxsize=4096)
def _gloss(ahead: tuple[str, ...]) -> tuple[int, str | None]:
    """How many words are taken, and what stands for them; None: the first word stays as it is."""
    phrases, whole, beginnings = _glossary()
    for length in range(len(ahead), 1, -1):
        said = " ".join(ahead[:length])
        if said in phrases:
            return length, phrases[said]
        for cut in range(len(ahead[length - 1]), 1, -1):
            starred = " ".join([*ahead[: length - 1], ahead[length - 1][:cut]]) + "*"
            if starred in phrases:
                return length, phrases[starred]
    word = ahead[0]
    if word in whole:
        return 1, whole[word]
    return 1, next((beginnings[word[:cut]] for cut in range(len(word), 1, -1) if word[:cut] in beginnings), None)


@cache
def _glossary() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Phrases, whole words, and beginnings of words, each with its English."""
    phrases: dict[str, str] = {}
    whole: dict[str, str] = {}
    beginnings: dict[str, str] = {}
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        english, _, spanish = line.partition(": ")
        said = "" if english == NOTHING else english
        for entry in map(str.strip, spanish.split(",")):
            known = phrases if " " in entry else beginnings if entry.endswith("*") else whole
            known.setdefault(entry if known is phrases else entry.removesuffix("*"), said)
    return phrases, whole, beginnings
