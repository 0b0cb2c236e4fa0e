"""A number's ledger of consent as proof: each entry with its words, way in, time, address and person, chained by hashes and signed.

Each entry's hash is over the one before, so none can be left out or changed; the signature is the install's, over the last hash and what
the document says of itself. `genuine` tells whether a document is as it was made here.
"""

import csv
import hashlib
import hmac
import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from business.channels import consent_staff
from business.profile.schemas import Profile
from kernel.clock import rfc3339

COLUMNS = ("at", "number", "purpose", "granted", "source", "words", "ip", "by", "reason", "customer", "conversation", "id", "hash")
VERSION = 1
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def proof(connection: AsyncConnection, profile: Profile, secret: str, number: str, now: datetime) -> dict[str, Any]:
    """The document. `secret`: the install's."""
    known = await consent_staff.of_number(connection, number)
    entries = _chained([_told(entry) for entry in reversed(known.entries)])
    standing = known.standing
    head = {
        "version": VERSION,
        "business": profile.business.name,
        "number": number,
        "made_at": rfc3339(now),
        "stands": {"transactional": standing.transactional, "marketing": standing.marketing, "stopped": standing.stopped},
        "last_hash": entries[-1]["hash"] if entries else "",
    }
    return {**head, "entries": entries, "signature": _signature(head, secret)}


def genuine(document: Mapping[str, Any], secret: str) -> bool:
    """Whether the document was made by this install and is whole."""
    try:
        entries = [{name: value for name, value in entry.items() if name != "hash"} for entry in document["entries"]]
        head = {name: value for name, value in document.items() if name not in ("entries", "signature")}
        chained = _chained(entries)
        last = chained[-1]["hash"] if chained else ""
        return (
            chained == document["entries"]
            and head["last_hash"] == last
            and hmac.compare_digest(str(document["signature"]), _signature(head, secret))
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        return False


def as_csv(document: Mapping[str, Any]) -> str:
    """The entries as a table, the oldest first."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for entry in document["entries"]:
        line = {**entry, "number": document["number"]}
        writer.writerow([_cell(line[column], exact=column == "number") for column in COLUMNS])
    return out.getvalue()


def _told(entry: Any) -> dict[str, Any]:
    return {
        "id": str(entry.id),
        "at": rfc3339(entry.at),
        "purpose": entry.purpose,
        "granted": entry.granted,
        "source": entry.source,
        "words": entry.text,
        "ip": entry.ip,
        "by": entry.staff_name,
        "reason": entry.reason,
        "customer": None if entry.customer_id is None else str(entry.customer_id),
        "conversation": None if entry.conversation_id is None else str(entry.conversation_id),
    }


def _chained(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each with the hash over the one before and itself."""
    found, before = [], ""
    for entry in entries:
        before = hashlib.sha256((before + _canonical(entry)).encode()).hexdigest()
        found.append({**entry, "hash": before})
    return found


def _signature(head: Mapping[str, Any], secret: str) -> str:
    key = hmac.digest(secret.encode(), b"consent proof", "sha256")
    return hmac.new(key, _canonical(head).encode(), "sha256").hexdigest()


def _canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _cell(value: Any, *, exact: bool = False) -> str:
    """A number keeps its plus sign as text; words that look like a formula are made words."""
    text = "" if value is None else {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    return text if exact or not text.startswith(_FORMULA) else f"'{text}"
