"""A check of the grads that another engine left in its graph: micrograd's, or one that a learner
wrote after its lecture. Which rule is wrong is read off each node by itself: its grad has to be the
sum, over its results, of the partial times the grad that they have."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, NamedTuple

from autograd.checking.claimed import Claimed
from autograd.checking.graph import ADD
from autograd.checking.inputs import Arguments
from autograd.checking.report import Finding, Report, apart, named, ratio
from autograd.debugging.names import wrapped
from autograd.engine.notation import short, spelled
from autograd.engine.value import Value
from autograd.export.micrograd import Reading

ZERO = "set every grad to 0 before backward()"
PASSES = 4  # of backward() over one graph, that are known from other faults
SUBSETS = 6  # contributions at most of which each choice is tried
WRONG = ("BUG", "ACCUMULATION")

# What a rule may give in place of partial * grad, from these, its node, and the other's partial.
Slip = Callable[[float, float, Any, float], float]
SLIPS: dict[str, Slip] = {
    "sign": lambda partial, grad, node, other: -partial * grad,
    "it gives nothing": lambda partial, grad, node, other: 0.0,
    "the grad of the result is missing": lambda partial, grad, node, other: partial,
    "operands swapped": lambda partial, grad, node, other: other * grad,
    "the partial is missing": lambda partial, grad, node, other: grad,
    "the exponent is missing": lambda partial, grad, node, other: partial * grad / _exponent(node),
    "the square is missing": lambda partial, grad, node, other: (1 - node.data) * grad,
}


def foreign(output: Any, seed: int) -> Report:
    """The grads that another engine left in a graph, against the derivatives of that graph; and
    the rule of it that is wrong. Raises TypeError before a reverse pass."""
    if not output.grad:
        needed = "check needs the grads of a reverse pass"
        raise TypeError(f"{needed}, got an output whose grad is 0: call its backward() first")
    reading = Reading(output)
    leaves = reading.leaves
    arguments = Arguments(
        lambda *numbers: reading.computed(numbers)[-1], tuple(float(x.data) for x in leaves), {}
    )
    labels = [getattr(leaf, "label", "") for leaf in leaves]
    arguments.names = [label or f"leaf {i}" for i, label in enumerate(labels, 1)]
    report = Claimed(arguments, tuple(float(leaf.grad) for leaf in leaves)).report(seed, None)
    cause = _Pass(reading, arguments.names).cause() if report.verdict in WRONG else None
    if cause is None:
        return report
    entries = tuple(
        replace(e, finding=replace(e.finding, word=cause.word)) if e.verdict in WRONG else e
        for e in report.entries
    )
    others = (f for f in report.findings if f.word not in WRONG)
    return replace(report, entries=entries, findings=(cause, *others))


class _Use(NamedTuple):
    """Where a node is an operand: of which result, at which place, and the partial there."""

    result: int
    place: int
    partial: float


class _Pass:
    """The reverse pass of another engine, node by node."""

    def __init__(self, reading: Reading, names: list[str]) -> None:
        self.nodes = reading.order
        self.grads = [float(node.grad) for node in self.nodes]
        self.uses = [list[_Use]() for _ in self.nodes]
        self.across = dict[tuple[int, int], float]()  # the partial by the other operand
        for result, step in enumerate(reading.steps):
            if step is not None:
                leaves = [Value(float(self.nodes[i].data)) for i in step[1]]
                step[0](*leaves).backward()
                for place, (i, leaf) in enumerate(zip(step[1], leaves, strict=True)):
                    self.uses[i].append(_Use(result, place, leaf.grad))
                    self.across[result, len(leaves) - 1 - place] = leaf.grad
        self.values: list[Value] = reading.computed([Value(leaf.data) for leaf in reading.leaves])
        unnamed = iter(names)
        for node, value in zip(self.nodes, self.values, strict=True):
            value.label = getattr(node, "label", "") if node._prev else next(unnamed)

    def cause(self) -> Finding | None:
        """The first fault in the order of the pass, if one explains what is wrong."""
        if not all(map(math.isfinite, [*self.grads, *(u.partial for us in self.uses for u in us)])):
            return None
        last = len(self.nodes) - 1
        wrong = [i for i in range(last - 1, -1, -1) if not self._right(i)]
        if count := self._passes():
            evidence = f"backward() has run {count} times on this graph, and each pass added to "
            return Finding("ACCUMULATION", f"{evidence}the grads of those before", ZERO)
        if self.grads[last] != 1.0:
            name = self.name(last)
            evidence = f"the pass begins with {name}.grad = {short(self.grads[last])}, and not 1"
            return Finding("BUG", evidence, "set it to 1 before the pass", label=name)
        if not wrong:
            return None
        return self._overwritten(wrong) or self._named(wrong) or self._rule(wrong)

    def name(self, i: int) -> str:
        """A label, or how the node was made."""
        text = spelled(self.values[i], 2)
        return text if self.values[i].label or text.isidentifier() else f"({text})"

    def given(self, i: int) -> list[float]:
        """The contributions to a node, of the grads that its results have."""
        return [use.partial * self.grads[use.result] for use in self.uses[i]]

    def _right(self, i: int, parts: Sequence[float] | None = None) -> bool:
        """Whether a grad is the sum of its contributions, or of these, but for rounding: 1 - y**2
        is 0 where tanh is 1."""
        parts = self.given(i) if parts is None else parts
        outer = math.fsum(abs(self.grads[use.result]) for use in self.uses[i])
        most = 1e-9 * math.fsum(map(abs, parts)) + 1e-12 * outer
        return abs(self.grads[i] - math.fsum(parts)) <= most

    def _passes(self) -> int:
        """How often backward() ran, where nothing but that is wrong; else 0."""
        total = [0.0] * len(self.nodes)
        for count in range(1, PASSES + 1):
            for i in range(len(self.nodes) - 1, -1, -1):
                parts = [use.partial * total[use.result] for use in self.uses[i]]
                total[i] += math.fsum(parts)
                if i == len(self.nodes) - 1:  # set to 1 in each pass, or added to
                    total[i] = 1.0 if self.grads[i] == 1.0 else float(count)
            pairs = zip(self.grads, total, strict=True)
            made = [abs(a - b) <= 1e-9 * abs(b) for a, b in pairs]
            cleared = (not self.nodes[i]._prev and self._right(i) for i in range(len(made)))
            if count > 1 and all(a or b for a, b in zip(made, cleared, strict=True)):
                return count
        return 0

    def _overwritten(self, wrong: list[int]) -> Finding | None:
        """An = in place of a +=: each wrong grad is a part of its contributions."""
        if not all(map(self._is_part, wrong)):
            return None
        i, parts = wrong[0], self.given(wrong[0])
        name, said = self.name(i), " + ".join(map(wrapped, map(short, parts)))
        evidence = f"= in place of +=: {name}.grad is {short(self.grads[i])}, but its "
        evidence += f"{len(parts)} contributions are {said} = {short(math.fsum(parts))}"
        return Finding("ACCUMULATION", evidence, f"add them all: {ADD}", label=name)

    def _is_part(self, i: int) -> bool:
        parts = self.given(i)
        most = len(parts) if len(parts) <= SUBSETS else 2
        return any(self._right(i, c) for n in range(1, most) for c in combinations(parts, n))

    def _named(self, wrong: list[int]) -> Finding | None:
        """A slip in one rule that gives all the grads that there are, right and wrong."""
        uses = [use for i in wrong for use in self.uses[i]]
        rules = dict.fromkeys(self._rule_of(use) for use in uses)
        wholes = dict.fromkeys((op, None) for op, _ in rules)
        for hint, slip in SLIPS.items():
            for op, place in (*wholes, *rules):
                if self._explains(slip, op, place):
                    return self._of_rule(wrong, [op], hint)
        return None

    def _explains(self, slip: "Slip", op: str, place: int | None) -> bool:
        for i in range(len(self.nodes) - 1):
            parts = self.given(i)
            for k, use in enumerate(self.uses[i]):
                rule = self._rule_of(use)
                if rule[0] == op and place in (None, rule[1]):
                    node, g = self.nodes[use.result], self.grads[use.result]
                    parts[k] = slip(use.partial, g, node, self.across[use[:2]])
            if not self._right(i, parts):
                return False
        return True

    def _rule(self, wrong: list[int]) -> Finding:
        """The rule that no right grad clears, and that all wrong ones use; or stale grads."""
        proven = self._proven()
        rules = [{*map(self._rule_of, self.uses[i])} for i in wrong]
        suspects = [{rule[0] for rule in those - proven} for those in rules]
        common = suspects[0].intersection(*suspects[1:])
        if common or any(self.nodes[i]._prev for i in wrong):
            ops = sorted(common or suspects[0] or {rule[0] for rule in rules[0]})
            found = self._of_rule(wrong, ops)
            if len(wrong) < 2 or any(self.nodes[i]._prev for i in wrong):
                return found
            evidence = f"{found.evidence}; or grads of an earlier pass were not set to 0"
            return replace(found, evidence=evidence)
        i = wrong[-1]
        came, due = apart(self.grads[i], math.fsum(self.given(i)))
        evidence = f"stale grads: {self.name(i)}.grad is {came}, but this graph gives it {due}, "
        evidence += "and the rules are right elsewhere: the rest was there before the pass"
        return Finding("ACCUMULATION", evidence, ZERO, label=self.name(i))

    def _rule_of(self, use: _Use) -> tuple[str, int]:
        op = self.nodes[use.result]._op.strip()
        kind = "**" if op[:2] == "**" else op
        return kind, 0 if op in ("+", "*") else use.place  # a set has them in no order

    def _proven(self) -> set[tuple[str, int]]:
        """The rules that gave a right grad: operations, and the places of the operand."""
        return {
            self._rule_of(use)
            for i in range(len(self.nodes))
            if self._right(i) and len({use.result for use in self.uses[i]}) == len(self.uses[i])
            for use, part in zip(self.uses[i], self.given(i), strict=True)
            if part
        }

    def _of_rule(self, wrong: list[int], ops: list[str], hint: str = "") -> Finding:
        """The rule of one of these operations is wrong, as the first node shows that uses it."""
        uses = {i: [use for use in self.uses[i] if self._rule_of(use)[0] in ops] for i in wrong}
        i = next(i for i in wrong if uses[i])
        grad, name = self.grads[i], self.name(i)
        factors = [(use.partial, self.grads[use.result]) for use in uses[i]]
        parts = [partial * outer for partial, outer in factors]
        terms = [" * ".join(wrapped(short(x)) for x in pair) for pair in factors]
        results = dict.fromkeys(spelled(self.values[u.result], 2, name=False) for u in uses[i])
        true = math.fsum(parts)
        came = grad - (math.fsum(self.given(i)) - true)
        (part, due), hint = apart(came, true), hint or named(came, true)
        makers = " and ".join(results)
        if len(uses[i]) == len(self.uses[i]):
            said = f"{name}.grad is {part}, but {makers} gives it"
        else:
            said = f"{name}.grad is {short(grad)}, {part} of it from {makers}, which should be"
        evidence = f"the rule of {' or '.join(ops)}: {said} {' + '.join(terms)} = {due}"
        evidence += f" ({hint})" if hint else ""
        remedy, label = f"correct the _backward of {' or '.join(ops)}", self.values[i].label
        return Finding("BUG", evidence, remedy, ops[0], name, label, ratio(came, true), hint)


def _exponent(node: Any) -> float:
    digits = node._op.lstrip("*^ (").rstrip(" )")
    try:
        return float(digits) or 1.0
    except ValueError:
        return 1.0
