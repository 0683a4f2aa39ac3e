"""What the doctor's report says, and what it says of what it was not given."""

import pickle
import re
from dataclasses import replace
from functools import cache
from math import inf, isnan
from random import Random
from typing import Any

import pytest

import nn.doctor.data_stats as data_stats
from autograd import Value, dot
from nn import L2, MLP, SGD, Dataset, Layer, Module, Standardizer, curvature, diagnose, evaluate
from nn.analysis.layer_stats import bias_gradients
from nn.data.doubts import gives_away
from nn.data.toy import circles, iris, moons
from nn.doctor import PROBLEMS, Remedy
from nn.doctor.data_stats import neighbours
from nn.doctor.remedies import Rescaled
from nn.losses import cross_entropy, mean_squared_error
from nn.training.history import Epoch, History
from tests.nn.doctor import names, report_of, run

Options = dict[str, Any]


@cache  # which no test changes
def slow() -> tuple[History, MLP]:
    return run(
        MLP(2, [8, 2], activation="tanh", seed=1), moons(200), SGD(0.001, momentum=0.5), epochs=20
    )


def numbers(model: Any) -> list[float]:
    return [p.data for p in model.parameters()]


# The report


def test_a_sound_run_is_called_healthy_with_its_figures() -> None:
    report = report_of(
        MLP(2, [12, 2], activation="tanh", seed=1), moons(200), SGD(0.1, momentum=0.9)
    )
    assert report.healthy
    assert list(report) == []
    assert re.fullmatch(
        r"healthy: no problem was found\. accuracy (1|0\.9\d*) on the training part and "
        r"(1|0\.9\d*) on the validation "
        r"part; the 5 nearest neighbours of each of \d+ training rows get (1|0\.9\d*)\.",
        str(report),
    )
    with pytest.raises(
        IndexError, match="the report has no diagnosis 0: there are none, as the run is healthy"
    ):
        report[0]


def test_a_report_reads_as_a_name_a_sentence_its_evidence_and_what_to_try() -> None:
    history, model = slow()
    report = diagnose(history, model, moons(200))
    assert not report.healthy
    assert len(report) == 1
    lines = str(report).splitlines()
    assert (
        lines[0] == "learning rate too small: the steps are so small that training ended before it "
        "converged."
    )
    assert all(line.startswith("  ") for line in lines[1:])
    assert all(re.search(r"\d", line) for line in lines[1:])
    assert lines[-1].startswith("  Try: SGD(learning_rate=")
    assert repr(report) == str(report)


def test_the_evidence_gives_the_bound_by_the_curvature_at_the_start_and_the_remedy_half_of_it() -> (
    None
):
    history, model = slow()
    assert history.config is not None
    rows = history.config.data.shuffled(0)[:200]
    found = curvature(history.config.fresh(), rows, cross_entropy, iterations=60, tolerance=1e-3)
    diagnosis = diagnose(history, model, moons(200))[0]
    assert (
        f"2(1 + β)/λ = {3 / found:.3g} (largest curvature λ = {found:.3g}, momentum β = 0.5)"
        in diagnosis.evidence[0]
    )
    changed = diagnosis.remedy.apply(history.config)
    assert changed.optimizer.learning_rate == pytest.approx(0.5 / found, rel=0.05)
    assert (changed.optimizer.momentum, changed.optimizer.steps) == (0.5, 0)
    assert replace(changed, optimizer=None) == replace(history.config, optimizer=None)


def test_the_bound_counts_the_curvature_of_the_penalty_in() -> None:
    data = moons(120, seed=1)
    history, model = run(
        MLP(2, [8, 2], activation="tanh", seed=1), data, SGD(0.5), epochs=5, penalty=L2(20.0)
    )
    report = diagnose(history, model, data)
    assert names(report)[0] == "learning rate too large"  # 0.5 is above 2/λ, but not without 20
    config = history.config
    assert config is not None
    rows = config.data.shuffled(0)[:200]
    known = {"iterations": 60, "tolerance": 1e-3}
    found = curvature(config.fresh(), rows, cross_entropy, penalty=config.penalty, **known)
    assert found > 20 > 4 > curvature(config.fresh(), rows, cross_entropy, **known)
    assert f"2/λ = {2 / found:.3g} (largest curvature λ = {found:.3g})" in str(report)


