"""A contract for import-linter: no module imports, through whichever others, itself. Imports for types alone count too."""

from collections.abc import Iterator
from typing import Any

from importlinter import Contract, ContractCheck, output


class NoCycles(Contract):
    """Kept where the modules can be put into an order in which each imports only earlier ones."""

    type_name = "no_cycles"

    def check(self, graph: Any, verbose: bool) -> ContractCheck:
        imports = {module: set(graph.find_modules_directly_imported_by(module)) for module in graph.modules}
        rings = list(_rings(imports))
        return ContractCheck(kept=not rings, metadata={"rings": rings})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for ring in check.metadata["rings"]:
            output.print_error(" -> ".join([*ring, ring[0]]))


def _rings(imports: dict[str, set[str]]) -> Iterator[list[str]]:
    """A ring of each knot: what has no way into it, or none out of it, is taken away until only knots are left."""
    left = {module: set(others) for module, others in imports.items()}
    while ends := [module for module, others in left.items() if not others & left.keys()]:
        for module in ends:
            del left[module]
    while left:
        seen = [min(left)]
        while (following := min(left[seen[-1]] & left.keys())) not in seen:
            seen.append(following)
        ring = seen[seen.index(following) :]
        yield ring
        for module in ring:
            del left[module]
        while ends := [module for module, others in left.items() if not others & left.keys()]:
            for module in ends:
                del left[module]
