"""A derivative in any of the usual shapes, as a Jacobian: a row for each output.

>>> given = Arguments(lambda p: [p["a"], p["b"]], ({"a": 2.0, "b": 3.0},), {})
>>> rows([{"b": 0.0, "a": 1.0}, {"a": 0.0, "b": 1.0}], given, Tree.of([2.0, 3.0]), "a gradient")
[[1.0, 0.0], [0.0, 1.0]]
"""

from typing import Any

from autograd.checking.inputs import Arguments
from autograd.checking.probe import reals
from autograd.engine.notation import described
from autograd.tree import Tree

__all__ = ["rows"]


def rows(claim: Any, given: Arguments, outside: Tree, needed: str) -> list[list[float]]:
    """The derivatives of every output (of the structure outside) by every argument.

    Outputs outside and arguments inside, as ``jacobian`` gives them; or a Jacobian for each
    argument; or a plain matrix; or, where an array goes in and its like comes out, one number for
    each element. Raises ValueError or TypeError for another shape."""
    m, n, trees = outside.size, len(given.numbers), list(given.trees.values())
    found = reals(claim, f"{needed} numbers")
    elementwise = len(found) == m == n > 1 and len(trees) == 1
    if len(found) != m * n and not elementwise:
        form = f"{m} x {n} numbers, one for each output and input"
        form = f"{n} number{'s' * (n != 1)}" if m == 1 else form
        raise TypeError(f"{needed} {form}, got {len(found)}: {described(claim)}")
    if elementwise:
        diagonal = reals(trees[0].match(claim, needed), needed)
        return [[g if i == j else 0.0 for i in range(n)] for j, g in enumerate(diagonal)]
    if len(trees) == 1 and type(claim) is tuple and len(claim) == 1 and trees[0].kind is not tuple:
        (claim,) = claim
    inside = trees[0] if len(trees) == 1 else _together(trees)
    forms = [_nested(outside, inside), *([Tree(shape=(m, n))] if m > 1 else [])]
    if not given.args:
        forms.append(_nested(outside, Tree(dict, tuple(given.trees), tuple(trees))))
    by_argument = _together([_nested(outside, tree) for tree in trees])
    if len(trees) > 1 and m > 1:
        forms.insert(0 if type(claim) is tuple and outside.kind is not tuple else 1, by_argument)
    refusal: ValueError | None = None
    for shape in forms:
        try:
            flat = iter(reals(shape.match(claim, needed), needed))
        except ValueError as error:
            refusal = refusal or error
            continue
        made: list[list[float]] = [[] for _ in range(m)]
        for size in [tree.size for tree in trees] if shape is by_argument else [n]:
            for row in made:
                row += [next(flat) for _ in range(size)]
        return made
    assert refusal is not None
    raise refusal


def _together(trees: list[Tree]) -> Tree:
    return Tree(tuple, tuple(range(len(trees))), tuple(trees))


def _nested(outside: Tree, inside: Tree) -> Tree:
    """The structure of a Jacobian: that of the outputs, with the arguments' in each place."""
    if outside.kind is None and not outside.shape:
        return inside
    if outside.kind is None and inside.kind is None:
        return Tree(shape=outside.shape + inside.shape)
    entries = outside.entries or (Tree(shape=outside.shape[1:]),) * outside.shape[0]
    keys = outside.keys or tuple(range(len(entries)))
    kind = outside.kind or list
    return Tree(kind, keys, tuple(_nested(entry, inside) for entry in entries))
