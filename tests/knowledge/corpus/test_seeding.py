"""Shipped documents: taken once in each version, left alone once somebody made them theirs, found without any computing."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from business.profile.loader import SHIPPED
from kernel.clock import utc_now
from kernel.database import Database
from kernel.tables.ai import ChunkVector, Document
from knowledge.corpus import documents, seeding
from knowledge.corpus.documents import Change
from knowledge.corpus.embedder import MiniLM
from knowledge.corpus.reading import Reader
from knowledge.corpus.ruler import Ruler
from knowledge.corpus.seeding import KeptVectors, ensure_seeds
from knowledge.embedding.encoder import Encoder
from tests.knowledge.corpus.reading import FILL, add, due, extract, nowhere, read, written

RAIN = "---\ntitle: Rain\n---\n## Do you cook in the rain?\n\nUnder a roof of yours."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "rain.md").write_text(RAIN)
    (tmp_path / "en" / "notes.txt").write_text("not a document")
    return tmp_path


async def take(database: Database, folder: Path) -> int:
    return await database.unit(lambda c: ensure_seeds(c, folder, utc_now()))


async def stored(database: Database) -> list[tuple[str | None, str, str]]:
    async with database.transaction() as connection:
        rows = await connection.execute(sa.select(Document.seed, Document.title, Document.state).order_by(Document.created_at))
        return [(row.seed, row.title, row.state) for row in rows]


async def only(database: Database) -> documents.Whole:
    async with database.transaction() as connection:
        document = await connection.scalar(sa.select(Document.id))
    assert document is not None
    return await read(database, document)


class TestTaking:
    async def test_each_file_once(self, database: Database, folder: Path) -> None:
        assert [await take(database, folder), await take(database, folder)] == [1, 0]
        assert await stored(database) == [("en/rain", "Rain", "waiting")]
        assert [piece.heading for piece in (await only(database)).pieces] == ["Do you cook in the rain?"]

    async def test_another_version_is_read_anew(self, database: Database, folder: Path) -> None:
        await take(database, folder)
        before = await only(database)
        (folder / "en" / "rain.md").write_text(RAIN + " Or another day.")
        assert await take(database, folder) == 1
        after = await only(database)
        assert after.pieces[0].id == before.pieces[0].id and after.pieces[0].text.endswith("Or another day.")

    async def test_what_somebody_changed_is_left_alone(self, database: Database, folder: Path) -> None:
        await take(database, folder)
        mine = (await only(database)).document.id
        await database.unit(lambda c: documents.change(c, mine, Change(text="## Rain\n\nMine."), utc_now()))
        (folder / "en" / "rain.md").write_text(RAIN + " Or another day.")
        await take(database, folder)
        assert await stored(database) == [(None, "Rain", "waiting")]
        assert [piece.text for piece in (await read(database, mine)).pieces] == ["Mine."]

    async def test_what_somebody_deleted_stays_deleted(self, database: Database, folder: Path) -> None:
        await take(database, folder)
        mine = (await only(database)).document.id
        await database.unit(lambda c: documents.delete(c, mine))
        (folder / "en" / "rain.md").write_text(RAIN + " Or another day.")
        await take(database, folder)
        await take(database, folder)
        assert await stored(database) == []

    async def test_what_is_there_in_other_hands_is_not_doubled(self, database: Database, folder: Path) -> None:
        mine = await add(database, written(RAIN, origin="upload"))
        await take(database, folder)
        assert await take(database, folder) == 0
        assert len(await stored(database)) == 1 and await due(database, mine) == [1]

    async def test_a_folder_that_is_not_there_holds_none(self, database: Database, tmp_path: Path) -> None:
        assert await take(database, tmp_path / "none") == 0


class TestShippedVectors:
    def test_are_those_of_the_files(self) -> None:
        """Red: `hibachi knowledge vectors` makes them anew."""
        assert seeding.stale(SHIPPED.with_suffix(""), FILL) == []

    async def test_spare_a_fresh_install_the_encoder(self, database: Database) -> None:
        folder = SHIPPED.with_suffix("")
        kept, encoder = KeptVectors(folder), Encoder()
        ruler = Ruler(kept.measured)
        reader = Reader(database, MiniLM(encoder), FILL, extract, nowhere, ruler, kept)
        taken = await take(database, folder)
        async with database.transaction() as connection:
            ids = (await connection.scalars(sa.select(Document.id))).all()
        for document in ids:
            await reader.read(document, 1)
        assert {state for *_, state in await stored(database)} == {"ready"} and len(ids) == taken > 20
        assert not encoder.loaded and ruler._tokenizer is None
        async with database.transaction() as connection:
            assert await connection.scalar(sa.select(sa.func.count()).select_from(ChunkVector)) == len(seeding.pieces(folder, FILL))
            found = await connection.execute(sa.select(Document.title, Document.remarks).where(Document.remarks != sa.text("'[]'::jsonb")))
            assert found.all() == []

    def test_torn_ones_are_none(self, tmp_path: Path) -> None:
        (tmp_path / seeding.VECTORS).write_bytes((SHIPPED.with_suffix("") / seeding.VECTORS).read_bytes()[:5000])
        kept = KeptVectors(tmp_path)
        assert kept.vector("a") is None and not kept.measured("a")

    async def test_are_nearly_those_of_the_encoder(self, tmp_path: Path, folder: Path) -> None:
        found = seeding.pieces(folder, FILL)
        made = Encoder().encode_now(list(found))
        seeding.keep(folder, found, made)
        kept = KeptVectors(folder)
        for text, row in zip(found, made, strict=True):
            vector = kept.vector(text)
            assert vector is not None and float(vector @ row) > 0.9999 and abs(float(vector @ vector) - 1) < 1e-5
