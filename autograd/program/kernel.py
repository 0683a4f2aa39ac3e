"""The native interpreter of tapes: Python code that numba compiles, once for a set of rows, and keeps on disk.

The code is made from the rows of the table. It goes through the batch in blocks of up to LANES samples, so that all
that a block needs stays in the cache.
"""

import ast
import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from autograd.ops import OPS, Op
from autograd.program.arrays import Formula

__all__ = ["LANES", "is_installed", "kernel"]

# Samples that are computed together, at the most: what they need stays in the cache.
LANES = 128

HEAD = '''\
"""Interpreter of glassgrad's tapes for the rows {names}. Made by autograd.program.kernel."""

import math

import numpy as np
from numba import njit


@njit(cache=True, fastmath={{"reassoc", "nsz", "contract"}}, error_model="numpy")
def along(g, at, v, of, n):
    """The inner product of a row of g and a row of v."""
    total = 0.0
    for j in range(n):
        total += g[at + j] * v[of + j]
    return total


@njit(cache=True, fastmath={{"reassoc"}}, error_model="numpy")
def nothing(v, at, n):
    """Zero if n numbers are finite, else nan."""
    total = 0.0
    for j in range(n):
        total += v[at + j] * 0.0
    return total


@njit(cache=True, error_model="numpy")
def floor_divide(a, b):
    return a / b if b == 0.0 else a // b


@njit(cache=True, error_model="numpy")
def mod(a, b):
    return np.nan if b == 0.0 else a % b

'''

DOT_FORWARD = """\
        if kind == 0:
            mixed, both, c, at = code[i + 2], code[i + 3], code[i + 4], i + 6
            bias = s[c - 1] if c else 0.0
            for j in range(n):
                v[o + j] = bias
            for k in range(mixed // 4):  # four at a time, so that the sum is not stored after each
                w1, w2, w3, w4 = s[code[at]], s[code[at + 2]], s[code[at + 4]], s[code[at + 6]]
                x1, x2 = code[at + 1] * stride, code[at + 3] * stride
                x3, x4 = code[at + 5] * stride, code[at + 7] * stride
                for j in range(n):
                    v[o + j] = v[o + j] + w1 * v[x1 + j] + w2 * v[x2 + j] + w3 * v[x3 + j] + w4 * v[x4 + j]
                at += 8
            for k in range(mixed % 4):
                w, x = s[code[at]], code[at + 1] * stride
                for j in range(n):
                    v[o + j] += w * v[x + j]
                at += 2
            for k in range(both):
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
            for k in range(mixed):
                gs[code[at]] += along(g, o, v, code[at + 1] * stride, n)
                if not (leaves and want == 2):
                    w, x = s[code[at]], code[at + 1] * stride
                    for j in range(n):
                        g[x + j] += w * g[o + j]
                at += 2
            for k in range(both):
                x, y = code[at] * stride, code[at + 1] * stride
                for j in range(n):
                    dx, dy = v[y + j] * g[o + j], v[x + j] * g[o + j]
                    g[x + j] += dx
                    g[y + j] += dy
                at += 2
"""
RUN = '''

@njit(cache=True, error_model="numpy")
def run(
    inner, inner_starts, outer, outer_starts, lifted, outputs, s, given, values, want, seed, gs, slopes, wide, grads,
    width,
):
    """The values (and grads, if wanted: 1 by arguments, 2 by parameters) of a batch; whether all numbers are finite.

    First the narrow nodes, in s and gs; then block after block of the samples; then the narrow ones again.
    """
    inputs, samples = given.shape
    rows = wide.shape[0] // width
    blocks = (samples + width - 1) // width
    check = 0.0
    for block in range(-1, blocks + 1):
        inside = block < 0 or block == blocks
        lo = block * width
        if inside:
            code, starts, v, g, n, stride = inner, inner_starts, s, gs, np.uint64(1), np.uint64(1)
        else:
            code, starts, v, g = outer, outer_starts, wide, grads
            n, stride = np.uint64(min(width, samples - lo)), np.uint64(width)
            for k in range(inputs):
                for j in range(n):
                    v[k * stride + j] = given[k, lo + j]
            for k in range(lifted.shape[0]):
                for j in range(n):
                    v[lifted[k, 0] * stride + j] = s[lifted[k, 1]]
        if block < blocks:
            for step in range(starts.shape[0]):
                i = starts[step]
                kind, o = code[i], code[i + 1] * stride
{forward}        if block < 0:
            check += nothing(s, np.uint64(0), np.uint64(s.shape[0]))
        elif block < blocks:
            for k in range(rows):
                check += nothing(v, np.uint64(k * width), n)
            for k in range(outputs.shape[0]):
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
        for step in range(starts.shape[0] - 1, -1, -1):
            i = starts[step]
            kind, o = code[i], code[i + 1] * stride
{reverse}        if not inside:
            for k in range(lifted.shape[0]):
                for j in range(n):
                    gs[lifted[k, 1]] += g[lifted[k, 0] * stride + j]
            if want == 1:
                for k in range(inputs):
                    for j in range(n):
                        slopes[k, lo + j] = g[k * stride + j]
    return check == 0.0
'''


