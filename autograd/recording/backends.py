"""Engines: what runs a program, chosen by the shape of its graph and the size of the batch.

Wide graphs and large batches go to NumPy, which costs a call for each level; deep graphs and small
batches to an interpreter, which costs a little for each product and sample: the native one if numba
is installed and worth its seconds, which is decided once, else Python's."""

from bisect import bisect_left
from functools import cached_property, partial
from itertools import pairwise
from math import ceil
from typing import Any

import numpy as np

from autograd.recording.batch import Array
from autograd.recording.graph import Graph
from autograd.recording.interpret import NativeInterpreter, PythonInterpreter
from autograd.recording.native import is_installed, is_vector
from autograd.recording.printed import Printed
from autograd.recording.schedule import Dot, Layout
from autograd.recording.simplify import DOT, simplify

__all__ = ["ENGINES", "Engines"]

ENGINES = ("auto", "numpy", "numba", "python")

# Nanoseconds, forward and reverse, as measured (tests/benchmarks/replay.py): what decides is only
# their ratio. NumPy's calls for a level, a node of a sample, a product within a matrix product;
A_LEVEL, A_ROW, A_WEIGHT = 3600.0, 2.5, 0.16
# the native interpreter's call, instruction (or product in one) whatever the batch, product for a
# sample, row without function calls, and row with them;
A_CALL, AN_INSTRUCTION, A_PRODUCT, A_VECTOR, A_FUNCTION = 4000.0, 4.0, 0.3, 1.6, 15.0
# an instruction in Python, on floats; on arrays it takes ten times that.
IN_PYTHON = 200.0

# Seconds that numba takes to be imported and a kernel to be read, and how many calls a program is
# expected to have if nobody says.
A_KERNEL, CALLS = 0.6, 1000

# Rows that are computed at once, so that memory stays flat and what they need stays in the cache.
BLOCK = 1 << 17
# NumPy is not asked to run more levels, which would take seconds to compile; nor so many with fewer
# nodes each, of which it could gather nothing into one call.
MOST_LEVELS, NARROW_FROM, NARROW = 20_000, 200, 3
MOST_SAMPLES = 1 << 23  # of which is said what runs them


