"""The slips that explain a wrong answer: each is an edit of what the answer is made from (a use is
forgotten, a factor is left out, a sign is turned), and the number that comes out then."""

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

from autograd.debugging.step import Contribution
from autograd.engine.notation import short
from autograd.engine.reverse import gradients
from autograd.engine.table import CONSTANT
from autograd.engine.value import Value
from autograd.exercises.mistakes import wrong_partials
from autograd.exercises.questions import Question, steps_of

__all__ = ["Earlier", "Slip", "neighbours", "slips"]

# The learner's own wrong grads by value, wrong partials by result and place of the operand.
Earlier = Mapping[Any, float]
Pair = tuple[float, float]  # a partial, and the grad of the result

NEAR = 4  # questions before and after
WHOLE = 8  # uses, beyond which the slips of a single one are not told apart


class Slip(NamedTuple):
    """A wrong way to an answer: its kind, the number it leads to, and a sentence."""

    kind: str
    number: float
    why: str
    brief: str = ""  # in fewer words


def slips(
    question: Question,
    output: Value,
    earlier: Earlier | None = None,
    near: Sequence[Question] = (),
) -> list[Slip]:
    """The slips that a question invites, the usual ones first; none leads to the right answer.

    earlier has the wrong partials and grads that the learner goes on with, near the questions
    whose answers may be given to this one.

    >>> from autograd.debugging.names import Names
    >>> from autograd.exercises.questions import questions
    >>> x = Value(3.0, "x")
    >>> y = x * 2 + x
    >>> for slip in slips(questions(y, Names(y))[-1], y)[:3]:
    ...     print(f"{slip.number:g}: {slip.why}")
    1: you forgot to add: that is the contribution by way of y alone
    2: you forgot to add: that is the contribution by way of mul alone
    1: the sign of the partial of y is wrong
    """
    kinds = {"seed": _of_seed, "partial": _of_partial, "grad": _of_grad}
    found = [*kinds[question.kind](question, output, earlier or {})]
    found += [Slip("other question", q.answer, f"that is {q.name}") for q in near]
    different: dict[tuple[str, float], Slip] = {}  # a kind that leads to a number in several ways
    for slip in found:
        if slip.number != question.answer:
            different.setdefault((slip.kind, slip.number), slip)
    return [*different.values()]


def neighbours(questions: Sequence[Question], i: int) -> Sequence[Question]:
    """The questions near one of them, whose answers may be given to it."""
    return questions[max(i - NEAR, 0) : i + NEAR + 1]


def _of_seed(question: Question, output: Value, _: Earlier) -> Iterator[Slip]:
    name = question.names[output]
    yield Slip("value for grad", output.data, f"that is {name} itself: its grad is d{name}/d{name}")
    yield Slip("seed", 0.0, "with a grad of 0 at the end, all others would be 0")


def _of_partial(question: Question, output: Value, _: Earlier) -> Iterator[Slip]:
    (use,) = question.uses
    names, result, partial = use.names, use.result, use.partial
    for mistake in wrong_partials(use):
        yield Slip(mistake.kind, mistake.partial, mistake.why, mistake.why)
    yield Slip("sign", -partial, "the sign is wrong")
    if use.contribution != partial:
        grad = names.grad(result)
        times = f"that is the partial times {grad}: only the partial is asked for"
        yield Slip("contribution for partial", use.contribution, times)
        yield Slip("grad for partial", use.result_grad, f"that is {grad}, not the partial")
    same = [i for i, v in enumerate(result.operands) if v is use.operand]
    if len(same) > 1:
        whole = added([(result.partials[i], 1.0) for i in same])
        yield Slip("both uses", whole, f"that is for all {len(same)} uses together: one at a time")
    for i, other in enumerate(result.operands):
        if i != use.place and len(result.operands) <= WHOLE and other is not use.operand:
            why = f"that is the partial by {names[other]}"
            yield Slip("other operand", result.partials[i], why)
    yield Slip("value for partial", result.data, f"that is {names[result]} itself")
    yield Slip("value for partial", use.operand.data, f"that is {names[use.operand]} itself")
    if partial:
        yield Slip("upside down", 1 / partial, "that is 1 divided by the partial")
        yield from _units(use, 1.0)
        zero = f"0 would mean that {names[result]} does not depend on {names[use.operand]}"
        yield Slip("zero", 0.0, zero)


def _units(use: Contribution, number: float) -> Iterator[Slip]:
    """The slip of a partial of 1, as if there were nothing to multiply by."""
    name = use.names[use.result]
    constants = [v for v in use.result.operands if v.op is CONSTANT]
    symbol = use.result.op.symbol if use.result.op else ""
    if constants and symbol == "*":
        factor = short(constants[0].data)
        why = f"the partial of {name} is left out: the constant factor {factor} is missing"
        yield Slip("constant factor", number, why, why.rpartition(": ")[2])
    else:
        yield Slip("partial left out", number, f"the partial of {name} is left out")


