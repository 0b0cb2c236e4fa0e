"""Whom and when a tool is called for, and what was called in this turn already."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from agents.tools.results import ToolResult
from agents.turn import Channel
from business.links.signing import Links
from business.profile.schemas import Profile
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId

# Decided by who is signed in where, in code; never by what a text claims.
ToolRole = Literal["customer", "staff"]


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call as it was made, for evaluations, the console's lines and shadows. `arguments`: as validated, else None.

    `why` of a call that is not `ok`: the class of the error ("invalid_arguments", "refused", "unknown", "error", "failed").
    `said`: what a model is told of it. `repeated`: nothing ran, the earlier result of the same call was given again. Holds personal
    data: never logged.
    """

    name: str
    arguments: Mapping[str, Any] | None
    ok: bool
    why: str | None = None
    repeated: bool = False
    milliseconds: int = 0
    result: ToolResult | None = None
    said: str | None = None


@dataclass(slots=True)
class TurnCalls:
    """The calls of one turn, in their order. Shared by everything that answers the turn, the house after a model too."""

    log: list[CallRecord] = field(default_factory=list)
    # Results of calls with effects, by name and arguments; the lock lets no two of a turn run at once.
    done: dict[tuple[str, str], ToolResult] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True, slots=True)
class ToolContext:
    """One turn's surroundings. `locale` is a BCP 47 tag, `language` its first part as understood ("en"); `now` is aware UTC.

    `calls` is the turn's own, made with it.
    `database`: None where there is none to ask. `effects`: False where nothing may be written, as for a draft. `known`: what the customer
    has told, flat, for whoever of the staff reads it. `agreed`: the arguments that were read back and agreed to, of the tool `agreed_to`.
    `may_release`: the customer has asked to let the hold go, in what waits to be answered; `may_accept`: they take the terms. `links`:
    addresses of a booking's page; None where the world sees none. `chief`: an owner or an admin asks, who may
    see amounts and how customers are reached.
    """

    conversation: ConversationId
    customer: CustomerId | None
    turn: TurnId
    site: SiteId
    channel: Channel
    locale: str
    language: str
    now: datetime
    profile: Profile
    database: Database | None
    role: ToolRole = "customer"
    effects: bool = True
    known: Mapping[str, Any] = field(default_factory=dict)
    agreed: Mapping[str, Any] | None = None
    agreed_to: str = "hold_slot"
    may_release: bool = False
    may_accept: bool = False
    links: Links | None = None
    chief: bool = False
    calls: TurnCalls = field(default_factory=TurnCalls)

    def writable(self) -> Database:
        """The database, for a tool with effects (the toolbox runs none where nothing may be written). Raises Unavailable."""
        if self.database is None:
            raise Unavailable("Nothing can be kept here.")
        return self.database
