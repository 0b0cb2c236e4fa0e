"""The circuit breaker on a clock of its own."""

from agents.ensemble.breaker import BackOff, Breaker
from agents.ensemble.errors import BadRequest, Cut, RateLimited, TimedOut, Unauthorized, Unavailable


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def breaker() -> tuple[Breaker, Time]:
    time = Time()
    return Breaker(BackOff(first_s=2.0, longest_s=10.0), time), time


class TestBreaker:
    async def test_opens_after_three_failures_and_lets_one_probe_through(self) -> None:
        it, time = breaker()
        for _ in range(3):
            assert await it.allows()
            it.failed(Unavailable())
        assert not await it.allows()
        time.now += 2.0
        assert await it.allows()
        assert not await it.allows()

    async def test_a_failed_probe_doubles_the_wait_up_to_the_longest(self) -> None:
        it, time = breaker()
        it.failed(Unauthorized())
        for wait in (2.0, 4.0, 8.0, 10.0, 10.0):
            time.now += wait - 0.01
            assert not await it.allows()
            time.now += 0.01
            assert await it.allows()
            it.failed(Unauthorized())

    async def test_a_whole_answer_forgets_everything(self) -> None:
        it, _ = breaker()
        it.failed(TimedOut())
        it.succeeded()
        it.failed(TimedOut())
        assert await it.allows()

    async def test_cuts_add_up_until_an_answer_is_whole(self) -> None:
        it, _ = breaker()
        for _ in range(5):
            it.answered()
            it.failed(Cut())
        assert await it.allows()
        it.answered()
        it.failed(Cut())
        assert not await it.allows()

    async def test_a_bad_request_says_nothing_of_the_provider(self) -> None:
        it, _ = breaker()
        for _ in range(20):
            it.failed(BadRequest())
        assert await it.allows()

    async def test_waits_as_long_as_the_provider_asked(self) -> None:
        it, time = breaker()
        it.failed(RateLimited(retry_after_s=7.0))
        time.now += 6.9
        assert not await it.allows()
        time.now += 0.1
        assert await it.allows()

    async def test_a_probe_that_was_cancelled_frees_its_place(self) -> None:
        it, time = breaker()
        it.failed(Unauthorized())
        time.now += 2.0
        assert await it.allows()
        it.released()
        assert await it.allows()

    async def test_calls_that_were_on_the_way_when_it_opened_make_nobody_wait_longer(self) -> None:
        it, time = breaker()
        for _ in range(10):
            it.failed(Unavailable())
        assert it.openings == 1 and it.open_for_s == 2.0
        time.now += 2.0
        assert await it.allows()
        it.failed(Unavailable())
        it.failed(Unavailable())
        assert it.openings == 2 and it.open_for_s == 4.0
