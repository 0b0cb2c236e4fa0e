"""What may change while a gateway runs: the profile of the business, and the policy by which models answer."""

from contextlib import suppress
from zoneinfo import ZoneInfo

from agents.container import Agents
from business.profile.live import LiveProfile
from business.profile.versions import Edition
from gateway.live.hub import Hub
from gateway.metrics import Metrics
from kernel import rooms
from kernel.bus import Bus
from kernel.database import Database
from kernel.errors import Unavailable
from kernel.metering import Budgets
from kernel.policies import LivePolicy
from kernel.settings import Settings


class Changes:
    """Holds what counts, hears of other versions, and tells those who go by them."""

    def __init__(self, settings: Settings, database: Database, bus: Bus, metrics: Metrics, edition: Edition) -> None:
        self.profile = LiveProfile(database, edition)
        self.policy = LivePolicy(database, settings.ensemble.policy, [model.name for model in settings.models])
        self._bus = bus
        self._metrics = metrics
        metrics.profile_version.set(edition.number)
        metrics.policy_version.set_function(lambda: self.policy.counting.number)

    def zone(self) -> ZoneInfo:
        """Where the business is."""
        return self.profile.profile().business.zone

    def locale(self) -> str:
        """The business's language."""
        return self.profile.profile().business.locale

    def tell(self, agents: Agents, budgets: Budgets) -> None:
        """From now on, who answers and who counts what it costs go by what counts."""
        self.profile.on_change(lambda edition: agents.use(edition.profile))
        self.profile.on_change(lambda edition: self._metrics.profile_version.set(edition.number))
        self.policy.on_change(agents.use_policy)
        self.policy.on_change(lambda policy: budgets.use(policy.budget, policy.shadows))

    async def hear(self, hub: Hub) -> None:
        """Hear of what other gateways save."""
        await hub.on_hint(rooms.PROFILE, self.profile.hint)
        await hub.on_hint(rooms.POLICY, self.policy.hint)

    async def profile_saved(self) -> None:
        """A version was saved by a request here: known here before the answer leaves, elsewhere by a hint or the sweep."""
        self.profile.hint()
        with suppress(Unavailable):
            await self.profile.look()
        await self._bus.publish(rooms.PROFILE, {"k": "profile"})

    async def policy_saved(self) -> None:
        """As with a profile: known here before the answer leaves, elsewhere by a hint or the sweep."""
        with suppress(Unavailable):
            await self.policy.look()
        await self._bus.publish(rooms.POLICY, {"k": "policy"})
