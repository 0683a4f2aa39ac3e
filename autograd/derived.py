"""A check of a derivative that somebody derived by hand, of any function: Python, NumPy, torch, JAX.

>>> Derived(Arguments(math.sin, (1.0,), {}), lambda x: -math.cos(x), "gradient").report().finding.hint
'sign'
"""

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autograd.arguments import Arguments, leaves, same
from autograd.diagnosis import close, lost_paths, swapped
from autograd.judgement import judged
from autograd.notation import described
from autograd.numeric import Line, Slope, complex_step, quick, slope
from autograd.precise import exact_slope
from autograd.probe import Outside, Probe, real, shown, type_of
from autograd.projection import Projection
from autograd.replay import Replay
from autograd.value import Value
from autograd.verdict import Entry, Finding, Report

__all__ = ["Derived"]

SINGLY = 40
# Derivatives asked one by one; beyond, the outputs are added up with random weights.
ONE_BY_ONE = 400


class Derived:
    """A function and what is claimed to be its derivative: numbers, or a function that gives them."""

    def __init__(self, arguments: Arguments, claim: Any, name: str) -> None:
        self.arguments, self.claim, self.name = arguments, claim, name
        self.probe = Probe(arguments)
        self.outputs: list[str] = []
        self.graph: tuple[Replay, list[Value]] | None = None

    def report(self, seed: int = 0) -> Report:
        """Every derivative asked for numbers, and the verdict on all."""
        subject = _called(self.arguments.f)
        try:
            result = self._start()
        except Outside as outside:
            where = self.arguments.at(range(len(self.arguments.numbers)))
            finding = Finding("DOMAIN", f"the function is not defined at {where} ({outside})", "stay inside the domain")
            return Report(subject, (), (finding,), self.probe.calls)
        self.probe.again()
        trouble = self._manners()
        if trouble:
            return Report(subject, (), (trouble,), self.probe.calls)
        jacobian, findings = self._claimed(result)
        if any(not math.isfinite(y) for y in self.probe.centre):
            where = self.arguments.at(range(len(self.arguments.numbers)))
            finding = Finding(
                "DOMAIN", f"the function gives {self.probe.centre[0]} at {where}", "stay inside the domain"
            )
            return Report(subject, (), (*findings, finding), self.probe.calls)
        self.graph = self._recorded()
        entries = self._entries(jacobian, seed)
        findings += self._diagnosed(jacobian, entries)
        self.probe.again(1 if all(entry.ok for entry in entries) else 8)
        trouble = self._manners()
        if trouble and trouble.word == "NONDETERMINISTIC":
            entries, findings = [], [trouble]
        elif trouble:
            findings.append(trouble)
        return Report(subject, tuple(entries), tuple(findings), self.probe.calls)

    def second(self, claim: Any, seed: int = 0) -> Report:
        """A Hessian: against differences of the gradient, if that is given too, else of differences of the function."""
        given = self.arguments
        first = self.report(seed) if self.claim is not None else None
        if first is not None and not first.ok:
            return first
        if self.claim is not None and callable(self.claim):
            inner = Arguments(self.claim, given.args, given.kwargs)
        else:
            inner = Arguments(self._slopes(), given.args, given.kwargs)
        inner.names = given.names
        derived = Derived(inner, claim, "hessian")
        derived.outputs = [f"d²/d{name} d" for name in given.names]
        report = derived.report(seed)
        if first is None:
            return report
        calls = first.calls + report.calls
        return Report(first.subject, first.entries + report.entries, first.findings + report.findings, calls)

    def _slopes(self) -> Any:
        """The gradient of the function from numbers alone, as a function."""
        given = self.arguments
        result = self._start()
        if len(leaves(result)) != 1:
            raise TypeError(f"check needs f to return one number for a hessian, got {described(result)}")

        def f(*args: Any, **kwargs: Any) -> list[float]:
            here = Arguments(given.f, args, kwargs)
            probe = Probe(here, on_values=self.probe.on_values)
            probe.centre = self.probe.centre
            return [_smooth(probe.line(i), here.numbers[i]) for i in range(len(here.numbers))]

        return f

    # What it does besides

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

    def _manners(self) -> Finding | None:
        if not self.probe.steady:
            now = self.probe(self.arguments.numbers)
            evidence = f"f gave {self.probe.centre[0]:.6g} and then {now[0]:.6g} for the same input"
            return Finding("NONDETERMINISTIC", evidence, "fix its seed, or pass the random numbers in as arguments")
        if not self.probe.pure:
            evidence = "f changed the arguments that it was given, so its next call starts from other numbers"
            return Finding("IMPURE", evidence, "work on a copy: list(v), array.copy(), x + 0")
        return None

    # What is claimed

    def _claimed(self, result: Any) -> tuple[list[list[float]], list[Finding]]:
        """The claimed derivatives, a row for each output; refused, in one sentence, if there are too few or too many."""
        findings = []
        claim = self.claim
        if callable(claim):
            claim = self._called()
            again = self._called()
            if not same(leaves(claim), leaves(again)):
                evidence = f"{self.name} gave different numbers for the same input"
                findings.append(Finding("NONDETERMINISTIC", evidence, "fix its seed"))
        numbers, m, n = _reals(claim, self.name), len(self.probe.centre), len(self.arguments.numbers)
        if len(numbers) == m * n:
            groups = self.arguments.groups
            if m == 1 or len(groups) == 1:
                return [numbers[j * n : (j + 1) * n] for j in range(m)], findings
            # A Jacobian for each argument.
            rows: list[list[float]] = [[] for _ in range(m)]
            start = 0
            for group in groups:
                for j in range(m):
                    rows[j] += numbers[start + j * len(group) : start + (j + 1) * len(group)]
                start += m * len(group)
            return rows, findings
        if len(numbers) == m == n and len(self.arguments.groups) == 1:
            # Element by element: the Jacobian has nothing beside its diagonal.
            return [[g if i == j else 0.0 for i in range(n)] for j, g in enumerate(numbers)], findings
        needed = f"{n} numbers" if m == 1 else f"{m} x {n} numbers, one for each output and input"
        raise TypeError(f"check needs {self.name} to hold {needed}, got {described(claim)} with {len(numbers)}")

    def _called(self) -> Any:
        given = self.arguments
        try:
            claim, pure = given.call(given.numbers, self.claim)
        except Exception as error:
            where = given.at(range(len(given.numbers)))
            raise type_of(error)(
                f"check needs a derivative that runs: {self.name} raised {type(error).__name__} at {where}: {error}"
            ) from error
        self.probe.pure &= pure
        return claim

    # Numbers

    def _entries(self, jacobian: list[list[float]], seed: int) -> list[Entry]:
        m, n = len(jacobian), len(self.arguments.numbers)
        if n <= SINGLY and m * n <= ONE_BY_ONE:
            lines = [self.probe.line(i) for i in range(n)]
            entries = [
                self.entry(self._name(j, i, m), jacobian[j][i], lines[i], i, j)
                for i in shown(range(n), n, "inputs")
                for j in range(m)
            ]
            return entries if m == 1 else [entries[i * m + j] for j in range(m) for i in range(n)]
        if m <= 12:
            return [e for j in range(m) for e in Projection(self.probe, jacobian[j], seed, j).entries(judged)]
        return self._weighted(jacobian, seed)

    def _weighted(self, jacobian: list[list[float]], seed: int) -> list[Entry]:
        """Many outputs: their sum with random weights; the wrong ones are found along the directions that disagree."""
        rng = random.Random(seed)
        m, n = len(jacobian), len(self.arguments.numbers)
        sizes = [max((abs(g) for g in row if g - g == 0), default=0.0) for row in jacobian]
        typical = max(sizes) or 1.0
        weights = [rng.uniform(0.5, 1.5) * rng.choice((-1, 1)) / max(s, 1e-2 * typical) for s in sizes]
        ours = [sum(w * row[i] for w, row in zip(weights, jacobian, strict=True)) for i in range(n)]
        probe = _Weighted(self.probe, weights)
        entries = Projection(probe, ours, seed).entries(judged)
        named: list[Entry] = []
        for entry in entries:
            if not entry.ok and entry.name in self.arguments.names:
                i = self.arguments.names.index(entry.name)
                line = self.probe.line(i)
                every = [self.entry(self._name(j, i, m), jacobian[j][i], line, i, j) for j in range(m)]
                named += [e for e in every if not e.ok][:4]
        return entries + named

    def _name(self, j: int, i: int, m: int) -> str:
        name = self.arguments.names[i]
        if self.outputs:
            return f"{self.outputs[j]}{name}"
        return name if m == 1 else f"f[{j}] by {name}"

    def entry(self, name: str, ours: float, line: Line, i: int, j: int) -> Entry:
        """One derivative: five values, or as many as it takes, the complex step, the graph if f runs on Values."""
        x = self.arguments.numbers[i]
        found = quick(line, ours, x, j)
        if found is None:
            found = slope(line, j)
            exact = self._exact(line, i, j)
            if exact is not None:
                found = exact
            elif found.kind in ("smooth", "round-off", "truncation"):
                found = self._by_complex(found, ours, i, j)
        finding = judged(ours, found, stairs=self._stairs(i, j) if found.kind == "flat" and ours else math.nan)
        return Entry(name, ours, found.value, found.error, finding, found.left, found.right)

    def _stairs(self, i: int, j: int) -> float:
        """The slope over steps that are very large; nan if it differs between them, or between the sides."""
        x, f0 = self.arguments.numbers[i], self.probe.centre[j]
        slopes = []
        for k in range(2, 9):
            h = 10.0**k * max(1.0, abs(x))
            sides = [(self._value(i, x + s * h, j) - f0) / (s * h) for s in (-1, 1)]
            if all(map(math.isfinite, sides)) and close(*sides, 0.2) and sides[0]:
                slopes.append(sum(sides) / 2)
        return slopes[-1] if len(slopes) >= 3 and close(slopes[-1], slopes[-2], 0.1) else math.nan

    def _value(self, i: int, x: float, j: int) -> float:
        numbers = list(self.arguments.numbers)
        numbers[i] = x
        return self.probe(numbers)[j]

    def _by_complex(self, found: Slope, ours: float, i: int, j: int) -> Slope:
        """The complex step where it confirms: it is exact for analytic functions, and wrong for others."""
        numbers: list[complex] = [complex(x) for x in self.arguments.numbers]
        x = self.arguments.numbers[i]

        def f(z: complex) -> complex:
            there = list(numbers)
            there[i] = z
            y = leaves(self.arguments.call_on_complex(there))[j]
            if abs(y.real - self.probe.centre[j]) > 1e-9 * abs(y.real):
                raise ValueError("another function of complex numbers")
            return complex(y) if isinstance(y, complex) or hasattr(y, "imag") else y  # type: ignore[no-any-return]

        value = complex_step(f, x)
        if value is None or not abs(value - found.value) <= 10 * found.error:
            return found
        if found.kind == "smooth" or close(value, ours, 1e-8):
            return Slope("smooth", value, min(found.error, 1e-14 * abs(value)), found.left, found.right, found.size)
        return found

    # The same function on Values, where it runs on them

    def _recorded(self) -> tuple[Replay, list[Value]] | None:
        if len(self.probe.centre) != 1 or len(self.arguments.numbers) > SINGLY:
            return None
        try:
            variables, built = self.arguments.values()
            y = leaves(self.arguments.pass_to(self.arguments.f, built))[0]
        except Exception:
            return None
        if not isinstance(y, Value) or not y.operands or real(y) != self.probe.centre[0]:
            return None
        return Replay(y), variables

    def _exact(self, line: Line, i: int, j: int) -> Slope | None:
        """The slope of the recorded graph at sixty digits, if the graph is the function near the point."""
        if self.graph is None:
            return None
        replay, variables = self.graph
        x = self.arguments.numbers[i]
        if len(replay.order) > 400 or any(v.op and v.op.vocabulary for v in replay.order):
            return None
        scale = 0.3 * (abs(x) or 1.0)
        near = [t for t in line.known if 1e-9 * scale < abs(t) <= 1e-2 * scale]
        if not near:
            return None
        for t in near:
            y, again = line.at(t, j)[1], replay.at({variables[i]: x + t})
            if not abs(y - again) <= 1e-13 * abs(y):
                return None
        truth = exact_slope(lambda x, a: replay.at({variables[i]: x}, a, a.lift), x)
        if truth is None:
            return None
        return Slope(truth.kind, *map(float, (truth.value, 1e-16 * abs(truth.value), truth.left, truth.right)))

    # Names for what is wrong

    def _diagnosed(self, jacobian: list[list[float]], entries: list[Entry]) -> list[Finding]:
        wrong = [e for e in entries if e.verdict == "BUG"]
        if not wrong:
            return []
        if len(jacobian) == 1 and len(entries) == len(jacobian[0]) > 1:
            pair = swapped([e.ours for e in entries], [e.numeric for e in entries])
            if pair:
                i, j = pair
                evidence = f"the derivatives by {entries[i].name} and {entries[j].name} are exchanged"
                ratio = entries[i].finding.ratio
                return [
                    Finding("BUG", evidence, "swap them", label=entries[i].name, ratio=ratio, hint="operands swapped")
                ]
        transposed = _transposed(jacobian, entries)
        if transposed:
            return [transposed]
        for k, entry in enumerate(entries):
            if entry.verdict == "BUG":
                entries[k] = replace(entry, finding=self._named(entry))
        return []

    def _named(self, entry: Entry) -> Finding:
        """What is wrong, by name: a lost path, a forgotten inner derivative, a factor that is one here alone."""
        return self._by_graph(entry) or self._elsewhere(entry) or entry.finding

    def _elsewhere(self, entry: Entry) -> Finding | None:
        """A ratio of 1/4 at one point is a factor only if it is 1/4 at another point as well."""
        finding = entry.finding
        if not finding.hint.startswith("factor") or not callable(self.claim) or len(self.probe.centre) != 1:
            return None
        if entry.name not in self.arguments.names:
            return None
        i = self.arguments.names.index(entry.name)
        x = self.arguments.numbers[i]
        there = list(self.arguments.numbers)
        there[i] = x + 0.1 * (abs(x) or 1.0)
        try:
            ours = _reals(self.arguments.call(there, self.claim)[0], self.name)[i]
            found = slope(Line.of(lambda z: self._value(i, z, 0), there[i], self.probe.epsilon))
        except Exception:  # the point beside may be anything, a hint is no reason to fail
            return None
        q = ours / found.value if found.kind == "smooth" and found.value else math.nan
        if math.isnan(q) or close(q, finding.ratio, 1e-3):
            return None
        hint = "forgotten inner derivative"
        evidence = (
            f"ours is {entry.ours:.4g}, the derivative {entry.numeric:.4g}; the ratio is {finding.ratio:.4g} here and "
        )
        evidence += f"{q:.4g} at {entry.name} = {there[i]:.4g}, so no constant factor: a {hint} would do that"
        return replace(finding, evidence=evidence, hint=hint)

    def _by_graph(self, entry: Entry) -> Finding | None:
        """A lost path or a forgotten inner derivative, told from the graph of the same function on Values."""
        if self.graph is None or entry.finding.hint == "sign" or entry.name not in self.arguments.names:
            return None
        replay, variables = self.graph
        leaf = variables[self.arguments.names.index(entry.name)]
        grads: dict[Value, float] = {replay.output: 1.0}
        parts: list[float] = []
        for result in reversed(replay.order):
            for operand, partial in zip(result.operands, result.partials, strict=True):
                grads[operand] = grads.get(operand, 0.0) + partial * grads.get(result, 0.0)
                if operand is leaf:
                    parts.append(partial * grads.get(result, 0.0))
        if not close(sum(parts), entry.numeric):
            return None
        lost = lost_paths(entry.ours, parts)
        q = entry.finding.ratio
        if lost:
            evidence = f"{entry.finding.evidence}; {lost}"
            remedy = "add the contribution of every path: operand.grad += partial * result.grad"
            return Finding("ACCUMULATION", evidence, remedy, label=entry.name, ratio=q, hint=lost)
        for result in replay.order:
            for operand, partial in zip(result.operands, result.partials, strict=True):
                if operand in replay.depending([leaf]) and close(q * partial, 1) and not close(abs(partial), 1):
                    assert result.op is not None
                    inner = result.op.name
                    hint = f"forgotten inner derivative, of {inner}"
                    evidence = f"{entry.finding.evidence}; ours lacks the factor {partial:.4g}, "
                    evidence += f"which is the partial of {inner}"
                    return Finding("BUG", evidence, "multiply by it", inner, entry.name, entry.name, q, hint)
        return None


