"""How good predictions are, in words and tables: beside baselines, and class by class."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import comb, dist, erfc, exp, isnan, nan, sqrt
from statistics import fmean
from typing import Any

from nn.cli.report import amount, plain, table
from nn.io.predictor import Predictor
from nn.metrics import (
    accuracy,
    balanced_accuracy,
    confusion_matrix,
    log_loss,
    macro_f1,
    predicted_class,
    r_squared,
    roc_auc,
    root_mean_squared_error,
)

WIDEST = 12  # classes, of which a whole confusion matrix is shown
CHANCE = 0.05  # the probability above which a difference is said to be explained by chance
Cells = list[list[str]]


@dataclass(frozen=True)
class Evaluation:
    """Accuracy or R², in one line and in full, beside the score of a guess without the features.

    compared: the metrics of the network and of each baseline, a row each; by_class: precision,
    recall and F1; matrix: how often each class was predicted as each, if they are few."""

    score: float
    guess: str
    guess_score: float
    line: str
    lines: list[str]
    rmse: float = nan
    compared: Cells = field(default_factory=list)
    verdict: str = ""
    by_class: Cells = field(default_factory=list)
    matrix: list[list[int]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All of it."""
        names = [row[0] for row in self.by_class[1:]]
        counts = [[name, *map(str, row)] for name, row in zip(names, self.matrix, strict=False)]
        matrix = [["true \\ predicted", *names], *counts] if counts else []
        blocks = [self.lines, table(self.compared), [self.verdict] if self.verdict else []]
        blocks[1:] = [[*blocks[1], *blocks[2]], table(matrix), table(self.by_class)]
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

    def decided(self, outputs: Sequence[Any]) -> list[Any]:
        """The outputs, which metrics take for classes: with a threshold, less its logit."""
        return list(map(self.predictor.decided, outputs))

    def score(self, outputs: Sequence[Any], targets: Sequence[float]) -> float:
        """What says which of two models is better."""
        if not self.names:
            return r_squared(outputs, targets)
        return (balanced_accuracy if self.balanced else accuracy)(self.decided(outputs), targets)


def evaluated(
    outputs: Sequence[Any],
    targets: Sequence[float],
    rule: Rule,
    baselines: Mapping[str, Sequence[Any]] | None = None,
) -> Evaluation:
    """How good outputs for rows are beside their targets, and beside the outputs of baselines."""
    if rule.names:  # one guess for all rows, by the training rows where they are known
        guesses = next(iter((baselines or {}).values()), None)
        common = predicted_class(guesses[0]) if guesses else Counter(targets).most_common(1)[0][0]
        found = _of_classes(outputs, targets, rule, int(common))
    else:
        found = _of_numbers(outputs, targets, rule, baselines or {})
    if not baselines:
        return found
    models = {"this network": outputs, **baselines}
    head = ["", "R²", "RMSE", "mean abs. error"]
    if rule.names:
        head = ["", "accuracy", "balanced acc.", "macro F1", "ROC AUC", "log loss"]
    compared = [head]
    for name, each in models.items():
        decided = each if name.startswith("always ") else rule.decided(each)
        compared.append([name, *_figures(each, decided, targets, rule)])
    verdict = _verdict(outputs, baselines, targets, rule)
    return Evaluation(**vars(found) | {"compared": compared, "verdict": verdict})


def _of_numbers(
    outputs: Any, targets: Sequence[float], rule: Rule, baselines: Mapping[str, Sequence[Any]]
) -> Evaluation:
    guess, score = "always predicting the mean", r_squared(outputs, targets)
    mean = next(iter(baselines.values()), [fmean(targets)] * len(targets))  # of training rows
    # dist, as squares overflow
    rmse, usual = (dist(targets, x) / sqrt(len(targets)) for x in (outputs, mean))
    zero = f"0 is {guess}"
    if baselines:
        guess = "always predicting the mean of the training rows"
        zero = f"{guess} has {plain(r_squared(mean, targets))}"
    lines = [f"R² {plain(score)} (1 is perfect, {zero})"]
    error = f"RMSE {amount(rmse)} and mean absolute error {amount(_error(outputs, targets))}"
    lines.append(f"{error}, in the units of {rule.predictor.target};")
    lines.append(f"{guess} has an RMSE of {amount(usual)}")
    guess = "always predicting the mean"
    return Evaluation(score, guess, 0.0, f"R² {plain(score)}, RMSE {amount(rmse)}", lines, rmse)


