"""What becomes of a text that came in, in one transaction, each text once by the provider's id.

- One of the words that stop, start or ask for help goes into the ledger of consent, and is confirmed once. Nobody else answers it.
- What a machine sent (loops.py), a reaction to a text of ours (reactions.py), and what comes from a country that is not written to, is
  shown and not answered.
- Whoever cannot be answered at all, a short code or a name, is kept and shown to nobody: such texts come from machines alone, or from
  another number of ours. So is a text that was taken as another store's (copies.py).
- Everything else goes on in the conversation of its number, as if it had been written there. A number that has none goes on in the newest
  one of the customer who proved that it is theirs, or begins one of its own.

Texts of one number are taken one after the other (`hold`), in the provider's order.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import NAMESPACE_URL, UUID, uuid5

import structlog
from sqlalchemy import exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import callers, consent, copies, gate, keywords, loops, preceding, subscriptions
from business.channels.callers import Caller
from business.channels.keywords import Keyword
from business.channels.pictures import Kept
from business.channels.provider import Incoming
from business.channels.reactions import is_reaction
from business.channels.writing import write
from business.conversations.log import Announcement, Writing, writing
from business.conversations.receive import Received, receive
from business.customers.contacts import E164
from business.customers.visitors import Visitor
from business.profile.schemas import Profile
from kernel import locks, outbox
from kernel.ids import new_id
from kernel.jobs import NotifyStaff
from kernel.tables.ops import InboundText
from kernel.wire.base import spoken
from kernel.wire.server import Alerted, Author, NoteWritten

log = structlog.get_logger(__name__)

Outcome = Literal["said", "stop", "start", "help", "looped", "refused"]
LONGEST = 4_000  # code points that are shown; the whole is kept with the text itself
CUT = "[The rest of this text is not shown here: it was too long.]"

_NOTED: dict[Keyword, str] = {
    "stop": "The customer texted a word that stops. No text goes to them any more, from nobody, until they text one that starts.",
    "start": "The customer texted a word that starts: texts go to them again.",
    "help": "The customer texted a word that asks for help, and was told how to reach the business and how to stop.",
}
# Keeps files of the sender in the conversation, and tells what became of each.
KeepFiles = Callable[[AsyncConnection, UUID], Awaitable[Sequence[Kept]]]


async def no_files(_connection: AsyncConnection, _conversation: UUID) -> Sequence[Kept]:
    """Of a text that has none."""
    return ()


@dataclass(frozen=True, slots=True)
class Took:
    """`new`: it was not taken before. `announcements`: what to tell after the commit. `turn`: the assistant is to answer in the
    conversation."""

    outcome: Outcome
    conversation: UUID | None
    new: bool
    announcements: tuple[Announcement, ...] = ()
    turn: bool = False


@dataclass(frozen=True, slots=True)
class _Fate:
    outcome: Outcome
    conversation: UUID | None = None
    message: UUID | None = None
    announcements: tuple[Announcement, ...] = ()
    turn: bool = False
    files: tuple[Kept, ...] = ()


async def hold(connection: AsyncConnection, number: str) -> None:
    """Until the end of the transaction nobody else takes a text of this number. It comes before any other lock: then the conversation's
    row, then where the number belongs (`threads.hold`), then its ledger (`consent.hold`)."""
    await locks.hold(connection, f"texts from {number}")


async def take(
    connection: AsyncConnection,
    profile: Profile,
    countries: tuple[str, ...],
    incoming: Incoming,
    provider: str,
    keep_files: KeepFiles,
    now: datetime,
) -> Took:
    """`countries`: whose numbers are answered. Safe to repeat and to race."""
    await hold(connection, incoming.from_number)
    row = await _row(connection, provider, incoming)
    if row.state == "taken":
        outcome: Outcome = row.outcome
        assert outcome in get_args(Outcome)
        return Took(outcome, row.conversation_id, False)
    copy = await copies.is_copy(connection, provider, incoming)
    taking = _Taking(connection, profile, countries, incoming, provider, row.id, keep_files, now)
    fate = _Fate("refused") if copy else await taking.fate()
    values = {
        "state": "taken",
        "outcome": fate.outcome,
        "conversation_id": fate.conversation,
        "message_id": fate.message,
        "media": [one.listed for one in fate.files],
        "error": copies.COPY if copy else None,
        "taken_at": func.clock_timestamp(),
    }
    await connection.execute(update(InboundText).where(InboundText.id == row.id).values(values))
    log.info("text.came", text=str(row.id), outcome=fate.outcome)
    return Took(fate.outcome, fate.conversation, True, fate.announcements, fate.turn)


async def _row(connection: AsyncConnection, provider: str, incoming: Incoming) -> Any:
    """Its row, with what is known of it by now; a text that was taken stays as it was."""
    said = {
        "from_number": incoming.from_number,
        "to_number": incoming.to_number,
        "text": spoken(incoming.text),
        "sent_at": incoming.at,
    }
    row = {"id": new_id(), "provider": provider, "provider_id": incoming.id, **said}
    await connection.execute(
        insert(InboundText)
        .values(row)
        .on_conflict_do_update(index_elements=["provider", "provider_id"], set_=said, where=InboundText.state != "taken")
    )
    query = select(InboundText.id, InboundText.state, InboundText.outcome, InboundText.conversation_id).where(
        InboundText.provider == provider, InboundText.provider_id == incoming.id
    )
    return (await connection.execute(query)).one()


@dataclass(frozen=True, slots=True)
class _Taking:
    """One text, and its row."""

    connection: AsyncConnection
    profile: Profile
    countries: tuple[str, ...]
    incoming: Incoming
    provider: str
    id: UUID
    keep_files: KeepFiles
    now: datetime

    async def fate(self) -> _Fate:
        number = self.incoming.from_number
        if not E164.fullmatch(number) or await self._is_ours(number):
            return _Fate("refused")
        stopped = (await consent.standing(self.connection, number)).stopped
        late = stopped and await self._stopped_since()
        keyword = keywords.heard(self.incoming.text, self.profile, stopped and not late)
        if keyword == "start" and late:
            return _Fate("start")  # STOP was their last word
        if keyword is not None:
            return await self._keyword(keyword)
        caller = await callers.caller(self.connection, number, self.incoming.to_number)
        if not gate.may_be_called(number, self.countries):
            return await self._goes_on(caller, "refused")
        reason = None if self._reacts else await loops.judge(self.connection, number, self._text, self.now)
        if reason is None or caller.owner != "ai":
            return await self._goes_on(caller, "said")
        fate = await self._goes_on(caller, "looped")
        if reason in ("muted", "automatic"):
            return fate
        await loops.mute(self.connection, number, reason, self.now)
        return await self._told(fate, "text_loop", self.id)

    @property
    def _text(self) -> loops.Text:
        return loops.Text(self.incoming.at, self.incoming.text)

    @property
    def _reacts(self) -> bool:
        return is_reaction(self.incoming.text)

    async def _is_ours(self, number: str) -> bool:
        """Nobody talks with themselves, from one number to another."""
        return number == self.incoming.to_number or await subscriptions.is_ours(self.connection, self.provider, number)

    async def _stopped_since(self) -> bool:
        """Whether this text is older than a STOP of its number: it came late, or was taken up again."""
        later = (
            InboundText.from_number == self.incoming.from_number,
            InboundText.outcome == "stop",
            InboundText.sent_at > self.incoming.at,
        )
        return bool(await self.connection.scalar(select(exists().where(*later))))

    async def _keyword(self, keyword: Keyword) -> _Fate:
        """The conversation's row is held before the number's ledger, as everywhere."""
        found = await callers.held(self.connection, self.incoming.from_number)
        if found is None:
            await self._settle(keyword, None)
            return _Fate(keyword)
        async with writing(self.connection, found) as log:
            await self._settle(keyword, log)
            note = Author(kind="system", name=self.profile.business.name)
            log.add_staff(NoteWritten(id=new_id(), author=note, text=_NOTED[keyword]))
        return _Fate(keyword, found, None, (log.announcement,))

    async def _settle(self, keyword: Keyword, log: Writing | None) -> None:
        number, said = self.incoming.from_number, spoken(self.incoming.text)
        whose = {} if log is None else {"customer": log.row.customer_id, "conversation": log.id}
        confirm = True
        if keyword == "stop":
            confirm = (await consent.stop(self.connection, number=number, text=said, now=self.now, **whose)).confirm
        elif keyword == "start":
            await consent.start(self.connection, number=number, text=said, **whose)
        if confirm:
            locale = keywords.language(said, self.profile) or (None if log is None else log.row.locale)
            await write(
                self.connection,
                self.profile,
                to=number,
                text=keywords.confirmation(keyword, self.profile, locale),
                purpose="keyword",
                key=f"keyword:{self.id}",
                locale=locale,
                now=self.now,
                sender=self.incoming.to_number,
                **whose,
            )

    async def _goes_on(self, caller: Caller, outcome: Outcome) -> _Fate:
        """As if it had been written in the chat; a refusal in somebody's own words ends marketing."""
        answered = outcome == "said" and not self._reacts
        await preceding.show(self.connection, caller.conversation, self.incoming.from_number, self.profile.business.name, self.now)
        files = tuple(await self.keep_files(self.connection, caller.conversation))
        received = await self._received(caller, files, answered)
        announced = () if received.announcement is None else (received.announcement,)
        turn = answered and caller.owner == "ai"
        fate = _Fate(outcome, caller.conversation, received.message, (*caller.announcements, *announced), turn, files)
        if self._reacts or not keywords.refuses(self.incoming.text):
            return fate
        review = await consent.refuse(
            self.connection,
            number=self.incoming.from_number,
            text=spoken(self.incoming.text),
            customer=caller.customer,
            conversation=caller.conversation,
        )
        return fate if review is None else await self._told(fate, "text_stop", review)

    async def _received(self, caller: Caller, files: Sequence[Kept], answered: bool) -> Received:
        visitor = Visitor("", caller.customer, caller.conversation, caller.history, caller.site, "", stored=True)
        kept = tuple(file.attachment.id for file in files if file.attachment is not None)
        left = [file.why for file in files if file.why is not None]
        return await receive(
            self.connection,
            visitor,
            client_id=uuid5(NAMESPACE_URL, f"text:{self.id}"),
            text=words(self.incoming.text, left, bare=not kept),
            now=self.now,
            channel="sms",
            attachments=kept,
            home_phone=self.profile.business.phone,
            answered=answered,
        )

    async def _told(self, fate: _Fate, reason: Literal["text_stop", "text_loop"], cause: UUID) -> _Fate:
        """Staff see it in the thread, and hear of it."""
        assert fate.conversation is not None
        async with writing(self.connection, fate.conversation) as log:
            log.add_staff(Alerted(reason=reason))
        await outbox.enqueue(self.connection, NotifyStaff(conversation=fate.conversation, reason=reason), key=f"{reason}:{cause}")
        return replace(fate, announcements=(*fate.announcements, log.announcement))


def words(text: str, left: Sequence[str], *, bare: bool) -> str:
    """What is shown of a text. `left`: why files are not there; `bare`: no file is, so that something must stand there."""
    shown = spoken(text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(shown) > LONGEST:
        shown = f"{shown[:LONGEST]}\n{CUT}"
    shown = "\n".join(part for part in (shown, *(f"[A file could not be taken: {why}]" for why in left)) if part)
    return shown or ("[An empty text]" if bare else "")
