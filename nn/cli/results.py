"""What the model of a run is worth: its scores, the columns that matter, and the page of all."""

import warnings
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from math import isfinite
from random import Random
from typing import Any

from nn.analysis.baselines import baselines
from nn.analysis.importance import Importance, permutation_importance
from nn.checks import counted
from nn.cli import page
from nn.cli.evaluation import Rule, evaluated
from nn.cli.parts import Parts
from nn.cli.progress import notice
from nn.cli.report import Report, plain, table
from nn.data.dataset import Dataset
from nn.metrics import balanced_accuracy, r_squared
from nn.training.evaluation import batch_outputs

ROWS = 1000  # at most, whose columns are shuffled
COLUMNS = 500  # at most, that are
# Of each plot on the page, what it shows, and the part of the report that has a sketch of it.
PICTURES = {
    "losses.png": ("The loss by epoch, on the training rows and on the validation rows.", "losses"),
    "rates.png": ("The loss at each learning rate of the search.", ""),
    "predictions.png": ("Predictions beside true numbers, and their errors.", ""),
    "boundary.png": (
        "The prediction over two columns, and (some of) the rows; rings are held out.",
        "boundary",
    ),
    "weights.png": ("The weights of each layer.", ""),
    "activations.png": ("The outputs of each layer's units on the training rows.", ""),
}


def some(rows: Dataset, most: int) -> Dataset:
    """The rows, or so many of them at random."""
    return rows.take(Random(0).sample(range(len(rows)), most)) if len(rows) > most else rows


class Results:
    """The scores of a run's model on the held-out rows, or on the best that there are instead."""

    def __init__(self, rule: Rule, parts: Parts, weighted: bool, quiet: bool) -> None:
        self.rule, self.parts = rule, parts
        training, validation, test = parts.training, parts.validation, parts.test
        rows = counted(len(training), "training row")
        what = f"NOT HELD OUT: the {rows}, since there are no others"
        if validation:
            rows = counted(len(validation), "validation row")
            what = f"NOT HELD OUT: the {rows}, which chose the epoch"
        self.what = f"held-out test set: {counted(len(test), 'row')}" if test else what
        self.part = test or validation or training
        # the scores say how far off it is
        with warnings.catch_warnings(action="ignore"):
            self.outputs = batch_outputs(rule.predictor, self.part.features)
        weights = training.class_weights() if weighted else None
        compared = notice("comparing it with simple models", quiet)
        with warnings.catch_warnings(action="ignore"), compared:
            others = baselines(training, self.part, class_weights=weights)
        self.evaluation = evaluated(self.outputs, self.part.targets, rule, others)
        self.unshuffled = ""  # why there are no importances
        with notice("shuffling columns", quiet):
            self.importances = self._importances()

    @property
    def importance_text(self) -> str:
        """The columns that matter, in words."""
        if not self.importances:
            return self.unshuffled
        found = self.importances[: page.SHOWN]
        rows = [[one.column, plain(one.drop), f"± {plain(one.deviation)}"] for one in found]
        return "\n".join([f"{self._metric} lost if a column is shuffled:", *table(rows)])

    def html(self, title: str, vectors: Mapping[str, str], report: Report) -> str:
        """The page of all; vectors: SVGs by the names of plots, for which sketches stand in."""
        found, said = self.evaluation, report.sections
        doctor = said["doctor"].replace("the doctor: ", "")
        heads, own, *_ = found.compared
        numbers = dict(zip(heads[1:], own[1:], strict=True)) | {"rows": str(len(self.part))}
        picture = {
            name: page.picture(vectors.get(name, ""), words, said[sketch] if sketch else "")
            for name, (words, sketch) in PICTURES.items()
        }
        curves = picture["losses.png"], picture["rates.png"]
        names = [row[0] for row in found.by_class[1:]]
        shuffled = f"{self._metric} lost if a column is shuffled: mean and deviation of 5 shuffles"
        alike = "Of two redundant columns, each looks unimportant."
        sections = {
            "": [
                page.paragraphs(f"{found.line}; {self.what}."),
                page.tiles(numbers),
                page.paragraphs(found.verdict),
            ],
            "Beside simple models": [
                page.table(found.compared, "on the same rows", "this network"),
                page.paragraphs(" ".join(found.lines[1:]), said["folds"], faint=True),
            ],
            "Predicted and true": [
                page.matrix(names, found.matrix, "rows, shaded by their part of the true class"),
                page.table(found.by_class),
                picture["predictions.png"],
                picture["boundary.png"],
            ],
            "Which columns matter": [
                page.bars(self.importances, shuffled),
                page.paragraphs(alike if self.importances else self.unshuffled, faint=True),
            ],
            "Training": [*curves, page.pre(said["training"], wrap=True)],
            "What the doctor says": [page.pre(doctor, wrap=True)],
            "The data": [page.pre(said["data"], wrap=True)],
            "The command": [page.pre(said["command"], wrap=True)],
            "Inside the network": [picture["weights.png"], picture["activations.png"]],
        }
        return page.page(title, sections, report.text)

    @property
    def _metric(self) -> str:
        return "balanced accuracy" if self.rule.names else "R²"

    def _importances(self) -> list[Importance]:
        rows, rule = self.part, self.rule
        if len(rows) < 2:
            return []
        if len(rows.feature_names) > COLUMNS:
            self.unshuffled = f"No column was shuffled: there are more than {COLUMNS} features."
            return []
        if find_spec("numpy") is None:  # row by row it would take minutes
            self.unshuffled = "No column was shuffled: that needs NumPy."
            return []
        rows = some(rows, ROWS)

        def metric(outputs: Sequence[Any], targets: Sequence[float]) -> float:
            if not rule.names:
                return r_squared(outputs, targets)
            return balanced_accuracy(rule.decided(outputs), targets)

        spans = getattr(getattr(rows, "columns", None), "spans", None)
        with warnings.catch_warnings(action="ignore"):
            found = permutation_importance(rule.predictor, rows, metric, columns=spans)
        return found if all(isfinite(one.drop) for one in found) else []
