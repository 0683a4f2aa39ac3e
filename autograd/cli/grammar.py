"""A grammar of expressions, so that text from anywhere can be computed without giving it Python.

Numbers, names, ``+ - * / // % **``, the functions of autograd, lists where a function takes one,
comparisons as the first operand of ``where``; nothing else. Python's own parser reads the text, but
no Python is run: each node that the grammar knows becomes a small function, and each that it does
not know is refused with a caret under the place.
"""

import ast
import operator
import unicodedata
import warnings
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from inspect import signature
from sys import float_info
from typing import Any

from autograd.engine.functions import FUNCTIONS
from autograd.engine.number import number
from autograd.engine.table import OPS
from autograd.engine.value import Value, constant

__all__ = ["Condition", "Expression", "ExpressionError", "parse"]

LONGEST = 2000  # characters
DEEPEST = 100  # operations within operations
REMEDY = "split it up, or write a long sum as total([...])"
TOO_DEEP = f"an expression may be {DEEPEST} operations deep: {REMEDY}"

Term = Callable[[Mapping[str, Any]], Any]

GIVES_LISTS = ("softmax", "log_softmax")
TAKES_LISTS = {"total": 1, "mean": 1, "logsumexp": 1, "softmax": 1, "log_softmax": 1, "dot": 2}
MEANT = {"ln": "log", "max": "maximum", "min": "minimum"}
MEANT |= {"pow": "power", "sum": "total", "round": "rint"}

# Nodes of Python's syntax tree by name, and the functions and comparisons that they mean.
OPERATORS = {"Add": "add", "Sub": "subtract", "Mult": "multiply", "Div": "divide", "Mod": "mod"}
OPERATORS |= {"FloorDiv": "floor_divide", "Pow": "power", "USub": "negative", "UAdd": "positive"}
COMPARISONS = {"Lt": operator.lt, "LtE": operator.le, "Gt": operator.gt, "GtE": operator.ge}
COMPARISONS |= {"Eq": operator.eq, "NotEq": operator.ne}
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


class ExpressionError(ValueError):
    """A text that is no expression, in one sentence, with the place marked if there is one."""

    def __init__(self, sentence: str, text: str = "", column: int | None = None) -> None:
        if column is not None:
            start = max(0, column - 60)
            shown = text[start : start + 76]
            sentence = f"{sentence}\n  {shown}\n  {' ' * (column - start)}^"
        super().__init__(sentence)


def parse(text: str) -> "Expression":
    """Read an expression. Raises ExpressionError for anything that the grammar does not have."""
    return Expression(text)


class Expression:
    """An expression that has been read: call it with numbers or Values by name, and it gives a
    Value.

    >>> parse("x**2")(x=3)
    x**2 = 9
    """

    def __init__(self, text: str) -> None:
        self.text = " ".join(unicodedata.normalize("NFKC", text).split())
        reader = _Reader(self.text)
        self._term = self._read(reader)
        self.names = tuple(reader.names)

    def _read(self, reader: "_Reader") -> Term:
        return reader.number(reader.tree)

    def __repr__(self) -> str:
        return self.text

    def __call__(self, /, **numbers: Any) -> Value:
        """The result; its inputs are labelled with their names. Raises ExpressionError for a name
        without a number.
        """
        result = self._computed(numbers)
        return result if isinstance(result, Value) else constant(result)

    def expect(self, numbers: Collection[str]) -> None:
        """Raise ExpressionError unless there is a number for each name, and for no other."""
        missing = [name for name in self.names if name not in numbers]
        if missing:
            remedy = " ".join(f"{name}=1.5" for name in missing)
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


class Condition(Expression):
    """A comparison that has been read: called with numbers by name, it says whether it holds.

    >>> Condition("abs(grad) > 10 or grad != grad")(grad=-12.0)
    True
    """

    def _read(self, reader: "_Reader") -> Term:
        return reader.condition(reader.tree)

    def __call__(self, /, **numbers: Any) -> bool:  # type: ignore[override]
        return bool(self._computed(numbers))


