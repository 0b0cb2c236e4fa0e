"""What goes out: the same request that LiteLLM would have made, for every provider that is read here."""

from dataclasses import replace
from typing import Any

import pytest

from agents.ensemble.chunks import ToolCall
from agents.ensemble.library import LiteLLMLibrary
from agents.ensemble.model import ModelMessage, ModelRequest
from agents.ensemble.reading import model_for
from agents.ensemble.target import LiteLLMTarget
from agents.ensemble.thin.connections import Connections
from agents.ensemble.thin.shaping import OPENAI_LIKE, READERS
from tests.agents.thin.bench import ask, ask_with_tools, collect
from tests.agents.thin.replay import Replay

# A model of each provider: how it is called makes a difference to what it is sent.
MODELS = [
    *(f"{provider}/some-model" for provider in sorted(OPENAI_LIKE)),
    "openai/gpt-4o",
    "openai/o3-mini",
    "openai/gpt-5-mini",
    "mistral/mistral-large-latest",
    "deepseek/deepseek-chat",
    "groq/llama-3.3-70b-versatile",
    "xai/grok-3-mini",
    "fireworks_ai/accounts/fireworks/models/llama-v3p3-70b-instruct",
    "openrouter/anthropic/claude-sonnet-4.5",
    "together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo",
    "perplexity/sonar",
    "anthropic/claude-sonnet-4-5",
    "anthropic/claude-3-haiku-20240307",
    "gemini/gemini-2.5-flash",
    "gemini/gemini-3-pro-preview",
    "ollama_chat/llama3.2",
]
# Nothing of what is asked: who asks, how the bytes are packed, and LiteLLM's advertisement.
IDLE = {"host", "accept", "accept-encoding", "connection", "content-length", "content-type", "user-agent"}
IDLE |= {"http-referer", "x-title", "x-pplx-integration"}
STREAMS = {"anthropic": "anthropic-text.sse", "gemini": "gemini-text.sse", "ollama_chat": "ollama-text.ndjson"}
SIGNED = "q1w2__thought__EpEgCo4gAb4="


def with_history() -> ModelRequest:
    """A request with a call and its result in it."""
    request = ask_with_tools()
    called = ModelMessage("assistant", "One moment.", calls=(ToolCall(SIGNED, "travel_fee", '{"place": "94539"}'),))
    told = ModelMessage("tool", '{"miles": 3}', call_id=SIGNED)
    again = ModelMessage("user", "And for ten?")
    return replace(request, messages=(*request.messages, called, told, again))


REQUESTS = (ask("hi", "there"), ask_with_tools(), ask_with_tools(may_call=False), with_history())


def asked(replay: Replay) -> tuple[str, dict[str, str], Any]:
    path, headers, body = replay.asked.pop()
    told = {name: value for name, value in headers.items() if name not in IDLE and not name.startswith("x-stainless")}
    return path, told, body


@pytest.mark.parametrize("model_id", MODELS)
class TestTheSameRequest:
    async def test_as_litellm_makes(self, model_id: str, replay: Replay, library: LiteLLMLibrary, connections: Connections) -> None:
        target = LiteLLMTarget("m", model_id, f"{replay.address}/v1", "s3cret", 5.0, 5.0)
        if model_id.startswith(("anthropic/", "ollama_chat/")):
            target = replace(target, api_base=replay.address)
        # The last request has everything in it; the others show what real models are spared.
        for request in REQUESTS[3 if model_id.endswith("/some-model") else 0 :]:
            replay.play(STREAMS.get(target.provider, "openai-length.sse"))
            await collect(model_for(target, library, connections), request)
            ours = asked(replay)
            await collect(model_for(replace(target, whole=True), library, connections), request)
            assert ours == asked(replay)


class TestWhatIsAskedOnce:
    async def test_a_set_of_tools_is_shaped_once_and_every_message_anew(
        self, replay: Replay, library: LiteLLMLibrary, connections: Connections, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shaped: list[object] = []
        litellm = await library.load()
        real = litellm.utils.get_optional_params

        def noted(**given: Any) -> object:
            shaped.append(given)
            return real(**given)

        monkeypatch.setattr(litellm.utils, "get_optional_params", noted)
        for provider in ("openai/m", "anthropic/claude-3-haiku-20240307", "gemini/gemini-2.5-flash", "ollama_chat/m"):
            model = model_for(LiteLLMTarget("m", provider, replay.address, "key", 5.0, 5.0), library, connections)
            bodies = []
            for words in ("one", "two", "one"):
                for tools in (False, True):
                    request = replace(ask(words), tools=ask_with_tools().tools if tools else ())
                    await collect(model, request)
                    bodies.append(asked(replay)[2])
            assert len(shaped) == 2, "one for each set of tools"
            assert bodies[:2] == bodies[4:] != bodies[2:4]
            shaped.clear()

    async def test_tools_are_looked_through_once_where_they_stand_beside_the_messages(
        self, replay: Replay, library: LiteLLMLibrary, connections: Connections, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given: list[bool] = []
        usual = (await library.load()).OpenAIGPTConfig
        real = usual.transform_request

        def noted(config: Any, **asked: Any) -> Any:
            given.append("tools" in asked["optional_params"])
            return real(config, **asked)

        monkeypatch.setattr(usual, "transform_request", noted)
        model = model_for(LiteLLMTarget("m", "openai/m", replay.address, "key", 5.0, 5.0), library, connections)
        for words in ("one", "two"):
            await collect(model, replace(ask(words), tools=ask_with_tools().tools))
            body = asked(replay)[2]
            assert body["tools"] and body["tool_choice"] == "auto"
        assert given == [True, False, False], "once for the tools, then for the messages of each call"

    def test_every_protocol_has_a_model_here(self) -> None:
        assert {model.partition("/")[0] for model in MODELS} == set(READERS)
