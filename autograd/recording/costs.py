"""Costs: what a call and a sample take by each engine, as far as the graph tells."""

from itertools import compress

from autograd.recording.form import NormalForm
from autograd.recording.schedule import groups_in

__all__ = ["estimated"]

# Nanoseconds, forward and reverse, as measured with AVX2 on networks of ReLUs: only their ratio
# decides. C took 0.1 to 0.5 of NumPy's time for 2-16-16-1, 16-64-64-1 and 64-100-1, 0.6 to 0.7 for
# 24-96-96-1 with 1 to 32 samples, 0.8 to 1.2 for 64-128-128-1 with any number, 1.1 to 1.4 for
# 32-256-256-1. `python -m tests.benchmarks.replay --engines` compares them. NumPy's calls for a
# level, a node of a sample, a product within a matrix product, of all samples and of each;
A_LEVEL, A_ROW, A_FACTOR, A_WEIGHT = 3600.0, 5.0, 2.6, 0.16
# in C a call, a product (or another instruction) whatever the batch, and of each sample, a row;
A_CALL, AN_INSTRUCTION, A_PRODUCT, A_VECTOR = 1000.0, 1.8, 0.26, 0.7
# an instruction in Python, or a product, on floats; on arrays it takes ten times that. What
# functions of the C library take is the same in all of them.
IN_PYTHON = 200.0


def estimated(
    form: NormalForm, has_native: bool, is_deep: bool, has_arguments: bool, every: bool
) -> dict[str, tuple[float, float]]:
    """For each engine what a call and what a sample costs, in nanoseconds; without those that can
    never be best, unless every one is asked for."""
    costs: dict[str, tuple[float, float]] = {}
    if has_native and (form.bodies or (is_deep and not every)):
        return {"native": (0.0, 0.0)}
    lengths = [len(form.operands[node][0]) for node in form.nary]
    products, narrow, wide = sum(lengths), len(form.narrow), len(form.wide)
    terms: float = narrow + wide - len(lengths) + products
    one = A_CALL + AN_INSTRUCTION * terms + A_VECTOR * narrow
    # Most small graphs need no more to be told: NumPy has a call a level, and a row or more a node.
    deepest = max(map(form.depth.__getitem__, form.outputs), default=0)
    is_few = A_PRODUCT * products <= min(A_LEVEL * deepest - one, (A_ROW - A_VECTOR) * wide)
    if has_native and has_arguments and is_few and terms and not every:
        return {"native": (0.0, 0.0)}
    are_wide = [form.varies[node] for node in form.nary]
    wide_products = sum(compress(lengths, are_wide))
    wide_terms = wide - sum(are_wide) + wide_products
    in_c = one + A_PRODUCT * (products - wide_products), A_VECTOR * wide + A_PRODUCT * wide_products
    in_numpy = [0.0, A_ROW * wide_terms]
    for many in form.layers.values():
        in_numpy[0] += A_FACTOR * many
        in_numpy[1] += A_WEIGHT * many + A_ROW * (1 - many)
    if has_native:
        costs["native"] = in_c
    if not is_deep:
        # There are no fewer groups than levels, nor than one.
        more = in_c[0] - in_numpy[0]
        is_best = more <= A_LEVEL * bool(terms) or more <= A_LEVEL * max(form.depth)
        is_best = is_best and in_c[1] <= in_numpy[1]
        if every or not (has_native and is_best):
            costs["numpy"] = in_numpy[0] + groups_in(form) * A_LEVEL, in_numpy[1]
    terms *= IN_PYTHON
    costs["python"] = (terms * 10 if has_arguments else 0.0, terms)
    return costs
