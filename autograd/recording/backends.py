"""Engines: what runs a program, chosen by the shape of its graph and the size of the batch.

Very wide layers and large batches go to NumPy, which costs a call for each level; all else to the
interpreter in C, which costs a little for each product and sample, or where that is not built to
the one in Python."""

import gc
from bisect import bisect_left
from functools import cached_property
from itertools import pairwise
from math import ceil
from typing import Any

import numpy as np

from autograd.engine.errors import GraphError
from autograd.engine.modes import unbroken
from autograd.recording.across import ACROSS
from autograd.recording.batch import Array, Samples
from autograd.recording.costs import estimated
from autograd.recording.graph import Graph
from autograd.recording.interpret import PythonInterpreter
from autograd.recording.native import KINDS, library
from autograd.recording.native.interpreter import NativeInterpreter
from autograd.recording.printed import Printed
from autograd.recording.schedule import Layout, parameters_in_order
from autograd.recording.signature import Signature
from autograd.recording.simplify import simplify
from autograd.recording.states import pruned
from autograd.recording.wish import Wish
from autograd.tree import NUMBER, Tree

ON_DEVICES = ("jax", "jax-local")
ENGINES = ("auto", "native", "numpy", "python", *ON_DEVICES)
ABSENT = (
    "engine 'native' needs the engine in C, which is not built here: write engine='auto', or "
    "install a C compiler, then glassgrad once more"
)

# Rows that are computed at once, so that memory stays flat and what they need stays in the cache.
BLOCK = 1 << 17
# NumPy is not asked to run more levels, which would take seconds to compile; nor so many with fewer
# nodes each, of which it could gather nothing into one call.
MOST_LEVELS, NARROW_FROM, NARROW = 20_000, 200, 3
MOST_SAMPLES = 1 << 23  # of which is said what runs them


class uncollected:
    """Inside, no collector walks, again and again, over what is only being built."""

    def __enter__(self) -> None:
        self.collects = gc.isenabled()
        gc.disable()

    def __exit__(self, *error: object) -> None:
        if self.collects:
            gc.enable()


def checked(engine: str) -> str:
    """The name of an engine, if it is one that is here."""
    if engine == "numba":
        raise ValueError("engine 'numba' is now in C and needs nothing else: write engine='native'")
    if engine not in ENGINES:
        raise ValueError(f"engine needs to be one of {', '.join(ENGINES)}, got {engine!r}")
    if engine == "native" and library is None:
        raise ImportError(ABSENT)
    if engine in ON_DEVICES:
        from autograd.recording.devices import need_jax

        need_jax()
    return engine


# Whether all numbers are finite; the values; the grads of the pieces that samples have, if they are
# wanted, and of narrow leaves.
Answer = tuple[bool, Array, Any, Array]


def numbers_of(p: tuple[Any, ...]) -> Array:
    """One array of the numbers of parameters, or of those that were given instead, and of shared
    arguments."""
    found = [_read(x) if type(x) is tuple else x for x in p]
    return found[0] if len(found) == 1 else np.concatenate(found)


def _read(values: tuple[Any, ...]) -> Any:
    return library.read(values) if library else np.array([v._data for v in values], float)


