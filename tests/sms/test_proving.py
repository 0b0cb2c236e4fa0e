"""A number is its owner's who reads the code there: sad paths first."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from business.channels import consent
from business.channels.proving import PER_HOUR, TRIES, Codes, fresh
from business.profile.schemas import Profile
from kernel.database import Database
from kernel.tables.ai import ChatEvent
from kernel.tables.crm import Consent
from kernel.tables.ops import PhoneCode
from tests.conftest import made_database
from tests.rig.postgres import PostgresServer
from tests.sms.people import NOW, OURS, Town, number

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def url(postgres: PostgresServer, template: str) -> Iterator[str]:
    yield from made_database(postgres, template)


@pytest.fixture(scope="module")
async def town(url: str, profile: Profile) -> AsyncIterator[Town]:
    """One for all: everybody has a number of their own."""
    database = Database(url, application="test", pool_size=6)
    yield await Town.found(database, profile)
    await database.close()


@pytest.fixture
def phone() -> str:
    return number()


def other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


class TestCodesThatProveNothing:
    async def test_none_was_asked_for(self, town: Town, phone: str) -> None:
        ana = await town.visitor()
        assert (await town.verify(ana, "123456")).trouble == "none"

    async def test_a_wrong_one_counts_and_five_are_the_end_of_it(self, town: Town, phone: str) -> None:
        ana = await town.visitor()
        code = await town.code(ana, phone)
        troubles = [(await town.verify(ana, other(code))).trouble for _ in range(TRIES)]
        assert troubles == ["wrong"] * (TRIES - 1) + ["tries"]
        assert (await town.verify(ana, code)).trouble == "tries"
        assert (await town.conversation(ana)).phone is None

    async def test_five_at_once_are_five(self, town: Town, phone: str) -> None:
        ana = await town.visitor()
        code = await town.code(ana, phone)
        await asyncio.gather(*(town.verify(ana, other(code)) for _ in range(TRIES)))
        assert (await town.verify(ana, code)).trouble == "tries"

    async def test_one_that_is_over(self, town: Town, phone: str) -> None:
        ana = await town.visitor()
        code = await town.code(ana, phone)
        assert (await town.verify(ana, code, now=NOW + 10 * MINUTE)).trouble == "expired"
        assert (await town.verify(ana, code, now=NOW + 9 * MINUTE)).trouble is None

    async def test_an_older_one_of_the_same_conversation(self, town: Town, phone: str) -> None:
        ana = await town.visitor()
        older = await town.code(ana, phone)
        newer = await town.code(ana, phone, now=NOW + MINUTE)
        assert older == newer or (await town.verify(ana, older, now=NOW + MINUTE)).trouble == "wrong"

    async def test_that_of_another_conversation(self, town: Town, phone: str) -> None:
        ana, eve = await town.visitor(), await town.visitor()
        code = await town.code(ana, phone)
        assert (await town.verify(eve, code)).trouble == "none"

    async def test_after_a_stop(self, town: Town, phone: str) -> None:
        ana = await town.visitor()
        code = await town.code(ana, phone)
        async with town.database.transaction() as connection:
            await consent.stop(connection, number=phone, text="STOP", now=NOW)
        assert (await town.verify(ana, code)).trouble == "stopped"
        assert (await town.conversation(ana)).phone is None
        async with town.database.transaction() as connection:
            await consent.start(connection, number=phone, text="START")
        assert (await town.verify(ana, code)).trouble is None, "as they are told"
        assert (await town.conversation(ana)).phone == phone


class TestHowOften:
    async def test_three_an_hour_go_to_a_number_whoever_asks(self, town: Town, phone: str) -> None:
        people = [await town.visitor() for _ in range(PER_HOUR + 1)]
        for ana in people[:PER_HOUR]:
            assert len(await town.code(ana, phone)) == 6
        assert await town.code(people[-1], phone) == "often"
        assert len(await town.code(people[-1], phone, now=NOW + 61 * MINUTE)) == 6
        assert len(await town.texts("code", phone)) == PER_HOUR + 1

    async def test_three_an_hour_are_asked_for_in_a_conversation(self, town: Town, phone: str) -> None:
        ana = await town.visitor()
        numbers = [phone, *(number() for _ in range(PER_HOUR))]
        asked = [await town.code(ana, number) for number in numbers]
        assert [code == "often" for code in asked] == [False] * PER_HOUR + [True]

    async def test_those_who_ask_at_the_same_moment_are_counted(self, town: Town, phone: str) -> None:
        people = [await town.visitor() for _ in range(PER_HOUR + 3)]
        asked = await asyncio.gather(*(town.code(ana, phone) for ana in people))
        assert sum(code != "often" for code in asked) == PER_HOUR

    async def test_those_of_one_conversation_that_are_asked_for_at_the_same_moment_are_counted(self, town: Town) -> None:
        ana = await town.visitor()
        asked = await asyncio.gather(*(town.code(ana, number()) for _ in range(PER_HOUR + 3)))
        assert sum(code != "often" for code in asked) == PER_HOUR

    async def test_asked_again_after_a_lost_commit_it_is_one(self, town: Town, phone: str) -> None:
        ana, given = await town.visitor(), fresh()
        assert [await town.code(ana, phone, given=given) for _ in range(2)] == [given.code] * 2
        assert len(await town.texts("code", phone)) == 1


class TestTheRightCode:
    async def test_makes_the_conversation_go_on_by_text(self, town: Town, phone: str) -> None:
        ana = await town.visitor()
        assert (await town.verify(ana, await town.code(ana, phone), ip="192.0.2.7")).trouble is None
        row = await town.conversation(ana)
        assert (row.phone, row.our_phone, row.channel) == (phone, OURS, "sms")
        assert ("phone", phone, True) in await town.identities(row.customer_id)
        assert await town.told(row.id) == ["phone"]
        entry = (await town.rows(sa.select(Consent).where(Consent.address == phone)))[0]
        assert (entry.source, entry.address, entry.ip, entry.granted) == ("verified", phone, "192.0.2.7", True)
        assert entry.text == consent.words(town.profile, "en")

    async def test_begins_with_a_text_that_stands_on_the_web_too(self, town: Town, phone: str) -> None:
        ana = await town.visitor()
        await town.proved(ana, phone)
        query = sa.select(ChatEvent.payload).where(ChatEvent.conversation_id == ana.conversation, ChatEvent.kind == "message")
        said = (await town.rows(query.order_by(ChatEvent.seq)))[-1].payload["message"]
        first = (await town.texts("reply", phone))[-1]
        assert said["author"]["kind"] == "system"
        assert said["text"].startswith("You are now texting with My Hibachi.")
        assert (first.text, first.to_number, first.segments) == (said["text"], phone, 1)

    async def test_spaces_in_it_are_none(self, town: Town, phone: str) -> None:
        ana = await town.visitor()
        code = await town.code(ana, phone)
        assert (await town.verify(ana, f" {code[:3]} {code[3:]} ")).trouble is None

    async def test_said_twice_it_is_once(self, town: Town, phone: str) -> None:
        ana = await town.visitor()
        code = await town.code(ana, phone)
        went = await asyncio.gather(*(town.verify(ana, code) for _ in range(3)))
        assert [one.trouble for one in went] == [None] * 3
        assert await town.told(ana.conversation) == ["phone"]

    async def test_the_claim_of_the_number_makes_way(self, town: Town, phone: str) -> None:
        ana = await town.visitor()
        await town.claims(ana, phone=phone)
        await town.proved(ana, phone)
        assert await town.identities(await town.customer_of(ana)) == {("phone", phone, True)}


class TestWhatIsKept:
    async def test_a_hash_alone(self, town: Town, phone: str) -> None:
        ana = await town.visitor()
        code = await town.code(ana, phone)
        kept = (await town.rows(sa.select(PhoneCode).where(PhoneCode.phone == phone)))[0]
        assert code not in str(kept._asdict().values()).replace(str(kept.id), "")
        assert code in (await town.texts("code", phone))[0].text

    async def test_other_secrets_make_other_hashes(self, town: Town, phone: str) -> None:
        ana, given = await town.visitor(), fresh()
        await town.code(ana, phone, given=given)
        (kept,) = await town.rows(sa.select(PhoneCode).where(PhoneCode.phone == phone))
        assert kept.code_hash != Codes("another", 10)._hash(given.id, given.code)


class TestTheNumberMoves:
    async def test_it_leaves_the_conversation_that_had_it(self, town: Town, phone: str) -> None:
        ana = await town.visitor()
        await town.proved(ana, phone)
        again = await town.visitor("from another browser")
        await town.proved(again, phone, now=NOW + MINUTE)
        was, now = await town.conversation(ana), await town.conversation(again)
        assert (was.phone, was.channel, now.phone, now.channel) == (None, "web", phone, "sms")
        assert await town.told(ana.conversation) == ["phone", "phone"]

    async def test_two_who_prove_it_at_the_same_moment(self, town: Town, phone: str) -> None:
        ana, bea = await town.visitor(), await town.visitor()
        codes = [await town.code(ana, phone), await town.code(bea, phone)]
        await asyncio.gather(town.verify(ana, codes[0]), town.verify(bea, codes[1]))
        phones = [(await town.conversation(one)).phone for one in (ana, bea)]
        assert sorted(phones, key=str) == [phone, None]
        assert await town.customer_of(ana) == await town.customer_of(bea)

    async def test_a_code_that_was_used_does_not_fetch_it_back(self, town: Town, phone: str) -> None:
        ana, bea = await town.visitor(), await town.visitor()
        used = await town.code(ana, phone)
        assert (await town.verify(ana, used)).trouble is None
        await town.proved(bea, phone, now=NOW + MINUTE)
        assert (await town.verify(ana, used, now=NOW + MINUTE)).trouble == "expired"
        assert ((await town.conversation(ana)).phone, (await town.conversation(bea)).phone) == (None, phone)

    async def test_another_number_takes_the_place_of_the_first(self, town: Town, phone: str) -> None:
        ana = await town.visitor()
        await town.proved(ana, phone)
        another = number()
        await town.proved(ana, another, now=NOW + MINUTE)
        assert (await town.conversation(ana)).phone == another

    async def test_words_on_the_web_are_answered_on_the_web(self, town: Town, phone: str) -> None:
        ana = await town.visitor()
        await town.proved(ana, phone)
        await town.say(ana, "I am back on the page")
        row = await town.conversation(ana)
        assert (row.channel, row.phone) == ("web", phone)
