"""Pictures by matplotlib: what is drawn is what the data say, and files are whole, repeatable and
in place.
"""

import os
import pickle
import subprocess
import sys
import warnings
from collections.abc import Callable
from itertools import combinations
from math import isfinite, nan
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from autograd import DomainWarning, Value
from nn import MLP, Dataset, Divergence, Module, StoreError, find_rate, plot, predicted_class, train
from nn.analysis.layer_stats import Activity, activity, layers
from nn.analysis.line_search import line_search
from nn.analysis.lr_finder import RateSearch
from nn.data.toy import iris, moons, spirals, xor
from nn.losses import cross_entropy, mean_squared_error
from nn.optim import SGD, Adam
from nn.plotting.decision_grid import decision_grid
from nn.plotting.mpl.figure import COLOURS
from nn.training.backends import replay_or_eager
from nn.training.history import Epoch, History
from nn.training.recording.replay import Replay

pytestmark = pytest.mark.full

HOUSE = Path(__file__).parents[3]


def names(figure: Figure, place: int = 0) -> list[str]:
    """The words of a legend."""
    legend = figure.axes[place].get_legend()
    return [text.get_text() for text in legend.get_texts()] if legend else []


def drawn(figure: Figure, label: str, place: int = 0) -> list[tuple[float, float]]:
    """The points of the line with that label."""
    (line,) = [line for line in figure.axes[place].lines if line.get_label() == label]
    return [(float(x), float(y)) for x, y in line.get_xydata()]


def crosses(figure: Figure) -> list[tuple[float, float]]:
    """Where runs end that diverged."""
    found = [
        line for line in figure.axes[0].lines if line.get_marker() == "X" and len(line.get_xdata())
    ]
    return [(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in found]


def trained(epochs: int = 12, outputs: int = 2) -> tuple[MLP, History, Dataset]:
    data = moons(80, noise=0.15, seed=1)
    model = MLP(2, [8, outputs], activation="tanh", seed=1)
    return model, train(model, data, optimizer=Adam(0.05), epochs=epochs, seed=1), data


# Losses


def test_both_parts_and_the_best_epoch_are_drawn_where_they_are() -> None:
    _, history, _ = trained()
    figure = plot.losses(history, title="moons")
    assert drawn(figure, "training") == [(epoch.number, epoch.loss) for epoch in history]
    assert drawn(figure, "validation") == [
        (epoch.number, epoch.validation_loss) for epoch in history
    ]
    best = history.best
    assert best is not None
    label = names(figure)[2]
    assert label == f"best epoch {best.number}: {best.validation_loss:.3g}"
    assert drawn(figure, label) == [(best.number, best.validation_loss)]
    assert figure.axes[0].get_title() == "moons"
    low, high = figure.axes[0].get_ylim()
    assert low < min(e.validation_loss for e in history) <= max(e.loss for e in history) < high


def test_without_validation_there_is_no_best_epoch() -> None:
    figure = plot.losses(History([Epoch(1, 0.9), Epoch(2, 0.5)]))
    assert names(figure) == ["training"]


@pytest.mark.parametrize(
    ("losses", "scale"),
    [
        ([1.0, 0.5, 0.2], "linear"),
        ([100.0, 1.0, 0.01], "log"),
        ([0.22, 0.05, 0.024, 0.02, 0.017, 0.015, 0.014], "log"),
        ([0.7, 0.5, 0.41, 0.4, 0.4, 0.4, 0.4], "linear"),
    ],
)
def test_the_scale_is_logarithmic_where_that_shows_more(losses: list[float], scale: str) -> None:
    figure = plot.losses(History(Epoch(k, loss) for k, loss in enumerate(losses, 1)))
    assert figure.axes[0].get_yscale() == scale
    assert figure.axes[0].get_ylabel() == ("loss (log scale)" if scale == "log" else "loss")


def test_of_five_learning_rates_the_one_that_diverged_is_seen_and_flattens_nothing() -> None:
    line = Dataset([[k / 10] for k in range(20)], [0.3 * k for k in range(20)])
    runs = {}
    for rate in (0.001, 0.01, 0.05, 0.1, 5.0):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Divergence)
            warnings.simplefilter("ignore", DomainWarning)
            model = MLP(1, [1], init="ones")
            runs[f"rate {rate:g}"] = train(
                model, line, optimizer=SGD(rate), epochs=60, batch_size=4
            )
    assert [run.diverged for run in runs.values()] == [False] * 4 + [True]
    figure = plot.losses(runs)
    assert names(figure) == [*runs, "validation", "training", "best epoch", "diverged"]
    for name, run in runs.items():
        assert drawn(figure, name) == [
            (e.number, e.validation_loss) for e in run if isfinite(e.validation_loss)
        ]
    ((x, y),) = crosses(figure)
    low, high = figure.axes[0].get_ylim()
    assert low < y <= high
    assert x <= len(runs["rate 5"]) + 1
    steady = [e.validation_loss for run in list(runs.values())[:4] for e in run]
    assert high < 30 * max(steady)
    assert low > min(steady) / 10
    assert figure._repr_png_(), "numbers far outside of the picture are no trouble"
    assert (
        len({to_hex(line.get_color()) for line in figure.axes[0].lines if line.get_label() in runs})
        == 5
    )


