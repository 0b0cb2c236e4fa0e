"""PDFs for tests: pages of text in PDF 1.4, whole, locked, broken, or made to burst whoever reads them."""

import io
import zlib
from collections.abc import Sequence

LEADING = 14  # points from line to line


def pdf(*pages: Sequence[str], title: str | None = None) -> bytes:
    """One page for each list of lines, in Helvetica; a page without lines holds no text. Latin letters alone."""
    return _written([[_shown(lines)] for lines in pages], title)


def bomb(streams: int = 40, megabytes: int = 70) -> bytes:
    """Some kilobytes that become gigabytes where all of it is unpacked."""
    one = zlib.compress(b"% " + b"x" * (megabytes * 1024**2), 9)
    return _written([[(one, True)] * streams], None)


def locked(raw: bytes, password: str) -> bytes:
    """The same behind a password; an empty one locks nobody out."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(raw)))
    writer.encrypt(password, "owner", algorithm="AES-256")
    found = io.BytesIO()
    writer.write(found)
    return found.getvalue()


def torn(raw: bytes) -> bytes:
    """Its first third, as of a download that broke off."""
    return raw[: len(raw) // 3]


Stream = tuple[bytes, bool]  # content, whether it is packed


def _shown(lines: Sequence[str]) -> Stream:
    rows = "".join(f"({_escaped(line)}) Tj T*\n" for line in lines)
    return (f"BT /F1 11 Tf {LEADING} TL 72 720 Td\n{rows}ET".encode("cp1252"), False) if lines else (b"", False)


def _escaped(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _written(pages: Sequence[Sequence[Stream]], title: str | None) -> bytes:
    """Objects, then the table of where each stands."""
    objects: list[bytes] = [b"", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"]
    kids: list[int] = []
    for streams in pages:
        contents: list[int] = []
        known: dict[int, int] = {}
        for content, packed in streams:
            if id(content) not in known:
                filter_ = b" /Filter /FlateDecode" if packed else b""
                objects.append(b"<< /Length %d%s >>\nstream\n%s\nendstream" % (len(content), filter_, content))
                known[id(content)] = len(objects)
            contents.append(known[id(content)])
        named = b" ".join(b"%d 0 R" % number for number in contents)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents [%s] >>" % named
        )
        kids.append(len(objects))
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids))
    info = b""
    if title is not None:
        objects.append(b"<< /Title (%s) >>" % _escaped(title).encode("cp1252"))
        info = b" /Info %d 0 R" % len(objects)
    return _file(objects, info)


def _file(objects: Sequence[bytes], info: bytes) -> bytes:
    found = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(found))
        found += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(found)
    found += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    found += b"".join(b"%010d 00000 n \n" % place for place in places)
    found += b"trailer\n<< /Size %d /Root 1 0 R%s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, info, start)
    return bytes(found)
