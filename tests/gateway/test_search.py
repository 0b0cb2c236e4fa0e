"""The inbox's search: by words that were said, half typed, by names; no text is syntax."""

from uuid import UUID, uuid4

import pytest

from tests.rig.inprocess import Running
from tests.rig.raw import Raw


def letters() -> str:
    """A word that nobody else says: letters alone, for PostgreSQL cuts words where digits begin."""
    return uuid4().hex[:10].translate(str.maketrans("0123456789", "ghijklmnop"))


async def talk(house: Running, text: str, name: str | None = None) -> str:
    raw = await house.visitor()
    if name:
        assert (await raw.ask("profile", {"name": name}))["ok"]
    assert (await raw.say(text))["ok"]
    await raw.durable("reply_finished")
    return str(raw.heard("ready")[0]["conversation"]["id"])


async def found(desk: Raw, query: str) -> list[str]:
    answer = await desk.ask("inbox", {"view": "all", "query": query}, "/console")
    assert answer["ok"], answer
    return [row["id"] for row in answer["rows"]]


class TestSearch:
    async def test_words_beginnings_names_and_addresses(self, house: Running) -> None:
        mark = letters()
        first = await talk(house, f"Is the {mark} garden big enough? Write to anna-{mark}@example.com")
        second = await talk(house, "another matter", f"Zoe {mark[:6]}-Sanders")
        desk = await house.console()
        assert await found(desk, mark) == [first]
        assert await found(desk, f"GARDEN {mark[:7]}") == [first]
        assert await found(desk, f"{mark[:7]} garden") == [], "only the last word may be half typed"
        assert await found(desk, f"anna-{mark}@example.com") == [first]
        assert await found(desk, f"zoe {mark[:6]}") == [second]
        assert await found(desk, f"{mark} swimming") == []

    @pytest.mark.parametrize("query", ["'", "a' | 'b", "!! & (", "%", "_", "\\", "<->", ":*", "a:*b", "''':A", "é'", " "])
    async def test_nothing_typed_is_syntax(self, house: Running, query: str) -> None:
        await talk(house, "plain words here")
        desk = await house.console()
        assert (await desk.ask("inbox", {"view": "all", "query": query}, "/console"))["ok"]

    async def test_wildcards_are_letters(self, house: Running) -> None:
        desk = await house.console()
        mine = await talk(house, "hello", f"100% {uuid4().hex[:6]}")
        assert await found(desk, "%") == [mine]

    async def test_the_newest_match_first_among_those_who_do_not_wait(self, house: Running) -> None:
        mark = letters()
        older, newer = await talk(house, mark), await talk(house, mark)
        await house.rows("UPDATE ai.chat_session SET changed_at = now() + interval '1 hour' WHERE id = $1", UUID(older))
        desk = await house.console()
        assert await found(desk, mark) == [newer, older]
        await house.rows("UPDATE ai.chat_session SET waiting_since = now() WHERE id = $1", UUID(older))
        assert await found(desk, mark) == [older, newer]

    async def test_is_by_the_index(self, house: Running) -> None:
        (row,) = await house.rows("SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_chat_message_words'")
        assert "USING gin (words)" in row["indexdef"]
