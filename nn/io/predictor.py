"""Predictor: a model with all that it takes to ask it: names, scaling, and what its outputs mean.

Its file is one object as ``nn.io.models`` writes it, with the format "glassgrad predictor":
``target`` (the column's name), ``feature_names``, ``class_names`` (empty for a regression),
``outputs`` ("logits", "margin" or "number"), ``feature_scaling`` (``means`` and ``deviations``),
``target_scaling`` (``mean`` and ``deviation``), ``threshold`` if it is not 0.5, ``columns`` (what
was learned of those of the file; files of before have none), and ``model``, ``settings`` and
``parameters`` as in a model's own file."""

import warnings
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import KW_ONLY, dataclass, field
from math import isfinite, log
from typing import Any, overload

from autograd import no_grad, sigmoid, softmax
from nn.checks import counted, file_name, warn
from nn.data.column import Column
from nn.data.columns import Columns
from nn.data.dataset import Dataset
from nn.data.frames import is_frame
from nn.data.new_rows import NewRows, check_columns, far, refusal, table_of
from nn.data.scaling import Standardizer
from nn.data.table import DataError, Table
from nn.io.json_file import LIMIT, PathLike, StoreError, damaged, read_json, write_json
from nn.io.models import contents, filled
from nn.metrics import predicted_class
from nn.module import Module, numbers

__all__ = ["Predictor", "load_predictor"]

Row = Mapping[str, Any] | Sequence[float]


