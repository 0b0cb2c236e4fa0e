"""The inbox's search: by words that were said, half typed, by names; no text is syntax."""

from uuid import UUID, uuid4

import pytest

from business.conversations.searching import phone_pieces
from tests.rig.inprocess import Running
from tests.rig.raw import Raw
from tests.sms.people import number


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


async def texts(house: Running, conversation: str, phone: str) -> None:
    await house.rows("UPDATE ai.chat_session SET phone = $2, channel = 'sms' WHERE id = $1", UUID(conversation), phone)


class TestByNumber:
    async def test_who_texts_and_gave_no_name_is_found_by_their_number_however_it_is_written(self, house: Running) -> None:
        mine, other, phone = await talk(house, "hello"), await talk(house, "hello"), number()
        await texts(house, mine, phone)
        await texts(house, other, number())
        area, exchange, line = phone[2:5], phone[5:8], phone[8:]
        desk = await house.console()
        written = (f"({area}) {exchange}-{line}", f"{area}-{exchange}-{line}", f"{area}.{exchange}.{line}", f"+1 {area} {exchange} {line}")
        for typed in (*written, phone, phone[1:], phone[2:], f"{exchange} {line}", line, f"001{phone[2:]}"):
            assert await found(desk, typed) == [mine], typed
        (row,) = (await desk.ask("inbox", {"view": "all", "query": phone}, "/console"))["rows"]
        assert (row["customer"], row["channel"]) == (f"({area}) {exchange}-{line}", "sms")
        assert await found(desk, line[1:]) == [], "three digits mean no number"

    async def test_a_number_that_was_given_in_the_chat_finds_its_customer_too(self, house: Running) -> None:
        phone, name = number(), f"Zoe {letters()}"
        mine = await talk(house, "call me", name)
        await texts(house, mine, phone)
        desk = await house.console()
        (row,) = (await desk.ask("inbox", {"view": "all", "query": phone}, "/console"))["rows"]
        assert row["customer"] == name, "a name comes before the number"
        await house.rows("UPDATE ai.chat_session SET phone = NULL, channel = 'web' WHERE id = $1", UUID(mine))
        assert await found(desk, phone) == []
        claimed = (
            "INSERT INTO core.identity (id, customer_id, kind, scope, value) SELECT $1, customer_id, 'phone', 'x', $2 FROM ai.chat_session"
        )
        await house.rows(f"{claimed} WHERE id = $3", uuid4(), phone, UUID(mine))
        assert await found(desk, phone[5:]) == [mine]

    async def test_nobody_but_staff_is_told_it(self, house: Running) -> None:
        raw, beside, phone = await house.visitor(), await house.visitor(), number()
        assert (await raw.say("hello"))["ok"] and (await beside.say("hello"))["ok"]
        await raw.durable("reply_finished")
        conversation = str(raw.heard("ready")[0]["conversation"]["id"])
        await texts(house, conversation, phone)
        desk = await house.console()
        assert await found(desk, phone) == [conversation]
        assert (await raw.ask("sync", {}))["ok"] and (await beside.ask("sync", {}))["ok"]
        for one in (raw, beside):
            assert not any(phone[2:] in frame for frame in one.frames)

    @pytest.mark.parametrize(
        "typed", ["", "12", "555", "party of 12000", "555-0142 please", "a555-0142", "٠١٢٣٤٥", "½ 5550142", "%%%%", "____"]
    )
    def test_what_means_no_number(self, typed: str) -> None:
        assert phone_pieces(typed) == ()

    def test_what_is_dialled_before_a_number(self) -> None:
        assert "442079460958" in phone_pieces("0044 20 7946 0958") and "2079460958" in phone_pieces("020 7946 0958")
        assert "0142" in phone_pieces("0142"), "the last four"
