"""What nn.data promises: faithful reading, refusals in one sentence, fair splits, repeatable
randomness.
"""

import csv
import math
import os
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import fmean, pstdev
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import DataError, Dataset, Standardizer, circles, iris, load_csv, moons, spirals, xor
from nn.data.csv_reader import missing, read_table

GENERATORS: list[Callable[..., Dataset]] = [moons, circles, spirals, xor]
NEWTS = "width,height,kind\n1,2,newt\n3,4,frog\n"


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "rain.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def refused(written: Callable[[str | bytes], Path]) -> Callable[..., str]:
    """The sentence that refuses a file, from the file's name on."""

    def read(content: str | bytes, **options: Any) -> str:
        path = written(content)
        with pytest.raises(DataError) as caught:
            load_csv(path, **options)
        sentence = str(caught.value)
        assert sentence.startswith(str(path))
        assert "\n" not in sentence
        return sentence.removeprefix(f"{path.parent}{os.sep}")

    return read


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


@pytest.mark.parametrize(
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
            "needs a list of numbers and a number as target for each row, got 'the text",
        ),
        (
            ([1, 2], [0, 1]),
            "needs a list of numbers and a number as target for each row, got 'the number 1 for "
            "a row of them",
        ),
        (
            ([[1]], [[0]]),
            "needs a list of numbers and a number as target for each row, got 'float()",
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


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5, 30, math.nan])
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


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("rows", [2, 3, 4, 5, 6, 7, 100, 101])
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


# load_csv: what it reads

cells = st.floats(allow_nan=False, allow_infinity=False)
# csv.writer leaves a lone carriage return unquoted where lines end in a line feed, so leave it out
# nor words that stand for nothing, or for an amount
words = (
    st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1)
    .map(str.strip)
    .filter(lambda text: not missing(text) and not any(map(str.isdecimal, text)))
)


def is_word(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return True
    return False


@given(
    rows=st.lists(st.tuples(cells, cells, words.filter(is_word)), min_size=2, max_size=20),
    delimiter=st.sampled_from(",;\t"),
    ending=st.sampled_from(["\n", "\r\n"]),
    bom=st.booleans(),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_floats_and_labels_survive_a_written_csv(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[float, float, str]],
    delimiter: str,
    ending: str,
    bom: bool,
    quoting: Any,
) -> None:
    path = tmp_path_factory.getbasetemp() / "round_trip.csv"
    with path.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=ending, quoting=quoting)
        writer.writerow(["width", "height", "kind"])
        writer.writerows((repr(x), repr(y), label) for x, y, label in rows)
    labels = [label for _, _, label in rows]
    if len(set(labels)) < 2:
        with pytest.raises(DataError, match="needs at least two classes"):
            load_csv(path)
        return
    data = load_csv(path)
    assert data.features == [[x, y] for x, y, _ in rows]
    assert [data.class_names[int(target)] for target in data.targets] == labels
    assert data.class_names == sorted(set(labels))
    assert data.feature_names == ["width", "height"]


@given(targets=st.lists(cells, min_size=1, max_size=20))
def test_targets_of_a_regression_survive_a_written_csv(
    tmp_path_factory: pytest.TempPathFactory, targets: list[float]
) -> None:
    path = tmp_path_factory.getbasetemp() / "regression.csv"
    path.write_text("".join(f"1,{target!r}\n" for target in targets), encoding="utf-8")
    assert load_csv(path, classification=False).targets == targets


@pytest.mark.parametrize(
    "content",
    [
        NEWTS,
        NEWTS.rstrip("\n"),
        "\ufeff" + NEWTS,
        NEWTS.replace("\n", "\r\n"),
        NEWTS.replace("\n", "\r"),
        NEWTS.replace(",", ";"),
        NEWTS.replace(",", "\t"),
        NEWTS.replace(",", " , "),
        NEWTS.replace("\n", "\n\n   \n"),
        "\n\r\n" + NEWTS,
        '"width","height","kind"\n"1","2","newt"\n"3", "4", "frog"\n',
        '"width","height", kind \n 1.0,+2, newt\n3e0,.4e1,frog\n',
    ],
)
def test_the_same_table_is_read_from_every_dialect(
    written: Callable[[str], Path], content: str
) -> None:
    expected = Dataset([[1, 2], [3, 4]], [1, 0], ["width", "height"], ["frog", "newt"])
    assert load_csv(written(content)) == expected


