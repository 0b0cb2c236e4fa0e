"""The provider keeps a list of its own of who said STOP: what it blocks is a STOP that nobody here has heard."""

from business.channels import consent
from gateway.simulator.server import RingCentralServer
from tests.rig.ringcentral import LOS_ANGELES
from tests.sms.texting import Texting


class TestAStopThatOnlyTheProviderHeard:
    async def test_stops_here_too(self, texting: Texting, rc: RingCentralServer) -> None:
        ana = await texting.texter()
        rc.say(LOS_ANGELES, "STOP")  # no webhook tells of it
        first = await texting.write(conversation=ana.conversation)
        await texting.sends()
        await texting.time_passes(minutes=5)
        await texting.sends()
        async with texting.database.transaction() as connection:
            standing = await consent.standing(connection, LOS_ANGELES)
        row = await texting.row(first.id)
        assert (row.state, row.error, standing.stopped) == ("failed", "SMS-RC-413", True)
        after = await texting.write(conversation=ana.conversation)
        await texting.sends()
        assert (await texting.row(after.id)).state == "refused" and len(rc.sent) == 1
