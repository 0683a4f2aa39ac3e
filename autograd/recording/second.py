"""Second: derivatives of a program that are programs themselves. The reverse pass of the one along
a direction gives the Hessian times that direction, in every engine; another is the Jacobian.

Directions come as a batch, and inputs that do not meet share one: a diagonal Hessian takes a single
direction, one of blocks as many as a block has inputs, a full one as many as there are inputs."""

from collections.abc import Iterator
from itertools import accumulate, pairwise
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.engine.domain import say
from autograd.recording.batch import Array, Samples
from autograd.recording.blocks import (
    as_given,
    block,
    nested,
    repeated,
    rows_of,
    sparse_matrix,
    spread,
)
from autograd.recording.colours import apart, meetings, members
from autograd.recording.tangents import derivatives, tangent
from autograd.tree import NUMBER, Tree, numbers

if TYPE_CHECKING:
    from autograd.recording.program import Program

# Numbers that are passed at once.
MOST = 1 << 23

Places = tuple[int, ...]


class Second:
    """The second derivatives of a program by arguments, which are named by their places.

    Numbers come as rows: a row for each, then the axes of the batch, which shared ones lack."""

    def __init__(self, program: Any) -> None:
        self.program: Program = program
        self.signature = self.program._signature
        self.names, self.trees = list(program.arguments), list(program.arguments.values())
        self.shared = [name in self.signature.shared for name in self.names]
        self.suffix = "_direction"
        while any(f"{name}{self.suffix}" in self.names for name in self.names):
            self.suffix += "_"
        self.tangents: dict[Any, Program] = {}
        self.derived: dict[Places, tuple[Program, list[tuple[int, int]]]] = {}
        self.used: dict[Places, list[int]] = {}
        self.colours: dict[tuple[Places, bool], list[int]] = {}

    def pushed(self, args: Any, along: Any, places: Places) -> tuple[Any, Any]:
        """The values, and their derivatives along a direction."""
        program = self.program
        if (places, "pushed") not in self.tangents:
            both = Tree(tuple, (0, 1), (program.result, program.result))
            self.tangents[places, "pushed"] = self._along(places, both)
        derived = self.tangents[places, "pushed"]
        slopes, values = derived(*args, *along)
        self._told(derived, args, along)
        return values, slopes

    def times(self, args: Any, along: Any, places: Places) -> tuple[Any, ...]:
        """The Hessian times a direction, in the shapes that arguments and directions come to."""
        given = list(args)
        for i, way in zip(places, along, strict=True):
            if not self.shared[i]:
                given[i] = repeated(args[i], way)
        return self._grads(self._tangent(places), args, (*given, *along), places)

    def diagonal(self, args: Any, places: Places) -> tuple[Any, ...]:
        """The second derivatives by each number twice, in the shapes of the arguments."""
        answers = dict[int, Any]()
        for alike in (False, True):
            some = tuple([i for i in places if self.shared[i] == alike])
            colours = self._colours(some, whole=False)
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
            answers |= {i: as_given(at, i, mine) for i, mine in zip(some, split, strict=True)}
        return tuple([answers[i] for i in places])

    def matrix(self, args: Any, places: Places) -> list[Any]:
        """The Hessian, in blocks for each two arguments, one after the other."""
        kinds = self._kinds(places)
        at, used = self.signature.samples(args), self._used(places)
        whole = np.zeros((len(used), len(used), *(() if True in kinds else at.batch)))
        for some, k, found in self._columns(args, at, places):
            whole[some, k] = found
        return [
            block(at, (i, j), (args[i], args[j]), own)
            for i, some in zip(places, self._split(places, whole), strict=True)
            for j, own in zip(places, self._split(places, some, axis=1), strict=True)
        ]

    def sparse(self, args: Any, places: Places) -> list[Any]:
        """The same blocks of one sample as sparse matrices."""
        self._kinds(places)
        at = self._one_sample("hessian", args)
        columns = [*self._columns(args, at, places)]
        down = [i for some, _, _ in columns for i in some]
        across = [k for some, k, _ in columns for _ in some]
        values = np.concatenate([np.empty(0), *(numbers.ravel() for *_, numbers in columns)])
        whole, ends = sparse_matrix(values, down, across, 2 * (len(self._used(places)),)), [0]
        ends += accumulate(self.trees[i].size for i in places)
        cuts = [slice(*pair) for pair in pairwise(ends)]
        return [whole[own, others] for own in cuts for others in cuts]

    def _kinds(self, places: Places) -> set[bool]:
        """Whether these arguments are shared: all, or none of them."""
        kinds = {self.shared[i] for i in places}
        if len(kinds) > 1:
            needed = "hessian needs arguments that are all shared, or none of them"
            raise ValueError(f"{needed}: choose some by argnums, or take hvp")
        return kinds

    def _columns(
        self, args: Any, at: Samples, places: Places
    ) -> Iterator[tuple[list[int], int, Array]]:
        """Of each column of the Hessian the rows where it may differ from zero, and the numbers."""
        colours, used = self._colours(places, whole=True), self._used(places)
        for colour, found in self._directions(args, at, places, colours):
            for k, own in enumerate(colours):
                if own == colour:
                    some = list(members(used[k]))
                    yield some, k, found[some]

    def jacobian(self, args: Any, places: Places) -> tuple[Any, ...]:
        """Of each argument the derivatives of every output, in the structure of the outputs, by
        every number of it."""
        self._apart(places)
        at = self.signature.samples(args)
        values, entries = self._entries(at, places)
        outputs, inputs = self.program.result.size, sum(self.trees[i].size for i in places)
        if len(entries) == outputs * inputs:
            rows = values.reshape(outputs, inputs, *at.batch)
        else:
            rows = np.zeros((outputs, inputs, *at.batch))
            if entries:
                rows[tuple(zip(*entries, strict=True))] = values.reshape(len(values), *at.batch)
        split = zip(places, self._split(places, rows, axis=1), strict=True)
        facts = self.program.result, at
        return tuple([nested(*facts, i, own, self.program.name) for i, own in split])

    def sparse_jacobian(self, args: Any, places: Places) -> tuple[Any, ...]:
        """That of one sample by each argument as a sparse matrix: a row for each output."""
        self._apart(places)
        values, entries = self._entries(self._one_sample("jacobian", args), places)
        down, across = zip(*entries, strict=True) if entries else ((), ())
        ends = [0, *accumulate(self.trees[i].size for i in places)]
        whole = sparse_matrix(values[:, 0], down, across, (self.program.result.size, ends[-1]))
        return tuple([whole[:, a:b] for a, b in pairwise(ends)])

    def _one_sample(self, name: str, args: Any) -> Samples:
        at: Samples = self.signature.samples(args)
        if at.batch:
            needed = f"{name} with sparse=True needs one sample, got a batch of shape {at.batch}"
            raise ValueError(f"{needed}: take its samples one by one")
        return at

    def _entries(self, at: Samples, places: Places) -> tuple[Array, list[tuple[int, int]]]:
        """The numbers of the Jacobian that may differ from zero, a row each, and where they are."""
        if places not in self.derived:
            graph, entries = derivatives(self.program.graph, self._inputs(places))
            result = Tree.of([0.0] * len(graph.outputs))
            self.derived[places] = self.program._but(False, graph=graph, result=result), entries
        derived, entries = self.derived[places]
        values, *_ = derived._run(at, derived._engines.wanted())
        if derived.spoiled:
            derived.spoiled = False
            self.program._examine(at, self.program.parameters, values[len(entries) :])
        return values[: len(entries)], entries

    def _inputs(self, places: Places) -> list[int]:
        """The inputs of the recording that belong to arguments."""
        firsts = [0, *accumulate(tree.size for tree in self.trees)]
        return [k for i in places for k in range(firsts[i], firsts[i + 1])]

    def _split(self, places: Places, rows: Array, axis: int = 0) -> list[Array]:
        """Rows, or columns, of several arguments, those of each."""
        ends = np.cumsum([self.trees[i].size for i in places])
        return np.split(rows, ends[:-1], axis) if places else []

    def _used(self, places: Places) -> list[int]:
        """Which numbers of these arguments change the slope by each of them, itself included."""
        if places not in self.used:
            engines = self.program._engines
            self._apart(places)
            given = [*engines.arguments.values()]
            meet = meetings(engines.form, [node for i in places for node in given[i]])
            self.used[places] = [mine | 1 << k for k, mine in enumerate(meet)]
        return self.used[places]

    def _colours(self, places: Places, *, whole: bool) -> list[int]:
        """A colour for each number, for the whole Hessian or for the diagonal."""
        if (places, whole) not in self.colours:
            used = self._used(places)
            own = used if whole else [1 << k for k in range(len(used))]
            self.colours[places, whole] = apart(used, own)
        return self.colours[places, whole]

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
        at_once = 1 if alike else max(1, MOST // max(1, each))
        for first in range(0, count, at_once):
            some = range(first, min(first + at_once, count))
            axes = (len(some),) * (not alike) + batch
            ways = np.equal.outer(colours, some).astype(float)
            ways = ways.reshape(len(colours), *axes[:1], *[1] * len(batch))
            split = self._split(places, np.broadcast_to(ways, (len(colours), *axes)))
            axes = at.batch if alike else axes
            given = [*(rows_of(at, i) for i in range(len(self.names))), *split]
            kinds = [*self.shared, *(self.shared[i] for i in places)]
            flat = [x if a else spread(x, axes) for x, a in zip(given, kinds, strict=True)]
            grads = self._grads(self._tangent(places, flat=True), args, flat, places)
            found = np.concatenate([g if alike else g.T.reshape(g.shape[1], *axes) for g in grads])
            yield from zip(some, (found,) if alike else found.swapaxes(0, 1), strict=True)

    def _grads(self, tangent: "Program", args: Any, given: Any, places: Places) -> tuple[Any, ...]:
        """The gradient of a tangent; what left its domain is said of the arguments."""
        everything = places == tuple(range(len(tangent.arguments)))
        _, grads = tangent.value_and_grad(*given, argnums=None if everything else places)
        self._told(tangent, args, given[len(args) :])
        return tuple(grads)

    def _told(self, derived: "Program", args: Any, along: Any) -> None:
        """Say what spoiled a derivative: it is asked of the function, and of the direction."""
        if derived.spoiled:
            derived.spoiled = False
            self.program(*args)
            if any(x != x for x in numbers(tuple(along))):
                name = self.program.name
                say(f"a direction is nan, and so is what {name} has along it", f"{name} direction")

    def _tangent(self, places: Places, ones: bool = False, flat: bool = False) -> "Program":
        """The program of the derivative along a direction of these arguments, or of ones; its
        arguments may be flat arrays."""
        key = places, ones, flat
        if key not in self.tangents:
            self.tangents[key] = self._along(places, NUMBER, ones, flat)
        return self.tangents[key]

    def _along(
        self, places: Places, result: Tree, ones: bool = False, flat: bool = False
    ) -> "Program":
        along = () if ones else places
        graph = tangent(self.program.graph, self._inputs(places), ones)
        facts = [*zip(self.names, self.trees, self.shared, strict=True)]
        facts += [(f"{facts[i][0]}{self.suffix}", *facts[i][1:]) for i in along]
        trees = {n: Tree(shape=(tree.size,)) if flat else tree for n, tree, _ in facts}
        shared = tuple(name for name, _, alike in facts if alike)
        return self.program._but(False, arguments=trees, graph=graph, result=result, shared=shared)
