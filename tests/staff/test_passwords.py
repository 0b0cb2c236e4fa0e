"""Hashing: an account that does not exist costs the same work, and only a few are worked on at once."""

import asyncio
import threading
import time
from typing import Literal

from argon2 import PasswordHasher

from business.staff.passwords import Passwords


class CountingHasher(PasswordHasher):
    """A real one that says how often it verified, and how many were at it together."""

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified = self.at_it = self.most = 0
        self._seconds = seconds
        self._lock = threading.Lock()

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        with self._lock:
            self.verified += 1
            self.at_it += 1
            self.most = max(self.most, self.at_it)
        try:
            time.sleep(self._seconds)
            return super().verify(hash, password)
        finally:
            with self._lock:
                self.at_it -= 1


class TestPasswords:
    async def test_an_unknown_account_costs_a_verification_too(self) -> None:
        hasher = CountingHasher()
        passwords = Passwords(hasher)
        stored = await passwords.hash("right")
        assert await passwords.verify(stored, "right")
        assert not await passwords.verify(stored, "wrong")
        assert not await passwords.verify(None, "right")
        assert hasher.verified == 3

    async def test_few_at_once(self) -> None:
        hasher = CountingHasher(seconds=0.02)
        passwords = Passwords(hasher, at_once=2)
        stored = await passwords.hash("right")
        assert all(await asyncio.gather(*[passwords.verify(stored, "right") for _ in range(12)]))
        assert hasher.most == 2

    async def test_what_is_no_hash_matches_nothing(self) -> None:
        assert not await Passwords(CountingHasher()).verify("", "")

    async def test_weaker_hashes_are_known(self) -> None:
        stored = await Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)).hash("x")
        assert Passwords().outdated(stored)
        assert stored.startswith("$argon2id$")
