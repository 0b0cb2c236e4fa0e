"""`hibachi backup` and `restore`: everything of one moment, all of it or nothing, and never a broken file that looks whole."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from gateway.cli import restoring
from gateway.cli.restoring import Target, new_database, put_back
from kernel.backup.archive import BackupFault, reading
from kernel.backup.keeping import keep
from kernel.backup.manifest import Manifest
from kernel.backup.sealing import CHUNK, HEAD, TAG, Sealed, SealedReader, SealingWriter
from kernel.backup.taking import connected, take
from kernel.clock import utc_now
from migrations import history, runner
from tests.cli.kept import CONTENT, SHA256, content, cut, damaged, fill, hire, lay, lying, name_of, state
from tests.conftest import execute

SECRET = "correct horse battery staple"


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    """A folder that holds what the rows name."""
    folder = tmp_path / "data" / "uploads"
    lay(folder)
    return folder


@pytest.fixture
async def filled(database_url: str) -> str:
    await fill(database_url)
    return database_url


@pytest.fixture
async def kept(filled: str, uploads: Path, tmp_path: Path) -> Path:
    """A backup of it."""
    path = tmp_path / "kept.zip"
    await take(filled, path, uploads, utc_now())
    return path


@pytest.fixture
def elsewhere(empty_database_url: str) -> str:
    """An empty database to restore into."""
    return empty_database_url


async def restored(file: Path, target: Target, **options: Any) -> None:
    with reading(file, None) as found:
        await put_back(found, target, lambda _: None, **options)


def read(path: Path) -> Manifest:
    with reading(path, None) as found:
        return found.manifest


class TestRoundTrip:
    async def test_every_row_file_counter_and_cent_comes_back(self, filled: str, kept: Path, elsewhere: str, tmp_path: Path) -> None:
        await restored(kept, Target(elsewhere, tmp_path / "there"), exactly=True)
        assert await state(elsewhere) == await state(filled)
        assert content(tmp_path / "there" / SHA256[:2] / SHA256) == CONTENT
        assert await hire(elsewhere, "Next") == 4, "an identity column goes on where it stood"
        connection = await asyncpg.connect(elsewhere)
        assert await connection.fetchval("SELECT count(*) FROM ai.chat_message WHERE words @@ to_tsquery('simple', 'backslash')") == 3
        await connection.close()

    async def test_a_backup_of_what_was_restored_is_the_same(self, kept: Path, elsewhere: str, uploads: Path, tmp_path: Path) -> None:
        await restored(kept, Target(elsewhere, None))
        again = await take(elsewhere, tmp_path / "again.zip", uploads, utc_now())
        assert (again.tables, again.ledger) == (read(kept).tables, read(kept).ledger)

    def test_only_its_owner_may_read_it(self, kept: Path) -> None:
        assert kept.stat().st_mode & 0o777 == 0o600

    async def test_of_one_moment_while_others_write(self, filled: str, uploads: Path, tmp_path: Path) -> None:
        """Each writer fills several tables in one transaction; a backup of two moments would hold a part of one."""
        over = asyncio.Event()

        async def write() -> int:
            done = 0
            while not over.is_set():
                await fill(filled, 1)
                done += 1
            return done

        writers = [asyncio.create_task(write()) for _ in range(3)]
        manifests = [await take(filled, tmp_path / f"{n}.zip", uploads, utc_now()) for n in range(6)]
        over.set()
        assert sum(await asyncio.gather(*writers)) > 6
        for manifest in manifests:
            rows = {table.name: table.rows for table in manifest.tables}
            assert manifest.ledger is not None and sum(manifest.ledger.accounts.values()) == 0
            assert rows["ops.ledger_entry"] == 2 * rows["ops.ledger_posting"] == 2 * manifest.ledger.postings
            assert rows["ai.chat_message"] == rows["ai.chat_session"] == rows["ai.upload"] == rows["ops.chef"]
        assert len({manifest.rows for manifest in manifests}) > 1, "they wrote meanwhile"

    async def test_an_older_one_is_brought_up_to_date(self, elsewhere: str, uploads: Path, tmp_path: Path) -> None:
        older = sorted(revision.id for revision in history.read())[-2]
        async with new_database(elsewhere, f"older_{uuid4().hex[:8]}", keep=False) as old:
            await runner.upgrade(old, older)
            await hire(old, "Old hand")
            manifest = await take(old, tmp_path / "old.zip", uploads, utc_now())
        assert manifest.revision == older != history.head()
        await restored(tmp_path / "old.zip", Target(elsewhere, None))
        assert await runner.current(elsewhere) == history.head()
        assert await hire(elsewhere, "New hand") == 2


class TestRefusals:
    async def test_a_database_with_rows_unless_its_name_is_typed(self, kept: Path, filled: str) -> None:
        kept_state = await state(filled)
        await hire(filled, "After the backup")
        before = await state(filled)
        for replace in (None, "another"):
            with pytest.raises(BackupFault, match="is not empty"):
                await restored(kept, Target(filled, None, replace))
        assert await state(filled) == before
        await restored(kept, Target(filled, None, name_of(filled)), exactly=True)
        assert await state(filled) == kept_state

    async def test_a_new_database_of_a_name_that_is_there(self, filled: str) -> None:
        with pytest.raises(BackupFault, match="Choose another name"):
            async with new_database(filled, name_of(filled), keep=False):
                pass
        assert await state(filled)

    async def test_while_a_gateway_serves(self, kept: Path, elsewhere: str) -> None:
        gateway = await asyncpg.connect(elsewhere, server_settings={"application_name": "hibachi-gateway"})
        with pytest.raises(BackupFault, match="Stop them all"):
            await restored(kept, Target(elsewhere, None))
        await gateway.close()

    async def test_one_of_a_newer_version(self, kept: Path, elsewhere: str) -> None:
        with reading(kept, None) as found:
            found.manifest = found.manifest.model_copy(update={"revision": "9999"})
            with pytest.raises(BackupFault, match="newer version"):
                await put_back(found, Target(elsewhere, None), lambda _: None)
        assert await runner.current(elsewhere) is None

    async def test_a_name_that_is_there(self, kept: Path, filled: str, uploads: Path) -> None:
        before = content(kept)
        with pytest.raises(BackupFault, match="there already"):
            await take(filled, kept, uploads, utc_now())
        assert content(kept) == before and not lying(kept.parent, "*.part")

    async def test_a_database_without_our_tables(self, elsewhere: str, tmp_path: Path) -> None:
        with pytest.raises(BackupFault, match="lacks our tables"):
            await take(elsewhere, tmp_path / "x.zip", tmp_path, utc_now())
        assert not lying(tmp_path, "x.zip*")

    async def test_a_server_that_does_not_answer(self, tmp_path: Path) -> None:
        with pytest.raises(BackupFault, match="does not answer"):
            await take("postgresql://x@127.0.0.1:1/none", tmp_path / "x.zip", tmp_path, utc_now())


class TestDamage:
    def test_a_bit_that_turned_is_found_before_anything_is_touched(self, kept: Path) -> None:
        """Or it says nothing of the content: the ZIP keeps times and flags of its own."""
        found_out = 0
        for step in range(60):
            try:
                with reading(damaged(kept, step / 60), None) as found:
                    list(found.check())
                    assert found.manifest == read(kept)
            except BackupFault:
                found_out += 1
        assert found_out > 20

    @pytest.mark.parametrize("left", [0, 10, 1000, -1, -200])
    def test_one_that_is_cut_off(self, kept: Path, left: int) -> None:
        with pytest.raises(BackupFault, match="cut off"), reading(cut(kept, left, None), None) as found:
            list(found.check())

    def test_something_else(self, tmp_path: Path) -> None:
        (tmp_path / "folder").mkdir()
        shutil.make_archive(str(tmp_path / "other"), "zip", tmp_path / "folder")
        with pytest.raises(BackupFault, match="no manifest"), reading(tmp_path / "other.zip", None):
            pass

    async def test_an_upload_that_is_damaged_on_disk_is_said(self, filled: str, uploads: Path, tmp_path: Path) -> None:
        place = uploads / SHA256[:2] / SHA256
        place.write_bytes(b"not what it was")
        with pytest.raises(BackupFault, match="damaged on disk"):
            await take(filled, tmp_path / "x.zip", uploads, utc_now())
        place.unlink()
        manifest = await take(filled, tmp_path / "x.zip", uploads, utc_now())
        assert manifest.uploads.missing == (SHA256,) and manifest.uploads.count == 0

    async def test_what_fails_in_the_middle_changes_nothing(
        self, kept: Path, filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """At the very last step: tables were made anew, rows replaced."""
        await hire(filled, "After the backup")
        before = await state(filled)

        async def fails(*_: object) -> list[Path]:
            raise BackupFault("a full disk")

        monkeypatch.setattr(restoring.loading, "place_uploads", fails)
        with pytest.raises(BackupFault, match="a full disk"):
            await restored(kept, Target(filled, tmp_path / "there", name_of(filled)))
        assert await state(filled) == before

    async def test_books_that_do_not_add_up_are_not_taken(self, elsewhere: str, filled: str, uploads: Path, tmp_path: Path) -> None:
        disabled = "ALTER TABLE ops.ledger_entry DISABLE TRIGGER USER"
        await execute(filled, disabled, "DELETE FROM ops.ledger_entry WHERE account = 'card'")
        await take(filled, tmp_path / "wrong.zip", uploads, utc_now())
        with pytest.raises(BackupFault, match="did not take it"):
            await restored(tmp_path / "wrong.zip", Target(elsewhere, None))
        assert await runner.current(elsewhere) is None, "not even the tables"


class TestSealed:
    @pytest.fixture
    async def sealed(self, filled: str, uploads: Path, tmp_path: Path) -> Path:
        sha256 = lay(uploads, os.urandom(3 * CHUNK))
        await execute(filled, f"UPDATE ai.upload SET sha256 = '{sha256}' WHERE id = (SELECT id FROM ai.upload LIMIT 1)")
        path = tmp_path / "sealed.zip"
        await take(filled, path, uploads, utc_now(), passphrase=SECRET)
        return path

    async def test_opens_with_its_passphrase_alone(self, sealed: Path, filled: str, elsewhere: str) -> None:
        for wrong in (None, "another"):
            with pytest.raises(BackupFault, match=r"is sealed|does not open"), reading(sealed, wrong):
                pass
        assert b"chat_message" not in content(sealed) and b"manifest" not in content(sealed)
        with reading(sealed, SECRET) as found:
            assert len(list(found.check())) == len(found.manifest.tables) + 2
            await put_back(found, Target(elsewhere, None), lambda _: None, exactly=True)
        assert await state(elsewhere) == await state(filled)

    def test_any_bit_that_turned_is_found(self, sealed: Path) -> None:
        for at in (0.0, 0.000001, 0.2, 0.5, 0.8, 0.9999999):
            with pytest.raises(BackupFault), reading(damaged(sealed, at), SECRET) as found:
                list(found.check())

    @pytest.mark.parametrize("lost", [1, CHUNK + 16])
    def test_an_end_or_a_chunk_that_is_missing_is_found(self, sealed: Path, lost: int) -> None:
        for since, until in ((-lost, None), (31, 31 + lost)):
            with pytest.raises(BackupFault), reading(cut(sealed, since, until), SECRET) as found:
                list(found.check())

    def test_one_that_ends_after_a_whole_chunk_does_not_open(self, tmp_path: Path) -> None:
        """Whatever is sealed in it: without its last chunk it is not what was written."""
        with (tmp_path / "whole").open("wb") as file, SealingWriter(file, SECRET) as writer:
            writer.write(bytes(2 * CHUNK + 1))
        assert SealedReader(tmp_path / "whole", SECRET).read(3 * CHUNK) == bytes(CHUNK), "a chunk at a time"
        with pytest.raises(Sealed):
            SealedReader(cut(tmp_path / "whole", HEAD + CHUNK + TAG, None), SECRET)


class TestKept:
    async def test_the_newest_stay(self, filled: str, uploads: Path, tmp_path: Path) -> None:
        folder = tmp_path / "kept"
        made: list[str] = []
        for second in range(4):
            path, _ = await keep(filled, folder, uploads, utc_now().replace(second=second), 2)
            made.append(path.name)
            (folder / "mine.zip").touch()
        assert lying(folder) == sorted([*made[-2:], "mine.zip"])

    async def test_what_fails_takes_no_older_one_away(self, filled: str, uploads: Path, tmp_path: Path) -> None:
        folder = tmp_path / "kept"
        path, _ = await keep(filled, folder, uploads, utc_now(), 1)
        with pytest.raises(BackupFault):
            await keep("postgresql://x@127.0.0.1:1/none", folder, uploads, utc_now(), 1)
        assert lying(folder) == [path.name]


@contextmanager
def running(url: str, folder: Path, *command: str, **env: str) -> Iterator["subprocess.Popen[str]"]:
    """The command in a process of its own."""
    given = {**os.environ, "DATABASE_URL": url, "HIBACHI_DATA": str(folder / "data"), "HIBACHI_CONFIG": str(folder / "h.toml"), **env}
    process = subprocess.Popen(command, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


HIBACHI = (sys.executable, "-m", "gateway.cli")


def ran(url: str, folder: Path, *command: str, status: int = 0, **env: str) -> str:
    """What it said, once it has ended with that status."""
    with running(url, folder, *command, **env) as process:
        out, err = process.communicate(timeout=60)
        assert process.returncode == status, out + err
    assert "Traceback" not in err
    return out + err


class TestCommand:
    async def test_made_verified_drilled_and_restored(self, filled: str, uploads: Path, tmp_path: Path) -> None:
        async def hibachi(*arguments: str, status: int = 0) -> str:
            return await asyncio.to_thread(ran, filled, tmp_path, *HIBACHI, *arguments, status=status, SEAL=SECRET)

        seal = ("--passphrase-env", "SEAL")
        out = await hibachi("backup", "--drill", *seal)
        assert "the drill went well" in out and "3 postings" in out and "personal data" in out
        (name,) = lying(tmp_path / "data" / "backups")
        made, beside = str(tmp_path / "data" / "backups" / name), f"beside_{uuid4().hex[:8]}"
        assert "is whole" in await hibachi("backup", "--verify", made, *seal)
        assert beside in await hibachi("restore", made, "--into-new", beside, *seal)
        assert await state(filled.replace(name_of(filled), beside)) == await state(filled)
        async with connected(filled) as connection:
            await connection.execute(f"DROP DATABASE {beside}")
            left = "SELECT datname FROM pg_database WHERE datname LIKE 'hibachi_drill%'"
            assert not await connection.fetch(left), "a drill leaves nothing"

    async def test_a_backup_that_is_killed_leaves_nothing_that_looks_whole(self, filled: str, uploads: Path, tmp_path: Path) -> None:
        """It is held in the middle by a lock on the last table."""
        command = (*HIBACHI, "backup", str(tmp_path / "killed.zip"))
        holder = await asyncpg.connect(filled)
        async with holder.transaction():
            await holder.execute("LOCK TABLE ops.worker_process IN ACCESS EXCLUSIVE MODE")
            with running(filled, tmp_path, *command) as process:
                async with asyncio.timeout(20):
                    while not lying(tmp_path, "killed.zip.*.part"):
                        assert process.poll() is None
                        await asyncio.sleep(0.05)
                process.send_signal(signal.SIGKILL)
                await asyncio.to_thread(process.wait)
        await holder.close()
        assert "killed.zip" not in lying(tmp_path) and lying(tmp_path, "killed.zip.*.part")
        assert "wrote" in await asyncio.to_thread(ran, filled, tmp_path, *command)
        assert "killed.zip" in lying(tmp_path)

    async def test_a_disk_that_is_full(self, filled: str, uploads: Path, tmp_path: Path) -> None:
        small = ("bash", "-c", 'ulimit -f 8; trap "" XFSZ; exec "$@"', "-")
        out = await asyncio.to_thread(ran, filled, tmp_path, *small, *HIBACHI, "backup", str(tmp_path / "x.zip"), status=1)
        assert "cannot be written" in out and not lying(tmp_path, "x.zip*")


async def test_memory_stays_bounded(filled: str, uploads: Path, tmp_path: Path) -> None:
    """A table of 60 MB goes by in pieces."""
    rows = "SELECT n AS id, repeat(md5(n::text), 60) AS text FROM generate_series(1, 30000) n"
    await execute(filled, f"CREATE TABLE ops.large AS {rows}")
    tracemalloc.start()
    manifest = await take(filled, tmp_path / "large.zip", uploads, utc_now())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert next(table.bytes for table in manifest.tables if table.name == "ops.large") > 55_000_000
    assert peak < 12_000_000
