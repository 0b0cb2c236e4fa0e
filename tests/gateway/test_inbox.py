"""The inbox page by page: every conversation once, though rows move meanwhile; a foreign cursor is refused."""

import base64
from uuid import UUID

import pytest

from business.conversations.queries import INBOX_PAGE
from tests.bench.crowd import Crowd
from tests.rig.inprocess import Running
from tests.rig.raw import Raw

CONVERSATIONS = 5 * INBOX_PAGE + 7


async def page(desk: Raw, cursor: str | None, view: str = "all") -> tuple[list[str], str | None]:
    answer = await desk.ask("inbox", {"view": view, **({"cursor": cursor} if cursor else {})}, "/console")
    assert answer["ok"], answer
    return [row["id"] for row in answer["rows"]], answer["cursor"]


async def pages(desk: Raw, view: str = "all") -> list[str]:
    rows, cursor = await page(desk, None, view)
    while cursor is not None:
        more, cursor = await page(desk, cursor, view)
        rows += more
    return rows


class TestPages:
    async def test_nobody_is_passed_over_though_rows_move(self, own_house: Running) -> None:
        desk = await own_house.console()
        crowd = await Crowd.of(own_house.database_url)
        try:
            await crowd.inbox(CONVERSATIONS)
        finally:
            await crowd.close()
        whole = await pages(desk)
        assert len(whole) == len(set(whole)) == CONVERSATIONS
        waiting = [row["id"] for row in await own_house.rows("SELECT id FROM ai.chat_session WHERE owner = 'queue' ORDER BY waiting_since")]
        assert [UUID(row) for row in whole[: len(waiting)]] == waiting
        for view, where in (("needs_human", "owner = 'queue'"), ("closed", "state = 'closed'"), ("ai", "state = 'open' AND owner = 'ai'")):
            known = {str(row["id"]) for row in await own_house.rows(f"SELECT id FROM ai.chat_session WHERE {where}")}
            assert set(await pages(desk, view)) == known

        rows, cursor = await page(desk, None)
        # The first of those who wait is answered: it goes down, and everybody behind it up.
        await own_house.rows("UPDATE ai.chat_session SET waiting_since = NULL WHERE id = $1", waiting[0])
        while cursor is not None:
            more, cursor = await page(desk, cursor)
            rows += more
        assert set(rows) == set(whole)

    @pytest.mark.parametrize(
        "cursor",
        [
            "40",
            "x",
            "é",
            "=",
            base64.urlsafe_b64encode(b"||").decode(),
            base64.urlsafe_b64encode(b"|2026-01-01T00:00:00|" + b"0" * 32).decode(),
        ],
        ids=["a number", "a letter", "no ASCII", "no base64", "nothing in it", "a time of no zone"],
    )
    async def test_a_foreign_cursor_is_refused(self, house: Running, cursor: str) -> None:
        desk = await house.console()
        answer = await desk.ask("inbox", {"view": "all", "cursor": cursor}, "/console")
        assert answer["error"]["code"] == "bad_request"
