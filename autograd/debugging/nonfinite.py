"""Where did the nan come from? The first operation whose result is not finite though its operands
are, in the order of the forward pass and in that of the reverse pass."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from typing import Any, NamedTuple

from autograd.debugging.names import Variables
from autograd.engine.domain import complaint, flat
from autograd.engine.errors import user_frame, warn
from autograd.engine.modes import watching
from autograd.engine.notation import exact, expression, legible, short, spelled
from autograd.engine.reverse import sweep, topological
from autograd.engine.table import Op
from autograd.engine.value import Value


class Origin(NamedTuple):
    """An operation that made a number that is not finite out of finite ones."""

    operation: str
    operands: tuple[float, ...]
    labels: tuple[str, ...]
    result: float
    sentence: str
    file: str = ""  # where it was called
    line: int = 0

    def __repr__(self) -> str:
        return self.sentence + (f" ({self.file}:{self.line})" if self.file else "")


class Trace:
    """What ``trace_nonfinite`` found: the first origin of either pass, or None."""

    def __init__(self) -> None:
        self.forward: Origin | None = None
        self.backward: Origin | None = None
        # Where operations were called whose partials are not finite, by their name and operands.
        self._places: dict[tuple[str, *tuple[Value, ...]], tuple[str, int]] = {}

    def __repr__(self) -> str:
        found = (("forward", self.forward), ("backward", self.backward))
        text = "\n".join(f"{way}: {origin!r}" for way, origin in found if origin is not None)
        return text or "every number was finite"

    def __bool__(self) -> bool:
        return self.forward is not None or self.backward is not None

    def at_edge(
        self, op: Op, operands: Any, constants: Any, y: float, partials: Any, values: Any
    ) -> None:
        """Called by every operation where Python's math raises or the result is not finite."""
        numbers, found = flat(operands), [v for v in flat(values) if v is not None]
        if not all(map(isfinite, numbers)):
            return
        frame = user_frame(sys._getframe(1))
        place = frame.f_code.co_filename, frame.f_lineno
        if not all(map(isfinite, flat(partials))):
            self._places[op.name, *found] = place
        if self.forward is None and not isfinite(y):
            names = Variables()
            labels = tuple(names.label(v) for v in found) or ("",) * len(numbers)
            sentence = complaint(op, operands, constants, y, values, names)
            self.forward = Origin(op.name, tuple(numbers), labels, y, sentence, *place)

    def passed(self, output: Value) -> None:
        """Called after every reverse pass."""
        if self.backward is not None:
            return
        steps = sweep(topological(output), {output: output.grad})
        for result, _, operand, partial, _, added in steps:
            news = not isfinite(added) and (isfinite(result.grad) or not isfinite(partial))
            if news and all(isfinite(v.data) for v in result.operands):  # else it came from forward
                self.backward = self._origin(result, operand, partial, added)
                return

    def _origin(self, result: Any, operand: Value, partial: float, added: float) -> Origin:
        op, operands, names = result.op, result.operands, Variables()
        texts = [spelled(v, names=names) for v in operands]
        formula = expression(op, texts, map(short, result.constants))
        label = names.label(operand)
        at = f"{legible(label)} = " * bool(label) + short(operand.data)
        sentence = f"{formula} has the partial {exact(partial)} at {at}; "
        sentence += f"times its own grad, {short(result.grad)}, that is {exact(added)}"
        place = self._places.get((op.name, *operands), ("", 0))
        numbers, labels = zip(*((v.data, names.label(v)) for v in operands), strict=True)
        return Origin(op.name, numbers, labels, added, sentence, *place)


@contextmanager
def trace_nonfinite() -> Iterator[Trace]:
    """Find where the first nan or inf comes from, forward and backward; a DomainWarning tells it
    when the block ends.

    Inside, operations give no warnings one by one. It costs nothing where all numbers are finite,
    but a walk over the graph for each reverse pass.

    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     with trace_nonfinite() as trace:
    ...         x = Value(-4.0, "x")
    ...         y = ((x + 2).sqrt() + 1).log()
    ...         y.backward()
    >>> trace.forward.operation, trace.forward.operands, trace.forward.sentence
    ('sqrt', (-2.0,), 'sqrt needs x >= 0, got x = -2 in sqrt(x + 2)')
    """
    trace = Trace()
    with watching(trace):
        yield trace
    if trace:
        warn(f"{trace!r}".replace("\n", "; "), "trace_nonfinite")
