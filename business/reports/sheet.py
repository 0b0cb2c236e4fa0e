"""A report as a file for spreadsheets: RFC 4180, UTF-8 with a byte order mark (without one Excel takes it for another encoding).

A text that a spreadsheet would take for a formula gets an apostrophe before it: names and addresses are words of customers.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from business.reports.report import Kind
from business.reports.running import Table

MARK = b"\xef\xbb\xbf"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_AT_ONCE = 200


def lines(table: Table, zone: ZoneInfo) -> Iterator[bytes]:
    """Pieces of the file, so many rows at once. Moments are the venue's; links of the console are left out."""
    kept = [(at, column) for at, column in enumerate(table.columns) if column.kind != "link"]
    yield MARK + line([column.title for _, column in kept])
    for begin in range(0, len(table.rows), _AT_ONCE):
        rows = table.rows[begin : begin + _AT_ONCE]
        yield b"".join(line([cell(row[at], column.kind, zone) for at, column in kept]) for row in rows)


def cell(value: Any, kind: Kind, zone: ZoneInfo) -> str:
    """One cell. Figures are ours and stay figures; every text is disarmed."""
    match value:
        case None:
            return ""
        case dt.datetime():
            return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        case dt.date():
            return value.strftime("%Y-%m") if kind == "month" else value.isoformat()
        case int() if kind == "money":
            return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02d}"
        case int() if kind == "dollars":
            return f"{value / 1_000_000:.6f}"
        case int() | float():
            return str(value)
    return disarmed(str(value))


def disarmed(text: str) -> str:
    """As a spreadsheet shows it and does not reckon it; leading blanks hide no formula."""
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text


def line(cells: list[str]) -> bytes:
    """One row."""
    return (",".join(map(_quoted, cells)) + "\r\n").encode()


def _quoted(text: str) -> str:
    text = text.replace("\x00", "")
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') or text != text.strip() else text
