"""The operator's page of jobs over HTTP and in metrics: what waits, fails and comes next, the clock's duties, the workers; and another
try for all of a kind."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa
from prometheus_client import generate_latest

from business.effects import overview
from business.effects.overview import NEXT
from business.staff.service import Invited, StaffService
from gateway.metrics import Metrics
from kernel import outbox
from kernel.clock import utc_now
from kernel.database import Database
from kernel.jobs import JOBS, BookingTimer, DeliverWebhook, Job, NotifyStaff, SendEmail, SendPush
from kernel.tables.core import Audit
from kernel.tables.ops import CronRun, Outbox, WorkerProcess
from tests.http.conftest import entered

AT = "/api/admin/jobs"
RETRY = "/api/admin/dead-letters/retry"


@pytest.fixture
async def csrf(browser: httpx.AsyncClient, staff: StaffService) -> dict[str, str]:
    return await entered(browser, staff, await staff.invite("chief@example.com", "Chief", "admin"))


def notify() -> NotifyStaff:
    return NotifyStaff(conversation=uuid4(), reason="handoff")


async def put(database: Database, job: Job, **changed: Any) -> UUID:
    """A job in the outbox, in the state that the test wants."""
    effect = await database.unit(lambda c: outbox.enqueue(c, job, key=f"k:{uuid4()}"))
    if changed:
        async with database.transaction() as connection:
            await connection.execute(sa.update(Outbox).where(Outbox.id == effect).values(changed))
    return effect


def ago(**given: float) -> Any:
    return sa.func.clock_timestamp() - timedelta(**given)


async def asked(browser: httpx.AsyncClient) -> dict[str, Any]:
    response = await browser.get(AT)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def kind(browser: httpx.AsyncClient, name: str) -> dict[str, Any]:
    return next(one for one in (await asked(browser))["kinds"] if one["kind"] == name)


class TestWhoMaySee:
    async def test_nobody_who_is_not_signed_in_and_no_agent(self, browser: httpx.AsyncClient, staff: StaffService, dana: Invited) -> None:
        assert (await browser.get(AT)).status_code == 401
        assert (await browser.post(RETRY, json={"kind": "send_email"})).status_code == 401
        csrf = await entered(browser, staff, dana)
        assert (await browser.get(AT)).status_code == 403
        assert (await browser.post(RETRY, json={"kind": "send_email"}, headers=csrf)).status_code == 403


class TestJobs:
    async def test_of_an_install_that_has_done_nothing(self, browser: httpx.AsyncClient, csrf: dict[str, str]) -> None:
        body = await asked(browser)
        assert [one["kind"] for one in body["kinds"]] == list(JOBS)
        assert all(sum(one[part] for part in ("new", "later", "working", "done", "dead")) == 0 for one in body["kinds"])
        assert len(body["hours"]) == 24 and body["failures"] == body["duties"] == body["workers"] == body["coming"] == []

    async def test_each_is_counted_where_it_stands(self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database) -> None:
        await put(database, notify(), next_at=ago(seconds=90))
        await put(database, notify(), next_at=ago(seconds=-90))
        await put(database, notify(), state="working", lease_until=ago(seconds=-5), next_at=ago(seconds=30))
        await put(database, notify(), state="done", done_at=ago(hours=1), next_at=ago(hours=1, seconds=4), attempts=3)
        await put(database, notify(), state="done", done_at=ago(hours=25))
        await put(database, notify(), state="dead")
        found = await kind(browser, "notify_staff")
        assert {part: found[part] for part in ("new", "later", "working", "done", "dead", "retries", "queue")} == {
            "new": 1,
            "later": 1,
            "working": 1,
            "done": 1,
            "dead": 1,
            "retries": 2,
            "queue": "short",
        }
        assert 89 < found["oldest_seconds"] < 120
        assert (await kind(browser, "send_email"))["queue"] == "long"
        hours = [hour for hour in (await asked(browser))["hours"] if hour["done"]]
        assert [(hour["done"], hour["retries"]) for hour in hours] == [(1, 2)] and 3 < hours[0]["longest_seconds"] < 5

    async def test_of_a_kind_that_is_no_longer_known(self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database) -> None:
        await put(database, notify(), kind="horoscope", state="dead", payload={"booking": 7})
        assert (await kind(browser, "horoscope"))["dead"] == 1

    async def test_errors_by_kind_the_most_first_and_no_word_of_what_was_said(
        self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database
    ) -> None:
        for _ in range(2):
            await put(database, SendEmail(email=uuid4()), error="SMTP421", attempts=1)
        await put(database, SendEmail(email=uuid4()), error="SMTP550", state="dead", payload={"email": "alice@example.com"})
        await put(database, SendEmail(email=uuid4()), state="done", done_at=ago(), error=None)
        body = await asked(browser)
        assert body["failures"] == [
            {"kind": "send_email", "error": "SMTP421", "count": 2, "dead": False},
            {"kind": "send_email", "error": "SMTP550", "count": 1, "dead": True},
        ]
        assert "alice" not in (await browser.get(AT)).text

    async def test_what_comes_next_in_its_order(self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database) -> None:
        timer = BookingTimer(booking=uuid4(), what="deposit_reminder", of=utc_now())
        await put(database, timer, next_at=ago(hours=-2))
        await put(database, SendEmail(email=uuid4()), next_at=ago(hours=-1), attempts=2, error="SMTP421")
        await put(database, notify(), payload={"booking": "nobody's", "what": 7}, next_at=ago(hours=-3))
        for _ in range(NEXT):
            await put(database, notify(), next_at=ago(hours=-9))
        coming = (await asked(browser))["coming"]
        assert len(coming) == NEXT
        assert [(one["kind"], one.get("what")) for one in coming[:3]] == [
            ("send_email", "again"),
            ("booking_timer", "deposit_reminder"),
            ("notify_staff", None),
        ]

    async def test_duties_and_workers(self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database) -> None:
        async with database.transaction() as connection:
            run = {"name": "backup", "worker": "w", "attempts": 3}
            await connection.execute(sa.insert(CronRun).values(run | {"slot": ago(hours=6), "finished_at": ago(hours=5)}))
            await connection.execute(sa.insert(CronRun).values(run | {"slot": ago(hours=1), "finished_at": ago(), "error": "BackupFault"}))
            await connection.execute(sa.insert(CronRun).values(name="tidy", worker="w", slot=ago(hours=1), lease_until=ago(seconds=-9)))
            for name, seen in (("here", ago(seconds=5)), ("gone", ago(minutes=9)), ("long gone", ago(days=3))):
                await connection.execute(sa.insert(WorkerProcess).values(name=name, seen_at=seen))
        body = await asked(browser)
        backup, tidy = body["duties"]
        assert (backup["error"], backup["attempts"]) == ("BackupFault", 3) and backup["succeeded_at"] < backup["slot"]
        assert "finished_at" not in tidy and "succeeded_at" not in tidy
        assert [(one["name"], one["alive"]) for one in body["workers"]] == [("here", True), ("gone", False)]


class TestMetrics:
    async def test_say_the_same(self, database: Database) -> None:
        await put(database, notify(), next_at=ago(seconds=60))
        await put(database, notify(), state="dead")
        async with database.transaction() as connection:
            ended = {"slot": ago(hours=1), "finished_at": ago()}
            await connection.execute(sa.insert(CronRun).values(name="tidy", worker="w", **ended))
            await connection.execute(sa.insert(CronRun).values(name="backup", worker="w", error="BackupFault", **ended))
        metrics = Metrics()
        async with database.transaction() as connection:
            metrics.jobs(await overview.depths(connection), await overview.duties(connection), 2)
        shown = generate_latest(metrics.registry).decode()
        for line in (
            'hibachi_outbox_depth{kind="notify_staff",state="new"} 1.0',
            'hibachi_outbox_depth{kind="notify_staff",state="dead"} 1.0',
            'hibachi_outbox_depth{kind="send_email",state="later"} 0.0',
            "hibachi_outbox_dead 1.0",
            "hibachi_workers 2.0",
        ):
            assert line in shown
        assert 'hibachi_outbox_oldest_seconds{kind="notify_staff"} 6' in shown
        assert 'timestamp_seconds{name="tidy"} 1' in shown and 'timestamp_seconds{name="backup"}' not in shown
        metrics.forget_jobs()
        assert "hibachi_outbox_depth{" not in generate_latest(metrics.registry).decode()


class TestPlans:
    @pytest.mark.parametrize("part", [overview.depths, overview._failures, overview._coming], ids=lambda part: part.__name__)
    async def test_nothing_reads_what_is_long_done(self, database: Database, part: Any) -> None:
        """However many effects an install has had: partial indexes answer."""
        async with database.transaction() as connection:
            await connection.execute(
                sa.text(
                    "INSERT INTO ops.outbox (id, key, kind, state, done_at) SELECT gen_random_uuid(), n::text, 'notify_staff', 'done',"
                    " now() - interval '30 days' FROM generate_series(1, 5000) n"
                )
            )
        async with database.transaction() as connection:
            await connection.execute(sa.text("ANALYZE ops.outbox"))
        async with database.transaction() as connection:
            before = await connection.scalar(sa.text("SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'outbox'"))
            await part(connection)
            after = await connection.scalar(sa.text("SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'outbox'"))
        assert after - before < 5000, "the table was read from end to end"


class TestRetryOfAKind:
    async def test_all_of_it_and_nothing_else_audited_once(
        self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database
    ) -> None:
        mails = [await put(database, SendEmail(email=uuid4()), state="dead", attempts=8, error="SMTP421") for _ in range(3)]
        other = await put(database, notify(), state="dead", attempts=8, error="ValueError")
        answer = await browser.post(RETRY, json={"kind": "send_email"}, headers=csrf)
        assert answer.json() == {"retried": 3, "left": 0}
        again = await browser.post(RETRY, json={"kind": "send_email"}, headers=csrf)
        assert again.json() == {"retried": 0, "left": 0}
        async with database.transaction() as connection:
            states = {row.id: row.state for row in await connection.execute(sa.select(Outbox.id, Outbox.state))}
            audits = (await connection.execute(sa.select(Audit.details).where(Audit.action == "dead_letters.retried"))).scalars().all()
        assert {states[mail] for mail in mails} == {"new"} and states[other] == "dead"
        assert list(audits) == [{"kind": "send_email", "count": 3}]

    async def test_what_cannot_go_out_stays(self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database) -> None:
        await put(database, DeliverWebhook(delivery=uuid4(), endpoint=uuid4()), state="dead")
        answer = await browser.post(RETRY, json={"kind": "deliver_webhook"}, headers=csrf)
        assert answer.json() == {"retried": 0, "left": 1}

    @pytest.mark.parametrize("wrong", [{}, {"kind": ""}, {"kind": "a b"}, {"kind": "x", "all": True}], ids=str)
    async def test_nonsense(self, browser: httpx.AsyncClient, csrf: dict[str, str], wrong: dict[str, Any]) -> None:
        assert (await browser.post(RETRY, json=wrong, headers=csrf)).status_code == 400

    async def test_not_without_the_csrf_token(self, browser: httpx.AsyncClient, csrf: dict[str, str], database: Database) -> None:
        await put(database, SendPush(device=uuid4(), reason="test", asked_at=utc_now()), state="dead")
        assert (await browser.post(RETRY, json={"kind": "send_push"})).status_code == 403
        assert (await kind(browser, "send_push"))["dead"] == 1
