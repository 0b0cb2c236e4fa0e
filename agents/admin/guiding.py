"""Guides: what is done one step after another, each with its state as the data has it. They stand in guides/*.toml; none is in code."""

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from agents.understanding.text import fold
from business.assistant.checks import CHECKS
from business.assistant.deeds import DEEDS, Verb

FOLDER = Path(__file__).with_name("guides")
# Asked how something is done; an order is none.
_HOW = re.compile(
    r"^(?:how|guide|help me|walk me|show me how|steps?|what do (?:i|we) do|what to do|i need to know how)\b|\b(?:guide|step by step)\b"
)
_WHERE = re.compile(r"#/[\w/{}-]*")


@dataclass(frozen=True, slots=True)
class Step:
    """`check` by its name, None where nobody can read whether it is done; `verb` may be proposed, `link` opens the place."""

    text: str
    check: str | None = None
    verb: Verb | None = None
    link: str | None = None
    label: str | None = None
    chiefs: bool = False


@dataclass(frozen=True, slots=True)
class Guide:
    """`about`: whether its steps belong to a conversation, or to the business."""

    key: str
    title: str
    hear: re.Pattern[str]
    about: Literal["conversation", "business"]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class StepState:
    """A step for one colleague: `state` is unknown where nothing says whether it was done."""

    text: str
    state: Literal["done", "todo", "unknown"]
    verb: Verb | None = None
    link: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """A guide as it stands for one conversation, or for the business."""

    key: str
    title: str
    steps: tuple[StepState, ...]
    conversation: UUID | None = None
    needs_conversation: bool = False


@lru_cache
def guides() -> dict[str, Guide]:
    """All of them, by key. ValueError for a file that names what there is not."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.toml"))}


def heard(question: str) -> Guide | None:
    """The guide that is asked for: "how do I refund a deposit?"."""
    folded = fold(question)
    if not _HOW.search(folded):
        return next((guide for guide in guides().values() if fold(guide.title) == folded.rstrip(" .?!")), None)
    return next((guide for guide in guides().values() if guide.hear.search(folded)), None)


async def follow(connection: AsyncConnection, guide: Guide, conversation: UUID | None, *, chief: bool) -> Followed:
    """Each step as it stands now."""
    subject = conversation if guide.about == "conversation" else None
    steps = [await _state(connection, step, subject, chief=chief) for step in guide.steps]
    return Followed(guide.key, guide.title, tuple(steps), subject, guide.about == "conversation" and subject is None)


async def _state(connection: AsyncConnection, step: Step, conversation: UUID | None, *, chief: bool) -> StepState:
    done = await CHECKS[step.check](connection, conversation) if step.check is not None else None
    may = chief or not (step.chiefs or (step.verb is not None and DEEDS[step.verb].chiefs))
    link = step.link.replace("{conversation}", str(conversation)) if step.link and (conversation or "{" not in step.link) else None
    return StepState(
        step.text,
        "unknown" if done is None else "done" if done else "todo",
        step.verb if may and conversation is not None and not done else None,
        link if may else None,
        step.label,
    )


def _read(path: Path) -> Guide:
    file = tomllib.loads(path.read_text(encoding="utf-8"))
    steps = tuple(_step(path, one) for one in file["steps"])
    return Guide(path.stem, file["title"], re.compile("|".join(file["hear"])), file["about"], steps)


def _step(path: Path, one: dict[str, str | bool]) -> Step:
    given = {"text", "done", "verb", "link", "label", "chiefs"}
    _sane(path, "key", {*one} - given, ())
    _sane(path, "check", {one["done"]} if "done" in one else set(), CHECKS)
    _sane(path, "verb", {one["verb"]} if "verb" in one else set(), DEEDS)
    if "link" in one and not _WHERE.fullmatch(str(one["link"])):
        raise ValueError(f"{path.name}: {one['link']!r} is no place of the console")
    known = {key: value for key, value in one.items() if key != "done"}
    return Step(**known, check=one.get("done"))  # type: ignore[arg-type]


def _sane(path: Path, what: str, named: Collection[object], known: Collection[object]) -> None:
    if strangers := [one for one in named if one not in known]:
        raise ValueError(f"{path.name}: there is no {what} {strangers[0]!r}")
