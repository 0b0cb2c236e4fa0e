"""An install worth keeping: conversations, files, identity columns, money. And what became of it."""

import hashlib
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg

from business.conversations.receive import receive
from business.customers import visitors
from business.payments import ledger
from business.sites.queries import site_by_key
from business.sites.service import ensure_demo
from kernel.backup import catalogue
from kernel.backup.taking import connected, sums
from kernel.clock import utc_now
from kernel.database import Database
from kernel.ids import new_id
from kernel.tables.ai import Upload
from kernel.tables.ops import Chef

# Everything that COPY has to spell in its own way.
NASTY = "tab\t newline\n return\r backslash \\N \\. quote ' \" ünï 汉字 \U0001f363 end"
CONTENT = b"%PDF-1.7\n" + bytes(range(256)) * 40
SHA256 = hashlib.sha256(CONTENT).hexdigest()


async def fill(url: str, conversations: int = 3) -> None:
    """Each conversation with its message, its file and a posting of two entries, in one transaction."""
    database = Database(url, application="test", pool_size=1)
    try:
        async with database.transaction() as connection:
            await ensure_demo(connection)
            site = await site_by_key(connection, "demo")
        assert site is not None
        for number in range(conversations):
            visitor = visitors.mint("secret", site.id, site.key, utc_now())
            async with database.transaction() as connection:
                await receive(connection, visitor, client_id=uuid4(), text=f"{number} {NASTY}", now=utc_now())
                file = {"name": NASTY, "type": "application/pdf", "size": len(CONTENT), "sha256": SHA256}
                await connection.execute(Upload.__table__.insert().values(id=new_id(), conversation_id=visitor.conversation, **file))  # type: ignore[attr-defined]
                await connection.execute(Chef.__table__.insert().values(id=new_id(), name="Chef", station="x"))  # type: ignore[attr-defined]
                cents = 1000 + number
                entries: dict[ledger.Account, int] = {"card": cents, "customers": -cents}
                await ledger.post(connection, kind="payment", key=str(uuid4()), booking=None, entries=entries)
    finally:
        await database.close()


def lay(folder: Path, content: bytes = CONTENT) -> str:
    """Put a content where uploads are; its hash."""
    sha256 = hashlib.sha256(content).hexdigest()
    (folder / sha256[:2]).mkdir(parents=True, exist_ok=True)
    (folder / sha256[:2] / sha256).write_bytes(content)
    return sha256


async def state(url: str) -> tuple[Any, ...]:
    """Every row, the money, the counters."""
    async with connected(url) as connection:
        tables = {table.name: (table.rows, table.sha256) for table in await sums(connection)}
        return tables, await catalogue.ledger(connection), await catalogue.counters(connection)


async def hire(url: str, name: str) -> int:
    """One row more; its number."""
    connection = await asyncpg.connect(url)
    try:
        number: int = await connection.fetchval(
            "INSERT INTO ops.chef (id, name, station) VALUES (gen_random_uuid(), $1, 'x') RETURNING number", name
        )
    finally:
        await connection.close()
    return number


def name_of(url: str) -> str:
    """The database's."""
    return url.split("/")[3].split("?")[0]


def content(path: Path) -> bytes:
    return path.read_bytes()


def lying(folder: Path, pattern: str = "*") -> list[str]:
    """Names of what lies there."""
    return sorted(path.name for path in folder.glob(pattern))


def damaged(path: Path, at: float) -> Path:
    """A copy with one bit turned, at this share of its length."""
    bytes_ = bytearray(path.read_bytes())
    bytes_[int(len(bytes_) * at)] ^= 4
    other = path.with_name("damaged.zip")
    other.write_bytes(bytes_)
    return other


def cut(path: Path, since: int, until: int | None) -> Path:
    """A copy without these bytes."""
    bytes_ = path.read_bytes()
    other = path.with_name("cut.zip")
    other.write_bytes(bytes_[:since] + (bytes_[until:] if until is not None else b""))
    return other
