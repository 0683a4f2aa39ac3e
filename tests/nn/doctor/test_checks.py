"""Each check: what it calls a problem and what not, and that its remedy can be tried and helps.

How often they are right: test_zoo.
"""

import re
from collections import Counter
from dataclasses import replace
from functools import partial
from math import hypot, log, sqrt
from random import Random
from typing import Any

import pytest

from autograd import softmax
from nn import L2, MLP, Cosine, Dataset, Module, Standardizer, accuracy, diagnose, find_rate
from nn.analysis.layer_stats import activity
from nn.data.toy import circles, iris, moons, xor
from nn.doctor.data_stats import related, shared
from nn.losses import binary_cross_entropy, cross_entropy, hinge, mean_squared_error
from nn.optim import SGD, Adam, Optimizer, RMSProp
from nn.training.callbacks import EarlyStopping
from nn.training.evaluation import evaluate, predict
from nn.training.history import Epoch, History
from tests.nn.doctor import names, report_of, run

pytestmark = pytest.mark.full

Options = dict[str, Any]


def numbers(model: Any) -> list[float]:
    return [p.data for p in model.parameters()]


# The signs


def test_adam_is_not_judged_by_a_bound_that_is_not_its_own() -> None:
    report = report_of(MLP(2, [16, 2], seed=1), circles(150), Adam(0.9))
    assert names(report)[0] == "learning rate too large"
    assert (
        "2/λ is no bound for it, as it divides the gradient by its own size" in report[0].evidence
    )
    assert report[0].remedy.words.startswith("Adam(learning_rate=0.01")
    slowly = report_of(MLP(2, [16, 2], seed=1), circles(150), RMSProp(1e-6))
    assert names(slowly) == ["learning rate too small"]
    assert "RMSProp moves each weight by at most about its rate" in slowly[0].evidence[0]


@pytest.mark.parametrize("optimizer", [SGD(1e-4), SGD(0.1), Adam(0.01), RMSProp(1e-5), Adam(0.9)])
def test_weights_that_all_begin_at_nought_are_no_obstacle(optimizer: Any) -> None:
    report = report_of(MLP(2, [4, 2], init="zeros"), moons(60), optimizer, epochs=4)
    assert names(report)[0] == "symmetric initial weights"
    report_of(MLP(2, [2], init="zeros"), moons(60), optimizer, epochs=4)


def test_a_schedule_keeps_its_shape_when_the_rate_is_changed() -> None:
    history, model = run(
        MLP(2, [8, 2], seed=1), moons(100), SGD(Cosine(0.0005, steps=100)), epochs=20
    )
    diagnosis = diagnose(history, model, moons(100))[0]
    assert diagnosis.name == "learning rate too small"
    assert "times the schedule of rates" in diagnosis.remedy.words
    assert history.config is not None
    rate = diagnosis.remedy.apply(history.config).optimizer.learning_rate
    old = Cosine(0.0005, steps=100)
    assert rate(50) / old(50) == pytest.approx(rate(0) / old(0))
    assert rate(0) > 10 * old(0)


def test_an_optimizer_of_ones_own_that_diverges_is_told_to_take_a_tenth() -> None:
    class Leap(Optimizer):
        def update(self, x: float, grad: float, rate: float) -> tuple[float, ...]:
            return (x - rate * grad,)

    rng = Random(0)
    rows = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(60)]
    history, model = run(MLP(2, [1], seed=0), Dataset(rows, [x + z for x, z in rows]), Leap(2.0))
    diagnosis = diagnose(history, model, Dataset(rows, [x + z for x, z in rows]))[0]
    assert diagnosis.name == "learning rate too large"
    again = diagnosis.retry()
    assert again.history.config is not None
    assert again.history.config.optimizer.learning_rate == pytest.approx(0.2)
    assert again.after < again.before


def test_rows_that_repeat_by_themselves_are_no_leak() -> None:
    history, model = run(
        MLP(2, [8, 2], activation="tanh", seed=2), xor(80, noise=0), SGD(0.5, momentum=0.9)
    )
    assert history.config is not None
    assert history.config.validation is not None
    assert len(shared(history.config.validation, history.config.data)) == len(
        history.config.validation
    )
    assert "leaking validation rows" not in names(diagnose(history, model, xor(80, noise=0)))


