"""Storage: what a node keeps, and how one is made; the same in C where ``native`` was built.

Only the printed methods of ``operators.py`` and the reverse pass use the slots."""

from collections.abc import Iterable, Sequence
from itertools import chain
from math import nan
from typing import TYPE_CHECKING, Any, NoReturn, SupportsFloat, TypeAlias, TypeVar

from autograd.engine.errors import refuse_options
from autograd.engine.native import library
from autograd.engine.notation import described
from autograd.engine.number import number
from autograd.engine.reverse import reverse_pass, topological
from autograd.engine.table import CONSTANT, OPS, Op

if TYPE_CHECKING:
    from autograd.engine.value import Value as Value

__all__ = ["UNREACHED", "Bundle", "Number", "Storage", "bundle", "checked_label"]
__all__ += ["constant", "lifted", "new", "operand", "other_number", "quick", "record", "second"]

Number: TypeAlias = "Value | SupportsFloat"
F = TypeVar("F")
new = object.__new__

# The grad of a value that no pass has reached: 0.0, but this very object, so that a picture need
# not show zeros.
UNREACHED = float("0")


INPUT = object()  # in the place of a partial

# By a name, because mypy, where it sees the slots themselves, has it that data is none of them.
SLOTS = ("__weakref__", "_a", "_b", "_da", "_data", "_db", "_grad", "_note", "_uses", "op")


class Storage:
    """Data, grad, the operation and its operands with their partials."""

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
    _is_taken: bool  # in C: a result of a function that is being recorded
    _uses: int | None
    _note: tuple[str, tuple[float, ...]]
    _a: Any
    _b: Any
    _da: Any
    _db: Any

    def __init__(self, data: SupportsFloat, label: str = "", *of: Any, **options: NoReturn) -> None:
        if of or options:
            refuse_options(type(self).__name__, options or {"_children": label})
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
    def recorded(self) -> bool:
        """Whether it has operands to pass its grad on to."""
        return self._uses is not None

    @property
    def label(self) -> str:
        """The name that errors, drawings and explanations use."""
        return self._note[0] if hasattr(self, "_note") else ""

    @label.setter
    def label(self, text: str) -> None:
        self._note = (checked_label(text), self.constants)

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

    @property
    def _partials(self) -> tuple[float, ...]:
        if self._uses is None:
            return ()
        many = chain.from_iterable(self._da[1::2]) if self._a is None else (self._da,)
        return (*many,) if self._b is None else (*many, self._db)

    # Whether a recording made it, to stand for a number of each sample.
    _is_input = property(
        lambda self: getattr(self, "_da", None) is INPUT,
        lambda self, _: setattr(self, "_da", INPUT),
    )

    _pass = reverse_pass

    def _cut(self) -> None:
        """Forget the operands: it passes no grad on any more."""
        self._a = self._b = self._da = self._db = self._uses = None

    def zero_grad(self) -> None:
        """Forget the grad of this value and of every value it was made from."""
        for value in topological(self):
            value._grad = UNREACHED

    def _become(self, origin: "Value") -> None:
        """Turn this leaf into a result that equals origin: from now on it passes its grad on."""
        self.op, self._a, self._da, self._b, self._uses = OPS["positive"], origin, 1.0, None, 0


class Bundle(tuple["Value", ...]):
    """Values that are used together, as the inputs of a layer; a pass walks them once."""

    numbers: list[float] | None = None  # read beforehand, for operations that follow at once

    def __add__(self, other: Any) -> Any:  # micrograd's n.w + [n.b]
        return [*self, *other] if isinstance(other, list) else super().__add__(other)


def bundle(values: Iterable[Number], *, read: bool = False) -> Bundle:
    """Gather Values and numbers into operands for ``total``, ``mean``, ``dot`` and the like;
    with read, their numbers are read now for all operations that will use the bundle."""
    if type(values) is not Bundle:
        values = Bundle([v if type(v) is Value else lifted(v) for v in values])
    if read:
        values = Bundle(values)
        values.numbers = [v._data for v in values]
    return values


def constant(x: Any) -> "Value":
    """A number that stands in an expression: a leaf that is nobody's input or parameter."""
    value = new(Value)
    value._data = x if type(x) is float else number(x, "arithmetic with a Value needs numbers")
    value._grad = UNREACHED
    value.op = CONSTANT
    value._a = value._b = value._uses = None
    return value


def stand_in(origin: "Value") -> "Value":
    """A leaf with the number of a value, which may ``_become`` it."""
    return Value(origin._data) if library is None else library.stand_in(origin)


def record(
    op: Op, y: float, bundles: Sequence[Any], partials: Sequence[Any], constants: Sequence[float]
) -> "Value":
    """A result from all that belongs to it: bundles are its operands as the row names them (a Value
    each, or a Bundle for a starred one), partials those by each."""
    value = constant(y)
    value.op, value._uses = op, 0
    pairs = list(zip(bundles, partials, strict=False))
    if op.nary:
        starred = sum(name[0] == "*" for name in op.operands)
        value._da, last = tuple(chain.from_iterable(pairs[:starred])), pairs[starred:]
    else:
        (value._a, value._da), *last = pairs
    if last and last[0][0] is not None:
        value._b, value._db = last[0]
    if constants:
        value._note = ("", tuple(constants))
    return value


if not TYPE_CHECKING and library is not None:
    from autograd.engine.native.library import Bundle, Storage, bundle, constant, record


def quick(function: F) -> F:
    """The function of a row; in C it is quick on Values."""
    return function if library is None else library.quick(function)


def checked_label(text: Any) -> str:
    """The text of a label, which is one."""
    if not isinstance(text, str):
        raise TypeError(f"a label needs text, got {described(text)}: write str(...)")
    return text


def lifted(x: Any) -> "Value":
    """x as a Value: itself, or a constant."""
    return x if isinstance(x, Value) else constant(x)


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
