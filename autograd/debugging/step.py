"""The steps of a walk, contributions of the reverse pass or results of the forward pass; and both
passes as steps, in their order, with the numbers that each step will have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from autograd.debugging.formulas import partial_text, result_text
from autograd.debugging.names import Names, as_written, wrapped
from autograd.engine.changes import changed
from autograd.engine.errors import GraphError
from autograd.engine.notation import short
from autograd.engine.reverse import sweep, topological
from autograd.engine.value import UNREACHED, Bundle, Value


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Step:
    """A step of a walk, a part of one operation."""

    number: int  # from 1 on
    names: Names
    result: Value  # of the operation

    def take(self) -> None:
        """Do it."""

    def undo(self) -> None:
        """Put back what it has changed."""


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Contribution(Step):
    """A step of the reverse pass: ``operand.grad += partial * result.grad``."""

    facts: ClassVar = ("number", "partial", "result_grad", "contribution", "before", "grad")
    first: ClassVar = "is changed first at"
    last: ClassVar = "is complete from"

    operand: Value
    place: int  # which of the result's operands it is
    partial: float
    result_grad: float
    contribution: float
    before: float  # the operand's grad before the step,
    grad: float  # and after it

    @property
    def value(self) -> Value:
        """The value that the step changes."""
        return self.operand

    @property
    def formula(self) -> str:
        """What the step does, without numbers: ``w.grad += x * mul.grad``."""
        partial = partial_text(self.result, self.place, self.names)
        return f"{self.names.grad(self.operand)} += {partial} * {self.names.grad(self.result)}"

    def take(self) -> None:
        """Add it to the operand's grad. Raises GraphError if something else has changed a grad."""
        self._expect(self.result, self.result_grad, self.number - 1)
        self._expect(self.operand, self.before, self.number - 1)
        self.operand.grad = self.grad

    def undo(self) -> None:
        """Put back the grad from before. Raises GraphError if something else has changed it."""
        self._expect(self.operand, self.grad, self.number)
        self.operand.grad = self.before

    def _expect(self, v: Value, grad: float, number: int) -> None:
        if v.grad != grad and (v.grad == v.grad or grad == grad):  # nan is what it was
            was = f"{self.names.grad(v)} was {short(grad)} at step {number} of this walk"
            remedy = "restart() begins again from the walk's own numbers"
            now = f"was set to {short(v.grad)} since by something else"
            raise GraphError(f"{was} and {now}: {remedy}")

    def written(self, partial: str, grad: str) -> str:
        """The step with this text of the partial and of the grad of the result."""
        numbers = f"{short(self.partial)} * {wrapped(short(self.result_grad))}"
        product = f"{partial} * {grad} = {numbers}"
        name, now = self.names.grad(self.operand), short(self.grad)
        return f"{name} += {product} = {short(self.contribution)}, now {now}"

    def __repr__(self) -> str:
        partial = partial_text(self.result, self.place, self.names)
        return self.written(partial, self.names.grad(self.result)) + _stale(self.result)

    @staticmethod
    def watched(names: Names, v: Value, complete: bool) -> str:
        """A value in a few words."""
        return f"{names.grad(v)} = {short(v.grad)}{'' if complete else ' so far'}"


@dataclass(frozen=True, eq=False, slots=True, repr=False)
class Computation(Step):
    """A step of the forward pass: one result from its operands."""

    facts: ClassVar = ("number", "data")
    first: ClassVar = "is computed at"
    last: ClassVar = "is computed from"

    @property
    def value(self) -> Value:
        """The value that the step computes."""
        return self.result

    @property
    def data(self) -> float:
        """Its number."""
        return self.result.data

    @property
    def formula(self) -> str:
        """What the step does, without numbers: ``mul = w * x``."""
        return f"{self.names[self.result]} = {result_text(self.result, self.names.__getitem__)}"

    def __repr__(self) -> str:
        v, formula = self.result, self.formula
        numbers = result_text(v, lambda operand: short(operand.data))
        texts = [formula] if formula == f"{self.names[v]} = {numbers}" else [formula, numbers]
        return " = ".join([*texts, short(v.data)]) + _stale(v)

    @staticmethod
    def watched(names: Names, v: Value, complete: bool) -> str:
        """A value in a few words."""
        return f"{names[v]} = {short(v.data) if complete else 'not computed yet'}"


