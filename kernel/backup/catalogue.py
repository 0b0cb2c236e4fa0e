"""What a database holds of ours, as PostgreSQL's catalogue says: tables, columns that are data, the order of the keys, identity columns."""

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import TypeAlias

import asyncpg

from kernel.backup.archive import BackupFault
from kernel.backup.manifest import Counter, Ledger
from kernel.tables.base import SCHEMAS

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
# Where migrations note how far they are; a backup remembers it, and is put back at that point.
REVISION = "SELECT version_num FROM public.hibachi_version"

TABLES = """
    SELECT n.nspname AS schema, c.relname AS name,
           array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '') AS columns,
           (SELECT array_agg(format('%I', k.attname) || CASE WHEN k.attcollation <> 0 THEN ' COLLATE "C"' ELSE '' END ORDER BY key.place)
            FROM pg_index x CROSS JOIN LATERAL unnest(x.indkey) WITH ORDINALITY AS key(number, place)
            JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = key.number
            WHERE x.indrelid = c.oid AND x.indisprimary) AS sorted
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind = 'r' AND n.nspname = ANY($1)
    GROUP BY c.oid, n.nspname, c.relname ORDER BY 1, 2
"""
KEYS = """
    SELECT k.conrelid::regclass::text AS child, k.confrelid::regclass::text AS parent FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE k.contype = 'f' AND k.conrelid <> k.confrelid AND n.nspname = ANY($1)
"""
IDENTITIES = """
    SELECT n.nspname || '.' || c.relname AS "table", a.attname AS "column",
           pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname) AS sequence
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity <> ''
    WHERE c.relkind = 'r' AND n.nspname = ANY($1) ORDER BY 1, 2
"""
ACCOUNTS = "SELECT account, sum(amount_cents)::bigint AS cents FROM ops.ledger_entry GROUP BY account ORDER BY account"


@dataclass(frozen=True, slots=True)
class Table:
    """One of ours. `name` has the schema before the dot."""

    name: str
    columns: tuple[str, ...]
    sorted: tuple[str, ...]

    @property
    def query(self) -> str:
        """Its rows, the same again for the same rows."""
        schema, name = self.name.split(".", 1)
        columns = ", ".join(f'"{column}"' for column in self.columns)
        order = f" ORDER BY {', '.join(self.sorted)}" if self.sorted else ""
        return f'SELECT {columns} FROM "{schema}"."{name}"{order}'  # noqa: S608 - names from the catalogue


async def tables(connection: Connection) -> list[Table]:
    """All of ours, by name; none where nothing was migrated."""
    rows = await connection.fetch(TABLES, list(SCHEMAS))
    return [Table(f"{row['schema']}.{row['name']}", tuple(row["columns"]), tuple(row["sorted"] or ())) for row in rows]


async def parents_first(connection: Connection) -> list[str]:
    """The names of the tables, each after those that its foreign keys name. Raises BackupFault where they turn in a circle."""
    before: dict[str, set[str]] = {table.name: set() for table in await tables(connection)}
    for row in await connection.fetch(KEYS, list(SCHEMAS)):
        before[row["child"]].add(row["parent"])
    try:
        return list(TopologicalSorter(before).static_order())
    except CycleError as error:
        raise BackupFault(f"the tables' foreign keys turn in a circle: {error.args[1]}") from error


async def revision(connection: Connection) -> str | None:
    """How far the migrations are; None where the database has none of our tables."""
    try:
        async with connection.transaction():
            found = await connection.fetchval(REVISION)
    except asyncpg.UndefinedTableError:
        return None
    return None if found is None else str(found)


async def counters(connection: Connection) -> tuple[Counter, ...]:
    """Where the identity columns stand: at least as far as the rows of any snapshot that is older."""
    found = []
    for row in await connection.fetch(IDENTITIES, list(SCHEMAS)):
        at = await connection.fetchrow(f"SELECT last_value, is_called FROM {row['sequence']}")  # noqa: S608 - as above
        assert at is not None
        found.append(Counter(table=row["table"], column=row["column"], value=at["last_value"], called=at["is_called"]))
    return tuple(found)


async def ledger(connection: Connection) -> Ledger | None:
    """What the money adds up to; None in a database from before the ledger."""
    if await connection.fetchval("SELECT to_regclass('ops.ledger_entry')") is None:
        return None
    rows = await connection.fetch(ACCOUNTS)
    postings = await connection.fetchval("SELECT count(*) FROM ops.ledger_posting")
    return Ledger(postings=postings, accounts={row["account"]: row["cents"] for row in rows})
