"""Customers by the thousand, as rows: numbers of several zones, consent, parties, leads."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from kernel.database import Database

AREAS = ("510", "602", "808", "312", "212", "303", "931")
"""Pacific, Arizona, Hawaii, Central, Eastern, Mountain, and one that lies in two zones."""

AT_ONCE = 5_000  # of one transaction

_CUSTOMERS = """
INSERT INTO core.customer (id, name, locale)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'Guest ' || n, CASE WHEN n % 3 = 0 THEN 'es' ELSE 'en' END
FROM generate_series(CAST(:first AS int), CAST(:last AS int)) n
"""
_PHONES = """
INSERT INTO core.identity (id, customer_id, kind, scope, value, verified)
SELECT gen_random_uuid(), ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'phone', '',
       '+1' || (CAST(:areas AS text[]))[1 + n % :many] || (2000000 + n), true
FROM generate_series(CAST(:first AS int), CAST(:last AS int)) n
"""
_CONSENT = """
INSERT INTO crm.consent (id, customer_id, channel, purpose, granted, address, text, source)
SELECT gen_random_uuid(), customer_id, 'sms', 'marketing', true, value, 'I agree', 'widget' FROM core.identity i
WHERE kind = 'phone' AND NOT EXISTS (SELECT FROM crm.consent c WHERE c.address = i.value)
"""
_PARTIES = """
INSERT INTO ops.booking (id, conversation_id, customer_id, station, day, slot, lane, starts_at, ends_at, busy, status, guests, address,
                         total_cents, profile_fingerprint, card_id)
SELECT gen_random_uuid(), gen_random_uuid(), ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'fremont',
       (moment AT TIME ZONE 'UTC')::date, '18:00', 1 + n, moment, moment + interval '2 hours',
       tstzrange(moment - interval '1 hour', moment + interval '3 hours'), 'completed', 10 + n % 30,
       n || ' Oak Street, San Jose, CA 95112', 60000 + n, 'f', gen_random_uuid()
FROM (SELECT n, date_trunc('day', clock_timestamp()) - make_interval(days => 10 + n % 700) AS moment
      FROM generate_series(CAST(:first AS int), CAST(:last AS int), 2) n) made
"""


async def crowd(database: Database, count: int, areas: Sequence[str] = AREAS, *, parties: bool = False) -> None:
    """Customers 1 to `count`, each with a number of an area in turn and consent to marketing; `parties`: every other had one."""
    statements = (_CUSTOMERS, _PHONES, _CONSENT, *([_PARTIES] if parties else []))
    for first in range(1, count + 1, AT_ONCE):
        last = min(first + AT_ONCE - 1, count)
        given = {"first": first, "last": last, "areas": list(areas), "many": len(areas)}
        async with database.transaction() as connection:
            for statement in statements:
                names = {name: value for name, value in given.items() if f":{name}" in statement}
                await connection.execute(sa.text(statement), names)


_PARTY = """
INSERT INTO ops.booking (id, conversation_id, customer_id, station, day, slot, lane, starts_at, ends_at, busy, status, guests, address,
                         total_cents, profile_fingerprint, card_id, confirmed_at, contact_phone)
SELECT :id, :id, :customer, 'fremont', begin::date, '18:00', :lane, begin, begin + interval '2 hours',
       tstzrange(begin, begin + interval '3 hours'), :status, :guests, :address, :cents, 'f', :id, clock_timestamp(), :phone
FROM (SELECT CAST(:at AS timestamptz) AS begin) at
"""


async def party(
    connection: AsyncConnection,
    customer: UUID,
    at: datetime,
    *,
    status: str = "confirmed",
    guests: int = 12,
    cents: int = 70_000,
    address: str = "1 Oak Street, San Jose, CA 95112",
    phone: str | None = None,
) -> UUID:
    """A booking that was made and confirmed now."""
    id = uuid4()
    given = {"id": id, "customer": customer, "at": at, "lane": id.int % 10**8 + 1, "status": status, "guests": guests}
    await connection.execute(sa.text(_PARTY), {**given, "cents": cents, "address": address, "phone": phone})
    return id


def numbers(count: int, areas: Sequence[str] = AREAS) -> list[str]:
    """Theirs, in order."""
    return [f"+1{areas[n % len(areas)]}{2000000 + n}" for n in range(1, count + 1)]