@pytest.mark.parametrize("both", ["a few", "most of the validation part", "all of both"])
def test_no_row_is_in_both_parts_after_the_remedy_for_a_leak(both: str) -> None:
    data = moons(100, noise=0.4, seed=2)
    training, part = data[:80], data[80:]
    if both == "a few":
        part = replace(
            part,
            features=part.features + training.features[:8],
            targets=part.targets + training.targets[:8],
        )
    elif both == "most of the validation part":
        part = replace(
            part,
            features=part.features[:4] + training.features[:20],
            targets=part.targets[:4] + training.targets[:20],
        )
    else:
        part = training
    history, model = run(MLP(2, [8, 2], seed=1), training, validation=part, epochs=10)
    diagnosis = diagnose(history, model, training)[0]
    assert diagnosis.name == "leaking validation rows"
    count = len(shared(part, training))
    assert diagnosis.evidence[0].startswith(f"{count} of {len(part)} validation rows")
    config = diagnosis.remedy.apply(history.config)
    assert config.validation is not None
    assert not shared(config.validation, config.data)
    assert len(config.data) >= 40
    assert len(config.validation) >= 10


def test_contradicting_rows_are_counted_and_the_majority_is_kept() -> None:
    data = moons(60, noise=0.05)
    doubled = replace(
        data, features=data.features * 3, targets=data.targets * 2 + [1 - t for t in data.targets]
    )
    history, model = run(MLP(2, [8, 2], activation="tanh", seed=1), doubled, validation=None)
    report = diagnose(history, model, doubled)
    assert names(report) == ["labels that this loss cannot fit"]
    assert (
        report[0]
        .evidence[0]
        .startswith("180 of 180 training rows (100%) also occur with another label")
    )
    config = report[0].remedy.apply(history.config)
    assert sorted(zip(config.data.features, config.data.targets, strict=True)) == sorted(
        zip(data.features * 2, data.targets * 2, strict=True)
    )


class Softmaxed(Module):
    def __init__(self) -> None:
        self.inner = MLP(4, [8, 3], activation="tanh", seed=1)

    def __call__(self, row: Any) -> Any:
        return softmax(self.inner(row))


def test_outputs_that_were_squashed_already_are_seen_in_the_model_and_in_the_numbers() -> None:
    flat = report_of(MLP(4, [8, 3], activation="tanh", output="sigmoid", seed=1), iris())
    assert names(flat)[0] == "labels that this loss cannot fit"
    assert "which keep it above 0.55" in flat[0].evidence[1]
    assert flat[0].remedy.words.startswith('output="linear"')
    history, model = run(Softmaxed(), iris(), loss=partial(cross_entropy, label_smoothing=0.01))
    diagnosis = diagnose(history, model, iris())[0]
    assert "no class can get more than 58% of the probability" in diagnosis.evidence[1]
    config = diagnosis.remedy.apply(history.config)
    logits = [[log(0.2), log(0.3), log(0.5)]]
    smoothed = cross_entropy(logits, [2], label_smoothing=0.01)
    assert config.loss([[0.2, 0.3, 0.5]], [2]) == pytest.approx(smoothed)
    assert diagnosis.retry().history[-1].loss < history[-1].loss


def test_targets_that_an_activation_cannot_answer_are_counted() -> None:
    rng = Random(0)
    rows = [[rng.uniform(-1, 1)] for _ in range(80)]
    data = Dataset(rows, [3 * x for (x,) in rows])
    report = report_of(MLP(1, [8, 1], output="tanh", seed=1), data)
    outside = re.search(r"but (\d+) of 64 targets lie outside", report[0].evidence[0])
    assert outside is not None
    assert 30 < int(outside[1]) < 55
    inside = Dataset(rows, [0.9 * x for (x,) in rows])
    assert "labels that this loss cannot fit" not in names(
        report_of(MLP(1, [8, 1], output="tanh", seed=1), inside)
    )


def test_classes_taken_for_amounts_are_given_an_output_each() -> None:
    history, model = run(
        MLP(4, [8, 1], activation="tanh", seed=1), iris(), SGD(0.02), mean_squared_error
    )
    diagnosis = diagnose(history, model, iris())[0]
    assert diagnosis.name == "labels that this loss cannot fit"
    assert "as if versicolor were halfway between setosa and virginica" in diagnosis.evidence[0]
    again = diagnosis.retry()
    assert accuracy(predict(again.model, iris()), iris().targets) > 0.9


