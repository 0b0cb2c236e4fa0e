"""Where everything of one data folder lies, and the addresses that follow from it: read by the supervisor and the CLI."""

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote

# sockaddr_un holds 108 bytes with the closing zero; ".s.PGSQL.5432" is the longest name that we append.
_LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432")
DATABASE_USER = "hibachi"
DATABASE_NAME = "hibachi"


@dataclass(frozen=True, slots=True)
class Places:
    """Paths below one data folder. Nothing is made here."""

    data: Path

    @property
    def lock(self) -> Path:
        return self.data / "lock"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def run(self) -> Path:
        """Process records and sockets of the running system."""
        return self.data / "run"

    @property
    def postgres(self) -> Path:
        return self.data / "postgres"

    @property
    def redis(self) -> Path:
        return self.data / "redis"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    @property
    def addresses(self) -> Path:
        """Written while `hibachi up` runs, for commands from another terminal: JSON, see `Addresses`."""
        return self.run / "addresses.json"

    @property
    def migrated_to(self) -> Path:
        """The revision at which a start last saw the embedded PostgreSQL."""
        return self.data / "migrated-to"

    def record(self, name: str) -> Path:
        return self.run / f"{name}.json"

    def socket_folder(self, name: str) -> Path:
        """`<data>/run/<name>`, or a short folder of our own where that is too long for a socket.

        Root's PostgreSQL runs as somebody else, who may be unable to walk into the data folder: always the short one.
        """
        wanted = self.run / name
        walks = name != "postgres" or os.geteuid() != 0
        if walks and len(os.fsencode(wanted)) <= _LONGEST_SOCKET_FOLDER:
            return wanted
        return private_temporary(self.data) / name

    @property
    def redis_socket(self) -> Path:
        return self.socket_folder("redis") / "redis.sock"

    @property
    def database_url(self) -> str:
        """The embedded PostgreSQL's address (whether it runs or not), without a driver's name."""
        return self.database_address(self.socket_folder("postgres"))

    @staticmethod
    def database_address(folder: Path, name: str = DATABASE_NAME) -> str:
        return f"postgresql://{DATABASE_USER}@/{name}?host={quote(str(folder), safe='/')}"

    @property
    def redis_url(self) -> str:
        """The embedded Redis's address (whether it runs or not)."""
        return f"unix://{quote(str(self.redis_socket), safe='/')}?db=0"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the running system of a data folder is reached."""

    database_url: str
    redis_url: str
    gateway: str

    @classmethod
    def read(cls, places: Places) -> Self | None:
        """None where nothing runs (or a crash left nothing whole)."""
        try:
            return cls(**json.loads(places.addresses.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, places: Places) -> None:
        """For this user alone: an address may hold a password."""
        fresh = places.addresses.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(asdict(self)))
        fresh.replace(places.addresses)


def private_temporary(data: Path) -> Path:
    """A short path that only this user and this data folder use; whoever makes it checks whose it is."""
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:10]
    # Not TMPDIR: a command from another terminal must come to the same path.
    return Path("/tmp") / f"hibachi-{os.geteuid()}-{digest}"  # noqa: S108 - make_private() checks whose it is


def clear_temporary(data: Path) -> None:
    """Takes away what is empty of it; a copy of PostgreSQL's programs stays for the next start."""
    base = private_temporary(data)
    for folder in (base / "postgres", base / "redis", base):
        with suppress(OSError):
            folder.rmdir()


def make_private(folder: Path, mode: int = 0o700) -> None:
    """Makes a folder that is ours. Raises PermissionError where somebody else made it first."""
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    if folder.stat(follow_symlinks=False).st_uid != os.geteuid() or folder.is_symlink():
        raise PermissionError(f"{folder} belongs to somebody else")
    folder.chmod(mode)
