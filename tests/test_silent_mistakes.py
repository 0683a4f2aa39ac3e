"""What used to go wrong without a word: each is impossible by now, or said in a sentence."""

import copy
import pickle
import warnings
from collections.abc import Callable, Iterator
from math import isnan, nan
from random import Random
from typing import Any

import numpy as np
import pytest

from autograd import Value, softmax
from nn import (
    MLP,
    SGD,
    Adam,
    Cosine,
    DataError,
    Dataset,
    Dropout,
    EarlyStopping,
    Epoch,
    Fallback,
    History,
    Layer,
    Mismatch,
    Module,
    Standardizer,
    Training,
    accuracy,
    confusion_matrix,
    constant,
    cross_entropy,
    evaluate,
    hinge,
    iris,
    mean_squared_error,
    moons,
    predict,
    predicted_class,
    r_squared,
    train,
    training_mode,
)
from tests.cases import each


def numbers(model: Any) -> list[float]:
    return [p.data for p in model.parameters()]


def line(rows: int = 40) -> Dataset:
    rng = Random(0)
    features = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(rows)]
    return Dataset(features, [3 * x - 2 * z + 0.5 for x, z in features])


# A recording that is no longer the model


class Plane(Module):
    """One neuron, written out."""

    def __init__(self) -> None:
        self.w, self.b, self.t = [Value(0.3), Value(-0.2)], Value(0.0), 1.0

    def __call__(self, x: list[Any]) -> Any:
        return self.w[0] * x[0] + self.w[1] * x[1] + self.b


class Normed(Plane):
    def __call__(self, x: list[Any]) -> Any:
        return super().__call__(x) / sum(w.data**2 for w in self.w) ** 0.5


class Branched(Plane):
    def __call__(self, x: list[Any]) -> Any:
        return super().__call__(x) if self.w[1].data > -0.5 else self.w[0] * x[0]


class Frozen(Plane):
    def __call__(self, x: list[Any]) -> Any:
        return super().__call__(x) * self.w[0].detach()


class Tempered(Plane):
    def __call__(self, x: list[Any]) -> Any:
        return super().__call__(x) / self.t


@pytest.mark.parametrize("kind", [Normed, Branched, Frozen])
def test_a_model_that_reads_the_number_of_a_parameter_is_not_recorded(kind: type[Plane]) -> None:
    models = [kind(), kind()]
    with pytest.warns(
        Fallback, match=r"test_silent_mistakes.py, line \d+: .* of a parameter inside a recorded"
    ):
        found = train(models[0], moons(75, seed=1), epochs=5)
    wanted = train(models[1], moons(75, seed=1), epochs=5, engine="eager")
    assert found == wanted
    assert numbers(models[0]) == numbers(models[1])
    assert {type(p) for p in models[0].parameters()} == {Value}


def test_a_loss_that_reads_the_number_of_a_parameter_is_not_recorded() -> None:
    histories = []
    for engine in ("auto", "eager"):
        model = MLP(2, [6, 1], seed=1)

        def reweighted(outputs: Any, targets: Any, model: MLP = model) -> Any:
            return mean_squared_error(outputs, targets) + 0.1 * sum(
                abs(w.data) * w for w in model.parameters()
            )

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            histories.append(train(model, line(), reweighted, epochs=5, engine=engine))
        assert [w.category for w in caught] == [Fallback] * (engine == "auto")
    assert histories[0] == histories[1]


def annealed(engine: str, by_hand: bool) -> tuple[History, list[float], list[str]]:
    """A run whose model is tempered anew after each epoch from the third on."""
    model = Tempered()

    def anneal(epoch: Epoch) -> None:
        model.t *= 1.0 if epoch.number < 3 else 1.5

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if by_hand:
            run = Training(model, moons(75, seed=1), epochs=8, engine=engine)
            for epoch in run:
                anneal(epoch)
            history = run.history
        else:
            history = train(model, moons(75, seed=1), epochs=8, on_epoch=anneal, engine=engine)
    assert {w.filename for w in caught} <= {__file__}
    return history, numbers(model), [str(w.message) for w in caught]


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_model_that_is_changed_between_epochs_leaves_its_recording_and_says_so(
    by_hand: bool,
) -> None:
    found, ours, said = annealed("auto", by_hand)
    wanted, theirs, _ = annealed("eager", by_hand)
    assert said == [
        "training runs eager, because the model gives other numbers than its recording from "
        "epoch 4 on"
    ]
    assert found.engine == said[0].removeprefix("training runs ")
    assert ours == pytest.approx(theirs, rel=1e-9)
    assert [epoch.loss for epoch in found] == pytest.approx(
        [epoch.loss for epoch in wanted], rel=1e-9
    )


