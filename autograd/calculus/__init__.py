"""Derivatives of functions: any order, forward and reverse, from the rows of the table.

Each takes a function of numbers, sequences or arrays, and may be nested. Floats in, floats out;
where Values take part (as arguments, or because the function closes over them) the derivative is a
Value too, and can be differentiated again. Nothing is left behind in the grads of anybody's Values.
"""

from typing import Any

from autograd.calculus.run import Function, called, derivative_of
from autograd.engine.modes import unbroken
from autograd.engine.notation import described
from autograd.tree import ArgNums, Tree

__all__ = ["grad", "hessian", "hvp", "jacfwd", "jacobian", "jvp", "value_and_grad"]


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
    both = derivative_of("value_and_grad", f, argnums)
    return both(lambda *args, **kw: _differentiated("value_and_grad", f, argnums, args, kw))


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
    return _matrix("hessian", _gradient("hessian", f, argnums), argnums, whose=f)


def jacfwd(f: Function, argnums: ArgNums = 0) -> Function:
    """The Jacobian in one forward pass, along all directions at once: for many outputs of few
    inputs. Shapes as of ``jacobian``.

    >>> jacfwd(lambda x: [x, x**2, x**3])(2.0)
    [1.0, 4.0, 12.0]
    """
    return _matrix("jacfwd", f, argnums, forward=True)


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
    args, argnums = _arguments(primals)
    if (found := _at_once("hvp", f, argnums, args, direction=vector)) is not None:
        return found
    return _pushed("hvp", _gradient("hvp", f, argnums), primals, vector)[1]


def _gradient(name: str, f: Function, argnums: ArgNums) -> Function:
    gradient = derivative_of(name, f, argnums)
    return gradient(lambda *args, **kw: _differentiated(name, f, argnums, args, kw)[1])


def _matrix(
    name: str, f: Function, argnums: ArgNums, *, whose: Any = None, forward: bool = False
) -> Function:
    @unbroken
    @derivative_of(name, f, argnums)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        if not kwargs and (found := _at_once(name, whose or f, argnums, args)) is not None:
            return found
        with called(name, f, argnums, args, kwargs, forward) as run:
            return run.outside.build(map(run.row, run.outputs))

    return matrix


@unbroken
def _pushed(name: str, f: Function, primals: Any, tangents: Any) -> tuple[Any, Any]:
    derivative_of(name, f)
    args, argnums = _arguments(primals)
    with called(name, f, argnums, args, {}, forward=True) as run:
        slopes = run.along(Tree.of(primals).match(tangents, f"{name} needs tangents"))
        return run.outside.build(map(run.out, run.outputs)), slopes


def _at_once(name: str, f: Function, argnums: ArgNums, args: Any, **more: Any) -> Any:
    """The answer of a recorded program, whose derivatives need no graph at plain numbers; None if
    it has none, or f is another function."""
    ask = getattr(f, "_derivative", None)
    return None if ask is None else ask(name, argnums, args, **more)


def _arguments(primals: Any) -> tuple[Any, ArgNums]:
    """The arguments of f, and which of them it is differentiated by."""
    several = isinstance(primals, tuple) and not hasattr(primals, "_fields")
    return (primals, tuple(range(len(primals)))) if several else ((primals,), 0)


@unbroken
def _differentiated(name: str, f: Function, argnums: ArgNums, args: Any, kwargs: Any) -> Any:
    """The value and the gradient of an f that returns one number."""
    if not kwargs and (found := _at_once("value_and_grad", f, argnums, args)) is not None:
        return found
    with called(name, f, argnums, args, kwargs) as run:
        if run.outside.kind or run.outside.shape:
            came = described(run.result)
            raise TypeError(f"{name} needs f to return one number, got {came}: use jacobian")
        return run.out(run.outputs[0]), run.row(run.outputs[0])
