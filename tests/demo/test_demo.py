"""`hibachi demo` as it is: one command, a busy inbox in every group, and afterwards no process and no folder."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from gateway.supervisor.places import Addresses, Places
from tests.platform.up import ROOT, nothing_left, on_folder, started

DEMO = (sys.executable, "-P", "-m", "gateway.cli", "demo")
WITHIN_S = 90.0
# The inbox's groups, as the console makes them, and what else a newcomer is to see.
SEEN = {
    "needs a person": "SELECT 1 FROM ai.chat_session WHERE owner = 'queue' AND state = 'open'",
    "mine": "SELECT 1 FROM ai.chat_session s JOIN core.staff m ON m.id = s.assignee_id WHERE s.owner = 'human' AND m.role = 'owner'",
    "ai is answering": "SELECT 1 FROM ai.chat_session WHERE owner = 'ai' AND waiting_since IS NOT NULL",
    "quiet": "SELECT 1 FROM ai.chat_session s JOIN core.staff m ON m.id = s.owner_staff_id WHERE m.role = 'agent' AND s.assignee_id = m.id",
    "the provider, over LiteLLM": "SELECT 1 FROM ai.usage WHERE model = 'demo' AND provider = 'openai' AND outcome = 'complete'",
    "spanish": "SELECT 1 FROM ai.chat_session WHERE locale = 'es'",
    "a customer's own words to a person": """
        SELECT 1 FROM ai.chat_message a JOIN ai.chat_message b USING (conversation_id)
        WHERE a.author_kind = 'human' AND b.author_kind = 'customer' AND b.seq > a.seq""",
    "six named customers": "SELECT 1 FROM core.customer WHERE name IS NOT NULL HAVING count(*) = 6",
}


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """-P leaves the current folder out of the path; an environment that `make` set up has the checkout on it anyway."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    yield


def demo_folder(parent: Path) -> Path:
    (folder,) = parent.glob("hibachi-demo-*")
    return folder


async def all_seen(folder: Path) -> None:
    """Look until everything was there at some time."""
    addresses = Addresses.read(Places(folder))
    assert addresses is not None
    missing = dict(SEEN)
    connection = await asyncpg.connect(addresses.database_url)
    try:
        async with asyncio.timeout(WITHIN_S):
            while missing:
                for name, query in list(missing.items()):
                    if await connection.fetchval(f"SELECT EXISTS ({query})"):
                        del missing[name]
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"never seen: {', '.join(missing)}") from None
    finally:
        await connection.close()


class TestDemo:
    @pytest.mark.timeout(240)
    async def test_a_busy_inbox_until_ctrl_c_and_then_nothing(self, tmp_path: Path) -> None:
        elsewhere = tmp_path / "an install of this machine"
        busy = (*DEMO, "--conversations", "6", "--minutes", "10", "--tempo", "8")
        # DATABASE_URL of somebody's own install: a demo that wrote there could not connect at all.
        async with started(busy, elsewhere, TMPDIR=str(tmp_path), DATABASE_URL="postgresql://nobody@127.0.0.1:1/real") as demo:
            folder = demo_folder(tmp_path)
            assert demo.said("/console#sign-in=")
            await all_seen(folder)
            assert await demo.end() == 0, "\n".join(demo.lines)
            assert demo.said("6 conversations: ") and demo.said("a person took over")
        nothing_left(demo, folder)
        assert not elsewhere.exists()

    @pytest.mark.slow
    @pytest.mark.timeout(180)
    async def test_stops_by_itself_and_keeps_its_folder_where_asked(self, tmp_path: Path) -> None:
        short = (*DEMO, "--conversations", "1", "--minutes", "0.1", "--keep")
        async with started(short, tmp_path / "elsewhere", TMPDIR=str(tmp_path)) as demo:
            folder = demo_folder(tmp_path)
            assert await demo.over() == 0, "\n".join(demo.lines)
        assert demo.said("the 0.1 minutes are over") and demo.said(f"kept {folder}")
        assert (folder / "postgres" / "PG_VERSION").exists() and not on_folder(folder)
