"""A predictor in another language: its scaling, its model and the probabilities that it gives."""

import json
from collections.abc import Callable
from typing import Any

from nn.checks import printable, type_name
from nn.io.predictor import Predictor

__all__ = ["export"]

ENDINGS = {"jax": ".py", "torch": ".py", "onnx": ".onnx", "c": ".c", "javascript": ".js"}
ENDINGS |= {"latex": ".tex"}
COMMENTS = {".py": "# ", ".c": "// ", ".js": "// ", ".tex": "% "}


def export(predictor: Predictor, target: str, dtype: str = "float64") -> str | bytes:
    """A predictor in another language: the function of a row's features, in order, to what is
    predicted: the probability of each class, the margin, or the number in its own units.

    target, dtype: as for ``Program.export``. The names of features and classes stand above the
    source; in ONNX they are metadata.

    >>> from nn import MLP, Predictor, Standardizer
    >>> model = MLP(1, [1], init="ones", seed=0)
    >>> predictor = Predictor(model, Standardizer([1.0], [2.0]), ["width"], target="weight")
    >>> print(export(predictor, "latex"))
    % features: width
    % target: weight
    % gives: the number itself
    \\mathrm{predicted} = \\frac{w_{1} \\left(x_{0} - 1\\right)}{2} + b\\\\
    \\frac{\\partial \\mathrm{predicted}}{\\partial x_{0}} = \\frac{w_{1}}{2}
    """
    if not isinstance(predictor, Predictor):
        cure = "write record(model, row).export(target)"
        raise TypeError(f"export needs a Predictor, got {type_name(predictor)}: {cure}")
    from autograd import record  # here, since it needs NumPy

    program = record(_answer(predictor), [0.0] * len(predictor.feature_names))
    source: str | bytes = program.export(target, dtype)
    names = {"features": predictor.feature_names, "classes": predictor.class_names}
    what = {"logits": "the probability of each class", "number": "the number itself"}
    names |= {"target": [predictor.target], "gives": [what.get(predictor.outputs, "the margin")]}
    if isinstance(source, bytes):
        import onnx

        model = onnx.load_model_from_string(source)
        onnx.helper.set_model_props(model, {what: json.dumps(some) for what, some in names.items()})
        return model.SerializeToString()  # type: ignore[no-any-return]
    mark, lines = COMMENTS[ENDINGS[target]], list[str]()
    for about, some in names.items():
        listed = ", ".join(printable(name, 60) for name in some)
        lines += [f"{mark}{about}: {listed}\n"] * bool(some)
    return "".join([*lines, source])


def _answer(predictor: Predictor) -> Callable[[Any], Any]:
    """What is predicted, of a row's features."""
    import numpy as np

    def predicted(x: Any) -> Any:
        output = predictor(x)
        return np.array(predictor.shares(output)) if predictor.outputs == "logits" else output

    predicted.__name__ = "predicted"
    return predicted
