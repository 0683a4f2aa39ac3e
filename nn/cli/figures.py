"""Pictures: the plots of a run, drawn by matplotlib if it is there, and nothing lost if it is not."""

import warnings
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nn.analysis.lr_finder import RateSearch
from nn.data.dataset import Dataset
from nn.io.predictor import Predictor
from nn.training.history import History

__all__ = ["flat", "pictures"]


def flat(data: Dataset) -> bool:
    """Whether what is predicted can be drawn: over two features, or numbers over one.

    >>> from nn import iris, moons
    >>> flat(moons()), flat(iris())
    (True, False)
    """
    width = len(data.feature_names)
    return width == 2 or (width == 1 and not data.classification)


def pictures(
    history: History,
    predictor: Predictor,
    learnt: Dataset,
    data: Dataset,
    search: RateSearch | None,
) -> tuple[dict[str, bytes], str]:
    """Each plot as a file's name and its content, and a sentence on why there are no more, if so.

    learnt: the rows to learn from as the model sees them; data: all rows as they are in the file.
    """
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
                "activations.png": plot.activations(predictor.model, learnt),
            }
            if flat(data):
                figures["boundary.png"] = plot.boundary(predictor, data)
            if search:
                figures["rates.png"] = plot.rates(search)
            for name, figure in figures.items():
                plot.save(figure, Path(folder, name))
                drawn[name] = Path(folder, name).read_bytes()
    except Exception as error:  # whatever it is that matplotlib cannot do must not cost the model
        return drawn, f"no more plots, since matplotlib failed: {type(error).__name__}: {error}"
    return drawn, ""