def test_a_loss_that_is_annealed_leaves_its_recording() -> None:
    ends = []
    for engine in ("auto", "eager"):
        scale, model = [1.0], MLP(2, [6, 1], seed=1)

        def scaled(outputs: Any, targets: Any, scale: list[float] = scale) -> Any:
            return mean_squared_error(outputs, targets) * scale[0]

        def anneal(epoch: Epoch, scale: list[float] = scale) -> None:
            scale[0] *= 0.1

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            history = train(model, line(), scaled, epochs=5, on_epoch=anneal, engine=engine)
        assert [w.category for w in caught] == [Fallback] * (engine == "auto")
        ends.append([history[-1].loss, *numbers(model)])
    assert ends[0] == pytest.approx(ends[1], rel=1e-9)


def test_weights_that_are_put_in_the_place_of_others_leave_the_recording() -> None:
    model = MLP(2, [6, 2], activation="tanh", seed=1)

    def prune(epoch: Epoch) -> None:
        model.layers[0].neurons[0].w = [Value(0.0), Value(0.0)]

    with pytest.warns(Fallback, match="other numbers than its recording from epoch 2 on"):
        train(model, moons(40), epochs=3, on_epoch=prune)


def test_a_schedule_that_changes_the_model_is_noticed_within_some_hundred_rows() -> None:
    model = Tempered()

    def rate(step: int) -> float:
        model.t = 1.0 + step
        return 0.1

    with pytest.warns(Fallback, match="other numbers than its recording from epoch 6 on"):
        train(model, moons(75, seed=1), optimizer=SGD(rate), epochs=8)


def test_models_that_stay_as_they_are_stay_with_their_recording() -> None:
    for model, data in (
        (MLP(2, [16, 16, 2], seed=1), moons(60)),
        (MLP(4, [8, 3], activation="gelu", seed=0), iris()),
    ):
        history = train(model, data, epochs=6, on_epoch=lambda epoch: None)
        assert not history.engine.startswith("eager")


def test_a_loss_that_only_looks_like_a_mean_of_rows_in_batches_of_one_is_not_recorded() -> None:
    def root(outputs: Any, targets: Any) -> Any:
        return mean_squared_error(outputs, targets) ** 0.5

    with pytest.warns(Fallback, match="neither the mean nor the sum"):
        train(MLP(2, [4, 1], seed=0), line(), root, SGD(0.001), epochs=1, batch_size=1)


@pytest.mark.parametrize("engine", ["auto", "eager"])
@pytest.mark.parametrize("batch_size", [1, 8])
def test_a_loss_that_is_a_sum_is_given_per_row_so_that_parts_compare(
    engine: str, batch_size: int
) -> None:
    def summed(outputs: Any, targets: Any) -> Any:
        return sum((o - t) ** 2 for o, t in zip(outputs, targets, strict=True))

    data = line(36)
    options: dict[str, Any] = {
        "epochs": 1,
        "batch_size": batch_size,
        "validation": data,
        "engine": engine,
    }
    (epoch,) = train(MLP(2, [4, 1], seed=0), data, summed, SGD(1e-12), **options)
    (mean,) = train(MLP(2, [4, 1], seed=0), data, mean_squared_error, SGD(1e-12), **options)
    assert epoch.loss == pytest.approx(epoch.validation_loss)
    assert (epoch.loss, epoch.validation_loss) == pytest.approx((mean.loss, mean.validation_loss))


# Outputs that are no logits


