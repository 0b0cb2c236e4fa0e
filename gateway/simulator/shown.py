"""How the API writes what the account holds. `docs/sms-simulator.md` says for each field where it is published."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from gateway.simulator.records import ACCOUNT, EXTENSION, Account, Batch, Piece, Subscription, Text

Json = dict[str, Any]
EXTENSION_PATH = f"/restapi/v1.0/account/{ACCOUNT}/extension/{EXTENSION}"
PRICE = 0.007  # dollars a segment: the guide's examples


def moment(at: datetime) -> str:
    """ISO 8601 with milliseconds, UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def message(text: Text, base: str) -> Json:
    """Of the message store (`GetMessageInfoResponse`)."""
    theirs = text.sender if text.direction == "Inbound" else text.to
    uri = f"{base}{EXTENSION_PATH}/message-store/{text.id}"
    shown: Json = {
        "uri": uri,
        "id": text.id,
        "to": [{"phoneNumber": text.to}],
        "from": {"phoneNumber": text.sender},
        "type": "SMS",
        "creationTime": moment(text.at),
        "lastModifiedTime": moment(text.changed),
        "readStatus": "Unread" if text.direction == "Inbound" else "Read",
        "priority": "Normal",
        "attachments": [_text_part(text, uri), *(_file_part(piece, uri) for piece in text.files)],
        "direction": text.direction,
        "availability": "Alive",
        "subject": text.text,
        "messageStatus": text.status,
        "segmentCount": text.segments,
        "conversationId": conversation(theirs),
        "conversation": {"id": str(conversation(theirs)), "uri": f"{base}/restapi/v1.0/conversation/{conversation(theirs)}"},
    }
    return shown | ({"deliveryErrorCode": text.error} if text.error else {})


def answered(text: Text, base: str) -> Json:
    """What `/sms` answers (`GetSMSMessageInfoResponse`): the description has no segments there."""
    return {name: value for name, value in message(text, base).items() if name not in ("segmentCount", "deliveryErrorCode")}


def instant(text: Text, base: str) -> Json:
    """The body of the event of a text that came in: the guide's example has ids as strings, and no uri of the text's part."""
    shown = message(text, base)
    files = [{**_file_part(piece, shown["uri"]), "id": str(piece.id)} for piece in text.files]
    kept = ("from", "to", "type", "creationTime", "lastModifiedTime", "readStatus", "priority", "direction", "availability", "subject")
    return {
        "id": str(text.id),
        **{name: shown[name] for name in kept},
        "to": [{"phoneNumber": text.to, "target": True}],
        "attachments": [{"id": str(text.id), "type": "Text", "contentType": "text/plain"}, *files],
        "messageStatus": text.status,
        "conversation": {"id": shown["conversation"]["id"]},
        "eventType": "Create",
        "owner": {"extensionId": EXTENSION, "extensionType": "User"},
    }


def _text_part(text: Text, uri: str) -> Json:
    return {"id": text.id, "uri": f"{uri}/content/{text.id}", "type": "Text", "contentType": "text/plain"}


def _file_part(piece: Piece, uri: str) -> Json:
    shown = {"id": piece.id, "uri": f"{uri}/content/{piece.id}", "type": "MmsAttachment", "contentType": piece.type}
    return {**shown, "size": len(piece.content), "fileName": piece.name}


def conversation(theirs: str) -> int:
    """One for each number that writes to us; below 2 to the 53rd."""
    return int(hashlib.sha256(theirs.encode()).hexdigest()[:12], 16)


def high_volume(text: Text, *, detailed: bool = True) -> Json:
    """Of the high-volume store (`MessageDetailsResponse`)."""
    shown: Json = {
        "id": str(text.id),
        "from": text.sender,
        "to": [text.to],
        "creationTime": moment(text.at),
        "lastModifiedTime": moment(text.changed),
        "messageStatus": text.status,
        "segmentCount": text.segments,
        "cost": round(PRICE * text.segments, 4) if text.direction == "Outbound" else 0.0,
        "direction": text.direction,
    }
    extra = {"text": text.text if detailed else None, "batchId": text.batch, "errorCode": text.error}
    return shown | {name: value for name, value in extra.items() if value is not None}


def batch(of: Batch, *, rejected: bool) -> Json:
    """`MessageBatchResponse`. Who was rejected is told once, in the answer to the request."""
    done = sum(text.status != "Queued" for text in of.texts)
    shown: Json = {
        "id": of.id,
        "from": of.sender,
        "batchSize": len(of.texts) + len(of.rejected),
        "processedCount": done,
        "status": of.status,
        "creationTime": moment(of.at),
        "lastModifiedTime": moment(of.changed),
        "rejected": of.rejected if rejected else [],
    }
    return shown | ({"cost": round(sum(PRICE * text.segments for text in of.texts), 4)} if of.status == "Completed" else {})


def subscription(of: Subscription, base: str, now: datetime) -> Json:
    """`SubscriptionInfo`."""
    shown: Json = {
        "uri": f"{base}/restapi/v1.0/subscription/{of.id}",
        "id": of.id,
        "creationTime": moment(of.at),
        "status": of.status,
        "eventFilters": of.filters,
        "expirationTime": moment(of.expires),
        "expiresIn": max(1, int((of.expires - now).total_seconds())),
        "deliveryMode": {"transportType": "WebHook", "encryption": False, "address": of.address},
    }
    if of.suspended_at is None:
        return shown
    return shown | {"blacklistedData": {"reason": of.reason, "blacklistedAt": moment(of.suspended_at)}}


def numbers(account: Account, base: str) -> list[Json]:
    """`UserPhoneNumberInfo`."""
    return [
        {
            "uri": f"{base}{EXTENSION_PATH}/phone-number/{place}",
            "id": place,
            "phoneNumber": number,
            "paymentType": "Local",
            "type": "VoiceFax",
            "usageType": "DirectNumber",
            "status": "Normal",
            "primary": place == 1,
            "features": list(features),
        }
        for place, (number, features) in enumerate(account.numbers.items(), start=1)
    ]
