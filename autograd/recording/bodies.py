"""Bodies: what a recording keeps once and does many times, the steps of ``scan`` and ``while_loop``
and the functions that are called in it.

A loop is a node with a graph of its own, its body; each result of the last step is a node that
takes its part. The inputs of a body are its state and an entry of what ``scan`` goes through; what
it closes over, its parameters, are operands of the loop too."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

from autograd.engine.functions import where
from autograd.engine.modes import is_differentiating, tracing
from autograd.engine.native import library
from autograd.engine.storage import record
from autograd.engine.table import Op
from autograd.engine.value import Value, bundle, constant, lifted
from autograd.recording.across import ACROSS, across
from autograd.recording.graph import Graph, Loop, Part, agreed, graph_of
from autograd.recording.merge import merged
from autograd.recording.tangents import along
from autograd.recording.trace import Tracer, recorder_of
from autograd.tree import NUMBER, Tree, numbers

__all__ = ["Recorder", "called", "on_values"]

# A program of fewer operations is copied where a recording calls it: that costs less than a call.
COPIED, MOST_STEPS = 24, 2**32 - 1
# Bodies of so many loops in one another are run twice; those further inside once, or a nest would
# take a power of two.
CHECKED = 3


class Recorder(Tracer):
    """A tracer that keeps the bodies of loops and of called programs."""

    def loop(
        self,
        name: str,
        body: Any,
        state: Any,
        entries: Sequence[Any],
        steps: int | None = None,
        condition: Any = None,
    ) -> Any:
        """The state after a loop of so many steps, or for as long as the condition holds: entries
        are the further arguments of each step's body, or of all alike.

        A single step is written out, and inside a derivative every step, whatever is to come."""
        if steps is not None and (steps == 1 or is_differentiating() is not None):
            for t in range(steps):
                state = body(state, *entries[t % len(entries)])
            return state
        if steps is not None and steps >= MOST_STEPS:
            raise ValueError(f"{name} needs fewer than 2**32 - 1 steps, got {steps}")
        tree, of = Tree.of(state), Tree.of(entries[0])
        starts = [lifted(x) for x in numbers(state)]
        if of.entries == (NUMBER,):
            sequence = [[lifted(x) for x in entry] for entry in entries]
        else:
            needed = f"{name} needs entries of one structure"
            sequence = [[lifted(x) for x in of.match(entry, needed)] for entry in entries if entry]

        def step(states: list[Value], entry: list[Value]) -> list[Any]:
            after = body(tree.build(states), *of.build(entry))
            holds = [_truth(condition(after))] if condition else []
            if holds and type(holds[0]) is float and holds[0]:
                needed = f"{name} needs a condition on numbers of the state, as lambda s: s < 9"
                raise ValueError(f"{needed}, got True whatever they are, which never ends")
            return [*numbers(after), *holds]

        first = [lifted(_truth(condition(state)))] if condition else []
        return tree.build(self.looped(name, step, starts, sequence, steps, first))

    def looped(
        self,
        name: str,
        step: Callable[[list[Value], list[Value]], list[Any]],
        starts: list[Value],
        entries: list[list[Value]],
        steps: int | None,
        first: list[Value],
    ) -> list[Value]:
        """The results of a loop; first holds its condition before the first step, if it has one."""
        k, given = len(starts), [*starts, *(entries[0] if entries else ())]
        what = f"the body of {name}"
        body, outputs, _ = self.traced(lambda items: step(items[:k], items[k:]), given, what, True)
        loop = Loop.of(name, body, k, len(given) - k, steps)
        operands = [*starts, *chain(*entries), *body.parameters.values(), *first]
        return self.emitted(loop, operands, outputs)

    def traced(
        self, f: Callable[[list[Value]], Any], given: Sequence[Value], name: str, repeats: bool
    ) -> tuple[Graph, list[Value], Tree]:
        """The body that f of such Values is, its outputs, and their structure; f is run twice, to
        see that no step depends on how many there were before."""
        runs = list[Graph]()
        for _ in range(2 if self.depth < CHECKED else 1):
            inside, items = type(self)(self.keeps_places), [Value(v._data) for v in given]
            inside.depth, inside.is_repeated = self.depth + 1, repeats or self.is_repeated
            inside.adopt(*items)
            try:
                result = inside.run(f, [items])
            finally:
                self.refused += inside.refused
            outputs = [lifted(y) for y in numbers(result)]
            runs.append(graph_of(inside, items, outputs, runs[0] if runs else None))
        return merged(agreed(runs[0], runs[-1], name)), outputs, Tree.of(result)

    def kept(self, f: Callable[..., Any], name: str, key: int, args: tuple[Any, ...]) -> Any:
        """What a recorded function gives inside a recording, in which it is kept once by its key
        and the structure of its arguments; a small one is copied."""
        tree, given = Tree.of(args), [lifted(x) for x in numbers(args)]
        if (key, tree) not in self.bodies:
            body, _, result = self.traced(lambda items: f(*tree.build(items)), given, name, False)
            loop = Loop.of(name, body, 0, len(given), 1)
            self.bodies[key, tree] = None if is_copied(body) else (loop, result)
        if self.bodies[key, tree] is None:
            return f(*args)
        loop, result = self.bodies[key, tree]
        return result.build(self.emitted(loop, [*given, *loop.body.parameters.values()], ()))

    def emitted(self, loop: Loop, operands: list[Value], like: Sequence[Value]) -> list[Value]:
        """The results of a loop as Values, with any data, those of others."""
        together = bundle(operands)
        none: Any = 0.0 if library is not None else [0.0] * len(operands)  # in C one for all
        results = []
        for i, part in enumerate(loop.parts):
            y = like[i]._data if i < len(like) else 1.0
            results.append(record(part, y, (together,), (none,), ()))
            self.take(results[-1])
        return results

    # Derivatives that are taken inside a recording

    def partials(self, op: Op) -> tuple[Callable[..., Any], ...]:
        return (partial(self._through, op),) if isinstance(op, Part) else super().partials(op)

    def _through(self, part: Part, operands: list[Value], _: Value) -> list[Any]:
        """The partials of a loop's result by its operands: a direction for each that counts."""
        counted = [i for i, v in enumerate(operands) if v in self.count]
        key = (part.loop, *map(id, operands), *counted)
        if key not in self.slopes:
            each = [{i: constant(1.0)} if v in self.count else {} for i, v in enumerate(operands)]
            self.slopes[key] = self.pushed(part.loop, operands, each)
        moved = self.slopes[key][part.index]
        return [moved.get(i, 0.0) for i in range(len(operands))]

    def moved(self, result: Value, slopes: Mapping[Value, Any], known: dict[int, Any]) -> Any:
        """By direction the slopes of a loop's result, from those of its operands; known keeps those
        of its other results."""
        part: Any = result.op
        operands = result.bundles[0]
        if id(operands) not in known:
            by = [slopes.get(v, {}) for v in operands]
            known[id(operands)] = self.pushed(part.loop, [*operands], by)
        return known[id(operands)][part.index]

    def pushed(self, loop: Loop, operands: list[Value], slopes: list[Any]) -> list[dict[int, Any]]:
        """By direction the slopes of each result of a loop, from those of its operands."""
        row, ways, given = along(loop, operands, slopes, constant(0.0))
        values, count = [lifted(x) for x in given], loop.results
        found = self.emitted(row, values, values[: row.states])
        return [dict(zip(ways, found[count + i :: count], strict=True)) for i in range(count)]


