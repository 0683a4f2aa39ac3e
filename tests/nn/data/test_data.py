"""What nn.data promises: faithful reading, refusals in one sentence, fair splits, repeatable
randomness.
"""

import math
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import DataError, Dataset, Standardizer, circles, iris, moons, spirals, xor
from tests.cases import each

GENERATORS: list[Callable[..., Dataset]] = [moons, circles, spirals, xor]
NEWTS = "width,height,kind\n1,2,newt\n3,4,frog\n"


def rows_of(*parts: Dataset) -> Counter[Any]:
    return Counter((tuple(row), target) for part in parts for row, target in part)


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    """Classes of uneven sizes; the one feature is the row's number, so that every row is unique."""
    sizes = draw(
        st.lists(st.integers(0, 30), min_size=1, max_size=5).filter(lambda sizes: sum(sizes) >= 2)
    )
    targets = [index for index, size in enumerate(sizes) for _ in range(size)]
    names = [f"class {index}" for index in range(len(sizes))]
    return Dataset([[float(i)] for i in range(len(targets))], targets, ["row"], names)


# Dataset


def test_dataset_has_length_rows_and_slices() -> None:
    data = xor(4, noise=0)
    assert len(data) == 4
    assert data[1] == ([0.0, 1.0], 1)
    assert data[-1] == ([1.0, 1.0], 0)
    assert list(data) == [data[i] for i in range(4)]
    assert isinstance(data[1:3], Dataset)
    assert list(data[1:3]) == [data[1], data[2]]
    assert data[::-1].targets == [0, 1, 1, 0]
    assert data[1:3].class_names == data.class_names
    assert len(data[4:]) == 0
    with pytest.raises(IndexError):
        data[4]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (iris(), "Dataset(150 rows x 4 features, 3 classes: setosa, versicolor, virginica)"),
        (Dataset([[1.0]], [2.5]), "Dataset(1 row x 1 feature, regression)"),
        (Dataset([[1]], [0], class_names=["a"]), "Dataset(1 row x 1 feature, 1 class: a)"),
        (
            Dataset([[1]], [0], class_names=list("abcdefghij")),
            "Dataset(1 row x 1 feature, 10 classes: a, b, c, d, e, f, ..., j)",
        ),
    ],
)
def test_repr_is_what_one_writes_on_a_blackboard(data: Dataset, text: str) -> None:
    assert repr(data) == text


def test_class_names_make_a_classification() -> None:
    assert Dataset([[1]], [0], class_names=["a", "b"]).classification
    assert not Dataset([[1]], [0]).classification


def test_targets_of_a_classification_are_ints_and_of_a_regression_floats() -> None:
    assert [type(t) for t in Dataset([[1], [2]], [0.0, True], class_names=["a", "b"]).targets] == [
        int,
        int,
    ]
    assert [type(t) for t in Dataset([[1], [2]], [0, 1]).targets] == [float, float]


def test_features_without_names_are_numbered() -> None:
    assert Dataset([[1, 2, 3]], [0]).feature_names == ["x1", "x2", "x3"]


def test_dataset_keeps_its_own_lists() -> None:
    row, targets = [1.0], [2.0]
    data = Dataset([row], targets)
    row[0] = targets[0] = 9.0
    assert data[0] == ([1.0], 2.0)


def test_numpy_arrays_become_lists_of_floats() -> None:
    np = pytest.importorskip("numpy")
    data = Dataset(
        np.array([[1, 2], [3, 4]], dtype="float32"), np.array([1, 0]), class_names=["a", "b"]
    )
    assert data == Dataset([[1.0, 2.0], [3.0, 4.0]], [1, 0], class_names=["a", "b"])
    assert {type(x) for row in data.features for x in row} == {float}
    assert data[np.int64(1)] == ([3.0, 4.0], 0)
    assert Standardizer([1.0], [2.0]).transform(np.array([5.0])) == [2.0]


