"""The native interpreter: Python code that numba compiles, once for a set of rows, and keeps.

The code is made from the rows of the table. It goes through the batch in blocks of samples, so that
all that a block needs stays in the cache. The products of a sum go four at a time, which halves
what is stored."""

import ast
import hashlib
import importlib.util
import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from textwrap import indent
from types import ModuleType
from typing import Any

from autograd.engine.table import OPS, Op
from autograd.recording.arrays import Formula

__all__ = ["is_installed", "is_vector", "kernel"]

NJIT = '@njit(cache=True, error_model="numpy")'
HEAD = '''\
"""Interpreter of glassgrad's tapes for the rows {names}. Printed by autograd.recording.native."""

import math

import numpy as np
from numba import njit


# The inner product of a row of g with a row of v, or four; zero if n numbers are finite, else nan.
@njit(cache=True, fastmath={"reassoc", "nsz", "contract"}, error_model="numpy")
def along(g, at, v, of, n):
    total = 0.0
    for j in range(n):
        total += g[at + j] * v[of + j]
    return total


@njit(cache=True, fastmath={"reassoc", "nsz", "contract"}, error_model="numpy")
def along_four(g, at, v, a, b, c, d, n):
    p = q = r = s = 0.0
    for j in range(n):
        p += g[at + j] * v[a + j]
        q += g[at + j] * v[b + j]
        r += g[at + j] * v[c + j]
        s += g[at + j] * v[d + j]
    return p, q, r, s


@njit(cache=True, fastmath={"reassoc"}, error_model="numpy")
def nothing(v, at, n):
    total = 0.0
    for j in range(n):
        total += v[at + j] * 0.0
    return total

'''

DOT_FORWARD = """\
        if kind == 0:
            mixed, both, c, at = code[i + 2], code[i + 3], code[i + 4], i + 6
            bias = s[c - 1] if c else -0.0
            for j in range(n):
                v[o + j] = bias
            for k in range(mixed // 4):
                w0, w1, w2, w3 = s[code[at]], s[code[at + 2]], s[code[at + 4]], s[code[at + 6]]
                x0, x1 = code[at + 1] * stride, code[at + 3] * stride
                x2, x3 = code[at + 5] * stride, code[at + 7] * stride
                for j in range(n):
                    y = v[o + j] + w0 * v[x0 + j] + w1 * v[x1 + j]
                    v[o + j] = y + w2 * v[x2 + j] + w3 * v[x3 + j]
                at += 8
            for k in range(mixed % 4):
                w, x = s[code[at]], code[at + 1] * stride
                for j in range(n):
                    v[o + j] += w * v[x + j]
                at += 2
            for k in range(both if inside else 0):
                v[o] += v[code[at]] * v[code[at + 1]]
                at += 2
            for k in range(0 if inside else both):
                x, y = code[at] * stride, code[at + 1] * stride
                for j in range(n):
                    v[o + j] += v[x + j] * v[y + j]
                at += 2
"""
DOT_REVERSE = """\
        if kind == 0:
            mixed, both, c, leaves, at = code[i + 2], code[i + 3], code[i + 4], code[i + 5], i + 6
            if c:
                total = 0.0
                for j in range(n):
                    total += g[o + j]
                gs[c - 1] += total
            for k in range(mixed // 4):
                w0, w1, w2, w3 = s[code[at]], s[code[at + 2]], s[code[at + 4]], s[code[at + 6]]
                x0, x1 = code[at + 1] * stride, code[at + 3] * stride
                x2, x3 = code[at + 5] * stride, code[at + 7] * stride
                d0, d1, d2, d3 = along_four(g, o, v, x0, x1, x2, x3, n)
                gs[code[at]] += d0
                gs[code[at + 2]] += d1
                gs[code[at + 4]] += d2
                gs[code[at + 6]] += d3
                if not (leaves and want == 2):
                    # Two at a time: with more the compiler gives up proving them apart.
                    for j in range(n):
                        g[x0 + j] += w0 * g[o + j]
                        g[x1 + j] += w1 * g[o + j]
                    for j in range(n):
                        g[x2 + j] += w2 * g[o + j]
                        g[x3 + j] += w3 * g[o + j]
                at += 8
            for k in range(mixed % 4):
                gs[code[at]] += along(g, o, v, code[at + 1] * stride, n)
                if not (leaves and want == 2):
                    w, x = s[code[at]], code[at + 1] * stride
                    for j in range(n):
                        g[x + j] += w * g[o + j]
                at += 2
            for k in range(both if inside else 0):
                x, y = code[at], code[at + 1]
                dx, dy = v[y] * g[o], v[x] * g[o]
                g[x] += dx
                g[y] += dy
                at += 2
            for k in range(0 if inside else both):
                x, y = code[at] * stride, code[at + 1] * stride
                for j in range(n):
                    dx, dy = v[y + j] * g[o + j], v[x + j] * g[o + j]
                    g[x + j] += dx
                    g[y + j] += dy
                at += 2
"""
# The values (and grads, if wanted: 1 by arguments, 2 by parameters) of a batch; whether all numbers
# are finite. First the narrow nodes, in s and gs; then block after block of the samples; then the
# narrow ones again.
RUN = """

@njit(cache=True, error_model="numpy")
def run(
    inner, inner_starts, inner_back, outer, outer_starts, outer_back, lifted, outputs,
    s, given, values, want, seed, gs, slopes, wide, grads, width,
):
    # Indices are unsigned: one that may be negative keeps the compiler from vector instructions.
    inputs, samples, width = np.uint64(given.shape[0]), np.uint64(given.shape[1]), np.uint64(width)
    rows = np.uint64(wide.shape[0]) // width
    blocks = int((samples + width - np.uint64(1)) // width)
    check = 0.0
    for block in range(-1, blocks + 1):
        inside = block < 0 or block == blocks
        lo = np.uint64(max(block, 0)) * width
        if inside:
            code, starts, back, v, g = inner, inner_starts, inner_back, s, gs
            n, stride = np.uint64(1), np.uint64(1)
        else:
            code, starts, back, v, g = outer, outer_starts, outer_back, wide, grads
            n, stride = min(width, samples - lo), width
            for k in range(inputs):
                for j in range(n):
                    v[k * stride + j] = given[k, lo + j]
            for k in range(np.uint64(len(lifted))):
                for j in range(n):
                    v[lifted[k, 0] * stride + j] = s[lifted[k, 1]]
        if block < blocks:
            for step in range(starts.shape[0]):
                i = starts[step]
                kind, o = code[i], code[i + 1] * stride
{forward}        if block < 0:
            check += nothing(s, np.uint64(0), np.uint64(len(s)))
        elif block < blocks:
            for k in range(rows):
                check += nothing(v, k * width, n)
            for k in range(np.uint64(len(outputs))):
                for j in range(n):
                    values[k, lo + j] = v[outputs[k] * stride + j]
        if block < 0 or want == 0 or (inside and want == 1):
            continue
        if not inside:
            for k in range(rows):
                for j in range(n):
                    g[k * stride + j] = 0.0
            for j in range(n):
                g[outputs[0] * stride + j] = seed
        for step in range(back.shape[0] - 1, -1, -1):
            i = back[step]
            kind, o = code[i], code[i + 1] * stride
{reverse}        if not inside:
            for k in range(np.uint64(len(lifted))):
                for j in range(n):
                    gs[lifted[k, 1]] += g[lifted[k, 0] * stride + j]
            if want == 1:
                for k in range(inputs):
                    for j in range(n):
                        slopes[k, lo + j] = g[k * stride + j]
    return check == 0.0
"""


