"""A call of a function on fresh variables: its graph, from which derivatives are read in either
direction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, wraps
from typing import Any, NamedTuple

from autograd.engine.formula import mentioned, partial_formulas
from autograd.engine.functions import VALUES
from autograd.engine.modes import differentiating, is_differentiating, quiet, tracing, variable
from autograd.engine.notation import described
from autograd.engine.number import number
from autograd.engine.reverse import gradients, leaves, times, topological
from autograd.engine.storage import stand_in
from autograd.engine.table import CONSTANT
from autograd.engine.value import Value, constant, lifted
from autograd.tree import ArgNums, Tree, numbers, positions

Function = Callable[..., Any]


class Outputs(NamedTuple):
    """Several outputs as one, so that one walk orders the graph of all."""

    operands: tuple[Value, ...]


class Run:
    """One call of f on fresh variables: its graph, ready to be walked in either direction."""

    nested = linked = False
    tracer: Any = None

    def __init__(
        self, name: str, f: Function, argnums: ArgNums, args: Any, kwargs: Any, forward: bool
    ) -> None:
        self.name, self.goes_forward = name, forward
        self.origins: dict[Value, Any] = {}  # of each variable: the number that it stands for
        fresh, places = list(args), positions(name, argnums, len(args))
        given = Tree.of(tuple(args[i] for i in places))
        for i, tree in zip(places, given.entries, strict=True):
            needed = f"{name} needs numbers in argument {i}"
            fresh[i] = tree.build([self._variable(x, needed) for x in numbers(args[i])])
        self.inside = given.entries[0] if isinstance(argnums, int) else given
        self.result = f(*fresh, **kwargs)
        self.outside = Tree.of(self.result)
        needed, found = f"{name} needs f to return numbers", numbers(self.result)
        self.outputs = [y if isinstance(y, Value) else constant(number(y, needed)) for y in found]
        self.partials: dict[Value, list[tuple[Value, Any]]] = {}
        self.is_alone = not forward and self._is_alone()
        if not self.is_alone:
            self._follow(topological(Outputs(tuple(self.outputs)))[:-1])  # type: ignore

    def _is_alone(self) -> bool:
        """Whether all is made of numbers and of variables that stand for some, as in most calls:
        then the reverse pass of ``backward`` may go through this graph, which nobody else has."""
        if tracing() is not None or any(isinstance(x, Value) for x in self.origins.values()):
            return False
        return all(v.op is not None or v in self.origins for v in leaves(self.outputs))

    def _follow(self, order: list[Value]) -> None:
        """Which results depend on the variables, and which values are linked with others' Values:
        leaves that f closes over, and what the arguments were."""
        self.tracer, origins = tracing(), self.origins
        self.depends = depends = set(origins)
        # What is made of numbers alone: of variables that stand for some, and of constants.
        self.fixed = fixed = {v for v, x in origins.items() if not isinstance(x, Value)}
        self.order: list[Value] = []
        chosen = () if self.tracer is None else self.tracer.undecided
        for v in order:
            if operands := v.operands:
                if not depends.isdisjoint(operands):
                    depends.add(v)
                    self.order.append(v)
                if v not in chosen and fixed.issuperset(operands):
                    fixed.add(v)
            elif v.op is not None:
                fixed.add(v)
        loops = [v for v in self.order if hasattr(v.op, "loop")]  # nodes of a recording
        self.linked = bool(loops) or not fixed.issuperset([*origins, *order])
        # A loop takes its slopes along, for each variable or for each operand that depends on them.
        counts = (len(depends.intersection(v.bundles[0])) for v in loops)
        self.goes_forward |= len(origins) <= max(counts, default=0)
        if self.linked and self.tracer is not None:
            fixed.clear()  # a recording gets all steps

    def _variable(self, x: Any, needed: str) -> Value:
        value = stand_in(x) if isinstance(x, Value) else Value(number(x, needed))
        if (tracer := tracing()) is not None:
            tracer.adopt(value)
        self.origins[value] = x
        variable(value)
        return value

    def connect(self) -> None:
        """Make each variable, after all walks, a result of what it stands for, or a constant."""
        for v, origin in self.origins.items():
            if isinstance(origin, Value):
                v._become(origin)
            else:
                v.op = CONSTANT

    def out(self, x: Any) -> Any:
        """A number of the answer: a Value if others' Values take part, else a float. Inside another
        derivative it is one too where no other Value changes this number, which is then a constant
        there."""
        made = isinstance(x, Value)
        if self.linked and not (self.nested and (not made or x in self.fixed)):
            return lifted(x)
        return float(x._data if made else x)

    def uses(self, result: Value) -> list[tuple[Value, Any]]:
        """The operands of a result that depend on the variables, with the partials by them."""
        pairs = self.partials.get(result)
        if pairs is None:
            depends, linked = self.depends, self.linked and result not in self.fixed
            by = self._as_values(result) if linked else result._partials
            pairs = [p for p in zip(result.operands, by, strict=True) if p[0] in depends]
            self.partials[result] = pairs
        return pairs

    def _as_values(self, result: Value) -> list[Any]:
        """The partials of a result by each operand as Values, to be differentiated themselves;
        those that are made of what is fixed are the numbers that they were."""
        op, bundles, fixed = result.op, result.bundles, self.fixed
        assert op is not None
        given = op.grouped(bundles) if op.nary else result.operands
        constants, own = result.constants, getattr(op, "on_values", None)  # of a program
        partials = (own,) if own else partial_formulas(op, VALUES)
        if self.tracer is not None:
            constants, self.tracer.count = self.tracer.constants(result), self.depends
            partials = self.tracer.partials(op)
        answers = list[Any]()
        each = zip(op.operands, bundles, partials, mentioned(op), strict=True)
        with quiet():
            for name, bundle, formula, used in each:
                known = used is not None and all(fixed.issuperset(bundles[i]) for i in used)
                is_fixed = known and self.tracer is None
                answer: Any = None if is_fixed else formula(*given, result, *constants)
                several = name[0] == "*" and answer is not None
                answers += [*answer] if several else [answer] * len(bundle)
        pairs = zip(answers, result._partials, strict=True)
        return [y if x is None or (isinstance(x, Value) and x in fixed) else x for x, y in pairs]

    def row(self, y: Value) -> Any:
        """The derivative of an output by every variable, in the shape of the arguments: by a
        reverse pass, or by one forward pass for all outputs."""
        if self.goes_forward:
            found = self._moved_by_each.get(y, {})
            slopes = [found.get(i, 0.0) for i in range(len(self.origins))]
        elif self.is_alone:
            for v in self.origins:
                v._grad = float(v is y)
            if y.recorded:
                y._pass(1.0)
            slopes = [v._grad for v in self.origins]
        else:
            grads = gradients(self.order, {y: 1.0}, self.uses)
            slopes = [grads.get(v, 0.0) for v in self.origins]
        return self.inside.build(map(self.out, slopes))

    def along(self, tangents: list[Any]) -> Any:
        """Forward: the derivatives of all outputs along the tangents, in the outputs' shape."""
        needed = f"{self.name} needs numbers as tangents"
        flat = [t if isinstance(t, Value) else number(t, needed) for t in tangents]
        self.linked |= any(isinstance(t, Value) for t in flat)
        slopes = self._moved({v: {0: t} for v, t in zip(self.origins, flat, strict=True)})
        return self.outside.build([self.out(slopes.get(y, {}).get(0, 0.0)) for y in self.outputs])

    def _moved(self, slopes: dict[Value, dict[int, Any]]) -> dict[Value, dict[int, Any]]:
        """Forward: the slopes of every result by direction, from those of the variables."""
        known: dict[int, Any] = {}
        for result in self.order:
            if self.tracer is not None and hasattr(result.op, "loop"):
                slopes[result] = self.tracer.moved(result, slopes, known)
                continue
            found: dict[int, Any] = {}
            for v, partial in self.uses(result):
                for i, slope in slopes[v].items():
                    of_batch = hasattr(partial, "along")  # of a row over it
                    term = partial.along(slope) if of_batch else times(partial, slope)
                    found[i] = found[i] + term if i in found else term
            slopes[result] = found
        return slopes

    @cached_property
    def _moved_by_each(self) -> dict[Value, dict[int, Any]]:
        """The slopes of each value by those variables alone that it depends on."""
        return self._moved({v: {i: 1.0} for i, v in enumerate(self.origins)})


def derivative_of(name: str, f: Any, argnums: ArgNums = 0) -> Callable[[Function], Function]:
    """``wraps(f)``, which refuses ``grad(y, x)`` where it stands, and not where it is called."""
    if not callable(f):
        usage = f"{name}(f, x, v)" if name in ("jvp", "hvp") else f"{name}(f)(x)"
        usage = "y.backward()" if isinstance(f, Value) else usage
        raise TypeError(f"{name} needs a function, got {described(f)}: write {usage}")
    positions(name, argnums, 10**9)  # how many f has, its call will tell
    return wraps(f)


@contextmanager
def called(
    name: str, f: Function, argnums: ArgNums, args: Any, kwargs: Any, forward: bool = False
) -> Iterator[Run]:
    """The call, after which its variables are connected with what they stand for."""
    nested = is_differentiating() is not None and tracing() is None
    with differentiating():
        run = Run(name, f, argnums, args, kwargs, forward)
        run.nested = nested
        yield run
        run.connect()
