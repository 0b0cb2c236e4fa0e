"""The provider's methods, over both of RingCentral's ways to send."""

import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from business.channels.provider import Accepted, File, Incoming, MediaRef, OwnNumber, Refused, Subscribed
from business.channels.ringcentral import shapes
from business.channels.ringcentral.api import Api, Http
from business.channels.ringcentral.high_volume import HighVolume
from business.channels.ringcentral.media import Media
from business.channels.ringcentral.message_store import MessageStore
from business.channels.ringcentral.numbers import Numbers
from business.channels.ringcentral.subscriptions import Subscriptions
from business.channels.ringcentral.tokens import Credentials, Tokens

LONGEST_TEXT = 1000
"""Units of UTF-16 of a text (their description: createSMSMessage)."""
MOST_FILES = 10
MOST_FILE_BYTES = 1_500_000
"""Of all files of a text together (docs: messaging/sms/sending-images)."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whose numbers are used, and how. `pauses`: seconds before each further try of a request that reads."""

    address: str
    credentials: Credentials
    number: str | None = None
    high_volume: Literal["auto", "always", "never"] = "auto"
    timeout: float = 15.0
    pauses: tuple[float, ...] = (0.5, 2.0)


class RingCentral:
    """One user of one account, over connections of its own. `clock`: seconds that only go on."""

    name = "ringcentral"

    def __init__(self, account: Account, clock: Callable[[], float] = time.monotonic) -> None:
        self._http = Http(account.address, account.timeout, clock)
        tokens = Tokens(self._http, account.credentials, clock)
        api = Api(self._http, tokens, account.pauses)
        self._numbers = Numbers(api, account.number, account.high_volume, clock)
        self._store = MessageStore(api)
        self._bulk = HighVolume(api)
        self._media = Media(self._http, tokens, account.timeout)
        self._subscriptions = Subscriptions(api)

    async def send(self, to: str, text: str, *, sender: str | None = None, files: Sequence[File] = ()) -> Accepted:
        _fits(text, files)
        ours, way = await self._numbers.sender(sender, files=bool(files))
        if way == "high_volume":
            return await self._bulk.send(ours, to, text)
        if way == "pictures":
            return await self._store.send_files(ours, to, text, files)
        return await self._store.send(ours, to, text)

    async def became(self, id: str | None, batch: str | None) -> Accepted | None:
        if id is not None and not id.startswith(shapes.A2P):
            return await self._store.became(id)
        return await self._bulk.became(id, batch) if id is not None or batch is not None else None

    async def find(self, to: str, text: str, since: datetime, *, known: Collection[str] = ()) -> Accepted | None:
        wanted = _words(text)
        for high_volume, records in await self._sent(to, since):
            async with aclosing(records):
                async for record in records:
                    found = shapes.accepted(record, high_volume=high_volume)
                    same = _words(shapes.words(record, high_volume=high_volume)) == wanted
                    if found is not None and same and found.id not in known and found.batch not in known:
                        return found
        return None

    async def _sent(self, to: str, since: datetime) -> "Sequence[tuple[bool, Any]]":
        lists: list[tuple[bool, AsyncIterator[dict[str, Any]]]] = [(False, self._store.sent(to, since))]
        if await self._numbers.high_volume():
            lists.append((True, self._bulk.sent(to, since)))
        return lists

    async def message(self, id: str) -> Incoming | None:
        return await (self._bulk if id.startswith(shapes.A2P) else self._store).message(id)

    async def arrived(self, since: datetime, *, number: str | None = None) -> Sequence[Incoming]:
        found = await self._store.arrived(since, number)
        if await self._numbers.high_volume():
            found += await self._bulk.arrived(since, number)
        return sorted({one.id: one for one in found}.values(), key=lambda one: (one.at, len(one.id), one.id))

    async def read(self, media: MediaRef, most: int) -> bytes:
        return await self._media.read(media, most)

    async def numbers(self) -> Sequence[OwnNumber]:
        return await self._numbers.all(anew=True)

    async def subscribe(self, address: str, token: str) -> Subscribed:
        return await self._subscriptions.create(address, token, high_volume=await self._numbers.high_volume())

    async def subscription(self, id: str) -> Subscribed | None:
        return await self._subscriptions.get(id)

    async def renew(self, id: str) -> Subscribed | None:
        return await self._subscriptions.renew(id)

    async def unsubscribe(self, id: str) -> None:
        await self._subscriptions.delete(id)

    async def close(self) -> None:
        await self._media.close()
        await self._http.close()


def _fits(text: str, files: Sequence[File]) -> None:
    if len(text.encode("utf-16-le")) // 2 > LONGEST_TEXT:
        raise Refused("too_long", permanent=True)
    if len(files) > MOST_FILES or sum(len(file.content) for file in files) > MOST_FILE_BYTES:
        raise Refused("files_too_large", permanent=True)


def _words(text: str) -> str:
    """What two copies of a text have in common, however a store keeps line ends and spaces."""
    return " ".join(text.split())
