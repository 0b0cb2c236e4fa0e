"""What a test has to tell beside passing: lines for the report of `python -m tests.prove`, which names the file in PROVE_FIGURES."""

import os
from pathlib import Path


def told(line: str) -> None:
    """Keep it for the report; outside of `tests.prove` it is printed, and shown of a test that fails."""
    print(line)
    if file := os.environ.get("PROVE_FIGURES"):
        with Path(file).open("a") as out:
            out.write(line + "\n")
