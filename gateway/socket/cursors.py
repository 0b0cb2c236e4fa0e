"""Cursors of the console's lists: what a client hands back unread to get the next page."""

import base64
import binascii
from datetime import datetime
from uuid import UUID

from business.conversations.queries import Place
from kernel.errors import BadRequest

_FOREIGN = "This cursor is not one of ours. Start without it."


def offset_of(cursor: str | None) -> int:
    """How many rows to pass over; BadRequest where it is no number of ours."""
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdecimal()) or len(cursor) > 6:
        raise BadRequest(_FOREIGN)
    return int(cursor)


def cursor_at(offset: int | None) -> str | None:
    return None if offset is None else str(offset)


def place_of(cursor: str | None) -> Place | None:
    """The row of the inbox after which to go on; BadRequest where it is none of ours."""
    if cursor is None:
        return None
    try:
        waiting, changed, conversation = base64.urlsafe_b64decode(cursor).decode("ascii").split("|")
        place = Place(datetime.fromisoformat(waiting) if waiting else None, datetime.fromisoformat(changed), UUID(conversation))
    except (binascii.Error, ValueError) as error:
        raise BadRequest(_FOREIGN) from error
    if any(time is not None and time.tzinfo is None for time in (place.waiting_since, place.changed_at)):
        raise BadRequest(_FOREIGN)
    return place


def cursor_after(place: Place | None) -> str | None:
    if place is None:
        return None
    waiting = place.waiting_since.isoformat() if place.waiting_since else ""
    text = f"{waiting}|{place.changed_at.isoformat()}|{place.id}"
    return base64.urlsafe_b64encode(text.encode("ascii")).decode("ascii")
