"""The slips that explain a wrong answer: each is an edit of what the answer is made from (a use is
forgotten, a factor is left out, a sign is turned), and the number that comes out then."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite, prod
from typing import Any, NamedTuple

from autograd.debugging.formulas import evaluated, row_partial, with_names
from autograd.debugging.step import Contribution
from autograd.drawing.mistakes import EDITS, SAID, mistakes
from autograd.engine.notation import short
from autograd.engine.table import CONSTANT
from autograd.engine.value import Value
from autograd.exercises.questions import Question, group_of, steps_of

# The learner's own wrong grads by value, wrong partials by result and place of the operand.
Earlier = Mapping[Any, float]
Pair = tuple[float, float]  # a partial, and the grad of the result

NEAR = 4  # questions before and after
WHOLE = 8  # uses, beyond which the slips of a single one are not told apart
TOO = {"outer factor", "partial left out", "sign"}  # slips that come with a forgotten use


class Slip(NamedTuple):
    """A wrong way to an answer: its kind, the number it leads to, and a sentence."""

    kind: str
    number: float
    why: str
    brief: str = ""  # in fewer words


def slips(
    question: Question, output: Value, earlier: Earlier | None = None, near: Sequence[Question] = ()
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
    if question.kind == "seed":
        y = question.names[output]
        found = [Slip("value for grad", output.data, f"that is {y} itself: its grad is d{y}/d{y}")]
        found.append(Slip("seed", 0.0, "with a grad of 0 at the end, all others would be 0"))
    elif question.kind == "partial":
        found = [*_of_partial(question.uses[0])]
    else:
        found = [*_of_grad(question, output), *_mistaken(question, earlier or {})]
    found += [Slip("other question", q.answer, f"that is {q.name}") for q in near]
    different: dict[tuple[str, float], Slip] = {}  # a kind that leads to a number in several ways
    for slip in found:
        if slip.number != question.answer:
            different.setdefault((slip.kind, slip.number), slip)
    return [*different.values()]


def neighbours(questions: Sequence[Question], i: int) -> Sequence[Question]:
    """The questions near one of them, whose answers may be given to it."""
    return questions[max(i - NEAR, 0) : i + NEAR + 1]


def _wrong_partials(use: Contribution) -> Iterator[Slip]:
    result, (_, words) = use.result, row_partial(use.result, use.place)
    assert result.op is not None
    for mistake in mistakes(result.op, group_of(use)):
        partial = float(evaluated(result.op, mistake.text, words))
        if isfinite(partial) and partial != use.partial:
            pieces = [with_names(piece, result, words, use.names) for piece in mistake.pieces]
            why = mistake.why.format(*pieces)
            yield Slip(mistake.kind, partial, why, why)


def _of_partial(use: Contribution) -> Iterator[Slip]:
    names, result, partial = use.names, use.result, use.partial
    yield from _wrong_partials(use)
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
    for v in (result, use.operand):
        yield Slip("value for partial", v.data, f"that is {names[v]} itself")
    if partial:
        yield Slip("upside down", 1 / partial, "that is 1 divided by the partial")
        kind, why, brief = _left_out(use)
        yield Slip(kind, 1.0, why, brief)
        zero = f"0 would mean that {names[result]} does not depend on {names[use.operand]}"
        yield Slip("zero", 0.0, zero)


def _left_out(use: Contribution) -> tuple[str, str, str]:
    """The slip of a partial of 1, as if there were nothing to multiply by."""
    (why,) = (why for kind, _, _, why in EDITS if kind == "partial left out")
    why = why.format(result=use.names[use.result])
    factors = [v for v in use.result.operands if v.op is CONSTANT]
    if not factors or use.result.op is None or use.result.op.symbol != "*":
        return "partial left out", why, ""
    brief = f"the constant factor {short(factors[0].data)} is missing"
    return "constant factor", f"{why}: {brief}", brief


def added(pairs: Sequence[Pair], start: float = 0.0) -> float:
    """The grad that such partials and grads of results add up to, one after another."""
    for partial, grad in pairs:
        start += partial * grad
    return start


def _of_grad(question: Question, output: Value) -> Iterator[Slip]:
    """One use after another is edited; then all of them."""
    names, uses = question.names, question.uses
    pairs: list[Pair] = [(use.partial, use.result_grad) for use in uses]
    history, few = steps_of(output, names), uses[:WHOLE]
    for i, use in enumerate(few if len(uses) > 1 else ()):
        why = SAID["alone"].format(result=names[use.result])
        yield Slip("forgot to add", added([pairs[i]]), why)
    for i, use in enumerate(few if len(uses) > 2 else ()):
        why = f"the contribution by way of {names[use.result]} is missing"
        yield Slip("forgot to add", added(pairs[:i] + pairs[i + 1 :]), why)
    edits = [list(_edits(use, history)) for use in uses] if len(uses) <= WHOLE else []
    single = [
        Slip(kind, added([*pairs[:i], pair, *pairs[i + 1 :]]), why, brief)
        for i, several in enumerate(edits)
        for kind, pair, why, brief in several
    ]
    yield from single
    if len(uses) < 2:
        return
    every = {
        "outer factor": ([(p, 1.0) for p, _ in pairs], "the outer factors are missing"),
        "partial left out": ([(1.0, g) for _, g in pairs], "the partials are left out"),
        "sign": ([(-p, g) for p, g in pairs], "the sign is wrong"),
    }
    numbers = {slip.number for slip in single}
    for kind, (changed, why) in every.items():
        if (number := added(changed)) not in numbers:
            yield Slip(kind, number, why)
    yield Slip("multiplied", prod(use.contribution for use in uses), SAID["multiplied"])
    for right, several in zip(pairs, edits, strict=False):
        for kind, pair, why, _ in several:
            if kind in TOO and pair != right:
                why = SAID["too"].format(why=why)
                yield Slip(f"{kind}, forgot to add", added([pair]), why)


def _mistaken(question: Question, earlier: Earlier) -> Iterator[Slip]:
    """What is taken for the grad."""
    names, v, uses = question.names, question.value, question.uses
    pairs: list[Pair] = [(use.partial, use.result_grad) for use in uses]
    if v.grad and v.reached and not v.operands:
        why = f"that includes the {short(v.grad)} of an earlier pass: zero_grad() comes first"
        yield Slip("stale grad", added(pairs, v.grad), why)
    why = "that is twice the grad, as after two passes without zero_grad()"
    yield Slip("stale grad", added(pairs * 2), why)
    yield Slip("value for grad", v.data, f"that is {names[v]} itself, not its grad")
    for use in uses if len(uses) == 1 else ():
        for i, other in enumerate(use.result.operands[:WHOLE]):
            if other is not v and other.op is not CONSTANT:
                number = added([(use.result.partials[i], use.result_grad)])
                yield Slip("other operand", number, f"that is what {names.grad(other)} gets")
        why = "partial and grad are multiplied, not added"
        yield Slip("added for multiplied", use.partial + use.result_grad, why)
    mine = []
    for use in uses:
        partial = earlier.get((use.result, use.place), use.partial)
        mine.append((partial, earlier.get(use.result, use.result_grad)))
    why = "that would be right if your earlier answer were: it is not"
    yield Slip("earlier answer", added(mine), why)


def _edits(use: Contribution, history: list[Contribution]) -> Iterator[tuple[str, Pair, str, str]]:
    """What can go wrong with one contribution: the kind, the pair then, a sentence, a short one."""
    p, g, name = use.partial, use.result_grad, use.names[use.result]
    factors = {"p": p, "g": g, "y": use.result.data, "-p": -p, "1": 1.0}
    words = {"result": name, "grad": use.names.grad(use.result), "operand": use.names[use.operand]}
    for kind, of_p, of_g, why in EDITS:
        brief, why = "", why.format(**words)
        if kind == "partial left out":
            kind, why, brief = _left_out(use)
        if kind != "outer factor" or g != 1.0:
            yield kind, (factors[of_p], factors[of_g]), why, brief
    steps = [step for step in history if step.operand is use.result]
    for step in steps[:-1]:
        why = f"{words['grad']} is not complete yet: all that use {name} come first"
        yield "order", (p, step.grad), why, ""
    for step in steps if len(steps) > 1 else ():
        why = f"{words['grad']} has several contributions, and only one of them is in it"
        yield "order", (p, step.contribution), why, ""
    for wrong in _wrong_partials(use):
        if wrong.number not in (0.0, 1.0, -p):
            why = SAID["partial"].format(**words | {"why": wrong.why})
            yield wrong.kind, (wrong.number, g), why, wrong.why
