"""Texts that come in: each once and in order however its webhooks came, in the conversation of its number, with what its words mean."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from business.channels import consent, inbox, keywords, receiving
from business.channels.provider import Incoming
from business.channels.receiving import LONGEST, no_files
from business.channels.segments import plain
from business.uploads.folder import UploadFolder
from kernel.database import Database
from kernel.tables.ai import ChatMessage, ChatSession, Upload
from kernel.tables.core import Identity, MergeSuggestion
from kernel.tables.crm import Consent, ConsentReview
from kernel.tables.ops import TextMessage
from tests.rig.standing import StandsStill, cut_off, stands_or_is_done
from tests.sms.arriving import Arriving
from tests.sms.people import number

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 400
pytestmark = pytest.mark.usefixtures("subscribed")


@pytest.fixture
async def subscribed(arrived: Arriving) -> None:
    await arrived.subscribes()


class TestOnceAndInOrder:
    async def test_twenty_webhooks_at_once_are_one_message(self, arrived: Arriving) -> None:
        rc = arrived.texting.rc
        id = rc.say(arrived.phone, "A party of 12?")
        assert await rc.deliver(id, times=20) == [200] * 20
        await rc.settled()
        await arrived.fetches(*(arrived.worker() for _ in range(3)))
        assert await arrived.said() == ["A party of 12?"]
        assert await arrived.waiting_turns() == 1

    async def test_reordered_and_a_day_late(self, arrived: Arriving) -> None:
        rc = arrived.texting.rc
        rc.behave("lost", "reorder", "delay:86400", "ok", on="webhook")
        for word in ("one", "two", "three", "four"):
            rc.say(arrived.phone, word)
            arrived.texting.clock.by += timedelta(seconds=5)
        await rc.settled()
        await arrived.fetches(*(arrived.worker() for _ in range(3)))
        assert await arrived.said() == ["one", "two", "three", "four"], "what no webhook told came along"
        arrived.texting.clock.by += timedelta(days=1)
        await rc.settled()
        await arrived.fetches()
        assert await arrived.said() == ["one", "two", "three", "four"]

    async def test_many_phones_at_once_cost_few_requests(self, arrived: Arriving) -> None:
        rc, phones = arrived.texting.rc, [number() for _ in range(8)]
        for phone in phones:
            rc.say(phone, "hello")
        await rc.settled()
        before = len(rc.calls)
        await arrived.fetches()
        assert [await arrived.said(phone) for phone in phones] == [["hello"]] * 8
        assert len(rc.calls) - before < 8, "the provider takes some forty requests a minute"

    async def test_those_of_one_moment_by_their_ids(self, arrived: Arriving) -> None:
        at = arrived.texting.clock()
        texts = [Incoming(str(id), arrived.phone, arrived.texting.rc.number, f"text {id}", at) for id in (100, 9, 20)]
        await arrived.receiver().take(texts)
        assert await arrived.said() == ["text 9", "text 20", "text 100"]

    async def test_ten_workers_race_for_five_texts(self, arrived: Arriving) -> None:
        at = arrived.texting.clock()
        texts = [Incoming(str(n), arrived.phone, arrived.texting.rc.number, f"{n}", at + timedelta(seconds=n)) for n in range(1, 6)]
        await asyncio.gather(*(arrived.receiver().take(texts[: 1 + n % 5]) for n in range(10)))
        assert await arrived.said() == ["1", "2", "3", "4", "5"]

    async def test_a_newcomers_first_two_at_once_are_one_conversation(self, arrived: Arriving) -> None:
        at, ours = arrived.texting.clock(), arrived.texting.rc.number
        texts = [Incoming(f"{arrived.phone}.{n}", arrived.phone, ours, f"{n}", at + timedelta(seconds=n)) for n in range(4)]
        await asyncio.gather(*(arrived.receiver().take([one]) for one in texts))
        assert sorted(await arrived.said()) == ["0", "1", "2", "3"] and len(await arrived.conversations()) == 1

    async def test_more_than_wait_on_the_web_are_taken(self, arrived: Arriving) -> None:
        for n in range(8):
            await arrived.comes(f"wish {n} of mine")
        assert len(await arrived.said()) == 8 and await arrived.waiting_turns() == 1

    async def test_a_text_that_the_store_has_later(self, arrived: Arriving) -> None:
        row = await arrived.subscription()
        await _announce(arrived, "77")
        worker = arrived.worker(missing=(0.0, 3600.0))
        await arrived.fetches(worker)
        (effect,) = await arrived.effects("new")
        assert effect.error == "NoSuchText" and row.read_until is not None

    async def test_a_text_that_it_never_has_is_given_up_with_an_alarm(self, arrived: Arriving) -> None:
        await _announce(arrived, "77")
        await arrived.fetches(arrived.worker(missing=(0.0, 0.0)))
        (row,) = await arrived.came()
        assert (row.state, row.error) == ("failed", "NoSuchText")
        assert len(await arrived.effects("dead")) == 1

    async def test_while_the_provider_is_away(self, arrived: Arriving) -> None:
        arrived.texting.rc.behave("500", on="read", always=True)
        arrived.texting.rc.say(arrived.phone, "hello?")
        await arrived.texting.rc.settled()
        await arrived.fetches(arrived.worker(away=(0.0, 3600.0)))
        assert await arrived.said() == [] and len(await arrived.effects("new")) == 1
        arrived.texting.rc.behave(on="read")
        await arrived.time_passes(90)
        await arrived.fetches()
        assert await arrived.said() == ["hello?"]

    async def test_its_row_says_all_of_it(self, arrived: Arriving) -> None:
        id = await arrived.comes("A party of 12?")
        (row,) = await arrived.came()
        conversation = await arrived.conversation()
        assert (row.provider_id, row.state, row.outcome, row.text) == (id, "taken", "said", "A party of 12?")
        assert (row.from_number, row.to_number) == (arrived.phone, arrived.texting.rc.number)
        assert row.conversation_id == conversation.id
        message = await _message(arrived)
        assert (message.id, message.channel) == (row.message_id, "sms")


class TestWhose:
    async def test_a_newcomer_has_a_conversation_and_a_number(self, arrived: Arriving) -> None:
        await arrived.comes("hi")
        conversation = await arrived.conversation()
        assert (conversation.channel, conversation.our_phone) == ("sms", arrived.texting.rc.number)
        (identity,) = await arrived.rows(sa.select(Identity).where(Identity.customer_id == conversation.customer_id))
        assert (identity.kind, identity.value, identity.verified) == ("phone", arrived.phone, True)

    async def test_the_next_goes_on_there(self, arrived: Arriving) -> None:
        await arrived.comes("hi")
        await arrived.comes("me again")
        assert await arrived.said() == ["hi", "me again"] and len(await arrived.conversations()) == 1

    async def test_two_numbers_are_two_people(self, arrived: Arriving) -> None:
        await arrived.comes("hi")
        other = number()
        await arrived.comes("hi", other)
        assert (await arrived.conversation()).customer_id != (await arrived.conversation(other)).customer_id

    async def test_who_proved_the_number_goes_on_in_their_newest(self, arrived: Arriving) -> None:
        old, new = [await arrived.texting.town.visitor(text) for text in ("first", "second")]
        async with arrived.database.transaction() as connection:
            theirs = sa.update(ChatSession).where(ChatSession.id == old.conversation)
            await connection.execute(theirs.values(customer_id=new.customer))
            identity = {"id": uuid4(), "customer_id": new.customer, "kind": "phone", "scope": "", "value": arrived.phone, "verified": True}
            await connection.execute(sa.insert(Identity).values(identity))
        await arrived.comes("on my way")
        conversation = await arrived.conversation()
        assert (conversation.id, conversation.channel) == (new.conversation, "sms") and conversation.id != old.conversation
        assert await arrived.said() == ["second", "on my way"]

    async def test_who_only_said_that_it_is_theirs_does_not(self, arrived: Arriving) -> None:
        visitor = await arrived.texting.town.visitor("hello")
        async with arrived.database.transaction() as connection:
            claim = {"id": uuid4(), "customer_id": visitor.customer, "kind": "phone", "scope": str(visitor.customer)}
            await connection.execute(sa.insert(Identity).values(claim | {"value": arrived.phone, "verified": False}))
        await arrived.comes("a secret")
        conversation = await arrived.conversation()
        assert conversation.id != visitor.conversation and conversation.customer_id != visitor.customer
        both = (visitor.customer, conversation.customer_id)
        (suggestion,) = await arrived.rows(sa.select(MergeSuggestion).where(MergeSuggestion.one_id.in_(both)))
        assert {suggestion.one_id, suggestion.other_id} == {visitor.customer, conversation.customer_id}

    async def test_a_closed_conversation_is_opened_again(self, arrived: Arriving) -> None:
        await arrived.comes("hi")
        async with arrived.database.transaction() as connection:
            await connection.execute(sa.update(ChatSession).where(ChatSession.phone == arrived.phone).values(state="closed"))
        await arrived.comes("one more thing")
        assert (await arrived.conversation()).state == "open"

    async def test_machines_have_no_conversation(self, arrived: Arriving) -> None:
        ours, now = arrived.texting.rc.number, arrived.texting.clock()
        for sender in ("24681", "HIBACHI", "+1510", "", ours):
            await arrived.receiver().take([Incoming(f"from {sender}", sender, ours, "Your code is 1", now)])
        assert {(row.outcome, row.text) for row in await arrived.came()} == {("refused", "Your code is 1")}
        for sender in ("24681", "HIBACHI", "+1510", "", ours):
            assert await arrived.conversations(sender) == []

    async def test_a_country_that_is_not_written_to_is_read_and_not_answered(self, arrived: Arriving) -> None:
        for far in ("+442079460958", "+19002345678"):  # London; a number that costs who calls it
            await arrived.receiver().take([Incoming(far, far, arrived.texting.rc.number, "hi", arrived.texting.clock())])
            assert await arrived.said(far) == ["hi"]
        assert await arrived.waiting_turns() == 0
        assert (await arrived.conversation("+442079460958")).waiting_since is None


class TestKeywords:
    async def test_stop_is_kept_and_confirmed_once(self, arrived: Arriving) -> None:
        await arrived.comes("hi")
        turns = await arrived.waiting_turns()
        await arrived.comes(" Stop! ")
        await arrived.comes("STOP")
        assert (await _standing(arrived)).stopped
        assert len(await arrived.written()) == 1, "nobody is told twice"
        assert await arrived.said() == ["hi"] and await arrived.waiting_turns() == turns
        assert [row.outcome for row in await arrived.came()] == ["said", "stop", "stop"]
        assert len(await arrived.staff_log("note")) == 2

    async def test_of_somebody_who_never_wrote(self, arrived: Arriving) -> None:
        await arrived.comes("STOP")
        assert (await _standing(arrived)).stopped and len(await arrived.written()) == 1
        assert await arrived.conversations() == []

    async def test_start_begins_again(self, arrived: Arriving) -> None:
        await arrived.comes("STOP")
        await arrived.comes("start")
        standing = await _standing(arrived)
        assert not standing.stopped and standing.transactional
        assert len(await arrived.written()) == 2

    async def test_help_says_who_we_are(self, arrived: Arriving) -> None:
        await arrived.comes("hi")
        await arrived.comes("HELP")
        (told,) = await arrived.written()
        assert arrived.texting.town.profile.business.name in told

    @pytest.mark.parametrize(
        ("word", "keyword", "locale"), [("¡Alto!", "stop", "es"), ("AYUDA", "help", "es"), ("INFO", "help", "en"), ("STOP", "stop", "en")]
    )
    async def test_a_newcomer_is_answered_in_the_language_of_the_word(
        self, arrived: Arriving, word: str, keyword: keywords.Keyword, locale: str
    ) -> None:
        await arrived.comes(word)
        (told,) = await arrived.written()
        assert told == plain(keywords.confirmation(keyword, arrived.texting.town.profile, locale))
        assert await arrived.conversations() == []

    async def test_a_spanish_word_is_answered_so_in_an_english_conversation_too(self, arrived: Arriving) -> None:
        await arrived.comes("hi")
        await arrived.texting.town.run(sa.update(ChatSession).where(ChatSession.phone == arrived.phone).values(locale="en-US"))
        await arrived.comes("AYUDA")
        await arrived.comes("HELP")
        profile = arrived.texting.town.profile
        assert await arrived.written() == [plain(keywords.confirmation("help", profile, locale)) for locale in ("es", "en")]

    async def test_yes_is_an_answer_where_nothing_was_stopped(self, arrived: Arriving) -> None:
        await arrived.comes("yes")
        assert await arrived.said() == ["yes"] and await arrived.written() == []

    async def test_a_word_among_others_is_none(self, arrived: Arriving) -> None:
        await arrived.comes("stop by at 6")
        assert not (await _standing(arrived)).stopped and await arrived.said() == ["stop by at 6"]

    async def test_twenty_at_once_are_one_entry(self, arrived: Arriving) -> None:
        one = Incoming("9", arrived.phone, arrived.texting.rc.number, "STOP", arrived.texting.clock())
        await asyncio.gather(*(arrived.receiver().take([one]) for _ in range(20)))
        assert (
            len(await arrived.rows(sa.select(Consent).where(Consent.address == arrived.phone))) == 1 and len(await arrived.written()) == 1
        )

    async def test_a_refusal_in_their_own_words_is_reviewed_and_goes_on(self, arrived: Arriving) -> None:
        await arrived.comes("Please stop texting me these offers")
        assert await arrived.said() == ["Please stop texting me these offers"] and await arrived.waiting_turns() == 1
        assert (await _standing(arrived)).marketing is False
        assert len(await arrived.rows(sa.select(ConsentReview).where(ConsentReview.address == arrived.phone))) == 1
        assert await arrived.called("text_stop") == 1
        assert [one["reason"] for one in await arrived.staff_log("alert")] == ["text_stop"]


class TestWhatIsShown:
    async def test_a_picture_comes_along(self, arrived: Arriving) -> None:
        await arrived.comes("our yard", media=(("yard.png", "image/png", PNG),))
        (upload,) = await _uploads(arrived)
        message = await _message(arrived)
        assert (upload.type, upload.message_id, message.text) == ("image/png", message.id, "our yard")
        (row,) = await arrived.came()
        assert row.media == [{"type": "image/png", "size": len(PNG), "upload": str(upload.id), "why": None}]

    async def test_a_picture_without_a_word(self, arrived: Arriving) -> None:
        await arrived.comes("", media=(("yard.png", "image/png", PNG),))
        assert await arrived.said() == [""] and len(await _uploads(arrived)) == 1

    async def test_what_is_no_picture_is_named(self, arrived: Arriving) -> None:
        await arrived.comes("see", media=(("x.png", "image/png", b"<svg onload=alert(1)>"),))
        assert await arrived.said() == ["see\n[A file could not be taken: only pictures and PDF files are taken]"]
        assert await _uploads(arrived) == []

    async def test_too_many_in_a_day(self, arrived: Arriving) -> None:
        arrived.files_per_day = 1
        await arrived.comes("two", media=(("a.png", "image/png", PNG), ("b.png", "image/png", PNG + b"1")))
        assert await arrived.said() == ["two\n[A file could not be taken: too many came today]"]

    async def test_nothing_is_fetched_of_what_would_not_be_kept(self, arrived: Arriving) -> None:
        """It would lie in its place, and no row would name it."""
        arrived.files_per_day, folder = 1, arrived.texting.folder
        await arrived.comes("one", media=(("a.png", "image/png", PNG + arrived.phone.encode()),))
        kept = contents_of(folder)
        unread = PNG + b"unread" + arrived.phone.encode()
        for sender, text in ((None, "another"), (None, "STOP"), (None, "HELP"), ("77000", "a short code")):
            await arrived.comes(text, sender, media=(("b.png", "image/png", unread),))
        assert contents_of(folder) == kept

    async def test_a_picture_that_would_fill_the_memory_of_whoever_looks(self, arrived: Arriving) -> None:
        bomb = PNG[:8] + b"\0\0\0\rIHDR" + (30_000).to_bytes(4) * 2 + PNG[8:]
        await arrived.comes("see", media=(("a.png", "image/png", bomb),))
        assert await arrived.said() == ["see\n[A file could not be taken: too large]"]

    async def test_a_file_that_is_gone_does_not_hold_its_text_back(self, arrived: Arriving) -> None:
        arrived.texting.rc.behave("404", on="media", always=True)
        await arrived.comes("look", media=(("a.png", "image/png", PNG),))
        assert await arrived.said() == ["look\n[A file could not be taken: it could not be fetched]"]

    async def test_a_file_that_is_not_to_be_had_now_is_waited_for_a_while(self, arrived: Arriving) -> None:
        arrived.texting.rc.behave("500", on="media", always=True)
        await arrived.comes("look", media=(("a.png", "image/png", PNG),))
        assert await arrived.said() == []
        await arrived.time_passes(6)
        await arrived.fetches()
        assert await arrived.said() == ["look\n[A file could not be taken: it could not be fetched]"]

    async def test_a_very_long_text_is_kept_whole_and_shown_in_part(self, arrived: Arriving) -> None:
        long = "x" * (LONGEST + 100)
        await _take(arrived, long)
        (shown,) = await arrived.said()
        assert shown.startswith("x" * LONGEST + "\n[") and len(shown) < LONGEST + 100
        assert (await arrived.came())[0].text == long

    async def test_halves_of_characters_and_controls(self, arrived: Arriving) -> None:
        await _take(arrived, "a\x00b\ud800c\u200d\rd\r\n\u202ee")
        assert await arrived.said() == ["abc\u200d\nd\ne"]

    async def test_nothing_at_all(self, arrived: Arriving) -> None:
        await _take(arrived, " \x00 ")
        assert await arrived.said() == ["[An empty text]"]


class TestWhoAnswers:
    async def test_a_colleague_who_has_the_conversation(self, arrived: Arriving) -> None:
        await arrived.comes("hi")
        staff = uuid4()
        async with arrived.database.transaction() as connection:
            taken = sa.update(ChatSession).where(ChatSession.phone == arrived.phone)
            await connection.execute(taken.values(owner="human", owner_staff_id=staff, owner_name="Dana"))
        turns = await arrived.waiting_turns()
        await arrived.comes("still there?")
        assert await arrived.said() == ["hi", "still there?"] and await arrived.waiting_turns() == turns

    async def test_from_now_on_by_text(self, arrived: Arriving) -> None:
        await arrived.comes("hi")
        async with arrived.database.transaction() as connection:
            await connection.execute(sa.update(ChatSession).where(ChatSession.phone == arrived.phone).values(channel="web"))
        await arrived.comes("by phone again")
        assert (await arrived.conversation()).channel == "sms"

    async def test_gateways_hear_of_the_turn(self, arrived: Arriving) -> None:
        pubsub = arrived.texting.bus.redis.pubsub()
        await pubsub.subscribe("hibachi:turns")
        await pubsub.get_message(timeout=5)
        await arrived.comes("hi")
        heard = await pubsub.get_message(ignore_subscribe_messages=True, timeout=5)
        assert heard is not None and str((await arrived.conversation()).id) in heard["data"].decode()
        await pubsub.aclose()  # type: ignore[no-untyped-call]


async def _standing(arrived: Arriving) -> consent.Standing:
    async with arrived.database.transaction() as connection:
        return await consent.standing(connection, arrived.phone)


async def _uploads(arrived: Arriving) -> list[Any]:
    query = sa.select(Upload).join(ChatSession, ChatSession.id == Upload.conversation_id)
    return await arrived.rows(query.where(ChatSession.phone == arrived.phone))


async def _message(arrived: Arriving) -> Any:
    query = sa.select(ChatMessage).join(ChatSession, ChatSession.id == ChatMessage.conversation_id)
    (message,) = await arrived.rows(query.where(ChatSession.phone == arrived.phone))
    return message


async def _announce(arrived: Arriving, id: str) -> None:
    assert await arrived.database.unit(lambda c: inbox.announce(c, "ringcentral", id))


async def _take(arrived: Arriving, text: str) -> receiving.Took:
    incoming = Incoming(str(uuid4()), arrived.phone, arrived.texting.rc.number, text, arrived.texting.clock())
    profile = arrived.texting.town.profile
    return await arrived.database.unit(
        lambda c: receiving.take(c, profile, ("US",), incoming, "ringcentral", no_files, arrived.texting.clock())
    )


async def test_nothing_of_ours_is_sent_by_taking(arrived: Arriving) -> None:
    await arrived.comes("hi")
    assert await arrived.rows(sa.select(TextMessage).where(TextMessage.to_number == arrived.phone)) == []


class TestAWorkerThatIsGone:
    @pytest.mark.parametrize("every", [pytest.param(97, id="some"), pytest.param(3, id="many", marks=pytest.mark.slow)])
    async def test_at_any_await_each_text_is_taken_once_and_in_order(self, arrived: Arriving, shared_url: str, every: int) -> None:
        """It is cut off as by `kill -9`, another one takes over, and then it goes on after all, as one that was frozen does."""
        trials = 0
        for at in range(1, 600, every):
            arrived.phone = number()
            arrived.texting.rc.say(arrived.phone, "one", media=(("a.png", "image/png", PNG),))
            arrived.texting.rc.say(arrived.phone, "two")
            await arrived.texting.rc.settled()
            where: Any = StandsStill(at)
            own = Database(shared_url, application=f"gone-{at}", pool_size=1)  # a process that is gone does not connect anew
            gone = arrived.worker(crash=where, database=own)
            await gone.look()
            stood = await stands_or_is_done(where, gone.idle())
            if stood:
                await cut_off(arrived.database, f"gone-{at}")
                await arrived.fetches()
                trials += 1
            where.goes_on.set()
            await asyncio.gather(*gone._tasks, return_exceptions=True)
            await own.close()
            await arrived.all_fetched()
            assert await arrived.said() == ["one", "two"], at
            assert [row.outcome for row in await arrived.came() if row.from_number == arrived.phone] == ["said"] * 2
            if not stood:
                break
        assert trials * every > 60, "it has more places to die at"


def contents_of(folder: UploadFolder) -> list[str]:
    """The contents that lie there."""
    return sorted(path.name for path in folder.path("00").parents[1].rglob("*") if path.is_file())
