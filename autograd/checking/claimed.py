"""A check of a derivative that somebody derived by hand, of any function: Python, NumPy, torch,
JAX.

>>> wrong = Claimed(Arguments(math.sin, (1.0,), {}), lambda x: -math.cos(x), "gradient")
>>> wrong.report().finding.hint
'sign'
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

from autograd.checking.causes import ADD, lacking, lost_paths, ratio, swapped
from autograd.checking.directions import SINGLY, Directions
from autograd.checking.graph import Graph, measured
from autograd.checking.inputs import Arguments, rows
from autograd.checking.probe import COPY, Outside, Probe, alike, refused
from autograd.checking.report import Entry, Finding, Report
from autograd.checking.slopes import Line, close, slope
from autograd.checking.verdict import judged
from autograd.engine.notation import called, described

__all__ = ["Claimed"]


class Claimed:
    """A function, and what is claimed to be its derivative: numbers, or a function that gives them,
    in any of the usual shapes; name is what errors call it.
    """

    def __init__(self, arguments: Arguments, claim: Any, name: str, whose: str = "yours") -> None:
        self.arguments, self.claim, self.name, self.whose = arguments, claim, name, whose
        self.probe = Probe(arguments)
        self.subject = called(arguments.f)
        self.outputs: list[str] = []
        self.graph: Graph | None = None
        self.pure = True

    def report(self, seed: int = 0) -> Report:
        """Every derivative asked for numbers, and the verdict on all."""
        try:
            self._start()
        except Outside as outside:
            return self._undefined(f"the function is not defined ({outside})")
        return self.probe.questioned(self.subject, lambda: self._examined(seed))

    def _examined(self, seed: int) -> Report:
        at = self.arguments.numbers
        jacobian, again = self._jacobian(at), self._jacobian(at)
        pairs, epsilon = zip(jacobian, again, strict=True), self.arguments.epsilon
        steady = all(alike(now, before, epsilon) for before, now in pairs)
        bad = next((y for y in self.probe.centre if not math.isfinite(y)), None)
        if bad is not None:
            return self._undefined(f"the function gives {bad}")
        entries = self._entries(jacobian, seed)
        findings = self._exchanged(jacobian, entries)
        if not findings:
            entries = [
                e if e.verdict != "BUG" else replace(e, finding=self._named(e)) for e in entries
            ]
        if not steady:
            evidence = f"{self.name} gave different numbers for the same input"
            findings.append(Finding("NONDETERMINISTIC", evidence, "fix its seed"))
        if not self.pure:
            evidence = f"{self.name} changed the arguments that it was given"
            findings.append(Finding("IMPURE", evidence, COPY))
        return Report(self.subject, tuple(entries), tuple(findings))

    def second(self, hessian: Any, seed: int = 0) -> Report:
        """A Hessian: against differences of the gradient, if that is given too, else of differences
        of the function.
        """
        given, first = self.arguments, None
        if self.claim is not None and not (first := self.report(seed)).ok:
            return first
        gradient = self.claim if callable(self.claim) else self._slopes()
        inner = Arguments(gradient, given.args, given.kwargs, given.wrt)
        inner.names = given.names
        if gradient is not self.claim:
            inner.epsilon = max(inner.epsilon, 1e-10)
        claimed = Claimed(inner, hessian, "hessian")
        claimed.subject, claimed.outputs = self.subject, [f"d²/d{name} d" for name in given.names]
        report = claimed.report(seed)
        return first + report if first else report

    def _slopes(self) -> Any:
        """The gradient of the function from numbers alone, as a function."""
        given, result = self.arguments, self._start()
        if len(self.probe.centre) != 1:
            raise TypeError(
                f"check needs f to return one number for a hessian, got {described(result)}"
            )

        def f(*args: Any, **kwargs: Any) -> Any:
            here = Arguments(given.f, args, kwargs, given.wrt)
            probe = Probe(here, on_values=self.probe.on_values)
            probe.centre = self.probe.centre
            slopes = (_smooth(probe.line(i), x) for i, x in enumerate(here.numbers))
            answer = tuple(tree.build(slopes) for tree in given.trees.values())
            return answer if len(answer) > 1 else answer[0]

        return f

    def _start(self) -> Any:
        """The function at the point; on Values, if floats are not what it takes (``x.tanh()``)."""
        try:
            return self.probe.start()
        except (TypeError, ValueError) as error:
            if not isinstance(error.__cause__, (AttributeError, TypeError)):
                raise
            refusal = error
        self.probe = Probe(self.arguments, on_values=True)
        try:
            return self.probe.start()
        except (TypeError, ValueError):
            raise refusal from refusal.__cause__

    def _undefined(self, says: str) -> Report:
        finding = Finding("DOMAIN", f"{says} at {self.arguments.at()}", "stay inside the domain")
        return Report(self.subject, (), (finding,), self.probe.calls)

    def _jacobian(self, at: Sequence[float]) -> list[list[float]]:
        """What is claimed there, a row for each output."""
        claim, needed = self.claim, f"check needs {self.name} to hold"
        if callable(claim):
            try:
                claim, _, pure = self.arguments.call(at, claim)
            except Exception as error:
                runs = f"check needs a derivative that runs: {self.name}"
                raise refused(error, runs, self.arguments.at()) from error
            self.pure &= pure
        return rows(claim, self.arguments, self.probe.outside, needed)

    # Numbers

    def _entries(self, jacobian: list[list[float]], seed: int) -> list[Entry]:
        m, n = len(jacobian), len(self.arguments.numbers)
        if n > SINGLY:
            judge = partial(judged, whose=self.whose)
            return Directions(self.probe, jacobian, judge, seed, self.whose).entries()
        self.graph = Graph.of(self.arguments, self.probe.centre, self.arguments.numbers)
        lines = [self.probe.line(i) for i in range(n)]
        return [self._entry(jacobian, lines[i], i, j) for j in range(m) for i in range(n)]

    def _entry(self, jacobian: list[list[float]], line: Line, i: int, j: int) -> Entry:
        name, ours, x = self.arguments.names[i], jacobian[j][i], self.arguments.numbers[i]
        if self.outputs:
            name = f"{self.outputs[j]}{name}"
        elif len(jacobian) > 1:
            name = f"f[{j}] by {name}"
        found, source, _ = measured(line, ours, x, self.graph, i, j)
        stairs = self._stairs(i, j) if found.kind == "flat" and ours else math.nan
        finding = judged(ours, found, stairs=stairs, whose=self.whose)
        if finding.word == "ROUND-OFF" and self.outputs and not ours:
            # A second derivative of 0: the gradient is constant but for rounding.
            typical = abs(self.probe.centre[j]) / max(1.0, abs(x))
            if abs(found.value) <= 10 * found.error <= 1e-5 * typical:
                finding = Finding("OK")
        left, right, value, error = found.left, found.right, found.value, found.error
        return Entry(name, ours, value, error, finding, left, right, source, self.whose)

    def _stairs(self, i: int, j: int) -> float:
        """The slope over steps that are very large; nan if it differs between them, or between the
        sides.
        """
        x, f0 = self.arguments.numbers[i], self.probe.centre[j]
        slopes = []
        for k in range(2, 9):
            h = 10.0**k * max(1.0, abs(x))
            sides = [(self._value(i, x + s * h, j) - f0) / (s * h) for s in (-1, 1)]
            if all(map(math.isfinite, sides)) and close(sides[0], sides[1], 0.2) and sides[0]:
                slopes.append(sum(sides) / 2)
        return slopes[-1] if len(slopes) >= 3 and close(slopes[-1], slopes[-2], 0.1) else math.nan

    def _value(self, i: int, x: float, j: int = 0) -> float:
        at = list(self.arguments.numbers)
        return self.probe([*at[:i], x, *at[i + 1 :]])[j]

    # Names for what is wrong

    def _exchanged(self, jacobian: list[list[float]], entries: list[Entry]) -> list[Finding]:
        """Two derivatives in each other's place, or the whole matrix transposed."""
        m, n = len(jacobian), len(self.arguments.numbers)
        if len(entries) != m * n or all(e.verdict != "BUG" for e in entries):
            return []
        pair = swapped([e.ours for e in entries], [e.numeric for e in entries])
        if pair and m == 1:
            one, other = (entries[i] for i in pair)
            evidence = f"the derivatives by {one.name} and {other.name} are exchanged"
            q, hint = one.finding.ratio, "operands swapped"
            return [Finding("BUG", evidence, "swap them", label=one.name, ratio=q, hint=hint)]
        transposed = (close(e.numeric, jacobian[k % m][k // m]) for k, e in enumerate(entries))
        if m == n > 1 and all(transposed):
            evidence = "the matrix is transposed: rows should be the outputs, columns the inputs"
            return [Finding("BUG", evidence, "transpose it", hint="transposed")]
        return []

    def _named(self, entry: Entry) -> Finding:
        """What is wrong, by name, if only one cause explains the number: a lost path, a forgotten
        derivative, a factor that is one here alone.
        """
        finding, q, name = entry.finding, entry.finding.ratio, entry.name
        nameless = self.graph is None and not finding.hint.startswith("factor")
        if nameless or name not in self.arguments.names or finding.hint == "sign":
            return finding
        i = self.arguments.names.index(name)
        graph, beside = self._beside(i)
        if self.graph is not None:
            parts = self.graph.paths()[0][self.graph.inputs[i]]
            lost = "" if finding.hint.startswith("factor") else lost_paths(entry.ours, parts)
            cause = lacking(self.graph, i, q, (graph, beside) if graph else None)
            if lost and not cause:
                evidence, remedy = f"{finding.evidence}; {lost}", f"add them all: {ADD}"
                return Finding("ACCUMULATION", evidence, remedy, "", "", name, q, lost)
            if cause and not lost and close(math.fsum(parts), entry.numeric):
                evidence = finding.evidence.removesuffix(f" ({finding.hint})")
                evidence += f"; {self.whose} lacks {cause[1]}"
                part = cause[0].partition(", of ")[2]
                return Finding("BUG", evidence, "multiply by it", part, name, name, q, cause[0])
        if finding.hint.startswith("factor") and not (beside != beside or close(beside, q, 1e-3)):
            hint = "forgotten inner derivative"
            evidence = f"{self.whose} is {entry.ours:.4g}, the derivative {entry.numeric:.4g}; "
            evidence += f"their ratio is {q:.4g} here, but not beside {name} = "
            evidence += f"{self.arguments.numbers[i]:.4g}: a {hint} or a missing term would do that"
            return replace(finding, evidence=evidence, hint=hint)
        return finding

    def _beside(self, i: int) -> tuple[Graph | None, float]:
        """The graph at another point, if there is one, and the ratio there; nan if that cannot be
        asked.
        """
        aside = list(self.arguments.numbers)
        aside[i] += 0.1 * (abs(aside[i]) or 1.0)
        if not callable(self.claim) or len(self.probe.centre) != 1:
            return None, math.nan
        try:
            ours = self._jacobian(aside)[0][i]
            graph = self.graph and Graph.of(self.arguments, self.probe(aside), aside)
        except (TypeError, ValueError):
            return None, math.nan
        if graph:
            return graph, ratio(ours, math.fsum(graph.paths()[0][graph.inputs[i]]))
        found = slope(Line.of(lambda z: self._value(i, z), aside[i], self.probe.epsilon))
        return None, ratio(ours, found.value) if found.kind == "smooth" else math.nan


def _smooth(line: Line, x: float) -> float:
    """A slope in six values, where the function is smooth within a fiftieth of x; as many as it
    takes elsewhere.
    """
    h = 0.02 * (abs(x) or 1.0)
    table = []
    for k in range(3):
        (dl, fl), (dr, fr) = line.at(-h / 2**k), line.at(h / 2**k)
        table.append((fr - fl) / (dr - dl) if dr != dl else math.nan)
    fine = [(4 * b - a) / 3 for a, b in pairwise(table)]
    value = (16 * fine[1] - fine[0]) / 15
    if abs(value - fine[1]) <= 1e-7 * (abs(value) + abs(table[0] - table[1])) + 1e-12:
        return value
    found = slope(line)
    return found.value if found.kind in ("smooth", "flat") else math.nan
