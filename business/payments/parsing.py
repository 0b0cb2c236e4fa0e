"""What a notice of Venmo or Zelle says: amount, payer, note, phone, reference. Pure.

A notice is pasted text, or a mail without its markup, in English or Spanish. What is not found is None; without an amount it is no notice.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

NoticeMethod = Literal["venmo", "zelle"]

LONGEST = 20_000
_AMOUNT = re.compile(r"\$\s?(\d{1,3}(?:,\d{3})+|\d{1,7})(?:\.(\d{2}))?(?![\d,]*\d)")
_PAYERS = (
    re.compile(r"(?:^|:)\s*(?P<who>[^\n$:]{2,80}?)\s+(?:paid|sent)\s+you\b", re.I | re.M),
    re.compile(r"(?:^|:)\s*(?P<who>[^\n$:]{2,80}?)\s+te\s+(?:pagó|envió)\b", re.I | re.M),
    re.compile(r"\b(?:payment|money|pago)\s+(?:of|de)\s+\$[\d,.]+\s+(?:from|de)\s+(?P<who>[^\n$:.]{2,80})", re.I),
    re.compile(r"\breceived\s+\$[\d,.]+\s+from\s+(?P<who>[^\n$:.]{2,80})", re.I),
    re.compile(r"^\s*(?:from|sender|de)\s*:\s*(?P<who>[^\n$<]{2,80})", re.I | re.M),
)
_NOTES = (
    re.compile(r"^\s*(?:note|memo|message|nota|mensaje)\s*:\s*(?P<note>[^\n]{1,300})", re.I | re.M),
    re.compile(r"\b(?:paid|sent)\s+you\s+\$[\d,.]+\s+for\s+(?P<note>[^\n]{1,300})", re.I),
    re.compile(r"[\"“](?P<note>[^\"”\n]{1,300})[\"”]"),
)
_REFERENCE = re.compile(
    r"\b(?:transaction|payment|confirmation|reference|transacción|confirmación|referencia)"
    r"(?:\s+(?:id|number|no\.?|#|code|número))?\s*[:#]\s*(?P<id>[A-Za-z0-9-]{6,40})\b",
    re.I,
)
_PHONE = re.compile(r"(?<![\d$.,])(?:\+?1[\s.-]?)?\(?([2-9]\d{2})\)?[\s.-]?([2-9]\d{2})[\s.-]?(\d{4})(?![\d])")


@dataclass(frozen=True, slots=True)
class Parsed:
    """`phone` in E.164, as it stands in the note alone: a number elsewhere is the provider's. `reference` is the provider's, else a
    digest of the words, so that the same notice pasted again is the same one."""

    method: NoticeMethod | None
    amount_cents: int | None
    payer: str | None
    note: str | None
    phone: str | None
    reference: str


def parse(text: str) -> Parsed:
    """What a notice says."""
    text = text.replace("\r\n", "\n").replace("\xa0", " ")[:LONGEST]
    note = _first(_NOTES, text, "note")
    found = _REFERENCE.search(text)
    return Parsed(
        method=_method(text),
        amount_cents=_cents(text),
        payer=_first(_PAYERS, text, "who"),
        note=note,
        phone=_phone(note or ""),
        reference=found["id"] if found is not None and any(map(str.isdigit, found["id"])) else _digest(text),
    )


def _method(text: str) -> NoticeMethod | None:
    words = text.casefold()
    named: list[NoticeMethod] = [method for method in ("venmo", "zelle") if method in words]
    return named[0] if len(named) == 1 else None


def _cents(text: str) -> int | None:
    found = _AMOUNT.search(text)
    if found is None:
        return None
    return int(found[1].replace(",", "")) * 100 + int(found[2] or 0) or None


def _first(patterns: tuple[re.Pattern[str], ...], text: str, group: str) -> str | None:
    for pattern in patterns:
        if (found := pattern.search(text)) is not None:
            return " ".join(found[group].split()) or None
    return None


def _phone(note: str) -> str | None:
    found = _PHONE.search(note)
    return f"+1{found[1]}{found[2]}{found[3]}" if found is not None else None


def _digest(text: str) -> str:
    return "text-" + hashlib.sha256(" ".join(text.casefold().split()).encode()).hexdigest()[:40]
