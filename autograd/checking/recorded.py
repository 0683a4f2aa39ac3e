"""A check of our own gradient, of a function that was run on Values or of a recorded output: first
each operation alone, then the reverse pass beside the sum over paths, then the function."""

import math
from collections.abc import Iterable

from autograd.checking.comparison import SINGLY, Comparison
from autograd.checking.graph import ADD, Graph, lost_paths, numbers_of
from autograd.checking.partials import examined, sample
from autograd.checking.probe import Probe
from autograd.checking.report import Entry, Finding, Report, apart, ratio
from autograd.checking.slopes import Slope
from autograd.engine.domain import complaint
from autograd.engine.notation import NAMELESS, Names, short
from autograd.engine.value import Value

# Partials examined at first; all of them, if the numbers disagree.
FIRST = 1000


class Recorded(Comparison):
    """A recorded output, the leaves to differentiate it by, and the function that it came from.
    names: those of values without a label."""

    graph: Graph

    def __init__(
        self, output: Value, inputs: list[Value], probe: Probe, names: Names = NAMELESS
    ) -> None:
        super().__init__(probe, "ours")
        self.graph, self.names = Graph(output, inputs), names
        self.rows = [_reversed(self.graph)]
        self.findings: list[Finding] = []
        every = [v for v in self.graph.order if v.operands and v in self.graph.depends]
        chosen = sample(every, FIRST)
        self.rest = every if len(chosen) < len(every) else []
        self._examine(chosen)
        self._add_up()

    def report(self, seed: int) -> Report:
        """Every input asked for numbers, and the verdict on all."""
        names, subject, notes = self.arguments.names, self.probe.subject, []
        if not math.isfinite(self.graph.output.data):
            finding = self._undefined()
            pairs = zip(names, self.rows[0], strict=True)
            entries = [Entry(n, g, math.nan, math.inf, finding) for n, g in pairs]
            return Report(subject, tuple(entries), (*self.findings, finding))
        entries = self.entries(seed)
        if len(names) > SINGLY:
            asked = "checked along random directions, bisected where these disagree"
            notes.append(f"{len(names)} inputs: {asked}")
        if self.rest:
            notes.append("of each row some operations were examined, not all: the graph is large")
            if any(entry.verdict == "BUG" for entry in entries) and not self.findings:
                self._examine(self.rest)
        return Report(subject, tuple(entries), tuple(self.findings), notes=tuple(notes))

    def judge(self, ours: float, found: Slope, faithful: bool | None) -> Finding:
        finding = super().judge(ours, found, faithful)
        known = {f.word: f for f in self.findings}
        if finding.word != "BUG" or "BUG" in known:
            return finding
        if "ACCUMULATION" in known:
            return known["ACCUMULATION"]
        if faithful is None or not math.isfinite(ours):
            return finding
        if not faithful:
            evidence = f"{finding.evidence}; every recorded operation is right, but the function "
            evidence += "depends on its input in a way that its graph does not record"
            remedy = "look for detach(), .data, float(...), math.* or no_grad inside, or a branch "
            remedy += "for this very point"
            return Finding("BUG", evidence, remedy, ratio=finding.ratio, hint="not recorded")
        if self.rest:
            return finding
        losers = [f" ({p.op.name} loses most)" for p in self.troubles if p.word == "inexact"]
        evidence = "every partial and every sum is right, yet floats lose the digits on the way"
        evidence += f"{''.join(losers[:1])}: ours is "
        evidence += ", the derivative ".join(apart(ours, found.value))
        remedy = "subtract large numbers before you apply functions to them"
        return Finding("ROUND-OFF", evidence, remedy)

    def _examine(self, results: Iterable[Value]) -> None:
        depends = self.graph.depends
        every = [p for value in results for p in examined(value, depends, self.names)]
        self.troubles = [partial for partial in every if partial.word != "right"]
        self.findings += [p.finding for p in self.troubles if p.finding is not None]

    def _add_up(self) -> None:
        """The reverse pass against the sum over paths."""
        parts, sizes = self.graph.paths()
        every = zip(self.arguments.names, self.graph.inputs, self.rows[0], strict=True)
        for name, v, ours in every:
            expected = math.fsum(parts[v]) if all(map(math.isfinite, parts[v])) else math.nan
            if not abs(ours - expected) > 1e-9 * sizes[v]:
                continue
            q, hint = ratio(ours, expected), lost_paths(ours, parts[v])
            evidence = f"{name}: every partial is right, but their sum over the paths is "
            evidence += ", and the reverse pass gives ".join(apart(expected, ours))
            evidence += f" ({hint})" if hint else ""
            remedy = f"add each contribution once, results before operands: {ADD}"
            lost = Finding("ACCUMULATION", evidence, remedy, label=name, ratio=q, hint=hint)
            self.findings.append(lost)

    def _undefined(self) -> Finding:
        """Where the output left its domain: at the first operation that says so."""
        for value in self.graph.order:
            if (op := value.op) is None or not value.operands or math.isfinite(value.data):
                continue
            operands, first = tuple(op.grouped(numbers_of(value))), value.operands[0]
            given = op, operands, value.constants, value.data, value.operands
            if sentence := complaint(*given, self.names):
                where = op.name, op.operands[0], first.label or self.names.get(first, "")
                return Finding("DOMAIN", sentence, "stay inside the domain", *where)
        evidence = f"the output is {short(self.graph.output.data)}"
        return Finding("DOMAIN", evidence, "check at a point where it is finite")


def _reversed(graph: Graph) -> list[float]:
    """The gradient by the engine's reverse pass; the grads of the graph stay as they were."""
    output, before = graph.output, [(v, v.grad) for v in (*graph.order, *graph.inputs)]
    try:
        output.zero_grad()
        for v in graph.inputs:
            v.grad = 0.0
        if output.operands or output in graph.depends:
            output.backward()
        return [v.grad for v in graph.inputs]
    finally:
        for v, grad in before:
            v.grad = grad