def test_targets_without_class_names_are_scored_as_classes_by_a_loss_for_them() -> None:
    data = moons(120)
    plain = Dataset(data.features, data.targets)
    report = report_of(
        MLP(2, [12, 1], activation="tanh", seed=1), plain, SGD(0.3, 0.9), binary_cross_entropy
    )
    assert report.healthy
    assert "accuracy" in str(report)


def test_a_rare_class_gets_its_weight_and_a_rare_one_that_is_found_is_no_problem() -> None:
    data = moons(400, noise=0.35, seed=1)
    few = [i for i, t in enumerate(data.targets) if t == 0 or i % 12 == 0]
    rare = replace(
        data, features=[data.features[i] for i in few], targets=[data.targets[i] for i in few]
    )
    history, model = run(MLP(2, [8, 2], activation="tanh", seed=1), rare, SGD(0.1), epochs=10)
    diagnosis = diagnose(history, model, rare)[0]
    assert diagnosis.name == "class imbalance"
    config = diagnosis.remedy.apply(history.config)
    assert config.loss.keywords == {"class_weights": config.data.class_weights()}
    clear = replace(
        rare,
        features=[[x + 9 * t, y] for (x, y), t in zip(rare.features, rare.targets, strict=True)],
    )
    clear = Standardizer.fit(clear).transform(clear)
    assert "class imbalance" not in names(
        report_of(MLP(2, [8, 2], activation="tanh", seed=1), clear, SGD(0.3))
    )


def test_a_run_that_went_back_to_its_best_epoch_is_not_called_overfit() -> None:
    data = moons(60, noise=0.45, seed=3)
    options: Options = {"epochs": 300, "validation": 0.3}
    loose = report_of(MLP(2, [32, 2], seed=1), data, SGD(0.1, momentum=0.9), **options)
    stopped = report_of(
        MLP(2, [32, 2], seed=1), data, SGD(0.1, momentum=0.9), **options, until=EarlyStopping(10)
    )
    assert names(loose) == ["overfitting"]
    assert "overfitting" not in names(stopped)
    again = loose[0].retry()
    assert again.after < again.before
    assert again.history.config is not None
    assert isinstance(again.history.config.until, EarlyStopping)


def test_a_penalty_that_holds_too_tight_is_taken_away_and_a_net_too_small_is_widened() -> None:
    tight = report_of(MLP(2, [16, 2], activation="tanh", seed=1), circles(160), penalty=L2(0.5))
    assert names(tight) == ["underfitting"]
    assert tight[0].remedy.words == "no penalty"
    history, model = run(MLP(2, [2], seed=1, dropout=0.0), circles(160))
    small = diagnose(history, model, circles(160))[0]
    assert "no hidden layer" in small.evidence[1]
    config = small.remedy.apply(history.config)
    assert repr(config.model).startswith("MLP(2, [16, 2], activation='tanh'")
    assert small.retry().after < history[-1].validation_loss / 2


def test_a_run_whose_loss_still_falls_is_given_more_epochs_rather_than_a_wider_net() -> None:
    data = circles(160)
    history, model = run(MLP(2, [12, 2], activation="tanh", seed=1), data, SGD(0.1), epochs=20)
    diagnosis = diagnose(history, model, data)[0]
    assert diagnosis.name == "underfitting"
    assert diagnosis.remedy.words == "epochs=80: it was still learning"
    assert diagnosis.retry().after < history[-1].validation_loss / 2


# A remedy changes something, and in the right direction


@pytest.mark.parametrize(
    ("optimizer", "epochs"),
    [
        (Adam(0.03), 1),
        (Adam(0.03), 2),
        (Adam(0.03), 3),
        (Adam(0.01), 10),
        (RMSProp(0.02), 2),
        (SGD(0.3), 1),
        (SGD(0.3), 3),
    ],
    ids=repr,
)
def test_a_run_of_few_steps_at_a_sound_rate_is_told_to_take_more_epochs_and_they_help(
    optimizer: Any, epochs: int
) -> None:
    history, model = run(MLP(2, [16, 2], seed=1), moons(200, seed=1), optimizer, epochs=epochs)
    report = diagnose(history, model, moons(200, seed=1))
    assert names(report) == ["underfitting"]
    assert report[0].remedy.words.startswith(f"epochs={max(30, 4 * epochs)}: ")
    again = report[0].retry()
    assert len(again.history) == max(30, 4 * epochs)
    assert again.after < again.before


