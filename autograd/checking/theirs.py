"""A check of a derivative that somebody derived by hand, of any function: Python, NumPy, torch,
JAX.

>>> Derived(Arguments(math.sin, (1.0,), {}), lambda x: -math.cos(x), "gradient").report().finding.hint
'sign'
"""

import math
import random
from dataclasses import replace
from itertools import pairwise
from typing import Any

from autograd.checking.claim import Claim
from autograd.checking.inputs import Arguments, leaves
from autograd.checking.judgement import judged
from autograd.checking.many import Projection, Weighted
from autograd.checking.probe import Outside, Probe, shown
from autograd.checking.report import EXACT, NUMBERS, Entry, Finding, Report
from autograd.checking.slopes import Line, Slope, complex_step, quick, slope
from autograd.checking.twin import Twin
from autograd.checking.words import close, swapped
from autograd.engine.notation import called, described

__all__ = ["Derived"]

SINGLY = 40
# Derivatives asked one by one; beyond, the outputs are added up with random weights.
ONE_BY_ONE = 400


class Derived:
    """A function and what is claimed to be its derivative."""

    def __init__(self, arguments: Arguments, claim: Any, name: str) -> None:
        self.arguments, self.claim = arguments, Claim(arguments, claim, name)
        self.probe = Probe(arguments)
        self.subject = called(arguments.f)
        self.outputs: list[str] = []
        self.twin: Twin | None = None

    def report(self, seed: int = 0) -> Report:
        """Every derivative asked for numbers, and the verdict on all."""
        try:
            self._start()
        except Outside as outside:
            return self._undefined(f"the function is not defined ({outside})")
        self.probe.again()
        trouble = self.probe.trouble()
        if trouble:
            return Report(self.subject, (), (trouble,), self.probe.calls)
        jacobian = self.claim.jacobian(len(self.probe.centre))
        bad = next((y for y in self.probe.centre if not math.isfinite(y)), None)
        if bad is not None:
            return self._undefined(f"the function gives {bad}")
        self.twin = Twin.of(self.arguments, self.probe.centre)
        entries = self._entries(jacobian, seed)
        findings = self._exchanged(jacobian, entries)
        if not findings:
            entries = [
                replace(e, finding=self._named(e)) if e.verdict == "BUG" else e for e in entries
            ]
        self.probe.again(1 if all(entry.ok for entry in entries) else 8)
        trouble = self.probe.trouble()
        if trouble:
            findings = [trouble] if trouble.word == "NONDETERMINISTIC" else [*findings, trouble]
            entries = [] if trouble.word == "NONDETERMINISTIC" else entries
        if not self.claim.steady:
            evidence = f"{self.claim.name} gave different numbers for the same input"
            findings.append(Finding("NONDETERMINISTIC", evidence, "fix its seed"))
        if not self.claim.pure:
            evidence = f"{self.claim.name} changed the arguments that it was given"
            findings.append(
                Finding("IMPURE", evidence, "work on a copy: list(v), array.copy(), x + 0")
            )
        return Report(self.subject, tuple(entries), tuple(findings), self.probe.calls)

    def second(self, hessian: Any, seed: int = 0) -> Report:
        """A Hessian: against differences of the gradient, if that is given too, else of differences
        of the function.
        """
        given = self.arguments
        first = self.report(seed) if self.claim.claim is not None else None
        if first is not None and not first.ok:
            return first
        inner = Arguments(
            self.claim.claim if callable(self.claim.claim) else self._slopes(),
            given.args,
            given.kwargs,
        )
        inner.names = given.names
        derived = Derived(inner, hessian, "hessian")
        derived.subject, derived.outputs = self.subject, [f"d²/d{name} d" for name in given.names]
        report = derived.report(seed)
        return report if first is None else first + report

    def _slopes(self) -> Any:
        """The gradient of the function from numbers alone, as a function."""
        given = self.arguments
        result = self._start()
        if len(leaves(result)) != 1:
            raise TypeError(
                f"check needs f to return one number for a hessian, got {described(result)}"
            )

        def f(*args: Any, **kwargs: Any) -> list[float]:
            here = Arguments(given.f, args, kwargs)
            probe = Probe(here, on_values=self.probe.on_values)
            probe.centre = self.probe.centre
            return [_smooth(probe.line(i), here.numbers[i]) for i in range(len(here.numbers))]

        return f

    def _start(self) -> Any:
        """The function at the point; on Values, if floats are not what it takes (``x.tanh()``)."""
        try:
            return self.probe.start(self.arguments.numbers)
        except (TypeError, ValueError) as error:
            if not isinstance(error.__cause__, (AttributeError, TypeError)):
                raise
            refusal = error
        self.probe = Probe(self.arguments, on_values=True)
        try:
            return self.probe.start(self.arguments.numbers)
        except (TypeError, ValueError):
            raise refusal from refusal.__cause__

    def _undefined(self, says: str) -> Report:
        where = self.arguments.at(range(len(self.arguments.numbers)))
        finding = Finding("DOMAIN", f"{says} at {where}", "stay inside the domain")
        return Report(self.subject, (), (finding,), self.probe.calls)

    # Numbers

    def _entries(self, jacobian: list[list[float]], seed: int) -> list[Entry]:
        m, n = len(jacobian), len(self.arguments.numbers)
        if n <= SINGLY and m * n <= ONE_BY_ONE:
            lines = [self.probe.line(i) for i in range(n)]
            columns = [
                [self._entry(self._name(j, i, m), jacobian[j][i], lines[i], i, j) for j in range(m)]
                for i in shown(range(n), n, "inputs")
            ]
            return [columns[i][j] for j in range(m) for i in range(n)]
        if m <= 12:
            return [
                e
                for j in range(m)
                for e in Projection(self.probe, jacobian[j], seed, j).entries(judged)
            ]
        return self._weighted(jacobian, seed)

    def _weighted(self, jacobian: list[list[float]], seed: int) -> list[Entry]:
        """Many outputs: their sum with random weights; the wrong ones are found along the inputs
        that disagree.
        """
        rng = random.Random(seed)
        m, n = len(jacobian), len(self.arguments.numbers)
        sizes = [max((abs(g) for g in row if g - g == 0), default=0.0) for row in jacobian]
        typical = max(sizes) or 1.0
        weights = [
            rng.uniform(0.5, 1.5) * rng.choice((-1, 1)) / max(s, 1e-2 * typical) for s in sizes
        ]
        ours = [sum(w * row[i] for w, row in zip(weights, jacobian, strict=True)) for i in range(n)]
        entries = Projection(Weighted(self.probe, weights), ours, seed).entries(judged)
        named: list[Entry] = []
        for entry in entries:
            if not entry.ok and entry.name in self.arguments.names:
                i = self.arguments.names.index(entry.name)
                line = self.probe.line(i)
                every = [
                    self._entry(self._name(j, i, m), jacobian[j][i], line, i, j) for j in range(m)
                ]
                named += [e for e in every if not e.ok][:4]
        return named + entries

    def _name(self, j: int, i: int, m: int) -> str:
        name = self.arguments.names[i]
        if self.outputs:
            return f"{self.outputs[j]}{name}"
        return name if m == 1 else f"f[{j}] by {name}"

    def _entry(self, name: str, ours: float, line: Line, i: int, j: int) -> Entry:
        """One derivative: five values, or the twin at sixty digits, or as many values as it takes."""
        x, source = self.arguments.numbers[i], NUMBERS
        found = quick(line, ours, x, j)
        if found is None or self.twin is not None:
            truth = self.twin.slope(line, i) if self.twin is not None else None
            if truth is not None and (found is None or truth.kind == "smooth"):
                found, source = truth, EXACT
        if found is None:
            found = slope(line, j)
            if found.kind in ("smooth", "round-off", "truncation"):
                found = self._by_complex(found, ours, i, j)
        stairs = self._stairs(i, j) if found.kind == "flat" and ours else math.nan
        return Entry(
            name,
            ours,
            found.value,
            found.error,
            judged(ours, found, stairs=stairs),
            found.left,
            found.right,
            source,
        )

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
        numbers = list(self.arguments.numbers)
        numbers[i] = x
        return self.probe(numbers)[j]

    def _by_complex(self, found: Slope, ours: float, i: int, j: int) -> Slope:
        """The complex step where it confirms: it is exact for analytic functions, and wrong for
        others.
        """
        numbers: list[complex] = [complex(x) for x in self.arguments.numbers]

        def f(z: complex) -> Any:
            there = list(numbers)
            there[i] = z
            y = leaves(self.arguments.call_on_complex(there))[j]
            return y if abs(y.real - self.probe.centre[j]) <= 1e-9 * abs(y.real) else None

        value = complex_step(f, self.arguments.numbers[i])
        if value is None or not abs(value - found.value) <= 10 * found.error:
            return found
        if found.kind == "smooth" or close(value, ours, 1e-8):
            error = min(found.error, max(1e-14, 8 * self.probe.epsilon) * abs(value))
            return Slope("smooth", value, error, found.left, found.right, found.size)
        return found

    # Names for what is wrong

    def _exchanged(self, jacobian: list[list[float]], entries: list[Entry]) -> list[Finding]:
        """Two derivatives in each other's place, or the whole matrix transposed."""
        m, n = len(jacobian), len(self.arguments.numbers)
        if len(entries) != m * n or all(e.verdict != "BUG" for e in entries):
            return []
        pair = swapped([e.ours for e in entries], [e.numeric for e in entries])
        if pair and m == 1:
            i, j = pair
            evidence = f"the derivatives by {entries[i].name} and {entries[j].name} are exchanged"
            q, hint = entries[i].finding.ratio, "operands swapped"
            return [
                Finding("BUG", evidence, "swap them", label=entries[i].name, ratio=q, hint=hint)
            ]
        if m == n > 1 and all(
            close(e.numeric, jacobian[k % m][k // m]) for k, e in enumerate(entries)
        ):
            evidence = (
                "the matrix is transposed: its rows should be the outputs, its columns the inputs"
            )
            return [Finding("BUG", evidence, "transpose it", hint="transposed")]
        return []

    def _named(self, entry: Entry) -> Finding:
        """What is wrong, by name: a lost path, a forgotten inner derivative, a factor that is one
        here alone.
        """
        finding, q = entry.finding, entry.finding.ratio
        if entry.name not in self.arguments.names or finding.hint == "sign":
            return finding
        i = self.arguments.names.index(entry.name)
        if self.twin is not None and close(self.twin.true(i), entry.numeric):
            lost = self.twin.lost(i, entry.ours)
            if lost:
                remedy = "add the contribution of every path: operand.grad += partial * result.grad"
                return Finding(
                    "ACCUMULATION",
                    f"{finding.evidence}; {lost}",
                    remedy,
                    "",
                    "",
                    entry.name,
                    q,
                    lost,
                )
            inner = self.twin.inner(i, q)
            if inner:
                name, partial = inner
                evidence = f"{_plain(finding)}; ours lacks the factor {partial:.4g}, the derivative of {name}"
                hint = f"forgotten inner derivative, of {name}"
                return Finding(
                    "BUG", evidence, "multiply by it", name, entry.name, entry.name, q, hint
                )
        if finding.hint.startswith("factor") and not self._constant(entry, i):
            hint = "forgotten inner derivative"
            evidence = f"ours is {entry.ours:.4g}, the derivative {entry.numeric:.4g}; their ratio is {q:.4g} here, but not "
            evidence += (
                f"beside {entry.name} = {self.arguments.numbers[i]:.4g}: a {hint} would do that"
            )
            return replace(finding, evidence=evidence, hint=hint)
        return finding

    def _constant(self, entry: Entry, i: int) -> bool:
        """Whether ours/true is the same beside the point, as a factor is; True if that cannot be
        asked.
        """
        numbers = list(self.arguments.numbers)
        numbers[i] += 0.1 * (abs(numbers[i]) or 1.0)
        if not callable(self.claim.claim) or len(self.probe.centre) != 1:
            return True
        try:
            ours = self.claim.elsewhere(numbers)[i]
            found = slope(Line.of(lambda z: self._value(i, z), numbers[i], self.probe.epsilon))
        except (TypeError, ValueError):
            return True
        return (
            found.kind != "smooth"
            or not found.value
            or close(ours / found.value, entry.finding.ratio, 1e-3)
        )


def _plain(finding: Finding) -> str:
    """The evidence without the name of its ratio, when a better one is known."""
    return finding.evidence.removesuffix(f" ({finding.hint})")


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
