"""Signs in the rows: labels that cannot be fitted, rows in both parts, scales, rare classes."""

from collections import Counter
from math import e, hypot, inf, sqrt
from statistics import fmean, pstdev

import nn.doctor.remedies as remedy
import nn.doctor.thresholds as thresholds
from nn.activations import RANGES
from nn.doctor.data_stats import contradicted, majority, repeated, repeats_by_itself, shared, sizes
from nn.doctor.remedies import Remedy
from nn.doctor.rescaled import with_standardized_target
from nn.doctor.run_facts import Chart, shown
from nn.doctor.sign import Sign
from nn.training.checks import mismatch

__all__ = ["imbalance", "leak", "unfit", "unscaled", "unscaled_target"]


def unfit(chart: Chart) -> Sign | None:
    """Targets that the last activation cannot answer, or that contradict one another, or are no
    numbers at all.
    """
    return _squashed(chart) or _out_of_range(chart) or _index(chart) or _contradicting(chart)


def _squashed(chart: Chart) -> Sign | None:
    outputs = chart.outputs
    if chart.loss_kind != "logits" or not outputs:
        return None
    rows = [row for row in outputs if isinstance(row, list)]
    if rows and all(abs(sum(y) - 1) < 1e-6 and min(y) >= 0 for y in rows):
        return Sign(
            (
                f"each of {len(rows)} rows of outputs lies between 0 and 1 and adds up to 1: softmax is in the model, "
                "and cross_entropy applies it once more",
                f"so no class can get more than {e / (e + len(rows[0]) - 1):.0%} of the probability",
            ),
            Remedy(
                "leave softmax out of the model, or take the cross-entropy of the logarithm of its outputs",
                remedy.of_probabilities,
            ),
        )
    last = chart.after[-1].activation if chart.after else "linear"
    if last not in RANGES:
        return None
    flat = [x for row in rows for x in row] or outputs
    return Sign(
        (
            f"the last layer is {last}, so that the logits go {_reach(last)} only (here {shown(min(flat))} to "
            f"{shown(max(flat))}), and {chart.loss_name} squashes them once more",
            *([wrong.partition(":")[0]] if (wrong := mismatch(chart.model, chart.loss)) else []),
        ),
        Remedy(
            'output="linear": cross-entropy takes logits as they are',
            lambda r: remedy.with_output(r, "linear"),
        ),
    )


def _reach(activation: str) -> str:
    """What an activation can answer, in words."""
    low, high = RANGES[activation]
    return f"from {low:g} up" if high == inf else f"from {low:g} to {high:g}"


def _out_of_range(chart: Chart) -> Sign | None:
    last = chart.after[-1].activation if chart.after else "linear"
    if last not in RANGES or chart.loss_kind != "value" or chart.training.classification:
        return None
    low, high = RANGES[last]
    targets = chart.training.targets
    beyond = [t for t in targets if not low <= t <= high]
    if len(beyond) < thresholds.OUT_OF_RANGE * len(targets):
        return None
    return Sign(
        (
            f"the last layer is {last}, which answers {_reach(last)}, but {len(beyond)} of {len(targets)} targets lie "
            f"outside (they go from {shown(min(targets))} to {shown(max(targets))})",
        ),
        Remedy(
            'output="linear", which answers any number', lambda r: remedy.with_output(r, "linear")
        ),
    )


def _index(chart: Chart) -> Sign | None:
    names = chart.training.class_names
    if (
        len(names) < 3
        or chart.loss_kind != "value"
        or not chart.outputs
        or isinstance(chart.outputs[0], list)
    ):
        return None
    return Sign(
        (
            f"{chart.loss_name} takes the numbers 0 to {len(names) - 1} of {len(names)} classes for amounts, as if "
            f"{names[1]} lay midway between {names[0]} and {names[2]}",
        ),
        Remedy(
            f"cross_entropy, with an output for each of the {len(names)} classes",
            (lambda r: remedy.as_classes(r, len(names))) if remedy.is_plain(chart.model) else None,
        ),
    )


def _contradicting(chart: Chart) -> Sign | None:
    if not chart.classes:
        return None
    rows = contradicted(chart.training)
    share = len(rows) / len(chart.training)
    if share < thresholds.CONTRADICTED:
        return None
    kept = len(majority(chart.training))
    return Sign(
        (
            f"{len(rows)} of {len(chart.training)} training rows ({share:.0%}) also stand there with another label, "
            "so no model can be right about all of them",
        ),
        Remedy(
            f"keep of equal rows those with the most frequent label, and of a tie none: {kept} rows",
            remedy.with_majority,
        ),
    )


