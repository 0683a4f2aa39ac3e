"""A grammar of expressions, so that text from anywhere can be computed without giving it Python.

No Python is run: each node of the syntax tree that the grammar knows becomes a small function, and
each that it does not know is refused with a caret under the place."""

import ast
import math
import operator
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from inspect import signature
from sys import float_info
from typing import Any

from autograd.debugging.syntax import ExpressionError, parsed
from autograd.engine.functions import FUNCTIONS
from autograd.engine.number import number
from autograd.engine.table import OPS
from autograd.engine.value import Value, lifted

# Which a name most likely means.
KNOWN = {"pi": math.pi, "π": math.pi, "e": math.e, "tau": math.tau}
Term = Callable[[Mapping[str, Any]], Any]

GIVES_LISTS = ("softmax", "log_softmax")
TAKES_LISTS = {"total": 1, "mean": 1, "logsumexp": 1, "softmax": 1, "log_softmax": 1, "dot": 2}
TAKES_LISTS |= {"largest": 1, "smallest": 1}
OF_ONE_LIST = ("maximum", "minimum")  # or of several numbers
MEANT = {"ln": "log", "max": "maximum", "min": "minimum"}
MEANT |= {"pow": "power", "sum": "total", "round": "rint"}

# Nodes of Python's syntax tree, and the functions and comparisons that they mean.
OPERATORS: dict[type, str] = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply"}
OPERATORS |= {ast.Div: "divide", ast.Mod: "mod", ast.FloorDiv: "floor_divide", ast.Pow: "power"}
OPERATORS |= {ast.USub: "negative", ast.UAdd: "positive"}
COMPARISONS: dict[type, Any] = {ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt}
COMPARISONS |= {ast.GtE: operator.ge, ast.Eq: operator.eq, ast.NotEq: operator.ne}
REFUSED: dict[type[ast.AST], str] = {
    ast.Attribute: "a dot after a name has no meaning here",
    ast.BitXor: "^ is not a power: write **",
    ast.BoolOp: "and, or and not stand only in the condition of where(condition, a, b)",
    ast.Compare: "a comparison stands only in where(condition, a, b)",
    ast.IfExp: "write where(condition, a, b) for a choice",
    ast.List: f"a list stands only in {', '.join(TAKES_LISTS)}",
    ast.NamedExpr: "numbers are given after the expression, not in it",
    ast.Subscript: "brackets after a name have no meaning here",
    ast.Tuple: "this is several expressions, and only one can be computed",
}
NOT_THIS = "the grammar has numbers, names, operators and functions, not this"


