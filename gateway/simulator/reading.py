"""What is asked of the stores: numbers, messages of either, files, batches, opt-outs, a synchronisation."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from aiohttp import web

from gateway.simulator import shown
from gateway.simulator.agenda import Agenda
from gateway.simulator.errors import Refusal, invalid, missing
from gateway.simulator.records import Account, Text
from gateway.simulator.shown import EXTENSION_PATH, Json

DAY = timedelta(hours=24)  # how far lists look back unless they are told
SYNC_DAYS = timedelta(days=7)
SYNC_OVERLAP = timedelta(seconds=5)  # guide, messaging/message-store/message-sync
MOST_PER_PAGE = 1000


class Reading:
    """Handlers of what changes nothing."""

    def __init__(self, account: Account, agenda: Agenda, base: Callable[[], str]) -> None:
        self._account = account
        self._agenda = agenda
        self._base = base

    async def numbers(self, request: web.Request) -> web.Response:
        """`listExtensionPhoneNumbers`."""
        uri = f"{self._base()}{EXTENSION_PATH}/phone-number"
        page = _page(request, shown.numbers(self._account, self._base()))
        return web.json_response({"uri": uri, **page})

    async def messages(self, request: web.Request) -> web.Response:
        """`listMessages`."""
        found = [text for text in self._account.store(False) if self._fits(request, text)]
        records = [shown.message(text, self._base()) for text in found]
        return web.json_response({"uri": f"{self._base()}{request.path_qs}", **_page(request, records)})

    async def message(self, request: web.Request) -> web.Response:
        """`readMessage`."""
        return web.json_response(shown.message(self._found(request, high_volume=False), self._base()))

    async def content(self, request: web.Request) -> web.Response:
        """`readMessageContent`: bytes, with their own type."""
        text = self._found(request, high_volume=False)
        wanted = request.match_info["piece"]
        if wanted == str(text.id):
            return web.Response(text=text.text, content_type="text/plain")
        piece = next((one for one in text.files if str(one.id) == wanted), None)
        if piece is None:
            raise missing("attachmentId")
        return web.Response(body=piece.content, content_type=piece.type)

    async def sync(self, request: web.Request) -> web.Response:
        """`syncMessages`: all since a date, or what changed since the token."""
        now, kind = self._agenda.clock(), request.query.get("syncType", "FSync")
        since = _moment(request, "dateFrom") or now - SYNC_DAYS
        changed = _token(request.query.get("syncToken", "")) if kind == "ISync" else None
        texts = (text for text in self._account.store(False) if text.at >= since and _is_asked(request, text))
        records = [shown.message(text, self._base()) for text in texts if changed is None or text.changed >= changed - SYNC_OVERLAP]
        info = {"syncType": kind, "syncToken": _sealed(now), "syncTime": shown.moment(now)}
        return web.json_response({"uri": f"{self._base()}{request.path_qs}", "records": records, "syncInfo": info})

    async def high_volume_messages(self, request: web.Request) -> web.Response:
        """`listA2PSMS`."""
        batch, detailed = request.query.get("batchId"), request.query.get("view", "Simple") == "Detailed"
        found = [text for text in self._account.store(True) if self._fits(request, text) and batch in (None, text.batch)]
        return web.json_response(_tokened(request, [shown.high_volume(text, detailed=detailed) for text in found]))

    async def high_volume_message(self, request: web.Request) -> web.Response:
        """`readA2PSMS`."""
        return web.json_response(shown.high_volume(self._found(request, high_volume=True)))

    async def batches(self, request: web.Request) -> web.Response:
        """`listA2PBatches`."""
        since, until = self._window(request)
        found = [batch for batch in reversed(self._account.batches.values()) if since <= batch.at <= until]
        found = [batch for batch in found if request.query.get("from") in (None, batch.sender)]
        found = [batch for batch in found if batch.status in request.query.getall("status", [batch.status])]
        return web.json_response(_tokened(request, [shown.batch(batch, rejected=False) for batch in found]))

    async def batch(self, request: web.Request) -> web.Response:
        """`readA2PBatch`."""
        found = self._account.batches.get(request.match_info["id"])
        if found is None:
            raise missing("batchId")
        return web.json_response(shown.batch(found, rejected=False))

    async def opt_outs(self, request: web.Request) -> web.Response:
        """`readA2PSMSOptOuts`."""
        asked = {"optout": (True,), "optin": (False,), "all": (True, False)}.get(request.query.get("status", "optout"))
        if asked is None:
            raise invalid("status")
        records = [
            {"from": ours, "to": theirs, "status": "OptOut" if out else "OptIn", "source": "Recipient"}
            for (ours, theirs), out in self._account.opted_out.items()
            if out in asked and request.query.get("from") in (None, ours) and request.query.get("to") in (None, theirs)
        ]
        return web.json_response(_tokened(request, records))

    def _found(self, request: web.Request, *, high_volume: bool) -> Text:
        wanted = request.match_info["id"]
        text = self._account.texts.get(int(wanted)) if wanted.isdecimal() else None
        if text is None or text.high_volume != high_volume:
            raise missing("messageId")
        return text

    def _fits(self, request: web.Request, text: Text) -> bool:
        since, until = self._window(request)
        return since <= text.at <= until and _is_asked(request, text)

    def _window(self, request: web.Request) -> tuple[datetime, datetime]:
        until = _moment(request, "dateTo") or self._agenda.clock()
        return _moment(request, "dateFrom") or until - DAY, until


def _is_asked(request: web.Request, text: Text) -> bool:
    """Direction, type and number, where they are given."""
    query = request.query
    return (
        text.direction in query.getall("direction", [text.direction])
        and "SMS" in query.getall("messageType", ["SMS"])
        and bool({text.sender, text.to} & set(query.getall("phoneNumber", [text.to])))
    )


def _moment(request: web.Request, name: str) -> datetime | None:
    value = request.query.get(name)
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise invalid(name) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _whole(request: web.Request, name: str, default: int) -> int:
    value = request.query.get(name, str(default))
    if not value.isdecimal() or int(value) < 1:
        raise invalid(name)
    return int(value)


def _page(request: web.Request, records: Sequence[Json]) -> Json:
    """By number of the page: `paging` and `navigation` of the message store."""
    page, size = _whole(request, "page", 1), min(MOST_PER_PAGE, _whole(request, "perPage", 100))
    start, pages = (page - 1) * size, max(1, -(-len(records) // size))
    cut = list(records[start : start + size])
    paging: Json = {"page": page, "perPage": size, "totalPages": pages, "totalElements": len(records)}
    if cut:
        paging |= {"pageStart": start, "pageEnd": start + len(cut) - 1}
    places = {"firstPage": 1, "lastPage": pages} | ({"nextPage": page + 1} if page < pages else {})
    places |= {"previousPage": page - 1} if page > 1 else {}
    navigation = {name: {"uri": str(request.url.update_query(page=number))} for name, number in places.items()}
    return {"records": cut, "paging": paging, "navigation": navigation}


def _tokened(request: web.Request, records: Sequence[Json]) -> Json:
    """By token of the page: the high-volume store."""
    size, given = min(MOST_PER_PAGE, _whole(request, "perPage", MOST_PER_PAGE)), request.query.get("pageToken")
    start = 0 if given is None else _place(given)
    paging: Json = {"perPage": size, "pageToken": given or _named(0), "firstPageToken": _named(0)}
    if start + size < len(records):
        paging["nextPageToken"] = _named(start + size)
    if start > 0:
        paging["previousPageToken"] = _named(max(0, start - size))
    return {"records": list(records[start : start + size]), "paging": paging}


def _named(place: int) -> str:
    return base64.urlsafe_b64encode(f"p{place}".encode()).decode()


def _place(token: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("p"))
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise invalid("pageToken") from None


def _sealed(at: datetime) -> str:
    return base64.urlsafe_b64encode(at.isoformat().encode()).decode()


def _token(token: str) -> datetime:
    try:
        return datetime.fromisoformat(base64.urlsafe_b64decode(token).decode())
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise Refusal(400, "MSG-333", "Invalid message synchronisation request: full synchronization is required") from None