@pytest.mark.parametrize(
    "steady", [[0.9, 0.8, 0.7], [0.9, 0.09, 0.009]], ids=["linear", "logarithmic"]
)
def test_numbers_beyond_all_bounds_can_be_drawn(steady: list[float]) -> None:
    good, bad = (
        History(Epoch(k, x) for k, x in enumerate(xs, 1)) for xs in (steady, [1.0, 1e40, 1e300])
    )
    figure = plot.losses({"good": good, "bad": bad})
    assert figure._repr_png_()
    ((x, y),) = crosses(figure)
    assert 1 <= x <= 2
    assert y <= 1.0
    assert figure.axes[0].get_ylim()[1] < 10
    assert plot.losses(bad)._repr_png_(), "alone, too"


def test_a_run_that_diverged_before_its_first_epoch_ended_is_in_the_picture() -> None:
    lost = History()
    lost.diverged = True
    figure = plot.losses({"small": History([Epoch(1, 0.9), Epoch(2, 0.5)]), "large": lost})
    assert len(crosses(figure)) == 1
    assert crosses(figure)[0][0] == 1
    assert "diverged" in names(figure)


def test_names_are_letters_and_no_formulas_and_none_is_left_out() -> None:
    run = History([Epoch(1, 0.9), Epoch(2, 0.5)])
    figure = plot.losses({"costs $5 or $^$": run, "_hidden": run})
    assert [name.strip() for name in names(figure)] == ["costs $5 or $^$", "_hidden"]
    assert figure._repr_png_()


# The plane


@pytest.mark.parametrize(
    ("data", "outputs"),
    [
        (moons(40, seed=1), 2),
        (xor(40, seed=2), 1),
        (spirals(60, classes=3), 3),
        (spirals(90, classes=9), 9),
    ],
    ids=["moons", "one logit", "three classes", "nine classes"],
)
def test_the_class_at_each_point_of_the_ground_is_the_predicted_one(
    data: Dataset, outputs: int
) -> None:
    model = MLP(2, [8, outputs], activation="tanh", seed=3)
    figure = plot.boundary(model, data)
    (ax,) = figure.axes
    classes = np.asarray(ax.images[0].get_array())
    left, right, low, high = ax.images[0].get_extent()
    rows, columns = classes.shape
    for j in range(3, rows, 23):
        for i in range(3, columns, 23):
            point = [
                left + (i + 0.5) / columns * (right - left),
                low + (j + 0.5) / rows * (high - low),
            ]
            assert classes[j, i] == predicted_class(model(point))
    assert names(figure) == data.class_names
    for k, name in enumerate(data.class_names):
        points = [tuple(row) for row, target in data if target == k]
        assert drawn(figure, name) == points
        assert all(left < x < right and low < y < high for x, y in points)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", "y")


def test_the_boundary_is_where_the_class_changes() -> None:
    data = Dataset([[0.0, 0.0], [1.0, 1.0]], [0, 1], class_names=["below", "above"])
    for model in (lambda row: row[0] - 0.3, lambda row: [0.3 - row[0], row[0] - 0.3]):
        figure = plot.boundary(model, data)
        contours = [c for c in figure.axes[0].collections if c.get_paths()]
        xs = np.concatenate([path.vertices[:, 0] for c in contours for path in c.get_paths()])
        assert xs == pytest.approx(np.full(len(xs), 0.3), abs=1e-9)


def test_each_class_has_the_colour_of_its_points_but_paler() -> None:
    figure = plot.boundary(MLP(2, [4, 3], seed=1), spirals(60, classes=3))
    image = figure.axes[0].images[0]
    for k in range(3):
        *shade, alpha = image.cmap(image.norm(k))
        ground = 1 - alpha * (1 - np.array(shade))  # on white paper
        point = np.array(to_rgb(figure.axes[0].lines[k].get_color()))
        assert (ground > point - 1e-9).all()
        assert ((1 - ground) / np.maximum(1 - point, 1e-9))[point < 0.99] == pytest.approx(
            0.3, abs=0.01
        )


