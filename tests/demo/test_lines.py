"""The demo's lines and its provider: every part can be played in both languages, and every figure is the profile's."""

import json
import random

import httpx
import pytest

from agents.instructions import Instructions
from business.profile.loader import load_profile
from gateway.demo.lines import LANGUAGES, Lines, words
from gateway.demo.parts import PARTS, Deed
from gateway.demo.provider import Provider, serving

ASKED = {act for part in PARTS for visit in part for act in visit if isinstance(act, str)}
TOPICS = sorted(ASKED | {"waiting", "person_came", "to_person"})


@pytest.mark.parametrize("language", LANGUAGES)
class TestLines:
    def test_every_topic_of_every_part_can_be_said(self, language: str) -> None:
        lines = Lines(load_profile(), language, random.Random(1))
        for topic in TOPICS:
            for _ in words(language)["lines"][topic]:
                said = lines.say(topic)
                assert said and "{" not in said

    def test_nothing_is_said_twice_before_all_was_said(self, language: str) -> None:
        lines = Lines(load_profile(), language, random.Random(2))
        count = len(words(language)["lines"]["waiting"])
        assert len({lines.say("waiting") for _ in range(count)}) == count

    def test_no_file_holds_a_figure(self, language: str) -> None:
        """Prices and counts are the profile's, or drawn."""
        assert not [line for lines in words(language)["lines"].values() for line in lines if any(c.isdigit() for c in line)]


class TestParts:
    def test_of_six_customers_some_want_a_person_soon_and_some_never(self) -> None:
        soon = [part for part in PARTS if Deed.PERSON in part[0]]
        never = [part for part in PARTS if not any(Deed.PERSON in visit for visit in part)]
        assert len(soon) == 2 and len(never) == 3


class TestProvider:
    async def test_speaks_openais_stream_and_says_what_it_is_told(self) -> None:
        answer = "For **10 adults** the food is $550, and nothing else is known."
        note = Instructions(load_profile(), ()).answer_note(answer)
        messages = [{"role": "system", "content": note}, {"role": "user", "content": "How much is it for 10 adults?"}]
        asked = {"model": "demo", "stream": True, "messages": messages}
        async with serving(Provider(tempo=100)) as base, httpx.AsyncClient(trust_env=False) as client:
            response = await client.post(f"{base}/chat/completions", json=asked)
        data = [line.removeprefix("data: ") for line in response.text.split("\n\n") if line]
        assert data[-1] == "[DONE]"
        chunks = [json.loads(line) for line in data[:-1]]
        text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks if chunk["choices"])
        assert text == answer
        assert chunks[-2]["choices"][0]["finish_reason"] == "stop" and chunks[-1]["usage"]["completion_tokens"] > 10
