"""How things are written on the blackboard: numbers, operations on their operands, values."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from autograd.engine.table import Op

__all__ = ["called", "described", "exact", "expression", "legible", "short", "spelled", "written"]


class Written(Protocol):
    """What can be written: a number with a label, made by an operation from operands."""

    data: float
    grad: float
    op: Op | None

    @property
    def label(self) -> str: ...
    @property
    def reached(self) -> bool: ...
    @property
    def constants(self) -> tuple[float, ...]: ...
    @property
    def operands(self) -> Sequence["Written"]: ...


def short(x: float) -> str:
    """Four significant digits.

    >>> short(2.0), short(-0.41997434), short(1e-7)
    ('2', '-0.42', '1e-07')
    """
    try:
        return f"{x:.4g}"
    except (TypeError, ValueError):
        return repr(x)  # somebody put something else into a .data: still show it


def legible(text: str, keep: str = "") -> str:
    """The text with each character that a terminal would obey written out.

    >>> print(legible("a\x1b[2J"))
    a\\x1b[2J
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else ascii(c)[1:-1] for c in text)


def exact(x: float) -> str:
    """Every digit that the float has, without the ``.0`` of a whole number.

    >>> exact(-1.0), exact(0.1)
    ('-1', '0.1')
    """
    return repr(float(x)).removesuffix(".0")


def expression(op: Op, operands: Sequence[str], constants: Iterable[str] = ()) -> str:
    """An operation on operands that are already written.

    >>> from autograd.engine.table import OPS
    >>> expression(OPS["multiply"], ["w", "-3"]), expression(OPS["tanh"], ["n"])
    ('w * (-3)', 'tanh(n)')
    """
    if op.nary:
        few = len(operands) <= 3
        return (
            f"{op.name}({', '.join(operands)})" if few else f"{op.name} of {len(operands)} operands"
        )
    names = [*op.operands, *(name for name, _ in op.constants)]
    texts = dict(zip(names, [*operands, *constants], strict=True))
    if op.symbol == op.name:
        if op.result.startswith(f"{op.name}("):  # where(condition, a, b), in the formula's order
            names = re.findall(r"\w+", op.result)[1:]
        return f"{op.name}({', '.join(texts[name] for name in names)})"

    def inside(match: re.Match[str]) -> str:
        text = texts.get(match[0], match[0])
        return text if re.fullmatch(r"[\w.#]+", text) else f"({text})"

    return re.sub(r"\b[a-z]\b", inside, op.result)


def written(value: Written) -> str:
    """A value in one line, whatever lies beneath it: its label, how it was made, its number, its
    grad if it has one.

    >>> from autograd import Value
    >>> a, b = Value(2.0, "a"), Value(-3.0)
    >>> a, b, a * b
    (a = 2, Value(-3), a * (-3) = -6)
    """
    parts = [legible(value.label)] if value.label else []
    if value.operands and value.op is not None:
        some = [legible(v.label) or short(_held(v, "data")) for v in value.operands]
        parts.append(expression(value.op, some, map(short, value.constants)))
    text = " = ".join([*parts, short(_held(value, "data"))])
    if not parts and value.op is None:
        text = f"Value({text})"
    return f"{text} | grad {short(_held(value, 'grad'))}" if value.reached else text


def _held(value: Any, name: str) -> float:
    """A number of a value, which a guard would not give away: only its text leaves."""
    found: float = getattr(value, f"_{name}", None)  # type: ignore[assignment]
    return getattr(value, name) if found is None else found


def spelled(value: Written, depth: int = 3) -> str:
    """A value inside a formula: its label, or how it was made, down to some depth, or its number."""
    if value.label or not value.operands or value.op is None or not depth:
        return legible(value.label) or short(_held(value, "data"))
    if len(value.operands) > 3:
        return f"{value.op.name} of {len(value.operands)} operands"
    texts = [spelled(v, depth - 1) for v in value.operands]
    return expression(value.op, texts, map(short, value.constants))


def called(f: Any) -> str:
    """The name of a function; f if it has none of its own.

    >>> called(max), called(lambda x: x)
    ('max', 'f')
    """
    name: str = getattr(f, "__name__", "f")
    return "f" if name == "<lambda>" else name


def described(x: Any) -> str:
    """What came instead: ``None``, ``the str 'abc'``, ``an array of shape (2, 2)``."""
    if x is None:
        return "None"
    if getattr(x, "shape", ()):
        return f"an array of shape {tuple(x.shape)}"
    if isinstance(x, (list, tuple, set, dict)):
        return f"a {type(x).__name__} of {len(x)}"
    text = repr(x)
    return f"the {type(x).__name__} {text if len(text) <= 40 else text[:37] + '...'}"
