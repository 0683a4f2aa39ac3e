"""The numbers of a run as files to look at: plots, and CSV files."""

import csv
import io
import warnings
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nn.analysis.lr_finder import RateSearch
from nn.data.dataset import Dataset
from nn.io.predictor import Predictor
from nn.plotting.decision_grid import drawable
from nn.training.history import History


def plots(
    history: History, predictor: Predictor, rows: Dataset, data: Dataset, search: RateSearch | None
) -> tuple[dict[str, bytes], str]:
    """Each plot by its file's name, and why there are no more; rows: as the model sees them."""
    if find_spec("matplotlib") is None:
        return {}, "no plots, since matplotlib is not installed: pip install 'glassgrad[plots]'"
    from nn.plotting import mpl as plot

    drawn: dict[str, bytes] = {}
    try:
        with warnings.catch_warnings(), TemporaryDirectory() as folder:
            warnings.simplefilter("ignore")  # of letters that its fonts lack, say
            figures: dict[str, Any] = {
                "losses.png": plot.losses(history),
                "weights.png": plot.weights(predictor.model),
                "activations.png": plot.activations(predictor.model, rows),
            }
            if drawable(data):
                figures["boundary.png"] = plot.boundary(predictor, data)
            if search:
                figures["rates.png"] = plot.rates(search)
            for name, figure in figures.items():
                plot.save(figure, Path(folder, name))
                drawn[name] = Path(folder, name).read_bytes()
    except Exception as error:  # whatever it is that matplotlib cannot do must not cost the model
        return drawn, f"no more plots, since matplotlib failed: {type(error).__name__}: {error}"
    return drawn, ""


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """Rows of cells as the text of a CSV file, whose lines end alike on every system."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
