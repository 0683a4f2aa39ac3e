"""Why a gradient is what it is: the sum over the paths of the graph, with the numbers put in."""

from collections.abc import Iterable
from functools import cached_property
from math import isfinite, isinf
from typing import Any

from autograd.debugging.display import Table, Viewable
from autograd.debugging.formulas import derivation
from autograd.debugging.names import Names, wrapped
from autograd.debugging.paths import Edge, Path, Paths, Sums
from autograd.engine.changes import changed
from autograd.engine.notation import described, short
from autograd.engine.reverse import gradients, topological
from autograd.engine.table import CONSTANT
from autograd.engine.value import Value

SHOWN = 3  # operations that a remark names before it counts them
LONG = 8  # factors of a product that are written out
NEAR_ZERO = 0.1  # a gradient below this part of what its paths bring is called cancelled


def why(y: Value, x: Value | str, top: int = 5) -> "Explanation":
    """Explain dy/dx as the sum over all paths from x to y, the largest few one by one and the rest
    in one line.

    x may be given by the name that explanations show. It reads the recorded partials and leaves all
    grads alone. A gradient of 0 is explained by the
    operations that block it, or by what is missing between x and y.

    >>> from autograd import relu
    >>> x = Value(3.0, "x")
    >>> why(x * x + x, x)
    d(add)/dx = 7, the sum over 3 paths from x to add:
      x -> mul -> add: 3 * 1 = 3
      x -> mul -> add: 3 * 1 = 3
      x -> add: 1
    >>> why(relu(-x) * 2, x)
    d(mul)/dx = 0: the one path from x to mul is blocked:
      d(relu)/d(neg) = 0 at neg = -3
    """
    return Explanation(y, x, top)


def blocked(output: Value, value: Value | str) -> "Blocked":
    """Say why the gradient of output by value is exactly zero: in a word, and as ``why`` does.

    >>> from autograd import relu
    >>> x = Value(-0.31, "x")
    >>> found = blocked(relu(2 * x) + 1, x)
    >>> found
    d(add)/dx = 0: the one path from x to add is blocked:
      d(relu)/d(mul) = 0 at mul = -0.62
    >>> found.reason, found.at
    ('blocked', (relu(-0.62) = 0,))
    """
    return Blocked(output, value)


