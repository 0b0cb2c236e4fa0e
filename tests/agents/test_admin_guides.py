"""Guides with what is done of them, summaries of whoever is taken over, days as colleagues say them, reports as they ask for them."""

import datetime as dt
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from agents.admin import guiding
from agents.admin.hearing import understand
from agents.admin.periods import Period, period
from business.assistant.checks import CHECKS
from business.handoffs import ownership
from business.reports.catalogue import CATALOGUE
from kernel.tables.ai import ChatSession
from kernel.tables.ops import Complaint
from tests.agents.staff_world import PROFILE, at_venue
from tests.agents.test_admin_proposals import DANA, House, house

__all__ = ["house"]
TODAY = dt.date(2026, 11, 28)  # a Saturday


class TestGuidesInTheirFiles:
    @pytest.mark.parametrize(
        "broken",
        [
            'done = "never_heard"',
            'verb = "delete_everything"',
            'link = "https://evil.example"',
            'colour = "red"',
        ],
    )
    def test_what_there_is_not_is_no_step(self, tmp_path: Path, broken: str) -> None:
        path = tmp_path / "one.toml"
        path.write_text(f'title = "One"\nhear = ["x"]\nabout = "business"\n[[steps]]\ntext = "Do it"\n{broken}\n')
        with pytest.raises(ValueError, match=r"one\.toml"):
            guiding._read(path)

    def test_all_of_them_are_sane_and_every_check_has_a_step(self) -> None:
        found = guiding.guides()
        assert len(found) >= 6 and all(guide.steps for guide in found.values())
        used = {step.check for guide in found.values() for step in guide.steps if step.check}
        assert used == set(CHECKS)

    @pytest.mark.parametrize(
        ("question", "key"),
        [
            ("How do I refund a deposit?", "refund_deposit"),
            ("Handle a severe complaint", "severe_complaint"),
            ("what do I do with a no-show", "no_show"),
            ("How do I move a party?", "move_party"),
            ("How do I invite a colleague?", "invite_colleague"),
            ("step by step: set up a model", "set_up_model"),
            ("Refund Ana's deposit", None),
            ("Which complaints are open?", None),
        ],
    )
    def test_heard(self, question: str, key: str | None) -> None:
        heard = guiding.heard(question)
        assert (heard.key if heard else None) == key


class TestFollowed:
    async def test_each_step_is_as_the_data_has_it(self, house: House) -> None:
        ana = await house.world.customer("Ana Perez")
        answer = await house.ask("How do I handle a severe complaint?")
        assert answer.guide is not None and answer.guide.needs_conversation
        assert {step.state for step in answer.guide.steps} == {"unknown"} and not any(step.verb for step in answer.guide.steps)
        await house.world.handoff(ana)
        async with house.world.database.transaction() as connection:
            customer = await connection.scalar(sa.select(ChatSession.customer_id).where(ChatSession.id == ana))
            complaint = {"id": ana, "conversation_id": ana, "customer_id": customer, "severity": "minor", "summary": "cold"}
            await connection.execute(sa.insert(Complaint).values(complaint))
        answer = await house.ask("How do I handle a complaint of Ana?")
        assert answer.guide is not None and answer.guide.conversation == ana
        claim, take, *others = answer.guide.steps
        assert (claim.state, claim.verb, take.state, take.verb) == ("todo", "claim_handoff", "todo", "take_over")
        assert {one.state for one in others} == {"todo"} and others[0].link == f"#/c/{ana}"
        await house.world.database.unit(lambda c: ownership.take(c, ana, DANA))
        again = await house.ask("How do I handle a complaint?", conversation=ana)
        assert again.guide is not None and [step.state for step in again.guide.steps[:2]] == ["done", "done"]
        assert again.guide.steps[0].verb is None, "what is done is proposed no more"

    async def test_by_role(self, house: House) -> None:
        seen = (await house.ask("How do I invite a colleague?", chief=False)).guide
        told = (await house.ask("How do I invite a colleague?")).guide
        assert seen is not None and told is not None
        assert (seen.steps[0].link, told.steps[0].link) == (None, "#/settings/staff")


class TestSummaries:
    async def test_the_kept_one_and_else_what_is_known(self, house: House) -> None:
        ana = await house.world.customer("Ana Perez")
        await house.world.handoff(ana, summary="The food was cold")
        (row, *_) = (await house.ask("Sum this up", conversation=ana)).rows
        assert "A person was called (complaint): The food was cold." in row.detail
        async with house.world.database.transaction() as connection:
            await connection.execute(sa.update(ChatSession).where(ChatSession.id == ana).values(summary="Wants 12 adults in May."))
        (row, *_) = (await house.ask("Sum this up", conversation=ana)).rows
        assert "Wants 12 adults in May." in row.detail


