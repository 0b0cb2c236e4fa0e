"""Signed links. A token is the thing's id and a signature over what it is for: whoever holds it may do just that, and nothing lists them.

They stand in a path, never behind a `?`; pages that they open send no referrer. Another secret of the install makes all of them void.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

from kernel.errors import NotFound

Purpose = Literal["booking", "feed", "unsubscribe", "reply", "thread"]
SIGNATURE = 16
SHORT_SIGNATURE = 10
"""Of what goes into the local part of an e-mail address, which is short and knows no upper case; and into a text message."""
THREAD_DAYS = 7
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class ThreadToken:
    """A link to a conversation, still to be held against the number that it went to."""

    conversation: UUID
    last_day: int
    signature: bytes


class Links:
    """`base` is the address that the world sees, without a slash at the end; `secret` the install's."""

    def __init__(self, base: Callable[[], str], secret: str) -> None:
        self._base = base
        self._key = hmac.digest(secret.encode(), b"links", "sha256")

    @property
    def base(self) -> str:
        return self._base()

    def booking(self, booking: UUID) -> str:
        """The customer's page of a booking."""
        return f"{self._base()}/b/{self._signed('booking', booking.bytes)}"

    def booking_of(self, token: str) -> UUID:
        """Raises NotFound."""
        return UUID(bytes=self._opened("booking", token, 16))

    def feed(self, chef: UUID) -> str:
        """A chef's calendar, for their phone to subscribe to."""
        return f"{self._base()}/calendar/{self._signed('feed', chef.bytes)}.ics"

    def chef_of(self, token: str) -> UUID:
        """Raises NotFound."""
        return UUID(bytes=self._opened("feed", token, 16))

    def unsubscribe(self, address: str) -> str:
        """Where an address ends its marketing mail."""
        return f"{self._base()}/u/{self._signed('unsubscribe', address.encode())}"

    def address_of(self, token: str) -> str:
        """Raises NotFound."""
        return self._opened("unsubscribe", token).decode()

    def reply_to(self, conversation: UUID, mailbox: str) -> str:
        """The address to which an answer goes on in its conversation; `mailbox` like replies@example.org."""
        value = conversation.bytes + self._signature("reply", conversation.bytes)[:SHORT_SIGNATURE]
        name, _, host = mailbox.partition("@")
        return f"{name}+{base64.b32encode(value).decode().rstrip('=').lower()}@{host}"

    def conversation_of(self, address: str) -> UUID:
        """Raises NotFound."""
        token = address.partition("@")[0].rpartition("+")[2].upper()
        try:
            value = base64.b32decode(token + "=" * (-len(token) % 8))
        except (binascii.Error, ValueError) as error:
            raise NotFound("There is no such conversation.") from error
        id, signature = value[:16], value[16:]
        if len(id) != 16 or not hmac.compare_digest(signature, self._signature("reply", id)[:SHORT_SIGNATURE]):
            raise NotFound("There is no such conversation.")
        return UUID(bytes=id)

    def thread(self, conversation: UUID, number: str, at: datetime) -> str:
        """The page on which a conversation goes on that is texted to `number`. It is good for a week from `at`, and as long as the
        conversation has this number."""
        last_day = int(at.timestamp()) // _DAY + THREAD_DAYS
        signature = self._of_thread(conversation, last_day, number)
        value = conversation.bytes + last_day.to_bytes(3) + signature
        return f"{self._base()}/t/{_written(value)}"

    def thread_of(self, token: str, now: datetime) -> ThreadToken:
        """Raises NotFound where it is none, or its week is over. Whether it is ours, `leads_to` tells."""
        try:
            value = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError) as error:
            raise NotFound("This link is not valid.") from error
        id, last_day, signature = value[:16], int.from_bytes(value[16:19]), value[19:]
        if len(signature) != SHORT_SIGNATURE or _written(value) != token or now.timestamp() // _DAY > last_day:
            raise NotFound("This link is not valid.")
        return ThreadToken(UUID(bytes=id), last_day, signature)

    def leads_to(self, thread: ThreadToken, number: str) -> bool:
        """Whether the link was made for this number."""
        return hmac.compare_digest(thread.signature, self._of_thread(thread.conversation, thread.last_day, number))

    def _of_thread(self, conversation: UUID, last_day: int, number: str) -> bytes:
        return self._signature("thread", conversation.bytes + last_day.to_bytes(3) + number.encode())[:SHORT_SIGNATURE]

    def conversation(self, conversation: UUID) -> str:
        """Where staff read it, signed in; nothing is signed in it."""
        return f"{self._base()}/console#/c/{conversation}"

    @property
    def host(self) -> str:
        """For Message-IDs and UIDs."""
        return urlsplit(self._base()).hostname or "localhost"

    def _signature(self, purpose: Purpose, value: bytes) -> bytes:
        return hmac.digest(self._key, purpose.encode() + b"\0" + value, hashlib.sha256)[:SIGNATURE]

    def _signed(self, purpose: Purpose, value: bytes) -> str:
        return _written(value + self._signature(purpose, value))

    def _opened(self, purpose: Purpose, token: str, length: int | None = None) -> bytes:
        try:
            whole = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (binascii.Error, ValueError) as error:
            raise NotFound("This link is not valid.") from error
        value, signature = whole[:-SIGNATURE], whole[-SIGNATURE:]
        right = hmac.compare_digest(signature, self._signature(purpose, value)) and self._signed(purpose, value) == token
        if not right or (length is not None and len(value) != length):
            raise NotFound("This link is not valid.")
        return value


def _written(value: bytes) -> str:
    """The one way in which it stands in a link: no other spelling opens it."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
