"""The page in which a run goes on: what it refuses, and in a browser that it trains like train."""

import pickle
from collections.abc import Iterator
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from autograd import GraphError, Value, maximum, mean, operation, sqrt, total, where
from nn import L1, L2, MLP, Callback, Dataset, EarlyStopping, ElasticNet, Layer, train
from nn.data.toy import circles, iris, moons, spirals
from nn.losses import binary_cross_entropy, cross_entropy, hinge, huber, mean_squared_error
from nn.optim import SGD, Adam, AdamW, RMSProp
from tests.browser import chromium, opened, requests


def plane(rows: int = 30) -> Dataset:
    """A regression over two features."""
    points = [[(i * 7 % 10) / 5 - 1, (i * 3 % 10) / 5 - 1] for i in range(rows)]
    return Dataset(points, [x * y + 0.5 * x for x, y in points], ["x", "y"])


def test_what_a_page_cannot_train_is_refused_before_the_run(tmp_path: Path) -> None:
    model = MLP(4, [3], seed=0)
    before = [p.data for p in model.parameters()]
    with pytest.raises(ValueError, match="needs data of 2 features, got 4: make a Dataset of two"):
        train(model, iris(), epochs=1, page=tmp_path / "run.html")
    assert [p.data for p in model.parameters()] == before
    with pytest.raises(ValueError, match="needs a model that is an MLP, got Layer"):
        train(Layer(2, 2), moons(20), epochs=1, page=tmp_path / "run.html")
    with pytest.raises(ValueError, match="at most 16 units, got 1 of 17: train a smaller one"):
        train(MLP(2, [17, 2]), moons(20), epochs=1, page=tmp_path / "run.html")
    many = moons(200).take([0] * 20_001)
    with pytest.raises(ValueError, match=r"at most 20,000 rows, got 20,001: train on data.take"):
        train(MLP(2, [2]), many, validation=None, epochs=1, page=tmp_path / "run.html")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["run.png", "run", "nowhere/run.html"])
def test_a_page_that_cannot_be_written_is_refused_before_the_run(name: str, tmp_path: Path) -> None:
    model = MLP(2, [3, 2], seed=0)
    before = [p.data for p in model.parameters()]
    with pytest.raises(ValueError, match=r"written as \.html, got|a place that can be written"):
        train(model, moons(20), epochs=1, page=tmp_path / name)
    assert [p.data for p in model.parameters()] == before
    assert not list(tmp_path.iterdir())


def test_a_history_without_its_config_says_what_it_needs(tmp_path: Path) -> None:
    history = train(MLP(2, [2], seed=0), moons(20), epochs=1)
    with pytest.raises(ValueError, match="needs the history that train returned"):
        pickle.loads(pickle.dumps(history)).page(tmp_path / "run.html")


def test_an_activation_made_of_functions_of_python_is_refused(tmp_path: Path) -> None:
    own = operation("own", lambda x: x * 2.0, "2")
    with pytest.raises(GraphError, match="own is computed by a function of Python"):
        train(MLP(2, [3, 2], activation=own), moons(20), epochs=1, page=tmp_path / "run.html")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as driver:
        yield driver


def squares(outputs: list[Value], targets: list[float]) -> Value:
    """A loss of the user's own, a mean over the batch."""
    return mean([(o - t) ** 2 for o, t in zip(outputs, targets, strict=True)])


def sums(outputs: list[Value], targets: list[float]) -> Value:
    """And one that is a sum."""
    return total([(o - t) ** 2 for o, t in zip(outputs, targets, strict=True)])


def rooted(outputs: Any, targets: Any) -> Value:
    return sqrt(squares(outputs, targets))


def worst(outputs: Any, targets: Any) -> Value:
    return maximum([(o - t) ** 2 for o, t in zip(outputs, targets, strict=True)])


def shifted(outputs: Any, targets: Any) -> Value:
    return squares(outputs, targets) + 0.5 * mean(list(outputs)) ** 2


def branched(outputs: Any, targets: Any) -> Value:
    pairs = zip(outputs, targets, strict=True)
    return mean([(o - t) ** 2 * (1.0 if t > 0 else 10.0) for o, t in pairs])


def asymmetric(outputs: Any, targets: Any) -> Value:
    pairs = zip(outputs, targets, strict=True)
    return mean([where(o > t, (o - t) ** 2, 3 * (o - t) ** 2) for o, t in pairs])


def spread(outputs: Any, targets: Any) -> Value:
    return squares(outputs, targets) / (len(outputs) + 1)