def test_a_delimiter_inside_quotes_does_not_count(written: Callable[[str], Path]) -> None:
    data = load_csv(written('"width; in cm","kind\tof pond"\n1,"a;b"\n2,"c,d"\n'))
    assert data.feature_names == ["width; in cm"]
    assert data.class_names == ["a;b", "c,d"]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_comma_beside_another_delimiter_is_text(
    written: Callable[[str], Path], delimiter: str
) -> None:
    data = load_csv(written("width, in cm;kind\n1;a\n2;b\n".replace(";", delimiter)))
    assert data.feature_names == ["width, in cm"]


def test_a_given_delimiter_wins(written: Callable[[str], Path]) -> None:
    assert load_csv(written("1|2\n3|4\n"), delimiter="|").features == [[1.0], [3.0]]
    assert load_csv(written("1,a;b\n2,c;d\n"), delimiter=",").class_names == ["a;b", "c;d"]
    assert load_csv(written("1 2\n3 4\n"), delimiter=" ").targets == [2.0, 4.0]


def test_paths_may_be_text(written: Callable[[str], Path]) -> None:
    assert load_csv(str(written(NEWTS))) == load_csv(written(NEWTS))


@pytest.mark.parametrize("target", ["width", 0, -3])
def test_target_is_a_name_or_an_index_from_either_end(
    written: Callable[[str], Path], target: str | int
) -> None:
    data = load_csv(written("width,height,depth\n0.5,1,2\n1.5,3,4\n"), target)
    assert data == Dataset([[1, 2], [3, 4]], [0.5, 1.5], ["height", "depth"])


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("width,kind\n1,a\n2,b\n", 2),
        ("1,a\n2,b\n", 2),
        ("1,0.5\n2,1.5\n", 2),
        ("width,height\n1,0.5\n2,1.5\n", 2),
        (",height\n1,0.5\n2,1.5\n", 2),
    ],
)
def test_header_is_found(written: Callable[[str], Path], content: str, rows: int) -> None:
    assert len(load_csv(written(content))) == rows


def test_header_can_be_forced(written: Callable[[str], Path]) -> None:
    years = load_csv(written("2020,2021\n1,0.5\n2,1.5\n"), header=True)
    assert (years.feature_names, len(years)) == (["2020"], 2)
    pixels = load_csv(written("label,0,1\na,3,4\nb,5,6\n"), "label")
    assert (pixels.feature_names, len(pixels)) == (["0", "1"], 2)
    assert len(load_csv(written("1,0.5\n2,1.5\n"), header=False)) == 2


def test_columns_without_a_name_are_called_by_their_place(written: Callable[[str], Path]) -> None:
    assert load_csv(written("1,2,a\n3,4,b\n")).feature_names == ["column 1", "column 2"]
    assert load_csv(written(",height,kind\n1,2,a\n3,4,b\n")).feature_names == ["column 1", "height"]


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (["b", "a", "B"], ["B", "a", "b"]),
        (["0", "1", "1", "0"], ["0", "1"]),
        (["10", "9", "9.0", "10"], ["9", "10"]),
        (["-0", "0", "1", "1"], ["0", "1"]),
        (["0", "1", "2"], []),
        (["1", "2"], []),
        (["0.5", "1.5", "0.5", "1.5"], []),
        ([str(i % 20) for i in range(40)], [str(i) for i in range(20)]),
        ([str(i % 21) for i in range(99)], []),
    ],
)
def test_labels_become_classes_by_the_documented_rule(
    written: Callable[[str], Path], labels: list[str], classes: list[str]
) -> None:
    data = load_csv(written("".join(f"1,{label}\n" for label in labels)))
    assert data.class_names == classes
    if classes:
        assert [classes[int(target)] for target in data.targets] == [
            label if is_word(label) else f"{float(label) + 0.0:g}" for label in labels
        ]
    else:
        assert data.targets == [float(label) for label in labels]


