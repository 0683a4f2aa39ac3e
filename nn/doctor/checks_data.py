"""Checks of the rows: targets that cannot be fitted, rows in both parts, scales, rare classes."""

from collections import Counter
from math import e, hypot, inf, sqrt
from statistics import fmean, pstdev

import nn.doctor.remedies as remedies
import nn.doctor.thresholds as thresholds
from nn.activations import RANGES
from nn.data.dataset import Dataset
from nn.doctor.data_stats import contradicted, majority, repeated, repeats_expected, scales, shared
from nn.doctor.findings import NOT_LEARNED, Finding, Remedy, problem
from nn.doctor.run_facts import RunFacts, shown
from nn.training.checks import squashed

__all__ = ["imbalance", "leak", "unfit", "unrelated", "unscaled", "unscaled_target"]


@problem(
    "labels that this loss cannot fit",
    "the model cannot output the targets, or the targets contradict one another.",
)
def unfit(run: RunFacts) -> Finding | None:
    """Targets that the last activation cannot output, class numbers fitted as quantities, and equal
    rows with different targets.
    """
    for kind in (_softmax_twice, _bounded_output, _class_numbers, _contradictory):
        if found := kind(run):
            return found
    return None


def _softmax_twice(run: RunFacts) -> Finding | None:
    rows = [row for row in run.outputs["training"] if isinstance(row, list)]
    if run.loss_kind != "logits" or not rows:
        return None
    if not all(abs(sum(y) - 1) < 1e-6 and min(y) >= 0 for y in rows):
        return None
    evidence = (
        f"the outputs of each of {len(rows)} rows are between 0 and 1 and sum to 1: softmax is in "
        f"the model, and {run.loss_name} applies it again"
    )
    most = f"{e / (e + len(rows[0]) - 1):.0%} of the probability"
    words = "leave softmax out of the model, or take cross-entropy of the log of its outputs"
    remedy = Remedy(words, remedies.of_probabilities)
    return Finding((evidence, f"so no class can get more than {most}"), remedy)


def _bounded_output(run: RunFacts) -> Finding | None:
    last, targets = run.after[-1].activity.activation if run.after else "", run.training.targets
    if last not in RANGES or (run.training.classification and run.loss_kind == "value"):
        return None
    low, high = RANGES[last]
    ends = f"from {low:g} up" if high == inf else f"from {low:g} to {high:g}"
    evidence = [f"the last layer is {last}, whose outputs go {ends}"]
    if run.loss_kind == "logits":
        evidence[0] += f", and {run.loss_name} squashes them again"
        wrong = squashed(run.loss, last, len(run.after[-1].layer.neurons))
        evidence += [wrong] if wrong else []
    elif run.loss_kind == "value":
        beyond = sum(not low <= t <= high for t in targets)
        if beyond < thresholds.OUT_OF_RANGE * len(targets):
            return None
        least, most = shown(min(targets)), shown(max(targets))
        evidence[0] += f", but {beyond} of {len(targets)} targets lie outside"
        evidence[0] += f" (they go from {least} to {most})"
    else:
        return None
    words = 'output="linear", as logits and numbers have no bounds'
    return Finding(tuple(evidence), Remedy(words, remedies.with_linear_output))


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
    rows, count = len(contradicted(run.training)) if run.classes else 0, len(run.training)
    if rows < thresholds.CONTRADICTED * count:
        return None
    evidence = (
        f"{rows} of {count} training rows ({rows / count:.0%}) also occur with another label, "
        "so no model can be right about all of them"
    )
    words = "of equal rows keep those with the most frequent label, and of a tie none: "
    kept = f"{len(majority(run.training))} rows"
    return Finding((evidence,), Remedy(words + kept, remedies.with_majority))


@problem(
    "leaking validation rows",
    "rows that the model was trained on also evaluate it, so it looks better than it is.",
)
def leak(run: RunFacts) -> Finding | None:
    """Validation rows that are in the training part too, beyond the repeats to be expected."""
    if not run.validation:
        return None
    both, again = len(shared(run.validation, run.training)), repeated(run.training)
    fraction = both / len(run.validation)
    expected = repeats_expected(run.training, thresholds.FEW_VALUES)
    if fraction - (again if expected else 0.0) < thresholds.LEAK:
        return None
    more = f"; {again:.0%} of its rows are copies" if again > thresholds.LEAK else ""
    if expected:
        more = f", where {again:.0%} of the rows repeat one another"
    evidence = (
        f"{both} of {len(run.validation)} validation rows ({fraction:.0%}) are in the training "
        f"part too{more}"
    )
    loss = (
        f"so the validation loss of {shown(run.validation_loss)} is partly that of rows memorised "
        "in training"
    )
    words = f"drop the {both} rows that are in both parts, and validate on the others"
    return Finding((evidence, loss), Remedy(words, remedies.without_leak))


