"""`continue_by_text` and `verify_phone`: the conversation goes on by text, once its customer has read a code at their number."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from business.channels import subscriptions
from business.channels.linking import go_on_by_text
from business.channels.proving import Codes, Trouble, Whose, fresh
from business.conversations.log import Announcement
from business.conversations.receive import settle
from business.customers import contacts
from business.profile.schemas import Profile
from gateway.http.quota import network_key
from gateway.socket.buckets import MessageBuckets
from gateway.socket.card import ASSISTANT
from gateway.socket.guard import Addresses
from gateway.socket.session import ChatSession
from kernel.clock import Clock
from kernel.database import Database
from kernel.errors import BadRequest, Conflict, GatewayError, NotAllowed, NotFound, RateLimited
from kernel.wire.chat import ChatContinueByText, ChatVerifyPhone

HOUR_MS = 3_600_000
CODES_AN_HOUR = 10
"""Codes that one network address may ask for, whatever the numbers: people share addresses."""


@dataclass(frozen=True, slots=True)
class Texting:
    """`offered`: there is somebody who carries texts; `provider`: who. `number`: ours, where one is named. `buckets`: of the codes that a
    network address asks for; loopback and trusted proxies are not counted."""

    offered: bool
    provider: str
    number: str | None
    codes: Codes
    secret: str
    buckets: MessageBuckets
    addresses: Addresses

    async def counted(self, address: str) -> None:
        """One more code for whoever asks there. Raises RateLimited."""
        if self.addresses.exempt(address):
            return
        wait = await self.buckets.take(network_key(self.secret, "codes", address))
        if wait:
            raise RateLimited("Many codes were asked for from your network. Please wait a while.", retry_after_ms=wait, why="often")


class Continuing:
    """The two handlers."""

    def __init__(
        self,
        database: Database,
        texting: Texting,
        profile: Callable[[], Profile],
        announce: Callable[[Announcement], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self._database = database
        self._texting = texting
        self._profile = profile
        self._announce = announce
        self._clock = clock

    @property
    def offered(self) -> bool:
        return self._texting.offered

    async def ask(self, session: ChatSession, given: ChatContinueByText) -> dict[str, Any]:
        """A code goes to the number; whether we know it is not told."""
        profile, visitor, texting = self._profile(), session.visitor, self._texting
        if not texting.offered:
            raise NotAllowed("Text messages are not offered here. Please go on in this chat.", why="unoffered")
        phone = _phone(given.phone, profile.business.phone)
        await texting.counted(session.address)
        now, code = self._clock(), fresh()
        if not visitor.stored:
            await self._database.unit(lambda c: settle(c, visitor, now, "web", session.locale))
        whose = Whose(conversation=visitor.conversation)
        trouble = await self._database.unit(lambda c: texting.codes.send(c, profile, whose, phone, code, locale=session.locale, now=now))
        if trouble is not None:
            raise await self._refusal(trouble)
        return {}

    async def verify(self, session: ChatSession, given: ChatVerifyPhone) -> dict[str, Any]:
        """The right code, and it goes on by text."""
        profile, texting = self._profile(), self._texting
        if not texting.offered:
            raise NotAllowed("Text messages are not offered here. Please go on in this chat.", why="unoffered")
        went = await self._database.unit(
            lambda c: go_on_by_text(
                c, profile, texting.codes, session.visitor.conversation, given.code,
                locale=session.locale, ip=session.address, assistant=ASSISTANT, our_number=texting.number, now=self._clock(),
            )
        )  # fmt: skip
        if went.trouble is not None:
            raise await self._refusal(went.trouble)
        for announcement in went.announcements:
            await self._announce(announcement)
        return {}

    async def _refusal(self, trouble: Trouble) -> GatewayError:
        """What is wrong, and what to do about it; `why` for clients that say it in their own words."""
        kind, says = _TROUBLES[trouble]
        ours = await self._ours() if trouble == "stopped" else None
        number = {"number": ours} if ours else {}
        again = HOUR_MS if trouble == "often" else None
        return kind(says.format(number=ours or "our number"), retry_after_ms=again, why=trouble, **number)

    async def _ours(self) -> str | None:
        """The number to which START is texted."""
        if self._texting.number is not None:
            return self._texting.number
        async with self._database.transaction() as connection:
            return await subscriptions.sender(connection, self._texting.provider)


_TROUBLES: Mapping[Trouble, tuple[type[GatewayError], str]] = {
    "often": (RateLimited, "You asked three times in the last hour. Please use the newest code, or try again in an hour."),
    "stopped": (Conflict, "This number asked for no more texts. To begin again, text START from it to {number}, then try once more."),
    "unsent": (BadRequest, "We cannot send texts to this number. Please try another one, or go on in this chat."),
    "none": (NotFound, "No code is on its way to you. Give your number first."),
    "wrong": (BadRequest, "That is not the code. Look at the newest text and try again."),
    "expired": (BadRequest, "This code is too old. Have a new one sent."),
    "tries": (BadRequest, "Too many tries with this code. Have a new one sent."),
}


def _phone(given: str, home: str) -> str:
    try:
        return contacts.phone(given, home)
    except BadRequest as error:
        raise BadRequest(error.message, why="number") from None
