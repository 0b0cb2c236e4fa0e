"""What is allowed of a subscription and of quiet hours, and what a push says. Pure values."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from business.push.encryption import SECRET, is_point
from business.push.vapid import decoded
from kernel.errors import BadRequest
from kernel.jobs import PushReason
from kernel.wire.base import HandoffKind, Risk

DAY = 24 * 60
LONGEST = 1000
NAME = 40


@dataclass(frozen=True, slots=True)
class Keys:
    """What a browser gave: where its push service takes pushes for it, and by which keys they are encrypted."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From minute `starts` of the day to minute `ends`, by the clock of `zone`; over midnight where it ends before it starts."""

    starts: int
    ends: int
    zone: str

    def hold(self, now: datetime) -> bool:
        """Whether it is quiet now."""
        local = now.astimezone(ZoneInfo(self.zone))
        minute = local.hour * 60 + local.minute
        if self.starts < self.ends:
            return self.starts <= minute < self.ends
        return minute >= self.starts or minute < self.ends


def quiet_hours(starts: int, ends: int, zone: str) -> QuietHours:
    """Raises BadRequest with what is wrong."""
    if not (0 <= starts < DAY and 0 <= ends < DAY) or starts == ends:
        raise BadRequest("Quiet hours begin and end at two different times of the day.")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadRequest(f"There is no time zone called {zone[:60]!r}. Give one like America/New_York.") from None
    return QuietHours(starts, ends, zone)


def keys(endpoint: str, p256dh: str, auth: str, services: tuple[str, ...]) -> Keys:
    """A subscription of one of the push services that are known. Raises BadRequest: an endpoint is an address that the worker posts to."""
    try:
        parts = urlsplit(endpoint)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise BadRequest("The endpoint is not a web address.") from None
    plain = len(endpoint) <= LONGEST and endpoint.isascii() and endpoint.isprintable() and " " not in endpoint
    if not plain or parts.username is not None or parts.fragment:
        raise BadRequest("The endpoint is not one of a push service.")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise BadRequest("The endpoint of a push service begins with https://.")
    if not any(host == service or (service.startswith("*.") and host.endswith(service[1:])) for service in services):
        raise BadRequest(f"The push service {host[:100]} is not a known one. Whoever runs the install adds it to [push] services.")
    try:
        fits = is_point(decoded(p256dh)) and len(decoded(auth)) == SECRET
    except ValueError:
        fits = False
    if not fits:
        raise BadRequest("The keys of the subscription are not what a browser gives.")
    return Keys(endpoint, p256dh, auth)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def first_name(name: str | None) -> str:
    """At most that leaves the house."""
    words = (name or "").split()
    return words[0][:NAME] if words else ""


# What a handoff of each kind says; by it alone nobody who reads over a shoulder learns what happened.
HANDOFFS: dict[HandoffKind, tuple[str, str]] = {
    "booking": ("A booking needs you", "{who} has a booking that a person decides on."),
    "complaint": ("A complaint", "{who} is not happy."),
    "human": ("A person is needed", "{who} asks for a person."),
    "lead": ("A lead to follow up", "{who} could not book."),
    "payment": ("A payment to check", "A payment of {who} needs a look."),
}


def words(
    reason: PushReason, customer: str | None, by: str | None, kind: HandoffKind = "human", urgency: Risk = "normal"
) -> tuple[str, str]:
    """Title and body: that somebody is needed, and a first name at most. `kind` and `urgency` are a handoff's."""
    who = first_name(customer) or "A visitor"
    match reason:
        case "handoff":
            title, body = HANDOFFS[kind]
            return f"Urgent: {title[0].lower()}{title[1:]}" if urgency == "severe" else title, body.format(who=who)
        case "handoff_due" if kind in ("booking", "lead", "payment"):
            title, body = HANDOFFS[kind]
            return f"Still open: {title[0].lower()}{title[1:]}", body.format(who=who)
        case "handoff_due":
            return "Still waiting for a person", f"{who} has waited longer than promised."
        case "human_silent":
            return "A customer waits for you", f"{who} has had no answer for a while."
        case "follow_up":
            return "Follow up on a complaint", f"It is time to look after {who} again."
        case "lead_waits":
            return "A lead waits", f"Nobody has looked after {who} yet."
        case "text_stop":
            return "A refusal to look at", f"{who} wants no more text messages, in words of their own."
        case "text_loop":
            return "Texts go round in circles", f"{who} gets no more answers by themselves for now."
        case "text_flood":
            return "Too many texts at once", "A limit of texts is reached: some get no answer for now."
        case "campaign_paused":
            return "A campaign has paused itself", "Nothing more of it goes out until somebody has looked."
        case "mention":
            return f"{first_name(by) or 'A colleague'} mentioned you", f"In a note about {first_name(customer) or 'a visitor'}."
        case "test":
            return "Notifications work", "This is how the console calls you."
