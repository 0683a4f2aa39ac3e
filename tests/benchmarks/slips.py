"""How well slips are recognised: planted in random graphs, and read back from the number alone.

``python -m tests.benchmarks.slips`` plays learners who each make one mistake somewhere in a reverse
pass over a random graph of all rows of the table (or an exercise of a level), go on with it as
people do, round what they write to four or to three digits, and hand in one number. It says how
often the mistake is among those that the verdict names, how many it names, how often it names one
where there is none of them (two mistakes at once, a slip of the pen), and how often a right answer,
computed from rounded numbers, passes. The learners have arithmetic of their own.
"""

import argparse
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import exp, isfinite, log
from random import Random
from typing import NamedTuple

from autograd import Value, topological
from autograd.debugging.names import Names
from autograd.exercises.exercise import exercise
from autograd.exercises.marking import Verdict, judged, read
from autograd.exercises.questions import Question, questions
from autograd.exercises.slips import Slip, neighbours, slips
from tests.random_graphs import drawn, replay

# Wrong partials by heart, as learners have them: of x (or a, b) and the result y.
Wrong = Callable[[float, float, float], float]
BY_HEART: dict[tuple[str, int], list[Wrong]] = {
    ("multiply", 0): [lambda a, b, y: a],
    ("multiply", 1): [lambda a, b, y: b],
    ("divide", 0): [lambda a, b, y: 1.0],
    ("divide", 1): [lambda a, b, y: -a / b, lambda a, b, y: -1 / b**2, lambda a, b, y: a / b**2],
    ("subtract", 1): [lambda a, b, y: 1.0],
    ("square", 0): [lambda x, _, y: x, lambda x, _, y: 2.0],
    ("power", 0): [lambda x, n, y: n * y, lambda x, n, y: y / x, lambda x, n, y: n * x],
    ("reciprocal", 0): [lambda x, _, y: -1 / x, lambda x, _, y: y**2],
    ("sqrt", 0): [lambda x, _, y: 1 / y, lambda x, _, y: 0.5 / x],
    ("tanh", 0): [lambda x, _, y: 1 - y, lambda x, _, y: 1 - x * x, lambda x, _, y: 1 + y * y],
    ("sigmoid", 0): [lambda x, _, y: y, lambda x, _, y: 1 - y, lambda x, _, y: x * (1 - x)],
    ("exp", 0): [lambda x, _, y: x * exp(x - 1), lambda x, _, y: x],
    ("log", 0): [lambda x, _, y: 1 / log(x), lambda x, _, y: y],
    ("relu", 0): [lambda x, _, y: float(x <= 0)],
    ("abs", 0): [lambda x, _, y: -1.0 if x > 0 else 1.0],
    ("maximum", 0): [lambda a, b, y: float(a < b)],
    ("tan", 0): [lambda x, _, y: 1 + y, lambda x, _, y: 1 - y * y],
    ("atan", 0): [lambda x, _, y: 1 / (1 + x)],
    ("mean", 0): [lambda x, _, y: 1.0],
}


class Use(NamedTuple):
    """One contribution as a learner has it: both factors, with the digits that were written."""

    result: Value
    place: int
    partial: float
    grad: float
    # What the result's grad was before its last contributions, and each of them.
    before: list[float]


class Numbers:
    """All grads of a graph, summed by hand in the order of the reverse pass, rounded as shown."""

    def __init__(self, output: Value, digits: int) -> None:
        self.digits = digits
        sums: dict[Value, list[float]] = defaultdict(list)
        sums[output].append(1.0)
        self.uses: dict[Value, list[Use]] = defaultdict(list)
        for v in reversed(topological(output)):
            running = [self.rounded(sum(sums[v][: i + 1])) for i in range(len(sums[v]))]
            for place, operand in enumerate(v.operands):
                partial = self.rounded(v.partials[place])
                before = [*running[:-1], *map(self.rounded, sums[v][1:])]
                self.uses[operand].append(Use(v, place, partial, running[-1], before))
                sums[operand].append(v.partials[place] * running[-1])

    def rounded(self, x: float) -> float:
        return float(f"{x:.{self.digits}g}")


def by_heart(rng: Random, use: Use) -> Iterator[tuple[str, float]]:
    """A wrong partial of a use."""
    result = use.result
    names = result.op.operands if result.op else ()
    group = use.place if len(names) > 1 and not names[0].startswith("*") else 0
    wrong = BY_HEART.get((result.op.name, group), []) if result.op else []
    if not wrong:
        return
    a, *others = [v.data for v in result.operands]
    b = others[0] if others else (result.constants or (0.0,))[0]
    try:
        q = rng.choice(wrong)(a, b, result.data)
    except (ArithmeticError, ValueError):
        return
    if isfinite(q) and q != use.partial:
        special = {1.0: "partial left out", 0.0: "zero", result.data: "value for partial"}
        turned = abs(q + use.partial) < 0.01 * abs(q)
        yield special.get(q, "sign" if turned else "wrong partial"), q


def of_partial(rng: Random, question: Question, numbers: Numbers) -> Iterator[tuple[str, float]]:
    use = next(
        use
        for use in numbers.uses[question.value]
        if (use.result, use.place) == (question.uses[0].result, question.uses[0].place)
    )
    yield from by_heart(rng, use)
    yield "sign", -use.partial
    if use.grad != 1:
        yield "contribution for partial", use.partial * use.grad
        yield "grad for partial", use.grad
    if use.partial:
        yield "upside down", 1 / use.partial


