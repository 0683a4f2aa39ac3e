"""A row of the table applied to floats, Values, sequences and arrays of either."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from autograd.engine.domain import edge
from autograd.engine.floats import EDGES
from autograd.engine.formula import FLOATS, Formula, result_formula
from autograd.engine.notation import described
from autograd.engine.number import number
from autograd.engine.table import OPS, Op
from autograd.engine.value import RECORD, Bundle, Value, bundle, constant

Function = Callable[..., Any]
ALL_FLOATS = frozenset({float})
PLAIN = frozenset({float, int, bool, Value})  # one element each, whatever else may be one too


class Results(dict[str, Formula]):
    """The results of rows on floats by their names, compiled when they are asked for."""

    def __missing__(self, name: str) -> Formula:
        self[name] = result_formula(OPS[name], FLOATS)
        return self[name]


RESULTS = Results()


def on_floats(op: Op, *given: Any) -> float:
    """The row's number alone, with the same answers and sentences at the edges as on Values."""
    try:
        y: float = result_formula(op, FLOATS)(*given)
        if y - y != 0:
            raise OverflowError
    except EDGES:
        count = len(op.operands)
        y = edge(op, given[:count], given[count:])[0]
    return y


def element(op: Op, record: Function, constants: Sequence[float], *operands: Any) -> Any:
    """The row on one number or Value each: recorded if any of them is a Value, else a float."""
    needed = f"{op.name} needs a number"
    for x in operands:
        if isinstance(x, Value):
            values = [x if isinstance(x, Value) else constant(number(x, needed)) for x in operands]
            return record(*values, *constants)
    return on_floats(op, *[number(x, needed) for x in operands], *constants)


def elementwise(f: Function, name: str, *operands: Any) -> Any:
    """f of the operands, or of their elements: arrays broadcast, sequences of one length go side by
    side."""
    if PLAIN.issuperset(map(type, operands)):
        return f(*operands)
    if any(getattr(x, "shape", ()) for x in operands):
        import numpy as np

        # A Value as an array of one object, because NumPy asks a bare one to do the work.
        cells = [np.array(x, dtype=object) if isinstance(x, Value) else x for x in operands]
        results = np.frompyfunc(f, len(operands), 1)(*cells)
        return results if any(isinstance(y, Value) for y in results.flat) else results.astype(float)
    many = [x for x in operands if isinstance(x, (list, tuple))]
    if not many:
        return f(*operands)
    length = len(many[0])
    if any(len(x) != length for x in many):
        came = " and ".join(str(len(x)) for x in many)
        raise ValueError(f"{name} needs sequences of one length, got {came}")
    columns = [x if isinstance(x, (list, tuple)) else [x] * length for x in operands]
    kind = type(many[0]) if type(many[0]) in (list, tuple) else list
    return kind([elementwise(f, name, *row) for row in zip(*columns, strict=True)])


def applied(name: str, operands: tuple[Any, ...], *constants: Any) -> Any:
    """The row of that name on operands of any kind."""
    pairs = zip(OPS[name].constants, constants, strict=True)
    numbers = [number(x, f"{name} needs a number for {c}") for (c, _), x in pairs]
    return elementwise(partial(element, OPS[name], RECORD[name], numbers), name, *operands)


def gathered(name: str, values: Iterable[Any], *, empty: bool = True) -> Any:
    """The operands of an n-ary row: a bundle if a Value is among them, else a list of floats."""
    if type(values) is Bundle:
        return values
    if type(values) is list and values and ALL_FLOATS.issuperset(map(type, values)):
        return values
    if not isinstance(values, Iterable) or isinstance(values, str):
        needed = f"{name} needs a sequence of numbers or Values"
        raise TypeError(f"{needed}, got {described(values)}: write {name}([...])")
    items = list(values.ravel().tolist() if hasattr(values, "ravel") else values)
    if not items and not empty:
        raise ValueError(f"{name} needs at least one value, got an empty sequence")
    if any(isinstance(v, Value) for v in items):
        return bundle(items)
    return [number(v, f"{name} needs numbers") for v in items]


def over_all(name: str, values: Iterable[Any], called: str = "") -> Any:
    """The n-ary row of that name; called is what a refusal calls it."""
    items = gathered(called or name, values, empty=name == "total")
    return RECORD[name](items) if type(items) is Bundle else on_floats(OPS[name], items)


def function_of(op: Op, record: Function) -> Function:
    """The function of a row that is not in the table; record is how it records."""
    one = partial(element, op, record, ())

    def unary(x: Any) -> Any:
        return elementwise(one, op.name, x)

    def binary(a: Any, b: Any) -> Any:
        return elementwise(one, op.name, a, b)

    function = unary if len(op.operands) == 1 else binary
    function.__name__ = function.__qualname__ = op.name
    function.__doc__ = f"{op!r}."
    return function
