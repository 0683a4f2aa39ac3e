"""Problems with their checks, and findings with their remedies."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from nn.doctor.run_facts import RunFacts
from nn.training.config import TrainConfig

__all__ = ["Finding", "Problem", "Remedy", "problem", "setting"]

# Causes that hide what they lead to.
SCALES = frozenset({"unscaled inputs", "unscaled target"})
AT_THE_START = SCALES | {
    *("symmetric initial weights", "saturated units", "exploding gradients", "vanishing gradients")
}
NOT_LEARNED = AT_THE_START | {
    *("labels that this loss cannot fit", "learning rate too large", "learning rate too small"),
    *("dead ReLUs", "class imbalance"),
}


@dataclass(frozen=True)
class Remedy:
    """What to try, in words, and ``change``: from the config of the run to that of the run to try;
    None if it has to be done by hand.

    >>> Remedy("rest").apply(None)
    Traceback (most recent call last):
    ValueError: this remedy has to be done by hand: rest
    """

    words: str
    change: Callable[[TrainConfig], TrainConfig] | None = None

    def apply(self, config: TrainConfig | None) -> TrainConfig:
        """The config of the run to try."""
        if self.change is None:
            raise ValueError(f"this remedy has to be done by hand: {self.words}")
        if config is None:
            raise ValueError(
                "a remedy needs the config of the run, got none: "
                "train anew, and diagnose that history"
            )
        return self.change(config)

    def __str__(self) -> str:
        return self.words


def setting(**options: Any) -> Callable[[TrainConfig], TrainConfig]:
    """The change of some options of the run to these values."""
    return lambda config: replace(config, **options)


class Finding(NamedTuple):
    """Evidence in numbers, a sentence each, and what to try."""

    evidence: tuple[str, ...]
    remedy: Remedy


class Problem(NamedTuple):
    """A name, a sentence that explains it, and a check that gives evidence and a remedy if the run
    has it. It is not reported beside one of its causes.
    """

    name: str
    sentence: str
    check: Callable[[RunFacts], Finding | None]
    causes: frozenset[str]


def problem(
    name: str, sentence: str, causes: frozenset[str] = frozenset()
) -> Callable[[Callable[[RunFacts], Finding | None]], Problem]:
    """Make a check the problem that it looks for."""
    return lambda check: Problem(name, sentence, check, causes)
