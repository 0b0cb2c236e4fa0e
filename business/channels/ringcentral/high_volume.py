"""Texts by the high-volume API: batches of one, and the store of its own that they lie in."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

from business.channels.provider import Accepted, Incoming, NotReached, Unanswered
from business.channels.ringcentral import shapes
from business.channels.ringcentral.api import Api
from business.channels.ringcentral.codes import refused

ACCOUNT = "/restapi/v1.0/account/~/a2p-sms"
PER_PAGE = 200
MOST_PAGES = 50


class HighVolume:
    def __init__(self, api: Api) -> None:
        self._api = api

    async def send(self, sender: str, to: str, text: str) -> Accepted:
        """A batch is `accepted` before its one text has an id."""
        body = {"from": sender, "text": text, "messages": [{"to": [to]}]}
        data = await self._api.do("POST", f"{ACCOUNT}/batches", group="light", body=body)
        record = data if isinstance(data, dict) else {}
        if rejected := record.get("rejected"):
            raise refused(_code(rejected), of_number=True)
        batch, at = shapes.identity(record.get("id")), shapes.moment(record.get("creationTime"))
        if batch is None or at is None:
            raise Unanswered("garbage")
        return Accepted(None, batch, "sent", at)

    async def became(self, id: str | None, batch: str | None) -> Accepted | None:
        if id is not None:
            record = await self._record(id)
            return None if record is None else shapes.accepted(record, high_volume=True)
        async for record in self._list(batchId=batch):
            return shapes.accepted(record, high_volume=True)
        return None

    async def message(self, id: str) -> Incoming | None:
        record = await self._record(id)
        return None if record is None else shapes.incoming(record, high_volume=True)

    async def sent(self, to: str, since: datetime) -> AsyncIterator[dict[str, Any]]:
        async for record in self._list(direction="Outbound", dateFrom=shapes.written(since), phoneNumber=to, view="Detailed"):
            if to in shapes.recipients(record, high_volume=True):
                yield record

    async def arrived(self, since: datetime, number: str | None) -> list[Incoming]:
        query = {"direction": "Inbound", "dateFrom": shapes.written(since), "view": "Detailed"}
        query |= {} if number is None else {"phoneNumber": number}
        found = [shapes.incoming(record, high_volume=True) async for record in self._list(**query)]
        return [one for one in found if one is not None and number in (None, one.from_number)]

    async def _record(self, id: str) -> dict[str, Any] | None:
        data = await self._api.read(f"{ACCOUNT}/messages/{quote(id.removeprefix(shapes.A2P), safe='')}")
        if data is not None and not isinstance(data, dict):
            raise NotReached("garbage")
        return data

    async def _list(self, **query: Any) -> AsyncIterator[dict[str, Any]]:
        page: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            data = await self._api.read(f"{ACCOUNT}/messages", perPage=PER_PAGE, **query, **page)
            records = data.get("records") if isinstance(data, dict) else [] if data is None else None
            if not isinstance(records, list):
                raise NotReached("garbage")
            for record in records:
                if isinstance(record, dict):
                    yield record
            following = _following(data)
            if following is None:
                return
            page = {"pageToken": following}


def _following(data: Any) -> str | None:
    """The token of the next page; None: there is none."""
    paging = data.get("paging") if isinstance(data, dict) else None
    token = paging.get("nextPageToken") if isinstance(paging, dict) else None
    return token if isinstance(token, str) and token else None


def _code(rejected: Any) -> str:
    first = rejected[0] if isinstance(rejected, list) and rejected else {}
    code = first.get("errorCode") if isinstance(first, dict) else None
    return code[:40] if isinstance(code, str) else "rejected"
