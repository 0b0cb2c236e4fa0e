"""What a database needs before a visitor: the install's secret, the demo site, an owner, canned replies, the profile, the documents beside
it; at every start."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from business.canned.service import ensure_seeds
from business.profile.loader import SHIPPED, load_profile
from business.profile.versions import take_file
from business.sites.service import ensure_demo, ensure_install
from business.staff import owner
from business.staff.passwords import Passwords
from kernel.clock import utc_now
from kernel.database import Database
from kernel.settings import Settings
from knowledge.corpus import seeding


@dataclass(frozen=True, slots=True)
class SeedResult:
    """How the owner gets in. `one_time_password` is there, at every start, until an own password is chosen."""

    admin_email: str
    one_time_password: str | None
    sign_in_token: str


async def seed(database: Database, settings: Settings) -> SeedResult:
    """Make what is missing; running it again, or in several processes at once, makes nothing twice."""

    file = settings.business.profile
    profile = load_profile(file)

    async def rows(connection: AsyncConnection) -> None:
        await ensure_install(connection)
        await ensure_demo(connection)
        await ensure_seeds(connection)
        await take_file(connection, profile, (file or SHIPPED).name)
        await seeding.ensure_seeds(connection, (file or SHIPPED).with_suffix(""), utc_now())

    await database.unit(rows)
    password = settings.admin_password.get_secret_value() if settings.admin_password is not None else None
    made = await owner.ensure(database, Passwords(), settings.admin_email, password)
    return SeedResult(made.email, made.one_time_password, made.sign_in_token)


def sign_in_path(token: str) -> str:
    """The link to print, behind the install's address. What stands behind `#` a browser sends to no server and no log."""
    return f"/console#sign-in={token}"
