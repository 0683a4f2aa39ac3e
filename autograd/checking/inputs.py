"""The arguments of a function as one flat list of numbers, and back again: floats, Values, arrays
and tensors; and a derivative by them, in any of the usual shapes, as a Jacobian.

>>> given = Arguments(lambda w, x: w[0] * x, ([2.0, 3.0], 0.5), {})
>>> given.names, given.numbers
(['w[0]', 'w[1]', 'x'], [2.0, 3.0, 0.5])
>>> given.call([2.0, 3.0, 1.5])
(3.0, [2.0, 3.0, 1.5], True)
>>> rows(([0.5, 0.0], 2.0), given, Tree(), "needed")
[[0.5, 0.0, 2.0]]
"""

import inspect
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from autograd.engine.modes import differentiating, variable
from autograd.engine.notation import called, described
from autograd.engine.number import number
from autograd.engine.value import Value
from autograd.tree import MakesArray, Tree, array, numbers

Function = Callable[..., Any]

NEEDED = "check needs numbers to differentiate by"
PRECISIONS = {"bfloat16": 2.0**-7, "float16": 2.0**-10, "float32": 2.0**-23}


class Arguments:
    """The numbers that a function is differentiated by, with a name for each.

    They are in the positional arguments, or the keyword arguments if there are no others, or those
    that wrt picks. Raises TypeError for what has no derivative (a string, None, a bool)."""

    def __init__(self, f: Function, args: Any, kwargs: Any, wrt: Any = None) -> None:
        self.f, self.args, self.kwargs, self.follow = f, args, kwargs, True
        names = _parameters(f, len(args))
        given = dict(zip(names, args, strict=True))
        self.given = (given or kwargs) if wrt is None else _picked(f, wrt, names, given | kwargs)
        self.keys = [names.index(name) if name in given else name for name in self.given]
        every = Tree.of(tuple(self.given.values()))
        self.tree = every.entries[0] if len(every.entries) == 1 else every
        self.trees = dict(zip(self.given, every.entries, strict=True))
        self.names: list[str] = []
        self.numbers: list[float] = []
        for name, x in self.given.items():
            if hasattr(x, "new_tensor") and "float" not in str(x.dtype):
                raise TypeError(f"{NEEDED}, and {name} is a tensor of {x.dtype}")
            labels = self.trees[name].labels(name)
            self.names += labels
            self.numbers += map(_checked, numbers(x), labels)
        if not self.numbers:
            remedy = f"give {called(f)} numbers, as in check(f, 1.5)"
            raise TypeError(f"check needs a point to check at: {remedy}")
        self.epsilon = max(sys.float_info.epsilon, *map(epsilon, self.trees.values()))

    def build(self, numbers: Iterable[Any], array: MakesArray = array) -> list[Any]:
        """The arguments with other numbers in them; array makes the arrays."""
        rest = iter(numbers)
        return [tree.build(rest, array) for tree in self.trees.values()]

    def pass_to(self, f: Function, built: list[Any]) -> Any:
        """Call f with arguments that ``build`` made."""
        args: dict[Any, Any] = {**dict(enumerate(self.args)), **self.kwargs}
        args |= zip(self.keys, built, strict=True)
        positional = [args.pop(place) for place in range(len(self.args))]
        return f(*positional, **args)

    def call(
        self, at: Sequence[Any], f: Function | None = None, *, as_values: bool = False
    ) -> tuple[Any, list[Any], bool]:
        """f of these numbers, what was passed for each, and whether f left that as it was."""
        given = map(Value, at, self.names) if as_values else at
        built = self.build(given, _of_values if as_values else _alike)
        passed, follow = numbers(built), as_values and self.follow
        with differentiating():
            for v in passed if follow else ():
                variable(v)
            try:
                result = self.pass_to(f or self.f, built)
            except TypeError:
                if not follow:
                    raise
                self.follow = False  # it takes float(v), say: the graph shall show what that loses
                return self.call(at, f, as_values=as_values)
        pure = same(numbers(built), passed)
        return result, passed, pure and not (as_values and [v.data for v in passed] != list(at))

    def at(self) -> str:
        """``x = 1.5, y = 2``: where this is."""
        pairs = zip(self.names[:4], self.numbers, strict=False)
        shown = [f"{name} = {x:.4g}" for name, x in pairs]
        return ", ".join([*shown, "..."] if len(self.names) > 4 else shown)


def _parameters(f: Function, count: int) -> list[str]:
    """The names that f gives to its positional arguments; x1, x2 ... where it has none."""
    parameters: Iterable[inspect.Parameter] = ()
    with suppress(TypeError, ValueError):
        parameters = inspect.signature(f).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    # Rows as functions call their first operand self, because they are methods too.
    names = ["x" if p.name == "self" else p.name for p in parameters if p.kind in kinds][:count]
    return names + [f"x{i + 1}" for i in range(len(names), count)]


