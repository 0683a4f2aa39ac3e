"""Slips of a newcomer: each gets one sentence that says what was needed, what came, and what to
write.
"""

import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nn import (
    MLP,
    SGD,
    DataError,
    Dataset,
    Layer,
    Predictor,
    Standardizer,
    StoreError,
    accuracy,
    circles,
    curvature,
    evaluate,
    find_rate,
    huber,
    iris,
    load,
    load_predictor,
    mean_absolute_error,
    mean_squared_error,
    moons,
    plot,
    predict,
    save,
    sketch,
    spirals,
    train,
    xor,
)
from tests.cases import each

NARROW = MLP(2, [4, 3], seed=0)
MODEL = MLP(2, [4, 2], seed=0)
A_LOSS = "needs a loss that is a function of predictions and targets, got"


def said(mistake: Callable[[], Any], kind: type[Exception] | tuple[type[Exception], ...]) -> str:
    with pytest.raises(kind) as caught:
        mistake()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "ask",
    [
        train,
        evaluate,
        predict,
        find_rate,
        curvature,
        plot.activations,
        plot.along_gradient,
        lambda model, data: train(model, data, mean_squared_error),
    ],
)
def test_a_model_of_another_width_than_the_data_is_told_by_both_widths(
    ask: Callable[..., Any],
) -> None:
    if "plot" in getattr(ask, "__module__", ""):
        pytest.importorskip("matplotlib")
    before = [p.data for p in NARROW.parameters()]
    sentence = "the model takes 2 features, the data have 4: write MLP(4, ...)"
    assert said(lambda: ask(NARROW, iris()), ValueError) == sentence
    assert [p.data for p in NARROW.parameters()] == before


def test_a_boundary_of_a_model_of_another_width_than_the_plane_is_told_by_both_widths() -> None:
    wide = MLP(4, [3], seed=0)
    sentence = "the model takes 4 features, the data have 2: write MLP(2, ...)"
    assert said(lambda: sketch.boundary(wide, moons()), ValueError) == sentence
    one = Layer(1, 2)
    assert said(lambda: predict(one, moons()), ValueError).startswith(
        "the model takes 1 feature, the data have 2"
    )


@pytest.mark.parametrize("loss", [mean_squared_error, mean_absolute_error, huber])
def test_a_class_index_before_a_loss_of_amounts_is_told_which_loss_is_for_classes(
    loss: Callable[..., Any],
) -> None:
    sentence = said(lambda: train(MLP(4, [4, 3], seed=0), iris(), loss, engine="eager"), ValueError)
    assert sentence.startswith(
        f"{loss.__name__} needs a target for each of a row's 3 outputs, got the one number "
    )
    assert sentence.endswith("for the index of a class use cross_entropy")
    with pytest.raises(
        ValueError, match=r"a target for each of a row's 2 outputs, got 3: give the model as many"
    ):
        loss([[1.0, 2.0]], [[1.0, 2.0, 3.0]])


PICTURES: dict[str, Callable[[], Any]] = {
    "lines needs points by name, such as": lambda: sketch.lines([1, 2, 3]),  # type: ignore[arg-type]
    "lines needs points (x, y), got 1 in 'a': write [(x, y), ...]": lambda: sketch.lines(
        {"a": [1, 2]}
    ),  # type: ignore
    "lines needs points (x, y), got 3 in 'b': write [(x, y), ...]": lambda: sketch.lines({"b": 3}),  # type: ignore
    "bars needs numbers by name, such as": lambda: sketch.bars([1, 2, 3]),  # type: ignore[arg-type]
}
SLIPS: dict[str, Callable[[], Any]] = {
    **PICTURES,
    "split needs a fraction between 0 and 1, got 'a'; for a fifth pass "
    "0.2": lambda: moons().split("a"),  # type: ignore
    "moons needs a whole number of at least 2 as rows, got 3.5": lambda: moons(3.5),  # type: ignore[arg-type]
    "circles needs a whole number of at least 2 as rows, got '9'": lambda: circles("9"),  # type: ignore[arg-type]
    "xor needs a noise of 0 or more, and finite, got 'a'": lambda: xor(noise="a"),  # type: ignore[arg-type]
    "spirals needs a whole number of at least 2 as classes, got 2.5": lambda: spirals(classes=2.5),  # type: ignore
    "spirals needs a number of turns that is finite, got '1'": lambda: spirals(turns="1"),  # type: ignore[arg-type]
    "circles needs a factor between 0 and 1, got None": lambda: circles(factor=None),  # type: ignore[arg-type]
    "batches needs a whole number of at least 1 as size, got "
    "2.5": lambda: moons().batches(2.5, None),  # type: ignore
    f"evaluate {A_LOSS} 'accuracy': pass": lambda: evaluate(MODEL, moons(), "accuracy"),  # type: ignore[arg-type]
    f"find_rate {A_LOSS} SGD: write optimizer=SGD(": lambda: find_rate(MODEL, moons(), SGD(0.1)),  # type: ignore[arg-type]
    f"curvature {A_LOSS} 3: pass": lambda: curvature(MODEL, moons(), 3),  # type: ignore[arg-type]
    f"train {A_LOSS} a function of (p): pass": lambda: train(MODEL, moons(), lambda p: p),  # type: ignore
    f"train {A_LOSS} a function of (p, t, k): "
    f"pass": lambda: train(MODEL, moons(), lambda p, t, k: p),  # type: ignore
    "a metric needs targets that are numbers, or the indices of classes, got 'a'": lambda: accuracy(
        [[1, 2], [3, 4]], ["a", "b"]  # type: ignore[list-item]
    ),
    "a path needs a str or a pathlib.Path, got "
    "bool": lambda: train(MODEL, moons(), checkpoint=True),  # type: ignore
    "MLP needs a seed that is a whole number, or None for another each time, got "
    "'a'": lambda: MLP(2, [2], seed="a"),  # type: ignore
    "MLP needs a seed that is a whole number, or None for another each time, got "
    "2.5": lambda: MLP(2, [2], seed=2.5),  # type: ignore
}  # fmt: skip


