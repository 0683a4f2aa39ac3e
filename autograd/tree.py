"""Numbers in containers, out and back: lists, tuples, dicts of any depth, arrays and tensors.

>>> tree = Tree.of({"w": [2.0, 3.0], "b": 0.5})
>>> tree.labels("p"), numbers({"w": [2.0, 3.0], "b": 0.5})
(["p['w'][0]", "p['w'][1]", "p['b']"], [2.0, 3.0, 0.5])
>>> tree.build([1, 2, 3])
{'w': [1, 2], 'b': 3}
>>> tree.match({"b": 3, "w": (1, 2)}, "f needs p")
[1, 2, 3]
"""

from array import array as array_of
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, pairwise, product
from math import prod
from typing import Any

from autograd.engine.guard import ask, guarded
from autograd.engine.native import library
from autograd.engine.notation import described
from autograd.engine.number import number
from autograd.engine.value import Value

MakesArray = Callable[[list[Any], "Tree"], Any]
ArgNums = int | tuple[int, ...]
MASKED = "a masked array: write x.filled(0.0)"


def positions(name: str, argnums: ArgNums, count: int) -> tuple[int, ...]:
    """The places of the arguments to differentiate by, counted from the front."""
    if type(argnums) is int and 0 <= argnums < count:
        return (argnums,)
    wanted = argnums if isinstance(argnums, tuple) else (argnums,)
    for i in wanted:
        if not isinstance(i, int) or isinstance(i, bool):
            needed = f"{name} needs argnums to be an int or a tuple of ints"
            raise TypeError(f"{needed}, got {described(argnums)}")
        if not -count <= i < count:
            refused = f"{name} has no argument {i} to differentiate by"
            raise TypeError(f"{refused}: f was called with {count} of them")
    positions = tuple([i % count for i in wanted])
    if len(set(positions)) < len(positions):
        raise TypeError(f"{name} needs each argument once, got argnums {argnums}")
    return positions


def numbers(x: Any) -> list[Any]:
    """The numbers in x, in order, whatever holds them."""
    if type(x) is float or isinstance(x, Value):
        return [x]
    if (entries := entries_of(x)) is not None:
        return [number for entry in entries.values() for number in numbers(entry)]
    if getattr(x, "shape", None) is None:
        return [x]
    if hasattr(x, "detach"):  # torch
        x = x.detach()
    else:
        import numpy as np

        if np.ma.is_masked(x):
            raise TypeError(f"numbers are needed, got {MASKED}")
        x = np.asarray(x)
    flat: list[Any] = x.reshape(-1).tolist()
    return flat


def entries_of(x: Any) -> dict[Any, Any] | None:
    """What a container holds, by key or by place; None for a number or an array."""
    if isinstance(x, dict):
        return x
    return dict(enumerate(x)) if isinstance(x, (list, tuple)) else None


def like(x: Any, items: list[Any]) -> Any:
    """A container as x is, with these in the place of its entries."""
    if isinstance(x, dict):
        return dict(zip(x, items, strict=True))
    return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)


def array(items: list[Any], tree: "Tree") -> Any:
    """Numbers as a NumPy array of the shape of a tree: of floats if all are, else of objects."""
    if not tree.shape:
        return items[0]
    import numpy as np

    made = np.array(items, dtype=object)
    made = made.reshape(tree.shape + made.shape[1:])
    return made.astype(float) if all(type(item) is float for item in made.flat) else made


