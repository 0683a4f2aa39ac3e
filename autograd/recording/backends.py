"""Engines: what runs a program, chosen by the shape of its graph and the size of the batch.

NumPy costs a call for each level, whatever the batch; a tape costs a little for each product and
sample, however deep the graph. So wide graphs and large batches go to NumPy, and deep ones, single
samples and small batches to the tape: the native one if numba is installed, else Python's. What
numba would have saved must have made up for the seconds that it takes to compile before it is asked
to."""

from functools import cached_property
from itertools import accumulate, pairwise
from math import ceil, isfinite
from typing import Any

import numpy as np

from autograd.engine.table import Op
from autograd.recording.arguments import Array
from autograd.recording.arrays import is_word
from autograd.recording.codegen import Printed, printed
from autograd.recording.graph import Steps
from autograd.recording.interpret import NativeTape, PythonTape, rows_of
from autograd.recording.layout import Layout, layout_of
from autograd.recording.native import is_vector
from autograd.recording.native_cache import IMPORT, LOAD, is_installed, is_loaded, wait
from autograd.recording.schedule import Layer, Sum, depths
from autograd.recording.simplify import DOT, fold

__all__ = ["ENGINES", "Engines"]

ENGINES = ("auto", "numpy", "numba", "python")

# Nanoseconds, forward and reverse, as measured (tests/benchmarks/replay.py): what decides is only
# their ratio.
A_LEVEL = 3600.0  # NumPy's calls for a level
A_ROW = 2.5  # NumPy on one node of one sample
A_WEIGHT = 0.16  # a product within a matrix product
A_CALL = 4000.0  # of the native tape
AN_INSTRUCTION = 4.0  # of the native tape, or a product in one, whatever the batch
A_PRODUCT = 0.3  # the native tape's product for a sample
A_VECTOR = 1.6  # a row without function calls
A_FUNCTION = 15.0
IN_PYTHON = (
    200.0  # an instruction of the tape in Python, on floats; on arrays it takes ten times that
)

# Rows that are computed at once: so many that memory stays flat and what they need stays in the
# cache.
BLOCK = 1 << 17
MOST_LEVELS = 20_000  # of a graph that NumPy is asked to run: more would take seconds to compile
NARROW_FROM, NARROW = (
    200,
    3,
)  # with so many levels, of fewer nodes each, NumPy could gather nothing into one call