def of_grad(rng: Random, question: Question, numbers: Numbers) -> Iterator[tuple[str, float]]:
    uses = numbers.uses[question.value]
    each = [use.partial * use.grad for use in uses]
    i = rng.randrange(len(uses))
    use, rest = uses[i], sum(each) - each[i]
    if len(uses) > 1:
        yield "forgot to add", each[i]
        yield "forgot to add", each[-1]
        product = 1.0
        for c in each:
            product *= c
        yield "multiplied", product
    if use.grad != 1:
        yield "outer factor", rest + use.partial
    yield "partial left out", rest + use.grad
    yield "sign", rest - each[i]
    yield "sign", -sum(each)
    if use.before:
        yield "order", rest + use.partial * rng.choice(use.before)
    yield "stale grad", 2 * sum(each)
    for kind, q in by_heart(rng, use):
        yield kind, rest + q * use.grad
    yield "value for grad", question.value.data


def unlisted(rng: Random, question: Question, numbers: Numbers) -> Iterator[tuple[str, float]]:
    """Numbers that no one slip leads to."""
    right = numbers.rounded(question.answer)
    digits = list(f"{abs(right):.3e}")
    i = rng.choice((0, 2, 3))
    j = 2 if i == 0 else i + 1
    digits[i], digits[j] = digits[j], digits[i]
    yield "two digits exchanged", float("".join(digits)) * (1 if right > 0 else -1)
    yield "any number", numbers.rounded(right * rng.uniform(0.2, 3) * rng.choice((1, 1, 1, -1)))
    if question.kind == "grad" and question.uses:
        use = rng.choice(numbers.uses[question.value])
        for _, q in by_heart(rng, use):
            rest = sum(u.partial * u.grad for u in numbers.uses[question.value] if u is not use)
            yield "two slips at once", rest - 2 * q * use.grad


ALSO = {"partial left out": {"constant factor"}, "wrong partial": {"constant factor"}}
ALSO["zero"] = ALSO["upside down"] = {"wrong partial"}


def graph(rng: Random, level: int) -> Value | None:
    """A random graph, or an exercise of a level."""
    if level:
        return exercise(rng.randrange(10**6), level)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return replay(drawn(rng, 10))[1]  # type: ignore[no-any-return]


def verdict(question: Question, known: list[Slip], digits: int, x: float) -> Verdict:
    """What is said to this number, as somebody writes it."""
    return judged(question, read(f"{x:.{digits}g}", {}), known)


class Tally:
    """What was said about the numbers of many questions."""

    def __init__(self, rng: Random, level: int, graphs: int, show: bool) -> None:
        self.rng, self.show = rng, show
        # Of the planted slips: which were named, and how many were named in all.
        self.named: list[bool] = []
        self.count: list[int] = []
        self.unknown: list[bool] = []  # of the numbers that no slip leads to: whether it said so
        self.passed: list[bool] = []  # of the right answers
        for _ in range(graphs):
            output = graph(rng, level)
            found = [q for q in questions(output, Names(output)) if isfinite(q.answer) and q.uses]
            for i in rng.sample(range(len(found)), min(6, len(found))):
                self.ask(found[i], output, neighbours(found, i))

    def ask(self, question: Question, output: Value, near: Sequence[Question]) -> None:
        digits = self.rng.choice((4, 4, 3))
        numbers = Numbers(output, digits)
        said = partial(verdict, question, slips(question, output, None, near), digits)
        planted, uses = of_partial, numbers.uses[question.value]
        if question.kind == "grad":
            planted = of_grad
            self.passed.append(said(sum(use.partial * use.grad for use in uses)).right)
        for kind, x in planted(self.rng, question, numbers):
            if not isfinite(x) or (mark := said(x)).right or mark.close:
                continue
            kinds = {part for slip in mark.slips for part in slip.kind.split(", ")}
            self.named.append(bool(kinds & {kind, *ALSO.get(kind, ())}))
            self.count.append(len(mark.slips))
            if self.show and not self.named[-1]:
                print(f"{kind}: {question.name} = {question.answer:.5g}, {x:.5g}: {mark.text}")
        for _, x in unlisted(self.rng, question, numbers):
            if isfinite(x) and not (mark := said(x)).right and not mark.close:
                self.unknown.append(not mark.slips)

    def __str__(self) -> str:
        alone = [a and n == 1 for a, n in zip(self.named, self.count, strict=True)]
        shares = [self.named, alone, self.unknown, self.passed]
        texts = [f"{100 * sum(share) / len(share):.1f} %" for share in shares]
        texts.insert(2, f"{sum(self.count) / len(self.count):.2f}")
        return " | ".join([f"{len(self.named):,}", *texts])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--graphs", type=int, default=200, help="of each kind")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--show", action="store_true", help="the slips that were not named")
    options = parser.parse_args()
    print("| | slips | named | named alone | named at a time | unknown, and told so | right pass |")
    print("|---|---|---|---|---|---|---|")
    for level in range(5):
        name = f"exercises of level {level}" if level else "random graphs of all operations"
        tally = Tally(Random(options.seed), level, options.graphs, options.show)
        print(f"| {name} | {tally} |", flush=True)


if __name__ == "__main__":
    main()
