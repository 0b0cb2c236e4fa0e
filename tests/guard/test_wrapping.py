"""A model's stream behind the guard: text is let through, calls of tools pass, a restart begins anew, closing closes the provider's."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from agents.ensemble.chunks import Chunk, Finish, Restart, Text, ToolCall
from agents.guard.guard import FigureGuard
from agents.guard.wrapping import Guarded
from tests.guard.known import LICENCES

END = Finish("stop", 1, 2, model="teacher")


class Stream:
    """Gives chunks and remembers how far it came and that it was closed."""

    def __init__(self, *chunks: Chunk) -> None:
        self.chunks = chunks
        self.given = 0
        self.closed = False

    async def run(self) -> AsyncGenerator[Chunk, None]:
        try:
            for chunk in self.chunks:
                self.given += 1
                yield chunk
        finally:
            self.closed = True

    def guarded(self) -> Guarded:
        return Guarded(self.run(), lambda: FigureGuard(LICENCES["UNKNOWN"]["en"]))


async def all_of(guarded: Guarded) -> list[Chunk]:
    async with aclosing(guarded.stream()) as chunks:
        return [chunk async for chunk in chunks]


class TestRefusals:
    async def test_end_the_stream_before_the_lie_and_close_it(self) -> None:
        stream = Stream(Text("It is "), Text("$6"), Text("0 per adult."), Text(" Bye."), END)
        guarded = stream.guarded()
        assert await all_of(guarded) == [Text("It is ")]
        assert guarded.refused is not None and guarded.refused.kind == "money" and guarded.refused.span_start == 6
        assert guarded.released == "It is "
        assert stream.closed and stream.given == 3

    async def test_come_at_the_end_where_the_lie_is_the_last_word(self) -> None:
        guarded = Stream(Text("Adults are $60"), END).guarded()
        assert await all_of(guarded) == [Text("Adults are ")]
        assert guarded.refused is not None

    async def test_come_before_a_tool_is_called(self) -> None:
        guarded = Stream(Text("Adults are $60"), ToolCall("1", "quote", "{}"), END).guarded()
        assert await all_of(guarded) == [Text("Adults are ")]


class TestTrueText:
    async def test_passes_whole_with_its_end(self) -> None:
        guarded = Stream(Text("It is $5"), Text("5"), Text(" per adult"), END).guarded()
        chunks = await all_of(guarded)
        assert "".join(chunk.text for chunk in chunks if isinstance(chunk, Text)) == "It is $55 per adult"
        assert chunks[-1] == END
        assert guarded.refused is None

    async def test_what_was_held_goes_out_before_a_call(self) -> None:
        call = ToolCall("1", "quote", "{}")
        assert await all_of(Stream(Text("Adults are $55"), call, END).guarded()) == [Text("Adults are "), Text("$55"), call, END]


class TestRestarts:
    async def test_begin_anew_and_forget_what_was_held(self) -> None:
        guarded = Stream(Text("It is $6"), Restart("cut"), Text("Hello!"), END).guarded()
        assert await all_of(guarded) == [Text("It is "), Restart("cut"), Text("Hello!"), END]
        assert guarded.released == "Hello!"
        assert guarded.refused is None

    async def test_closing_closes_the_inner_stream(self) -> None:
        stream = Stream(Text("Hello"), Text(" there"), END)
        async with aclosing(stream.guarded().stream()) as chunks:
            assert await anext(chunks) == Text("Hello")
        assert stream.closed
