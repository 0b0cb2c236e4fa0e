"""Fixtures of the browser tests: one Chromium and one install per pytest worker while it runs them, people of each test's own."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser

from business.profile.loader import SHIPPED as PROFILE
from gateway.simulator.server import RingCentralServer
from tests.browser.chromium import chromium
from tests.browser.place import Place
from tests.conftest import made_database
from tests.rig.fleet import Fleet, ModelPlan
from tests.rig.postgres import PostgresServer
from tests.rig.provider import ScriptedProvider
from tests.rig.redis import RedisServer
from tests.rig.ringcentral import serving, settings_of

MODEL = "plain"
# The house types as fast as somebody reads. Where nobody cuts it off, tests need not read along.
BRISK = {"HIBACHI_ENSEMBLE__HOUSE_TOKENS_PER_SECOND": "400"}


@pytest.fixture(scope="package")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as found:
        yield found


@pytest.fixture(scope="package")
async def browser_provider() -> AsyncIterator[ScriptedProvider]:
    async with ScriptedProvider() as provider:
        yield provider


@pytest.fixture(scope="package")
def browser_database(postgres: PostgresServer, template: str) -> Iterator[str]:
    yield from made_database(postgres, template)


@pytest.fixture(scope="package")
async def install(
    browser_provider: ScriptedProvider, browser_database: str, shared_redis: RedisServer, browser: Browser
) -> AsyncIterator[Place]:
    """Gateway and worker, with the scripted provider as first model. Conversations of other tests stand in its inbox."""
    models = [ModelPlan("teacher", browser_provider.base_url, script=MODEL, first_token_s=15.0, idle_chunk_s=10.0)]
    # Two more that nobody asks, until somebody says so in the console.
    models += [ModelPlan(name, browser_provider.base_url, script=MODEL) for name in ("spare", "critic")]
    # Devices of staff may be woken through a push service on loopback; receivers of webhooks stand there too.
    settings = {"HIBACHI_PUSH__SERVICES": '["127.0.0.1"]', "HIBACHI_WEBHOOKS__PRIVATE_NETWORKS": '["127.0.0.0/8"]'}
    settings["HIBACHI_ENSEMBLE__ANSWER"] = '["teacher", "house"]'
    async with Fleet(browser_database, shared_redis.url, models=models, settings=settings) as fleet:
        (gateway,), _ = await asyncio.gather(fleet.gateways(1), fleet.worker())
        yield Place(browser, fleet, gateway, browser_provider, MODEL)


@pytest.fixture
async def place(install: Place) -> AsyncIterator[Place]:
    """The install, for one test. Afterwards: no page had a fault, and nothing was asked of anybody else."""
    async with install.visited():
        yield install


@pytest.fixture(scope="package")
def house_database(postgres: PostgresServer, template: str) -> Iterator[str]:
    yield from made_database(postgres, template)


@pytest.fixture(scope="package")
async def house_install(house_database: str, redis_of_house: RedisServer, browser: Browser) -> AsyncIterator[Place]:
    """An install without any model: the house answers."""
    async with Fleet(house_database, redis_of_house.url, settings=BRISK) as fleet:
        (gateway,) = await fleet.gateways(1)
        yield Place(browser, fleet, gateway, None, "")


@pytest.fixture(scope="package")
def texts_database(postgres: PostgresServer, template: str) -> Iterator[str]:
    yield from made_database(postgres, template)


@pytest.fixture(scope="package")
async def texts_install(
    texts_database: str,
    redis_of_texts: RedisServer,
    browser: Browser,
    browser_provider: ScriptedProvider,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[Place, RingCentralServer]]:
    """An install whose texts a simulated RingCentral carries. It may write first at any hour, so that tests do."""
    profile = tmp_path_factory.mktemp("profile") / "profile.toml"
    hours = "from_time = 08:00:00\nto_time = 21:00:00"
    text = PROFILE.read_text(encoding="utf-8")
    assert hours in text
    profile.write_text(text.replace(hours, "from_time = 00:00:00\nto_time = 23:59:00"), encoding="utf-8")
    async with serving() as phones:
        settings = settings_of(phones, HIBACHI_BUSINESS__PROFILE=str(profile), HIBACHI_SMS__POLL_SECONDS="5", HIBACHI_SMS__PER_MINUTE="600")
        models = [ModelPlan("teacher", browser_provider.base_url, script=MODEL, first_token_s=15.0, idle_chunk_s=10.0)]
        async with Fleet(texts_database, redis_of_texts.url, models=models, settings=settings) as fleet:
            (gateway,) = await fleet.gateways(1)
            await fleet.worker(HIBACHI_SMS__CALLBACK=gateway.base)
            yield Place(browser, fleet, gateway, browser_provider, MODEL), phones


@pytest.fixture(scope="package")
def redis_of_texts() -> Iterator[RedisServer]:
    yield from _redis()


@pytest.fixture
async def texted(texts_install: tuple[Place, RingCentralServer]) -> AsyncIterator[tuple[Place, RingCentralServer]]:
    """That install and its phones, for one test."""
    place, phones = texts_install
    async with place.visited():
        yield place, phones


@pytest.fixture(scope="package")
def redis_of_house() -> Iterator[RedisServer]:
    yield from _redis()


def _redis() -> Iterator[RedisServer]:
    """Two installs never share one."""
    server = RedisServer()
    try:
        server.start()
        yield server
    finally:
        server.destroy()


@pytest.fixture
async def house(house_install: Place) -> AsyncIterator[Place]:
    async with house_install.visited():
        yield house_install