class _Reader:
    """Turns the nodes that the grammar has into functions of the inputs, and refuses the others."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: dict[str, None] = {}  # in order of appearance
        if not text:
            raise ExpressionError('an expression is needed, as "tanh(w*x + b)"')
        if len(text) > LONGEST:
            limit = f"an expression may have {LONGEST} characters"
            raise ExpressionError(f"{limit}, got {len(text)}: split it up")
        for column, character in enumerate(text):
            # Python would read on, or stop, without a word.
            if character == "#" or not character.isprintable():
                said = f"the character {character!r} has no meaning here"
                shown = "".join(c if c.isprintable() else " " for c in text)
                raise ExpressionError(said, shown, column)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Python's remarks on style
                self.tree = ast.parse(text, mode="eval").body
        except SyntaxError as error:
            column = min(max((error.offset or 1) - 1, 0), len(text))
            reason = "" if error.msg == "invalid syntax" else f": {error.msg}"
            if error.msg == "invalid decimal literal":
                reason = ": write a product with *, as in 2*x"
            raise ExpressionError(f"the expression does not parse{reason}", text, column) from None
        except (RecursionError, MemoryError):
            raise ExpressionError(TOO_DEEP) from None
        level: list[ast.AST] = [self.tree]
        for _ in range(DEEPEST):
            level = [inner for node in level for inner in ast.iter_child_nodes(node)]
        if level:
            raise ExpressionError(TOO_DEEP)

    def refuse(self, node: ast.expr, sentence: str) -> ExpressionError:
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

    def number(self, node: ast.expr) -> Term:
        """What a number may be."""
        match node:
            case ast.Constant(int() | float() as x) if not isinstance(x, bool):
                if not abs(x) <= float_info.max:
                    raise self.refuse(node, "this number is too large for a float")
                value = float(x)
                return lambda inputs: value
            case ast.Name(name):
                if name in FUNCTIONS:
                    raise self.refuse(node, f"{name} is a function: write {name}(...)")
                self.names[name] = None
                return lambda inputs: inputs[name]
            case ast.UnaryOp(ast.USub(), operand):
                return _negated(self.number(operand))
            case ast.UnaryOp(sign, operand) if _name(sign) in OPERATORS:
                operate, term = FUNCTIONS[OPERATORS[_name(sign)]], self.number(operand)
                return lambda inputs: operate(term(inputs))
            case ast.BinOp(left, sign, right) if _name(sign) in OPERATORS:
                operate, a, b = (
                    FUNCTIONS[OPERATORS[_name(sign)]],
                    self.number(left),
                    self.number(right),
                )
                return lambda inputs: operate(a(inputs), b(inputs))
            case ast.Call(ast.Name(name)) if name in GIVES_LISTS:
                lists = ", ".join(TAKES_LISTS)
                raise self.refuse(node, f"{name} gives a list, which stands only in {lists}")
            case ast.Call(ast.Name(name)):
                return self._call(node, name)
        kind = type(node.op) if isinstance(node, ast.BinOp) else type(node)
        raise self.refuse(node, REFUSED.get(kind, NOT_THIS))

    def condition(self, node: ast.expr) -> Term:
        """What the first operand of where may be."""
        match node:
            case ast.Compare(left, signs, others) if {*map(_name, signs)} <= COMPARISONS.keys():
                terms = [self.number(side) for side in (left, *others)]
                holds = [COMPARISONS[_name(sign)] for sign in signs]

                def compare(inputs: Mapping[str, Any]) -> bool:
                    sides = [_plain(term(inputs)) for term in terms]
                    pairs = zip(holds, sides, sides[1:], strict=False)
                    return all(hold(a, b) for hold, a, b in pairs)

                return compare
            case ast.BoolOp(word, parts):
                conditions = [self.condition(part) for part in parts]
                every = all if isinstance(word, ast.And) else any
                return lambda inputs: every(holds(inputs) for holds in conditions)
            case ast.UnaryOp(ast.Not(), part):
                inner = self.condition(part)
                return lambda inputs: not inner(inputs)
        raise self.refuse(node, "a condition is a comparison, as x > 0")

    def _list(self, node: ast.expr, name: str) -> Term:
        """What a function of a list may be given."""
        match node:
            case ast.List(items):
                terms = [self.number(item) for item in items]
                return lambda inputs: [term(inputs) for term in terms]
            case ast.Call(ast.Name(inner)) if inner in GIVES_LISTS:
                return self._call(node, inner)
        raise self.refuse(node, f"{name} needs a list here: write {name}([...])")

    def _call(self, node: ast.Call, name: str) -> Term:
        if name not in FUNCTIONS:
            near = [MEANT[name]] if name in MEANT else get_close_matches(name, FUNCTIONS, n=1)
            hint = f": did you mean {near[0]}?" if near else ""
            raise self.refuse(node, f"there is no function {name}{hint}")
        function, parameters = FUNCTIONS[name], signature(FUNCTIONS[name]).parameters
        takes = f"{name} takes {', '.join(parameters)}"
        given: dict[str, ast.expr] = dict(zip(parameters, node.args, strict=False))
        for keyword in node.keywords:
            if keyword.arg is None or keyword.arg not in parameters or keyword.arg in given:
                raise self.refuse(keyword.value, f"{takes}, each once")
            given[keyword.arg] = keyword.value
        missing = [p for p, q in parameters.items() if q.default is q.empty and p not in given]
        if len(node.args) > len(parameters) or missing:
            raise self.refuse(node, f"{takes}, got {len(node.args) + len(node.keywords)} of them")
        terms = {
            parameter: self._argument(name, parameter, place, given[parameter])
            for place, parameter in enumerate(parameters)
            if parameter in given
        }

        def call(inputs: Mapping[str, Any]) -> Any:
            try:
                return function(**{p: term(inputs) for p, term in terms.items()})
            except ExpressionError:
                raise
            except (TypeError, ValueError) as error:
                raise self.refuse(node, str(error)) from None

        return call

    def _argument(self, name: str, parameter: str, place: int, node: ast.expr) -> Term:
        if name == "where" and place == 0:
            return self.condition(node)
        if place < TAKES_LISTS.get(name, 0):
            return self._list(node, name)
        before, term = len(self.names), self.number(node)
        fixed = name != "clip" and name in OPS and parameter in dict(OPS[name].constants)
        if fixed and len(self.names) > before:
            raise self.refuse(node, f"{name} needs a plain number for {parameter}")
        return term


def _name(node: ast.AST) -> str:
    return type(node).__name__


def _negated(term: Term) -> Term:
    """Minus a number is a number, not an operation on one: x**-2 has a constant exponent."""

    def negated(inputs: Mapping[str, Any]) -> Any:
        x = term(inputs)
        return -x if type(x) is float else FUNCTIONS["negative"](x)

    return negated


def _plain(x: Any) -> float:
    return x.data if isinstance(x, Value) else x