@each(
    ("arguments", "sentence"),
    [
        (([[1], [2]], [0]), "needs a target for each row, got 2 rows and 1 target;"),
        (([[1], [2, 3]], [0, 1]), "needs 1 feature in each row, got 2 in row 1;"),
        (([[1]], [0], ["a", "b"]), "needs 2 features in each row, got 1 in row 0;"),
        (([[1], [math.nan]], [0, 1]), "needs finite numbers, got [nan] with target 1.0 in row 1;"),
        (([[1]], [math.inf]), "needs finite numbers, got [1.0] with target inf in row 0;"),
        (
            ([[1]], [2], [], ["a", "b"]),
            "needs a class index from 0 to 1 as target, got 2 in row 0;",
        ),
        (
            ([[1]], [0.5], [], ["a", "b"]),
            "needs a class index from 0 to 1 as target, got 0.5 in row 0;",
        ),
        (
            ([["abc"]], [0]),
            "needs a list of numbers and a number as target for each row, got the text 'abc';",
        ),
        (
            ([[1, None]], [0]),
            "needs a list of numbers and a number as target for each row, got None;",
        ),
        (
            ([1, 2], [0, 1]),
            "needs a list of numbers and a number as target for each row, got the number 1 for "
            "a row of them",
        ),
        (
            ([[1]], [[0]]),
            "needs a list of numbers and a number as target for each row, got [0];",
        ),
    ],
)
def test_dataset_refuses_what_does_not_fit(arguments: Any, sentence: str) -> None:
    with pytest.raises(DataError) as caught:
        Dataset(*arguments)
    assert str(caught.value).startswith(f"Dataset {sentence}")


# split, shuffled, batches


@given(
    data=datasets(), fraction=st.floats(0.01, 0.99), seed=st.integers(0, 99), stratify=st.booleans()
)
def test_split_is_a_partition_and_stratified_to_within_one_row(
    data: Dataset, fraction: float, seed: int, stratify: bool
) -> None:
    wanted = round(fraction * len(data))
    if wanted in (0, len(data)):
        with pytest.raises(DataError, match="needs a row on either side"):
            data.split(fraction, seed, stratify)
        return
    rest, part = data.split(fraction, seed, stratify)
    assert len(part) == wanted
    assert rows_of(rest, part) == rows_of(data)
    if stratify:
        for index in range(len(data.class_names)):
            assert abs(part.targets.count(index) - fraction * data.targets.count(index)) < 1 + 1e-9


def test_split_keeps_names() -> None:
    for side in iris().split(0.3):
        assert side.feature_names == iris().feature_names
        assert side.class_names == iris().class_names


def test_split_is_shuffled_and_repeats_with_its_seed() -> None:
    data = iris()
    assert data.split(0.2, seed=3) == data.split(0.2, seed=3)
    assert data.split(0.2, seed=3) != data.split(0.2, seed=4)
    rest, part = data.split(0.2)
    assert rest.targets != sorted(rest.targets)
    assert part.targets != sorted(part.targets)


def test_unstratified_split_leaves_the_classes_to_chance() -> None:
    counts = {
        tuple(sorted(Counter(iris().split(0.2, s, False)[1].targets).values())) for s in range(9)
    }
    assert len(counts) > 1


def test_regression_splits_too() -> None:
    data = Dataset([[float(i)] for i in range(10)], [i / 10 for i in range(10)])
    rest, part = data.split(0.3)
    assert (len(rest), len(part)) == (7, 3)


def test_a_class_of_one_row_goes_to_one_side() -> None:
    rest, part = Dataset([[i] for i in range(9)], [0] * 8 + [1], class_names=["a", "b"]).split(0.5)
    assert rest.targets.count(1) + part.targets.count(1) == 1


@each("fraction", [0, 1, -0.1, 1.5, 30, math.nan])
def test_split_refuses_a_fraction_outside_0_and_1(fraction: float) -> None:
    with pytest.raises(DataError) as caught:
        iris().split(fraction)
    assert (
        str(caught.value)
        == f"split needs a fraction between 0 and 1, got {fraction}; for a fifth pass 0.2"
    )


def test_split_refuses_an_empty_side() -> None:
    with pytest.raises(DataError) as caught:
        xor(3).split(0.1)
    assert str(caught.value) == (
        "split needs a row on either side, got 3 rows and fraction 0.1; give more rows or a "
        "fraction nearer 0.5"
    )


