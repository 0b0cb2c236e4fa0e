"""What stays behind of a code that was sent: its hash. Its words are gone from the text's row as soon as it went, or never will."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from business.channels import consent, proving, states
from business.channels.proving import Fresh
from gateway.simulator.server import RingCentralServer
from kernel.database import Database
from kernel.errors import Conflict
from kernel.ids import new_id
from kernel.tables.base import metadata
from tests.rig.ringcentral import LOS_ANGELES
from tests.sms.texting import NOW, Texting

CODE = "Q7Z4XK"  # no digits: those are in every moment and every id
OVER = NOW + timedelta(minutes=10)


async def asked_for(texting: Texting, phone: str = LOS_ANGELES) -> UUID:
    """A code is on its way; the text's id."""
    ana = await texting.town.visitor()
    assert await texting.town.code(ana, phone, given=Fresh(new_id(), CODE)) == CODE
    return UUID(str((await texting.texts())[-1].id))


async def places(database: Database) -> Sequence[str]:
    """The tables in which the code can be read."""
    found = []
    async with database.transaction() as connection:
        for table in metadata.sorted_tables:
            query = sa.text(f"SELECT count(*) FROM {table.fullname} AS it WHERE CAST(it AS text) LIKE :code")
            if await connection.scalar(query, {"code": f"%{CODE}%"}):
                found.append(table.fullname)
    return found


class TestNothingStays:
    async def test_of_one_that_went(self, texting: Texting, rc: RingCentralServer, capsys: pytest.CaptureFixture[str]) -> None:
        text = await asked_for(texting)
        assert await places(texting.database) == ["ops.text_message"], "while it waits to be sent"
        await texting.sends()
        assert CODE in rc.sent_to(LOS_ANGELES)[0]
        assert await places(texting.database) == []
        await texting.time_passes()
        await texting.sends()
        row = await texting.row(text)
        assert (row.state, row.text, row.segments) == ("delivered", "", 1)
        assert CODE not in "".join(capsys.readouterr())

    async def test_of_one_that_the_provider_would_not_have(self, texting: Texting, rc: RingCentralServer) -> None:
        text = await asked_for(texting)
        rc.behave("400")
        await texting.sends()
        assert (await texting.state(text), await places(texting.database)) == ("failed", [])

    async def test_of_one_that_was_stopped_before_it_went(self, texting: Texting, rc: RingCentralServer) -> None:
        text = await asked_for(texting)
        async with texting.database.transaction() as connection:
            await consent.stop(connection, number=LOS_ANGELES, text="STOP", now=NOW)
        await texting.sends()
        assert (await texting.state(text), await places(texting.database), rc.sent) == ("refused", [], [])

    async def test_of_one_that_nobody_carries(self, texting: Texting) -> None:
        text = await asked_for(texting)
        await texting.sends(provider=False)
        assert (await texting.state(text), await places(texting.database)) == ("held", [])

    async def test_of_one_that_was_never_to_go(self, texting: Texting) -> None:
        ana = await texting.town.visitor()
        assert await texting.town.code(ana, "+14155550142", given=Fresh(new_id(), CODE)) == "unsent"
        assert await places(texting.database) == []

    async def test_of_one_of_which_nobody_knows_once_its_time_is_over(self, texting: Texting, rc: RingCentralServer) -> None:
        """Until then it is looked for by its words."""
        text = await asked_for(texting)
        rc.behave("cut")
        await texting.sends()
        assert await texting.state(text) == "unknown"
        assert await texting.database.unit(lambda c: proving.forget_words(c, OVER - timedelta(seconds=1))) == 0
        assert await texting.database.unit(lambda c: proving.forget_words(c, OVER)) == 1
        assert await places(texting.database) == []
        for _ in range(3):
            await texting.time_passes(minutes=5)
            await texting.sends()
        assert ((await texting.row(text)).error, rc.sent) == ("Absent", [])


class TestIsNotSent:
    async def test_when_its_time_is_over(self, texting: Texting, rc: RingCentralServer) -> None:
        text = await asked_for(texting)
        texting.now = OVER
        await texting.sends()
        row = await texting.row(text)
        assert (row.state, row.error, row.text, rc.sent) == ("cancelled", "TooLate", "", [])

    async def test_again_by_anybody(self, texting: Texting, rc: RingCentralServer) -> None:
        text = await asked_for(texting)
        rc.behave("400")
        await texting.sends()
        with pytest.raises(Conflict, match="asks for a new one"):
            await texting.database.unit(lambda c: states.retry(c, text, uuid4(), sure=True))


class TestProvesNothing:
    async def test_one_that_went_to_nobody(self, texting: Texting) -> None:
        """Who asks for codes to a number that gets none could else go on guessing."""
        ana, given = await texting.town.visitor(), Fresh(new_id(), "123456")
        assert await texting.town.code(ana, "+14155550142", given=given) == "unsent"
        assert (await texting.town.verify(ana, given.code)).trouble == "expired"
