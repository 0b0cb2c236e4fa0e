"""Takes the addresses that npm writes out of web-widget/package-lock.json: called by `make lock`.

`npm ci` needs names, versions and integrity; `funding` and `resolved` are addresses that a committed lock must not hold.
"""

import json
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "web-widget" / "package-lock.json"


def main() -> None:
    lock = json.loads(LOCK.read_text(encoding="utf-8"))
    for package in lock["packages"].values():
        package.pop("funding", None)
        package.pop("resolved", None)
    LOCK.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
