"""diagnose: every sign of the table looked for, and a report of what was found."""

from collections import Counter
from math import isnan, sqrt
from typing import Any

import nn.doctor.thresholds as thresholds
from nn.checks import type_name
from nn.data.dataset import Dataset
from nn.doctor.illnesses import ILLNESSES
from nn.doctor.inputs import require_its_data, require_its_model
from nn.doctor.report import Diagnosis, Report
from nn.doctor.run_facts import Chart, shown
from nn.training.history import History

__all__ = ["diagnose"]

NO_USE = "the features may say nothing of what is asked"


def diagnose(history: History, model: Any, data: Dataset) -> Report:
    """What ails a run of training, the most important first, each with its evidence in numbers and
    a remedy.

    model: as it is after the run. data: the Dataset that was given to ``train``, or the part that
    it learned from; which rows of it were held out, and how the run began, is taken from
    ``history.recipe``. Without that (of a history that was pickled, say) what needs it is not
    examined, and the report says so. Nothing is changed. Rows or a model that are not those of the
    run raise a ValueError.

    >>> from nn import MLP, SGD, moons, train
    >>> model = MLP(2, [8, 2], activation="tanh", seed=1)
    >>> history = train(model, moons(200), optimizer=SGD(0.001), epochs=20)
    >>> report = diagnose(history, model, moons(200))
    >>> report[0].illness
    'learning rate too small'
    >>> again, its = report[0].retry()
    >>> its[-1].validation_loss < history[-1].validation_loss
    True
    """
    if not isinstance(history, History):
        raise TypeError(f"diagnose needs the History that train returns, got {type_name(history)}")
    if not isinstance(data, Dataset) or not len(data):
        came = "an empty one" if isinstance(data, Dataset) else type_name(data)
        raise TypeError(f"diagnose needs the Dataset that was given to train, got {came}")
    if history.recipe:
        require_its_data(history.recipe, data)
    require_its_model(history, model, data)
    chart = Chart(history, model, data)
    found: list[Diagnosis] = []
    for illness in ILLNESSES:
        if not illness.explained_by & {other.illness for other in found} and (
            sign := illness.sign(chart)
        ):
            found.append(
                Diagnosis(
                    illness.name,
                    illness.sentence,
                    sign.evidence,
                    sign.remedy,
                    history.recipe,
                    model,
                )
            )
    return Report(
        found,
        *(([], _unseen(chart)) if found else (_figures(chart), _unseen(chart), _doubts(chart))),
    )


def _figures(chart: Chart) -> list[str]:
    """How a healthy run is doing."""
    word = "accuracy" if chart.classes else "R²"
    scores = {part: chart.score(part) for part in ("training", "validation")}
    known = [f"{x:.3g} on the {part} part" for part, x in scores.items() if not isnan(x)]
    words = [f"{word} {' and '.join(known)}"] if known else []
    if not isnan(chart.reachable):
        words.append(f"nearest neighbours get {shown(chart.reachable)}")
    return ["; ".join(words) + "."] if words else []


def _doubts(chart: Chart) -> list[str]:
    """Why it means little that nothing was found."""
    doubts = []
    training, validation = (
        len(chart.training),
        len(chart.recipe.validation or ()) if chart.recipe else 0,
    )
    if (
        training + validation < thresholds.FEW_ROWS
        or 0 < validation < thresholds.FEW_VALIDATION_ROWS
    ):
        rows = f"{training} rows to learn from" + (
            f" and {validation} to validate" if validation else ""
        )
        least = (
            f"{thresholds.FEW_ROWS} in all, {thresholds.FEW_VALIDATION_ROWS} of them to validate"
        )
        doubts.append(f"{rows} are too few rows to tell: there should be {least}")
    elif chart.validation and (no_use := _no_use(chart, chart.validation)):
        doubts.append(no_use)
    return doubts


def _no_use(chart: Chart, validation: Dataset) -> str:
    """Whether the answers are no better on rows that were held out than a single one for all of
    them.
    """
    score = chart.score("validation")
    if not chart.classes:
        guess = "always answering the mean" if score < thresholds.NO_USE_R2 else ""
        return (
            guess
            and f"it is hardly better on the validation part than {guess} (R² {shown(score)}): {NO_USE}"
        )
    if getattr(chart.loss, "keywords", {}).get("class_weights"):
        return ""  # which give up rows of the most frequent class for others
    often = Counter(validation.targets).most_common(1)[0][1] / len(validation)
    if not score < often + sqrt(often * (1 - often) / len(validation)) or often == 1:
        return ""
    guess = (
        f"always answering the most frequent class ({score:.0%} of the rows right, and {often:.0%})"
    )
    return f"it is no better on the validation part, beyond chance, than {guess}: {NO_USE}"


def _unseen(chart: Chart) -> list[str]:
    words = []
    if not chart.recipe:
        words.append(
            "what the run began with and which rows were held out (initial weights, curvature, leaks), as the history "
            "has no recipe"
        )
    elif not chart.validation:
        words.append(
            "overfitting and leaks, as no rows were held out: give train a validation of 0.2, say"
        )
    if not chart.after:
        words.append("its units, as the model has no layers of nn")
    return words
