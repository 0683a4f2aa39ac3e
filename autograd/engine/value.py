"""Value: a number that remembers how it was made, and the reverse pass that differentiates it.

>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> y = (a * b + 10).tanh()
>>> y.backward()
>>> a
a = 2 | grad -0.004023
"""

from collections.abc import Callable, Iterable
from itertools import chain
from math import inf
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Any, SupportsFloat, TypeAlias

from autograd.engine.errors import GraphError
from autograd.engine.floats import EDGES
from autograd.engine.formula import FLOATS, edge, recorder
from autograd.engine.modes import not_recording, paused, tracing, variables, watcher
from autograd.engine.notation import described, written
from autograd.engine.number import number
from autograd.engine.reverse import reverse_pass, topological
from autograd.engine.table import CONSTANT, OPS, Op

__all__ = ["NAMES", "RECORD", "Bundle", "Number", "Value", "bundle", "constant"]

Number: TypeAlias = "Value | SupportsFloat"

new = object.__new__

# The grad of a value that no pass has reached: 0.0, but this very object, so that a picture need
# not show zeros.
UNREACHED = float("0")


class Bundle(tuple["Value", ...]):
    """Values that are used together, as the inputs of a layer are by each neuron; a pass walks them
    once.
    """

    numbers: list[float] | None = None  # read beforehand, for operations that follow at once

    def __add__(self, other: Any) -> Any:
        return (
            [*self, *other] if isinstance(other, list) else super().__add__(other)
        )  # micrograd's n.w + [n.b]


def bundle(values: Iterable[Number], *, read: bool = False) -> Bundle:
    """Gather Values and numbers into operands for ``total``, ``mean``, ``dot`` and ``logsumexp``.

    With read, their numbers are read now for all operations that will use the bundle, not again by
    each.

    >>> bundle([Value(2.0, "a"), 0.5])
    (a = 2, 0.5)
    """
    if type(values) is not Bundle:
        values = Bundle([v if type(v) is Value else _lift(v) for v in values])
    if read:
        values = Bundle(values)
        values.numbers = [v.data for v in values]
    return values


def constant(x: Any) -> "Value":
    """A number that stands in an expression: a leaf that is nobody's input or parameter."""
    value = new(Value)
    value.data = x if type(x) is float else number(x, "arithmetic with a Value needs numbers")
    value.grad = UNREACHED
    value.op = CONSTANT
    value._a = value._b = value._uses = None
    return value


def _lift(x: Any) -> "Value":
    return x if isinstance(x, Value) else constant(x)


def _operand(other: Any) -> Any:
    """The other side of an operator as a Value; NotImplemented for strangers (arrays know what to
    do).
    """
    if type(other) is float or type(other) is int:
        return constant(other)
    if isinstance(other, Value):
        return other
    if getattr(other, "shape", ()) or not (
        hasattr(type(other), "__float__") or isinstance(other, _REFUSED)
    ):
        return NotImplemented
    return constant(other)


_REFUSED = (str, bytes, complex, list, tuple, set, dict, type(None))


def _refused(conversion: str) -> None:
    """A recording would freeze one sample's number; the tracer, if there is one, says so."""
    tracer = tracing()
    if tracer is not None:
        tracer.refuse(conversion)


def _compared(sign: str, a: "Value", b: "Value") -> bool:
    """A comparison while a context is open: a recording makes it part of the program."""
    tracer = tracing()
    answer: bool = SIGNS[sign](a.data, b.data) if tracer is None else tracer.compare(sign, a, b)
    return answer


SIGNS = {"<": lt, "<=": le, ">": gt, ">=": ge}


def _reflected(name: str) -> Callable[["Value", Any], "Value"]:
    """The same operator with its operands in the other order: ``2 - v``."""

    def reflected(self: "Value", other: Any) -> "Value":
        other = _operand(other)
        return other if other is NotImplemented else getattr(other, name)(self)

    reflected.__name__ = f"__r{name[2:]}"
    return reflected


def _noticed(value: "Value") -> "Value":
    """A result under no_grad is a leaf that knows its operation, so that ``backward`` can say why
    it has none.

    One that is traced is shown to its tracer.
    """
    if not_recording():
        value._a = value._b = value._da = value._db = value._uses = None
    tracer = tracing()
    if tracer is not None:
        tracer.take(value)
    return value


