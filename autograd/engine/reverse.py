"""The reverse pass: the chain rule, applied to every contribution of a graph."""

from math import isfinite
from typing import Any

from autograd.engine.errors import GraphError

__all__ = ["reverse_pass"]


def reverse_pass(output: Any, seed: float) -> None:
    """Apply the chain rule, ``operand.grad += partial * result.grad``, to every contribution,
    results before operands.

    First it counts how often each recorded value is used; then a value passes its contributions on
    once all its users have. It is the order of ``graph.topological`` without asking for
    ``.operands``: the bundles of n-ary results are counted as wholes, and one or two operands are
    written out, because this loop is where the time goes."""
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
                            operand.grad += 0.0  # reached, even if only zeros come
                        else:
                            operand._uses = n + 1
                            if not n:
                                operand.grad = 0.0
                                met.append(operand)
            else:
                n = a._uses
                if n:
                    a._uses = n + 1
                elif n is not None:
                    a._uses = 1
                    a.grad = 0.0
                    met.append(a)
            b = result._b
            if b is not None:
                n = b._uses
                if n:
                    b._uses = n + 1
                elif n is not None:
                    b._uses = 1
                    b.grad = 0.0
                    met.append(b)
        output.grad = seed
        for result in ready:
            grad = result.grad
            a = result._a
            if a is None:
                # An n-ary result is finite only if its operands and partials are; then a grad of 0
                # contributes zeros.
                bundles = result._da
                if grad != 0.0 or not isfinite(result.data):
                    for many, partials in zip(bundles[::2], bundles[1::2]):
                        for operand, partial in zip(many, partials):
                            operand.grad += partial * grad
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
                a.grad += result._da * grad
                n = a._uses
                if n:
                    a._uses = n = n - 1
                    if not n:
                        ready.append(a)
            b = result._b
            if b is not None:
                b.grad += result._db * grad
                n = b._uses
                if n:
                    b._uses = n = n - 1
                    if not n:
                        ready.append(b)
        if len(ready) != len(met):
            raise GraphError(
                "another thread ran a pass over the same graph: give each thread a graph of its own"
            )
    except BaseException as error:
        for result in met:
            result._uses = 0
        if isinstance(error, TypeError):
            for leaf in (operand for result in met for operand in result.operands):
                if not isinstance(leaf.grad, (float, int)):
                    raise TypeError(
                        f"a grad needs a number, got {leaf.grad!r} in {leaf!r}: write zero_grad()"
                    ) from None
        raise