@pytest.mark.parametrize("loss", [rooted, worst, shifted, branched, asymmetric, spread])
def test_a_loss_that_is_no_formula_of_a_row_is_refused_before_the_run(
    loss: Any, tmp_path: Path
) -> None:
    model = MLP(2, [3, 1], "tanh", seed=1)
    before = [p.data for p in model.parameters()]
    options: dict[str, Any] = {"epochs": 1, "batch_size": 1000, "engine": "eager"}
    match = f"mean or the sum of one formula over the rows, got {loss.__name__}, which"
    with pytest.raises(ValueError, match=match):
        train(model, plane(), loss, page=tmp_path / "run.html", **options)
    assert [p.data for p in model.parameters()] == before
    history = train(model, plane(), loss, **options)
    after = [p.data for p in model.parameters()]
    with pytest.raises(ValueError, match=match):
        history.page(tmp_path / "run.html")
    assert [p.data for p in model.parameters()] == after and not list(tmp_path.iterdir())


class Tenfold(L2):
    def __call__(self, weights: Any) -> Value:
        return 10 * super().__call__(weights)


def quartic(weights: Any) -> Value:
    return 0.1 * mean([w**4 for w in weights])


@pytest.mark.parametrize(("penalty", "name"), [(Tenfold(0.01), "Tenfold"), (quartic, "function")])
def test_a_penalty_of_ones_own_is_refused(penalty: Any, name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"penalty that is L1, L2 or ElasticNet, .*got {name}"):
        train(MLP(2, [1]), plane(), penalty=penalty, epochs=1, page=tmp_path / "run.html")


def test_an_activation_that_branches_is_refused(tmp_path: Path) -> None:
    def bent(x: Value) -> Value:
        return x if x > 0 else 0.1 * x

    model = MLP(2, [3, 1], bent, seed=1)
    with pytest.raises(ValueError, match="needs an activation that is one formula"):
        train(model, plane(), epochs=1, page=tmp_path / "run.html")


def test_a_page_says_that_it_leaves_out_callbacks_of_ones_own(tmp_path: Path) -> None:
    class Decay(Callback):
        def on_epoch_begin(self, trainer: Any) -> None:
            trainer.optimizer.learning_rate *= 0.9

    path, model = tmp_path / "run.html", MLP(2, [1], seed=1)
    said = "The page leaves out what Decay does during the run."
    train(model, plane(), epochs=1, page=path, callbacks=[Decay()])
    assert said in path.read_text("utf-8")
    ours: dict[str, Any] = {"until": EarlyStopping(2), "on_epoch": lambda epoch: None}
    train(model, plane(), epochs=1, page=path, callbacks=[EarlyStopping(3)], **ours)
    assert "The page leaves out" not in path.read_text("utf-8")


swish = operation("swish", "x * sigmoid(x)", "sigmoid(x) * (1 + x * sigmoid(-x))")
RUNS: list[tuple[MLP, Dataset, dict[str, Any]]] = [
    (MLP(2, [4, 3, 1], "tanh", seed=1), moons(30), {"loss": hinge}),
    (MLP(2, [5, 2], "relu", seed=2), circles(30), {"optimizer": SGD(0.1, momentum=0.9)}),
    (
        MLP(2, [4, 3], swish, seed=3),
        spirals(30, classes=3),
        {"optimizer": SGD(0.1, momentum=0.9, nesterov=True, clip_norm=0.1), "penalty": L2(0.01)},
    ),
    (
        MLP(2, [4, 1], "gelu", seed=4),
        moons(30),
        {"loss": binary_cross_entropy, "optimizer": Adam(0.05), "penalty": L1(0.02)},
    ),
    (
        MLP(2, [4, 1], "sigmoid", seed=5),
        plane(),
        {"loss": mean_squared_error, "optimizer": RMSProp(0.02), "penalty": ElasticNet(0.01)},
    ),
    (MLP(2, [4, 1], "softplus", seed=6), plane(), {"loss": huber, "optimizer": AdamW(0.02)}),
    (MLP(2, [1], seed=7), plane(), {"loss": squares, "optimizer": SGD(0.1, clip_value=0.05)}),
    (MLP(2, [2, 1], seed=7), plane(), {"loss": sums, "optimizer": SGD(0.001)}),
    (
        MLP(2, [3, 2], "elu", seed=8),
        moons(30),
        {"loss": partial(cross_entropy, class_weights=[1.0, 3.0], label_smoothing=0.1)},
    ),
]


@pytest.mark.parametrize(("model", "data", "options"), RUNS)
def test_what_a_page_can_train_is_not_refused(
    model: MLP, data: Dataset, options: dict[str, Any], tmp_path: Path
) -> None:
    config = train(deepcopy(model), data, epochs=1, page=tmp_path / "run.html", **options).config
    assert config and (tmp_path / "run.html").exists()


