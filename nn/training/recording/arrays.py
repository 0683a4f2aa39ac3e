"""Arrays in the place of numbers: whether a formula that is written for numbers may have them.

Sums, products and quotients of arrays are those of Python's numbers to the last bit; powers are
not, as NumPy's depend on the CPU, so that they are computed by the C library, as Python's are."""

import random
from collections.abc import Sequence
from dis import get_instructions
from functools import cache
from itertools import repeat
from typing import Any, TypeAlias

import numpy as np

from autograd import DomainError, Value, record, strict
from nn.optim import Optimizer, by_parameter

Column: TypeAlias = "Numbers | float"

# What code does that stores more than names of its own.
STORES = ("STORE_ATTR", "STORE_DEREF", "STORE_GLOBAL", "STORE_SUBSCR")

# What an optimiser is tried on: numbers, grads, and grads again.
TRIED = [0.0, -0.0, 1.0, -2.0, 0.1, -0.3, 7e-9, -1e-30, 5e4, 3.0]
TRIED = [x * scale for scale in (1.0, 0.7310585786300049, -1.9, 3.3e-5) for x in TRIED]


class Numbers(np.ndarray[Any, np.dtype[Any]]):
    """An array that computes as Python's numbers do: comparisons are 0 or 1, powers exact, and
    ``x += y`` makes a new one."""

    def __pow__(self, exponent: Any, modulo: None = None) -> Any:
        return _power(self, exponent)

    def __rpow__(self, base: Any, modulo: None = None) -> Any:
        return _power(base, self)


def _compares(sign: str) -> None:
    compare = getattr(np.ndarray, sign)
    setattr(Numbers, sign, lambda self, other: compare(self, other).astype(int))


for _sign in ("gt", "ge", "lt", "le", "eq", "ne"):
    _compares(f"__{_sign}__")
for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
    setattr(Numbers, f"__i{_name}__", getattr(Numbers, f"__{_name}__"))


def numbers(xs: Any) -> Numbers:
    """Numbers as an array."""
    return np.array(xs, dtype=float).view(Numbers)


def _power(base: Any, exponent: Any) -> Any:
    if (program := _powers()) is not None:
        try:
            given = (np.asarray(x, float) if np.ndim(x) else x for x in (base, exponent))
            with strict():
                found = program(*given)
        except DomainError as error:
            raise FloatingPointError(str(error)) from None
        return found.view(Numbers)
    shape = np.broadcast_shapes(np.shape(base), np.shape(exponent))
    pairs = zip(*(np.broadcast_to(x, shape).tolist() for x in (base, exponent)), strict=True)
    return numbers([x**n for x, n in pairs])


@cache
def _powers() -> Any:
    """A program of powers, where it runs in C."""
    program = record(lambda base, exponent: base**exponent, 1.0, 1.0)
    return program if program.engine == "native" else None


def column(xs: Sequence[float]) -> Column:
    """What is kept of all parameters: one number if it is the same of all, else an array."""
    if {*map(type, xs)} not in ({float}, {int}):
        raise TypeError("what is kept of parameters needs to be numbers of one type")
    if xs[0] and xs.count(xs[0]) == len(xs):  # of zeros the signs may differ
        return xs[0]
    return np.array(xs).view(Numbers)


def state(optimizer: Optimizer, parameters: list[Value]) -> list[Column] | None:
    """What an optimiser keeps of the parameters, as arrays; None if it is not the same of all."""
    if optimizer.columns and optimizer.columns[0] is parameters:
        return optimizer.columns[1]
    kept = optimizer.state
    rows = [kept.get(p, ()) for p in parameters] if kept else []
    try:
        return [column(xs) for xs in zip(*rows, strict=True)]
    except (TypeError, ValueError):
        return None


def update(
    optimizer: Optimizer, x: Numbers, grads: Numbers, rate: float, columns: Sequence[Column]
) -> tuple[Numbers, list[Column]]:
    """The optimiser's formula on arrays: the new numbers, and what it keeps.

    Raises FloatingPointError where numbers might raise something of their own, or become inf."""
    with np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
        moved: Any = optimizer.update(x, grads, rate, *columns)
    if not isinstance(moved, (tuple, list)):
        raise TypeError("a tuple is needed")
    for kept in moved:
        if type(kept) not in (Numbers, float, int) or np.shape(kept) not in ((), x.shape):
            raise TypeError("arrays or numbers are needed")
    new, *kept = moved
    return new if type(new) is Numbers else numbers(np.full(len(x), new)), kept


def update_one_by_one(
    optimizer: Optimizer, x: Numbers, grads: Numbers, rate: float, columns: Sequence[Column]
) -> tuple[Numbers, list[Column]]:
    """The same by the optimiser's formula on numbers."""
    states: Any = by_parameter(columns) if columns else repeat(())
    new, *kept = zip(*optimizer.moved(x.tolist(), grads.tolist(), rate, states), strict=True)
    return numbers(new), [column(x) for x in kept]


def takes_arrays(optimizer: Optimizer) -> bool:
    """Whether an optimiser's formula gives the same of arrays as of numbers, to the last bit, with
    nothing else to show for it: tried on copies, in three steps. One that stores something, as a
    count of its calls, is not tried."""
    if any(i.opname in STORES for i in get_instructions(type(optimizer).update)):
        return False
    draws = random.getstate()
    found, looks = [], []
    try:
        for way in (update, update_one_by_one):
            copy, x, columns = optimizer.fresh(), numbers(TRIED), list[Column]()
            before = repr(vars(copy))
            for k in range(3):
                x, columns = way(copy, x, numbers(TRIED[k + 3 :] + TRIED[: k + 3]), 0.01, columns)
                found.append([_bits(c, len(x)) for c in (x, *columns)])
            looks.append(repr(vars(copy)) == before)
    except Exception:
        return False
    finally:
        random.setstate(draws)
    return all(looks) and found[:3] == found[3:]


def _bits(x: Column, count: int) -> list[str]:
    return list(map(float.hex, np.broadcast_to(np.asarray(x, float), count).tolist()))
