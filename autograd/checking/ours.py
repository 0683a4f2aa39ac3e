"""A check of our own gradient: of a function that was run on Values, or of an output that was
already recorded.

Each operation is examined alone, the reverse pass is compared with the sum over paths and with
forward mode, the graph is replayed at sixty digits, and the function itself is asked for numbers:
so a wrong answer has a place."""

import math
import random
from collections.abc import Sequence

from autograd.checking.digits import exact_slope, in_floats
from autograd.checking.judgement import judged
from autograd.checking.many import Projection
from autograd.checking.probe import Probe, shown
from autograd.checking.replay import Replay, numbers_of
from autograd.checking.report import EXACT, Entry, Finding, Report
from autograd.checking.rows import Partial, left_domain, row_word, sample, suspects
from autograd.checking.slopes import Line, Slope, quick, slope
from autograd.checking.words import forgotten, lost_paths, named, ratio, swapped
from autograd.engine.notation import short
from autograd.engine.reverse import sweep
from autograd.engine.table import Op
from autograd.engine.value import Value

__all__ = ["Traced", "wrong_partial"]

# Partials examined at first (all of them, if the numbers disagree), and operations replayed at
# sixty digits.
LOCAL, REPLAYED = 1000, 2000
# Up to so many inputs are asked one by one; more of them in random directions.
SINGLY = 40