@dataclass(eq=False, repr=False)
class Predictor(Module):
    """A model of rows as they are in the file, for classes, or numbers in the target's units.

    model: what was trained, on rows of the ``scaling``. outputs: what its outputs are: "logits"
    (one a class, or a single one for two classes), "margin" (one number, class 1 above 0, as
    ``hinge`` has it) or "number" (of a regression, whose target had the ``target_mean`` taken off
    and was divided by the ``target_deviation``). threshold: the probability above which the second
    of two classes is predicted, where outputs are logits. columns: those of the file that the
    features are from, as ``Dataset.columns``; rows are then cells by name, and may lack some.

    >>> from nn import MLP, iris
    >>> data = iris()
    >>> scaling = Standardizer.fit(data)
    >>> names = data.feature_names, data.class_names
    >>> predictor = Predictor(MLP(4, [3], seed=0), scaling, *names, target="species")
    >>> predictor
    Predictor of species (setosa, versicolor, virginica) from 4 features
    >>> list(predictor.probabilities(data.features[0]))
    ['setosa', 'versicolor', 'virginica']
    """

    model: Any
    scaling: Standardizer
    feature_names: list[str]
    class_names: list[str] = field(default_factory=list)
    _: KW_ONLY
    target: str = "target"
    outputs: str = ""
    target_mean: float = 0.0
    target_deviation: float = 1.0
    threshold: float = 0.5
    columns: Columns | None = None

    def __post_init__(self) -> None:
        self.feature_names, self.class_names = list(self.feature_names), list(self.class_names)
        self.outputs = self.outputs or ("logits" if self.class_names else "number")
        features, classes = len(self.feature_names), len(self.class_names)
        if {len(self.scaling.means), len(self.scaling.deviations)} != {features}:
            need, came = f"a scaling of {features} features", f"one of {len(self.scaling.means)}"
            remedy = "fit it on the data that the names are from"
            raise DataError.of("Predictor", need, came, remedy)
        allowed = ("logits", "margin") if self.class_names else ("number",)
        if self.outputs not in allowed:
            need = f"outputs that are {' or '.join(allowed)}"
            raise DataError.of("Predictor", need, repr(self.outputs))
        if self.threshold != 0.5 and (classes != 2 or self.outputs != "logits"):
            need = "two classes and logits for a threshold"
            raise DataError.of("Predictor", need, f"{classes} and a {self.outputs}", "leave it out")
        if not 0 < self.threshold < 1:
            raise DataError.of("Predictor", "a threshold between 0 and 1", self.threshold)
        # the shape alone is looked at
        with no_grad(), warnings.catch_warnings(action="ignore"):
            output = numbers(self.model([0.0] * features))
        count = len(output) if isinstance(output, list) else 1
        right = [1] if not classes or self.outputs == "margin" else [classes, *[1] * (classes == 2)]
        if count not in right or (isinstance(output, list) and self.outputs != "logits"):
            wanted = f"an output for each of {classes} classes" if right[0] > 1 else "one output"
            raise DataError.of("Predictor", f"a model with {wanted}", count, "make it with as many")

    def __call__(self, row: Sequence[Any], /) -> Any:
        """The output for features in order: logits, a margin, or a number in its own units."""
        output = self.model(self.scaling.transform(row))
        return output if self.class_names else output * self.target_deviation + self.target_mean

    def row(self, row: Row) -> list[float]:
        """A row's features in order, from cells by name (others are left out) or in order; a
        warning says what is unlike the rows that were learned from."""
        if isinstance(row, Mapping) and self.columns is not None:
            return self._features_of(row)[0]
        if isinstance(row, Mapping):
            check_columns(Table("a row", list(row), [], []), self.learned)
            row = [row[name] for name in self.feature_names]
        try:
            features = [float(x) for x in row]
        except (TypeError, ValueError) as error:
            need = f"numbers for {', '.join(self.feature_names)}"
            raise DataError.of("a row", need, f"'{error}'") from None
        if not all(map(isfinite, features)):
            raise DataError.of("a row", "finite numbers", features, "leave the row out, or fill it")
        if self.columns is not None and len(features) == len(self.feature_names):
            for note in far(self.columns, features):
                warn(note)
        return features

    def _features_of(self, data: Any) -> list[list[float]]:
        """The features of a frame, or of one row of cells by name; else as ``row``."""
        found = NewRows.of(table_of(data, self.learned), self.learned, self.target)
        if found.unusable:
            raise refusal(found.table, self.learned, found.unusable)
        for note in found.notes:
            warn(note)
        return found.features

    @property
    def learned(self) -> Columns:
        """What was learned of the columns; where none are kept, each feature is one of numbers."""
        pairs = zip(self.feature_names, self.scaling.means, strict=True)
        return self.columns or Columns([Column(name, fill=[mean]) for name, mean in pairs])

    @overload
    def predict(self, rows: Dataset) -> list[str] | list[float]: ...
    @overload
    def predict(self, rows: Row) -> str | float: ...
    def predict(self, rows: Dataset | Row) -> Any:
        """The class's name, or the number, predicted for a row; of a dataset or frame, a list."""
        if is_frame(rows):
            return list(map(self._answered, self._features_of(rows)))
        if isinstance(rows, Dataset):
            return [self._answered(self.row(row)) for row in rows.features]
        return self._answered(self.row(rows))

    def _answered(self, features: list[float]) -> str | float:
        with no_grad():
            return self.answer(numbers(self(features)))

    def answer(self, output: Any) -> str | float:
        """The class's name, or the number, that an output stands for."""
        if not self.class_names:
            return float(output)
        return self.class_names[predicted_class(self.decided(output))]

    def decided(self, output: Any) -> Any:
        """The output; where there is a threshold, one number that is above 0 for the second class.

        It is the logit less that of the threshold."""
        if self.threshold == 0.5:
            return output
        margin = output[1] - output[0] if isinstance(output, (list, tuple)) else output
        return margin - log(self.threshold / (1 - self.threshold))

    def decision(self, row: Sequence[Any]) -> Any:
        """What ``decided`` gives for features in order: for a picture of the boundary."""
        return self.decided(self(row))

    def probabilities(self, row: Row) -> dict[str, float]:
        """The probability of each class by its name, from a model whose outputs are logits."""
        if self.outputs != "logits":
            need, remedy = "a model whose outputs are logits", "train with cross_entropy"
            raise DataError.of("probabilities", need, f"a {self.outputs}", remedy)
        with no_grad():
            shares = self.shares(numbers(self(self.row(row))))
        return dict(zip(self.class_names, shares, strict=True))

    def shares(self, output: Any) -> list[float]:
        """The probability of each class, in order, from an output that is logits."""
        return softmax(output) if isinstance(output, list) else [sigmoid(-output), sigmoid(output)]

    def save(self, path: PathLike) -> None:
        """Write all of it, exact to the last bit, whole or not at all: see ``load_predictor``."""
        names = ("target", "feature_names", "class_names", "outputs")
        document: dict[str, Any] = {name: getattr(self, name) for name in names} | {
            "feature_scaling": {"means": self.scaling.means, "deviations": self.scaling.deviations},
            "target_scaling": {"mean": self.target_mean, "deviation": self.target_deviation},
        }
        if self.threshold != 0.5:
            document["threshold"] = self.threshold
        if self.columns is not None:
            document["columns"] = self.columns.content()
        write_json(path, "predictor", document | contents(self.model), indent=1)

    def __repr__(self) -> str:
        names = self.class_names if len(self.class_names) <= 8 else [*self.class_names[:7], "..."]
        kind = f" ({', '.join(names)})" if names else ""
        features = counted(len(self.feature_names), "feature")
        return f"Predictor of {self.target}{kind} from {features}"