@each("sentence", SLIPS)
def test_a_slip_gets_its_sentence(sentence: str) -> None:
    assert said(SLIPS[sentence], (TypeError, ValueError)).startswith(sentence)


@pytest.mark.parametrize("sentence", PICTURES)
def test_a_plot_refuses_in_the_words_of_the_sketch(
    sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib")
    for name in ("lines", "bars"):
        monkeypatch.setattr(sketch, name, getattr(plot, name))
    assert said(PICTURES[sentence], TypeError).startswith(sentence)


def test_losses_that_do_not_tell_what_they_take_are_tried_out() -> None:
    class Loss:
        def __call__(self, *both: Any) -> Any:
            return mean_squared_error(*both)

    assert (
        len(
            train(
                MLP(1, [1], seed=0),
                Dataset([[1.0], [2.0]], [1.0, 2.0]),
                Loss(),
                epochs=2,
                validation=None,
            )
        )
        == 2
    )


def test_plots_and_sketches_are_there_once_nn_is_imported() -> None:
    code = "import nn, sys; nn.plot.lines, nn.sketch.lines; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])


def test_a_model_that_a_file_cannot_rebuild_is_warned_of_when_it_is_saved(tmp_path: Path) -> None:
    model, path = MLP(2, [4, 1], activation=lambda x: x.relu(), seed=0), tmp_path / "model.json"
    with pytest.warns(
        UserWarning, match="save needs an MLP as it was made, its activations by name"
    ) as caught:
        save(model, path)
    assert caught[0].filename == __file__ and "load(path, model) fills one" in str(
        caught[0].message
    )
    again = load(path, MLP(2, [4, 1], activation=lambda x: x.relu(), seed=1))
    assert again([1.0, 2.0]).data == model([1.0, 2.0]).data
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save(MODEL, path)


def test_a_file_of_another_kind_is_told_what_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    Predictor(MLP(1, [1]), Standardizer([0.0], [1.0]), ["width"]).save(path)
    assert said(lambda: load(path), StoreError).endswith(
        'got "glassgrad predictor"; read it with load_predictor(path)'
    )
    save(MODEL, path)
    assert said(lambda: load_predictor(path), StoreError).endswith(
        'got "glassgrad model"; read it with load(path)'
    )


def test_names_of_classes_as_targets_are_told_to_be_indices() -> None:
    sentence = said(lambda: Dataset([[1.0], [2.0]], ["v", "u"], class_names=["u", "v"]), DataError)  # type: ignore
    assert sentence.endswith("got the text 'v'; write the index of a class for its name")


def test_targets_that_are_no_numbers_and_no_names_keep_their_sentence() -> None:
    for targets in (["x", "y"], {"u": 1}):
        sentence = said(
            lambda targets=targets: Dataset([[1.0], [2.0]], targets, class_names=["u", "v"]),  # type: ignore
            DataError,
        )
        assert sentence.startswith("Dataset needs a") and "index of a class" not in sentence
