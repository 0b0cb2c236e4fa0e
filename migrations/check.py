"""Is the live database what the code believes? `hibachi db check`; reads, and leaves nothing behind.

The tables are compared by PostgreSQL itself: it builds what the metadata says in shadow schemas, in a transaction that
is rolled back, and one query reads both catalogues. So types, defaults, check constraints, foreign keys and predicates
of partial indexes are compared as PostgreSQL understands them, not as two programs spell them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Column, Connection, NullPool, Table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from kernel.database import async_url
from kernel.metering.spending import MISMATCHES
from kernel.tables import SCHEMAS, metadata
from migrations import history, runner
from migrations.passing import comes_and_goes

SHADOW = "hibachi_shadow_"

CATALOGUE = text("""
    SELECT n.nspname AS schema, c.relname AS "table", part.kind, part.name, part.definition
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL (
        SELECT 'table' AS kind, '' AS name, '' AS definition
        UNION ALL
        SELECT 'column', a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod),
               CASE WHEN a.attnotnull THEN 'NOT NULL' END, 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid),
               'IDENTITY ' || nullif(a.attidentity::text, ''), 'GENERATED ' || nullif(a.attgenerated::text, ''))
        FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT 'constraint', k.conname, pg_get_constraintdef(k.oid)
               || CASE WHEN k.convalidated THEN '' ELSE ' NOT VALID' END
        FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype NOT IN ('n', 't')
        UNION ALL
        SELECT 'index', i.relname, pg_get_indexdef(x.indexrelid)
               || CASE WHEN x.indisvalid THEN '' ELSE ' INVALID' END
        FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indrelid = c.oid
    ) part
    WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY(:schemas)
""")

Parts = dict[tuple[str, str, str, str], str]  # (schema, table, kind, name) -> definition


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be. `subject` is a revision, a table or a column."""

    kind: str  # heads | empty_revision | behind | missing | extra | differs | soft_key | dangling | spend
    subject: str
    text: str


async def check(url: str, versions: Path = history.VERSIONS) -> tuple[Finding, ...]:
    """Everything that is wrong; empty where all is well."""
    findings = list(history_findings(versions))
    current = await runner.current(url)
    engine = create_async_engine(
        async_url(url),
        poolclass=NullPool,
        connect_args={"server_settings": {"application_name": "hibachi-check", "statement_timeout": "5min"}},
    )
    try:
        async with engine.connect() as connection:
            findings += await connection.run_sync(_database_findings)
    except DBAPIError as error:
        raise runner.MigrationFault(str(error.orig)) from error
    finally:
        await engine.dispose()
    if not any(finding.kind == "heads" for finding in findings) and current != history.head(versions):
        findings.append(Finding("behind", str(current), f"the database is at {current}, this code needs {history.head(versions)}"))
    return tuple(findings)


def history_findings(versions: Path = history.VERSIONS) -> Iterator[Finding]:
    """One head, and no revision that does nothing."""
    revisions = history.read(versions)
    heads = history.heads(revisions)
    if len(heads) != 1:
        names = ", ".join(heads) or "none"
        yield Finding("heads", names, f"there are {len(heads)} heads ({names}); see docs/migrations.md, merging heads")
    for revision in revisions:
        if revision.empty:
            yield Finding("empty_revision", revision.id, f"{revision.path.name} neither goes up nor down")


def _database_findings(connection: Connection) -> list[Finding]:
    if not connection.scalar(text("SELECT true FROM pg_extension WHERE extname = 'vector'")):
        return [Finding("missing", "vector", "the database lacks the extension vector: `hibachi db upgrade` makes it")]
    transaction = connection.begin() if not connection.in_transaction() else connection.get_transaction()
    try:
        live = _catalogue(connection, {schema: schema for schema in SCHEMAS})
        for schema in SCHEMAS:
            connection.execute(sa.schema.CreateSchema(SHADOW + schema))
        shadow = connection.execution_options(schema_translate_map={schema: SHADOW + schema for schema in SCHEMAS})
        metadata.create_all(shadow, checkfirst=False)
        wanted = _catalogue(connection, {SHADOW + schema: schema for schema in SCHEMAS})
    finally:
        if transaction is not None:
            transaction.rollback()
    connection.execution_options(schema_translate_map={})
    return [*_differences(wanted, live), *_soft_keys(connection, live), *_spends(connection, live)]


