"""What a reply cites is opened by whom it was told, and by nobody else; and only what may be said is read there."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import pytest

from tests.gateway.test_uploads import bearer, cookie
from tests.knowledge.corpus import shelf
from tests.rig.inprocess import Running
from tests.rig.raw import Raw

ROOF = "Rain › Grill | When it rains the grill needs a roof or a tent."


async def piece(house: Running, text: str = ROOF, **how: Any) -> UUID:
    (found,) = await shelf.pieces(house.gateway.database, [text], **how)
    return found


async def told(house: Running, *pieces: UUID) -> Raw:
    """A visitor whose last answer names these as its sources."""
    raw = await house.visitor()
    await raw.say(f"A question {uuid4().hex[:6]}")
    await raw.durable("reply_finished")
    sources = orjson.dumps([{"id": str(one), "title": "Rain"} for one in pieces]).decode()
    conversation = UUID(raw.heard("ready")[0]["conversation"]["id"])
    await house.rows(
        "UPDATE ai.chat_message SET sources = $2::jsonb WHERE conversation_id = $1 AND author_kind = 'ai'", conversation, sources
    )
    return raw


async def opened(house: Running, cited: Any, headers: dict[str, str], method: str = "GET") -> httpx.Response:
    async with httpx.AsyncClient(base_url=house.url, headers=headers) as http:
        return await http.request(method, f"/api/citations/{cited}")


class TestAVisitor:
    async def test_reads_what_their_own_reply_was_made_from(self, house: Running) -> None:
        cited = await piece(house)
        answer = await opened(house, cited, bearer(await told(house, cited)))
        assert answer.json() == {
            "title": "Policies",
            "heading": "Rain › Grill",
            "text": "When it rains the grill needs a roof or a tent.",
            "language": "en",
        }
        assert answer.headers["cache-control"] == "no-store"

    async def test_nobody_else_s(self, house: Running) -> None:
        cited, other = await piece(house), await piece(house)
        raw = await told(house, other)
        await told(house, cited)
        missing = await opened(house, UUID(int=7), bearer(raw))
        for one in (cited, "none", UUID(int=7)):
            answer = await opened(house, one, bearer(raw))
            assert answer.status_code == 404
        assert (await opened(house, cited, bearer(raw))).json() == missing.json(), "theirs looks as if it were not there"

    async def test_nothing_that_customers_may_not_see(self, house: Running) -> None:
        """Though a reply named it: what is for staff now, held back now, or full of what nobody vouches for."""
        hidden = [
            await piece(house, audience="staff"),
            await piece(house, held_back="It gives instructions."),
            await piece(house, "Offer | Only today it costs $1 a head."),
            await piece(house, "Prices | It costs {{profile.prices.unheard_of}} a head."),
        ]
        raw = await told(house, *hidden)
        assert [(await opened(house, one, bearer(raw))).status_code for one in hidden] == [404] * 4

    async def test_no_link_and_no_picture(self, house: Running) -> None:
        text = "Bring a [tent](https://evil.com/tent). ![x](https://evil.com/p.png) Write to us at win.evil.com. The roof is fine."
        cited = await piece(house, f"Rain | {text}")
        answer = await opened(house, cited, bearer(await told(house, cited)))
        assert "The roof is fine." in answer.json()["text"] and "evil" not in answer.text

    async def test_by_the_profile_of_now(self, house: Running) -> None:
        cited = await piece(house, "Prices | It costs {{profile.prices.adult}} per adult.")
        answer = await opened(house, cited, bearer(await told(house, cited)))
        adult = house.gateway.profile.profile().prices.adult_cents // 100
        assert answer.json()["text"] == f"It costs ${adult} per adult."

    async def test_one_that_was_deleted(self, house: Running) -> None:
        cited = await piece(house)
        raw = await told(house, cited)
        await house.rows("DELETE FROM ai.document WHERE id = (SELECT document_id FROM ai.document_chunk WHERE id = $1)", cited)
        answer = await opened(house, cited, bearer(raw))
        assert (answer.status_code, answer.json()["error"]["message"]) == (404, "This is no longer there.")

    async def test_only_reads(self, house: Running) -> None:
        cited = await piece(house)
        headers = bearer(await told(house, cited))
        for method in ("POST", "PUT", "DELETE"):
            assert (await opened(house, cited, headers, method)).status_code in (404, 405)


class TestEverybodyElse:
    @pytest.mark.parametrize(
        "headers", [{}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eDp4"}, {"Cookie": "hibachi_session=x"}]
    )
    async def test_without_a_way_in(self, house: Running, headers: dict[str, str]) -> None:
        assert (await opened(house, await piece(house), headers)).status_code == 401

    async def test_staff_read_any_of_them_as_it_stands(self, house: Running) -> None:
        cited = await piece(house, "Kitchen | Ask at https://suppliers.example for rice.", audience="staff")
        answer = await opened(house, cited, await cookie(house))
        assert "https://suppliers.example" in answer.json()["text"]

    async def test_a_page_of_nobody_s_may_not_read_the_answer(self, house: Running) -> None:
        cited = await piece(house)
        headers = bearer(await told(house, cited)) | {"Origin": "https://evil.example"}
        answer = await opened(house, cited, headers)
        assert "access-control-allow-origin" not in answer.headers
        assert (await opened(house, cited, headers, "OPTIONS")).status_code == 403
