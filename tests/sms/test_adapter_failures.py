"""The adapter at a RingCentral that fails: what may be sent again and what may not, tokens that end, limits, answers that are none, files
that lie elsewhere."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from aiohttp import web

from business.channels.provider import MediaRef, NotReached, Refused, SmsError, Throttled, Unanswered
from business.channels.ringcentral.adapter import RingCentral
from business.channels.ringcentral.api import MOST, retry_after
from gateway.simulator.records import HIGH_VOLUME, NUMBER, STANDARD
from tests.rig.ringcentral import LOS_ANGELES, serving
from tests.sms.adapters import BEGINS, PAUSES, Clock, Line

BULK = "+15105557100"
SENDERS = pytest.mark.parametrize("sender", [NUMBER, BULK])


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    clock = Clock()
    async with serving(clock=clock.moment, numbers={NUMBER: STANDARD, BULK: HIGH_VOLUME}) as server:
        made = Line(server, clock)
        yield made
        await made.close()


@pytest.fixture
async def adapter(line: Line) -> RingCentral:
    """One that has its token and knows our numbers."""
    made = line.adapter()
    await made.numbers()
    return made


async def fails(work: Awaitable[object]) -> SmsError:
    with pytest.raises(SmsError) as error:
        await work
    return error.value


@SENDERS
class TestATextThatMayHaveLeft:
    @pytest.mark.parametrize("how", ["lost", "cut", "500", "502", "503", "504", "408"])
    async def test_is_unanswered_and_made_once(self, line: Line, adapter: RingCentral, sender: str, how: str) -> None:
        line.server.behave(how)
        error = await fails(adapter.send(LOS_ANGELES, "x", sender=sender))
        assert isinstance(error, Unanswered)
        assert len(line.server.sent) == (how == "lost")

    async def test_is_found_again(self, line: Line, adapter: RingCentral, sender: str) -> None:
        line.server.behave("lost")
        await fails(adapter.send(LOS_ANGELES, "x", sender=sender))
        found = await adapter.find(LOS_ANGELES, "x", BEGINS - timedelta(minutes=1))
        assert found is not None and found.state == "sent"


@SENDERS
class TestATextThatHasNotLeft:
    async def test_is_not_reached_where_nobody_listens(self, line: Line, sender: str) -> None:
        adapter = line.adapter()
        await adapter.numbers()
        adapter._http.address = "http://127.0.0.1:9"
        error = await fails(adapter.send(LOS_ANGELES, "x", sender=sender))
        assert isinstance(error, NotReached) and error.code == "connection"

    async def test_is_throttled_and_nothing_is_asked_until_its_time_is_over(self, line: Line, adapter: RingCentral, sender: str) -> None:
        line.server.behave("429+7")
        error = await fails(adapter.send(LOS_ANGELES, "x", sender=sender))
        assert isinstance(error, Throttled) and error.retry_after == 7
        line.clock.passed += 3
        calls = len(line.server.calls)
        error = await fails(adapter.send(LOS_ANGELES, "x", sender=sender))
        assert isinstance(error, Throttled) and error.retry_after == 4 and len(line.server.calls) == calls
        line.clock.passed += 4
        await adapter.send(LOS_ANGELES, "x", sender=sender)
        assert len(line.server.sent) == 1

    async def test_without_retry_after_waits_for_half_a_minute(self, line: Line, adapter: RingCentral, sender: str) -> None:
        line.server.behave("429")
        error = await fails(adapter.send(LOS_ANGELES, "x", sender=sender))
        assert isinstance(error, Throttled) and error.retry_after == 30


class TestHowLongToWait:
    @pytest.mark.parametrize(
        ("given", "seconds"),
        [
            ("7", 7.0), ("0", 0.0), ("99999999999", 3600.0), ("-5", 30.0), ("1.5", 30.0), ("soon", 30.0), ("٧", 30.0), ("", 30.0),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 37.0), ("Sun, 06 Nov 1994 08:48:00 GMT", 0.0), ("Mon, 07 Nov 1994 08:49:37 GMT", 3600.0),
            ("Sun, 66 Nov 1994 08:49:37 GMT", 30.0),
        ],
    )  # fmt: skip
    def test_is_what_they_say_within_reason(self, given: str, seconds: float) -> None:
        assert retry_after({"Retry-After": given, "Date": "Sun, 06 Nov 1994 08:49:00 GMT"}) == seconds

    def test_a_moment_by_no_clock_is_none(self) -> None:
        assert retry_after({"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}) == 30.0


class TestAServerThatStandsStill:
    async def test_leaves_a_text_unanswered(self, line: Line, adapter: RingCentral) -> None:
        adapter._http._timeout = 1.0
        line.server.behave("slow:30")
        assert isinstance(await fails(adapter.send(LOS_ANGELES, "x")), Unanswered)


class TestWhatIsRead:
    @pytest.mark.parametrize("how", ["cut", "lost", "500", "503", "408"])
    async def test_is_asked_for_again(self, line: Line, adapter: RingCentral, how: str) -> None:
        id = line.server.say(LOS_ANGELES, "hi")
        line.server.behave(how, how, on="read")
        found = await adapter.message(id)
        assert found is not None and found.text == "hi"

    async def test_a_few_times_and_no_more(self, line: Line, adapter: RingCentral) -> None:
        line.server.behave("500", on="read", always=True)
        assert isinstance(await fails(adapter.message("1")), NotReached)
        assert line.statuses("readMessage") == [500] * (len(PAUSES) + 1)

    async def test_is_not_asked_for_again_against_a_limit(self, line: Line, adapter: RingCentral) -> None:
        line.server.behave("429+9", on="read")
        assert isinstance(await fails(adapter.message("1")), Throttled)
        assert line.asked("readMessage") == 1

    async def test_limits_are_of_a_group(self, line: Line, adapter: RingCentral) -> None:
        """Reading is light, a text is not: what was read too often keeps none from going out."""
        line.server.behave("429+9", on="read")
        await fails(adapter.message("1"))
        await adapter.send(LOS_ANGELES, "x")
        assert len(line.server.sent) == 1


class TestTokens:
    async def test_one_serves_many(self, line: Line) -> None:
        adapter = line.adapter()
        await asyncio.gather(*(adapter.numbers() for _ in range(8)))
        assert line.asked("getToken") == 1

    async def test_are_refreshed_before_their_end(self, line: Line, adapter: RingCentral) -> None:
        line.clock.passed += 3600 - 119
        await asyncio.gather(*(adapter.numbers() for _ in range(8)))
        assert line.asked_with("refresh_token") and len(line.asked_with("assertion")) == 1
        assert line.asked("getToken") == 2 and set(line.statuses("listExtensionPhoneNumbers")) == {200}

    async def test_come_from_the_credential_again_when_nothing_can_be_refreshed(self, line: Line, adapter: RingCentral) -> None:
        line.clock.passed += 8 * 24 * 3600
        await adapter.numbers()
        assert line.statuses("getToken") == [200, 200] and len(line.asked_with("assertion")) == 2

    async def test_come_from_the_credential_again_when_the_refresh_is_refused(self, line: Line, adapter: RingCentral) -> None:
        line.server.tokens.end()
        line.clock.passed += 3590
        await adapter.numbers()
        assert line.statuses("getToken") == [200, 400, 200] and len(line.asked_with("assertion")) == 2

    @pytest.mark.parametrize("sender", [NUMBER, BULK])
    async def test_that_are_not_taken_are_replaced_once(self, line: Line, adapter: RingCentral, sender: str) -> None:
        line.server.behave("expired")
        await adapter.send(LOS_ANGELES, "x", sender=sender)
        assert len(line.server.sent) == 1 and line.asked("getToken") == 2

    async def test_that_are_never_taken_end_it(self, line: Line, adapter: RingCentral) -> None:
        line.server.behave("expired", always=True)
        assert isinstance(await fails(adapter.send(LOS_ANGELES, "x")), NotReached)
        assert line.statuses("createSMSMessage") == [401, 401]

    async def test_a_credential_that_is_refused_is_shown_once_a_minute(self, line: Line) -> None:
        adapter = line.adapter(jwt="stolen")
        errors = [await fails(adapter.numbers()) for _ in range(5)]
        assert all(isinstance(error, NotReached) and error.code == "OAU-140" for error in errors)
        assert line.asked("getToken") == 1
        line.clock.passed += 61
        await fails(adapter.numbers())
        assert line.asked("getToken") == 2

    async def test_that_cannot_be_had_keep_a_text_here(self, line: Line) -> None:
        for how in ("500", "cut", "lost", "503"):
            line.server.behave(how, on="token")
            assert isinstance(await fails(line.adapter().send(LOS_ANGELES, "x")), NotReached)
        assert not line.server.sent and line.asked("getToken") == 3  # and one that was cut before it was looked at

    async def test_the_limit_of_tokens_is_kept(self, line: Line) -> None:
        line.server.behave("429+20", on="token")
        adapter = line.adapter()
        errors = [await fails(adapter.numbers()) for _ in range(2)]
        assert [type(error) for error in errors] == [Throttled] * 2 and line.asked("getToken") == 1


Answers = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def strange() -> AsyncIterator[Callable[[Answers], Awaitable[str]]]:
    """Servers that give tokens and our number, and anything for the rest."""
    runners: list[web.AppRunner] = []

    async def start(answer: Answers) -> str:
        async def token(_: web.Request) -> web.Response:
            return web.json_response({"access_token": "t", "expires_in": 3600})

        async def numbers(_: web.Request) -> web.Response:
            return web.json_response({"records": [{"phoneNumber": NUMBER, "features": list(STANDARD)}]})

        app = web.Application()
        app.router.add_post("/restapi/oauth/token", token)
        app.router.add_get("/restapi/v1.0/account/~/extension/~/phone-number", numbers)
        app.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


RECORD = {"id": 1, "creationTime": "2026-12-01T18:00:00Z", "messageStatus": "Sent"}
GARBAGE: list[bytes] = [
    b"",
    b"{",
    b"[]",
    b'{"id": 1}',
    orjson.dumps(RECORD | {"creationTime": "noon"}),
    b"\xff\xfe",
    orjson.dumps(RECORD | {"subject": "x" * MOST}),  # right, and too long
]


class TestAnswersThatAreNone:
    @pytest.mark.parametrize("body", GARBAGE, ids=lambda body: repr(body[:24]))
    async def test_to_a_text_leave_it_unanswered(self, line: Line, strange: Callable[[Answers], Awaitable[str]], body: bytes) -> None:
        async def answer(_: web.Request) -> web.Response:
            return web.Response(body=body, content_type="application/json")

        adapter = line.adapter(address=await strange(answer))
        assert isinstance(await fails(adapter.send(LOS_ANGELES, "x")), Unanswered)

    @pytest.mark.parametrize("body", GARBAGE[1:3] + GARBAGE[5:], ids=lambda body: repr(body[:24]))
    async def test_to_what_is_read_are_not_believed(self, line: Line, strange: Callable[[Answers], Awaitable[str]], body: bytes) -> None:
        async def answer(_: web.Request) -> web.Response:
            return web.Response(body=body, content_type="application/json")

        adapter = line.adapter(address=await strange(answer))
        for work in (adapter.message("1"), adapter.became("1", None), adapter.arrived(BEGINS), adapter.find(LOS_ANGELES, "x", BEGINS)):
            assert isinstance(await fails(work), NotReached)

    async def test_a_list_without_pages_has_one(self, line: Line, strange: Callable[[Answers], Awaitable[str]]) -> None:
        async def answer(request: web.Request) -> web.Response:
            return web.json_response({"records": [], "paging": None})

        adapter = line.adapter(address=await strange(answer))
        assert await adapter.became(None, "batch") is None

    @pytest.mark.parametrize("status", [301, 307])
    async def test_nothing_is_followed(self, line: Line, strange: Callable[[Answers], Awaitable[str]], status: int) -> None:
        async def answer(request: web.Request) -> web.Response:
            return web.Response(status=status, headers={"Location": f"{line.server.base}{request.path_qs}"})

        adapter = line.adapter(address=await strange(answer))
        assert isinstance(await fails(adapter.send(LOS_ANGELES, "x")), Refused)
        assert not line.server.calls

    @pytest.mark.parametrize(
        ("status", "body", "permanent", "number"),
        [
            (403, {"errorCode": "MSG-242"}, True, False),
            (400, {"errors": [{"errorCode": "MSG-243"}]}, True, True),
            (400, {"errorCode": "CMN-101", "parameterName": "to[0].phoneNumber"}, True, True),
            (400, {"errorCode": "CMN-101", "parameterName": "from.phoneNumber"}, True, False),
            (503, {"errorCode": "MSG-290"}, False, False),
            (403, "no JSON", True, False),
            (404, {"errorCode": "CMN-120"}, True, False),
        ],
    )
    async def test_refusals_are_told_apart(
        self, line: Line, strange: Callable[[Answers], Awaitable[str]], status: int, body: Any, permanent: bool, number: bool
    ) -> None:
        async def answer(_: web.Request) -> web.Response:
            return web.json_response(body, status=status)

        error = await fails(line.adapter(address=await strange(answer)).send(LOS_ANGELES, "x"))
        assert isinstance(error, Refused) and (error.permanent, error.number) == (permanent, number)

    async def test_each_text_has_a_connection_of_its_own(self, line: Line, strange: Callable[[Answers], Awaitable[str]]) -> None:
        """A kept one that the server closes at that moment would leave the text unknown."""
        seen: list[object] = []

        async def answer(request: web.Request) -> web.Response:
            seen.append(request.transport and request.transport.get_extra_info("peername"))
            return web.json_response({"id": 1, "creationTime": "2026-12-01T18:00:00Z", "messageStatus": "Queued", "direction": "Inbound"})

        adapter = line.adapter(address=await strange(answer))
        for _ in "abc":
            await fails(adapter.send(LOS_ANGELES, "x"))
        assert len(set(seen)) == 3

    async def test_what_they_write_is_in_no_error(self, line: Line, strange: Callable[[Answers], Awaitable[str]]) -> None:
        async def answer(_: web.Request) -> web.Response:
            return web.json_response({"errorCode": "MSG-240", "message": f"Recipient [{LOS_ANGELES}] is none"}, status=403)

        error = await fails(line.adapter(address=await strange(answer)).send(LOS_ANGELES, "x"))
        assert str(error) == "MSG-240"


def _file(address: str, size: int | None = None) -> MediaRef:
    return MediaRef("1", "image/png", size, address)


class TestFiles:
    @pytest.mark.parametrize(
        "address",
        [
            "http://169.254.169.254/restapi/v1.0/x",
            "https://media.ringcentral.com/restapi/v1.0/x",  # not of this API's own configuration
            "https://media.ringcentral.com.evil.example/restapi/v1.0/x",
            "file:///etc/passwd",
            "{base}@evil.example/restapi/v1.0/x",
            "{base}/admin",
            "{base}/restapi/../admin",
            "{base}/restapi/%2e%2e/admin",
            "//evil.example/restapi/x",
            "",
        ],
    )
    async def test_elsewhere_are_not_asked_for(self, line: Line, adapter: RingCentral, address: str) -> None:
        calls = len(line.server.calls)
        error = await fails(adapter.read(_file(address.format(base=line.server.base)), 1000))
        assert isinstance(error, Refused) and error.code == "elsewhere" and len(line.server.calls) == calls

    async def test_that_are_too_large_are_left(self, line: Line, adapter: RingCentral) -> None:
        found = await adapter.message(line.server.say(LOS_ANGELES, "", [("a.png", "image/png", b"x" * 5000)]))
        assert found is not None
        for told in (found.media[0].size, None, 10):
            error = await fails(adapter.read(_file(found.media[0].address, told), 1000))
            assert isinstance(error, Refused) and error.code == "too_large" and error.permanent

    async def test_without_a_length_are_left_when_they_turn_out_too_large(
        self, line: Line, strange: Callable[[Answers], Awaitable[str]]
    ) -> None:
        async def answer(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse()
            await response.prepare(request)
            for _ in range(100):
                await response.write(b"x" * 1000)
            return response

        base = await strange(answer)
        error = await fails(line.adapter(address=base).read(_file(f"{base}/restapi/v1.0/x"), 5000))
        assert isinstance(error, Refused) and error.code == "too_large"

    async def test_redirects_lead_nowhere(self, line: Line, strange: Callable[[Answers], Awaitable[str]]) -> None:
        kept = "/restapi/v1.0/account/~/extension/~/message-store/1/content/2"

        async def answer(_: web.Request) -> web.Response:
            return web.Response(status=302, headers={"Location": f"{line.server.base}{kept}"})

        base = await strange(answer)
        error = await fails(line.adapter(address=base).read(_file(f"{base}/restapi/v1.0/x"), 5000))
        assert isinstance(error, Refused) and error.permanent and not line.server.calls

    async def test_that_are_gone_are_said_to_be(self, line: Line, adapter: RingCentral) -> None:
        error = await fails(adapter.read(_file(f"{line.server.base}/restapi/v1.0/account/~/extension/~/message-store/1/content/2"), 1000))
        assert isinstance(error, Refused) and error.code == "gone"

    async def test_a_token_that_ended_is_replaced(self, line: Line, adapter: RingCentral) -> None:
        found = await adapter.message(line.server.say(LOS_ANGELES, "", [("a.png", "image/png", b"x" * 50)]))
        assert found is not None
        line.server.behave("expired", "500", on="media")
        assert isinstance(await fails(adapter.read(found.media[0], 1000)), NotReached)
        assert await adapter.read(found.media[0], 1000) == b"x" * 50
