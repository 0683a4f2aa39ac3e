"""Checks of the rows: targets that cannot be fitted, rows in both parts, scales, rare classes."""

from collections import Counter
from math import e, hypot, inf, sqrt
from statistics import fmean, pstdev

import nn.doctor.remedies as remedies
import nn.doctor.thresholds as thresholds
from nn.activations import RANGES
from nn.data.dataset import Dataset
from nn.doctor.data_stats import contradicted, majority, related, repeated, repeats_expected, shared
from nn.doctor.findings import NOT_LEARNED, Finding, Remedy, problem
from nn.doctor.run_facts import RunFacts
from nn.training.checks import squashed


@problem("labels that this loss cannot fit")
def unfit(run: RunFacts) -> Finding | None:
    """The model cannot output the targets, or the targets contradict one another."""
    kinds = (_softmax_twice, _bounded_output, _class_numbers, _contradictory)
    return next(filter(None, (kind(run) for kind in kinds)), None)


def _softmax_twice(run: RunFacts) -> Finding | None:
    rows = [row for row in run.outputs["training"] if isinstance(row, list)]
    probabilities = all(abs(sum(y) - 1) < 1e-6 and min(y) >= 0 for y in rows)
    if run.loss_kind != "logits" or not rows or not probabilities:
        return None
    sums = f"the outputs of each of {len(rows)} rows are between 0 and 1 and sum to 1"
    evidence = f"{sums}: softmax is in the model, and {run.loss_name} applies it again"
    most = f"so no class can get more than {e / (e + len(rows[0]) - 1):.0%} of the probability"
    words = "leave softmax out of the model, or take cross-entropy of the log of its outputs"
    return Finding((evidence, most), Remedy(words, remedies.of_probabilities))


def _bounded_output(run: RunFacts) -> Finding | None:
    last, targets = run.after[-1].activity.activation if run.after else "", run.training.targets
    if last not in RANGES or (run.training.classification and run.loss_kind == "value"):
        return None
    low, high = RANGES[last]
    ends = f"from {low:g} up" if high == inf else f"from {low:g} to {high:g}"
    what = f"the last layer is {last}, whose outputs go {ends}"
    beyond = sum(not low <= t <= high for t in targets)
    if run.loss_kind == "logits":
        wrong = squashed(run.loss, last, len(run.after[-1].layer.neurons))
        evidence = (f"{what}, and {run.loss_name} squashes them again", *([wrong] if wrong else []))
    elif run.loss_kind == "value" and beyond >= thresholds.OUT_OF_RANGE * len(targets):
        their = f"(they go from {min(targets):.3g} to {max(targets):.3g})"
        evidence = (f"{what}, but {beyond} of {len(targets)} targets lie outside {their}",)
    else:
        return None
    words = 'output="linear", as logits and numbers have no bounds'
    return Finding(evidence, Remedy(words, remedies.with_linear_output))


def _class_numbers(run: RunFacts) -> Finding | None:
    names = run.training.class_names
    if len(names) < 3 or run.loss_kind != "value" or isinstance(run.outputs["training"][0], list):
        return None
    fits = f"{run.loss_name} fits the class numbers 0 to {len(names) - 1} as quantities"
    evidence = f"{fits}, as if {names[1]} were halfway between {names[0]} and {names[2]}"
    words = f"cross_entropy, with an output for each of the {len(names)} classes"
    change = (lambda c: remedies.as_classes(c, len(names))) if run.is_mlp else None
    return Finding((evidence,), Remedy(words, change))


def _contradictory(run: RunFacts) -> Finding | None:
    rows, count = len(contradicted(run.training)) if run.classes else 0, len(run.training)
    if rows < thresholds.CONTRADICTED * count:
        return None
    many = f"{rows} of {count} training rows ({rows / count:.0%}) also occur with another label"
    kept = f"{len(majority(run.training))} rows"
    words = f"of equal rows keep those with the most frequent label, and of a tie none: {kept}"
    evidence = f"{many}, so no model can be right about all of them"
    return Finding((evidence,), Remedy(words, remedies.with_majority))


@problem("leaking validation rows")
def leak(run: RunFacts) -> Finding | None:
    """Rows that the model was trained on also evaluate it, so it looks better than it is."""
    if not run.validation:
        return None
    both, again = len(shared(run.validation, run.training)), repeated(run.training)
    expected = repeats_expected(run.training, thresholds.FEW_VALUES)
    fraction = both / len(run.validation)
    if fraction - (again if expected else 0.0) < thresholds.LEAK:
        return None
    more = f"; {again:.0%} of its rows are copies" if again > thresholds.LEAK else ""
    if expected:
        more = f", where {again:.0%} of the rows repeat one another"
    rows = f"{both} of {len(run.validation)} validation rows ({fraction:.0%})"
    evidence = f"{rows} are in the training part too{more}"
    loss = f"so the validation loss of {run.validation_loss:.3g} is partly that of rows memorised"
    words = f"drop the {both} rows that are in both parts, and validate on the others"
    return Finding((evidence, f"{loss} in training"), Remedy(words, remedies.without_leak))


