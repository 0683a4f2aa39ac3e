"""Loops: a body that is done again and again, eagerly step by step, in a recording as one node.

A recording keeps the body once, however many steps there are, and decides anew in each replay when
a ``while_loop`` ends.

>>> from autograd import grad, record, scan, while_loop
>>> grad(lambda x: scan(lambda y: y * x, 1.0, 3))(2.0)  # of x**3
12.0
>>> halved = record(lambda x: while_loop(lambda y: y > 1, lambda y: y / 2, x), 1.0)
>>> halved([5.0, 40.0]).tolist()
[0.625, 0.625]
"""

from collections.abc import Callable, Iterable
from numbers import Integral
from typing import Any

from autograd.engine.modes import tracing
from autograd.engine.notation import described
from autograd.engine.number import number
from autograd.engine.value import Value
from autograd.tree import Tree, numbers

__all__ = ["scan", "while_loop"]

Body = Callable[..., Any]


def scan(body: Body, state: Any, over: Any) -> Any:
    """The state after n times ``state = body(state)``, or after ``state = body(state, x)`` for each
    x of a sequence; over is n, or the sequence.

    A state is a number or a container of numbers, whose structure each step keeps; so is an x.
    Raises TypeError where the structure changes.

    >>> scan(lambda s, x: 0.5 * s + x, 0.0, [1.0, 2.0, 3.0])
    4.25
    """
    of = _checked("scan", state, body=body)
    if isinstance(over, Integral) and not isinstance(over, bool):
        if over < 0:
            raise ValueError(f"scan needs a number of steps that is not negative, got {over}")
        entries: Any = [()] * int(over)
    elif isinstance(over, Iterable) and not isinstance(over, (str, bytes, dict)):
        entries = [(x,) for x in over]
    else:
        needed = "scan needs a number of steps, or a sequence to go through"
        raise TypeError(f"{needed}, got {described(over)}")
    if entries and (tracer := tracing()) is not None:
        return tracer.loop("scan", of, state, entries)
    for x in entries:
        state = of(state, *x)
    return state


def while_loop(condition: Callable[[Any], Any], body: Body, state: Any) -> Any:
    """The state after ``state = body(state)`` for as long as condition(state) holds.

    A condition compares numbers of the state; several are joined by ``&`` and ``|``. Derivatives
    are those of the steps that were done. A state is as for ``scan``.

    >>> while_loop(lambda s: s[0] < 100, lambda s: (s[0] * 2, s[1] + 1), (3.0, 0.0))
    (192.0, 6.0)
    """
    of = _checked("while_loop", state, condition=condition, body=body)
    if (tracer := tracing()) is not None:
        return tracer.loop("while_loop", of, state, condition=condition)
    while condition(state):
        state = of(state)
    return state


def _checked(name: str, state: Any, **functions: Any) -> Body:
    """The body of a loop, which sees to it that the state keeps its structure."""
    for what, f in functions.items():
        if not callable(f):
            raise TypeError(f"{name} needs a function as its {what}, got {described(f)}")
    before, body = Tree.of(state), functions["body"]
    for x in numbers(state):
        if not isinstance(x, Value):
            number(x, f"{name} needs numbers as its state")

    def kept(*given: Any) -> Any:
        state = body(*given)
        if Tree.of(state) != before:
            needed = f"{name} needs a body that returns a state of the structure that it was given"
            raise TypeError(f"{needed}, got {described(state)}")
        return state

    return kept
