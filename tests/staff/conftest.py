"""A staff service on this test's database, with a cheap hash and a clock that the test moves."""

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from business.staff.passwords import Passwords
from business.staff.service import Invited, StaffService
from kernel.database import Database

PASSWORD = "charcoal and garlic"


class ManualClock:
    """Starts now; goes on when told."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> None:
        """As `timedelta(**time)`."""
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> ManualClock:
    """The service's clock."""
    return ManualClock()


@pytest.fixture
def passwords() -> Passwords:
    """Real argon2, as cheap as it goes."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1), at_once=4)


@pytest.fixture
def staff(database: Database, passwords: Passwords, clock: ManualClock) -> StaffService:
    """The service."""
    return StaffService(database, passwords, clock)


@pytest.fixture
async def dana(staff: StaffService) -> Invited:
    """An account that has a one-time password still."""
    return await staff.invite("dana@example.com", "Dana", "agent")


@pytest.fixture
async def settled(staff: StaffService, dana: Invited) -> Invited:
    """Dana, once she has chosen PASSWORD; her session of that moment is ended."""
    signed_in = await staff.login(dana.email, dana.one_time_password, "192.0.2.200")
    session = await staff.session(signed_in.cookie)
    await staff.change_password(session, PASSWORD, None, "192.0.2.200")
    await staff.logout(session)
    return dana
