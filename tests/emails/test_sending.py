"""A mail reaches the server once, or is `unknown` and an alarm rises; what the server will not take now is tried again, what it never
takes is given up; nothing goes to or from a placeholder."""

import asyncio
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from business.emails import sending
from business.emails.writing import Attachment
from kernel.database import Database
from kernel.errors import Conflict, Unavailable
from kernel.tables.ops import EmailSuppression, Notification
from tests.emails.office import SENDER, Office
from tests.rig.smtp import SmtpServer
from tests.rig.standing import StandsStill, cut_off, stands_or_is_done
from tests.rig.tls import certified
from workers.emails import DELAYS, Emails


async def alarms(office: Office) -> int:
    async with office.database.transaction() as connection:
        count = sa.select(sa.func.count()).select_from(Notification).where(Notification.kind == "email_unknown")
        return int(await connection.scalar(count) or 0)


class TestSent:
    async def test_once_with_both_forms_and_its_headers(self, office: Office, smtp: SmtpServer) -> None:
        email = await office.write(kind="deposit_request")
        await office.sent()
        (mail,) = smtp.taken
        message = mail.message
        assert (mail.sender, mail.recipient) == (SENDER, "ana@customers.house")
        assert message["From"] == f"My Hibachi <{SENDER}>" and message["To"] == "Ana Perez <ana@customers.house>"
        assert (
            message["Message-ID"] == f"<{email}@chat.hibachi.house>" and message["Date"] and message["Auto-Submitted"] == "auto-generated"
        )
        assert message["List-Unsubscribe"] is None, "what is no marketing cannot be unsubscribed from"
        row = await office.row(email)
        plain, html = message.get_body(("plain",)), message.get_body(("html",))
        assert plain is not None and html is not None
        assert plain.get_content().split() == row.plain.split() and html.get_content().split() == row.html.split()
        assert row.state == "sent" and row.sent_at is not None and [one.state for one in await office.effects()] == ["done"]

    async def test_marketing_carries_a_one_click_way_out(self, office: Office, smtp: SmtpServer) -> None:
        await office.write(kind="newsletter")
        await office.sent()
        message = smtp.taken[0].message
        assert message["List-Unsubscribe"].startswith("<https://chat.hibachi.house/u/")
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message["Auto-Submitted"] is None

    async def test_answers_come_back_to_the_conversation(self, office: Office, smtp: SmtpServer) -> None:
        conversation = uuid4()
        first = await office.write(kind="unread_reply", conversation=conversation)
        second = await office.write(kind="unread_reply", conversation=conversation)
        await office.sent()
        one, two = (mail.message for mail in sorted(smtp.taken, key=lambda mail: str(mail.message["Message-ID"])))
        assert office.links.conversation_of(one["Reply-To"].addresses[0].addr_spec) == conversation
        assert two["In-Reply-To"] == one["Message-ID"] == f"<{first}@chat.hibachi.house>"
        assert two["References"] == one["Message-ID"] and f"<{second}@" in two["Message-ID"]

    async def test_an_invitation_of_a_calendar_goes_along(self, office: Office, smtp: SmtpServer) -> None:
        ics = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Fiesta en casa de Jos\xc3\xa9\r\nEND:VCALENDAR\r\n"
        await office.write(attachments=(Attachment("party.ics", "text/calendar; method=REQUEST", ics),))
        await office.sent()
        (part,) = smtp.taken[0].message.iter_attachments()
        assert part.get_content_type() == "text/calendar" and part["Content-Type"].params["method"] == "REQUEST"
        assert part.get_filename() == "party.ics" and "José" in part.get_content()

    async def test_one_connection_carries_several(self, office: Office, smtp: SmtpServer) -> None:
        for _ in range(9):
            await office.write()
        await office.sent()
        assert len(smtp.taken) == 9 and smtp.connections <= 4

    async def test_a_connection_that_died_while_it_rested(self, office: Office, smtp: SmtpServer) -> None:
        worker = office.worker()
        await office.write()
        await worker.look()
        await worker.idle()
        for writer in list(smtp._open):
            writer.close()
        email = await office.write()
        await office.sent(worker)
        assert await office.state(email) == "sent" and smtp.connections == 2

    async def test_signs_in_over_tls(self, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        context, authority = certified(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        server = await SmtpServer(tls=context, users={"us": "secret"}).start()
        office.smtp = server
        email = await office.write()
        await office.sent(tls="starttls", login={"username": "us", "password": "secret"})
        await server.stop()
        assert await office.state(email) == "sent" and server.taken[0].secure and server.taken[0].user == "us"

    async def test_never_in_the_clear_where_tls_was_asked_for(self, office: Office, smtp: SmtpServer) -> None:
        email = await office.write()
        await office.sent(tls="starttls", login={"username": "us", "password": "secret"})
        assert await office.state(email) == "waiting" and smtp.commands["AUTH"] == 0 and not smtp.taken

    async def test_no_more_in_a_minute_than_it_may(self, office: Office, smtp: SmtpServer) -> None:
        for _ in range(5):
            await office.write()
        await office.sent(per_minute=3)
        assert len(smtp.taken) == 3

    async def test_the_same_key_is_the_same_mail(self, office: Office, smtp: SmtpServer) -> None:
        written = await asyncio.gather(*(office.write(key="booking:1:confirmed") for _ in range(10)))
        await office.sent()
        assert len(set(written)) == 1 and len(smtp.taken) == 1


class TestHeld:
    async def test_to_a_placeholder_nothing_goes(self, office: Office, smtp: SmtpServer) -> None:
        for address in ("ana@example.com", "ana@mail.example.org", "ana@my-hibachi.example.net"):
            email = await office.write(address)
            await office.sent()
            row = await office.row(email)
            assert (row.state, row.error, smtp.connections, await office.effects()) == ("held", "Placeholder", 0, [])
            with pytest.raises(Conflict, match="placeholder"):
                await office.database.unit(lambda c, email=email: sending.retry(c, email, uuid4(), sure=True))  # type: ignore[misc]

    async def test_from_a_placeholder_nothing_goes(self, office: Office, smtp: SmtpServer) -> None:
        email = await office.write()
        await office.sent(sender=None)  # the shipped profile's own address is one
        row = await office.row(email)
        assert (row.state, row.error, smtp.connections) == ("held", "Placeholder", 0)

    async def test_without_a_server_they_are_kept_and_go_when_somebody_says_so(self, office: Office, smtp: SmtpServer) -> None:
        email = await office.write()
        mine = office.worker()
        mine._postman, mine._post = None, sending.Post(SENDER, None, False)
        await office.sent(mine)
        assert (await office.row(email)).error == "NoServer"
        for _ in range(2):  # a click, and one too many
            assert await office.database.unit(lambda c: sending.retry(c, email, uuid4(), sure=False)) == "waiting"
        await office.sent()
        assert await office.state(email) == "sent" and len(smtp.taken) == 1

    async def test_who_gets_none_gets_none(self, office: Office, smtp: SmtpServer) -> None:
        await office.database.unit(lambda c: sending.unsubscribe(c, "ana@customers.house"))
        marketing, other = await office.write(kind="newsletter"), await office.write(kind="deposit_request")
        await office.sent()
        assert (await office.state(marketing), await office.state(other), len(smtp.taken)) == ("suppressed", "sent", 1)

    async def test_what_waits_is_not_sent_to_who_unsubscribes(self, office: Office, smtp: SmtpServer) -> None:
        email = await office.write(kind="newsletter")
        await office.database.unit(lambda c: sending.unsubscribe(c, "ana@customers.house"))
        await office.sent()
        assert await office.state(email) == "suppressed" and not smtp.taken


NOT_NOW = (
    "banner-421", "ehlo-421", "mail-451", "mail-cut", "rcpt-451", "rcpt-421", "rcpt-cut", "rcpt-garbage", "data-421", "dot-451",
)  # fmt: skip


class TestRefused:
    async def test_not_now_is_tried_again(self, office: Office, smtp: SmtpServer) -> None:
        for number, fault in enumerate(NOT_NOW):
            smtp.plan(fault)
            email = await office.write()
            await office.sent()
            assert (await office.state(email), len(smtp.taken)) == ("waiting", number), fault
            await office.time_passes()
            await office.sent()
            assert (await office.state(email), len(smtp.taken), await alarms(office)) == ("sent", number + 1, 0), fault

    async def test_a_server_that_is_away(self, office: Office, smtp: SmtpServer) -> None:
        port = smtp.port
        await smtp.stop()
        email = await office.write()
        await office.sent()
        assert await office.state(email) == "waiting"
        smtp.port = port
        await smtp.start()
        await office.time_passes()
        await office.sent()
        assert await office.state(email) == "sent"

    async def test_given_up_in_the_end_and_a_person_may_try_again(self, office: Office, smtp: SmtpServer) -> None:
        smtp.plan(*["rcpt-451"] * (len(DELAYS) + 1))
        email = await office.write()
        for _ in range(len(DELAYS) + 1):
            await office.time_passes()
            await office.sent()
        row = await office.row(email)
        assert (row.state, row.error) == ("failed", "Recipient451 4.3.0")
        await office.database.unit(lambda c: sending.retry(c, email, uuid4(), sure=False))
        await office.sent()
        assert await office.state(email) == "sent"

    @pytest.mark.parametrize(("fault", "suppressed"), [("rcpt-550", 1), ("rcpt-552", 0)])
    async def test_a_recipient_that_the_server_refuses(self, office: Office, smtp: SmtpServer, fault: str, suppressed: int) -> None:
        smtp.plan(fault)
        email = await office.write()
        await office.sent()
        async with office.database.transaction() as connection:
            listed = await connection.scalar(sa.select(sa.func.count()).select_from(EmailSuppression))
        assert await office.state(email) == "bounced" and listed == suppressed
        assert await office.state(await office.write()) == ("suppressed" if suppressed else "waiting")

    async def test_a_text_that_the_server_refuses(self, office: Office, smtp: SmtpServer) -> None:
        smtp.plan("dot-554")
        email = await office.write()
        await office.sent()
        assert ((await office.row(email)).state, (await office.row(email)).error) == ("failed", "Data554 5.7.1")


class TestUnknown:
    async def test_an_answer_that_nobody_read(self, office: Office, smtp: SmtpServer) -> None:
        for number, (fault, copies) in enumerate({"dot-lost": 1, "dot-cut": 0, "dot-slow": 1, "dot-garbage": 1}.items(), start=1):
            smtp.plan(fault)
            email = await office.write()
            await office.sent(timeout=0.3)
            assert (await office.state(email), await alarms(office)) == ("unknown", number), fault
            await office.time_passes()
            await office.sent()
            assert smtp.copies()[f"<{email}@chat.hibachi.house>"] == copies, "it is never sent again by itself"

    async def test_a_person_who_is_sure_sends_it_again_under_its_id(self, office: Office, smtp: SmtpServer) -> None:
        smtp.plan("dot-lost")
        email = await office.write()
        await office.sent()
        with pytest.raises(Conflict, match="may have arrived"):
            await office.database.unit(lambda c: sending.retry(c, email, uuid4(), sure=False))
        await office.database.unit(lambda c: sending.retry(c, email, uuid4(), sure=True))
        await office.sent()
        assert await office.state(email) == "sent"
        assert list(smtp.copies().values()) == [2], "the same Message-ID, which mail programs show once"


async def stopped_at(office: Office, url: str, at: int) -> tuple[Emails, Database, StandsStill, bool]:
    """A worker that stands still at its n-th await; False: it was done before."""
    where, own = StandsStill(at), Database(url, application=f"stopped-{at}")
    worker = office.worker(crash=where, database=own)
    await worker.look()
    return worker, own, where, await stands_or_is_done(where, worker.idle())


class TestAWorkerThatIsGone:
    async def test_at_every_await_once_or_unknown_and_never_lost(self, office: Office, smtp: SmtpServer, database_url: str) -> None:
        """Each is cut off as by `kill -9`, and another one takes over. Then it goes on after all, as one that was frozen does."""
        found: dict[int, tuple[int, str]] = {}
        for at in range(1, 200):
            email = await office.write()
            worker, own, where, stood = await stopped_at(office, database_url, at)
            if stood:
                await cut_off(office.database, f"stopped-{at}")
                for writer in list(smtp._open):
                    writer.close()
                await office.time_passes()
                await office.sent()
                found[at] = (smtp.copies()[f"<{email}@chat.hibachi.house>"], await office.state(email))
                where.goes_on.set()
            await asyncio.gather(*worker._tasks, return_exceptions=True)
            await own.close()
            if not stood:
                break
            assert smtp.copies()[f"<{email}@chat.hibachi.house>"] == found[at][0], "it woke and sent it once more"
        unknown = [at for at, (_, state) in found.items() if state == "unknown"]
        assert len(found) > 15 and {state for _, state in found.values()} == {"sent", "unknown"}, found
        assert all(copies == 1 for copies, state in found.values() if state == "sent"), found
        assert all(copies <= 1 for copies, _ in found.values()), found
        assert await alarms(office) == len(unknown) and unknown, found

    @pytest.mark.slow
    async def test_frozen_past_its_lease_and_continued(self, office: Office, smtp: SmtpServer, database_url: str) -> None:
        """At each await another worker takes over, as far as the frozen one's locks let it, then that one wakes."""
        at = 0
        for at in range(1, 200):
            email = await office.write()
            worker, own, where, stood = await stopped_at(office, database_url, at)
            if not stood:
                await own.close()
                break
            with suppress(Unavailable):  # it holds the row: then its lease does not matter yet
                await office.time_passes()
            other = asyncio.create_task(office.sent())
            await asyncio.wait({other}, timeout=1.0)
            where.goes_on.set()
            await asyncio.gather(other, *worker._tasks, return_exceptions=True)
            await own.close()
            await office.time_passes()
            await office.sent()
            copies = smtp.copies()[f"<{email}@chat.hibachi.house>"]
            state = await office.state(email)
            assert (copies, state) in ((1, "sent"), (0, "unknown"), (1, "unknown")), (at, copies, state)
        assert at > 15