def added(pairs: Sequence[Pair], start: float = 0.0) -> float:
    """The grad that such partials and grads of results add up to, by the engine's chain rule."""
    order: list[Any] = [None, *range(len(pairs))]
    grads: dict[Any, float] = {None: start} | {i: grad for i, (_, grad) in enumerate(pairs)}

    def uses(i: int | None) -> list[tuple[None, float]]:
        return [] if i is None else [(None, pairs[i][0])]

    grad: float = gradients(order, grads, uses)[None]
    return grad


def _of_grad(question: Question, output: Value, earlier: Earlier) -> Iterator[Slip]:
    """One use after another is edited; then all of them."""
    names, uses = question.names, question.uses
    pairs: list[Pair] = [(use.partial, use.result_grad) for use in uses]
    history = steps_of(output, names)
    edits = [list(_edits(use, history)) for use in uses] if len(uses) <= WHOLE else []
    if len(uses) > 1:
        for i, use in enumerate(uses[:WHOLE]):
            why = f"you forgot to add: that is the contribution by way of {names[use.result]} alone"
            yield Slip("forgot to add", added([pairs[i]]), why)
        if len(uses) > 2:
            for i, use in enumerate(uses[:WHOLE]):
                why = f"the contribution by way of {names[use.result]} is missing"
                yield Slip("forgot to add", added(pairs[:i] + pairs[i + 1 :]), why)
    single = [
        Slip(kind, added([*pairs[:i], pair, *pairs[i + 1 :]]), why, brief)
        for i, several in enumerate(edits)
        for kind, pair, why, brief in several
    ]
    yield from single
    if len(uses) > 1:
        outer, inner = [(p, 1.0) for p, _ in pairs], [(1.0, g) for _, g in pairs]
        every = [
            Slip("outer factor", added(outer), "the outer factors are missing"),
            Slip("partial left out", added(inner), "the partials are left out"),
            Slip("sign", added([(-p, g) for p, g in pairs]), "the sign is wrong"),
        ]
        numbers = {slip.number for slip in single}
        yield from (slip for slip in every if slip.number not in numbers)
        why = "contributions add up: they do not multiply"
        yield Slip("multiplied", prod(use.contribution for use in uses), why)
        common = ("outer factor", "partial left out", "sign")
        for right, several in zip(pairs, edits, strict=False):
            for kind, pair, why, _ in several:
                if kind in common and pair != right:
                    why = f"{why}, and you forgot to add"
                    yield Slip(f"{kind}, forgot to add", added([pair]), why)
    yield from _mistaken(question, pairs, earlier)


def _mistaken(question: Question, pairs: list[Pair], earlier: Earlier) -> Iterator[Slip]:
    """What is taken for the grad."""
    names, v = question.names, question.value
    if v.grad and v.reached and not v.operands:
        why = f"that includes the {short(v.grad)} of an earlier pass: zero_grad() comes first"
        yield Slip("stale grad", added(pairs, v.grad), why)
    why = "that is twice the grad, as after two passes without zero_grad()"
    yield Slip("stale grad", added(pairs * 2), why)
    yield Slip("value for grad", v.data, f"that is {names[v]} itself, not its grad")
    for use in question.uses if len(question.uses) == 1 else ():
        for i, other in enumerate(use.result.operands[:WHOLE]):
            if other is not v and other.op is not CONSTANT:
                why = f"that is what {names.grad(other)} gets"
                yield Slip("other operand", added([(use.result.partials[i], use.result_grad)]), why)
        sum_of_both = added([(1.0, use.partial), (1.0, use.result_grad)])
        yield Slip(
            "added for multiplied", sum_of_both, "partial and grad are multiplied, not added"
        )
    mine = [
        (
            earlier.get((use.result, use.place), use.partial),
            earlier.get(use.result, use.result_grad),
        )
        for use in question.uses
    ]
    why = "that would be right if your earlier answer were: it is not"
    yield Slip("earlier answer", added(mine), why)


def _edits(use: Contribution, history: list[Contribution]) -> Iterator[tuple[str, Pair, str, str]]:
    """What can go wrong with one contribution: the kind, the pair then, a sentence, a short one."""
    name, grad = use.names[use.result], use.names.grad(use.result)
    if use.result_grad != 1.0:
        why = f"the outer factor is missing: the partial is multiplied by {grad}"
        yield "outer factor", (use.partial, 1.0), why, ""
    for slip in _units(use, 1.0):
        yield slip.kind, (1.0, use.result_grad), slip.why, slip.brief
    operand = use.names[use.operand]
    why = f"the sign of the partial of {name} is wrong"
    yield "sign", (-use.partial, use.result_grad), why, ""
    steps = [step for step in history if step.operand is use.result]
    for step in steps[:-1]:
        why = f"{grad} is not complete yet: all that use {name} come first"
        yield "order", (use.partial, step.grad), why, ""
    for step in steps if len(steps) > 1 else ():
        why = f"{grad} has several contributions, and only one of them is in it"
        yield "order", (use.partial, step.contribution), why, ""
    for mistake in wrong_partials(use):
        if mistake.partial not in (0.0, 1.0, -use.partial):
            why = f"in the partial of {name} by {operand}, {mistake.why}"
            yield mistake.kind, (mistake.partial, use.result_grad), why, mistake.why
    value = f"{name} itself is used where its partial by {operand} belongs"
    yield "value for partial", (use.result.data, use.result_grad), value, ""
