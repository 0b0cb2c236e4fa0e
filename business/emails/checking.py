"""What a template may say in `{{ }}` and `{% %}`: values by their names, a few filters, if and for. Nothing is called, nothing computed:
a template that somebody of the staff wrote can read what its kind tells, and no more."""

import re
from typing import Any

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from business.emails.blocks import Fault

ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.If, nodes.For, nodes.CondExpr, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Const, nodes.Filter, nodes.Test,
)  # fmt: skip
STATEMENTS = ("if", "elif", "else", "endif", "for", "endfor")
_STATEMENT = re.compile(r"\{%[-+]?\s*(\w+)")
TESTS = ("none",)
LOOP = {"first": True, "last": True, "index": 1}
DEEPEST = 3


def check(environment: ImmutableSandboxedEnvironment, source: str, shape: dict[str, Any], filters: tuple[str, ...]) -> list[Fault]:
    """Everything that is wrong. `shape`: the values' names, nested as they are, a list as one of its elements in a list."""
    found = [
        Fault(source[: match.start()].count("\n") + 1, f"There is no {{% {match[1]} %}} here. There are: {', '.join(STATEMENTS)}.")
        for match in _STATEMENT.finditer(source)
        if match[1] not in STATEMENTS
    ]
    if found:
        return found
    try:
        tree = environment.parse(source)
    except TemplateSyntaxError as error:
        return [Fault(error.lineno, f"{(error.message or 'It cannot be read').rstrip('.')}.")]
    checker = _Checker(filters)
    checker.visit(tree, shape, 0)
    return checker.faults


class _Checker:
    def __init__(self, filters: tuple[str, ...]) -> None:
        self._filters = filters
        self.faults: list[Fault] = []

    def visit(self, node: nodes.Node, shape: dict[str, Any], depth: int) -> None:
        if not isinstance(node, ALLOWED):
            self._fault(node, "Only values, filters, if and for can be used here; nothing is called or computed.")
            return
        match node:
            case nodes.For():
                self._loop(node, shape, depth)
                return
            case nodes.Getattr() | nodes.Name():
                self._value(node, shape)
                return
            case nodes.Filter():
                self._filter(node)
            case nodes.Test():
                if node.name not in TESTS:
                    self._fault(node, f"There is no test {node.name}. There is: {', '.join(TESTS)}.")
        for child in node.iter_child_nodes():
            self.visit(child, shape, depth)

    def _loop(self, node: nodes.For, shape: dict[str, Any], depth: int) -> None:
        if depth >= DEEPEST or node.recursive or node.test or not isinstance(node.target, nodes.Name):
            self._fault(node, f"A for has one name, no condition, and is at most {DEEPEST} deep.")
            return
        found = self._value(node.iter, shape)
        if not isinstance(found, list):
            self._fault(node, "A for goes through a list of values.")
            return
        inside = {**shape, node.target.name: found[0] if found else "", "loop": LOOP}
        for child in (*node.body, *node.else_):
            self.visit(child, inside, depth + 1)

    def _filter(self, node: nodes.Filter) -> None:
        if node.name not in self._filters:
            self._fault(node, f"There is no filter {node.name}. There are: {', '.join(self._filters)}.")
        if node.kwargs or node.dyn_args or node.dyn_kwargs or not all(isinstance(one, nodes.Const) for one in node.args):
            self._fault(node, f"The filter {node.name} takes plain values alone.")

    def _value(self, node: nodes.Node, shape: dict[str, Any]) -> Any:
        """What stands behind the name; None and a fault where nothing does."""
        names, at = [], node
        while isinstance(at, nodes.Getattr):
            names.append(at.attr)
            at = at.node
        if not isinstance(at, nodes.Name):
            self._fault(node, "Only values by their names can be used here.")
            return None
        found: Any = shape
        for name in (at.name, *reversed(names)):
            if not isinstance(found, dict) or name not in found:
                known = ", ".join(sorted(found)) if isinstance(found, dict) else "nothing"
                self._fault(node, f"There is no value {'.'.join((at.name, *reversed(names)))}. There is: {known}.")
                return None
            found = found[name]
        return found

    def _fault(self, node: nodes.Node, message: str) -> None:
        self.faults.append(Fault(node.lineno, message))
