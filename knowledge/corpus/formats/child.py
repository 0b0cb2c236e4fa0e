"""`python -m knowledge.corpus.formats.child pdf BYTES SECONDS`: the file comes on standard input, a line of JSON goes to standard output.

A process of its own, with a bound for its memory and its processor time: a file that was made to burst whoever reads it bursts this.
"""

import importlib
import json
import resource
import sys
from dataclasses import asdict

from knowledge.corpus.faults import Unreadable


def main() -> None:
    """Exit status 0 where something is said of the file, even that it cannot be read."""
    kind, memory, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_FSIZE, 0)):
        resource.setrlimit(what, (most, most))
    try:
        said = asdict(importlib.import_module(f"knowledge.corpus.formats.{kind}").read(sys.stdin.buffer.read()))
    except Unreadable as wrong:
        said = {"unreadable": str(wrong)}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
