"""Which pytest worker runs which file: what needs an install of processes stays together, what takes long begins first.

A fixture of a whole session (two gateways and a worker, a browser and its installs) is made in every worker that meets it, each time for
ten seconds of both cores. So one worker takes the browser's files, one those of the flow, and the others help when nothing else is left.
"""

from collections.abc import Iterable
from itertools import chain

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

# Folders whose files share what is dear to make, in the order in which workers begin with them.
KINDS = {"tests/browser/": "browser", "tests/flow/": "flow", "tests/chaos/test_connections.py": "flow"}
# Minutes in one file, of processes that start and stop: begun last, they would leave the other cores without work.
LONG = ("tests/platform/", "tests/chaos/", "tests/evals/", "tests/demo/", "tests/cli/", "tests/simulation/", "tests/migrations/")
LONG += ("tests/browser/test_paid_party.py", "tests/browser/test_access.py", "tests/browser/test_booking.py")
LONG += ("tests/security/test_logs.py", "tests/emails/test_processes.py", "tests/sms/test_sending_processes.py")
LONG += ("tests/bookings/test_crowd.py", "tests/sms/test_nobody_unasked.py", "tests/campaigns/test_killed.py")


def kind_of(file: str) -> str | None:
    """What a file shares with others; None: nothing dear."""
    return next((kind for start, kind in KINDS.items() if file.startswith(start)), None)


def kinds_of(files: Iterable[str]) -> set[str]:
    return {kind for file in files if (kind := kind_of(file)) is not None}


def chosen(waiting: Iterable[str], mine: set[str], others: set[str]) -> str:
    """Of these files the one that is next for a worker that has made `mine`, while others have made `others`.

    One of its own kind; of a kind that nobody has, if it has none; of no kind; of any. Of those a long one, else the first.
    """

    def rank(file: str) -> tuple[int, bool]:
        kind = kind_of(file)
        if kind is None:
            first = 2
        elif kind in mine:
            first = 0
        else:
            first = 1 if not mine and kind not in others else 3
        return first, not file.startswith(LONG)

    return min(waiting, key=rank)


class Together(LoadFileScheduling):  # type: ignore[misc]
    """A file at a time, as `--dist loadfile`; the next one is chosen by what the worker has made already."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        others = (files for other, files in self.assigned_work.items() if other is not node)
        file = chosen(self.workqueue, kinds_of(self.assigned_work[node]), kinds_of(chain.from_iterable(others)))
        self.workqueue.move_to_end(file, last=False)
        super()._assign_work_unit(node)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together | None:
    """Instead of `--dist loadfile`; every other way of `--dist` stays pytest-xdist's."""
    return Together(config, log) if config.getvalue("dist") == "loadfile" else None