@pytest.mark.parametrize(
    "optimizer",
    [Adam(1e-5), Adam(1e-3), RMSProp(1e-4), SGD(1e-4), SGD(1e-3, momentum=0.5)],
    ids=repr,
)
@pytest.mark.parametrize("epochs", [1, 6])
def test_the_remedy_for_a_rate_too_small_is_a_larger_one_or_more_epochs(
    optimizer: Any, epochs: int
) -> None:
    history, model = run(MLP(2, [16, 2], seed=1), moons(120, seed=1), optimizer, epochs=epochs)
    diagnosis = diagnose(history, model, moons(120, seed=1))[0]
    assert diagnosis.name == "learning rate too small"
    changed = diagnosis.remedy.apply(history.config)
    assert changed.optimizer.learning_rate >= 2 * optimizer.learning_rate
    assert diagnosis.evidence[-1].startswith(
        "in 6 epochs" if epochs > 1 else "the training loss of its only epoch is 0."
    )


def test_a_penalty_is_not_blamed_before_the_run_had_time_to_learn() -> None:
    history, model = run(
        MLP(2, [16, 2], seed=1), moons(80, seed=1), Adam(0.01), epochs=10, penalty=L2(0.005)
    )
    assert diagnose(history, model, moons(80, seed=1))[0].remedy.words.startswith("epochs=75: ")


def test_a_schedule_goes_over_all_of_the_epochs_that_a_remedy_asks_for() -> None:
    data = moons(200, seed=1)
    history, model = run(MLP(2, [16, 2], seed=1), data, SGD(Cosine(0.5, steps=20)), epochs=2)
    diagnosis = diagnose(history, model, data)[0]
    config = diagnosis.remedy.apply(history.config)
    assert (diagnosis.name, config.epochs) == ("underfitting", 30)
    assert [config.optimizer.learning_rate(15 * k) for k in (0, 5, 10)] == [
        Cosine(0.5, steps=20)(k) for k in (0, 5, 10)
    ]
    assert history.config is not None
    assert history.config.optimizer.learning_rate(5) == Cosine(0.5, steps=20)(5)


def test_more_epochs_are_no_remedy_for_a_network_that_a_rule_stopped() -> None:
    history, model = run(
        MLP(2, [2], seed=1), circles(160), SGD(0.3), until=EarlyStopping(1), epochs=50
    )
    assert len(history) < 20
    assert "more units" in diagnose(history, model, circles(160))[0].remedy.words


def test_an_overfit_despite_early_stopping_is_told_to_be_less_patient() -> None:
    data = moons(60, noise=0.45, seed=3)
    options: Options = {"epochs": 300, "validation": 0.3, "penalty": L2(1e-6)}
    history, model = run(MLP(2, [32, 2], seed=1), data, SGD(0.1, momentum=0.9), **options)
    assert history.config is not None
    history.config = replace(
        history.config, until=EarlyStopping(20)
    )  # as of a rule that did not go back
    config = diagnose(history, model, data)[0].remedy.apply(history.config)
    assert config.until == EarlyStopping(10)


# A rate is called too large for what a rate does


@pytest.mark.parametrize("seed", [0, 1])
def test_a_run_above_the_bound_that_went_well_is_not_called_too_fast(seed: int) -> None:
    history, model = run(MLP(4, [16, 3], seed=seed), iris(), SGD(0.1), epochs=60, seed=seed)
    assert history.best is not None
    assert history.best.validation_accuracy > 0.96
    assert "learning rate too large" not in names(diagnose(history, model, iris()))


def test_a_plain_overfitting_is_not_called_too_fast_although_the_loss_jumped_at_first() -> None:
    data = moons(60, noise=0.4, seed=1)
    report = report_of(
        MLP(2, [64, 64, 2], seed=1), data, Adam(0.06), epochs=25, batch_size=8, seed=0
    )
    assert names(report) == ["overfitting"]