def test_several_models_stand_side_by_side_with_their_names() -> None:
    data = moons(30)
    models = {f"{n} units": MLP(2, [n, 2], seed=n) for n in (1, 4, 8, 16)}
    figure = plot.boundary(models, data, title="capacity")
    shown = [ax for ax in figure.axes if ax.get_visible()]
    assert [ax.get_title() for ax in shown] == list(models)
    assert figure.get_suptitle() == "capacity"
    for ax, model in zip(shown, models.values(), strict=True):
        classes = np.asarray(ax.images[0].get_array())
        left, right, low, high = ax.images[0].get_extent()
        middle = [left + 60.5 / 120 * (right - left), low + 60.5 / 120 * (high - low)]
        assert classes[60, 60] == predicted_class(model(middle))


def test_a_regression_on_one_feature_is_a_curve_over_its_rows() -> None:
    data = Dataset([[0.0], [1.0], [2.0]], [0.5, 1.0, 0.0], ["hour"])
    figure = plot.boundary(lambda row: row[0] * row[0], data)
    assert drawn(figure, "rows") == [(0.0, 0.5), (1.0, 1.0), (2.0, 0.0)]
    assert all(y == pytest.approx(x * x) for x, y in drawn(figure, "predictions"))
    assert figure.axes[0].get_xlabel() == "hour"


def test_a_regression_on_two_features_is_the_prediction_as_shades() -> None:
    data = Dataset([[0.0, 0.0], [1.0, 2.0]], [0.0, 3.0])
    image = plot.boundary(lambda row: row[0] + row[1], data).axes[0].images[0]
    found = np.asarray(image.get_array())
    left, right, low, high = image.get_extent()
    assert found[0, 0] == pytest.approx(left + low + 0.5 / 120 * (right - left + high - low))
    assert (np.diff(found, axis=0) > 0).all()


def test_a_model_that_cannot_be_recorded_is_drawn_all_the_same() -> None:
    def by_hand(row: Any) -> float:
        return 1.0 if float(row[0]) > 0.5 else -1.0

    figure = plot.boundary(by_hand, moons(20))
    left, right, *_ = figure.axes[0].images[0].get_extent()
    xs = left + (np.arange(120) + 0.5) / 120 * (right - left)
    assert (np.asarray(figure.axes[0].images[0].get_array())[7] == (xs > 0.5)).all()


