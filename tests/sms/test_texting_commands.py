"""What doctor and `hibachi sms` say of the channel, at a simulator: what is missing, which number sends, whether texts are told of."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typer.testing import CliRunner

from business.channels import overview, subscriptions
from business.channels.configured import text_provider, webhook_address
from business.channels.provider import TextProvider
from gateway.cli import texting
from gateway.cli.sms import app
from gateway.simulator.records import HIGH_VOLUME, NUMBER, STANDARD
from gateway.simulator.server import RingCentralServer
from kernel.clock import utc_now
from kernel.database import Database
from kernel.settings import Settings, load_settings
from tests.rig.ringcentral import LOS_ANGELES, serving, settings_of
from tests.sms.adapters import listening

BULK, MUTE = "+15105557100", "+15105557200"


@pytest.fixture
async def server() -> AsyncIterator[RingCentralServer]:
    async with serving(numbers={NUMBER: STANDARD, BULK: HIGH_VOLUME, MUTE: ("CallerId",)}) as server:
        yield server


@pytest.fixture
async def origin() -> AsyncIterator[str]:
    async with listening() as origin:
        yield origin


def settings(env: dict[str, str], folder: Path) -> Settings:
    return load_settings({"HIBACHI_DATA": str(folder), "HIBACHI_CONFIG": str(folder / "hibachi.toml"), **env})


@dataclass
class Given:
    """Settings, and providers made by them."""

    env: dict[str, str]
    folder: Path
    opened: list[TextProvider] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return settings(self.env, self.folder)

    @property
    def provider(self) -> TextProvider:
        made = text_provider(self.settings.sms, self.env, pauses=())
        assert made is not None
        self.opened.append(made)
        return made


async def said(env: dict[str, str], folder: Path, url: str | None = None) -> list[tuple[str, str]]:
    return [(one.level, one.text) for one in await texting.findings(settings(env, folder), env, url)]


@pytest.fixture
async def given(server: RingCentralServer, tmp_path: Path) -> AsyncIterator[Given]:
    """At no address that the world could reach, unless a test says one."""
    made = Given(settings_of(server), tmp_path)
    yield made
    for one in made.opened:
        await one.close()


class TestDoctor:
    async def test_without_a_provider_says_so(self, tmp_path: Path) -> None:
        ((level, text),) = await said({}, tmp_path)
        assert level == "note" and "none is sent" in text

    async def test_names_what_is_missing(self, server: RingCentralServer, tmp_path: Path) -> None:
        env = settings_of(server)
        del env["RINGCENTRAL_JWT"]
        ((level, text),) = await said(env, tmp_path)
        assert level == "fault" and "RINGCENTRAL_JWT" in text and not server.calls

    async def test_says_which_number_sends(self, server: RingCentralServer, tmp_path: Path) -> None:
        assert await said(settings_of(server), tmp_path) == [("ok", f"ringcentral: sent from {NUMBER}")]

    async def test_says_what_to_do_about_a_number_that_cannot(self, server: RingCentralServer, tmp_path: Path) -> None:
        ((level, text),) = await said(settings_of(server, HIBACHI_SMS__NUMBER=MUTE), tmp_path)
        assert level == "fault" and "turn SMS on for it" in text

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [({"RINGCENTRAL_JWT": "stolen"}, "The JWT is not taken"), ({"RINGCENTRAL_CLIENT_SECRET": "x"}, "do not belong together")],
    )
    async def test_tells_wrong_credentials_apart(
        self, server: RingCentralServer, tmp_path: Path, wrong: dict[str, str], words: str
    ) -> None:
        ((level, text),) = await said(settings_of(server, **wrong), tmp_path)
        assert level == "fault" and words in text and "stolen" not in text

    async def test_says_whether_texts_are_told_of(
        self, given: Given, tmp_path: Path, database: Database, database_url: str, origin: str
    ) -> None:
        env = given.env
        seen = [(await said(env, tmp_path, database_url))[1]]
        await database.unit(lambda c: subscriptions.ensure(c, "ringcentral"))
        seen.append((await said(env, tmp_path, database_url))[1])
        env["HIBACHI_PUBLIC_URL"] = origin
        await texting.subscribe(database, given.settings, given.provider)
        seen.append((await said(env, tmp_path, database_url))[1])
        await database.unit(lambda c: subscriptions.change(c, "ringcentral", state="suspended", error="SUB-525"))
        seen.append((await said(env, tmp_path, database_url))[1])
        assert [level for level, _ in seen] == ["note", "fault", "ok", "fault"]
        assert "set public_url" in seen[1][1] and "last heard never" in seen[2][1] and "did not answer as it should" in seen[3][1]


class TestWebhook:
    async def test_is_made_anew_and_taken_away(self, server: RingCentralServer, given: Given, database: Database, origin: str) -> None:
        given.env["HIBACHI_PUBLIC_URL"], ringcentral = origin, given.provider
        first, second = [await texting.subscribe(database, given.settings, ringcentral) for _ in "ab"]
        assert list(server.account.subscriptions) == [second.id] != [first.id]
        async with database.transaction() as connection:
            row = await subscriptions.read(connection, "ringcentral")
        assert row is not None and (row.state, row.subscription_id) == ("active", second.id)
        assert row.address == webhook_address(given.settings.sms, origin, row.secret) == f"{origin}/webhooks/ringcentral/{row.secret}"
        assert next(iter(server.account.subscriptions.values())).token == row.token
        assert [await texting.unsubscribe(database, ringcentral) for _ in "ab"] == [True, False]
        assert not server.account.subscriptions

    async def test_without_an_address_is_none(self, given: Given, database: Database) -> None:
        with pytest.raises(texting.NoProvider, match="public_url"):
            await texting.subscribe(database, given.settings, given.provider)

    async def test_its_secrets_are_in_nothing_that_is_said(
        self, server: RingCentralServer, given: Given, database: Database, origin: str
    ) -> None:
        given.env["HIBACHI_PUBLIC_URL"] = origin
        await texting.subscribe(database, given.settings, given.provider)
        server.say(LOS_ANGELES, "a secret wish")
        async with database.transaction() as connection:
            row = await subscriptions.read(connection, "ringcentral")
            told = "\n".join(
                texting.told(await overview.subscription(connection, "ringcentral"), await overview.flow(connection, utc_now()))
            )
        assert row is not None and "webhook active" in told and "came in      0 in 24 h" in told
        assert not [secret for secret in (row.secret, row.token, "wish", given.env["RINGCENTRAL_JWT"]) if secret in told]


class TestCommands:
    async def test_numbers_are_a_table(self, given: Given) -> None:
        assert texting.table(await given.provider.numbers()) == [
            f"{NUMBER}     texts, pictures",
            f"{BULK}     high volume",
            f"{MUTE}     cannot send",
        ]

    @pytest.mark.parametrize("command", ["numbers", "subscribe", "unsubscribe"])
    def test_say_what_is_missing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, command: str) -> None:
        monkeypatch.setenv("HIBACHI_DATA", str(tmp_path))
        monkeypatch.setenv("HIBACHI_CONFIG", str(tmp_path / "hibachi.toml"))
        monkeypatch.setenv("DATABASE_URL", database_url)
        for name in ("CLIENT_ID", "CLIENT_SECRET_ENV", "JWT_ENV"):
            monkeypatch.setenv(f"HIBACHI_SMS__{name}", f"OUR_{name}")
        for provider, words in (("none", "docs/ringcentral.md"), ("ringcentral", "Missing: OUR_CLIENT_SECRET_ENV, OUR_JWT_ENV")):
            monkeypatch.setenv("HIBACHI_SMS__PROVIDER", provider)
            done = CliRunner().invoke(app, [command])
            assert done.exit_code == 1 and words in done.output

    def test_status_is_said_without_a_provider(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
        monkeypatch.setenv("HIBACHI_DATA", str(tmp_path))
        monkeypatch.setenv("HIBACHI_CONFIG", str(tmp_path / "hibachi.toml"))
        monkeypatch.setenv("DATABASE_URL", database_url)
        done = CliRunner().invoke(app, ["status"])
        assert done.exit_code == 0 and "no webhook yet" in done.output and "nothing in 24 h" in done.output
