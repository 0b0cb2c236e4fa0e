"""The product itself as a candidate: real messages in a real PostgreSQL, real turns, tools that really hold slots and call people.

What a gateway does with a turn is done here without a socket: the message is stored and claimed, the agents answer, the reply ends the
turn with its memory, in the same transactions. The clock is the conversation's; how long a hold stands is PostgreSQL's, as ever.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from agents.container import Agents
from agents.evaluation.candidate import Answer, Call
from agents.evaluation.corpus import Shelf
from agents.evaluation.files import Brought, Conversation, Slot
from agents.events import TurnFinished, TurnRestarted, TurnText
from agents.tools.context import CallRecord
from agents.turn import TurnRequest, request_of
from agents.understanding.text import language
from business.bookings import holds, life
from business.bookings.requests import Held, HoldRequest
from business.bookings.rules import OCCUPYING
from business.conversations import turns
from business.conversations.receive import receive
from business.conversations.turns import Claim, Runner
from business.customers import visitors
from business.customers.visitors import Visitor
from business.handoffs.handing import HandingOver
from business.handoffs.records import UNSETTLED
from business.links.signing import Links
from business.payments import receiving
from business.payments.receiving import Incoming
from business.pricing.rules import Party
from business.profile.schemas import Profile
from business.profile.versions import take_file
from business.sites.queries import Site, site_by_key
from business.sites.rules import DEMO
from business.sites.service import ensure_demo, ensure_install
from kernel.database import Database
from kernel.settings import EnsembleSettings, Policy, Settings
from kernel.tables.ai import ChatMessage, ChatSession, Document, DocumentChunk
from kernel.tables.ops import Booking, Handoff
from knowledge.corpus.chunking import BETWEEN
from knowledge.corpus.incoming import NewDocument

ASSISTANT = "Assistant"
# Of an install that nobody serves: what matters is that a link is a tool's.
LINKS = Links(lambda: "https://chat.example.test", "evaluation")
RUNNER = Runner("evaluation", "postgres")
SOMEBODY = life.By("human", "Somebody")
# Between one message and the next.
PAUSE = timedelta(minutes=1)
AT_ONCE = 10_000.0
# Statuses of a slot, and of a hold, by which the customer can have it.
FREE = ("free", "open", "held")


class Product:
    """The agents on a database that is theirs alone: bookings of one conversation are gone when the next begins."""

    def __init__(self, name: str, agents: Agents, database: Database, profile: Profile, site: Site, shelf: Shelf | None = None) -> None:
        """`shelf`: where a conversation's own documents are put, beside those that stand there; None: there are none at all."""
        self.name = name
        self.agents = agents
        self.database = database
        self.profile = profile
        self._site = site
        self._shelf = shelf

    @asynccontextmanager
    async def talk(self, conversation: Conversation) -> AsyncIterator["ProductTalk"]:
        """Raises RuntimeError where a slot of the file cannot be taken, or a document cannot be read."""
        await self.database.unit(_empty_calendar)
        now = conversation.now.astimezone(UTC)
        for slot in conversation.booked:
            await self.take(slot, now)
        brought = await self._shelf.put(map(_document, conversation.documents), now) if self._shelf is not None else ()
        try:
            yield ProductTalk(self, self.visitor(now), conversation)
        finally:
            if self._shelf is not None:
                await self._shelf.take_away(brought)

    def visitor(self, now: datetime) -> Visitor:
        """Somebody new at the door."""
        return visitors.mint("evaluation", self._site.id, self._site.key, now)

    async def take(self, slot: Slot, now: datetime) -> None:
        """Somebody else books a slot, from a conversation of their own."""
        stranger = self.visitor(now)

        async def book(connection: AsyncConnection) -> bool:
            await receive(connection, stranger, client_id=uuid4(), text="A party of ten, please.", now=now)
            request = HoldRequest(stranger.conversation, slot.date, slot.time, Party(adults=10), self.profile.business.street)
            held = await holds.hold(connection, self.profile, request, now)
            if isinstance(held, Held):
                await life.confirm(connection, self.profile, held.booking.id, SOMEBODY, now)
            return isinstance(held, Held)

        if not await self.database.unit(book):
            raise RuntimeError(f"{slot.date} {slot.time} is no slot that somebody could have taken")

    async def pay(self, conversation: UUID, now: datetime) -> None:
        """The deposit of what a conversation holds comes in."""

        async def paid(connection: AsyncConnection) -> bool:
            booking = await holds.of_conversation(connection, conversation)
            if booking is None or not booking.deposit_cents:
                return False
            incoming = Incoming("card", f"evaluation:{booking.id}", booking.deposit_cents, now, booking.id)
            return (await receiving.receive(connection, self.profile, incoming, now)).outcome == "confirmed"

        if not await self.database.unit(paid):
            raise RuntimeError("nothing is held whose deposit could have been paid")