class Expression:
    """An expression that has been read: call it with numbers or Values by name, and it gives a
    Value. Raises ExpressionError for anything that the grammar does not have.

    >>> Expression("x**2")(x=3)
    x**2 = 9
    """

    def __init__(self, text: str) -> None:
        self.text, tree = parsed(text)
        self.names: tuple[str, ...] = ()  # in order of appearance
        self._term = self._read(tree)

    def __repr__(self) -> str:
        return self.text

    def __call__(self, /, **numbers: Any) -> Value:
        """The result; its inputs get their names as labels. Raises ExpressionError."""
        return lifted(self._computed(numbers))

    def expect(self, numbers: Collection[str]) -> None:
        """Raise ExpressionError unless there is a number for each name, and for no other."""
        missing = [name for name in self.names if name not in numbers]
        if missing:
            remedy = " ".join(f"{name}={KNOWN.get(name, 1.5)}" for name in missing)
            need = "needs a number" if len(missing) == 1 else "need numbers"
            raise ExpressionError(f"{', '.join(missing)} {need}: write {remedy}, say")
        for name in numbers:
            if name not in self.names:
                names = ", ".join(self.names) or "none"
                raise ExpressionError(f"the expression has no {name}: its names are {names}")

    def _computed(self, numbers: Mapping[str, Any]) -> Any:
        self.expect(numbers)
        inputs = {}
        for name, x in numbers.items():
            value = x if isinstance(x, Value) else Value(number(x, f"{name} needs a number"))
            value.label = value.label or name
            inputs[name] = value
        return self._term(inputs)

    def _refused(self, node: ast.expr, sentence: str) -> ExpressionError:
        at = node.col_offset
        match node:  # the sign is the trouble, not what it stands behind
            case ast.Attribute(value=before) | ast.Subscript(value=before) | ast.BinOp(left=before):
                at = before.end_col_offset or at
            case ast.Compare(left=before) | ast.BoolOp(values=[before, *_]):
                at = before.end_col_offset or at
        column = len(self.text.encode()[:at].decode())
        while self.text[column] in " )" and at != node.col_offset:
            column += 1
        return ExpressionError(sentence, self.text, column)

    # Each node that the grammar has becomes a function of the inputs

    def _number(self, node: ast.expr) -> Term:
        """What a number may be."""
        match node:
            case ast.Constant(int() | float() as x) if not isinstance(x, bool):
                if not abs(x) <= float_info.max:
                    raise self._refused(node, "this number is too large for a float")
                value = float(x)
                return lambda inputs: value
            case ast.Name(name):
                if name in FUNCTIONS:
                    raise self._refused(node, f"{name} is a function: write {name}(...)")
                self.names = tuple(dict.fromkeys([*self.names, name]))
                return lambda inputs: inputs[name]
            case ast.UnaryOp(op=sign) | ast.BinOp(op=sign) if type(sign) in OPERATORS:
                sides = [side for side in ast.iter_child_nodes(node) if isinstance(side, ast.expr)]
                operate, terms = FUNCTIONS[OPERATORS[type(sign)]], list(map(self._number, sides))
                return lambda inputs: operate(*(term(inputs) for term in terms))
            case ast.Call(ast.Name(name)) if name in GIVES_LISTS:
                lists = ", ".join(TAKES_LISTS)
                raise self._refused(node, f"{name} gives a list, which stands only in {lists}")
            case ast.Call(ast.Name(name)):
                return self._call(node, name)
        kind = type(node.op) if isinstance(node, ast.BinOp) else type(node)
        raise self._refused(node, REFUSED.get(kind, NOT_THIS))

    _read = _number

    def _condition(self, node: ast.expr) -> Term:
        """What the first operand of where may be."""
        match node:
            case ast.Compare(left, signs, others) if {*map(type, signs)} <= COMPARISONS.keys():
                terms = [self._number(side) for side in (left, *others)]
                holds = [COMPARISONS[type(sign)] for sign in signs]

                def compare(inputs: Mapping[str, Any]) -> bool:
                    sides = [lifted(term(inputs)).data for term in terms]
                    pairs = zip(holds, sides, sides[1:], strict=False)
                    return all(hold(a, b) for hold, a, b in pairs)

                return compare
            case ast.BoolOp(word, parts):
                conditions = [self._condition(part) for part in parts]
                every = all if isinstance(word, ast.And) else any
                return lambda inputs: every(holds(inputs) for holds in conditions)
            case ast.UnaryOp(ast.Not(), part):
                inner = self._condition(part)
                return lambda inputs: not inner(inputs)
        raise self._refused(node, "a condition is a comparison, as x > 0")

    def _list(self, node: ast.expr, name: str) -> Term:
        """What a function of a list may be given."""
        match node:
            case ast.List(items):
                terms = [self._number(item) for item in items]
                return lambda inputs: [term(inputs) for term in terms]
            case ast.Call(ast.Name(inner)) if inner in GIVES_LISTS:
                return self._call(node, inner)
        raise self._refused(node, f"{name} needs a list here: write {name}([...])")

    def _call(self, node: ast.Call, name: str) -> Term:
        if name not in FUNCTIONS:
            near = [MEANT[name]] if name in MEANT else get_close_matches(name, FUNCTIONS, n=5)
            near.sort(key=lambda other: sorted(other) != sorted(name))  # tahn is tanh more than tan
            hint = f": did you mean {near[0]}?" if near else ""
            raise self._refused(node, f"there is no function {name}{hint}")
        function, count = FUNCTIONS[name], len(node.args) + len(node.keywords)
        parameters = list(signature(function).parameters)
        options = {keyword.arg or "**": keyword.value for keyword in node.keywords}
        try:
            given = signature(function).bind(*node.args, **options).arguments
        except TypeError:
            given = {}
        others = given.pop("others", ())  # of maximum and minimum
        if len(given) + len(others) != count:
            takes = f"{name} takes {', '.join(parameters)}, each once"
            raise self._refused(node, f"{takes}, got {count} of them")
        lists = 1 if name in OF_ONE_LIST and count == 1 else TAKES_LISTS.get(name, 0)
        place = parameters.index
        terms = {p: self._argument(name, p, place(p), x, lists) for p, x in given.items()}
        more = [self._number(x) for x in others]

        def call(inputs: Mapping[str, Any]) -> Any:
            try:
                if more:
                    return function(*(term(inputs) for term in (*terms.values(), *more)))
                return function(**{p: term(inputs) for p, term in terms.items()})
            except ExpressionError:
                raise
            except (TypeError, ValueError) as error:
                raise self._refused(node, str(error)) from None

        return call

    def _argument(self, name: str, parameter: str, place: int, node: ast.expr, lists: int) -> Term:
        if name == "where" and place == 0:
            return self._condition(node)
        if place < lists:
            return self._list(node, name)
        fixed = name != "clip" and name in OPS and parameter in dict(OPS[name].constants)
        words = (word.id for word in ast.walk(node) if isinstance(word, ast.Name))
        if fixed and not FUNCTIONS.keys() >= {*words}:
            raise self._refused(node, f"{name} needs a plain number for {parameter}")
        return self._number(node)


class Condition(Expression):
    """A comparison that has been read: called with numbers by name, it says whether it holds.

    >>> Condition("abs(grad) > 10 or grad != grad")(grad=-12.0)
    True
    """

    _read = Expression._condition

    def __call__(self, /, **numbers: Any) -> bool:  # type: ignore[override]
        return bool(self._computed(numbers))
