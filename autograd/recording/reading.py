"""One argument, read by the structure of its example: as arrays of samples, or once for all."""

from math import prod
from typing import Any

import numpy as np

from autograd.engine.notation import described
from autograd.engine.number import number
from autograd.recording.batch import Array, Piece
from autograd.tree import MASKED, NUMBER, Tree, entries_of

FLOATS = np.dtype(float)


def shape_of(tree: Tree) -> tuple[int, ...] | None:
    """The shape of a sample as one array; None if none has its structure."""
    if tree.kind is None:
        return tree.shape
    return (len(tree.keys),) if tree.entries.count(NUMBER) == len(tree.keys) else None


def once(tree: Tree, x: Any, name: str) -> tuple[Tree, Array]:
    """A shared argument: the structure in which it came, and its numbers."""
    shape = getattr(x, "shape", None)
    if shape is not None and shape == shape_of(tree):
        return NUMBER, floats(x, name)
    given = entries_of(x) or {}
    if any(entry != NUMBER for entry in tree.entries) and given.keys() == {*tree.keys}:
        entries = zip(tree.keys, tree.entries, strict=True)
        parts = [once(entry, given[key], f"{name}[{key!r}]") for key, entry in entries]
        came = [Tree(shape=a.shape) if part is NUMBER else part for part, a in parts]
        whole = np.concatenate([array.ravel() for _, array in parts])
        return Tree(tree.kind, tree.keys, tuple(came)), whole
    needed = f"a shared argument is given once, for all samples: {name}"
    found = [number(item, f"{name} needs numbers") for item in tree.match(x, needed)]
    return (NUMBER, np.array(found[0])) if tree == NUMBER else (tree, np.array(found))


def read(tree: Tree, x: Any, name: str, pieces: list[Piece]) -> Tree:
    """Collect the arrays of samples of an argument; return the structure in which they came."""
    shape = shape_of(tree)
    if type(x) is float and shape == ():
        pieces.append((name, x, (), 1))
        return NUMBER
    is_container = tree.kind is not None and not getattr(x, "shape", ())
    if is_container and (shape is None or not _are_rows(x, name)):
        return _read_entries(tree, x, name, pieces)
    if shape is None:
        needed = f"{name} needs {len(tree.keys)} entries, as in the example"
        raise TypeError(f"{needed}, got {described(x)}: record it by an array, to pass arrays")
    array = x if type(x) is np.ndarray and x.dtype is FLOATS else floats(x, name)
    axes = array.ndim - len(shape)
    if shape and array.shape[axes:] != shape:
        whole = f"(samples, {', '.join(map(str, shape))})"
        raise ValueError(f"{name} needs samples as an array of shape {whole}, got {described(x)}")
    pieces.append((name, array, array.shape[:axes], prod(shape)))
    return NUMBER


def _read_entries(tree: Tree, x: Any, name: str, pieces: list[Piece]) -> Tree:
    given = entries_of(x) or {}
    if given.keys() != {*tree.keys}:
        count = len(tree.keys)
        known = f" with the keys {', '.join(map(repr, tree.keys))}" if tree.kind is dict else ""
        needed = f"{name} needs {count} entries{known}, each a number or an array of samples"
        if isinstance(x, dict):
            raise TypeError(f"{needed}, got a dict with the keys {', '.join(map(repr, x))}")
        remedy = f"pass samples as an array of shape (samples, {count})"
        raise TypeError(f"{needed}, got {described(x)}: {remedy}")
    entries = zip(tree.keys, tree.entries, strict=True)
    found = [read(entry, given[key], f"{name}[{key!r}]", pieces) for key, entry in entries]
    return Tree(tree.kind, tree.keys, tuple(found))


def _are_rows(x: Any, name: str) -> bool:
    """Whether x is a list of rows. Lists among numbers and arrays might be meant as columns, and
    are refused."""
    lists = [isinstance(item, (list, tuple)) for item in x] if isinstance(x, (list, tuple)) else []
    if any(lists) and not all(lists):
        needed = f"{name}[{lists.index(True)}] needs a number or an array of samples"
        raise TypeError(f"{needed}: write np.array(...) around it")
    return any(lists)


def floats(x: Any, name: str) -> Array:
    """Real numbers of every kind as floats; everything else is refused."""
    try:
        array = np.asarray(x)
    except (TypeError, ValueError, RuntimeError) as error:
        raise TypeError(f"{name} needs numbers, got {described(x)}: {error}") from None
    if np.ma.is_masked(x):
        raise TypeError(f"{name} needs numbers, got {MASKED}")
    if array.dtype.kind in "OSU":
        found = [number(item, f"{name} needs numbers") for item in array.ravel().tolist()]
        return np.array(found).reshape(array.shape)
    if array.dtype.kind not in "fiub":
        came = f"{described(x)} of dtype {array.dtype}"
        raise TypeError(f"{name} needs real numbers, got {came}: convert them")
    return array.astype(np.float64, copy=False)