def test_a_rate_that_silenced_units_is_called_too_large_and_not_the_units_dead() -> None:
    report = report_of(MLP(2, [16, 2], seed=1), moons(150, noise=0.3, seed=1), Adam(0.9))
    assert names(report)[0] == "learning rate too large"
    assert "dead ReLUs" not in names(report)


def test_a_loss_that_was_thrown_far_up_is_a_problem_of_the_rate_even_if_it_came_down_again() -> (
    None
):
    data = Standardizer.fit(iris()).transform(iris())
    history, model = run(MLP(4, [16, 3], seed=1), data, RMSProp(1.2), epochs=100)
    assert history[-1].accuracy > 0.95
    report = diagnose(history, model, data)
    assert names(report)[0] == "learning rate too large"
    assert re.match(
        r"the loss jumped to 1\d\d times its value before the first step", report[0].evidence[0]
    )


def test_a_share_of_the_weights_that_is_beyond_measure_is_told_as_a_multiple() -> None:
    report = report_of(MLP(2, [16, 2], seed=1), moons(60), Adam(1e9))
    assert re.search(r"1e\+09, 1\.\d+e\+09 times the weights' size at the start", str(report))


@pytest.mark.parametrize("optimizer", [Adam(0.01), RMSProp(0.01)], ids=repr)
@pytest.mark.parametrize("seed", [1, 5])
def test_a_rate_that_find_rate_suggests_is_none_that_the_doctor_calls_too_large(
    optimizer: Any, seed: int
) -> None:
    data = circles(100, seed=seed)
    model = MLP(
        2, [16, 16, 2], activation="relu", seed=seed
    )  # the loss falls most steeply long after Adam's 0.1
    rate = find_rate(model, data, optimizer=optimizer, seed=seed).suggestion
    weights = [w.data for w in model.weights()]
    assert 0.001 < rate <= 0.05 * hypot(*weights) / sqrt(len(weights))
    assert "learning rate too large" not in names(
        report_of(model, data, type(optimizer)(rate), epochs=15)
    )


# A target that is far from 1


@pytest.mark.parametrize("optimizer", [SGD(0.05), Adam(0.05)], ids=repr)
@pytest.mark.parametrize(("factor", "shift"), [(1e5, 0.0), (300.0, 2000.0)])
def test_a_target_far_from_1_is_standardized_and_the_answers_stay_in_its_units(
    optimizer: Any, factor: float, shift: float
) -> None:
    rng = Random(0)
    rows = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(200)]
    data = Dataset(rows, [factor * (a + b) + shift for a, b in rows])
    history, model = run(MLP(2, [16, 1], seed=1), data, optimizer, epochs=20)
    report = diagnose(history, model, data)
    assert names(report) == ["unscaled target"]
    again = report[0].retry()
    assert history.config is not None and history.config.validation is not None
    assert again.after < again.before / 10
    assert again.after == pytest.approx(evaluate(again.model, history.config.validation)[0])
    assert again.model([1.0, 1.0]).data == pytest.approx(2 * factor + shift, abs=0.3 * factor)
    assert diagnose(again.history, again.model, data).healthy


def test_a_target_far_from_1_that_the_run_did_fit_is_no_problem() -> None:
    data = Dataset([[k / 20] for k in range(-20, 20)], [k * 1.5 for k in range(-20, 20)])
    history, model = run(MLP(1, [1], seed=1), data, SGD(0.2), epochs=60)
    assert history[-1].loss < 1e-3
    assert "unscaled target" not in names(diagnose(history, model, data))


# Rows that tell nothing, and rows that stand twice


@pytest.mark.parametrize("times", [2, 4])
def test_a_file_whose_rows_were_repeated_leaks_however_often_they_were(times: int) -> None:
    data = moons(60, noise=0.4, seed=1)
    copies = replace(data, features=data.features * times, targets=data.targets * times)
    history, model = run(MLP(2, [16, 2], seed=1), copies, Adam(0.02), epochs=30)
    diagnosis = diagnose(history, model, copies)[0]
    assert diagnosis.name == "leaking validation rows"
    assert "of its rows are copies" in diagnosis.evidence[0]
    config = diagnosis.remedy.apply(history.config)
    assert config.validation is not None
    assert not shared(config.validation, config.data)