class Engines:
    """The engines of one program; each is built when it is first used."""

    def __init__(self, name: str, arguments: dict[str, int], steps: Steps, engine: str) -> None:
        if engine not in ENGINES:
            raise ValueError(f"engine needs to be one of {', '.join(ENGINES)}, got {engine!r}")
        if engine == "numba" and not is_installed():
            raise ModuleNotFoundError(
                "engine 'numba' needs numba: pip install 'glassgrad[fast]', or leave engine out"
            )
        self.name, self.wish = name, engine
        self.folded = fold(steps)
        foreign = [row.name for row in self.folded.rows if row is not None and row.vocabulary]
        self.foreign = {
            name for row in self.folded.rows if row is not None for name in row.vocabulary
        }
        self.may_be_native = is_installed() and not foreign
        if foreign and engine == "numba":
            raise ValueError(
                f"engine 'numba' needs formulas that are text, got Python functions in {foreign[0]}: leave it out"
            )
        self.arguments, self.depths = arguments, depths(self.folded)
        count, nodes = max(self.depths, default=0), len(self.folded.narrow) + len(self.folded.wide)
        self.is_deep = count > MOST_LEVELS or (count > NARROW_FROM and nodes < NARROW * count)
        # In the order in which NumPy wants them, if it may be asked: nodes in normal form, and in
        # the recording.
        self.order = list(self.folded.parameters) if self.is_deep else self.layout.parameters
        self.parameters = [self.folded.parameters[node] for node in self.order]
        self.rows_of = list(pairwise([0, *accumulate(arguments.values())]))  # of each argument
        self._functions: dict[str, Printed] = {}
        self._costs = self._estimated()
        self._forgone = 0.0  # seconds that numba would have saved
        self._lack = ""  # why numba, which is installed, cannot be used
        self._settled: bool | None = None  # whether numba is used, if that was decided for good

    @cached_property
    def layout(self) -> Layout:
        """Where NumPy has each node."""
        return layout_of(
            self.folded, self.arguments, self.depths, self.order if self.is_deep else None
        )

    def run(self, x: Array, p: Array, wrt: str, seed: float) -> tuple[bool, Array, Any]:
        """Whether all numbers are finite; the values, an array for each output; the grads, if they
        are wanted.
        """
        engine = self.chosen(x.shape[1])
        if self._awaits_native(x.shape[1]):
            engine = self._native_if_it_pays(x.shape[1], engine)
        if engine == "numba":
            return self.native.run(x, p, wrt, seed)
        run = self._numpy if engine == "numpy" else self.python.run
        try:
            with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
                return self._in_blocks(run, x, p, wrt, seed)
        except FloatingPointError:  # perhaps only on the side of a where that was not chosen
            with np.errstate(all="ignore"):
                _, values, grads = self._in_blocks(run, x, p, wrt, seed)
            return False, values, grads

    def _in_blocks(
        self, run: Any, x: Array, p: Array, wrt: str, seed: float
    ) -> tuple[bool, Array, Any]:
        """Run on so many samples at a time that memory stays flat."""
        samples, rows = x.shape[1], self.folded.inputs + len(self.folded.wide) + 1
        block = max(64, BLOCK // rows)
        if samples <= block:
            return run(x, p, wrt, seed)  # type: ignore[no-any-return]
        count = ceil(samples / block)
        ends = [samples * i // count for i in range(count + 1)]
        values, grads, all_finite = np.empty((len(self.folded.outputs), samples)), None, True
        for a, b in pairwise(ends):
            finite, values[:, a:b], more = run(x[:, a:b], p, wrt, seed)
            all_finite &= finite
            if wrt == "arguments":
                grads = np.empty(x.shape) if grads is None else grads
                grads[:, a:b] = more
            elif wrt:
                grads = more if grads is None else grads + more
        return all_finite, values, grads

    def _numpy(self, x: Array, p: Array, wrt: str, seed: float) -> tuple[bool, Array, Any]:
        given = [x[first:last] for first, last in self.rows_of]
        if len(p):
            given.append(p[:, None])
        function = self.function(wrt).function
        values, *grads = function(*given, seed) if wrt else (function(*given),)
        if values.shape[1] != x.shape[1]:
            values = np.repeat(values, x.shape[1], axis=1)
        if wrt == "arguments":
            answer: Any = np.concatenate(grads) if len(grads) > 1 else grads[0] if grads else x
        else:
            answer = grads[0][:, 0] if wrt and len(p) else p
        # A sum that overflows although its terms do not only makes for a second look.
        return isfinite(np.add.reduce(values, axis=None)), values, answer

    def function(self, wrt: str) -> Printed:
        """The printed NumPy and the function that it defines."""
        if wrt not in self._functions:
            suffix = {"": "", "arguments": "_and_grad", "parameters": "_and_parameter_grad"}[wrt]
            name = self.name + suffix
            self._functions[wrt] = printed(
                self.layout, f"{name}_" if is_word(name) or name in self.foreign else name, wrt
            )
        return self._functions[wrt]

    @property
    def source(self) -> str:
        """All that NumPy may be asked to run, as a module."""
        wanted = [
            "",
            *(["arguments"] if self.folded.inputs else []),
            *(["parameters"] if self.parameters else []),
        ]
        parts = [self.function(wrt) for wrt in (wanted if len(self.folded.outputs) == 1 else [""])]
        foreign = sorted({name for part in parts for name in part.foreign})
        definitions = {
            name: text
            for part in parts
            for name, text in part.definitions.items()
            if name not in foreign
        }
        imports = ["import math\n"] * any("math." in text for text in definitions.values())
        missing = [
            f"# Your own functions, given to an operation, are left out: {', '.join(foreign)}, each of arrays.\n"
        ] * bool(foreign)
        blocks = [*missing, *definitions.values(), *(part.text for part in parts)]
        return "".join([*imports, "import numpy as np\n\n", "\n\n".join(blocks)])

    @cached_property
    def native(self) -> NativeTape:
        """The tape for numba."""
        try:
            return NativeTape(self.folded, self.order)
        except ImportError as error:
            raise ImportError(
                f"engine 'numba' needs numba, which cannot be imported: {error}"
            ) from error

    @cached_property
    def python(self) -> PythonTape:
        """The tape for Python."""
        return PythonTape(self.folded, self.order)

    def chosen(self, samples: int) -> str:
        """The engine for a batch of this size, as long as there is no kernel that is not there now."""
        if self.wish != "auto":
            return self.wish
        return self._cheapest(samples, self._costs if self._has_native() else self._costs_without)

    def _cheapest(self, samples: int, costs: dict[str, tuple[float, float]]) -> str:
        return min(costs, key=lambda engine: costs[engine][0] + samples * costs[engine][1])

    @cached_property
    def _costs_without(self) -> dict[str, tuple[float, float]]:
        return {engine: cost for engine, cost in self._costs.items() if engine != "numba"}

    def _has_native(self) -> bool:
        if self._settled is not None:
            return self._settled
        return "native" in self.__dict__ or is_loaded(self._rows)

    def pays(self, calls: int, samples: int) -> bool:
        """Whether numba would save, over so many calls, more than it takes to load its kernel.

        Whether that is compiled already does not count: the answer must be the same in each
        process."""
        if self.wish != "auto" or "numba" not in self._costs:
            return False
        other = self._cheapest(samples, self._costs_without)
        own, native = (
            self._costs[name][0] + samples * self._costs[name][1] for name in (other, "numba")
        )
        return calls * (own - native) * 1e-9 > IMPORT + LOAD

    def settle(self, native: bool) -> None:
        """Use numba from now on, or do without, whatever comes."""
        if self.wish != "auto":
            return
        self._settled = native and "numba" in self._costs and self._tried()

    def _tried(self) -> bool:
        """Whether numba gives us its kernel, which it may compile; if not, it is done without."""
        try:
            self.native  # noqa: B018
        except (ImportError, OSError) as error:
            self._lack = str(error.__cause__ or error)
            del self._costs["numba"]
        return "numba" in self._costs

    @cached_property
    def _rows(self) -> frozenset[Op]:
        return rows_of(self.folded)

    @cached_property
    def _wait(self) -> float:
        return wait(self._rows)

    def _awaits_native(self, samples: int) -> bool:
        """Whether numba would be the best for this size, but has no kernel yet."""
        if (
            self.wish != "auto"
            or "numba" not in self._costs
            or self._has_native()
            or self._settled is not None
        ):
            return False
        return self._cheapest(samples, self._costs) == "numba"

    def _native_if_it_pays(self, samples: int, engine: str) -> str:
        """numba, when what it would have saved so far is more than what it takes to be there; until
        then another.
        """
        own, native = (
            self._costs[name][0] + samples * self._costs[name][1] for name in (engine, "numba")
        )
        self._forgone += (own - native) * 1e-9
        if self._forgone < self._wait:
            return engine
        self._tried()
        return self.chosen(samples)

    @property
    def described(self) -> str:
        """The engine for one sample, and from which size of batch on it is another; what is said of
        numba.
        """
        sizes = [2**i for i in range(24)]
        text = self._by_size(sizes)
        if self._lack:
            return f"{text} (numba cannot be used: {self._lack})"
        return (
            f"{text} (numba when it pays to compile)"
            if any(map(self._awaits_native, sizes))
            else text
        )

    def _by_size(self, sizes: list[int]) -> str:
        first = self.chosen(1)
        for size in sizes[1:]:
            if self.chosen(size) != first:
                other = self.chosen(size)
                low, high = size // 2, size
                while high - low > 1:
                    middle = (low + high) // 2
                    low, high = (low, middle) if self.chosen(middle) == other else (middle, high)
                return f"{first} up to {low} samples, then {other}"
        return first

    def _estimated(self) -> dict[str, tuple[float, float]]:
        """For each engine what a call and what a sample costs, in nanoseconds."""
        folded, costs = self.folded, {}
        groups = [] if self.is_deep else self.layout.groups
        per_sample = 0.0
        for group in groups:
            rows = len(group.nodes)
            if isinstance(group, Layer):
                per_sample += A_WEIGHT * rows * len(group.columns) + A_ROW * rows
            elif group.wide:
                rows *= len(group.u) if isinstance(group, Sum) else 1
                per_sample += A_ROW * rows
        if not self.is_deep:
            costs["numpy"] = (len(groups) * A_LEVEL, per_sample)
        if self.may_be_native:
            inner, outer = self._instructions(folded.narrow), self._instructions(folded.wide)
            costs["numba"] = (A_CALL + sum(inner) + outer[0], outer[1])
        count = len(folded.narrow) + len(folded.wide)
        costs["python"] = (count * IN_PYTHON * 10 if self.arguments else 0.0, count * IN_PYTHON)
        return costs

    def _instructions(self, nodes: list[int]) -> tuple[float, float]:
        """What the native tape takes for them in a call, and for each sample."""
        rows, operands = self.folded.rows, self.folded.operands
        a_call = a_sample = 0.0
        for node in nodes:
            row, products = rows[node], 1
            if row is DOT:
                products = len(operands[node][0])
                a_sample += A_PRODUCT * products + A_VECTOR
            else:
                a_sample += A_VECTOR if is_vector(row) else A_FUNCTION
            a_call += AN_INSTRUCTION * products
        return a_call, a_sample