@dataclass(frozen=True)
class Tree:
    """The structure of an argument or a result, without its numbers.

    A container has its kind, keys and entries; an array its shape, and is itself kept as ``like``
    (it takes no part in comparisons); a number has none of these."""

    kind: type | None = None
    keys: tuple[Any, ...] = ()
    entries: tuple["Tree", ...] = ()
    shape: tuple[int, ...] = ()
    like: Any = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, x: Any) -> "Tree":
        """The structure of x."""
        if type(x) is float or isinstance(x, Value):
            return NUMBER
        if (entries := entries_of(x)) is not None:
            kind = dict if isinstance(x, dict) else type(x)
            return cls(kind, tuple(entries), tuple(map(cls.of, entries.values())))
        shape = getattr(x, "shape", None)
        return NUMBER if shape is None else cls(shape=tuple(shape), like=x)

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        if self.kind is None:
            return prod(self.shape)
        return sum([1 if entry is NUMBER else entry.size for entry in self.entries])

    @property
    def has_arrays(self) -> bool:
        """Whether there is an array with axes in it."""
        return bool(self.shape) or any(entry.has_arrays for entry in self.entries)

    def labels(self, name: str = "") -> list[str]:
        """The name of each number: ``x``, or ``x[0]``, ``x['w']``, ``x[0, 1]`` ..."""
        if self is NUMBER:
            return [name]
        if self.kind is None:
            places = product(*map(range, self.shape))
            return [f"{name}[{', '.join(map(str, i))}]" if i else name for i in places]
        labels: list[str] = []
        for key, entry in zip(self.keys, self.entries, strict=True):
            label = f"{name}[{key!r}]"
            labels += [label] if entry is NUMBER else entry.labels(label)
        return labels

    def build(self, numbers: Iterable[Any], array: MakesArray = array) -> Any:
        """Numbers in this structure; array makes the arrays, and the numbers that were arrays."""
        rest = iter(numbers)
        if self is NUMBER:
            return next(rest)
        if self.kind is None:
            if self.like is None and not self.shape:
                return next(rest)
            return array([next(rest) for _ in range(self.size)], self)
        return self.made([entry.build(rest, array) for entry in self.entries])

    def parted(self, x: Any) -> Any:
        """The same of an array's last axis, of which arrays in it are parts."""
        if self.kind is None and self.shape:
            return x.reshape((*x.shape[:-1], *self.shape))
        if self.kind is None:
            return float(x[0]) if x.ndim == 1 else x[..., 0].copy()
        ends = pairwise(accumulate((entry.size for entry in self.entries), initial=0))
        parts = zip(self.entries, ends, strict=True)
        return self.made([entry.parted(x[..., first:end]) for entry, (first, end) in parts])

    def made(self, items: list[Any]) -> Any:
        """A container of this kind, with these in the place of its entries."""
        kind: Any = self.kind
        if kind is dict:
            return dict(zip(self.keys, items, strict=True))
        return kind(*items) if hasattr(kind, "_fields") else kind(items)

    def match(self, x: Any, needed: str) -> list[Any]:
        """The numbers of x in the order of this structure, entries of dicts by their key; lists,
        tuples and arrays may stand for one another. Raises ValueError for another structure."""
        kind, shape = self.kind, getattr(x, "shape", None)
        if kind is None and self.shape and shape == self.shape:
            return numbers(x)
        sequence = isinstance(x, (list, tuple)) or bool(shape)
        if kind is dict:
            fits = isinstance(x, dict) and set(x) == set(self.keys)
            wanted = f"with the keys {', '.join(map(repr, self.keys))}"
        elif kind is None and not self.shape:
            fits, wanted = not (sequence or isinstance(x, dict)), "as one number"
        else:
            length = self.shape[0] if kind is None else len(self.entries)
            fields = getattr(kind, "_fields", None)
            same = not fields or getattr(x, "_fields", fields) == fields
            fits = sequence and len(x) == length and same
            wanted = f"of shape {self.shape}" if kind is None else f"with {length} entries"
        if not fits:
            keyed = kind is dict and isinstance(x, dict) and x
            came = ", ".join(map(repr, x)) if keyed else described(x)
            raise ValueError(f"{needed} {wanted}, got {came}")
        if kind is None and not self.shape:
            return [x]
        items = [x[key] for key in self.keys] if kind is dict else list(x)
        entries = self.entries or (Tree(shape=self.shape[1:]),) * len(items)
        keys = self.keys or range(len(items))
        found = zip(keys, entries, items, strict=True)
        return [n for key, entry, item in found for n in entry.match(item, f"{needed}[{key!r}]")]


NUMBER = Tree()


def assign(values: Iterable[Value], data: Any, grads: Any = None) -> None:
    """Give Values their numbers, and grads if there are some, from lists or arrays: all, or none if
    something is wrong with one.

    What ``v.data = x`` and ``v.grad = grad`` do, in a tenth of the time or less: for an optimiser
    of your own, or of SciPy's.

    >>> w = [Value(1.0, "a"), Value(2.0, "b")]
    >>> assign(w, [3.0, 4.0], grads=[0.5, -0.5])
    >>> w
    [a = 3 | grad 0.5, b = 4 | grad -0.5]
    """
    if not isinstance(values, Iterable):
        raise TypeError(f"assign needs a list of Values, got {described(values)}")
    values, xs = tuple(values), _doubles(data)
    gs = xs[:0] if grads is None else _doubles(grads)
    for what, given in [("number", xs), ("grad", gs)][: 1 if grads is None else 2]:
        if len(given) != len(values):
            need = f"a {what} for each of {len(values)} Values"
            raise ValueError(f"assign needs {need}, got {len(given)}")
    if library and not guarded:
        library.store(values, xs, gs)
        return
    for v in values:
        if not isinstance(v, Value):
            raise TypeError(f"assign needs Values, got {v!r}")
        ask(v, "assigning .data")
    for v, x in zip(values, xs.tolist(), strict=True):
        v.data = x
    for v, grad in zip(values, gs.tolist(), strict=False):
        v.grad = grad


def _doubles(x: Any) -> Any:
    """Floats that lie side by side, as the engine in C reads them."""
    if isinstance(x, Iterator | range | array_of):
        x = list(x)
    if type(x).__name__ == "ndarray" and x.dtype == float and x.ndim == 1 and x.flags.forc:
        return x
    return array_of("d", [number(x, "assign needs numbers") for x in numbers(x)])
