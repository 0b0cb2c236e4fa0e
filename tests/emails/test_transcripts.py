"""A copy of a conversation that its customer asked for: written once for each address, with what was said and no note of the staff."""

import asyncio

import sqlalchemy as sa

from business.conversations import verdicts
from business.conversations.log import writing
from business.emails import transcripts
from kernel.ids import new_id
from kernel.tables.ops import TranscriptRequest
from kernel.wire.server import Author, NoteWritten
from tests.emails.mailbox import Mailbox
from tests.emails.mails import mail
from tests.rig.smtp import SmtpServer


class TestTranscripts:
    async def test_is_sent_once_however_many_workers_look(self, box: Mailbox, smtp: SmtpServer) -> None:
        office = box.office
        async with office.database.transaction() as connection, writing(connection, box.conversation) as log:
            log.say(Author(kind="ai", name="Assistant"), "Twelve guests: <b>one moment</b>.")
            log.add_staff(NoteWritten(id=new_id(), author=Author(kind="human", name="Dana"), text="Careful with this one."))
        for _ in range(2):
            await office.database.unit(lambda c: verdicts.keep_transcript(c, box.conversation, "friend@customers.house"))
        looks = (office.database.unit(lambda c: transcripts.write_waiting(c, office.profile, office.links)) for _ in range(5))
        assert sum(await asyncio.gather(*looks)) == 1
        await office.sent()
        (sent,) = smtp.taken
        text = sent.message.get_body(("plain",))
        assert text is not None and sent.recipient == "friend@customers.house"
        words = text.get_content()
        assert "Hello!" in words and "Twelve guests: <b>one moment</b>." in words and "Careful" not in words
        assert sent.message["Reply-To"] is None, "whoever gets a copy does not speak for the customer"
        assert (await box.all(sa.select(TranscriptRequest.sent_at)))[0].sent_at is not None

    async def test_who_got_a_copy_does_not_speak_for_the_customer(self, box: Mailbox) -> None:
        await box.office.write("friend@customers.house", kind="transcript", conversation=box.conversation)
        assert await box.outcome(mail(box.replies, sender="friend@customers.house")) == "kept" and await box.said() == []
