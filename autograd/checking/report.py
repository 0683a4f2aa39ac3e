"""What a check found: one Entry for each derivative, the Findings that explain it, and the Report
of all.

The words of a verdict, worst first: BUG, ACCUMULATION (each partial is right, their sum over paths
is not), KINK with an invalid subgradient, NONDETERMINISTIC, IMPURE (the function changed its
input), DISCONTINUOUS, DOMAIN, SINGULAR (an infinite slope), UNDECIDED, ROUND-OFF and TRUNCATION
(numbers cannot tell), KINK with a valid subgradient, OK."""

import math
from dataclasses import dataclass

from autograd.engine.errors import GradientError
from autograd.engine.notation import short

__all__ = ["EXACT", "NUMBERS", "VERDICTS", "Entry", "Finding", "Report"]

VERDICTS = (
    "BUG",
    "ACCUMULATION",
    "NONDETERMINISTIC",
    "IMPURE",
    "DISCONTINUOUS",
    "DOMAIN",
    "SINGULAR",
    "UNDECIDED",
    "ROUND-OFF",
    "TRUNCATION",
    "KINK",
    "OK",
)


# Where the number of an entry comes from.
NUMBERS, EXACT = "finite differences", "sixty digits"

SIDED = ("KINK", "DISCONTINUOUS", "SINGULAR", "DOMAIN")


@dataclass(frozen=True)
class Finding:
    """One thing that a check found out: a word, the evidence in a sentence, and what to do next.

    operation, operand and label say where; ratio is ours/true, and hint what such a ratio is
    called."""

    word: str
    evidence: str
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
        return ": ".join(filter(None, (self.word, self.evidence))) + (
            f"; {self.remedy}" if self.remedy else ""
        )


@dataclass(frozen=True)
class Entry:
    """One derivative: ours, the number that it was compared with and the error of that, how many
    digits agree.

    left and right are the slopes on both sides (at a jump, the values). source: finite differences,
    or the graph replayed at sixty digits."""

    name: str
    ours: float
    numeric: float
    error: float
    finding: Finding
    left: float = math.nan
    right: float = math.nan
    source: str = NUMBERS

    @property
    def verdict(self) -> str:
        """Its word."""
        return self.finding.word

    @property
    def ok(self) -> bool:
        """Whether this derivative may be used."""
        return self.finding.ok

    @property
    def digits(self) -> float:
        """The number of digits in which ours and the number agree, counting the error of the number
        against it.
        """
        wrong = abs(self.ours - self.numeric) + self.error
        if not math.isfinite(wrong):
            return 0.0
        size = max(abs(self.numeric), abs(self.ours))
        if size <= 10 * self.error:  # zero, as far as anyone can tell
            return min(16.0, max(0.0, -math.log10(wrong or 1e-16)))
        if wrong <= size * 1e-16 or wrong == 0:
            return 16.0
        return (
            max(0.0, -math.log10(wrong / size)) if size else min(16.0, max(0.0, -math.log10(wrong)))
        )

    def __repr__(self) -> str:
        return " ".join(" ".join(self.cells).split())

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The parts of its line in a report."""
        told = self.finding.word in SIDED and not math.isnan(self.left + self.right)
        last = f"{self.digits:.1f} digits" if self.finding.word == "OK" else self.finding.word
        last += f" {self.sides}" if told else ""
        known = (
            f"true {short(self.numeric)}"
            if self.source == EXACT
            else f"numeric {short(self.numeric)} ± {self.error:.1g}"
        )
        known = (
            known if math.isfinite(self.numeric) and (not told or self.left == self.right) else ""
        )
        return self.name, f"ours {short(self.ours)}", known, last

    @property
    def sides(self) -> str:
        """What is on both sides of the point."""
        what = "value" if self.finding.word == "DISCONTINUOUS" else "slope"
        return (
            f"({what} {short(self.left + 0.0)} on the left, {short(self.right + 0.0)} on the right)"
        )


@dataclass(frozen=True)
class Report:
    """The verdict on all derivatives, the worst of theirs: an entry for each, and the findings,
    worst first.

    calls is how often the function was evaluated, at how many points its own numbers were asked.
    """

    subject: str
    entries: tuple[Entry, ...]
    findings: tuple[Finding, ...] = ()
    calls: int = 0
    notes: tuple[str, ...] = ()

    @property
    def finding(self) -> Finding:
        """The worst of all findings."""
        every = [*self.findings, *(entry.finding for entry in self.entries)]
        return min(every, key=lambda finding: finding.rank, default=Finding("OK", ""))

    @property
    def verdict(self) -> str:
        """One word: the worst of the findings."""
        return self.finding.word

    @property
    def ok(self) -> bool:
        """Whether every derivative may be used."""
        return self.finding.ok

    @property
    def digits(self) -> float:
        """The fewest digits in which a derivative and its number agree."""
        return min((entry.digits for entry in self.entries), default=0.0)

    @property
    def culprit(self) -> Finding | None:
        """The finding that names an operation, if one does: its operation, operand, label, ratio
        and hint.
        """
        named = [
            f for f in (self.finding, *self.findings) if f.operation and f.rank <= self.finding.rank
        ]
        return named[0] if named else None

    def __add__(self, other: "Report") -> "Report":
        return Report(
            self.subject,
            self.entries + other.entries,
            self.findings + other.findings,
            self.calls + other.calls,
            self.notes + other.notes,
        )

    def raise_if_wrong(self) -> None:
        """Raise GradientError, with the report as its message, unless every derivative may be used."""
        if not self.ok:
            raise GradientError(f"{self!r}")

    def __repr__(self) -> str:
        worst = self.finding
        if worst.word == "OK":
            shown = f"{len(self.entries)} derivative{'s' * (len(self.entries) != 1)}"
            head = f"OK: {shown} of {self.subject}, {self.digits:.1f} digits or more"
            head += f" ({self.calls} evaluations)" if self.calls else ""
        else:
            where = next(
                (e.name for e in self.entries if e.finding is worst and len(self.entries) > 1), ""
            )
            head = ": ".join(filter(None, (worst.word, where, worst.evidence)))
        lines = [head]
        if worst.remedy:
            lines.append(f"  -> {worst.remedy}")
        others = [f for f in self.findings if f is not worst]
        lines += [f"  also {finding!r}" for finding in others[:5]]
        if len(others) > 5:
            lines.append(f"  and {len(others) - 5} findings more")
        # The worst first, if not all can be shown.
        ranked = sorted(self.entries, key=lambda entry: entry.finding.rank)
        shown_entries = self.entries if len(self.entries) <= 12 else ranked[:10]
        rows = [entry.cells for entry in shown_entries]
        widths = [max((len(row[i]) for row in rows), default=0) for i in range(4)]
        lines += [
            "  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        rest = len(self.entries) - len(shown_entries)
        if rest:
            lines.append(f"  {rest} more not shown")
        lines += [f"  {note}" for note in self.notes]
        return "\n".join(lines)