Taken = Contribution | Computation
Kind = type[Contribution] | type[Computation]


def _stale(result: Value) -> str:
    """A remark: the formulas hold the data of now, the numbers are those of the recording."""
    return " (recorded before the data changed)" if changed([result]) else ""


class Ledger(list[Taken]):
    """Steps in the order in which they were taken; of many, the repr has the first and the last."""

    SHOWN = 40

    def __repr__(self) -> str:
        if not self:
            return "no steps yet"
        width, half = len(str(self[-1].number)), self.SHOWN // 2
        ends = self[:half] + self[max(half, len(self) - half) :]
        lines = [f"{step.number:{width}}  {step!r}" for step in ends]
        if len(self) > self.SHOWN:
            lines.insert(half, f"{'':{width}}  ... {len(self) - self.SHOWN} more not shown ...")
        return "\n".join(lines)


# The kind of its steps, the steps, how it begins, in words, the names of the values, and the grads
# that it begins with.
Pass = tuple[Kind, Sequence[Taken], str, Names, dict[Value, float]]


def reverse_steps(output: Value, seed: float) -> Pass:
    """The contributions. The grads of leaves are there already."""
    order, names = topological(output), Names(output)
    bundled = [many for v in order for many in v.bundles if type(many) is Bundle]
    for leaf in {v for many in bundled for v in many if v.reached}:
        leaf.grad += 0.0  # as backward does, which matters to a grad of -0.0
    grads = {v: UNREACHED if v.operands else v.grad for v in order}
    grads[output] = seed if output.operands else output.grad + seed
    sign = "=" if output.operands else "+="
    start = f"{names.grad(output)} {sign} {short(seed)}, the seed" + _held(names)
    return Contribution, contributions(order, names, grads), start, names, grads


def contributions(
    order: Sequence[Value], names: Names, grads: Mapping[Value, float]
) -> list[Contribution]:
    """The steps of a reverse pass over a graph, operands before results, from such grads."""
    now, steps = dict(grads), list[Contribution]()
    for i, (result, place, operand, partial, before, added) in enumerate(sweep(order, now), 1):
        numbers = (partial, now[result], added, before, now[operand])
        steps.append(Contribution(i, names, result, operand, place, *numbers))
    return steps


def _held(names: Names) -> str:
    """What leaves have got from earlier passes, which a user may not remember."""
    held = [v for v in names if v.op is None and v.grad != 0.0]
    if not held:
        return ""
    some = _few([f"{names.grad(v)} = {short(v.grad)}" for v in held])
    it = "them" if len(held) > 1 else "it"
    remedy = f"zero_grad() before a walk clears {it}"
    return f"\n  left by earlier passes: {some}; this pass adds to {it}, {remedy}"


def _few(texts: list[str]) -> str:
    return ", ".join(texts if len(texts) <= 8 else [*texts[:7], f"{len(texts) - 7} more"])


def given_in(names: Names) -> list[str]:
    """The numbers that a graph begins with: ``x = 3``."""
    return [f"{name} = {short(v.data)}" for v, name in names.items() if v.op is None]


def forward_steps(output: Value) -> Pass:
    """The results, which are there already: the numbers stay as they were recorded."""
    names = Names(output)
    given = given_in(names)
    results = [v for v in as_written(output) if v.operands]
    steps = [Computation(i, names, v) for i, v in enumerate(results, 1)]
    return Computation, steps, _few(given) or "only numbers", names, {}