def test_answers_to_a_few_questions_repeat_by_themselves_and_are_no_copies() -> None:
    rng = Random(0)
    rows = [[float(rng.randrange(3)) for _ in range(4)] for _ in range(200)]
    data = Dataset(rows, [int(sum(row) > 4) for row in rows], class_names=["no", "yes"])
    report = report_of(MLP(4, [8, 2], seed=1), data, Adam(0.02), epochs=30)
    assert "leaking validation rows" not in names(report)


@pytest.mark.parametrize(("count", "validation"), [(12, 0.25), (60, 0.1), (24, None)])
def test_of_a_few_rows_it_says_that_they_are_too_few_to_tell(
    count: int, validation: float | None
) -> None:
    history, model = run(
        MLP(2, [8, 2], seed=1), moons(count, noise=0.05), SGD(0.3), epochs=60, validation=validation
    )
    report = diagnose(history, model, moons(count, noise=0.05))
    assert report.healthy
    assert "healthy" not in str(report)
    assert re.match(
        r"no problem was found, but \d+ training rows( and \d validation rows)? are too few to "
        r"tell: "
        r"there should be 40 in all, 20 of them for validation\.",
        str(report),
    )


@pytest.mark.parametrize("hidden", [8, 64], ids=["small", "memorises"])
def test_labels_and_numbers_that_the_features_say_nothing_of_are_named(hidden: int) -> None:
    rng = Random(0)
    rows = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(200)]
    noise = Dataset(rows, [rng.randrange(2) for _ in rows], class_names=["a", "b"])
    epochs = 15 if hidden == 8 else 150
    report = report_of(MLP(2, [hidden, 2], seed=1), noise, SGD(0.05), epochs=epochs)
    assert names(report) == ["features unrelated to the target"]
    assert "always predicting the most frequent class gets" in report[0].evidence[0]
    with pytest.raises(ValueError, match="by hand: check that each row has its own target"):
        report[0].retry()
    amounts = Dataset(rows, [rng.gauss(0, 1) for _ in rows])
    report = report_of(MLP(2, [hidden // 2, 1], seed=1), amounts, SGD(0.05), epochs=epochs)
    assert names(report) == ["features unrelated to the target"]
    assert "always predicting the mean gets 0" in report[0].evidence[0]


def test_shuffled_labels_of_real_rows_are_named_and_the_true_ones_are_not() -> None:
    data = Standardizer.fit(iris()).transform(iris())
    shuffled = list(data.targets)
    Random(1).shuffle(shuffled)
    wrong = replace(data, targets=shuffled)
    name = "features unrelated to the target"
    assert name in names(report_of(MLP(4, [16, 3], seed=1), wrong, Adam(0.01), epochs=40))
    assert name not in names(report_of(MLP(4, [16, 3], seed=1), data, Adam(0.01), epochs=40))


def test_a_column_that_is_the_target_in_other_numbers_is_doubted() -> None:
    data = moons(100, seed=1)
    told = replace(
        data,
        features=[[*row, 5.0 - 3 * t] for row, t in zip(data.features, data.targets, strict=True)],
        feature_names=["x", "y", "code"],
    )
    report = report_of(MLP(3, [8, 2], activation="tanh", seed=1), told, SGD(0.2))
    assert report.healthy
    assert 'but "code" gives the target away' in str(report)
    rng = Random(0)
    rows = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(120)]
    amounts = Dataset(rows, [2 * x - 1 for x, _ in rows], ["price", "size"])
    report = report_of(MLP(2, [8, 1], activation="tanh", seed=1), amounts, SGD(0.1))
    assert '"price" gives the target away' in str(report)
    alone = Dataset([[x] for x, _ in rows], amounts.targets)  # a line to learn
    assert "other numbers" not in str(report_of(MLP(1, [1], seed=1), alone, SGD(0.1)))


def rentals(count: int, seed: int) -> Dataset:
    """Bicycles by hour, one-hot, working day and temperature: neighbours know little of them."""
    rng, rows, targets = Random(seed), [], []
    for _ in range(count):
        hour, work, warm = rng.randrange(12), rng.randrange(2), rng.random()
        peak = {3: 2.5, 4: 1.5, 8: 2.0, 9: 2.8}.get(hour, 0.3) if work else 1.8 * (3 < hour < 10)
        rows.append([*(float(hour == k) for k in range(12)), float(work), warm, rng.random()])
        targets.append((0.2 + peak) * (0.4 + 1.2 * warm) + 0.1 * rng.gauss(0, 1))
    return Dataset(rows, targets)


def test_a_penalty_that_costs_the_score_is_named_where_neighbours_do_no_better() -> None:
    data = rentals(240, seed=1)
    model = MLP(15, [16, 1], activation="tanh", seed=1)
    history, model = run(model, data, Adam(0.02), epochs=60, penalty=L2(0.03))
    report = diagnose(history, model, data)
    assert names(report) == ["underfitting"]
    assert "neighbours" not in str(report)
    assert report[0].remedy.words == "no penalty"
    again = report[0].retry()
    assert again.history[-1].validation_r_squared > history[-1].validation_r_squared + 0.05
    slight, model = run(
        MLP(15, [16, 1], activation="tanh", seed=1), data, Adam(0.02), epochs=60, penalty=L2(1e-4)
    )
    assert diagnose(slight, model, data).healthy


# Lines that no other test would miss


def test_a_validation_loss_that_rises_with_the_training_loss_is_no_overfitting() -> None:
    model = MLP(2, [4, 2], seed=1)
    risen = History(
        Epoch(k, 0.1 + 0.05 * abs(k - 3), validation_loss=0.2 + 0.1 * abs(k - 3))
        for k in range(1, 9)
    )
    assert "overfitting" not in names(diagnose(risen, model, moons(40)))


def test_units_that_are_saturated_to_a_fifth_are_no_problem() -> None:
    model = MLP(2, [20, 2], activation="tanh", seed=1)
    for neuron in model.layers[0].neurons[:4]:
        neuron.b.data = 9.0
    history, model = run(model, moons(120), SGD(0.3), epochs=60)
    assert next(iter(activity(model, moons(120).features).values())).flat > 0.1
    assert "saturated units" not in names(diagnose(history, model, moons(120)))


def test_the_bound_with_nesterovs_momentum_is_the_one_at_which_a_parabola_begins_to_swing() -> None:
    from nn.doctor.run_facts import RunFacts

    data = Dataset([[1.0], [-1.0]], [1.0, -1.0])
    optimizer = SGD(0.01, momentum=0.9, nesterov=True)
    history, model = run(
        MLP(1, [1], seed=1), data, optimizer, epochs=2, validation=None, batch_size=2
    )
    bound = RunFacts(history, model, data).rate_unit

    def end(rate: float) -> float:
        return run(
            MLP(1, [1], seed=1),
            data,
            SGD(rate, momentum=0.9, nesterov=True),
            epochs=300,
            validation=None,
            batch_size=2,
        )[0][-1].loss

    assert end(0.97 * bound) < 1e-6 < 1 < end(1.03 * bound)


def test_rare_rows_of_a_hinge_are_repeated_each_as_often_as_any_other() -> None:
    data = moons(400, noise=0.35, seed=1)
    few = [i for i, t in enumerate(data.targets) if t == 0 or i % 12 == 0]
    rare = replace(
        data, features=[data.features[i] for i in few], targets=[data.targets[i] for i in few]
    )
    history, model = run(
        MLP(2, [8, 1], activation="tanh", seed=1), rare, SGD(0.1), hinge, epochs=10
    )
    diagnosis = diagnose(history, model, rare)[0]
    assert diagnosis.name == "class imbalance"
    config = diagnosis.remedy.apply(history.config)
    assert history.config is not None
    counts = Counter((tuple(row), target) for row, target in config.data)
    assert set(counts) == {(tuple(row), target) for row, target in history.config.data}
    assert Counter(config.data.targets)[0] == Counter(config.data.targets)[1]
    often = [count for (_, target), count in counts.items() if target == 1]
    assert max(often) - min(often) <= 1


@pytest.mark.parametrize("classes", [2, 3])
def test_features_are_not_unrelated_if_one_goes_with_the_target_by_itself(classes: int) -> None:
    draw = Random(3)
    rows = [[draw.gauss(0, 1) for _ in range(20)] for _ in range(240)]
    near = [sum(row[4] + draw.gauss(0, 2) > cut for cut in range(classes - 1)) for row in rows]
    names = [str(k) for k in range(classes)]
    assert related(Dataset(rows, near, class_names=names))
    draw.shuffle(near)
    assert not related(Dataset(rows, near, class_names=names))
