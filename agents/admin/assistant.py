"""The assistant of the staff: a colleague's question in, an answer with rows and places to go out. It only reads.

rules, or the house's answer to a customer -> a model may answer otherwise, with the staff's tools and behind the figure guard -> what
the tools found stands beside it as rows, made by code. Where a model states what no tool gave, the house's answer goes out.
"""

import asyncio
import datetime as dt
import json
import tomllib
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import cast
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.admin.answering import OF_VERB, Action, Answering, Told
from agents.admin.drafts import drafted
from agents.admin.guiding import Followed, heard
from agents.admin.hearing import Wish, asked, understand
from agents.admin.proposing import Propose, Proposing, Whose
from agents.admin.reporting import NAME as REPORT
from agents.admin.rows import Facts, Row, Rows, distinct
from agents.admin.tools import staff_tools
from agents.distance.ways import Ways
from agents.drafting import Drafter
from agents.ensemble.chunks import Finish
from agents.ensemble.model import Model, ModelMessage, ModelRequest
from agents.events import TurnRestarted, TurnText
from agents.guard.figures import date_figures
from agents.guard.licence import Licence
from agents.house.wording import Wording
from agents.instructions import FOUND, Instructions
from agents.matter import Matter
from agents.orchestrator import Orchestrator
from agents.prompts import rendered
from agents.speaking import Spoken, speak, vouched
from agents.tools.context import ToolContext
from agents.tools.results import ToolError
from agents.tools.toolbox import Toolbox
from agents.turn import TurnRequest, Utterance
from agents.voice import Reply
from business.assistant.objects import Wanted
from business.assistant.proposals import Proposal, propose
from business.handoffs.ownership import Actor
from business.profile.schemas import Profile
from kernel.database import Database
from kernel.errors import GatewayError
from kernel.ids import ConversationId, CustomerId, SiteId, TurnId, new_id
from kernel.wire.base import HandoffKind

log = structlog.get_logger(__name__)

HERE = Path(__file__).parent
PURPOSE = "admin"
ROWS_AT_MOST = 40
TABLES_AT_MOST = 3
PROPOSALS_AT_MOST = 3
# Somebody looks at a pending line: after that the house's answer goes out.
WITHIN = 40.0
# "Tomorrow?", "next Saturday": what is on then.
FEW_WORDS = 3
_QUIET = frozenset({"greeting", "thanks", "bye"})