def test_classification_can_be_forced(written: Callable[[str], Path]) -> None:
    assert load_csv(written("1,0\n2,1\n3,1\n4,0\n"), classification=False).targets == [
        0.0,
        1.0,
        1.0,
        0.0,
    ]
    halves = load_csv(written("1,1.5\n2,0.5\n"), classification=True)
    assert (halves.class_names, halves.targets) == (["0.5", "1.5"], [1, 0])
    mixed = load_csv(written("1,3\n2,3b\n"), classification=True)
    assert mixed.class_names == ["3", "3b"]


# load_csv: what it refuses


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            "width,kind\n1,a\nabc,b\n",
            'line 3, column "width": needs a number, got "abc"; correct the cell or drop the row',
        ),
        (
            "1,a\nabc,b\n",
            'line 2, column 1: needs a number, got "abc"; correct the cell or drop the row',
        ),
        (
            "width,kind\n1,a\n,b\n",
            'line 3, column "width": needs a number, got an empty cell; correct the cell or drop '
            "the row",
        ),
        (
            "width,kind\n1,a\nNaN,b\n",
            'line 3, column "width": needs a finite number, got "NaN"; correct the cell or drop '
            "the row",
        ),
        (
            "width,kind\n-inf,a\n1,b\n",
            'line 2, column "width": needs a finite number, got "-inf"; correct the cell or drop '
            "the row",
        ),
        (
            "width,kind\n1e999,a\n1,b\n",
            'line 2, column "width": needs a finite number, got "1e999"; correct the cell or '
            "drop the row",
        ),
        (
            "width,kind\n1_000,a\n1,b\n",
            'line 2, column "width": needs a number, got "1_000"; correct the cell or drop the row',
        ),
        (
            "width;kind\n1,5;a\n2,5;b\n",
            'line 2, column "width": needs a number, got "1,5"; write decimals with a point',
        ),
        (
            "width,kind\n1,a\n2,\n",
            'line 3, column "kind": needs a target, got an empty cell; fill the cell or drop the '
            "row",
        ),
        (
            "width,kind\n1,0.5\n2,nan\n",
            'line 3, column "kind": needs a target, got "nan"; fill the cell or drop the row',
        ),
        (
            "width,kind\n1,0.5\n2,inf\n",
            'line 3, column "kind": needs a finite number, got "inf"; correct the cell or drop '
            "the row",
        ),
        (
            "width,kind\n1,0.5\n2,n/a\n",
            'line 3, column "kind": needs a target, got "n/a"; fill the cell or drop the row',
        ),
        (
            "width,kind\n1,0.5\n2,half\n",
            'line 3, column "kind": needs labels that are all numbers or all text, got "half"; '
            "correct the cell, or pass classification=True to take every label as text",
        ),
        (
            "width,kind\n1,a\n2,b,c\n",
            "line 3: needs 2 cells like line 1, got 3; correct the row, or quote a cell that "
            "holds the delimiter",
        ),
        (
            "width,height,kind\n1,2,a\n2,b\n",
            "line 3: needs 3 cells like line 1, got 2; correct the row, or quote a cell that "
            "holds the delimiter",
        ),
        (
            "width,width,kind\n1,2,a\n3,4,b\n",
            'line 1: needs a different name for each column, got "width" 2 times; '
            "rename all but one, or pass header=False if this line is data",
        ),
        (
            "width\n1\n2\n",
            "line 1: needs at least two columns, features and a target, got one; "
            "add the missing column or pass the right delimiter",
        ),
        (
            "5.1,abc,a\n1,2,b\n",
            'line 1: needs a header of names or a row of numbers, got "abc" beside numbers; '
            "correct the cell, or pass header=True or header=False to say which it is",
        ),
        (
            "2020,2021,label\n1,2,0\n3,4,1\n",
            'line 1: needs a header of names or a row of numbers, got "label" beside numbers; '
            "correct the cell, or pass header=True or header=False to say which it is",
        ),
        (
            'width,kind\n1,a\n2,"b\n3,c\n',
            "line 3: needs quotes in pairs around whole cells, got 'unexpected end of data'; "
            'close the quote, or write "" for one inside a cell',
        ),
        (
            'width,kind\n1,a\n2,"b"c\n',
            "line 3: needs quotes in pairs around whole cells, got '',' expected after '\"''; "
            'close the quote, or write "" for one inside a cell',
        ),
        (
            b"width,kind\n1,a\n2,caf\xe9\n",
            "line 3: needs UTF-8 text, got the byte 0xe9; save the file as UTF-8",
        ),
        (
            b"\xef\xbb\xbfwidth,kind\r\n1,a\r\n\xff,b\r\n",
            "line 3: needs UTF-8 text, got the byte 0xff; save the file as UTF-8",
        ),
    ],
)
def test_a_bad_line_is_refused_with_its_number(
    refused: Callable[..., str], content: str | bytes, sentence: str
) -> None:
    assert refused(content) == f"rain.csv {sentence}"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("\n\nwidth,kind\n\n1,a\n\n\nabc,b\n", 8),
        ('width,kind\n1,"a\nstill a"\nabc,b\n', 4),
        ('"width\nin cm",kind\r\n1,"a\r\n\r\nb"\r\n\r\nabc,b\r\n', 7),
        ('width,kind\n1,a\nabc,"b\nc"\n', 3),
    ],
)
def test_the_line_is_the_real_one_after_blank_lines_and_quoted_line_breaks(
    refused: Callable[..., str], content: str, line: int
) -> None:
    assert refused(content).startswith(f"rain.csv line {line}, column ")


