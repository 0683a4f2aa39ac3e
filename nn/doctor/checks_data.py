"""Checks of the rows: targets that cannot be fitted, rows in both parts, scales, rare classes."""

from collections import Counter
from math import e, hypot, inf, sqrt
from statistics import fmean, pstdev

import nn.doctor.remedies as remedies
import nn.doctor.thresholds as thresholds
from nn.activations import RANGES
from nn.data.dataset import Dataset
from nn.doctor.data_stats import (
    contradicted,
    majority,
    repeated,
    repeats_expected,
    scales,
    shared,
)
from nn.doctor.remedies import Finding, Remedy
from nn.doctor.run_facts import RunFacts, shown
from nn.training.checks import squashed

__all__ = ["imbalance", "leak", "unfit", "unrelated", "unscaled", "unscaled_target"]


def unfit(run: RunFacts) -> Finding | None:
    """Targets that the last activation cannot output, class numbers fitted as quantities, and equal
    rows with different targets.
    """
    return _squashed(run) or _out_of_range(run) or _class_numbers(run) or _contradictory(run)


def _squashed(run: RunFacts) -> Finding | None:
    outputs = run.outputs["training"]
    if run.loss_kind != "logits":
        return None
    rows = [row for row in outputs if isinstance(row, list)]
    if rows and all(abs(sum(y) - 1) < 1e-6 and min(y) >= 0 for y in rows):
        most = e / (e + len(rows[0]) - 1)
        return Finding(
            (
                f"the outputs of each of {len(rows)} rows are between 0 and 1 and sum to 1: "
                f"softmax is in the model, and {run.loss_name} applies it again",
                f"so no class can get more than {most:.0%} of the probability",
            ),
            Remedy(
                "leave softmax out of the model, or take the cross-entropy of the logarithm of "
                "its outputs",
                remedies.of_probabilities,
            ),
        )
    last = run.after[-1].activation if run.after else ""
    if last not in RANGES:
        return None
    flat = [x for row in rows for x in row] or outputs
    evidence = (
        f"the last layer is {last}, so the logits go {_range(last)} only (here "
        f"{shown(min(flat))} to {shown(max(flat))}), and {run.loss_name} squashes them again"
    )
    bound = squashed(run.loss, last, len(rows[0]) if rows else 1)
    words = 'output="linear": cross-entropy takes logits as they are'
    return Finding(
        (evidence, bound) if bound else (evidence,), Remedy(words, remedies.with_linear_output)
    )


def _range(activation: str) -> str:
    low, high = RANGES[activation]
    return f"from {low:g} up" if high == inf else f"from {low:g} to {high:g}"


def _out_of_range(run: RunFacts) -> Finding | None:
    last = run.after[-1].activation if run.after else ""
    if last not in RANGES or run.loss_kind != "value" or run.training.classification:
        return None
    (low, high), targets = RANGES[last], run.training.targets
    beyond = sum(not low <= t <= high for t in targets)
    if beyond < thresholds.OUT_OF_RANGE * len(targets):
        return None
    evidence = (
        f"the last layer is {last}, whose outputs go {_range(last)}, but {beyond} of "
        f"{len(targets)} targets lie outside (they go from {shown(min(targets))} to "
        f"{shown(max(targets))})"
    )
    words = 'output="linear", which has no bounds'
    return Finding((evidence,), Remedy(words, remedies.with_linear_output))


def _class_numbers(run: RunFacts) -> Finding | None:
    names = run.training.class_names
    if len(names) < 3 or run.loss_kind != "value" or isinstance(run.outputs["training"][0], list):
        return None
    evidence = (
        f"{run.loss_name} fits the class numbers 0 to {len(names) - 1} as quantities, as if "
        f"{names[1]} were halfway between {names[0]} and {names[2]}"
    )
    words = f"cross_entropy, with an output for each of the {len(names)} classes"
    change = (lambda c: remedies.as_classes(c, len(names))) if run.is_mlp else None
    return Finding((evidence,), Remedy(words, change))


def _contradictory(run: RunFacts) -> Finding | None:
    rows, count = contradicted(run.training) if run.classes else [], len(run.training)
    if len(rows) < thresholds.CONTRADICTED * count:
        return None
    evidence = (
        f"{len(rows)} of {count} training rows ({len(rows) / count:.0%}) also occur with another "
        "label, so no model can be right about all of them"
    )
    words = "of equal rows keep those with the most frequent label, and of a tie none: "
    words += f"{len(majority(run.training))} rows"
    return Finding((evidence,), Remedy(words, remedies.with_majority))


def leak(run: RunFacts) -> Finding | None:
    """Validation rows that are in the training part too, beyond what repeats are expected."""
    if not run.validation:
        return None
    both, again = len(shared(run.validation, run.training)), repeated(run.training)
    fraction = both / len(run.validation)
    expected = repeats_expected(run.training, thresholds.FEW_VALUES)
    if fraction - (again if expected else 0.0) < thresholds.LEAK:
        return None
    more = ""
    if expected:
        more = f", where {again:.0%} of the rows repeat one another"
    elif again > thresholds.LEAK:
        more = f"; {again:.0%} of its rows are copies"
    return Finding(
        (
            f"{both} of {len(run.validation)} validation rows ({fraction:.0%}) are in the training "
            f"part too{more}",
            f"so the validation loss of {shown(run.validation_loss)} is partly that of rows "
            "memorised in training",
        ),
        Remedy(
            f"drop the {both} rows that are in both parts, and validate on the others",
            remedies.without_leak,
        ),
    )