class Value:
    """A number in a graph: its data, its grad, and the operation and operands that made it.

    >>> x = Value(3.0, "x")
    >>> y = x**2 + 1
    >>> y.backward()
    >>> x.grad
    6.0
    """

    # One or two operands lie flat in a and b with their partials, because the garbage collector's
    # time goes with the number of containers; an n-ary result has None in a, and in da its bundles
    # and their partials in turn. uses is None for a leaf, and otherwise 0 except during a pass.
    # note holds what few have, a label and the operation's constants: with ten slots a Value takes
    # 112 bytes, with eleven 128.
    __slots__ = ("__weakref__", "_a", "_b", "_da", "_db", "_note", "_uses", "data", "grad", "op")

    data: float
    grad: float
    op: Op | None
    _a: Any
    _b: Any
    _da: Any
    _db: Any
    _uses: int | None
    _note: tuple[str, tuple[float, ...]]

    if TYPE_CHECKING:  # the other methods come from the table, at the end of this file

        def __getattr__(self, name: str) -> Callable[..., "Value"]: ...
        def __add__(self, other: Number) -> "Value": ...
        def __sub__(self, other: Number) -> "Value": ...
        def __mul__(self, other: Number) -> "Value": ...
        def __truediv__(self, other: Number) -> "Value": ...
        def __floordiv__(self, other: Number) -> "Value": ...
        def __mod__(self, other: Number) -> "Value": ...
        def __radd__(self, other: Number) -> "Value": ...
        def __rsub__(self, other: Number) -> "Value": ...
        def __rmul__(self, other: Number) -> "Value": ...
        def __rtruediv__(self, other: Number) -> "Value": ...
        def __rfloordiv__(self, other: Number) -> "Value": ...
        def __rmod__(self, other: Number) -> "Value": ...
        def __neg__(self) -> "Value": ...
        def __pos__(self) -> "Value": ...
        def __abs__(self) -> "Value": ...

    def __init__(self, data: SupportsFloat, label: str = "") -> None:
        self.data = number(data)
        self.grad = UNREACHED
        self.op = self._a = self._b = self._uses = None
        if label != "":
            self.label = label

    # What it is

    @property
    def label(self) -> str:
        """The name that errors, drawings and explanations use."""
        return self._note[0] if hasattr(self, "_note") else ""

    @label.setter
    def label(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"a label needs text, got {described(text)}: write str(...)")
        self._note = (text, self.constants)

    @property
    def bundles(self) -> tuple[tuple["Value", ...], ...]:
        """Its operands, grouped as its row names them: ``a`` and ``b``, or ``*a``, ``*b`` and
        ``c``.
        """
        if self._uses is None:
            return ()
        many = self._da[::2] if self._a is None else ((self._a,),)
        if self._b is not None:
            return (*many, (self._b,))
        return (
            many if self.op is None or len(self.op.operands) == len(many) else (*many, ())
        )  # a dot without its bias

    @property
    def operands(self) -> tuple["Value", ...]:
        """The values that it was made from; none for a leaf."""
        if self._uses is None:
            return ()
        many = chain.from_iterable(self._da[::2]) if self._a is None else (self._a,)
        return (*many,) if self._b is None else (*many, self._b)

    @property
    def partials(self) -> tuple[float, ...]:
        """Its derivative by each operand, as it was when the operation was recorded."""
        if self._uses is None:
            return ()
        many = chain.from_iterable(self._da[1::2]) if self._a is None else (self._da,)
        return (*many,) if self._b is None else (*many, self._db)

    @property
    def constants(self) -> tuple[float, ...]:
        """The constants of its operation: the exponent of a power, the bounds of a clip."""
        return self._note[1] if hasattr(self, "_note") else ()

    @property
    def reached(self) -> bool:
        """Whether a reverse pass (or an assignment) has set its grad."""
        return self.grad is not UNREACHED

    # micrograd's names for them, so that the lecture's own code runs.
    _prev = operands

    @property
    def _op(self) -> str:
        if self.op is None or self._uses is None:
            return ""
        return self.op.symbol + "".join(f"{c:g}" for c in self.constants if self.op.name == "power")

    def __repr__(self) -> str:
        return written(self)

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    # The reverse pass

    def backward(self, seed: float = 1.0) -> None:
        """Differentiate this value by every value it was made from: afterwards each ``.grad`` holds
        the derivative.

        Leaves accumulate over passes until ``zero_grad``; the grads in between are fresh in each.
        seed is the grad of this value itself. An interrupted pass leaves partial sums in the
        leaves: zero them, and run it again. Threads may run passes at once over graphs of their
        own; leaves that they share need a lock.

        >>> x = Value(2.0)
        >>> (x * x).backward()
        >>> (x * x).backward()
        >>> x.grad
        8.0
        """
        seed = number(seed, "a seed needs a number")
        if self._uses is None:
            if self.op is not None and self.op is not CONSTANT:
                raise GraphError(
                    f"{self.op.name} recorded nothing under no_grad: compute it outside to differentiate it"
                )
            self.grad += seed
        else:
            reverse_pass(self, seed)
            if (listener := watcher()) is not None:
                listener.passed(self)

    def _backward(self) -> None:
        """Pass this value's own contributions on, once: the step that the lecture takes by hand."""
        for operand, partial in zip(self.operands, self.partials, strict=True):
            operand.grad += partial * self.grad

    def zero_grad(self) -> None:
        """Forget the grad of this value and of every value it was made from."""
        for value in topological(self):
            value.grad = UNREACHED

    def detach(self) -> "Value":
        """A leaf with the same number: derivatives stop here.

        >>> x = Value(3.0)
        >>> (x * x.detach()).backward()
        >>> x.grad
        3.0
        """
        return Value(self.data, self.label)

    def become(self, origin: "Value") -> None:
        """Turn this leaf into a result that equals origin (the row ``positive``): from now on it
        passes its grad on.
        """
        self.op, self._a, self._da, self._b, self._uses = OPS["positive"], origin, 1.0, None, 0

    # The operations: one row of the table, one method

    def __pow__(self, exponent: Any) -> "Value":
        if isinstance(exponent, Value):
            return self.pow(exponent)
        exponent = _operand(exponent)
        return exponent if exponent is NotImplemented else RECORD["power"](self, exponent.data)

    def __rpow__(self, base: Any) -> "Value":
        base = _operand(base)
        return base if base is NotImplemented else base.pow(self)

    def clip(
        self, low: SupportsFloat = -inf, high: SupportsFloat = inf, out: None = None
    ) -> "Value":
        """Itself, but not below low nor above high; ``np.clip`` passes out."""
        return RECORD["clip"](self, low, high)

    def __divmod__(self, other: Any) -> tuple["Value", "Value"]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple["Value", "Value"]:
        return other // self, other % self

    def conjugate(self) -> "Value":
        """Itself, since it is real: ``np.std`` and ``np.var`` of an array of Values ask for it."""
        return self

    def __round__(self, digits: int | None = None) -> "Value":
        if digits is not None:
            raise TypeError(
                f"round to {digits} digits has no useful derivative: write round(v.data, {digits}) for a number"
            )
        return self.rint()

    def __floor__(self) -> "Value":
        return self.floor()

    def __ceil__(self) -> "Value":
        return self.ceil()

    def __trunc__(self) -> "Value":
        return self.trunc()

    # Numbers: comparisons and conversions look at data alone

    def __lt__(self, other: Any) -> bool:
        other = _operand(other)
        if other is NotImplemented:
            return NotImplemented
        return _compared("<", self, other) if paused else self.data < other.data

    def __le__(self, other: Any) -> bool:
        other = _operand(other)
        if other is NotImplemented:
            return NotImplemented
        return _compared("<=", self, other) if paused else self.data <= other.data

    def __gt__(self, other: Any) -> bool:
        other = _operand(other)
        if other is NotImplemented:
            return NotImplemented
        return _compared(">", self, other) if paused else self.data > other.data

    def __ge__(self, other: Any) -> bool:
        other = _operand(other)
        if other is NotImplemented:
            return NotImplemented
        return _compared(">=", self, other) if paused else self.data >= other.data

    def __bool__(self) -> bool:
        if paused:
            _refused("bool()")
        return bool(self.data)

    def __float__(self) -> float:
        if paused:
            _refused("float()")
        if variables() and not variables().isdisjoint(topological(self)):
            raise TypeError(
                "a derivative cannot follow float(x), nor Python's math and NumPy's float arrays, which call it: write "
                "autograd's function of that name, or x.data where you mean the number alone"
            )
        return float(self.data)

    def __int__(self) -> int:
        if paused:
            _refused("int()")
        return int(float(self))

    # NumPy: object arrays of Values

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """Serve ``np.exp(v)``, ``np.float64(2) * v`` and ``array * v``: element by element, in
        object arrays.
        """
        import numpy as np

        if options.get("out") is not None:
            raise TypeError(
                f"an array of floats cannot hold Values: write array = np.{ufunc.__name__}(...), not in place"
            )
        row = getattr(Value, ufunc.__name__, None)
        if method == "__call__" and row is not None:
            ufunc = np.frompyfunc(lambda x, *others: row(_lift(x), *others), ufunc.nin, ufunc.nout)
        arrays = [np.array(x, dtype=object) if isinstance(x, Value) else x for x in inputs]
        return getattr(ufunc, method)(*arrays, **options)

    # Copies

    def __copy__(self) -> "Value":
        return _twin(self, {})

    def __deepcopy__(self, memo: dict[int, Any]) -> "Value":
        for value in topological(self):
            if id(value) not in memo:
                memo[id(value)] = _twin(value, memo)
        return memo[id(self)]  # type: ignore[no-any-return]

    def __reduce__(self) -> Any:
        if self._uses is not None:
            raise TypeError(
                f"pickle keeps leaves, not graphs, and this is {written(self)}: "
                "pickle the values that it was made from and compute it again, or keep its number, v.data"
            )
        grad = self.grad if self.reached else None
        return _restored, (
            type(self),
            self.data,
            grad,
            self.label,
            self.op is CONSTANT,
            getattr(self, "__dict__", None),
        )