@pytest.mark.parametrize(
    ("data", "error", "sentence"),
    [
        (
            iris(),
            ValueError,
            "boundary needs data of 2 features .or a regression on 1., got 4 and classes",
        ),
        (
            Dataset([], [], ["x", "y"]),
            ValueError,
            "boundary needs at least one row, got an empty dataset",
        ),
        (
            [[0.0, 1.0]],
            TypeError,
            "boundary needs a Dataset, got list: write Dataset.features, targets.",
        ),
    ],
)
def test_data_that_cannot_be_drawn_are_refused(
    data: Any, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        plot.boundary(lambda row: row[0], data)


def test_what_gives_no_picture_of_the_plane_is_refused() -> None:
    line = Dataset([[0.0], [1.0]], [0.0, 1.0])
    flat = Dataset([[0.0, 0.0], [1.0, 2.0]], [0.0, 3.0])
    for data in (line, flat):
        with pytest.raises(
            ValueError, match="boundary needs a model with one output for a regression, got 2: give"
        ):
            plot.boundary(lambda row: [row[0], row[0]], data)
    with pytest.raises(
        ValueError, match="boundary needs a model whose outputs are finite, got nan at"
    ):
        plot.boundary(lambda row: nan, line)
    with pytest.raises(ValueError, match="boundary needs at least one model, got none"):
        plot.boundary({}, flat)
    with pytest.raises(ValueError, match="weights needs at least one model, got none"):
        plot.weights({})


# Layers


def test_the_weights_of_each_layer_are_counted_once_and_biases_never() -> None:
    model = MLP(3, [5, 4, 2], seed=1)
    figure = plot.weights(model)
    assert [ax.get_title() for ax in figure.axes] == [
        "layer 1: 5 relu",
        "layer 2: 4 relu",
        "layer 3: 2 linear",
    ]
    assert [sum(bar.get_height() for bar in ax.patches) for ax in figure.axes] == [15, 20, 8]
    for ax, layer in zip(figure.axes, model.layers, strict=True):
        numbers = [w.data for neuron in layer.neurons for w in neuron.w]
        wanted, _ = np.histogram(numbers, len(ax.patches))
        assert [bar.get_height() for bar in ax.patches] == wanted.tolist()


def test_the_weights_of_two_models_share_their_ranges() -> None:
    figure = plot.weights({"before": MLP(2, [8, 2], seed=1), "after": MLP(2, [8, 2], seed=2)})
    assert names(figure, 1) == ["before", "after"]
    assert len(figure.axes) == 2


def test_dead_and_saturated_units_are_counted() -> None:
    model = MLP(2, [4, 4, 1], seed=1)
    for neuron in model.layers[0].neurons[:3]:
        neuron.b.data = -100.0
    figure = plot.activations(model, moons(30))
    assert figure.axes[0].texts[0].get_text().startswith("75% of units dead")
    found = activity(model, moons(30).features)
    assert found["layer 1: 4 relu"].dead == 0.75
    assert [sum(bar.get_height() for bar in ax.patches) for ax in figure.axes] == [120, 120, 30]
    tanh = MLP(2, [4, 1], activation="tanh", seed=1)
    for neuron in tanh.layers[0].neurons[:2]:
        neuron.b.data = 50.0
    assert (
        plot.activations(tanh, moons(30))
        .axes[0]
        .texts[0]
        .get_text()
        .startswith("50% of units saturated")
    )
    assert not plot.activations(tanh, moons(30)).axes[1].texts, "linear units are never flat"


def test_an_activity_holds_what_each_unit_answers() -> None:
    model = MLP(2, [3, 2], activation="tanh", seed=1, dropout=0.5)
    rows = moons(10).features
    found = activity(model, rows)
    for row, hidden, output in zip(rows, *(layer.outputs for layer in found.values()), strict=True):
        assert hidden == pytest.approx([neuron(row).data for neuron in model.layers[0].neurons])
        assert output == pytest.approx([y.data for y in model(row)])


@pytest.mark.parametrize(
    ("activation", "flat"),
    [("tanh", 0.98), ("sigmoid", 0.99), ("softsign", 0.8), ("sigmoid", 0.01), ("tanh", -0.98)],
)
def test_a_unit_is_flat_where_its_slope_is_below_a_tenth_of_the_steepest(
    activation: str, flat: float
) -> None:
    layer = Activity(activation, [[flat, 0.5]] * 10)
    assert (layer.saturated, layer.flat) == (0.5, 0.5)
    assert not isfinite(layer.dead)


def test_a_unit_of_relu_is_dead_where_it_is_zero_for_every_row() -> None:
    layer = Activity("relu", [[0.0, 0.0], [0.0, 2.0]])
    assert (layer.flat, layer.dead) == (0.75, 0.5)
    assert not isfinite(layer.saturated)


class Doubled(Module):
    """A model of other parts than layers, which knows itself."""

    def __init__(self) -> None:
        self.inner = MLP(2, [3, 2], seed=1)
        self.scale = Value(2.0)
        self.me = self

    def __call__(self, row: Any) -> Any:
        return [self.scale * y for y in self.inner(row)]


class Bare(Module):
    def __init__(self) -> None:
        self.w, self.b = [Value(0.5), Value(-0.5)], Value(0.0)

    def __call__(self, row: Any) -> Any:
        return self.w[0] * row[0] + self.w[1] * row[1] + self.b


def test_any_module_has_layers() -> None:
    assert list(layers(Doubled())) == ["layer 1: 3 relu", "layer 2: 2 linear"]
    assert list(layers(Bare())) == ["layer 1: Bare"]
    model = Doubled()
    before = [p.data for p in model.parameters()]
    assert [ax.get_title() for ax in plot.activations(model, moons(10)).axes] == list(layers(model))
    assert [p.data for p in model.parameters()] == before
    assert type(model.inner.layers[0]).__name__ == "Layer"
    assert plot.activations(Bare(), moons(10)).axes[0].get_title() == "layer 1: Bare"
    assert plot.weights(Bare()).axes[0].get_title() == "layer 1: Bare"


def test_what_has_no_layers_is_refused() -> None:
    with pytest.raises(
        TypeError, match=r"the layers of a model need an nn\.Module, got function: derive it from"
    ):
        plot.weights(lambda row: row[0])
    with pytest.raises(
        ValueError, match="activations needs at least one row, got an empty dataset"
    ):
        plot.activations(Bare(), Dataset([], []))


# Along the gradient


def test_the_loss_along_the_gradient_is_that_of_the_model_moved_there() -> None:
    data = Dataset([[1.0], [2.0]], [0.0, 0.0])
    model = MLP(1, [1], init="ones")
    found = line_search(model, data)
    # the loss is ((w + b)² + (2w + b)²) / 2 at w = 1, b = 0, with the gradient (5, 3)
    for rate, loss in zip(found.rates, found.losses, strict=True):
        w, b = 1 - 5 * rate, -3 * rate
        assert loss == pytest.approx(((w + b) ** 2 + (2 * w + b) ** 2) / 2)
    assert found.slope == pytest.approx(-34.0)
    assert found.best == pytest.approx(34 / 233, rel=1e-3)
    figure = plot.along_gradient(model, data)
    assert [y for _, y in drawn(figure, "loss")] == found.losses
    assert drawn(figure, "least at 0.146") == [(found.best, min(found.losses))]
    (_, start), (foot, end) = drawn(figure, "slope at 0")
    assert (end - start) / foot == pytest.approx(-34.0)


def test_the_model_is_as_before_afterwards_with_its_grads() -> None:
    model, _, data = trained(2)
    loss = cross_entropy([model(row) for row in data.features[:4]], data.targets[:4])
    model.zero_grad()
    loss.backward()
    before = [(p.data, p.grad, p.reached) for p in model.parameters()]
    plot.along_gradient(model, data)
    assert [(p.data, p.grad, p.reached) for p in model.parameters()] == before


@pytest.mark.parametrize("rate", [0.5, SGD(0.5), "history"])
def test_the_present_rate_and_the_bound_are_marked(rate: Any) -> None:
    model, history, data = trained(3)
    wanted = 0.05 if rate == "history" else 0.5
    figure = plot.along_gradient(
        model, data, rate=history if rate == "history" else rate, bound=0.75
    )
    assert f"rate {wanted:g}" in names(figure)
    assert "2 / curvature 0.75" in names(figure)
    (line,) = [line for line in figure.axes[0].lines if line.get_label() == f"rate {wanted:g}"]
    assert list(line.get_xdata()) == [wanted, wanted]


def test_dropout_that_is_off_is_replayed_as_if_it_were_not_there() -> None:
    data = moons(60, seed=1)
    plain, dropped = (
        MLP(2, [8, 2], activation="tanh", seed=1, dropout=rate) for rate in (0.0, 0.5)
    )
    assert dropped.dropout is not None
    state = dropped.dropout.rng.getstate()
    assert line_search(dropped, data) == line_search(plain, data)
    assert isinstance(replay_or_eager(dropped, cross_entropy, data), Replay)
    assert (dropped.dropout.rate, dropped.dropout.rng.getstate()) == (0.5, state)


def test_a_rate_that_is_not_known_is_not_marked() -> None:
    model, _, data = trained(2)
    figure = plot.along_gradient(model, data, rate=History([Epoch(1, 0.5)]))
    assert [name.split()[0] for name in names(figure)] == ["loss", "slope", "least"]


def test_a_rate_far_outside_stands_at_the_edge_with_an_arrow() -> None:
    model, _, data = trained(3)
    figure = plot.along_gradient(model, data, rate=1e6)
    assert "rate 1e6 →" in names(figure)
    (line,) = [line for line in figure.axes[0].lines if line.get_label() == "rate 1e6 →"]
    assert line.get_xdata()[0] <= figure.axes[0].get_xlim()[1]


def test_without_a_gradient_there_is_nowhere_to_go() -> None:
    with pytest.raises(
        ValueError, match="line_search needs a gradient to go along, got one of length"
    ):
        plot.along_gradient(MLP(1, [1], init="zeros"), Dataset([[1.0], [2.0]], [0.0, 0.0]))


# Rates, lines, bars


def test_the_sweep_over_rates_is_drawn_with_its_suggestion() -> None:
    data = moons(60, seed=1)
    search = find_rate(MLP(2, [8, 2], seed=1), data)
    figure = plot.rates(search)
    assert drawn(figure, "loss after a step") == list(zip(search.rates, search.losses, strict=True))
    assert drawn(figure, "smoothed") == list(zip(search.rates, search.smoothed, strict=True))
    label = f"steepest fall: suggestion {search.suggestion:.2g}"
    at = search.smoothed[search.rates.index(search.suggestion)]
    assert drawn(figure, label) == [(search.suggestion, at)]
    assert figure.axes[0].get_xscale() == "log"
    never = RateSearch([0.1, 0.2, 0.3], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0], nan)
    assert names(plot.rates(never)) == ["loss after a step", "smoothed"]
    with pytest.raises(
        TypeError, match="rates needs the RateSearch that find_rate returns, got list"
    ):
        plot.rates([0.1])