def leak(chart: Chart) -> Sign | None:
    """Validation rows that the model learned from."""
    if not chart.validation:
        return None
    both = shared(chart.validation, chart.training)
    share, again = len(both) / len(chart.validation), repeated(chart.training)
    by_itself = repeats_by_itself(chart.training, thresholds.FEW_VALUES)
    if share - (again if by_itself else 0.0) < thresholds.LEAK:
        return None
    copies = (
        f"; {again:.0%} of its rows are copies" if again > thresholds.LEAK and not by_itself else ""
    )
    usual = f", where {again:.0%} of the rows repeat one another" if by_itself else ""
    return Sign(
        (
            f"{len(both)} of {len(chart.validation)} validation rows ({share:.0%}) stand in the training part too"
            f"{usual}{copies}",
            f"so the validation loss of {shown(chart.validation_loss)} is in part that of rows known by heart",
        ),
        Remedy(
            f"drop the {len(both)} rows that stand in both parts, and judge by the others",
            remedy.without_leak,
        ),
    )


def unscaled(chart: Chart) -> Sign | None:
    """Features of very unlike sizes, or all far from 1."""
    data = chart.training
    found = sizes(data)
    if not found:
        return None
    small, large = min(found), max(found)
    evidence = []
    if large > thresholds.SCALE_RATIO * small:
        evidence.append(
            f"the features are from {shown(small)} to {shown(large)} in size (root mean square), "
            f"{large / small:.0f}-fold, so the loss is {(large / small) ** 2:.2g} times as curved in one direction as "
            "in another"
        )
    elif large > thresholds.SCALE_LARGEST or large < thresholds.SCALE_SMALLEST:
        evidence.append(
            f"the features are up to {shown(large)} in size (root mean square), where initial weights are made for 1"
        )
    else:
        columns = [
            column for column in zip(*data.features, strict=True) if min(column) < max(column)
        ]
        offsets = [abs(fmean(column)) / pstdev(column) for column in columns]
        if max(offsets) < thresholds.OFFSET:
            return None
        evidence.append(
            f"a feature's mean is {max(offsets):.0f} times its deviation, so it is nearly a constant"
        )
    return Sign(
        tuple(evidence),
        Remedy(
            "Standardizer.fit(training) and transform both parts: mean 0 and deviation 1",
            remedy.with_standardized,
        ),
    )


def unscaled_target(chart: Chart) -> Sign | None:
    """A number to answer that is far from 1, where the run did not get to it."""
    data = chart.training
    if (
        chart.classes
        or data.classification
        or chart.loss_kind != "value"
        or len(set(data.targets)) < 2
    ):
        return None
    size, mean, deviation = (
        hypot(*data.targets) / sqrt(len(data)),
        fmean(data.targets),
        pstdev(data.targets),
    )
    if not (size > thresholds.SCALE_LARGEST or deviation < thresholds.SCALE_SMALLEST):
        return None
    if not (chart.history.diverged or chart.behind > 1):
        return None
    ended = (
        "the run diverged"
        if chart.history.diverged
        else f"its R² on the training part is {shown(chart.score())}"
    )
    middle = f"{'-' if mean > 0 else '+'} {abs(mean):,.4g}"
    return Sign(
        (
            f"the target is {size:,.4g} in size (root mean square), with a mean of {mean:,.4g} and a deviation of "
            f"{deviation:,.4g}, where initial weights are made for 1",
            ended,
        ),
        Remedy(
            f"standardise the target, (target {middle}) / {deviation:,.4g}, and turn the answers back into its units",
            with_standardized_target,
        ),
    )


def imbalance(chart: Chart) -> Sign | None:
    """A class that is rare and found less often than others."""
    if not chart.training.classification or chart.loss_kind not in ("logits", "margin"):
        return None
    if getattr(chart.loss, "keywords", {}).get("class_weights"):
        return None
    counts = Counter(map(int, chart.training.targets))
    names = chart.training.class_names
    rare = min(counts, key=lambda k: counts[k])
    share = counts[rare] / len(chart.training)
    if share > thresholds.RARE / len(names):
        return None
    found = {}
    for part in ("training", "validation"):
        recalls = chart.recalls(part)
        if rare in recalls:
            found[part] = recalls[rare], max(recalls.values())
    worst = max(found, key=lambda part: found[part][1] - found[part][0])
    mine, best = found[worst]
    if best - mine < thresholds.RARE_RECALL:
        return None
    change = remedy.with_class_weights
    if chart.loss_kind == "margin":
        words, change = (
            "repeat the rows of rare classes until each is as frequent",
            remedy.with_repeated,
        )
    else:
        weights = chart.training.class_weights() if len(counts) == len(names) else []
        words = f"partial({chart.loss_name}, class_weights=[{', '.join(map(shown, weights))}])"
    return Sign(
        (
            f'{counts[rare]} of {len(chart.training)} training rows ({share:.1%}) are of the class "{names[rare]}"',
            f"of its {worst} rows {mine:.0%} are found, of the best class's {best:.0%}",
        ),
        Remedy(words, change),
    )