class Explanation(Viewable):
    """A gradient as the sum over paths; its repr says it in words.

    ``gradient`` is exactly what ``backward`` computes; ``count`` the number of paths, ``paths``
    the largest of them, ``sums`` what they come to."""

    def __init__(self, y: Value, x: Value | str, top: int = 5) -> None:
        for name, v, kinds in (("y", y, Value), ("x", x, (Value, str))):
            if not isinstance(v, kinds):
                needed = "why needs two Values, why(y, x) for dy/dx"
                raise TypeError(f"{needed}, got {described(v)} as {name}")
        if isinstance(x, str):
            x, *others = Names(y).find(called := x)
            if others:
                raise ValueError(f"{1 + len(others)} values here are called {called!r}: pass one")
        if not isinstance(top, int) or top < 0:
            raise ValueError(f"why can show 0 or more paths, got {top!r}")
        self.y, self.x, order = y, x, topological(y)
        self.names = Names(y) if x in {*order} else Names(y, x)
        self._grads = gradients(order, dict.fromkeys(order, 0.0) | {y: 1.0})
        self.gradient = self._grads.get(x, 0.0)
        self._paths = Paths(x, y, order)
        self.count = self._paths.count
        self.paths: tuple[Path, ...] = tuple(self._paths.largest(top))

    @cached_property
    def sums(self) -> Sums:
        """What all paths add up to, those above 0, those below 0, and those that are not shown."""
        return self._paths.sums(self.paths) if self.count else Sums(0.0, 0.0, 0.0, 0.0)

    @cached_property
    def blocked(self) -> tuple[Edge, ...]:
        """The uses whose partial is 0, where the gradient on its way from y stops."""
        return tuple(self._paths.blocks())

    @property
    def reason(self) -> str:
        """Why the gradient is 0: blocked (by partials of 0 on all paths), not connected, detached,
        no_grad, cancelled (the paths add up to zero), underflow; "" where it is not 0."""
        if self.gradient != 0 or self.y is self.x:
            return ""
        if not self.count:
            return self._unconnected[0]
        if not self._paths.open:
            return "blocked"
        return "cancelled" if self.sums.up and self.sums.down else "underflow"

    @property
    def at(self) -> tuple[Value, ...]:
        """Where a gradient of 0 ends: results that block it, or leaves that were made without x."""
        if self.count:
            return tuple(dict.fromkeys(edge.result for edge in self.blocked))
        return self._unconnected[2]

    def __repr__(self) -> str:
        (head, *rest), shown = self._lines, []
        for path in self._shown:
            way, factors, product = self._cells(path)
            shown.append(f"  {way}: {factors}" + f" = {product}" * (len(path) > 1))
        return "\n".join([head, *shown, *rest])

    def _parts(self) -> Iterable[Any]:
        head, *rest = self._lines
        largest = max((abs(path.product) for path in self._shown), default=0.0)
        rows = list(map(self._cells, self._shown))
        scale = 0.4 / largest if isfinite(largest) and largest else 0.0
        shades = {(i, 2): path.product * scale for i, path in enumerate(self._shown)}
        tables = [Table(("path", "partials", "product"), rows, shades)] if rows else []
        return [head, *tables, *rest]

    @property
    def _shown(self) -> tuple[Path, ...]:
        return () if self.y is self.x or self.reason == "blocked" else self.paths

    @property
    def _lines(self) -> list[str]:
        """What is said above the paths, and below them."""
        d, x, y = self.names.derivative(self.y, self.x), self.names[self.x], self.names[self.y]
        if self.y is self.x:
            return [f"{d} = 1: they are the same value"]
        if not self.count:
            return [f"{d} = 0: {self._unconnected[1]}"]
        one, ends = self.count == 1, f"from {x} to {y}"
        if self.reason == "blocked":
            paths = f"the one path {ends} is" if one else f"all {self.count} paths {ends} are"
            lines = [f"{d} = 0: {paths} blocked:", *self._listed(self.blocked)]
        else:
            paths = f"the sum over {self.count} paths {ends}"
            paths = f"along the one path {ends}" if one else paths
            lines = [f"{d} = {short(self.gradient)}, {paths}:", *self._remarks()]
        if found := changed(v for v, edges in self._paths.edges.items() if edges):
            v, now = found
            was = f"{self.names[v]} holds {short(v.data)}, its operands give {short(now)}"
            lines.append(f"the data have changed: {was}; this is the gradient at the recorded data")
        return lines

    def _remarks(self) -> list[str]:
        if not isfinite(self.gradient):
            return self._culprits()
        lines, closed = [], self._paths.closed
        others = self._paths.open - len(self.paths)
        if others:
            about = "" if self._paths.exact else "about "
            rest = f"{about}{short(self.sums.rest)}"
            many = f"the other {others} paths add {rest} together"
            lines.append(f"  {many if others > 1 else f'the other path adds {rest}'}")
        if closed:
            some = "1 more is blocked" if closed == 1 else f"{closed} more are blocked"
            lines += [f"  {some} by a partial of 0:", *self._listed(self.blocked, "    ")]
        left, up, down, _ = self.sums
        if up and down and abs(left) < NEAR_ZERO * (up - down):
            part = f"{short(left)}, {abs(left) / (up - down):.2g} of their size"
            sides = f"{short(up)} from paths above 0 and {short(down)} from those below"
            lines.append(f"cancellation: {sides} leave {part if left else 'exactly 0'}")
        if self.reason == "underflow":
            lines.append("a product on the way is too small for a float")
        return lines

    def _culprits(self) -> list[str]:
        """What makes the gradient inf or nan."""
        meetings, wild = dict[tuple[Value, Value], str](), list[str]()
        for result, edges in reversed(self._paths.edges.items()):
            grad = self._grads[result]
            for e in edges:
                if (grad == 0 and not isfinite(e.partial)) or (isinf(grad) and e.partial == 0):
                    size = short(abs(e.partial if grad == 0 else grad))
                    meets = f"0 * {size}: {self.names.grad(result)} = {short(grad)} meets "
                    # x * x has two uses and one reason
                    meetings.setdefault((result, e.operand), meets + derivation(e, self.names))
                elif not isfinite(e.partial):
                    wild.append(derivation(e, self.names))
        if not meetings and not wild:
            return ["a product on the way is too large for a float"]
        return ["it cannot be added up, because of", *_indented([*meetings.values(), *wild])]

    def _listed(self, edges: tuple[Edge, ...], indent: str = "  ") -> list[str]:
        lines = []
        for e in edges:
            op = e.result.op  # tanh at 400: a row that is smooth and of one operand, far from 0
            smooth = op is not None and not op.smooth and op.operands == ("x",)
            saturated = smooth and abs(e.operand.data) > 1
            lines.append(derivation(e, self.names) + ", saturated" * saturated)
        return _indented(lines, indent)

    def _cells(self, path: Path) -> tuple[str, str, str]:
        """A path, its partials and their product."""
        first, *others = (short(e.partial) for e in path)
        factors = _shortened([first, *map(wrapped, others)])
        way = _shortened([self.names[v] for v in path.values])
        return " -> ".join(way), " * ".join(factors), short(path.product)

    @cached_property
    def _unconnected(self) -> tuple[str, str, tuple[Value, ...]]:
        """What is missing between x and y: the reason in a word, in a sentence, and where."""
        x, y = self.names[self.x], self.names[self.y]
        if any(v is self.y for v in topological(self.x)):
            hint = f"{x} was made from {y}, not {y} from {x}: ask why({x}, {y})"
            return "not connected", hint, ()
        leaves = [v for v in topological(self.y) if not v.operands]
        same = [v for v in leaves if v.data == self.x.data]
        unrecorded = [v for v in leaves if v.op not in (None, CONSTANT)]
        copies = [v for v in same if v.op is None and v.label == self.x.label]
        numbers = [v for v in same if v.op is CONSTANT]
        reason, hint, at = "not connected", "", numbers
        if unrecorded:
            reason, at, name = "no_grad", unrecorded, self.names[unrecorded[0]]
            hint = f"; {name} was computed under no_grad, which forgets what it was made from"
        elif copies:
            reason, at, labelled = "detached", copies, "label and " * bool(self.x.label)
            leaf = f"another leaf with the same {labelled}number"
            hint = f"; it was made from {leaf}, perhaps by detach() or a copy"
        elif numbers:
            plain = f"a plain number {self.names[numbers[0]]} stands in it"
            hint = f"; {plain}: was it {x}.data or float({x})?"
        return reason, f"{y} was not made from {x}{hint}", tuple(at)


class Blocked(Explanation):
    """Why a gradient is zero; false where it is not."""

    def __bool__(self) -> bool:
        return bool(self.reason)


def _indented(lines: list[str], indent: str = "  ") -> list[str]:
    more = [f"{indent}and at {len(lines) - SHOWN} others"] if len(lines) > SHOWN else []
    return [f"{indent}{line}" for line in lines[:SHOWN]] + more


def _shortened(items: list[str]) -> list[str]:
    return items if len(items) <= LONG else [*items[: LONG // 2], "...", *items[-LONG // 2 + 1 :]]
