"""From a text to its conversation on the web, and over the wire from the web to texts."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import sqlalchemy as sa

from business.channels import consent, subscriptions
from business.links.signing import Links
from business.profile.loader import load_profile
from kernel.clock import utc_now
from kernel.database import Database
from kernel.errors import NotFound
from kernel.tables.ai import ChatSession
from kernel.tables.core import VisitorToken
from kernel.tables.ops import TextMessage
from tests.conftest import made_database
from tests.rig.inprocess import Running, running
from tests.rig.postgres import PostgresServer
from tests.rig.raw import Raw
from tests.sms.people import NOW, OURS, PHONE

PROFILE = load_profile()
BASE = "https://chat.example.org"
LINKS = Links(lambda: BASE, "secret")
SMS = {
    "provider": "ringcentral",
    "address": "http://127.0.0.1:9",
    "client_id": "client",
    "client_secret_env": "RINGCENTRAL_CLIENT_SECRET",
    "jwt_env": "RINGCENTRAL_JWT",
}


@pytest.fixture(scope="module")
def url(postgres: PostgresServer, template: str) -> Iterator[str]:
    yield from made_database(postgres, template)


@pytest.fixture(scope="module")
async def house(url: str, shared_redis: Any) -> AsyncIterator[Running]:
    """A gateway whose install has a provider, which nobody reaches."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RINGCENTRAL_CLIENT_SECRET", "secret")
        patch.setenv("RINGCENTRAL_JWT", "jwt")
        async with running(url, shared_redis.url, sms=SMS) as found:
            yield found


@pytest.fixture(scope="module")
async def database(url: str) -> AsyncIterator[Database]:
    made = Database(url, application="test")
    yield made
    await made.close()


@pytest.fixture
async def ana(house: Running) -> AsyncIterator[Raw]:
    raw = await house.visitor()
    assert (await raw.say("hello"))["ok"]
    await raw.durable("reply_finished")
    yield raw
    await raw.leave()


def conversation_of(raw: Raw) -> UUID:
    return UUID(raw.heard("ready")[0]["conversation"]["id"])


async def code_of(database: Database, conversation: UUID) -> str:
    query = sa.select(TextMessage.text).where(TextMessage.conversation_id == conversation, TextMessage.purpose == "code")
    async with database.transaction() as connection:
        text = await connection.scalar(query.order_by(TextMessage.created_at.desc()).limit(1))
    assert text is not None
    return str(text)[:6]


async def goes_on(raw: Raw, database: Database, phone: str) -> None:
    assert (await raw.ask("continue_by_text", {"phone": phone}))["ok"]
    assert (await raw.ask("verify_phone", {"code": await code_of(database, conversation_of(raw))}))["ok"]


async def link_of(house: Running, database: Database, conversation: UUID) -> str:
    async with database.transaction() as connection:
        phone = str(await connection.scalar(sa.select(ChatSession.phone).where(ChatSession.id == conversation)))
    path = house.gateway.links.thread(conversation, phone, utc_now()).partition("/t/")[2]
    return f"{house.url}/t/{path}"


class TestOverTheWire:
    async def test_it_is_offered_where_there_is_a_provider(self, ana: Raw) -> None:
        assert ana.heard("ready")[0]["business"]["texting"] is True

    @pytest.mark.parametrize("phone", ["12", "call me", "+1 010 555 0142"])
    async def test_no_number(self, ana: Raw, phone: str) -> None:
        answer = await ana.ask("continue_by_text", {"phone": phone})
        assert (answer["ok"], answer["error"]["why"]) == (False, "number")

    async def test_a_number_of_films_is_told_to_be_none(self, ana: Raw) -> None:
        answer = await ana.ask("continue_by_text", {"phone": "+1 415 555 0142"})
        assert (answer["error"]["code"], answer["error"]["why"]) == ("bad_request", "unsent")

    async def test_a_number_that_stopped_is_told_where_its_start_goes(self, ana: Raw, database: Database) -> None:
        stopped = "+14155552620"
        await database.unit(lambda c: consent.stop(c, number=stopped, text="STOP", now=utc_now()))
        unknown = (await ana.ask("continue_by_text", {"phone": stopped}))["error"]
        assert unknown["why"] == "stopped" and "number" not in unknown and "to our number" in unknown["message"]
        numbers = [{"number": "+15105553001", "sends": False}, {"number": OURS, "sends": True}]
        await database.unit(lambda c: subscriptions.ensure(c, "ringcentral"))
        await database.unit(lambda c: subscriptions.change(c, "ringcentral", numbers=numbers))
        known = (await ana.ask("continue_by_text", {"phone": stopped}))["error"]
        assert known["number"] == OURS and OURS in known["message"]

    async def test_the_same_is_said_of_a_known_number_and_of_an_unknown_one(self, house: Running, ana: Raw, database: Database) -> None:
        await goes_on(ana, database, "+14155552680")
        eve = await house.visitor()
        assert (await eve.say("hello"))["ok"]
        answers = [await eve.ask("continue_by_text", {"phone": phone}) for phone in ("+14155552680", "+14155552681")]
        assert answers == [{"ok": True}, {"ok": True}]

    async def test_a_wrong_code_says_so_and_the_right_one_goes_on(self, ana: Raw, database: Database) -> None:
        assert (await ana.ask("continue_by_text", {"phone": PHONE})) == {"ok": True}
        right = await code_of(database, conversation_of(ana))
        wrong = await ana.ask("verify_phone", {"code": f"{(int(right) + 1) % 1_000_000:06d}"})
        assert (wrong["error"]["code"], wrong["error"]["why"]) == ("bad_request", "wrong")
        assert (await ana.ask("verify_phone", {"code": right})) == {"ok": True}
        said = await ana.expect("event", lambda body: body["kind"] == "message" and body["message"]["author"]["kind"] == "system")
        assert "texting with My Hibachi" in said["message"]["text"]

    async def test_somebody_who_has_not_written_yet_may(self, house: Running, database: Database) -> None:
        raw = await house.visitor()
        await goes_on(raw, database, "+14155552683")
        await raw.leave()


class TestTheLink:
    def test_is_short_enough_for_a_text(self) -> None:
        assert len(LINKS.thread(uuid4(), PHONE, NOW)) <= len(BASE) + 43

    def test_is_the_same_on_the_same_day(self) -> None:
        conversation = uuid4()
        assert LINKS.thread(conversation, PHONE, NOW) == LINKS.thread(conversation, PHONE, NOW + timedelta(hours=1))

    @pytest.mark.parametrize("token", ["", "x", "é", "AAAA", "A" * 39, "A" * 4000, "%00"])
    def test_what_is_none_opens_nothing(self, token: str) -> None:
        with pytest.raises(NotFound):
            LINKS.thread_of(token, NOW)

    def test_a_week_and_then_no_more(self) -> None:
        token = LINKS.thread(uuid4(), PHONE, NOW).rpartition("/")[2]
        assert LINKS.leads_to(LINKS.thread_of(token, NOW + timedelta(days=7)), PHONE)
        with pytest.raises(NotFound):
            LINKS.thread_of(token, NOW + timedelta(days=8))

    def test_each_bit_of_it_counts(self) -> None:
        token = LINKS.thread(uuid4(), PHONE, NOW).rpartition("/")[2]
        for place in range(len(token) - 1):
            other = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
            try:
                assert not LINKS.leads_to(LINKS.thread_of(other, NOW), PHONE)
            except NotFound:
                continue

    def test_it_is_of_one_number(self) -> None:
        thread = LINKS.thread_of(LINKS.thread(uuid4(), PHONE, NOW).rpartition("/")[2], NOW)
        assert LINKS.leads_to(thread, PHONE) and not LINKS.leads_to(thread, "+14155552672")


class TestThePage:
    async def test_a_look_at_it_changes_nothing(self, house: Running, ana: Raw, database: Database) -> None:
        await goes_on(ana, database, "+14155552684")
        link = await link_of(house, database, conversation_of(ana))
        count = sa.select(sa.func.count()).select_from(VisitorToken)
        async with database.transaction() as connection:
            before = await connection.scalar(count)
        async with httpx.AsyncClient() as client:
            page = await client.get(link)
        assert page.status_code == 200 and "<script" not in page.text
        assert page.headers["referrer-policy"] == "no-referrer" and page.headers["x-robots-tag"] == "noindex"
        assert page.headers["cache-control"] == "no-store" and "frame-ancestors 'none'" in page.headers["content-security-policy"]
        async with database.transaction() as connection:
            assert await connection.scalar(count) == before

    async def test_the_button_lets_this_browser_into_that_conversation(self, house: Running, ana: Raw, database: Database) -> None:
        await goes_on(ana, database, "+14155552685")
        async with httpx.AsyncClient() as client:
            page = await client.post(await link_of(house, database, conversation_of(ana)))
        token = page.text.partition('data-token="')[2].partition('"')[0]
        other = await house.open(headers={"Origin": house.url})
        await other.enter("/chat", {"site": "demo", "token": token})
        ready = await other.expect("ready")
        assert ready["conversation"]["id"] == str(conversation_of(ana))
        assert any(event.get("message", {}).get("text") == "hello" for event in ready["events"])
        await other.leave()

    async def test_another_page_cannot_press_it(self, house: Running, ana: Raw, database: Database) -> None:
        await goes_on(ana, database, "+14155552686")
        link = await link_of(house, database, conversation_of(ana))
        async with httpx.AsyncClient(headers={"Origin": "https://evil.example"}) as client:
            assert (await client.post(link)).status_code == 403

    async def test_it_is_over_where_the_number_has_moved(self, house: Running, ana: Raw, database: Database) -> None:
        await goes_on(ana, database, "+14155552687")
        link = await link_of(house, database, conversation_of(ana))
        bea = await house.visitor()
        await goes_on(bea, database, "+14155552687")
        async with httpx.AsyncClient() as client:
            assert (await client.get(link)).status_code == 404
            assert (await client.post(link)).status_code == 404
        await bea.leave()
