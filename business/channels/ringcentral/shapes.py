"""RingCentral's records in our terms. What a record lacks or has otherwise than described makes it none."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from business.channels.provider import Accepted, DeliveryState, Incoming, MediaRef
from business.channels.ringcentral.codes import is_of_number, is_opted_out, untold

A2P = "a2p:"
"""What the ids of the high-volume store begin with, so that one id says which store has it."""

_STATES: dict[str, DeliveryState] = {
    "Queued": "sent",
    "Sent": "sent",
    "Delivered": "delivered",
    "SendingFailed": "undelivered",
    "DeliveryFailed": "undelivered",
}


def moment(given: object) -> datetime | None:
    try:
        read = datetime.fromisoformat(given) if isinstance(given, str) else None
    except ValueError:
        return None
    return read if read is not None and read.tzinfo is not None else None


def written(moment: datetime) -> str:
    """As their filters take it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def identity(given: object) -> str | None:
    """Ids are numbers in one place and text in another."""
    return str(given) if isinstance(given, int | str) and not isinstance(given, bool) and str(given) else None


def accepted(record: Mapping[str, Any], *, high_volume: bool) -> Accepted | None:
    """Of a text that goes out."""
    id, at = identity(record.get("id")), moment(record.get("creationTime"))
    state = _STATES.get(str(record.get("messageStatus")))
    if id is None or at is None or state is None or record.get("direction", "Outbound") != "Outbound":
        return None
    code = record.get("errorCode" if high_volume else "deliveryErrorCode")
    code = code[:40] if isinstance(code, str) else None
    batch = record.get("batchId") if high_volume else None
    state = "sent" if untold(code) else state
    lost = state == "undelivered"
    return Accepted(
        A2P + id if high_volume else id, identity(batch), state, at, code, lost and is_of_number(code), lost and is_opted_out(code)
    )


def incoming(record: Mapping[str, Any], *, high_volume: bool) -> Incoming | None:
    """Of a text that came in from a telephone."""
    id, at = identity(record.get("id")), moment(record.get("creationTime"))
    if id is None or at is None or record.get("direction") != "Inbound" or (not high_volume and record.get("type") != "SMS"):
        return None
    sender, ours = _numbers(record, high_volume)
    text = record.get("text" if high_volume else "subject") or ""
    if sender is None or ours is None or not isinstance(text, str):
        return None
    return Incoming(A2P + id if high_volume else id, sender, ours, text, at, tuple(_media(record.get("attachments"))))


def words(record: Mapping[str, Any], *, high_volume: bool) -> str:
    given = record.get("text" if high_volume else "subject")
    return given if isinstance(given, str) else ""


def recipients(record: Mapping[str, Any], *, high_volume: bool) -> tuple[str, ...]:
    to = record.get("to")
    found = [one if high_volume else _phone(one) for one in to] if isinstance(to, list) else []
    return tuple(one for one in found if isinstance(one, str))


def _numbers(record: Mapping[str, Any], high_volume: bool) -> tuple[str | None, str | None]:
    """Whose text it is, and which number of ours got it: in a group it is the one that is marked."""
    if high_volume:
        sender = record.get("from")
        return (sender if isinstance(sender, str) else None), next(iter(recipients(record, high_volume=True)), None)
    to = record.get("to")
    marked = [one for one in to if isinstance(one, dict) and one.get("target") is True] if isinstance(to, list) else []
    ours = _phone(marked[0]) if marked else next(iter(recipients(record, high_volume=False)), None)
    return _phone(record.get("from")), ours


def _phone(party: object) -> str | None:
    number = party.get("phoneNumber") if isinstance(party, dict) else None
    return number if isinstance(number, str) and number else None


def _media(attachments: object) -> Iterable[MediaRef]:
    for one in attachments if isinstance(attachments, list) else []:
        match one:
            case {"type": "MmsAttachment", "id": id, "uri": str(address)}:
                size, type = one.get("size"), one.get("contentType")
                yield MediaRef(
                    str(id), type if isinstance(type, str) else "application/octet-stream", size if isinstance(size, int) else None, address
                )
