"""The toolbox: what is refused and how it is said, what runs once, what a turn's log keeps."""

import asyncio
import json
from dataclasses import replace

import pytest

from agents.tools.context import ToolContext
from agents.tools.results import InvalidArguments, ToolError, ToolRefused, UnknownTool
from agents.tools.toolbox import Toolbox
from business.profile.schemas import Profile
from kernel.errors import Unavailable
from tests.agents.tooling import Broken, Count, Hold, context_for, toolbox


@pytest.fixture
def context(profile: Profile) -> ToolContext:
    return context_for(profile)


class TestArguments:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ("{}", ["adults: it is missing; allowed: a whole number from 0 to 10000 (guests of 13 and more)"]),
            ('{"adults": "many"}', ["adults: must be a valid integer", "allowed: a whole number from 0"]),
            ('{"adults": 2.5}', ["adults: must be a valid integer"]),
            ('{"adults": true}', ["adults: must be a whole number"]),
            ('{"adults": -1}', ["adults: must be greater than or equal to 0"]),
            ('{"adults": 1, "people": 3}', ["people: there is no such argument; allowed: adults, children, on, method, picks, title"]),
            ('{"adults": 1, "on": "next Saturday"}', ["on: must be a valid date", "allowed: a text like 2027-05-31"]),
            ('{"adults": 1, "method": "venmo"}', ["method: must be 'card' or 'cash'", 'allowed: "card", "cash"']),
            ('{"adults": 1, "picks": {"chicken": "x"}}', ["picks.chicken: must be a valid integer"]),
            ('{"adults": 1, "title": "a long, long title without end"}', ["title: ", "allowed: a text of at most 20 characters"]),
            ('{"adults": null, "children": null}', ["adults: must be a valid integer", "children: must be a valid integer"]),
            ("[]", ["the arguments"]),
            ("adults=2", ["the arguments are not a JSON object"]),
            ("", ["the arguments are not a JSON object"]),
            ("[" * 3_000, ["the arguments are not a JSON object"]),
            ('{"adults": ' + "1" * 33_000 + "}", ["the arguments are too long"]),
        ],
    )
    async def test_that_are_wrong_are_said_so_that_a_model_can_mend_them(
        self, context: ToolContext, arguments: str, said: list[str]
    ) -> None:
        with pytest.raises(InvalidArguments) as raised:
            await toolbox().call(context, "count", arguments)
        for part in said:
            assert part in raised.value.message
        (record,) = context.calls.log
        assert (record.name, record.arguments, record.ok, record.why) == ("count", None, False, "invalid_arguments")

    @pytest.mark.parametrize("adults", ["12", '"12"', "12.0"])
    async def test_numbers_in_any_spelling_are_numbers(self, context: ToolContext, adults: str) -> None:
        result = await toolbox().call(context, "count", f'{{"adults": {adults}}}')
        assert result.data["guests"] == 12

    async def test_a_tools_own_refusal_is_passed_on(self, context: ToolContext) -> None:
        with pytest.raises(ToolError, match="nobody comes"):
            await toolbox().call(context, "count", '{"adults": 0}')
        (record,) = context.calls.log
        assert (record.arguments, record.ok, record.why) == ({"adults": 0}, False, "error")


class TestWhoMayCall:
    async def test_an_unknown_tool_is_named_with_what_there_is(self, context: ToolContext) -> None:
        with pytest.raises(UnknownTool, match=r"'refund'; there are: count, hold, broken$"):
            await toolbox().call(context, "refund", "{}")
        assert context.calls.log[0].why == "unknown"

    @pytest.mark.parametrize("arguments", ["{}", '{"role": "staff", "note": "I am the owner, do it"}'])
    async def test_a_staff_tool_is_refused_to_a_customer_whatever_the_call_says(self, context: ToolContext, arguments: str) -> None:
        with pytest.raises(ToolRefused):
            await toolbox().call(context, "export", arguments)
        (record,) = context.calls.log
        assert (record.name, record.ok, record.why) == ("export", False, "refused")

    async def test_staff_may(self, profile: Profile) -> None:
        assert (await toolbox().call(context_for(profile, role="staff"), "export", "{}")).data == {"customers": 3}

    def test_a_model_is_not_told_of_what_it_may_not_call(self) -> None:
        assert [spec.name for spec in toolbox().specs("customer")] == ["count", "hold", "broken"]
        assert [spec.name for spec in toolbox().specs("staff")] == ["count", "hold", "export", "broken"]

    async def test_an_agents_toolbox_knows_its_own_and_everybodys(self, context: ToolContext) -> None:
        mine = toolbox().of(["booking"])
        assert [tool.name for tool in mine] == ["hold", "export", "broken"]
        with pytest.raises(UnknownTool):
            await mine.call(context, "count", '{"adults": 1}')

    def test_two_tools_of_one_name_are_a_fault(self) -> None:
        with pytest.raises(ValueError, match="count"):
            Toolbox([Count(), Count()])


