"""Program: a recorded function, replayed over batches of samples."""

from copy import copy, deepcopy
from functools import cached_property
from typing import Any

import numpy as np

from autograd.debugging.display import Code, Viewable
from autograd.engine.errors import GraphError
from autograd.engine.guard import differentiated, follows, guarded, is_traced, leaving
from autograd.engine.modes import tracing
from autograd.engine.native import library
from autograd.engine.notation import described
from autograd.engine.reverse import topological
from autograd.engine.value import Value
from autograd.recording.backends import ON_DEVICES, Engines, checked, numbers_of
from autograd.recording.batch import Array, Samples, answer, assembled
from autograd.recording.diagnose import examine, first_nan
from autograd.recording.differentiable import Differentiable
from autograd.recording.graph import Graph
from autograd.recording.listing import few, listing
from autograd.recording.node import results
from autograd.recording.signature import Signature, has_values
from autograd.recording.tangents import derivatives
from autograd.recording.wish import Wish
from autograd.tree import NUMBER, ArgNums, Tree, positions


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

    # Of a derivative of another program: whether nan or inf came up, of which that one speaks.
    spoiled: bool | None = None

    def __init__(
        self,
        name: str,
        arguments: dict[str, Tree],
        graph: Graph,
        result: Tree,
        engine: str,
        shared: tuple[str, ...] = (),
    ) -> None:
        self.name, self.arguments, self.graph, self.result = name, arguments, graph, result
        sizes = {argument: tree.size for argument, tree in arguments.items()}
        self._engines = Engines(name, sizes, graph, engine)
        self.parameters: tuple[Value, ...] = tuple(self._engines.parameters)
        self._followed = set(filter(_is_followed, self.parameters))
        self._signature = Signature(name, arguments, shared)
        self.__signature__ = self._signature.signature
        self._everything = tuple(range(len(arguments)))
        self._is_number = result == Tree()
        self._begins_with_number = len(result.entries) == 2 and result.entries[0] == Tree()
        flat = result.kind is tuple and result.entries.count(NUMBER) == len(result.entries) > 1
        self._is_flat = self._is_number or flat
        self._engines.in_rows = result.kind is None and bool(result.shape)
        self._calls: dict[Any, Any] = {}  # in C, by whose grads are wanted

    # What it computes

    def __call__(self, *args: Any, **named: Any) -> Any:
        """The values for a batch, in the shape that the arguments' samples broadcast to.

        Raises TypeError for a missing argument, ValueError for an empty batch or samples that do
        not broadcast. Leaving a row's domain is a DomainWarning (under ``strict`` a DomainError)
        with the line of the operation."""
        args = self._signature.in_order(args, named)
        if (found := self._in_c(args, None)) is not None:
            if self._is_flat:
                return found
            if type(found) is np.ndarray and self._engines.in_rows:
                return found.reshape(-1, *self.result.shape)
            return assembled(self.result, found if type(found) is tuple else (found,))
        if self._is_live() or any(map(has_values, args)):
            return self._on_values(args)
        samples = self._signature.samples(args)
        values, *_ = self._run(samples, self._engines.wanted())
        return answer(self.result, values, samples.batch)

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
        args, wanted = self._asked("value_and_grad", args, argnums, named)
        one = isinstance(argnums, int)
        if (found := self._in_c(args, wanted)) is not None:
            return (found[0], found[1][0]) if one else found
        samples = self._signature.samples(args)
        values, dx, sums = self._run(samples, self._engines.wanted(wanted))
        grads = samples.given_back(wanted, dx, sums)
        return answer(self.result, values, samples.batch), grads[0] if one else grads

    def parameter_grad(
        self, *args: Any, reduce: str = "mean", at: Any = None, aux: bool = False, **named: Any
    ) -> tuple[Any, ...]:
        """The mean (or "sum") of the values over a batch, and its gradient by ``parameters``, in
        one array.

        at: the parameters' numbers, if not those that they have. aux: the function returns a pair
        of the number and something else, whose values for each sample come as a third item.

        >>> from autograd import Value, record
        >>> w = Value(2.0)
        >>> record(lambda x: w * x, 0.0).parameter_grad(np.array([1.0, 3.0]))
        (4.0, array([2.]))
        """
        if reduce not in ("mean", "sum"):
            raise ValueError(f"reduce needs to be 'mean' or 'sum', got {reduce!r}")
        args = self._signature.in_order(args, named)
        self._need_one_number("parameter_grad", aux)
        p = self.parameters if at is None else self._numbers(at)
        if (found := self._in_c(args, True, p, reduce == "mean")) is not None:
            values, grads = found
            rows = values if type(values) is tuple else (values,)
            if type(rows[0]) is float:
                total = rows[0] + 0.0  # not -0.0, as of other sums
            else:
                share = 1.0 if reduce == "sum" else 1.0 / len(rows[0])
                total = float(np.add.reduce(rows[0])) * share
            return (total, grads, assembled(self.result, rows)[1]) if aux else (total, grads)
        samples = self._signature.samples(args)
        share = 1.0 if reduce == "sum" else 1.0 / samples.count
        values, _, grads = self._run(samples, self._engines.wanted((), True), share, p)
        total = float(np.add.reduce(values[0])) * share
        more = answer(self.result, values, samples.batch) if aux else ()
        return (total, grads, *more[1:])

    def backward(self, *args: Any, reduce: str = "mean", aux: bool = False, **named: Any) -> Any:
        """Add the gradient of the mean (or "sum") over a batch to the grads of the parameters;
        return the mean.

        It is what ``backward()`` of that mean does in the eager engine. With aux as for
        ``parameter_grad``."""
        total, grads, *rest = self.parameter_grad(*args, reduce=reduce, aux=aux, **named)
        if not (library and library.add_to_grads(self.parameters, grads)):
            for parameter, grad in zip(self.parameters, grads.tolist(), strict=True):
                if parameter.operands:  # from others before the recording: they get their share
                    parameter.backward(grad)
                else:
                    parameter._grad += grad
        return (total, *rest) if aux else total

    # How it looks

    @property
    def engine(self) -> str:
        """Which engine runs it, and up to which size of batch if that decides."""
        return self._engines.described

    def follow(self, engine: str) -> None:
        """Use no engines but those that another program's ``engine`` names, if they are here: to
        the last bit a number is its engine's. Only of the engine "auto".

        >>> from autograd import record
        >>> program = record(lambda x: x * x, 0.0)
        >>> program.follow("python up to 8 samples, then numpy")
        >>> program.engine
        'python up to 8 samples, then numpy'
        """
        self._engines.follow(engine)
        self._calls.clear()

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

    def on(self, engine: str) -> "Program":
        """The same program, of the same parameters, by another engine.

        engine: "jax" runs it under ``jax.jit``, the samples shared out over all devices that JAX
        sees, in float64; "jax-local" over those of this process, which may have samples of its own,
        see ``Processes``. Raises ImportError without JAX, GraphError for functions of Python.

        >>> from autograd import record
        >>> record(lambda x: x * x, 0.0).on("python")
        <Program f(x): 1 operations, engine python>
        """
        facts = self.name, self.arguments, self.graph, self.result, checked(engine)
        return Program(*facts, self._signature.shared)

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

    def __copy__(self) -> "Program":
        return self.__deepcopy__({id(p): p for p in self.parameters})

    def __deepcopy__(self, memo: dict[int, Any]) -> "Program":
        """A program of copies of the parameters: of those that are copied with it, as of a model
        that holds both."""
        graph = copy(self.graph)
        graph.parameters = {node: deepcopy(p, memo) for node, p in graph.parameters.items()}
        facts = self.name, self.arguments, graph, self.result
        program = Program(*facts, self._engines.wish, self._signature.shared)
        program._followed |= self._followed
        return program

    def __reduce__(self) -> Any:
        raise TypeError("pickle keeps no programs: record the function again where it is read")

    def _outputs(self) -> list["Program"]:
        """A program for each number that it returns."""
        made, facts = list[Program](), (self._engines.wish, self._signature.shared)
        for output in self.graph.outputs:
            graph = copy(self.graph)
            graph.outputs = [output]
            made.append(Program(self.name, self.arguments, graph, NUMBER, *facts))
        return made

    # Parameters that are followed

    @property
    def is_over(self) -> bool:
        """Whether it was recorded inside a derivative or a recording, which held a parameter."""
        return not all(map(_is_followed, self._followed))

    def _is_live(self) -> bool:
        """Whether numbers of the parameters would be frozen by a recording, or a derivative."""
        if self.is_over:
            raise GraphError(
                f"{self.name} was recorded inside a derivative or another recording that is over, "
                "and holds a number of it: record it again where it is called"
            )
        if not self.parameters or not (guarded or differentiated):
            return False
        return tracing() is not None or any(map(follows, self.parameters))

    # How it is done

    def _in_c(self, args: tuple[Any, ...], by: Any, p: Any = None, mean: bool = False) -> Any:
        """What comes of plain numbers or arrays, by the short way, with grads by arguments or, if
        by is True, by parameters; None of anything else."""
        if guarded or differentiated or self._followed:
            return None
        signature = self._signature
        if by not in self._calls:
            known = signature.shapes, signature.are_shared, self._engines.in_rows
            found = None if known[0] is None else self._engines.in_c(by)
            places = signature.places(by) if isinstance(by, tuple) else by
            self._calls[by] = found and (found[0], (*known, *found[1:]), places)
        if (found := self._calls[by]) is None:
            return None
        call, facts, places = found
        given = signature.spread(args) if signature.is_nested else args
        if given is None:
            return None
        found = call(given, self.parameters if p is None else p, facts, places, mean)
        if found is None or given is args or not isinstance(by, tuple):
            return found
        return found[0], signature.gathered(by, found[1])

    def _numbers(self, at: Any) -> Array:
        """Numbers that are given for the parameters."""
        count, p = len(self.parameters), np.asarray(at, dtype=float)
        if p.shape != (count,):
            raise ValueError(f"at needs {count} numbers, one a parameter, got {described(at)}")
        return p

    def _run(
        self, samples: Samples, wish: Wish, seed: float = 1.0, p: Any = None
    ) -> tuple[Array, list[Any], Array]:
        """Replay, and where nan or inf came up, find out why."""
        if p is None:
            p = self.parameters
        if p is self.parameters and wish:
            self._stay()
        everything = p, *(array for _, array in samples.shared.values())
        finite, values, dx, dp = self._engines.run(samples, everything, wish, seed)
        if not finite:
            if wish.parameters and (nan := first_nan(samples)):
                raise ValueError(f"{nan}, and would make every gradient nan: leave it out")
            self._examine(samples, p, values)
        return values, dx, dp

    def _asked(
        self, what: str, args: Any, argnums: ArgNums | None, named: Any, *, several: bool = False
    ) -> tuple[Any, Any]:
        """The arguments by place, and the places of those that are to be differentiated by."""
        args = self._signature.in_order(args, named)
        if not several:
            self._need_one_number(what)
        if argnums is None:
            return args, self._everything
        return args, positions(what, argnums, len(self.arguments))

    def _stay(self) -> None:
        """Refuse a derivative of numbers where a recording or a derivative follows parameters."""
        if self._is_live():
            what = "the gradient of a program"
            for parameter in self.parameters:
                leaving(parameter, what, ": write grad(program)")
            tracing().refuse(what)

    def _examine(self, samples: Samples, p: Any, values: Array) -> None:
        if self.spoiled is not None:
            self.spoiled = True
            return
        numbers = dict(zip(self.parameters, numbers_of((p,)).tolist(), strict=True))
        shared = [array for _, array in samples.shared.values()]

        def is_finite(some: Array) -> bool:
            engines = self._here._engines
            return engines.run(samples.at(some), (p, *shared), engines.wanted(), 1.0)[0]

        examine(self.graph, self.name, samples, numbers, values, is_finite)

    @cached_property
    def _here(self) -> "Program":
        """The program by an engine that takes any number of samples at once."""
        return self.on("auto") if self._engines.wish in ON_DEVICES else self

    def _need_one_number(self, what: str, aux: bool = False) -> None:
        if aux and not self._begins_with_number:
            raise TypeError(f"{what} with aux needs {self.name} to return a pair, (number, more)")
        if not (aux or self._is_number):
            count = self.result.size
            raise TypeError(f"{what} needs {self.name} to return one number, it returns {count}")

    def _on_values(self, args: tuple[Any, ...]) -> Any:
        """What f would give on Values."""
        return self.result.build(results(self, self._signature.sample(args)))

    @cached_property
    def derived(self) -> tuple["Program", list[tuple[int, int]]]:
        """The program, of one list, of the partials of which output by which input, and then of
        the outputs."""
        graph, entries = derivatives(self.graph, range(self.graph.inputs))
        graph.shared = []
        lists = [
            Tree(list, (*range(n),), (NUMBER,) * n) for n in (graph.inputs, len(graph.outputs))
        ]
        made = Program(self.name, {"x": lists[0]}, graph, lists[1], self._engines.wish)
        made.spoiled = False
        return made, entries


def _is_followed(parameter: Value) -> bool:
    """Whether a recording or a derivative follows a parameter at the moment."""
    made_of = differentiated and differentiated.intersection(topological(parameter))
    return is_traced(parameter) or bool(made_of)
