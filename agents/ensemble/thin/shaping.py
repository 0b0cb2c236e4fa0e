"""A request as it goes over the wire, shaped by LiteLLM's own configuration of the provider: its address, headers and body.

What does not change from call to call (the provider, its address and headers, the parameters for one set of tools) is asked once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import orjson

from agents.ensemble import openai_shape
from agents.ensemble.model import ModelRequest, ToolSpec
from agents.ensemble.target import LiteLLMTarget
from agents.ensemble.thin.anthropic import AnthropicReader
from agents.ensemble.thin.gemini import GeminiReader
from agents.ensemble.thin.ollama import OllamaReader
from agents.ensemble.thin.openai import OpenAIReader
from agents.ensemble.thin.places import place
from agents.ensemble.thin.reader import Reader

# Providers of LiteLLM's that speak as OpenAI does, without anything of their own in the stream that would be missed here. What they
# are sent is held against LiteLLM's own calls by tests; whoever is not named here is read by LiteLLM.
OPENAI_LIKE = frozenset(
    {
        "openai",
        "cerebras",
        "custom_openai",
        "dashscope",
        "deepinfra",
        "deepseek",
        "fireworks_ai",
        "groq",
        "hosted_vllm",
        "litellm_proxy",
        "llamafile",
        "lm_studio",
        "mistral",
        "moonshot",
        "nebius",
        "novita",
        "nvidia_nim",
        "openrouter",
        "perplexity",
        "sambanova",
        "together_ai",
        "xai",
    }
)
READERS: Mapping[str, type[Reader]] = {
    **dict.fromkeys(OPENAI_LIKE, OpenAIReader),
    "anthropic": AnthropicReader,
    "gemini": GeminiReader,
    "ollama_chat": OllamaReader,
}
# Sets of tools that are remembered: one for every agent, and then some.
_REMEMBERED = 64
_OF_TOOLS = ("tools", "tool_choice")


@dataclass(frozen=True, slots=True)
class Wire:
    """One request, ready to be posted."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Frame:
    """What is the same for every request with these tools. `parameters`: the provider's names, LiteLLM's values; copied for each call.
    `tools`: what of the body stands for them, where it is the same whatever is said."""

    url: str
    headers: dict[str, str]
    parameters: dict[str, Any]
    tools: Mapping[str, Any] = field(default_factory=dict)


class Shaping:
    """One target's requests."""

    def __init__(self, litellm: ModuleType, target: LiteLLMTarget, known: tuple[str, str, str | None, str | None]) -> None:
        """`known`: what LiteLLM makes of the target: model, provider, key, address."""
        self._litellm = litellm
        self.model, self.provider, self._key, self._base = known
        self._key = self._key or target.key
        self.reader = READERS[self.provider]
        enum = litellm.LlmProviders(self.provider)
        self._config = litellm.utils.ProviderConfigManager.get_provider_chat_config(self.model, enum)
        self._takes_signatures = self.provider == "gemini" or "gemini" in self.model.lower()
        self._tools_stand_alone = _tools_stand_alone(litellm, type(self._config))
        self._frames: dict[tuple[tuple[ToolSpec, ...], bool, int], _Frame] = {}
        self._reads: dict[bool, bool] = {}

    def reads(self, request: ModelRequest) -> bool:
        """Whether the answer is read here: for some models and tools LiteLLM speaks OpenAI's other protocol."""
        with_tools = bool(request.tools)
        if with_tools not in self._reads:
            check = self._litellm.main.responses_api_bridge_check
            tools = openai_shape.tools(request) or None
            how, _ = check(model=self.model, custom_llm_provider=self.provider, tools=tools, api_base=self._base)
            self._reads[with_tools] = how.get("mode") != "responses"
        return self._reads[with_tools]

    def wire(self, request: ModelRequest) -> Wire:
        """The request's bytes. Raises ModelErrors, and whatever LiteLLM raises for what it cannot put into the provider's words."""
        key = (request.tools, request.may_call, request.max_tokens)
        if key not in self._frames:
            if len(self._frames) >= _REMEMBERED:
                self._frames.clear()
            self._frames[key] = self._frame(request)
        frame = self._frames[key]
        messages = openai_shape.messages(request, signed=self._takes_signatures)
        return Wire(frame.url, frame.headers, orjson.dumps(self._body(messages, frame)))

    def _frame(self, request: ModelRequest) -> _Frame:
        tools = openai_shape.tools(request) or None
        messages = openai_shape.messages(request)
        parameters = self._litellm.utils.get_optional_params(
            model=self.model,
            custom_llm_provider=self.provider,
            messages=messages,
            max_tokens=request.max_tokens,
            stream=True,
            stream_options={"include_usage": True},
            tools=tools,
            tool_choice=None if tools is None else "auto" if request.may_call else "none",
            drop_params=True,
        )
        base, key = place(self.provider, self._base, self._key)
        url, headers = self._address(base, key, messages, parameters)
        parameters.update(parameters.pop("extra_body", None) or {})
        named = {str(name): str(value) for name, value in headers.items()}
        frame = _Frame(url, {**named, "Content-Type": "application/json"}, parameters)
        return self._tools_apart(messages, frame) if tools and self._tools_stand_alone else frame

    def _tools_apart(self, messages: list[dict[str, Any]], frame: _Frame) -> _Frame:
        """LiteLLM looks through every schema of every tool, each time: once is enough."""
        body = self._body(messages, frame)
        parameters = {name: value for name, value in frame.parameters.items() if name not in _OF_TOOLS}
        return replace(frame, parameters=parameters, tools={name: body[name] for name in _OF_TOOLS if name in body})

    def _address(
        self, base: str | None, key: str | None, messages: list[dict[str, Any]], parameters: dict[str, Any]
    ) -> tuple[str, Mapping[str, Any]]:
        common = {"model": self.model, "api_key": key, "api_base": base, "optional_params": dict(parameters), "litellm_params": {}}
        headers = self._config.validate_environment(headers={}, messages=messages, **common)
        return self._config.get_complete_url(stream=True, **common), headers

    def _body(self, messages: list[dict[str, Any]], frame: _Frame) -> Mapping[str, Any]:
        body = self._config.transform_request(
            model=self.model, messages=messages, optional_params=dict(frame.parameters), litellm_params={}, headers=dict(frame.headers)
        )
        return {**body, **frame.tools, "stream": True}


