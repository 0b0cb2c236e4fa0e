"""Complaints: how severe by the profile's words, one open per conversation that only grows worse, a record of what was severe."""

from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from business.complaints import rules, service
from business.complaints.rules import Severity
from business.complaints.service import Recorded
from business.conversations.log import writing
from business.handoffs.records import open_handoff
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import NotFound
from kernel.tables.ops import Complaint
from kernel.wire.server import Author
from tests.bookings.conftest import PROFILE, Customers, request


class TestHowSevere:
    @pytest.mark.parametrize(
        ("text", "severity"),
        [
            ("A sauce was missing.", "minor"),
            ("The chef was rude to my mother", "moderate"),
            ("I want my MONEY BACK", "moderate"),
            ("We got sick after the party!", "severe"),
            ("the chef never came", "severe"),
            ("my lawyer will call you", "severe"),
            ("Nos dio una intoxicacion", "severe"),
            ("El chef fue grosero", "moderate"),
            ("You’re the worst, I’m going to sue you", "severe"),
            ("The lawyering was fine, and a hospitality student helped", "minor"),
            ("", "minor"),
        ],
    )
    def test_by_words(self, text: str, severity: Severity) -> None:
        assert rules.weigh(PROFILE, text).severity == severity

    def test_the_worse_of_two_opinions(self) -> None:
        assert rules.weigh(PROFILE, "a sauce was missing", "severe").severity == "severe"
        assert rules.weigh(PROFILE, "we got sick", "minor").severity == "severe"

    def test_says_which_words(self) -> None:
        assert rules.weigh(PROFILE, "We got sick. This is awful, I want a refund.").words == ("got sick", "awful", "refund")

    def test_what_follows_is_the_profiles(self) -> None:
        assert [rules.terms(PROFILE, severity).hand_over for severity in rules.SEVERITIES] == [False, True, True]


async def record(database: Database, conversation: UUID, severity: Severity, summary: str, **more: Any) -> Recorded:
    return await database.unit(
        lambda c: service.record(c, PROFILE, conversation, severity=severity, summary=summary, now=utc_now(), **more)
    )


async def complaints(database: Database) -> list[Any]:
    async with database.transaction() as connection:
        return list((await connection.execute(sa.select(Complaint).order_by(Complaint.created_at))).all())


class TestRecording:
    async def test_a_conversation_that_is_none(self, database: Database) -> None:
        with pytest.raises(NotFound):
            await record(database, uuid4(), "minor", "x")

    async def test_minor(self, customers: Customers, database: Database) -> None:
        found = await record(database, await customers.one(), "minor", "A sauce was missing")
        assert (found.severity, found.hand_over, found.created, found.alert) == ("minor", False, True, ())
        (row,) = await complaints(database)
        assert (row.state, row.incident) == ("open", None)

    async def test_severe_keeps_what_was_known(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        held = await customers.held(request(alice))
        found = await record(database, alice, "minor", "They are ill", text="We all got sick, three are in hospital")
        assert (found.severity, found.hand_over, found.alert) == ("severe", True, ("admin", "owner"))
        assert found.words == ("got sick", "hospital") and "incident_record" in found.steps
        (row,) = await complaints(database)
        incident = row.incident
        assert [said["text"] for said in incident["said"]] == ["hello"]
        assert [booking["number"] for booking in incident["bookings"]] == [held.booking.number]
        assert (incident["conversation"], incident["channel"], incident["words"]) == (str(alice), "web", ["got sick", "hospital"])

    async def test_said_again_it_joins_the_open_one_and_only_grows_worse(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        first = await record(database, alice, "moderate", "Cold food")
        again = await record(database, alice, "minor", "Cold food")
        assert (again.id, again.severity, again.created, again.worsened) == (first.id, "moderate", False, False)
        worse = await record(database, alice, "minor", "And now somebody is in hospital")
        assert (worse.id, worse.severity, worse.worsened) == (first.id, "severe", True)
        kept = (await complaints(database))[0].incident
        await record(database, alice, "severe", "Still waiting")
        (row,) = await complaints(database)
        assert row.incident == kept, "as it was when it became one"
        assert row.summary == "Cold food\nAnd now somebody is in hospital\nStill waiting"

    async def test_a_resolved_one_is_followed_by_another(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        first = await record(database, alice, "minor", "Late")
        async with database.transaction() as connection:
            await connection.execute(sa.update(Complaint).values(state="resolved"))
        assert (await record(database, alice, "minor", "Late again")).id != first.id

    async def test_attach_to_nothing(self, database: Database) -> None:
        with pytest.raises(NotFound):
            await database.unit(lambda c: service.attach(c, uuid4(), uuid4()))

    async def test_attach_the_handoff(self, customers: Customers, database: Database) -> None:
        alice = await customers.one()
        found = await record(database, alice, "moderate", "Cold food")

        async def hand_over(connection: AsyncConnection) -> UUID:
            async with writing(connection, alice) as log:
                author = Author(kind="system", name="My Hibachi")
                more: dict[str, Any] = {"summary": "Cold food", "due_at": utc_now(), "facts": {}}
                return await open_handoff(log, kind="complaint", urgency="high", by=author, **more)

        handoff = await database.unit(hand_over)
        await database.unit(lambda c: service.attach(c, found.id, handoff))
        assert [row.handoff_id for row in await complaints(database)] == [handoff]

    async def test_no_severe_one_without_its_record(self, customers: Customers, database: Database) -> None:
        await record(database, await customers.one(), "minor", "x")
        with pytest.raises(IntegrityError):
            async with database.transaction() as connection:
                await connection.execute(sa.update(Complaint).values(severity="severe"))
