"""Node: a number that remembers how it was made, and the reverse pass that differentiates it.

Value, the class that everybody uses, is printed into ``operators.py``: Node with a method for each
row of the table.

>>> from autograd import Value
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> y = (a * b + 10).tanh()
>>> y.backward()
>>> a
a = 2 | grad -0.004023
"""

from collections.abc import Iterable
from itertools import chain
from math import nan
from sys import _getframe
from typing import TYPE_CHECKING, Any, NoReturn, SupportsFloat, TypeAlias, TypeVar

from autograd.engine.changes import FIRST, SELDOM, passes, say_if_changed
from autograd.engine.errors import CURES, Absent, GraphError, refuse_options
from autograd.engine.guard import ask, guarded, watch
from autograd.engine.modes import not_recording, tracing, watcher
from autograd.engine.notation import described, written
from autograd.engine.number import number
from autograd.engine.reverse import reverse_pass, topological
from autograd.engine.table import CONSTANT, OPS, Op

if TYPE_CHECKING:
    from autograd.engine.operators import Value as Value

__all__ = ["UNREACHED", "Bundle", "Node", "Number", "bundle", "constant", "lifted", "new"]
__all__ += ["noticed", "operand", "other_number", "second", "value_class"]

Number: TypeAlias = "Value | SupportsFloat"
C = TypeVar("C", bound=type)
new = object.__new__

# The grad of a value that no pass has reached: 0.0, but this very object, so that a picture need
# not show zeros.
UNREACHED = float("0")


SLOTS = ("__weakref__", "_a", "_b", "_da", "_data", "_db", "_grad", "_note", "_uses", "op")


class Node:
    """What a Value is beside its operations: data, grad, its operation and operands."""

    # One or two operands lie flat in a and b with their partials, because the garbage collector's
    # time goes with the number of containers; an n-ary result has None in a, and in da its bundles
    # and their partials in turn. uses is None for a leaf, and otherwise 0 except during a pass.
    # note holds what few have, a label and the operation's constants: with ten slots a Value takes
    # 112 bytes, with eleven 128.
    __slots__ = SLOTS

    op: Op | None
    data: float  # the number; assigning it changes what operations read from now on
    grad: float  # the derivative of a pass's output by this value; 0.0 until a pass reaches it
    _data: float
    _grad: float
    _uses: int | None
    _note: tuple[str, tuple[float, ...]]
    _a: Any
    _b: Any
    _da: Any
    _db: Any

    def __init__(self, data: SupportsFloat, label: str = "", **options: NoReturn) -> None:
        if options:
            refuse_options(type(self).__name__, options)
        self._data = number(data)
        self._grad = UNREACHED
        self.op = self._a = self._b = self._uses = None
        if label != "":
            self.label = label

    @property
    def reached(self) -> bool:
        """Whether a reverse pass (or an assignment) has set its grad."""
        return self._grad is not UNREACHED

    @property
    def label(self) -> str:
        """The name that errors, drawings and explanations use."""
        return self._note[0] if hasattr(self, "_note") else ""

    @label.setter
    def label(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"a label needs text, got {described(text)}: write str(...)")
        self._note = (text, self.constants)

    # How it was made

    @property
    def constants(self) -> tuple[float, ...]:
        """The constants of its operation: the exponent of a power, the bounds of a clip."""
        return self._note[1] if hasattr(self, "_note") else ()

    @property
    def bundles(self) -> tuple[tuple["Value", ...], ...]:
        """Its operands, grouped as its row names them: ``a``, ``b`` or ``*a``, ``*b``, ``c``."""
        if self._uses is None:
            return ()
        many = self._da[::2] if self._a is None else ((self._a,),)
        if self._b is not None:
            return (*many, (self._b,))
        whole = self.op is None or len(self.op.operands) == len(many)
        return many if whole else (*many, ())  # a dot without its bias

    @property
    def operands(self) -> tuple["Value", ...]:
        """The values that it was made from; none for a leaf."""
        if self._uses is None:
            return ()
        many = chain.from_iterable(self._da[::2]) if self._a is None else (self._a,)
        return (*many,) if self._b is None else (*many, self._b)

    _prev = operands  # micrograd's name

    @property
    def partials(self) -> tuple[float, ...]:
        """Its derivative by each operand, as it was when the operation was recorded."""
        if guarded:
            ask(self, ".partials")
        return self._partials

    @property
    def _partials(self) -> tuple[float, ...]:
        if self._uses is None:
            return ()
        many = chain.from_iterable(self._da[1::2]) if self._a is None else (self._da,)
        return (*many,) if self._b is None else (*many, self._db)

    @property
    def _op(self) -> str:  # micrograd's, for the lecture's own code
        if self.op is None or self._uses is None:
            return ""
        return self.op.symbol + "".join(f"{c:g}" for c in self.constants if self.op.name == "power")

    def __repr__(self) -> str:
        return written(self)

    # The reverse pass

    def backward(self, seed: float = 1.0, **options: NoReturn) -> None:
        """Differentiate this value by every value it was made from: afterwards each ``.grad`` holds
        the derivative.

        Leaves accumulate over passes until ``zero_grad``; gradients in between are fresh in each.
        seed is the grad of this value itself. An interrupted pass leaves partial sums in the
        leaves: zero them, and run it again. Leaves that threads share need a lock.

        >>> from autograd import Value
        >>> x = Value(2.0)
        >>> (x * x).backward()
        >>> (x * x).backward()
        >>> x.grad
        8.0
        """
        if options:
            refuse_options("backward", options)
        if guarded:
            ask(self, "backward()")
        seed = number(seed, "a seed needs a number")
        if self._uses is not None:
            results = reverse_pass(self, seed)
            frame = _getframe(1)
            place = id(frame.f_code) + frame.f_lasti
            passes[place] = count = passes.get(place, 0) + 1
            if count <= FIRST or not count % SELDOM:
                say_if_changed(results, count)
            if (listener := watcher()) is not None:
                listener.passed(self)
        elif self.op is None or self.op is CONSTANT:
            self._grad += seed
        else:
            raise GraphError(
                f"{self.op.name} recorded nothing under no_grad: compute it outside "
                f"to differentiate it"
            )

    def _backward(self) -> None:
        """Pass this value's own contributions on, once: the step that the lecture takes by hand."""
        for operand, partial in zip(self.operands, self.partials, strict=True):
            operand.grad += partial * self.grad

    def zero_grad(self) -> None:
        """Forget the grad of this value and of every value it was made from."""
        for value in topological(self):
            value._grad = UNREACHED

    def detach(self) -> "Value":
        """A leaf with the same number: derivatives stop here."""
        if guarded:
            ask(self, "detach()")
        return Value(self._data, self.label)

    def become(self, origin: "Value") -> None:
        """Turn this leaf into a result that equals origin: from now on it passes its grad on."""
        self.op, self._a, self._da, self._b, self._uses = OPS["positive"], origin, 1.0, None, 0


