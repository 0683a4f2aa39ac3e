"""The questions of an exercise, in the order of the reverse pass, and what they are answered by."""

import re
from collections import defaultdict
from dataclasses import dataclass

from autograd.debugging.formulas import grouped, row_partial, with_names
from autograd.debugging.names import Names, wrapped
from autograd.debugging.step import Computation, Contribution, contributions, given_in
from autograd.drawing.mistakes import TEXTBOOK, textbook
from autograd.engine.notation import short
from autograd.engine.reverse import topological
from autograd.engine.table import CONSTANT
from autograd.engine.value import Value

MOST = 16  # results of which the forward pass shows how they were made


@dataclass(frozen=True, eq=False)
class Question:
    """A partial or a grad that is asked for; kind is "seed", "partial" or "grad"."""

    kind: str
    name: str  # dtanh/dw, or w.grad
    about: str  # tanh = tanh(add) = -0.2913
    answer: float
    value: Value  # whose grad it is, or the operand
    # The contributions that make the grad; of a partial, the one that it is a factor of.
    uses: tuple[Contribution, ...]
    names: Names

    @property
    def size(self) -> float:
        """The largest number that is added up, by which rounding is measured."""
        added = [abs(use.contribution) for use in self.uses] if self.kind == "grad" else []
        return max([abs(self.answer), *added])

    @property
    def hints(self) -> list[str]:
        """What helps, less first."""
        if self.kind == "seed":
            return [f"how much does {self.names[self.value]} grow, per unit of its own growth?"]
        if self.kind == "partial":
            op, group = self.uses[0].result.op, group_of(self.uses[0])
            assert op is not None
            operand = op.operands[group].strip("*")
            simple = (op.name, group) in TEXTBOOK and op.result.startswith("where")
            result = f"{op.name}({operand})" if simple else op.result
            rule = f"for y = {result}, dy/d{operand} = {textbook(op, group)}"
            # In capitals: a, b, x and y may be values of the exercise.
            rule = re.sub(r"\b(d?)([abcxyn])\b", lambda m: m[1] + m[2].upper(), rule)
            return [rule, f"{self.name} = {self.formula}"]
        results = [self.names[use.result] for use in self.uses]
        several = f"{len(results)} contributions, by way of {' and '.join(results)}, added up"
        one = f"one contribution, by way of {results[0]}"
        rule = "each the partial times the grad of the result"
        hint = f"{several}, {rule}" if len(results) > 1 else f"{one}: {rule[5:]}"
        return [hint, f"{self.name} = {self.formula}"]

    @property
    def formula(self) -> str:
        """What the answer is computed from, with names."""
        if self.kind == "partial":
            text = _partial(self.uses[0])
            return text[1:-1] if re.fullmatch(r"\([^()]*\)", text) else text
        terms = [f"{_partial(use)} * {self.names.grad(use.result)}" for use in self.uses]
        return " + ".join(terms)

    @property
    def solution(self) -> str:
        """The answer, and how it comes about: ``w.grad = x * mul.grad = 0.5 * 0.9151 = 0.4576``."""
        numbers = " + ".join(
            f"{wrapped(short(use.partial))} * {wrapped(short(use.result_grad))}"
            for use in (self.uses if self.kind == "grad" else ())
        )
        parts = [self.name, self.formula, numbers, short(self.answer)]
        return " = ".join(dict.fromkeys(part for part in parts if part))


def steps_of(output: Value, names: Names) -> list[Contribution]:
    """The steps of a reverse pass from grads of 0; the graph's own grads stay as they are."""
    order = topological(output)
    return contributions(order, names, dict.fromkeys(order, 0.0) | {output: 1.0})


def questions(output: Value, names: Names, partials: bool = True) -> list[Question]:
    """What there is to fill in: the seed, then each partial, and each grad once it is complete.

    Nothing is asked of the numbers that an expression mentions. Raises TypeError for what is no
    Value, GraphError for a result of ``no_grad``.

    >>> from autograd import Value
    >>> x = Value(3.0, "x")
    >>> y = x * 2 + x
    >>> [question.name for question in questions(y, Names(y))]
    ['y.grad', 'dy/d(mul)', 'mul.grad', 'dy/dx', 'd(mul)/dx', 'x.grad']
    """
    steps = steps_of(output, names)
    uses: dict[Value, list[Contribution]] = defaultdict(list)
    for step in steps:
        uses[step.operand].append(step)
    seed = Question("seed", names.grad(output), _made(output, names), 1.0, output, (), names)
    found = [seed]
    for step in steps:
        operand = step.operand
        if operand.op is CONSTANT:
            continue
        if partials:
            name = names.derivative(step.result, operand)
            same = [i for i, v in enumerate(step.result.operands) if v is operand]
            if len(same) > 1:
                name = f"{name} (use {same.index(step.place) + 1} of {len(same)})"
            about = _made(step.result, names)
            found.append(Question("partial", name, about, step.partial, operand, (step,), names))
        if step is uses[operand][-1]:
            name, about = names.grad(operand), _made(operand, names)
            whole = tuple(uses[operand])
            found.append(Question("grad", name, about, step.grad, operand, whole, names))
    return found


def forward_pass(names: Names) -> list[str]:
    """The numbers that are given, in a line, and how each result was made."""
    given, made = given_in(names), [_made(v, names) for v in names if v.operands]
    for lines in (given, made):
        if len(lines) > MOST:
            lines[MOST // 2 : -MOST // 2] = [f"... {len(lines) - MOST} more ..."]
    return [", ".join(given), *made] if given else made


def _made(v: Value, names: Names) -> str:
    """How a value was made: ``add = mul + b = (-0.6) + 0.3 = -0.3``, or ``w = 2``."""
    return repr(Computation(0, names, v)) if v.operands else f"{names[v]} = {short(v.data)}"


def group_of(use: Contribution) -> int:
    """Which operand of the row it is: the first, the second; many count as one."""
    return grouped(use.result, use.place)[0]


def _partial(use: Contribution) -> str:
    """The formula of a partial as textbooks have it, with names."""
    _, words = row_partial(use.result, use.place)
    assert use.result.op is not None
    text = textbook(use.result.op, group_of(use))
    return with_names(text, use.result, words, use.names)
