"""`hibachi knowledge` as an operator calls it, while a worker reads."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.knowledge import FAILED, app
from kernel.database import Database
from kernel.settings import KnowledgeSettings
from knowledge.corpus.embedder import MiniLM
from tests.knowledge.corpus.reading import ENCODER, reader
from tests.rig.pdf import locked, pdf
from workers.corpus import Corpus, Tools

Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command in a folder of documents."""
    monkeypatch.chdir(tmp_path)

    def called(*arguments: str) -> Result:
        return CliRunner().invoke(app, arguments, env={"DATABASE_URL": database_url, "HIBACHI_DATA": str(tmp_path / "data")})

    return called


@pytest.fixture
def worker(database_url: str) -> Iterator[None]:
    """One that reads while a command runs: in a thread of its own."""
    over = threading.Event()

    async def close() -> None:
        """Nothing is open."""

    async def work() -> None:
        database = Database(database_url, application="test", pool_size=2)
        tools = Tools(reader(database), MiniLM(ENCODER), close)
        corpus = Corpus(database, KnowledgeSettings(), lambda: tools, every=0.05)
        running = asyncio.create_task(corpus.run())
        await asyncio.to_thread(over.wait)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await database.close()

    thread = threading.Thread(target=lambda: asyncio.run(work()))
    thread.start()
    yield
    over.set()
    thread.join()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "menus").mkdir()
    (tmp_path / "menus" / "dinner.pdf").write_bytes(pdf(["Dinner", "Chicken hibachi"], ["Dessert", "Mochi"]))
    (tmp_path / "menus" / "locked.pdf").write_bytes(locked(pdf(["Secret"]), "word"))
    (tmp_path / "menus" / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    (tmp_path / "rain.md").write_text("---\ntitle: Rain\n---\n## Do you cook in the rain?\n\nUnder a roof of yours.")
    (tmp_path / "large.txt").write_bytes(b"x" * (21 * 1024**2))
    return tmp_path


class TestAdding:
    def test_many_at_once_tells_of_each(self, run: Run, files: Path, worker: None) -> None:
        result = run("add", "menus", "*.md", "large.txt", "menus/picture.png", "nothing.md", "http://127.0.0.1/")
        assert result.exit_code == FAILED
        assert "rain.md  ready, 1 piece\n" in result.stdout and "menus/dinner.pdf  ready, 2 pieces" in result.stdout
        failed = dict(line.split("  failed: ") for line in result.stderr.splitlines())
        assert "password" in failed["menus/locked.pdf"] and "20 MB" in failed["large.txt"]
        assert "PDF" in failed["menus/picture.png"] and "No such file" in failed["nothing.md"]
        assert failed["http://127.0.0.1/"] == "There is no web here."

    def test_the_same_again_is_said(self, run: Run, files: Path, worker: None) -> None:
        assert run("add", "rain.md", "--language", "en").exit_code == 0
        result = run("add", "rain.md")
        assert result.exit_code == FAILED and "there already, as “Rain”" in result.stderr

    def test_without_a_worker_does_not_wait_for_ever(self, run: Run, files: Path) -> None:
        result = run("add", "rain.md", "--wait", "0.1")
        assert result.exit_code == FAILED and "does a worker run?" in result.stdout
        assert "  waiting " in run("list").stdout
        assert run("add", "menus/dinner.pdf", "--wait", "0", "--audience", "staff", "--title", "Dinner").exit_code == 0
        assert " staff     Dinner" in run("list", "dinn").stdout


class TestOne:
    def test_is_shown_read_again_and_removed(self, run: Run, files: Path, worker: None) -> None:
        assert run("add", "rain.md").exit_code == 0
        document = run("list").stdout.split()[0]
        shown = run("show", document[:13])
        assert "Rain\nmarkdown from rain.md, en, for everyone: ready" in shown.stdout and "--- 1 Do you cook in the rain?" in shown.stdout
        assert run("read-again", document).exit_code == 0
        assert "documents  1 ready" in run("status").stdout and "minilm, 384: serving, 1 of 1 pieces, exact" in run("status").stdout
        assert run("remove", document).exit_code != 0 and "1 ready" in run("status").stdout, "it asks first"
        assert run("remove", document, "--yes").exit_code == 0
        assert run("list").stdout == "" and "0 ready" in run("status").stdout

    def test_that_is_not_there(self, run: Run) -> None:
        for command in (("show", "0000"), ("read-again", "0000"), ("remove", "0000", "--yes")):
            assert run(*command).exit_code == FAILED
