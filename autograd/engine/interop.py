"""What Python and NumPy ask of a number: conversions, rounding, object arrays, copies, pickles."""

from itertools import islice
from math import inf
from typing import TYPE_CHECKING, Any, NoReturn

from autograd.engine import storage
from autograd.engine.errors import GraphWarning, warn
from autograd.engine.guard import ask, follows, guarded, leaving
from autograd.engine.modes import not_recording, paused, tracing
from autograd.engine.notation import spelled, written
from autograd.engine.reverse import topological
from autograd.engine.storage import UNREACHED, Bundle, Number, lifted, record, second
from autograd.engine.table import CONSTANT

if TYPE_CHECKING or storage.library is None:
    from autograd.engine import operators as rows
else:
    from autograd.engine.native import lanes as rows
if TYPE_CHECKING:
    from autograd.engine.value import Value

__all__ = ["Interop", "rows"]


def _asked(value: Any, what: str) -> None:
    """Refuse what would freeze one sample's number or branch in a recording."""
    if (tracer := tracing()) is not None:
        tracer.refuse(what)
    ask(value, what)


def _converted(value: Any, kind: str) -> float:
    """The number that Python's math and NumPy's float arrays get: no derivative follows it."""
    if paused:
        _asked(value, f"{kind}()")
    cure = "write autograd's function of that name"
    who = ", nor Python's math and NumPy's float arrays, which call it"
    x = leaving(value, f"{kind}(x)", f"{who}: {cure}, or x.data where you mean the number alone")
    if (value.recorded or value.op is None) and not not_recording():
        what = f"{kind}({spelled(value)}) leaves the graph, so no derivative follows its result"
        example = "(autograd.tanh for math.tanh), or v.data or v.item() for the number alone"
        warn(f"{what}: {cure} {example}", kind, GraphWarning)
    return x


def _joining(sign: str) -> Any:
    def join(self: Any, other: Any) -> Any:
        return NotImplemented if (tracer := tracing()) is None else tracer.join(sign, self, other)

    return join


class Interop(rows.Rows):
    """A node that behaves as a number among Python's and NumPy's."""

    __slots__ = ()

    def item(self) -> float:
        """The number, as ``data`` gives it."""
        return self.data

    def __bool__(self) -> bool:
        if paused:
            _asked(self, "bool()")
        return bool(self._data)

    def __float__(self) -> float:
        return _converted(self, "float")

    def __int__(self) -> int:
        return int(_converted(self, "int"))

    def __index__(self) -> NoReturn:
        if paused:
            _asked(self, "an index")
        raise TypeError(f"an index needs an int, not the Value {self!r}: write int(v.data)")

    def __format__(self, spec: str) -> str:
        if spec and guarded:
            ask(self, "a format")
        return format(self._data, spec) if spec else repr(self)

    def __round__(self: Any, digits: int | None = None) -> "Value":
        if digits is not None:
            if paused:
                _asked(self, "round() to digits")
            remedy = f"write round(v.data, {digits}) for a number"
            raise TypeError(f"round to {digits} digits has no useful derivative: {remedy}")
        return self.rint()  # type: ignore[no-any-return]

    def power(self: Any, exponent: Number) -> "Value":  # type: ignore[override]
        """It to the power of the exponent, which may be a Value."""
        second("power", exponent)  # refuses a stranger
        return self.__pow__(exponent)  # type: ignore[no-any-return]

    float_power = power

    def clip(self, low: Any = -inf, high: Any = inf, out: None = None) -> "Value":
        """Itself, but not below low nor above high; ``np.clip`` passes out."""
        return super().clip(low, high)

    def __divmod__(self: Any, other: Number) -> tuple["Value", "Value"]:
        return self // other, self % other

    def __rdivmod__(self: Any, other: Number) -> tuple["Value", "Value"]:
        return other // self, other % self

    # Comparisons that a recording holds may be joined, as Python's truth values are

    __and__ = __rand__ = _joining("&")
    __or__ = __ror__ = _joining("|")
    __xor__ = __rxor__ = _joining("^")

    # NumPy: object arrays of Values

    def conjugate(self: Any) -> "Value":
        """Itself, since it is real: ``np.std`` and ``np.var`` of an array of Values ask for it."""
        return self  # type: ignore[no-any-return]

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """Serve ``np.exp(v)``, ``np.float64(2) * v`` and ``array * v``: element by element."""
        import numpy as np

        if options.get("out") is not None:
            remedy = f"write array = np.{ufunc.__name__}(...), not in place"
            raise TypeError(f"an array of floats cannot hold Values: {remedy}")
        row = getattr(type(self), ufunc.__name__, None)
        if method == "__call__" and row is not None:
            if not options and not any(hasattr(x, "__len__") for x in inputs):
                return row(*map(lifted, inputs))  # of single numbers
            ufunc = np.frompyfunc(lambda x, *others: row(lifted(x), *others), ufunc.nin, ufunc.nout)
        cells = [np.array(x, dtype=object) if isinstance(x, Interop) else x for x in inputs]
        try:
            return getattr(ufunc, method)(*cells, **options)
        except TypeError as error:
            if (tracer := tracing()) is not None:
                tracer.refuse(f"np.{ufunc.__name__}", error)
            raise

    # Copies: inside a derivative or a recording they are results, so that it follows them

    def __copy__(self) -> "Value":
        return +self if tracing() or follows(self) else _copied(self, {})

    def __deepcopy__(self, memo: dict[int, Any]) -> "Value":
        if tracing() or follows(self):
            return memo.setdefault(id(self), +self)  # type: ignore
        if not self.recorded:  # most are parameters
            return _copied(self, memo)  # type: ignore[no-any-return]
        for value in topological(self):
            if id(value) not in memo:
                memo[id(value)] = _copied(value, memo)
        return memo[id(self)]  # type: ignore[no-any-return]

    def __reduce__(self) -> Any:
        _asked(self, "a pickle")
        if self.recorded or follows(self):
            came = f"pickle keeps leaves, not graphs, and this is {written(self)}"
            remedy = "pickle the values that it was made from and compute it again"
            raise TypeError(f"{came}: {remedy}, or keep its number, v.data")
        return _restored, _kept(self)


def _kept(leaf: Any) -> tuple[Any, ...]:
    """All that makes up a leaf."""
    grad, own = leaf._grad if leaf.reached else None, getattr(leaf, "__dict__", None)
    return type(leaf), leaf._data, grad, leaf.label, leaf.op is CONSTANT, own


def _restored(kind: Any, data: float, grad: Any, label: str, is_constant: bool, own: Any) -> Any:
    value = kind.__new__(kind)
    storage.Storage.__init__(value, data, label)
    value.op = CONSTANT if is_constant else None
    value._grad = UNREACHED if grad is None else grad
    if own:
        value.__dict__.update(own)
    return value


def _copied(value: Any, memo: dict[int, Any]) -> Any:
    """A copy whose operands are those that memo has copies of, and else the same."""
    if not value.recorded:
        leaf = _restored(*_kept(value))
        leaf.op = value.op
        return leaf
    partials, operands, grouped = iter(value._partials), list[Any](), list[Any]()
    for many in value.bundles:
        copies = [memo.get(id(v), v) for v in many]
        if type(many) is Bundle:
            operands.append(memo.setdefault(id(many), Bundle(copies)))
            grouped.append([*islice(partials, len(many))])
        else:  # one, or none
            operands.append(copies[0] if copies else None)
            grouped.append(next(partials, None))
    made: Any = record(value.op, value._data, (*operands,), (*grouped,), value.constants)
    made.label = value.label
    if value.reached:
        made._grad = value._grad
    return made
