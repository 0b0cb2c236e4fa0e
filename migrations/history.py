"""The revisions as files: which there are, which is the head, which do nothing. Reads source, imports nothing of it.

A start compares the database with the head; importing Alembic for that would cost a quarter of a second.
"""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VERSIONS = Path(__file__).parent / "versions"


class HistoryFault(Exception):
    """The folder of revisions is not one line; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One file. `parents`: one, or none at the beginning, or several where heads were merged."""

    id: str
    parents: tuple[str, ...]
    path: Path
    empty: bool  # neither upgrade nor downgrade does anything, and it merges nothing


def read(versions: Path = VERSIONS) -> tuple[Revision, ...]:
    """Every revision in the folder, by file name."""
    return tuple(_parse(path) for path in sorted(versions.glob("*.py")) if path.name != "__init__.py")


def heads(revisions: tuple[Revision, ...]) -> tuple[str, ...]:
    """The revisions that no other builds on; one where the history is sound."""
    built_on = {parent for revision in revisions for parent in revision.parents}
    return tuple(revision.id for revision in revisions if revision.id not in built_on)


def head(versions: Path = VERSIONS) -> str:
    """The one head. Raises `HistoryFault` where there is none or several."""
    found = heads(read(versions))
    if len(found) != 1:
        raise HistoryFault(f"{len(found)} heads: {', '.join(found) or 'no revision at all'}")
    return found[0]


def _parse(path: Path) -> Revision:
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    values = {name: value for node in tree.body for name, value in _assigned(node)}
    if not isinstance(values.get("revision"), str):
        raise HistoryFault(f"{path.name} names no revision")
    down = values.get("down_revision")
    parents = () if down is None else (down,) if isinstance(down, str) else tuple(down)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    idle = all(name not in functions or _idle(functions[name]) for name in ("upgrade", "downgrade"))
    return Revision(values["revision"], parents, path, idle and len(parents) < 2)


def _assigned(node: ast.stmt) -> list[tuple[str, Any]]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            pass
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            pass
        case _:
            return []
    if name not in ("revision", "down_revision"):
        return []
    return [(name, ast.literal_eval(value))]


def _idle(function: ast.FunctionDef) -> bool:
    return all(isinstance(node, ast.Pass) or _is_constant(node) for node in function.body)


def _is_constant(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
