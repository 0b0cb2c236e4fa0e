"""Codes that prove a number: six digits that go to it by text, and come back from whoever reads them there. Only a keyed hash is kept.

Of a conversation, or of a member of staff, the newest code counts: it is good for some minutes, for one use and five tries. What is
answered tells nothing of whose number it is, nor whether we know it.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import threads
from business.channels.writing import write
from business.profile.schemas import Profile
from business.profile.spoken import language_of
from kernel import locks
from kernel.ids import new_id
from kernel.tables.ops import PhoneCode, TextMessage

TRIES = 5
NEVER_WENT = ("refused", "held", "cancelled")
AN_HOUR = timedelta(hours=1)
PER_HOUR = 3
"""Codes that one number, and one conversation, gets in an hour."""

Trouble = Literal["often", "stopped", "unsent", "none", "wrong", "expired", "tries"]
_TEXTS = {
    "en": "{code} is your code for {business}. It is good for {minutes} minutes. If you did not ask for it, ignore this text.",
    "es": "{code} es tu código para {business}. Vale {minutes} minutos. Si no lo pediste, ignora este mensaje.",
}


@dataclass(frozen=True, slots=True)
class Whose:
    """Who proves a number: the customer of a conversation, or a member of staff."""

    conversation: UUID | None = None
    staff: UUID | None = None

    @property
    def is_theirs(self) -> ColumnElement[bool]:
        """Their codes."""
        if self.staff is not None:
            return PhoneCode.staff_id == self.staff
        return PhoneCode.conversation_id == self.conversation

    async def hold(self, connection: AsyncConnection) -> None:
        """Until the end of the transaction they ask for no other code. It comes before the number's lock."""
        await locks.hold(connection, f"codes of {self.staff or self.conversation}")


@dataclass(frozen=True, slots=True)
class Fresh:
    """A code that is to be sent: made before its transaction, so that the transaction may be repeated."""

    id: UUID
    code: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of a code. `trouble` None: the number is theirs. `sender`: the number of ours that the code came from, where that is
    known. `again`: it was proved by this code before."""

    phone: str = ""
    id: UUID | None = None
    sender: str | None = None
    again: bool = False
    trouble: Trouble | None = None


def fresh() -> Fresh:
    """Six digits that nobody guesses."""
    return Fresh(new_id(), f"{secrets.randbelow(1_000_000):06d}")


class Codes:
    """`secret`: the install's; `minutes`: for which a code is good."""

    def __init__(self, secret: str, minutes: int) -> None:
        self._key = hmac.digest(secret.encode(), b"phone codes", "sha256")
        self._minutes = minutes

    async def send(
        self,
        connection: AsyncConnection,
        profile: Profile,
        whose: Whose,
        phone: str,
        given: Fresh,
        *,
        locale: str | None,
        now: datetime,
    ) -> Trouble | None:
        """Have a code sent to `phone`, E.164; None where it is on its way. `often`: after an hour; `stopped`: this number gets no texts
        until START comes from it; `unsent`: it cannot be texted, and why is kept with the text. Safe to repeat."""
        await whose.hold(connection)
        await threads.hold(connection, phone)
        if await connection.scalar(select(PhoneCode.id).where(PhoneCode.id == given.id)) is not None:
            return None
        if await self._often(connection, whose, phone, now):
            return "often"
        words = _TEXTS[language_of(locale)]
        said = words.format(code=given.code, business=profile.business.name, minutes=self._minutes)
        text = await write(
            connection, profile, to=phone, text=said, purpose="code", key=f"code:{given.id}", locale=locale, now=now,
            conversation=whose.conversation, staff=whose.staff,
        )  # fmt: skip
        row = {
            "id": given.id,
            "phone": phone,
            "code_hash": self._hash(given.id, given.code),
            "conversation_id": whose.conversation,
            "staff_id": whose.staff,
            "text_id": text.id,
            "expires_at": now + timedelta(minutes=self._minutes),
            "created_at": now,
        }
        await connection.execute(insert(PhoneCode).values(row))
        if text.state in ("refused", "held"):
            return "stopped" if text.why == "Stopped" else "unsent"
        return None

    async def check(self, connection: AsyncConnection, whose: Whose, code: str, now: datetime) -> Proof:
        """Whether this is the code that went out. A wrong one counts, so the transaction must be committed. Done again with the right
        one it is the same. One that went to nobody proves nothing, whoever guesses it."""
        query = select(PhoneCode).where(whose.is_theirs).order_by(PhoneCode.created_at.desc(), PhoneCode.id.desc()).limit(1)
        row = (await connection.execute(query.with_for_update())).one_or_none()
        if row is None:
            return Proof(trouble="none")
        text = await _text(connection, row)
        if row.expires_at <= now or (text is not None and text.state in NEVER_WENT):
            return Proof(trouble="expired")
        if row.tries >= TRIES:
            return Proof(trouble="tries")
        given = "".join(filter(str.isdecimal, code))
        if not hmac.compare_digest(self._hash(row.id, given), row.code_hash):
            await self._change(connection, row.id, tries=row.tries + 1)
            return Proof(trouble="wrong" if row.tries + 1 < TRIES else "tries")
        if row.used_at is None:
            await self._change(connection, row.id, used_at=now)
        return Proof(row.phone, row.id, None if text is None else text.from_number, again=row.used_at is not None)

    async def give_back(self, connection: AsyncConnection, proof: Proof) -> None:
        """Nothing came of it, for its number has stopped: after START the same code will do."""
        assert proof.id is not None
        await self._change(connection, proof.id, used_at=None)

    async def _often(self, connection: AsyncConnection, whose: Whose, phone: str, now: datetime) -> bool:
        since = PhoneCode.created_at > now - AN_HOUR
        of_number = select(func.count()).where(PhoneCode.phone == phone, since).scalar_subquery()
        of_theirs = select(func.count()).where(whose.is_theirs, since).scalar_subquery()
        counted = (await connection.execute(select(of_number, of_theirs))).one()
        return bool(max(counted) >= PER_HOUR)

    async def _change(self, connection: AsyncConnection, id: UUID, **values: Any) -> None:
        await connection.execute(update(PhoneCode).where(PhoneCode.id == id).values(values))

    def _hash(self, id: UUID, code: str) -> str:
        return hmac.digest(self._key, f"{id}:{code}".encode(), hashlib.sha256).hex()


async def _text(connection: AsyncConnection, row: Any) -> Any | None:
    """`state, from_number` of the text that it went with."""
    wanted = select(TextMessage.state, TextMessage.from_number).where(TextMessage.id == row.text_id)
    return (await connection.execute(wanted)).one_or_none()


async def forget_words(connection: AsyncConnection, now: datetime) -> int:
    """Codes whose time is over are not read in any table any more; how many there were. What is about to be sent is left to whoever
    sends it, and is not sent."""
    over = select(PhoneCode.text_id).where(PhoneCode.expires_at <= now)
    rest = TextMessage.purpose == "code", TextMessage.text != "", TextMessage.state.not_in(("waiting", "sending"))
    return (await connection.execute(update(TextMessage).where(*rest, TextMessage.id.in_(over)).values(text=""))).rowcount
