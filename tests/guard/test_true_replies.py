"""What is really said every day passes: the house's replies to the evaluation set's conversations; with a figure changed they do not."""

import random
import re

import pytest

from tests.guard.conversing import TrueReply, true_replies
from tests.guard.known import LICENCES, guarded

_DOLLARS = re.compile(r"(?<=\$)\d[\d,]*(?:\.\d\d)?")


@pytest.fixture(scope="module")
def replies() -> tuple[TrueReply, ...]:
    return true_replies()


class TestTrueReplies:
    def test_pass_in_both_languages(self, replies: tuple[TrueReply, ...]) -> None:
        stopped = []
        for reply in replies:
            guard = guarded(reply.text, reply.licence, 4)
            if guard.refused is not None:
                at = guard.refused.span_start
                stopped.append((reply.conversation, guard.refused.kind, reply.text[max(0, at - 40) : at + 40]))
        assert not stopped
        assert {reply.licence.language for reply in replies} == {"en", "es"}
        assert len(replies) > 200

    def test_need_what_the_tools_found(self, replies: tuple[TrueReply, ...]) -> None:
        quoted = [reply for reply in replies if "Total: $" in reply.text]
        assert len(quoted) > 20
        assert all(guarded(reply.text, LICENCES["UNKNOWN"][reply.licence.language]).refused is not None for reply in quoted)

    def test_do_not_pass_with_another_price(self, replies: tuple[TrueReply, ...]) -> None:
        rng = random.Random(5)
        for reply in replies:
            known = {int(figure.value) for figure in reply.licence.figures if figure.kind == "money"}
            for match in _DOLLARS.finditer(reply.text):
                other = int(match[0].replace(",", "").partition(".")[0]) + rng.choice([1, 3, 17, 204])
                if other * 100 in known:
                    continue
                lie = f"{reply.text[: match.start()]}{other}{reply.text[match.end() :]}"
                guard = guarded(lie, reply.licence)
                assert guard.refused is not None, lie
                assert len(guard.released) < match.start()

    def test_hardly_pass_with_any_other_figure(self, replies: tuple[TrueReply, ...]) -> None:
        """A changed number that happens to be another true one of its kind may pass: few do, most of them by one more."""
        passed = tried = 0
        for reply in replies:
            rng = random.Random(reply.text)  # of its own, so that another reply changes nothing of this one
            for match in re.finditer(r"\d+", reply.text):
                lie = f"{reply.text[: match.start()]}{int(match[0]) + rng.choice([1, 7, 11])}{reply.text[match.end() :]}"
                tried += 1
                passed += guarded(lie, reply.licence).refused is None
        assert tried > 1000
        assert passed < 0.045 * tried
