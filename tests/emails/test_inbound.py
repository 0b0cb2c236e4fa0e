"""Mails that come in: an answer goes on in its conversation, once, from its customer alone; a bounce marks the mail that it tells of; what
is hostile, huge or slow harms nothing."""

import asyncio
import base64
import random

import pytest
import sqlalchemy as sa

from business.emails.incoming import read
from business.emails.trimming import text_of, trim
from gateway.http.email_hooks import PATH
from kernel.errors import GatewayError
from kernel.tables.ai import Turn, Upload
from kernel.tables.ops import EmailSuppression, InboundEmail, Payment
from tests.emails import mails
from tests.emails.mailbox import KEY, Mailbox
from tests.emails.mails import mail, report
from tests.emails.office import SENDER

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


class TestTheDoor:
    async def test_without_its_key_nothing_is_read(self, box: Mailbox) -> None:
        for key in ("", "wrong", KEY + "x", "Bearer"):
            assert (await box.post(mail(box.replies), key=key)).status_code == 401
        assert (await box.client.post(PATH, content=b"x")).status_code == 401

    async def test_what_is_no_mail_is_refused(self, box: Mailbox) -> None:
        for body in (b"", b"no mail at all", b"\0" * 100, b"From: nobody\r\n\r\nhi", b"{}"):
            assert (await box.post(body)).status_code == 400

    async def test_too_large(self, box: Mailbox) -> None:
        assert (await box.post(mail(box.replies).as_bytes() + b"x" * (10 * 1024 * 1024))).status_code == 413

    async def test_as_json(self, box: Mailbox) -> None:
        headers = {"Authorization": f"Bearer {KEY}"}
        for encoding in ("text", "base64"):
            raw = mail(box.replies).as_bytes()
            given = raw.decode() if encoding == "text" else base64.b64encode(raw).decode()
            response = await box.client.post(PATH, json={"raw": given, "encoding": encoding}, headers=headers)
            assert response.json() == {"outcome": "threaded", "repeated": False}
            assert (await box.client.post(PATH, json={"mail": given}, headers=headers)).status_code == 400


class TestAnAnswer:
    async def test_goes_on_in_the_conversation_and_is_answered(self, box: Mailbox) -> None:
        first = await box.office.write(kind="unread_reply", conversation=box.conversation)
        message_id = (await box.office.row(first)).message_id
        assert await box.outcome(mail(box.replies, mails.GMAIL, In_Reply_To=message_id)) == "threaded"
        assert await box.said() == ["Yes, twelve of us.\n\nAna"]
        assert box.told[-1].conversation == box.conversation
        (row,) = await box.all(sa.select(InboundEmail))
        assert (row.email_id, row.conversation_id) == (first, box.conversation)
        assert len(await box.all(sa.select(Turn).where(Turn.state == "queued"))) == 1, "the assistant answers it"

    async def test_and_the_next_of_ours_answers_that(self, box: Mailbox) -> None:
        theirs = mail(box.replies)
        await box.outcome(theirs)
        ours = await box.office.write(kind="unread_reply", conversation=box.conversation)
        assert (await box.office.row(ours)).in_reply_to == theirs["Message-ID"]

    async def test_twenty_times_at_once_is_once(self, box: Mailbox) -> None:
        one = mail(box.replies)
        answers = await asyncio.gather(*(box.post(one) for _ in range(20)))
        assert sorted(answer.json()["repeated"] for answer in answers) == [False] + [True] * 19
        assert await box.said() == ["Twelve of us."] and len(await box.all(sa.select(InboundEmail))) == 1

    async def test_from_somebody_else_is_a_note_for_the_staff(self, box: Mailbox) -> None:
        assert await box.outcome(mail(box.replies, sender="eve@others.house")) == "kept"
        assert await box.said() == []
        (note,) = await box.notes()
        assert "eve@others.house" in note and "Twelve of us." in note

    async def test_from_staff_who_answer_their_alert_is_no_word_of_the_customer(self, box: Mailbox) -> None:
        await box.office.write("dana@hibachi.house", kind="escalation", conversation=box.conversation)
        assert await box.outcome(mail(box.replies, sender="dana@hibachi.house")) == "kept" and await box.said() == []

    async def test_a_guessed_address_opens_nothing(self, box: Mailbox) -> None:
        in_reply = (await box.office.row(await box.office.write(kind="unread_reply", conversation=box.conversation))).message_id
        for address in ("replies+aaaa@hibachi.house", "replies+@hibachi.house", "replies@hibachi.house", "x+y@z.house"):
            assert await box.outcome(mail(address, In_Reply_To=in_reply)) == "kept"
        assert await box.said() == [] and await box.notes() == []

    async def test_pictures_come_along_and_programs_do_not(self, box: Mailbox) -> None:
        one = mail(box.replies, "Look")
        one.add_attachment(PNG, "image", "png", filename="../../garden.png")
        one.add_attachment(b"MZ" + b"0" * 40, "application", "octet-stream", filename="virus.exe")
        assert await box.outcome(one) == "threaded"
        (upload,) = await box.all(sa.select(Upload))
        assert (upload.name, upload.conversation_id, upload.message_id is not None) == ("garden.png", box.conversation, True)
        assert await box.said() == ["Look"] and "1 file(s) that we do not take" in (await box.notes())[0]

    async def test_a_page_without_a_text(self, box: Mailbox) -> None:
        one = mail(box.replies)
        one.set_content("<style>p{}</style><p>Twelve <b>of</b> us</p><blockquote>how many?</blockquote>", subtype="html")
        await box.outcome(one)
        assert await box.said() == ["Twelve of us"]


