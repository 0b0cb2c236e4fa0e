"""The console counts segments as they are counted here: both are held to the same cases."""

import json
from pathlib import Path
from typing import Any

import pytest

from business.channels.going import LONGEST, SHORTENED
from business.channels.segments import encoding, plain, segments

WIDGET = Path(__file__).parents[2] / "web-widget"
CASES = json.loads((WIDGET / "tests/segments.json").read_text(encoding="utf-8"))


class TestCases:
    @pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
    def test_holds_for_whoever_counts(self, case: dict[str, Any]) -> None:
        text = case["text"]
        assert (encoding(text), segments(text), plain(text)) == (case["encoding"], case["segments"], case.get("plain", plain(text)))

    def test_so_does_what_goes_whole(self) -> None:
        source = (WIDGET / "src/text/segments.ts").read_text(encoding="utf-8")
        assert f"GOES_WHOLE = {LONGEST}\n" in source and f"SHORTENED = {SHORTENED}\n" in source
