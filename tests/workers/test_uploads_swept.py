"""The sweep of files that nobody used: rows and bytes go after a day, once; what is part of a message or a note never does."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from business.conversations import staffing
from business.conversations.receive import receive
from business.customers import visitors
from business.customers.visitors import Visitor
from business.handoffs import ownership
from business.handoffs.ownership import Actor
from business.profile.loader import load_profile
from business.sites.queries import site_by_key
from business.sites.service import ensure_demo
from business.staff.passwords import Passwords
from business.staff.service import StaffService
from business.uploads import folder as folders
from business.uploads import records
from business.uploads.folder import Stored, UploadFolder
from business.uploads.records import Sender
from kernel.bus import Bus, connect
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import NotFound, Unavailable
from kernel.tables.ai import Upload
from workers.clockwork import Clockwork

PER_DAY = 20


@pytest.fixture
def folder(tmp_path: Path) -> UploadFolder:
    return UploadFolder(tmp_path / "uploads")


@pytest.fixture
async def clockwork(database: Database, redis_url: str, folder: UploadFolder) -> AsyncIterator[Clockwork]:
    bus = Bus(connect(redis_url))
    yield Clockwork(database, bus, load_profile(), folder)
    await bus.close()


@pytest.fixture
async def visitor(database: Database) -> Visitor:
    """Someone who has a conversation."""
    async with database.transaction() as connection:
        await ensure_demo(connection)
        site = await site_by_key(connection, "demo")
    assert site is not None
    found = visitors.mint("secret", site.id, site.key, utc_now())
    await database.unit(lambda c: receive(c, found, client_id=uuid4(), text="hello", now=utc_now()))
    return found


@pytest.fixture
async def dana(database: Database) -> Actor:
    invited = await StaffService(database, Passwords()).invite("dana@example.com", "Dana", "agent")
    return Actor(invited.staff_id, "Dana")


async def _content(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def kept(folder: UploadFolder, mark: bytes) -> Stored:
    return await folder.store(_content(b"%PDF-1.7\n" + mark))


async def sent(database: Database, folder: UploadFolder, sender: Sender, mark: bytes) -> UUID:
    stored = await kept(folder, mark)
    upload = await database.unit(lambda c: records.record(c, sender, "a.pdf", stored, folder, PER_DAY))
    return upload.id


async def age(database: Database, by: str) -> None:
    """As if everything had been sent earlier."""
    async with database.transaction() as connection:
        await connection.execute(sa.update(Upload).values(created_at=Upload.created_at - sa.text(f"interval '{by}'")))


async def rows(database: Database) -> set[UUID]:
    async with database.transaction() as connection:
        return set(await connection.scalars(sa.select(Upload.id)))


def contents(folder: UploadFolder) -> int:
    return sum(path.is_file() for path in folder.path("00").parents[1].rglob("*"))


class TestSwept:
    async def test_what_nobody_used_goes_after_a_day_and_once(
        self, database: Database, clockwork: Clockwork, folder: UploadFolder, visitor: Visitor, dana: Actor
    ) -> None:
        for mark in (b"one", b"two"):
            await sent(database, folder, Sender(conversation=visitor.conversation), mark)
        await sent(database, folder, Sender(staff=dana.id), b"three")
        await age(database, "23 hours 59 minutes")
        await clockwork.tidy()
        assert len(await rows(database)) == 3 and contents(folder) == 3, "not before its time"
        await age(database, "1 minute")
        await asyncio.gather(*(clockwork.tidy() for _ in range(3)))
        assert await rows(database) == set() and contents(folder) == 0
        await clockwork.tidy()

    async def test_never_what_is_in_a_message_or_a_note(
        self, database: Database, clockwork: Clockwork, folder: UploadFolder, visitor: Visitor, dana: Actor
    ) -> None:
        mine = await sent(database, folder, Sender(conversation=visitor.conversation), b"mine")
        await database.unit(lambda c: receive(c, visitor, client_id=uuid4(), text="", now=utc_now(), attachments=(mine,)))
        moved = await database.unit(lambda c: ownership.take(c, visitor.conversation, dana))
        reply, note = [await sent(database, folder, Sender(staff=dana.id), mark) for mark in (b"reply", b"note")]
        say = {"client_id": uuid4(), "text": "", "epoch": moved.epoch, "attachments": (reply,)}
        await database.unit(lambda c: staffing.say(c, visitor.conversation, dana.id, dana.name, **say))
        write = {"client_id": uuid4(), "text": "", "attachments": (note,)}
        await database.unit(lambda c: staffing.note(c, visitor.conversation, dana.id, dana.name, **write))
        lost = await sent(database, folder, Sender(staff=dana.id), b"lost")
        await age(database, "400 days")
        await clockwork.tidy()
        assert await rows(database) == {mine, reply, note}, f"only {lost} was nobody's"
        assert contents(folder) == 3

    async def test_the_content_stays_while_any_row_names_it(
        self, database: Database, clockwork: Clockwork, folder: UploadFolder, visitor: Visitor
    ) -> None:
        sender = Sender(conversation=visitor.conversation)
        used, _ = await sent(database, folder, sender, b"same"), await sent(database, folder, sender, b"same")
        await database.unit(lambda c: receive(c, visitor, client_id=uuid4(), text="", now=utc_now(), attachments=(used,)))
        await age(database, "2 days")
        await clockwork.tidy()
        assert await rows(database) == {used} and contents(folder) == 1

    async def test_more_than_one_batch(self, database: Database, clockwork: Clockwork, folder: UploadFolder, dana: Actor) -> None:
        for number in range(55):
            await sent(database, folder, Sender(staff=dana.id), b"same" if number % 2 else str(number).encode())
        await age(database, "2 days")
        await clockwork.tidy()
        assert await rows(database) == set() and contents(folder) == 0

    async def test_a_sweep_that_died_is_ended_by_the_next(
        self, database: Database, clockwork: Clockwork, folder: UploadFolder, dana: Actor
    ) -> None:
        """The bytes are gone, the row is not: it may not be used, and goes with the next sweep."""
        stored = await kept(folder, b"gone")
        upload = await sent(database, folder, Sender(staff=dana.id), b"gone")
        await age(database, "2 days")
        await folder.remove(stored.sha256)
        with pytest.raises(NotFound):
            await database.unit(lambda c: records.claim(c, Sender(staff=dana.id), (upload,)))
        await clockwork.tidy()
        assert await rows(database) == set()

    async def test_what_is_over_may_not_be_used(self, database: Database, folder: UploadFolder, visitor: Visitor) -> None:
        upload = await sent(database, folder, Sender(conversation=visitor.conversation), b"late")
        await age(database, "1 day")
        with pytest.raises(NotFound, match="add it again"):
            await database.unit(lambda c: receive(c, visitor, client_id=uuid4(), text="", now=utc_now(), attachments=(upload,)))

    async def test_the_same_content_sent_again_while_it_is_swept(self, database: Database, folder: UploadFolder, dana: Actor) -> None:
        """Its bytes were taken away between their arrival and their row: whoever sends is told to send again, no row lies."""
        stored = await kept(folder, b"raced")
        await folder.remove(stored.sha256)
        with pytest.raises(Unavailable):
            await database.unit(lambda c: records.record(c, Sender(staff=dana.id), "a.pdf", stored, folder, PER_DAY))
        assert await rows(database) == set()


async def test_halves_that_a_dead_process_left(clockwork: Clockwork, folder: UploadFolder, tmp_path: Path) -> None:
    await clockwork.tidy()  # no folder yet
    await kept(folder, b"whole")
    old, new = (tmp_path / "uploads" / f"{folders.COMING}{name}" for name in ("old", "new"))
    for path in (old, new):
        path.write_bytes(b"%PDF-")
    past = time.time() - folders.UNFINISHED_SECONDS - 60
    os.utime(old, (past, past))
    await clockwork.tidy()
    assert not old.exists() and new.exists() and contents(folder) == 2
