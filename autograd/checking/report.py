"""What a check found: an Entry for each derivative, Findings that explain it, the Report of all."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any

from autograd.checking.slopes import EXACT, NUMBERS, close
from autograd.debugging.display import Table, Viewable
from autograd.engine.errors import GradientError
from autograd.engine.notation import legible, short

# Worst first; README.md says what each means. A KINK that is not valid ranks after ACCUMULATION.
VERDICTS = (
    *("BUG", "ACCUMULATION", "NONDETERMINISTIC", "IMPURE", "DISCONTINUOUS", "DOMAIN"),
    *("SINGULAR", "UNDECIDED", "ROUND-OFF", "TRUNCATION", "KINK", "OK"),
)
# The verdicts that tell what is on both sides of the point.
SIDED = ("KINK", "DISCONTINUOUS", "SINGULAR", "DOMAIN")
# What a derivative may be off by, besides simple fractions.
CONSTANTS = {"ln 2": math.log(2), "ln 10": math.log(10), "pi": math.pi, "sqrt 2": math.sqrt(2)}
CONSTANTS |= {f"1/{name}": 1 / x for name, x in CONSTANTS.items()}
CONSTANTS |= {"180/pi": 180 / math.pi, "pi/180": math.pi / 180}


@dataclass(frozen=True)
class Finding:
    """One thing that a check found out: a word, the evidence in a sentence, and what to do next.

    operation, operand and label say where; ratio is the checked derivative over the true one, and
    hint what such a ratio is called; valid is whether a number at a kink is a subgradient."""

    word: str
    evidence: str = ""
    remedy: str = ""
    operation: str = ""
    operand: str = ""
    label: str = ""
    ratio: float = math.nan
    hint: str = ""
    valid: bool = False

    @property
    def ok(self) -> bool:
        """Whether the derivative may be used: it is right, or a valid subgradient at a kink."""
        return self.word == "OK" or (self.word == "KINK" and self.valid)

    @property
    def rank(self) -> float:
        """The place among the verdicts, worst first."""
        return 1.5 if self.word == "KINK" and not self.valid else VERDICTS.index(self.word)

    def __repr__(self) -> str:
        said = ": ".join(filter(None, (self.word, self.evidence)))
        return f"{said}; {self.remedy}" if self.remedy else said


class _Judged:
    """What has a finding."""

    finding: Finding

    @property
    def verdict(self) -> str:
        """One word: that of its finding, which is the worst one of a report."""
        return self.finding.word

    @property
    def ok(self) -> bool:
        """Whether every derivative may be used."""
        return self.finding.ok


@dataclass(frozen=True)
class Entry(_Judged):
    """One derivative: ours (or yours), the number that it was compared with and the error of that.

    left and right are the slopes on both sides (at a jump, the values). source: finite differences,
    or the graph computed again at sixty digits. whose: ``ours`` if the engine computed it."""

    name: str
    ours: float
    numeric: float
    error: float
    finding: Finding
    left: float = math.nan
    right: float = math.nan
    source: str = NUMBERS
    whose: str = "ours"

    @property
    def digits(self) -> float:
        """The number of digits that agree; the error of the number counts against it."""
        wrong = abs(self.ours - self.numeric) + self.error
        if not math.isfinite(wrong):
            return 0.0
        size = max(abs(self.numeric), abs(self.ours))
        if size <= 10 * self.error:  # zero, as far as anyone can tell
            return min(16.0, max(0.0, -math.log10(wrong or 1e-16)))
        return 16.0 if wrong <= size * 1e-16 else max(0.0, -math.log10(wrong / size))

    def __repr__(self) -> str:
        return " ".join(" ".join(self.cells).split())

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The parts of its line in a report."""
        sided = self.verdict in SIDED and not math.isnan(self.left + self.right)
        last = f"{self.digits:.1f} digits" if self.verdict == "OK" else self.verdict
        if sided:
            what = "value" if self.verdict == "DISCONTINUOUS" else "slope"
            left, right = short(self.left + 0.0), short(self.right + 0.0)
            last += f" ({what} {left} on the left, {right} on the right)"
        ours, numeric = short(self.ours), short(self.numeric)
        if not self.ok:
            ours, numeric = apart(self.ours, self.numeric)
        known = f"numeric {numeric} ± {self.error:.1g}"
        if self.source == EXACT:
            known = f"true {numeric}"
        shown = math.isfinite(self.numeric) and self.verdict not in ("SINGULAR", "DOMAIN")
        shown &= not sided or self.left == self.right
        return self.name, f"{self.whose} {ours}", known if shown else "", last


