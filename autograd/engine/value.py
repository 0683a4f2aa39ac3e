"""Value: a number that remembers how it was made, and the reverse pass that differentiates it.

>>> from autograd import Value
>>> a, b = Value(2.0, "a"), Value(-3.0, "b")
>>> y = (a * b + 10).tanh()
>>> y.backward()
>>> a
a = 2 | grad -0.004023
"""

from sys import _getframe
from typing import NoReturn

from autograd.engine import storage
from autograd.engine.changes import look
from autograd.engine.errors import CURES, Absent, GraphError, refuse_options
from autograd.engine.guard import ask, guarded, watch
from autograd.engine.interop import Interop, rows
from autograd.engine.modes import is_differentiating, watcher
from autograd.engine.native import library
from autograd.engine.notation import written
from autograd.engine.number import number
from autograd.engine.storage import UNREACHED, Bundle, Number, bundle, constant, lifted
from autograd.engine.table import CONSTANT

__all__ = ["RECORD", "UNREACHED", "Bundle", "Number", "Value", "bundle", "constant", "lifted"]


class Value(Interop):
    """A number in a graph: its data, its grad, and the operation and operands that made it.

    >>> x = Value(3.0, "x")
    >>> y = x**2 + 1
    >>> y.backward()
    >>> x.grad
    6.0
    """

    __slots__ = ()

    _prev = Interop.operands  # micrograd's name

    @property
    def partials(self) -> tuple[float, ...]:
        """Its derivative by each operand, as it was when the operation was recorded."""
        if guarded:
            ask(self, ".partials")
        return self._partials

    @property
    def _op(self) -> str:  # micrograd's, for the lecture's own code
        if self.op is None or not self.recorded:
            return ""
        return self.op.symbol + "".join(f"{c:g}" for c in self.constants if self.op.name == "power")

    __repr__ = written

    # The reverse pass

    def backward(self, seed: float = 1.0, **options: NoReturn) -> None:
        """Differentiate this value by every value it was made from, and add to their grads.

        Leaves accumulate over passes until ``zero_grad``; gradients in between are fresh in each.
        seed is the grad of this value itself. An interrupted pass leaves partial sums in the
        leaves: zero them, and run it again. Leaves that threads share need a lock.

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
        if self.recorded:
            if results := self._pass(seed):
                look(results, _getframe(1))
            if (listener := watcher()) is not None:
                listener.passed(self)
        elif self.op is None or self.op is CONSTANT:
            self._grad += seed
        else:
            remedy = "compute it outside to differentiate it"
            raise GraphError(f"{self.op.name} recorded nothing under no_grad: {remedy}")

    def _backward(self) -> None:
        """Pass this value's own contributions on, once: the step that the lecture takes by hand."""
        for operand, partial in zip(self.operands, self.partials, strict=True):
            operand.grad += partial * self.grad

    def detach(self) -> "Value":
        """A leaf with the same number: derivatives stop here."""
        if guarded:
            ask(self, "detach()")
        leaf = Value(self._data, self.label)
        if is_differentiating() is not None:  # there it is a number of f's own, and no parameter
            leaf.op = CONSTANT
        return leaf


for _name in CURES:
    setattr(Value, _name, Absent(_name))
if library is None:  # else C asks
    watch(Value, "data")
    watch(Value, "grad")

# The results of an engine are instances of this class.
storage.Value = Value  # type: ignore[misc]
rows.adopt(Value)
RECORD = rows.RECORD
