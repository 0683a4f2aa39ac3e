"""Cases: the runs of the zoo, made again from their seeds, and what the doctor makes of them."""

import json
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.zoo import faulty_rows, faulty_runs
from tests.zoo.labelled_runs import HEALTHY, LabelledRun

GENERATORS: dict[str, Callable[[Random], LabelledRun]] = {
    HEALTHY: faulty_runs.healthy,
    "learning rate too small": faulty_runs.too_slow,
    "learning rate too large": faulty_runs.too_fast,
    "overfitting": faulty_runs.overfitting,
    "underfitting": faulty_runs.underfitting,
    "dead ReLUs": faulty_runs.dead,
    "saturated units": faulty_runs.saturated,
    "vanishing gradients": faulty_runs.vanishing,
    "exploding gradients": faulty_runs.exploding,
    "symmetric initial weights": faulty_runs.symmetric,
    "unscaled inputs": faulty_rows.unscaled,
    "class imbalance": faulty_rows.imbalance,
    "leaking validation rows": faulty_rows.leaking,
    "labels that this loss cannot fit": faulty_rows.unfit,
    "unscaled target": faulty_rows.unscaled_target,
    "features unrelated to the target": faulty_rows.shuffled,
}


@dataclass(frozen=True)
class Case:
    """A run whose problem is known, with rows that it never saw."""

    number: int
    problem: str
    labelled: LabelledRun

    def __str__(self) -> str:
        plan = self.labelled.plan
        optimizer = f"{type(plan.optimizer(plan.rate)).__name__}({plan.rate:.2g})"
        network = f"{list(plan.hidden)} {plan.activation}"
        return f"{self.problem} {self.number}: {plan.source} {network} {optimizer}"


COUNTS = {HEALTHY: 72}
EACH = 16
ATTEMPTS = Path(__file__).with_name(
    "zoo.json"
)  # for each case the first attempt in which its problem shows


def attempts() -> dict[str, list[int]]:
    return json.loads(ATTEMPTS.read_text()) if ATTEMPTS.exists() else {}  # type: ignore[no-any-return]


def generated(problem: str, number: int, attempt: int) -> LabelledRun:
    """The run of an attempt. The odd ones are of the third series: the first two were looked at."""
    series = " third series" if number % 2 else ""
    return GENERATORS[problem](Random(f"{problem}{series} {number} {attempt}"))


def first_attempt(problem: str, number: int) -> int:
    """The first attempt, by seeds in order, in which the problem shows."""
    for attempt in range(60):
        if generated(problem, number, attempt).shows():
            return attempt
    raise ValueError(f"no case of {problem} with the number {number}")


def case(problem: str, number: int) -> Case:
    """The case of that number, made again from its seed."""
    labelled = generated(problem, number, attempts()[problem][number])
    return Case(number, problem, labelled)


def numbers(problem: str) -> range:
    return range(COUNTS.get(problem, EACH))


@dataclass(frozen=True)
class Verdict:
    """What the doctor said of a case, and what its first remedy did."""

    case: Case
    said: str
    before: float = 0.0
    after: float = 0.0
    report: Any = None
    tried: bool = False

    @property
    def right(self) -> bool:
        return self.said == self.case.problem

    @property
    def better(self) -> bool:
        return self.after < self.before


def diagnosed(case: Case, remedy: bool = True) -> Verdict:
    """Ask the doctor, and try what it says."""
    from nn import rerun
    from nn.doctor import diagnose

    labelled = case.labelled
    config = labelled.history.config
    assert config is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = diagnose(labelled.history, labelled.model, labelled.plan.rest)
        said = report[0].name if report else HEALTHY
        by_hand = bool(report) and report[0].remedy.change is None
        if not remedy or said != case.problem or said == HEALTHY or by_hand:
            return Verdict(case, said, report=report)
        again = report[0].remedy.apply(config)
        model, _ = rerun(again)
        before, after = labelled.measure(labelled.model, config), labelled.measure(model, again)
    return Verdict(case, said, before, after, report, tried=True)


def printed(verdicts: list[Verdict]) -> None:
    """The confusion matrix and the success of the remedies."""
    names = [HEALTHY, *(name for name in GENERATORS if name != HEALTHY)]
    counts = Counter((v.case.problem, v.said) for v in verdicts)
    print(" " * 34 + "".join(f"{i:>4}" for i in range(len(names))) + "   remedy helps")
    for i, name in enumerate(names):
        of = [v for v in verdicts if v.case.problem == name and v.right and v.tried]
        helped = f"   {sum(v.better for v in of)} of {len(of)}" if of else ""
        print(
            f"{i:>2} {name:<31}"
            + "".join(f"{counts[name, other] or '.':>4}" for other in names)
            + helped
        )
    faulty = [v for v in verdicts if v.case.problem != HEALTHY]
    well = [v for v in verdicts if v.case.problem == HEALTHY]
    if faulty and well:
        right, wrong = sum(v.right for v in faulty), sum(not v.right for v in well)
        print(
            f"right problem {right} of {len(faulty)} = {right / len(faulty):.1%}; healthy called "
            f"faulty {wrong} of {len(well)}"
        )
