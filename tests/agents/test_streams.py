"""Streams by the hundred leave nothing behind: no task, no socket, and exactly one usage row for every call.

`make prove` plays ten thousand, in processes of their own, and looks at the memory that they leave behind as well.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from agents.ensemble.library import LiteLLMLibrary
from tests.agents import soak
from tests.agents.soak import Seen
from tests.figures import told
from tests.rig.provider import SHAPES, ScriptedProvider
from tests.rig.redis import free_port

ROOT = Path(__file__).parents[2]
STREAMS = int(os.environ.get("PROVE_STREAMS", "10000"))
# KB for 1,000 streams after the first third of them: what allocators keep, not what streams do.
SLOPE_KB = 100.0


def _judged(seen: Seen, asked: Counter[str]) -> None:
    rows = dict(seen.rows)
    # Of a race the first has one row each time, whether its request was on the way when it lost, or not; the others where they began.
    for shape in SHAPES:
        first, *others = (soak.name(shape, script) for script in (soak.SLOW, soak.SECOND, soak.STUDENT))
        assert asked.pop(first, 0) <= rows.pop(first, 0) == seen.began.get(first, 0)
        assert all(asked.pop(other, 0) <= rows.pop(other, 0) for other in others)
    assert rows == asked, "usage rows by model, against the provider's calls"
    assert seen.outcomes.keys() == {"complete", "cancelled", "failed", "cut"}
    # What others of this process had left may go meanwhile.
    assert max(seen.left) <= 0, "tasks and files that are left"
    assert seen.alive == 0, "answers that somebody still holds"
    # Nothing but idle connections for the next call is kept: as many as were ever in use at once.
    assert seen.kept <= 3 * soak.AT_ONCE


class TestStreams:
    async def test_a_few_hundred_leave_nothing_behind(self, library: LiteLLMLibrary) -> None:
        async with ScriptedProvider() as provider:
            provider.follow(soak.TOOLS, soak.tools)
            seen = await soak.soak(300, provider.port, every=100)
            asked = Counter(soak.name(call.shape, call.model) for call in provider.calls)
        _judged(seen, asked)

    @pytest.mark.slow
    def test_ten_thousand_leave_no_memory_behind_either(self) -> None:
        port = free_port()
        command = [sys.executable, "-m", "tests.agents.soak"]
        with subprocess.Popen(
            [*command, "--provider", str(port)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as provider:
            assert provider.stdout is not None and provider.stdout.readline() == "ready\n"
            done = subprocess.run([*command, str(STREAMS), str(port)], cwd=ROOT, capture_output=True, text=True, check=False)
            counted, _ = provider.communicate()
        assert done.returncode == 0, done.stderr[-3000:]
        seen = Seen(**json.loads(done.stdout))
        first, last = (round(seen.memory[at][1] / 1024) for at in (len(seen.memory) // 3, -1))
        told(f"{seen.streams} streams, {sum(seen.rows.values())} calls and as many usage rows: {json.dumps(seen.outcomes)}")
        told(f"memory: {seen.slope():.0f} KB for 1,000 streams (limit {SLOPE_KB:.0f}), from {first} MB after the first third to {last}")
        told(f"left: {seen.left[0]} tasks, {seen.left[1]} files; {seen.kept} idle connections before closing")
        _judged(seen, Counter(json.loads(counted)))
        assert seen.slope() < SLOPE_KB