class Traced:
    """A recorded output, the leaves to differentiate it by, and the function that it came from."""

    def __init__(self, output: Value, inputs: list[Value], probe: Probe) -> None:
        self.output, self.inputs, self.probe = output, inputs, probe
        self.replay = Replay(output)
        self.depends = self.replay.depending(inputs)
        self.ours = _reversed(self.replay, output, inputs)
        self.troubles: list[Partial] = []
        self.findings: list[Finding] = []
        chosen = sample(self.replay.order, self.depends, LOCAL)
        self.whole = len(chosen) == sum(
            1 for v in self.replay.order if v.operands and v in self.depends
        )
        self._look(chosen)
        self._add_up()

    def report(self, subject: str, seed: int = 0) -> Report:
        """Every input asked for numbers, and the verdict on all."""
        names, notes = self.probe.arguments.names, []
        if not math.isfinite(self.output.data):
            return Report(
                subject, self._nowhere(), (*self.findings, self._undefined()), self.probe.calls
            )
        if len(self.inputs) <= SINGLY:
            every = range(len(self.inputs))
            entries = [
                self.entry(names[i], self.ours[i], i) for i in shown(every, len(every), "inputs")
            ]
        else:
            entries = Projection(self.probe, self.ours, seed).entries(self._judge)
            notes.append(
                f"{len(self.inputs)} inputs: asked in random directions, bisected where these disagree"
            )
        if not self.whole:
            notes.append("of each row some operations were examined, not all: the graph is large")
        if (
            any(entry.verdict == "BUG" for entry in entries)
            and not self.findings
            and not self.whole
        ):
            self._look(v for v in self.replay.order if v.operands and v in self.depends)
        return Report(subject, tuple(entries), tuple(self.findings), self.probe.calls, tuple(notes))

    # One derivative

    def entry(self, name: str, ours: float, i: int) -> Entry:
        """One input: five values of the function, then the graph at sixty digits, then as many
        values as it takes.
        """
        x = self.inputs[i].data
        line = self.probe.line(i)
        found: Slope | None = quick(line, ours, x)
        truth = self._truth(i)
        # Numbers and sixty digits agree, or the graph is the function; else only the function
        # itself counts.
        if truth is not None and ((found and truth.kind == "smooth") or self._faithful(line, i)):
            value = in_floats(truth)
            finding = self._judge(ours, value, True)
            return Entry(
                name, ours, value.value, value.error, finding, value.left, value.right, EXACT
            )
        found = found or slope(line)
        finding = self._judge(ours, found, found.kind == "smooth" and self._faithful(line, i))
        return Entry(name, ours, found.value, found.error, finding, found.left, found.right)

    def _judge(self, ours: float, found: Slope, faithful: bool | None = None) -> Finding:
        finding = judged(ours, found, self.troubles)
        known = {f.word: f for f in self.findings}
        if finding.word != "BUG" or "BUG" in known:
            return finding
        if "ACCUMULATION" in known:
            return known["ACCUMULATION"]
        if faithful is None or not math.isfinite(
            ours
        ):  # many inputs in one direction, or no number to lose digits of
            return finding
        if faithful and self.whole:
            lost = [p for p in self.troubles if p.word == "inexact"]
            where = f" ({lost[0].op.name} loses most)" if lost else ""
            return Finding(
                "ROUND-OFF",
                f"every partial and every sum is right, yet floats lose the digits on the way{where}: ours is "
                f"{short(ours)}, the derivative {short(found.value)}",
                "subtract large numbers before you apply functions to them",
            )
        if faithful:
            return finding
        return Finding(
            "BUG",
            f"{finding.evidence}; every recorded operation is right, but the function depends on its input in a way "
            "that its graph does not hold",
            "look for detach(), .data, float(...), math.* or no_grad inside, or a branch for this very point",
            ratio=finding.ratio,
            hint="not recorded",
        )

    def _truth(self, i: int) -> Slope | None:
        """The slope of the recorded graph along one input, at sixty digits; None if that would take
        long.
        """
        if len(self.inputs) * len(self.depends) > REPLAYED or any(
            v.op and v.op.vocabulary for v in self.depends
        ):
            return None
        leaf = self.inputs[i]
        return exact_slope(lambda x, a: self.replay.at({leaf: x}, a, a.lift), leaf.data)

    def _faithful(self, line: Line, i: int) -> bool:
        """Whether the recorded graph, computed again, is the function near the point, on both
        sides.
        """
        x, f0 = self.inputs[i].data, line.at(0.0)[1]
        agree = []
        for side in (
            sorted(t for t in line.known if t < 0)[::-1],
            sorted(t for t in line.known if t > 0),
        ):
            moved = steps = 0
            for t in side:
                y, again = line.at(t)[1], self.replay.at({self.inputs[i]: x + t})
                if not (
                    again == y or (again != again and y != y) or abs(again - y) <= 1e-15 * abs(y)
                ):
                    break
                steps += 1
                moved += y != f0
            agree.append(moved >= min(4, len(side)) or steps == len(side))
        return all(agree)

    # All of them

    def _look(self, results: Sequence[Value] | object) -> None:
        self.troubles = list(suspects(results, self.depends))  # type: ignore[arg-type]
        for partial in self.troubles:
            if partial.word == "wrong":
                self.findings.append(
                    self._wrong(partial, numbers_of(partial.result), partial.ours, partial.slope)
                )
            elif partial.word == "kink" and not partial.valid:
                self._beside(partial)

    def _beside(self, partial: Partial) -> None:
        """An invalid subgradient: is the row wrong beside its kink too?"""
        given = numbers_of(partial.result)
        b, i = place(given, partial.position)
        x = given[b][i]
        for there in (x - 0.1 * (abs(x) or 1), x + 0.1 * (abs(x) or 1)):
            given[b][i] = there
            word, ours, found = row_word(partial.op, given, partial.result.constants, b, i)
            if word == "wrong":
                self.findings.append(self._wrong(partial, given, ours, found))
                return

    def _wrong(
        self, partial: Partial, given: list[list[float]], ours: float, found: Slope
    ) -> Finding:
        b, i = place(given, partial.position)
        constants, label = partial.result.constants, partial.operand.label
        return wrong_partial(partial.op, given, constants, b, i, ours, float(found.value), label)

    def _add_up(self) -> None:
        """The reverse pass against the sum over paths, and against forward mode in a random
        direction.
        """
        parts, sizes = _paths(self.replay, self.output, self.inputs, self.depends)
        rng = random.Random(0)
        direction = {v: rng.uniform(0.5, 1.5) for v in self.inputs}
        names = self.probe.arguments.names
        for name, v, ours in zip(names, self.inputs, self.ours, strict=True):
            expected, size = (
                math.fsum(parts[v]) if all(map(math.isfinite, parts[v])) else math.nan,
                sizes[v],
            )
            if abs(ours - expected) > 1e-9 * size:
                self.findings.append(self._lost(name, ours, expected, parts[v]))
        forward = _forward(self.replay, direction, self.depends)
        reverse = sum(ours * direction[v] for v, ours in zip(self.inputs, self.ours, strict=True))
        size = sum(sizes[v] * direction[v] for v in self.inputs)
        if abs(forward - reverse) > 1e-8 * size and not self.findings:
            self.findings.append(self._lost("all inputs together", reverse, forward, []))

    def _lost(self, name: str, ours: float, expected: float, parts: Sequence[float]) -> Finding:
        hint = lost_paths(ours, parts)
        evidence = (
            f"{name}: every partial is right, but their sum over the paths is {short(expected)}, "
        )
        evidence += f"and the reverse pass gives {short(ours)}" + (f" ({hint})" if hint else "")
        remedy = "add each contribution once, results before operands: operand.grad += partial * result.grad"
        return Finding(
            "ACCUMULATION", evidence, remedy, label=name, ratio=ratio(ours, expected), hint=hint
        )

    def _undefined(self) -> Finding:
        for value in self.replay.order:
            sentence = left_domain(value)
            if sentence and value.op is not None:
                operand = value.operands[0]
                return Finding(
                    "DOMAIN",
                    sentence,
                    "stay inside the domain",
                    value.op.name,
                    value.op.operands[0],
                    operand.label,
                )
        return Finding(
            "DOMAIN",
            f"the output is {short(self.output.data)}",
            "check at a point where it is finite",
        )

    def _nowhere(self) -> tuple[Entry, ...]:
        finding = self._undefined()
        names = self.probe.arguments.names
        return tuple(
            Entry(n, g, math.nan, math.inf, finding) for n, g in zip(names, self.ours, strict=True)
        )


