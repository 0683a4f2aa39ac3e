"""Differentiable: what a program has of derivatives that are programs themselves."""

from collections.abc import Callable
from copy import copy
from functools import cached_property
from typing import Any, Self

from autograd.engine.errors import GraphError
from autograd.engine.notation import described
from autograd.recording.blocks import axes_of, of_outputs
from autograd.recording.jacobian import Jacobian
from autograd.recording.replayable import Replayable
from autograd.recording.second import Second
from autograd.recording.signature import has_values
from autograd.recording.tangents import derivatives
from autograd.tree import NUMBER, ArgNums, Tree, positions


class Differentiable(Replayable):
    """Products of Jacobian or Hessian with a direction, and both as a whole, of a program."""

    def jvp(self, *args: Any, direction: Any, argnums: ArgNums | None = None, **named: Any) -> Any:
        """The values of a batch, and their derivatives along a direction of the arguments (or of
        those at argnums), by one forward pass.

        direction: a tuple with an entry for each of these arguments, or the entry of a single one;
        it broadcasts with its argument. Raises ValueError for a direction of another structure.

        >>> from autograd import record
        >>> record(lambda x, y: x * y, 0.0, 0.0).jvp(2.0, 3.0, direction=(1.0, 0.5))
        (6.0, 4.0)
        """
        args, places = self._asked("jvp", args, argnums, named)
        self._stay()
        return self._second.pushed(args, self._along("jvp", places, argnums, direction), places)

    def hvp(self, *args: Any, direction: Any, argnums: ArgNums | None = None, **named: Any) -> Any:
        """The Hessian of each sample's value by each argument (or by those at argnums) times a
        direction, without the Hessian, for about twice the price of a gradient.

        direction: as for ``jvp``. Over what samples share sums are taken, as by
        ``value_and_grad``. Raises ValueError for a direction of another structure.

        >>> from autograd import record
        >>> program = record(lambda v: v[0] ** 2 * v[1], [2.0, 3.0])
        >>> program.hvp([2.0, 3.0], direction=[1.0, 0.0])
        ([6.0, 4.0],)
        """
        args, places = self._asked("hvp", args, argnums, named)
        along = self._along("hvp", places, argnums, direction)
        own = [(i,) for i in places]
        products = self._of_outputs(lambda second: second.times(args, along, places), args, own)
        return products[0] if isinstance(argnums, int) else products

    def hessian(
        self, *args: Any, argnums: ArgNums | None = None, sparse: bool = False, **named: Any
    ) -> Any:
        """The second derivatives of each sample's value: for each two arguments (or by those at
        argnums) a block, the shape of the one outside that of the other; of several outputs such
        blocks in their structure.

        sparse: of one sample, blocks are matrices of SciPy's, whose rows and columns are the
        numbers of the arguments, one after the other.
        It takes as many products with a direction as the numbers of which two meet in the graph
        need, in one batch where memory allows: for a full Hessian one for each number.

        >>> import numpy as np
        >>> from autograd import record
        >>> program = record(lambda v: v[0] ** 2 * v[1], np.zeros(2))
        >>> program.hessian(np.array([2.0, 3.0]), argnums=0).tolist()
        [[6.0, 4.0], [4.0, 0.0]]
        """
        args, places = self._asked("hessian", args, argnums, named)
        pairs = [(i, j) for i in places for j in places]

        def of(second: Second) -> Any:
            return second.sparse(args, places) if sparse else second.matrix(args, places)

        blocks = self._of_outputs(of, args, pairs) if places else ()
        if isinstance(argnums, int):
            return blocks[0]
        return tuple([blocks[k : k + len(places)] for k in range(0, len(pairs), len(places) or 1)])

    def hessian_diagonal(self, *args: Any, argnums: ArgNums | None = None, **named: Any) -> Any:
        """The second derivative of each sample's value by each number twice, in the shapes of
        ``value_and_grad``: of all samples' sum by what they share.

        It takes one product with a direction if no two numbers meet in the graph, as in a sum of
        functions of one number each, and up to as many as there are numbers if all do.

        >>> import numpy as np
        >>> from autograd import record
        >>> program = record(lambda v: v[0] ** 2 + v[1] ** 3, np.zeros(2))
        >>> program.hessian_diagonal(np.array([[2.0, 3.0], [0.0, 1.0]]), argnums=0).tolist()
        [[2.0, 18.0], [2.0, 6.0]]
        """
        args, places = self._asked("hessian_diagonal", args, argnums, named)
        own = [(i,) for i in places]
        found = self._of_outputs(lambda second: second.diagonal(args, places), args, own)
        return found[0] if isinstance(argnums, int) else found

    def jacobian(
        self, *args: Any, argnums: ArgNums | None = None, sparse: bool = False, **named: Any
    ) -> Any:
        """For each argument (or those at argnums) the derivatives of every output of each sample by
        every number of it: the outputs' shape outside, the argument's inside.

        sparse: of one sample, a matrix of SciPy's for each argument, with a row for each number
        that the function returns, and what can never differ from zero left out.

        They are one more program, made from the rows' partials: along all directions at once, or of
        each output, whichever are fewer.

        >>> import numpy as np
        >>> from autograd import record
        >>> program = record(lambda v: [v[0] * v[1], v[0] + v[1]], np.zeros(2))
        >>> [row.tolist() for row in program.jacobian(np.array([2.0, 3.0]), argnums=0)]
        [[3.0, 2.0], [1.0, 1.0]]
        """
        args, places = self._asked("jacobian", args, argnums, named)
        self._stay()
        of = self._jacobian.sparse if sparse else self._jacobian.dense
        found = of(args, places) if places else ()
        return found[0] if isinstance(argnums, int) else found

    @cached_property
    def derived(self) -> tuple[Self, list[tuple[int, int]]]:
        """The program, of one list, of the partials of which output by which input, and then of
        the outputs."""
        graph, entries = derivatives(self.graph, range(self.graph.inputs))
        graph.shared = []
        given, result = (Tree.of([0.0] * n) for n in (graph.inputs, len(graph.outputs)))
        facts = {"graph": graph, "arguments": {"x": given}, "result": result, "shared": ()}
        return self._but(False, **facts), entries

    @cached_property
    def _jacobian(self) -> Jacobian:
        return Jacobian(self)

    @cached_property
    def _second(self) -> Second:
        return Second(self)

    @cached_property
    def _seconds(self) -> list[Second]:
        """Those of a program for each output."""
        if self._is_number:
            return [self._second]
        graphs = [copy(self.graph) for _ in self.graph.outputs]
        for graph, output in zip(graphs, self.graph.outputs, strict=True):
            graph.outputs = [output]
        return [Second(self._but(graph=graph, result=NUMBER)) for graph in graphs]

    def _of_outputs(self, ask: Callable[[Second], Any], args: Any, places: Any) -> tuple[Any, ...]:
        """What is asked of each output, in their structure: for arguments, or for each two."""
        each = [ask(second) for second in self._seconds]
        if self._is_number:
            return tuple(each[0])
        at = self._signature.samples(args)
        facts = zip(places, zip(*each, strict=True), strict=True)
        return tuple(
            [of_outputs(self.result, [*own], axes_of(at, i), self.name) for i, own in facts]
        )

    def _asked(self, what: str, args: Any, argnums: ArgNums | None, named: Any) -> tuple[Any, Any]:
        """The arguments by place, and the places of those that are to be differentiated by."""
        args = self._signature.in_order(args, named)
        if argnums is None:
            return args, self._everything
        return args, positions(what, argnums, len(self.arguments))

    def _need_one_number(self, what: str, aux: bool = False) -> None:
        if aux and not self._begins_with_number:
            raise TypeError(f"{what} with aux needs {self.name} to return a pair, (number, more)")
        if not (aux or self._is_number):
            count = self.result.size
            raise TypeError(f"{what} needs {self.name} to return one number, it returns {count}")

    def _along(self, name: str, places: Any, argnums: Any, direction: Any) -> tuple[Any, ...]:
        """The entries of a direction, one for each argument that is asked for."""
        several = isinstance(direction, tuple) and not hasattr(direction, "_fields")
        along = direction if several and not isinstance(argnums, int) else (direction,)
        if len(along) != len(places):
            needed = f"{name} needs a direction with {len(places)} entries, one for each argument"
            raise ValueError(f"{needed}, got {described(direction)}")
        return along

    def _derivative(self, name: str, argnums: ArgNums, args: Any, **along: Any) -> Any:
        """What ``grad(program)(*args)`` and its like come to, by the program's own derivatives;
        None where Values take part, or where something is wrong, of which they speak themselves."""
        several, trees = isinstance(argnums, tuple), list(self.arguments.values())
        matrix = name in ("jacobian", "jacfwd", "hessian")
        if self.parameters or len(args) != len(trees) or (matrix and several):
            return None
        given = [*zip(trees, args, strict=True)]
        if along:
            ways = along["direction"] if several else (along["direction"],)
            given += zip(trees, ways, strict=False)
        if not all(_is_sample(*pair) for pair in given):
            return None
        method = "jacobian" if name == "jacfwd" else name
        short = argnums == 0 and len(trees) == 1 and not (matrix or along)
        of_all = {} if short else {"argnums": argnums}
        try:
            found = getattr(self, method)(*args, **of_all, **along)
        except (TypeError, ValueError, GraphError):
            return None
        return found if of_all else (found[0], found[1][0])


def _is_sample(tree: Tree, x: Any) -> bool:
    """Whether x is one sample of plain numbers."""
    if type(x) is float:
        return tree == NUMBER
    return Tree.of(x) == tree and not has_values(x)
