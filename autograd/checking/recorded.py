"""A check of our own gradient: of a function that was run on Values, or of an output that was
already recorded.

Each operation is examined alone, the reverse pass is compared with the sum over paths, the graph is
computed again at sixty digits, and the function itself is asked for numbers: so a wrong answer has
a place."""

import math
from collections.abc import Iterable, Sequence

from autograd.checking.causes import ADD, lost_paths, ratio
from autograd.checking.directions import SINGLY, Directions
from autograd.checking.graph import Graph, measured, numbers_of
from autograd.checking.probe import Probe
from autograd.checking.report import Entry, Finding, Report
from autograd.checking.rows import Partial, examined, sample
from autograd.checking.slopes import Slope
from autograd.checking.verdict import judged
from autograd.engine.domain import complaint
from autograd.engine.notation import short
from autograd.engine.value import Value

__all__ = ["Recorded"]

# Partials examined at first; all of them, if the numbers disagree.
FIRST = 1000


class Recorded:
    """A recorded output, the leaves to differentiate it by, and the function that it came from."""

    def __init__(self, output: Value, inputs: list[Value], probe: Probe) -> None:
        self.output, self.inputs, self.probe = output, inputs, probe
        self.graph = Graph(output, inputs)
        self.ours = _reversed(self.graph)
        self.troubles: list[Partial] = []
        self.findings: list[Finding] = []
        every = [v for v in self.graph.order if v.operands and v in self.graph.depends]
        chosen = sample(self.graph.order, self.graph.depends, FIRST)
        self.rest = every if len(chosen) < len(every) else []
        self._examine(chosen)
        self._add_up()

    def report(self, subject: str, seed: int = 0) -> Report:
        """Every input asked for numbers, and the verdict on all."""
        names, count, notes = self.probe.arguments.names, len(self.inputs), []
        if not math.isfinite(self.output.data):
            finding = self._undefined()
            pairs = zip(names, self.ours, strict=True)
            entries = [Entry(n, g, math.nan, math.inf, finding) for n, g in pairs]
            return Report(subject, tuple(entries), (*self.findings, finding))
        if count <= SINGLY:
            entries = [self._entry(i) for i in range(count)]
        else:
            entries = Directions(self.probe, [self.ours], self._judge, seed, "ours").entries()
            notes.append(
                f"{count} inputs: asked in random directions, bisected where these disagree"
            )
        if self.rest:
            notes.append("of each row some operations were examined, not all: the graph is large")
            if any(entry.verdict == "BUG" for entry in entries) and not self.findings:
                self._examine(self.rest)
        return Report(subject, tuple(entries), tuple(self.findings), notes=tuple(notes))

    def _entry(self, i: int) -> Entry:
        ours, x, line = self.ours[i], self.inputs[i].data, self.probe.line(i)
        found, source, faithful = measured(line, ours, x, self.graph, i)
        finding = self._judge(ours, found, faithful)
        name, value, error = self.probe.arguments.names[i], found.value, found.error
        return Entry(name, ours, value, error, finding, found.left, found.right, source)

    def _judge(self, ours: float, found: Slope, faithful: bool | None = None) -> Finding:
        """faithful says whether the graph is the function; None if that was not asked."""
        finding = judged(ours, found, self.troubles)
        known = {f.word: f for f in self.findings}
        if finding.word != "BUG" or "BUG" in known:
            return finding
        if "ACCUMULATION" in known:
            return known["ACCUMULATION"]
        if faithful is None or not math.isfinite(ours):
            return finding
        if not faithful:
            evidence = f"{finding.evidence}; every recorded operation is right, but the function "
            evidence += "depends on its input in a way that its graph does not hold"
            remedy = "look for detach(), .data, float(...), math.* or no_grad inside, or a branch "
            remedy += "for this very point"
            q, hint = finding.ratio, "not recorded"
            return Finding("BUG", evidence, remedy, ratio=q, hint=hint)
        if self.rest:
            return finding
        lost = [p for p in self.troubles if p.word == "inexact"]
        where = f" ({lost[0].op.name} loses most)" if lost else ""
        evidence = (
            f"every partial and every sum is right, yet floats lose the digits on the way{where}: "
        )
        evidence += f"ours is {short(ours)}, the derivative {short(found.value)}"
        remedy = "subtract large numbers before you apply functions to them"
        return Finding("ROUND-OFF", evidence, remedy)

    def _examine(self, results: Iterable[Value]) -> None:
        every = [p for value in results for p in examined(value, self.graph.depends)]
        self.troubles = [partial for partial in every if partial.word != "right"]
        self.findings += [p.finding for p in self.troubles if p.finding is not None]

    def _add_up(self) -> None:
        """The reverse pass against the sum over paths."""
        parts, sizes = self.graph.paths()
        names = self.probe.arguments.names
        for name, v, ours in zip(names, self.inputs, self.ours, strict=True):
            expected = math.fsum(parts[v]) if all(map(math.isfinite, parts[v])) else math.nan
            if abs(ours - expected) > 1e-9 * sizes[v]:
                self.findings.append(_lost(name, ours, expected, parts[v]))

    def _undefined(self) -> Finding:
        """Where the output left its domain: at the first operation that says so."""
        for value in self.graph.order:
            if (op := value.op) is None or not value.operands or math.isfinite(value.data):
                continue
            operands = tuple(op.grouped(numbers_of(value)))
            if sentence := complaint(op, operands, value.constants, value.data, value.operands):
                where = op.name, op.operands[0], value.operands[0].label
                return Finding("DOMAIN", sentence, "stay inside the domain", *where)
        evidence = f"the output is {short(self.output.data)}"
        return Finding("DOMAIN", evidence, "check at a point where it is finite")


def _lost(name: str, ours: float, expected: float, parts: Sequence[float]) -> Finding:
    hint = lost_paths(ours, parts)
    evidence = (
        f"{name}: every partial is right, but their sum over the paths is {short(expected)}, "
    )
    evidence += f"and the reverse pass gives {short(ours)}" + (f" ({hint})" if hint else "")
    remedy = f"add each contribution once, results before operands: {ADD}"
    q = ratio(ours, expected)
    return Finding("ACCUMULATION", evidence, remedy, label=name, ratio=q, hint=hint)


def _reversed(graph: Graph) -> list[float]:
    """The gradient by the reverse pass of the engine, which leaves the grads of the graph as they
    were.
    """
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
