"""How good predictions are, in words and tables: beside baselines, and class by class."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import comb, erfc, isnan, nan, sqrt
from statistics import fmean
from typing import Any

import nn.metrics as measure
from nn.checks import amount
from nn.cli.report import percent, plain, table
from nn.io.predictor import Predictor

WIDEST = 12  # classes, of which a whole confusion matrix is shown
CHANCE = 0.05  # the probability above which a difference is said to be explained by chance
# Of each metric its heading and its form, of classes and of numbers; the first one is the score.
FORMS: dict[str, tuple[str, Callable[[float], str]]] = {
    "accuracy": ("accuracy", percent),
    "balanced_accuracy": ("balanced acc.", percent),
    "macro_f1": ("macro F1", plain),
    "roc_auc": ("ROC AUC", plain),
    "log_loss": ("log loss", plain),
    "r_squared": ("R²", plain),
    "rmse": ("RMSE", amount),
    "mean_absolute_error": ("mean abs. error", amount),
}
Cells = list[list[str]]


@dataclass(frozen=True)
class Evaluation:
    """Metrics, in one line and in full, beside the score of a guess without the features.

    compared: the metrics of the network and of each baseline, a row each; by_class: precision,
    recall and F1; matrix: how often each class was predicted as each, if they are few."""

    metrics: dict[str, float]
    guess: str
    guess_score: float
    line: str
    lines: list[str]
    compared: Cells = field(default_factory=list)
    verdict: str = ""
    by_class: Cells = field(default_factory=list)
    matrix: list[list[int]] = field(default_factory=list)

    @property
    def score(self) -> float:
        """Accuracy or R²."""
        return next(iter(self.metrics.values()))

    @property
    def text(self) -> str:
        """All of it."""
        names = [row[0] for row in self.by_class[1:]]
        counts = [[name, *map(str, row)] for name, row in zip(names, self.matrix, strict=False)]
        matrix = [["true \\ predicted", *names], *counts] if counts else []
        blocks = [self.lines, [*table(self.compared), *filter(None, [self.verdict])]]
        blocks += [table(matrix), table(self.by_class)]
        return "\n\n".join("\n".join(block) for block in blocks if block)


@dataclass(frozen=True)
class Rule:
    """How outputs are read: as the predictor does; balanced: whether all classes count alike."""

    predictor: Predictor
    balanced: bool = False

    @property
    def names(self) -> list[str]:
        """The classes' names, none of a regression."""
        return self.predictor.class_names

    @property
    def metric(self) -> str:
        """The name of the metric that says which of two models is better."""
        if not self.names:
            return "r_squared"
        return "balanced_accuracy" if self.balanced else "accuracy"

    def decided(self, outputs: Sequence[Any]) -> list[Any]:
        """The outputs, which metrics take for classes: with a threshold, less its logit."""
        return list(map(self.predictor.decided, outputs))

    def metrics(
        self, outputs: Sequence[Any], targets: Sequence[float], constant: bool = False
    ) -> dict[str, float]:
        """The metrics of outputs by name; of a constant guess, whatever the threshold."""
        if not self.names:
            error = fmean(abs(t - x) for t, x in zip(targets, outputs, strict=True))
            rmse = measure.root_mean_squared_error(outputs, targets)
            found = {"r_squared": measure.r_squared(outputs, targets), "rmse": rmse}
            return found | {"mean_absolute_error": error}
        decided = outputs if constant else self.decided(outputs)
        of_classes = (measure.accuracy, measure.balanced_accuracy, measure.macro_f1)
        found = {metric.__name__: metric(decided, targets) for metric in of_classes}
        loss = measure.log_loss(outputs, targets) if self.predictor.outputs == "logits" else nan
        return found | {"roc_auc": measure.roc_auc(outputs, targets), "log_loss": loss}


def said(name: str, x: float) -> str:
    """A metric as people read it."""
    return FORMS[name][1](x)


def evaluated(
    outputs: Sequence[Any],
    targets: Sequence[float],
    rule: Rule,
    baselines: Mapping[str, Sequence[Any]] | None = None,
) -> Evaluation:
    """How good outputs for rows are beside their targets, and beside the outputs of baselines."""
    models = {"this network": outputs, **(baselines or {})}
    metrics = {}
    for name, each in models.items():
        metrics[name] = rule.metrics(each, targets, constant=name.startswith("always "))
    guess = next(iter((baselines or {}).values()), None)  # by the training rows, if it is known
    of_kind = _of_classes if rule.names else _of_numbers
    more = of_kind(outputs, targets, rule, metrics["this network"], guess)
    if baselines:
        more["compared"] = [["", *(FORMS[name][0] for name in metrics["this network"])]]
        for model, of in metrics.items():
            more["compared"].append([model, *(said(name, x) for name, x in of.items())])
        scores = {model: of[rule.metric] for model, of in metrics.items()}
        more["verdict"] = _verdict(scores, models, targets, rule)
    return Evaluation(metrics["this network"], **more)