@dataclass(frozen=True, slots=True)
class Question:
    """What a colleague asks. `chief`: an owner or an admin; `conversation`: the one that is open in their console; `by`: who is
    signed in, None where nobody is to whom something could be proposed."""

    text: str
    chief: bool
    now: dt.datetime
    conversation: UUID | None = None
    by: Actor | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` is Markdown. `rows` are plain text, `actions` places where a person does what was asked for, `tables` the data
    of reports, `proposals` what is done once the colleague says yes, `guide` the steps of what was asked. `model`: who worded it."""

    text: str
    rows: tuple[Row, ...]
    actions: tuple[Action, ...]
    model: str
    tables: tuple[Facts, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    guide: Followed | None = None


class AdminAssistant:
    """Answers by one profile. Holds nothing of any question."""

    def __init__(
        self,
        profile: Profile,
        orchestrator: Orchestrator,
        ensemble: Model,
        house: Model,
        ways: Ways,
        database: Database | None,
        drafter: Drafter,
        *,
        models: bool,
    ) -> None:
        """`orchestrator` says what a customer would be told, `drafter` words what is to be sent; `models`: whether the ensemble has any but
        the house."""
        self._profile = profile
        self._orchestrator = orchestrator
        self._ensemble = ensemble
        self._house = house
        self._database = database
        self._drafter = drafter
        self._models = models
        self._tools = staff_tools(ways)
        self._wording = staff_wording(profile)
        self._rows = Rows(self._wording)
        self._prompt = rendered(HERE / "prompt.md", profile)
        self._licence: Licence | None = None

    async def answer(self, question: Question) -> Answer:
        """Raises Unavailable where the data cannot be read just now."""
        context = self._context(question)
        matter = self._orchestrator.matter(_as_turn(question, context), effects=False)
        answering = self._answering(question, context, matter)
        tool = Propose(answering.proposing)
        told = await self._told(question, answering, matter)
        text, model = told.text, "house"
        if self._models:
            text, model = await self._worded(question, context, matter, told, Toolbox((*self._tools, tool)))
        rows = self._found(context)
        tables = self._tables(context)
        if model == "house" and not told.understood and (rows or tables):
            text = self._wording.say("answer", "found")
        proposals = await self._kept(question, (*told.wanted, *tool.wanted))
        return Answer(text, rows, tuple(told.actions), model, tables, proposals, told.guide)

    def _answering(self, question: Question, context: ToolContext, matter: Matter) -> Answering:
        """What the rules make of it."""
        conversation, days = str(question.conversation) if question.conversation else None, matter.heard.when.dates
        wish, wanted = understand(question.text, self._today(context), days), asked(question.text)
        if wanted.verb is not None and wish.about != "deed":
            wish = Wish("deed", OF_VERB[wanted.verb], whom=wanted.names[0] if wanted.named else None)
        if wish.about is None and len(question.text.split()) <= FEW_WORDS and (days or wish.today):
            wish = replace(wish, about="day")
        answering = Answering(self._wording, Toolbox(self._tools), context, wish, days, conversation)
        if question.by is not None:
            whose = Whose(answering.called, answering.opened)
            draft = partial(self._draft, question)
            answering.proposing = Proposing(wanted, context, question.by, whose, draft, cast(HandoffKind | None, wish.kind), wish.overdue)
        return answering

    async def _draft(self, question: Question, conversation: UUID) -> str | None:
        """A reply to be shown whole before it is sent; None where none comes in time."""
        if self._database is None:
            return None
        try:
            async with asyncio.timeout(WITHIN):
                return await drafted(self._drafter, self._database, conversation, question.text, question.now, self._profile)
        except (TimeoutError, GatewayError) as error:
            log.warning("assistant.draft_failed", cause=type(error).__name__)
            return None

    async def _kept(self, question: Question, wanted: Sequence[Wanted]) -> tuple[Proposal, ...]:
        """Each once, kept until the colleague says yes or no."""
        by, chosen = question.by, [one for at, one in enumerate(wanted) if one not in wanted[:at]][:PROPOSALS_AT_MOST]
        if by is None or self._database is None or not chosen:
            return ()

        async def keep(connection: AsyncConnection) -> tuple[Proposal, ...]:
            return tuple([await propose(connection, by.id, one, chief=question.chief) for one in chosen])

        return await self._database.unit(keep)

    async def _told(self, question: Question, answering: Answering, matter: Matter) -> Told:
        """The house's answer: a guide, by the rules of the staff, else as a customer would be told."""
        wish, guide = answering.wish, heard(question.text)
        if guide is not None and wish.about != "deed":
            return await answering.guided(guide)
        if wish.about is None and wish.whom and (known := await answering.known()):
            return known
        if wish.about in (None, "free") or (wish.about == "find" and not wish.whom):
            public = await self._public(matter)
            if public is not None:
                return public
        try:
            return await answering.answer()
        except ToolError as error:
            log.warning("assistant.call_refused", cause=type(error).__name__)
            return Told(self._wording.say("answer", "help"), understood=False)

    async def _public(self, matter: Matter) -> Told | None:
        """What a customer would be told of prices, the way, the menu, dates, rules; None where nobody knows."""
        reply: Reply | None = None
        if not matter.heard.topics and not matter.heard.tells and not matter.heard.fresh.dates:
            return None
        async with aclosing(self._orchestrator.work(matter)) as steps:
            async for step in steps:
                reply = step if isinstance(step, Reply) else reply
        if reply is None or not matter.routed or matter.guessed or not set(matter.heard.topics) - _QUIET | set(matter.found):
            return None
        text = reply.text.removesuffix(reply.question).strip() if reply.question else reply.text
        return Told(f"{self._wording.say('answer', 'as_told')}\n\n{text}") if text else None

    async def _worded(self, question: Question, context: ToolContext, matter: Matter, told: Told, toolbox: Toolbox) -> tuple[str, str]:
        """(text, who worded it): a model's answer where it is true and in time, else the house's."""
        request = self._request(question, context, matter, told)
        spoken = Spoken(self._ensemble, self._house, toolbox, context, told.text, self._licensed(question, context, matter))
        text, model = "", "house"
        try:
            async with asyncio.timeout(WITHIN), aclosing(speak(spoken, request)) as events:
                async for event in events:
                    match event:
                        case TurnText(piece):
                            text += piece
                        case TurnRestarted():
                            text = ""
                        case Finish():
                            model = event.model
        except (TimeoutError, GatewayError) as error:
            log.warning("assistant.model_failed", cause=type(error).__name__, turn=str(context.turn))
            return told.text, "house"
        return (text.strip(), model) if text.strip() else (told.text, "house")

    def _request(self, question: Question, context: ToolContext, matter: Matter, told: Told) -> ModelRequest:
        found = {**_data(context), **matter.data()}
        here = context.now.astimezone(self._profile.business.zone)
        notes = [f"{FOUND}\n{json.dumps(found, ensure_ascii=False, default=str)}"] if found else []
        if told.understood:
            notes.append(Instructions.answer_note(told.text))
        place = {"now": here.strftime("%A %Y-%m-%d %H:%M"), "open_conversation": question.conversation, "owner_or_admin": question.chief}
        notes.append(json.dumps(place, default=str))
        return ModelRequest(
            conversation=context.conversation,
            turn=context.turn,
            site=context.site,
            channel="web",
            locale="en",
            now=context.now,
            messages=(
                ModelMessage("system", self._prompt),
                *(ModelMessage("system", note) for note in notes),
                ModelMessage("user", question.text),
            ),
            paced=False,
            purpose=PURPOSE,
            agent="admin",
            prepared=told.text,
        )

    def _licensed(self, question: Question, context: ToolContext, matter: Matter) -> Licence:
        """What may be stated: the profile's figures, those of the tools, days and counts of the question itself."""
        if self._licence is None:
            self._licence = Licence.of_profile(self._profile, "en")
        today = self._today(context)
        near = date_figures(today, today + dt.timedelta(days=1))
        wide = vouched(vouched(self._licence, context.calls), matter.context.calls).plus(near)
        return wide.echoing([question.text], context.now, self._profile.business.zone)

    def _found(self, context: ToolContext) -> tuple[Row, ...]:
        """Everything that the tools found for this question, whoever called them."""
        today = self._today(context)
        return distinct(
            (row for record in context.calls.log if record.result is not None for row in self._rows.of(record.result.data, today)),
            ROWS_AT_MOST,
        )

    def _tables(self, context: ToolContext) -> tuple[Facts, ...]:
        """The reports that were asked for, each once, whoever asked."""
        found = {repr(record.arguments): record.result.data for record in context.calls.log if record.name == REPORT and record.result}
        return tuple(found.values())[:TABLES_AT_MOST]

    def _today(self, context: ToolContext) -> dt.date:
        return context.now.astimezone(self._profile.business.zone).date()

    def _context(self, question: Question) -> ToolContext:
        return ToolContext(
            # Of its own: what the open conversation holds is in the way of a day like any other hold.
            conversation=ConversationId(new_id()),
            customer=None,
            turn=TurnId(new_id()),
            site=SiteId(new_id()),
            channel="web",
            locale="en",
            language="en",
            now=question.now,
            profile=self._profile,
            database=self._database,
            role="staff",
            effects=False,
            chief=question.chief,
        )


def staff_wording(profile: Profile) -> Wording:
    """What is said to staff, in English."""
    return Wording(profile, "en", tomllib.loads((HERE / "words" / "en.toml").read_text(encoding="utf-8")))


def _as_turn(question: Question, context: ToolContext) -> TurnRequest:
    """The question as if a customer asked it."""
    said = (Utterance("customer", question.text, question.now, 1),)
    ids = (context.turn, context.conversation, context.site)
    return TurnRequest(*ids, "web", "en", said, question.now, customer=CustomerId(new_id()))


def _data(context: ToolContext) -> dict[str, object]:
    return {record.name: record.result.data for record in context.calls.log if record.result is not None}
