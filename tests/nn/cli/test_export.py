"""python -m nn export: trained models in other languages, run again on held-out rows."""

import ctypes
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nn import MLP, SGD, Predictor, Standardizer, iris, load_predictor, moons, train
from nn.io.exports import ENDINGS
from tests.nn.cli.commands import printed, written

Shares = np.ndarray[Any, Any]


def held_out(flowers: Path) -> tuple[Predictor, Shares, Shares]:
    """A trained predictor, rows, and the probabilities that it gives them."""
    predictor = load_predictor(flowers / "model.json")
    rows = iris().split(0.2, seed=0)[1].features
    shares = [list(predictor.probabilities(row).values()) for row in rows]
    return predictor, np.array(rows), np.array(shares)


@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")
def test_a_trained_model_in_c_gives_the_probabilities_that_it_gave(
    flowers: Path, here: Path
) -> None:
    _, rows, shares = held_out(flowers)
    printed(["export", str(flowers), "--to", "c", "--out", "model.c"])
    source = (here / "model.c").read_text()
    assert source.startswith("// features: sepal_length, sepal_width, petal_length, petal_width\n")
    assert "// classes: setosa, versicolor, virginica\n" in source
    assert "// gives: the probability of each class\n" in source
    subprocess.run(["cc", "-shared", "-fPIC", "-o", "model.so", "model.c", "-lm"], check=True)
    f = ctypes.CDLL(str(here / "model.so")).f
    pointer = ctypes.POINTER(ctypes.c_double)
    answers = np.empty((len(rows), 3))
    for row, answer in zip(rows, answers, strict=True):
        f(row.copy().ctypes.data_as(pointer), None, answer.ctypes.data_as(pointer))
    np.testing.assert_allclose(answers, shares, rtol=1e-12, atol=1e-15)


@pytest.mark.full
def test_a_trained_model_in_onnx_and_in_jax_gives_the_probabilities_that_it_gave(
    flowers: Path, here: Path
) -> None:
    onnxruntime, _ = pytest.importorskip("onnxruntime"), pytest.importorskip("jax")
    _, rows, shares = held_out(flowers)
    for dtype, digits in (("float64", 1e-12), ("float32", 1e-5)):
        file = f"{dtype}.onnx"
        printed(["export", str(flowers), "--to", "onnx", "--dtype", dtype, "--out", file])
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        (answers,) = session.run(None, {"x": rows.astype(dtype)})
        np.testing.assert_allclose(answers, shares, rtol=digits, atol=digits / 1e3)
        assert (answers.argmax(1) == shares.argmax(1)).all()
    known = session.get_modelmeta().custom_metadata_map
    assert json.loads(known["classes"]) == ["setosa", "versicolor", "virginica"]
    module: dict[str, Any] = {}
    exec(printed(["export", str(flowers), "--to", "jax"])[0], module)
    np.testing.assert_allclose(module["f"](rows), shares, rtol=1e-12, atol=1e-15)


@pytest.mark.full
def test_two_classes_and_digits_are_predicted_as_they_were(here: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    from sklearn.datasets import load_digits

    from nn import Dataset, export

    images = load_digits()
    digits = Dataset(images.data.tolist(), images.target.tolist(), class_names=[*"0123456789"])
    for data, shape in ((moons(200, noise=0.2, seed=1), [8, 1]), (digits, [32, 10])):
        rest, test = data.split(0.25, seed=1)
        scaling = Standardizer.fit(rest)
        model = MLP(len(rest.features[0]), shape, activation="gelu", seed=1)
        train(model, scaling.transform(rest), optimizer=SGD(0.1), epochs=3, seed=1)
        names = [f"x{i}" for i in range(len(rest.features[0]))]
        predictor = Predictor(model, scaling, names, list(data.class_names))
        session = onnxruntime.InferenceSession(export(predictor, "onnx"))
        (answers,) = session.run(None, {"x": np.array(test.features)})
        ours = [list(predictor.probabilities(row).values()) for row in test.features]
        np.testing.assert_allclose(answers, ours, rtol=1e-11, atol=1e-15)


def test_a_number_comes_in_the_units_of_its_target(here: Path) -> None:
    rows = [[i, 2.0 * i + 1] for i in range(40)]
    written(here / "line.csv", ["x", "y"], rows)
    printed(["train", "line.csv", "--target", "y", "--epochs", "2", "--out", "run", "--quiet"])
    source = printed(["export", "run", "--to", "javascript"])[0]
    assert "// target: y" in source and "export function value_and_grad(x, p" in source


REFUSED = [
    (["--to", "cobol"], "--to"),
    (["--to", "c", "--dtype", "float32"], "export to c needs dtype to be 'float64'"),
    (["--to", "c", "--out", "there.c"], "--out there.c is there already: choose another"),
    (["--to", "latex"], "LaTeX needs a formula of at most 1,000 terms"),
]


@pytest.mark.parametrize(("options", "sentence"), REFUSED)
def test_what_cannot_be_exported_is_one_sentence(
    options: list[str], sentence: str, here: Path
) -> None:
    (here / "there.c").write_text("mine")
    model = MLP(4, [40, 40, 3], seed=1)
    Predictor(model, Standardizer([0.0] * 4, [1.0] * 4), [*"abcd"], [*"xyz"]).save("model.json")
    out, err = printed(["export", "model.json", *options], 2)
    assert sentence in err and not out and err.count("\n") == 1
    assert (here / "there.c").read_text() == "mine"


def test_a_model_that_cannot_be_read_is_named_once(here: Path) -> None:
    _, err = printed(["export", "nowhere", "--to", "c"], 2)
    assert err.startswith("nowhere: needs a file that can be read") and err.count("nowhere") == 1


def test_a_folder_without_a_model_is_refused_and_every_ending_is_known(here: Path) -> None:
    (here / "empty").mkdir()
    assert "holds no model.json" in printed(["export", "empty", "--to", "c"], 2)[1]
    assert set(ENDINGS) == {"jax", "torch", "onnx", "c", "javascript", "latex"}