def test_lines_and_bars_are_the_numbers() -> None:
    figure = plot.lines(
        {"a": [(1, 2.0), (10, 3.0)], "b": [(1, 0.5)]}, x="rate", y="loss", title="t", log_x=True
    )
    assert drawn(figure, "a") == [(1, 2.0), (10, 3.0)]
    ax = figure.axes[0]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title(), ax.get_xscale()) == (
        "rate",
        "loss",
        "t",
        "log",
    )
    bars = plot.bars({"zeros": 0.5, "he": 0.96}, x="accuracy").axes[0]
    assert [bar.get_width() for bar in bars.patches] == [0.5, 0.96]
    assert [label.get_text() for label in bars.get_yticklabels()] == ["zeros", "he"]
    assert [text.get_text() for text in bars.texts] == ["0.5", "0.96"]
    for wrong, sentence in (
        ({}, "lines needs at least one point"),
        ({"a": []}, "lines needs at least one point"),
    ):
        with pytest.raises(ValueError, match=sentence):
            plot.lines(wrong)
    with pytest.raises(ValueError, match="lines needs x above 0 for a logarithmic scale, got 0"):
        plot.lines({"a": [(0.0, 1.0)]}, log_x=True)
    with pytest.raises(ValueError, match="bars needs at least one number, got none"):
        plot.bars({})


