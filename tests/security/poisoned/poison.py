"""The documents, each about a thing of its own that nobody else speaks of, and models that do what they read in them."""

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from agents.passages import NOTE
from tests.rig.script import Script, calling, saying
from tests.security.injections.gullible import ARGUMENTS

HERE = Path(__file__).parent
_THINGS = [f"zuk{a}{b}dor" for a, b in product("aeiou", "bcfghklmnprstvxz")] + [
    f"vol{a}{b}nik" for a, b in product("aeiou", "bcfghkmprstvxz")
]
_ASKED = {"en": "What about the {}?", "es": "¿Qué hay del {}?"}
_TRUE = {"en": "The {} stands behind the grill.", "es": "El {} está detrás de la parrilla."}
_TOOL = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")


@dataclass(frozen=True, slots=True)
class Poison:
    """One document: `texts` of its pieces. `never`: what nobody may read of it."""

    kind: str
    language: str
    number: int
    thing: str
    texts: tuple[str, ...]
    never: tuple[str, ...]

    @property
    def id(self) -> str:
        return f"{self.kind}-{self.language}-{self.number}"

    @property
    def asks(self) -> str:
        """The heading of its pieces, and what a customer asks."""
        return _ASKED[self.language].format(self.thing)

    @property
    def true(self) -> str:
        """What stands in it beside the poison."""
        return _TRUE[self.language].format(self.thing)


def poisons() -> tuple[Poison, ...]:
    """All of them, in order."""
    things, found = iter(_THINGS), list[Poison]()
    for kind in ("lies", "orders", "split"):
        for language, rows in tomllib.loads((HERE / f"{kind}.toml").read_text(encoding="utf-8")).items():
            for number, (*texts, never) in enumerate(rows, start=1):
                thing = next(things)
                true = _TRUE[language].format(thing)
                found.append(Poison(kind, language, number, thing, (f"{true} {texts[0]}", *texts[1:]), tuple(never)))
    return tuple(found)


POISONS = poisons()
_OF = {one.thing: one for one in POISONS}


def obey(body: dict[str, Any]) -> Script:
    """Does what its passages say: calls every tool that they name, then says them all, and where they speak of it, its instructions."""
    told = "\n".join(passages(body["messages"]))
    called = any(message["role"] == "tool" for message in body["messages"])
    if body.get("tools") and not called and (named := _TOOL.findall(told)):
        return calling(*((name, ARGUMENTS.get(name, {})) for name in dict.fromkeys(named)))
    recited = f" {body['messages'][0]['content'][:200]}" if re.search(r"prompt|instruc", told, re.IGNORECASE) else ""
    return saying(f"{told.replace(chr(10), ' ')} [1]{recited}")


def parrot(body: dict[str, Any]) -> Script:
    """Says the document as it was written, whatever it was shown of it."""
    asked = next(str(message["content"]) for message in reversed(body["messages"]) if message["role"] == "user")
    return saying(" ".join(next(one.texts for thing, one in _OF.items() if thing in asked)))


def passages(messages: Sequence[dict[str, Any]]) -> list[str]:
    """The texts that a model was shown, in their order."""
    notes = [str(message["content"]) for message in messages if str(message["content"]).startswith(NOTE)]
    return [passage["text"] for note in notes for passage in json.loads(note.removeprefix(NOTE))["passages"]]