class TestLoops:
    async def test_what_no_person_sent_is_kept_and_not_answered(self, box: Mailbox) -> None:
        signs = (
            ("Auto_Submitted", "auto-replied"),
            ("Auto_Submitted", "auto-generated; x=1"),
            ("Precedence", "bulk"),
            ("X_Autoreply", "yes"),
        )
        for name, value in signs:
            assert await box.outcome(mail(box.replies, **{name: value})) == "kept", (name, value)
        assert await box.said() == []

    async def test_a_mail_of_our_own(self, box: Mailbox) -> None:
        ours = (await box.office.row(await box.office.write(kind="unread_reply", conversation=box.conversation))).message_id
        assert await box.outcome(mail(box.replies, Message_ID=ours)) == "kept"
        assert await box.outcome(mail(box.replies, sender=SENDER)) == "kept"
        assert await box.said() == []


class TestBounces:
    async def test_marks_the_mail_that_it_tells_of(self, box: Mailbox) -> None:
        told = (("5.1.1", "failed", "bounced", 1), ("5.2.2", "failed", "bounced", 0), ("4.4.1", "delayed", "sent", 0))
        for number, ((status, action, state, suppressed), whole) in enumerate((one, whole) for one in told for whole in (True, False)):
            address = f"reader{number}@customers.house"
            email = await box.office.write(address)
            await box.office.sent()
            given = report((await box.office.row(email)).message_id, status=status, action=action, whole=whole)
            assert await box.outcome(given) == "bounce"
            listed = await box.all(sa.select(EmailSuppression).where(EmailSuppression.address == address))
            assert (await box.office.state(email), len(listed)) == (state, suppressed), (status, whole)

    async def test_of_a_mail_that_we_never_wrote_suppresses_nobody(self, box: Mailbox) -> None:
        assert await box.outcome(report("<guessed@chat.hibachi.house>")) == "kept"
        assert await box.all(sa.select(EmailSuppression)) == []


