"""An e-mail as it goes over the wire (RFC 5322, MIME): headers, both forms, its attachments. What was stored is what is sent."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import Any
from uuid import UUID

from business.emails import addresses


@dataclass(frozen=True, slots=True)
class Letter:
    """A stored mail with everything that its headers need. `unsubscribe`: a link, of marketing alone; `references`: the thread before it,
    the oldest first."""

    id: UUID
    kind: str
    to_address: str
    to_name: str | None
    from_address: str
    from_name: str
    reply_to: str | None
    locale: str
    subject: str
    html: str
    plain: str
    attachments: Sequence[Mapping[str, str]]
    message_id: str
    in_reply_to: str | None
    references: tuple[str, ...]
    automatic: bool
    unsubscribe: str | None

    @property
    def needs_utf8(self) -> bool:
        """Whether an address cannot be written in ASCII, so that the server must know SMTPUTF8."""
        return not (self.to_address.rpartition("@")[0].isascii() and self.from_address.rpartition("@")[0].isascii())


def build(letter: Letter, now: datetime) -> bytes:
    """The message, with lines as SMTP wants them."""
    message = EmailMessage(policy=SMTPUTF8 if letter.needs_utf8 else SMTP)
    for name, value in _headers(letter, now).items():
        message[name] = value
    message.set_content(letter.plain, charset="utf-8", cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", charset="utf-8", cte="quoted-printable")
    for one in letter.attachments:
        _attach(message, one)
    return message.as_bytes()


def wire_address(address: str) -> str:
    """For MAIL and RCPT: a domain of other letters in its ASCII form."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"


def _headers(letter: Letter, now: datetime) -> dict[str, Any]:
    """A subject or a name with a line break in it stays within its header: breaks were taken out, and the library refuses them."""
    headers: dict[str, Any] = {
        "From": addresses.header(letter.from_name, wire_address(letter.from_address)),
        "To": addresses.header(letter.to_name, wire_address(letter.to_address)),
        "Subject": " ".join(letter.subject.split()),
        "Date": now,
        "Message-ID": letter.message_id,
        "Content-Language": letter.locale,
    }
    if letter.reply_to:
        headers["Reply-To"] = addresses.header(letter.from_name, wire_address(letter.reply_to))
    if letter.in_reply_to:
        headers["In-Reply-To"] = letter.in_reply_to
        headers["References"] = " ".join(dict.fromkeys((*letter.references, letter.in_reply_to)))
    if letter.automatic:
        headers["Auto-Submitted"] = "auto-generated"
    if letter.unsubscribe:
        headers["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _attach(message: EmailMessage, one: Mapping[str, str]) -> None:
    kind, _, parameters = one["type"].partition(";")
    main, _, sub = kind.strip().partition("/")
    given = dict(part.strip().split("=", 1) for part in parameters.split(";") if "=" in part)
    content = base64.b64decode(one["base64"]) if "base64" in one else one["text"].encode()
    given.pop("charset", None)
    if main == "text":
        message.add_attachment(content.decode(), subtype=sub, filename=one["name"], cte="base64", params=given)
    else:
        message.add_attachment(content, main, sub, filename=one["name"], params=given)