@given(data=datasets(), count=st.integers(2, 8), seed=st.integers(0, 99), stratify=st.booleans())
def test_folds_share_no_row_and_together_hold_all(
    data: Dataset, count: int, seed: int, stratify: bool
) -> None:
    if count > len(data):
        with pytest.raises(DataError) as caught:
            data.folds(count, seed, stratify)
        rows = "1 row" if len(data) == 1 else f"{len(data)} rows"
        sentence = f"folds needs a row for each of {count} parts, got {rows}; ask for fewer parts"
        assert str(caught.value) == sentence
        return
    folds = list(data.folds(count, seed, stratify))
    assert len(folds) == count
    assert rows_of(*(part for _, part in folds)) == rows_of(data)
    for rest, part in folds:
        assert rows_of(rest, part) == rows_of(data)
        assert abs(len(part) - len(data) / count) < 1
        for index in range(len(data.class_names) if stratify else 0):
            assert abs(part.targets.count(index) - data.targets.count(index) / count) < 1
    assert folds == list(data.folds(count, seed, stratify))


def test_folds_are_in_random_order_and_differ_with_the_seed() -> None:
    (rest, part), *_ = iris().folds(5)
    assert part.targets != sorted(part.targets)
    assert part != next(iris().folds(5, seed=1))[1]
    assert (rest.class_names, part.feature_names) == (iris().class_names, iris().feature_names)


