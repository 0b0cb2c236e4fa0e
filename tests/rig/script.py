"""How a scripted provider answers one request: parsed from the model's name or from a plan, terms joined by `+`.

plain                 the whole text, then finish and [DONE]
words-N pace-MS       so many words; so long between chunks; `slow` is pace-50
split-N               chunks of so many characters, wherever they fall, in place of one word each
delay-MS              the first chunk comes after so long
400 401 403 404 408 413 422 429 500 502 503 529   refused with that status; 429-S asks to wait S seconds
first429              every odd call is refused with 429
hang hang-after-N     never answers; goes silent after N chunks
cut-N fin-N           drops the connection after N chunks: by reset; by an orderly close in mid-body
garbage-N             something that is no JSON in place of chunk N, then nothing more
error-N               the protocol's own error in place of chunk N, as an overloaded provider says it, then nothing more
duplicate-N           chunk N comes twice (its text is part of the answer then)
empty-N               a chunk that says nothing before chunk N
empty                 finishes without text
no-done               the body ends properly, but without finish reason and [DONE]
stop-no-done          with finish reason, without [DONE]
no-usage              never counts tokens
html                  200 with a web page in place of a stream
wrong-type            the right bytes, called plain text
comment ping          a comment before every frame; what this protocol has to keep a connection alive
crlf                  lines end in CR LF
bytes-N               sent N bytes at a time, in chunks of HTTP that may end in mid-character

`calling(...)` makes a script that streams tool calls; positions then count its text and its fragments on.
"""

import json
from dataclasses import dataclass, replace
from typing import Any, Literal

# How a provider numbers its calls: as OpenAI does; every call by the same index; the id in every fragment; without ids.
Numbering = Literal["openai", "same-index", "repeated-id", "no-id"]
STATUSES = frozenset({400, 401, 403, 404, 408, 413, 422, 429, 500, 502, 503, 529})


@dataclass(frozen=True, slots=True)
class Script:
    """One answer. Times in seconds; positions count text chunks from 0."""

    status: int = 200
    retry_after: int | None = None
    words: int = 60
    pace: float = 0.0
    split: int = 0
    delay: float = 0.0
    hang_at: int | None = None
    cut_at: int | None = None
    fin_at: int | None = None
    garbage_at: int | None = None
    error_at: int | None = None
    duplicate_at: int | None = None
    empty_at: int | None = None
    finish: bool = True
    done: bool = True
    usage: bool = True
    html: bool = False
    wrong_type: bool = False
    comment: bool = False
    ping: bool = False
    crlf: bool = False
    bytes_at_once: int = 0
    text: str | None = None
    calls: tuple[tuple[str, str], ...] = ()
    numbering: Numbering = "openai"
    reason: str = "stop"
    ends_with_last: bool = False  # the finish reason comes in the last chunk instead of one of its own


def calling(*calls: tuple[str, Any], text: str = "", split: int = 9, reason: str = "tool_calls", **more: Any) -> Script:
    """Text, then calls of tools: (name, arguments), a string as it is, else as JSON. `split`: characters in a fragment, 0: whole."""
    wanted = tuple((name, arguments if isinstance(arguments, str) else json.dumps(arguments)) for name, arguments in calls)
    return Script(text=text, calls=wanted, split=split, reason=reason, **more)


def saying(text: str, **more: Any) -> Script:
    """This text, word by word."""
    return Script(text=text, **more)


def parse(terms: str, *, nth: int, words: int, pace: float) -> Script:
    """The script of the `nth` call (from 1); ValueError for a term that is not known."""
    script = Script(words=words, pace=pace)
    for term in terms.split("+"):
        script = _apply(script, term, nth)
    return script


def _apply(script: Script, term: str, nth: int) -> Script:
    head, _, tail = term.rpartition("-")
    number = int(tail) if tail.isdigit() and head else None
    match (head, number):
        case ("words", int(n)):
            return replace(script, words=n)
        case ("pace", int(n)):
            return replace(script, pace=n / 1000)
        case ("split", int(n)):
            return replace(script, split=n)
        case ("delay", int(n)):
            return replace(script, delay=n / 1000)
        case ("hang-after", int(n)):
            return replace(script, hang_at=n)
        case ("cut", int(n)):
            return replace(script, cut_at=n)
        case ("fin", int(n)):
            return replace(script, fin_at=n)
        case ("garbage", int(n)):
            return replace(script, garbage_at=n)
        case ("error", int(n)):
            return replace(script, error_at=n)
        case ("duplicate", int(n)):
            return replace(script, duplicate_at=n)
        case ("empty", int(n)):
            return replace(script, empty_at=n)
        case ("bytes", int(n)):
            return replace(script, bytes_at_once=n)
        case ("429", int(n)):
            return replace(script, status=429, retry_after=n)
    if term.isdigit() and int(term) in STATUSES:
        return replace(script, status=int(term))
    return _apply_word(script, term, nth)


def _apply_word(script: Script, term: str, nth: int) -> Script:
    match term:
        case "plain":
            return script
        case "slow":
            return replace(script, pace=0.05)
        case "first429":
            return replace(script, status=429, retry_after=1) if nth % 2 else script
        case "hang":
            return replace(script, hang_at=-1)
        case "empty":
            return replace(script, words=0)
        case "no-done":
            return replace(script, finish=False, done=False, usage=False)
        case "stop-no-done":
            return replace(script, done=False)
        case "no-usage":
            return replace(script, usage=False)
        case "html":
            return replace(script, html=True)
        case "wrong-type":
            return replace(script, wrong_type=True)
        case "comment":
            return replace(script, comment=True)
        case "ping":
            return replace(script, ping=True)
        case "crlf":
            return replace(script, crlf=True)
    raise ValueError(f"unknown term {term!r}")
