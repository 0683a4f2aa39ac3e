"""Replayable: a recorded graph with what it takes to run it: how calls are read, the parameters,
and the engines."""

from functools import cached_property
from typing import Any, Self

from autograd.engine.errors import GraphError
from autograd.engine.guard import differentiated, follows, guarded, is_traced, leaving
from autograd.engine.modes import tracing
from autograd.engine.notation import described
from autograd.engine.reverse import topological
from autograd.engine.value import Value
from autograd.recording.backends import ON_DEVICES, Engines, checked, numbers_of
from autograd.recording.batch import Array, Samples
from autograd.recording.diagnose import examine, first_nan, has_nan
from autograd.recording.graph import Graph
from autograd.recording.reading import floats
from autograd.recording.signature import Shown, Signature
from autograd.recording.unreached import regraded
from autograd.recording.wish import Wish
from autograd.tree import NUMBER, Tree


class Replayable:
    """What programs share that are run: see ``Program``."""

    # Of a derivative of another program: whether nan or inf came up, of which that one speaks.
    spoiled: bool | None = None
    __signature__ = Shown()

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
        self._engines = Engines(name, arguments, graph, engine)
        self.parameters: tuple[Value, ...] = tuple(self._engines.parameters)
        is_any = guarded or differentiated
        self._followed: set[Value] = {*filter(_is_followed, self.parameters)} if is_any else set()
        self._signature = Signature(name, arguments, shared)
        self._everything = tuple(range(len(arguments)))
        self._is_number = result is NUMBER or result == NUMBER
        self._begins_with_number = len(result.entries) == 2 and result.entries[0] == NUMBER
        flat = result.kind is tuple and result.entries.count(NUMBER) == len(result.entries) > 1
        self._is_flat = self._is_number or flat
        self._engines.in_rows = not self._is_number and result.has_arrays
        self._engines.has_lists = self._engines.in_rows and not self._begins_with_number
        self._calls: dict[Any, Any] = {}  # in C, see _in_c
        self._may_be_nan = self._engines.form.goes_alone
        self._forward: dict[Wish, Self] = {}  # see regraded

    def _but(self, spoiled: bool | None = None, **facts: Any) -> Self:
        """A program that has these facts instead of its own."""
        own: dict[str, Any] = {"name": self.name, "arguments": self.arguments, "graph": self.graph}
        own |= {"result": self.result, "engine": self._engines.wish}
        made = type(self)(**(own | {"shared": self._signature.shared} | facts))
        made.spoiled = spoiled
        return made

    # The engines

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

    def on(self, engine: str) -> Self:
        """The same program, of the same parameters, by another engine.

        engine: "jax" runs it under ``jax.jit``, the samples shared out over all devices that JAX
        sees, in float64; "jax-local" over those of this process, which may have samples of its own,
        see ``Processes``. Raises ImportError without JAX, GraphError for functions of Python.

        >>> from autograd import record
        >>> record(lambda x: x * x, 0.0).on("python")
        <Program f(x): 1 operations, engine python>
        """
        return self._but(engine=checked(engine))

    @cached_property
    def _here(self) -> Self:
        """The program by an engine that takes any number of samples at once."""
        return self.on("auto") if self._engines.wish in ON_DEVICES else self

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

    def _stay(self) -> None:
        """Refuse a derivative of numbers where a recording or a derivative follows parameters."""
        if self._is_live():
            what = "the gradient of a program"
            for parameter in self.parameters:
                leaving(parameter, what, ": write grad(program)")
            tracing().refuse(what)

    # How it is run

    def _in_c(
        self, args: Any, named: Any, key: Any, wanted: Any = (), p: Any = None, seed: float = 1.0
    ) -> Any:
        """What comes of plain numbers or arrays, by the short way: "values", with grads by
        "parameters", or by the arguments that are wanted for argnums; None of anything else, also
        of too few arguments or too many."""
        if guarded or differentiated or self._followed:
            return None
        if (call := self._calls.get(key, 0)) == 0:
            whole = self._is_number and not self._may_be_nan if key != "values" else self._is_flat
            self._calls[key] = call = self._engines.in_c(key, wanted, self._signature, whole)
        if call is None:
            return None
        if named:
            args = self._signature.in_order(args, named)
        found = call(args, p, seed)
        if self._may_be_nan and key != "values" and found and has_nan(found[1]):
            return None  # see regraded
        return found

    def _numbers(self, at: Any) -> Array:
        """Numbers that are given for the parameters."""
        count, p = len(self.parameters), floats(at, "at")
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
        everything = p, *samples.alike
        finite, values, dx, dp = self._engines.run(samples, everything, wish, seed)
        if not finite:
            if wish.parameters and (nan := first_nan(samples, values, dp)):
                raise ValueError(f"{nan}, and would make every gradient nan: leave it out")
            self._examine(samples, p, values, (dx, dp))
        if wish and self._engines.form.goes_alone and (has_nan(dx) or has_nan(dp)):
            dp = regraded(self, samples, p, wish, seed, dx, dp)
        return values, dx, dp

    def _examine(self, samples: Samples, p: Any, values: Array, grads: Any = ()) -> None:
        if self.spoiled is not None:
            self.spoiled = True
            return
        numbers = dict(zip(self.parameters, numbers_of((p,)).tolist(), strict=True))

        def is_finite(some: Array) -> bool:
            engines = self._here._engines
            return engines.run(samples.at(some), (p, *samples.alike), engines.wanted(), 1.0)[0]

        alone = self._engines.form.goes_alone
        examine(self.graph, self.name, samples, numbers, values, grads, alone, is_finite)


def _is_followed(parameter: Value) -> bool:
    """Whether a recording or a derivative follows a parameter at the moment."""
    made_of = differentiated and differentiated.intersection(topological(parameter))
    return is_traced(parameter) or bool(made_of)
