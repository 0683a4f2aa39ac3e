"""The order of a graph, and the chain rule.

``topological`` lists the values, and ``sweep`` takes the chain rule through such a list with
numbers of its own. ``reverse_pass`` is the two written out once more for ``backward``, on the grads
of the graph itself, because that is where the time goes; tests hold them to the same bits.
No walk recurses, so any depth will do."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import isfinite
from typing import Any, TypeVar

from autograd.engine.errors import GraphError

N = TypeVar("N")
Uses = Callable[[Any], Iterable[tuple[Any, Any]]]


def topological(output: N) -> list[N]:
    """List every value that output was made from, and output itself, operands before results.

    Reversed, this is the order of the reverse pass: a result comes up once all its users have
    passed their contributions (Kahn's algorithm, first in, first out; operands in the order of the
    operation, so it never varies).

    >>> from autograd import Value
    >>> a = Value(2.0, "a")
    >>> b = a * a
    >>> b.label = "b"
    >>> c = a + b
    >>> c.label = "c"
    >>> [v.label for v in topological(c)]
    ['a', 'b', 'c']
    """
    uses: dict[Any, int] = {output: 0}
    met: list[Any] = [output]
    for result in met:
        for operand in result.operands:
            if operand in uses:
                uses[operand] += 1
            else:
                uses[operand] = 1
                met.append(operand)
    order: list[Any] = [output]
    for result in order:
        for operand in result.operands:
            uses[operand] -= 1
            if not uses[operand]:
                order.append(operand)
    order.reverse()
    return order


def leaves(outputs: Iterable[Any]) -> Iterator[Any]:
    """Those values without operands that outputs were made from, in any order."""
    met = [*outputs]
    seen = set(met)
    for v in met:
        if not (operands := v.operands):
            yield v
        for operand in operands:
            if operand not in seen:
                seen.add(operand)
                met.append(operand)


def _recorded(result: Any) -> Iterable[tuple[Any, Any]]:
    return zip(result.operands, result._partials, strict=True)


def times(partial: Any, x: Any) -> Any:
    """Their product; by 1.0 nothing is multiplied, so that no Value is made."""
    return x if type(partial) is float and partial == 1.0 else partial * x


def sweep(
    order: Sequence[Any], grads: dict[Any, Any], uses: Uses = _recorded
) -> Iterator[tuple[Any, int, Any, Any, Any, Any]]:
    """Apply the chain rule to every contribution of a graph, one at a time, and add it to grads.

    order has operands before results; grads begins with the seed of each output; a value that is
    not in it gets its first contribution as it is. uses gives the operands of a result with the
    partials by them (numbers or Values). Yields the result, the operand's place among its operands,
    the operand, the partial, the operand's grad before (or None), and the contribution.

    >>> from autograd import Value
    >>> x = Value(3.0, "x")
    >>> y = x * x
    >>> [contribution for *_, contribution in sweep([x, y], {y: 1.0})]
    [3.0, 3.0]
    """
    for result in reversed(order):
        if result in grads:
            grad = grads[result]
            for place, (operand, partial) in enumerate(uses(result)):
                contribution = times(partial, grad)
                before = grads.get(operand)
                grads[operand] = contribution if before is None else before + contribution
                yield result, place, operand, partial, before, contribution


def gradients(order: Sequence[Any], grads: dict[N, Any], uses: Uses = _recorded) -> dict[N, Any]:
    """The same grads, after the whole sweep."""
    for _ in sweep(order, grads, uses):
        pass
    return grads


def reverse_pass(output: Any, seed: float) -> list[Any]:
    """Apply the chain rule, ``operand.grad += partial * result.grad``, to every contribution.

    The order is that of ``topological``, but bundles are counted as wholes, and one or two operands
    are written out, because this loop is where the time goes. Returns the results, output first."""
    met, ready = [output], [output]
    uses: dict[int, int] = {}  # of each bundle
    try:
        for result in met:
            a = result._a
            if a is None:
                for many in result._da[::2]:
                    if id(many) in uses:
                        uses[id(many)] += 1
                        continue
                    uses[id(many)] = 1
                    for operand in many:
                        n = operand._uses
                        if n is None:
                            operand._grad += 0.0  # reached, even if only zeros come
                        else:
                            operand._uses = n + 1
                            if not n:
                                operand._grad = 0.0
                                met.append(operand)
            else:
                n = a._uses
                if n:
                    a._uses = n + 1
                elif n is not None:
                    a._uses = 1
                    a._grad = 0.0
                    met.append(a)
            b = result._b
            if b is not None:
                n = b._uses
                if n:
                    b._uses = n + 1
                elif n is not None:
                    b._uses = 1
                    b._grad = 0.0
                    met.append(b)
        output._grad = seed
        for result in ready:
            grad = result._grad
            a = result._a
            if a is None:
                # An n-ary result is finite only if its operands and partials are; then a grad of 0
                # contributes zeros.
                bundles = result._da
                if grad != 0.0 or not isfinite(result._data):
                    for many, partials in zip(bundles[::2], bundles[1::2]):
                        for operand, partial in zip(many, partials):
                            operand._grad += partial * grad
                for many in bundles[::2]:
                    n = uses[id(many)] = uses[id(many)] - 1
                    if not n:
                        for operand in many:
                            n = operand._uses
                            if n:
                                operand._uses = n = n - 1
                                if not n:
                                    ready.append(operand)
            else:
                a._grad += result._da * grad
                n = a._uses
                if n:
                    a._uses = n = n - 1
                    if not n:
                        ready.append(a)
            b = result._b
            if b is not None:
                b._grad += result._db * grad
                n = b._uses
                if n:
                    b._uses = n = n - 1
                    if not n:
                        ready.append(b)
        if len(ready) != len(met):
            remedy = "give each thread a graph of its own"
            raise GraphError(f"another thread ran a pass over the same graph: {remedy}")
    except BaseException as error:
        for result in met:
            result._uses = 0
        if isinstance(error, TypeError):
            for leaf in (operand for result in met for operand in result.operands):
                if not isinstance(leaf._grad, (float, int)):
                    sentence = f"a grad needs a number, got {leaf._grad!r} in {leaf!r}"
                    raise TypeError(f"{sentence}: write zero_grad()") from None
        raise
    return ready