def _of_numbers(
    outputs: Any, targets: Sequence[float], rule: Rule, metrics: dict[str, float], guess: Any
) -> dict[str, Any]:
    r2, rmse, error = (said(name, x) for name, x in metrics.items())
    usual, whose, zero = [fmean(targets)] * len(targets), "", "0 is always predicting the mean"
    if guess:
        usual, whose = guess, " of the training rows"
        zero = f"always predicting the mean{whose} has {plain(measure.r_squared(usual, targets))}"
    lines, unit = [f"R² {r2} (1 is perfect, {zero})"], rule.predictor.target
    lines.append(f"RMSE {rmse} and mean absolute error {error}, in the units of {unit};")
    error = amount(measure.root_mean_squared_error(usual, targets))
    lines.append(f"always predicting the mean{whose} has an RMSE of {error}")
    line, guess = f"R² {r2}, RMSE {rmse}", "always predicting the mean"
    return {"guess": guess, "guess_score": 0.0, "line": line, "lines": lines}


def _of_classes(
    outputs: Any, targets: Sequence[float], rule: Rule, metrics: dict[str, float], guess: Any
) -> dict[str, Any]:
    names, taken = rule.names, rule.decided(outputs)
    score, counts, count = metrics["accuracy"], Counter(targets), len(targets)
    common = measure.predicted_class(guess[0]) if guess else int(counts.most_common(1)[0][0])
    always, guess_score = f"always predicting {names[common]}", counts[common] / count
    line = f"accuracy {percent(score)} ({round(score * count)} of {count} right)"
    low, high = map(percent, _interval(score, count))
    lines = [
        f"{line}; {always} would give {percent(guess_score)}",
        f"accuracy on new rows of this kind: {low} to {high} (95 % interval"
        f"{')' if guess else '; if the model was trained on none of these)'}",
    ]
    if rule.predictor.threshold != 0.5:
        above = f"above a probability of {rule.predictor.threshold:.3g}"
        lines.append(f"{names[1]} is predicted {above} (--threshold)")
    matrix = measure.confusion_matrix(taken, targets, len(names))
    rows = [["class", "precision", "recall", "F1", "rows"]]
    for k, (name, row) in enumerate(zip(names, matrix, strict=True)):
        hits, predicted, true = row[k], sum(each[k] for each in matrix), sum(row)
        shares = ((hits, predicted), (hits, true), (2 * hits, predicted + true))
        rows.append([name, *(plain(x / of if of else nan) for x, of in shares), str(true)])
    shown = matrix if len(names) <= WIDEST else []
    found = {"guess": always, "guess_score": guess_score, "line": line, "lines": lines}
    return found | {"by_class": rows, "matrix": shown}


def _verdict(
    scores: dict[str, float], models: Mapping[str, Sequence[Any]], targets: Any, rule: Rule
) -> str:
    """Whether the network is better than the best baseline, or what it is better by is chance."""
    (network, own), *others = scores.items()
    others = [(name, x) for name, x in others if not isnan(x)]
    if not others or isnan(own):
        return ""
    best, score = max(others, key=lambda other: other[1])
    metric = "R²" if rule.metric == "r_squared" else rule.metric.replace("_", " ")
    beside = f"the best baseline here, {best if best.startswith('always') else f'the {best}'}"
    if own <= score:
        return f"No better than {beside}, by its {metric}."
    better = f"Better than {beside}, by its {metric}"
    if rule.metric == "balanced_accuracy":  # which is not counted by rows
        return f"{better}."
    errors = [_errors(models[name], targets, rule) for name in (network, best)]
    pairs = list(zip(*errors, strict=True))
    chance = _sign_test(sum(a < b for a, b in pairs), sum(a > b for a, b in pairs))
    if chance > CHANCE:
        return f"{better}; on so few rows that may be chance (sign test: p = {chance:.2g})."
    return f"{better} (sign test: p {f'= {chance:.1g}' if chance else '< 1e-300'})."


def _errors(outputs: Sequence[Any], targets: Sequence[float], rule: Rule) -> list[float]:
    """How far off the output of each row is; of a class 0 or 1."""
    if not rule.names:
        return [abs(x - t) for x, t in zip(outputs, targets, strict=True)]
    decided = zip(rule.decided(outputs), targets, strict=True)
    return [float(measure.predicted_class(x) != t) for x, t in decided]


def _sign_test(wins: int, losses: int) -> float:
    """How often chance makes them so unequal, two-sided; 1 where there are no more wins."""
    count = wins + losses
    if wins <= losses:
        return 1.0
    if count > 1000:  # the normal approximation, as the numbers become long
        return min(1.0, erfc((wins - losses - 1) / sqrt(2 * count)))
    return float(min(1.0, 2 * sum(comb(count, k) for k in range(losses + 1)) / 2**count))


def _interval(share: float, count: int) -> tuple[float, float]:
    """Of 95 %, for a share of so many rows.

    Source: Wilson, Probable Inference, the Law of Succession, and Statistical Inference (1927)."""
    z = 1.959964
    middle, whole = share + z * z / (2 * count), 1 + z * z / count
    half = z * sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)