@dataclass(frozen=True)
class Report(_Judged, Viewable):
    """The verdict on all derivatives, the worst of theirs: an entry for each, and the findings,
    worst first.

    calls is how often the function was evaluated, at how many points its own numbers were asked."""

    subject: str
    entries: tuple[Entry, ...]
    findings: tuple[Finding, ...] = ()
    calls: int = 0
    notes: tuple[str, ...] = ()

    @property
    def finding(self) -> Finding:  # type: ignore[override]
        """The worst of all findings."""
        every = [*self.findings, *(entry.finding for entry in self.entries)]
        return min(every, key=lambda finding: finding.rank, default=Finding("OK"))

    @property
    def digits(self) -> float:
        """The fewest digits in which a derivative and its number agree."""
        return min((entry.digits for entry in self.entries), default=0.0)

    @property
    def culprit(self) -> Finding | None:
        """The finding that names an operation, if one does."""
        every = (self.finding, *self.findings)
        return next((f for f in every if f.operation and f.rank <= every[0].rank), None)

    def __add__(self, other: "Report") -> "Report":
        names = [field.name for field in fields(self)[1:]]
        return Report(self.subject, *(getattr(self, x) + getattr(other, x) for x in names))

    def raise_if_wrong(self) -> None:
        """Raise GradientError, the report its message, unless every derivative may be used."""
        if not self.ok:
            raise GradientError(f"{self!r}")

    def __repr__(self) -> str:
        above, entries, below = self._laid_out
        rows = [entry.cells for entry in entries]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        cells = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
        return legible("\n".join([*above, *(f"  {row}" for row in cells), *below]), keep="\n")

    def _parts(self) -> Iterable[Any]:
        above, entries, below = self._laid_out
        shades = {(i, 3): 0.3 if entry.ok else -0.3 for i, entry in enumerate(entries)}
        return [*above, Table(("", "", "", ""), [e.cells for e in entries], shades), *below]

    @property
    def _laid_out(self) -> tuple[list[str], Sequence[Entry], list[str]]:
        """The findings, the derivatives that are shown, and what is said below them."""
        worst, count = self.finding, len(self.entries)
        if worst.word == "OK":
            derivatives = f"{count} derivative{'s' * (count != 1)} of {self.subject}"
            lines = [f"OK: {derivatives}, {self.digits:.1f} digits or more"]
            lines[0] += f" ({self.calls} evaluations)" if self.calls else ""
        else:
            where = next((e.name for e in self.entries if e.finding is worst and count > 1), "")
            lines = [": ".join(filter(None, (worst.word, where, worst.evidence)))]
        lines += [f"  -> {worst.remedy}"] if worst.remedy else []
        others = [f for f in self.findings if f is not worst]
        lines += [f"  also {finding!r}" for finding in others[:5]]
        lines += [f"  and {len(others) - 5} findings more"] if len(others) > 5 else []
        ranked = sorted(self.entries, key=lambda entry: entry.finding.rank)
        shown = self.entries if count <= 12 else ranked[:10]
        more = [f"  {count - len(shown)} more not shown"] if count > len(shown) else []
        return lines, shown, more + [f"  {note}" for note in self.notes]


def ratio(ours: float, true: float) -> float:
    """ours/true, and inf or nan where true is 0."""
    return ours / true + 0.0 if true else (math.copysign(math.inf, ours) if ours else math.nan)


def apart(a: float, b: float, digits: int = 4) -> tuple[str, str]:
    """Two numbers, in as many digits as tell them apart, but at least so many.

    >>> apart(12.0, 24.0), apart(12.00002, 12.0)
    (('12', '24'), ('12.00002', '12'))
    """
    texts = ((f"{a:.{n}g}", f"{b:.{n}g}") for n in range(digits, 18))
    return next((pair for pair in texts if pair[0] != pair[1]), (short(a), short(b)))


def described_ratio(q: float, hint: str) -> str:
    """``, ratio 2 (factor 2)``."""
    said = f", ratio {apart(q, 1.0, 6)[0]}" if math.isfinite(q) else ""
    return said + (f" ({hint})" if hint else "")


def named(ours: float, true: float) -> str:
    """The name of the ratio, if it has one: sign, zero, factor n or 1/n.

    >>> named(-0.5, 0.5), named(2.0, 1.0), named(1.01, 1.0)
    ('sign', 'factor 2', '')
    """
    if ours == 0 and true:
        return "zero: a term is missing, or the graph ends before it"
    q = ratio(ours, true)
    if not math.isfinite(q) or q == 0:
        return ""
    if close(q, -1):
        return "sign"
    simple = Fraction(abs(q)).limit_denominator(12)
    few = simple.denominator <= 4 or simple.numerator == 1
    factors = {f"{simple}": float(simple)} if simple != 1 and few and simple <= 100 else {}
    names = [name for name, x in (factors | CONSTANTS).items() if close(x, abs(q))]
    return f"factor {names[0]}{', and sign' * (q < 0)}" if names else ""


def swapped(ours: Sequence[float], true: Sequence[float]) -> tuple[int, int] | None:
    """The two places whose derivatives are exchanged, if that is what happened."""
    wrong = [i for i, (a, b) in enumerate(zip(ours, true, strict=True)) if not close(a, b)]
    if len(wrong) == 2:
        i, j = wrong
        if close(ours[i], true[j]) and close(ours[j], true[i]):
            return i, j
    return None
