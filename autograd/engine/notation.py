"""Textbook notation: numbers, operations on their operands, values."""

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from autograd.engine.table import Op

Names = Mapping[Any, str]  # of values without a label
NAMELESS: Names = MappingProxyType({})


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
    if op.nary and len(operands) > 3:
        return f"{op.name} of {len(operands)} operands"
    if op.nary:
        return f"{op.name}({', '.join(operands)})"
    texts = dict(zip(op.names, [*operands, *constants], strict=True))
    if op.symbol == op.name:
        whole = op.result.startswith(f"{op.name}(")  # where(condition, a, b): as in the formula
        names = re.findall(r"\w+", op.result)[1:] if whole else op.names
        return f"{op.name}({', '.join(texts[name] for name in names)})"
    for name, text in texts.items():
        texts[name] = text if re.fullmatch(r"[\w.#]+(\[[\w, ']+\])*", text) else f"({text})"
    return re.sub(r"\b[a-z]\b", lambda match: texts.get(match[0], match[0]), op.result)


def _held(value: Any, name: str) -> str:
    """A number of a value as text, which even a guarded one gives."""
    held = f"_{name}" if hasattr(value, f"_{name}") else name
    return short(getattr(value, held))


def written(value: Any, names: Names = NAMELESS) -> str:
    """A value in one line: its label (or its name), how it was made, its number, its grad if any.

    >>> from autograd import Value
    >>> a, b = Value(2.0, "a"), Value(-3.0)
    >>> a, b, a * b
    (a = 2, Value(-3), a * (-3) = -6)
    """
    text = _held(value, "data")
    label = value.label or names.get(value, "")
    parts = [legible(label)] if label else []
    if value.operands and value.op is not None:
        parts.append(spelled(value, 1, names, name=False))
    elif not parts and value.op is None:
        text = f"Value({text})"
    text = " = ".join([*parts, text])
    return f"{text} | grad {_held(value, 'grad')}" if value.reached else text


def spelled(value: Any, depth: int = 3, names: Names = NAMELESS, *, name: bool = True) -> str:
    """A value in a formula: its label, or how it was made, down to some depth, or its number."""
    label = value.label or names.get(value, "")
    if (name and label) or not (value.operands and value.op and depth):
        return legible(label) or _held(value, "data")
    few = value.operands if len(value.operands) <= 3 else ()
    texts = [spelled(v, depth - 1, names) for v in few] or [""] * len(value.operands)
    return expression(value.op, texts, map(short, value.constants))


def called(f: Any) -> str:
    """The name of a function; f if it has none of its own.

    >>> called(max), called(lambda x: x)
    ('max', 'f')
    """
    name: str = getattr(f, "__name__", "f")
    return "f" if name == "<lambda>" else name


def described(x: Any) -> str:
    """What came instead: ``None``, ``the str 'abc'``, ``a list of 3``."""
    if x is None:
        return "None"
    if getattr(x, "shape", ()):
        return f"an array of shape {tuple(x.shape)}"
    if isinstance(x, (list, tuple, set, dict)):
        return f"a {type(x).__name__} of {len(x)}"
    text = repr(x)
    return f"the {type(x).__name__} {text if len(text) <= 40 else text[:37] + '...'}"
