"""What a transaction of a conversation writes at its end: new rows and the conversation's own, in one statement and so one round trip.

A customer waits for it, and SQLAlchemy takes as long to put a statement together as PostgreSQL to carry it out: statements are made
once for each set of tables and columns.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import CTE, Text, Update, bindparam, cast, column, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement, TextClause

from business.webhooks import outgoing
from kernel.tables.ai import ChatSession
from kernel.tables.base import AiBase

CLOCK = text("clock_timestamp()")


class Rows(NamedTuple):
    """New rows of one table, all with the same columns. `computed`: columns that PostgreSQL fills, the same for all rows; made once,
    for what is computed is told apart by identity."""

    table: type[AiBase]
    rows: Sequence[Mapping[str, Any]]
    computed: Mapping[str, TextClause] = {}

    @property
    def shape(self) -> "_Shape":
        return self.table, tuple(self.rows[0]), tuple(self.computed.items())


_Shape = tuple[type[AiBase], tuple[str, ...], tuple[tuple[str, TextClause], ...]]


async def store(connection: AsyncConnection, conversation: UUID, changes: Mapping[str, Any], rows: Sequence[Rows]) -> bool:
    """Insert rows and change the conversation's; True where an endpoint wants to hear of it. Values of `changes` may be expressions."""
    computed = tuple((name, value) for name, value in changes.items() if isinstance(value, ColumnElement | TextClause))
    given = {name: value for name, value in changes.items() if not isinstance(value, ColumnElement | TextClause)}
    statement = _statement(tuple(given), computed, tuple(each.shape for each in rows))
    values = {f"to_{name}": value for name, value in given.items()}
    new = {f"rows_{number}": orjson.dumps(each.rows, default=str).decode() for number, each in enumerate(rows)}
    return bool(await connection.scalar(statement, {"conversation": conversation, **values, **new}))


@lru_cache(maxsize=256)
def _statement(given: tuple[str, ...], computed: tuple[tuple[str, Any], ...], shapes: tuple[_Shape, ...]) -> Update:
    session = ChatSession.__table__.c
    values = {name: bindparam(f"to_{name}", type_=session[name].type) for name in given}
    statement = (
        update(ChatSession)
        .where(ChatSession.id == bindparam("conversation", type_=session.id.type))
        .values({**values, **dict(computed), "rev": ChatSession.rev + 1, "changed_at": CLOCK})
        .returning(outgoing.WANTED)
    )
    return statement.add_cte(*(_inserted(number, *shape) for number, shape in enumerate(shapes)))


def _inserted(number: int, table: type[AiBase], columns: tuple[str, ...], computed: tuple[tuple[str, TextClause], ...]) -> CTE:
    """Rows come as one JSON text, whatever their number."""
    types = table.__table__.c
    name = f"rows_{number}"
    given = func.jsonb_to_recordset(cast(bindparam(name, type_=Text()), JSONB)).table_valued(*(column(c, types[c].type) for c in columns))
    rows = given.render_derived(name=name, with_types=True)
    values = select(*(rows.c[c] for c in columns), *(expression for _, expression in computed))
    into = insert(table).from_select([*columns, *(c for c, _ in computed)], values, include_defaults=False)
    return into.cte(f"insert_{number}")
