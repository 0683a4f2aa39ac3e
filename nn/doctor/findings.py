"""Problems with their checks, findings with their remedies, and the report of them."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Any, NamedTuple

from autograd import Table, Viewable
from nn.checks import printable
from nn.doctor.remedies import in_units
from nn.doctor.run_facts import RunFacts, loss_on
from nn.training.config import TrainConfig
from nn.training.fit import rerun
from nn.training.history import History

# Causes that hide what they lead to.
SCALES = frozenset({"unscaled inputs", "unscaled target"})
AT_THE_START = SCALES | {"symmetric initial weights", "saturated units"}
AT_THE_START |= {"exploding gradients", "vanishing gradients"}
NOT_LEARNED = AT_THE_START | {
    *("labels that this loss cannot fit", "learning rate too large", "learning rate too small"),
    *("dead ReLUs", "class imbalance"),
}

Change = Callable[[TrainConfig], TrainConfig]


@dataclass(frozen=True)
class Remedy:
    """What to try, in words, and ``change``, which does it to a config; None if done by hand."""

    words: str
    change: Change | None = None

    def apply(self, config: TrainConfig | None) -> TrainConfig:
        """The config of the run to try."""
        if self.change is None:
            raise ValueError(f"this remedy has to be done by hand: {self.words}")
        if config is None:
            do = "train again, and diagnose that history"
            raise ValueError(f"a remedy needs the config of the run, got none: {do}")
        return self.change(config)


class Finding(NamedTuple):
    """Evidence in numbers, a sentence each, and what to try."""

    evidence: tuple[str, ...]
    remedy: Remedy


Check = Callable[[RunFacts], Finding | None]


class Problem(NamedTuple):
    """A name, an explanation, and a check; it is not reported beside one of its causes."""

    name: str
    sentence: str
    check: Check
    causes: frozenset[str]


def problem(name: str, causes: frozenset[str] = frozenset()) -> Callable[[Check], Problem]:
    """Make a check the problem that it looks for, and its docstring the sentence on it."""

    def made(check: Check) -> Problem:
        sentence = " ".join((check.__doc__ or "").split())
        return Problem(name, sentence[:1].lower() + sentence[1:], check, causes)

    return made


@dataclass(frozen=True)
class Diagnosis:
    """One problem of a run: name, explanation, evidence in numbers, and what to try."""

    name: str
    sentence: str
    evidence: tuple[str, ...]
    remedy: Remedy
    config: TrainConfig | None = field(default=None, repr=False)
    model: Any = field(default=None, repr=False)

    def retry(self) -> "Retrial":
        """Make the run again with the remedy, and take the validation loss before and after."""
        changed = self.remedy.apply(self.config)
        model, history = rerun(changed)
        assert self.config is not None  # or the remedy would have complained
        runs, loss = ((self.model, self.config), (model, changed)), in_units(changed.loss)
        with warnings.catch_warnings(action="ignore"):
            before, after = (loss_on(x, config.validation, loss) for x, config in runs)
        return Retrial(model, history, before, after, changed)

    def __str__(self) -> str:
        lines = map(printable, [*self.evidence, f"Try: {self.remedy.words}"])
        return "\n  ".join([f"{self.name}: {self.sentence}", *lines])


@dataclass(frozen=True)
class Retrial:
    """A run made again with a remedy; it unpacks as ``model, history = report[0].retry()``.

    ``before`` and ``after`` are the validation losses of the two models, each on its run's part,
    both by the new run's loss (in the target's own units); nan without one."""

    model: Any
    history: History
    before: float
    after: float
    config: TrainConfig = field(repr=False)

    def __iter__(self) -> Iterator[Any]:
        return iter((self.model, self.history))

    def __repr__(self) -> str:
        if isnan(self.after):
            return f"training loss {self.history[-1].loss:.4g}" if self.history else "no epochs"
        return f"validation loss {self.before:.4g} before, {self.after:.4g} after"


class Report(list[Diagnosis], Viewable):
    """The problems of a run, the most important first; none if it is ``healthy``.

    scores: how well a healthy run does. not_examined: what needs more than was given. doubts: why
    it says little that nothing was found, such as too few rows."""

    scores: str = ""
    not_examined: Sequence[str] = ()
    doubts: Sequence[str] = ()

    @property
    def healthy(self) -> bool:
        """Whether no problem was found."""
        return not self

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, int) and not -len(self) <= index < len(self):
            count = f"{len(self)}" if self else "none, as the run is healthy"
            raise IndexError(f"the report has no diagnosis {index}: there are {count}")
        return super().__getitem__(index)

    def _parts(self) -> list[Any]:
        if self.healthy:
            return str(self).split("\n")
        found = [(x.name, "\n".join((x.sentence, *x.evidence)), x.remedy.words) for x in self]
        count = f"{len(self)} problems" if len(self) > 1 else "1 problem"
        missing = [f"Not examined: {what}" for what in self.not_examined]
        return [count, Table(("problem", "evidence", "try"), found), *missing]

    def __str__(self) -> str:
        lines = [f"{i}. {x}" if len(self) > 1 else str(x) for i, x in enumerate(self, 1)]
        if self.healthy:
            first = "healthy: no problem was found"
            if self.doubts:
                first = printable(f"no problem was found, but {'; and '.join(self.doubts)}")
            lines = [f"{first}.{self.scores and f' {self.scores}.'}"]
        return "\n".join([*lines, *(f"Not examined: {what}" for what in self.not_examined)])

    __repr__ = __str__
