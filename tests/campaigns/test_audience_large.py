"""How long a count takes over many customers: a figure for the report, held against nothing."""

import os
import time
from statistics import median
from typing import Any

import sqlalchemy as sa

from business.campaigns import audience
from business.campaigns.conditions import Asked
from business.campaigns.filters import parsed
from business.profile.loader import load_profile
from kernel.clock import utc_now
from kernel.database import Database
from tests.campaigns.crowd import crowd
from tests.figures import told

PEOPLE = 50_000 if "PROVE_RECIPIENTS" in os.environ else 500
FILTERS: tuple[dict[str, Any], ...] = (
    {"all": []},
    {"is": "booked", "times_from": 1, "last_before_days": 180},
    {"all": [{"is": "booked", "times_to": 0}, {"not": {"is": "upcoming"}}, {"is": "quiet", "days": 30}]},
    {"any": [{"is": "spent", "cents_from": 70_000}, {"is": "party", "guests_from": 35}, {"is": "state", "states": ["CA"]}]},
)


class TestLarge:
    async def test_counts_of_all_kinds(self, database: Database) -> None:
        await crowd(database, PEOPLE, parties=True)
        async with database.transaction() as connection:
            await connection.execute(sa.text("ANALYZE core.customer, core.identity, crm.consent, ops.booking"))
        asked = Asked(load_profile(), utc_now())
        taken = []
        for filter in FILTERS:
            for _ in range(3):
                began = time.perf_counter()
                async with database.transaction() as connection:
                    found = await audience.count(connection, parsed(filter), asked, ("US", "CA"))
                taken.append(1000 * (time.perf_counter() - began))
                assert found.matched == found.reachable + sum(found.left_out.values())
        told(f"counts over {PEOPLE} customers: median {median(taken):.0f} ms, slowest {max(taken):.0f} ms")