class Engines:
    """The engines of one program; each is built when it is first used."""

    def __init__(self, name: str, arguments: dict[str, Tree], graph: Graph, engine: str) -> None:
        """arguments: the structure of each, to which inputs belong."""
        self.name, self.wish = name, engine
        self.form = form = simplify(pruned(graph))
        self.arguments: dict[str, list[int]] = {}
        first = 0
        for argument, tree in arguments.items():
            last = first + (1 if tree is NUMBER else tree.size)
            self.arguments[argument], first = form.given[first:last], last
        if engine == "numpy":
            self._need_no_loops()
        if form.crosses and form.goes_alone:
            needed = "scan, a loop of so many steps, beside numbers of the whole batch"
            came = "while_loop, whose steps are each sample's own"
            raise GraphError(f"{name} needs {needed}, got {came}")
        foreign = [*form.kinds.difference(KINDS, ACROSS)]
        if foreign and engine == "native":
            told = f"got {foreign[0].name}, which is not compiled: write engine='auto'"
            raise ValueError(f"engine 'native' needs operations of autograd's own, {told}")
        nodes, self.is_deep = len(form.narrow) + len(form.wide), bool(form.bodies)
        if nodes > NARROW_FROM and (levels := max(form.depth)) > NARROW_FROM:
            self.is_deep |= levels > MOST_LEVELS or nodes < NARROW * levels
        # In the order in which NumPy wants them, if it may be asked.
        self.order = list(form.parameters) if self.is_deep else parameters_in_order(form)
        self.parameters = [form.parameters[node] for node in self.order]
        self.block = max(64, BLOCK // (form.inputs + len(form.wide) + 1))
        if form.crosses:
            self.block = MOST_SAMPLES * BLOCK
        self.has_native = library is not None and not foreign
        self._built: dict[str, Any] = {}
        self._wishes: dict[tuple[tuple[int, ...], bool], Wish] = {}
        self.in_rows = False  # whether C writes values alone of a sample side by side, and
        self.has_lists = False  # whether some of them may be lists
        self._last = 0, ""  # the size of batch that was asked for last, and its engine
        self._costs: dict[str, tuple[float, float]] = {}  # of engines, once one was asked for

    def _estimated(self, every: bool = False) -> dict[str, tuple[float, float]]:
        return estimated(self.form, self.has_native, self.is_deep, bool(self.arguments), every)

    @cached_property
    def layout(self) -> Layout:
        """Where NumPy has each node."""
        return Layout(self.form, self.arguments, self.order)

    @unbroken
    def built(self, engine: str) -> Any:
        """An engine, built when it is first asked for."""
        if engine not in self._built:
            with uncollected():
                self._built[engine] = self._made(engine)
        return self._built[engine]

    def _made(self, engine: str) -> Any:
        if engine == "numpy":
            self._need_no_loops()
            return Printed(self.name, self.layout)
        leaves = [*self.order, *self.form.shared]
        if engine in ON_DEVICES:
            from autograd.recording.devices import OnDevices  # here, because few need it

            return OnDevices(self.name, self.layout, leaves, engine == "jax-local")
        if engine == "native":
            return NativeInterpreter(self.form, leaves, self.has_lists)
        return PythonInterpreter(self.form, leaves)

    def wanted(self, arguments: tuple[int, ...] = (), parameters: bool = False) -> Wish:
        """That for the grads of arguments, by place, and of the parameters."""
        key = arguments, parameters
        if key not in self._wishes:
            every, varies = [*self.arguments.values()], self.form.varies
            inputs = [node for i in arguments for node in every[i]]
            narrow: list[int] = []
            if self.form.shared:
                narrow = [node for node in inputs if not varies[node]]
                inputs = [node for node in inputs if varies[node]]
            self._wishes[key] = Wish(*key, inputs, narrow + self.order * parameters)
        return self._wishes[key]

    @property
    def source(self) -> str:
        """The module of NumPy: values, grads by the arguments, and by the parameters."""
        wishes = [self.wanted()]
        if len(self.form.outputs) == 1:
            everything = tuple(range(len(self.arguments)))
            more = self.wanted(everything), self.wanted((), parameters=True)
            wishes += filter(None, more)
        return self.built("numpy").source(wishes)  # type: ignore[no-any-return]

    def _need_no_loops(self) -> None:
        if self.form.bodies:
            needed = f"NumPy's code needs {self.name} without loops and calls of large programs"
            raise ValueError(f"{needed}: write engine='auto', and print(program) to read it")

    def run(self, samples: Samples, p: tuple[Any, ...], wish: Wish, seed: float) -> Answer:
        """Whether all numbers are finite; the values, a row for each output; the grads wanted.

        p: the parameters, or an array of other numbers for them, then arrays of shared ones."""
        engine = self.chosen(samples.count)
        run, numbers = (self._built.get(engine) or self.built(engine)).run, numbers_of(p)
        if engine == "native":
            return run(samples, numbers, wish, seed, self.in_rows and not wish)  # type: ignore[no-any-return]
        if engine in ON_DEVICES:
            return run(samples, numbers, wish, seed)  # type: ignore[no-any-return]
        given = samples.columns, numbers, wish, seed
        try:
            with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
                finite, values, dx, dp = self._in_blocks(run, *given)
        except FloatingPointError:  # perhaps only on the side of a where that was not chosen
            with np.errstate(all="ignore"):
                finite, values, dx, dp = False, *self._in_blocks(run, *given)[1:]
        finite = finite and not (np.isnan(dx).any() or np.isnan(dp).any())
        return finite, values, samples.parts(wish.arguments, dx), dp

    def in_c(self, key: Any, wanted: tuple[int, ...], signature: Signature, whole: bool) -> Any:
        """What calls in C go to: for values, or grads by parameters, or by the arguments that are
        wanted, of which an int as key is the only one; or None."""
        if self.chosen(1) != "native":
            return None
        what = {"values": 0, "parameters": 3}.get(key, 2 if isinstance(key, int) else 1)
        in_rows = self.in_rows and not what
        if not (facts := signature.facts(wanted, what, whole, in_rows, self._most("native"))):
            return None
        native, wish = self.built("native"), self.wanted(wanted, key == "parameters")
        parameters = tuple(self.parameters)
        return library.prepared(native.runner, facts[0], native.back(wish), *facts[1:], parameters)

    def _most(self, engine: str) -> int:
        """Up to how many samples an engine is chosen that is chosen for one."""
        sizes, costs = range(1, MOST_SAMPLES), self._costs
        if self.wish != "auto" or costs[engine][1] <= min(c for _, c in costs.values()):
            return len(sizes)
        return bisect_left(sizes, True, key=lambda samples: self.chosen(samples) != engine)

    def _in_blocks(self, run: Any, x: Array, p: Array, wish: Wish, seed: float) -> Answer:
        """Run on so many samples at a time that memory stays flat."""
        samples = x.shape[1]
        if samples <= self.block:
            return run(x, p, wish, seed)  # type: ignore[no-any-return]
        count = ceil(samples / self.block)
        values, all_finite = np.empty((len(self.form.outputs), samples)), True
        # -0.0 adds nothing, not even a sign.
        dx, dp = np.empty((len(wish.inputs), samples)), np.full(len(wish.narrow), -0.0)
        for a, b in pairwise(samples * i // count for i in range(count + 1)):
            finite, values[:, a:b], dx[:, a:b], more = run(x[:, a:b], p, wish, seed)
            all_finite &= finite
            dp = dp + more
        return all_finite, values, dx, dp

    def chosen(self, samples: int) -> str:
        """The engine for a batch of this size."""
        if self.wish != "auto":
            return self.wish
        size, engine = self._last  # in one look: another thread may ask for another size
        if size != samples:
            engine, *others = self._costs = costs = self._costs or self._estimated()
            if others:
                engine = min(costs, key=lambda e: costs[e][0] + samples * costs[e][1])
            self._last = samples, engine
        return engine

    def follow(self, described: str) -> None:
        """Choose only among those that are described, as far as they are here."""
        if not any(engine in described for engine in ENGINES[1:]):
            needed = "follow needs the text of a program's engine, as 'native'"
            raise ValueError(f"{needed}, got {described!r}")
        every = self._estimated(every=True)
        costs = {name: cost for name, cost in every.items() if name in described}
        self._costs, self._last = costs or self._costs, (0, "")

    @property
    def described(self) -> str:
        """The engine for one sample, and from which size of batch on it is another."""
        first = self.chosen(1)
        if first in ON_DEVICES:
            return self.built(first).described  # type: ignore[no-any-return]
        most = self._most(first)
        then = self.chosen(most + 1)
        return first if then == first else f"{first} up to {most} samples, then {then}"
