"""Engines: what runs a program, chosen by the shape of its graph and the size of the batch.

NumPy costs a call for each level, whatever the batch; a tape costs a little for each product and sample, however deep
the graph. So wide graphs and large batches go to NumPy, and deep ones, single samples and small batches to the tape:
the native one if numba is installed, else Python's.
"""

from functools import cached_property
from itertools import accumulate, pairwise
from math import ceil, isfinite
from typing import Any

import numpy as np

from autograd.program.arguments import Array
from autograd.program.fold import DOT, fold
from autograd.program.interpreter import is_vector
from autograd.program.kernel import is_installed
from autograd.program.layout import Layout, layout_of
from autograd.program.levels import Layer, Sum, depths
from autograd.program.numpy_source import printed
from autograd.program.steps import Steps
from autograd.program.tape import NativeTape, PythonTape

__all__ = ["ENGINES", "Engines"]

ENGINES = ("auto", "numpy", "numba", "python")

# Nanoseconds, forward and reverse, as measured (tests/benchmarks/replay.py): what decides is only their ratio.
A_LEVEL = 3600.0  # NumPy's calls for a level
A_ROW = 2.5  # NumPy on one node of one sample
A_WEIGHT = 0.16  # a product within a matrix product
A_CALL = 4000.0  # of the native tape
AN_INSTRUCTION = 4.0  # of the native tape, or a product in one, whatever the batch
A_PRODUCT = 0.3  # the native tape's product for a sample
A_VECTOR = 1.6  # a row without function calls
A_FUNCTION = 15.0
IN_PYTHON = 200.0  # an instruction of the tape in Python, on floats; on arrays it takes ten times that

# Rows that are computed at once: so many that memory stays flat and what they need stays in the cache.
BLOCK = 1 << 17
MOST_LEVELS = 20_000  # more would take seconds to compile


class Engines:
    """The engines of one program; each is built when it is first used."""

    def __init__(self, name: str, arguments: dict[str, int], steps: Steps, engine: str) -> None:
        if engine not in ENGINES:
            raise ValueError(f"engine needs to be one of {', '.join(ENGINES)}, got {engine!r}")
        if engine == "numba" and not is_installed():
            raise ModuleNotFoundError("engine 'numba' needs numba: pip install 'glassgrad[fast]', or leave engine out")
        self.name, self.wish = name, engine
        self.folded = fold(steps)
        foreign = [row.name for row in self.folded.rows if row is not None and row.vocabulary]
        self.may_be_native = is_installed() and not foreign
        if foreign and engine == "numba":
            raise ValueError(
                f"engine 'numba' needs formulas that are text, got Python functions in {foreign[0]}: leave it out"
            )
        self.arguments, self.depths = arguments, depths(self.folded)
        self.is_deep = max(self.depths, default=0) > MOST_LEVELS
        # In the order in which NumPy wants them, if it may be asked: nodes in normal form, and in the recording.
        self.order = list(self.folded.parameters) if self.is_deep else self.layout.parameters
        self.parameters = [self.folded.parameters[node] for node in self.order]
        self.rows_of = list(pairwise([0, *accumulate(arguments.values())]))  # of each argument
        self._functions: dict[str, tuple[str, Any]] = {}
        self._costs = self._estimated()

    @cached_property
    def layout(self) -> Layout:
        """Where NumPy has each node."""
        return layout_of(self.folded, self.arguments, self.depths, self.order if self.is_deep else None)

    def run(self, x: Array, p: Array, wrt: str, seed: float) -> tuple[bool, Array, Any]:
        """Whether all numbers are finite; the values, an array for each output; the grads, if they are wanted."""
        engine = self.chosen(x.shape[1])
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

    def _in_blocks(self, run: Any, x: Array, p: Array, wrt: str, seed: float) -> tuple[bool, Array, Any]:
        """Run on so many samples at a time that memory stays flat."""
        samples, rows = x.shape[1], self.folded.inputs + len(self.folded.wide) + 1
        block = max(64, BLOCK // rows)
        if samples <= block:
            return run(x, p, wrt, seed)  # type: ignore[no-any-return]
        count = ceil(samples / block)
        ends = [samples * i // count for i in range(count + 1)]
        parts = [run(x[:, a:b], p, wrt, seed) for a, b in pairwise(ends)]
        finite, values, grads = zip(*parts, strict=True)
        joined = np.concatenate(grads, axis=1) if wrt == "arguments" else sum(grads) if wrt else None
        return all(finite), np.concatenate(values, axis=1), joined

    def _numpy(self, x: Array, p: Array, wrt: str, seed: float) -> tuple[bool, Array, Any]:
        given = [x[first:last] for first, last in self.rows_of]
        if len(p):
            given.append(p[:, None])
        _, function = self.function(wrt)
        values, *grads = function(*given, seed) if wrt else (function(*given),)
        if values.shape[1] != x.shape[1]:
            values = np.broadcast_to(values, (len(values), x.shape[1]))
        if wrt == "arguments":
            answer: Any = np.concatenate(grads) if len(grads) > 1 else grads[0] if grads else x
        else:
            answer = grads[0][:, 0] if wrt and len(p) else p
        # A sum that overflows although its terms do not only makes for a second look.
        return isfinite(np.add.reduce(values, axis=None)), values, answer

    def function(self, wrt: str) -> tuple[str, Any]:
        """The printed NumPy and the function that it defines."""
        if wrt not in self._functions:
            suffix = {"": "", "arguments": "_and_grad", "parameters": "_and_parameter_grad"}[wrt]
            self._functions[wrt] = printed(self.layout, self.name + suffix, wrt)
        return self._functions[wrt]

    @property
    def source(self) -> str:
        """All that NumPy may be asked to run."""
        wanted = ["", *(["arguments"] if self.folded.inputs else []), *(["parameters"] if self.parameters else [])]
        if len(self.folded.outputs) > 1:
            wanted = [""]
        return "import numpy as np\n\n" + "\n\n".join(self.function(wrt)[0] for wrt in wanted)

    @cached_property
    def native(self) -> NativeTape:
        """The tape for numba."""
        return NativeTape(self.folded, self.order)

    @cached_property
    def python(self) -> PythonTape:
        """The tape for Python."""
        return PythonTape(self.folded, self.order)

    def chosen(self, samples: int) -> str:
        """The engine for a batch of this size."""
        if self.wish != "auto":
            return self.wish
        return min(self._costs, key=lambda engine: self._costs[engine][0] + samples * self._costs[engine][1])

    @property
    def described(self) -> str:
        """The engine for one sample, and from which size of batch on it is another."""
        first = self.chosen(1)
        for size in (2**i for i in range(1, 24)):
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