def load_predictor(path: PathLike, model: Module | None = None, *, limit: int = LIMIT) -> Predictor:
    """The predictor that was saved; a model of a class of your own is to be given, and is filled.

    What is damaged, foreign, larger than ``limit`` bytes or of another shape raises StoreError.

    >>> from nn import MLP
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> scaling = Standardizer([0.0], [1.0])
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "frogs.json")
    ...     Predictor(MLP(1, [1]), scaling, ["width"], ["frog", "newt"], target="kind").save(path)
    ...     load_predictor(path)
    Predictor of kind (frog, newt) from 1 feature
    """
    name, content = file_name(path), read_json(path, "predictor", limit)
    try:
        features, target = content["feature_scaling"], content["target_scaling"]
        scaling = Standardizer(_finite(features["means"]), _finite(features["deviations"]))
        mean, deviation = _finite([target["mean"], target["deviation"]])
        names = [_names(content[what]) for what in ("feature_names", "class_names")]
        if min(*scaling.deviations, deviation) <= 0 or not isinstance(content["target"], str):
            raise ValueError("a scaling or target of another kind")
        options = {"target": content["target"], "outputs": content["outputs"]}
        options |= {"threshold": _finite([content.get("threshold", 0.5)])[0]}
        columns = Columns.of_content(content["columns"]) if "columns" in content else None
        if columns is not None and columns.feature_names != names[0]:
            raise ValueError("columns that are not those of its features")
        # a model that was given stays if all is not well
        predictor = Predictor(filled(content, name, deepcopy(model)), scaling, *names, **options)
        predictor.target_mean, predictor.target_deviation = mean, deviation
        predictor.columns = columns
    except StoreError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise damaged(name, f"no {error}" if isinstance(error, KeyError) else str(error)) from None
    if model is not None:
        predictor.model = filled(content, name, model)
    return predictor


def _finite(numbers: Any) -> list[float]:
    known = isinstance(numbers, list) and all(type(x) in (int, float) for x in numbers)
    if not known or not all(map(isfinite, numbers)):
        raise ValueError("a scaling that is not of finite numbers")
    return [float(x) for x in numbers]


def _names(names: Any) -> list[str]:
    texts = isinstance(names, list) and all(isinstance(name, str) for name in names)
    if not texts or len(set(names)) < len(names):
        raise ValueError("names that are not a list of different texts")
    return list(names)
