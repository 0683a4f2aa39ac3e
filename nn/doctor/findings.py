"""Problems with their checks, and findings with their remedies."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from nn.doctor.run_facts import RunFacts
from nn.training.config import TrainConfig

# Causes that hide what they lead to.
SCALES = frozenset({"unscaled inputs", "unscaled target"})
AT_THE_START = SCALES | {
    *("symmetric initial weights", "saturated units", "exploding gradients", "vanishing gradients")
}
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
            do = "train anew, and diagnose that history"
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
