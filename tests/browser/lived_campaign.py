"""A campaign that has been lived through, as rows: texts that went out in the morning of each zone, and what came back."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from kernel.database import Database
from kernel.tables.marketing import Campaign, CampaignRecipient, Segment
from kernel.tables.ops import TextMessage

TEXTS = {
    "en": "{{business}}: Thanksgiving at home, cooked by us. Reply with your date, or STOP to opt out.",
    "es": "{{business}}: Acción de Gracias en casa. Responde con tu fecha, o STOP para no recibir más.",
}
ZONES = (("212", "America/New_York", 0), ("312", "America/Chicago", 1), ("303", "America/Denver", 2), ("415", "America/Los_Angeles", 3))
GROUPS = ("delivered",) * 17 + ("sent", "failed", "skipped")


async def lived(database: Database, now: datetime, guests: int = 240, *, state: str = "done", **values: Any) -> UUID:
    """It began nine hours ago. One in nine answered, one in thirty booked, one in eighty opted out; `values` of its row."""
    begun, campaign = now - timedelta(hours=9), uuid4()
    row: dict[str, Any] = {
        "name": "Thanksgiving 2026",
        "season": "thanksgiving",
        "variant": "general",
        "texts": TEXTS,
        "filter": {"all": []},
    }
    row |= {"approved_at": begun, "started_at": begun, "per_minute": 30, **values}
    people = [_person(campaign, n, begun) for n in range(guests)]
    texts = [_text(campaign, one) for one in people if one["state"] == "written"]
    async with database.transaction() as connection:
        await connection.execute(sa.insert(Campaign).values(id=campaign, state=state, **row))
        await connection.execute(sa.insert(TextMessage), texts)
        await connection.execute(sa.insert(CampaignRecipient), [{k: v for k, v in one.items() if k != "became"} for one in people])
    return campaign


async def segment(database: Database, name: str = "Had a party within a year") -> UUID:
    """A saved filter."""
    made = uuid4()
    filter = {"all": [{"is": "booked", "times_from": 1, "last_within_days": 365}, {"not": {"is": "upcoming"}}]}
    async with database.transaction() as connection:
        await connection.execute(sa.insert(Segment).values(id=made, name=name, filter=filter))
    return made


def _person(campaign: UUID, n: int, begun: datetime) -> dict[str, Any]:
    area, zone, hours = ZONES[(n + n // len(GROUPS)) % len(ZONES)]
    due, became = begun + timedelta(hours=hours, minutes=n % 50), GROUPS[n % len(GROUPS)]
    written = became != "skipped"
    later = due + timedelta(minutes=20 + 7 * (n % 31))
    return {
        "campaign_id": campaign,
        "number": f"+1{area}{3000000 + n}",
        "customer_id": uuid4(),
        "locale": "es" if n % 3 == 0 else "en",
        "zone": zone,
        "state": "written" if written else "skipped",
        "why": None if written else ("Stopped", "MonthFull")[n // len(GROUPS) % 2],
        "due_at": due,
        "written_at": due if written else None,
        "text_id": uuid4() if written else None,
        "replied_at": later if written and n % 9 == 1 else None,
        "booked_at": later + timedelta(minutes=40) if written and n % 30 == 10 else None,
        "opted_out_at": later if written and n % 80 == 5 else None,
        "became": became,
    }


def _text(campaign: UUID, one: dict[str, Any]) -> dict[str, Any]:
    delivered = one["became"] == "delivered"
    return {
        "id": one["text_id"],
        "key": f"campaign:{campaign}:{one['number']}:0",
        "purpose": "marketing",
        "to_number": one["number"],
        "text": TEXTS[one["locale"]],
        "locale": one["locale"],
        "encoding": "gsm7",
        "segments": 1,
        "cost_microdollars": 8500,
        "campaign_id": campaign,
        "customer_id": one["customer_id"],
        "state": one["became"],
        "created_at": one["due_at"],
        "changed_at": one["due_at"] + timedelta(seconds=9),
        "sent_at": one["due_at"] if one["became"] != "failed" else None,
        "delivered_at": one["due_at"] + timedelta(seconds=9) if delivered else None,
    }