# The style


# Machado, Oliveira and Fernandes, A Physiologically-based Model for Simulation of Color Vision
# Deficiency (2009), severity 1, on linear RGB.
VISION = {
    "normal": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}


def cielab(colour: str, seen: Any) -> Any:
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(seen) @ linear, 0, 1)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = to_xyz @ linear / np.array([0.9505, 1.0, 1.089])
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISION)
def test_any_two_colours_are_told_apart_by_every_kind_of_colour_vision(vision: str) -> None:
    seen = [cielab(colour, VISION[vision]) for colour in COLOURS]
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)) > 16


def test_pictures_have_one_style_whatever_the_users_is_and_leave_that_alone(tmp_path: Path) -> None:
    run = History([Epoch(1, 0.9), Epoch(2, 0.5)])
    plot.save(plot.losses(run), tmp_path / "plain.svg")
    with matplotlib.rc_context(
        {"axes.facecolor": "black", "font.size": 30, "axes.grid": False, "lines.linewidth": 9}
    ):
        mine = dict(matplotlib.rcParams)
        plot.save(plot.losses(run), tmp_path / "styled.svg")
        assert dict(matplotlib.rcParams) == mine
    assert (tmp_path / "plain.svg").read_bytes() == (tmp_path / "styled.svg").read_bytes()


