"""The official JavaScript client of Socket.IO, as people will use it: talks, resumes at the other gateway, is taken over."""

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest

from tests.rig.fleet import ADMIN, PASSWORD
from tests.rig.history import check
from tests.rig.house import House
from tests.rig.truth import read_truth

SCRIPT = Path(__file__).parents[1] / "js" / "client.mjs"


@pytest.mark.parametrize("scenario", ["talk", "resume", "takeover"])
async def test_scenario(house: House, scenario: str) -> None:
    node = shutil.which("node")
    assert node is not None, "Node is needed; `make test` sets it up"
    house.plan("words-50+pace-30")
    first, second = house.gateways
    env = {**os.environ, "BASE": first.base, "OTHER": second.base, "EMAIL": ADMIN, "PASSWORD": PASSWORD}
    process = await asyncio.create_subprocess_exec(node, str(SCRIPT), scenario, env=env, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(60):
        output, _ = await process.communicate()
    outcome = json.loads(output.decode().splitlines()[-1])
    assert outcome["ok"], outcome["why"]
    truth = await read_truth(house.fleet.database_url, [outcome["conversation"]])
    assert len(truth) == 1 and check([], truth, house.provider.calls) == []
