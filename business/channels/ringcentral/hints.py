"""What a webhook of RingCentral's is about. Its words are not believed: a text is fetched by the id that it names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from business.channels.ringcentral import shapes

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Hint:
    """`text`: a text came in. `sent`: something became of one that went out; its id where it is told. `opt_out`: the provider's own list
    changed. `other`: nothing that we asked for."""

    about: Literal["text", "sent", "opt_out", "other"]
    id: str | None = None


def subscription_of(event: Mapping[str, Any]) -> str | None:
    """Which subscription tells it."""
    given = event.get("subscriptionId")
    return given if isinstance(given, str) else None


def told_at(event: Mapping[str, Any]) -> datetime | None:
    """When it happened, by their clock; told again, it says the same."""
    return shapes.moment(event.get("timestamp"))


def hint(event: Mapping[str, Any]) -> Hint:
    """Of a webhook's body. The high-volume store's ids come with their prefix, as `message` and `became` take them."""
    path, body = event.get("event"), event.get("body")
    if not isinstance(path, str) or not isinstance(body, Mapping):
        return Hint("other")
    path = path.partition("?")[0]
    if path.endswith("/message-store/instant"):
        return _named(body, "")
    if path.endswith("/message-store"):
        return Hint("sent")
    if path.endswith("/a2p-sms/messages"):
        return _named(body, shapes.A2P)
    return Hint("opt_out" if path.endswith("/a2p-sms/opt-outs") else "other")


def _named(body: Mapping[str, Any], prefix: str) -> Hint:
    id = shapes.identity(body.get("id"))
    if id is None or not _ID.fullmatch(id):
        return Hint("other")
    return Hint("text" if body.get("direction") == "Inbound" else "sent", prefix + id)
