"""The page of jobs in the console: in four looks; all dead letters of a kind are sent on their way by one click."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from playwright.async_api import expect

from kernel import outbox
from kernel.clock import utc_now
from kernel.database import Database
from kernel.jobs import BookingTimer, DeliverWebhook, EscalateHandoff, SendEmail
from kernel.tables.ops import CronRun, Outbox, WorkerProcess
from tests.browser.chromium import Scheme
from tests.browser.look import Look
from tests.browser.looks import in_every_look
from tests.browser.place import Place

pytestmark = pytest.mark.browser


async def a_day(database: Database) -> None:
    """What an install has done in a day, with its troubles."""
    async with database.transaction() as connection:
        await connection.execute(sa.delete(Outbox))
        await connection.execute(sa.delete(CronRun))
        await connection.execute(
            sa.text(
                "INSERT INTO ops.outbox (id, key, kind, state, attempts, next_at, done_at)"
                " SELECT gen_random_uuid(), 'day:' || n, CASE n % 3 WHEN 0 THEN 'send_email' ELSE 'notify_staff' END, 'done',"
                " 1 + (n % 11 = 0)::int, at - (n % 40) * interval '1 s', at"
                " FROM generate_series(1, 240) n, LATERAL (SELECT now() - n * (300 + n) / 240 * interval '9 min' / 10 AS at) moment"
                " WHERE at > now() - interval '24 h'"
            )
        )
        timer = BookingTimer(booking=uuid4(), what="deposit_reminder", of=utc_now())
        await outbox.enqueue(connection, timer, key="timer", at=utc_now() + timedelta(hours=3))
        await outbox.enqueue(connection, EscalateHandoff(handoff=uuid4(), step=1), key="call", at=utc_now() + timedelta(minutes=9))
        for number in range(3):
            await outbox.enqueue(connection, SendEmail(email=uuid4()), key=f"dead:{number}", at=utc_now())
        await outbox.enqueue(connection, DeliverWebhook(delivery=uuid4(), endpoint=uuid4()), key="again", at=utc_now() + timedelta(hours=1))
        dead = {"state": "dead", "attempts": 8, "error": "TimeoutError"}
        await connection.execute(sa.update(Outbox).where(Outbox.key.like("dead:%")).values(dead))
        await connection.execute(sa.update(Outbox).where(Outbox.key == "again").values(attempts=2, error="Status503"))
        ended = {"worker": "kitchen", "finished_at": sa.func.now(), "slot": sa.func.now()}
        await connection.execute(sa.insert(CronRun).values(name="tidy", **ended))
        await connection.execute(sa.insert(CronRun).values(name="backup", error="BackupFault", attempts=3, **ended))
        await connection.execute(sa.delete(WorkerProcess))
        await connection.execute(sa.insert(WorkerProcess).values(name="kitchen:4711:a1b2c3", seen_at=sa.func.now() + timedelta(hours=1)))


@in_every_look("dark", phone=False)
async def test_in_every_look_and_tried_again_by_a_click(house: Place, scheme: Scheme, phone: bool, tmp_path: Path) -> None:
    async with house.database() as database:
        await a_day(database)
    look, admin = Look(scheme, phone, tmp_path), await house.admin(scheme=scheme, phone=phone)
    page = admin.page
    await page.goto(f"{house.base}/console#/settings/jobs")
    await expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()
    await expect(page.get_by_role("status").filter(has_text="Backup failed: BackupFault.")).to_be_visible()
    await expect(page.get_by_role("region", name="What comes next")).to_contain_text("Calling louder for a person")
    await expect(page.get_by_role("img", name="Done in an hour")).to_be_visible()
    await look.at(page, "jobs")
    await page.get_by_role("img", name="Done in an hour").evaluate("plot => plot.scrollIntoView({ block: 'center' })")
    await page.get_by_text("The figures").click()
    await look.at(page, "jobs-day")
    await page.get_by_role("region", name="Workers").scroll_into_view_if_needed()
    await look.at(page, "jobs-end")
    mails = page.get_by_role("region", name="By kind").get_by_role("listitem").filter(has_text="Sending an e-mail")
    await expect(mails).to_contain_text("3 dead letters")
    again = mails.get_by_role("button", name=re.compile("Try all again"))
    await again.focus()
    await page.keyboard.press("Enter")
    await expect(mails.get_by_text("dead letters")).to_be_hidden()
    async with house.database() as database, database.transaction() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).where(Outbox.kind == "send_email", Outbox.state == "dead")) == 0
    assert look.found == []