def test_a_diagnosis_is_tried_again_with_the_losses_before_and_after() -> None:
    history, model = slow()
    again = diagnose(history, model, moons(200))[0].retry()
    other, its = again
    assert its[-1].validation_loss == pytest.approx(again.after)
    assert again.before == pytest.approx(history[-1].validation_loss)
    assert again.after < again.before / 2
    assert numbers(other) != numbers(model)
    assert repr(again) == f"validation loss {again.before:.4g} before, {again.after:.4g} after"


def test_a_diagnosis_changes_nothing() -> None:
    data = moons(60)
    history, model = run(MLP(2, [6, 2], seed=1, dropout=0.2), data, SGD(0.001), epochs=3)
    before = (
        numbers(model),
        [p.grad for p in model.parameters()],
        repr(history),
        repr(history.config),
        repr(data[:3]),
    )
    diagnose(history, model, data)
    assert (
        *(numbers(model), [p.grad for p in model.parameters()]),
        *(repr(history), repr(history.config), repr(data[:3])),
    ) == before


def test_the_same_run_is_given_the_same_report() -> None:
    history, model = slow()
    assert str(diagnose(history, model, moons(200))) == str(diagnose(history, model, moons(200)))


def test_causes_are_named_and_not_what_follows_from_them() -> None:
    report = report_of(MLP(2, [8, 2], init="zeros", activation="tanh"), circles(120))
    assert names(report) == ["symmetric initial weights"]


def test_several_problems_are_numbered_the_most_important_first() -> None:
    data = moons(80, noise=0.4)
    part = data[:20]
    history, model = run(MLP(2, [16, 2], init="zeros", activation="tanh"), data, validation=part)
    report = diagnose(history, model, data)
    assert names(report) == ["leaking validation rows", "symmetric initial weights"]
    assert str(report).startswith("1. leaking validation rows: ")
    assert "\n2. symmetric initial weights: " in str(report)


def test_the_table_has_a_row_for_each_problem_in_plain_sentences() -> None:
    assert len({problem.name for problem in PROBLEMS}) == len(PROBLEMS) == 15
    for problem in PROBLEMS:
        assert problem.sentence.endswith(".")
        assert problem.check.__doc__
        assert problem.causes <= {other.name for other in PROBLEMS}


# What it is not given


def test_without_a_recipe_it_says_what_it_can_and_what_it_could_not_examine() -> None:
    history, model = run(MLP(2, [24, 2], init="zeros"), moons(100))
    bare = pickle.loads(pickle.dumps(history))
    report = diagnose(bare, model, moons(100))
    assert "symmetric initial weights" in names(report)
    assert "Not examined: initial weights, curvature and leaks, as the history does not say" in str(
        report
    )
    with pytest.raises(
        ValueError, match="a remedy needs the config of the run, got none: train again"
    ):
        report[0].retry()


def test_without_a_recipe_a_diverging_loss_and_an_overfit_are_still_seen() -> None:
    model = MLP(2, [4, 2], seed=1)
    growing = History(Epoch(k, 2.0**k * 10, validation_loss=2.0**k * 20) for k in range(1, 12))
    assert "learning rate too large" in names(diagnose(growing, model, moons(40)))
    rising = History(Epoch(k, 1 / k, validation_loss=0.5 + 0.1 * abs(k - 3)) for k in range(1, 12))
    assert "overfitting" in names(diagnose(rising, model, moons(40)))


def test_a_run_without_validation_is_examined_as_far_as_it_goes() -> None:
    report = report_of(
        MLP(2, [12, 2], activation="tanh", seed=1), moons(100), SGD(0.3), validation=None
    )
    assert report.healthy
    assert "Not examined: overfitting and leaks, as no rows were held out" in str(report)
    history, model = run(
        MLP(2, [8, 2], activation="tanh", seed=1), moons(200), SGD(0.001), validation=None, epochs=9
    )
    assert repr(diagnose(history, model, moons(200))[0].retry()).startswith("training loss ")


def test_a_run_that_ended_before_its_first_epoch_is_diagnosed() -> None:
    rng = Random(0)
    rows = [[rng.gauss(0, 1)] for _ in range(40)]
    data = Dataset(rows, [5 * x for (x,) in rows])
    report = report_of(MLP(1, [8, 1], activation="relu", seed=1), data, SGD(1e8))
    assert names(report)[0] == "learning rate too large"
    assert any("diverged" in line for line in report[0].evidence)
    assert diagnose(History(), MLP(1, [1]), data) is not None


