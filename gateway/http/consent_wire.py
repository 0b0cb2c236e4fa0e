"""What HTTP offers of consent to text messages, as values (see operations.py). A number stands in bodies alone, never in an address."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StrictBool

from gateway.http.operations import Edge, Operation
from kernel.wire.base import clean

TextNumber = Annotated[str, Field(min_length=4, max_length=40)]
ConsentPurpose = Literal["transactional", "marketing", "all"]


def _readable(text: str) -> str:
    """It is to prove something: what nobody sees is not kept, and something must be left. Raises ValueError."""
    seen = clean(text).strip()
    if len(seen) < 3:
        raise ValueError("there is nothing in it to read")
    return seen


Words = Annotated[str, Field(min_length=3, max_length=2000), AfterValidator(_readable)]
Reason = Annotated[str, Field(min_length=3, max_length=500), AfterValidator(_readable)]


class ConsentStanding(Edge):
    """What counts now; absent: nothing was ever said. `stopped`: the number gets nothing at all."""

    transactional: bool | None = None
    marketing: bool | None = None
    stopped: bool


class ConsentEntry(Edge):
    """One entry of the ledger. `text`: the words that were agreed to, or that ended it; `reason`: how a colleague came to know of it."""

    id: UUID
    number: str
    purpose: ConsentPurpose
    granted: bool
    source: Literal["widget", "verified", "identity", "keyword", "free_text", "staff", "import", "provider", "review"]
    text: str
    ip: str | None = None
    by: str | None = None
    reason: str | None = None
    customer: UUID | None = None
    conversation: UUID | None = None
    at: datetime


class ConsentReviewItem(Edge):
    """A refusal in somebody's own words, which holds; a person says whether it was meant so."""

    id: UUID
    number: str
    text: str
    conversation: UUID | None = None
    created_at: datetime


class ConsentCustomer(Edge):
    """Who gives the number as theirs. `verified`: they have proved it."""

    id: UUID
    name: str | None = None
    verified: bool


class ConsentAnswer(Edge):
    """Everything of one number, in the form that is stored; entries and the newest first."""

    number: str
    standing: ConsentStanding
    entries: tuple[ConsentEntry, ...]
    customers: tuple[ConsentCustomer, ...]
    reviews: tuple[ConsentReviewItem, ...]


class ConsentOverview(Edge):
    """Refusals to look at, the oldest first, and the newest entries of all numbers. `words`: what customers agree to, by purpose and
    language, for whoever keeps a consent that was given otherwise."""

    reviews: tuple[ConsentReviewItem, ...]
    entries: tuple[ConsentEntry, ...]
    words: dict[str, dict[str, str]]


class NumberBody(Edge):
    """A number as people write it; without a country it is read as one of the business's own."""

    number: TextNumber


class ConsentRecordBody(Edge):
    """What a colleague was told on paper or by phone: the words that were agreed to, or that ended it, and how they came to know."""

    number: TextNumber
    purpose: ConsentPurpose
    granted: StrictBool
    text: Words
    reason: Reason


class ConsentSettleBody(Edge):
    """`reversed`: it was not meant so, and `reason` says why."""

    decision: Literal["confirmed", "reversed"]
    reason: Reason | None = None


class ConsentProof(Edge):
    """A number's ledger, chained by hashes and signed by the install."""

    version: int
    business: str
    number: str
    made_at: datetime
    stands: ConsentStanding
    last_hash: str
    entries: tuple[dict[str, Any], ...]
    signature: str


CONSENT: tuple[Operation, ...] = (
    Operation("GET", "/api/admin/consent", "consent", "Refusals to look at, and what was said last (owner, admin)", (ConsentOverview,)),
    Operation(
        "POST",
        "/api/admin/consent/look",
        "consent_look",
        "What was agreed to and withdrawn for one number (owner, admin)",
        (ConsentAnswer,),
        NumberBody,
        scope="admin",
    ),
    Operation(
        "POST",
        "/api/admin/consent/entries",
        "consent_record",
        "Keep a consent, or its end, that was told on paper or by phone (owner, admin)",
        (ConsentAnswer,),
        ConsentRecordBody,
        errors=(409,),
    ),
    Operation(
        "POST",
        "/api/admin/consent/reviews/{id}",
        "consent_settle",
        "Say whether a refusal in free words was meant so (owner, admin)",
        (ConsentAnswer,),
        ConsentSettleBody,
        errors=(404, 409),
    ),
    Operation(
        "POST",
        "/api/admin/consent/proof",
        "consent_proof",
        "A number's ledger as a signed document (owner, admin)",
        (ConsentProof,),
        NumberBody,
        scope="admin",
    ),
    Operation(
        "POST",
        "/api/admin/consent/table",
        "consent_table",
        "A number's ledger as a table (owner, admin)",
        (),
        NumberBody,
        scope="admin",
        gives="text/csv",
    ),
)