@pytest.mark.parametrize("engine", ["auto", "eager"])
def test_a_probability_is_right_from_one_half_on(engine: str) -> None:
    data = moons(100, noise=0.1, seed=1)
    model = MLP(2, [8, 1], activation="tanh", output="sigmoid", seed=1)
    options: dict[str, Any] = {"epochs": 40, "validation": data, "engine": engine}
    history = train(model, data, mean_squared_error, SGD(0.5, momentum=0.9), **options)
    outputs = predict(model, data)
    share = sum((y > 0.5) == t for y, t in zip(outputs, data.targets, strict=True)) / len(data)
    assert history[-1].validation_accuracy == share > 0.8
    assert evaluate(model, data)[1] == evaluate(model, data, mean_squared_error)[1] == share
    assert accuracy(outputs, data.targets, threshold=0.5) == share
    assert (
        sum(
            row[k]
            for k, row in enumerate(confusion_matrix(outputs, data.targets, 2, threshold=0.5))
        )
        == 100 * share
    )


def test_a_single_output_that_estimates_the_class_may_be_any_of_three() -> None:
    data = iris()

    def species(row: list[float]) -> float:
        return 0.1 if row[2] < 2.5 else 0.8 if row[3] < 1.7 else 2.2

    assert evaluate(species, data, mean_squared_error)[1] > 0.9


def test_a_softmax_or_a_sigmoid_before_a_loss_on_logits_is_warned_of_in_any_model() -> None:
    class Wrapped(Module):
        def __init__(self, last: Callable[[Any], Any], width: int) -> None:
            self.inner, self.last = MLP(2, [4, width], seed=1), last

        def __call__(self, x: list[Any]) -> Any:
            return self.last(self.inner(x))

    for model, what in (
        (Wrapped(softmax, 2), "rows that sum to 1: leave out the softmax"),
        (Wrapped(Value.sigmoid, 1), "outputs of sigmoid, .*: leave out the sigmoid"),
        (MLP(2, [4, 3], seed=1), "an output for each of 2 classes, got 3"),
    ):
        for engine in ("auto", "eager"):
            with pytest.warns(Mismatch, match=what) as caught:
                train(model, moons(20), epochs=1, engine=engine)
            assert [w.filename for w in caught] == [__file__]


def test_metrics_do_not_take_class_numbers_for_logits() -> None:
    with pytest.raises(
        ValueError, match="a single output stands for class 0 or 1, got the target 2"
    ) as caught:
        accuracy([2, 1, 0], [2, 1, 0])
    assert "a row of logits" in str(caught.value)
    assert predicted_class([5.0]) == predicted_class([[5.0]][0]) == 1
    assert accuracy([[5.0], [5.0]], [1, 1]) == 1.0
    assert accuracy([[nan, 1.0, 2.0], [nan, 1.0, 2.0], nan], [0, 2, 0]) == 0.0
    with pytest.raises(ValueError, match="nan"):
        confusion_matrix([[nan, 1.0]], [0], 2)
    assert cross_entropy([[-5.0]], [0]) == cross_entropy([-5.0], [0]) > 0


def test_r_squared_of_equal_targets_is_nan_however_they_round_and_large_ones_do_not_overflow() -> (
    None
):
    assert all(isnan(r_squared([0.2] * n, [0.1] * n)) for n in range(1, 60))
    assert r_squared([1e200, 2.0], [1e200, 3.0]) == pytest.approx(1.0)


# Parameters, grads and dropout of models that are no Modules


class Foreign:
    """A model with parameters and nothing else."""

    def __init__(self, model: Any) -> None:
        self.inner = model

    def parameters(self) -> Iterator[Value]:
        yield from self.inner.parameters()

    def __call__(self, x: list[Any]) -> Any:
        return self.inner(x)


@pytest.mark.parametrize("engine", ["auto", "eager"])
def test_parameters_may_be_a_generator_and_zero_grad_is_not_needed(engine: str) -> None:
    models = [MLP(2, [4, 2], seed=1), MLP(2, [4, 2], seed=1)]
    found = train(Foreign(models[0]), moons(40), epochs=3, engine=engine)
    wanted = train(models[1], moons(40), epochs=3, engine=engine)
    assert [epoch.validation_loss for epoch in found] == [epoch.validation_loss for epoch in wanted]
    assert isnan(found[0].weight_norm)  # nothing tells its weights from its biases
    assert numbers(models[0]) == numbers(models[1])


def test_dropout_inside_a_model_that_is_no_module_is_on_while_it_learns() -> None:
    models = [MLP(2, [16, 2], seed=1, dropout=0.5) for _ in range(2)]
    found = train(Foreign(models[0]), moons(40), epochs=2)
    wanted = train(models[1], moons(40), epochs=2)
    assert [epoch.validation_loss for epoch in found] == [epoch.validation_loss for epoch in wanted]
    assert found.engine == "eager, because dropout draws anew for every row"
    outer = Foreign(Foreign(Dropout(0.5, Random(2))))
    with training_mode(outer):
        assert outer.inner.inner.training
    assert not outer.inner.inner.training