@pytest.mark.parametrize(
    ("content", "options", "sentence"),
    [
        ("", {}, ": needs rows of cells, got an empty file; check the path"),
        ("\n \n\n", {}, ": needs rows of cells, got an empty file; check the path"),
        ("a,b\n", {}, ": needs rows of data, got only a header on line 1; add rows to it"),
        (
            NEWTS,
            {"target": "species"},
            ': needs a target among its 3 columns "width", "height", "kind", got \'species\'; '
            "name one of them, or count from 0",
        ),
        (
            NEWTS,
            {"target": 3},
            ': needs a target among its 3 columns "width", "height", "kind", got 3; name one of '
            "them, or count from 0",
        ),
        (
            "1,2\n3,4\n",
            {"target": -3},
            ': needs a target among its 2 columns "column 1", "column 2", got -3; name one of '
            "them, or count from 0",
        ),
        (
            NEWTS,
            {"target": "kind", "header": False},
            ': needs a header to find the target "kind" by name, got header=False; pass its index',
        ),
        (
            "width,kind\n1,a\n2,a\n",
            {},
            ', column "kind": needs at least two classes, got only "a"; '
            "choose another target, or pass classification=False",
        ),
        (
            "1,7.0\n2,7\n",
            {"classification": True},
            ', column 2: needs at least two classes, got only "7"; choose another target, or '
            "pass classification=False",
        ),
        (
            NEWTS,
            {"classification": False},
            ' line 2, column "kind": needs a number, got "newt"; correct the cell or pass '
            "classification=True",
        ),
        (
            NEWTS,
            {"delimiter": ", "},
            ": needs a delimiter of 1 character, got ', '; pass ',' or ';' or '\\t'",
        ),
        (
            NEWTS,
            {"delimiter": ""},
            ": needs a delimiter of 1 character, got ''; pass ',' or ';' or '\\t'",
        ),
        (
            NEWTS,
            {"delimiter": ";"},
            " line 1: needs at least two columns, features and a target, got one; "
            "add the missing column or pass the right delimiter",
        ),
    ],
)
def test_a_bad_file_or_option_is_refused(
    refused: Callable[..., str], content: str, options: dict[str, Any], sentence: str
) -> None:
    assert refused(content, **options) == f"rain.csv{sentence}"


