"""A visitor at the door: from what a client shows at connect to the conversation it may enter.

A newcomer's token is minted and signed, good at any gateway for 24 hours, and stored nowhere; with the first message it becomes a
row, unchanged, that slides for 30 days. A site may vouch for a visitor with an HS256 JWT (`identity`).
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import jwt
import orjson
from sqlalchemy import ARRAY, Text, any_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from business.customers import contacts
from business.customers.merging import may_join_by_proof, merge, survivor_of
from business.customers.suggesting import suggest
from kernel.errors import BadRequest, NotAllowed
from kernel.ids import ConversationId, CustomerId, SiteId, new_id
from kernel.tables.ai import ChatSession
from kernel.tables.core import Customer, Identity, VisitorToken

NEWCOMER_LIFE = timedelta(hours=24)
TOKEN_LIFE = timedelta(days=30)
SLIDE_AFTER = timedelta(days=1)
IDENTITY_LIFE = timedelta(hours=24)
Way = Literal["email", "phone"]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a site says of a visitor, signed."""

    subject: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is at the door. `stored` is False until the first message made rows of it."""

    token: str
    customer: CustomerId
    conversation: ConversationId
    history: str
    site: SiteId
    site_key: str
    stored: bool
    subject: str | None = None
    claims: Claims | None = None


def token_hash(token: str) -> str:
    """What is kept of a token: its SHA-256, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def read_identity(identity: str, secret: str, now: datetime) -> Claims:
    """The claims of a site's JWT. Raises NotAllowed where it is not signed by the site, is over, or lives over 24 hours."""
    try:
        body = jwt.decode(
            identity, secret, algorithms=["HS256"], options={"require": ["sub", "exp"], "verify_exp": False, "verify_iat": False}
        )
    except jwt.PyJWTError as error:
        raise NotAllowed("The identity is not signed with this site's secret (HS256, with sub and exp).") from error
    expires, subject = body["exp"], body["sub"]
    if not isinstance(expires, int | float) or not now.timestamp() < expires <= (now + IDENTITY_LIFE).timestamp() + 60:
        raise NotAllowed("The identity has expired, or lives for more than 24 hours.")
    if not isinstance(subject, str) or not 0 < len(subject) <= 200 or not subject.isprintable():
        raise NotAllowed("The identity's sub must be a string of 1 to 200 printable characters.")

    def text(key: str) -> str | None:
        value = body.get(key)
        return "".join(c for c in value[:200] if c.isprintable()) or None if isinstance(value, str) else None

    return Claims(subject, text("name"), text("email"), text("phone"))


def mint(
    secret: str,
    site: SiteId,
    site_key: str,
    now: datetime,
    *,
    claims: Claims | None = None,
    customer: UUID | None = None,
    conversation: UUID | None = None,
    history: str | None = None,
) -> Visitor:
    """A signed token for a newcomer, or for a customer whom the site vouches for; nothing is stored."""
    customer = CustomerId(customer or new_id())
    conversation = ConversationId(conversation or new_id())
    history = history or new_id().hex
    body = {
        "u": str(customer),
        "c": str(conversation),
        "h": history,
        "s": str(site),
        "x": int((now + NEWCOMER_LIFE).timestamp()),
        "i": claims.subject if claims else None,
    }
    packed = urlsafe_b64encode(orjson.dumps(body)).rstrip(b"=").decode()
    token = f"v1.{packed}.{_signature(secret, packed)}"
    return Visitor(
        token=token,
        customer=customer,
        conversation=conversation,
        history=history,
        site=site,
        site_key=site_key,
        stored=False,
        subject=claims.subject if claims else None,
        claims=claims,
    )


def _signature(secret: str, packed: str) -> str:
    return urlsafe_b64encode(hmac.digest(secret.encode(), packed.encode(), "sha256")).rstrip(b"=").decode()


