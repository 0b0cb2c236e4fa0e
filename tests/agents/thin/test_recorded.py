"""Streams as providers give them, read both ways: the same text, calls, reason and count; where LiteLLM differs, why."""

import json
from dataclasses import dataclass, replace

import pytest

from agents.ensemble.library import LiteLLMLibrary
from agents.ensemble.reading import model_for
from agents.ensemble.target import LiteLLMTarget
from agents.ensemble.thin.connections import Connections
from tests.agents.thin.bench import Gave, collect
from tests.agents.thin.replay import STREAMS, Replay

PLACE, DISHES = ("travel_fee", {"place": "94539"}), ("menu_lookup", {"dishes": ["tofu"]})


@dataclass(frozen=True)
class Answer:
    """What a stream says. `tokens`: in, out, and of those in from the cache."""

    text: str
    reason: str | None
    tokens: tuple[int | None, int | None, int]
    calls: tuple[tuple[str, object], ...] = ()
    error: str | None = None


FAILED = (None, None, 0)
# Each recording: who is asked for it, and what it says.
ANSWERS: dict[str, tuple[str, Answer]] = {
    "openai-text.sse": ("openai/gpt-4o", Answer("Sí, the chef brings the grill 🔥.", "stop", (1180, 9, 1024))),
    "openai-tools.sse": (
        "openai/gpt-4o",
        Answer("", "tool_calls", (402, 41, 0), (("menu_lookup", {"dishes": ["chicken"], "note": "jalapeño"}), PLACE)),
    ),
    "openai-length.sse": ("openai/gpt-4o", Answer("Our menu has chicken and", "length", (20, 5, 0))),
    "azure-text.sse": ("openai/gpt-4o", Answer("We cook at your place.", "stop", (30, 7, 0))),
    "azure-filtered.sse": ("openai/gpt-4o", Answer("That is", "content_filter", (30, 2, 0))),
    "groq-tools.sse": ("groq/openai/gpt-oss-120b", Answer("", "tool_calls", (138, 52, 0), (PLACE,))),
    "mistral-thinking.sse": ("mistral/magistral-small-latest", Answer("Fried rice is included.", "stop", (28, 20, 0))),
    "mistral-tools.sse": (
        "mistral/magistral-small-latest",
        Answer("", "tool_calls", (90, 31, 0), (PLACE, ("menu_lookup", {"dishes": []}))),
    ),
    "deepseek-thinking.sse": ("deepseek/deepseek-reasoner", Answer("Ten it is.", "stop", (17, 9, 16))),
    "openrouter-text.sse": ("openrouter/meta-llama/llama-3.3-70b", Answer("Shrimp and steak.", "stop", (12, 4, 0))),
    "xai-thinking.sse": ("xai/grok-3-mini", Answer("Hello there.", "stop", (10, 43, 4))),
    "vllm-text.sse": ("hosted_vllm/m", Answer("Yes, gladly.", "stop", (8, 3, 0))),
    "anthropic-text.sse": ("anthropic/claude-sonnet-4-5", Answer("Jalapeños are extra 🌶️.", "stop", (1100, 15, 1000))),
    "anthropic-tools.sse": (
        "anthropic/claude-sonnet-4-5",
        Answer("Let me look.", "tool_calls", (472, 89, 0), (("menu_lookup", {"dishes": ["salmon"]}), ("release_hold", {}))),
    ),
    "anthropic-length.sse": ("anthropic/claude-sonnet-4-5", Answer("Well, it", "length", (11, 4, 0))),
    "anthropic-refusal.sse": ("anthropic/claude-sonnet-4-5", Answer("", None, FAILED, error="garbage")),
    "gemini-text.sse": ("gemini/gemini-2.5-flash", Answer("The garlic butter comes with everything ☺.", "stop", (300, 33, 256))),
    "gemini-tools.sse": ("gemini/gemini-2.5-flash", Answer("One moment.", "tool_calls", (120, 71, 0), (DISHES, PLACE))),
    "gemini-length.sse": ("gemini/gemini-2.5-flash", Answer("We have many", "length", (10, 3, 0))),
    "gemini-safety.sse": ("gemini/gemini-2.5-flash", Answer("This", "content_filter", (10, 1, 0))),
    "gemini-blocked.sse": ("gemini/gemini-2.5-flash", Answer("", None, FAILED, error="garbage")),
    "gemini-no-args.sse": ("gemini/gemini-2.5-flash", Answer("", "tool_calls", (20, 4, 0), (("release_hold", {}),))),
    "ollama-text.ndjson": ("ollama_chat/qwen3", Answer("The chef comes to you. ¡Olé!", "stop", (26, 12, 0))),
    "ollama-tools.ndjson": ("ollama_chat/qwen3", Answer("Looking.", "tool_calls", (211, 58, 0), (PLACE, DISHES))),
    "ollama-length.ndjson": ("ollama_chat/qwen3", Answer("It takes about", "length", (9, 3, 0))),
    "ollama-marks.ndjson": ("ollama_chat/qwen3", Answer("Gladly.", "stop", (9, 6, 0))),
}
# Where LiteLLM's own reading gives something else, and why ours does not follow it.
DIFFERS: dict[str, Answer] = {
    # It insists on arguments, which Gemini leaves out where a tool has none.
    "gemini-no-args.sse": Answer("", None, FAILED, error="unavailable"),
    # It takes the marks away, and gives as text what was thought between marks that are chunks of their own.
    "ollama-marks.ndjson": replace(ANSWERS["ollama-marks.ndjson"][1], text="Hm.Gladly."),
}


def said(gave: Gave) -> Answer:
    calls = tuple((call.name, json.loads(call.arguments)) for call in gave.calls)
    if gave.finish is None:
        return Answer(gave.text, None, FAILED, calls, gave.kind)
    finish = gave.finish
    return Answer(gave.text, finish.reason, (finish.tokens_in, finish.tokens_out, finish.tokens_cached), calls)


def target(name: str, replay: Replay) -> LiteLLMTarget:
    return LiteLLMTarget("m", ANSWERS[name][0], replay.address, "key", first_token_s=5.0, idle_chunk_s=5.0)


class TestRecordedStreams:
    def test_all_have_an_answer(self) -> None:
        assert {path.name for path in STREAMS.iterdir() if path.suffix != ".md"} == set(ANSWERS)

    @pytest.mark.parametrize("name", ANSWERS)
    async def test_are_read_as_they_were_meant(self, name: str, replay: Replay, library: LiteLLMLibrary, connections: Connections) -> None:
        for size in (1 << 16, 97, 11):
            replay.play(name, size)
            gave = await collect(model_for(target(name, replay), library, connections))
            assert said(gave) == ANSWERS[name][1]

    @pytest.mark.parametrize("name", ANSWERS)
    async def test_are_read_by_litellm_alike(self, name: str, replay: Replay, library: LiteLLMLibrary, connections: Connections) -> None:
        replay.play(name)
        gave = await collect(model_for(replace(target(name, replay), whole=True), library, connections))
        assert said(gave) == DIFFERS.get(name, ANSWERS[name][1])
