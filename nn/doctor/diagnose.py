"""diagnose: every sign of the table looked for, and a report of what was found."""

from math import isnan
from typing import Any

from nn.dataset import Dataset
from nn.doctor.chart import Chart, shown
from nn.doctor.illnesses import ILLNESSES
from nn.doctor.report import Diagnosis, Report
from nn.history import History

__all__ = ["diagnose"]


def diagnose(history: History, model: Any, data: Dataset) -> Report:
    """What ails a run of training, the most important first, each with its evidence in numbers and a remedy.

    model: as it is after the run. data: the Dataset that was given to ``train``; which rows of it were held out, and
    how the run began, is taken from ``history.recipe``. Without that (of a history that was pickled, say) what needs it
    is not examined, and the report says so. Nothing is changed.

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
        raise TypeError(f"diagnose needs the History that train returns, got a {type(history).__name__}")
    if not isinstance(data, Dataset) or not len(data):
        came = "an empty one" if isinstance(data, Dataset) else f"a {type(data).__name__}"
        raise TypeError(f"diagnose needs the Dataset that was given to train, got {came}")
    chart = Chart(history, model, data)
    found: list[Diagnosis] = []
    for illness in ILLNESSES:
        if not illness.explained_by & {other.illness for other in found} and (sign := illness.sign(chart)):
            found.append(Diagnosis(illness.name, illness.sentence, sign.evidence, sign.remedy, history.recipe, model))
    return Report(found, [] if found else _figures(chart), _unseen(chart))


def _figures(chart: Chart) -> list[str]:
    """How a healthy run is doing."""
    word = "accuracy" if chart.classes else "R²"
    scores = {part: chart.score(part) for part in ("training", "validation")}
    known = [f"{x:.3g} on the {part} part" for part, x in scores.items() if not isnan(x)]
    words = [f"{word} {' and '.join(known)}"] if known else []
    if not isnan(chart.reachable):
        words.append(f"nearest neighbours get {shown(chart.reachable)}")
    return ["; ".join(words) + "."] if words else []


def _unseen(chart: Chart) -> list[str]:
    words = []
    if not chart.recipe:
        words.append(
            "what the run began with and which rows were held out (initial weights, curvature, leaks), as the history "
            "has no recipe"
        )
    elif not chart.validation:
        words.append("overfitting and leaks, as no rows were held out: give train a validation of 0.2, say")
    if not chart.after:
        words.append("its units, as the model has no layers of nn")
    return words