@problem(
    "unscaled inputs",
    "the features differ widely in scale, so no learning rate suits all of them.",
)
def unscaled(run: RunFacts) -> Finding | None:
    """Features whose scales differ widely, are all far from 1, or that are nearly constant."""
    found = scales(run.training)
    if not found:
        return None
    small, large = min(found), max(found)
    columns = [x for x in zip(*run.training.features, strict=True) if min(x) < max(x)]
    offset = max(abs(fmean(column)) / pstdev(column) for column in columns)
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
    elif offset >= thresholds.OFFSET:
        evidence = (
            f"a feature's mean is {offset:.0f} times its standard deviation, "
            "so it is nearly a constant"
        )
    else:
        return None
    words = "Standardizer.fit(training) and transform both parts: mean 0, standard deviation 1"
    return Finding((evidence,), Remedy(words, remedies.with_standardized))


@problem(
    "unscaled target",
    "the target is far from what a new network outputs, so training diverges or falls short.",
)
def unscaled_target(run: RunFacts) -> Finding | None:
    """A regression target far from 1, if the run diverged or did not fit it."""
    targets, diverged = run.training.targets, run.history.diverged
    if run.classes or run.loss_kind != "value" or len(set(targets)) < 2:
        return None
    size, mean = hypot(*targets) / sqrt(len(targets)), fmean(targets)
    deviation = pstdev(targets)
    usual = size <= thresholds.SCALE_LARGEST and deviation >= thresholds.SCALE_SMALLEST
    if usual or not (diverged or run.behind > 1):
        return None
    evidence = (
        f"the target is {size:,.4g} in size (root mean square), with a mean of {mean:,.4g} and a "
        f"standard deviation of {deviation:,.4g}, where initial weights are made for 1"
    )
    ended = f"its R² on the training part is {shown(run.score())}"
    words = (
        f"standardize the target, (target {'-' if mean > 0 else '+'} {abs(mean):,.4g}) / "
        f"{deviation:,.4g}, and convert the predictions back to its units"
    )
    return Finding(
        (evidence, "the run diverged" if diverged else ended),
        Remedy(words, remedies.with_standardized_target),
    )


@problem("class imbalance", "one class is so rare that ignoring it costs hardly any loss.")
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
    frequency = (
        f"{counts[rare]} of {len(data)} training rows ({counts[rare] / len(data):.1%}) are of the "
        f'class "{names[rare]}"'
    )
    recall = f"of its {worst} rows {found:.0%} are found, of the best class's {best:.0%}"
    weights = data.class_weights() if len(counts) == len(names) else []
    words = f"partial({run.loss_name}, class_weights=[{', '.join(map(shown, weights))}])"
    remedy = Remedy(words, remedies.with_class_weights)
    if run.loss_kind == "margin":
        words = "repeat the rows of rare classes until each is as frequent"
        remedy = Remedy(words, remedies.with_repeated)
    return Finding((frequency, recall), remedy)


@problem(
    "features unrelated to the target",
    "the model predicts new rows no better than a constant would, and so do neighbours.",
    NOT_LEARNED,
)
def unrelated(run: RunFacts) -> Finding | None:
    """Scores on the validation part, now and at the best epoch, and of nearest neighbours, that a
    constant prediction may get by chance.
    """
    validation, best = run.validation, run.history.best
    sample = run.training[: thresholds.ROWS_NEAR]
    # class weights trade rows of the most frequent class for others
    if not validation or not best or run.class_weights:
        return None
    if len(sample) < thresholds.FEW_ROWS or len(validation) < thresholds.FEW_VALIDATION_ROWS:
        return None
    now, chance = run.score("validation"), thresholds.CHANCE
    earlier = best.validation_accuracy if run.classes else best.validation_r_squared
    scores = [(now, validation, chance), (run.reachable, sample, chance)]
    scores.append((earlier, validation, chance + 1))  # the best of many epochs
    if not all(score < _by_chance(run, part, errors) for score, part, errors in scores):
        return None
    word = "accuracy" if run.classes else "R²"
    constant = "the most frequent class" if run.classes else "the mean"
    often = _frequency(validation) if run.classes else 0.0
    evidence = (
        f"the validation {word} is {now:.2f}, and was {earlier:.2f} in the best epoch; always "
        f"predicting {constant} gets {often:.2g}"
    )
    near = f"nearest neighbours among the training rows get {run.reachable:.2f}: all within chance"
    words = (
        "check that each row has its own target (a column sorted, shuffled or shifted by itself?), "
        "or find other features"
    )
    return Finding((evidence, near), Remedy(words))


def _frequency(data: Dataset) -> float:
    """How frequent the most frequent class is."""
    return Counter(data.targets).most_common(1)[0][1] / len(data)


def _by_chance(run: RunFacts, data: Dataset, errors: float) -> float:
    """The score that predictions may get by chance, within so many standard errors."""
    if not run.classes:  # the standard error of a correlation is 1/√rows
        return max(thresholds.NO_USE_R2, errors**2 / len(data))
    often = _frequency(data)
    if often > thresholds.TOO_FREQUENT:
        return -inf  # nothing can be told
    return often + errors * sqrt(often * (1 - often) / len(data))
