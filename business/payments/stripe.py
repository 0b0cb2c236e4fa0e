"""Stripe, by its own library: the only file that knows its API. Amounts are cents of US dollars."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

import aiohttp
import stripe
from stripe import StripeClient

from business.payments.provider import Dispute, ProviderError, ProviderRefund, RefundState, Session, SessionState, Wanted

CURRENCY = "usd"
TOLERANCE = 300
"""Seconds that a signed event may be old."""

_REFUNDS: dict[str, RefundState] = {"succeeded": "done", "failed": "failed", "canceled": "failed"}
_SESSIONS: dict[str, SessionState] = {"open": "open", "complete": "complete", "expired": "expired"}
# Nobody knows whether a call that broke off happened; with its idempotency key it may be made again. 409: the first one still runs.
_AGAIN = (409, 429)


class Stripe:
    """One account, over a connection pool of its own."""

    def __init__(self, key: str, *, address: str | None, timeout: float) -> None:
        self._http = stripe.AIOHTTPClient(timeout=timeout)
        addresses = {} if address is None else {"base_addresses": {"api": address}}
        # It is tried again by whoever asked, who knows how long there is time for it.
        self._client = StripeClient(key, http_client=self._http, max_network_retries=0, **cast(Any, addresses))

    async def open(self, wanted: Wanted) -> Session:
        ours = {"checkout": str(wanted.id), "booking": str(wanted.booking), "purpose": wanted.purpose}
        product = {"name": wanted.title}
        price = {"currency": CURRENCY, "unit_amount": wanted.amount_cents, "product_data": product}
        params: dict[str, Any] = {
            "mode": "payment",
            "line_items": [{"quantity": 1, "price_data": price}],
            "client_reference_id": str(wanted.id),
            "metadata": ours,
            "payment_intent_data": {"metadata": ours, "description": wanted.title},
            "expires_at": int(wanted.expires_at.timestamp()),
            "success_url": wanted.success_url,
            "cancel_url": wanted.cancel_url,
            "locale": wanted.locale,
        }
        if wanted.email is not None:
            params["customer_email"] = wanted.email
        async with _asked():
            options: Any = {"idempotency_key": f"checkout-{wanted.id}"}
            return _session(await self._client.v1.checkout.sessions.create_async(cast(Any, params), options))

    async def expire(self, session: str) -> None:
        try:
            async with _asked():
                await self._client.v1.checkout.sessions.expire_async(session)
        except ProviderError as error:
            if error.again:
                raise

    async def session(self, session: str) -> Session:
        async with _asked():
            return _session(await self._client.v1.checkout.sessions.retrieve_async(session))

    async def session_of(self, payment: str) -> Session | None:
        async with _asked():
            found = await self._client.v1.checkout.sessions.list_async({"payment_intent": payment, "limit": 1})
        return _session(found.data[0]) if found.data else None

    async def payment_of_charge(self, charge: str) -> str | None:
        async with _asked():
            return _id((await self._client.v1.charges.retrieve_async(charge)).payment_intent)

    async def refund(self, refund: UUID, payment: str, amount_cents: int) -> ProviderRefund:
        params: Any = {"payment_intent": payment, "amount": amount_cents, "metadata": {"refund": str(refund)}}
        options: Any = {"idempotency_key": f"refund-{refund}"}
        async with _asked():
            return _refund(await self._client.v1.refunds.create_async(params, options))

    async def refunded(self, refund: str) -> ProviderRefund:
        async with _asked():
            return _refund(await self._client.v1.refunds.retrieve_async(refund))

    async def refunds_of(self, payment: str) -> tuple[ProviderRefund, ...]:
        async with _asked():
            found = await self._client.v1.refunds.list_async({"payment_intent": payment, "limit": 100})
        return tuple(map(_refund, found.data))

    async def dispute(self, dispute: str) -> Dispute:
        async with _asked():
            found = await self._client.v1.disputes.retrieve_async(dispute)
        return Dispute(found.id, _id(found.payment_intent), found.amount, found.reason)

    async def close(self) -> None:
        await self._http.close_async()  # type: ignore[no-untyped-call]


def signed(body: bytes, header: str | None, secrets: tuple[str, ...]) -> bool:
    """Whether the event is Stripe's own and new, by any of the secrets."""
    return any(_signed_by(secret, body, header) for secret in secrets)


def _signed_by(secret: str, body: bytes, header: str | None) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(body, header, secret, TOLERANCE))
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False


@asynccontextmanager
async def _asked() -> AsyncIterator[None]:
    """What the library raises, as ours."""
    try:
        yield
    except (stripe.APIConnectionError, aiohttp.ClientError, TimeoutError) as error:
        raise ProviderError("connection", again=True) from error
    except stripe.StripeError as error:
        status = error.http_status or 0
        again = status == 0 or status >= 500 or status in _AGAIN
        raise ProviderError(error.code or type(error).__name__, again=again, retry_after=_retry_after(error)) from error


def _retry_after(error: stripe.StripeError) -> float:
    given = {name.lower(): value for name, value in dict(error.headers or {}).items()}.get("retry-after", "")
    return float(given) if given.isdecimal() else 0.0


def _session(found: Any) -> Session:
    ours = dict(found.metadata.to_dict() if hasattr(found.metadata, "to_dict") else found.metadata or {})
    payer = found.customer_details.name if found.customer_details is not None else None
    return Session(
        id=found.id,
        url=found.url,
        state=_SESSIONS.get(found.status or "", "open"),
        paid=found.payment_status == "paid",
        amount_cents=found.amount_total or 0,
        payment=_id(found.payment_intent),
        payer=payer,
        checkout=_uuid(ours.get("checkout") or found.client_reference_id),
        booking=_uuid(ours.get("booking")),
        purpose=ours.get("purpose"),
    )


def _refund(found: Any) -> ProviderRefund:
    ours = dict(found.metadata.to_dict() if hasattr(found.metadata, "to_dict") else found.metadata or {})
    why = getattr(found, "failure_reason", None)
    return ProviderRefund(
        found.id, _id(found.payment_intent), found.amount, _REFUNDS.get(found.status or "", "pending"), _uuid(ours.get("refund")), why
    )


def _id(found: Any) -> str | None:
    """Of what may be an id or the thing itself."""
    return found if isinstance(found, str) or found is None else found.id


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
