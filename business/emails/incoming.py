"""Reads a mail that came in (RFC 5322, MIME, RFC 3464), written by anybody: bounded in size, parts, depth and headers. Pure; nothing in it
is believed here."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message
from email.utils import getaddresses

from business.emails import addresses
from business.emails.trimming import text_of
from kernel.errors import BadRequest, TooLarge

LARGEST = 10 * 1024 * 1024
MOST_PARTS = 60
HEADERS_MOST = 96 * 1024
TEXT_MOST = 200_000
FILES_MOST = 10
_ID = re.compile(r"<[^<>\s\x00-\x1f]{1,240}>")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
# Whatever a header of somebody else makes the library raise: it is read as if it were not there.
_UNREADABLE = (ValueError, TypeError, IndexError, AttributeError, LookupError, MessageError, RecursionError)


@dataclass(frozen=True, slots=True)
class File:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a server tells of a mail of ours: `original` its Message-ID, `failed` for good or not, `status` like 5.1.1."""

    original: str | None
    failed: bool
    status: str | None


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail. `recipients`: every address that it may have been for; `automatic`: no person sent it; `vouched`: the domain for which the
    server that took it in says that the sender is who they say."""

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    files: tuple[File, ...]
    answers: tuple[str, ...]
    automatic: bool
    bounce: Bounce | None
    vouched: str | None


def read(raw: bytes) -> Incoming:
    """Raises TooLarge, or BadRequest for what is no mail."""
    if len(raw) > LARGEST:
        raise TooLarge(f"A mail has at most {LARGEST // (1024 * 1024)} MB.")
    head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
    if len(head) > HEADERS_MOST or raw.lower().count(b"boundary=") > MOST_PARTS:
        raise TooLarge("This mail has more headers or parts than are read.")
    try:
        message = message_from_bytes(raw, policy=policy.default)
        parts: list[Message] = list(message.walk())
    except _UNREADABLE as error:
        raise BadRequest("This is no mail that can be read.") from error
    sender = addresses.bare(_header(message, "From"))
    if sender is None or len(parts) > MOST_PARTS:
        raise BadRequest("This is no mail that can be read: it has no sender, or too many parts.")
    text, files = _content(parts)
    return Incoming(
        message_id=_message_id(message, raw),
        sender=sender,
        recipients=_recipients(message),
        subject=_header(message, "Subject")[:500],
        text=text[:TEXT_MOST],
        files=files,
        answers=tuple(dict.fromkeys(_ID.findall(f"{_header(message, 'In-Reply-To')} {_header(message, 'References')}"))),
        automatic=_is_automatic(message),
        bounce=_bounce(message, parts),
        vouched=_vouched(message),
    )


def _header(message: Message, name: str) -> str:
    """As one line of printable text, without what PostgreSQL cannot hold."""
    try:
        value = str(message.get(name, ""))
    except _UNREADABLE:
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())


def _message_id(message: Message, raw: bytes) -> str:
    found = _ID.search(_header(message, "Message-ID"))
    return found[0] if found else f"<{hashlib.sha256(raw).hexdigest()}@without-id>"


def _recipients(message: Message) -> tuple[str, ...]:
    """The newest `Delivered-To` counts, and what its writer says."""
    headers = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
    # Empty ones are left out: some Pythons find no address beside them.
    found = [address for _, address in getaddresses(list(filter(None, (_header(message, name) for name in headers))))]
    return tuple(dict.fromkeys(kept for one in found[:50] if (kept := addresses.stored(one)) is not None))


def _content(parts: Iterable[Message]) -> tuple[str, tuple[File, ...]]:
    plain: list[str] = []
    html: list[str] = []
    files: list[File] = []
    for part in parts:
        if part.is_multipart():
            continue
        name = _file_name(part)
        if name is not None or part.get_content_maintype() not in ("text", "message", "multipart"):
            content = _bytes(part)
            if content and len(files) < FILES_MOST:
                files.append(File(name or "file", content))
        elif part.get_content_type() == "text/plain":
            plain.append(_text(part))
        elif part.get_content_type() == "text/html":
            html.append(_text(part))
    said = "\n\n".join(plain).strip() or "\n\n".join(map(text_of, html)).strip()
    return said.replace("\0", ""), tuple(files)


def _file_name(part: Message) -> str | None:
    try:
        return part.get_filename()
    except _UNREADABLE:
        return None


def _bytes(part: Message) -> bytes:
    try:
        found = part.get_payload(decode=True)
    except _UNREADABLE:
        return b""
    return found if isinstance(found, bytes) else b""


def _text(part: Message) -> str:
    content = _bytes(part)[: TEXT_MOST * 4]
    try:
        return content.decode(part.get_content_charset() or "utf-8", "replace")
    except _UNREADABLE:
        return content.decode("utf-8", "replace")


def _is_automatic(message: Message) -> bool:
    """RFC 3834, and what came before it."""
    submitted = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    precedence = _header(message, "Precedence").lower()
    named = any(message.get(name) is not None for name in ("X-Autoreply", "X-Autorespond", "List-Id", "X-Loop"))
    return submitted not in ("", "no") or precedence in ("bulk", "junk", "list", "auto_reply") or named


def _bounce(message: Message, parts: list[Message]) -> Bounce | None:
    """A report of delivery (RFC 3464)."""
    if message.get_content_type() != "multipart/report" or str(message.get_param("report-type", "")).lower() != "delivery-status":
        return None
    status, failed, original = None, False, None
    for part in parts:
        action, told = _header(part, "Action").lower(), _STATUS.search(_header(part, "Status"))
        if action:
            failed, status = failed or action == "failed", told[0] if told else status
        if part is not message and (found := _ID.search(_header(part, "Message-ID"))):
            original = found[0]
        if part.get_content_type() == "text/rfc822-headers" and (named := re.search(r"(?im)^message-id:\s*(<[^<>\s]+>)", _text(part))):
            original = named[1]
    return Bounce(original, failed, status)


def _vouched(message: Message) -> str | None:
    """The domain that passed DMARC, or signed and is the sender's own, by the topmost Authentication-Results alone: that is the one of the
    server that took the mail in; those below anybody may have written."""
    try:
        results = message.get_all("Authentication-Results") or []
    except _UNREADABLE:
        return None
    if not results:
        return None
    said, domain = str(results[0]).lower(), (addresses.bare(_header(message, "From")) or "").rpartition("@")[2]
    dmarc = re.search(r"\bdmarc=pass\b[^;]*\bheader\.from=([a-z0-9.-]+)", said)
    dkim = re.search(r"\bdkim=pass\b[^;]*\bheader\.(?:d|i)=@?([a-z0-9.-]+)", said)
    return domain if domain and any(found is not None and found[1] == domain for found in (dmarc, dkim)) else None