def test_folds_by_groups_part_no_group() -> None:
    data = Dataset([[i // 3] for i in range(12)], [0, 1] * 6, class_names=["a", "b"])
    folds = list(data.folds(2, groups=[i // 3 for i in range(12)]))
    assert rows_of(*(part for _, part in folds)) == rows_of(data)
    for rest, part in folds:
        assert part and not {x for (x,) in rest.features} & {x for (x,) in part.features}


@pytest.mark.parametrize("count", [0, 1, -3, 2.5])
def test_folds_refuses_fewer_than_two(count: int) -> None:
    sentence = f"folds needs a whole number of at least 2 as count, got {count!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        iris().folds(count)


def test_class_weights_make_every_class_count_the_same() -> None:
    data = Dataset([[i] for i in range(10)], [0] * 7 + [1] * 2 + [2], class_names=["a", "b", "c"])
    weights = data.class_weights()
    assert [weights[k] * data.targets.count(k) for k in range(3)] == pytest.approx([10 / 3] * 3)
    assert iris().class_weights() == [1.0] * 3
    with pytest.raises(DataError) as caught:
        data[:9].class_weights()
    assert (
        str(caught.value)
        == 'class_weights needs a row of each class, got none of "c"; drop that class'
    )


@given(data=datasets(), seed=st.integers(0, 99))
def test_shuffled_keeps_every_row_and_repeats_with_its_seed(data: Dataset, seed: int) -> None:
    assert rows_of(data.shuffled(seed)) == rows_of(data)
    assert data.shuffled(seed) == data.shuffled(seed)


def test_shuffled_differs_with_another_seed() -> None:
    assert iris().shuffled(1) != iris().shuffled(2)


@given(data=datasets(), size=st.integers(1, 200), seed=st.integers(0, 99))
def test_batches_cover_every_row_exactly_once(data: Dataset, size: int, seed: int) -> None:
    batches = list(data.batches(size, random.Random(seed)))
    assert rows_of(*batches) == rows_of(data)
    assert all(len(batch) == size for batch in batches[:-1])
    assert 1 <= len(batches[-1]) <= size
    assert batches == list(data.batches(size, random.Random(seed)))


def test_each_epoch_has_another_order() -> None:
    rng = random.Random(0)
    first, second = list(iris().batches(150, rng)), list(iris().batches(150, rng))
    assert first != second


def test_batches_refuses_at_the_call_not_at_the_first_batch() -> None:
    with pytest.raises(
        ValueError, match="batches needs a whole number of at least 1 as size, got 0"
    ):
        iris().batches(0, random.Random(0))
    with pytest.raises(DataError) as caught:
        iris().batches(8, 7)  # type: ignore[arg-type]
    assert str(caught.value) == "batches needs a random generator, got 7; pass random.Random(7)"


def test_randomness_leaves_the_global_generator_alone() -> None:
    random.seed(0)
    before = random.getstate()
    moons()
    xor()
    iris().split(0.2)
    iris().shuffled(3)
    list(iris().batches(9, random.Random(1)))
    assert random.getstate() == before


# Standardizer

numbers = st.floats(-1e6, 1e6, allow_subnormal=False)


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=30))
def test_standardizer_agrees_with_the_definition(rows: list[tuple[float, float]]) -> None:
    data = Dataset([list(row) for row in rows], [0.0] * len(rows))
    fitted = Standardizer.fit(data)
    for i, column in enumerate(zip(*rows, strict=True)):
        assert fitted.means[i] == pytest.approx(fmean(column), rel=1e-12, abs=1e-300)
        if len(set(column)) == 1:
            assert fitted.deviations[i] == 1.0
            assert {row[i] for row in fitted.transform(data).features} == {0.0}
        else:
            assert fitted.deviations[i] == pytest.approx(pstdev(column), rel=1e-6, abs=1e-9)


def test_standardized_training_part_has_mean_0_and_deviation_1() -> None:
    training, test = iris().split(0.2)
    fitted = Standardizer.fit(training)
    for column in zip(*fitted.transform(training).features, strict=True):
        assert fmean(column) == pytest.approx(0, abs=1e-12)
        assert pstdev(column) == pytest.approx(1)
    moved = fitted.transform(test)
    assert moved.features[0] == fitted.transform(test.features[0])
    assert (moved.targets, moved.class_names) == (test.targets, test.class_names)


@pytest.mark.parametrize("constant", [0.1, 0.0, 1e308, 5e-324])
def test_constant_feature_becomes_zero(constant: float) -> None:
    data = Dataset([[constant]] * 3, [0.0, 1.0, 2.0])
    assert Standardizer.fit(data) == Standardizer([constant], [1.0])


def test_standardizer_does_not_overflow_where_squares_do() -> None:
    assert Standardizer.fit(Dataset([[1e200], [3e200]], [0, 1])).deviations == [
        pytest.approx(1e200)
    ]


def test_standardizer_refuses_no_rows_and_rows_of_another_width() -> None:
    with pytest.raises(DataError, match="needs a Dataset with rows to fit, got an empty one"):
        Standardizer.fit(iris()[:0])
    with pytest.raises(DataError, match="needs rows of 4 features, got 2; pass rows like those"):
        Standardizer.fit(iris()).transform([1.0, 2.0])
    with pytest.raises(DataError, match="needs rows of 1 feature, got 4; pass rows like those"):
        Standardizer([0.0], [1.0]).transform(iris())


def test_a_column_that_is_constant_but_for_rounding_is_not_blown_up() -> None:
    column = [0.1 + 0.2, 0.3, 0.15 + 0.15, 0.3] * 5
    scaling = Standardizer.fit(Dataset([[x, 1e9 + i] for i, x in enumerate(column)], column))
    assert scaling.deviations[0] == 1.0
    assert scaling.transform([0.3001, 1e9])[0] == pytest.approx(1e-4)
    assert scaling.deviations[1] == pytest.approx(pstdev(range(20)))


@each("rows", [[[2**60 + i] for i in (0, 3, 5)], np.array([[2**60 + i] for i in (0, 3, 5)])])
def test_numbers_whose_differences_a_float_or_the_scaling_loses_are_warned_of(rows: Any) -> None:
    with pytest.warns(UserWarning, match=r"beyond 2\*\*53 are rounded to floats") as told:
        Dataset(rows, [0.0, 1.0, 2.0])
    assert told[0].filename == __file__
    with pytest.warns(UserWarning, match=r"beyond 2\*\*53"):
        Dataset(np.array([[0.5], [1.5]]), [2**60 + 1, 2])
    near = Dataset([[1e18 + 1000 * i] for i in range(9)], range(9))
    with pytest.warns(UserWarning, match=r"x1 is between 1e\+18 and .* counts as constant: subtr"):
        assert Standardizer.fit(near).deviations == [1.0]


# iris


def test_iris_is_fishers() -> None:
    data = iris()
    assert data.feature_names == ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    assert Counter(data.targets) == {0: 50, 1: 50, 2: 50}
    means = [fmean(column) for column in zip(*data.features, strict=True)]
    assert means == pytest.approx([5.843333, 3.057333, 3.758, 1.199333], abs=1e-6)
    # the two rows that differ in the file at UCI
    assert data.features[34] == [4.9, 3.1, 1.5, 0.2]
    assert data.features[37] == [4.9, 3.6, 1.4, 0.1]


def test_iris_is_found_from_any_folder(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    code = f"import sys; sys.path.insert(0, {str(root)!r}); from nn import iris; print(len(iris()))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.stdout.strip(), done.stderr) == ("150", "")


# generators


@each("generator", GENERATORS)
@each("rows", [2, 3, 4, 5, 6, 7, 100, 101])
def test_classes_are_balanced_to_within_one_row(
    generator: Callable[..., Dataset], rows: int
) -> None:
    data = generator(rows=rows)
    counts = Counter(data.targets)
    assert len(data) == rows
    assert len(counts) == 2
    assert max(counts.values()) - min(counts.values()) <= 1
    assert data.feature_names == ["x", "y"]


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_spirals_have_an_arm_for_each_class(classes: int) -> None:
    counts = Counter(spirals(rows=52, classes=classes).targets)
    assert set(counts) == set(range(classes))
    assert max(counts.values()) - min(counts.values()) <= 1


@pytest.mark.parametrize("generator", GENERATORS)
def test_generators_repeat_with_their_seed(generator: Callable[..., Dataset]) -> None:
    assert generator(seed=1) == generator(seed=1)
    assert generator(seed=1) != generator(seed=2)


@pytest.mark.parametrize("generator", [moons, circles, spirals])
def test_curves_come_in_shuffled_order(generator: Callable[..., Dataset]) -> None:
    targets = generator().targets
    assert targets not in (sorted(targets), [0, 1] * 50)


def test_xor_of_4_rows_without_noise_is_the_truth_table() -> None:
    assert list(xor(4, noise=0)) == [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)]


def test_without_noise_the_points_lie_on_their_curves() -> None:
    for (x, y), target in circles(noise=0, factor=0.3):
        assert math.hypot(x, y) == pytest.approx([1, 0.3][int(target)])
    for (x, y), target in moons(noise=0):
        assert math.dist((x, y), [(0, 0), (1, 0.5)][int(target)]) == pytest.approx(1)
        assert y >= 0 if target == 0 else y <= 0.5
    for (x, y), target in spirals(noise=0, turns=0.5, classes=3):
        radius = math.hypot(x, y)
        turned = math.tau * (0.5 * (radius - 0.1) / 0.9 + target / 3)
        assert 0.1 < radius < 1
        assert (x, y) == pytest.approx((radius * math.cos(turned), radius * math.sin(turned)))


@pytest.mark.parametrize("generator", [moons, circles, spirals])
def test_without_noise_no_point_comes_twice(generator: Callable[..., Dataset]) -> None:
    points = {(round(x, 9), round(y, 9)) for (x, y), _ in generator(noise=0)}
    assert len(points) == 100


def test_noise_is_the_standard_deviation_of_each_coordinate() -> None:
    for column in zip(*xor(4000, noise=0.2)[::4].features, strict=True):
        assert pstdev(column) == pytest.approx(0.2, rel=0.1)


@pytest.mark.parametrize("generator", GENERATORS)
def test_generators_refuse_too_few_rows_and_impossible_noise(
    generator: Callable[..., Dataset],
) -> None:
    name = generator.__name__
    for rows in (1, 0, -5):
        with pytest.raises(ValueError) as caught:
            generator(rows=rows)
        assert str(caught.value) == f"{name} needs a whole number of at least 2 as rows, got {rows}"
    for noise in (-0.1, math.nan, math.inf):
        with pytest.raises(ValueError) as caught:
            generator(noise=noise)
        assert str(caught.value) == f"{name} needs a noise of 0 or more, and finite, got {noise}"


def test_generators_refuse_impossible_shapes() -> None:
    for factor in (0, 1, -1, math.nan):
        with pytest.raises(
            ValueError, match=f"circles needs a factor between 0 and 1, got {factor}"
        ):
            circles(factor=factor)
    with pytest.raises(ValueError, match="needs a whole number of at least 2 as classes, got 1"):
        spirals(classes=1)
    with pytest.raises(ValueError, match="spirals needs a number of turns that is finite, got inf"):
        spirals(turns=math.inf)
    with pytest.raises(ValueError, match="needs a whole number of at least 5 as rows, got 4"):
        spirals(rows=4, classes=5)