def _restored(
    kind: type[Value],
    data: float,
    grad: float | None,
    label: str,
    is_constant: bool,
    extra: dict[str, Any] | None,
) -> Value:
    value = new(kind)
    Value.__init__(value, data, label)
    value.op = CONSTANT if is_constant else None
    value.grad = UNREACHED if grad is None else grad
    if extra:
        value.__dict__.update(extra)
    return value


def _copied(many: Bundle, memo: dict[int, Any]) -> Bundle:
    copied: Bundle = memo.setdefault(id(many), Bundle(memo.get(id(v), v) for v in many))
    return copied


def _twin(value: Value, memo: dict[int, Any]) -> Value:
    """A copy whose operands are those that memo has copies of, and else the same."""
    twin = new(type(value))
    for name in Value.__slots__:
        if name != "__weakref__" and hasattr(value, name):
            setattr(twin, name, getattr(value, name))
    if hasattr(value, "__dict__"):
        twin.__dict__.update(value.__dict__)
    if value._uses is not None and value._a is None:
        twin._da = tuple(
            _copied(many, memo) if type(many) is Bundle else many for many in value._da
        )
    else:
        twin._a = memo.get(id(value._a), value._a)
    twin._b = memo.get(id(value._b), value._b)
    return twin


# The words of recorded rows: floats, and the engine's own.
FLOATS.words.update(
    {
        "EDGES": (*EDGES, TypeError),
        "UNREACHED": UNREACHED,
        "Value": Value,
        "edge": edge,
        "new": new,
        "noticed": _noticed,
    },
    number=number,
    operand=_operand,
    paused=paused,
)

