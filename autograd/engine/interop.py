"""What Python and NumPy ask of a number: comparisons and conversions, which look at the number
alone, rounding, powers, arrays of objects, copies, pickles.
"""

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

INSTEAD = (
    ", nor Python's math and NumPy's float arrays, which call it: write autograd's "
    "function of that "
    "name, or x.data where you mean the number alone"
)


def _asked(value: Any, what: str) -> None:
    """Refuse, where a recording is made, what would freeze one sample's number or branch."""
    if (tracer := tracing()) is not None:
        tracer.refuse(what)
    ask(value, what)


def _converted(value: Any, kind: str) -> float:
    """The number that Python's math and NumPy's float arrays get: no derivative follows it."""
    if paused:
        _asked(value, f"{kind}()")
    x = leaving(value, f"{kind}(x)", INSTEAD)
    if (value.recorded or value.op is None) and not not_recording():
        warn(
            f"{kind}({spelled(value)}) leaves the graph, so no derivative follows what "
            f"is made of it: write "
            "autograd's function of that name (autograd.tanh for math.tanh), or v.data "
            "or v.item() where "
            "the number alone is meant",
            kind,
            GraphWarning,
        )
    return x


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
            raise TypeError(
                f"round to {digits} digits has no useful derivative: "
                f"write round(v.data, {digits}) for a number"
            )
        return self.rint()  # type: ignore[no-any-return]

    def power(self: Any, exponent: Number) -> "Value":
        """It to the power of the exponent, which may be a Value."""
        second("power", exponent)  # refuses a stranger
        return self.__pow__(exponent)  # type: ignore[no-any-return]

    float_power = power

    def clip(self: Any, low: Any = -inf, high: Any = inf, out: None = None) -> "Value":
        """Itself, but not below low nor above high; ``np.clip`` passes out."""
        return self._clip(low, high)  # type: ignore[no-any-return]

    def __divmod__(self: Any, other: Number) -> tuple["Value", "Value"]:
        return self // other, self % other

    def __rdivmod__(self: Any, other: Number) -> tuple["Value", "Value"]:
        return other // self, other % self

    # Comparisons that a recording holds may be joined, as Python's truth values are

    def __and__(self, other: Any) -> Any:
        return NotImplemented if (tracer := tracing()) is None else tracer.join("&", self, other)

    def __or__(self, other: Any) -> Any:
        return NotImplemented if (tracer := tracing()) is None else tracer.join("|", self, other)

    def __xor__(self, other: Any) -> Any:
        return NotImplemented if (tracer := tracing()) is None else tracer.join("^", self, other)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    # NumPy: object arrays of Values

    def conjugate(self: Any) -> "Value":
        """Itself, since it is real: ``np.std`` and ``np.var`` of an array of Values ask for it."""
        return self  # type: ignore[no-any-return]

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """Serve ``np.exp(v)``, ``np.float64(2) * v`` and ``array * v``: element by element, in
        object arrays.
        """
        import numpy as np

        if options.get("out") is not None:
            raise TypeError(
                f"an array of floats cannot hold Values: "
                f"write array = np.{ufunc.__name__}(...), not in place"
            )
        row = getattr(type(self), ufunc.__name__, None)
        if method == "__call__" and row is not None:
            ufunc = np.frompyfunc(lambda x, *others: row(lifted(x), *others), ufunc.nin, ufunc.nout)
        arrays = [
            np.array(x, dtype=object) if isinstance(x, storage.Storage) else x for x in inputs
        ]
        try:
            return getattr(ufunc, method)(*arrays, **options)
        except TypeError as error:
            if (tracer := tracing()) is not None:
                tracer.refuse(f"np.{ufunc.__name__}", error)
            raise

    # Copies: inside a derivative or a recording they are results, so that it follows them; in a
    # recording those of parameters too, which replays read anew

    def __copy__(self) -> "Value":
        return +self if tracing() or follows(self) else _twin(self, {})

    def __deepcopy__(self, memo: dict[int, Any]) -> "Value":
        if tracing() or follows(self):
            return memo.setdefault(id(self), +self)  # type: ignore
        for value in topological(self):
            if id(value) not in memo:
                memo[id(value)] = _twin(value, memo)
        return memo[id(self)]  # type: ignore[no-any-return]

    def __reduce__(self) -> Any:
        _asked(self, "a pickle")
        if self.recorded or follows(self):
            raise TypeError(
                f"pickle keeps leaves, not graphs, and this is {written(self)}: "
                "pickle the values that it was made from and compute it again, "
                "or keep its number, v.data"
            )
        grad = self._grad if self.reached else None
        extra = getattr(self, "__dict__", None)
        return _restored, (type(self), self._data, grad, self.label, self.op is CONSTANT, extra)


def _restored(kind: Any, data: float, grad: float | None, label: str, op: Any, extra: Any) -> Any:
    value = kind.__new__(kind)
    storage.Storage.__init__(value, data, label)
    value.op = CONSTANT if op is True else op or None
    value._grad = UNREACHED if grad is None else grad
    if extra:
        value.__dict__.update(extra)
    return value


def _twin(value: Any, memo: dict[int, Any]) -> Any:
    """A copy whose operands are those that memo has copies of, and else the same."""

    def copied(many: Any) -> Any:
        if type(many) is not Bundle:
            return memo.get(id(many[0]), many[0]) if many else None
        return memo.setdefault(id(many), Bundle([memo.get(id(v), v) for v in many]))

    grad, extra = value._grad if value.reached else None, getattr(value, "__dict__", None)
    if not value.recorded or type(value) is not storage.Value:
        twin: Any = _restored(type(value), value._data, grad, value.label, value.op, extra)
        if value.recorded:
            twin.become(copied(value.bundles[0]))
        return twin
    partials, operands = iter(value._partials), list(map(copied, value.bundles))
    grouped = [
        [*islice(partials, len(many))] if type(many) is Bundle else next(partials, None)
        for many in operands
    ]
    twin = record(value.op, value._data, (*operands,), (*grouped,), value.constants)  # type: ignore[arg-type]
    twin.label = value.label
    if value.reached:
        twin._grad = value._grad
    return twin