def test_sentences_stay_short_whatever_the_cells_hold(refused: Callable[..., str]) -> None:
    assert refused(f"width,kind\n{'x' * 9999},a\n").endswith(
        f'got "{"x" * 37}..."; correct the cell or drop the row'
    )
    wide = ",".join(f"x{i}" for i in range(784))
    assert refused(wide, target="y", header=True).endswith(
        '"x8", "x9", ..., got \'y\'; name one of them, or count from 0'
    )


def test_a_missing_file_and_a_folder_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as caught:
        load_csv("rain.csv")
    assert str(caught.value) == (
        "rain.csv: needs a file that can be read, got 'No such file or directory'; check the path "
        "and its permissions"
    )
    Path("pond").mkdir()
    with pytest.raises(DataError) as caught:
        load_csv("pond")
    assert str(caught.value).startswith("pond: needs a file that can be read, got 'Is a directory'")


def test_a_file_that_cannot_be_read_is_refused(
    written: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(NEWTS)

    def denied(*_: Any) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(DataError) as caught:
        load_csv(path)
    assert str(caught.value) == (
        f"{path}: needs a file that can be read, got 'Permission denied'; check the path and its "
        "permissions"
    )


@pytest.mark.parametrize(
    "word",
    ["NA", "N/A", "null", "None", "?", "#N/A", "nan", "-", ".", "NaT", "#DIV/0!", "#VALUE!"],
)
def test_a_word_for_a_missing_target_is_no_class(refused: Callable[..., str], word: str) -> None:
    place = 'rain.csv line 3, column "kind": needs a target'
    wanted = f'{place}, got "{word}"; fill the cell or drop the row'
    for options in ({}, {"classification": True}):
        assert refused(f"width,kind\n1,a\n2,{word}\n3,b\n", **options) == (
            f"{wanted}, or write another word if it is a class" if word != "nan" else wanted
        )
    assert refused(f"width,kind\n1,7\n2,{word}\n3,8\n4,{word}\n") == f"{wanted}, as of 1 others"


@pytest.mark.parametrize(
    "labels",
    [
        *("18%,25%,3.5%", "18 kg,2.5 kg,7 kg", "$18,$20,$1500", "18kg,20,21kg", "7 m/s,9 m/s"),
        *("18°C,25°C,7°C", "18 °C,25 °C", ">=10,>=20,>=5", ">= 10,>= 20"),
    ],
)
def test_a_target_with_a_unit_is_no_class_unless_that_is_said(
    written: Callable[[str], Path], labels: str
) -> None:
    content = "width;price\n" + "".join(f"1;{label}\n" for label in labels.split(","))
    with pytest.raises(DataError) as caught:
        load_csv(written(content))
    assert str(caught.value).endswith(
        f'line 2, column "price": needs a number, got "{labels.split(",")[0]}"; write the number '
        "alone, or pass classification=True to take each as a class"
    )
    assert load_csv(written(content), classification=True).class_names == sorted(labels.split(","))


def test_words_that_hold_digits_are_classes(written: Callable[[str], Path]) -> None:
    for labels in ("1st,2nd", "A1,A2", "route 66,route 7", "b2b,b2c"):
        rows = "".join(f"1,{label}\n" for label in labels.split(","))
        assert load_csv(written(rows)).class_names == labels.split(",")


@pytest.mark.parametrize(
    ("cell", "remedy"),
    [
        ("3,504", "write 3504, or 3.504 if the comma is a decimal one"),
        ("-1,234,567.5", "write -1234567.5"),
        ("3,5", "write decimals with a point"),
        ("0,711", "write decimals with a point"),
    ],
)
def test_a_comma_may_stand_between_thousands(
    refused: Callable[..., str], cell: str, remedy: str
) -> None:
    rest = f'needs a number, got "{cell}"; {remedy}'
    assert refused(f"a;b\n1;x\n{cell};y\n") == f'rain.csv line 3, column "a": {rest}'
    assert refused(f"a;b\n1;2\n2;{cell}\n") == f'rain.csv line 3, column "b": {rest}'


def test_a_column_without_any_number_is_refused_as_a_column(refused: Callable[..., str]) -> None:
    assert refused("a,b,kind\n1,,x\n2,NA,y\n") == (
        'rain.csv, column "b": needs numbers, got none in 2 rows; remove the column'
    )
    assert refused("a,b,kind\n1,red,x\n2,blue,y\n").endswith(
        'got "red"; write numbers for the words of the column, or remove it'
    )


def test_escape_sequences_in_a_file_are_shown_and_not_sent(written: Callable[[str], Path]) -> None:
    path = written("wi\x1b[2Jdth,kind\na,\x1b]0;x\x07b\n")
    with pytest.raises(DataError, match=r'column "wi\\x1b\[2Jdth": needs a number'):
        load_csv(path)
    data = load_csv(written("width,kind\n1,\x1b]0;x\x07b\n2,c\u202ed\n"))
    assert repr(data) == r"Dataset(2 rows x 1 feature, 2 classes: \x1b]0;x\x07b, c\u202ed)"


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("a" * 300, "needs a file that can be read, got 'File name too long'"),
        ("a\0b", "needs a file that can be read, got '.*embedded null"),
        ("/dev/full", "needs a file that can be read, got 'a device: copy it into a file'"),
        ("/dev/zero", "needs a file that can be read, got 'a device: copy it into a file'"),
    ],
)
def test_a_path_that_leads_to_no_file_gets_one_sentence(path: str, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence) as caught:
        load_csv(path)
    assert str(caught.value).isprintable()