def unscaled(run: RunFacts) -> Finding | None:
    """Features whose scales differ widely, are all far from 1, or that are nearly constant."""
    found = scales(run.training)
    if not found:
        return None
    small, large = min(found), max(found)
    if large > thresholds.SCALE_RATIO * small:
        evidence = (
            f"the features are from {shown(small)} to {shown(large)} in size (root mean square), a "
            f"ratio of {large / small:.0f}, so the loss is {(large / small) ** 2:.2g} times as "
            "curved in one direction as in another"
        )
    elif large > thresholds.SCALE_LARGEST or large < thresholds.SCALE_SMALLEST:
        evidence = (
            f"the features are up to {shown(large)} in size (root mean square), "
            "where initial weights are made for 1"
        )
    else:
        columns = [x for x in zip(*run.training.features, strict=True) if min(x) < max(x)]
        offset = max(abs(fmean(column)) / pstdev(column) for column in columns)
        if offset < thresholds.OFFSET:
            return None
        evidence = (
            f"a feature's mean is {offset:.0f} times its standard deviation, "
            "so it is nearly a constant"
        )
    words = "Standardizer.fit(training) and transform both parts: mean 0, standard deviation 1"
    return Finding((evidence,), Remedy(words, remedies.with_standardized))


def unscaled_target(run: RunFacts) -> Finding | None:
    """A regression target far from 1, if the run diverged or did not fit it."""
    targets = run.training.targets
    if run.classes or run.loss_kind != "value" or len(set(targets)) < 2:
        return None
    size, mean = hypot(*targets) / sqrt(len(targets)), fmean(targets)
    deviation = pstdev(targets)
    if size <= thresholds.SCALE_LARGEST and deviation >= thresholds.SCALE_SMALLEST:
        return None
    if not (run.history.diverged or run.behind > 1):
        return None
    ended = f"its R² on the training part is {shown(run.score())}"
    sign = "-" if mean > 0 else "+"
    return Finding(
        (
            f"the target is {size:,.4g} in size (root mean square), with a mean of {mean:,.4g} and "
            f"a standard deviation of {deviation:,.4g}, where initial weights are made for 1",
            "the run diverged" if run.history.diverged else ended,
        ),
        Remedy(
            f"standardize the target, (target {sign} {abs(mean):,.4g}) / {deviation:,.4g}, and "
            "convert the predictions back to its units",
            remedies.with_standardized_target,
        ),
    )


def imbalance(run: RunFacts) -> Finding | None:
    """A class that is rare, and found less often than others."""
    data = run.training
    if not data.classification or run.loss_kind not in ("logits", "margin") or run.class_weights:
        return None
    counts, names = Counter(map(int, data.targets)), data.class_names
    rare = min(counts, key=lambda k: counts[k])
    if counts[rare] > thresholds.RARE * len(data) / len(names):
        return None
    recalls = {part: run.recalls(part) for part in ("training", "validation")}
    gaps = {part: max(x.values()) - x[rare] for part, x in recalls.items() if rare in x}
    worst = max(gaps, key=gaps.__getitem__)
    if gaps[worst] < thresholds.RARE_RECALL:
        return None
    found, best = recalls[worst][rare], max(recalls[worst].values())
    if run.loss_kind == "margin":
        words = "repeat the rows of rare classes until each is as frequent"
        change = remedies.with_repeated
    else:
        weights = data.class_weights() if len(counts) == len(names) else []
        words = f"partial({run.loss_name}, class_weights=[{', '.join(map(shown, weights))}])"
        change = remedies.with_class_weights
    return Finding(
        (
            f"{counts[rare]} of {len(data)} training rows ({counts[rare] / len(data):.1%}) are of "
            f'the class "{names[rare]}"',
            f"of its {worst} rows {found:.0%} are found, of the best class's {best:.0%}",
        ),
        Remedy(words, change),
    )


def unrelated(run: RunFacts) -> Finding | None:
    """A model that, now and at its best epoch, predicts no better than a constant would, where
    nearest neighbours do not either.
    """
    validation, best = run.validation, run.history.best
    sample = run.training[: thresholds.ROWS_NEAR]
    # class weights trade rows of the most frequent class for others
    if not validation or not best or run.class_weights or len(sample) < thresholds.FEW_ROWS:
        return None
    now, chance = run.score("validation"), thresholds.CHANCE
    earlier = best.validation_accuracy if run.classes else best.validation_r_squared
    scores = [(now, validation, chance), (run.reachable, sample, chance)]
    scores.append((earlier, validation, chance + 1))  # the best of many epochs
    if not all(score < _by_chance(run, part, errors) for score, part, errors in scores):
        return None
    if run.classes:
        often = Counter(validation.targets).most_common(1)[0][1] / len(validation)
        evidence = (
            f"{now:.0%} of the validation rows are right, and were {earlier:.0%} in the best "
            f"epoch; always predicting the most frequent class gets {often:.0%}"
        )
    else:
        evidence = (
            f"the R² on the validation part is {shown(now)}, and was {shown(earlier)} in the best "
            "epoch; always predicting the mean gets 0"
        )
    reachable = f"{run.reachable:.0%}" if run.classes else f"an R² of {run.reachable:.2f}"
    return Finding(
        (evidence, f"nearest neighbours among the training rows get {reachable}, by chance"),
        Remedy(
            "check that each row has its own target (a column sorted, shuffled or shifted by "
            "itself?), or find other features"
        ),
    )


def _by_chance(run: RunFacts, data: Dataset, errors: float) -> float:
    """The score up to which predictions may get by chance, within so many standard errors."""
    if not run.classes:  # the standard error of a correlation is 1/√rows
        return max(thresholds.NO_USE_R2, errors**2 / len(data))
    often = Counter(data.targets).most_common(1)[0][1] / len(data)
    if often > thresholds.TOO_FREQUENT:
        return -inf  # nothing can be told
    return often + errors * sqrt(often * (1 - often) / len(data))
