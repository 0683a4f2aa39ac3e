"""Stream: batches that are made anew for each epoch, so that not all rows need be in memory."""

from collections.abc import Callable, Iterator, Sequence
from inspect import signature
from itertools import chain, islice
from typing import Any

from nn.checks import counted, type_name, whole
from nn.data.arrays import joined
from nn.data.dataset import Dataset
from nn.data.table import DataError, quoted

__all__ = ["Stream"]

ALL = (0, 1)  # the part of the one process that there is


def share(rows: Any, part: tuple[int, int]) -> Any:
    """Those of the process at a place among so many."""
    (place, count), n = part, len(rows)
    return rows[n * place // count : n * (place + 1) // count]


class Stream:
    """Batches one after the other, each a step of training: ``train(model, Stream(source))``.

    source: a function that returns the batches of an epoch (given the number of the epoch, from 0,
    if it takes one), something that can be iterated over again and again, or an iterator, which
    gives its batches once. A batch is a Dataset, or a pair of features and targets, which
    `class_names` make classes. Of several processes that train together each keeps its part of the
    rows of each batch; a function that takes `part`, the place of the process and their number,
    gives those alone. steps: how many batches make an epoch, if not all; of an iterator
    the next epoch has the next ones. `first` is the first batch. Raises DataError for what is no
    batch, is none at all, or differs from the first in its features or classes.

    >>> def batches():
    ...     for k in range(3):
    ...         yield [[k, 0.0], [k, 1.0]], [0, 1]
    >>> Stream(batches, class_names=["low", "high"])
    Stream(batches of 2 features, 2 classes: "low", "high")
    """

    def __init__(
        self, source: Any, *, steps: int | None = None, class_names: Sequence[str] = ()
    ) -> None:
        if steps is not None:
            whole("Stream", "steps", steps)
        self.source, self.steps, self.notes = source, steps, list[str]()
        self._names, self.title = list(class_names), ""
        self._iterator: Iterator[Any] | None = None
        self._takes = signature(source).parameters if callable(source) else {}
        if not callable(source):
            try:
                found = iter(source)
            except TypeError:
                need = "a function that returns batches, or an iterator of them"
                raise DataError.of("Stream", need, type_name(source)) from None
            self._iterator = found if found is source else None
        first = next(self._made(0, ALL), None)
        if first is None:
            raise DataError.of("Stream", "a batch at least", "none")
        self.first: Dataset = self._batch(first, 0, ALL)
        if self._iterator is not None:
            self._iterator = chain([first], self._iterator)

    @property
    def is_once(self) -> bool:
        """Whether batches cannot be had again."""
        return self._iterator is not None

    feature_names = property(lambda self: self.first.feature_names, doc="Those of each batch.")
    class_names = property(lambda self: self.first.class_names, doc="Those of each batch.")
    classification = property(lambda self: self.first.classification, doc="See Dataset.")

    def batches(self, epoch: int = 0, part: tuple[int, int] = ALL) -> Iterator[Dataset]:
        """The batches of an epoch, counted from 0, or of each the part of the process at a place
        among so many; DataError if there are none left."""
        count = 0
        for count, batch in enumerate(islice(self._made(epoch, part), self.steps), 1):
            yield self._batch(batch, count, part)
        if count < (self.steps or 1):
            need = f"{self.steps} batches" if self.steps else "a batch at least"
            came = f"{count or 'none'} in epoch {epoch + 1}"
            remedy = "pass a function that returns an iterator for each epoch"
            raise DataError.of("Stream", need, came, remedy)

    def split(self, batches: int = 1) -> "tuple[Stream, Dataset]":
        """The stream without the first so many batches of each epoch, and those as a Dataset, to
        validate on."""
        whole("split", "batches", batches)
        of = enumerate(islice(self._made(0, ALL), batches), 1)
        part = [self._batch(batch, k, ALL) for k, batch in of]
        pairs = [batch.arrays[:2] or (batch.features, batch.targets) for batch in part]
        features, targets = map(joined, zip(*pairs, strict=True))

        def rest(epoch: int, part: tuple[int, int]) -> Iterator[Any]:
            return islice(self._made(epoch, part), batches, None)

        names = self.feature_names, self.class_names
        left = self._like(self._iterator or rest, self.steps)
        return left, Dataset(features, targets, *names)

    def map(self, f: Callable[[Dataset], Dataset]) -> "Stream":
        """The stream of what a function makes of each batch, as ``Standardizer.transform``."""
        if self._iterator is not None:
            own = (self._batch(batch, 1, ALL) for batch in self._iterator)
            return self._like(map(f, own), self.steps)

        def mapped(epoch: int, part: tuple[int, int]) -> Iterator[Dataset]:
            return (f(batch) if len(batch) else batch for batch in self.batches(epoch, part))

        return self._like(mapped, None)

    def _like(self, source: Any, steps: int | None) -> "Stream":
        made = Stream(source, steps=steps, class_names=self._names)
        made.notes, made.title = self.notes, self.title
        return made

    def _made(self, epoch: int, part: tuple[int, int]) -> Iterator[Any]:
        if self._iterator is not None:
            return self._iterator
        if not callable(self.source):
            return iter(self.source)
        named = {"part": part} if "part" in self._takes else {}
        return iter(self.source(*[epoch] * (len(self._takes) > len(named)), **named))

    def _batch(self, came: Any, number: int, part: tuple[int, int]) -> Dataset:
        """What came as a Dataset, or the part of it that is wanted; counted from 1."""
        if part != ALL and "part" not in self._takes:
            if isinstance(came, Dataset):
                came = share(came, part)
            elif isinstance(came, (tuple, list)):
                came = [share(each, part) for each in came]
                came = came if len(came[-1]) else self.first[:0]
        batch: Dataset = came if isinstance(came, Dataset) else self._paired(came, number)
        if not len(batch) and part == ALL:
            raise DataError.of("Stream", "a row in each batch", f"none in batch {number}")
        first = getattr(self, "first", batch)
        for what in ("feature_names", "class_names"):
            names, others = getattr(first, what), getattr(batch, what)
            if names != others:
                kind = what.partition("_")[0]
                need = f"the {kind} names {quoted(names) or 'none'} in each batch"
                given = f"{quoted(others) or 'none'} in batch {number}"
                raise DataError.of("Stream", need, given, "make all batches alike")
        return batch

    def _paired(self, batch: Any, number: int) -> Dataset:
        if not isinstance(batch, (tuple, list)) or len(batch) != 2:
            need = "batches that are Datasets, or pairs of features and targets"
            raise DataError.of("Stream", need, f"{type_name(batch)} as batch {number}")
        features, targets = batch
        return Dataset(features, targets, class_names=self._names)

    def __repr__(self) -> str:
        names = self.class_names
        kind = f"{counted(len(names), 'class')}: {quoted(names)}" if names else "regression"
        return f"Stream(batches of {counted(len(self.feature_names), 'feature')}, {kind})"
