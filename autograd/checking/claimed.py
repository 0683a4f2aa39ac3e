"""A check of a derivative that was derived by hand, of any function: Python, NumPy, torch, JAX."""

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from autograd.checking.comparison import SINGLY, Comparison, Direction
from autograd.checking.graph import ADD, Beside, Graph, lacking, lost_paths
from autograd.checking.inputs import Arguments, real, rows
from autograd.checking.line import Line
from autograd.checking.probe import COPY, Outside, Probe, alike, refused
from autograd.checking.report import Entry, Finding, Report, ratio, swapped
from autograd.checking.slopes import close, quick, slope
from autograd.engine.notation import described
from autograd.tree import Tree


class Claimed(Comparison):
    """A function, and what is claimed to be its derivative: numbers, or a function of them."""

    name = "gradient"

    def __init__(self, arguments: Arguments, claim: Any, whose: str = "yours") -> None:
        super().__init__(Probe(arguments), whose)
        self.given = arguments  # of the claim
        self.outside: Tree | None = None  # structure of the claim's rows, if not the function's
        self.claim, self.pure = claim, True

    def report(self, seed: int = 0, hessian: Any = None) -> Report:
        """Every derivative asked for numbers, and the verdict on all; then those of a Hessian."""
        try:
            result = self._start()
        except Outside as outside:
            return self.probe.undefined(outside)
        report = Report(self.probe.subject, ())
        if self.claim is not None:
            report = self.probe.questioned(lambda: self._examined(seed))
        if hessian is None or not report.ok:
            return report
        if len(self.probe.centre) != 1:
            needed = "check needs f to return one number for a hessian"
            raise TypeError(f"{needed}, got {described(result)}")
        if callable(self.claim):
            second = Hessian(self.arguments, lambda at: self._claimed(at)[0], hessian)
        else:
            second = Hessian(self.arguments, self._slopes, hessian, epsilon=1e-10)
        return report + second.report(seed)

    def _start(self) -> Any:
        """The function at the point; on Values, if floats are not what it takes (``x.tanh()``)."""
        try:
            return self.probe.start()
        except (TypeError, ValueError) as refusal:
            if isinstance(refusal.__cause__, (AttributeError, TypeError)):
                self.probe = Probe(self.arguments, on_values=True)
                with suppress(TypeError, ValueError):
                    return self.probe.start()
            raise

    def _examined(self, seed: int) -> Report:
        at, findings = self.arguments.numbers, list[Finding]()
        self.rows, again = self._jacobian(at), self._jacobian(at)
        if bad := [y for y in self.probe.centre if not math.isfinite(y)]:
            return self.probe.undefined(f"the function gives {bad[0]}")
        if len(at) <= SINGLY:
            self.graph = Graph.of(self.arguments, self.probe.centre, at)
        entries = self.entries(seed)
        if exchanged := self._exchanged(entries):
            findings.append(exchanged)
        else:
            entries = [replace(e, finding=self._named(e)) for e in entries]
        pairs = zip(self.rows, again, strict=True)
        if not all(alike(now, before, self.arguments.epsilon) for before, now in pairs):
            evidence = f"{self.name} gave different numbers for the same input"
            findings.append(Finding("NONDETERMINISTIC", evidence, "fix its seed"))
        if not self.pure:
            evidence = f"{self.name} changed the arguments that it was given"
            findings.append(Finding("IMPURE", evidence, COPY))
        return Report(self.probe.subject, tuple(entries), tuple(findings))

    def _jacobian(self, at: Sequence[float]) -> list[list[float]]:
        """What is claimed there, a row for each output."""
        return [list(map(real, row)) for row in self._claimed(at)]

    def _claimed(self, at: Sequence[Any]) -> list[list[Any]]:
        claim = self.claim
        if callable(claim):
            try:
                claim, _, pure = self.given.call(at, claim)
            except Exception as error:
                runs = f"check needs a derivative that runs: {self.name}"
                raise refused(error, runs, self.given.at()) from error
            self.pure &= pure
        outside = self.outside or self.probe.outside
        return rows(claim, self.given, outside, f"check needs {self.name} to hold")

    def _slopes(self, at: Sequence[float]) -> list[float]:
        """The gradient from numbers alone."""
        lines = (self.probe.along({i: 1.0}, at) for i in range(len(at)))
        found = (quick(line, None, x) or slope(line) for line, x in zip(lines, at, strict=True))
        return [one.value for one in found]

    def _exchanged(self, entries: list[Entry]) -> Finding | None:
        """Two derivatives in each other's place, or the whole matrix transposed."""
        m, n = len(self.rows), len(self.arguments.numbers)
        if len(entries) != m * n or all(e.verdict != "BUG" for e in entries):
            return None
        pair = swapped([e.ours for e in entries], [e.numeric for e in entries])
        if pair and m == 1:
            one, other = (entries[i] for i in pair)
            evidence = f"the derivatives by {one.name} and {other.name} are exchanged"
            q, hint = one.finding.ratio, "operands swapped"
            return Finding("BUG", evidence, "swap them", label=one.name, ratio=q, hint=hint)
        transposed = (close(e.numeric, self.rows[k % m][k // m]) for k, e in enumerate(entries))
        if m == n > 1 and all(transposed):
            evidence = "the matrix is transposed: rows should be the outputs, columns the inputs"
            return Finding("BUG", evidence, "transpose it", hint="transposed")
        return None

    def _named(self, entry: Entry) -> Finding:
        """What is wrong, by name, if only one cause explains the number."""
        finding, q, name = entry.finding, entry.finding.ratio, entry.name
        factor = finding.hint.startswith("factor")
        if entry.verdict != "BUG" or finding.hint == "sign" or name not in self.arguments.names:
            return finding
        i, graph = self.arguments.names.index(name), self.graph
        parts = graph.paths()[0][graph.inputs[i]] if graph else []
        graph = graph if close(sum(parts), entry.numeric) else None  # math.sin(x) has cut it
        if graph is None and not factor:
            return finding
        beside, said = self._beside(i, graph), finding.evidence.removesuffix(f" ({finding.hint})")
        if graph is not None:
            lost = "" if factor else lost_paths(entry.ours, parts)
            part, lacks = lacking(graph, i, q, beside)
            if lost and not part:
                evidence, remedy = f"{finding.evidence}; {lost}", f"add them all: {ADD}"
                return Finding("ACCUMULATION", evidence, remedy, "", "", name, q, lost)
            if part and not lost:
                evidence = f"{said}; {self.whose} lacks {lacks}"
                operation = part.partition(", of ")[2]
                return Finding("BUG", evidence, "multiply by it", operation, name, name, q, part)
        if factor and not (math.isnan(beside[1]) or close(beside[1], q, 1e-3)):
            hint = "forgotten inner derivative"
            evidence = f"{said} here alone: a {hint}, or a missing term"
            return replace(finding, evidence=evidence, hint=hint)
        return finding

    def _beside(self, i: int, graph: Graph | None) -> Beside:
        """The graph at another point, and the ratio there; None and nan where there is none."""
        aside = list(self.arguments.numbers)
        aside[i] += 0.1 * (abs(aside[i]) or 1.0)
        if not callable(self.claim) or len(self.probe.centre) != 1:
            return None, math.nan
        try:
            ours = self._jacobian(aside)[0][i]
            graph = graph and Graph.of(self.arguments, self.probe(aside), aside)
        except (TypeError, ValueError):
            return None, math.nan
        if graph:
            return graph, ratio(ours, math.fsum(graph.paths()[0][graph.inputs[i]]))
        found = slope(self.probe.along({i: 1.0}, aside))
        return None, ratio(ours, found.value) if found.kind == "smooth" else math.nan


class Hessian(Claimed):
    """The gradient of a function as a function of a flat list, and its claimed derivative."""

    name = "hessian"

    def __init__(
        self, given: Arguments, gradient: Any, claim: Any, whose: str = "yours", epsilon: float = 0
    ) -> None:
        flat = Arguments(gradient, (list(given.numbers),), {})
        flat.names, flat.epsilon = given.names, max(given.epsilon, epsilon)
        super().__init__(flat, claim, whose)
        self.given, self.outside = given, given.tree
        self.outputs = [f"d²/d{name} d" for name in given.names]

    def entry(self, line: Line, direction: Direction, j: int, name: str = "") -> Entry:
        """A derivative, which is 0 where the gradient is constant but for rounding."""
        entry = super().entry(line, direction, j, name)
        x = self.arguments.numbers[min(direction)]
        typical = abs(self.probe.centre[j]) / max(1.0, abs(x))
        rounding = abs(entry.numeric) <= 10 * entry.error <= 1e-5 * typical
        if entry.verdict == "ROUND-OFF" and not entry.ours and rounding:
            return replace(entry, finding=Finding("OK"))
        return entry
