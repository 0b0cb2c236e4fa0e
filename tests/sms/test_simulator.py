"""The simulator, spoken to as any client of RingCentral speaks to it: what its API grants, refuses, keeps and tells."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from gateway.simulator.limits import GROUPS
from gateway.simulator.operations import OPERATIONS, Exchange
from gateway.simulator.server import RingCentralServer
from gateway.simulator.webhooks import Notification
from tests.rig.ringcentral import LOS_ANGELES, high_volume, serving
from tests.sms.by_the_guide import A2P, OWN, Client, Hook
from tests.sms.description import DEVIATIONS, Check, document, names

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def rc() -> AsyncIterator[RingCentralServer]:
    async with serving() as server:
        yield server


@pytest.fixture
async def client(rc: RingCentralServer, http: aiohttp.ClientSession) -> Client:
    found = Client(rc, http)
    await found.grant()
    return found


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    async with Hook() as found:
        yield found


class TestTokens:
    async def test_nobody_comes_in_with_a_wrong_word(self, rc: RingCentralServer, client: Client) -> None:
        status, body = await client.grant(grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer", assertion="another")
        assert (status, body["error"]) == (400, "invalid_grant")
        client.token = "none"
        assert (await client.text())[1]["errorCode"] == "OAU-129"
        basic = aiohttp.encode_basic_auth(rc.client_id, "wrong")
        async with client.http.post(f"{rc.base}/restapi/oauth/token", data={}, headers={"Authorization": basic}) as answer:
            assert (answer.status, (await answer.json())["errorCode"]) == (401, "OAU-146")
        assert rc.sent == []

    async def test_an_hour_is_an_hour_and_a_refresh_token_is_used_once(self, http: aiohttp.ClientSession) -> None:
        now = [datetime(2026, 12, 1, 12, tzinfo=UTC)]
        async with serving(clock=lambda: now[0]) as rc:
            client = Client(rc, http)
            assert (await client.grant())[1]["expires_in"] == 3600
            first = client.refresh
            now[0] += timedelta(hours=1)
            assert (await client.text())[1]["errorCode"] == "OAU-128"
            assert (await client.grant(grant_type="refresh_token", refresh_token=first))[0] == 200
            assert (await client.text())[0] == 200
            now[0] += timedelta(seconds=11)
            assert (await client.grant(grant_type="refresh_token", refresh_token=first))[1]["error"] == "invalid_grant"

    async def test_the_sixth_session_ends_the_first(self, client: Client) -> None:
        first = client.token
        for _ in range(5):
            await client.grant()
        assert (await client.text())[0] == 200
        client.token = first
        assert (await client.text())[0] == 401


class TestTexts:
    async def test_is_refused_with_the_code_that_is_documented(self, rc: RingCentralServer, client: Client) -> None:
        told = {
            (await client.text(sender="+15105559999"))[1]["errorCode"],
            (await client.text(to="+4915155570011"))[1]["errorCode"],
            (await client.text(text="x" * 1001))[1]["errorCode"],
            (await client.text(text="🙂" * 501))[1]["errorCode"],
            (await client.text(to="12"))[1]["errorCode"],
            (await client.call("POST", "/restapi/v1.0/account/1/extension/~/sms", {}))[1]["errorCode"],
        }
        assert told == {"MSG-304", "MSG-240", "MSG-338", "CMN-101", "CMN-404"}
        assert rc.sent == []

    async def test_goes_from_queued_to_delivered_and_its_phone_has_it(self, rc: RingCentralServer, client: Client) -> None:
        status, body = await client.text()
        assert (status, body["messageStatus"]) == (200, "Queued")
        await _until(lambda: rc.sent[0].status == "Delivered")
        assert (await client.call("GET", f"{OWN}/message-store/{body['id']}"))[1]["messageStatus"] == "Delivered"
        assert rc.sent_to(LOS_ANGELES) == ["Your table is set"]

    async def test_a_network_that_would_not_have_it_says_why(self, rc: RingCentralServer, client: Client) -> None:
        rc.behave("SMS-CAR-411", "SMS-RC-430", on="delivery")
        ids = [(await client.text())[1]["id"] for _ in range(2)]
        await _until(lambda: rc.sent[1].error is not None and rc.sent[0].error is not None)
        found = [(await client.call("GET", f"{OWN}/message-store/{one}"))[1] for one in ids]
        assert [one["messageStatus"] for one in found] == ["DeliveryFailed", "SendingFailed"]
        assert [one["deliveryErrorCode"] for one in found] == ["SMS-CAR-411", "SMS-RC-430"]

    async def test_whoever_said_stop_gets_nothing_until_start(self, rc: RingCentralServer, client: Client) -> None:
        rc.say(LOS_ANGELES, " stop ")
        await client.text()
        await _until(lambda: rc.sent[0].error == "SMS-RC-413")
        rc.say(LOS_ANGELES, "START")
        await client.text()
        await _until(lambda: rc.sent[1].status == "Delivered")

    async def test_a_picture_goes_along_and_one_that_came_is_fetched(self, rc: RingCentralServer, client: Client) -> None:
        status, body = await client.call("POST", f"{OWN}/mms", data=_mixed(rc, "image/png"))
        assert (status, [one["type"] for one in body["attachments"]]) == (200, ["Text", "MmsAttachment"])
        assert (await client.call("POST", f"{OWN}/sms", data=_mixed(rc, "application/x-msdownload")))[1]["errorCode"] == "MSG-348"
        came = rc.say(LOS_ANGELES, "look", [("yard.png", "image/png", PNG)])
        found = (await client.call("GET", f"{OWN}/message-store/{came}"))[1]
        assert await client.call("GET", found["attachments"][1]["uri"].removeprefix(rc.base)) == (200, PNG)

    async def test_lists_by_direction_date_number_and_page(self, rc: RingCentralServer, client: Client) -> None:
        await client.text()
        came = [rc.say(number, "hi") for number in (LOS_ANGELES, "+14155557002", LOS_ANGELES)]
        listed = f"{OWN}/message-store?direction=Inbound&messageType=SMS&perPage=2"
        body = (await client.call("GET", listed))[1]
        assert [str(one["id"]) for one in body["records"]] == [came[2], came[1]]  # the newest first
        assert (body["paging"]["totalElements"], body["paging"]["totalPages"]) == (3, 2)
        assert "nextPage" in body["navigation"]
        second = (await client.call("GET", f"{listed}&page=2"))[1]
        assert [str(one["id"]) for one in second["records"]] == [came[0]]
        assert len((await client.call("GET", f"{listed}&phoneNumber=%2B14155557002"))[1]["records"]) == 1
        assert (await client.call("GET", f"{listed}&dateFrom=2099-01-01T00:00:00Z"))[1]["records"] == []
        assert (await client.call("GET", f"{listed}&dateFrom=yesterday"))[1]["errorCode"] == "CMN-101"

    async def test_a_synchronisation_tells_what_changed(self, rc: RingCentralServer, client: Client) -> None:
        rc.say(LOS_ANGELES, "one")
        first = (await client.call("GET", f"{OWN}/message-sync?syncType=FSync&messageType=SMS"))[1]
        rc.say(LOS_ANGELES, "two")
        token = first["syncInfo"]["syncToken"]
        again = (await client.call("GET", f"{OWN}/message-sync", params={"syncType": "ISync", "syncToken": token}))[1]
        assert [one["subject"] for one in again["records"]] == ["two", "one"]  # overlapping by five seconds
        assert (await client.call("GET", f"{OWN}/message-sync?syncType=ISync&syncToken=no"))[1]["errorCode"] == "MSG-333"


class TestHighVolume:
    async def test_a_batch_names_the_numbers_that_it_rejects_once(self, http: aiohttp.ClientSession) -> None:
        async with serving(numbers=high_volume()) as rc:
            client = Client(rc, http)
            await client.grant()
            status, body = await client.batch(LOS_ANGELES, "not a number")
            assert (status, body["status"], body["batchSize"]) == (201, "Processing", 2)
            assert [(one["index"], one["errorCode"]) for one in body["rejected"]] == [(2, "SMS-RC-410")]
            await _until(lambda: rc.account.batches[body["id"]].status == "Completed")
            assert (await client.call("GET", f"{A2P}/batches/{body['id']}"))[1]["rejected"] == []
            listed = (await client.call("GET", f"{A2P}/messages?view=Detailed&batchId={body['id']}"))[1]["records"]
            assert [(one["to"], one["text"]) for one in listed] == [([LOS_ANGELES], "Your table is set")]
            assert "text" not in (await client.call("GET", f"{A2P}/messages?batchId={body['id']}"))[1]["records"][0]
            assert (await client.text())[1]["errorCode"] == "MSG-242"

    async def test_keeps_its_own_list_of_who_opted_out(self, http: aiohttp.ClientSession, hook: Hook) -> None:
        async with serving(numbers=high_volume()) as rc:
            client = Client(rc, http)
            await client.grant()
            await client.subscribe(hook.address, f"{A2P}/opt-outs", f"{A2P}/messages?direction=Inbound")
            rc.say(LOS_ANGELES, "STOP")
            await rc.settled()
            assert {"active": True, "from": rc.number, "to": LOS_ANGELES} in [body["body"] for _, body in hook.came]
            await client.batch(LOS_ANGELES)
            await _until(lambda: rc.sent[0].error == "SMS-RC-413")
            body = (await client.call("GET", f"{A2P}/opt-outs?from={rc.number.replace('+', '%2B')}"))[1]
            assert [one["to"] for one in body["records"]] == [LOS_ANGELES]


class TestWebhooks:
    async def test_is_made_only_where_the_address_answers_as_it_must(self, rc: RingCentralServer, client: Client, hook: Hook) -> None:
        for wrong in ({"echoes": False}, {"status": 201}, {"padding": "x" * 1024}):
            hook.__dict__.update({"echoes": True, "status": 200, "padding": ""} | wrong)
            assert (await client.subscribe(hook.address))[1]["errorCode"] == "SUB-525"
        hook.__dict__.update({"echoes": True, "status": 200, "padding": ""})
        assert (await client.subscribe(hook.address, "/restapi/v1.0/nothing"))[1]["errorCode"] == "SUB-508"
        status, body = await client.subscribe(hook.address, verificationToken="ours")
        assert (status, body["status"]) == (200, "Active")
        assert "ours" not in str(body)
        assert (await client.call("POST", f"/restapi/v1.0/subscription/{body['id']}/renew"))[0] == 200
        assert (await client.call("DELETE", f"/restapi/v1.0/subscription/{body['id']}"))[0] == 204
        assert (await client.call("GET", f"/restapi/v1.0/subscription/{body['id']}"))[0] == 404
        assert rc.account.subscriptions == {}

    async def test_tells_each_text_with_the_token(self, rc: RingCentralServer, client: Client, hook: Hook) -> None:
        made = (await client.subscribe(hook.address, verificationToken="ours"))[1]
        came = rc.say(LOS_ANGELES, "hi")
        await rc.settled()
        headers, body = hook.came[0]
        assert (headers["Validation-Token"], body["subscriptionId"], body["body"]["id"]) == ("ours", made["id"], came)
        assert body["event"].endswith("/message-store/instant?type=SMS")
        assert await rc.deliver(came, times=3) == [200, 200, 200]
        assert hook.ids == [came] * 4

    async def test_faults_are_those_that_were_asked_for(self, rc: RingCentralServer, client: Client, hook: Hook) -> None:
        await client.subscribe(hook.address)
        rc.behave("x3", "lost", "reorder", "ok", on="webhook")
        tripled, lost, second, first = (rc.say(LOS_ANGELES, text) for text in "abcd")
        await rc.settled()
        assert hook.ids.count(tripled) == 3
        assert lost not in hook.ids
        assert hook.ids.index(first) < hook.ids.index(second)

    async def test_a_day_late_and_before_the_lists_have_it(self, http: aiohttp.ClientSession, hook: Hook) -> None:
        now = [datetime(2026, 12, 1, 12, tzinfo=UTC)]
        async with serving(clock=lambda: now[0]) as rc:
            client = Client(rc, http)
            await client.grant()
            await client.subscribe(hook.address)
            rc.account.subscriptions[next(iter(rc.account.subscriptions))].expires += timedelta(days=9)
            rc.behave("delay:86400", on="webhook")
            rc.behave("late:60", on="list")
            came = rc.say(LOS_ANGELES, "hi")
            assert (await client.call("GET", f"{OWN}/message-store"))[1]["records"] == []
            assert (await client.call("GET", f"{OWN}/message-store/{came}"))[0] == 200
            now[0] += timedelta(seconds=61)
            assert len((await client.call("GET", f"{OWN}/message-store"))[1]["records"]) == 1
            await rc.settled()
            assert hook.ids == []
            now[0] += timedelta(days=1)
            await rc.settled()
            assert hook.ids == [came]

    async def test_whoever_fails_too_often_is_told_nothing_more(self, rc: RingCentralServer, client: Client, hook: Hook) -> None:
        made = (await client.subscribe(hook.address))[1]
        hook.status = 500
        for _ in range(rc.webhooks.patience):
            rc.say(LOS_ANGELES, "hi")
            await rc.settled()
        found = (await client.call("GET", f"/restapi/v1.0/subscription/{made['id']}"))[1]
        assert (found["status"], "500" in found["blacklistedData"]["reason"]) == ("Blacklisted", True)
        hook.status, told = 200, len(hook.came)
        rc.say(LOS_ANGELES, "anybody?")
        await rc.settled()
        assert len(hook.came) == told


class TestFaults:
    async def test_lost_was_taken_and_cut_was_not(self, rc: RingCentralServer, client: Client) -> None:
        rc.behave("lost", "cut")
        for _ in range(2):
            with pytest.raises(aiohttp.ClientError):
                await client.text()
        assert len(rc.sent) == 1
        assert (await client.text())[0] == 200

    async def test_refuses_the_next_call_and_no_other(self, rc: RingCentralServer, client: Client) -> None:
        rc.behave("429+7", "500", "expired")
        async with client.http.post(f"{rc.base}{OWN}/sms", json={}) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
        assert (await client.text())[0] == 500
        assert (await client.text())[1]["errorCode"] == "OAU-128"
        await client.grant()
        assert (await client.text())[0] == 200

    async def test_a_standing_one_ends_when_it_is_taken_back(self, rc: RingCentralServer, client: Client) -> None:
        rc.behave("503", on="read", always=True)
        assert [(await client.call("GET", f"{OWN}/message-store"))[0] for _ in range(2)] == [503, 503]
        rc.behave(on="read")
        assert (await client.call("GET", f"{OWN}/message-store"))[0] == 200
        with pytest.raises(ValueError, match="no fault of webhook"):
            rc.behave("500", on="webhook")

    async def test_too_many_in_a_minute_wait_a_minute(self, http: aiohttp.ClientSession) -> None:
        now = [datetime(2026, 12, 1, 12, tzinfo=UTC)]
        async with serving(clock=lambda: now[0], limits=GROUPS) as rc:
            client = Client(rc, http)
            await client.grant()
            told = [(await client.text())[0] for _ in range(GROUPS["Medium"] + 1)]
            assert told == [200] * GROUPS["Medium"] + [429]
            assert (await client.call("GET", f"{OWN}/message-store"))[0] == 200  # of another group
            now[0] += timedelta(seconds=59)
            assert (await client.text())[1]["errorCode"] == "CMN-301"  # asked too soon: another minute
            now[0] += timedelta(seconds=59)
            assert (await client.text())[0] == 429
            now[0] += timedelta(seconds=61)
            assert (await client.text())[0] == 200


class TestTheDescription:
    def test_every_operation_is_one_of_it(self) -> None:
        """Its method, its address and the group of its limit."""
        told = document()["operations"]
        assert set(told) == {operation.id for operation in OPERATIONS}
        for operation in OPERATIONS:
            mine = told[operation.id]
            assert (mine["method"], mine["group"]) == (operation.method, operation.group), operation.id
            assert re.sub(r"\{\w+\}", "*", mine["path"]) == re.sub(r"\{\w+\}", "*", operation.path)

    def test_what_we_leave_is_named_and_still_there(self) -> None:
        assert names([schema for schema, _, _ in DEVIATIONS]) == {schema for schema, _, _ in DEVIATIONS}
        assert "2026" in document()["source"]

    async def test_a_request_that_does_not_fit_is_a_breach(self, http: aiohttp.ClientSession, hook: Hook) -> None:
        check = Check()
        async with RingCentralServer(observe=check) as rc:
            client = Client(rc, http)
            await client.grant()
            await client.call("GET", f"{OWN}/message-store?direction=Sideways&colour=blue")
            await client.call("GET", f"{OWN}/phone-number?perPage=many")
            await client.call(
                "POST", f"{OWN}/sms", {"from": {"phoneNumber": rc.number}, "to": [{"phoneNumber": LOS_ANGELES}], "text": "", "at": 1}
            )
            await client.call(
                "POST", f"{OWN}/sms", {"from": {"phoneNumber": rc.number, "name": "us"}, "to": [{"phoneNumber": LOS_ANGELES}], "text": "hi"}
            )
            await client.subscribe(hook.address, validationToken="the name that the guide's example has")
        words = ("Sideways", "colour", "'at' was unexpected", "'name' was unexpected", "validationToken")
        assert [word for word in words if not any(word in line for line in check.breaches)] == []
        assert check.checked >= 3

    async def test_an_answer_with_a_name_that_nobody_published_is_a_breach(self, rc: RingCentralServer) -> None:
        check = Check()
        check(Exchange("readMessage", [], "", None, 200, {"id": 1, "colour": "blue"}))
        check(Exchange("listMessages", [], "", None, 200, {"navigation": {}, "paging": {}, "records": [{"id": "one"}, {"colour": "blue"}]}))
        check(Exchange("updateSubscription", [], "application/json", {"eventFilters": ["x"], "shade": 1}, 200, None))
        check(Notification("s", "/restapi/v1.0/account/1/a2p-sms/opt-outs", {"uuid": 1}, None))
        check(Notification("s", "/restapi/v1.0/account/1/weather", {}, None))
        for word in (
            "readMessage 200",
            "'one' is not of type 'integer'",
            "'colour' was unexpected",
            "'shade' was unexpected",
            "'body' is a required",
            "no event of it",
        ):
            assert any(word in line for line in check.breaches), (word, check.breaches)


def _mixed(rc: RingCentralServer, type: str) -> aiohttp.MultipartWriter:
    """As the guide sends a picture: the envelope first, then the file."""
    body = aiohttp.MultipartWriter("mixed")
    body.append_json({"from": {"phoneNumber": rc.number}, "to": [{"phoneNumber": LOS_ANGELES}], "text": "Our menu"})
    body.append(PNG, {"Content-Type": type}).set_content_disposition("attachment", filename="menu.png")
    return body


async def _until(is_so: Any) -> None:
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110 - it happens in the server's time
            await asyncio.sleep(0.02)
