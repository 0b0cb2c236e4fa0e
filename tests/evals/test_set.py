"""The evaluation set itself: it loads, it covers, and its dates are those of the calendar."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from agents.evaluation.files import AGENTS, Conversation, ExpectedTurn, SetError, load, load_set
from business.pricing.rules import Order, Party, quote
from business.profile.loader import load_profile
from business.travel.places import cities, zip_place
from business.travel.rules import fee_for_miles, fee_for_place

CONVERSATIONS = Path(__file__).with_name("conversations")
GOOD = """
id = "good"
language = "en"
about = "A price."
now = 2026-12-01T10:00:00-08:00

[[turns]]
say = "how much"
agents = ["pricing"]
"""


@pytest.fixture(scope="module")
def conversations() -> dict[str, Conversation]:
    return load_set(CONVERSATIONS)


class TestTheSet:
    def test_has_enough_conversations_in_both_languages(self, conversations: dict[str, Conversation]) -> None:
        languages = Counter(conversation.language for conversation in conversations.values())
        assert len(conversations) >= 130
        assert languages["es"] >= 0.25 * len(conversations)
        assert languages["en"] >= 0.5 * len(conversations)

    def test_every_agent_is_required_in_both_languages(self, conversations: dict[str, Conversation]) -> None:
        required = {(agent, c.language) for c in conversations.values() for turn in c.turns for agent in turn.agents}
        assert required == {(agent, language) for agent in AGENTS for language in ("en", "es")}

    def test_the_silent_agent_is_measured_by_its_tool(self, conversations: dict[str, Conversation]) -> None:
        assert sum(call.name == "save_lead" for c in conversations.values() for turn in c.turns for call in turn.tools) >= 3

    def test_every_kind_of_handoff_and_every_severity_is_expected(self, conversations: dict[str, Conversation]) -> None:
        turns = [turn for c in conversations.values() for turn in c.turns]
        kinds = {turn.handoff for turn in turns if isinstance(turn.handoff, str)}
        severities = {str(call.args["severity"]) for turn in turns for call in turn.tools if call.name == "report_complaint"}
        assert kinds == {"none", "booking", "complaint", "human", "payment", "lead"}
        assert {"minor", "moderate", "severe"} <= severities

    def test_whole_bookings_run_from_a_wish_to_a_held_slot_in_both_languages(self, conversations: dict[str, Conversation]) -> None:
        held = Counter(
            c.language for c in conversations.values() if len(c.turns) >= 6 and any(t.name == "hold_slot" for t in c.turns[-1].tools)
        )
        assert held["en"] >= 5 and held["es"] >= 2

    def test_dates_that_tools_are_asked_for_are_near_the_conversations_clock(self, conversations: dict[str, Conversation]) -> None:
        for name, c in conversations.items():
            for said in _tool_dates(c):
                assert c.now.date() < said <= c.now.date() + timedelta(days=400), name

    def test_slots_that_are_taken_are_slots_of_the_profile(self, conversations: dict[str, Conversation]) -> None:
        times = load_profile().slots.times
        for name, c in conversations.items():
            for slot in (*c.booked, *(slot for turn in c.turns for slot in turn.booked)):
                assert slot.time in times and slot.date > c.now.date(), name

    def test_an_offset_is_that_of_the_venue_on_that_day(self, conversations: dict[str, Conversation]) -> None:
        zone = load_profile().business.zone
        for name, c in conversations.items():
            assert c.now.utcoffset() == c.now.astimezone(zone).utcoffset(), name

    def test_expected_prices_are_those_of_the_pricing_rules(self, conversations: dict[str, Conversation]) -> None:
        checked = 0
        for name, c in conversations.items():
            # Later turns lean on what was said before; the first one says everything itself.
            if (order := _order(c.turns[0])) is not None:
                assert quote(load_profile(), order).total_cents == c.turns[0].price_cents, name
                checked += 1
        assert checked >= 25


class TestLoading:
    def test_a_field_that_nobody_knows_is_refused_by_name(self, tmp_path: Path) -> None:
        path = _written(tmp_path, GOOD + 'expected = "$550"\n')
        with pytest.raises(SetError, match=r"good\.toml(.|\n)*turns\.0\.expected"):
            load(path)

    def test_an_agent_that_does_not_exist_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SetError, match="agents"):
            load(_written(tmp_path, GOOD.replace("pricing", "prices")))

    def test_a_clock_without_a_zone_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SetError, match="now"):
            load(_written(tmp_path, GOOD.replace("-08:00", "")))

    def test_nothing_may_be_expected_after_the_assistant_fell_silent(self, tmp_path: Path) -> None:
        silent = GOOD + 'handoff = "human"\nowner = "queue"\n\n[[turns]]\nsay = "and?"\n'
        with pytest.raises(SetError, match="owns the conversation"):
            load(_written(tmp_path, silent))

    def test_a_tool_cannot_be_expected_and_forbidden(self, tmp_path: Path) -> None:
        both = GOOD + 'tools = [{ name = "quote", args = {} }]\ntools_not = ["quote"]\n'
        with pytest.raises(SetError, match="expected and forbidden"):
            load(_written(tmp_path, both))

    def test_a_file_is_called_by_its_id(self, tmp_path: Path) -> None:
        path = tmp_path / "other.toml"
        path.write_text(GOOD)
        with pytest.raises(SetError, match="called by its id"):
            load(path)

    def test_two_files_with_one_id_are_refused(self, tmp_path: Path) -> None:
        for topic in ("a", "b"):
            (tmp_path / topic).mkdir()
            (tmp_path / topic / "good.toml").write_text(GOOD)
        with pytest.raises(SetError, match="same id"):
            load_set(tmp_path)

    def test_a_folder_without_conversations_is_an_error_and_not_a_perfect_score(self, tmp_path: Path) -> None:
        with pytest.raises(SetError, match="no conversation"):
            load_set(tmp_path)

    def test_a_pattern_picks_by_topic_or_by_id(self, tmp_path: Path) -> None:
        for topic, id in (("a", "one"), ("b", "two")):
            (tmp_path / topic).mkdir()
            (tmp_path / topic / f"{id}.toml").write_text(GOOD.replace('"good"', f'"{id}"'))
        assert list(load_set(tmp_path, "a/*")) == ["a/one"]
        assert list(load_set(tmp_path, "two")) == ["b/two"]


def _written(folder: Path, text: str) -> Path:
    path = folder / "good.toml"
    path.write_text(text)
    return path


def _tool_dates(conversation: Conversation) -> list[date]:
    found: list[date] = []
    for turn in conversation.turns:
        for call in turn.tools:
            said = call.args.get("date", [])
            found.extend(date.fromisoformat(text) for text in ([said] if isinstance(said, str) else said))
    return found


def _order(turn: ExpectedTurn) -> Order | None:
    """The order of a turn that quotes: its party, extras and place all stand in its tool calls."""
    args = next((call.args for call in turn.tools if call.name == "quote"), None)
    if turn.price_cents is None or args is None:
        return None
    place = next((str(call.args["place"]) for call in turn.tools if call.name == "travel_fee"), None)
    return Order(
        Party(args.get("adults", 0), args.get("children", 0), args.get("under_six", 0)),
        args.get("upgrades", {}),
        args.get("add_ons", {}),
        args.get("premium_extras", {}),
        None if place is None else _travel_cents(place),
    )


def _travel_cents(place: str) -> int | None:
    profile = load_profile()
    if place.replace(".", "").isdigit() and len(place) < 5:
        return fee_for_miles(profile.travel.stations[0], Decimal(place), "exact").cents
    found = zip_place(place) or cities("CA")[place.casefold()]
    return fee_for_place(profile, found.latitude, found.longitude, "estimate").cents
