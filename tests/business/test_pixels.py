"""How many pixels a file says that it has, and that a picture which would fill a memory is not taken."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from business.uploads.folder import UploadFolder
from business.uploads.kinds import kind_of
from business.uploads.pixels import MOST, pixels
from kernel.errors import TooLarge


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + width.to_bytes(4) + height.to_bytes(4) + b"\x08\x06\0\0\0"


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + width.to_bytes(2, "little") + height.to_bytes(2, "little") + b"\0" * 20


def jpeg(width: int, height: int, *, before: bytes = b"", frame: int = 0xC2) -> bytes:
    sizes = b"\x08" + height.to_bytes(2) + width.to_bytes(2)
    return b"\xff\xd8" + before + bytes((0xFF, frame)) + b"\0\x11" + sizes + b"\3" * 10 + b"\xff\xda\0\x08" + b"\0" * 40


def webp(kind: bytes, head: bytes) -> bytes:
    return b"RIFF\0\0\0\0WEBP" + kind + b"\0\0\0\0" + head + b"\0" * 20


def lossless(width: int, height: int) -> bytes:
    return webp(b"VP8L", b"\x2f" + (width - 1 | (height - 1) << 14).to_bytes(4, "little"))


def extended(width: int, height: int) -> bytes:
    return webp(b"VP8X", b"\0\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"))


def lossy(width: int, height: int) -> bytes:
    return webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + width.to_bytes(2, "little") + height.to_bytes(2, "little"))


THUMBNAIL = b"\xff\xe1\x01\x00" + jpeg(16, 16)[:60].ljust(254, b"\0")
NOISE = b"\xff\x00\x12\xff\x00\x34\xff\xff"


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


class TestPixels:
    @pytest.mark.parametrize("made", [png, gif, jpeg, lossless, extended, lossy], ids=lambda made: str(made.__name__))
    async def test_are_told_by_every_kind(self, made: object, tmp_path: Path) -> None:
        content = made(640, 480)  # type: ignore[operator]
        (tmp_path / "it").write_bytes(content)
        assert pixels(tmp_path / "it", kind_of(content)) == 640 * 480

    @pytest.mark.parametrize(
        "before", [THUMBNAIL, NOISE, b"\xff\xc4\0\x04\0\0", jpeg(8, 8)[2:21]], ids=["thumbnail", "noise", "tables", "two"]
    )
    async def test_of_a_jpeg_are_not_hidden_by_what_comes_before(self, before: bytes, tmp_path: Path) -> None:
        content = jpeg(65_000, 65_000, before=before)
        (tmp_path / "it").write_bytes(content)
        assert pixels(tmp_path / "it", kind_of(content)) == 65_000 * 65_000

    @pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n" + b"0" * 9, b"GIF89a", b"\xff\xd8\xff\xc0", b"RIFF\0\0\0\0WEBP"])
    async def test_of_one_that_is_torn_are_none(self, content: bytes, tmp_path: Path) -> None:
        (tmp_path / "it").write_bytes(content)
        assert pixels(tmp_path / "it", kind_of(content)) == 0


class TestTooMany:
    async def test_are_refused_and_nothing_stays(self, tmp_path: Path) -> None:
        folder, side = UploadFolder(tmp_path), int(MOST**0.5)
        for made in (png, gif, jpeg, lossless, extended, lossy):
            most = 16_383 if made in (lossless, lossy) else 60_000
            with pytest.raises(TooLarge, match="million pixels"):
                await folder.store(_whole(made(most, most)))
        assert left_in(tmp_path) == []
        assert (await folder.store(_whole(png(side, side)))).size > 0
