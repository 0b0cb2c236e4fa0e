"""The evaluation set as files: one conversation each, what a customer writes and what has to come of it. Nothing is guessed.

A file that does not say what it means does not load: unknown fields, unknown agents and tools, an expectation after the
assistant has fallen silent are all errors, told with the name of the file.
"""

import tomllib
from collections.abc import Iterator
from datetime import date, time
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

# Those that a customer's message may be given to. `lead` listens silently and is never expected or counted.
AgentKey = Literal["conversational", "distance", "menu", "pricing", "availability", "booking", "payment", "complaint"]
ToolName = Literal[
    "travel_fee",
    "menu_lookup",
    "quote",
    "check_date",
    "hold_slot",
    "release_hold",
    "booking_status",
    "accept_terms",
    "check_move",
    "move_booking",
    "check_guests",
    "change_guests",
    "ask_cancel",
    "change_booking",
    "payment_notice",
    "payment_status",
    "save_lead",
    "report_complaint",
    "call_person",
]
HandoffKind = Literal["none", "booking", "complaint", "human", "payment", "lead"]
Owner = Literal["ai", "queue"]
Language = Literal["en", "es"]

AGENTS: tuple[AgentKey, ...] = get_args(AgentKey)


class SetError(Exception):
    """A file of the evaluation set is wrong; the text names it and says what."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Slot(_Part):
    """A slot that somebody else has taken, in the venue's zone."""

    date: date
    time: time


class Brought(_Part):
    """A document that stands there before the conversation begins, beside those that are shipped. It need not be true."""

    title: str = Field(min_length=1)
    text: str = Field(min_length=1)  # Markdown
    audience: Literal["everyone", "staff"] = "everyone"


class ExpectedCall(_Part):
    """A tool call that has to happen. Only the arguments named here are compared; a list for a single value means any of them."""

    name: ToolName
    args: dict[str, Any] = Field(default_factory=dict)


class ExpectedTurn(_Part):
    """What the customer says, and what is expected of the turn. What is left out is not scored, but for handoff and owner."""

    say: str = Field(min_length=1)
    booked: tuple[Slot, ...] = ()  # taken by somebody else just before this message
    now: AwareDatetime | None = None  # it is so late by now
    paid: bool = False  # the deposit came just before this message
    agents: tuple[AgentKey, ...] = ()
    agents_also: tuple[AgentKey, ...] = ()
    tools: tuple[ExpectedCall, ...] = ()
    tools_not: tuple[ToolName, ...] = ()
    # A list inside stands for alternatives.
    must: tuple[str | tuple[str, ...], ...] = ()
    must_not: tuple[str, ...] = ()
    dates: tuple[date, ...] = ()
    times: tuple[time, ...] = ()
    handoff: HandoffKind | tuple[HandoffKind, ...] = "none"
    owner: Owner | tuple[Owner, ...] = "ai"
    # Pieces of which one has to be cited, "document: heading" in the conversation's language; "none": nothing may be.
    sources: tuple[str, ...] | Literal["none"] | None = None
    price_cents: int | None = Field(default=None, gt=0)
    available: bool | None = None

    @property
    def handoffs(self) -> tuple[str, ...]:
        """Every kind that is right here."""
        return (self.handoff,) if isinstance(self.handoff, str) else self.handoff

    @property
    def owners(self) -> tuple[str, ...]:
        return (self.owner,) if isinstance(self.owner, str) else self.owner

    @property
    def allowed(self) -> frozenset[str]:
        """The agents that may take part; empty where anybody may."""
        return frozenset((*self.agents, *self.agents_also))

    @model_validator(mode="after")
    def _means_something(self) -> "ExpectedTurn":
        if twice := set(self.agents) & set(self.agents_also):
            raise ValueError(f"required and merely allowed at once: {', '.join(sorted(twice))}")
        if "queue" in self.owners and self.handoffs == ("none",):
            raise ValueError("a conversation waits for a person only after a handoff")
        if forbidden := {call.name for call in self.tools} & set(self.tools_not):
            raise ValueError(f"expected and forbidden at once: {', '.join(sorted(forbidden))}")
        if self.sources == ():
            raise ValueError('sources are pieces, or "none"')
        if any(not text or text != text.strip() for text in self._texts()):
            raise ValueError("an empty text, or one with space around it")
        return self

    def _texts(self) -> Iterator[str]:
        for text in self.must:
            yield from (text,) if isinstance(text, str) else text
        yield from self.must_not


class Conversation(_Part):
    """One conversation, with its own clock and its own calendar."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    language: Language
    about: str = Field(min_length=1)
    now: AwareDatetime
    channel: Literal["web", "sms"] = "web"
    booked: tuple[Slot, ...] = ()
    documents: tuple[Brought, ...] = ()
    turns: tuple[ExpectedTurn, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ends_where_it_falls_silent(self) -> "Conversation":
        if any("queue" in turn.owners for turn in self.turns[:-1]):
            raise ValueError("nothing is expected of the assistant once a person was called and owns the conversation")
        return self


def load(path: Path) -> Conversation:
    """The conversation of one file. Raises `SetError`."""
    try:
        conversation = Conversation.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SetError(f"{path}: cannot be read: {error}") from error
    except ValidationError as error:
        faults = [f"  {'.'.join(map(str, fault['loc'])) or 'the conversation'}: {fault['msg']}" for fault in error.errors()]
        raise SetError("\n".join([f"{path}: {len(faults)} value(s) are wrong", *faults])) from error
    if conversation.id != path.stem:
        raise SetError(f"{path}: its id is {conversation.id!r}; a file is called by its id")
    return conversation


def load_set(folder: Path, only: str | None = None) -> dict[str, Conversation]:
    """Every conversation below `folder` by `topic/id`, in order; `only` is a pattern on that name or on the id alone.

    Raises `SetError`, also where nothing is found and where two files share an id.
    """
    found: dict[str, Conversation] = {}
    names: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.toml")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        if only is not None and not (fnmatch(name, only) or fnmatch(path.stem, only)):
            continue
        conversation = load(path)
        if conversation.id in names:
            raise SetError(f"{path}: {names[conversation.id]} has the same id")
        names[conversation.id] = path
        found[name] = conversation
    if not found:
        raise SetError(f"{folder}: no conversation {'is called like ' + only if only else 'is here'}")
    return found
