"""Exercises from a seed: small graphs whose numbers are nice to compute by hand."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from autograd.engine.errors import DomainError
from autograd.engine.functions import FUNCTIONS
from autograd.engine.modes import strict
from autograd.engine.reverse import sweep, topological
from autograd.engine.table import OPS
from autograd.engine.value import Value

T = TypeVar("T")
WHOLE = (-4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0, 5.0)
HALVES = (-2.0, -1.5, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0, 3.0)
LEAVES, RESULTS = "abcdegh", "prstuvwz"  # q quits, f is a function, l looks like 1


@dataclass(frozen=True)
class Level:
    """What exercises are made of: operations, how many, how often a value is used again."""

    about: str
    results: tuple[int, int]
    operations: tuple[str, ...]
    numbers: tuple[float, ...]
    again: int  # how many values are used twice
    curved: int = 0  # how many of the operations are functions, at least
    # The size of all numbers, and digits behind the point that they may have (-1: any).
    sizes: tuple[float, float] = (0.01, 50)
    digits: int = 2


SUMS = ("add", "subtract", "multiply", "multiply")
MORE = (*SUMS, "divide", "square", "relu", "constant")
CURVES = ("tanh", "sigmoid", "exp", "log", "sqrt")
# What one operation does and the other takes back, as log(exp(x))
UNDONE = ({OPS["exp"], OPS["log"]}, {OPS["square"], OPS["sqrt"]})
ALL, FINE = (*MORE, *CURVES), (0.05, 20)
LEVELS = {
    1: Level("sums and products", (2, 3), SUMS, WHOLE, 0),
    2: Level("a value that is used twice, quotients, squares", (3, 4), MORE, WHOLE, 1),
    3: Level("nested functions", (4, 5), ALL, HALVES, 1, 1, FINE, -1),
    4: Level("longer, with values used again", (6, 7), ALL, HALVES, 2, 2, FINE, -1),
}


def exercise(seed: int, level: int = 1, number: int = 1) -> Value:
    """The output of a small graph: the exercise of this number on the sheet of this seed and level.

    The same numbers give the same exercise on every machine. Raises ValueError for a level that is
    none of 1 to 4.

    >>> exercise(7, level=1)
    y = p * c = 14
    """
    for name, given in (("seed", seed), ("number", number)):
        if type(given) is not int:
            raise ValueError(f"an exercise needs a whole number as its {name}, got {given!r}")
    if level not in LEVELS:
        kinds = "; ".join(f"{i}: {each.about}" for i, each in LEVELS.items())
        raise ValueError(f"an exercise has a level from 1 to {len(LEVELS)}, got {level!r}: {kinds}")
    # Of a Random seeded by text, random() is the same in every Python; choice() need not be.
    rng = Random(f"{seed}/{level}/{number}")
    while True:  # about one of a hundred is nice
        with suppress(DomainError), strict():
            output = _drawn(rng, LEVELS[level])
            if output is not None and _nice(output, LEVELS[level]):
                return output


def _pick(rng: Random, items: Sequence[T]) -> T:
    return items[int(rng.random() * len(items))]


def _drawn(rng: Random, level: Level) -> Value | None:
    """A graph of the level's operations; None if it did not come together."""
    least, most = level.results
    count = least + int(rng.random() * (most - least + 1))
    leaves, unused, used, again = list[Value](), list[Value](), list[Value](), level.again

    def operand(others: list[Value], crowded: bool) -> Value:
        """A value for an operation that has these operands already."""
        nonlocal again
        free = [v for v in unused if v not in others]
        if free and (crowded or rng.random() < 0.6):
            return free[-1]
        before = [v for v in used if v not in others]
        if again and before and rng.random() < 0.5:
            again -= 1
            return _pick(rng, before)
        new = Value(_pick(rng, level.numbers), LEAVES[len(leaves)])
        leaves.append(new)
        return new

    for i in range(count):
        name = _pick(rng, level.operations)
        operands = [operand([], bool(unused))]
        if name in (*SUMS, "divide"):
            operands.append(operand(operands, len(unused) > count - i))
        if name == "constant":
            result = _pick(rng, (2.0, 3.0, -2.0, 0.5)) * operands[0]
        else:
            result = FUNCTIONS[name](*operands)
        result.label = "y" if i == count - 1 else RESULTS[i]
        unused = [*(v for v in unused if v not in operands), result]
        used += [v for v in operands if v not in used]
    return None if again or len(unused) > 1 else unused[0]


def _nice(output: Value, level: Level) -> bool:
    """Whether all numbers are short, none is 0, and the values differ, so that slips show."""
    order = topological(output)
    grads = dict.fromkeys(order, 0.0) | {output: 1.0}
    values, steps = [v for v in order if v.label], list(sweep(order, grads))
    least, most = level.sizes
    numbers = [*(v.data for v in values), *grads.values()]
    numbers += [x for *_, partial, _, added in steps for x in (partial, added)]
    return (
        len({abs(v.data) for v in values}) == len(values)
        and sum(v.op is not None and v.op.name in CURVES for v in values) >= level.curved
        and all(least <= abs(x) <= most for x in numbers)
        and (level.digits < 0 or all(round(x, level.digits) == x for x in numbers))
        and sum(not v.operands for v in values) >= 2
        and not any({v.op, inner.op} in UNDONE for v in values for inner in v.operands)
        and sum(abs(partial) == 1 for *_, partial, _, _ in steps) * 2 <= len(steps)
        and sum(grads[result] != 1 for result, *_ in steps) * 2 >= len(steps)
    )
