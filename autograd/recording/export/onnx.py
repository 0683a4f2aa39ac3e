"""Programs in ONNX: the values of a batch, as the bytes of a file.

The standard lacks some functions of the table, which are made of others here so that they keep
their digits. It has no gradients."""

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.engine.table import OPS, TRUTHS
from autograd.recording.across import ACROSS
from autograd.recording.export.onnx_words import (
    ACROSS_ALL,
    IN_FLOAT64,
    MADE,
    OVER,
    SAME,
    SIGNS,
    WORDS,
)
from autograd.recording.schedule import Dot, Group, Row, by_node
from autograd.tree import NUMBER

if TYPE_CHECKING:
    from autograd.recording.program import Program

__all__ = ["printed"]

KINDS = "float64", "float32"


def printed(program: "Program", dtype: str) -> bytes:
    """The bytes of a model whose inputs are the arguments and whose outputs are the results."""
    try:
        import onnx
    except ModuleNotFoundError:
        needed = "export to onnx needs the package onnx: pip install 'glassgrad[export]'"
        raise ModuleNotFoundError(needed, name="onnx") from None
    kind = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    model = _Model(program, np.dtype(dtype))
    shared = program._signature.shared
    inputs = [
        onnx.helper.make_tensor_value_info(
            name, kind, [*["samples"] * (name not in shared), *[tree.size] * (tree != NUMBER)]
        )
        for name, tree in program.arguments.items()
    ]
    outputs = [
        onnx.helper.make_tensor_value_info(name, kind, shape) for name, shape in model.outputs()
    ]
    used = {name for node in model.nodes for name in node.input}
    constants = [constant for constant in model.constants if constant.name in used]
    graph = onnx.helper.make_graph(model.nodes, program.name, inputs, outputs, constants)
    opset = onnx.helper.make_opsetid("", 18)
    made = onnx.helper.make_model(graph, opset_imports=[opset], producer_name="glassgrad")
    made.ir_version = 9
    onnx.checker.check_model(made, full_check=True)
    return made.SerializeToString()  # type: ignore[no-any-return]


