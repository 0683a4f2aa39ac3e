"""diagnose: every check, and a report of what was found."""

import warnings
from math import isnan
from typing import Any

import nn.doctor.checks_data as data_checks
import nn.doctor.checks_run as run_checks
import nn.doctor.checks_start as start_checks
import nn.doctor.thresholds as thresholds
from nn.checks import type_name
from nn.data.dataset import Dataset
from nn.doctor.data_stats import determines_target
from nn.doctor.findings import Problem
from nn.doctor.inputs import check_data, check_model
from nn.doctor.report import Diagnosis, Report
from nn.doctor.run_facts import RunFacts, shown
from nn.training.history import History

__all__ = ["PROBLEMS", "diagnose"]

# Causes before their effects: the first that is found is the most important.
PROBLEMS: tuple[Problem, ...] = (
    *(data_checks.unfit, data_checks.leak, data_checks.unscaled, data_checks.unscaled_target),
    *(start_checks.symmetric, start_checks.saturated, start_checks.exploding),
    *(start_checks.vanishing, run_checks.too_fast, start_checks.dead, run_checks.too_slow),
    *(data_checks.imbalance, data_checks.unrelated),
    *(run_checks.overfitting, run_checks.underfitting),
)


def diagnose(history: History, model: Any, data: Dataset) -> Report:
    """What is wrong with a training run, the most important first, with evidence and remedies.

    model: as it is after the run. data: the Dataset that was given to ``train``, or the part that
    it learned from. Which rows were held out, and how the run began, is taken from
    ``history.config``; without it (the history was pickled, say) the report says what was not
    examined. Nothing is changed. Rows or a model that are not those of the run raise a ValueError.

    >>> from nn import MLP, SGD, moons, train
    >>> model = MLP(2, [8, 2], activation="tanh", seed=1)
    >>> history = train(model, moons(200), optimizer=SGD(0.001), epochs=20)
    >>> report = diagnose(history, model, moons(200))
    >>> report[0].name
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
    if history.config:
        check_data(history.config, data)
    check_model(history, model, data)
    run, found = RunFacts(history, model, data), dict[str, Diagnosis]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, sentence, check, causes in PROBLEMS:
            if not causes & set(found) and (finding := check(run)):
                found[name] = Diagnosis(name, sentence, *finding, history.config, model)
        scores, doubts = ("", ()) if found else (_scores(run), _doubts(run))
        return Report(found.values(), scores, _not_examined(run), doubts)


def _scores(run: RunFacts) -> str:
    """How well a healthy run does."""
    scores = {part: run.score(part) for part in ("training", "validation")}
    known = [f"{x:.3g} on the {part} part" for part, x in scores.items() if not isnan(x)]
    words = [f"{'accuracy' if run.classes else 'R²'} {' and '.join(known)}"] if known else []
    if not isnan(run.reachable):
        words.append(f"nearest neighbours get {shown(run.reachable)}")
    return "; ".join(words)


def _doubts(run: RunFacts) -> list[str]:
    """Why it says little that nothing was found."""
    data, held_out, doubts = run.training, len(run.held_out or ()), []
    few, few_held_out = thresholds.FEW_ROWS, thresholds.FEW_VALIDATION_ROWS
    if len(data) + held_out < few or 0 < held_out < few_held_out:
        rows = f"{len(data)} training rows"
        rows += f" and {held_out} validation rows" if held_out else ""
        least = f"{few} in all, {few_held_out} of them for validation"
        doubts.append(f"{rows} are too few to tell: there should be {least}")
    columns = dict(zip(data.feature_names, zip(*data.features, strict=True), strict=True))
    same = [name for name, column in columns.items() if determines_target(column, data)]
    if same and len(columns) > 1:
        doubts.append(
            f'"{same[0]}" is the target in other numbers: leave it out if it is not known before'
        )
    return doubts


def _not_examined(run: RunFacts) -> list[str]:
    words = []
    if not run.config:
        words.append(
            "initial weights, curvature and leaks, as the history does not say how the run began"
        )
    elif not run.held_out:
        words.append("overfitting and leaks, as no rows were held out: train with validation=0.2")
    if not run.after:
        words.append("its units, as the model has no layers of nn")
    return words
