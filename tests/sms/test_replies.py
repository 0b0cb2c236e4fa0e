"""What is said in a conversation that goes on by text is one text each, in its order; nothing of a reply that was cut goes out."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from agents.turn import request_of
from business.conversations import turns
from business.conversations.log import writing
from business.handoffs import unread
from gateway.simulator.server import RingCentralServer
from kernel.jobs import UnreadReply
from kernel.tables.ai import ChatMessage, ChatSession, Upload
from kernel.tables.ops import Email, TextMessage, TextSubscription
from kernel.wire.server import Author
from tests.rig.ringcentral import LOS_ANGELES, NEW_YORK
from tests.sms.texting import BASE, Texting

NIGHT = (datetime.now(ZoneInfo("America/Los_Angeles")) + timedelta(days=2)).replace(hour=4, minute=0, second=0, microsecond=0)
PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 64


class TestOneEach:
    async def test_a_whole_reply(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        await texting.replies(ana, "**$55** an adult.")
        await texting.sends()
        (row,) = await texting.texts(ana)
        assert rc.sent_to(LOS_ANGELES) == ["$55 an adult."] and (row.purpose, row.from_number) == ("reply", rc.number)
        message = (await texting.town.rows(sa.select(ChatMessage).where(ChatMessage.id == row.message_id)))[0]
        assert (message.author_kind, message.channel) == ("ai", "sms")

    async def test_to_a_turn_that_knows_the_number(self, texting: Texting) -> None:
        ana = await texting.texter()
        claim, _ = await texting.database.unit(lambda c: turns.claim(c, ana.conversation, "here", "postgres"))
        assert isinstance(claim, turns.Claim)
        assert request_of(claim, "en", texting.now).phone == LOS_ANGELES

    async def test_what_a_colleague_writes(self, texting: Texting, rc: RingCentralServer) -> None:
        ana, dana = await texting.texter(), await texting.town.staff()
        epoch = await texting.take_over(ana, dana)
        await texting.colleague(ana, dana, "Dana here: yes.", epoch)
        await texting.sends()
        (row,) = await texting.texts(ana)
        assert rc.sent_to(LOS_ANGELES) == ["Dana here: yes."] and (row.purpose, row.staff_id) == ("person", dana)

    async def test_a_line_that_a_customer_must_read_and_no_other(self, texting: Texting, rc: RingCentralServer) -> None:
        """That somebody joined is no line: it is an event, which the chat words."""
        ana, dana = await texting.texter(), await texting.town.staff()
        await texting.take_over(ana, dana)
        async with texting.database.transaction() as connection, writing(connection, ana.conversation) as log:
            log.say(Author(kind="system", name="My Hibachi"), "People answer again today at 12 PM.")
        await texting.sends()
        assert rc.sent_to(LOS_ANGELES) == ["People answer again today at 12 PM."]

    async def test_nothing_where_they_write_on_the_web(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        async with texting.database.transaction() as connection:
            await connection.execute(sa.update(ChatSession).values(channel="web"))
        await texting.replies(ana, "Here, on the web.")
        await texting.sends()
        assert not rc.sent and not await texting.texts(ana)

    async def test_a_reply_that_began_again_is_one(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        turn = await texting.begin(ana)
        begun = await texting.database.unit(lambda c: turns.restart(c, ana.conversation, turn, 1, "here", "postgres"))
        assert begun is not None and await texting.finish(ana, turn, "void") is None
        await texting.finish(ana, begun[0].turn, "Whole.")
        await texting.sends()
        assert rc.sent_to(LOS_ANGELES) == ["Whole."]


class TestCut:
    async def test_a_reply_that_a_person_cut_is_never_texted(self, texting: Texting, rc: RingCentralServer) -> None:
        ana, dana = await texting.texter(), await texting.town.staff()
        turn = await texting.begin(ana)
        epoch = await texting.take_over(ana, dana)
        await texting.database.unit(lambda c: turns.end_cut(c, ana.conversation, turn, "taken_over", "We can do", "Assistant", _nobody))
        assert await texting.finish(ana, turn, "We can do that.") is None
        await texting.colleague(ana, dana, "We can, I checked.", epoch)
        await texting.sends()
        assert rc.sent_to(LOS_ANGELES) == ["We can, I checked."]

    async def test_one_that_was_whole_but_had_not_gone_when_a_person_took_over(self, texting: Texting, rc: RingCentralServer) -> None:
        ana, dana = await texting.texter(), await texting.town.staff()
        await texting.replies(ana, "It is booked.")
        epoch = await texting.take_over(ana, dana)
        await texting.colleague(ana, dana, "It is not booked yet.", epoch)
        await texting.sends()
        assert rc.sent_to(LOS_ANGELES) == ["It is not booked yet."]
        assert ("cancelled", "A person took over before it went") in await texting.told(ana)

    async def test_a_takeover_at_any_moment_of_a_send(self, texting: Texting, rc: RingCentralServer) -> None:
        """Once it is acknowledged, no text of the assistant begins to go."""
        dana = await texting.town.staff()
        for delay in (0.0, 0.002, 0.005, 0.01, 0.02, 0.05):
            ana = await texting.texter()
            await texting.replies(ana, f"Reply {delay}")
            sending = asyncio.create_task(texting.sends())
            await asyncio.sleep(delay)
            await texting.take_over(ana, dana)
            begun = {row.state for row in await texting.texts(ana)} & {"sending", "sent", "delivered"}
            await sending
            assert rc.sent_to(LOS_ANGELES).count(f"Reply {delay}") == len(begun), delay
            assert (await texting.texts(ana))[0].state == ("sent" if begun else "cancelled"), delay
            async with texting.database.transaction() as connection:
                await connection.execute(sa.update(ChatSession).values(phone=None, channel="web"))

    async def test_nothing_goes_to_a_number_that_is_another_conversations_by_now(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        await texting.replies(ana, "Your table is booked.")
        async with texting.database.transaction() as connection:
            await connection.execute(sa.update(ChatSession).values(phone=NEW_YORK))
        await texting.sends()
        assert not rc.sent and await texting.told(ana) == [("cancelled", "The number is not this conversation's any more")]


class TestNight:
    async def test_a_line_that_answers_nobody_waits_for_day_and_holds_no_answer(self, texting: Texting, rc: RingCentralServer) -> None:
        ana, texting.now = await texting.texter(), NIGHT
        turn = await texting.begin(ana)
        async with texting.database.transaction() as connection:
            await connection.execute(sa.update(ChatMessage).values(created_at=ChatMessage.created_at - timedelta(hours=3)))
        async with texting.database.transaction() as connection, writing(connection, ana.conversation) as log:
            log.say(Author(kind="system", name="My Hibachi"), "Please pay the deposit.")
        await texting.sends()
        (line,) = await texting.texts(ana)
        assert (line.state, line.error, line.send_at) == ("waiting", "Hours", NIGHT.replace(hour=8)) and not rc.sent
        await texting.finish(ana, turn, "Yes, we are open on Sunday.")
        await texting.sends()
        assert rc.sent_to(LOS_ANGELES) == ["Yes, we are open on Sunday."], "who wrote is answered at any hour"

    async def test_what_answers_somebody_goes_at_any_hour(self, texting: Texting, rc: RingCentralServer) -> None:
        ana, texting.now = await texting.texter(), NIGHT
        async with texting.database.transaction() as connection, writing(connection, ana.conversation) as log:
            log.say(Author(kind="system", name="My Hibachi"), "People answer again today at 12 PM.")
        await texting.sends()
        assert len(rc.sent) == 1


class TestUnread:
    async def test_what_went_by_text_does_not_go_by_mail_too_and_what_could_not_does(self, texting: Texting) -> None:
        ana, dana = await texting.texter(), await texting.town.staff()
        await texting.town.claims(ana, email="ana@customers.house")
        epoch = await texting.take_over(ana, dana)
        await texting.colleague(ana, dana, "By text.", epoch)
        seq = (await texting.conversation(ana)).last_seq
        job = UnreadReply(conversation=ana.conversation, seq=seq)
        assert await texting.database.unit(lambda c: unread.send(c, texting.town.profile, texting.links, job)) is None
        async with texting.database.transaction() as connection:
            await connection.execute(sa.update(TextMessage).values(state="refused", error="Stopped"))
        assert await texting.database.unit(lambda c: unread.send(c, texting.town.profile, texting.links, job)) is not None
        (mail,) = await texting.town.rows(sa.select(Email.plain).where(Email.kind == "unread_reply"))
        assert "By text." in mail.plain


class TestOrder:
    async def test_as_they_were_said_whatever_goes_wrong(self, texting: Texting, rc: RingCentralServer) -> None:
        ana, dana = await texting.texter(), await texting.town.staff()
        epoch = await texting.take_over(ana, dana)
        said = [f"Line {number}" for number in range(6)]
        for line in said:
            await texting.colleague(ana, dana, line, epoch)
        rc.behave("429+1", "slow:0.1", "429+1")
        for _ in range(10):
            await asyncio.gather(texting.sends(), texting.sends())
            await texting.time_passes(minutes=1)
        assert rc.sent_to(LOS_ANGELES) == said

    async def test_one_that_nobody_knows_of_holds_the_next_for_a_while(self, texting: Texting, rc: RingCentralServer) -> None:
        ana, dana = await texting.texter(), await texting.town.staff()
        epoch = await texting.take_over(ana, dana)
        rc.behave("cut")
        await texting.colleague(ana, dana, "First", epoch)
        await texting.colleague(ana, dana, "Second", epoch)
        await texting.sends()
        assert rc.sent_to(LOS_ANGELES) == []
        await texting.time_passes(minutes=1)
        await texting.sends()
        assert rc.sent_to(LOS_ANGELES) == ["Second"]

    async def test_other_conversations_wait_for_nobody(self, texting: Texting, rc: RingCentralServer) -> None:
        ana, bob, dana = await texting.texter(), await texting.texter(NEW_YORK), await texting.town.staff()
        first, second = await texting.take_over(ana, dana), await texting.take_over(bob, dana)
        rc.behave("500", on="token")
        await texting.colleague(ana, dana, "To Ana", first)
        await texting.sends()
        await texting.colleague(bob, dana, "To Bob", second)
        await texting.sends()
        assert (rc.sent_to(LOS_ANGELES), rc.sent_to(NEW_YORK)) == ([], ["To Bob"])


class TestLong:
    async def test_what_is_too_long_goes_on_behind_a_link(self, texting: Texting, rc: RingCentralServer) -> None:
        ana, dana = await texting.texter(), await texting.town.staff()
        epoch = await texting.take_over(ana, dana)
        await texting.colleague(ana, dana, "We bring the grill and everything. " * 40, epoch)
        await texting.sends()
        (text,) = rc.sent_to(LOS_ANGELES)
        (row,) = await texting.texts(ana)
        assert text.startswith("We bring the grill") and text.split()[-1].startswith(f"{BASE}/t/") and row.segments == 2


class TestFiles:
    async def test_as_pictures_where_the_number_can_and_as_a_link_where_not(self, texting: Texting, rc: RingCentralServer) -> None:
        ana, dana = await texting.texter(), await texting.town.staff()
        epoch = await texting.take_over(ana, dana)
        await texting.colleague(ana, dana, "The grill:", epoch, [await picture(texting, dana)])
        await texting.sends()
        (text,) = rc.sent
        assert text.text.startswith(f"The grill:\n{BASE}/t/") and not text.files
        async with texting.database.transaction() as connection:
            numbers = [{"number": rc.number, "sends": True, "high_volume": False, "pictures": True}]
            row = {"provider": "ringcentral", "secret": "s", "token": "t", "numbers": numbers}
            await connection.execute(sa.insert(TextSubscription).values(row))
        await texting.colleague(ana, dana, "And again:", epoch, [await picture(texting, dana)])
        await texting.sends()
        assert [(one.text, [file.content for file in one.files]) for one in rc.sent[1:]] == [("And again:", [PICTURE])]

    async def test_a_file_that_is_gone_is_no_reason_to_stop_for_ever(self, texting: Texting, rc: RingCentralServer) -> None:
        ana, dana = await texting.texter(), await texting.town.staff()
        epoch = await texting.take_over(ana, dana)
        async with texting.database.transaction() as connection:
            numbers = [{"number": rc.number, "sends": True, "high_volume": False, "pictures": True}]
            row = {"provider": "ringcentral", "secret": "s", "token": "t", "numbers": numbers}
            await connection.execute(sa.insert(TextSubscription).values(row))
        await texting.colleague(ana, dana, "The grill:", epoch, [await picture(texting, dana, kept=False)])
        await texting.sends(delays=())
        assert await texting.told(ana) == [("failed", "One of its files is not there")] and not rc.sent


async def picture(texting: Texting, staff: UUID, *, kept: bool = True) -> UUID:
    """An upload of theirs."""
    upload, digest = uuid4(), f"{uuid4().hex}{uuid4().hex}"
    if kept:
        path = texting.folder.path(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PICTURE)
    async with texting.database.transaction() as connection:
        row = {"id": upload, "staff_id": staff, "name": "grill.png", "type": "image/png", "size": len(PICTURE), "sha256": digest}
        await connection.execute(sa.insert(Upload).values(row))
    return upload


async def _nobody(*_: object) -> None:
    """Nobody is handed over."""
