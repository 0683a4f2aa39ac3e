"""Sign: what was found that speaks for an illness, and the remedy that goes with it."""

from collections.abc import Callable
from dataclasses import dataclass

from nn.doctor.remedies import Remedy
from nn.doctor.run_facts import Chart

__all__ = ["Illness", "Sign"]


@dataclass(frozen=True)
class Sign:
    """Evidence in numbers, a sentence each, and what to try."""

    evidence: tuple[str, ...]
    remedy: Remedy


@dataclass(frozen=True)
class Illness:
    """A row of the table: a name, a sentence for everybody, what the sign looks at, the sign, and
    what explains it.

    An illness is not named beside one that explains it.
    """

    name: str
    sentence: str
    looks_at: str
    sign: Callable[[Chart], Sign | None]
    explained_by: frozenset[str] = frozenset()