NAMES = {  # the attributes of Value that are a row of the table, besides the row's own name
    **{
        "add": ("__add__",),
        "subtract": ("__sub__",),
        "multiply": ("__mul__",),
        "mod": ("__mod__", "remainder"),
    },
    **{"divide": ("__truediv__", "true_divide"), "floor_divide": ("__floordiv__",)},
    **{"negative": ("__neg__",), "positive": ("__pos__",), "abs": ("__abs__", "absolute", "fabs")},
    **{
        name: (f"arc{name[1:]}",)
        for name in ("acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh")
    },
}


WRITTEN_OUT = ("clip", "power")  # methods of Value whose arguments are not the row's


class Records(dict[str, Callable[..., Value]]):
    """Every row as a function that records, on Values or, if n-ary, on bundles; compiled when first
    asked for.

    To compile them all would be most of the time of ``import autograd``.
    """

    def __missing__(self, name: str) -> Callable[..., Value]:
        record = self[name] = recorder(OPS[name])
        if name not in WRITTEN_OUT and not OPS[name].nary:
            for attribute in (name, *NAMES.get(name, ())):
                setattr(
                    Value, attribute, record if attribute.startswith("__") else _named(name, record)
                )
        return record


RECORD = Records()


def _named(name: str, record: Callable[..., Value]) -> Callable[..., Value]:
    """The method of a row by its name: unlike an operator, it may not leave the answer to the other
    side.
    """
    if len(OPS[name].operands) == 1 and name != "power":
        return record

    def method(self: Value, other: Any, *constants: Any) -> Value:
        result = record(self, other, *constants)
        if result is NotImplemented:
            raise TypeError(
                f"{name} needs a number or a Value, got {described(other)}: write autograd.{name}(a, b) for arrays"
            )
        return result

    method.__name__ = method.__qualname__ = name
    method.__doc__ = record.__doc__
    return method


def _first_call(op: Op, attribute: str) -> Callable[..., Value]:
    """The method of a row until it is called: it compiles the row, which puts the compiled one in
    its place.
    """

    def method(self: Value, *operands: Any, **constants: Any) -> Value:
        RECORD[op.name]
        return getattr(Value, attribute)(self, *operands, **constants)  # type: ignore[no-any-return]

    method.__name__ = method.__qualname__ = op.name
    method.__doc__ = f"{op!r}."
    return method


for _op in OPS.values():
    if not _op.nary and _op.name not in WRITTEN_OUT:
        for _attribute in (_op.name, *NAMES.get(_op.name, ())):
            setattr(Value, _attribute, _first_call(_op, _attribute))
for _sign in ("add", "sub", "mul", "truediv", "floordiv", "mod"):
    setattr(Value, f"__r{_sign}__", _reflected(f"__{_sign}__"))
Value.power = Value.float_power = _named("power", Value.__pow__)  # type: ignore[attr-defined]  # the exponent may vary
