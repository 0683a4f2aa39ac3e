"""The boxes and arrows of a picture, and the values that they stand for."""

from dataclasses import dataclass, field
from math import inf
from typing import Any

from autograd.drawing.modules import Scope
from autograd.engine.table import Op


@dataclass(eq=False, slots=True)
class Term:
    """A part of an inner product that is drawn expanded: a product, or the sum of them."""

    op: Op
    data: float
    grad: float
    reached: bool
    bundles: tuple[tuple[Any, ...], ...]
    partials: tuple[float, ...]
    label: str = ""
    constants: tuple[float, ...] = ()

    @property
    def operands(self) -> tuple[Any, ...]:
        """The values that it was made from."""
        return tuple(v for many in self.bundles for v in many)

    @property
    def _data(self) -> float:  # as the engine reads a Value's number
        return self.data


@dataclass(eq=False, slots=True)
class Node:
    """One box: a value, or all the values that it stands for."""

    scope: Scope
    module: Scope | None = None  # the module that it is, if it is one
    values: list[Any] = field(default_factory=list)
    key: str = ""
    kind: str = ""  # parameter, input, leaf, constant, operation, output, module or more

    @property
    def value(self) -> Any:
        """The value, or the first of several."""
        return self.values[0]

    @property
    def folded(self) -> bool:
        """Whether it stands for several values that play the same part."""
        return len(self.values) > 1 and self.kind not in ("module", "more")

    @property
    def grad(self) -> float | None:
        """The grad, or the largest of several; None before a pass has run, and for constants."""
        if self.kind in ("constant", "more"):
            return None
        return max((v.grad for v in self.values if v.reached), key=size, default=None)


@dataclass(eq=False, slots=True)
class Edge:
    """One arrow, from operand to result: as many contributions as its ``count``."""

    key: str
    source: Node
    target: Node
    partial: float
    contribution: float | None
    count: int = 1

    @property
    def alone(self) -> bool:
        """Whether it stands for one contribution of one value to another."""
        return self.count == len(self.source.values) == len(self.target.values) == 1


def size(gradient: float) -> float:
    """How large it is; nan before all others, because it is what one must see."""
    return abs(gradient) if gradient == gradient else inf