class ProductTalk:
    """One conversation of one new customer."""

    def __init__(self, product: Product, visitor: Visitor, conversation: Conversation) -> None:
        self._product = product
        self._visitor = visitor
        self._conversation = conversation
        self._now = conversation.now.astimezone(UTC)
        self._handoffs: dict[UUID, str] = {}
        self._hand_over = HandingOver(lambda: product.profile, lambda: self._now, ASSISTANT)

    async def meanwhile(self, now: datetime | None, *, paid: bool) -> None:
        """Raises RuntimeError where nothing is held that could be paid for."""
        self._now = now.astimezone(UTC) if now is not None else self._now
        if paid:
            await self._product.pay(self._visitor.conversation, self._now)

    async def say(self, text: str, taken: Sequence[Slot]) -> Answer:
        """Raises RuntimeError where no turn began: a person owns the conversation."""
        for slot in taken:
            await self._product.take(slot, self._now)
        self._now += PAUSE
        spoken, said_at, client = self._visitor, self._now, uuid4()
        received = await self._product.database.unit(
            lambda c: receive(
                c,
                spoken,
                client_id=client,
                text=text,
                now=said_at,
                channel=self._conversation.channel,
                locale=self._conversation.language,
                runner=RUNNER,
            )
        )
        self._visitor = replace(self._visitor, stored=True)
        if received.claim is None:
            raise RuntimeError("nobody answers here any more")
        return await self._answered(received.claim)

    async def _answered(self, claim: Claim) -> Answer:
        said, finished = "", TurnFinished(agent="")
        async with aclosing(self._product.agents.answer(self._asked(claim))) as events:
            async for event in events:
                match event:
                    case TurnText(piece):
                        said += piece
                    case TurnRestarted():
                        said = ""
                    case TurnFinished():
                        finished = event
                    case _:
                        continue
        await self._product.database.unit(
            lambda c: turns.finish(
                c,
                claim.conversation,
                claim.turn,
                claim.fence,
                said=said,
                name=ASSISTANT,
                agent=finished.agent,
                model=finished.model,
                sources=[{"id": source.id, "title": source.title} for source in finished.sources],
                memory=finished.memory,
                hand_over=self._hand_over,
            )
        )
        return await self._told(claim, said, finished)

    def _asked(self, claim: Claim) -> TurnRequest:
        """As a gateway asks, but for the file's channel and clock."""
        return replace(request_of(claim, self._conversation.language, self._now), channel=self._conversation.channel)

    async def _told(self, claim: Claim, said: str, finished: TurnFinished) -> Answer:
        """What the customer reads, what was called, and what the database holds now that it did not hold before."""
        before = dict(self._handoffs)

        async def read(connection: AsyncConnection) -> tuple[str, list[str], tuple[str, ...]]:
            unsettled = select(Handoff.id, Handoff.kind).where(Handoff.conversation_id == claim.conversation, Handoff.state.in_(UNSETTLED))
            self._handoffs = {row.id: row.kind for row in await connection.execute(unsettled)}
            owner = await connection.scalar(select(ChatSession.owner).where(ChatSession.id == claim.conversation))
            # How long a person may take is told in a line of its own, after the reply.
            lines = select(ChatMessage.text).where(
                ChatMessage.conversation_id == claim.conversation,
                ChatMessage.author_kind == "system",
                ChatMessage.seq > claim.answers[-1],
            )
            said_after = list(await connection.scalars(lines.order_by(ChatMessage.seq)))
            return str(owner), said_after, await _cited(connection, finished, self._conversation.language)

        owner, lines, cited = await self._product.database.unit(read)
        calls = tuple(map(shown, finished.calls))
        return Answer(
            text="\n\n".join([said, *lines]),
            agents=frozenset(finished.agents),
            calls=calls,
            handoffs=frozenset(kind for id, kind in self._handoffs.items() if id not in before),
            open_handoffs=frozenset(before.values()),
            owner=owner,
            available=available(calls),
            sources=cited,
        )


