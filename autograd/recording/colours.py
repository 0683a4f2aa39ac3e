"""Colours: which inputs meet in the second derivatives of a recording, found from its graph, and
which of them can therefore be told apart in one direction.

Sets are whole numbers, a bit for each input. An operation lets inputs meet where its partial by an
operand is made of operands: those of a product's factors meet, those of a sum's do not."""

import ast
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from autograd.engine.formula import words_in
from autograd.engine.table import OPS, Op
from autograd.recording.form import DOT, NormalForm
from autograd.recording.graph import Loop, flat


def meetings(form: NormalForm, inputs: Sequence[int]) -> list[int]:
    """Of each of the inputs, those for which the second derivative by both may differ from zero."""
    made_of = {node: 1 << i for i, node in enumerate(inputs)}
    meet = [0] * len(inputs)
    known = set[tuple[int, int]]()

    def together(a: int, b: int) -> None:
        if not (a and b) or (a, b) in known:
            return
        if a.bit_count() + b.bit_count() > 2:  # two single inputs are done again sooner
            known.update(((a, b), (b, a)))
        for i in members(a):
            meet[i] |= b
        for i in members(b):
            meet[i] |= a

    for node, row, operands, _ in form.results(form.order):
        sets = [made_of.get(o, 0) for o in flat(operands)]
        everything = 0
        for some in sets:
            everything |= some
        if not everything:
            continue
        made_of[node] = everything
        if isinstance(row, Loop):
            together(everything, everything)
        elif row is DOT:
            for u, v in zip(*operands[:2], strict=True):
                together(made_of.get(u, 0), made_of.get(v, 0))
        else:
            for i, used in enumerate(_bends(row)):
                if used is None:  # n-ary, or made of the result
                    together(everything if row.nary else sets[i], everything)
                else:
                    for j in used:
                        together(sets[i], sets[j])
    return meet


@cache
def _bends(row: Op) -> list[list[int] | None]:
    """Of each partial of a row, by which operands it changes; None for all of them."""
    names = [name.lstrip("*") for name in row.operands]
    found: list[list[int] | None] = []
    for text in row.partials:
        words = words_in(_Smooth().visit(ast.parse(text, mode="eval")))
        used = [i for i, name in enumerate(names) if name in words]
        all_ = bool(words & {"y", "peak"}) or (row.nary and bool(used))
        found.append(None if all_ else used)
    return found


class _Smooth(ast.NodeTransformer):
    """A formula without the parts that are constant but for jumps."""

    def visit_Call(self, node: ast.Call) -> Any:
        name = ast.unparse(node.func)
        if name == "where":
            node.args[0] = ast.Constant(0)
        elif name in OPS and set(OPS[name].partials) == {"0"}:
            return ast.Constant(0)
        return self.generic_visit(node)


def members(some: int) -> Iterator[int]:
    """The inputs in a set."""
    while some:
        highest = some.bit_length() - 1
        yield highest
        some ^= 1 << highest


def apart(rows: Sequence[int], own: Sequence[int]) -> list[int]:
    """A colour for each input, the first that has none of its rows yet; each adds its own to it."""
    taken, colours = list[int](), list[int]()
    for mine, more in zip(rows, own, strict=True):
        colour = next((c for c, some in enumerate(taken) if not some & mine), len(taken))
        if colour == len(taken):
            taken.append(0)
        taken[colour] |= more
        colours.append(colour)
    return colours