def wrong_partial(
    op: Op,
    given: list[list[float]],
    constants: tuple[float, ...],
    b: int,
    i: int,
    ours: float,
    true: float,
    label: str = "",
) -> Finding:
    """The finding on a partial that is not the slope of its row's result: where, by how much, what
    that is called.
    """
    name = op.operands[b]
    by = f"{name[1:]}[{i}]" if name.startswith("*") else name
    q = ratio(ours, true)
    exchanged = None
    if op.operands == ("a", "b"):
        both = [row_word(op, given, constants, k, 0) for k in (0, 1)]
        exchanged = swapped([p for _, p, _ in both], [float(s.value) for _, _, s in both])
    numbers = dict(
        zip(
            [*op.operands, *(n for n, _ in op.constants)],
            [*(m[0] for m in given), *constants],
            strict=True,
        )
    )
    plain = named(ours, true)
    inner = forgotten(op, numbers, q) if plain.startswith("factor") or not plain else ""
    hint = "operands swapped" if exchanged else inner or plain
    at = label or short(given[b][i])
    evidence = f"{op.name}: its partial by {by} ({at}) is {short(ours)}, the slope of its result {short(true)}"
    evidence += (f", ratio {q:.6g}" if math.isfinite(q) else "") + (f" ({hint})" if hint else "")
    remedy = f"mend the row {op.name}, where dy/d{name.lstrip('*')} = {op.partials[b]}"
    return Finding("BUG", evidence, remedy, op.name, by, label, q, hint)


def place(given: list[list[float]], position: int) -> tuple[int, int]:
    """The bundle of an operand, and its place in it."""
    for b, many in enumerate(given):
        if position < len(many):
            return b, position
        position -= len(many)
    raise IndexError(position)


def _reversed(replay: Replay, output: Value, inputs: list[Value]) -> list[float]:
    """The gradient by the reverse pass of the engine, which leaves the grads of the graph as they
    were.
    """
    before = [(v, v.grad) for v in replay.order]
    try:
        output.zero_grad()
        for v in inputs:
            v.grad = 0.0
        if output.operands or output in inputs:
            output.backward()
        return [v.grad for v in inputs]
    finally:
        for v, grad in before:
            v.grad = grad


def _paths(
    replay: Replay, output: Value, inputs: list[Value], depends: set[Value]
) -> tuple[dict[Value, list[float]], dict[Value, float]]:
    """The contributions to each input, and the sum of their sizes along all paths, from the
    recorded partials.
    """
    grads, sizes = {output: 1.0}, {output: 1.0}
    parts: dict[Value, list[float]] = {v: [1.0] if v is output else [] for v in inputs}
    for result, _, operand, partial, _, contribution in sweep(replay.order, grads):
        if operand in depends:
            sizes[operand] = sizes.get(operand, 0.0) + abs(partial) * sizes[result]
            if operand in parts:
                parts[operand].append(contribution)
    return parts, {v: sizes.get(v, 0.0) for v in inputs}


def _forward(replay: Replay, direction: dict[Value, float], depends: set[Value]) -> float:
    """The derivative along a direction, operands before results."""
    slopes = dict(direction)
    for result in replay.order:
        if result in depends and result not in slopes:
            pairs = zip(result.operands, result.partials, strict=True)
            slopes[result] = math.fsum(_finite(p * slopes[v]) for v, p in pairs if v in slopes)
    return slopes.get(replay.output, 0.0)


def _finite(x: float) -> float:
    return x if math.isfinite(x) else math.nan
