"""Derivatives of a program that are programs themselves. The reverse pass of the one along a
direction gives the Hessian times that direction, in every engine; another computes the Jacobian.

Directions come as a batch, and inputs that do not meet share one: a diagonal Hessian takes a single
direction, one of blocks as many as a block has inputs, a full one as many as there are inputs."""

from collections.abc import Callable, Iterator
from itertools import accumulate
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.recording.batch import Array, Batch, Samples, number_or_array
from autograd.recording.colours import apart, meetings, members
from autograd.recording.tangents import derivatives, tangent
from autograd.tree import NUMBER, Tree

if TYPE_CHECKING:
    from autograd.recording.program import Program, Tangent

__all__ = ["Second"]

# Numbers that are passed at once.
MOST = 1 << 23

Places = tuple[int, ...]


class Second:
    """The second derivatives of a program by arguments, which are named by their places.

    Numbers come as rows: a row for each, then the axes of the batch, which shared ones lack."""

    def __init__(self, program: "Program", kind: "type[Tangent]") -> None:
        self.program, self.signature, self.kind = program, program._signature, kind
        self.names, self.trees = list(program.arguments), list(program.arguments.values())
        self.shared = [name in self.signature.shared for name in self.names]
        self.suffix = "_direction"
        while any(f"{name}{self.suffix}" in self.names for name in self.names):
            self.suffix += "_"
        self.tangents: dict[Any, Tangent] = {}
        self.plans: dict[Places, tuple[list[int], list[int], list[int]]] = {}

    def times(self, args: Any, along: Any, places: Places) -> tuple[Any, ...]:
        """The Hessian times a direction, in the shapes that arguments and directions come to."""
        given = list(args)
        for i, way in zip(places, along, strict=True):
            if not self.shared[i]:
                given[i] = _repeated(args[i], way)
        return self._grads(self._tangent(places), args, (*given, *along), places)

    def diagonal(self, args: Any, places: Places) -> tuple[Any, ...]:
        """The second derivatives by each number twice, in the shapes of the arguments."""
        answers = dict[int, Any]()
        for alike in (False, True):
            some = tuple([i for i in places if self.shared[i] == alike])
            _, colours, _ = self._plan(some)
            if some and max(colours, default=0) == 0:
                grads = self._grads(self._tangent(some, ones=True), args, args, some)
                answers |= zip(some, grads, strict=True)
                continue
            at = self.signature.samples(args)
            rows = np.zeros((len(colours), *(() if alike else at.batch)))
            for colour, found in self._directions(args, at, some, colours):
                own = np.equal(colours, colour)
                rows[own] = found[own]
            split = self._split(some, rows)
            answers |= {i: _given(at, i, mine) for i, mine in zip(some, split, strict=True)}
        return tuple([answers[i] for i in places])

    def matrix(self, args: Any, places: Places) -> list[list[Any]]:
        """The Hessian, in blocks for each two arguments."""
        kinds = {self.shared[i] for i in places}
        if len(kinds) > 1:
            needed = "hessian needs arguments that are all shared, or none of them"
            raise ValueError(f"{needed}: choose some by argnums, or take hvp")
        at, (used, _, colours) = self.signature.samples(args), self._plan(places)
        whole = np.zeros((len(used), len(used), *(() if True in kinds else at.batch)))
        for colour, found in self._directions(args, at, places, colours):
            for k, own in enumerate(colours):
                if own == colour:
                    some = list(members(used[k]))
                    whole[some, k] = found[some]
        ends = np.cumsum([self.trees[i].size for i in places])[:-1]
        rows = [np.split(some, ends, axis=1) for some in np.split(whole, ends)]
        return [
            [
                _block(at, (i, j), (args[i], args[j]), own)
                for j, own in zip(places, some, strict=True)
            ]
            for i, some in zip(places, rows, strict=True)
        ]

    def jacobian(self, args: Any, places: Places) -> tuple[Any, ...]:
        """Of each argument the derivatives of every output, in the structure of the outputs, by
        every number of it."""
        self._apart(places)
        program, at = self.program, self.signature.samples(args)
        derived = self._derived(places)
        values, *_ = derived._run(at, derived._engines.wanted())
        outputs = program.result.size
        if derived.spoiled:
            derived.spoiled = False
            program._examine(at, program.parameters, values[len(values) - outputs :])
        rows = values[: len(values) - outputs].reshape(outputs, -1, values.shape[1])
        answers, first = [], 0
        for i in places:
            own = rows[:, first : first + self.trees[i].size]
            first += self.trees[i].size
            own = own.reshape(*own.shape[:2], *at.batch)
            answers.append(_nested(program.result, at, i, own, program.name))
        return tuple(answers)

    def _derived(self, places: Places) -> "Tangent":
        if places not in self.tangents:
            program, inputs = self.program, self._inputs(places)
            graph = derivatives(program.graph, inputs)
            result = Tree(list, tuple(range(len(graph.outputs))), (NUMBER,) * len(graph.outputs))
            facts = program.arguments, graph, result, program._engines.wish
            self.tangents[places] = self.kind(program.name, *facts, self.signature.shared)
        return self.tangents[places]

    def _inputs(self, places: Places) -> list[int]:
        """The inputs of the recording that belong to arguments."""
        firsts = [0, *accumulate(tree.size for tree in self.trees)]
        return [k for i in places for k in range(firsts[i], firsts[i + 1])]

    def _split(self, places: Places, rows: Array) -> list[Array]:
        """Rows of several arguments, those of each."""
        ends = np.cumsum([self.trees[i].size for i in places])
        return np.split(rows, ends[:-1]) if places else []

    def _plan(self, places: Places) -> tuple[list[int], list[int], list[int]]:
        """Which numbers of these arguments change each one's slope, and a colour for each: for the
        diagonal, and for all of the Hessian."""
        if places not in self.plans:
            engines = self.program._engines
            self._apart(places)
            given = [*engines.arguments.values()]
            meet = meetings(engines.form, [node for i in places for node in given[i]])
            used = [mine | 1 << k for k, mine in enumerate(meet)]
            alone = apart(meet, [1 << k for k in range(len(meet))])
            self.plans[places] = used, alone, apart(used, used)
        return self.plans[places]

    def _apart(self, places: Places) -> None:
        """Refuse what samples would have to be taken by together."""
        if self.program._engines.form.crosses and not all(self.shared[i] for i in places):
            told = f"{self.program.name} has numbers of the whole batch, so that samples meet"
            raise ValueError(f"{told}: take hvp, or derivatives by shared arguments")

    def _directions(
        self, args: Any, at: Samples, places: Places, colours: list[int]
    ) -> Iterator[tuple[int, Array]]:
        """Of each colour the Hessian times the sum of its unit vectors, as many at once as memory
        allows."""
        count, alike = max(colours, default=-1) + 1, any(self.shared[i] for i in places)
        batch = () if alike else at.batch
        each = (sum(tree.size for tree in self.trees) + len(colours)) * prod(at.batch)
        at_once = 1 if alike else max(1, MOST // each)
        for first in range(0, count, at_once):
            some = range(first, min(first + at_once, count))
            axes = (len(some),) * (not alike) + batch
            ways = np.equal.outer(colours, some).astype(float)
            ways = ways.reshape(len(colours), *axes[:1], *[1] * len(batch))
            split = self._split(places, np.broadcast_to(ways, (len(colours), *axes)))
            axes = at.batch if alike else axes
            given = [*(_rows(at, i) for i in range(len(self.names))), *split]
            kinds = [*self.shared, *(self.shared[i] for i in places)]
            flat = [x if a else _spread(x, axes) for x, a in zip(given, kinds, strict=True)]
            grads = self._grads(self._tangent(places, flat=True), args, flat, places)
            found = np.concatenate([g if alike else g.T.reshape(g.shape[1], *axes) for g in grads])
            yield from zip(some, (found,) if alike else found.swapaxes(0, 1), strict=True)

    def _grads(self, tangent: "Tangent", args: Any, given: Any, places: Places) -> tuple[Any, ...]:
        """The gradient of a tangent; what left its domain is said of the arguments."""
        everything = len(places) == len(tangent.arguments)
        _, grads = tangent.value_and_grad(*given, argnums=None if everything else places)
        if tangent.spoiled:
            tangent.spoiled = False
            self.program(*args)
        return tuple(grads)

    def _tangent(self, places: Places, ones: bool = False, flat: bool = False) -> "Tangent":
        """The program of the derivative along a direction of these arguments, or of ones; its
        arguments may be flat arrays."""
        key = places, ones, flat
        if key not in self.tangents:
            program, along = self.program, () if ones else places
            graph = tangent(program.graph, self._inputs(places), ones)
            facts = [*zip(self.names, self.trees, self.shared, strict=True)]
            facts += [(f"{facts[i][0]}{self.suffix}", *facts[i][1:]) for i in along]
            trees = {n: Tree(shape=(tree.size,)) if flat else tree for n, tree, _ in facts}
            shared = tuple(name for name, _, alike in facts if alike)
            wish = program._engines.wish
            self.tangents[key] = self.kind(program.name, trees, graph, NUMBER, wish, shared)
        return self.tangents[key]


def _repeated(x: Any, way: Any) -> Any:
    """An argument with all the axes of its direction, if the two go together."""
    if type(way) is float:
        return x
    try:
        if isinstance(x, dict):
            return {key: _repeated(item, way[key]) for key, item in x.items()}
        if isinstance(x, (list, tuple)):
            rows = np.moveaxis(way, -1, 0) if isinstance(way, np.ndarray) else way
            items = [_repeated(*pair) for pair in zip(x, rows, strict=True)]
            return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
        shape = np.shape(x)
        axes = np.broadcast_shapes(shape, np.shape(way))
    except (TypeError, KeyError, ValueError):
        return x
    return x if axes == shape else np.array(np.broadcast_to(x, axes))


def _nested(outside: Tree, at: Samples, i: int, rows: Array, name: str) -> Any:
    """What belongs to an argument for each output, in the structure of all outputs."""
    batch, (tree, pieces) = at.batch, _pieces(at, i)
    if outside.kind is None and tree is NUMBER:  # an array in an array
        axes = batch + outside.shape + pieces[0][1]
        return number_or_array(np.moveaxis(rows, (0, 1), (-2, -1)).reshape(axes))

    def stacked(items: list[Any], tree: Tree) -> Any:
        if not all(isinstance(item, (float, np.ndarray)) for item in items):
            needed = f"jacobian of {name}, which returns an array, needs arguments that are arrays"
            raise TypeError(f"{needed} or numbers, not containers")
        several = np.stack(items, axis=len(batch))
        return several.reshape(*batch, *tree.shape, *several.shape[len(batch) + 1 :])

    return outside.build([_given(at, i, row, batch) for row in rows], stacked)


def _pieces(at: Samples, i: int) -> tuple[Tree, list[tuple[Batch, Batch, int]]]:
    """How an argument was passed: its structure, and of each piece the axes of the batch, those of
    a sample, and how many numbers that is."""
    if i in at.shared:
        tree, array = at.shared[i]
        whole = array.shape, array.size
        return tree, [((), *whole)] if tree is NUMBER else [((), (), 1)] * tree.size
    first = sum(tree.size for tree in at.structures[:i])
    some = at.pieces[first : first + at.structures[i].size]
    return at.structures[i], [(axes, np.shape(x)[len(axes) :], n) for _, x, axes, n in some]


def _built(at: Samples, i: int, part: Callable[[slice, Batch, Batch], Any]) -> Any:
    """What belongs to an argument in its structure: a part for each piece of its rows."""
    tree, pieces = _pieces(at, i)
    parts, first = [], 0
    for axes, tail, numbers in pieces:
        parts.append(part(slice(first, first + numbers), axes, tail))
        first += numbers
    return tree.build(parts)


def _given(at: Samples, i: int, rows: Array, *more: Batch) -> Any:
    """Rows of an argument in its structure, of its axes and of more."""

    def part(own: slice, axes: Batch, tail: Batch) -> Any:
        return _summed(rows[own], np.broadcast_shapes(axes, *more), tail)

    return _built(at, i, part)


def _rows(at: Samples, i: int) -> Array:
    """The numbers of an argument."""
    if i in at.shared:
        return at.shared[i][1].ravel()
    first = sum(n for k in range(i) for *_, n in _pieces(at, k)[1] if k not in at.shared)
    size = sum(n for *_, n in _pieces(at, i)[1])
    return at.columns[first : first + size].reshape(size, *at.batch)


def _spread(rows: Array, batch: Batch) -> Array:
    """Rows for a larger batch, as an array of samples."""
    rows = rows.reshape(len(rows), *[1] * (len(batch) + 1 - rows.ndim), *rows.shape[1:])
    whole = np.broadcast_to(rows, (len(rows), *batch))
    return np.ascontiguousarray(whole.reshape(len(rows), prod(batch)).T)


def _block(at: Samples, places: tuple[int, int], given: tuple[Any, Any], rows: Array) -> Any:
    """Rows of rows, of two arguments, in the structure of the second in that of the first."""
    (i, j), (x, y) = places, given
    if rows.ndim == 2 and not _pieces(at, i)[0] == _pieces(at, j)[0] == NUMBER:
        inside = Tree.of(y)
        return Tree.of(x).build([inside.build(row) for row in rows.tolist()])

    def outer(own: slice, mine: Batch, tail: Batch) -> Any:
        def inner(others: slice, theirs: Batch, more: Batch) -> Any:
            some = rows[own, others].reshape(-1, *rows.shape[2:])
            return _summed(some, np.broadcast_shapes(mine, theirs), tail + more)

        return _built(at, j, inner)

    return _built(at, i, outer)


def _summed(rows: Array, axes: Batch, tail: Batch) -> Any:
    """Rows as an array of samples, summed over the axes along which these were repeated."""
    batch = rows.shape[1:]
    if not batch:
        return number_or_array(rows.reshape(tail))
    extra = len(batch) - len(axes)
    over = tuple(k for k, n in enumerate(batch) if k < extra or axes[k - extra] != n)
    summed = rows.sum(axis=tuple(k + 1 for k in over)) if over else rows
    return number_or_array(np.moveaxis(summed, 0, -1).reshape(axes + tail))
