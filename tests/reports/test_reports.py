"""Reports on a real database: what they refuse, what each role sees, that they can only read, and that they count true."""

import csv
import io
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from business.reports import running, sheet
from business.reports.catalogue import CATALOGUE
from business.reports.report import Asking, Column, Days, Filter, Plan, Report, days_words
from business.reports.running import Table
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import BadRequest, NotAllowed, NotFound
from tests.agents.staff_world import PROFILE, World, at_venue

ALL = list(CATALOGUE.values())
NUMBER = Column("number", "Number", "number")


@pytest.fixture
async def world(database: Database) -> World:
    return await World(database).begin()


def asking(*, chief: bool = True) -> Asking:
    return Asking(PROFILE, utc_now(), chief)


async def table(world: World, name: str, *, chief: bool = True, **parameters: Any) -> Table:
    report = running.chosen(name, chief)
    return await running.run(world.database, report, running.parsed(report, parameters), asking(chief=chief))


def records(found: Table) -> list[dict[str, Any]]:
    return [dict(zip([column.name for column in found.columns], row, strict=True)) for row in found.rows]


class TestRefused:
    def test_a_report_that_is_not_there(self) -> None:
        with pytest.raises(NotFound):
            running.chosen("customers; DROP TABLE ops.booking", chief=True)

    async def test_amounts_for_an_agent(self, database: Database) -> None:
        for report in (one for one in ALL if one.chiefs):
            with pytest.raises(NotAllowed):
                running.chosen(report.name, chief=False)
            with pytest.raises(NotAllowed):
                await running.run(database, report, Days(), asking(chief=False))

    @pytest.mark.parametrize(
        ("name", "wrong"),
        [
            ("parties", {"first": "soon"}),
            ("parties", {"sql": "DROP"}),
            ("parties", {"status": "paid"}),
            ("parties", {"first": "2027-01-02", "last": "2027-01-01"}),
            ("parties", {"first": "2020-01-01", "last": "2027-01-01"}),
            ("parties", {"deposit": True}),
            ("leads", {"temperature": "boiling"}),
            ("untouched_leads", {"hours": 0}),
            ("untouched_leads", {"first": "2027-01-02"}),
            ("complaints", {"severity": "' OR 1=1"}),
        ],
        ids=str,
    )
    def test_parameters_that_are_none(self, name: str, wrong: dict[str, Any]) -> None:
        with pytest.raises(BadRequest) as refused:
            running.parsed(CATALOGUE[name], wrong)
        assert "DROP" not in str(refused.value) and "OR 1" not in str(refused.value)

    async def test_one_end_that_lies_before_the_other(self, world: World) -> None:
        with pytest.raises(BadRequest):
            await table(world, "parties", last=(at_venue(-900)).isoformat())

    async def test_writing(self, world: World) -> None:
        """Whatever a plan holds, its transaction can only read."""
        rows = sa.select(sa.cast(sa.func.nextval("ops.booking_number_seq"), sa.BigInteger).label("number"))
        report = Report("spoil", "", "", Days, (NUMBER,), lambda given, who: Plan("", rows, (), (), ""))
        CATALOGUE["spoil"] = report
        try:
            with pytest.raises(sa.exc.DBAPIError, match="read-only"):
                await running.run(world.database, report, Days(), asking())
        finally:
            del CATALOGUE["spoil"]

    async def test_what_takes_too_long(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(running, "WITHIN_MS", 40)
        slow = Filter(sa.cast(sa.func.pg_sleep(2), sa.Text) == "", "")
        known = CATALOGUE["bookings_by_state"]
        rows = sa.select(sa.literal(1).label("number")).select_from(sa.func.generate_series(1, 2).alias("n"))
        report = replace(known, name="bookings_by_state", columns=(NUMBER,))
        report = replace(report, plan=lambda given, who: Plan("", rows, (slow,), (), ""))
        with pytest.raises(BadRequest, match="too long"):
            await running.run(world.database, report, Days(), asking())

    async def test_a_file_that_would_be_cut(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(running, "EXPORTED_AT_MOST", 1)
        for name in ("Ana", "Ben"):
            await world.lead(await world.customer(name), 1)
        report = CATALOGUE["leads"]
        with pytest.raises(BadRequest, match="2 rows"):
            await running.export(world.database, report, running.parsed(report, {}), asking())


class TestRoles:
    async def test_every_report_runs_and_hides_amounts_and_contacts(self, world: World) -> None:
        ana = await world.customer("Ana Perez", phone="510 555 0142", email="ana@example.com")
        booked = await world.party(ana, at_venue(1), name="Ana Perez", phone="5105550142", email="ana@example.com")
        await world.confirmed(booked)
        await world.party(ana, at_venue(2), phone="5105550142", email="ana@example.com")
        await world.lead(ana, 30, adults=12)
        await world.handoff(ana, overdue=timedelta(hours=1))
        for report, chief in [(one, role) for one in ALL for role in (True, False) if role or not one.chiefs]:
            found = await table(world, report.name, chief=chief)
            assert found.words.endswith(".") and "  " not in found.words, report.name
            assert {column.name for column in found.columns} == {one.name for one in report.columns if chief or not one.chiefs}
            told = str(found.rows)
            assert chief or not any(secret in told for secret in ("5105550142", "ana@example.com", "66000")), report.name
            file = b"".join(sheet.lines(found, PROFILE.business.zone)).decode("utf-8-sig")
            assert len(list(csv.reader(io.StringIO(file)))) == len(found.rows) + 1

    def test_there_are_enough(self) -> None:
        assert len(ALL) >= 15 and len({report.name for report in ALL}) == len(ALL)


class TestParties:
    async def test_whose_deposit_has_not_come(self, world: World) -> None:
        held, asked, paid, other = [await world.customer(name) for name in ("Held", "Asked", "Paid", "Later")]
        day = at_venue(3)
        await world.party(held, day)
        wish = await world.party(asked, day, at=PROFILE.slots.times[0])
        await world.set_booking(wish.id, status="cancellation_requested", before_cancel="deposit_pending", hold_until=None)
        await world.confirmed(await world.party(paid, day))
        lapsed = await world.party(await world.customer("Over"), day, at=PROFILE.slots.times[1])
        await world.set_booking(lapsed.id, hold_until=sa.func.clock_timestamp() - timedelta(seconds=1))
        await world.party(other, day + timedelta(days=1))
        found = await table(world, "deposits_missing", first=day.isoformat(), last=day.isoformat())
        assert {one["customer"] for one in records(found)} == {"Held", "Asked"} and found.total == 2
        assert found.words == f"Parties on {days_words(day, day, at_venue())[3:]} whose deposit has not come, in order of start."
        both = await table(world, "parties", first=day.isoformat(), last=day.isoformat())
        assert {one["customer"]: one["deposit"] for one in records(both)} == {"Held": "missing", "Asked": "missing", "Paid": "there"}
        there = await table(world, "parties", first=day.isoformat(), last=day.isoformat(), deposit="there")
        assert [one["customer"] for one in records(there)] == ["Paid"]

    async def test_a_window_of_its_own_where_no_days_were_told(self, world: World) -> None:
        await world.party(await world.customer("Soon"), at_venue(2))
        await world.party(await world.customer("Far"), at_venue(40))
        assert [one["customer"] for one in records(await table(world, "parties"))] == ["Soon"]

    async def test_sums(self, world: World) -> None:
        for adults in (12, 20):
            await world.confirmed(await world.party(await world.customer("Ana"), at_venue(2), adults=adults))
        (row,) = records(await table(world, "parties_by_day"))
        # 12 x 55 and 20 x 55: 660 and 1,100.
        assert (row["parties"], row["guests"], row["total"]) == (2, 32, 176_000)
        (place,) = records(await table(world, "revenue_by_place"))
        assert (place["place"], place["total"]) == ("San Jose", 176_000)


class TestWords:
    @pytest.mark.parametrize(
        ("first", "last", "words"),
        [
            (date(2026, 12, 5), date(2026, 12, 5), "on Sat 5 December"),
            (date(2026, 12, 4), date(2026, 12, 6), "from Fri 4 to Sun 6 December"),
            (date(2026, 11, 30), date(2026, 12, 6), "from Mon 30 November to Sun 6 December"),
            (date(2027, 1, 1), date(2027, 1, 3), "from Fri 1 to Sun 3 January 2027"),
            (date(2026, 12, 31), date(2027, 1, 1), "from Thu 31 December 2026 to Fri 1 January 2027"),
        ],
    )
    def test_days(self, first: date, last: date, words: str) -> None:
        assert days_words(first, last, date(2026, 11, 28)) == words


def of_names(*names: str) -> bytes:
    columns = (Column("customer", "Customer"), Column("score", "Score", "number"))
    found = Table("leads", "Leads", "", columns, tuple((name, -7) for name in names), len(names), {})
    return b"".join(sheet.lines(found, PROFILE.business.zone))


class TestFile:
    @pytest.mark.parametrize("begins", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =cmd|' /C calc'!A0", "＝1", "\n@x"])
    def test_no_formula_of_a_customer_is_reckoned(self, begins: str) -> None:
        file = of_names(begins)
        assert file.startswith(b"\xef\xbb\xbf")
        (_, row) = csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""))
        assert row == [f"'{begins}", "-7"]

    def test_rfc_4180(self) -> None:
        name = 'Ana "the\nqueen", Perez ñ'
        file = of_names(name)
        assert b'"Ana ""the\nqueen"", Perez' in file and file.endswith(b"\r\n")
        (_, row) = csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""))
        assert row[0] == name

    def test_figures_stay_figures(self) -> None:
        zone = PROFILE.business.zone
        assert sheet.cell(-1_050, "money", zone) == "-10.50" and sheet.cell(66_000, "money", zone) == "660.00"
        assert sheet.cell(1_234, "dollars", zone) == "0.001234" and sheet.cell(date(2026, 12, 1), "month", zone) == "2026-12"
