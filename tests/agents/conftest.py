"""Fixtures: one LiteLLM per session (its import takes seconds), a fresh scripted provider per test."""

from collections.abc import AsyncIterator

import pytest

from agents.ensemble.library import LiteLLMLibrary
from agents.ensemble.tokens import TokenCounter
from agents.ensemble.warm_up import warm_up
from agents.house.concierge import HouseModel
from business.profile.loader import load_profile
from business.profile.schemas import Profile
from tests.agents.building import Workshop, ask
from tests.rig.provider import ScriptedProvider


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Warnings are errors here too, but LiteLLM's own are its own affair: raised inside it they would be faults of a stream."""
    for item in items:
        if "agents" in item.path.parent.parts[-2:]:
            item.add_marker(pytest.mark.filterwarnings("ignore:::litellm"))


@pytest.fixture(scope="session")
def profile() -> Profile:
    return load_profile()


@pytest.fixture(scope="session")
def house() -> HouseModel:
    return HouseModel()


@pytest.fixture(scope="session")
async def library() -> LiteLLMLibrary:
    library = LiteLLMLibrary()
    await warm_up(library, ask("hello"))
    return library


@pytest.fixture(scope="session")
def counter() -> TokenCounter:
    return TokenCounter()


@pytest.fixture
async def provider() -> AsyncIterator[ScriptedProvider]:
    async with ScriptedProvider(words=12) as running:
        yield running


@pytest.fixture
def workshop(provider: ScriptedProvider, library: LiteLLMLibrary, counter: TokenCounter, house: HouseModel) -> Workshop:
    return Workshop(provider, library, counter, house)
