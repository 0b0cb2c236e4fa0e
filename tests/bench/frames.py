"""Frames of a page as its main thread has them: the time from one to the next while something goes on, and its long tasks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import CDPSession, Page

from tests.bench.figures import Figure, percentile

LATE_MS = 50.0  # as Chromium's own long tasks
# Times are `performance.now()`'s milliseconds. A long task is one of more than 50 ms on the main thread.
_RECORD = """() => {
  const seen = { frames: [], tasks: [] }
  const observer = new PerformanceObserver(list => seen.tasks.push(...list.getEntries().map(e => e.duration)))
  observer.observe({ type: 'longtask' })
  let before = null
  const frame = now => {
    if (before !== null) seen.frames.push(now - before)
    before = now
    handle = requestAnimationFrame(frame)
  }
  let handle = requestAnimationFrame(frame)
  window.__frames = () => {
    cancelAnimationFrame(handle)
    seen.tasks.push(...observer.takeRecords().map(e => e.duration))
    observer.disconnect()
    delete window.__frames
    return seen
  }
}"""


@dataclass(slots=True)
class Frames:
    """What one phase took, in milliseconds."""

    times: list[float] = field(default_factory=list)
    long_tasks: list[float] = field(default_factory=list)

    def figure(self, name: str, note: str = "") -> Figure:
        """p99 as the value, the rest as the note."""
        late, tasks = sum(time > LATE_MS for time in self.times), self.long_tasks
        parts = [
            f"p50 {percentile(self.times, 0.5):.1f} ms, worst {max(self.times, default=0):.0f} ms of {len(self.times)} frames",
            f"{late} over {LATE_MS:.0f} ms",
            f"{len(tasks)} long tasks, {sum(tasks):.0f} ms in all, the longest {max(tasks):.0f} ms" if tasks else "no long task",
        ]
        detail = {
            "frames": len(self.times),
            "p50": round(percentile(self.times, 0.5), 1),
            "p99": round(percentile(self.times, 0.99), 1),
            "worst": round(max(self.times, default=0), 1),
            "late": late,
            "long_tasks": [round(task) for task in self.long_tasks],
        }
        return Figure(name, percentile(self.times, 0.99), "ms", None, "; ".join([*parts, *([note] if note else [])]), detail)


@asynccontextmanager
async def recorded(page: Page) -> AsyncIterator[Frames]:
    """Record while the block runs; the result is filled in at its end."""
    await page.evaluate(_RECORD)
    frames = Frames()
    yield frames
    seen = await page.evaluate("() => window.__frames()")
    frames.times, frames.long_tasks = seen["frames"], seen["tasks"]


class Wheel:
    """A hand on the wheel over one element: smooth gestures by the browser's own input, as a person's."""

    def __init__(self, session: CDPSession, x: float, y: float) -> None:
        self._session = session
        self._x = x
        self._y = y

    @classmethod
    async def over(cls, page: Page, selector: str) -> "Wheel":
        box = await page.locator(selector).bounding_box()
        assert box is not None, f"{selector} is not to be seen"
        return cls(await page.context.new_cdp_session(page), box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    async def turn(self, pixels: float, speed: int = 6000) -> None:
        """Towards the end by so many pixels (negative: towards the beginning), at `speed` pixels a second."""
        await self._session.send(
            "Input.synthesizeScrollGesture",
            {"x": self._x, "y": self._y, "yDistance": -pixels, "speed": speed, "gestureSourceType": "mouse", "preventFling": True},
        )
