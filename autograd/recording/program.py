"""Program: a recorded function, replayed over batches of samples."""

from collections.abc import Callable
from copy import copy, deepcopy
from functools import update_wrapper
from typing import Any, TypeVar

import numpy as np

from autograd.debugging.display import Code, Viewable
from autograd.engine.native import library
from autograd.recording.batch import answer, assembled
from autograd.recording.differentiable import Differentiable
from autograd.recording.listing import few, listing
from autograd.recording.native import library as native
from autograd.recording.node import results
from autograd.recording.signature import has_values
from autograd.tree import ArgNums, positions

F = TypeVar("F", bound=Callable[..., Any])


def _by_c(key: str | None, adds: bool = False) -> Callable[[F], F]:
    """A method that is answered in C where there is a call for it, see ``_in_c``."""

    def answered(method: F) -> Any:
        return update_wrapper(native.Method(method, key, adds), method, updated=())

    return answered if native else lambda method: method


class Program(Differentiable, Viewable):
    """A recorded function. Call it with numbers or arrays of samples; print it to read it.

    ``parameters`` are the Values that the function closes over, read anew at each call. ``engine``
    says what runs, and ``source`` is its NumPy, a module that runs alone. Called with Values, a
    program is recorded by them as the function would be, so that ``grad(program)``, ``hvp(program,
    ...)`` and the recording of either are derivatives of any order.

    >>> from autograd import grad, record
    >>> cube = record(lambda x: x * x * x, 0.0, engine="numpy")
    >>> cube
    <Program f(x): 2 operations, engine numpy>
    >>> print(cube)
    def f(x):
        v1 = x * x
        v2 = v1 * x
        return v2
    # the reverse pass
        dv2 = 1
        dv1 = dv2 * x
        dx = dv2 * v1 + dv1 * x + dv1 * x
    >>> record(grad(cube), 0.0)(np.array([1.0, 2.0]))
    array([ 3., 12.])
    """

    # What it computes

    @_by_c("values")
    def __call__(self, *args: Any, **named: Any) -> Any:
        """The values for a batch, in the shape that the arguments' samples broadcast to.

        Raises TypeError for a missing argument, ValueError for an empty batch or samples that do
        not broadcast. Leaving a row's domain is a DomainWarning (under ``strict`` a DomainError)
        with the line of the operation."""
        if (found := self._in_c(args, named, "values")) is not None:
            if self._is_flat:
                return found
            if self._engines.in_rows:
                return self.result.parted(np.atleast_1d(found))
            return assembled(self.result, found if type(found) is tuple else (found,))
        args = self._signature.in_order(args, named)
        if self._is_live() or any(map(has_values, args)):
            return self.result.build(results(self, self._signature.sample(args)))
        samples = self._signature.samples(args)
        values, *_ = self._run(samples, self._engines.wanted())
        return answer(self.result, values, samples.batch)

    @_by_c(None)
    def value_and_grad(self, *args: Any, argnums: ArgNums | None = None, **named: Any) -> Any:
        """The values for a batch, and for each argument (or for those at argnums, an int or a tuple
        of them) the gradient of each sample's value, in its own shape.

        The gradient by what all samples share (a shared argument, or a number beside arrays) is the
        sum over the samples.
        What leads to no gradient that is asked for is not computed.

        >>> from autograd import record
        >>> program = record(lambda x, y: x * y, 0.0, 0.0)
        >>> program.value_and_grad(np.array([1.0, 2.0]), 3.0, argnums=1)
        (array([3., 6.]), 3.0)
        """
        name, wanted, one = "value_and_grad", self._everything, isinstance(argnums, int)
        if not self._is_number:
            self._need_one_number(name)
        if argnums is not None:
            wanted = positions(name, argnums, len(wanted))
        if (found := self._in_c(args, named, argnums, wanted)) is not None:
            return found
        samples = self._signature.samples(self._signature.in_order(args, named))
        values, dx, sums = self._run(samples, self._engines.wanted(wanted))
        grads = samples.given_back(wanted, dx, sums)
        return answer(self.result, values, samples.batch), grads[0] if one else grads

    @_by_c("parameters")
    def parameter_grad(
        self, *args: Any, reduce: str = "mean", at: Any = None, aux: bool = False, **named: Any
    ) -> tuple[Any, ...]:
        """The mean (or "sum") of the values over a batch, and its gradient by ``parameters``, in
        one array.

        at: the numbers of ``parameters``, in that order (a model's own is another), if not those
        that they have. aux: the function returns a pair
        of the number and something else, whose values for each sample come as a third item.

        >>> from autograd import Value, record
        >>> w = Value(2.0)
        >>> record(lambda x: w * x, 0.0).parameter_grad(np.array([1.0, 3.0]))
        (4.0, array([2.]))
        """
        name = "parameter_grad"
        return self._reduced(name, args, named, reduce, aux, at)  # type: ignore[no-any-return]

    @_by_c("parameters", adds=True)
    def backward(self, *args: Any, reduce: str = "mean", aux: bool = False, **named: Any) -> Any:
        """Add the gradient of the mean (or "sum") over a batch to the grads of the parameters;
        return the mean.

        It is what ``backward()`` of that mean does in the eager engine. With aux as for
        ``parameter_grad``."""
        found, every = self._reduced("backward", args, named, reduce, aux), self.parameters
        if library:
            library.store(every, b"", found[1])
        else:
            for parameter, grad in zip(every, found[1].tolist(), strict=True):
                if parameter.operands:  # from others before the recording: they get their share
                    parameter.backward(grad)
                else:
                    parameter._grad += grad
        return (found[0], *found[2:]) if aux else found[0]

    def _reduced(
        self, name: str, args: Any, named: Any, reduce: str, aux: bool, at: Any = None
    ) -> Any:
        """What ``parameter_grad`` returns."""
        is_mean = reduce == "mean"
        if not (is_mean or reduce == "sum"):
            raise ValueError(f"reduce needs to be 'mean' or 'sum', got {reduce!r}")
        if aux or not self._is_number:
            self._need_one_number(name, aux)
        p = self.parameters if at is None else self._numbers(at)
        seed = 1.0 - is_mean  # 0.0: that of the mean
        if (found := self._in_c(args, named, "parameters", (), p, seed)) is not None:
            return (*found[:2], assembled(self.result, found[2])[1]) if aux else found
        samples = self._signature.samples(self._signature.in_order(args, named))
        share = 1.0 / samples.count if is_mean else 1.0
        values, _, grads = self._run(samples, self._engines.wanted((), True), share, p)
        total = float(np.add.reduce(values[0])) * share
        more = answer(self.result, values, samples.batch) if aux else ()
        return (total, grads, *more[1:])

    # How it looks

    @property
    def source(self) -> str:
        """A module of NumPy: its values, its gradients by the arguments, and by the parameters."""
        runs = self.engine + "; this is the same in NumPy" * (self.engine != "numpy")
        notes = [f"# Engine: {runs}.", "# Arrays have a row a number and a column a sample:"]
        for name, tree in self.arguments.items():
            column = f"{name}, one column: " * (name in self._signature.shared)
            notes += [f"# {column}{', '.join(few(tree.labels(name), 20))}"] * bool(tree.size)
        if self.parameters:
            names = [p.label or f"Value({p.data:.4g})" for p in self.parameters]
            notes.append(f"# p, one column: {len(names)} parameters, {', '.join(few(names, 20))}")
        if self._is_number:
            notes.append("# seed: the grad of each value, 1.0, or 1.0 / samples for a mean.")
        return "\n".join([*notes, self._engines.source])

    def export(self, target: str, dtype: str = "float64") -> Any:
        """The program in another language: source, with the parameters' numbers as they are now.

        target: "jax" or "torch" (functions of a batch), "c" or "javascript" (of a sample), each
        with f and, of one number, value_and_grad by the arguments (in C and JavaScript by the
        parameters too), "onnx" (the bytes of a file that gives the values of a batch) or "latex".
        dtype: in the first two and ONNX also "float32". Raises GraphError for what a target has no
        words for, by name.

        >>> from autograd import record
        >>> print(record(lambda x: x * x, 0.0).export("c").splitlines()[1])
           double f(double x);
        """
        from autograd.recording.export import exported

        return exported(self, target, dtype)

    def __repr__(self) -> str:
        count = sum(row is not None for row in self.graph.rows)
        parameters = f", {len(self.parameters)} parameters" if self.parameters else ""
        call = f"{self.name}({', '.join(self.arguments)})"
        return f"<Program {call}: {count} operations{parameters}, engine {self.engine}>"

    def __str__(self) -> str:
        return listing(self.name, self.arguments, self.graph)

    def _parts(self) -> list[Any]:
        return [repr(self)[1:-1], Code(str(self))]

    # Copies

    def __reduce__(self) -> Any:
        raise TypeError("pickle keeps no programs: record the function again where it is read")

    def __copy__(self) -> "Program":
        return self.__deepcopy__({id(p): p for p in self.parameters})

    def __deepcopy__(self, memo: dict[int, Any]) -> "Program":
        """A program of copies of the parameters: of those that are copied with it, as of a model
        that holds both."""
        graph = copy(self.graph)
        graph.parameters = {node: deepcopy(p, memo) for node, p in graph.parameters.items()}
        program = self._but(graph=graph)
        program._followed |= self._followed
        return program
