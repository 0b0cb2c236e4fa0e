"""What `hibachi doctor` says of e-mail, payments and backups: what is named and missing, what cannot be reached, and no secret."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.cli import outside
from kernel.backup.keeping import name_of
from kernel.clock import utc_now
from kernel.database import Database
from kernel.ids import new_id
from kernel.settings import Settings, load_settings
from kernel.tables.ops import Email
from tests.platform.test_doctor_parts import said_of
from tests.rig.smtp import SmtpServer

SECRET = "s3cret"
KEYS = '[payments]\nstripe_key_env = "CARD_KEY"\n'
HOOKS = KEYS + 'stripe_webhook_secret_envs = ["HOOK_A", "HOOK_B"]\n'


def mail(port: int, more: str = 'sender = "hello@hibachi.house"\n') -> str:
    return f'[email]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\n{more}'


class TestEmail:
    @pytest.mark.parametrize("env", [{}, {"SMTP_PASSWORD": ""}])
    async def test_a_password_that_is_named_and_absent(self, tmp_path: Path, env: dict[str, str]) -> None:
        found = await said_of("e-mail", tmp_path, mail(9, 'password_env = "SMTP_PASSWORD"\n'), **env)
        assert (found.level, found.text) == ("fault", "not in the environment: SMTP_PASSWORD")

    async def test_a_server_that_is_not_there(self, tmp_path: Path) -> None:
        listening = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        listening.close()
        await listening.wait_closed()
        found = await said_of("e-mail", tmp_path, mail(port))
        assert found.level == "fault" and f"127.0.0.1:{port} cannot be reached" in found.text

    async def test_none_is_no_fault(self, tmp_path: Path) -> None:
        found = await said_of("e-mail", tmp_path)
        assert found.level == "note" and "none is sent" in found.text

    async def test_a_sender_that_is_a_placeholder_keeps_every_mail(self, tmp_path: Path) -> None:
        server = await SmtpServer().start()
        found = await said_of("e-mail", tmp_path, mail(server.port, 'sender = "hello@example.com"\n'))
        assert found.level == "note" and "nothing is sent from hello@example.com" in found.text
        found = await said_of("e-mail", tmp_path, mail(server.port) + 'password_env = "SMTP_PASSWORD"\n', SMTP_PASSWORD=SECRET)
        await server.stop()
        assert found.level == "ok" and "answers" in found.text and SECRET not in found.text

    async def test_mails_that_placeholders_hold_are_counted(self, database: Database, database_url: str) -> None:
        assert await outside.held(None) == [] == await outside.held(database_url)
        row = {"kind": "welcome", "locale": "en", "subject": "Hi", "html": "Hi", "plain": "Hi", "attachments": [], "marketing": False}
        row |= {"state": "held", "error": "Placeholder"}
        async with database.transaction() as connection:
            for number in range(2):
                id, to = new_id(), f"{number}@example.com"
                values = {**row, "id": id, "key": str(id), "to_address": to, "message_id": f"<{id}@x>"}
                await connection.execute(sa.insert(Email).values(values))
        (found,) = await outside.held(database_url)
        assert found.level == "note" and found.text.startswith("2 e-mails") and "example.com" not in found.text


class TestPayments:
    @pytest.mark.parametrize(
        ("toml", "env", "level", "said"),
        [
            ("", {}, "note", "no cards"),
            (KEYS, {}, "fault", "CARD_KEY is not set"),
            (KEYS, {"CARD_KEY": ""}, "fault", "CARD_KEY is not set"),
            (KEYS, {"CARD_KEY": SECRET}, "fault", "no secret of Stripe's webhooks"),
            (HOOKS, {"CARD_KEY": SECRET, "HOOK_A": SECRET}, "fault", "not in the environment: HOOK_B"),
            (HOOKS, {"CARD_KEY": SECRET, "HOOK_A": SECRET, "HOOK_B": SECRET}, "ok", "offered: card"),
            ('[payments]\nvenmo = "@my-hibachi"\n', {}, "note", "offered: Venmo"),
        ],
    )
    async def test_says_what_is_missing_and_what_customers_are_offered(
        self, tmp_path: Path, toml: str, env: dict[str, str], level: str, said: str
    ) -> None:
        found = await said_of("payments", tmp_path, toml, **env)
        assert found.level == level and said in found.text and SECRET not in found.text
        assert ("offered: card" in found.text) is bool(env.get("CARD_KEY"))


class TestBackups:
    def settings(self, folder: Path, toml: str) -> Settings:
        (folder / "hibachi.toml").write_text(toml)
        return load_settings({"HIBACHI_DATA": str(folder)})

    @pytest.mark.parametrize(
        ("every", "hours_old", "level", "said"),
        [
            (0, None, "note", "none in "),
            (24, None, "note", "none in "),
            (24, 49, "fault", "2 days old; one is made every 24 hours: look at Jobs"),
            (24, 47, "ok", "the newest is 47 hours old"),
            (0, 8 * 24, "note", "8 days old; none is made by itself"),
            (0, 1, "ok", "60 minutes old"),
            (0, -3, "ok", "0 minutes old"),  # another machine's clock
        ],
    )
    def test_how_old_the_newest_is(self, tmp_path: Path, every: int, hours_old: int | None, level: str, said: str) -> None:
        now, folder = utc_now().replace(microsecond=0), tmp_path / "backups"
        folder.mkdir()
        (folder / "notes.zip").touch()
        if hours_old is not None:
            for age in (hours_old, hours_old + 100):
                (folder / name_of(now - timedelta(hours=age))).touch()
        found = outside.backups(self.settings(tmp_path, f"[backup]\nevery_hours = {every}\n"), {}, now)
        assert found.level == level and said in found.text

    def test_a_passphrase_that_is_named_and_absent(self, tmp_path: Path) -> None:
        found = outside.backups(self.settings(tmp_path, '[backup]\npassphrase_env = "SEAL"\n'), {"SEAL": ""}, utc_now())
        assert found.level == "fault" and "SEAL is not set" in found.text

    def test_a_folder_that_is_none(self, tmp_path: Path) -> None:
        (tmp_path / "backups").touch()
        found = outside.backups(self.settings(tmp_path, ""), {}, utc_now())
        assert found.level == "fault" and "cannot be read" in found.text
