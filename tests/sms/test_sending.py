"""A text reaches the provider once, or is `unknown`, an alarm rises and it is looked for; what is not taken now is tried again, what never
is taken is given up; those of a conversation go in their order."""

import asyncio
import os
import time
from contextlib import suppress
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from business.channels import inbox, states
from business.channels.going import Letter
from business.channels.provider import Unanswered
from gateway.simulator.server import RingCentralServer
from kernel.database import Database
from kernel.ending import end
from kernel.errors import Conflict
from kernel.jobs import CheckText, SendText
from kernel.outbox import ATTEMPTS
from kernel.tables.ai import ChatSession
from kernel.tables.ops import Outbox, TextMessage, TextNumber
from tests.rig.ringcentral import LOS_ANGELES, phone
from tests.rig.standing import StandsStill, cut_off, stands_or_is_done
from tests.sms.texting import Texting
from workers.effects import LostLease
from workers.texts import DELAYS, Texts


class TestSent:
    async def test_once_and_the_staff_see_it(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        written = await texting.write(text="We bring the grill.", conversation=ana.conversation)
        await texting.sends()
        row = await texting.row(written.id)
        assert [(one.to, one.text) for one in rc.sent] == [(LOS_ANGELES, "We bring the grill.")]
        assert (row.state, row.segments, row.encoding, row.cost_microdollars) == ("sent", 1, "gsm7", 8500)
        assert row.provider_id == str(rc.sent[0].id)
        assert await texting.told(ana) == [("sent", None)]

    async def test_the_same_key_is_the_same_text(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        written = await asyncio.gather(*(texting.write(key="one", conversation=ana.conversation) for _ in range(6)))
        await texting.sends()
        assert len({one.id for one in written}) == 1 and len(rc.sent) == 1

    async def test_as_a_phone_shows_it(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        written = await texting.write(text="**Ja** — “15” adultos", conversation=ana.conversation)
        await texting.sends()
        assert [one.text for one in rc.sent] == ['Ja - "15" adultos'] and (await texting.row(written.id)).encoding == "gsm7"

    async def test_no_more_in_a_minute_than_the_account_may_whoever_sends(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        for _ in range(7):
            await texting.write(conversation=ana.conversation)
        await asyncio.gather(*(texting.sends(per_minute=4) for _ in range(3)))
        assert len(rc.sent) == 4
        await texting.time_passes(minutes=2)
        await texting.sends(per_minute=4)
        assert len(rc.sent) == 7

    async def test_what_is_still_with_the_provider_counts_for_the_minute(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        for _ in range(3):
            await texting.write(conversation=ana.conversation)
        rc.behave("slow:0.3", always=True)
        first, second = texting.worker(per_minute=2), texting.worker(per_minute=2)
        assert (await first.look(), await second.look()) == (2, 0)
        await first.idle()
        for worker in (first, second):
            await worker._closing.close()

    async def test_before_its_time_it_waits(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        async with texting.database.transaction() as connection:
            later = await connection.scalar(sa.text("SELECT clock_timestamp() + interval '1 hour'"))
        await texting.write(conversation=ana.conversation, at=later)
        await texting.sends()
        assert not rc.sent
        await texting.time_passes()
        await texting.sends()
        assert len(rc.sent) == 1


class TestRest:
    async def test_after_a_429_no_worker_asks_before_its_time(self, texting: Texting, rc: RingCentralServer) -> None:
        """Each request within that time would begin it anew, so that two workers would keep each other waiting for ever."""
        ana = await texting.texter()
        rc.behave("429+50")
        first = await texting.write(conversation=ana.conversation)
        await texting.sends()
        second = await texting.write(conversation=ana.conversation)
        for _ in range(2):
            await texting.sends()  # another one each time
        asked = [call.status for call in rc.calls if call.operation == "createSMSMessage"]
        assert asked == [429], "and what waits has lost no try"
        assert sorted(one.attempts for one in await texting.effects()) == [0, 1]
        await texting.time_passes()
        await texting.sends()
        assert [await texting.state(one.id) for one in (first, second)] == ["sent", "sent"]

    async def test_of_what_is_read_keeps_nothing_from_going(self, texting: Texting, rc: RingCentralServer) -> None:
        ana, worker = await texting.texter(), texting.worker()
        for _ in range(3):  # one more than a worker asks after at once
            await texting.write(conversation=ana.conversation)
        await texting.sends(worker)
        await texting.time_passes()
        rc.behave("429+50", on="read")
        await worker.look()
        await worker.idle()
        asked = len(rc.calls)
        await texting.write(conversation=ana.conversation)
        await texting.sends()  # another one
        reads = [call for call in rc.calls[asked:] if call.operation == "readMessage"]
        assert (len(rc.sent), reads) == (4, [])
        await worker._closing.close()

    async def test_no_more_are_asked_after_in_a_minute_than_there_is_room_for(self, texting: Texting, rc: RingCentralServer) -> None:
        """What comes in is read with the same account."""
        ana = await texting.texter()
        for _ in range(8):
            await texting.write(conversation=ana.conversation)
        await texting.sends()
        await texting.time_passes()
        await asyncio.gather(*(texting.sends(per_minute=4) for _ in range(2)))
        assert len([call for call in rc.calls if call.operation == "readMessage"]) == 3


class TestKept:
    async def test_to_a_placeholder_nothing_goes(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter("+14155550142")
        written = await texting.write("+14155550142", conversation=ana.conversation)
        await texting.sends()
        assert (written.state, written.why, await texting.effects(), rc.sent) == ("held", "Placeholder", [], [])
        with pytest.raises(Conflict, match="placeholder"):
            await texting.database.unit(lambda c: states.retry(c, written.id, uuid4(), sure=True))

    async def test_without_a_provider_they_are_kept_and_go_when_somebody_says_so(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        written = await texting.write(conversation=ana.conversation)
        await texting.sends(provider=False)
        assert await texting.told(ana) == [("held", "No provider is set up")]
        for _ in range(2):  # a click, and one too many
            state, _ = await texting.database.unit(lambda c: states.retry(c, written.id, uuid4(), sure=False))
            assert state == "waiting"
        await texting.sends()
        assert await texting.state(written.id) == "sent" and len(rc.sent) == 1

    async def test_who_wrote_nothing_is_written_nothing(self, texting: Texting, rc: RingCentralServer) -> None:
        written = await texting.write(conversation=uuid4())
        await texting.sends()
        assert (written.state, written.why, rc.sent) == ("refused", "NotAsked", [])

    async def test_no_number(self, texting: Texting) -> None:
        with pytest.raises(ValueError, match=r"E\.164"):
            await texting.write("415 555 7001", conversation=uuid4())


class TestNotTaken:
    async def test_not_now_is_tried_again(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        for number, fault in enumerate(("429+1", "expired", "429"), start=1):
            rc.behave(fault)
            written = await texting.write(conversation=ana.conversation)
            await texting.sends()
            await texting.time_passes()
            await texting.sends()
            state = await texting.state(written.id)
            assert (state in ("sent", "delivered"), len(rc.sent), await texting.alarms()) == (True, number, 0), (fault, state)

    async def test_it_waits_as_long_as_the_provider_says(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        rc.behave("429+50")
        written = await texting.write(conversation=ana.conversation)
        await texting.sends()
        async with texting.database.transaction() as connection:
            query = "SELECT extract(epoch FROM next_at - clock_timestamp()) FROM ops.outbox WHERE kind = 'send_text'"
            pause = float(await connection.scalar(sa.text(query)) or 0)
        assert await texting.state(written.id) == "waiting" and 40 < pause <= 50

    async def test_given_up_in_the_end_and_a_person_may_try_again(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        rc.behave("429", always=True)
        written = await texting.write(conversation=ana.conversation)
        for _ in range(3):
            await texting.time_passes()
            await texting.sends(delays=DELAYS[:2])
        assert await texting.state(written.id) == "failed" and (await texting.told(ana))[-1][0] == "failed"
        rc.behave()
        await texting.time_passes()
        await texting.database.unit(lambda c: states.retry(c, written.id, uuid4(), sure=False))
        await texting.sends()
        assert await texting.state(written.id) == "sent" and len(rc.sent) == 1

    async def test_a_number_that_no_network_has_gets_no_more(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        for number in range(states.UNREACHABLE_AFTER):
            rc.behave("SMS-CAR-411", on="delivery")
            written = await texting.write(conversation=ana.conversation)
            await texting.sends()
            await texting.time_passes()
            await texting.sends()
            assert await texting.state(written.id) == "failed", number
        assert (await texting.town.rows(sa.select(TextNumber.unreachable_at)))[0].unreachable_at is not None
        assert (await texting.told(ana))[-1] == ("failed", "The provider answered SMS-CAR-411")


class TestDelivered:
    async def test_it_is_asked_what_became_of_it(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        written = await texting.write(conversation=ana.conversation)
        await texting.sends()
        await texting.time_passes()
        await texting.sends()
        assert await texting.state(written.id) == "delivered" and await texting.told(ana) == [("sent", None), ("delivered", None)]

    async def test_a_hint_asks_at_once(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        written = await texting.write(conversation=ana.conversation)
        await texting.sends()
        named = str((await texting.row(written.id)).provider_id)
        tell = [(named, "Delivered"), (named, "Delivered"), ("somebody's", "Delivered")]
        told = [await texting.database.unit(lambda c, one=one: inbox.delivery_told(c, "ringcentral", *one)) for one in tell]  # type: ignore[misc]
        texting.clock.by += timedelta(seconds=1)
        await texting.sends()
        assert (told, await texting.state(written.id)) == ([True, True, False], "delivered")


class TestUnknown:
    async def test_an_answer_that_nobody_read_is_found_in_the_list(self, texting: Texting, rc: RingCentralServer) -> None:
        """It was taken; nobody read that. It is never sent again: the provider's own list says that it went."""
        ana = await texting.texter()
        rc.behave("lost")
        written = await texting.write(conversation=ana.conversation)
        await texting.sends()
        assert (await texting.state(written.id), await texting.alarms(), len(rc.sent)) == ("unknown", 1, 1)
        await texting.time_passes()
        await texting.sends()
        row = await texting.row(written.id)
        assert (row.state in ("sent", "delivered"), row.provider_id, len(rc.sent)) == (True, str(rc.sent[0].id), 1)

    async def test_two_with_the_same_words_are_two(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        rc.behave("ok", "lost", "ok")
        ids = []
        for _ in range(3):
            ids.append((await texting.write(text="Yes!", conversation=ana.conversation)).id)
            await texting.sends()
        await texting.time_passes()
        await texting.sends()
        found = [(await texting.row(one)).provider_id for one in ids]
        assert found == [str(one.id) for one in rc.sent] and len(set(found)) == 3

    async def test_one_that_the_provider_does_not_have_is_a_persons(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        rc.behave("cut")
        written = await texting.write(conversation=ana.conversation)
        for _ in range(4):
            await texting.sends()
            await texting.time_passes(minutes=2)
        row = await texting.row(written.id)
        assert (row.state, row.error, rc.sent, await texting.alarms()) == ("unknown", "Absent", [], 1)
        assert [one.state for one in await texting.effects(CheckText.kind)] == ["done"]
        with pytest.raises(Conflict, match="may have arrived"):
            await texting.database.unit(lambda c: states.retry(c, written.id, uuid4(), sure=False))
        await texting.database.unit(lambda c: states.retry(c, written.id, uuid4(), sure=True))
        await texting.sends()
        assert await texting.state(written.id) == "sent" and len(rc.sent) == 1

    async def test_a_list_that_lags_is_read_again(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        rc.behave("lost")
        written = await texting.write(conversation=ana.conversation)
        await texting.sends()
        rc.sent[0].listed = False
        await texting.time_passes()
        await texting.sends()
        assert (await texting.row(written.id)).error == "Unseen"
        rc.sent[0].listed = True
        await texting.time_passes(minutes=5)
        await texting.sends()
        assert await texting.state(written.id) in ("sent", "delivered") and len(rc.sent) == 1

    async def test_a_provider_that_does_not_answer_is_asked_again(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        rc.behave("lost")
        rc.behave("429+1", "500", on="read")
        written = await texting.write(conversation=ana.conversation)
        for _ in range(4):
            await texting.sends()
            await texting.time_passes(minutes=5)
        assert await texting.state(written.id) in ("sent", "delivered") and len(rc.sent) == 1

    async def test_somebody_knows_that_it_arrived(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        rc.behave("lost")
        written = await texting.write(conversation=ana.conversation)
        await texting.sends()
        for _ in range(2):
            assert (await texting.database.unit(lambda c: states.arrived(c, written.id, uuid4())))[0] == "sent"
        await texting.time_passes()
        await texting.sends()
        assert len(rc.sent) == 1
        with pytest.raises(Conflict, match="not sent again"):
            await texting.database.unit(lambda c: states.retry(c, written.id, uuid4(), sure=True))


async def stopped_at(texting: Texting, url: str, at: int) -> tuple[Texts, Database, StandsStill, bool]:
    """A worker that stands still at its n-th await; False: it was done before."""
    where, own = StandsStill(at), Database(url, application=f"stopped-{at}")
    worker = texting.worker(crash=where, database=own)
    await worker.look()
    return worker, own, where, await stands_or_is_done(where, worker.idle())


class TestAWorker:
    async def test_hands_nothing_over_when_its_time_is_up(self, texting: Texting, rc: RingCentralServer) -> None:
        """The text was found by another one then, and a person may have sent it again."""
        worker, letter = texting.worker(), Letter(uuid4(), LOS_ANGELES, "Hi", None, (), 1)
        assert worker._provider is not None
        with pytest.raises(LostLease):
            await worker._handed_over(worker._provider, letter, time.monotonic() - worker._lease - 1)
        rc.behave("slow:1", on="numbers")
        with pytest.raises(Unanswered):
            await worker._handed_over(worker._provider, letter, time.monotonic() - worker._lease + 0.2)
        await worker._closing.close()
        assert not rc.sent

    async def test_that_is_told_to_stop_reads_the_answer(self, texting: Texting, rc: RingCentralServer) -> None:
        ana, worker = await texting.texter(), texting.worker()
        rc.behave("slow:0.2")
        written = await texting.write(conversation=ana.conversation)
        running = asyncio.create_task(worker.run())
        while await texting.state(written.id) == "waiting":  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await end([running])
        assert (await texting.state(written.id), await texting.alarms()) == ("sent", 0)

    async def test_that_fails_at_one_for_good_keeps_no_other(self, texting: Texting, rc: RingCentralServer) -> None:
        """What was said next in the conversation goes when it is given up."""
        ana = await texting.texter()
        turn = await texting.begin(ana)
        await texting.finish(ana, turn, "We bring the grill.")
        (first,) = await texting.texts(ana)
        await texting.town.run(sa.update(TextMessage).values(media=["no id"]))
        await texting.town.run(sa.update(Outbox).where(Outbox.kind == SendText.kind).values(attempts=ATTEMPTS - 1))
        await texting.town.say(ana, "And the plates?")
        await texting.town.run(sa.update(ChatSession).values(channel="sms"))
        await texting.replies(ana, "Those, too.")
        with capture_logs() as told:
            await texting.sends()
        assert [one["event"] for one in told if one["log_level"] == "error"] == ["outward.failed"]
        assert (await texting.state(first.id), [one.text for one in rc.sent]) == ("failed", ["Those, too."])


class TestAWorkerThatIsGone:
    async def test_at_an_await_once_or_unknown_and_never_lost(self, texting: Texting, rc: RingCentralServer, database_url: str) -> None:
        """Each is cut off as by `kill -9`, and another one takes over. Then it goes on after all, as one that was frozen does."""
        await gone(texting, rc, database_url, range(1, 200, 4))

    @pytest.mark.slow
    @pytest.mark.timeout(1800)
    async def test_at_every_await_and_with_lost_answers_again_and_again(
        self, texting: Texting, rc: RingCentralServer, database_url: str
    ) -> None:
        trials, wanted = 0, int(os.environ.get("PROVE_TRIALS", "200"))
        while trials < wanted:
            trials += await gone(texting, rc, database_url, range(1, 200))
            trials += await answers_lost(texting, rc, 20)


async def settled(texting: Texting, text: UUID) -> None:
    """Until it went, or the provider's list was read in vain."""
    for minutes in (0, 5, 5, 5):
        row = await texting.row(text)
        if row.state in ("sent", "delivered") or row.error == "Absent":
            return
        await texting.time_passes(minutes)
        await texting.sends()


async def answers_lost(texting: Texting, rc: RingCentralServer, count: int) -> int:
    """Each was taken, and nobody read that: it is found in the provider's list, and there once."""
    before, ids = len(rc.sent), []
    for number in range(count):
        to = phone(1000 + number)
        ana = await texting.texter(to)
        ids.append((await texting.write(to, "It is booked.", conversation=ana.conversation)).id)
    rc.behave(*(["lost"] * count))
    for minutes in (0, 2):
        await texting.sends()
        await texting.time_passes(minutes)
    await texting.sends()
    rows = [await texting.row(one) for one in ids]
    assert len(rc.sent) - before == count and {row.state for row in rows} <= {"sent", "delivered"}
    assert len({row.provider_id for row in rows}) == count
    async with texting.database.transaction() as connection:
        await connection.execute(sa.text("UPDATE ai.chat_session SET phone = NULL, channel = 'web'"))
    return count


async def gone(texting: Texting, rc: RingCentralServer, url: str, places: range) -> int:
    """How many were stopped; each text went once, or is not known to have gone and is looked for."""
    found: dict[int, tuple[int, str]] = {}
    for number, at in enumerate(places):
        to = phone(number)
        ana = await texting.texter(to)
        before = len(rc.sent_to(to))
        written = await texting.write(to, f"Text {at}", conversation=ana.conversation)
        worker, own, where, stood = await stopped_at(texting, url, at)
        if stood:
            await cut_off(texting.database, f"stopped-{at}")
            await settled(texting, written.id)
            found[at] = (len(rc.sent_to(to)) - before, await texting.state(written.id))
            where.goes_on.set()  # type: ignore[attr-defined]
        await asyncio.gather(*worker._tasks, return_exceptions=True)
        with suppress(Exception):
            await worker._closing.close()
        await own.close()
        if not stood:
            break
        await settled(texting, written.id)
        # One that wakes before it asked the provider may ask it then: that is its first time.
        copies, state = len(rc.sent_to(to)) - before, await texting.state(written.id)
        assert copies == (0 if state == "unknown" else 1), (at, found[at], state)
        async with texting.database.transaction() as connection:
            await connection.execute(sa.text("UPDATE ai.chat_session SET phone = NULL, channel = 'web'"))
    assert {state for _, state in found.values()} <= {"sent", "delivered", "unknown"}, found
    assert all(copies == 1 for copies, state in found.values() if state != "unknown"), found
    assert all(copies == 0 for copies, state in found.values() if state == "unknown"), "what the list shows is found"
    return len(found)
