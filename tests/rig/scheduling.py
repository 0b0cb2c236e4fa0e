"""Which pytest worker runs which file: what needs an install of processes stays together, what takes long begins first.

A fixture of a whole session (two gateways and a worker, a browser and its installs) is made in every worker that meets it, each time for
ten seconds of both cores. So one worker takes the browser's files, one those of the flow, and the others help when nothing else is left.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

# Folders whose files share what is dear to make, in the order in which workers begin with them.
KINDS = {"tests/browser/": "browser", "tests/flow/": "flow", "tests/chaos/test_connections.py": "flow"}
# Minutes in one file, of processes that start and stop: begun last, they would leave the other cores without work.
LONG = ("tests/platform/", "tests/chaos/", "tests/evals/", "tests/demo/", "tests/cli/", "tests/simulation/", "tests/migrations/")


def kind_of(scope: str) -> str | None:
    """What a file shares with others; None: nothing dear."""
    return next((kind for start, kind in KINDS.items() if scope.startswith(start)), None)


class Together(LoadFileScheduling):  # type: ignore[misc]
    """A file at a time, as `--dist loadfile`; the next one is chosen by what the worker has made already."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(self._next(node), last=False)
        super()._assign_work_unit(node)

    def _next(self, node: WorkerController) -> str:
        """Of its own kind, of a kind that nobody has, of none, of any; of those the long ones first, then as they stand."""
        mine = self._kinds(node)
        others: set[str] = set()
        for other in self.assigned_work:
            if other is not node:
                others |= self._kinds(other)

        def rank(scope: str) -> tuple[int, bool]:
            kind = kind_of(scope)
            if kind is None:
                return 2, not scope.startswith(LONG)
            if kind in mine:
                return 0, False
            return (1 if kind not in others and not mine else 3), False

        return min(self.workqueue, key=rank)

    def _kinds(self, node: WorkerController) -> set[str]:
        return {kind for scope in self.assigned_work[node] if (kind := kind_of(scope)) is not None}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together | None:
    """Instead of `--dist loadfile`; every other way of `--dist` stays pytest-xdist's."""
    return Together(config, log) if config.getvalue("dist") == "loadfile" else None