class Lines(Module):
    """A model with none of our layers."""

    def __init__(self) -> None:
        self.w = [[Value(0.1), Value(-0.2)], [Value(0.3), Value(0.1)]]
        self.b = [Value(0.0), Value(0.0)]

    def __call__(self, row: Any) -> Any:
        return [dot(w, row, b) for w, b in zip(self.w, self.b, strict=True)]


def test_a_model_of_ones_own_is_examined_but_for_its_units() -> None:
    history, model = run(Lines(), circles(120))
    report = diagnose(history, model, circles(120))
    assert names(report) == ["underfitting"]
    assert "Not examined: its units, as the model has no layers of nn" in str(report)
    with pytest.raises(
        ValueError, match="this remedy has to be done by hand: a model with more units"
    ):
        report[0].retry()


def test_a_model_made_of_our_layers_is_examined_like_an_mlp() -> None:
    class Two(Module):
        def __init__(self) -> None:
            self.out = Layer(8, 2, "linear", Random(1), "zeros")  # the rows meet it last
            self.hidden = Layer(2, 8, "tanh", Random(0), "zeros")

        def __call__(self, row: Any) -> Any:
            return self.out(self.hidden(row))

    history, model = run(Two(), circles(120), SGD(0.5))
    report = diagnose(history, model, circles(120))
    assert names(report) == ["symmetric initial weights"]
    assert "in layer 1 the 8 units" in report[0].evidence[0]
    again = report[0].retry()
    assert type(again.model) is Two
    assert again.after < again.before


def test_what_is_no_history_or_no_data_is_refused_in_a_sentence() -> None:
    history, model = slow()
    with pytest.raises(TypeError, match="diagnose needs the History that train returns, got list"):
        diagnose(list(history), model, moons(10))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="diagnose needs a Dataset, got list"):
        diagnose(history, model, [])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least one row, got an empty dataset"):
        diagnose(history, model, Dataset([], []))


# Whose data, whose model


def test_rows_of_another_run_are_refused_and_its_own_pass_with_or_without_those_held_out() -> None:
    history, model = slow()
    assert history.config is not None
    whole, part = (
        diagnose(history, model, moons(200)),
        diagnose(history, model, history.config.data),
    )
    assert str(whole) == str(part) == str(diagnose(history, model, moons(200).shuffled(3)))
    for other in (moons(50, noise=0.9), iris(), moons(200)[:100]):
        with pytest.raises(
            ValueError,
            match=r"diagnose needs the data of the run, 160 rows \+ 40 held out, got \d+ rows",
        ):
            diagnose(history, model, other)


def test_a_model_that_is_not_of_the_run_is_refused() -> None:
    history, _ = slow()
    with pytest.raises(
        ValueError, match="diagnose needs the model of the run, of 42 parameters, got one of 47"
    ):
        diagnose(history, MLP(2, [9, 2], seed=1), moons(200))
    with pytest.raises(
        ValueError,
        match="diagnose needs the model as the run left it, got one whose weights no epoch",
    ):
        diagnose(history, MLP(2, [8, 2], activation="tanh", seed=5), moons(200))
    wide = run(
        MLP(1, [14], seed=1),
        Dataset([[1.0], [2.0], [3.0]], [0, 1, 0], class_names=["a", "b"]),
        epochs=1,
    )
    with pytest.raises(ValueError, match="the model takes 1 feature, the data have 2"):
        diagnose(pickle.loads(pickle.dumps(history)), wide[1], moons(200))


def test_control_characters_in_the_names_of_classes_are_shown_and_not_sent() -> None:
    data = iris()
    named = replace(data, class_names=["a", "red\x1b[31m\n", "c"])
    model = MLP(4, [1], seed=1)
    report = report_of(model, named, SGD(0.001), mean_squared_error, epochs=1)
    assert "as if red\\x1b[31m were halfway between a and c" in str(report)
    assert all(line.isprintable() for line in str(report).splitlines())


def test_a_class_in_the_place_of_the_model_is_refused() -> None:
    history, _ = slow()
    for wrong, came in ((MLP, "the class MLP"), (None, "NoneType")):
        with pytest.raises(TypeError, match=f"diagnose needs the model of the run, got {came}"):
            diagnose(history, wrong, moons(200))


