"""Texts by the message store of the user whose JWT is used: /sms, /mms, and the list of what went and came."""

import re
import unicodedata
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from business.channels.provider import Accepted, File, Incoming, NotReached, Unanswered
from business.channels.ringcentral import shapes
from business.channels.ringcentral.api import Api

EXTENSION = "/restapi/v1.0/account/~/extension/~"
PER_PAGE = 100
MOST_PAGES = 50


class MessageStore:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def send(self, sender: str, to: str, text: str) -> Accepted:
        return _taken(await self._api.do("POST", f"{EXTENSION}/sms", group="medium", body=_letter(sender, to, text)))

    async def send_files(self, sender: str, to: str, text: str, files: Sequence[File]) -> Accepted:
        body = _parts(_letter(sender, to, text), files)
        return _taken(await self._api.do("POST", f"{EXTENSION}/mms", group="medium", body=body))

    async def became(self, id: str) -> Accepted | None:
        record = await self._record(id)
        return None if record is None else shapes.accepted(record, high_volume=False)

    async def message(self, id: str) -> Incoming | None:
        record = await self._record(id)
        return None if record is None else shapes.incoming(record, high_volume=False)

    async def sent(self, to: str, since: datetime) -> AsyncIterator[dict[str, Any]]:
        """Records of what went to the number, the newest first."""
        async for record in self._list("Outbound", since, to):
            if to in shapes.recipients(record, high_volume=False):
                yield record

    async def arrived(self, since: datetime, number: str | None) -> list[Incoming]:
        found = [shapes.incoming(record, high_volume=False) async for record in self._list("Inbound", since, number)]
        return [one for one in found if one is not None and number in (None, one.from_number)]

    async def _record(self, id: str) -> dict[str, Any] | None:
        data = await self._api.read(f"{EXTENSION}/message-store/{quote(id, safe='')}")
        if data is not None and not isinstance(data, dict):
            raise NotReached("garbage")
        return data

    async def _list(self, direction: str, since: datetime, number: str | None) -> AsyncIterator[dict[str, Any]]:
        """The newest first, as it is given: what comes meanwhile shifts pages so that one is seen twice, never not at all."""
        query: dict[str, Any] = {"direction": direction, "messageType": "SMS", "dateFrom": shapes.written(since), "perPage": PER_PAGE}
        query |= {} if number is None else {"phoneNumber": number}
        for page in range(1, MOST_PAGES + 1):
            data = await self._api.read(f"{EXTENSION}/message-store", page=page, **query)
            records = data.get("records") if isinstance(data, dict) else None
            if not isinstance(records, list):
                raise NotReached("garbage")
            for record in records:
                if isinstance(record, dict):
                    yield record
            if len(records) < PER_PAGE:
                return


def _letter(sender: str, to: str, text: str) -> dict[str, Any]:
    return {"from": {"phoneNumber": sender}, "to": [{"phoneNumber": to}], "text": text}


def _taken(data: Any) -> Accepted:
    """A text that they have, whatever the record looks like: one that cannot be read is looked for later."""
    record = shapes.accepted(data, high_volume=False) if isinstance(data, dict) else None
    if record is None:
        raise Unanswered("garbage")
    return record


def _named(name: str) -> str:
    """A file's name in letters that no header spells otherwise."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()).strip("-") or "file"


def _parts(letter: dict[str, Any], files: Sequence[File]) -> Callable[[], Any]:
    """multipart/mixed: the letter first, as JSON, then the files (docs: messaging/sms/sending-images). A body is read once, so it is made
    anew for each request."""

    def made() -> Any:
        import aiohttp

        writer = aiohttp.MultipartWriter("mixed")
        writer.append_json(letter)
        for file in files:
            part = writer.append(file.content, {"Content-Type": file.type})
            part.set_content_disposition("attachment", filename=_named(file.name))
        return writer

    return made
