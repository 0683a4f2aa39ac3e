"""Graphs computed again: with other numbers, and to see whether data have changed since they were
recorded, when the partials are still the old ones."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from types import FrameType
from typing import Any

from autograd.engine.errors import GraphWarning, warn
from autograd.engine.floats import EDGES
from autograd.engine.formula import EDGE, Arithmetic, result_formula
from autograd.engine.notation import short, spelled

# How many passes a place in the user's code has run. Its first passes are looked at as a whole, of
# the others one in SELDOM, here and there.
passes: dict[int, int] = {}
DATA = attrgetter("_data")
FIRST, SELDOM, MANY, FEW = 2, 64, 10_000, 16


def changed(results: Iterable[Any]) -> tuple[Any, float] | None:
    """The first result that its operands do not give any more, and what they give instead.

    >>> from autograd import Value
    >>> x = Value(2.0, "x")
    >>> y = x * 3
    >>> x.data = 5.0
    >>> changed([y])
    (x * 3 = 6, 15.0)
    """
    for v in results:
        try:
            now = computed(v, DATA)
        except EDGES:  # a formula of the user's own, whose operands have changed
            continue
        if v._data != now and (v._data == v._data or now == now):
            return v, now
    return None


def computed(result: Any, number: Callable[[Any], Any], arithmetic: Arithmetic = EDGE) -> Any:
    """What the row of a result gives with these numbers for its operands."""
    given = result.op.grouped([list(map(number, many)) for many in result.bundles])
    return result_formula(result.op, arithmetic)(*given, *result.constants)


def recomputed(
    order: Iterable[Any], leaves: Mapping[Any, Any], arithmetic: Arithmetic = EDGE
) -> dict[Any, Any]:
    """A graph, operands first, with these numbers in some leaves; the other leaves keep theirs."""
    known, lift = dict[Any, Any](), getattr(arithmetic, "lift", float)
    for v in order:
        if v in leaves or not v.operands:
            known[v] = leaves[v] if v in leaves else lift(v._data)
        else:
            known[v] = computed(v, known.__getitem__, arithmetic)
    return known


def look(results: Sequence[Any], frame: FrameType) -> None:
    """Warn, once a line, of a pass over results whose data have changed; frame is where it runs."""
    place = id(frame.f_code) + frame.f_lasti
    passes[place] = count = passes.get(place, 0) + 1
    if count > FIRST and count % SELDOM:
        return
    some = MANY if count <= FIRST else FEW
    if found := changed(results[:: -(-len(results) // some)]):
        v, now = found
        came = f"{spelled(v)} holds {short(v._data)}, its operands give {short(now)}"
        what = f"data have changed since the graph was recorded ({came})"
        remedy = "and its gradients are those of then: compute it again after the change"
        warn(f"{what}, {remedy}", "backward", GraphWarning)
