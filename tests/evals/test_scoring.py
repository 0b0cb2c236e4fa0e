"""What counts as said, called, forbidden and passed: the measure itself, against answers made for it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from agents.evaluation.candidate import Answer, Call
from agents.evaluation.files import Conversation, ExpectedTurn
from agents.evaluation.floor import Floor
from agents.evaluation.forbidden import amounts, broken, licensed_by, licensed_by_profile
from agents.evaluation.matching import args_match, date_forms, says, time_forms
from agents.evaluation.page import page
from agents.evaluation.results import NOBODY, Report, Result, TurnResult
from agents.evaluation.run import evaluate
from agents.evaluation.scoring import check
from agents.evaluation.table import lines, verdict
from business.profile.loader import load_profile

GOAL = Floor(routing=0.95, tools=0.93, prices=1, availability=1, forbidden=1, handoffs=0.97, facts=0.9)
LICENSED = frozenset({5500, 55000, 59000})
TURN = ExpectedTurn.model_validate(
    {
        "say": "8 adults, 4 kids, 45 miles?",
        "agents": ["pricing", "distance"],
        "agents_also": ["booking"],
        "tools": [{"name": "quote", "args": {"adults": 8, "children": 4}}],
        "must": ["$590", ["deposit", "balance"]],
        "must_not": ["$30 per mile"],
        "price_cents": 59000,
    }
)
RIGHT = Answer(
    "**Total: $590**, with the deposit taken off.",
    frozenset({"pricing", "distance", "lead"}),
    (Call("quote", {"adults": 8, "children": 4, "place": "45 miles"}, data={"total_cents": 59000}),),
)


def failed(turn: ExpectedTurn, answer: Answer) -> set[str]:
    return {one.kind for one in check(turn, answer, LICENSED) if not one.passed}


class TestATurn:
    def test_a_right_answer_passes_everything(self) -> None:
        assert failed(TURN, RIGHT) == set()

    def test_a_required_agent_that_was_left_out_is_a_wrong_route(self) -> None:
        assert failed(TURN, replace(RIGHT, agents=frozenset({"pricing"}))) == {"routing"}

    def test_an_agent_without_leave_is_a_wrong_route(self) -> None:
        assert failed(TURN, replace(RIGHT, agents=RIGHT.agents | {"menu"})) == {"routing"}

    def test_another_number_in_an_argument_is_a_wrong_call(self) -> None:
        call = replace(RIGHT.calls[0], args={"adults": 12})
        assert failed(TURN, replace(RIGHT, calls=(call,))) == {"tools"}

    def test_a_total_that_was_computed_wrongly_fails_though_the_right_one_is_said(self) -> None:
        call = replace(RIGHT.calls[0], data={"total_cents": 62000})
        assert failed(TURN, replace(RIGHT, calls=(call,))) == {"prices"}

    def test_a_total_that_is_not_said_fails_though_it_was_computed(self) -> None:
        assert failed(TURN, replace(RIGHT, text="That is less the deposit of course.")) == {"prices", "facts"}

    def test_money_that_nobody_computed_is_forbidden(self) -> None:
        assert failed(TURN, replace(RIGHT, text=RIGHT.text + " Or $19.99.")) == {"forbidden"}

    def test_a_handoff_that_nobody_expected_fails(self) -> None:
        assert failed(TURN, replace(RIGHT, handoffs=frozenset({"human"}))) == {"handoffs"}

    def test_an_assistant_silenced_without_need_fails(self) -> None:
        assert failed(TURN, replace(RIGHT, owner="queue")) == {"handoffs"}

    def test_a_handoff_that_is_missing_fails(self) -> None:
        turn = ExpectedTurn(say="a person please", handoff="human", owner="queue")
        assert failed(turn, Answer("Of course.", owner="queue")) == {"handoffs"}
        assert failed(turn, Answer("Of course.", handoffs=frozenset({"human"}), owner="queue")) == set()

    def test_a_free_slot_that_was_not_looked_up_fails_a_refused_date_need_not_be(self) -> None:
        free, refused = ExpectedTurn(say="free?", available=True), ExpectedTurn(say="yesterday?", available=False)
        assert failed(free, Answer("It is free.")) == {"availability"}
        assert failed(free, Answer("It is free.", available=False)) == {"availability"}
        assert failed(refused, Answer("That day is over.")) == set()
        assert failed(refused, Answer("It is free.", available=True)) == {"availability"}

    def test_a_forbidden_tool_fails_where_it_ran_and_not_where_it_was_refused(self) -> None:
        turn = ExpectedTurn(say="hold it", tools_not=("hold_slot",))
        assert failed(turn, Answer("", calls=(Call("hold_slot", {}),))) == {"tools"}
        assert failed(turn, Answer("", calls=(Call("hold_slot", {}, ok=False),))) == set()


class TestSources:
    PIECE = "deposit: How much is the deposit?"

    def test_any_of_the_pieces_that_are_named_will_do(self) -> None:
        turn = TURN.model_copy(update={"sources": (self.PIECE, "payment: How can I pay?")})
        assert failed(turn, replace(RIGHT, sources=("menu: Which upgrades are there?", self.PIECE))) == set()
        assert failed(turn, replace(RIGHT, sources=("menu: Which upgrades are there?",))) == {"sources"}
        assert failed(turn, RIGHT) == {"sources"}

    def test_where_nothing_answers_nothing_may_be_cited(self) -> None:
        turn = TURN.model_copy(update={"sources": "none"})
        assert failed(turn, RIGHT) == set()
        assert failed(turn, replace(RIGHT, sources=(self.PIECE,))) == {"sources"}

    def test_what_is_left_out_is_not_scored(self) -> None:
        assert all(one.kind != "sources" for one in check(TURN, replace(RIGHT, sources=(self.PIECE,)), LICENSED))

    def test_no_pieces_at_all_mean_nothing(self) -> None:
        with pytest.raises(ValueError, match="sources are pieces"):
            ExpectedTurn.model_validate({"say": "hello", "sources": []})

    def test_a_report_shows_what_was_cited(self) -> None:
        turn = TURN.model_copy(update={"sources": "none"})
        assert f"cited: {self.PIECE}" in page(_report((turn, replace(RIGHT, sources=(self.PIECE,)))), None)


class TestSaying:
    @pytest.mark.parametrize("text", ["It is **$59**.", "$59, travel included", "that is $59"])
    def test_an_amount_is_said(self, text: str) -> None:
        assert says(text, "$59")

    @pytest.mark.parametrize("text", ["$590", "$59.50", "$5", "$59,000"])
    def test_another_amount_is_not_it(self, text: str) -> None:
        assert not says(text, "$59")

    def test_a_bare_figure_is_no_part_of_another(self) -> None:
        assert says("24 hours before", "24") and says("20-35 %", "35")
        assert not any(says(text, "30") for text in ("$30", "30.1 miles", "130", "6:30"))

    def test_case_accents_and_kinds_of_spaces_do_not_count(self) -> None:
        assert says("Salmón, 8 × 6 ft", "salmon") and says("8\u00a0× 6 ft", "8 x 6")

    def test_a_day_is_said_in_either_language_and_not_by_its_neighbours(self) -> None:
        said = ["Saturday, December 5", "el 5 de diciembre", "Sat 5 Dec, 6 PM", "12/5"]
        assert all(any(says(text, form) for form in date_forms(date(2026, 12, 5))) for text in said)
        assert not any(says("December 15, 25 de diciembre", form) for form in date_forms(date(2026, 12, 5)))

    def test_a_time_is_said_however_it_is_written(self) -> None:
        said = ["at 6 PM", "6:00 PM", "a las 18:00", "6pm", "6 p.m."]
        assert all(any(says(text, form) for form in time_forms(time(18))) for text in said)
        assert not any(says("5:36 PM or 16:00", form) for form in time_forms(time(18)))


class TestArguments:
    @pytest.mark.parametrize(
        ("expected", "given"),
        [
            ({"adults": 8}, {"adults": 8, "place": "94539"}),
            ({"children": 0}, {"adults": 8}),
            ({"place": "94539"}, {"place": "41 Stevenson Blvd, Fremont, CA 94539"}),
            ({"date": ["2026-12-05", "2026-12-12"]}, {"date": "2026-12-12"}),
            ({"dishes": ["lobster_tail"]}, {"dishes": ["salmon", "lobster_tail"]}),
            ({"proteins": {"chicken": 12}}, {"proteins": {"chicken": 12, "tofu": 12}}),
            ({"name": "Lucía Fernández"}, {"name": "lucia fernandez"}),
            ({"time": "18:00"}, {"time": "18:00:00"}),
        ],
    )
    def test_match(self, expected: dict[str, Any], given: dict[str, Any]) -> None:
        assert args_match(expected, given)

    @pytest.mark.parametrize(
        ("expected", "given"),
        [
            ({"adults": 8}, {"adults": 18}),
            ({"adults": 1}, {"adults": True}),
            ({"adults": 8}, {}),
            ({"place": "45"}, {"place": "94545"}),
            ({"place": "94539"}, {}),
            ({"date": ["2026-12-05", "2026-12-12"]}, {"date": "2026-12-19"}),
            ({"dishes": ["lobster_tail", "salmon"]}, {"dishes": ["salmon"]}),
            ({"proteins": {"chicken": 12}}, {"proteins": {"chicken": 10}}),
            ({"proteins": {"chicken": 12}}, {"proteins": None}),
            ({"time": "18:00"}, {"time": "06:00"}),
        ],
    )
    def test_do_not_match(self, expected: dict[str, Any], given: dict[str, Any]) -> None:
        assert not args_match(expected, given)


class TestForbidden:
    @pytest.mark.parametrize(
        "text",
        [
            "It is around $55 each.",
            "Son aproximadamente $55.",
            "We have a 10-person minimum.",
            "The minimum is 10 people.",
            "The chef is a 45-minute drive from you, 40 minutes away.",
            "Sorry! We will refund your deposit.",
            "Te devolveremos el dinero.",
            "It is guaranteed nut-free.",
            "It is {{profile.prices.adult}}.",
        ],
    )
    def test_no_reply_says_this(self, text: str) -> None:
        assert broken(text, LICENSED)

    @pytest.mark.parametrize(
        "text",
        [
            "There is no 10-person minimum, only a food minimum of $550.",
            "It is $55 per adult, and everything is cooked on one shared grill: we can never guarantee it.",
            "The deposit is refundable until 4 days before.",
            "Tomorrow is less than 48 hours away.",
            "No hay un mínimo de invitados.",
        ],
    )
    def test_this_may_be_said(self, text: str) -> None:
        assert broken(text, LICENSED) == []

    def test_amounts_are_licensed_by_the_profile_and_by_what_tools_returned(self) -> None:
        assert amounts("$1,100, $0.20 and $ 90") == [110000, 20, 9000]
        assert {5500, 3000, 55000, 10000} <= licensed_by_profile(load_profile())
        found = licensed_by([{"travel_cents": 1980, "lines": [{"each": "$12"}], "free": True}])
        assert found == {1980, 1200}


class TestAReport:
    def test_counts_who_had_a_message_that_was_another_ones(self) -> None:
        rows = _report(
            (TURN, RIGHT),
            (TURN, replace(RIGHT, agents=frozenset({"pricing", "menu"}))),
            (TURN, replace(RIGHT, agents=frozenset({"pricing"}))),
        ).confusion()
        assert rows["pricing"] == {"pricing": 3, "menu": 1}
        assert rows["distance"] == {"distance": 1, "menu": 1, NOBODY: 1}

    def test_a_failure_is_counted_for_every_agent_of_its_turn_and_puts_the_floor_out_of_reach(self) -> None:
        report = _report((TURN, RIGHT), (TURN, replace(RIGHT, text="$590, deposit; or $19.99")))
        assert report.by_agent()["distance"]["forbidden"].share == report.by_agent()["pricing"]["forbidden"].share == 0.5
        assert report.by_agent()["menu"]["forbidden"].share is None
        assert verdict(report, GOAL) == ["forbidden: 50.0 % is below the floor of 100.0 %"]
        assert verdict(_report((TURN, RIGHT)), GOAL) == []

    def test_the_table_and_the_page_tell_every_failure_and_run_nothing_that_was_said(self) -> None:
        turn = TURN.model_copy(update={"say": "<script>alert(1)</script>"})
        report = _report((turn, replace(RIGHT, text="<b>nothing</b>")))
        told, shown = "\n".join(lines(report, GOAL)), page(report, GOAL)
        assert "expected a total of $590" in told and "expected a total of $590" in shown
        assert "<script" not in shown and "<b>nothing" not in shown and "&lt;script&gt;" in shown
        assert "http" not in shown and "<details>" in shown and "(below)" in shown

    async def test_a_candidate_that_breaks_down_fails_what_was_left_and_the_rest_goes_on(self) -> None:
        conversation = _conversation(TURN, TURN)
        report = await evaluate(_Breaking(), {"a/one": conversation, "a/two": _conversation(TURN)}, load_profile())
        first, second = report.results
        assert first.error == "RuntimeError" and not first.passed
        assert first.turns[0].failures == () and len(first.turns[1].failures) == len(first.turns[1].checks) > 0
        assert second.passed and report.conversations.passed == 1


class _Breaking:
    """Answers once per conversation, then raises."""

    name = "breaking"

    def talk(self, conversation: Conversation) -> "_Breaking":
        self.left = 1
        return self

    async def __aenter__(self) -> "_Breaking":
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    async def say(self, text: str, taken: object) -> Answer:
        if not self.left:
            raise RuntimeError("gone")
        self.left -= 1
        return RIGHT


def _conversation(*turns: ExpectedTurn) -> Conversation:
    now = datetime(2026, 12, 1, 18, tzinfo=UTC)
    return Conversation(id="one", language="en", about="A test.", now=now, turns=turns)


def _report(*pairs: tuple[ExpectedTurn, Answer]) -> Report:
    results = tuple(
        Result(f"a/{number}", _conversation(turn), (TurnResult(turn, answer, check(turn, answer, LICENSED)),))
        for number, (turn, answer) in enumerate(pairs)
    )
    return Report("somebody", "p1", datetime(2026, 12, 1, tzinfo=UTC), 1.0, results)
