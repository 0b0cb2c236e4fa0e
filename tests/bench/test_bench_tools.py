"""The bench's own instruments: a wrong ruler measures everything wrongly."""

import math
import sys
from xml.etree import ElementTree

import pytest

from tests.bench import conversations
from tests.bench.chainlit import environment
from tests.bench.figures import Figure, Goal, percentile
from tests.bench.frames import Frames
from tests.bench.neighbours import NEIGHBOURS
from tests.bench.plots import HEIGHT, WIDTH, Plot, drawn
from tests.bench.provider import Manner
from tests.bench.stamps import LENGTH, WRAP, Tally, decode, encode, now_us


class TestStamps:
    @pytest.mark.parametrize("at", [0, 1, 25, 26, 1_234_567_890, WRAP - 1])
    def test_what_was_written_is_read(self, at: int) -> None:
        stamp = encode(at)
        assert len(stamp) == LENGTH and stamp.isalpha() and stamp.islower()
        assert decode(stamp.encode()) == at

    def test_wraps(self) -> None:
        assert encode(WRAP + 5) == encode(5)

    def test_lateness_across_the_wrap(self) -> None:
        tally = Tally()
        tally.begin()
        tally.take(encode(WRAP - 1_000).encode() + b" ", WRAP + 2_000)
        assert tally.close() == [3.0]

    def test_a_tally_counts_only_while_open_and_only_stamps(self) -> None:
        tally = Tally()
        now = now_us()
        tally.take(encode(now).encode(), now)
        tally.begin()
        tally.take(f"{encode(now)} of {encode(now)} ".encode(), now + 40_000)
        assert tally.close() == [40.0, 40.0]
        tally.take(encode(now).encode(), now)
        assert tally.close() == []


class TestFigures:
    def test_percentile_is_the_nearest_rank(self) -> None:
        values = [float(n) for n in range(100, 0, -1)]
        assert percentile(values, 0.5) == 50
        assert percentile(values, 0.99) == 99
        assert percentile(values, 1.0) == 100
        assert percentile([7.0], 0.99) == 7
        assert math.isnan(percentile([], 0.5))
        with pytest.raises(ValueError, match="share"):
            percentile(values, 99)

    def test_verdicts(self) -> None:
        assert Figure("x", 44.9, "KB", Goal(45)).verdict == "pass"
        assert Figure("x", 45.1, "KB", Goal(45)).verdict == "FAIL"
        assert Figure("x", 30, "", Goal(30, at_most=False)).verdict == "pass"
        assert Figure("x", math.nan, "", Goal(30, at_most=False)).verdict == "FAIL"
        assert Figure("x", math.nan, "").shown == "not measured"
        assert Figure("x", 1.0, "").verdict == ""

    def test_frames_say_how_many_were_late(self) -> None:
        figure = Frames(times=[16.7] * 98 + [60.0, 120.0], long_tasks=[55.0, 110.0]).figure("scrolled")
        assert (figure.value, figure.verdict) == (60.0, "")
        assert "worst 120 ms of 100 frames; 2 over 50 ms; 2 long tasks, 165 ms in all, the longest 110 ms" in figure.note


class TestNeighbours:
    def test_what_stopped_its_installation_is_told_in_a_line(self) -> None:
        script = "import sys; print('Looking'); sys.exit('WARNING: old\\nERROR: no matching distribution')"
        with pytest.raises(environment.NotInstalled, match=r"^ERROR: no matching distribution$"):
            environment.run([sys.executable, "-c", script])

    def test_one_that_is_not_installed_fails_nothing(self) -> None:
        held, ratio = conversations._compared(40, NEIGHBOURS[-1], "not installed: no index", judged=True)
        assert held.shown == ratio.shown == "not measured" and held.verdict == ratio.verdict == "" and "no index" in held.note

    def test_a_ratio_is_judged_by_its_own_goal(self) -> None:
        step = conversations.Step(5, True, 1.0, 2.0, 1.0, 0.1, 0.0, 600, 1.0, 1.0)
        verdicts = {one.name: conversations._compared(40, one, [step], judged=True)[1].verdict for one in NEIGHBOURS}
        assert verdicts == {"naive LiteLLM gateway": "FAIL", "naive gateway on OpenAI's SDK": "", "Chainlit": "pass"}


class TestPlots:
    def test_every_line_is_named_and_stays_inside(self) -> None:
        plot = Plot("A & B", "conversations", "ms", {"ours": [(10, 40.0), (200, 90.0)], "theirs <1>": [(2, 5000.0)], "none": []}, log=True)
        root = ElementTree.fromstring(drawn(plot))  # noqa: S314 - our own
        said = {one.text for one in root.iter("{http://www.w3.org/2000/svg}text")}
        assert {"A & B", "ours", "theirs <1>", "conversations", "ms"} <= said and "none" not in said
        points = [one.get("points", "") for one in root.iter("{http://www.w3.org/2000/svg}polyline")]
        places = [tuple(map(float, place.split(","))) for line in points for place in line.split()]
        assert len(places) == 3 and all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places)

    def test_nothing_measured_is_an_empty_drawing(self) -> None:
        assert ElementTree.fromstring(drawn(Plot("Nothing", "x", "y", {}))).tag.endswith("svg")  # noqa: S314 - our own


class TestManner:
    def test_the_same_calls_are_slow_in_every_run(self) -> None:
        first, again = ([one.wait() for _ in range(40)] for one in (Manner(0.08, 0.2, 20, 3.0), Manner(0.08, 0.2, 20, 3.0)))
        assert first == again and [at for at, wait in enumerate(first, 1) if wait == 3.0] == [10, 30]
        assert all(0.08 <= wait <= 0.2 for wait in first if wait != 3.0)
