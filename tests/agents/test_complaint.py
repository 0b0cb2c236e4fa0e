"""A complaint and a provider that promises: over real HTTP, no money and nothing for nothing is ever shown, and a person is named."""

import pytest

from agents.container import Agents
from tests.agents.test_lying_provider import agents, ask
from tests.rig.provider import ScriptedProvider
from tests.rig.script import Script

__all__ = ["agents"]

SAID = "The food was cold and the chef was rude"
PROMISES = [
    ("I will refund you in full.", "refund you in full"),
    ("I'm so sorry. We'll give you your money back.", "money back"),
    ("As an apology, you get 20% off your next party.", "20%"),
    ("I've issued a $100 refund to your card.", "$100"),
    ("You will not be charged for this party.", "will not be charged"),
    ("The next party is on us.", "on us"),
    ("I have added a coupon to your account.", "coupon"),
    ("Le devolvemos su dinero hoy mismo.", "devolvemos su dinero"),
    ("A full reimbursement is on its way.", "reimbursement"),
    ("We waive your deposit.", "waive your deposit"),
]


class TestModels:
    @pytest.mark.parametrize(("promise", "never"), PROMISES, ids=[never for _, never in PROMISES])
    async def test_that_promise_money_are_stopped(self, agents: Agents, provider: ScriptedProvider, promise: str, never: str) -> None:
        said = f"I'm sorry to hear that. {promise}"
        provider.plan("teacher", [Script(text=said, split=3), Script(text=said, split=3)])
        screen = await ask(agents, SAID)
        assert not [state for state in screen.states if never in state]
        assert screen.text.startswith("I'm sorry") and "person" in screen.text

    async def test_that_word_it_well_are_heard(self, agents: Agents, provider: ScriptedProvider) -> None:
        said = "I'm sorry your food was cold. That should not have happened, and a person from our team looks at it with you now."
        provider.plan("teacher", [Script(text=said, split=5)])
        screen = await ask(agents, SAID)
        assert screen.text.startswith(said) and screen.model == "teacher"