def test_a_pipe_is_read_if_somebody_writes_to_it_and_not_waited_for_else(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="got 'a pipe that nobody writes to'"):
        load_csv(tmp_path / "pipe")
    code = "import time; time.sleep(0.2); print(*range(30_000), sep=',1\\n', end=',0\\n')"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        assert len(load_csv(f"/dev/fd/{writer.stdout.fileno()}")) == 30_000


def test_a_file_that_is_too_large_is_refused_unless_the_limit_is_raised(
    written: Callable[[str], Path],
) -> None:
    path = written(NEWTS)
    with pytest.raises(
        DataError, match="needs a file of at most 30 bytes, got more; pass a larger"
    ):
        load_csv(path, limit=30)
    assert len(load_csv(path, limit=len(NEWTS))) == 2


def test_ten_thousand_rows_of_ten_are_read_in_a_fifth_of_a_second_of_work(
    written: Callable[[str], Path],
) -> None:
    path = written("".join(f"{i / 7},{i},3.25,4,5,6,7,8,9,{'ab'[i % 2]}\n" for i in range(10_000)))
    before = process_time()
    assert len(load_csv(path)) == 10_000
    assert process_time() - before < 0.6  # a million cells take less than 2 s, on a quiet core


def test_a_column_that_is_constant_but_for_rounding_is_not_blown_up() -> None:
    column = [0.1 + 0.2, 0.3, 0.15 + 0.15, 0.3] * 5
    scaling = Standardizer.fit(Dataset([[x, 1e9 + i] for i, x in enumerate(column)], column))
    assert scaling.deviations[0] == 1.0
    assert scaling.transform([0.3001, 1e9])[0] == pytest.approx(1e-4)
    assert scaling.deviations[1] == pytest.approx(pstdev(range(20)))


@given(st.binary(max_size=60) | st.text('1,;\t\n"ab. ', max_size=60).map(str.encode))
def test_any_bytes_are_a_dataset_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    try:
        data = load_csv(path)
    except DataError as error:
        assert str(error).startswith(str(path))
    else:
        assert len(data) > 0


def test_rows_without_a_target_may_be_a_single_column(
    written: Callable[[str | bytes], Path],
) -> None:
    headed, bare = read_table(written("width\n1\n2\n"), None), read_table(written("1\n2\n"), None)
    assert (headed.columns, headed.rows) == (["width"], [["1"], ["2"]])
    assert (bare.columns, bare.rows) == (["column 1"], [["1"], ["2"]])


def test_the_column_most_like_a_missing_target_is_asked_after(
    written: Callable[[str | bytes], Path],
) -> None:
    with pytest.raises(
        DataError, match="got 'Knid'; did you mean \"kind\"\\? name one of them, or count from 0"
    ):
        load_csv(written(NEWTS), target="Knid")