def _signed(secret: str, token: str) -> dict[str, Any] | None:
    """What a token of ours says, or None where we did not sign it."""
    version, _, rest = token.partition(".")
    packed, _, signature = rest.partition(".")
    if version != "v1" or not hmac.compare_digest(signature.encode(), _signature(secret, packed).encode()):
        return None
    body: dict[str, Any] = orjson.loads(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    return body


def signed_site(secret: str, token: str) -> SiteId | None:
    """The site of a token that is signed by us and kept nowhere."""
    body = _signed(secret, token)
    return None if body is None else SiteId(UUID(body["s"]))


def _unsigned(secret: str, token: str, site: SiteId, site_key: str, now: datetime) -> Visitor | None:
    """The newcomer behind a signed token, or None where the signature, the site or the time is wrong."""
    body = _signed(secret, token)
    if body is None or body["s"] != str(site) or body["x"] <= now.timestamp():
        return None
    return Visitor(
        token=token,
        customer=CustomerId(UUID(body["u"])),
        conversation=ConversationId(UUID(body["c"])),
        history=body["h"],
        site=site,
        site_key=site_key,
        stored=False,
        subject=body["i"],
    )


async def recognise(connection: AsyncConnection, secret: str, token: str, site: SiteId, site_key: str, now: datetime) -> Visitor | None:
    """The visitor whom a token names, or None where it is unknown, over, revoked, or of another site. Slides its life by use."""
    row = (
        await connection.execute(
            select(VisitorToken, ChatSession.history)
            .join(ChatSession, ChatSession.id == VisitorToken.conversation_id)
            .where(VisitorToken.hash == token_hash(token))
        )
    ).one_or_none()
    if row is None:
        return _unsigned(secret, token, site, site_key, now)
    if row.site_id != site or row.revoked_at is not None or row.expires_at <= now:
        return None
    if row.expires_at < now + TOKEN_LIFE - SLIDE_AFTER:
        await connection.execute(update(VisitorToken).where(VisitorToken.hash == row.hash).values(expires_at=now + TOKEN_LIFE))
    return Visitor(
        token=token,
        customer=CustomerId(row.customer_id),
        conversation=ConversationId(row.conversation_id),
        history=row.history,
        site=site,
        site_key=site_key,
        stored=True,
        subject=row.subject,
    )


async def no_longer_good(connection: AsyncConnection, hashes: Sequence[str]) -> dict[str, bool]:
    """Those of `hashes` whose tokens are revoked (True) or over (False), by PostgreSQL's clock."""
    rows = await connection.execute(
        select(VisitorToken.hash, VisitorToken.revoked_at).where(
            VisitorToken.hash == any_(bindparam("hashes", list(hashes), ARRAY(Text))),
            VisitorToken.revoked_at.is_not(None) | (VisitorToken.expires_at <= func.clock_timestamp()),
        )
    )
    return {row.hash: row.revoked_at is not None for row in rows}


async def identify(
    connection: AsyncConnection, secret: str, visitor: Visitor | None, claims: Claims, site: SiteId, site_key: str, now: datetime
) -> Visitor:
    """The visitor whom the site vouches for: theirs again, a newcomer, or an anonymous visitor who is attached once."""
    if visitor and visitor.subject == claims.subject:
        return replace(visitor, claims=claims)
    known = await connection.scalar(
        select(Identity.customer_id).where(Identity.kind == "subject", Identity.scope == site_key, Identity.value == claims.subject)
    )
    if visitor is None or visitor.subject is not None or not visitor.stored or await _is_anothers(connection, visitor, claims):
        # What was never written has nothing to attach; its token stays good, and must not lead to what is said under this one.
        if known is None:
            return mint(secret, site, site_key, now, claims=claims)
        newest = (
            await connection.execute(
                select(ChatSession.id, ChatSession.history)
                .where(ChatSession.customer_id == known, ChatSession.site_id == site)
                .order_by(ChatSession.created_at.desc())
                .limit(1)
            )
        ).one_or_none()
        where = {"conversation": newest.id, "history": newest.history} if newest else {}
        return mint(secret, site, site_key, now, claims=claims, customer=known, **where)
    owner = await _vouch(connection, CustomerId(known or visitor.customer), site_key, claims)
    await merge(connection, owner, visitor.customer, "identity")
    customer = CustomerId(await survivor_of(connection, owner))
    await connection.execute(
        update(VisitorToken)
        .where(VisitorToken.conversation_id == visitor.conversation, VisitorToken.subject.is_(None))
        .values(subject=claims.subject)
    )
    return replace(visitor, customer=customer, subject=claims.subject, claims=claims)


async def settle(connection: AsyncConnection, visitor: Visitor, now: datetime) -> CustomerId:
    """Make rows of a visitor, unchanged; safe to repeat and to race. Returns the customer that the conversation belongs to."""
    await connection.execute(
        insert(Customer).values(id=visitor.customer, name=visitor.claims.name if visitor.claims else None).on_conflict_do_nothing()
    )
    owner = visitor.customer
    if visitor.claims:
        owner = await _vouch(connection, owner, visitor.site_key, visitor.claims)
    customer = CustomerId(await survivor_of(connection, owner))
    await connection.execute(
        insert(VisitorToken)
        .values(
            hash=token_hash(visitor.token),
            customer_id=customer,
            conversation_id=visitor.conversation,
            site_id=visitor.site,
            subject=visitor.subject,
            expires_at=now + TOKEN_LIFE,
        )
        .on_conflict_do_nothing()
    )
    return customer


async def _vouch(connection: AsyncConnection, customer: CustomerId, site_key: str, claims: Claims) -> CustomerId:
    """Record what a site vouches for; returns whose subject it is (another gateway may have been first)."""
    await connection.execute(
        insert(Identity)
        .values(id=new_id(), customer_id=customer, kind="subject", scope=site_key, value=claims.subject, verified=True)
        .on_conflict_do_nothing()
    )
    owner = await connection.scalar(
        select(Identity.customer_id).where(Identity.kind == "subject", Identity.scope == site_key, Identity.value == claims.subject)
    )
    assert owner is not None  # it was there, or it is now
    for kind, value in _ways(claims):
        owner = await _vouch_for(connection, owner, kind, value)
    if claims.name:
        await connection.execute(update(Customer).where(Customer.id == owner).values(name=claims.name))
    return CustomerId(owner)


async def _vouch_for(connection: AsyncConnection, owner: UUID, kind: Way, value: str) -> UUID:
    """An address that a site vouches for. Whoever had it verified before is the same person; returns who that is from now on. Where people,
    or the site's own accounts, say otherwise, it stays theirs, and people are asked."""
    row = {"id": new_id(), "customer_id": owner, "kind": kind, "scope": "", "value": value, "verified": True}
    await connection.execute(insert(Identity).values(row).on_conflict_do_nothing())
    same = (Identity.kind == kind, Identity.scope == "", Identity.value == value)
    holder = await connection.scalar(select(Identity.customer_id).where(*same))
    if holder is None or holder == owner:
        return owner
    if not await may_join_by_proof(connection, owner, holder):
        await suggest(connection, owner, holder, kind)
        return owner
    joined = await merge(connection, owner, holder, "identity")
    return joined.survivor if joined is not None else owner


async def _is_anothers(connection: AsyncConnection, visitor: Visitor, claims: Claims) -> bool:
    """Whether somebody has proved who they are in this conversation, and the site does not say that it is they: then it stays theirs, and
    whoever signed in on this browser now has one of their own."""
    proved = select(Identity.kind, Identity.value).where(Identity.customer_id == visitor.customer, Identity.verified)
    ways = {(row.kind, row.value) for row in (await connection.execute(proved)).all()}
    return bool(ways) and ways.isdisjoint(_ways(claims))


def _ways(claims: Claims) -> list[tuple[Way, str]]:
    """The addresses that a site vouches for, as they are stored."""
    ways: list[tuple[Way, str]] = []
    if claims.email:
        ways.append(("email", claims.email.lower()))
    if claims.phone:
        try:
            ways.append(("phone", contacts.phone(claims.phone, "")))
        except BadRequest:
            ways.append(("phone", claims.phone))
    return ways
