"""Iris, and four toy problems of two features."""

import random
from collections.abc import Callable, Mapping
from functools import partial
from math import cos, isfinite, pi, sin, tau
from pathlib import Path

from nn.checks import number, positive, whole
from nn.data.dataset import Dataset
from nn.data.load import load_csv

__all__ = ["circles", "iris", "moons", "spirals", "xor"]

Curve = Callable[[float], tuple[float, float]]


def iris() -> Dataset:
    """Fisher's irises: length and width of sepal and petal, in cm, of 50 flowers of each species.

    Source: R. A. Fisher, "The use of multiple measurements in taxonomic problems", Annals of
    Eugenics 7 (1936), 179-188; collected by E. Anderson (1935). This is scikit-learn's copy, which
    agrees with the paper; the file at UCI differs from both in rows 35 and 38.

    >>> iris()
    Dataset(150 rows x 4 features, 3 classes: setosa, versicolor, virginica)
    """
    return load_csv(Path(__file__).with_name("iris.csv"))


def moons(rows: int = 100, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Two half circles of radius 1, interleaved; `noise` is the standard deviation of x and y.

    >>> moons()
    Dataset(100 rows x 2 features, 2 classes: upper, lower)
    """
    curves: dict[str, Curve] = {
        "upper": lambda t: (cos(pi * t), sin(pi * t)),
        "lower": lambda t: (1 - cos(pi * t), 0.5 - sin(pi * t)),
    }
    return _along("moons", curves, rows, noise, seed)


def circles(rows: int = 100, noise: float = 0.05, factor: float = 0.5, seed: int = 0) -> Dataset:
    """A circle of radius 1 and one of radius `factor` inside it; `noise` is as in ``moons``.

    >>> circles()
    Dataset(100 rows x 2 features, 2 classes: outer, inner)
    """
    number("circles", "factor", factor, "between 0 and 1", lambda x: 0 < x < 1)
    curves: dict[str, Curve] = {
        "outer": lambda t: (cos(tau * t), sin(tau * t)),
        "inner": lambda t: (factor * cos(tau * t), factor * sin(tau * t)),
    }
    return _along("circles", curves, rows, noise, seed)


def spirals(
    rows: int = 100, noise: float = 0.05, turns: float = 1.0, classes: int = 2, seed: int = 0
) -> Dataset:
    """Spiral arms from the origin out to radius 1, one a class; `noise` is as in ``moons``.

    >>> spirals(classes=3)
    Dataset(100 rows x 2 features, 3 classes: arm 1, arm 2, arm 3)
    """
    whole("spirals", "classes", classes, least=2)
    number("spirals", "number of turns", turns, "that is finite", isfinite)
    curves = {f"arm {i + 1}": partial(_arm, turns, i / classes) for i in range(classes)}
    return _along("spirals", curves, rows, noise, seed)


def xor(rows: int = 100, noise: float = 0.1, seed: int = 0) -> Dataset:
    """The corners of a unit square, class 1 where x and y differ; `noise` is as in ``moons``.

    >>> list(xor(rows=4, noise=0))
    [([0.0, 0.0], 0), ([0.0, 1.0], 1), ([1.0, 0.0], 1), ([1.0, 1.0], 0)]
    """
    whole("xor", "rows", rows, least=2)
    positive("xor", "noise", noise, zero=True)
    rng = random.Random(seed)
    corners = [divmod(i % 4, 2) for i in range(rows)]
    features = [[rng.gauss(x, noise), rng.gauss(y, noise)] for x, y in corners]
    return Dataset(features, [x ^ y for x, y in corners], ["x", "y"], ["0", "1"])


def _arm(turns: float, start: float, t: float) -> tuple[float, float]:
    radius = 0.1 + 0.9 * t  # from 0 all arms would share their first point
    return radius * cos(tau * (turns * t + start)), radius * sin(tau * (turns * t + start))


def _along(name: str, curves: Mapping[str, Curve], rows: int, noise: float, seed: int) -> Dataset:
    whole(name, "rows", rows, least=len(curves))
    positive(name, "noise", noise, zero=True)
    rng = random.Random(seed)
    features, targets = [], []
    for index, curve in enumerate(curves.values()):
        count = len(range(index, rows, len(curves)))
        for i in range(count):
            # midpoints: from 0 to 1 a closed curve would repeat a point
            x, y = curve((i + 0.5) / count)
            features.append([rng.gauss(x, noise), rng.gauss(y, noise)])
            targets.append(index)
    return Dataset(features, targets, ["x", "y"], list(curves)).shuffled(seed)
