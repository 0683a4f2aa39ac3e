"""Second: second derivatives of a program. The reverse pass of its derivative along a direction,
which is a program too, gives the Hessian times that direction, in every engine.

Directions come as a batch, and inputs that do not meet share one: a diagonal Hessian takes a single
direction, one of blocks as many as a block has inputs, a full one as many as there are inputs."""

from collections.abc import Iterator
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

import autograd.recording.blocks as blocks
from autograd.engine.domain import say
from autograd.recording.batch import Array, Samples
from autograd.recording.colours import apart, meetings, members
from autograd.recording.jacobian import Places, need_apart, one_sample
from autograd.recording.tangents import tangent
from autograd.tree import NUMBER, Tree, numbers

if TYPE_CHECKING:
    from autograd.recording.program import Program

# Numbers that are passed at once.
MOST = 1 << 23


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
        self.used: dict[Places, list[int]] = {}
        self.colours: dict[tuple[Places, bool], list[int]] = {}

    def pushed(self, args: Any, along: Any, places: Places) -> tuple[Any, Any]:
        """The values, and their derivatives along a direction."""
        derived = self._tangent(places, pushes=True)
        slopes, values = derived(*args, *along)
        self._say_why(derived, args, along)
        return values, slopes

    def times(self, args: Any, along: Any, places: Places) -> tuple[Any, ...]:
        """The Hessian times a direction, in the shapes that arguments and directions come to."""
        given = list(args)
        for i, way in zip(places, along, strict=True):
            if not self.shared[i]:
                given[i] = blocks.repeated(args[i], way)
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
            split = blocks.split(self.trees, some, rows)
            answers |= {
                i: blocks.as_given(at, i, mine) for i, mine in zip(some, split, strict=True)
            }
        return tuple([answers[i] for i in places])

    def matrix(self, args: Any, places: Places) -> list[Any]:
        """The Hessian, in blocks for each two arguments, one after the other."""
        kinds = self._kinds(places)
        at, used = self.signature.samples(args), self._used(places)
        whole = np.zeros((len(used), len(used), *(() if True in kinds else at.batch)))
        for some, k, found in self._columns(args, at, places):
            whole[some, k] = found
        return [
            blocks.block(at, (i, j), (args[i], args[j]), own)
            for i, some in zip(places, blocks.split(self.trees, places, whole), strict=True)
            for j, own in zip(places, blocks.split(self.trees, places, some, axis=1), strict=True)
        ]

    def sparse(self, args: Any, places: Places) -> list[Any]:
        """The same blocks of one sample as sparse matrices."""
        self._kinds(places)
        at = one_sample(self.program, "hessian", args)
        columns = [*self._columns(args, at, places)]
        down = [i for some, _, _ in columns for i in some]
        across = [k for some, k, _ in columns for _ in some]
        values = np.concatenate([np.empty(0), *(numbers.ravel() for *_, numbers in columns)])
        ends = blocks.ends(self.trees, places)
        whole = blocks.sparse_matrix(values, down, across, (ends[-1], ends[-1]))
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

    def _used(self, places: Places) -> list[int]:
        """Which numbers of these arguments change the slope by each of them, itself included."""
        if places not in self.used:
            engines = self.program._engines
            need_apart(self.program, places)
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

    def _directions(
        self, args: Any, at: Samples, places: Places, colours: list[int]
    ) -> Iterator[tuple[int, Array]]:
        """Of each colour the Hessian times the sum of its unit vectors, as many at once as memory
        allows."""
        count, alike = max(colours, default=-1) + 1, any(self.shared[i] for i in places)
        batch = () if alike else at.batch
        each = (blocks.ends(self.trees)[-1] + len(colours)) * prod(at.batch)
        at_once = 1 if alike else max(1, MOST // max(1, each))
        for first in range(0, count, at_once):
            some = range(first, min(first + at_once, count))
            axes = (len(some),) * (not alike) + batch
            ways = np.equal.outer(colours, some).astype(float)
            ways = ways.reshape(len(colours), *axes[:1], *[1] * len(batch))
            split = blocks.split(self.trees, places, np.broadcast_to(ways, (len(colours), *axes)))
            axes = at.batch if alike else axes
            given = [*(blocks.rows_of(at, i) for i in range(len(self.names))), *split]
            kinds = [*self.shared, *(self.shared[i] for i in places)]
            flat = [x if a else blocks.spread(x, axes) for x, a in zip(given, kinds, strict=True)]
            grads = self._grads(self._tangent(places, flat=True), args, flat, places)
            found = np.concatenate([g if alike else g.T.reshape(g.shape[1], *axes) for g in grads])
            yield from zip(some, (found,) if alike else found.swapaxes(0, 1), strict=True)

    def _grads(self, tangent: "Program", args: Any, given: Any, places: Places) -> tuple[Any, ...]:
        """The gradient of a tangent; what left its domain is said of the arguments."""
        everything = places == tuple(range(len(tangent.arguments)))
        _, grads = tangent.value_and_grad(*given, argnums=None if everything else places)
        self._say_why(tangent, args, given[len(args) :])
        return tuple(grads)

    def _say_why(self, derived: "Program", args: Any, along: Any) -> None:
        """Say what spoiled a derivative: it is asked of the function, and of the direction."""
        if derived.spoiled:
            derived.spoiled = False
            self.program(*args)
            if any(x != x for x in numbers(tuple(along))):
                name = self.program.name
                say(f"a direction is nan, and so is what {name} has along it", f"{name} direction")

    def _tangent(
        self, places: Places, *, pushes: bool = False, ones: bool = False, flat: bool = False
    ) -> "Program":
        """The program of the derivative along a direction of these arguments, or of ones; its
        arguments may be flat arrays. If it pushes, it gives the slopes of all outputs and these."""
        key, program = (places, pushes, ones, flat), self.program
        if key in self.tangents:
            return self.tangents[key]
        facts = [*zip(self.names, self.trees, self.shared, strict=True)]
        facts += [(f"{facts[i][0]}{self.suffix}", *facts[i][1:]) for i in places if not ones]
        trees = {n: Tree(shape=(tree.size,)) if flat else tree for n, tree, _ in facts}
        shared = tuple(name for name, _, alike in facts if alike)
        graph = tangent(program.graph, blocks.inputs(self.trees, places), ones)
        both = Tree(tuple, (0, 1), (program.result,) * 2) if pushes else NUMBER
        made = program._but(False, arguments=trees, graph=graph, result=both, shared=shared)
        self.tangents[key] = made
        return made
