"""An SMTP server, an install that writes, and the webhook that mail comes in by."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from business.conversations.log import Announcement
from business.links.signing import Links
from business.profile.loader import load_profile
from business.profile.schemas import Profile
from business.uploads.folder import UploadFolder
from gateway.http.email_hooks import EmailHooks
from kernel.database import Database
from tests.emails.mailbox import KEY, Mailbox
from tests.emails.office import BASE, NOW, REPLIES, SENDER, Office
from tests.rig.smtp import SmtpServer


@pytest.fixture(scope="session")
def profile() -> Profile:
    return load_profile()


@pytest.fixture
async def smtp() -> AsyncIterator[SmtpServer]:
    server = await SmtpServer().start()
    yield server
    await server.stop()


@pytest.fixture
async def office(database: Database, profile: Profile, smtp: SmtpServer) -> Office:
    return Office(database, profile, smtp, Links(lambda: BASE, "secret"))


@pytest.fixture
async def box(office: Office, tmp_path: Path) -> AsyncIterator[Mailbox]:
    told: list[Announcement] = []

    async def announce(announcement: Announcement) -> None:
        told.append(announcement)

    folder, own = UploadFolder(tmp_path / "uploads"), (SENDER, REPLIES)
    hooks = EmailHooks(office.database, lambda: office.profile, office.links, folder, KEY, own, 20, announce, lambda: NOW)
    transport = httpx.ASGITransport(Starlette(routes=hooks.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://hooks") as client:
        mailbox = Mailbox(office, client, told)
        await mailbox.begin()
        yield mailbox
