"""What the values of a graph are called: by their labels, by the variables of the caller, or by the
operations that made them. The one place that looks at anybody's variables."""

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Container, Iterator
from itertools import islice, product
from types import FrameType, ModuleType
from typing import Any

from autograd.engine.errors import GraphError, user_frame
from autograd.engine.notation import described, legible, short
from autograd.engine.table import CONSTANT
from autograd.engine.value import Bundle, Value

WIDTH = 40  # characters of a name
DEPTH = 2  # n.w[0] and W[0][1] are names; what lies deeper is not looked for
LOOKED_AT = 20_000  # parts of containers at most, so that it takes milliseconds

INSIDE = ("<lambda>", "<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")  # a function's code

Part = tuple[str, Any]


def as_written(output: Value) -> list[Value]:
    """The values of a graph, operands before results, in the order in which one reads it.

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


def asked(who: str, output: object, purpose: str) -> Value:
    """The Value that is asked about. Raises TypeError, or GraphError if nothing is recorded."""
    if not isinstance(output, Value):
        remedy = "give it the result of an expression of Values"
        raise TypeError(f"{who} needs a Value, got {described(output)}: {remedy}")
    if output.op not in (None, CONSTANT) and not output.operands:
        remedy = f"compute it outside to {purpose}"
        raise GraphError(f"{output.op.name} recorded nothing under no_grad: {remedy}")
    return output


class Variables(dict[Value, str]):
    """The name that the caller's variables give to each value without a label: ``f``, ``w[0]``,
    ``layer.b``.

    The caller is the first frame that is neither ours nor a library's; its locals come before its
    globals, variables before what is in them, and of two names the first counts. Names that begin
    with ``_`` are nobody's. among: the values that matter, if not all do.

    >>> from autograd import Value
    >>> a, w = Value(2.0), [Value(3.0, "first"), Value(4.0)]
    >>> _ = again = a
    >>> Variables([a, *w])
    {Value(2): 'a', Value(4): 'w[1]'}
    """

    def __init__(self, among: Container[Any] | None = None) -> None:
        level, left = _bound(user_frame(sys._getframe(1))), LOOKED_AT
        for _ in range(DEPTH + 1):
            inside: list[Part] = []
            for name, x in level:
                if not issubclass(type(x), Value):
                    inside.append((name, x))
                elif not x.label and x.op is not CONSTANT and (among is None or x in among):
                    self.setdefault(x, name)
            level = list(islice((part for name, x in inside for part in _parts(name, x)), left))
            left -= len(level)

    def label(self, v: Any) -> str:
        """Its label, or the variable that holds it; "" where nobody has named it."""
        return v.label or self.get(v, "")


def _bound(frame: FrameType) -> list[Part]:
    """The variables that a frame sees, locals first; those of a ``<listcomp>`` or ``<lambda>``
    after those of the function that it stands in."""
    scopes = [frame.f_locals]
    while frame.f_code.co_name in INSIDE and frame.f_back is not None:
        frame = user_frame(frame.f_back)
        scopes.insert(0, frame.f_locals)
    bound = ((name, x) for scope in (*scopes, frame.f_globals) for name, x in [*scope.items()])
    # In and Out are what IPython keeps of a session.
    return [(n, x) for n, x in bound if n.isidentifier() and n[0] != "_" and n not in ("In", "Out")]


def _parts(name: str, x: Any) -> Iterator[Part]:
    """What is one level into a list, a dict, an array of objects or an object, without calling
    anybody's code."""
    kind = type(x)
    if kind in (list, tuple, Bundle):
        yield from ((f"{name}[{i}]", part) for i, part in enumerate(x))
    elif kind is dict:
        keyed = [(key, part) for key, part in x.items() if type(key) in (str, int)]
        yield from ((f"{name}[{key!r}]", part) for key, part in keyed)
    elif kind.__module__ == "numpy" and kind.__name__ == "ndarray":
        if x.dtype == object:
            for at, part in zip(product(*map(range, x.shape)), x.flat, strict=True):
                yield f"{name}[{', '.join(map(str, at))}]", part
    elif not issubclass(kind, (ModuleType, type)) and not kind.__module__.startswith("autograd."):
        try:
            held = object.__getattribute__(x, "__dict__")
        except AttributeError:
            return
        if type(held) is dict:
            yield from ((f"{name}.{n}", part) for n, part in [*held.items()] if n[:1] != "_")


class Names(dict[Value, str]):
    """A name for each value: its label, or that of a variable of the caller, or else the kind of
    operation that made it; numbers stand for themselves. Values that would share a name are
    numbered, in the order of ``as_written``. found: the names of variables, looked for already.

    >>> from autograd import Value
    >>> x = Value(3.0, "x")
    >>> f = x * x
    >>> list(Names(f + x * 2 + x * 4).values())
    ['x', 'f', '2', 'mul#1', 'add#1', '4', 'mul#2', 'add#2']
    """

    def __init__(self, *outputs: Value, found: Variables | None = None) -> None:
        super().__init__((v, "") for output in outputs for v in as_written(output))
        self.found = Variables(self) if found is None else found
        self.label = self.found.label
        self.called: dict[str, list[Value]] = defaultdict(list)
        for v in self:
            kind = short(v.data) if v.op is CONSTANT else v.op.short if v.op else "leaf"
            self[v] = _fitted(self.label(v)) or kind
        shared = Counter(name for v, name in self.items() if v.op is not CONSTANT)
        met: Counter[str] = Counter()
        for v, name in self.items():
            self.called[name].append(v)
            if v.op is not CONSTANT and shared[name] > 1:
                met[name] += 1
                self[v] = f"{name}#{met[name]}"
                self.called[self[v]].append(v)

    def labelled(self, name: str) -> bool:
        """Whether this is the label of a value, or the name of a variable."""
        return any(self.label(v) == name for v in self.called.get(name, ()))

    def grad(self, v: Value) -> str:
        """The name of its grad: ``w.grad``, ``(2).grad``, ``(x1*w1).grad``."""
        return f"({self[v]}).grad" if v.op is CONSTANT else f"{wrapped(self[v])}.grad"

    def derivative(self, y: Value, x: Value) -> str:
        """``dy/dw``; what nobody has named, and a name of more than a word, go into parentheses:
        ``d(tanh)/d(w[0])``."""
        plain = [bool(self.label(v) and re.fullmatch(r"[\w#]+", self[v])) for v in (y, x)]
        names = zip(plain, (self[y], self[x]), strict=True)
        return "/".join(f"d{name}" if is_plain else f"d({name})" for is_plain, name in names)

    def find(self, name: str) -> list[Value]:
        """The values that go by this name or label. Raises ValueError, with names that are near."""
        found = self.called.get(name) or self.called.get(_fitted(name))
        if not found:
            from difflib import get_close_matches  # slow to import

            near = get_close_matches(name, self.called, n=3) or list(self.called)[:8]
            raise ValueError(f"no value here is called {name!r}: did you mean {' or '.join(near)}?")
        return found


def wrapped(text: str) -> str:
    """A part of a formula: ``w[0]``, ``mul#1`` and ``1e-05``, but ``(-2)`` and ``(x1*w1)``."""
    return text if re.fullmatch(r"\d[\d.]*e[-+]\d+|[\w.#[\]]+", text) else f"({text})"


def _fitted(label: str) -> str:
    name = legible(label)
    return name if len(name) <= WIDTH else name[: WIDTH - 3] + "..."
