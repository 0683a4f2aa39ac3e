"""A progress bar for long work, on a terminal only: tqdm's, where it is installed."""

import sys
from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

__all__ = ["Progress"]

T = TypeVar("T")


class Progress(Generic[T]):
    """Pass items on, and show how far it is: after half a second, and only where somebody can see
    it.

    ``note`` stands behind the bar. Without tqdm, as in a bare clone, there is a plain line for each
    tenth of the work.

    >>> for epoch in Progress(range(3), 3, "epoch"):
    ...     pass
    """

    FORMAT = "{desc} {n_fmt}/{total_fmt} {bar:16} {remaining} left{postfix}"  # the note matters more than a long bar

    def __init__(
        self, items: Iterable[T], count: int, unit: str, *, show: bool | None = None
    ) -> None:
        self.items = items
        self.count = count
        self.unit = unit
        self.show = sys.stderr.isatty() if show is None else show
        self.note = ""

    def __iter__(self) -> Iterator[T]:
        if not self.show:
            yield from self.items
            return
        try:
            from tqdm import tqdm
        except ModuleNotFoundError:
            yield from self._lines()
            return
        options: Any = {
            "total": self.count,
            "file": sys.stderr,
            "delay": 0.5,
            "dynamic_ncols": True,
        }
        with tqdm(desc=self.unit, bar_format=self.FORMAT, **options) as bar:
            for item in self.items:
                yield item
                bar.set_postfix_str(self.note, refresh=False)
                bar.update()

    def _lines(self) -> Iterator[T]:
        for done, item in enumerate(self.items, 1):
            yield item
            if done * 10 // self.count > (done - 1) * 10 // self.count:
                print(f"{self.unit} {done}/{self.count} {self.note}".rstrip(), file=sys.stderr)
