"""Derivatives of functions: any order, forward and reverse, from the rows of the table.

Each takes a function of numbers, sequences or arrays, and may be nested. Floats in, floats out;
where Values take part (as arguments, or because the function closes over them) the derivative is a
Value too, and can be differentiated again. Nothing is left behind in the grads of anybody's Values.

>>> grad(lambda x: x**3)(2.0), grad(grad(lambda x: x**3))(2.0)
(12.0, 12.0)
"""

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any

from autograd.engine.formula import partial_formulas
from autograd.engine.functions import TRACED, VALUES
from autograd.engine.modes import differentiating, quiet, tracing, variables
from autograd.engine.notation import described
from autograd.engine.number import number
from autograd.engine.reverse import gradients, topological
from autograd.engine.value import Value, constant

__all__ = ["grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad"]

Function = Callable[..., Any]
ArgNums = int | tuple[int, ...]

MISSING: Any = object()  # what jvp(f) leaves out, when it is written like grad(f)


def grad(f: Function, argnums: ArgNums = 0) -> Function:
    """The gradient of f by the argument argnums, in the shape of that argument; by several, a tuple
    of them.

    f returns one number. Raises TypeError if it returns anything else.

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

    @wraps(f)
    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        return _value_and_grad("value_and_grad", f, argnums, args, kwargs)

    return both


def jacobian(f: Function, argnums: ArgNums = 0) -> Function:
    """The derivative of every output of f by every input: the outputs' shape outside, the
    argument's inside.

    One reverse pass for each output.

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


def jvp(f: Function, primals: Any = MISSING, tangents: Any = MISSING) -> tuple[Any, Any]:
    """The value of f at primals, and its directional derivative along tangents, by one forward
    pass.

    A tuple of primals is the arguments of f, with as many tangents; anything else is its one
    argument.

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))
    (6.0, 3.0)
    """
    return _pushed("jvp", f, primals, tangents)


def hvp(f: Function, primals: Any = MISSING, vector: Any = MISSING) -> Any:
    """The Hessian of f at primals times a vector of the same shape, without the Hessian: forward
    over reverse.

    A tuple of primals is the arguments of f, as for jvp.

    >>> hvp(lambda v: v[0] ** 2 * v[1], [2.0, 3.0], [1.0, 0.0])
    [6.0, 4.0]
    """
    several = isinstance(primals, tuple)
    return _pushed(
        "hvp", _gradient("hvp", f, tuple(range(len(primals))) if several else 0), primals, vector
    )[1]


def _gradient(name: str, f: Function, argnums: ArgNums) -> Function:
    @wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return _value_and_grad(name, f, argnums, args, kwargs)[1]

    return gradient


def _matrix(name: str, f: Function, argnums: ArgNums) -> Function:
    @wraps(f)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        with differentiating(), _Run(name, f, argnums, args, kwargs) as run:
            return _rebuilt(run.result, [run.gradient(y) for y in run.outputs])

    return matrix


def _pushed(name: str, f: Function, primals: Any, tangents: Any) -> tuple[Any, Any]:
    if tangents is MISSING:
        raise TypeError(f"{name} takes the point and the direction at once: write {_usage(name)}")
    if not isinstance(primals, tuple):
        primals, tangents = (primals,), (tangents,)
    if not isinstance(tangents, tuple) or len(tangents) != len(primals):
        came = f"{len(tangents)}" if isinstance(tangents, tuple) else described(tangents)
        raise TypeError(f"{name} needs one tangent for each of {len(primals)} primals, got {came}")
    with differentiating(), _Run(name, f, tuple(range(len(primals))), primals, {}) as run:
        slopes = run.along(tangents)
        return _rebuilt(run.result, list(map(run.out, run.outputs))), slopes


def _value_and_grad(
    name: str, f: Function, argnums: ArgNums, args: tuple[Any, ...], kwargs: Any
) -> tuple[Any, Any]:
    with differentiating(), _Run(name, f, argnums, args, kwargs) as run:
        if isinstance(run.result, (list, tuple, dict)) or getattr(run.result, "shape", None):
            raise TypeError(
                f"{name} needs f to return one number, got {described(run.result)}: use jacobian"
            )
        return run.out(run.outputs[0]), run.gradient(run.outputs[0])


