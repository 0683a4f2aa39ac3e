"""The two passes of a graph as steps, in their order, with the numbers that each step will have."""

from collections.abc import Mapping, Sequence

from autograd.debugging.names import Names, as_written
from autograd.debugging.step import Computation, Contribution, Kind, Taken
from autograd.engine.notation import short
from autograd.engine.reverse import sweep, topological
from autograd.engine.value import UNREACHED, Bundle, Value

# The kind of its steps, the steps, how it begins, in words, the names of the values, and the grads
# that it begins with.
Pass = tuple[Kind, Sequence[Taken], str, Names, dict[Value, float]]


def reverse_steps(output: Value, seed: float) -> Pass:
    """The contributions. The grads of leaves are there already."""
    order, names = topological(output), Names(output)
    bundled = [many for v in order for many in v.bundles if type(many) is Bundle]
    for leaf in {v for many in bundled for v in many if v.reached}:
        leaf.grad += 0.0  # as backward does, which matters to a grad of -0.0
    grads = {v: UNREACHED if v.operands else v.grad for v in order}
    grads[output] = seed if output.operands else output.grad + seed
    sign = "=" if output.operands else "+="
    start = f"{names.grad(output)} {sign} {short(seed)}, the seed" + _held(names)

    return Contribution, contributions(order, names, grads), start, names, grads


def contributions(
    order: Sequence[Value], names: Names, grads: Mapping[Value, float]
) -> list[Contribution]:
    """The steps of a reverse pass over a graph, operands before results, from such grads."""
    now, steps = dict(grads), list[Contribution]()
    for i, (result, place, operand, partial, before, added) in enumerate(sweep(order, now), 1):
        numbers = (partial, now[result], added, before, now[operand])
        steps.append(Contribution(i, names, result, operand, place, *numbers))
    return steps


def _held(names: Names) -> str:
    """What leaves have got from earlier passes, which a user may not remember."""
    held = [v for v in names if v.op is None and v.grad != 0.0]
    if not held:
        return ""
    some = _few([f"{names.grad(v)} = {short(v.grad)}" for v in held])
    it = "them" if len(held) > 1 else "it"
    remedy = f"zero_grad() before a walk clears {it}"
    return f"\n  left by earlier passes: {some}; this pass adds to {it}, {remedy}"


def _few(texts: list[str]) -> str:
    return ", ".join(texts if len(texts) <= 8 else [*texts[:7], f"{len(texts) - 7} more"])


def forward_steps(output: Value) -> Pass:
    """The results, which are there already: the numbers stay as they were recorded."""
    names = Names(output)
    given = [f"{name} = {short(v.data)}" for v, name in names.items() if v.op is None]
    results = [v for v in as_written(output) if v.operands]
    steps = [Computation(i, names, v) for i, v in enumerate(results, 1)]
    return Computation, steps, _few(given) or "only numbers", names, {}
