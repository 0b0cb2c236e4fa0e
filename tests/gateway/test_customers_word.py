"""What customers say of themselves and of the conversation: refused where it is wrong, kept once, seen by staff."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from business.customers import contacts
from kernel.errors import BadRequest
from tests.rig.inprocess import Running
from tests.rig.raw import Raw

HOME = "+1 510 555 0142"


async def talked(house: Running) -> tuple[Raw, str]:
    """A visitor who said something and was answered."""
    raw = await house.visitor()
    assert (await raw.say("hello"))["ok"]
    await raw.durable("reply_finished")
    return raw, raw.heard("ready")[0]["conversation"]["id"]


async def staffed(house: Running, conversation: str) -> tuple[Raw, dict[str, Any]]:
    desk = await house.console()
    return desk, await desk.ask("watch", {"conversation": conversation}, "/console")


class TestContacts:
    @pytest.mark.parametrize(
        "value", ["", "12345", "555-0142", "+1 010 555 0142", "+0123456789", "+1510555014211111", "call me", "٠١٢٣٤٥٦٧٨٩"]
    )
    def test_no_phone(self, value: str) -> None:
        with pytest.raises(BadRequest):
            contacts.phone(value, HOME)

    @pytest.mark.parametrize(
        ("value", "stored"),
        [
            ("(510) 555-0142", "+15105550142"),
            ("1 510.555.0142", "+15105550142"),
            ("+1 510 555 0142", "+15105550142"),
            ("0044 20 7946 0958", "+442079460958"),
            ("+34 600\u2011123\u2011456", "+34600123456"),
        ],
    )
    def test_phone(self, value: str, stored: str) -> None:
        assert contacts.phone(value, HOME) == stored

    def test_is_shown_as_people_write_it_there(self) -> None:
        assert [contacts.shown(one) for one in ("+15105550142", "+442079460958")] == ["(510) 555-0142", "+442079460958"]
        assert contacts.phone(contacts.shown("+15105550142"), HOME) == "+15105550142"

    def test_a_name_comes_before_a_number(self) -> None:
        known = [("Ana", "+15105550142"), (None, "+15105550142"), ("", "+15105550142"), ("Ana", None), (None, None)]
        assert [contacts.called(*one) for one in known] == ["Ana", "(510) 555-0142", "(510) 555-0142", "Ana", None]

    def test_elsewhere_a_country_must_be_given(self) -> None:
        with pytest.raises(BadRequest):
            contacts.phone("5105550142", "+34 600 123 456")

    @pytest.mark.parametrize("value", ["", "a", "a@b", "a b@c.de", "@c.de", "a@b..de", "a@b.de\nbcc: x@y.de", "x" * 200 + "@b.de"])
    def test_no_email(self, value: str) -> None:
        with pytest.raises(BadRequest):
            contacts.email(value)


class TestLanguage:
    @pytest.mark.parametrize(
        ("page", "browser", "spoken"),
        [("es-MX", "en", "es"), ("en", "es", "en"), ("fr", "de, es;q=0.5", "es"), (None, "es", "es"), ("", "fr", "en")],
    )
    async def test_the_page_s_goes_before_the_browser_s(self, house: Running, page: str | None, browser: str, spoken: str) -> None:
        raw = await house.visitor(None if page is None else {"locale": page}, headers={"Accept-Language": browser})
        business = raw.heard("ready")[0]["business"]
        assert business["locale"] == spoken
        assert ("Hola" in business["greeting"]) is (spoken == "es")
        assert business["ask"] == ["name", "email", "phone"]


class TestProfile:
    @pytest.mark.parametrize(
        "given",
        [
            {"email": "nobody"},
            {"phone": "12"},
            {"name": "x" * 81},
            {"sms_consent": True},
            {"sms_consent": "yes"},
            {"event_date": "2030-02-30"},
            {"event_date": 5},
        ],
    )
    async def test_wrong_stores_nothing(self, house: Running, given: dict[str, Any]) -> None:
        raw, conversation = await talked(house)
        answer = await raw.ask("profile", {"name": "Anna", **given})
        assert answer["error"]["code"] == "bad_request"
        query = "SELECT c.name FROM ai.chat_session s JOIN core.customer c ON c.id = s.customer_id WHERE s.id = $1"
        assert (await house.rows(query, UUID(conversation)))[0]["name"] is None

    async def test_staff_see_it_and_the_customer_s_consent(self, house: Running) -> None:
        raw, conversation = await talked(house)
        desk, _ = await staffed(house, conversation)
        given = {"name": " Anna  Lee ", "email": "Anna@Example.com", "phone": "(510) 555-0143", "sms_consent": True}
        answer = await raw.ask("profile", given)
        assert answer == {"ok": True, "name": "Anna Lee", "email": "anna@example.com", "phone": "+15105550143"}
        told = await desk.durable("customer")
        assert told["changed"] == ["name", "email", "phone", "sms_consent"] and "Anna" not in str(told)
        body = await desk.ask("watch", {"conversation": conversation}, "/console")
        assert body["customer"]["name"] == "Anna Lee"
        assert {(i["kind"], i["value"], i["verified"]) for i in body["customer"]["identities"]} == {
            ("email", "anna@example.com", False),
            ("phone", "+15105550143", False),
        }
        sms = body["consent"]["sms"]
        assert sms["granted"] and sms["address"] == "+15105550143" and sms["source"] == "widget" and sms["at"]
        assert sms["text"] == raw.heard("ready")[0]["business"]["sms_consent"]
        assert "STOP" in sms["text"]

    async def test_the_day_they_write_about_is_a_note_for_staff(self, house: Running) -> None:
        raw, conversation = await talked(house)
        for day in ("2030-07-04", "2030-07-04", " ", "2030-07-06"):
            assert (await raw.ask("profile", {"event_date": day}))["ok"]
        _, body = await staffed(house, conversation)
        notes = [event for event in body["staff_events"] if event["kind"] == "note"]
        assert [note["text"] for note in notes] == [
            "Date of the event: Thursday, 2030-07-04",
            "Date of the event: Saturday, 2030-07-06",
        ]
        assert {note["author"]["kind"] for note in notes} == {"customer"}

    async def test_again_is_once_and_withdrawn_is_kept_beside(self, house: Running) -> None:
        raw, conversation = await talked(house)
        given = {"phone": "+15105550144", "sms_consent": True}
        for body in (given, given, {"sms_consent": False}, {"sms_consent": False}):
            assert (await raw.ask("profile", body))["ok"]
        rows = await house.rows("SELECT granted FROM crm.consent WHERE conversation_id = $1 ORDER BY at", UUID(conversation))
        assert [row["granted"] for row in rows] == [True, False]
        assert (
            len([event for event in await house.rows("SELECT kind FROM ai.staff_event WHERE conversation_id = $1", UUID(conversation))])
            == 2
        )

    async def test_marketing_is_a_box_of_its_own_with_its_words_and_where_it_was_ticked(self, house: Running) -> None:
        raw, conversation = await talked(house)
        card = raw.heard("ready")[0]["business"]
        assert card["sms_marketing"] != card["sms_consent"] and "not a condition of purchase" in card["sms_marketing"]
        assert (await raw.ask("profile", {"sms_marketing": True}))["error"]["code"] == "bad_request"
        assert (await raw.ask("profile", {"phone": "+15105550147", "sms_marketing": True}))["ok"]
        query = "SELECT purpose, granted, text, ip, source FROM crm.consent WHERE conversation_id = $1"
        (row,) = await house.rows(query, UUID(conversation))
        assert row == {
            "purpose": "marketing", "granted": True, "text": card["sms_marketing"], "ip": "127.0.0.1", "source": "widget",
        }  # fmt: skip
        assert (await raw.ask("profile", {"sms_consent": False}))["ok"] and len(await house.rows(query, UUID(conversation))) == 1

    async def test_no_box_begins_texts_again_that_the_phone_stopped(self, house: Running) -> None:
        raw, _ = await talked(house)
        stop = (
            "INSERT INTO crm.consent (id, channel, purpose, granted, address, text, source)"
            " VALUES ($1, 'sms', 'all', false, $2, 'STOP', 'keyword')"
        )
        await house.rows(stop, uuid4(), "+15105550148")
        refused = await raw.ask("profile", {"phone": "+15105550148", "sms_consent": True, "sms_marketing": True})
        assert refused["error"]["code"] == "conflict" and "START" in refused["error"]["message"]

    async def test_a_claim_takes_nothing_from_whoever_has_the_address(self, house: Running) -> None:
        anna, _ = await talked(house)
        mallory, _ = await talked(house)
        for raw in (anna, mallory):
            assert (await raw.ask("profile", {"email": "anna@example.org"}))["ok"]
        query = "SELECT customer_id, verified FROM core.identity WHERE value = 'anna@example.org'"
        rows = await house.rows(query)
        assert len({row["customer_id"] for row in rows}) == 2 and not any(row["verified"] for row in rows)
        assert (await mallory.ask("profile", {"email": "m@example.org"}))["ok"]
        assert len(await house.rows(query)) == 1

    async def test_before_the_first_word(self, house: Running) -> None:
        raw = await house.visitor()
        assert (await raw.ask("profile", {"name": "Early"}))["ok"]
        assert (await raw.say("hello"))["ok"]
        message = await raw.expect("event", lambda body: body["kind"] == "message" and body["message"]["author"]["kind"] == "customer")
        assert message["message"]["author"]["name"] == "Early"


class TestRating:
    async def test_of_nothing(self, house: Running) -> None:
        raw = await house.visitor()
        assert (await raw.ask("rate", {"id": str(uuid4()), "score": 5}))["error"]["code"] == "not_found"
        for score in (0, 6, "5", 4.5, True):
            assert (await raw.ask("rate", {"id": str(uuid4()), "score": score}))["error"]["code"] == "bad_request"

    async def test_is_once_by_its_id_and_the_last_counts(self, house: Running) -> None:
        raw, conversation = await talked(house)
        desk, _ = await staffed(house, conversation)
        first = {"id": str(uuid4()), "score": 2, "comment": "slow"}
        assert (await raw.ask("rate", first))["ok"] and (await raw.ask("rate", first))["ok"]
        assert (await raw.ask("rate", {**first, "score": 5}))["error"]["code"] == "conflict"
        assert (await desk.durable("rated"))["score"] == 2
        query = "SELECT kind, score, value::float, comment FROM ai.training_signal WHERE conversation_id = $1"
        assert await house.rows(query, UUID(conversation)) == [{"kind": "rating", "score": 2, "value": -0.3, "comment": "slow"}]
        assert (await raw.ask("rate", {"id": str(uuid4()), "score": 5}))["ok"]
        assert await house.rows(query, UUID(conversation)) == [{"kind": "rating", "score": 5, "value": 0.4, "comment": None}]
        staff = await house.rows("SELECT kind FROM ai.staff_event WHERE conversation_id = $1", UUID(conversation))
        assert [row["kind"] for row in staff] == ["rated", "rated"]


class TestTranscript:
    async def test_is_kept_and_says_so(self, house: Running) -> None:
        early = await house.visitor()
        assert (await early.ask("transcript", {"email": "a@example.com"}))["error"]["code"] == "not_found"
        raw, conversation = await talked(house)
        assert (await raw.ask("transcript", {"email": "nobody"}))["error"]["code"] == "bad_request"
        for _ in range(2):
            assert await raw.ask("transcript", {"email": "A@example.com"}) == {"ok": True, "kept": True}
        query = "SELECT email, sent_at FROM ops.transcript_request WHERE conversation_id = $1"
        assert await house.rows(query, UUID(conversation)) == [{"email": "a@example.com", "sent_at": None}]

    async def test_to_few_addresses(self, house: Running) -> None:
        raw, _ = await talked(house)
        answers = [await raw.ask("transcript", {"email": f"a{n}@example.com"}) for n in range(4)]
        assert [answer["ok"] for answer in answers] == [True, True, True, False]
        assert answers[3]["error"]["code"] == "not_allowed"