class _Run:
    """One call of f on fresh variables: its graph, ready to be walked in either direction."""

    def __init__(
        self,
        name: str,
        f: Function,
        argnums: ArgNums,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        if not callable(f):
            raise TypeError(f"{name} needs a function, got {described(f)}: write {_usage(name)}")
        self.name = name
        wanted = _positions(name, argnums, len(args))
        self.origins: list[Any] = []
        self.variables: list[Value] = []
        fresh = list(args)
        for i in wanted:
            fresh[i] = _mapped(
                args[i], lambda x, i=i: self._variable(x, f"{name} needs numbers in argument {i}")
            )
        self.result = f(*fresh, **kwargs)
        self.outputs = [
            y if isinstance(y, Value) else Value(_checked(name, y)) for y in _flat(self.result)
        ]
        everything: Any = _Outputs(self.outputs)
        self.order: list[Value] = topological(everything)[:-1]
        self.depends = set(self.variables)
        for v in self.order:
            if any(o in self.depends for o in v.operands):
                self.depends.add(v)
        self.inputs = (
            fresh[wanted[0]] if isinstance(argnums, int) else tuple(fresh[i] for i in wanted)
        )
        # Others' Values: leaves that f closes over, and those that the arguments were.
        mine = set(self.variables) | set(self.outputs)
        self.linked = any(isinstance(x, Value) for x in self.origins)
        self.linked |= any(v.op is None and not v.operands and v not in mine for v in self.order)

    def _variable(self, x: Any, needed: str) -> Value:
        value = Value(x.data if isinstance(x, Value) else number(x, needed))
        if (tracer := tracing()) is not None:
            tracer.adopt(value)
        self.origins.append(x)
        self.variables.append(value)
        variables().add(value)
        return value

    def __enter__(self) -> "_Run":
        return self

    def __exit__(self, *_: object) -> None:
        """Connect the variables to the Values that they stand for: not before, or walks would run
        on beyond them.
        """
        for variable, origin in zip(self.variables, self.origins, strict=True):
            if isinstance(origin, Value):
                variable.become(origin)

    def out(self, x: Any) -> Any:
        """A number of the answer: a Value if others' Values take part, else a float."""
        if self.linked:
            return x if isinstance(x, Value) else constant(x)
        return float(x.data if isinstance(x, Value) else x)

    def partials(self, result: Value) -> Sequence[Any]:
        return _partials_as_values(result) if self.linked else result.partials

    def gradient(self, output: Value) -> Any:
        """Reverse: the derivative of one output by every variable, in the shape of the arguments."""

        def uses(result: Value) -> Iterable[tuple[Value, Any]]:
            pairs = (
                zip(result.operands, self.partials(result), strict=True) if result.operands else ()
            )
            return (pair for pair in pairs if pair[0] in self.depends)

        grads = gradients(self.order, {output: 1.0}, uses)
        return _rebuilt(self.inputs, [self.out(grads.get(v, 0.0)) for v in self.variables])

    def along(self, tangents: Any) -> Any:
        """Forward: the derivative of every output along the tangents, in the shape of the outputs."""
        flat = _flat(tangents)
        if len(flat) != len(self.variables):
            raise ValueError(
                f"{self.name} needs a tangent for each of {len(self.variables)} numbers, got {len(flat)}"
            )
        checked = [
            t if isinstance(t, Value) else number(t, f"{self.name} needs numbers as tangents")
            for t in flat
        ]
        self.linked |= any(isinstance(t, Value) for t in checked)
        slopes: dict[Value, Any] = dict(zip(self.variables, checked, strict=True))
        for result in self.order:
            if result in self.depends and result not in slopes:
                pairs = zip(result.operands, self.partials(result), strict=True)
                terms = [
                    partial * slopes[operand]
                    for operand, partial in pairs
                    if operand in self.depends
                ]
                slopes[result] = sum(terms[1:], terms[0])
        return _rebuilt(self.result, [self.out(slopes.get(y, 0.0)) for y in self.outputs])


def _usage(name: str) -> str:
    return f"{name}(f, x, v)" if name in ("jvp", "hvp") else f"{name}(f)(x)"


def _positions(name: str, argnums: ArgNums, count: int) -> tuple[int, ...]:
    """The places of the arguments to differentiate by, counted from the front."""
    wanted = argnums if isinstance(argnums, tuple) else (argnums,)
    for i in wanted:
        if not isinstance(i, int):
            raise TypeError(
                f"{name} needs argnums to be an int or a tuple of ints, got {described(argnums)}"
            )
        if not -count <= i < count:
            raise TypeError(
                f"{name} has no argument {i} to differentiate by: f was called with {count} of them"
            )
    positions = tuple(i % count for i in wanted)
    if len(set(positions)) < len(positions):
        raise TypeError(f"{name} needs each argument once, got argnums {argnums}")
    return positions


class _Outputs:
    """Several outputs as one, so that one walk orders the graph of all."""

    def __init__(self, operands: list[Value]) -> None:
        self.operands = tuple(operands)


def _partials_as_values(result: Value) -> list[Any]:
    """The partials of a result by each operand as formulas on Values, so that they can be
    differentiated themselves.
    """
    op = result.op
    assert op is not None
    given = [_many(name, bundle) for name, bundle in zip(op.operands, result.bundles, strict=True)]
    tracer = tracing()
    constants = result.constants if tracer is None else tracer.constants(result)
    with quiet():
        formulas = partial_formulas(op, VALUES if tracer is None else TRACED)
        answers = [formula(*given, result, *constants) for formula in formulas]
    columns = [
        a if name.startswith("*") else [a] * len(b)
        for name, a, b in zip(op.operands, answers, result.bundles, strict=True)
    ]
    return [partial for column in columns for partial in column]


def _many(name: str, bundle: Sequence[Value]) -> Any:
    """What a formula calls by that name: all operands of a starred one, else the one, or 0 where it
    was left out.
    """
    return list(bundle) if name.startswith("*") else (bundle[0] if bundle else 0.0)


def _checked(name: str, y: Any) -> float:
    if y is None:
        raise TypeError(f"{name} needs f to return a number, got None: is a return missing?")
    return number(y, f"{name} needs f to return numbers")


def _mapped(x: Any, f: Function) -> Any:
    """x with f applied to each number in it: lists, tuples and dicts of any depth, and arrays, keep
    their shape.
    """
    if isinstance(x, dict):
        return {key: _mapped(item, f) for key, item in x.items()}
    if isinstance(x, (list, tuple)):
        items = [_mapped(item, f) for item in x]
        return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
    if getattr(x, "shape", ()):
        import numpy as np

        items = [f(item) for item in np.asarray(x).ravel().tolist()]
        array = np.array(items, dtype=object)
        array = array.reshape(x.shape + array.shape[1:])
        return array if any(isinstance(item, Value) for item in array.flat) else array.astype(float)
    return f(x)


def _flat(x: Any) -> list[Any]:
    numbers: list[Any] = []
    _mapped(x, lambda item: numbers.append(item) or 0.0)  # type: ignore[func-returns-value]
    return numbers


def _rebuilt(like: Any, numbers: Sequence[Any]) -> Any:
    """The numbers in the shape of like."""
    rest = iter(numbers)
    return _mapped(like, lambda _: next(rest))
