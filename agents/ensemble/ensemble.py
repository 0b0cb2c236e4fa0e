"""The ensemble: for each request the way that its agent and its stakes ask for, by one policy, as a model like any other."""

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, get_args

from agents.ensemble.chunks import Chunk
from agents.ensemble.consensus import Consensus
from agents.ensemble.fallback import Fallback
from agents.ensemble.hedge import Hedge
from agents.ensemble.model import Model, ModelRequest
from kernel.settings import HOUSE, Policy, Stakes, Way

if TYPE_CHECKING:
    from agents.ensemble.models import Models

ANYBODY = ""  # an agent that the policy has no table for


class Ensemble:
    """The models under one policy. Another policy is another ensemble: a turn that began by this one ends by it."""

    name = "ensemble"

    def __init__(self, models: "Models | None", policy: Policy, house: Model, tokens_per_second: float) -> None:
        """`models`: None where none is configured. `house` is asked last, whatever the policy says. `tokens_per_second`: the pace at
        which an answer goes out that was there at once; 0: as a whole.

        KeyError where the policy names a model that does not exist.
        """
        self._models = models
        self._house = house
        self._tokens_per_second = tokens_per_second
        # All of them now, so that a policy that does not fit is refused before a customer meets it.
        places = [(agent, stakes) for agent in (ANYBODY, *policy.agents) for stakes in get_args(Stakes)]
        ways = {place: policy.way(*place) for place in places}
        self._ways: dict[tuple[str, Stakes], Model] = {place: self._built(way) for place, way in ways.items()}
        self.has_models = any(map(self._asked, ways.values()))

    def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk, None]:
        """The stream of the way that counts for this request."""
        way = self._ways.get((request.agent, request.stakes)) or self._ways[ANYBODY, request.stakes]
        return way.stream(request)

    def _asked(self, way: Way) -> tuple[str, ...]:
        """Names of the models that answer; without the house."""
        known = self._models.names if self._models is not None else ()
        return tuple(name for name in way.models or known if name != HOUSE)

    def _built(self, way: Way) -> Model:
        if self._models is None:
            return Fallback((), self._house)
        members = [self._models.member(name) for name in self._asked(way)]
        if way.strategy == "hedge":
            return Hedge(members, self._house, way.hedge_after_ms)
        if way.strategy == "consensus" and members and way.student is not None:
            critic = None if way.critic is None else self._models.member(way.critic)
            return Consensus(members, self._models.member(way.student), critic, self._house, self._tokens_per_second)
        return Fallback(members, self._house)