def test_dropout_without_a_hidden_layer_is_refused() -> None:
    with pytest.raises(ValueError) as caught:
        MLP(2, [1], dropout=0.5)
    assert (
        str(caught.value)
        == "dropout needs a hidden layer whose outputs it drops, got the sizes [1]: leave it out"
    )


@pytest.mark.parametrize("engine", ["auto", "eager"])
@pytest.mark.parametrize("listed", [False, True])
def test_outputs_may_be_numpy_arrays(engine: str, listed: bool) -> None:
    class Matrix(Module):
        def __init__(self) -> None:
            weights = np.random.default_rng(0).normal(size=(2, 2))
            self.W = np.array([[Value(x) for x in row] for row in weights], dtype=object)
            self.b = np.array([Value(0.0), Value(0.0)], dtype=object)

        def __call__(self, x: list[Any]) -> Any:
            y = self.W @ np.array(x) + self.b
            return list(y) if listed else y

    history = train(Matrix(), moons(40), epochs=5, engine=engine)
    assert history.engine.startswith("eager") == (engine == "eager")
    assert history[-1].loss < history[0].loss
    assert len(predict(Matrix(), moons(5))[0]) == 2


def test_a_row_of_one_output_is_an_output() -> None:
    assert hinge([[0.5], [-2.0]], [1, -1]) == hinge([0.5, -2.0], [1, -1])
    assert mean_squared_error([[1.0], [3.0]], [1.0, 1.0]) == 2.0

    class One(Module):
        def __init__(self, listed: bool) -> None:
            self.layer, self.listed = Layer(2, 1, "linear", Random(1)), listed

        def __call__(self, x: list[Any]) -> Any:
            return self.layer(x) if self.listed else self.layer(x)[0]

    for loss in (None, hinge, mean_squared_error):
        ends = [train(One(listed), moons(30), loss, epochs=2)[-1] for listed in (True, False)]
        assert ends[0].validation_loss == ends[1].validation_loss
        assert ends[0].accuracy == ends[1].accuracy


# Optimisers


def test_an_optimiser_with_a_schedule_that_was_used_before_is_warned_of() -> None:
    used = SGD(Cosine(0.1, steps=15))
    train(MLP(2, [2], seed=1), moons(60), optimizer=used, epochs=5)
    with pytest.warns(
        Mismatch, match="the schedule of SGD continues after 15 steps of another run"
    ) as caught:
        train(MLP(2, [2], seed=1), moons(60), optimizer=used, epochs=1)
    assert [w.filename for w in caught] == [__file__]
    with pytest.warns(Mismatch, match="a rate of 0 for all of the first epoch: nothing will move"):
        train(MLP(2, [2], seed=1), moons(60), optimizer=SGD(lambda step: 0.0), epochs=1)


def test_an_optimiser_that_goes_on_with_its_own_model_is_not() -> None:
    model, used = MLP(2, [2], seed=1), Adam(Cosine(0.1, steps=100))
    train(model, moons(40), optimizer=used, epochs=2)
    train(model, moons(40), optimizer=used, epochs=2)
    plain = SGD(0.1)
    for _ in range(2):
        train(MLP(2, [2], seed=1), moons(40), optimizer=plain, epochs=1)


# Data of another meaning


def named(features: list[str], classes: list[str]) -> Dataset:
    data = moons(40)
    return Dataset(data.features, data.targets, features, classes)


MEANINGS: dict[str, Dataset] = {
    "the classes of the data, ant, cat, got bee, cat": named(["x", "y"], ["bee", "cat"]),
    "the classes of the data, ant, cat, got cat, ant": named(["x", "y"], ["cat", "ant"]),
    "the features of the data, x, y, got y, x": named(["y", "x"], ["ant", "cat"]),
    "the classes of the data, ant, cat, got none": Dataset(
        moons(20).features, moons(20).targets, ["x", "y"]
    ),
    "at least one row to validate on, got an empty dataset: write validation=None": named(
        ["x", "y"], ["ant", "cat"]
    )[:0],
}


