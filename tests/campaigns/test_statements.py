"""What a campaign's text costs PostgreSQL, in statements: no clock measures that."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from tests.campaigns.crowd import crowd
from tests.campaigns.doing import CALIFORNIA
from tests.campaigns.wave import Wave

WRITTEN, SENT = 19, 28
"""For the first text of a campaign, looks and claims among them; each further one of a batch takes 7, and 14 to be sent."""


@contextmanager
def counted(wave: Wave) -> Iterator[list[str]]:
    """Every statement that goes to PostgreSQL meanwhile."""
    seen: list[str] = []

    def see(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(" ".join(statement.split()))

    sa.event.listen(wave.database.primary.sync_engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        sa.event.remove(wave.database.primary.sync_engine, "before_cursor_execute", see)


class TestOneText:
    async def test_costs_no_more_statements_than_it_did(self, wave: Wave) -> None:
        await crowd(wave.database, 2, areas=CALIFORNIA)
        await wave.begin()
        with counted(wave) as written:
            await wave.campaigns.look()
        with counted(wave) as sent:
            while await wave.texts.look():
                await wave.texts.idle()
        assert len(wave.rc.sent) == 1
        assert len(written) <= WRITTEN, "\n".join(written)
        assert len(sent) <= SENT, "\n".join(sent)
