"""Sums, means and maxima over all samples of a batch, inside a recording.

They are rows of recordings alone: of one sample, as the eager engine has it, each is its operand.

>>> import numpy as np
>>> from autograd import record
>>> record(lambda x: x / batch_total(x), 1.0)(np.array([1.0, 2.0, 5.0])).tolist()
[0.125, 0.25, 0.625]
"""

from functools import partial
from typing import Any

from autograd.engine.broadcast import elementwise
from autograd.engine.modes import tracing
from autograd.engine.number import number
from autograd.engine.table import Op
from autograd.engine.value import Value, lifted

TOTAL, MEAN, MAX = (Op(f"batch_{name}", ("x",), "x", ("1",)) for name in ("total", "mean", "max"))
ACROSS = {TOTAL, MEAN, MAX}


def batch_total(x: Any) -> Any:
    """The sum of x over all samples of the batch, the same in each, inside a recorded function;
    outside, where there is one sample, x itself. x: a number, a Value, or an array of them.

    >>> batch_total(3.0)
    3.0
    """
    return elementwise(partial(across, TOTAL), TOTAL.name, x)


def batch_mean(x: Any) -> Any:
    """The mean of x over all samples of the batch, as ``batch_total`` is the sum.

    >>> import numpy as np
    >>> from autograd import record
    >>> record(lambda x: x - batch_mean(x), 0.0)(np.array([1.0, 2.0, 6.0])).tolist()
    [-2.0, -1.0, 3.0]
    """
    return elementwise(partial(across, MEAN), MEAN.name, x)


def batch_max(x: Any) -> Any:
    """The largest x of all samples of the batch, as ``batch_total`` is the sum; samples that tie
    share its gradient.

    >>> import numpy as np
    >>> from autograd import record
    >>> program = record(lambda x: batch_max(x) - x, 0.0)
    >>> program.value_and_grad(np.array([1.0, 4.0, 2.0]), argnums=0)[1].tolist()
    [-1.0, 2.0, -1.0]
    """
    return elementwise(partial(across, MAX), MAX.name, x)


def across(row: Op, x: Any) -> Any:
    """A row on one number or Value."""
    given = x if isinstance(x, Value) else number(x, f"{row.name} needs a number")
    tracer = tracing()
    return given if tracer is None else tracer.gather(row, lifted(given))