@each("sentence", MEANINGS)
def test_a_validation_part_of_another_meaning_is_refused(sentence: str) -> None:
    model = MLP(2, [4, 2], seed=1)
    before = numbers(model)
    with pytest.raises(ValueError) as caught:
        train(model, named(["x", "y"], ["ant", "cat"]), epochs=1, validation=MEANINGS[sentence])
    assert sentence in str(caught.value)
    assert numbers(model) == before


def test_a_standardizer_knows_the_features_that_it_was_fitted_on() -> None:
    fitted = Standardizer.fit(named(["x", "y"], ["ant", "cat"]))
    with pytest.raises(DataError, match="needs the features of its fit, x, y, got y, x"):
        fitted.transform(named(["y", "x"], ["ant", "cat"]))
    assert fitted.transform(named(["x", "y"], ["bee", "cat"])).class_names == ["bee", "cat"]
    assert (
        Standardizer([0.0, 0.0], [1.0, 1.0]).transform(named(["y", "x"], ["ant", "cat"])).features
        == moons(40).features
    )


class Frame:
    """What is like a data frame of pandas: iterating gives the names of its columns."""

    def __init__(self, columns: dict[str, list[float]]) -> None:
        self.columns = columns

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)


class Table(Frame):
    def to_numpy(self) -> Any:
        return np.array(list(self.columns.values())).T


GUESSES: dict[str, Callable[[], Any]] = {
    "got str;": lambda: Dataset(["12", "34"], [1, 0]),
    "got bytes;": lambda: Dataset([b"12"], [1]),
    "got dict;": lambda: Dataset([{1: 5.0, 2: 6.0}], [0]),
    "got set;": lambda: Dataset([{1.0, 2.0}], [0]),
    "got Frame;": lambda: Dataset(Frame({"0": [1, 2], "1": [3, 4]}), [0, 1]),
    "the text '1'": lambda: Dataset([[1.0], [2.0]], ["1", "0"]),
    "the number 1 for a row of them: write [1]": lambda: Dataset([1, 2, 3], [1, 2, 3]),
    "class_names that are different texts, got 'a' twice": lambda: Dataset(
        [[1.0], [2.0]], [0, 1], [], ["a", "a"]
    ),
    "class_names that are different texts, got [0, 1]": lambda: Dataset(
        [[1.0], [2.0]], [0, 1], [], [0, 1]
    ),
    "class_names that are a list of texts, got 'ab'": lambda: Dataset(
        [[1.0], [2.0]], [0, 1], [], "ab"
    ),
    "feature_names that are a list of texts, got 'ab'": lambda: Dataset([[1.0, 2.0]], [0], "ab"),
    "a Dataset with rows to fit, got ndarray": lambda: Standardizer.fit(np.ones((3, 2))),
    "a Dataset or one row of numbers": lambda: Standardizer([0.0, 0.0], [1.0, 1.0]).transform(
        [[1, 2], [3, 4]]
    ),
}


@each("what", GUESSES)
def test_data_are_not_guessed(what: str) -> None:
    with pytest.raises(DataError) as caught:
        GUESSES[what]()
    assert what in str(caught.value)


def test_a_frame_that_becomes_an_array_is_taken_row_by_row() -> None:
    assert Dataset(Table({"0": [1, 2], "1": [3, 4]}), [0, 1]).features == [[1.0, 3.0], [2.0, 4.0]]


def test_a_split_leaves_a_row_of_each_class_to_learn_from_as_long_as_it_can() -> None:
    data = Dataset(
        [[i] for i in range(23)], [0] * 10 + [1] * 10 + [2, 3, 4], class_names=list("abcde")
    )
    for seed in range(5):
        for fraction in (0.1, 0.2, 0.25, 0.5):
            rest, part = data.split(fraction, seed=seed)
            assert set(rest.targets) == {0, 1, 2, 3, 4}
            assert len(part) == round(fraction * 23)


# Copies


def test_a_copy_of_a_model_and_its_optimiser_goes_on_as_they_do() -> None:
    model, used = MLP(2, [2], seed=1), Adam(0.01)
    train(model, moons(40), optimizer=used, epochs=1)
    twin, own = copy.deepcopy((model, used))
    again, given = pickle.loads(pickle.dumps((model, used)))
    wanted = train(model, moons(40), optimizer=used, epochs=2)
    assert train(twin, moons(40), optimizer=own, epochs=2) == wanted
    assert train(again, moons(40), optimizer=given, epochs=2) == wanted


