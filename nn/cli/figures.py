"""The numbers of a run as files to look at: plots, and CSV files."""

import csv
import io
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, fields
from importlib.util import find_spec
from math import isnan
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nn.analysis.lr_finder import RateSearch
from nn.cli.evaluation import WIDEST
from nn.cli.page import vector
from nn.cli.results import Results, some
from nn.data.dataset import Dataset
from nn.plotting.decision_grid import drawable
from nn.training.history import Epoch, History

ROWS, DOTS = 2000, 300  # at most, of which activations are drawn, and which are dots


def plots(
    history: History, search: RateSearch | None, rows: Dataset, results: Results
) -> tuple[dict[str, bytes], dict[str, str], str]:
    """Each plot by its file's name, and as SVG, and why there are no more; rows: training rows as
    the model sees them."""
    if find_spec("matplotlib") is None:
        return {}, {}, "no plots, since matplotlib is not installed: pip install 'glassgrad[plots]'"
    from nn.plotting import mpl as plot

    drawn, vectors = dict[str, bytes](), dict[str, str]()
    predictor, names = results.rule.predictor, results.rule.names
    parts, part = results.parts, results.part
    try:
        # of letters that its fonts lack, say
        with warnings.catch_warnings(action="ignore"), TemporaryDirectory() as folder:
            figures: dict[str, Any] = {
                "losses.png": plot.losses(history),
                "weights.png": plot.weights(predictor.model),
                "activations.png": plot.activations(predictor.model, rows[:ROWS]),
            }
            if drawable(part):
                seen, held = some(parts.training, DOTS), some(parts.test or part, DOTS // 3)
                shown = (seen, "", held) if parts.test else (held,)
                figures["boundary.png"] = plot.boundary(predictor.decision, *shown)
            if search:
                figures["rates.png"] = plot.rates(search)
            if names and len(names) <= WIDEST:
                outputs = results.rule.decided(results.outputs)
                figures["confusion.png"] = plot.confusion(outputs, part.targets, names)
            elif not names:
                numbers = results.outputs, part.targets, predictor.target
                figures["predictions.png"] = plot.predictions(*numbers)
            for name, figure in figures.items():
                for file in (Path(folder, name), Path(folder, f"{name}.svg")):
                    plot.save(figure, file)
                drawn[name] = Path(folder, name).read_bytes()
                vectors[name] = vector(name, file.read_text(encoding="utf-8"))
    except Exception as error:  # whatever it is that matplotlib cannot do must not cost the model
        why = f"{type(error).__name__}: {error}"
        return drawn, vectors, f"no more plots, since matplotlib failed: {why}"
    return drawn, vectors, ""


def tables(history: History, folds: Sequence[Mapping[str, float]]) -> dict[str, str]:
    """history.csv and, of a cross-validation, folds.csv: a line for each epoch, or fold."""
    epochs = (map(_exact, astuple(each)) for each in history)
    heads = ["epoch", *(field.name for field in fields(Epoch)[1:])]
    found = {"history.csv": csv_text([heads, *epochs])}
    if folds:
        rows = ([str(k), *map(_exact, fold.values())] for k, fold in enumerate(folds, 1))
        found["folds.csv"] = csv_text([["fold", *folds[0]], *rows])
    return found


def _exact(x: float) -> str:
    """A number exact to the last bit; nothing of nan."""
    return "" if isnan(x) else repr(x)


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """Rows of cells as the text of a CSV file, whose lines end alike on every system."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
