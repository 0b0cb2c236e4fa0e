"""A corpus of any size that is like a real one: words of the shipped documents, vectors around theirs, a few pieces for a few."""

import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from business.profile.figures import figures
from business.profile.loader import load_profile
from kernel.database import Database
from kernel.ids import new_id
from kernel.tables.ai import Document, DocumentChunk, EmbeddingIndex
from knowledge.corpus import seeding, vectors
from knowledge.corpus.embedder import MINILM
from knowledge.corpus.placeholders import filler

PROFILE = Path("business/profile/my-hibachi.toml")
BATCH = 500
SPREAD = 0.6  # of the noise beside a vector of length one: pieces of one subject, no copies
SEED = 4
# What a question asks for, and about how much of the corpus that is.
FILTERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "en and es, everyone: 89 %": ("en", ("everyone",)),
    "everyone and staff: 99 %": ("en", ("everyone", "staff")),
    "en and es, staff: 10 %": ("en", ("staff",)),
    "a language of its own: 1 %": ("fr", ("everyone", "staff")),
    "its own, staff: 0.1 %": ("fr", ("staff",)),
}


async def fill(database: Database, pieces: int) -> None:
    """So many pieces in one index that serves, and PostgreSQL knows how they are."""
    of = new_id()
    async with database.transaction() as connection:
        row = {"kind": "text", "origin": "written", "title": "", "language": "en", "state": "ready"}
        await connection.execute(sa.insert(Document).values(id=of, **row))
        index = new_id()
        await connection.execute(sa.insert(EmbeddingIndex).values(id=index, model=MINILM, dimensions=384, state="serving"))
    made = _pieces(pieces)
    while some := list(islice(made, BATCH)):
        rows = [{"id": new_id(), "document_id": of, **row} for row, _ in some]
        async with database.transaction() as connection:
            await connection.execute(sa.insert(DocumentChunk), rows)
            await vectors.store(connection, index, [row["id"] for row in rows], [vector for _, vector in some])  # type: ignore[arg-type]
    async with database.transaction() as connection:
        await connection.execute(sa.text("ANALYZE ai.document_chunk, ai.chunk_vector"))


def _pieces(count: int) -> Iterator[tuple[dict[str, Any], Any]]:
    """Each a row and its vector: a shipped piece's sentences with some of another's, its vector with noise."""
    import numpy as np

    profile = load_profile(PROFILE)
    folder = PROFILE.with_suffix("")
    kept = seeding.KeptVectors(folder)
    known = [
        (searched, text, vector)
        for searched, text in seeding.pieces(folder, filler(lambda language: figures(profile, language))).items()
        if (vector := kept.vector(searched)) is not None
    ]
    chance, noise = random.Random(SEED), np.random.default_rng(SEED)
    for ordinal in range(count):
        searched, text, vector = chance.choice(known)
        heading = searched.partition("\n")[0]
        _, other, _ = chance.choice(known)
        said = f"{text} {chance.choice(other.split('. '))} No. {ordinal}."
        language = "fr" if chance.random() < 0.01 else "es" if "¿" in searched else "en"
        moved = vector + noise.normal(scale=SPREAD / 384**0.5, size=384)
        row = {"ordinal": ordinal, "title": "", "heading": heading, "text": said, "indexed": said, "language": language}
        yield {**row, "audience": "staff" if chance.random() < 0.1 else "everyone"}, (moved / np.linalg.norm(moved)).astype(np.float32)