class Engines:
    """The engines of one program; each is built when it is first used."""

    def __init__(self, name: str, arguments: dict[str, int], graph: Graph, engine: str) -> None:
        if engine == "numba" and not is_installed():
            raise ModuleNotFoundError("engine 'numba' needs numba: pip install 'glassgrad[fast]'")
        self.name, self.wish, self.arguments = name, engine, arguments
        self.form = form = simplify(graph)
        foreign = [row for row in form.rows if row is not None and row.vocabulary]
        if foreign and engine == "numba":
            told = f"got Python functions in {foreign[0].name}: leave it out"
            raise ValueError(f"engine 'numba' needs formulas that are text, {told}")
        levels, nodes = max(form.depth, default=0), len(form.narrow) + len(form.wide)
        self.is_deep = levels > MOST_LEVELS or (levels > NARROW_FROM and nodes < NARROW * levels)
        # In the order in which NumPy wants them, if it may be asked.
        self.order = list(form.parameters) if self.is_deep else self.layout.parameters
        self.parameters = [form.parameters[node] for node in self.order]
        self.block = max(64, BLOCK // (form.inputs + len(form.wide) + 1))
        self._costs = self._estimated(native=is_installed() and not foreign)
        self._built: dict[str, Any] = {}
        self._missing = ""  # why numba, which is installed, cannot be used
        # Whether numba is used, once that is decided.
        self._native: bool | None = None if engine == "auto" else False

    @cached_property
    def layout(self) -> Layout:
        """Where NumPy has each node."""
        return Layout(self.form, self.arguments, self.order if self.is_deep else None)

    def built(self, engine: str) -> Any:
        """An engine, built when it is first asked for."""
        if engine not in self._built:
            if engine == "numpy":
                self._built[engine] = Printed(self.name, self.layout)
            else:
                interpreter = NativeInterpreter if engine == "numba" else PythonInterpreter
                self._built[engine] = interpreter(self.form, self.order)
        return self._built[engine]

    def run(self, x: Array, p: Array, wrt: str, seed: float) -> tuple[bool, Array, Any]:
        """Whether all numbers are finite; the values, a row for each output; the grads wanted."""
        samples = x.shape[1]
        if self._native is None:
            self.settle(self.pays(CALLS, samples))
        engine = self.chosen(samples)
        run = self.built(engine).run
        if engine == "numba":
            return run(x, p, wrt, seed)  # type: ignore[no-any-return]
        try:
            with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
                return self._in_blocks(run, x, p, wrt, seed)
        except FloatingPointError:  # perhaps only on the side of a where that was not chosen
            with np.errstate(all="ignore"):
                return False, *self._in_blocks(run, x, p, wrt, seed)[1:]

    def _in_blocks(
        self, run: Any, x: Array, p: Array, wrt: str, seed: float
    ) -> tuple[bool, Array, Any]:
        """Run on so many samples at a time that memory stays flat."""
        samples = x.shape[1]
        if samples <= self.block:
            return run(x, p, wrt, seed)  # type: ignore[no-any-return]
        count = ceil(samples / self.block)
        values, all_finite = np.empty((len(self.form.outputs), samples)), True
        # -0.0 adds nothing, not even a sign.
        grads = np.empty(x.shape) if wrt == "arguments" else np.full(p.shape, -0.0)
        for a, b in pairwise(samples * i // count for i in range(count + 1)):
            finite, values[:, a:b], more = run(x[:, a:b], p, wrt, seed)
            all_finite &= finite
            if wrt == "arguments":
                grads[:, a:b] = more
            elif wrt:
                grads = grads + more
        return all_finite, values, grads

    def chosen(self, samples: int, native: bool | None = None) -> str:
        """The engine for a batch of this size; native: whether numba may be, if that is asked."""
        if self.wish != "auto":
            return self.wish
        if native is None:
            native = self.pays(CALLS, samples) if self._native is None else self._native
        engines = [name for name in self._costs if native or name != "numba"]
        return min(engines, key=partial(self._cost, samples))

    def _cost(self, samples: int, engine: str) -> float:
        a_call, a_sample = self._costs[engine]
        return a_call + samples * a_sample

    def pays(self, calls: int, samples: int) -> bool:
        """Whether numba would save, over so many calls, more than it takes to load its kernel.

        Whether that is compiled already does not count: the answer must be the same in each
        process."""
        if self.wish != "auto" or "numba" not in self._costs:
            return False
        other = self._cost(samples, self.chosen(samples, native=False))
        return calls * (other - self._cost(samples, "numba")) * 1e-9 > A_KERNEL

    def settle(self, native: bool) -> None:
        """Use numba from now on, whose kernel may have to be compiled, or do without."""
        try:
            self._native = native and self.wish == "auto" and "numba" in self._costs
            if self._native:
                self.built("numba")
        except (ImportError, OSError) as error:
            self._missing, self._native = f" ({error})", False
            del self._costs["numba"]

    @property
    def described(self) -> str:
        """The engine for one sample, and from which size of batch on it is another."""
        first = self.chosen(1)
        sizes = range(1, MOST_SAMPLES)
        low = bisect_left(sizes, True, key=lambda samples: self.chosen(samples) != first)
        other = f" up to {low} samples, then {self.chosen(low + 1)}" if low < len(sizes) else ""
        return f"{first}{other}{self._missing}"

    def _estimated(self, *, native: bool) -> dict[str, tuple[float, float]]:
        """For each engine what a call and what a sample costs, in nanoseconds."""
        form, costs = self.form, {}
        if not self.is_deep:
            a_sample = 0.0
            for group in self.layout.groups:
                rows, products = len(group.nodes), len(group.u) if isinstance(group, Dot) else 1
                if isinstance(group, Dot) and group.is_layer:
                    a_sample += A_WEIGHT * rows * products + A_ROW * rows
                elif group.wide:
                    a_sample += A_ROW * rows * products
            costs["numpy"] = (len(self.layout.groups) * A_LEVEL, a_sample)
        if native:
            a_call, a_sample = A_CALL, 0.0
            for node, row, operands, _ in form.results():
                products = len(operands[0]) if row is DOT else 1
                a_call += AN_INSTRUCTION * products
                cost = A_VECTOR if row is DOT or is_vector(row) else A_FUNCTION
                cost += A_PRODUCT * products * (row is DOT)
                a_sample += cost * form.varies[node]
                a_call += cost * (not form.varies[node])
            costs["numba"] = (a_call, a_sample)
        count = (len(form.narrow) + len(form.wide)) * IN_PYTHON
        costs["python"] = (count * 10 if self.arguments else 0.0, count)
        return costs
