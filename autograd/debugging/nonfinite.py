"""Where did the nan come from? ``trace_nonfinite`` finds the first operation whose result is not
finite though its operands are, in the order of the forward pass and in that of the reverse pass.
"""

import math
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd.engine.domain import complaint
from autograd.engine.errors import warn
from autograd.engine.modes import watching
from autograd.engine.notation import exact, expression, legible, short
from autograd.engine.reverse import sweep, topological
from autograd.engine.table import Op
from autograd.engine.value import Value

__all__ = ["Origin", "Trace", "trace_nonfinite"]


class Origin(NamedTuple):
    """An operation that made a number that is not finite out of finite ones; file and line are
    where it was called.
    """

    operation: str
    operands: tuple[float, ...]
    labels: tuple[str, ...]
    result: float
    sentence: str
    file: str = ""
    line: int = 0

    def __repr__(self) -> str:
        return self.sentence + (f" ({self.file}:{self.line})" if self.file else "")


class Trace:
    """What ``trace_nonfinite`` found: the first origin of the forward pass, and that of the reverse
    pass, or None.
    """

    def __init__(self) -> None:
        self.forward: Origin | None = None
        self.backward: Origin | None = None
        # Where operations were called whose partials are not finite; the operands are kept, so that
        # ids stay theirs.
        self.places: dict[tuple[str, *tuple[int, ...]], tuple[str, int, list[Value]]] = {}

    def __enter__(self) -> "Trace":
        self.block = watching(self)
        self.block.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.block.__exit__(*error)
        if self and error[0] is None:
            warn(f"{self!r}".replace("\n", "; "), "trace_nonfinite")

    def __repr__(self) -> str:
        found = (("forward", self.forward), ("backward", self.backward))
        text = "\n".join(f"{way}: {origin!r}" for way, origin in found if origin is not None)
        return text or "every number was finite"

    def __bool__(self) -> bool:
        return self.forward is not None or self.backward is not None

    def at_edge(
        self,
        op: Op,
        operands: tuple[Any, ...],
        constants: tuple[float, ...],
        y: float,
        partials: list[Any],
        values: Sequence[Any],
    ) -> None:
        """Called by every operation where Python's math raises or the result is not finite."""
        numbers = _flat(operands)
        if not all(map(math.isfinite, numbers)):
            return
        flat, place = [v for v in _flat(values) if v is not None], _place()
        if not all(map(math.isfinite, _flat(partials))):
            self.places[(op.name, *map(id, flat))] = (*place, flat)
        if self.forward is None and not math.isfinite(y):
            labels = tuple(v.label for v in flat) or ("",) * len(numbers)
            sentence = complaint(op, operands, constants, y, values)
            self.forward = Origin(op.name, tuple(numbers), labels, y, sentence, *place)

    def passed(self, output: Value) -> None:
        """Called after every reverse pass."""
        if self.backward is not None:
            return
        for result, _, operand, partial, _, contribution in sweep(
            topological(output), {output: output.grad}
        ):
            if (
                not math.isfinite(contribution)
                and (math.isfinite(result.grad) or not math.isfinite(partial))
                and all(math.isfinite(v.data) for v in result.operands)
            ):  # else the forward pass has spoiled it already
                self.backward = self._spoiled(result, operand, partial)
                return

    def _spoiled(self, result: Value, operand: Value, partial: float) -> Origin:
        op = result.op
        assert op is not None
        contribution = partial * result.grad
        written = expression(
            op,
            [legible(v.label) or short(v.data) for v in result.operands],
            map(short, result.constants),
        )
        who = f"{legible(operand.label)} = " * bool(operand.label) + short(operand.data)
        sentence = f"{written} has the partial {exact(partial)} at {who}"
        sentence += f"; times its own grad, {short(result.grad)}, that is {exact(contribution)}"
        file, line, _ = self.places.get((op.name, *map(id, result.operands)), ("", 0, []))
        numbers, labels = (
            tuple(v.data for v in result.operands),
            tuple(v.label for v in result.operands),
        )
        return Origin(op.name, numbers, labels, contribution, sentence, file, line)


def trace_nonfinite() -> Trace:
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
    return Trace()


def _flat(many: Any) -> list[Any]:
    return [x for o in many for x in (o if isinstance(o, (list, tuple)) else [o])]


def _place() -> tuple[str, int]:
    """The user's file and line: the first frame that is not ours."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in (
        "autograd",
        "nn",
    ):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno
