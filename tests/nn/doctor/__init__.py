"""Runs and their reports, for all tests of the doctor."""

import warnings
from typing import Any

from nn import SGD, Dataset, History, diagnose, train
from nn.doctor import Report


def run(
    model: Any, data: Dataset, optimizer: Any = None, loss: Any = None, **options: Any
) -> tuple[History, Any]:
    """A run in quiet: its history, and the model."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return train(
            model, data, loss, optimizer or SGD(0.2), **{"epochs": 40, "seed": 1} | options
        ), model


def report_of(
    model: Any, data: Dataset, optimizer: Any = None, loss: Any = None, **options: Any
) -> Report:
    history, model = run(model, data, optimizer, loss, **options)
    return diagnose(history, model, data)


def names(report: Report) -> list[str]:
    return [diagnosis.name for diagnosis in report]
