"""The adapter at a RingCentral that answers as it should: what goes out, what came of it, what came in, our numbers, the webhook. Each
request is held against the published description by the simulator."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from business.channels.provider import File, Refused
from business.channels.ringcentral.adapter import RingCentral
from business.channels.ringcentral.numbers import WHAT_TO_DO
from gateway.simulator.records import HIGH_VOLUME, NUMBER, STANDARD
from tests.rig.ringcentral import CHICAGO, DENVER, LOS_ANGELES, serving
from tests.sms.adapters import BEGINS, Clock, Line, listening

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
BULK = "+15105557100"
MUTE = "+15105557200"


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    clock = Clock()
    async with serving(clock=clock.moment, numbers={MUTE: ("CallerId",), NUMBER: STANDARD, BULK: HIGH_VOLUME}) as server:
        made = Line(server, clock)
        yield made
        await made.close()


@pytest.fixture
def adapter(line: Line) -> RingCentral:
    return line.adapter()


class TestSending:
    async def test_a_text_goes_out_from_the_first_number_that_can(self, line: Line, adapter: RingCentral) -> None:
        taken = await adapter.send(LOS_ANGELES, "Hello, ¿qué tal? 😀")
        (text,) = line.server.sent
        assert (text.sender, text.to, text.text) == (NUMBER, LOS_ANGELES, "Hello, ¿qué tal? 😀")
        assert (taken.id, taken.batch, taken.state, taken.at, taken.error) == (str(text.id), None, "sent", BEGINS, None)

    async def test_files_go_along(self, line: Line, adapter: RingCentral) -> None:
        taken = await adapter.send(
            LOS_ANGELES, "The menu", files=[File("menu ñ.png", "image/png", PNG), File("b.pdf", "application/pdf", b"%PDF")]
        )
        (text,) = line.server.sent
        assert taken.id == str(text.id) and line.asked("createMMS") == 1
        assert [(piece.name, piece.type, piece.content) for piece in text.files] == [
            ("menu-n.png", "image/png", PNG),
            ("b.pdf", "application/pdf", b"%PDF"),
        ]

    async def test_a_high_volume_number_sends_batches(self, line: Line, adapter: RingCentral) -> None:
        taken = await adapter.send(LOS_ANGELES, "Hello", sender=BULK)
        assert (taken.id, taken.state, taken.at) == (None, "sent", BEGINS) and taken.batch
        assert line.asked("createA2PSMS") == 1 and line.server.sent_to(LOS_ANGELES) == ["Hello"]

    async def test_a_batch_that_rejects_its_only_number_is_no_text(self, line: Line, adapter: RingCentral) -> None:
        with pytest.raises(Refused, match="SMS-RC-410") as refused:
            await adapter.send("+12", "Hello", sender=BULK)
        assert refused.value.permanent and refused.value.number and not refused.value.opted_out

    async def test_a_number_that_is_none_is_the_numbers_fault(self, line: Line, adapter: RingCentral) -> None:
        with pytest.raises(Refused, match="CMN-101") as refused:
            await adapter.send("+1", "Hello")
        assert refused.value.permanent and refused.value.number

    @pytest.mark.parametrize(
        ("text", "files", "code"),
        [
            ("x" * 1001, [], "too_long"),
            ("😀" * 501, [], "too_long"),
            ("x", [File("a.png", "image/png", b"x")] * 11, "files_too_large"),
            ("x", [File("a.png", "image/png", b"x" * 1_500_001)], "files_too_large"),
        ],
    )
    async def test_what_is_too_large_is_not_tried(self, line: Line, adapter: RingCentral, text: str, files: list[File], code: str) -> None:
        with pytest.raises(Refused, match=code) as refused:
            await adapter.send(LOS_ANGELES, text, files=files)
        assert refused.value.permanent and not line.server.calls


class TestNumbers:
    async def test_say_what_they_can(self, adapter: RingCentral) -> None:
        found = {one.number: (one.sends, one.high_volume, one.pictures) for one in await adapter.numbers()}
        assert found == {MUTE: (False, False, False), NUMBER: (True, False, True), BULK: (False, True, False)}

    @pytest.mark.parametrize(
        ("given", "sender", "files", "code"),
        [
            ({}, MUTE, False, "number_cannot_send"),
            ({}, "+15105557999", False, "not_our_number"),
            ({"number": MUTE}, None, False, "number_cannot_send"),
            ({}, BULK, True, "number_cannot_send_files"),
            ({"high_volume": "always"}, NUMBER, False, "number_has_no_high_volume"),
            ({"high_volume": "never"}, BULK, False, "number_has_high_volume_alone"),
        ],
    )
    async def test_that_cannot_send_are_refused_before_anything_is_sent(
        self, line: Line, given: dict[str, str], sender: str | None, files: bool, code: str
    ) -> None:
        with pytest.raises(Refused) as refused:
            await line.adapter(**given).send(LOS_ANGELES, "x", sender=sender, files=[File("a.png", "image/png", PNG)] * files)
        assert refused.value.code == code and code in WHAT_TO_DO
        assert refused.value.permanent and not refused.value.number
        assert line.asked("createSMSMessage") + line.asked("createMMS") + line.asked("createA2PSMS") == 0

    async def test_none_that_can_send_is_said(self, line: Line) -> None:
        line.server.account.numbers = {MUTE: ("CallerId",)}
        with pytest.raises(Refused, match="no_sending_number"):
            await line.adapter().send(LOS_ANGELES, "x")

    async def test_the_settings_say_which_and_how(self, line: Line) -> None:
        line.server.account.numbers = {BULK: (*HIGH_VOLUME, "SmsSender"), NUMBER: STANDARD}
        for given in ({"number": NUMBER}, {"high_volume": "never"}, {"high_volume": "auto"}):
            await line.adapter(**given).send(LOS_ANGELES, "x")
        assert [(text.sender, text.high_volume) for text in line.server.sent] == [(NUMBER, False), (BULK, False), (BULK, True)]

    async def test_are_read_once_for_a_while(self, line: Line, adapter: RingCentral) -> None:
        for _ in range(3):
            await adapter.send(LOS_ANGELES, "x")
        assert line.asked("listExtensionPhoneNumbers") == 1
        line.clock.passed += 700
        await adapter.send(LOS_ANGELES, "x")
        assert line.asked("listExtensionPhoneNumbers") == 2

    async def test_that_cannot_be_read_anew_are_those_of_before(self, line: Line, adapter: RingCentral) -> None:
        await adapter.send(LOS_ANGELES, "x")
        line.clock.passed += 700
        line.server.behave("429+50", on="numbers")
        await adapter.send(LOS_ANGELES, "x")
        assert line.statuses("listExtensionPhoneNumbers") == [200, 429] and len(line.server.sent) == 2


class TestWhatBecame:
    @pytest.mark.parametrize("sender", [NUMBER, BULK])
    async def test_is_told_as_it_goes(self, line: Line, adapter: RingCentral, sender: str) -> None:
        taken = await adapter.send(LOS_ANGELES, "x", sender=sender)
        seen = [await adapter.became(taken.id, taken.batch)]
        line.clock.passed += 600
        seen.append(await adapter.became(taken.id, taken.batch))
        assert [one and one.state for one in seen] == ["sent", "delivered"]
        again = seen[1] and await adapter.became(seen[1].id, seen[1].batch)
        assert again == seen[1] and again is not None and again.batch == taken.batch

    @pytest.mark.parametrize("sender", [NUMBER, BULK])
    async def test_may_be_nothing(self, line: Line, adapter: RingCentral, sender: str) -> None:
        line.server.behave("SMS-CAR-411", on="delivery")
        taken = await adapter.send(LOS_ANGELES, "x", sender=sender)
        line.clock.passed += 600
        became = await adapter.became(taken.id, taken.batch)
        assert became is not None and (became.state, became.error) == ("undelivered", "SMS-CAR-411")

    @pytest.mark.parametrize("sender", [NUMBER, BULK])
    async def test_who_told_them_to_stop_is_told_apart(self, line: Line, adapter: RingCentral, sender: str) -> None:
        line.server.say(LOS_ANGELES, "STOP", to=sender)
        taken = await adapter.send(LOS_ANGELES, "Hello", sender=sender)
        line.clock.passed += 600
        became = await adapter.became(taken.id, taken.batch)
        assert became is not None and (became.state, became.error) == ("undelivered", "SMS-RC-413")
        assert became.opted_out and became.number

    async def test_a_network_that_does_not_tell_has_not_refused(self, line: Line, adapter: RingCentral) -> None:
        line.server.behave("SMS-CAR-199", on="delivery")
        taken = await adapter.send(LOS_ANGELES, "x")
        line.clock.passed += 600
        became = await adapter.became(taken.id, taken.batch)
        assert became is not None and (became.state, became.error) == ("sent", "SMS-CAR-199")

    @pytest.mark.parametrize("id", ["999999", "a2p:999999", "../../x", "a2p:a/b?c"])
    async def test_of_a_text_that_is_not_there(self, adapter: RingCentral, id: str) -> None:
        assert await adapter.became(id, None) is None
        assert await adapter.message(id) is None

    async def test_of_a_text_that_came_in_is_nothing(self, line: Line, adapter: RingCentral) -> None:
        assert await adapter.became(line.server.say(LOS_ANGELES, "hi"), None) is None


class TestFinding:
    @pytest.mark.parametrize("sender", [NUMBER, BULK])
    async def test_the_same_words_to_the_same_number(self, line: Line, adapter: RingCentral, sender: str) -> None:
        await adapter.send(DENVER, "Yes, that works.", sender=sender)
        await adapter.send(LOS_ANGELES, "Yes, that works!", sender=sender)
        await adapter.send(LOS_ANGELES, "Yes,\nthat  works.", sender=sender)
        found = await adapter.find(LOS_ANGELES, "Yes, that works.", BEGINS - timedelta(minutes=5))
        assert found is not None and (found.id or "").removeprefix("a2p:") == str(line.server.sent[-1].id)
        assert await adapter.find(CHICAGO, "Yes, that works.", BEGINS - timedelta(minutes=5)) is None
        assert await adapter.find(LOS_ANGELES, "Yes", BEGINS - timedelta(minutes=5)) is None

    async def test_not_what_went_in_a_batch_that_is_accounted_for(self, line: Line, adapter: RingCentral) -> None:
        """Of a text by the high-volume API the batch alone is known at first."""
        sent = await adapter.send(LOS_ANGELES, "ok", sender=BULK)
        since = BEGINS - timedelta(minutes=1)
        assert await adapter.find(LOS_ANGELES, "ok", since) is not None
        assert sent.batch is not None and await adapter.find(LOS_ANGELES, "ok", since, known=[sent.batch]) is None

    async def test_not_what_went_before_nor_what_is_accounted_for(self, line: Line, adapter: RingCentral) -> None:
        first = await adapter.send(LOS_ANGELES, "ok")
        line.clock.passed += 60
        assert await adapter.find(LOS_ANGELES, "ok", line.clock.moment() - timedelta(seconds=30)) is None
        second = await adapter.send(LOS_ANGELES, "ok")
        for known, expected in (((), second), ((second.id,), first), ((first.id,), second)):
            found = await adapter.find(LOS_ANGELES, "ok", BEGINS - timedelta(minutes=1), known=[one for one in known if one])
            assert found is not None and found.id == expected.id
        assert await adapter.find(LOS_ANGELES, "ok", BEGINS, known=[str(first.id), str(second.id)]) is None


class TestWhatCameIn:
    async def test_is_fetched_by_its_id(self, line: Line, adapter: RingCentral) -> None:
        id = line.server.say(LOS_ANGELES, "a party of 12? 🎉", [("a.png", "image/png", PNG)], to=NUMBER)
        found = await adapter.message(id)
        assert found is not None and (found.id, found.text, found.at) == (id, "a party of 12? 🎉", BEGINS)
        assert (found.from_number, found.to_number) == (LOS_ANGELES, NUMBER)
        assert [(one.type, one.size) for one in found.media] == [("image/png", len(PNG))]

    async def test_is_fetched_from_the_store_that_its_id_names(self, line: Line, adapter: RingCentral) -> None:
        id = line.server.say(LOS_ANGELES, "hi", to=BULK)
        found = await adapter.message(f"a2p:{id}")
        assert found is not None and (found.id, found.text, found.to_number) == (f"a2p:{id}", "hi", BULK)
        assert await adapter.message(id) is None

    async def test_a_text_of_ours_did_not_come_in(self, adapter: RingCentral) -> None:
        assert await adapter.message(str((await adapter.send(LOS_ANGELES, "x")).id)) is None

    async def test_is_listed_from_both_stores_the_oldest_first(self, line: Line, adapter: RingCentral) -> None:
        for number, text, to in ((LOS_ANGELES, "1", NUMBER), (DENVER, "2", BULK), (LOS_ANGELES, "3", BULK), (LOS_ANGELES, "4", NUMBER)):
            line.server.say(number, text, to=to)
            line.clock.passed += 1
        await adapter.send(LOS_ANGELES, "5")
        since = BEGINS - timedelta(minutes=1)
        assert [one.text for one in await adapter.arrived(since)] == ["1", "2", "3", "4"]
        assert [one.text for one in await adapter.arrived(since, number=LOS_ANGELES)] == ["1", "3", "4"]
        assert [one.text for one in await adapter.arrived(BEGINS + timedelta(seconds=1.5))] == ["3", "4"]

    async def test_pages_are_read_to_the_end(self, line: Line, adapter: RingCentral) -> None:
        for place in range(310):
            line.server.say(LOS_ANGELES, str(place), to=BULK if place % 3 else NUMBER)
            line.clock.passed += 1
        assert [one.text for one in await adapter.arrived(BEGINS - timedelta(minutes=1))] == [str(place) for place in range(310)]

    async def test_its_files_are_read(self, line: Line, adapter: RingCentral) -> None:
        found = await adapter.message(line.server.say(LOS_ANGELES, "", [("a.png", "image/png", PNG)]))
        assert found is not None and found.text == ""
        assert await adapter.read(found.media[0], 1000) == PNG


class TestSubscription:
    """The simulator calls the address before it answers; the gateway's side of that has tests of its own."""

    async def test_is_made_with_what_we_want_to_hear(self, line: Line, adapter: RingCentral, hook: str) -> None:
        made = await adapter.subscribe(hook, "our-token")
        (kept,) = line.server.account.subscriptions.values()
        assert (made.id, made.state, made.address) == (kept.id, "active", hook)
        assert made.expires_at == BEGINS + timedelta(days=7) and kept.token == "our-token"
        assert any(one.endswith("/message-store/instant?type=SMS") for one in kept.filters)
        assert len([one for one in kept.filters if "a2p-sms" in one]) == 3

    async def test_without_high_volume_asks_for_none(self, line: Line, hook: str) -> None:
        await line.adapter(high_volume="never").subscribe(hook, "our-token")
        (kept,) = line.server.account.subscriptions.values()
        assert len(kept.filters) == 2

    async def test_takes_the_place_of_one_that_nobody_knows_of(self, line: Line, adapter: RingCentral, hook: str) -> None:
        first, second = await adapter.subscribe(hook, "a"), await adapter.subscribe(hook, "b")
        assert list(line.server.account.subscriptions) == [second.id]
        assert await adapter.subscription(first.id) is None

    async def test_is_watched_renewed_and_ended(self, line: Line, adapter: RingCentral, hook: str) -> None:
        made = await adapter.subscribe(hook, "a")
        line.clock.passed += 3 * 24 * 3600
        renewed = await adapter.renew(made.id)
        assert renewed is not None and renewed.expires_at == made.expires_at + timedelta(days=3)
        line.server.suspend()
        suspended = await adapter.subscription(made.id)
        assert suspended is not None and suspended.state == "suspended"
        for _ in range(2):  # gone already is as good
            await adapter.unsubscribe(made.id)
        assert await adapter.subscription(made.id) is None and await adapter.renew(made.id) is None

    async def test_an_address_that_does_not_answer_is_none(self, adapter: RingCentral) -> None:
        with pytest.raises(Refused, match="SUB-525"):
            await adapter.subscribe("http://127.0.0.1:9/webhooks/x", "a")


@pytest.fixture
async def hook() -> AsyncIterator[str]:
    async with listening() as origin:
        yield f"{origin}/webhooks/ringcentral/secret"
