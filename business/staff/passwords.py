"""Hashing: argon2id in threads, few at a time, since each takes 64 MiB and a tenth of a second of a core."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from business.staff import rules

AT_ONCE = 2


class Passwords:
    """Hashes and verifies. A verification for an account that does not exist takes as long as any other."""

    def __init__(self, hasher: PasswordHasher | None = None, at_once: int = AT_ONCE) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(at_once)
        self._dummy: str | None = None

    async def hash(self, password: str) -> str:
        """The argon2id string to store."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, rules.normal_password(password))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether `password` is the one. `stored` None: there is no such account; the answer is no, as slowly."""
        if self._dummy is None:  # made at the first login of all, known account or not
            self._dummy = await self.hash(rules.secret())
        async with self._turns:
            right = await asyncio.to_thread(self._verify, stored or self._dummy, rules.normal_password(password))
        return right and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