# What it is made of


def test_the_errors_that_reach_units_are_the_gradients_of_each_row_by_their_biases() -> None:
    model, rows = MLP(2, [3, 2], activation="tanh", seed=4), moons(7)
    before = [(p.data, p.grad) for p in model.parameters()]
    hidden, output = bias_gradients(model, rows, cross_entropy).values()
    assert [(p.data, p.grad) for p in model.parameters()] == before
    for k, (row, target) in enumerate(rows):
        inner = [neuron(row) for neuron in model.layers[0].neurons]
        logits = [neuron(inner) for neuron in model.layers[1].neurons]
        model.zero_grad()
        cross_entropy([logits], [target]).backward()
        assert output[k] == pytest.approx([y.grad for y in logits])
        slopes = [1 - y.data**2 for y in inner]
        assert hidden[k] == pytest.approx(
            [y.grad * slope for y, slope in zip(inner, slopes, strict=True)]
        )


@pytest.mark.full
def test_neighbours_are_those_of_scikit_learn() -> None:
    sklearn = pytest.importorskip("sklearn.neighbors")
    data = moons(60, seed=1)
    rows = Standardizer.fit(data).transform(data).features
    machine = sklearn.NearestNeighbors(n_neighbors=5).fit(rows)
    wanted = machine.kneighbors(return_distance=False)  # of each row among the others
    found = neighbours(data, 5)
    assert found == [[float(data.targets[k]) for k in near] for near in wanted]


def test_a_loss_that_overflows_is_infinite_in_the_retrial_not_an_error() -> None:
    from nn.doctor.run_facts import loss_on

    huge = MLP(1, [1], init="ones")
    huge.parameters()[0].data = 1e200
    data = Dataset([[1.0]], [0.0])
    assert loss_on(huge, data, lambda p, t: float(p[0]) ** 2) == inf
    assert isnan(loss_on(huge, None, mean_squared_error))
    assert evaluate(MLP(1, [1], init="ones"), data)[0] == 1.0


def test_a_remedy_in_words_alone_cannot_be_applied() -> None:
    history, _ = slow()
    with pytest.raises(ValueError, match="has to be done by hand"):
        Remedy("rest").apply(history.config)


def test_the_rows_say_what_they_say() -> None:
    one, other = Dataset([[1.0], [2.0]], [0.0, 1.0]), Dataset([[2.0], [1.0]], [1.0, 1.0])
    assert data_stats.shared(one, other) == [1]
    rows = Dataset([[1.0], [1.0], [1.0], [2.0], [2.0]], [0.0, 1.0, 1.0, 0.0, 1.0])
    assert data_stats.majority(rows) == [1, 2]
    assert data_stats.contradicted(rows) == [0, 1, 2, 3, 4]
    assert data_stats.repeated(Dataset([[1.0], [1.0], [2.0], [3.0]], [0.0] * 4)) == 0.5
    assert data_stats.repeats_expected(Dataset([[0.0], [1.0], [1.0]], [0.0] * 3), 2)
    assert not data_stats.repeats_expected(Dataset([[0.1], [0.2], [0.3]], [0.0] * 3), 2)
    coded = Dataset([[7.0, 1.0], [9.0, 2.0], [7.0, 3.0]], [0, 1, 0], class_names=["a", "b"])
    columns = zip(*coded.features, strict=True)
    assert [gives_away(x, coded.targets, True) for x in columns] == [True, False]
    line = Dataset([[float(k), k % 7.0] for k in range(30)], [3.0 * k + 1 for k in range(30)])
    columns = zip(*line.features, strict=True)
    assert [gives_away(x, line.targets, False) for x in columns] == [True, False]


def test_a_rescaled_model_predicts_in_units() -> None:
    model = Rescaled(MLP(1, [1], init="ones"), mean=500.0, deviation=100.0)
    assert model([2.0]).data == 700.0


def test_a_feature_that_tells_few_rows_apart_does_not_give_classes_away() -> None:
    data = Dataset([[float(k), k % 7.0] for k in range(120)], [k > 59 for k in range(120)])
    data = Dataset(data.features, data.targets, ["size", "noise"], ["small", "large"])
    scaled = Standardizer.fit(data).transform(data)
    assert report_of(MLP(2, [2], seed=0), scaled, SGD(0.1)).doubts == []
