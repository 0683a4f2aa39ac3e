"""A debugger for backprop: stop in the middle of the reverse pass, look around, go back.

>>> from autograd import Value, tanh, walk
>>> w, x, b = Value(-1.2, "w"), Value(0.5, "x"), Value(0.3, "b")
>>> t = walk(tanh(w * x + b))
>>> t
step 0 of 5: tanh.grad = 1, the seed
>>> t.step()
step 1 of 5: add.grad += sech(add)**2 * tanh.grad = 0.9151 * 1 = 0.9151, now 0.9151
>>> t.until(w)
step 4 of 5: w.grad += x * mul.grad = 0.5 * 0.9151 = 0.4576, now 0.4576
>>> t.back()
step 3 of 5: b.grad += 1 * add.grad = 1 * 0.9151 = 0.9151, now 0.9151
>>> w
w = -1.2
"""

from functools import cached_property

from autograd.debugging.cursor import Walk
from autograd.debugging.step import Computation, Contribution, Start, Taken
from autograd.engine.errors import GraphError
from autograd.engine.notation import described, short
from autograd.engine.number import number
from autograd.engine.reverse import as_written, topological
from autograd.engine.table import CONSTANT
from autograd.engine.value import UNREACHED, Bundle, Value

__all__ = ["walk"]


def walk(output: Value, seed: float = 1.0, *, forward: bool = False) -> Walk:
    """Go through the reverse pass of output one contribution at a time; or through its forward
    pass, result by result.

    The walk works on the grads of the graph itself, as ``output.backward(seed)`` does: those in
    between begin anew, leaves add to what they have, and the last step leaves the very same
    numbers. A walk that is given up half way leaves partial sums: ``restart()`` takes them back.

    Raises GraphError for a result of ``no_grad``, which has nothing to walk through.

    >>> x = Value(3.0, "x")
    >>> walk(x * x).finish()
    step 2 of 2, the end: x.grad += x * mul.grad = 3 * 1 = 3, now 6
    >>> walk(x * x + 1, forward=True).finish()
    step 2 of 2, the end: add = mul + 1 = 9 + 1 = 10
    """
    if not isinstance(output, Value):
        raise TypeError(
            f"walk needs a Value, got {described(output)}: give it the result of an expression of Values"
        )
    if output.op not in (None, CONSTANT) and not output.operands:
        raise GraphError(
            f"{output.op.name} recorded nothing under no_grad: compute it outside to walk through it"
        )
    return _Forward(output) if forward else _Reverse(output, number(seed, "a seed needs a number"))


class _Reverse(Walk):
    """A walk over the contributions, which it adds to the grads and takes back."""

    facts = ("number", "partial", "result_grad", "contribution", "before", "grad")
    verb = "is complete"

    def __init__(self, output: Value, seed: float) -> None:
        order = topological(output)
        results = [v for v in reversed(order) if v.operands]
        super().__init__(output, results, [sum(map(len, v.bundles)) for v in results])
        self.seed = seed
        bundled = [many for v in results for many in v.bundles if type(many) is Bundle]
        for leaf in {v for many in bundled for v in many if v.reached}:
            leaf.grad += 0.0  # as backward does, which matters to a grad of -0.0
        self._before = {v: UNREACHED if v.operands else v.grad for v in order}
        self._before[output] = seed if output.operands else output.grad + seed
        self._edges: tuple[Value | None, tuple[Value, ...], tuple[float, ...]] = (None, (), ())
        self._restore()

    def _restore(self) -> None:
        self._grads = dict(self._before)
        for v, grad in self._before.items():
            v.grad = grad

    def _take(self, result: Value, place: int) -> Contribution:
        if self._edges[0] is not result:
            self._edges = result, result.operands, result.partials
        operand, partial = self._edges[1][place], self._edges[2][place]
        self._expect(result, operand)
        before, contribution = operand.grad, partial * result.grad
        operand.grad = self._grads[operand] = before + contribution
        return Contribution(
            *(self.number + 1, self.names, result, operand, place, partial),
            *(result.grad, contribution, before, operand.grad),
        )

    def _undo(self, step: Taken) -> None:
        assert isinstance(step, Contribution)
        self._expect(step.operand)
        step.operand.grad = self._grads[step.operand] = step.before

    def _expect(self, *values: Value) -> None:
        for v in values:
            if v.grad is not self._grads[v]:
                raise GraphError(
                    f"{self.names.grad(v)} was {short(self._grads[v])} at step {self.number} of this walk and was set "
                    f"to {short(v.grad)} since by something else: restart() begins again from the walk's own numbers"
                )

    @cached_property
    def _start(self) -> Start:
        sign = "=" if self.output.operands else "+="
        return Start(
            self.names, f"{self.names.grad(self.output)} {sign} {short(self.seed)}, the seed"
        )

    @cached_property
    def _last(self) -> dict[Value, int]:
        everything = (operand for result in self._order for operand in result.operands)
        return {operand: number for number, operand in enumerate(everything, 1)}

    def _state(self, v: Value) -> str:
        so_far = "" if self._last.get(v, 0) <= self.number else " so far"
        return f"{self.names.grad(v)} = {short(v.grad)}{so_far}"


class _Forward(Walk):
    """A walk over the results, which are there already: the numbers stay as they were recorded."""

    facts = ("number", "data")
    verb = "is computed"

    def __init__(self, output: Value) -> None:
        results = [v for v in as_written(output) if v.operands]
        super().__init__(output, results, [1] * len(results))

    def _restore(self) -> None:
        """Nothing was changed."""

    def _take(self, result: Value, place: int) -> Computation:
        return Computation(self.number + 1, self.names, result)

    def _undo(self, step: Taken) -> None:
        """Nothing was changed."""

    @cached_property
    def _start(self) -> Start:
        given = [
            f"{name} = {short(v.data)}"
            for v, name in self.names.items()
            if not v.operands and v.op is None
        ]
        some = given if len(given) <= 8 else [*given[:7], f"{len(given) - 7} more"]
        return Start(self.names, ", ".join(some) or "only numbers")

    @cached_property
    def _last(self) -> dict[Value, int]:
        return {result: number for number, result in enumerate(self._order, 1)}

    def _state(self, v: Value) -> str:
        known = self._last.get(v, 0) <= self.number
        return f"{self.names[v]} = {short(v.data) if known else 'not computed yet'}"