class _Scalar(Formula):
    """A formula of a row in numba's words, on single floats."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        result = super().visit_BinOp(node)
        if isinstance(result, ast.BinOp) and isinstance(result.op, (ast.Mod, ast.FloorDiv)):
            name = "mod" if isinstance(result.op, ast.Mod) else "floor_divide"
            return ast.Call(ast.Name(name), [result.left, result.right], [])
        return result

    def visit_Call(self, node: ast.Call) -> ast.expr:
        result = super().visit_Call(node)
        if isinstance(result, ast.Call) and ast.unparse(result.func) in ("erf", "erfc"):
            result.func = ast.Attribute(ast.Name("math"), ast.unparse(result.func))
        return result

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
        names = dict(zip([*op.operands, *(name for name, _ in op.constants)], "pqr", strict=False)) | {"y": "y"}
    scalar = _Scalar(names, "x")
    return ast.unparse(scalar.visit(ast.parse(text, mode="eval").body)), scalar.terms


def _branches(rows: list[Op]) -> tuple[str, str, str]:
    """The helpers that the rows need, and their branches of the forward and of the reverse interpreter.

    Rows without function calls have a loop over the samples of their own, which the compiler turns into vector
    instructions; the others share one loop, which compiles in a third of the time.
    """
    forward, reverse, texts = DOT_FORWARD, DOT_REVERSE, []
    shared: list[tuple[int, str, list[str]]] = []
    for kind, op in enumerate(rows, 1):
        result, sums = _formula(op, op.result)
        partials = [_formula(op, text)[0] for text in op.partials]
        texts += [result, *sums, *partials]
        if op.nary:
            there, back = _nary(result, sums, partials)
        elif "(" not in result:
            there, back = _loop([(kind, result, partials)])
        else:
            shared.append((kind, result, partials))
            continue
        forward += f"        elif kind == {kind}:  # {op.name}\n" + _indented(there, 12)
        reverse += f"        elif kind == {kind}:  # {op.name}\n" + _indented(back, 12)
    if shared:
        there, back = _loop(shared)
        forward += "        else:\n" + _indented(there, 12)
        reverse += "        else:\n" + _indented(back, 12)
    helpers: dict[str, str] = {}
    for text in texts:
        _define(text, helpers)
    return "\n\n".join(helpers.values()), forward, reverse


def _define(text: str, helpers: dict[str, str]) -> None:
    """Define the other rows that a formula mentions."""
    for node in ast.walk(ast.parse(text, mode="eval")):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            if name in OPS and name not in helpers and name not in ("mod", "floor_divide"):
                op = OPS[name]
                result = _formula(op, op.result)[0]
                _define(result, helpers)
                signature = ", ".join("pqr"[: len(op.operands)])
                helpers[name] = (
                    f'@njit(cache=True, error_model="numpy")\ndef {name}({signature}):\n    return {result}\n'
                )


def _loop(rows: list[tuple[int, str, list[str]]]) -> tuple[str, str]:
    """A loop over the samples for these rows, forward and reverse."""
    several = len(rows) > 1
    there = back = "a, b, c = code[i + 2] * stride, code[i + 3] * stride, code[i + 4] * stride\n"
    there += "for j in range(n):\n    p, q, r = v[a + j], v[b + j], v[c + j]\n"
    back += "for j in range(n):\n    p, q, r, y, grad = v[a + j], v[b + j], v[c + j], v[o + j], g[o + j]\n"
    for k, (kind, result, partials) in enumerate(rows):
        test = f"    {'elif' if k else 'if'} kind == {kind}:\n" if several else ""
        indent = "        " if several else "    "
        there += f"{test}{indent}y = {result}\n"
        back += test
        for slot, partial in zip("ab", partials, strict=False):
            back += f"{indent}g[{slot} + j] += ({partial}) * grad\n"
    if several:
        there += "    else:\n        y = np.nan\n"
    return there + "    v[o + j] = y\n", back


def _nary(result: str, sums: list[str], partials: list[str]) -> tuple[str, str]:
    each = "    for k in range(count):\n        x = v[code[i + 3 + k] * stride + j]\n"
    peak = "    peak = -np.inf\n" + each + "        peak = max(peak, x)\n    if not np.isfinite(peak): peak = 0.0\n"
    head = "count = code[i + 2]\nfor j in range(n):\n" + peak
    total = "".join(f"    sum{k} = 0.0\n{each}        sum{k} += {term}\n" for k, term in enumerate(sums, 1))
    back = f"    y = v[o + j]\n{each}        g[code[i + 3 + k] * stride + j] += ({partials[0]}) * g[o + j]\n"
    return f"{head}{total}    v[o + j] = {result}\n", head + back


def _indented(text: str, by: int) -> str:
    return "".join(" " * by + line + "\n" for line in text.splitlines())


def source(rows: list[Op]) -> str:
    """The whole module for these rows of the table."""
    helpers, forward, reverse = _branches(rows)
    names = [op.name for op in rows]
    body = RUN.replace("{forward}", _indented(forward, 8)).replace("{reverse}", _indented(reverse, 4))
    return HEAD.format(names=", ".join(["dot", *names])) + helpers + body


@cache
def is_installed() -> bool:
    """Whether numba is there (the extra ``fast``)."""
    return importlib.util.find_spec("numba") is not None


_loaded: dict[frozenset[Op], Any] = {}


def kernel(rows: Iterable[Op]) -> Any:
    """The compiled module for (at least) these rows; its first use ever on this machine takes seconds to compile."""
    wanted = frozenset(rows)
    for known, module in _loaded.items():
        if wanted <= known:
            return module
    order = sorted(wanted, key=lambda op: op.name)
    text = source(order)
    name = f"kernel_{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    path = _folder() / f"{name}.py"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".part", delete=False, encoding="utf-8") as part:
            part.write(text)
        os.replace(part.name, path)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    module.rows = order  # type: ignore[attr-defined]
    _loaded[wanted] = module
    return module


def _folder() -> Path:
    """Where compiled kernels are kept: GLASSGRAD_CACHE, or the user's cache folder."""
    chosen = os.environ.get("GLASSGRAD_CACHE")
    if chosen:
        return Path(chosen)
    cache_home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(cache_home) / "glassgrad"