def _of_classes(
    outputs: Sequence[Any], targets: Sequence[float], rule: Rule, common: int
) -> Evaluation:
    names, taken = rule.names, rule.decided(outputs)
    score, counts, count = accuracy(taken, targets), Counter(targets), len(targets)
    guess, guess_score = f"always predicting {names[common]}", counts[common] / count
    line = f"accuracy {_percent(score)} ({round(score * count)} of {count} right)"
    lines = [f"{line}; {guess} would give {_percent(guess_score)}"]
    low, high = _interval(score, count)
    lines.append(
        f"accuracy on new rows of this kind: {_percent(low)} to {_percent(high)} (95 % interval)"
    )
    if rule.predictor.threshold != 0.5:
        above = f"above a probability of {rule.predictor.threshold:.3g}"
        lines.append(f"{names[1]} is predicted {above} (--threshold)")
    matrix = confusion_matrix(taken, targets, len(names))
    rows = [["class", "precision", "recall", "F1", "rows"]]
    for k, (name, row) in enumerate(zip(names, matrix, strict=True)):
        hits, predicted, true = row[k], sum(each[k] for each in matrix), sum(row)
        shares = ((hits, predicted), (hits, true), (2 * hits, predicted + true))
        rows.append([name, *(plain(x / of if of else nan) for x, of in shares), str(true)])
    more: dict[str, Any] = {"by_class": rows, "matrix": matrix if len(names) <= WIDEST else []}
    return Evaluation(score, guess, guess_score, line, lines, **more)


def _figures(
    outputs: Sequence[Any], taken: Sequence[Any], targets: Sequence[float], rule: Rule
) -> list[str]:
    """The metrics of a model, in the order of the table's columns."""
    if not rule.names:
        errors = root_mean_squared_error(outputs, targets), _error(outputs, targets)
        return [plain(r_squared(outputs, targets)), *map(amount, errors)]
    shares = [_percent(metric(taken, targets)) for metric in (accuracy, balanced_accuracy)]
    loss = log_loss(outputs, targets) if rule.predictor.outputs == "logits" else nan
    return [*shares, *map(plain, (macro_f1(taken, targets), roc_auc(outputs, targets), loss))]


def _verdict(
    outputs: Sequence[Any],
    baselines: Mapping[str, Sequence[Any]],
    targets: Sequence[float],
    rule: Rule,
) -> str:
    """Whether the network is better than the best baseline, or what it is better by is chance."""
    scores = {name: rule.score(each, targets) for name, each in baselines.items()}
    scores = {name: x for name, x in scores.items() if not isnan(x)}
    own = rule.score(outputs, targets)
    if not scores or isnan(own):
        return ""
    best = max(scores, key=lambda name: scores[name])
    metric = "R²" if not rule.names else "balanced accuracy" if rule.balanced else "accuracy"
    beside = f"the best baseline here, {best if best.startswith('always') else f'the {best}'}"
    if own <= scores[best]:
        return f"No better than {beside}, by its {metric}."
    better = f"Better than {beside}, by its {metric}"
    if rule.balanced and rule.names:  # which is not counted by rows
        return f"{better}."
    chance = _sign_test(*_wins(outputs, baselines[best], targets, rule))
    if chance > CHANCE:
        return f"{better}; on so few rows that may be chance (sign test: p = {chance:.2g})."
    return f"{better} (sign test: p = {chance:.1g})."


def _wins(
    outputs: Sequence[Any], others: Sequence[Any], targets: Sequence[float], rule: Rule
) -> tuple[int, int]:
    """On how many rows the one is better, and the other."""
    errors = []
    for each in (outputs, others):
        if rule.names:
            taken = rule.decided(each)
            wrong = [predicted_class(x) != t for x, t in zip(taken, targets, strict=True)]
            errors.append(list(map(float, wrong)))
        else:
            errors.append([abs(x - t) for x, t in zip(each, targets, strict=True)])
    pairs = list(zip(*errors, strict=True))
    return sum(a < b for a, b in pairs), sum(a > b for a, b in pairs)


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


def best_threshold(outputs: Sequence[Any], targets: Sequence[float]) -> float:
    """The probability of the second class above which to predict it, for the largest balanced
    accuracy on these rows; of several the one nearest to 0.5.

    >>> round(best_threshold([-3.0, -2.0, -1.0, 0.5], [0, 0, 1, 1]), 3)
    0.182
    """
    margins = [x[1] - x[0] if isinstance(x, list) else x for x in outputs]
    rows = sorted(zip(margins, targets, strict=True))
    positive = sum(target == 1 for _, target in rows)
    negative = len(rows) - positive
    if not positive or not negative:
        return 0.5
    below = Counter[float]()
    found = []
    for (x, target), (above, _) in pairwise(rows):
        below[target] += 1
        if x < above:
            balance = below[0] / negative + 1 - below[1] / positive
            found.append((balance, -abs((x + above) / 2), (x + above) / 2))
    cut = max(found)[2] if found else 0.0
    return 1 / (1 + exp(-cut)) if abs(cut) < 30 else 0.5


def _error(outputs: Sequence[float], targets: Sequence[float]) -> float:
    """The mean absolute error."""
    return fmean(abs(t - x) for t, x in zip(targets, outputs, strict=True))


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
