"""Quotes as they were told: stored with all that they were computed from, and shown as a card, in one transaction."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from business.conversations.log import Announcement, writing
from business.pricing.cards import Slot, quote_card
from business.pricing.rules import Order, Quote
from business.profile.schemas import Profile
from business.travel.rules import TravelFee
from kernel.ids import new_id
from kernel.tables import ops
from kernel.tables.core import ProfileVersion
from kernel.wire.server import CardEvent


@dataclass(frozen=True, slots=True)
class StoredQuote:
    """`number` is what people call it by. `repeated`: the conversation's last quote said the same; `announcement`
    is None where nothing was written."""

    id: UUID
    number: int
    version: int
    total_cents: int
    repeated: bool
    announcement: Announcement | None


async def store(
    connection: AsyncConnection,
    profile: Profile,
    conversation: UUID,
    order: Order,
    priced: Quote,
    *,
    travel: TravelFee | None = None,
    offer: Slot | None = None,
) -> StoredQuote:
    """Keep a quote and show it: one card per conversation, whose next version a changed quote is. The same again is the same quote; with
    another `offer`, the start that its button asks to hold, the card alone changes. Raises NotFound."""
    wanted = _order(order)
    lines = _lines(priced)
    digest = _digest(profile, wanted, lines, priced, travel)
    async with writing(connection, conversation) as log:
        last = await of_conversation(connection, conversation)
        same = last is not None and last.digest == digest
        if last is not None and same and _offered(offer) in (None, last.order["offer"]):
            return StoredQuote(last.id, last.number, last.card_version, last.total_cents, True, None)
        shown = {**wanted, "offer": _offered(offer)}
        if last is not None and same:
            newer = {"order": shown, "card_version": last.card_version + 1}
            statement = update(ops.Quote).where(ops.Quote.id == last.id).values(newer).returning(ops.Quote)
            row = (await connection.execute(statement)).one()
        else:
            values = {"conversation_id": log.id, "customer_id": log.row.customer_id, "order": shown, "lines": lines, "digest": digest}
            row = await _insert(connection, values, profile, priced, travel, last)
        log.add(CardEvent(card=quote_card(profile, priced, travel, row, log.row.locale, offer)))
    return StoredQuote(row.id, row.number, row.card_version, row.total_cents, same, log.announcement)


async def of_conversation(connection: AsyncConnection, conversation: UUID) -> Any | None:
    """The conversation's newest quote, its row; None where it has none."""
    query = select(ops.Quote).where(ops.Quote.conversation_id == conversation).order_by(ops.Quote.number.desc()).limit(1)
    return (await connection.execute(query)).one_or_none()


async def _insert(
    connection: AsyncConnection, values: dict[str, Any], profile: Profile, priced: Quote, travel: TravelFee | None, last: Any | None
) -> Any:
    id = new_id()
    known = select(func.max(ProfileVersion.number)).where(ProfileVersion.fingerprint == profile.version).scalar_subquery()
    statement = insert(ops.Quote).values(
        id=id,
        **values,
        profile_number=known,
        profile_fingerprint=priced.profile_version,
        food_cents=priced.food_cents,
        extras_cents=priced.extras_cents,
        travel_cents=priced.travel_cents,
        tax_cents=priced.tax_cents,
        total_cents=priced.total_cents,
        deposit_cents=priced.deposit_cents,
        balance_cents=priced.balance_cents,
        miles=travel.miles if travel else None,
        precision=travel.precision if travel else None,
        station=travel.station if travel else None,
        card_id=last.card_id if last is not None else id,
        card_version=last.card_version + 1 if last is not None else 1,
    )
    return (await connection.execute(statement.returning(ops.Quote))).one()


def _offered(offer: Slot | None) -> str | None:
    return None if offer is None else f"{offer.day.isoformat()} {offer.at.isoformat(timespec='minutes')}"


def _order(order: Order) -> dict[str, Any]:
    return {
        "party": asdict(order.party),
        "upgrades": dict(order.upgrades),
        "add_ons": dict(order.add_ons),
        "premium_extras": dict(order.premium_extras),
        "travel_cents": order.travel_cents,
    }


def _lines(priced: Quote) -> list[dict[str, Any]]:
    groups = (("food", priced.food_lines), ("extra", priced.extra_lines))
    return [
        {"group": group, "key": line.key, "count": line.count, "each_cents": line.each_cents, "cents": line.cents}
        for group, lines in groups
        for line in lines
    ]


def _digest(profile: Profile, order: dict[str, Any], lines: list[dict[str, Any]], priced: Quote, travel: TravelFee | None) -> str:
    way = None if travel is None else [travel.station, str(travel.miles), travel.precision]
    said = [profile.version, order, lines, priced.total_cents, way]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