class _Scalar(Formula):
    """A formula of a row in numba's words, on single floats."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        result = super().visit_BinOp(node)
        match result:  # by 0, which Python's own refuse
            case ast.BinOp(a, ast.Mod() | ast.FloorDiv() as sign, b):
                other = (
                    "np.nan"
                    if isinstance(sign, ast.Mod)
                    else f"{ast.unparse(a)} / {ast.unparse(b)}"
                )
                text = f"{other} if {ast.unparse(b)} == 0.0 else {ast.unparse(result)}"
                return ast.parse(text, mode="eval").body
        return result

    def visit_Call(self, node: ast.Call) -> ast.expr:
        result = super().visit_Call(node)
        if isinstance(result, ast.Call) and ast.unparse(result.func) in ("erf", "erfc"):
            result.func = ast.Attribute(ast.Name("math"), ast.unparse(result.func))
        return result

    def raised(self, node: ast.BinOp) -> ast.expr:
        return node

    def chosen(self, test: ast.expr, a: ast.expr, b: ast.expr) -> ast.expr:
        return ast.IfExp(test, a, b)

    def summed(self, term: ast.expr) -> ast.expr:
        self.terms.append(ast.unparse(term))
        return ast.Name(f"sum{len(self.terms)}")


def _formula(op: Op, text: str) -> tuple[str, list[str]]:
    """The text in numba's words, and what its sums add up."""
    if op.nary:
        names = {name: name for name in ("x", "y", "count", "peak")}
    else:  # they are called alike in all rows
        given = [*op.operands, *(name for name, _ in op.constants)]
        names = dict(zip(given, "pqr", strict=False)) | {"y": "y"}
    scalar = _Scalar(names, "x")
    return ast.unparse(scalar.visit(ast.parse(text, mode="eval").body)), scalar.terms


@cache
def is_vector(op: Op) -> bool:
    """Whether the compiler turns the row into vector instructions: it has no function calls."""
    return not op.nary and "(" not in _formula(op, op.result)[0]


def _define(text: str, helpers: dict[str, str]) -> None:
    """Define the other rows that a formula mentions."""
    for node in ast.walk(ast.parse(text, mode="eval")):
        match node:
            case ast.Call(ast.Name(name)) if name in OPS.keys() - helpers.keys():
                result = _formula(OPS[name], OPS[name].result)[0]
                _define(result, helpers)
                signature = ", ".join("pqr"[: len(OPS[name].operands)])
                helpers[name] = f"{NJIT}\ndef {name}({signature}):\n    return {result}\n"