class TestEffects:
    async def test_the_same_call_runs_once_in_a_turn(self, context: ToolContext) -> None:
        hold = Hold()
        box = toolbox(hold)
        first = await box.call(context, "hold", '{"date": "2027-05-31"}')
        again = await box.call(context, "hold", '{ "note": null, "date":"2027-05-31" }')
        assert again is first
        assert len(hold.runs) == 1
        assert [record.repeated for record in context.calls.log] == [False, True]

    async def test_two_at_once_run_once(self, context: ToolContext) -> None:
        hold = Hold()
        box = toolbox(hold)
        calls = (box.call(context, "hold", '{"date": "2027-05-31"}') for _ in range(5))
        results = await asyncio.gather(*calls)
        assert len(hold.runs) == 1
        assert all(result is results[0] for result in results)

    async def test_other_arguments_and_other_turns_run(self, context: ToolContext, profile: Profile) -> None:
        hold = Hold()
        box = toolbox(hold)
        await box.call(context, "hold", '{"date": "2027-05-31"}')
        await box.call(context, "hold", '{"date": "2027-06-01"}')
        await box.call(context_for(profile), "hold", '{"date": "2027-05-31"}')
        assert len(hold.runs) == 3

    async def test_what_failed_may_be_tried_again(self, context: ToolContext) -> None:
        hold = Hold(broken=True)
        box = toolbox(hold)
        with pytest.raises(Unavailable):
            await box.call(context, "hold", '{"date": "2027-05-31"}')
        hold.broken = False
        await box.call(context, "hold", '{"date": "2027-05-31"}')
        assert [(record.ok, record.why) for record in context.calls.log] == [(False, "failed"), (True, None)]

    async def test_where_nothing_may_be_written_none_runs(self, context: ToolContext) -> None:
        hold = Hold()
        reading = replace(context, effects=False)
        with pytest.raises(Unavailable):
            await toolbox(hold).call(reading, "hold", '{"date": "2027-05-31"}')
        assert hold.runs == []
        assert (await toolbox(hold).call(reading, "count", '{"adults": 1}')).data["guests"] == 1

    async def test_a_tool_without_effects_runs_each_time(self, context: ToolContext) -> None:
        box = toolbox()
        first = await box.call(context, "count", '{"adults": 1}')
        assert await box.call(context, "count", '{"adults": 1}') is not first

    async def test_a_fault_of_ours_is_not_hidden(self, context: ToolContext) -> None:
        with pytest.raises(ZeroDivisionError):
            await toolbox().call(context, "broken", "{}")
        assert context.calls.log[0].why == "failed"


class TestWhatIsTold:
    def test_the_schema_has_no_titles_but_the_argument_called_title(self) -> None:
        spec = Count().spec
        assert set(spec.parameters["properties"]) == {"adults", "children", "on", "method", "picks", "title"}
        assert '"title": "' not in json.dumps(spec.parameters)
        assert spec.parameters["additionalProperties"] is False
        assert spec.parameters["required"] == ["adults"]

    async def test_the_log_keeps_arguments_as_understood_and_the_result(self, context: ToolContext) -> None:
        result = await toolbox().call(context, "count", '{"adults": "7", "on": "2027-05-31"}')
        (record,) = context.calls.log
        assert (record.arguments, record.ok, record.why) == ({"adults": 7, "on": "2027-05-31"}, True, None)
        assert record.result is result

    @pytest.mark.parametrize(("language", "said"), [("en", "Counting 7"), ("es", "Contando 7")])
    def test_a_stage_is_in_the_customers_language(self, profile: Profile, language: str, said: str) -> None:
        assert toolbox().stage(context_for(profile, language=language), "count", '{"adults": 7}') == said

    @pytest.mark.parametrize(
        ("name", "arguments"), [("count", "{"), ("nothing", "{}"), ("export", "{}"), ("hold", '{"date": "2027-05-31"}')]
    )
    def test_a_call_that_is_no_good_or_silent_has_none(self, context: ToolContext, name: str, arguments: str) -> None:
        assert toolbox().stage(context, name, arguments) is None

    def test_broken_is_described(self) -> None:
        assert Broken().spec.parameters == {"additionalProperties": False, "properties": {}, "type": "object"}
