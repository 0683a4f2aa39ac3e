"""Names for the values of a graph, so that a sentence about one of them can be read: ``w``,
``tanh``, ``relu#12``.
"""

import re
from collections import Counter, defaultdict

from autograd.engine.notation import legible, short
from autograd.engine.table import CONSTANT
from autograd.engine.value import Value

__all__ = ["Names", "as_written", "wrapped"]

WIDTH = 40


def as_written(output: Value) -> list[Value]:
    """The values of a graph, operands before results, in the order in which an expression is read:
    w, x, w * x, b ...

    >>> from autograd import Value
    >>> w, x, b = Value(2.0, "w"), Value(3.0, "x"), Value(1.0, "b")
    >>> as_written(w * x + b)
    [w = 2, x = 3, w * x = 6, b = 1, 6 + b = 7]
    """
    met, order, ahead = set[Value](), list[Value](), [(output, False)]
    while ahead:
        value, its_operands_are_in = ahead.pop()
        if its_operands_are_in:
            order.append(value)
        elif value not in met:
            met.add(value)
            ahead.append((value, True))
            ahead += [(v, False) for v in reversed(value.operands) if v not in met]
    return order


class Names(dict[Value, str]):
    """A name for each value: its label, or else the kind of operation that made it; numbers stand
    for themselves.

    Values that would share a name are numbered in the order in which the expression is read.

    >>> from autograd import Value
    >>> x = Value(3.0, "x")
    >>> list(Names(x * x + x * 2).values())
    ['x', 'mul#1', '2', 'mul#2', 'add']
    """

    def __init__(self, *outputs: Value) -> None:
        super().__init__((v, _plain(v)) for output in outputs for v in as_written(output))
        self.called: dict[str, list[Value]] = defaultdict(list)
        shared = Counter(name for v, name in self.items() if v.op is not CONSTANT)
        met: Counter[str] = Counter()
        for v, name in self.items():
            self.called[name].append(v)
            if v.op is not CONSTANT and shared[name] > 1:
                met[name] += 1
                self[v] = f"{name}#{met[name]}"
                self.called[self[v]].append(v)

    def grad(self, v: Value) -> str:
        """The name of its grad: ``w.grad``, ``(2).grad``."""
        return f"({self[v]}).grad" if v.op is CONSTANT else f"{self[v]}.grad"

    def derivative(self, y: Value, x: Value) -> str:
        """``dtanh/dw``; a name of more than one word goes into parentheses."""
        names = (self[y], self[x])
        return "/".join(f"d{n}" if re.fullmatch(r"[\w#]+", n) else f"d({n})" for n in names)

    def find(self, name: str) -> list[Value]:
        """The values that go by this name or label. Raises ValueError, with the names that are
        near, for none.
        """
        found = self.called.get(name) or self.called.get(_fitted(name))
        if not found:
            from difflib import get_close_matches  # slow to import

            near = get_close_matches(name, self.called, n=3) or list(self.called)[:8]
            raise ValueError(f"no value here is called {name!r}: did you mean {' or '.join(near)}?")
        return found


def wrapped(text: str) -> str:
    """A name or a number as a part of a formula: a negative one is put into parentheses."""
    return f"({text})" if text.startswith("-") else text


def _plain(v: Value) -> str:
    if v.op is CONSTANT:
        return short(v.data)
    return _fitted(v.label) or ("leaf" if v.op is None else v.op.short)


def _fitted(label: str) -> str:
    name = legible(label)
    return name if len(name) <= WIDTH else name[: WIDTH - 3] + "..."