class TestDays:
    @pytest.mark.parametrize(
        ("words", "first", "last"),
        [
            ("today", "2026-11-28", "2026-11-28"),
            ("tomorrow", "2026-11-29", "2026-11-29"),
            ("yesterday", "2026-11-27", "2026-11-27"),
            ("this weekend", "2026-11-27", "2026-11-29"),
            ("next weekend", "2026-12-04", "2026-12-06"),
            ("last week", "2026-11-16", "2026-11-22"),
            ("this month", "2026-11-01", "2026-11-30"),
            ("last month", "2026-10-01", "2026-10-31"),
            ("next month", "2026-12-01", "2026-12-31"),
            ("the next 14 days", "2026-11-28", "2026-12-12"),
            ("the last 2 weeks", "2026-11-14", "2026-11-28"),
            ("last year", "2025-01-01", "2025-12-31"),
            ("in March", "2027-03-01", "2027-03-31"),
            ("in May 2026", "2026-05-01", "2026-05-31"),
        ],
    )
    def test_said(self, words: str, first: str, last: str) -> None:
        assert period(f"parties {words}?", TODAY) == Period(dt.date.fromisoformat(first), dt.date.fromisoformat(last))

    def test_a_month_that_was_and_days_of_the_grammar(self) -> None:
        assert period("revenue in March", TODAY, backwards=True) == Period(dt.date(2026, 3, 1), dt.date(2026, 3, 31))
        assert period("parties on the 5th", TODAY, [dt.date(2026, 12, 5)]) == Period(dt.date(2026, 12, 5), dt.date(2026, 12, 5))
        assert period("who has not paid?", TODAY) is None and period("maybe she may come", TODAY) is None


class TestReportsAsAskedFor:
    @pytest.mark.parametrize(
        ("question", "report"),
        [
            ("who has a party this weekend without deposit?", "deposits_missing"),
            ("Which deposits are missing next month?", "deposits_missing"),
            ("Revenue by month", "revenue_by_month"),
            ("Revenue by city last year", "revenue_by_place"),
            ("What do models cost?", "model_costs"),
            ("No-shows last month", "no_shows"),
            ("Which bookings were cancelled last week?", "cancellations"),
            ("Returning customers", "returning_customers"),
            ("Most popular upgrades", "popular_upgrades"),
            ("How many parties per chef?", "parties_by_chef"),
            ("Bookings by state", "bookings_by_state"),
            ("Leads by source", "leads_by_source"),
            ("Hot leads of last month", "leads"),
            ("Conversations by day last week", "conversations_by_day"),
            ("What came of our conversations?", "conversations_by_outcome"),
            ("How long did people wait for a person?", "handoff_waits"),
            ("Complaints of last month", "complaints"),
            ("What do customers complain about?", "complaints_by_topic"),
            ("Which e-mails bounced?", "emails_by_state"),
            ("How did our last campaigns do?", "campaign_results"),
            ("How many parties did we have last month?", "parties"),
            ("Export the parties of December", "parties"),
            ("Payments of last month", "payments"),
            ("What is on tomorrow?", None),
            ("Who has not paid?", None),
            ("Which leads wait?", None),
            ("Any overdue complaints?", None),
            ("Who hasn't paid in the next 12 days?", None),
            ("Cancel Ana's booking", None),
        ],
    )
    def test_heard(self, question: str, report: str | None) -> None:
        wish = understand(question, TODAY)
        assert (wish.name if wish.about == "report" else None) == report
        assert report is None or report in CATALOGUE

    async def test_answered_with_its_table(self, house: House) -> None:
        booking = await house.world.party(await house.world.customer("Ana Perez"), at_venue(3))
        day = f"{booking.day:%B} {booking.day.day}"
        answer = await house.ask(f"Who has a party on {day} without deposit?")
        (table,) = answer.tables
        assert table["report"] == "deposits_missing" and table["total"] == 1 and table["counted"] in answer.text
        assert re.search(r"\*\*1 line\.\*\* Parties on \w{3} \d+ \w+ whose deposit has not come", answer.text)
        chiefs = {column["name"] for column in table["columns"]}
        seen = (await house.ask(f"Who has a party on {day} without deposit?", chief=False)).tables[0]
        assert chiefs - {column["name"] for column in seen["columns"]} == {"phone", "email", "total"}
        refused = await house.ask("Revenue by month", chief=False)
        assert refused.tables == () and "owner or an admin" in refused.text
        assert PROFILE.business.name not in refused.text
