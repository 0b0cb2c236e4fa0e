"""The light queue and the light event against what engineio and uvicorn rely on in asyncio's."""

import asyncio

import pytest
from engineio.packet import MESSAGE, PING, Packet
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from gateway.live.outgoing import TextPacket
from gateway.socket.queues import Gate, Mailbox, PacketQueue


class TestMailbox:
    async def test_gives_in_order(self) -> None:
        box = Mailbox()
        for number in range(3):
            box.put_nowait(number)
        assert [await box.get(), box.get_nowait(), await box.get()] == [0, 1, 2]
        assert box.empty()
        with pytest.raises(asyncio.QueueEmpty):
            box.get_nowait()

    async def test_who_waits_first_gets_first(self) -> None:
        box = Mailbox()
        waiting = [asyncio.create_task(box.get()) for _ in range(2)]
        await asyncio.sleep(0)
        await box.put("a")
        await box.put("b")
        assert await asyncio.gather(*waiting) == ["a", "b"]

    async def test_a_wait_that_ran_out_takes_nothing(self) -> None:
        box = Mailbox()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(box.get(), 0.001)
        box.put_nowait("kept")
        assert await box.get() == "kept"

    async def test_whoever_was_woken_and_cancelled_passes_it_on(self) -> None:
        box = Mailbox()
        first, second = (asyncio.create_task(box.get()) for _ in range(2))
        await asyncio.sleep(0)
        box.put_nowait("for one of them")
        first.cancel()
        assert await asyncio.wait_for(second, 1) == "for one of them"
        with pytest.raises(asyncio.CancelledError):
            await first

    async def test_join_waits_until_all_is_done(self) -> None:
        box = Mailbox()
        await box.join()
        box.put_nowait(1)
        joined = asyncio.create_task(box.join())
        await box.get()
        await asyncio.sleep(0)
        assert not joined.done()
        box.task_done()
        await asyncio.wait_for(joined, 1)
        with pytest.raises(ValueError, match="more often"):
            box.task_done()


class TestPacketQueue:
    async def test_weighs_what_waits(self) -> None:
        queue = PacketQueue()
        queue.put_nowait(Packet(MESSAGE, "12345"))
        await queue.put(None)
        assert (queue.qsize(), queue.weight) == (2, 5)
        await queue.get()
        assert queue.weight == 0
        assert queue.get_nowait() is None


class TestLane:
    """What goes past the queue overtakes nothing."""

    async def test_is_taken_while_the_writer_waits_empty_handed(self) -> None:
        queue, wrote = PacketQueue(), list[bytes]()

        def lane(frame: bytes) -> bool:
            wrote.append(frame)
            return True

        queue.lane = lane
        queue.put_nowait(TextPacket("nobody waits"))
        assert (queue.qsize(), wrote) == (1, [])
        await queue.get()
        writer = asyncio.create_task(queue.get())
        await asyncio.sleep(0)
        queue.put_nowait(TextPacket("now"))
        assert (queue.qsize(), queue.weight, wrote) == (0, 0, [b"\x81\x044now"])
        queue.put_nowait(Packet(PING))
        queue.put_nowait(TextPacket("the writer was called, what it gets is not sent yet"))
        await writer
        queue.put_nowait(TextPacket("the writer holds something"))
        assert (queue.qsize(), len(wrote)) == (2, 1)

    async def test_is_left_where_the_peer_does_not_read(self) -> None:
        queue = PacketQueue()
        queue.lane = lambda frame: False
        writer = asyncio.create_task(queue.get())
        await asyncio.sleep(0)
        queue.put_nowait(TextPacket("later"))
        assert (await writer).data == "later"

    async def test_is_not_for_pings_which_the_writer_must_see(self) -> None:
        queue, wrote = PacketQueue(), list[bytes]()

        def lane(frame: bytes) -> bool:
            wrote.append(frame)
            return True

        queue.lane = lane
        writer = asyncio.create_task(queue.get())
        await asyncio.sleep(0)
        queue.put_nowait(Packet(PING))
        assert (await writer).packet_type == PING
        assert not wrote

    @pytest.mark.parametrize("size", [1, 124, 125, 126, 65_533, 65_535, 70_000])
    def test_frames_are_what_a_client_reads(self, size: int) -> None:
        text = "é" + "x" * (size - 1)
        client = ClientProtocol(parse_uri("ws://127.0.0.1"), state=OPEN, max_size=None)
        client.receive_data(TextPacket(text).frame)
        (frame,) = client.events_received()
        assert isinstance(frame, Frame)
        assert (frame.opcode, frame.fin, bytes(frame.data).decode()) == (Opcode.TEXT, True, "4" + text)


class TestGate:
    async def test_holds_who_comes_while_it_is_shut(self) -> None:
        gate = Gate()
        assert await gate.wait()
        gate.clear()
        waiting = asyncio.create_task(gate.wait())
        await asyncio.sleep(0)
        assert not gate.is_set() and not waiting.done()
        gate.set()
        assert await asyncio.wait_for(waiting, 1)
        assert gate.is_set()