@problem("unscaled inputs")
def unscaled(run: RunFacts) -> Finding | None:
    """The features differ widely in scale, so no learning rate suits all of them."""
    columns = [x for x in zip(*run.training.features, strict=True) if min(x) < max(x)]
    if not columns:
        return None
    sizes = [hypot(*x) / sqrt(len(x)) for x in columns]
    small, large = min(sizes), max(sizes)
    offset = max(abs(fmean(x)) / pstdev(x) for x in columns)
    if large > thresholds.SCALE_RATIO * small:
        ratio, steeper = f"a ratio of {large / small:.0f}", f"{(large / small) ** 2:.2g} times"
        size = f"from {small:.3g} to {large:.3g} in size (root mean square)"
        curved = f"the loss is {steeper} as curved in one direction as in another"
        evidence = f"the features are {size}, {ratio}, so {curved}"
    elif large > thresholds.SCALE_LARGEST or large < thresholds.SCALE_SMALLEST:
        size = f"the features are up to {large:.3g} in size (root mean square)"
        evidence = f"{size}, where initial weights are made for 1"
    elif offset >= thresholds.OFFSET:
        far = f"a feature's mean is {offset:.0f} times its standard deviation"
        evidence = f"{far}, so it is nearly a constant"
    else:
        return None
    words = "Standardizer.fit(training) and transform both parts: mean 0, standard deviation 1"
    return Finding((evidence,), Remedy(words, remedies.with_standardized))


@problem("unscaled target")
def unscaled_target(run: RunFacts) -> Finding | None:
    """The target is far from what a new network outputs, so training diverges or falls short."""
    targets, diverged = run.training.targets, run.history.diverged
    if run.classes or run.loss_kind != "value" or len(set(targets)) < 2:
        return None
    size, mean = hypot(*targets) / sqrt(len(targets)), fmean(targets)
    deviation = pstdev(targets)
    usual = size <= thresholds.SCALE_LARGEST and deviation >= thresholds.SCALE_SMALLEST
    if usual or not (diverged or run.behind > 1):
        return None
    figures = f"a mean of {mean:,.4g} and a standard deviation of {deviation:,.4g}"
    far = f"the target is {size:,.4g} in size (root mean square), with {figures}"
    evidence = f"{far}, where initial weights are made for 1"
    score = f"its R² on the training part is {run.score():.3g}"
    scaled = f"(target {'-' if mean > 0 else '+'} {abs(mean):,.4g}) / {deviation:,.4g}"
    words = f"standardize the target, {scaled}, and convert the predictions back to its units"
    ended = "the run diverged" if diverged else score
    return Finding((evidence, ended), Remedy(words, remedies.with_standardized_target))


@problem("class imbalance")
def imbalance(run: RunFacts) -> Finding | None:
    """One class is so rare that ignoring it costs hardly any loss."""
    data = run.training
    if not data.classification or run.loss_kind not in ("logits", "margin") or run.class_weights:
        return None
    counts, names = Counter(map(int, data.targets)), data.class_names
    rare = min(counts, key=lambda k: counts[k])
    if counts[rare] > thresholds.RARE * len(data) / len(names):
        return None
    recalls = {part: run.recalls(part) for part in run.parts}
    gaps = {part: max(x.values()) - x[rare] for part, x in recalls.items() if rare in x}
    worst = max(gaps, key=gaps.__getitem__)
    if gaps[worst] < thresholds.RARE_RECALL:
        return None
    found, best = recalls[worst][rare], max(recalls[worst].values())
    rows = f"{counts[rare]} of {len(data)} training rows ({counts[rare] / len(data):.1%})"
    frequency = f'{rows} are of the class "{names[rare]}"'
    recall = f"of its {worst} rows {found:.0%} are found, of the best class's {best:.0%}"
    weights = data.class_weights() if len(counts) == len(names) else []
    words = f"partial({run.loss_name}, class_weights=[{', '.join(f'{w:.3g}' for w in weights)}])"
    remedy = Remedy(words, remedies.with_class_weights)
    if run.loss_kind == "margin":
        words = "repeat the rows of rare classes until each is as frequent"
        remedy = Remedy(words, remedies.with_repeated)
    return Finding((frequency, recall), remedy)


@problem("features unrelated to the target", NOT_LEARNED)
def unrelated(run: RunFacts) -> Finding | None:
    """The model predicts new rows no better than a constant would, and so do neighbours."""
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
    if related(sample):  # a network that learned nothing from it is not the rows' fault
        return None
    word, constant, often = "R²", "the mean", 0.0
    if run.classes:
        word, constant, often = "accuracy", "the most frequent class", _frequency(validation)
    score = f"the validation {word} is {now:.2f}, and was {earlier:.2f} in the best epoch"
    evidence = f"{score}; always predicting {constant} gets {often:.2g}"
    near = f"nearest neighbours among the training rows get {run.reachable:.2f}: all within chance"
    moved = "a column sorted, shuffled or shifted by itself?"
    words = f"check that each row has its own target ({moved}), or find other features"
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
        return -inf  # too few to tell
    return often + errors * sqrt(often * (1 - often) / len(data))
