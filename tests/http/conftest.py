"""The admin routes on a Starlette application, asked over ASGI by a client that keeps cookies as a browser does."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette

from agents.container import Agents, build_agents
from agents.registry import WITH_A_WAY
from business.channels.proving import Codes
from business.conversations.turns import CutOutcome
from business.handoffs.ownership import Moved
from business.links.signing import Links
from business.profile.loader import load_profile
from business.staff.passwords import Passwords
from business.staff.service import Invited, StaffService
from gateway.http.admin import AdminHttp, routes
from gateway.http.bearer import Bearer
from gateway.http.citations import Sayable
from gateway.http.ensemble import ModelRoom
from gateway.http.knowledge import Corpus
from gateway.socket.buckets import MessageBuckets
from kernel.bus import Bus, connect
from kernel.database import Database
from kernel.metering import DatabaseUsageSink
from kernel.outside.addresses import Outside
from kernel.policies import LivePolicy
from kernel.settings import ModelSettings, Policy, Settings
from kernel.settings.schema import KnowledgeSettings, SmsSettings
from knowledge.corpus.embedder import build_embedder
from knowledge.corpus.search import CorpusSearch
from knowledge.embedding.encoder import Encoder
from tests.staff.conftest import ManualClock

OWN = "http://127.0.0.1:8000"
KNOWLEDGE = KnowledgeSettings(document_megabytes=1)
MODELS = ("teacher", "spare", "never-asked")
NewBrowser = Callable[..., httpx.AsyncClient]


@pytest.fixture
def clock() -> ManualClock:
    """The service's clock."""
    return ManualClock()


@pytest.fixture
def staff(database: Database, clock: ManualClock) -> StaffService:
    """The service behind the routes."""
    return StaffService(database, Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)), clock)


@pytest.fixture
async def dana(staff: StaffService) -> Invited:
    """An account that has a one-time password still."""
    return await staff.invite("dana@example.com", "Dana", "agent")


@pytest.fixture
async def agents(database: Database, tmp_path: Path) -> AsyncIterator[Agents]:
    """What answers staff, without any model."""
    settings = Settings(data=tmp_path, config_path=tmp_path / "hibachi.toml")
    usage = DatabaseUsageSink(database)
    built = build_agents(settings, load_profile(), usage, database, environment={})
    yield built
    await built.close()
    await usage.close()


@pytest.fixture
async def new_browser(database: Database, staff: StaffService, redis_url: str, agents: Agents) -> AsyncIterator[NewBrowser]:
    """Makes clients, each with cookies of its own. `public`: the origin of the install; `address`: the caller's; `burst`: requests
    that a token may make at once; `texts`: whether any is sent."""
    async with AsyncExitStack() as stack:
        bus = Bus(connect(redis_url))
        stack.push_async_callback(bus.close)
        opened: list[httpx.AsyncClient] = []
        encoder = Encoder()
        embedder = build_embedder(KNOWLEDGE, {}, encoder)
        search = CorpusSearch(database, embedder, KNOWLEDGE)
        corpus = Corpus(search, embedder, Sayable(load_profile), KNOWLEDGE)

        def make(
            *, public: str = OWN, address: str = "192.0.2.1", burst: int = 200, sms: SmsSettings | None = None, texts: bool = False
        ) -> httpx.AsyncClient:
            deps = AdminHttp(
                database=database,
                staff=staff,
                own_origins=lambda: frozenset({public}),
                secure_cookies=public.startswith("https:"),
                client_address=lambda request: request.client.host if request.client else "",
                model_room=model_room(database, agents),
                public_url=lambda: public,
                profile_saved=nobody_else,
                profile=load_profile,
                push_services=("push.example.com", "*.push.example.org"),
                bearer=Bearer(database, MessageBuckets(bus, burst, 1.0).take),
                outside=Outside(("127.0.0.0/8",)),
                announce=lambda told: bus.announce(told.conversation, told.seq, told.staff_seq),
                ask=agents.ask,
                drafts=agents.campaign_drafts,
                follow=follow,
                links=Links(lambda: public, "secret"),
                corpus=corpus,
                texting=sms or SmsSettings(),
                codes=Codes("secret", 10) if texts else None,
            )
            application = Starlette(routes=routes(deps))
            transport = httpx.ASGITransport(application, raise_app_exceptions=True, client=(address, 4711))
            client = httpx.AsyncClient(transport=transport, base_url=public)
            opened.append(client)
            stack.push_async_callback(client.aclose)
            return client

        yield make


@pytest.fixture
def browser(new_browser: NewBrowser) -> httpx.AsyncClient:
    """One of them, at 192.0.2.1."""
    return new_browser()


def model_room(database: Database, agents: Agents) -> ModelRoom:
    """Three models that nobody asks; the key of the second is missing."""
    keys = {"spare": "SPARE_KEY", "teacher": "TEACHER_KEY"}
    models = tuple(ModelSettings(name=name, litellm=f"openai/{name}", api_key_env=keys.get(name)) for name in MODELS)
    live = LivePolicy(database, Policy(), MODELS)
    return ModelRoom(live, models, WITH_A_WAY, agents.states, live.look, {"TEACHER_KEY": "k"})


async def follow(conversation: UUID, moved: Moved, cut: CutOutcome) -> None:
    """No reply runs here that would have to be cut."""


async def nobody_else() -> None:
    """No other gateway is there to be told."""


async def entered(browser: httpx.AsyncClient, staff: StaffService, account: Invited) -> dict[str, str]:
    """Sign in by a fresh link; returns the header that everything that changes something needs."""
    link = await staff.reset(account.email)
    response = await browser.post("/api/admin/sign-in", json={"token": link.sign_in_token})
    assert response.status_code == 200, response.text
    return {"X-CSRF-Token": response.json()["csrf"]}
