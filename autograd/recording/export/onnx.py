"""Programs in ONNX: the values of a batch, as the bytes of a file.

Arrays have a row a number and a column a sample. The standard lacks some functions of the table,
which are made of others here so that they keep their digits. It has no gradients."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.engine.table import TRUTHS
from autograd.recording.across import ACROSS
from autograd.recording.export.onnx_nodes import ACROSS_ALL, Nodes
from autograd.recording.program import Program
from autograd.recording.schedule import Dot, Group, Layout, Repeat, Row, by_node
from autograd.tree import NUMBER

KINDS = "float64", "float32"


def printed(program: Program, dtype: str) -> bytes:
    """The bytes of a model whose inputs are the arguments and whose outputs are the results."""
    try:
        import onnx
    except ModuleNotFoundError:
        needed = "export to onnx needs the package onnx: pip install 'glassgrad[export]'"
        raise ModuleNotFoundError(needed, name="onnx") from None
    kind = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    shared = program._signature.shared
    inputs = [
        onnx.helper.make_tensor_value_info(
            name, kind, [*["samples"] * (name not in shared), *[tree.size] * (tree != NUMBER)]
        )
        for name, tree in program.arguments.items()
    ]
    levels = _Levels(program._engines.layout, np.dtype(dtype))
    outputs = [
        onnx.helper.make_tensor_value_info(name, kind, shape)
        for name, shape in _outputs(levels, program)
    ]
    graph = onnx.helper.make_graph(levels.nodes, program.name, inputs, outputs, levels.constants)
    opset = onnx.helper.make_opsetid("", 18)
    made = onnx.helper.make_model(graph, opset_imports=[opset], producer_name="glassgrad")
    made.ir_version = 9
    onnx.checker.check_model(made, full_check=True)
    return made.SerializeToString()  # type: ignore[no-any-return]


def _outputs(levels: "_Levels", program: Program) -> list[tuple[str, list[Any]]]:
    """The results by name, with their shapes, as the last nodes."""
    given, shared = dict[str, str](), program._signature.shared
    by_sample = [name for name in program.arguments if name not in shared]
    by_sample.sort(key=lambda name: program.arguments[name].size == 0)
    one = levels.index([1])
    levels.samples = levels.node("Shape", by_sample[0], start=0, end=1) if by_sample else one
    names = zip(levels.layout.arguments, program.arguments.items(), strict=True)
    for name, (argument, tree) in names:
        if argument in shared:
            given[name] = levels.shaped(argument, (tree.size, 1))
        elif tree.size:
            rows = levels.shaped(argument, (-1, tree.size))
            given[name] = levels.node("Transpose", rows, perm=[1, 0])
    if parameters := [levels.form.parameters[node].data for node in levels.layout.parameters]:
        given["p"] = levels.constant(np.reshape(parameters, (-1, 1)))
    levels.computed(given)
    tree, nodes = program.result, levels.form.outputs
    y = "y"
    while y in program.arguments:
        y += "_"
    parts = [(y, [*nodes], [*tree.shape])]
    if tree.kind is not None:
        parts = [(name, [o], []) for name, o in zip(tree.labels(y), nodes, strict=True)]
    for name, some, shape in parts:
        columns = levels.node("Transpose", levels.spread(levels.rows(some)), perm=[1, 0])
        levels.node("Reshape", columns, levels.index([-1, *shape]), name=name)
    return [(name, ["samples", *shape]) for name, _, shape in parts]


class _Levels(Nodes):
    """The nodes of one graph of a recording."""

    def __init__(self, layout: Layout, dtype: Any, around: Any = None, samples: str = "") -> None:
        """samples: the array that says how many samples there are."""
        super().__init__(dtype, around)
        self.form, self.layout, self.samples = layout.form, layout, samples
        self.arrays = dict[str, str]()

    def computed(self, given: Mapping[str, str]) -> str:
        """The outputs, of the arrays that are given by name."""
        self.arrays |= given
        for i, group in enumerate(self.layout.groups, 1):
            self.arrays[f"v{i}"] = self.value(group)
        return self.rows(self.form.outputs)

    def rows(self, nodes: Sequence[int]) -> str:
        """The rows of these nodes, one below the other."""
        parts = list[str]()
        for array, rows, _ in self.layout.segments(nodes):
            if array == "c":
                numbers = np.reshape([*self.form.numbers.values()], (-1, 1))
                self.arrays[array] = self.constant(numbers)
            whole = rows == list(range(self.layout.height[array]))
            own = self.arrays[array]
            parts.append(own if whole else self.node("Gather", own, self.index(rows), axis=0))
        if len(parts) == 1:
            return parts[0]
        widths = {self.layout.wide[array] for array, _, _ in self.layout.segments(nodes)}
        if len(widths) > 1:  # a column a sample for all
            parts = [self.spread(part) for part in parts]
        return self.node("Concat", *parts, axis=0)

    def columns(self, nodes: Sequence[int], wide: bool) -> str:
        """Rows with a column a sample, if the whole has such."""
        is_wide = any(map(self.form.varies.__getitem__, nodes))
        return self.spread(self.rows(nodes)) if wide and not is_wide else self.rows(nodes)

    def spread(self, rows: str) -> str:
        """What no sample changes, repeated for each."""
        size = self.node("Concat", self.index([1]), self.samples, axis=0)
        return self.node("Expand", rows, size)

    def value(self, group: Group) -> str:
        if isinstance(group, Repeat):
            return self.repeated(group)
        if isinstance(group, Dot):
            return self.products(group)
        assert isinstance(group, Row)
        op = group.op
        words = dict[str, str]()
        many = ""
        for name, used in zip(op.operands, group.operands, strict=True):
            if name[0] == "*":
                many, every = name[1:], self.rows(by_node(used))
                count = len(used[0])
                words[many] = self.shaped(every, (count, len(group.nodes), -1))
                if "count" in op.result:
                    words["count"] = self.constant(float(count))
            else:
                words[name] = self.rows(used)
        for (name, _), used in zip(op.constants, group.constants, strict=True):
            words[name] = self.rows(used)
        if op in ACROSS:
            return self.over(ACROSS_ALL[op.name], self.spread(words["x"]), 1)
        if many and "peak" in op.result:
            largest = self.over("ReduceMax", words[many], 0)
            words["peak"] = self.formula("where(abs(x) < inf, x, 0)", {"x": largest})
        y = self.formula(op.result, words)
        if many:
            y = self.node("Squeeze", y, self.index([0]))
        return self.number(y) if op in TRUTHS.values() else y

    def products(self, group: Dot) -> str:
        count, terms = len(group.nodes), len(group.u)
        if group.is_layer:
            w = self.shaped(self.rows(by_node(group.u)), (count, terms))
            y = self.node("MatMul", w, self.rows([v[0] for v in group.v]))
        else:
            pairs = (
                self.shaped(self.rows(by_node(x)), (count, terms, -1)) for x in (group.u, group.v)
            )
            y = self.over("ReduceSum", self.node("Mul", *pairs), 1)
            y = self.node("Squeeze", y, self.index([1]))
        return self.node("Add", y, self.rows(group.biases)) if group.biases else y

    # Loops and calls

    def repeated(self, group: Repeat) -> str:
        """The results of a loop that somebody uses; what is called is written out."""
        layout, k, wide = group.layout(), group.loop.states, group.wide
        inner = _Levels(layout, self.dtype, self, self.samples if wide else self.index([1]))
        closed = {
            name: self.columns(nodes, wide and name == "k")
            for name, nodes in group.closed(layout).items()
        }
        if k:
            start = self.columns(group.own[:k], wide)
            y = self.loop(group, inner, start, closed) if group.loop.steps != 0 else start
        else:
            inner.nodes, inner.known = self.nodes, self.known
            x = {"x": self.columns(group.own, wide)} if group.own else {}
            y = inner.spread(inner.computed(x | closed))
        whole = group.which == [*range(group.loop.results)]
        return y if whole else self.node("Gather", y, self.index(group.which), axis=0)

    def loop(self, group: Repeat, inner: "_Levels", start: str, closed: Mapping[str, str]) -> str:
        """The state after the last step."""
        from onnx import TensorProto, helper

        loop, entries, bits = group.loop, group.entries(), TensorProto.BOOL
        step, goes_on, s, going = (f"/{word}{next(self.count)}" for word in ("i", "b", "s", "b"))
        given = {"s": s, **closed}
        if entries:
            every = self.rows([node for entry in entries for node in entry])
            of_steps = self.shaped(every, (len(entries), len(entries[0]), -1))
            given["x"] = inner.spread(inner.node("Gather", of_steps, step, axis=0))
        y, kind = inner.spread(inner.computed(given)), helper.np_dtype_to_tensor_dtype(self.dtype)
        info = helper.make_tensor_value_info
        ins = [info(step, TensorProto.INT64, []), info(goes_on, bits, []), info(s, kind, None)]
        if loop.steps is None:
            first = self.truth(self.columns(group.first, group.wide))
            rows = [*range(loop.states)], [loop.states]
            now, more = (inner.node("Gather", y, inner.index(some), axis=0) for some in rows)
            now = inner.node("Where", going, now, s)
            more = inner.node("And", going, inner.truth(more))
            ins.append(info(going, bits, None))
            outs = [info(inner.any(more), bits, []), info(now, kind, None), info(more, bits, None)]
            before = ["", self.any(first), start, first]
        else:
            outs = [info(inner.node("Identity", goes_on), bits, []), info(y, kind, None)]
            before = [self.constant(loop.steps, np.int64), "", start]
        body = helper.make_graph(inner.nodes, f"a step of {loop.name}", ins, outs)
        names = [f"/s{next(self.count)}" for _ in before[2:]]
        self.nodes.append(helper.make_node("Loop", before, names, body=body))
        return names[0]

    def any(self, truths: str) -> str:
        """Whether one of these holds."""
        largest = self.node("ReduceMax", self.number(truths), keepdims=0)
        return self.node("Greater", largest, self.constant(0.0))