def _catalogue(connection: Connection, names: dict[str, str]) -> Parts:
    """What stands in the schemas `names`, as if they bore the names that they map to."""
    connection.execute(text("SET LOCAL search_path = pg_catalog"))  # every name in a definition comes qualified
    rows = connection.execute(CATALOGUE, {"schemas": list(names)}).all()
    connection.execute(text("SET LOCAL search_path = public"))
    parts = {}
    for schema, table, kind, name, definition in rows:
        for actual, meant in names.items():
            definition = definition.replace(f"{actual}.", f"{meant}.")
        parts[names[schema], table, kind, name] = definition
    return parts


def _differences(wanted: Parts, live: Parts) -> Iterator[Finding]:
    def table_known(key: tuple[str, str, str, str], parts: Parts) -> bool:
        return key[2] == "table" or (key[0], key[1], "table", "") in parts

    for key, definition in sorted(wanted.items()):
        if not table_known(key, live):
            continue
        if key not in live:
            yield Finding("missing", _subject(key), f"the database lacks {_words(key, definition)}")
        elif live[key] != definition:
            yield Finding("differs", _subject(key), f"{_words(key, live[key])} in the database, but {definition} in the code")
    for key, definition in sorted(live.items()):
        if key not in wanted and table_known(key, wanted) and not comes_and_goes(key[3], key[1]):
            yield Finding("extra", _subject(key), f"the database has {_words(key, definition)}, the code does not know it")


def _subject(key: tuple[str, str, str, str]) -> str:
    schema, table, _, name = key
    return f"{schema}.{table}.{name}" if name else f"{schema}.{table}"


def _words(key: tuple[str, str, str, str], definition: str) -> str:
    return f"{key[2]} {_subject(key)} {definition}".rstrip()


def _soft_keys(connection: Connection, live: Parts) -> Iterator[Finding]:
    """Rows that point at nothing, for each column declared with `soft_key`."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            target_name = column.info.get("soft_key")
            if target_name is None:
                continue
            subject = f"{table.fullname}.{column.name}"
            target = _target(target_name)
            if target is None:
                yield Finding("soft_key", subject, f"{subject} points at {target_name}, which no table has")
            elif _stands(live, table, column) and _stands(live, target.table, target):
                pointing, pointed = table.alias("pointing"), target.table.alias("pointed")
                dangles = pointing.c[column.name].is_not(None) & ~sa.exists(
                    sa.select(sa.literal(1)).where(pointed.c[target.name] == pointing.c[column.name])
                )
                count = connection.scalar(sa.select(sa.func.count()).select_from(pointing).where(dangles))
                if count:
                    yield Finding("dangling", subject, f"{count} rows of {subject} point at no {target_name}")


def _spends(connection: Connection, live: Parts) -> Iterator[Finding]:
    """Budgets that did not spend what their calls cost, or hold what no call holds."""
    if ("ai", "spend", "table", "") in live and ("ai", "budget_hold", "table", "") in live:
        for scope, key, spent, cost, held, holds in connection.execute(MISMATCHES):
            told = f"spent {spent} and holds {held} micro-dollars, its calls cost {cost} and hold {holds}"
            yield Finding("spend", f"{scope} {key}".rstrip(), f"the budget {scope} {key}".rstrip() + f" {told}")


def _target(name: str) -> Column[object] | None:
    table_name, _, column_name = name.rpartition(".")
    table = metadata.tables.get(table_name)
    return None if table is None else table.columns.get(column_name)


def _stands(live: Parts, table: Table | sa.FromClause, column: Column[object]) -> bool:
    return isinstance(table, Table) and (str(table.schema), table.name, "column", column.name) in live