# As controls would set them: nothing changed, and all rows in one batch.
TRAINED = """
    const { run } = data, rest = { noise: 0, batch: 1000, seed: 1, own: true };
    const training = Training(data, { sizes: run.sizes, activation: run.activation, l1: run.l1,
        l2: run.l2, rate: run.optimizer.rate, ...rest });
    const losses = run.history.map(() => [training.epoch(), training.validation()]);
    return [losses, [...training.theta], Math.hypot(...training.grads)];
"""


@pytest.mark.full
def test_whole_batches_train_in_the_page_as_they_do_in_train(browser: Any, tmp_path: Path) -> None:
    for model, data, options in RUNS:
        history = train(
            model, data, epochs=25, batch_size=1000, page=tmp_path / "run.html", **options
        )
        opened(browser, tmp_path / "run.html")
        losses, numbers, length = browser.execute_script(TRAINED)
        ours = [[epoch.loss, epoch.validation_loss] for epoch in history]
        assert losses == [pytest.approx(pair, rel=1e-9, abs=1e-12) for pair in ours], options
        assert numbers == pytest.approx([p.data for p in model.parameters()], rel=1e-9, abs=1e-12)
        assert length == pytest.approx(history[-1].gradient_norm, rel=1e-9)
        assert browser.get_log("browser") == []


@pytest.mark.full
def test_the_controls_change_the_network_and_its_training(browser: Any, tmp_path: Path) -> None:
    model = MLP(2, [8, 8, 1], "tanh", seed=1)
    history = train(model, moons(200, 0.2), hinge, epochs=3, page=tmp_path / "run.html")
    opened(browser, tmp_path / "run.html")

    def click(selector: str) -> None:
        browser.execute_script("document.querySelector(arguments[0]).click()", selector)

    def seen() -> dict[str, Any]:
        found: dict[str, Any] = browser.execute_script("""
            const text = id => document.getElementById(id).textContent;
            return { epoch: text("epoch"), status: text("status"), units: document.querySelectorAll(
                "canvas.unit").length, lines: document.querySelectorAll("#lines line").length,
                boundary: document.getElementById("boundary").toDataURL().length > 1000,
                loss: text("training-loss"), line: document.querySelector("#lines line")
                    .getAttribute("stroke-width") };
        """)
        return found

    start = seen()
    assert (start["epoch"], start["units"], start["lines"]) == ("epoch 0", 17, 88)
    for _ in range(20):
        click("#step")
    assert seen()["epoch"] == "epoch 20" and seen()["status"].startswith(
        "Epoch 20: training loss 0."
    )
    click("#play")
    assert seen()["status"] == ""  # what was said of epoch 20 is no more true
    click("#play")
    assert float(seen()["loss"]) < history[0].loss and seen()["boundary"]
    weights = seen()
    show_lines = """
        const shown = document.getElementById("shown");
        shown.value = arguments[0];
        shown.dispatchEvent(new Event("change"));
    """
    browser.execute_script(show_lines, "gradients")
    assert seen() | {"line": weights["line"]} == weights and seen()["line"] != weights["line"]
    browser.execute_script(show_lines, "weights")
    assert seen() == weights
    click(".layer:nth-child(2) button:nth-child(2)")  # a unit more
    assert (seen()["units"], seen()["lines"], seen()["epoch"]) == (18, 98, "epoch 0")
    click(".layer:last-child button:last-child")  # a layer more
    assert seen()["units"] == 22
    click(".layer:last-child button:first-child")
    click(".layer:nth-child(2) button:first-child")
    click("#reset")
    assert seen() == start
    script = """
        const [id, value] = arguments, control = document.getElementById(id);
        control.value = value;
        for (const kind of ["input", "change"]) control.dispatchEvent(new Event(kind));
        return document.getElementById(`${id}-shown`)?.textContent;
    """
    assert browser.execute_script(script, "rate", 1) == "10"
    browser.execute_script(script, "activation", "relu")
    browser.execute_script(script, "l1", -1)
    click("#play")
    browser.execute_async_script("setTimeout(arguments[0], 600)")
    click("#play")
    assert int(seen()["epoch"].split()[1]) > 3 or "became nan or infinite" in seen()["status"]
    unnamed = browser.execute_script("""
        return [...document.querySelectorAll("button, input, select")].filter(e =>
            !(e.textContent.trim() || e.getAttribute("aria-label") || e.labels?.length)).length;
    """)
    assert unnamed == 0 and browser.get_log("browser") == []
    wide = "const page = document.documentElement; return page.scrollWidth - page.clientWidth"
    assert browser.execute_script(wide) == 0
    assert [url for url in requests(browser) if not url.startswith(("file:", "data:"))] == []
