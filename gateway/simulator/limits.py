"""Limits of requests, for one user and one app, by group (guide, basics/rate-limits): a sliding minute, then a minute of penalty that
every further request begins anew."""

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta

from gateway.simulator.errors import Refusal

GROUPS = {"Light": 50, "Medium": 40, "Heavy": 10, "Auth": 5}
WINDOW = 60  # seconds, and the penalty


class Limits:
    """`groups`: requests a minute; a group that is not named has no limit."""

    def __init__(self, groups: Mapping[str, int]) -> None:
        self._groups = dict(groups)
        self._seen: dict[str, deque[datetime]] = {}
        self._until: dict[str, datetime] = {}

    def count(self, group: str, now: datetime) -> dict[str, str]:
        """One more request; the headers that tell of it. Raises Refusal where it is one too many."""
        most = self._groups.get(group)
        if most is None:
            return {}
        seen = self._seen.setdefault(group, deque())
        while seen and seen[0] <= now - timedelta(seconds=WINDOW):
            seen.popleft()
        told = {"X-Rate-Limit-Group": group.lower(), "X-Rate-Limit-Limit": str(most), "X-Rate-Limit-Window": str(WINDOW)}
        if len(seen) >= most or self._until.get(group, now) > now:
            self._until[group] = now + timedelta(seconds=WINDOW)
            headers = {**told, "X-Rate-Limit-Remaining": "0", "Retry-After": str(WINDOW)}
            raise Refusal(429, "CMN-301", "Request rate exceeded", headers=headers)
        seen.append(now)
        return {**told, "X-Rate-Limit-Remaining": str(most - len(seen))}