def is_copied(graph: Graph) -> bool:
    """Whether a call costs more than a copy, or there is a number of the whole batch in it."""
    count = sum(row is not None for row in graph.rows)
    return count < COPIED or not ACROSS.isdisjoint(graph.rows)


def _truth(condition: Any) -> Any:
    return condition if isinstance(condition, Value) else float(bool(condition))


def on_values(graph: Graph, leaves: Mapping[int, Any]) -> list[Value]:
    """The outputs of a graph as Values, every step of it done as f would, from its inputs and
    parameters."""
    v: dict[Any, Any] = {n: lifted(x) for n, x in (graph.numbers | dict(leaves)).items()}
    for node, *_ in graph.results():
        v[node] = _result(graph, node, v)
    return [v[o] for o in graph.outputs]


def called(name: str, graph: Graph, inputs: Sequence[Value]) -> list[Value]:
    """The outputs of a graph that is called: inside a recording it is kept once, and a node."""
    tracer, parameters = tracing(), graph.parameters
    is_kept = tracer is not None and is_differentiating() is None
    if not is_kept or (id(graph) not in tracer.bodies and is_copied(graph)):
        return on_values(graph, dict(enumerate(inputs)) | parameters)
    loop = tracer.bodies.setdefault(id(graph), Loop.of(name, graph, 0, len(inputs), 1))
    operands = [lifted(x) for x in (*inputs, *parameters.values())]
    return tracer.emitted(loop, operands, ())  # type: ignore[no-any-return]


def _result(graph: Graph, node: int, v: dict[Any, Any]) -> Any:
    """A result on Values; of a loop all its results."""
    row: Any = graph.rows[node]
    operands, constants = graph.operands[node], [v[c] for c in graph.constants[node]]
    if isinstance(row, Loop):
        return _steps(row, [v[o] for o in operands[0]])
    if isinstance(row, Part):
        return v[operands[0][0]][row.index]
    if row in ACROSS:
        return across(row, v[operands[0]])
    if row.nary:
        named = zip(row.operands, operands, strict=True)
        given = [
            bundle([v[i] for i in o]) if n[0] == "*" else v[o[0]] if o else None for n, o in named
        ]
        return recorder_of(row)(*given)
    if row.name == "where":
        return where(constants[0], *(v[o] for o in operands))
    return recorder_of(row)(*(v[o] for o in operands), *(c._data for c in constants))


def _steps(loop: Loop, operands: list[Value]) -> list[Value]:
    """The results of a loop on Values: in a recording the loop again, else step by step."""
    tracer, k = tracing(), loop.states
    if tracer is not None and (loop.steps is None or is_differentiating() is None):
        return tracer.emitted(loop, operands, operands[:k])  # type: ignore[no-any-return]
    (entries, closed), results, goes_on = loop.entries(operands), operands[:k], operands[-1:]
    for entry in entries:
        if loop.steps is None and not goes_on[0]:
            break
        found = on_values(loop.body, dict(enumerate([*results, *entry])) | closed)
        results, goes_on = found[: loop.results], found[loop.results :]
    return results