def _loop(rows: list[tuple[int, str, list[str]]]) -> tuple[str, str]:
    """A loop over the samples for these rows, forward and reverse."""
    there = back = "a, b, c = code[i + 2] * stride, code[i + 3] * stride, code[i + 4] * stride\n"
    there += "for j in range(n):\n    p, q, r = v[a + j], v[b + j], v[c + j]\n"
    back += "for j in range(n):\n    p, q, r = v[a + j], v[b + j], v[c + j]\n"
    back += "    y, grad = v[o + j], g[o + j]\n"
    for k, (kind, result, partials) in enumerate(rows):
        test = f"{'elif' if k else 'if'} kind == {kind}:\n" if len(rows) > 1 else "if True:\n"
        there += f"    {test}        y = {result}\n"
        back += f"    {test}"
        for slot, partial in zip("ab", partials, strict=False):
            back += f"        g[{slot} + j] += ({partial}) * grad\n"
    if len(rows) > 1:
        there += "    else:\n        y = np.nan\n"
    return there + "    v[o + j] = y\n", back


def _nary(op: Op) -> tuple[str, str]:
    (result, sums), (partial, inner) = _formula(op, op.result), _formula(op, op.partials[0])
    each = "    for k in range(count):\n        x = v[code[i + 3 + k] * stride + j]\n"
    head = f"count = code[i + 2]\nfor j in range(n):\n    peak = -np.inf\n{each}"
    head += "        peak = max(peak, x)\n    if not np.isfinite(peak): peak = 0.0\n"

    def added(terms: list[str]) -> str:
        pairs = enumerate(terms, 1)
        return "".join(f"    sum{k} = 0.0\n{each}        sum{k} += {term}\n" for k, term in pairs)

    there, back = head + added(sums), f"{head}    y = v[o + j]\n{added(inner)}{each}"
    back += f"        g[code[i + 3 + k] * stride + j] += ({partial}) * g[o + j]\n"
    return f"{there}    v[o + j] = {result}\n", back


def _source(rows: list[Op]) -> str:
    """The whole module for these rows of the table.

    Rows without function calls have a loop over the samples of their own, which the compiler turns
    into vector instructions; the others share one loop, which compiles in a third of the time."""
    forward, reverse, texts = DOT_FORWARD, DOT_REVERSE, list[str]()
    shared: list[tuple[int, str, list[str]]] = []

    def branch(head: str, loops: tuple[str, str]) -> None:
        nonlocal forward, reverse
        forward += f"        {head}:\n" + indent(loops[0], 12 * " ")
        reverse += f"        {head}:\n" + indent(loops[1], 12 * " ")

    for kind, op in enumerate(rows, 1):
        result, sums = _formula(op, op.result)
        partials = [_formula(op, text)[0] for text in op.partials]
        texts += [result, *sums, *partials]
        if op.nary:
            branch(f"elif kind == {kind}", _nary(op))
        elif is_vector(op):
            branch(f"elif kind == {kind}", _loop([(kind, result, partials)]))
        else:
            shared.append((kind, result, partials))
    if shared:
        branch("else", _loop(shared))
    helpers: dict[str, str] = {}
    for text in texts:
        _define(text, helpers)
    run = RUN.replace("{forward}", indent(forward, 8 * " "))
    run = run.replace("{reverse}", indent(reverse, 4 * " "))
    names = ", ".join(["dot", *(op.name for op in rows)])
    return HEAD.replace("{names}", names) + "\n\n".join(helpers.values()) + run


_loaded: dict[frozenset[Op], ModuleType] = {}  # the kernels of this process


@cache
def is_installed() -> bool:
    """Whether numba is there (the extra ``fast``)."""
    return importlib.util.find_spec("numba") is not None


def kernel(rows: Iterable[Op]) -> Any:
    """The module for (at least) these rows, which numba compiles at its first use ever on this
    machine, in seconds. Raises ImportError if numba itself cannot be imported."""
    wanted = frozenset(rows)
    for known, module in _loaded.items():
        if wanted <= known:
            return module
    ordered = sorted(wanted, key=lambda op: op.name)
    text = _source(ordered)
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(os.environ.get("GLASSGRAD_CACHE") or Path(home, "glassgrad"))
    path = folder / f"kernel_{hashlib.sha256(text.encode()).hexdigest()[:16]}.py"
    try:
        if not path.exists():  # numba keeps beside it what it compiles
            folder.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(f".{os.getpid()}")
            part.write_text(text, encoding="utf-8")
            part.replace(path)
    except OSError:  # no place to keep it: it is compiled in every process
        text = text.replace("cache=True, ", "")
    module = ModuleType(path.stem)
    sys.modules[path.stem] = module  # where numba looks for what it compiled
    try:
        exec(compile(text, path, "exec"), vars(module))
    except Exception as error:  # numba refuses in several ways to be imported
        del sys.modules[path.stem]
        raise ImportError(f"numba cannot be imported: {error}") from error
    module.rows = ordered  # type: ignore[attr-defined]
    _loaded[wanted] = module
    return module