class AnthropicShaping(Shaping):
    """Its path is added by LiteLLM's dispatcher rather than by its configuration."""

    def _address(
        self, base: str | None, key: str | None, messages: list[dict[str, Any]], parameters: dict[str, Any]
    ) -> tuple[str, Mapping[str, Any]]:
        base = base if base is None or base.endswith("/v1/messages") else f"{base}/v1/messages"
        return super()._address(base, key, messages, parameters)

    def _body(self, messages: list[dict[str, Any]], frame: _Frame) -> Mapping[str, Any]:
        parameters = {name: value for name, value in frame.parameters.items() if name != "stream"}
        return super()._body(messages, replace(frame, parameters=parameters))


class GeminiShaping(Shaping):
    """Address and body are made by functions beside its configuration."""

    def _address(
        self, base: str | None, key: str | None, messages: list[dict[str, Any]], parameters: dict[str, Any]
    ) -> tuple[str, Mapping[str, Any]]:
        from litellm.llms.vertex_ai.vertex_llm_base import VertexBase

        auth, url = VertexBase().get_token_and_url(
            model=self.model,
            auth_header=None,
            gemini_api_key=key,
            vertex_project=None,
            vertex_location=None,
            vertex_credentials=None,
            stream=True,
            custom_llm_provider=self.provider,
            api_base=base,
        )
        common = {"model": self.model, "messages": messages, "optional_params": parameters, "litellm_params": {}}
        return url, self._config.validate_environment(headers={}, api_key=auth, **common)

    def _body(self, messages: list[dict[str, Any]], frame: _Frame) -> Mapping[str, Any]:
        from litellm.llms.vertex_ai.gemini.transformation import transform_request_body

        body: Mapping[str, Any] = transform_request_body(
            messages=messages,
            model=self.model,
            optional_params=dict(frame.parameters),
            custom_llm_provider=self.provider,
            litellm_params={},
            cached_content=None,
        )
        return body


_SHAPINGS: Mapping[str, type[Shaping]] = {"anthropic": AnthropicShaping, "gemini": GeminiShaping}


def _tools_stand_alone(litellm: ModuleType, config: type[Any]) -> bool:
    """Whether this provider's body is made by LiteLLM's function for OpenAI's, which puts messages and tools side by side."""
    usual = litellm.OpenAIGPTConfig
    names = ("transform_request", "remove_cache_control_flag_from_messages_and_tools", "_sanitized_tools_update_for_openai")
    return issubclass(config, usual) and all(getattr(config, name, None) is getattr(usual, name, None) for name in names)


def shaping(litellm: ModuleType, target: LiteLLMTarget) -> Shaping | None:
    """How this target's requests are shaped; None where its answers are not read here. Raises what LiteLLM raises for an unknown id."""
    known = litellm.get_llm_provider(model=target.id, api_base=target.api_base, api_key=target.key)
    if known[1] not in READERS:
        return None
    return _SHAPINGS.get(known[1], Shaping)(litellm, target, known)
