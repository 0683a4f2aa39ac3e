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
from autograd.tree import NUMBER, Tree, numbers

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
    are_many = isinstance(over, Iterable) and not isinstance(over, (str, bytes, dict))
    if isinstance(over, Integral) and not isinstance(over, bool):
        if over < 0:
            raise ValueError(f"scan needs a number of steps that is not negative, got {over}")
        entries: list[Any] = [()]
        steps = int(over)
    elif are_many and getattr(over, "shape", None) != ():
        entries = [(x,) for x in over]
        steps = len(entries)
    else:
        needed = "scan needs a number of steps, or a sequence to go through"
        raise TypeError(f"{needed}, got {described(over)}")
    if steps and (tracer := tracing()) is not None:
        return tracer.loop("scan", of, state, entries, steps)
    for t in range(steps):
        state = of(state, *entries[t % len(entries)])
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
        return tracer.loop("while_loop", of, state, [()], condition=lambda s: _truth(condition(s)))
    while _truth(condition(state)):
        state = of(state)
    return state


def _truth(condition: Any) -> Any:
    """What a condition gave, if that is a comparison, or a truth value of Python's or NumPy's."""
    if isinstance(condition, Value) or type(condition).__name__ in ("bool", "bool_"):
        return condition
    needed = "while_loop needs a condition that compares numbers, as lambda s: s[0] < 9"
    raise TypeError(f"{needed}, got {described(condition)}: join several by & and |")


def _checked(name: str, state: Any, **functions: Any) -> Body:
    """The body of a loop, which sees to it that the state keeps its structure."""
    for what, f in functions.items():
        if not callable(f):
            raise TypeError(f"{name} needs a function as its {what}, got {described(f)}")
    before, body = Tree.of(state), functions["body"]
    plain = before == NUMBER
    for x in numbers(state):
        if not isinstance(x, Value):
            number(x, f"{name} needs numbers as its state")

    def kept(*given: Any) -> Any:
        # Copies of containers, or a body could write to what is its caller's.
        own = given if plain and len(given) == 1 else map(_copied, given)
        try:
            state = body(*own)
        except TypeError as error:
            trace = error.__traceback__
            if (trace and trace.tb_next) or "positional argument" not in str(error):
                raise  # from within the body
            call = "body(state, x), for each x of the sequence" if given[1:] else "body(state)"
            raise TypeError(f"{name} calls {call}, got a body of other arguments") from None
        if Tree.of(state) != before:
            needed = f"{name} needs a body that returns a state of the structure that it was given"
            raise TypeError(f"{needed}, got {described(state)}")
        return state

    return kept


def _copied(x: Any) -> Any:
    return x if type(x) is float or isinstance(x, Value) else Tree.of(x).build(numbers(x))
