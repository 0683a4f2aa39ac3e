"""diagnose: every check, and a report of what was found."""

import warnings
from collections import Counter
from functools import partial
from math import hypot, isclose, isfinite, isnan
from typing import Any

import nn.doctor.thresholds as thresholds
from nn.checks import counted, type_name
from nn.data.dataset import Dataset
from nn.data.doubts import gives_away, one_to_one
from nn.data.stream import Stream
from nn.doctor.checks_data import imbalance, leak, unfit, unrelated, unscaled, unscaled_target
from nn.doctor.checks_fit import overfitting, underfitting
from nn.doctor.checks_rate import too_fast, too_slow
from nn.doctor.checks_start import dead, exploding, saturated, symmetric, vanishing
from nn.doctor.data_stats import rows_of
from nn.doctor.findings import Diagnosis, Problem, Report
from nn.doctor.run_facts import RunFacts
from nn.module import Module, check_in_features
from nn.training.checks import check_rows
from nn.training.config import TrainConfig
from nn.training.history import History

# Causes before their effects: the first that is found is the most important.
PROBLEMS: tuple[Problem, ...] = (
    *(unfit, leak, unscaled, unscaled_target, symmetric, saturated, exploding, vanishing),
    *(too_fast, dead, too_slow, imbalance, unrelated, overfitting, underfitting),
)


def diagnose(history: History, model: Any, data: Dataset) -> Report:
    """What is wrong with a training run, the most important first, with evidence and remedies.

    model: as it is after the run. data: the Dataset that was given to ``train``, or the part that
    it learned from. Which rows were held out, and how the run began, is taken from
    ``history.config``; without it (the history was pickled, say) the report says what was not
    examined. Rows or a model that are not those of the run raise a ValueError."""
    if not isinstance(history, History):
        raise TypeError(f"diagnose needs the History that train returns, got {type_name(history)}")
    check_rows("diagnose", data)
    if history.config:
        _check_data(history.config, data)
    _check_model(history, model, data)
    run, found = RunFacts(history, model, data), dict[str, Diagnosis]()
    with warnings.catch_warnings(action="ignore"):
        for name, sentence, check, causes in PROBLEMS:
            if not causes & set(found) and (finding := check(run)):
                found[name] = Diagnosis(name, sentence, *finding, history.config, model)
        report = Report(found.values())
        report.not_examined = _not_examined(run)
        if report.healthy:
            report.scores, report.doubts = _scores(run), _doubts(run)
        return report


def _check_data(config: TrainConfig, data: Dataset) -> None:
    """Raise a ValueError unless these are the rows of the run, with or without those held out."""
    if isinstance(config.data, Stream):
        need = "diagnose needs a run whose rows can be counted, got one of a stream of batches"
        raise ValueError(f"{need}: train on some of its batches as a Dataset, and diagnose that")
    parts = (data, config.data, config.validation)
    given, training, held_out = (Counter(rows_of(part)) for part in parts)
    if given not in (training, training + held_out):
        need = f"{len(config.data)} rows"
        need += f" + {len(config.validation)} held out" if config.validation else ""
        others = f"{(given - training - held_out).total()} are not among them"
        came = f"{len(data)} rows of which {others}: give the Dataset that was given to train"
        raise ValueError(f"diagnose needs the data of the run, {need}, got {came}")


def _check_model(history: History, model: Any, data: Dataset) -> None:
    """Raise a ValueError unless it has the size of the run's model, and an epoch's weights."""
    need, give = "diagnose needs the model", "give the model that was given to train"
    if not callable(model) or isinstance(model, type):
        raise TypeError(f"{need} of the run, got {type_name(model)}: {give}")
    count = len(dict.fromkeys(model.parameters())) if hasattr(model, "parameters") else 0
    wanted = len(history.config.initial) if history.config else count
    if count != wanted:
        raise ValueError(f"{need} of the run, of {wanted} parameters, got one of {count}: {give}")
    check_in_features(model, len(data.feature_names))
    ended = not history.diverged and not history.stopped.startswith("interrupted")
    lengths = [epoch.weight_norm for epoch in history if isfinite(epoch.weight_norm)]
    if not history.config or not isinstance(model, Module) or not lengths or not ended:
        return
    length = hypot(*(w.data for w in model.weights()))
    same = (isclose(length, known, rel_tol=1e-6, abs_tol=1e-12) for known in lengths)
    if isfinite(length) and not any(same):
        came = "one whose weights no epoch of the history ended with"
        do = f"{give}, not one made anew or trained further"
        raise ValueError(f"{need} as the run left it, got {came}: {do}")


def _scores(run: RunFacts) -> str:
    """How well a healthy run does."""
    scores = {part: run.score(part) for part in run.parts}
    known = [f"{x:.3g} on the {part} part" for part, x in scores.items() if not isnan(x)]
    words = [f"{'accuracy' if run.classes else 'R²'} {' and '.join(known)}"] if known else []
    if not isnan(run.reachable):
        rows = counted(min(len(run.training), thresholds.ROWS_NEAR), "training row")
        near = f"the {thresholds.NEIGHBOURS} nearest neighbours of each of {rows}"
        words.append(f"{near} get {run.reachable:.3g}")
    return "; ".join(words)


def _doubts(run: RunFacts) -> list[str]:
    """Why it says little that nothing was found."""
    data, held_out, doubts = run.training, len(run.validation or ()), []
    few, few_held_out = thresholds.FEW_ROWS, thresholds.FEW_VALIDATION_ROWS
    if len(data) + held_out < few or 0 < held_out < few_held_out:
        rows = f"{len(data)} training rows"
        rows += f" and {held_out} validation rows" if held_out else ""
        least = f"{few} in all, {few_held_out} of them for validation"
        doubts.append(f"{rows} are too few to tell: there should be {least}")
    names, columns = data.feature_names, zip(*data.features, strict=True)
    for name, column in zip(names, columns, strict=True) if len(names) > 1 else ():
        # of few rows a feature may tell classes apart that is no copy of them
        known = one_to_one if data.classification else partial(gives_away, classes=False)
        if known(column, data.targets):
            doubts.append(f'"{name}" gives the target away: leave it out if it is not known before')
            break
    return doubts


def _not_examined(run: RunFacts) -> list[str]:
    words = []
    if not run.config:
        unknown = "as the history does not say how the run began"
        words.append(f"initial weights, curvature and leaks, {unknown}")
    elif not run.validation:
        words.append("overfitting and leaks, as no rows were held out: train with validation=0.2")
    if not run.after:
        words.append("its units, as the model has no layers of nn")
    return words
