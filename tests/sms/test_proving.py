"""A number is its owner's who reads the code there: sad paths first."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from business.channels import consent
from business.channels.proving import PER_HOUR, TRIES, fresh
from business.profile.loader import load_profile
from business.profile.schemas import Profile
from kernel.database import Database
from kernel.tables.ai import ChatEvent
from kernel.tables.crm import Consent
from kernel.tables.ops import PhoneCode, TextMessage
from tests.sms.people import NOW, OTHER_PHONE, OURS, PHONE, Town

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile()


@pytest.fixture
async def town(database: Database, profile: Profile) -> Town:
    return await Town.found(database, profile)


def other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


class TestCodesThatProveNothing:
    async def test_none_was_asked_for(self, town: Town) -> None:
        ana = await town.visitor()
        assert (await town.verify(ana, "123456")).trouble == "none"

    async def test_a_wrong_one_counts_and_five_are_the_end_of_it(self, town: Town) -> None:
        ana = await town.visitor()
        code = await town.code(ana)
        troubles = [(await town.verify(ana, other(code))).trouble for _ in range(TRIES)]
        assert troubles == ["wrong"] * (TRIES - 1) + ["tries"]
        assert (await town.verify(ana, code)).trouble == "tries"
        assert (await town.conversation(ana)).phone is None

    async def test_five_at_once_are_five(self, town: Town) -> None:
        ana = await town.visitor()
        code = await town.code(ana)
        await asyncio.gather(*(town.verify(ana, other(code)) for _ in range(TRIES)))
        assert (await town.verify(ana, code)).trouble == "tries"

    async def test_one_that_is_over(self, town: Town) -> None:
        ana = await town.visitor()
        code = await town.code(ana)
        assert (await town.verify(ana, code, now=NOW + 10 * MINUTE)).trouble == "expired"
        assert (await town.verify(ana, code, now=NOW + 9 * MINUTE)).trouble is None

    async def test_an_older_one_of_the_same_conversation(self, town: Town) -> None:
        ana = await town.visitor()
        older = await town.code(ana)
        newer = await town.code(ana, now=NOW + MINUTE)
        assert older == newer or (await town.verify(ana, older, now=NOW + MINUTE)).trouble == "wrong"

    async def test_that_of_another_conversation(self, town: Town) -> None:
        ana, eve = await town.visitor(), await town.visitor()
        code = await town.code(ana)
        assert (await town.verify(eve, code)).trouble == "none"

    async def test_after_a_stop(self, town: Town) -> None:
        ana = await town.visitor()
        code = await town.code(ana)
        async with town.database.transaction() as connection:
            await consent.stop(connection, number=PHONE, text="STOP", now=NOW)
        assert (await town.verify(ana, code)).trouble == "stopped"
        assert (await town.conversation(ana)).phone is None


class TestHowOften:
    async def test_three_an_hour_go_to_a_number_whoever_asks(self, town: Town) -> None:
        people = [await town.visitor() for _ in range(PER_HOUR + 1)]
        for ana in people[:PER_HOUR]:
            assert len(await town.code(ana)) == 6
        assert await town.code(people[-1]) == "often"
        assert len(await town.code(people[-1], now=NOW + 61 * MINUTE)) == 6
        assert len(await town.texts("code")) == PER_HOUR + 1

    async def test_three_an_hour_are_asked_for_in_a_conversation(self, town: Town) -> None:
        ana = await town.visitor()
        numbers = [f"+1415555{number}" for number in range(3000, 3000 + PER_HOUR + 1)]
        asked = [await town.code(ana, number) for number in numbers]
        assert [code == "often" for code in asked] == [False] * PER_HOUR + [True]

    async def test_those_who_ask_at_the_same_moment_are_counted(self, town: Town) -> None:
        people = [await town.visitor() for _ in range(PER_HOUR + 3)]
        asked = await asyncio.gather(*(town.code(ana) for ana in people))
        assert sum(code != "often" for code in asked) == PER_HOUR

    async def test_asked_again_after_a_lost_commit_it_is_one(self, town: Town) -> None:
        ana, given = await town.visitor(), fresh()
        assert [await town.code(ana, given=given) for _ in range(2)] == [given.code] * 2
        assert len(await town.texts("code")) == 1


class TestTheRightCode:
    async def test_makes_the_conversation_go_on_by_text(self, town: Town) -> None:
        ana = await town.visitor()
        assert (await town.verify(ana, await town.code(ana), ip="192.0.2.7")).trouble is None
        row = await town.conversation(ana)
        assert (row.phone, row.our_phone, row.channel) == (PHONE, OURS, "sms")
        assert ("phone", PHONE, True) in await town.identities(row.customer_id)
        assert await town.told(row.id) == ["phone"]
        entry = (await town.rows(sa.select(Consent)))[0]
        assert (entry.source, entry.address, entry.ip, entry.granted) == ("verified", PHONE, "192.0.2.7", True)
        assert entry.text == consent.words(town.profile, "en")

    async def test_begins_with_a_text_that_stands_on_the_web_too(self, town: Town) -> None:
        ana = await town.visitor()
        await town.proved(ana)
        query = sa.select(ChatEvent.payload).where(ChatEvent.conversation_id == ana.conversation, ChatEvent.kind == "message")
        said = (await town.rows(query.order_by(ChatEvent.seq)))[-1].payload["message"]
        first = (await town.texts("reply"))[-1]
        assert said["author"]["kind"] == "system"
        assert said["text"].startswith("You are now texting with My Hibachi.")
        assert (first.text, first.to_number, first.segments) == (said["text"], PHONE, 1)

    async def test_spaces_in_it_are_none(self, town: Town) -> None:
        ana = await town.visitor()
        code = await town.code(ana)
        assert (await town.verify(ana, f" {code[:3]} {code[3:]} ")).trouble is None

    async def test_said_twice_it_is_once(self, town: Town) -> None:
        ana = await town.visitor()
        code = await town.code(ana)
        went = await asyncio.gather(*(town.verify(ana, code) for _ in range(3)))
        assert [one.trouble for one in went] == [None] * 3
        assert await town.told(ana.conversation) == ["phone"]

    async def test_the_claim_of_the_number_makes_way(self, town: Town) -> None:
        ana = await town.visitor()
        await town.claims(ana, phone=PHONE)
        await town.proved(ana)
        assert await town.identities(await town.customer_of(ana)) == {("phone", PHONE, True)}


class TestWhatIsKept:
    async def test_a_hash_alone(self, town: Town) -> None:
        ana = await town.visitor()
        code = await town.code(ana)
        kept = (await town.rows(sa.select(PhoneCode)))[0]
        assert code not in str(kept._asdict().values()).replace(str(kept.id), "")
        assert code in (await town.rows(sa.select(TextMessage)))[0].text

    async def test_other_secrets_make_other_hashes(self, town: Town) -> None:
        ana, given = await town.visitor(), fresh()
        await town.code(ana, given=given)
        assert (await town.rows(sa.select(PhoneCode)))[0].code_hash != town.codes.__class__("another", 10)._hash(given.id, given.code)


class TestTheNumberMoves:
    async def test_it_leaves_the_conversation_that_had_it(self, town: Town) -> None:
        ana = await town.visitor()
        await town.proved(ana)
        again = await town.visitor("from another browser")
        await town.proved(again, now=NOW + MINUTE)
        was, now = await town.conversation(ana), await town.conversation(again)
        assert (was.phone, was.channel, now.phone, now.channel) == (None, "web", PHONE, "sms")
        assert await town.told(ana.conversation) == ["phone", "phone"]

    async def test_two_who_prove_it_at_the_same_moment(self, town: Town) -> None:
        ana, bea = await town.visitor(), await town.visitor()
        codes = [await town.code(ana), await town.code(bea)]
        await asyncio.gather(town.verify(ana, codes[0]), town.verify(bea, codes[1]))
        phones = [(await town.conversation(one)).phone for one in (ana, bea)]
        assert sorted(phones, key=str) == [PHONE, None]
        assert await town.customer_of(ana) == await town.customer_of(bea)

    async def test_another_number_takes_the_place_of_the_first(self, town: Town) -> None:
        ana = await town.visitor()
        await town.proved(ana)
        await town.proved(ana, OTHER_PHONE, now=NOW + MINUTE)
        assert (await town.conversation(ana)).phone == OTHER_PHONE

    async def test_words_on_the_web_are_answered_on_the_web(self, town: Town) -> None:
        ana = await town.visitor()
        await town.proved(ana)
        await town.say(ana, "I am back on the page")
        row = await town.conversation(ana)
        assert (row.channel, row.phone) == ("web", PHONE)
