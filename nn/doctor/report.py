"""Report: what the doctor found, in plain words, with its evidence and a remedy that can be tried."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import inf, isnan
from typing import Any, overload

from nn.data.dataset import Dataset
from nn.doctor.remedies import Remedy
from nn.doctor.rescaled import in_units
from nn.training.config import Recipe
from nn.training.evaluation import evaluate
from nn.training.fit import rerun
from nn.training.history import History

__all__ = ["Diagnosis", "Report", "Retrial"]


@dataclass(frozen=True)
class Diagnosis:
    """One illness of a run: its name, a sentence on what it is, the evidence in numbers, and what
    to try.
    """

    illness: str
    sentence: str
    evidence: tuple[str, ...]
    remedy: Remedy
    recipe: Recipe | None = field(default=None, repr=False)
    model: Any = field(default=None, repr=False)

    def retry(self) -> "Retrial":
        """Make the run again with the remedy: the new model, its history, and the held-out loss
        before and after.
        """
        changed = self.remedy.apply(self.recipe)
        model, history = rerun(changed)
        assert self.recipe is not None  # or the remedy would have complained
        loss = in_units(changed.loss)
        before = held_out(self.model, self.recipe.validation, loss)
        return Retrial(model, history, before, held_out(model, changed.validation, loss), changed)

    def __str__(self) -> str:
        lines = [f"{self.illness}: {self.sentence}", *(f"  {line}" for line in self.evidence)]
        return "\n".join([*lines, f"  Try: {self.remedy}"])


@dataclass(frozen=True)
class Retrial:
    """A run that was made again with a remedy; it unpacks as ``model, history =
    report[0].retry()``.

    ``before`` and ``after`` are the losses of the two models on the validation part of their run,
    both by the new run's loss (in the target's own units); nan without one."""

    model: Any
    history: History
    before: float
    after: float
    recipe: Recipe = field(repr=False)

    def __iter__(self) -> Iterator[Any]:
        return iter((self.model, self.history))

    def __repr__(self) -> str:
        if isnan(self.after):
            return f"training loss {self.history[-1].loss:.4g}" if self.history else "no epochs"
        return f"validation loss {self.before:.4g} before, {self.after:.4g} after"


def held_out(model: Any, data: Dataset | None, loss: Any) -> float:
    """The loss on rows; inf if it overflows, nan if there are none or the loss is not for this
    model.
    """
    if not data:
        return float("nan")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return evaluate(model, data, loss)[0]
        except OverflowError:
            return inf
        except (TypeError, ValueError):
            return float("nan")


class Report(Sequence[Diagnosis]):
    """What ails a run, the most important first; nothing if it is ``healthy``. Print it to read it.

    ``doubts`` are why a report that found nothing says little: too few rows, or a run that learned
    nothing of use."""

    def __init__(
        self,
        found: Sequence[Diagnosis],
        figures: Sequence[str] = (),
        unseen: Sequence[str] = (),
        doubts: Sequence[str] = (),
    ) -> None:
        self.found, self.figures, self.unseen, self.doubts = (
            list(found),
            list(figures),
            list(unseen),
            list(doubts),
        )

    @property
    def healthy(self) -> bool:
        """Whether nothing was found."""
        return not self.found

    @overload
    def __getitem__(self, index: int) -> Diagnosis: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Diagnosis]: ...
    def __getitem__(self, index: int | slice) -> Diagnosis | Sequence[Diagnosis]:
        if isinstance(index, int) and not -len(self.found) <= index < len(self.found):
            count = f"{len(self.found)}" if self.found else "none, as the run is healthy"
            raise IndexError(f"the report has no diagnosis {index}: there are {count}")
        return self.found[index]

    def __len__(self) -> int:
        return len(self.found)

    def __bool__(self) -> bool:
        return bool(self.found)

    def __str__(self) -> str:
        if self.healthy:
            verdict = "healthy: nothing ails this run."
            if self.doubts:
                verdict = f"healthy as far as can be told, but {'; and '.join(self.doubts)}."
            lines = [" ".join([verdict, *self.figures])]
        else:
            lines = [
                f"{i}. {diagnosis}" if len(self.found) > 1 else str(diagnosis)
                for i, diagnosis in enumerate(self.found, 1)
            ]
        return "\n".join([*lines, *(f"Not examined: {what}" for what in self.unseen)])

    __repr__ = __str__
