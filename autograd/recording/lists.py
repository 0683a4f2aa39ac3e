"""Lists: results side by side that are sums of products of a factor and of numbers that lie side by
side in an argument, as those of ``w @ rows``. The interpreter in C computes them where arguments
lie, and writes them where the caller has them."""

from itertools import groupby, pairwise

from autograd.recording.form import DOT, NormalForm, Term
from autograd.recording.graph import flat

LEAST, MOST_RESULTS, MOST_TERMS = 8, 256, 64  # of a list; of a sample; of all lists, as in C
# The first result, how many they are, and of each product the factor and the first of the inputs.
List = tuple[int, int, list[Term]]


def lists(form: NormalForm) -> tuple[list[List], set[int], list[int]]:
    """Those among the results of a program, their nodes, and the inputs that nothing else reads."""
    outputs, found, first, end, terms = form.outputs, list[List](), 0, 0, 0
    if not LEAST <= len(outputs) <= MOST_RESULTS or form.crosses:
        return [], set(), []
    for way, alike in groupby(_way(form, *pair) for pair in pairwise(outputs)):
        start, first = max(first, end), first + len([*alike])
        count = first + 1 - start
        terms += len(way)
        if count < LEAST or not 0 < len(way) * count <= form.inputs or terms > MOST_TERMS:
            continue
        us, vs, _ = form.operands[outputs[start]]
        moved = zip(us, vs, way, strict=True)
        found.append((start, count, [(v, u) if is_first else (u, v) for u, v, is_first in moved]))
        end = first + 1
    places = {start + k for start, count, _ in found for k in range(count)}
    nodes = {outputs[k] for k in places}
    others = {node for k, node in enumerate(outputs) if k not in places}
    others.update(factor for _, _, products in found for factor, _ in products)
    for node in form.wide if found else ():
        if node not in nodes:
            others.update(flat(form.operands[node]), form.constants[node])
    if nodes & others:
        return [], set(), []
    read = {x + k for _, count, products in found for _, x in products for k in range(count)}
    return found, nodes, sorted(read - others)


def _way(form: NormalForm, node: int, after: int) -> tuple[bool, ...]:
    """Of each product of a sum whether its first factor is the one that is an input behind that of
    the sum before, or else its second one; nothing if they are not alike."""
    if not form.rows[node] is form.rows[after] is DOT or {node, after} & form.mixed.keys():
        return ()
    *sums, constants = zip(form.operands[node], form.operands[after], strict=True)
    factors, following = ([*zip(us, vs, strict=True)] for us, vs in zip(*sums, strict=True))
    if any(constants) or len(factors) != len(following):
        return ()
    moves = [(p - u, q - v) for (u, v), (p, q) in zip(factors, following, strict=True)]
    moved = [p if move[0] else q for (p, q), move in zip(following, moves, strict=True)]
    if not {*moves} <= {(0, 1), (1, 0)} or max(moved) >= form.inputs:
        return ()
    return tuple(move[0] == 1 for move in moves)