class _Weighted:
    """Many outputs as one, their sum with weights; asked along lines as a Probe is."""

    def __init__(self, probe: Probe, weights: Sequence[float]) -> None:
        self.probe, self.weights, self.arguments = probe, weights, probe.arguments

    def _summed(self, line: Line) -> Line:
        outputs = line.outputs

        def one(t: float) -> tuple[float, Sequence[float]]:
            step, numbers = outputs(t)
            return step, [math.fsum(w * y for w, y in zip(self.weights, numbers, strict=True))]

        return Line(one, line.reach, line.fine, line.epsilon)

    def line(self, i: int) -> Line:
        """The line along one input."""
        return self._summed(self.probe.line(i))

    def along(self, direction: dict[int, float]) -> Line:
        """The line along a direction."""
        return self._summed(self.probe.along(direction))


def _transposed(jacobian: list[list[float]], entries: list[Entry]) -> Finding | None:
    m = len(jacobian)
    if m < 2 or len(entries) != m * m or any(len(row) != m for row in jacobian):
        return None
    if all(
        close(e.numeric, jacobian[k % m][k // m]) or e.numeric == jacobian[k % m][k // m] for k, e in enumerate(entries)
    ):
        evidence = "the matrix is transposed: its rows should be the outputs, its columns the inputs"
        return Finding("BUG", evidence, "transpose it", hint="transposed")
    return None


def _reals(claim: Any, name: str) -> list[float]:
    numbers = []
    for g in leaves(claim):
        if (
            g is None
            or isinstance(g, (str, bytes, bool))
            or not (hasattr(type(g), "__float__") or isinstance(g, Value))
        ):
            hint = ": is a return missing?" if g is None else ""
            raise TypeError(f"check needs {name} to hold numbers, got {described(g)}{hint}")
        numbers.append(real(g))
    return numbers


def _smooth(line: Line, x: float) -> float:
    """A slope in six values, where the function is smooth within a fiftieth of x; as many as it takes elsewhere."""
    h = 0.02 * (abs(x) or 1.0)
    table = []
    for k in range(3):
        (dl, fl), (dr, fr) = line.at(-h / 2**k), line.at(h / 2**k)
        table.append((fr - fl) / (dr - dl) if dr != dl else math.nan)
    fine = [(4 * b - a) / 3 for a, b in zip(table, table[1:], strict=False)]
    value = (16 * fine[1] - fine[0]) / 15
    if abs(value - fine[1]) <= 1e-7 * (abs(value) + abs(table[0] - table[1])) + 1e-12:
        return value
    found = slope(line)
    return found.value if found.kind in ("smooth", "flat") else math.nan


def _called(f: Any) -> str:
    name: str = getattr(f, "__name__", "f")
    return "f" if name == "<lambda>" else name
