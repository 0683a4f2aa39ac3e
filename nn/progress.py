"""A progress bar for long work, on a terminal only."""

import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

__all__ = ["Progress"]

T = TypeVar("T")


class Progress(Generic[T]):
    """Pass items on, and show how far it is: after half a second, and only where somebody can see it.

    >>> for epoch in Progress(range(3), 3, "epoch"):
    ...     pass
    """

    WIDTH = 24

    def __init__(self, items: Iterable[T], count: int, unit: str, *, show: bool | None = None) -> None:
        self.items = items
        self.count = count
        self.unit = unit
        self.show = sys.stderr.isatty() if show is None else show
        self.note = ""

    def __iter__(self) -> Iterator[T]:
        began = shown = time.monotonic()
        try:
            for done, item in enumerate(self.items, 1):
                yield item
                now = time.monotonic()
                if self.show and now - began > 0.5 and (now - shown > 0.1 or done == self.count):
                    shown = now
                    self._draw(done, (now - began) / done * (self.count - done))
        finally:
            if self.show and shown > began:
                print(file=sys.stderr)

    def _draw(self, done: int, left: float) -> None:
        full = round(self.WIDTH * done / self.count)
        bar = "█" * full + "░" * (self.WIDTH - full)
        line = f"{self.unit} {done}/{self.count} {bar} {left:.0f} s left {self.note}"
        width = shutil.get_terminal_size().columns - 1  # a longer line would wrap, and each new one scroll
        print(f"\r{line[:width]}\x1b[K", end="", file=sys.stderr)
        sys.stderr.flush()
