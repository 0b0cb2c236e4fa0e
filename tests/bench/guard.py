"""The figure guard: what it adds to a token, how many tokens wait and for how long, on replies as they are said every day. No stand."""

import asyncio
import re
import statistics
import time
from collections.abc import Sequence

from agents.guard.guard import FigureGuard
from agents.guard.licence import Licence
from tests.bench.figures import Figure, Goal, spread
from tests.bench.plan import Plan, say
from tests.guard.conversing import true_replies
from tests.guard.known import guarded

PLAIN_US = 20.0
# As models cut: a word with the space before it, long words in two, a mark alone.
_TOKEN = re.compile(r"\s?[^\W\d_]{1,9}|\d{1,3}|\s?.", re.DOTALL)
_PLAIN = re.compile(r"\s?[a-z]+")


async def measure(plan: Plan) -> list[Figure]:
    return await asyncio.to_thread(_measure, plan)


def _measure(plan: Plan) -> list[Figure]:
    replies = _replies()
    rounds = 3 if plan.quick else 15
    say(f"guard: {len(replies)} replies, {sum(len(tokens) for tokens, _ in replies):,} tokens, {rounds} rounds")
    took, waited = _best(replies, rounds), [tokens for reply in replies for tokens in _waits(*reply)]
    every = [us for times in took for us in times]
    pairs = [pair for (tokens, _), times in zip(replies, took, strict=True) for pair in zip(tokens, times, strict=True)]
    plain = spread([us for token, us in pairs if _PLAIN.fullmatch(token)])
    bare = _unguarded(replies, rounds)
    held = [tokens for tokens in waited if tokens]
    whole = spread(every)
    say(f"  {whole['p50']} us a token, p99 {whole['p99']} us; {len(held) / len(waited):.1%} wait")
    return [
        Figure("guard, added to a plain word, p50", plain["p50"], "us", Goal(PLAIN_US), f"p99 {plain['p99']} us", plain),
        Figure("guard, added to any token, p99", whole["p99"], "us", None, f"p50 {whole['p50']} us, the worst {whole['max']} us", whole),
        Figure("guard, tokens that wait", 100 * len(held) / len(waited), "%", None,
               f"p50 for {spread(held)['p50']:g} more tokens, p99 {spread(held)['p99']:g}; of all tokens p99 {spread(waited)['p99']:g}",
               {"held": spread(held), "all": spread(waited)}),
        Figure("guard, times a stream without it", statistics.fmean(every) / bare, "x", None, f"{bare:.2f} us a token without it"),
    ]  # fmt: skip


def _replies() -> list[tuple[list[str], Licence]]:
    """What the house says in the conversations of the evaluation set, each reply with what vouches for it."""
    said = {reply.text: reply.licence for reply in true_replies()}
    return [(_TOKEN.findall(text), licence) for text, licence in said.items() if guarded(text, licence).refused is None]


def _best(replies: Sequence[tuple[list[str], Licence]], rounds: int) -> list[list[float]]:
    """Microseconds for each token: the best of all rounds, since whatever else the machine does only adds."""
    clock = time.perf_counter_ns
    best = [[float("inf")] * len(tokens) for tokens, _ in replies]
    for _ in range(rounds):
        for (tokens, licence), times in zip(replies, best, strict=True):
            guard = FigureGuard(licence)
            for number, token in enumerate(tokens):
                began = clock()
                guard.feed(token)
                times[number] = min(times[number], (clock() - began) / 1000)
            guard.end()
    return best


def _waits(tokens: Sequence[str], licence: Licence) -> list[int]:
    """For each token: how many more had to come before it was out."""
    guard, ends, outs, fed = FigureGuard(licence), [0], list[int](), 0
    for token in tokens:
        fed += len(token)
        ends.append(fed)
        guard.feed(token)
        outs.append(len(guard.released))
    outs.append(fed)
    found, out = [], 0
    for number, end in enumerate(ends[1:]):
        out = max(out, number)
        while outs[out] < end:
            out += 1
        found.append(out - number)
    return found


def _unguarded(replies: Sequence[tuple[list[str], Licence]], rounds: int) -> float:
    """Microseconds a token of the same loop where nobody looks at it."""
    best = float("inf")
    for _ in range(rounds):
        began, text, count = time.perf_counter_ns(), "", 0
        for tokens, _ in replies:
            for token in tokens:
                text += token
                count += 1
        best = min(best, (time.perf_counter_ns() - began) / 1000 / count)
    return best