class _Model:
    """The nodes of one program; arrays have a row a number and a column a sample."""

    def __init__(self, program: "Program", dtype: Any) -> None:
        self.program, self.dtype = program, dtype
        self.made = MADE | (IN_FLOAT64 if dtype == np.float64 else {})
        engines = program._engines
        self.form, self.layout = engines.form, engines.layout
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.known: dict[Any, str] = {}
        self.arrays: dict[str, str] = {}
        shared = program._signature.shared
        names = zip(self.layout.arguments, program.arguments.items(), strict=True)
        for name, (argument, tree) in names:
            if argument in shared:
                self.arrays[name] = self.shaped(argument, (tree.size, 1))
            else:
                rows = self.shaped(argument, (-1, tree.size))
                self.arrays[name] = self.node("Transpose", rows, perm=[1, 0])
        parameters = [self.form.parameters[node].data for node in self.layout.parameters]
        columns = {"p": parameters, "c": [*self.form.numbers.values()]}
        self.arrays |= {
            n: self.constant(np.reshape(xs, (-1, 1))) for n, xs in columns.items() if xs
        }
        for i, group in enumerate(self.layout.groups, 1):
            self.arrays[f"v{i}"] = self.value(group)

    def outputs(self) -> list[tuple[str, list[Any]]]:
        """The results by name, with their shapes."""
        tree, outputs = self.program.result, self.form.outputs
        whole = tree.kind is None
        parts = [[*outputs]] if whole else [[o] for o in outputs]
        names = ["y"] if whole else tree.labels("y")
        given = [a for a in self.program.arguments if a not in self.program._signature.shared]
        found = list[tuple[str, list[Any]]]()
        for name, nodes in zip(names, parts, strict=True):
            y = self.node("Transpose", self.rows(nodes), perm=[1, 0])
            if given:  # what no sample changes is repeated for each
                count = self.node(
                    "Slice", self.node("Shape", given[0]), *map(self.index, ([0], [1]))
                )
                size = self.node("Concat", count, self.index([len(nodes)]), axis=0)
                y = self.node("Expand", y, size)
            shape = [*tree.shape] if whole else []
            self.node("Reshape", y, self.index([-1, *shape]), name=name)
            found.append((name, ["samples", *shape]))
        return found

    # Nodes and numbers

    def node(self, kind: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """The name of what an operation makes of inputs, which is made once."""
        from onnx import helper

        key = kind, inputs, repr(attributes)
        if key not in self.known or name:
            self.known[key] = name or f"n{len(self.nodes)}"
            made = helper.make_node(kind, [*inputs], [self.known[key]], **attributes)
            self.nodes.append(made)
        return self.known[key]

    def constant(self, numbers: Any, dtype: Any = None) -> str:
        from onnx import numpy_helper

        array = np.asarray(numbers, dtype or self.dtype)
        key = array.tobytes(), array.shape, array.dtype
        if key not in self.known:
            self.known[key] = f"c{len(self.constants)}"
            self.constants.append(numpy_helper.from_array(array, self.known[key]))
        return self.known[key]

    def index(self, numbers: Sequence[int]) -> str:
        return self.constant(numbers, np.int64)

    def shaped(self, x: str, shape: Sequence[int]) -> str:
        return self.node("Reshape", x, self.index(shape))

    def number(self, x: str) -> str:
        """A truth value as a number."""
        from onnx import helper

        return self.node("Cast", x, to=helper.np_dtype_to_tensor_dtype(self.dtype))

    def truth(self, x: str) -> str:
        return self.node("Not", self.node("Equal", x, self.constant(0.0)))

    # Groups

    def rows(self, nodes: Sequence[int]) -> str:
        """The rows of these nodes, one below the other."""
        parts = list[str]()
        for array, rows, _ in self.layout.segments(nodes):
            whole = rows == list(range(self.layout.height[array]))
            own = self.arrays[array]
            parts.append(own if whole else self.node("Gather", own, self.index(rows), axis=0))
        if len(parts) == 1:
            return parts[0]
        widths = {self.layout.wide[array] for array, _, _ in self.layout.segments(nodes)}
        if len(widths) > 1:  # a column a sample for all
            zero = self.node("Mul", self.all_samples(), self.constant(0.0))
            parts = [self.node("Add", part, zero) for part in parts]
        return self.node("Concat", *parts, axis=0)

    def all_samples(self) -> str:
        """Any row that has a column a sample."""
        name = next(n for n in self.layout.arguments if self.layout.wide[n])
        return self.node("Gather", self.arrays[name], self.index([0]), axis=0)

    def value(self, group: Group) -> str:
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
                words["count"] = self.constant(float(count))
            else:
                words[name] = self.rows(used)
        for (name, _), used in zip(op.constants, group.constants, strict=True):
            words[name] = self.rows(used)
        if op in ACROSS:
            zero = self.node("Mul", self.all_samples(), self.constant(0.0))
            x = self.node("Add", words["x"], zero)
            return self.over(ACROSS_ALL[op.name], x, 1)
        if many and "peak" in op.result:
            largest = self.over("ReduceMax", words[many], 0)
            words["peak"] = self.formula("where(abs(x) < inf, x, 0)", {"x": largest})
        y = self.formula(op.result, words)
        if many:
            y = self.node("Squeeze", y, self.index([0]))
        return self.number(y) if op in TRUTHS.values() else y

    def over(self, kind: str, x: str, axis: int) -> str:
        return self.node(kind, x, self.index([axis]), keepdims=1)

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

    # Formulas

    def formula(self, text: str, words: dict[str, str]) -> str:
        """What a formula makes of arrays by name."""

        def number(node: ast.expr) -> str:
            made = of(node)
            return self.number(made) if is_truth(node) else made

        def test(node: ast.expr) -> str:
            return of(node) if is_truth(node) else self.truth(of(node))

        def of(node: ast.expr) -> str:
            match node:
                case ast.Constant(int() | float() as x):
                    return self.constant(float(x))
                case ast.Name(name):
                    return words[name] if name in words else self.constant(WORDS[name])
                case ast.UnaryOp(ast.USub(), x):
                    return self.node("Neg", number(x))
                case ast.UnaryOp(ast.Not(), x):
                    return self.node("Not", test(x))
                case ast.BinOp(x, ast.Pow(), ast.Constant(2)):
                    return self.node("Mul", number(x), number(x))
                case ast.BinOp(a, sign, b) if type(sign) in SIGNS:
                    return self.node(SIGNS[type(sign)], number(a), number(b))
                case ast.BinOp(a, sign, b):
                    name = "mod" if isinstance(sign, ast.Mod) else "floor_divide"
                    return self.formula(self.made[name], {"x": number(a), "z": number(b)})
                case ast.BoolOp(sign, [first, *rest]):
                    both = test(first)
                    for other in rest:
                        both = self.node(SIGNS[type(sign)], both, test(other))
                    return both
                case ast.Compare(a, [ast.NotEq()], [b]) if is_truth(a):
                    return self.node("Xor", of(a), of(b))
                case ast.Compare(a, [ast.NotEq()], [b]):
                    return self.node("Not", self.node("Equal", number(a), number(b)))
                case ast.Compare(a, [sign], [b]):
                    return self.node(SIGNS[type(sign)], number(a), number(b))
                case ast.Call(ast.Name("where"), [condition, a, b]):
                    return self.node("Where", test(condition), number(a), number(b))
                case ast.Call(ast.Name("sum" | "max" | "min" as name), [term]):
                    return self.over(OVER[name], number(term), 0)
                case ast.Call(ast.Name(name), operands):
                    return self.called(name, [number(x) for x in operands])
            raise NotImplementedError(ast.unparse(node))

        return of(ast.parse(text.strip(), mode="eval").body)

    def called(self, name: str, operands: list[str]) -> str:
        """A function of formulas."""
        if name in self.made:
            return self.formula(self.made[name], dict(zip("xz", operands, strict=False)))
        if name in SAME.split():
            return self.node(name.capitalize(), *operands)
        if name == "fmod":
            return self.node("Mod", *operands, fmod=1)
        if kind := {"rint": "Round", "larger": "Max", "pow": "Pow"}.get(name):
            return self.node(kind, *operands)
        op = OPS[name]
        return self.formula(op.result, dict(zip(op.names, operands, strict=True)))


def is_truth(node: ast.expr) -> bool:
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "whole":
        return True
    negated = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    return negated or isinstance(node, (ast.Compare, ast.BoolOp))