def _picked(f: Function, wrt: Any, names: list[str], given: dict[str, Any]) -> dict[str, Any]:
    """The arguments that wrt names, or counts by their place."""
    picked = {}
    for key in wrt if isinstance(wrt, (tuple, list)) else (wrt,):
        place = type(key) is int and -len(names) <= key < len(names)
        name = names[key] if place else key
        if not isinstance(name, str) or name not in given:
            came = f"{called(f)} was given {', '.join(given) or 'none'}"
            raise TypeError(f"check has no argument {key!r} to differentiate by: {came}")
        picked[name] = given[name]
    return picked


def same(after: Sequence[Any], before: Sequence[Any], slack: float = 0.0) -> bool:
    """Whether two lists hold the same numbers, but for the slack (nan equals nan)."""

    def alike(a: Any, b: Any) -> bool:
        return a is b or a == b or (a != a and b != b) or (slack > 0 and abs(a - b) <= slack)

    return after == before or (len(after) == len(before) and all(map(alike, after, before)))


def _checked(x: Any, path: str) -> float:
    if isinstance(x, Value):
        return x.data
    if isinstance(x, (bool, str, bytes)) or x is None or callable(x):
        remedy = "fix it inside, check(lambda x: f(x, ...), x), or pick the others, wrt=..."
        raise TypeError(f"{NEEDED}, and {path} is {described(x)}: {remedy}")
    return number(x, f"{NEEDED} in {path}")


def epsilon(tree: Tree) -> float:
    """The rounding unit of what holds the numbers: 2**-23 for float32, 2**-10 for float16."""
    kind = str(getattr(tree.like, "dtype", ""))
    own = [e for name, e in PRECISIONS.items() if kind.endswith(name)][:1]
    return max((*own, *map(epsilon, tree.entries)), default=0.0)


def _of_values(items: list[Any], tree: Tree) -> Any:
    kind = type(tree.like)
    if tree.shape and kind.__module__.partition(".")[0] != "numpy":
        needed = f"check needs the derivative of a function of {kind.__name__}s"
        raise TypeError(f"{needed}, which cannot hold Values: check(f, x, gradient=...)")
    return array(items, tree)


def _alike(items: list[Any], tree: Tree) -> Any:
    """Numbers as an array, a tensor or a NumPy scalar of the kind that was given."""
    like = tree.like
    if hasattr(like, "new_tensor"):  # torch
        return like.new_tensor(items).reshape(like.shape)
    import numpy as np

    dtype = like.dtype if "float" in str(like.dtype) else float
    made = np.array(items, dtype).reshape(like.shape)
    if isinstance(like, np.ndarray):
        return made
    space = getattr(like, "__array_namespace__", None)
    return made[()] if space is None else space().asarray(made)


def reals(result: Any, needed: str) -> list[float]:
    """The numbers in a result as floats; refused if there is anything else."""
    found = numbers(result)
    for y in found:
        if not (hasattr(type(y), "__float__") or isinstance(y, (complex, Value))):
            hint = ": is a return missing?" if y is None else ""
            raise TypeError(f"{needed}, got {described(y)}{hint}")
    return [real(y) for y in found]


def real(y: Any) -> float:
    """A number as a float; nan if it is complex, as a negative number to a broken power is."""
    if isinstance(y, complex):
        return y.real if y.imag == 0 else math.nan
    return y.data if isinstance(y, Value) else float(y)


def rows(claim: Any, given: Arguments, outside: Tree, needed: str) -> list[list[Any]]:
    """The derivatives of every output by every argument: as ``jacobian`` gives them, a Jacobian for
    each argument, a plain matrix, or for arrays elementwise. Raises ValueError and TypeError."""
    m, n, trees = outside.size, len(given.numbers), list(given.trees.values())
    found = reals(claim, f"{needed} numbers")
    elementwise = len(found) == m == n > 1 and len(trees) == 1
    if len(found) != m * n and not elementwise:
        form = f"{m} x {n} numbers, one for each output and input"
        form = f"{n} number{'s' * (n != 1)}" if m == 1 else form
        raise TypeError(f"{needed} {form}, got {len(found)}: {described(claim)}")
    if elementwise:
        diagonal = trees[0].match(claim, needed.removesuffix(" to hold"))
        return [[g if i == j else 0.0 for i in range(n)] for j, g in enumerate(diagonal)]
    if len(trees) == 1 and type(claim) is tuple and len(claim) == 1 and trees[0].kind is not tuple:
        (claim,) = claim
    forms = [_nested(outside, given.tree), *([Tree(shape=(m, n))] if m > 1 else [])]
    if not given.args:
        forms.append(_nested(outside, Tree(dict, tuple(given.trees), tuple(trees))))
    nested = tuple(_nested(outside, tree) for tree in trees)
    by_argument = Tree(tuple, tuple(range(len(trees))), nested)
    if len(trees) > 1 and m > 1:
        forms.insert(0 if type(claim) is tuple and outside.kind is not tuple else 1, by_argument)
    refusals = []
    for shape in forms:
        try:
            flat = iter(shape.match(claim, needed.removesuffix(" to hold")))
        except ValueError as error:
            refusals.append(error)
            continue
        sizes = [tree.size for tree in trees] if shape is by_argument else [n]
        blocks = [[[next(flat) for _ in range(size)] for _ in range(m)] for size in sizes]
        return [[g for part in row for g in part] for row in zip(*blocks, strict=True)]
    raise refusals[0]


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