class TestPayments:
    NOTICE = "Ana Perez paid you $100.00\n\nNote: deposit\n\nTransaction ID 4123456789012345678"
    VOUCHED = "mx.hibachi.house; dkim=pass header.d=venmo.com; dmarc=pass header.from=venmo.com"

    async def test_a_notice_whose_sender_is_vouched_for(self, box: Mailbox) -> None:
        given = mail("pay@hibachi.house", self.NOTICE, sender="Venmo <venmo@venmo.com>", Authentication_Results=self.VOUCHED)
        given.replace_header("Subject", "Ana Perez paid you $100.00")
        assert await box.outcome(given) == "payment"
        assert [row.amount_cents for row in await box.all(sa.select(Payment))] == [10000]

    @pytest.mark.parametrize(
        "results", ["", "mx.hibachi.house; dmarc=fail header.from=venmo.com", "mx.hibachi.house; dkim=pass header.d=evil.house"]
    )
    async def test_anybody_can_write_one(self, box: Mailbox, results: str) -> None:
        more = {"Authentication_Results": results} if results else {}
        given = mail("pay@hibachi.house", self.NOTICE, sender="Venmo <venmo@venmo.com>", **more)
        given["Authentication-Results"] = self.VOUCHED  # below the topmost, where the sender wrote it
        if not results:
            del given["Authentication-Results"]
        assert await box.outcome(given) == "kept" and await box.all(sa.select(Payment)) == []


class TestHostileMails:
    def test_depth_parts_and_headers_are_bounded(self) -> None:
        deep = b"From: a@b.house\r\n" + b"".join(
            b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (depth, depth) for depth in range(2000)
        )
        wide = b"From: a@b.house\r\nSubject: " + b"x" * 200_000 + b"\r\n\r\nhi"
        for raw in (deep, wide):
            with pytest.raises(GatewayError):
                read(raw)

    @pytest.mark.parametrize("seed", range(5))
    def test_garbage_is_read_or_refused_and_never_breaks(self, seed: int) -> None:
        chance = random.Random(seed)
        whole = report("<1@2.house>") + mail("a@b.house", mails.GMAIL).as_bytes()
        for _ in range(150):
            raw = bytearray(whole)
            for _ in range(chance.randint(1, 30)):
                raw[chance.randrange(len(raw))] = chance.randrange(256)
            at = chance.randrange(len(raw))
            try:
                found = read(bytes(raw[at:] + raw[:at]))
            except GatewayError:
                continue
            assert "\0" not in found.text + found.subject + found.message_id

    @pytest.mark.parametrize("name", ["From", "Message-ID", "Subject", "In-Reply-To", "Content-Type", "Authentication-Results"])
    def test_headers_that_are_none(self, name: str) -> None:
        for value in ("=?utf-8?b?////?=", "<<<>>>", '"' * 50, "=?x?q?=00?=", "a;b=c;" * 50, "\udcff", "()" * 100, ""):
            raw = f"From: ana@customers.house\r\n{name}: {value}\r\nTo: x@y.house\r\n\r\nhi".encode(errors="surrogateescape")
            try:
                read(raw)
            except GatewayError:
                assert name == "From"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (mails.GMAIL, "Yes, twelve of us.\n\nAna"),
        (mails.GMAIL_ES, "Somos doce"),
        (mails.OUTLOOK, "Twelve."),
        (mails.OUTLOOK_ES, "Somos doce."),
        (mails.APPLE, "Twelve of us"),
        (mails.APPLE_ES, "Somos doce"),
        (mails.BELOW, "Twelve of us."),
        (mails.SIGNED, "Twelve of us."),
        (mails.ORIGINAL, "Twelve of us."),
        ("From: the airport it is an hour.\nTo: you, that is fine.", "From: the airport it is an hour.\nTo: you, that is fine."),
        ("On Saturday he wrote:\nnothing", "On Saturday he wrote:\nnothing"),
        ("> only a quote", "> only a quote"),
        ("Just words.", "Just words."),
    ],
)
def test_what_was_written_and_not_what_was_quoted(given: str, kept: str) -> None:
    assert trim(given) == kept


def test_a_page_as_text() -> None:
    assert text_of("<div>a<br>b</div><p>c &amp; d</p><script>x</script>") == "a\nb\n\nc & d"
