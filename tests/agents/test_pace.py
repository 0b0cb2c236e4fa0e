"""How long a hedge waits, by what the first model usually takes."""

import random

import pytest

from agents.ensemble.pace import ENOUGH, USUALLY_S, Pace


def raced(pace: Pace, calls: int, slow_every: int) -> list[float]:
    """So many calls of a hedge whose first model takes 80 to 200 ms, but each so manieth three seconds; what each would have waited."""
    chance, waited = random.Random(1), []
    for number in range(1, calls + 1):
        waited.append(pace.usually_s)
        takes, second = 3.0 if number % slow_every == 0 else chance.uniform(0.08, 0.2), chance.uniform(0.08, 0.2)
        pace.add(takes if takes <= waited[-1] else min(takes, waited[-1] + second))
    return waited


class TestUsually:
    def test_is_a_guess_before_enough_is_known(self) -> None:
        assert set(raced(Pace(), ENOUGH, 1_000)) == {USUALLY_S}

    def test_is_the_p95_of_a_model_that_is_well(self) -> None:
        pace = Pace()
        raced(pace, 300, 1_000)
        assert pace.usually_s == pace.p95_s == pytest.approx(0.195, abs=0.01)

    @pytest.mark.parametrize("slow_every", [20, 10, 4])
    def test_does_not_grow_with_the_races_that_are_lost(self, slow_every: int) -> None:
        waited = raced(Pace(), 6_000, slow_every)
        assert max(waited[100:]) < 0.6