def test_a_run_is_copied_with_its_recording_and_goes_on_the_same() -> None:
    run = Training(
        MLP(2, [4, 2], seed=1), moons(40), cross_entropy, SGD(0.1, momentum=0.9), epochs=5
    )
    next(iter(run))
    copies = [copy.deepcopy(run), pickle.loads(pickle.dumps(run))]
    wanted = list(run)
    assert [list(other) for other in copies] == [wanted, wanted]


def test_a_history_that_was_pickled_is_equal_and_a_part_of_it_is_a_history() -> None:
    history = train(MLP(2, [2], seed=1), moons(40), epochs=3, validation=None)
    assert pickle.loads(pickle.dumps(history)) == history
    assert len({*history, *pickle.loads(pickle.dumps(history))}) == 3
    part = train(MLP(2, [2], seed=1), moons(40), epochs=3)[:2]
    assert isinstance(part, History)
    assert part.best is min(part, key=lambda epoch: epoch.validation_loss)
    assert history[0] != Epoch(1, 2.0) != "epoch"


# One sentence each


SENTENCES: dict[str, Callable[[], Any]] = {
    "or validation=None to hold none out": lambda: train(MLP(2, [2]), moons(40)[:2], epochs=1),
    "EarlyStopping needs a validation part, got none": lambda: train(
        MLP(2, [2]), moons(40), epochs=1, validation=None, until=EarlyStopping()
    ),
    "train needs a penalty that returns a Value, got float: compute it from the weights "
    "themselves": lambda: train(MLP(2, [2]), moons(40), epochs=1, penalty=lambda weights: 0.5),
    "train needs at least one row, got an empty dataset": lambda: train(
        MLP(2, [2]), moons(40)[:0], validation=None
    ),
    "SGD needs a learning_rate above 0, and finite, got '0.1'": lambda: SGD("0.1"),  # type: ignore[arg-type]
    "Adam needs a beta1 from 0 up to, but below, 1, got (0.9, 0.99)": lambda: Adam(
        0.1, (0.9, 0.99)
    ),  # type: ignore
    "SGD needs a momentum from 0 up to, but below, 1, got '0.9'": lambda: SGD(0.1, momentum="0.9"),  # type: ignore
    "SGD needs a schedule of rates from 0 up, got 'x' for step 0": lambda: (
        SGD(lambda step: "x").rate
    ),  # type: ignore
    "Cosine needs a final rate from 0 to the first, 0.1, got '0'": lambda: Cosine(0.1, 5, "0"),  # type: ignore
    "an activation needs to be a function or one of": lambda: MLP(2, [3, 1], ["relu"]),  # type: ignore[arg-type]
    "constant needs a number that is finite, got 'a'": lambda: constant("a"),  # type: ignore[arg-type]
    "predict needs a Dataset, got ndarray: write predict(model, data), or [mod": lambda: predict(
        MLP(2, [2]), np.ones((3, 2))
    ),
    "predict needs a Dataset, got list": lambda: predict(MLP(2, [2]), [1.0, 2.0]),  # type: ignore[arg-type]
    "evaluate needs a Dataset, got tuple": lambda: evaluate(MLP(2, [2]), ([[1.0, 2.0]], [1])),
    "evaluate needs at least one row, got an empty dataset": lambda: evaluate(
        MLP(2, [2]), moons(40)[:0]
    ),
    "got the one number 0.0: for the index of a class use cross_entropy": lambda: train(
        MLP(2, [2]), Dataset(moons(40).features, moons(40).targets), epochs=1
    ),
}


@each("sentence", SENTENCES)
def test_a_mistake_gets_one_sentence(sentence: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        SENTENCES[sentence]()
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_overflow_is_warned_of_once_a_place_before_the_run_ends() -> None:
    data = moons(75, seed=1)
    huge = Dataset(
        [[100 * a, 50 * b] for a, b in data.features],
        [1000 * (a * a - b) for a, b in data.features],
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        train(MLP(2, [8, 8, 8, 1], seed=1), huge, optimizer=SGD(1.0), epochs=40, engine="eager")
    assert 1 < len(caught) <= 4
