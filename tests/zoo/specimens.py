"""Specimens: the runs of the zoo, made again from their seeds, and what the doctor makes of them."""

import json
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests.zoo import of_rows, of_runs
from tests.zoo.breeding import HEALTHY, Bred

BREEDS: dict[str, Callable[[Random], Bred]] = {
    HEALTHY: of_runs.healthy,
    "learning rate too small": of_runs.too_slow,
    "learning rate too large": of_runs.too_fast,
    "overfitting": of_runs.overfitting,
    "underfitting": of_runs.underfitting,
    "dead ReLUs": of_runs.dead,
    "saturated units": of_runs.saturated,
    "vanishing gradients": of_runs.vanishing,
    "exploding gradients": of_runs.exploding,
    "symmetric initial weights": of_runs.symmetric,
    "unscaled inputs": of_rows.unscaled,
    "class imbalance": of_rows.imbalance,
    "leaking validation rows": of_rows.leaking,
    "labels that this loss cannot fit": of_rows.unfit,
    "unscaled target": of_rows.unscaled_target,
}


@dataclass(frozen=True)
class Specimen:
    """A run whose illness is known, with rows that it never saw."""

    number: int
    illness: str
    bred: Bred

    def __str__(self) -> str:
        plan = self.bred.plan
        optimizer = f"{type(plan.optimizer(plan.rate)).__name__}({plan.rate:.2g})"
        return f"{self.illness} {self.number}: {plan.source} {list(plan.hidden)} {plan.activation} {optimizer}"


COUNTS = {HEALTHY: 72}
EACH = 16
TRIES = Path(__file__).with_name(
    "zoo.json"
)  # for each specimen the first try in which its illness shows


def tries() -> dict[str, list[int]]:
    return json.loads(TRIES.read_text()) if TRIES.exists() else {}  # type: ignore[no-any-return]


def made(illness: str, number: int, attempt: int) -> Bred:
    """The run of a try. The odd ones are of the third series: the first two were looked at."""
    series = " third series" if number % 2 else ""
    return BREEDS[illness](Random(f"{illness}{series} {number} {attempt}"))


def found_anew(illness: str, number: int) -> int:
    """The first try, by seeds in order, in which the illness shows."""
    for attempt in range(60):
        if made(illness, number, attempt).shows():
            return attempt
    raise ValueError(f"no specimen of {illness} with the number {number}")


def specimen(illness: str, number: int) -> Specimen:
    """The specimen of that number, made again from its seed."""
    bred = made(illness, number, tries()[illness][number])
    return Specimen(number, illness, bred)


def numbers(illness: str) -> range:
    return range(COUNTS.get(illness, EACH))


@dataclass(frozen=True)
class Verdict:
    """What the doctor said of a specimen, and what its first remedy did."""

    specimen: Specimen
    said: str
    before: float = 0.0
    after: float = 0.0
    report: Any = None

    @property
    def right(self) -> bool:
        return self.said == self.specimen.illness

    @property
    def better(self) -> bool:
        return self.after < self.before


def examined(specimen: Specimen, remedy: bool = True) -> Verdict:
    """Ask the doctor, and try what it says."""
    from nn import rerun
    from nn.doctor import diagnose

    bred = specimen.bred
    recipe = bred.history.recipe
    assert recipe is not None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = diagnose(bred.history, bred.model, bred.plan.rest)
        said = report[0].name if report else HEALTHY
        if not remedy or said != specimen.illness or said == HEALTHY:
            return Verdict(specimen, said, report=report)
        again = report[0].remedy.apply(recipe)
        model, _ = rerun(again)
        before, after = bred.measure(bred.model, recipe), bred.measure(model, again)
    return Verdict(specimen, said, before, after, report)


def printed(verdicts: list[Verdict]) -> None:
    """The confusion matrix and the success of the remedies."""
    names = [HEALTHY, *(name for name in BREEDS if name != HEALTHY)]
    counts = Counter((v.specimen.illness, v.said) for v in verdicts)
    print(" " * 34 + "".join(f"{i:>4}" for i in range(len(names))) + "   remedy helps")
    for i, name in enumerate(names):
        of = [v for v in verdicts if v.specimen.illness == name and v.right and name != HEALTHY]
        helped = f"   {sum(v.better for v in of)} of {len(of)}" if of else ""
        print(
            f"{i:>2} {name:<31}"
            + "".join(f"{counts[name, other] or '.':>4}" for other in names)
            + helped
        )
    ill = [v for v in verdicts if v.specimen.illness != HEALTHY]
    well = [v for v in verdicts if v.specimen.illness == HEALTHY]
    if ill and well:
        right, wrong = sum(v.right for v in ill), sum(not v.right for v in well)
        print(
            f"right illness {right} of {len(ill)} = {right / len(ill):.1%}; healthy called ill {wrong} of {len(well)}"
        )
