"""`hibachi demo`: the plan from the command line, then the theatre."""

import sys

from business.profile.loader import ProfileError
from gateway.cli.up import WRONG_SETTING, say, supervised
from gateway.demo.theatre import Plan, Theatre


def run(plan: Plan) -> int:
    """Exit status, as of `hibachi up`."""
    try:
        return supervised(Theatre(plan, say).run())
    except ProfileError as error:
        print(f"hibachi: {error}", file=sys.stderr)
        return WRONG_SETTING
    except KeyboardInterrupt:
        return 0  # before anything was started
