"""What comes in as a document, looked at before it is stored."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from kernel.errors import BadRequest, TooLarge
from kernel.ids import StaffId, new_id
from kernel.outside.addresses import web_address
from kernel.wire.base import visible
from knowledge.corpus.formats.markdown import front_matter

Kind = Literal["markdown", "html", "pdf", "text", "page"]
Origin = Literal["seed", "upload", "page", "written"]
Audience = Literal["everyone", "staff"]

LONGEST_TITLE = 200
LANGUAGE = "en"  # of a document that says nothing of it
_LANGUAGE = re.compile(r"[a-z]{2}")
_BYTES_AT_MOST = 200 * 1024 * 1024  # whatever the settings say


@dataclass(frozen=True, slots=True)
class NewDocument:
    """What comes in: either the bytes of a file or the address of a page. Where `title` or `language` are empty, the document says them
    itself, or its name does."""

    kind: Kind
    origin: Origin
    title: str = ""
    language: str = ""
    audience: Audience = "everyone"
    raw: bytes | None = None
    address: str | None = None
    file_name: str | None = None
    seed: str | None = None
    staff: StaffId | None = None
    id: UUID = field(default_factory=new_id)  # adding the same again adds nothing


@dataclass(frozen=True, slots=True)
class Change:
    """What of a document becomes another; None stays. `text`: Markdown, of a document that is Markdown."""

    title: str | None = None
    language: str | None = None
    audience: Audience | None = None
    text: str | None = None


def checked(new: NewDocument) -> dict[str, Any]:
    """The row. Raises BadRequest, TooLarge."""
    if (new.kind == "page") != (new.address is not None) or (new.kind == "page") == (new.raw is not None):
        raise BadRequest("A document is either a file's content or the address of a page.")
    name = visible(new.file_name or "").strip()[-LONGEST_TITLE:] or None
    values: dict[str, Any] = {
        "id": new.id,
        "kind": new.kind,
        "origin": new.origin,
        "title": title_of(new.title),
        "language": language_of(new.language or LANGUAGE),
        "audience": audience_of(new.audience),
        "file_name": name,
        "seed": new.seed,
        "staff_id": new.staff,
    }
    if new.address is not None:
        return values | {"address": web_address(new.address, of="A page", example="https://example.com/menu")[0]}
    assert new.raw is not None
    if new.kind == "markdown":
        says = front_matter(new.raw)
        values["title"] = values["title"] or title_of(says.title)
        values["language"] = language_of(new.language or says.language or LANGUAGE)
    return values | content(new.raw)


def content(raw: bytes) -> dict[str, Any]:
    if not raw.strip():
        raise BadRequest("There is nothing in it.")
    if len(raw) > _BYTES_AT_MOST:
        raise TooLarge("It is larger than any document may be. Split it into several.")
    return {"raw": raw, "sha256": hashlib.sha256(raw).hexdigest()}


def title_of(title: str) -> str:
    title = " ".join(visible(title.replace("\n", " ")).split())
    if len(title) > LONGEST_TITLE:
        raise BadRequest(f"A title has 1 to {LONGEST_TITLE} characters.")
    return title


def language_of(language: str) -> str:
    if not _LANGUAGE.fullmatch(language):
        raise BadRequest("A language is two letters, like en or es.")
    return language


def audience_of(audience: str) -> str:
    if audience not in ("everyone", "staff"):
        raise BadRequest("A document is for everyone or for staff.")
    return audience
