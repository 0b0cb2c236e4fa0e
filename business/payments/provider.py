"""What is asked of whoever charges cards, and what it answers: values, so that nothing else knows whose API it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

SessionState = Literal["open", "complete", "expired"]
RefundState = Literal["pending", "done", "failed"]


class ProviderError(Exception):
    """The provider did not do it. `again`: the same call may be made again, and it then happens once; `code` is a word, never a text."""

    def __init__(self, code: str, *, again: bool, retry_after: float = 0.0) -> None:
        super().__init__(code)
        self.code = code
        self.again = again
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page on which one amount can be paid. `id` is our checkout's: the idempotency key; `title` is what the payer reads of it."""

    id: UUID
    booking: UUID
    purpose: str
    amount_cents: int
    title: str
    email: str | None
    locale: str
    expires_at: datetime
    success_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True)
class Session:
    """A page as the provider has it now. `checkout` and `booking` are ours, None on a page that somebody else made."""

    id: str
    url: str | None
    state: SessionState
    paid: bool
    amount_cents: int
    payment: str | None
    payer: str | None
    checkout: UUID | None
    booking: UUID | None
    purpose: str | None


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """Money that goes back, as the provider has it now. `refund` is ours, None where somebody asked for it at the provider's."""

    id: str
    payment: str | None
    amount_cents: int
    state: RefundState
    refund: UUID | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Dispute:
    """A payer who wants the money back from their bank."""

    id: str
    payment: str | None
    amount_cents: int
    reason: str


class Provider(Protocol):
    """Whoever charges cards. Everything raises ProviderError."""

    async def open(self, wanted: Wanted) -> Session:
        """Make the page; the same `wanted` again is the same page."""

    async def expire(self, session: str) -> None:
        """Nobody can pay there any more. A page that is over already is no error."""

    async def session(self, session: str) -> Session: ...

    async def session_of(self, payment: str) -> Session | None:
        """The page on which this payment was made."""

    async def payment_of_charge(self, charge: str) -> str | None: ...

    async def refund(self, refund: UUID, payment: str, amount_cents: int) -> ProviderRefund:
        """Give money back; the same `refund` again is the same one."""

    async def refunded(self, refund: str) -> ProviderRefund: ...

    async def refunds_of(self, payment: str) -> tuple[ProviderRefund, ...]: ...

    async def dispute(self, dispute: str) -> Dispute: ...

    async def close(self) -> None: ...