def test_pyplot_and_its_windows_are_left_alone() -> None:
    code = (
        "import sys\nfrom nn import MLP, moons, plot\nplot.boundary(MLP(2, [2]), "
        "moons(10))._repr_png_()\n"
        "print('matplotlib.pyplot' in sys.modules, 'tkinter' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=HOUSE, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("False False\n", "")


# Files


def every_figure() -> dict[str, Figure]:
    model, history, data = trained(3)
    return {
        "losses": plot.losses(history),
        "several": plot.losses({"a": history, "b": history}),
        "boundary": plot.boundary(model, data),
        "weights": plot.weights(model),
        "activations": plot.activations(model, data),
        "along_gradient": plot.along_gradient(model, data),
        "rates": plot.rates(find_rate(model, data, steps=20)),
        "lines": plot.lines({"a": [(0.0, 1.0), (1.0, 0.0)]}),
        "bars": plot.bars({"a": 1.0}),
    }


def test_the_picture_of_the_readme_is_whole_and_small() -> None:
    file = HOUSE / "demos" / "boundaries.svg"
    text = "".join(ElementTree.parse(file).getroot().itertext())
    assert file.stat().st_size < 60_000
    assert text


def test_every_picture_is_written_as_png_svg_and_pdf(tmp_path: Path) -> None:
    for name, figure in every_figure().items():
        for ending in (".png", ".svg") if name != "losses" else (".PNG", ".svg", ".pdf"):
            plot.save(figure, tmp_path / f"{name}{ending}")
        png = next(tmp_path.glob(f"{name}.[pP][nN][gG]")).read_bytes()
        assert png.startswith(b"\x89PNG\r\n\x1a\n")
        assert png.rstrip().endswith(b"IEND\xaeB`\x82")
        root = ElementTree.parse(tmp_path / f"{name}.svg").getroot()
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert not root.findall(".//{http://www.w3.org/2000/svg}script")
    assert (tmp_path / "losses.pdf").read_bytes().startswith(b"%PDF")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_the_same_picture_is_the_same_file_in_another_process(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom nn import MLP, moons, plot\n"
        "figure = plot.boundary(MLP(2, [4, 2], activation='tanh', seed=1), moons(30))\n"
        "for name in sys.argv[1:]: plot.save(figure, name)\n"
    )
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        paths = [str(tmp_path / place / name) for name in ("b.svg", "b.pdf", "b.png")]
        subprocess.run([sys.executable, "-c", code, *paths], cwd=HOUSE, check=True)
    for name in ("b.svg", "b.pdf", "b.png"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert b"<dc:date>" not in (tmp_path / "one" / "b.svg").read_bytes()


@pytest.mark.parametrize("name", ["losses.txt", "losses", "losses.svg.gz", "losses.jpg"])
def test_another_ending_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a picture is saved as \.png, \.svg or \.pdf, got"):
        plot.save(plot.bars({"a": 1.0}), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_gets_one_sentence_and_what_was_there_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = plot.bars({"a": 1.0})
    for name in ("nowhere/a.png", "a\0.png", "a" * 300 + ".png"):
        with pytest.raises(StoreError, match="needs a place that can be written, got"):
            plot.save(figure, f"{tmp_path}/{name}")
    (tmp_path / "a.svg").mkdir()
    with pytest.raises(
        StoreError, match=r"a\.svg: needs a place that can be written, got 'a folder"
    ):
        plot.save(figure, tmp_path / "a.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["a.svg"]
    for wrong in ("a.svg", None):
        with pytest.raises(TypeError, match=r"save needs a Figure|a path needs a str or a"):
            plot.save(wrong, figure) if wrong else plot.save(figure, wrong)
    (tmp_path / "a.png").write_bytes(b"old")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(StoreError, match="No space left on device"):
            plot.save(figure, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "a.svg"]
    plot.save(figure, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_notebooks_show_a_figure_by_itself_and_it_can_be_pickled() -> None:
    figure = plot.bars({"a": 1.0})
    assert figure._repr_png_().startswith(b"\x89PNG")
    again = pickle.loads(pickle.dumps(figure))
    assert again._repr_png_() == figure._repr_png_()


def test_without_matplotlib_one_sentence_names_the_extra() -> None:
    code = (
        "import sys\nsys.modules['matplotlib'] = None\nfrom nn import History, Epoch, plot\n"
        "try:\n    plot.losses(History([Epoch(1, 0.5)]))\nexcept ModuleNotFoundError as error:\n  "
        "  print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=HOUSE, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout == (
        "nn.plot needs matplotlib, which is not installed: pip install 'glassgrad[plots]', "
        "or draw in the terminal with nn.sketch\n"
    )


def test_the_loss_may_be_any(tmp_path: Path) -> None:
    model, _, data = trained(2, outputs=1)
    numbers = Dataset(data.features, [float(target) for target in data.targets])
    plot.save(plot.along_gradient(model, numbers, mean_squared_error), tmp_path / "mse.png")
    plot.save(plot.boundary(model, numbers), tmp_path / "shades.png")
    assert len(list(tmp_path.iterdir())) == 2


def test_the_boundary_of_a_sigmoid_is_where_it_is_a_half() -> None:
    """An output that is a probability means class 1 above 0.5, where a logit does above 0."""
    data = Dataset([[-1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [0, 1, 1], class_names=["left", "right"])
    model = MLP(2, [1], output="sigmoid", init="zeros")
    model.layers[0].neurons[0].w[0].data = 3.0
    found = decision_grid(model, data, columns=8, rows=2)
    assert found.classes == [[int(x > 0) for x in found.xs]] * 2
    (contour,) = [c for c in plot.boundary(model, data).axes[0].collections if c.get_paths()]
    assert contour.get_paths()[0].vertices[:, 0] == pytest.approx(0.0, abs=1e-3)


def test_marks_at_both_ends_of_a_logarithmic_axis_are_whole_and_named_by_what_was_measured() -> (
    None
):
    figure = plot.lines(
        {"loss": [(float(n), 1.0 / n) for n in (1, 2, 3, 4, 8, 16, 32)]}, log_x=True
    )
    (ax,) = figure.axes
    assert ax.get_xlim()[0] < 0.95 and ax.get_xlim()[1] > 33.5
    assert [text.get_text() for text in ax.get_xticklabels()] == [
        "1",
        "2",
        "3",
        "4",
        "8",
        "16",
        "32",
    ]


def test_dots_are_drawn_and_named_and_long_lines_that_agree_have_marks_in_turns() -> None:
    points = [(k / 10, k / 10) for k in range(41)]
    figure = plot.lines({"a": points, "b": points}, dots={"a row": [(1.0, 3.0)]})
    first, second, dots = figure.axes[0].lines
    assert (
        first.get_markevery() != second.get_markevery()
        and first.get_marker() != second.get_marker()
    )
    assert (dots.get_label(), dots.get_xydata().tolist()) == ("a row", [[1.0, 3.0]])


ESCAPE = "red\x1b[31m\x00-->\nfrog"


def test_control_characters_in_names_are_shown_and_every_svg_is_well_formed(tmp_path: Path) -> None:
    data = Dataset([[0.0, 1.0], [1.0, 2.0]], [0, 1], [ESCAPE, "y"], [ESCAPE, "newt"])
    curves = {ESCAPE: [(0.0, 1.0), (1.0, 2.0)]}
    run = History([Epoch(1, 0.5), Epoch(2, 0.4)])
    figures = [
        plot.bars({ESCAPE: 1.0}, x=ESCAPE, title=ESCAPE),
        plot.lines(curves, x=ESCAPE, title=ESCAPE, dots=curves),
        plot.boundary(MLP(2, [2], seed=0), data, title=ESCAPE),
        plot.losses({ESCAPE: run, "b": run}),
    ]
    for figure in figures:
        plot.save(figure, tmp_path / "a.svg")
        text = ElementTree.tostring(ElementTree.parse(tmp_path / "a.svg").getroot())
        assert b"\x1b" not in text and b"\x00" not in text


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        (lambda: plot.along_gradient(MLP(2, [2]), moons(9), rate="x"), "rate above 0, .* got 'x'"),
        (
            lambda: plot.along_gradient(MLP(2, [2]), moons(9), rate=SGD),
            "rate above 0, .*got <cl.*GD",
        ),
        (lambda: plot.along_gradient(MLP(2, [2]), moons(9), rate=-1.0), "a rate above 0"),
        (lambda: plot.along_gradient(MLP(2, [2]), moons(9), bound="x"), "a bound above 0"),
        (lambda: plot.weights(None), "need an nn.Module, got NoneType"),
        (lambda: plot.activations(moons(9), MLP(2, [2])), "activations needs a Dataset, got MLP"),
    ],
)
def test_arguments_that_are_something_else_get_one_sentence(
    draw: Callable[[], Any], sentence: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=sentence):
        draw()


def test_held_out_rows_have_rings() -> None:
    rest, test = moons(40).split(0.25)
    figure = plot.boundary(MLP(2, [2], seed=0), rest, held_out=test)
    *classes, rings = figure.axes[0].lines
    assert sum(len(line.get_xdata()) for line in classes) == 40
    assert list(zip(rings.get_xdata(), rings.get_ydata(), strict=True)) == [
        (x, y) for x, y in test.features
    ]
    line = Dataset([[float(i)] for i in range(9)], [float(i * i) for i in range(9)])
    curve = plot.boundary(MLP(1, [1], seed=0), line[:6], held_out=line[6:])
    assert list(curve.axes[0].lines[-1].get_ydata()) == [36.0, 49.0, 64.0]


def test_a_confusion_matrix_counts_and_shades_rows() -> None:
    outputs, targets = [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]], [0, 0, 1]
    (ax,) = plot.confusion(outputs, targets, ["frog\x07", "$newt$"]).axes
    assert [text.get_text() for text in ax.texts] == ["1", "1", "0", "1"]
    assert ax.images[0].get_array().tolist() == [[0.5, 0.5], [0.0, 1.0]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["frog\\x07", "$newt$"]
    (ax,) = plot.confusion([0.2, 0.8], [0, 1], ["frog", "newt"], threshold=0.5).axes
    assert [text.get_text() for text in ax.texts] == ["1", "0", "0", "1"]


def test_predictions_lie_on_the_line_where_they_are_right() -> None:
    beside, residuals = plot.predictions([1.0, 2.5], [1.0, 2.0], "weight").axes
    assert beside.collections[0].get_offsets().tolist() == [[1.0, 1.0], [2.0, 2.5]]
    assert residuals.collections[0].get_offsets().tolist() == [[1.0, 0.0], [2.5, -0.5]]
    assert list(beside.lines[0].get_xdata()) == list(beside.lines[0].get_ydata()) == [1.0, 2.5]
    with pytest.raises(ValueError, match="as many outputs as targets, and one at least, got 1 and"):
        plot.predictions([1.0], [])


def test_show_opens_the_window_of_the_backend_or_writes_a_page_where_it_has_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from matplotlib import pyplot

    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    pyplot.switch_backend("agg")
    plot.bars({"he": 0.96}).show()
    (page,) = tmp_path.rglob("figure.html")
    assert capsys.readouterr().out == f"there is no display to show it on: wrote {page}\n"
    assert "data:image/png;base64," in page.read_text() and pyplot.get_fignums() == []

    figure, shown = plot.bars({"he": 0.96}), list[Any]()
    canvas = "matplotlib.backends.backend_agg.FigureCanvasAgg.required_interactive_framework"
    monkeypatch.setattr(canvas, "tk")
    monkeypatch.setattr(pyplot, "show", lambda: shown.append(pyplot.gcf().canvas.manager))
    figure.show()
    assert shown[0].canvas.figure is figure and capsys.readouterr().out == ""
    pyplot.close("all")
