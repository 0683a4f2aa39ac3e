"""Nodes of a graph of ONNX: what operations make of arrays by name, and formulas of rows."""

import ast
from collections import ChainMap
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import numpy as np

from autograd.engine.table import OPS
from autograd.recording.export.onnx_words import IN_FLOAT64, MADE, OVER, SAME, SIGNS, WORDS


class Nodes:
    """The nodes of one graph, each of which is made once; those of the graph around it are known.

    Numbers are initializers of the outermost graph."""

    def __init__(self, dtype: Any, around: "Nodes | None") -> None:
        self.dtype, self.nodes = dtype, list[Any]()
        self.made = MADE | (IN_FLOAT64 if dtype == np.float64 else {})
        self.known: ChainMap[Any, str] = ChainMap() if around is None else around.known.new_child()
        self.count: Iterator[int] = count() if around is None else around.count
        self.constants: list[Any] = [] if around is None else around.constants

    def node(self, kind: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """The name of what an operation makes of inputs, which is made once."""
        from onnx import helper

        key = kind, inputs, repr(attributes)
        if key not in self.known or name:
            self.known[key] = name or f"/n{next(self.count)}"
            made = helper.make_node(kind, [*inputs], [self.known[key]], **attributes)
            self.nodes.append(made)
        return self.known[key]

    def constant(self, numbers: Any, dtype: Any = None) -> str:
        from onnx import numpy_helper

        array = np.asarray(numbers, dtype or self.dtype)
        key = array.tobytes(), array.shape, array.dtype
        if key not in self.known:
            self.known[key] = f"/c{next(self.count)}"
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

    def over(self, kind: str, x: str, axis: int) -> str:
        return self.node(kind, x, self.index([axis]), keepdims=1)

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
