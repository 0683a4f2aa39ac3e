"""Derivatives of functions: any order, forward and reverse, from the rows of the table.

Each takes a function of numbers, sequences or arrays, and may be nested. Floats in, floats out;
where Values take part (as arguments, or because the function closes over them) the derivative is a
Value too, and can be differentiated again. Nothing is left behind in the grads of anybody's Values.

>>> grad(lambda x: x**3)(2.0), grad(grad(lambda x: x**3))(2.0)
(12.0, 12.0)
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, NamedTuple

from autograd.engine.formula import partial_formulas
from autograd.engine.functions import VALUES
from autograd.engine.modes import differentiating, quiet, tracing, variable
from autograd.engine.notation import described
from autograd.engine.number import number
from autograd.engine.reverse import gradients, topological
from autograd.engine.storage import stand_in
from autograd.engine.table import CONSTANT
from autograd.engine.value import Value, lifted
from autograd.tree import ArgNums, Tree, numbers, positions

__all__ = ["grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad"]

Function = Callable[..., Any]


def grad(f: Function, argnums: ArgNums = 0) -> Function:
    """The gradient of f, which returns one number, by the argument argnums, in the shape of that
    argument; by several, a tuple of them.

    >>> grad(lambda v: v[0] * v[1])([2.0, 3.0])
    [3.0, 2.0]
    >>> grad(lambda a, b: a / b, argnums=(0, 1))(1.0, 2.0)
    (0.5, -0.25)
    """
    return _gradient("grad", f, argnums)


def value_and_grad(f: Function, argnums: ArgNums = 0) -> Function:
    """The value of f together with its gradient, for the price of one.

    >>> value_and_grad(lambda x: x**2)(3.0)
    (9.0, 6.0)
    """
    name = "value_and_grad"
    return wraps(f)(lambda *args, **kwargs: _differentiated(name, f, argnums, args, kwargs))


def jacobian(f: Function, argnums: ArgNums = 0) -> Function:
    """The derivative of every output of f by every input, a reverse pass for each output: the
    outputs' shape outside, the argument's inside.

    >>> jacobian(lambda v: [v[0] * v[1], v[0] + v[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]
    """
    return _matrix("jacobian", f, argnums)


def hessian(f: Function, argnums: ArgNums = 0) -> Function:
    """The second derivatives of f, which returns one number: the Jacobian of its gradient.

    >>> hessian(lambda v: v[0] ** 2 * v[1])([2.0, 3.0])
    [[6.0, 4.0], [4.0, 0.0]]
    """
    return _matrix("hessian", _gradient("hessian", f, argnums), argnums)


def jvp(f: Function, primals: Any, tangents: Any) -> tuple[Any, Any]:
    """The value of f at primals, and its derivative along tangents, by one forward pass.

    A tuple of primals is the arguments of f; anything else is its one argument.

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))
    (6.0, 3.0)
    """
    return _pushed("jvp", f, primals, tangents)


def hvp(f: Function, primals: Any, vector: Any) -> Any:
    """The Hessian of f at primals times a vector, without the Hessian: forward over reverse.

    A tuple of primals is the arguments of f, as for jvp.

    >>> hvp(lambda v: v[0] ** 2 * v[1], [2.0, 3.0], [1.0, 0.0])
    [6.0, 4.0]
    """
    argnums = tuple(range(len(primals))) if _is_arguments(primals) else 0
    return _pushed("hvp", _gradient("hvp", f, argnums), primals, vector)[1]


def _gradient(name: str, f: Function, argnums: ArgNums) -> Function:
    return wraps(f)(lambda *args, **kwargs: _differentiated(name, f, argnums, args, kwargs)[1])


def _matrix(name: str, f: Function, argnums: ArgNums) -> Function:
    @wraps(f)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        with _called(name, f, argnums, args, kwargs) as run:
            return run.outside.build([run.gradient(y) for y in run.outputs])

    return matrix


def _pushed(name: str, f: Function, primals: Any, tangents: Any) -> tuple[Any, Any]:
    tree, args = Tree.of(primals), primals if _is_arguments(primals) else (primals,)
    with _called(name, f, tuple(range(len(args))), args, {}) as run:
        slopes = run.along(tree.match(tangents, f"{name} needs tangents"))
        return run.outside.build(map(run.out, run.outputs)), slopes


def _is_arguments(primals: Any) -> bool:
    return isinstance(primals, tuple) and not hasattr(primals, "_fields")


def _differentiated(name: str, f: Function, argnums: ArgNums, args: Any, kwargs: Any) -> Any:
    """The value and the gradient of an f that returns one number."""
    with _called(name, f, argnums, args, kwargs) as run:
        if run.outside.kind or run.outside.shape:
            came = described(run.result)
            raise TypeError(f"{name} needs f to return one number, got {came}: use jacobian")
        return run.out(run.outputs[0]), run.gradient(run.outputs[0])


class _Run:
    """One call of f on fresh variables: its graph, ready to be walked in either direction."""

    def __init__(self, name: str, f: Function, argnums: ArgNums, args: Any, kwargs: Any) -> None:
        self.name = name
        self.origins: dict[Value, Any] = {}  # of each variable: the number that it stands for
        fresh, places = list(args), positions(name, argnums, len(args))
        given = Tree.of(tuple(args[i] for i in places))
        for i, tree in zip(places, given.entries, strict=True):
            needed = f"{name} needs numbers in argument {i}"
            fresh[i] = tree.build([self._variable(x, needed) for x in numbers(args[i])])
        self.inside = given.entries[0] if isinstance(argnums, int) else given
        self.result = f(*fresh, **kwargs)
        self.outside = Tree.of(self.result)
        self.outputs = [self._output(y) for y in numbers(self.result)]
        self.order: list[Value] = topological(_Outputs(tuple(self.outputs)))[:-1]  # type: ignore
        self.depends = set(self.origins)
        for v in self.order:
            if not self.depends.isdisjoint(v.operands):
                self.depends.add(v)
        # Others' Values: leaves that f closes over, and those that the arguments were.
        mine = {*self.origins, *self.outputs}
        self.linked = any(isinstance(x, Value) for x in self.origins.values())
        self.linked |= any(v.op is None and not v.operands and v not in mine for v in self.order)

    def _variable(self, x: Any, needed: str) -> Value:
        value = stand_in(x) if isinstance(x, Value) else Value(number(x, needed))
        if (tracer := tracing()) is not None:
            tracer.adopt(value)
        self.origins[value] = x
        variable(value)
        return value

    def _output(self, y: Any) -> Value:
        if y is None:
            reason = "got None: is a return missing?"
            raise TypeError(f"{self.name} needs f to return a number, {reason}")
        needed = f"{self.name} needs f to return numbers"
        return y if isinstance(y, Value) else Value(number(y, needed))

    def connect(self) -> None:
        """Make each variable, after all walks, a result of what it stands for, or a constant."""
        for v, origin in self.origins.items():
            if isinstance(origin, Value):
                v._become(origin)
            else:
                v.op = CONSTANT

    def out(self, x: Any) -> Any:
        """A number of the answer: a Value if others' Values take part, else a float."""
        return lifted(x) if self.linked else float(x._data if isinstance(x, Value) else x)

    def uses(self, result: Value) -> list[tuple[Value, Any]]:
        """The operands of a result that depend on the variables, with the partials by them."""
        operands, depends = result.operands, self.depends
        if not operands or result not in depends:
            return []
        partials = _partials_as_values(result) if self.linked else result._partials
        return [pair for pair in zip(operands, partials, strict=True) if pair[0] in depends]

    def gradient(self, output: Value) -> Any:
        """Reverse: the derivative of an output by every variable, in the shape of the arguments."""
        grads = gradients(self.order, {output: 1.0}, self.uses)
        return self.inside.build([self.out(grads.get(v, 0.0)) for v in self.origins])

    def along(self, tangents: list[Any]) -> Any:
        """Forward: the derivatives of all outputs along the tangents, in the outputs' shape."""
        needed = f"{self.name} needs numbers as tangents"
        flat = [t if isinstance(t, Value) else number(t, needed) for t in tangents]
        self.linked |= any(isinstance(t, Value) for t in flat)
        slopes: dict[Value, Any] = dict(zip(self.origins, flat, strict=True))
        for result in self.order:
            if terms := [partial * slopes[v] for v, partial in self.uses(result)]:
                slopes[result] = sum(terms[1:], terms[0])
        return self.outside.build([self.out(slopes.get(y, 0.0)) for y in self.outputs])


@contextmanager
def _called(name: str, f: Function, argnums: ArgNums, args: Any, kwargs: Any) -> Iterator[_Run]:
    if not callable(f):
        usage = f"{name}(f, x, v)" if name in ("jvp", "hvp") else f"{name}(f)(x)"
        raise TypeError(f"{name} needs a function, got {described(f)}: write {usage}")
    with differentiating():
        run = _Run(name, f, argnums, args, kwargs)
        yield run
        run.connect()


class _Outputs(NamedTuple):
    """Several outputs as one, so that one walk orders the graph of all."""

    operands: tuple[Value, ...]


def _partials_as_values(result: Value) -> list[Any]:
    """The partials of a result by each operand as Values, to be differentiated themselves."""
    op = result.op
    assert op is not None
    given, tracer = op.grouped(result.bundles), tracing()
    constants = result.constants if tracer is None else tracer.constants(result)
    with quiet():
        formulas = partial_formulas(op, VALUES) if tracer is None else tracer.partials(op)
        answers = [formula(*given, result, *constants) for formula in formulas]
    columns = zip(op.operands, answers, result.bundles, strict=True)
    every = ([*a] if name.startswith("*") else [a] * len(b) for name, a, b in columns)
    return [partial for column in every for partial in column]