for _name in CURES:
    setattr(Node, _name, Absent(_name))

watch(Node, "data", "grad")

# What the printed methods call


def value_class(cls: C) -> C:
    """Tell this file which class it makes: the printed one, which needs this file first."""
    globals()["Value"] = cls
    return cls


def constant(x: Any) -> "Value":
    """A number that stands in an expression: a leaf that is nobody's input or parameter."""
    value = new(Value)
    value._data = x if type(x) is float else number(x, "arithmetic with a Value needs numbers")
    value._grad = UNREACHED
    value.op = CONSTANT
    value._a = value._b = value._uses = None
    return value


def lifted(x: Any) -> "Value":
    """x as a Value: itself, or a constant."""
    return x if isinstance(x, Value) else constant(x)


def noticed(result: "Value") -> "Value":
    """A result that is made while a context is open. Under no_grad it is a leaf that knows its
    operation, so that ``backward`` can say why it has no operands; a tracer is shown it.
    """
    tracer, is_cut = tracing(), not_recording()
    if tracer is not None:
        if is_cut:
            tracer.refuse("no_grad")
        tracer.take(result)
    else:  # a thread beside one that records would compute with the number of one sample
        for guard in map(guarded.get, result.operands) if guarded else ():
            if guard is not None and guard.threads:
                guard.refuse("no_grad" if is_cut else "a thread")
    if is_cut:
        result._a = result._b = result._da = result._db = result._uses = None
    return result


_REFUSED = (str, bytes, complex, list, tuple, set, dict, type(None))


def operand(other: Any) -> Any:
    """The other side of an operator as a Value; NotImplemented for strangers (arrays know more)."""
    if type(other) is float or type(other) is int:
        return constant(other)
    if isinstance(other, Value):
        return other
    is_number = hasattr(type(other), "__float__") or isinstance(other, _REFUSED)
    return constant(other) if is_number and not getattr(other, "shape", ()) else NotImplemented


def second(name: str, other: Any) -> Any:
    """The same for a method by name, which may not leave the answer to the other side."""
    found = operand(other)
    if found is NotImplemented:
        needed = f"{name} needs a number or a Value, got {described(other)}"
        raise TypeError(f"{needed}: write autograd.{name}(a, b) for arrays")
    return found


def other_number(other: Any) -> Any:
    """The same for ``==``, which no stranger makes an error."""
    try:
        return NotImplemented if isinstance(other, _REFUSED) else operand(other)
    except ValueError:  # a whole number beyond all floats equals none of them, as nan does
        return constant(nan)


class Bundle(tuple["Value", ...]):
    """Values that are used together, as the inputs of a layer; a pass walks them once."""

    numbers: list[float] | None = None  # read beforehand, for operations that follow at once

    def __add__(self, other: Any) -> Any:  # micrograd's n.w + [n.b]
        return [*self, *other] if isinstance(other, list) else super().__add__(other)


def bundle(values: Iterable[Number], *, read: bool = False) -> Bundle:
    """Gather Values and numbers into operands for ``total``, ``mean``, ``dot`` and ``logsumexp``.

    With read, their numbers are read now for all operations that will use the bundle.
    """
    if type(values) is not Bundle:
        values = Bundle([v if type(v) is Value else lifted(v) for v in values])
    if read:
        values = Bundle(values)
        values.numbers = [v._data for v in values]
    return values