def answering(settings: Settings, model: str, prompts: Mapping[str, str] | None = None) -> Settings:
    """Settings by which this model alone answers, with the house behind it, which types as fast as it can. `prompts`: which versions of
    instructions hold, where it is not the usual ones."""
    kept = tuple(one for one in settings.models if one.name == model)
    alone = Policy(answer=tuple(one.name for one in kept), prompts=dict(prompts or {}))
    ensemble = EnsembleSettings(**dict(alone), house_tokens_per_second=AT_ONCE, record_days=settings.ensemble.record_days)
    return settings.model_copy(update={"models": kept, "ensemble": ensemble})


async def seeded(database: Database, profile: Profile) -> Site:
    """The site at which customers write; the profile stands in the database as at an install."""

    async def rows(connection: AsyncConnection) -> Site | None:
        await ensure_install(connection)
        await ensure_demo(connection)
        await take_file(connection, profile, "evaluation")
        return await site_by_key(connection, DEMO)

    site = await database.unit(rows)
    assert site is not None
    return site


async def _cited(connection: AsyncConnection, finished: TurnFinished, language: str) -> tuple[str, ...]:
    """The pieces of its sources, in their order: the document's file, or its title, and the heading."""
    ids = [UUID(source.id) for source in finished.sources]
    query = (
        select(DocumentChunk.id, DocumentChunk.title, DocumentChunk.heading, DocumentChunk.language, Document.seed)
        .join(Document, Document.id == DocumentChunk.document_id)
        .where(DocumentChunk.id.in_(ids))
    )
    rows = {row.id: row for row in await connection.execute(query)} if ids else {}
    named = [(rows[id].language, f"{Path(rows[id].seed or rows[id].title).name}: {rows[id].heading.rpartition(BETWEEN)[2]}") for id in ids]
    return tuple(name if spoken == language else f"{spoken}/{name}" for spoken, name in named)


def _document(brought: Brought) -> NewDocument:
    """In the language that its words are in."""
    spoken = language([brought.text], "en")
    return NewDocument(
        "markdown", "written", brought.title, spoken, brought.audience, brought.text.encode(), file_name=f"{brought.title}.md"
    )


def shown(record: CallRecord) -> Call:
    """A line of the turn's log as it is scored."""
    return Call(record.name, record.arguments or {}, record.ok, record.result.data if record.result is not None else {})


def available(calls: Sequence[Call]) -> bool | None:
    """What the calendar said of what was asked: a hold's own end, else the first look; what was looked at after that are alternatives."""
    holding = [call for call in calls if call.name == "hold_slot" and "status" in call.data]
    looks = holding or [call for call in calls if call.name == "check_date" and "status" in call.data]
    return looks[0].data["status"] in FREE if looks else None


async def _empty_calendar(connection: AsyncConnection) -> None:
    """What money was written of stays for ever; what holds no slot is in nobody's way."""
    off = {"status": "cancelled", "ended": "cancelled", "hold_until": None, "before_cancel": None, "idem": None}
    await connection.execute(update(Booking).where(Booking.status.in_(OCCUPYING)).values(off))
